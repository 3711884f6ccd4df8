"""Cases: a history like those that people write, as the differential tests generate it, carried out by both tools."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.cases_database import Target, targets
from tests.benchmarks.measuring import in_turns
from tests.benchmarks.projects import Project, alembic_project, asyncmig_project, sync_url
from tests.benchmarks.report import Row, at_most, compare
from tests.benchmarks.setting import Setting
from tests.differential.repository import Generator, Repository
from tests.differential.schema import Kind

REVISIONS = 300
_KINDS: dict[str, Kind] = {"SQLite": "sqlite", "PostgreSQL": "postgresql", "MariaDB": "mysql"}


def generated(setting: Setting) -> Iterator[Row]:
    """`upgrade heads` of 300 revisions with everything that people write, each in a transaction of its own."""
    with setting.directory() as directory:
        for target in targets(setting, directory, *_KINDS):
            repository = Generator(_KINDS[target.name], 1, REVISIONS, convention=False).repository()
            yield from _upgrade(target, setting, repository, directory / target.name)


def _upgrade(target: Target, setting: Setting, repository: Repository, directory: Path) -> Iterator[Row]:
    theirs = alembic_project(directory / "theirs", (), sync_url(target.url), per_migration=True)
    ours = asyncmig_project(directory / "ours", (), target.url)
    settings = ours.directory / "asyncmig.toml"
    # The same columns as Alembic's, as in a project of Alembic.
    settings.write_text(f'{settings.read_text("utf-8")}mysql_alter_column = "as_written"\n', "utf-8")
    for project in (theirs, ours):
        _fill(project, repository)
    rounds = in_turns(
        setting.rounds(7),
        theirs.command("upgrade", "heads", before=target.clear),
        ours.command("upgrade", "heads", before=target.clear),
    )
    what = f"upgrade of {REVISIONS} revisions as people write them, {target.name}"
    yield compare(what, rounds, at_most(1.0))
    yield compare(what, rounds, at_most(1.5), unit="cpu")


def _fill(project: Project, repository: Repository) -> None:
    for revision in repository.revisions:
        (project.versions / revision.file_name).write_text(revision.source(), "utf-8")
