"""Cases: `check` of models that are what the database has: whole processes, and the comparison by itself."""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

from tests.benchmarks.cases_database import Target, targets
from tests.benchmarks.delay import delayed
from tests.benchmarks.measuring import ROOT, Subject, in_turns, median_ratio
from tests.benchmarks.models import write_models
from tests.benchmarks.projects import Project, alembic_project, asyncmig_project, sync_url
from tests.benchmarks.report import Goal, Row, at_most, compare, seconds, times_faster
from tests.benchmarks.setting import Setting

#: Seconds that a trip takes longer in a network.
_DELAY = 0.002
#: What is measured: the kind of database, the tables, the delay, and how many times faster ours should be.
_WHOLE = (
    ("PostgreSQL", 1_000, 0.0, 2.5),
    ("PostgreSQL", 1_000, _DELAY, 6.0),
    ("PostgreSQL", 2_000, 0.0, 3.5),
    ("PostgreSQL", 2_000, _DELAY, 7.0),
    ("MariaDB", 300, 0.0, 3.0),
    ("SQLite", 1_000, 0.0, 5.0),
)
_ENV_OF_ALEMBIC = """
from alembic import context
from sqlalchemy import create_engine
from models import metadata

engine = create_engine(context.config.get_main_option("sqlalchemy.url"))
with engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=metadata, compare_type=True, compare_server_default=True
    )
    with context.begin_transaction():
        context.run_migrations()
"""
_ENV = """
from asyncmig import Environment
from models import metadata

environment = Environment(metadata=metadata)
"""
_CREATE = "import sys; from sqlalchemy import create_engine; from models import metadata; "
_CREATE += "metadata.create_all(create_engine(sys.argv[1]))"


def check(setting: Setting) -> Iterator[Row]:
    """`check` with no difference; Alembic on its usual synchronous driver."""
    sizes = dict.fromkeys((name, tables) for name, tables, *_ in _WHOLE)
    with setting.directory() as directory:
        for name, tables in sizes:
            for target in targets(setting, directory, name):
                home = directory / f"{name}-{tables}"
                yield from _on(target, tables, setting, home)


def _on(target: Target, tables: int, setting: Setting, home: Path) -> Iterator[Row]:
    target.clear()
    theirs, ours = _projects(target.url, tables, home)
    subprocess.run(
        [sys.executable, "-c", _CREATE, sync_url(target.url)], cwd=ours.directory, check=True, stdout=subprocess.DEVNULL
    )
    for name, size, delay, times in _WHOLE:
        if (name, size) != (target.name, tables):
            continue
        with delayed(target.url, delay) if delay else nullcontext(target.url) as url:
            _point(theirs, ours, url)
            subjects = [_check(theirs, codes=(0, 255)), _check(ours, codes=(0,))]
            rounds = in_turns(setting.rounds(5), *subjects)
            what = f"check, {tables:,} tables, {name}{f', {delay * 1000:g} ms away' if delay else ''}"
            yield compare(what, rounds, times_faster(times))
            if not delay:
                yield compare(what, rounds, times_faster(1), unit="cpu")
                yield from _alone(what, url, theirs, ours, setting)


def _projects(url: str, tables: int, home: Path) -> tuple[Project, Project]:
    theirs = alembic_project(home / "theirs", [], sync_url(url))
    ours = asyncmig_project(home / "ours", [], url)
    (theirs.directory / "migrations" / "env.py").write_text(_ENV_OF_ALEMBIC)
    (ours.directory / "migrations" / "env.py").write_text(_ENV)
    backend = sync_url(url).partition("+")[0]
    for project in (theirs, ours):
        write_models(project.directory / "models.py", tables, backend)
    return theirs, ours


def _point(theirs: Project, ours: Project, url: str) -> None:
    """Let both use the database at *url*."""
    ini = theirs.directory / "alembic.ini"
    lines = ini.read_text("utf-8").splitlines()
    own = [f"sqlalchemy.url = {sync_url(url)}" if line.startswith("sqlalchemy.url =") else line for line in lines]
    ini.write_text("\n".join(own) + "\n")
    (ours.directory / "asyncmig.toml").write_text(f'script_location = "migrations"\nurl = "{url}"\n')


def _check(project: Project, *, codes: tuple[int, ...]) -> Subject:
    # Alembic finds differences on MariaDB that are none, and ends with 255; the work is the same.
    return Subject(["-m", project.module, "check"], project.directory, codes=codes)


def _alone(what: str, url: str, theirs: Project, ours: Project, setting: Setting) -> Iterator[Row]:
    """The comparison by itself, with the models imported: seconds of CPU, statements, and memory of the process."""
    program = ["-m", "tests.benchmarks.programs.check"]
    rounds = in_turns(
        setting.rounds(5),
        Subject([*program, "alembic", str(theirs.directory), sync_url(url)], ROOT),
        Subject([*program, "asyncmig", str(ours.directory), url], ROOT),
    )
    alembics, own = ([json.loads(one[side].output) for one in rounds] for side in (0, 1))
    yield _row(f"{what}, without imports, wall", alembics, own, 0, times_faster(8))
    yield _row(f"{what}, without imports, cpu", alembics, own, 1, times_faster(8))
    memory = _row(f"{what}, memory", alembics, own, 3, at_most(0.5) if "2,000" in what else Goal(math.inf))
    yield Row(memory.what, f"{alembics[0][3]:.0f} MiB", f"{own[0][3]:.0f} MiB", memory.ratio, memory.goal)
    sent, counted = alembics[0][2], own[0][2]
    yield Row(f"{what}, statements", str(sent), str(counted), counted / sent, at_most(20 / sent))


def _row(what: str, theirs: list[list[float]], ours: list[list[float]], part: int, goal: Goal) -> Row:
    pairs = [(own[part], other[part]) for own, other in zip(ours, theirs, strict=True)]
    return Row(
        what,
        seconds(statistics.median(other for _, other in pairs)),
        seconds(statistics.median(own for own, _ in pairs)),
        median_ratio(pairs),
        goal,
    )
