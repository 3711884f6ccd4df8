"""Cases: what talks to a database: `current`, the upgrade of a thousand revisions, a start with nothing to do."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.histories import linear
from tests.benchmarks.measuring import Subject, in_turns, median_ratio
from tests.benchmarks.projects import Project, alembic_project, asyncmig_project, sqlite_file, sync_url
from tests.benchmarks.report import NO_GOAL, Goal, Row, at_most, compare, seconds
from tests.benchmarks.setting import Setting
from tests.servers import DatabaseServer

REVISIONS = 1_000
DATABASE = "asyncmig_bench"


@dataclass(frozen=True)
class Target:
    """A database that can be made empty again.

    Args:
        name: the kind of it.
        url: its URL, with the async driver.
        clear: makes it empty.
    """

    name: str
    url: str
    clear: Callable[[], None]


def sqlite_target(directory: Path) -> Target:
    """A SQLite file."""
    url = f"sqlite+aiosqlite:///{directory}/database.sqlite"

    def clear() -> None:
        for suffix in ("", "-journal", "-wal", "-shm"):
            sqlite_file(f"{url}{suffix}").unlink(missing_ok=True)

    return Target("SQLite", url, clear)


def server_target(server: DatabaseServer, name: str) -> Target:
    """A database of a server."""

    def clear() -> None:
        server.drop_database(DATABASE)
        server.create_database(DATABASE)

    url = server.url.set(database=DATABASE).render_as_string(hide_password=False)
    server.create_database(DATABASE)
    return Target(name, url, clear)


def targets(setting: Setting, directory: Path, *names: str) -> Iterator[Target]:
    """The databases of these kinds, as far as there are servers."""
    for name in names:
        if name == "SQLite":
            yield sqlite_target(directory)
            continue
        server = setting.server({"PostgreSQL": "postgresql", "MariaDB": "mysql"}[name])
        if server is not None:
            yield server_target(server, name)
            server.drop_database(DATABASE)


def current(setting: Setting) -> Iterator[Row]:
    """`current` of a usual project, both on the async driver."""
    with setting.directory() as directory:
        for target in targets(setting, directory, "SQLite", "PostgreSQL"):
            nodes = linear(10)
            theirs = alembic_project(directory / f"{target.name}-theirs", nodes, target.url, template="async")
            ours = asyncmig_project(directory / f"{target.name}-ours", nodes, target.url)
            theirs.command("upgrade", "head").run()
            target.clear()
            ours.command("upgrade", "head").run()
            theirs.command("stamp", "head").run()
            rounds = in_turns(setting.rounds(11), theirs.command("current"), ours.command("current"))
            assert nodes[-1].id in rounds[0][0].output
            assert nodes[-1].id in rounds[0][1].output
            what = f"current, 10 revisions, {target.name}"
            yield compare(what, rounds, at_most(0.85))
            yield compare(what, rounds, at_most(0.85), unit="cpu")


def upgrade(setting: Setting) -> Iterator[Row]:
    """`upgrade head` of a thousand revisions, a transaction for each; Alembic on its usual synchronous driver."""
    with setting.directory() as directory:
        for target in targets(setting, directory, "SQLite", "PostgreSQL", "MariaDB"):
            yield from upgrade_on(target, setting, directory / target.name)


def upgrade_on(target: Target, setting: Setting, directory: Path) -> Iterator[Row]:
    """The rows of one database."""
    nodes = linear(REVISIONS)
    theirs = alembic_project(directory / "theirs", nodes, sync_url(target.url), per_migration=True)
    ours = asyncmig_project(directory / "ours", nodes, target.url)
    plain = asyncmig_project(directory / "plain", nodes, target.url, form="alembic")
    subjects = [
        theirs.command("upgrade", "head", before=target.clear),
        ours.command("upgrade", "head", before=target.clear),
        plain.command("upgrade", "head", before=target.clear),
        least(ours, target, directory / "least.json"),
    ]
    if target.name != "SQLite":
        subjects.append(the_same(ours, target, directory / "sent.json"))
    rounds = in_turns(setting.rounds(5), *subjects)
    # SQLite works inside of the client: most of the CPU is its own, and the same for everybody.
    wall, cpu = (at_most(0.5), at_most(1)) if target.name == "SQLite" else (at_most(0.75), at_most(0.5))
    what = f"upgrade of {REVISIONS:,} revisions, {target.name}"
    yield compare(what, rounds, wall)
    yield compare(what, rounds, cpu, unit="cpu")
    yield compare(f"{what}, Alembic's form", rounds, wall, ours=2)
    yield compare(f"{what}, Alembic's form", rounds, cpu, unit="cpu", ours=2)
    yield compare(what, rounds, NO_GOAL, theirs=3, label="DDL and version only ")
    if target.name != "SQLite":
        yield compare(what, rounds, at_most(1.3), theirs=4, label="the same, bare driver ")


def least(project: Project, target: Target, file: Path) -> Subject:
    """The DDL and the version, printed by us, through the bare driver, with the same transactions."""
    printed = project.command("upgrade", "head", "--sql").run().output
    blocks = [block.strip().removesuffix(";") for block in printed.split("\n\n")]
    statements = [block for block in blocks if block and not block.startswith("--")]
    if "BEGIN" not in statements:
        # Each DDL statement commits by itself there; only what writes the version is a transaction.
        statements = [part for one in statements for part in ([one, "COMMIT"] if "asyncmig_version" in one else [one])]
    file.write_text(json.dumps(statements), "utf-8")
    return bare(target, file, project)


def the_same(project: Project, target: Target, file: Path) -> Subject:
    """All that our run sends, recorded, through the bare driver, trip by trip."""
    target.clear()
    Subject(
        ["-m", "tests.benchmarks.programs.record", target.url, str(project.directory), str(file)], project.directory
    ).run()
    return bare(target, file, project)


def bare(target: Target, file: Path, project: Project) -> Subject:
    """The statements of a file through the bare driver."""
    return Subject(["-m", "tests.benchmarks.programs.bare", target.url, str(file)], project.directory, target.clear)


def warm(setting: Setting) -> Iterator[Row]:
    """A start with nothing to do, in a process that is warm."""
    with setting.directory() as directory:
        for target in targets(setting, directory, "SQLite", "PostgreSQL"):
            project = asyncmig_project(directory / target.name, linear(REVISIONS), target.url)
            target.clear()
            project.command("upgrade", "head").run()
            arguments = ["-m", "tests.benchmarks.programs.warm", target.url, str(project.directory)]
            sample = Subject([*arguments, str(setting.rounds(300))], project.directory).run()
            pairs: list[tuple[float, float]] = json.loads(sample.output)
            yield Row(
                f"nothing pending of {REVISIONS:,} revisions, warm process, {target.name}",
                f"one SELECT {seconds(statistics.median(select for select, _ in pairs))}",
                seconds(statistics.median(ours for _, ours in pairs)),
                median_ratio([(ours, select) for select, ours in pairs]),
                Goal(1.5),
            )
