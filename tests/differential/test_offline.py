"""Printed SQL: the same statements as Alembic's for the same revisions, but for what is listed."""

from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

import pytest
from alembic.util import CommandError
from sqlalchemy.exc import CompileError

from asyncmig.errors import AsyncmigError
from tests.differential.printed import INTENDED, PRINTS_MORE, common_form
from tests.differential.repository import Generator, Repository, Revision
from tests.differential.schema import Kind
from tests.differential.summary import Summary
from tests.differential.test_history import tools
from tests.differential.tools import Direction, Tool

URLS = {
    "sqlite": "sqlite+aiosqlite:///nowhere.sqlite",
    "postgresql": "postgresql+asyncpg://user@nowhere/database",
    "mysql": "mariadb+aiomysql://user@nowhere/database",
}
#: Revisions in one script.
AT_ONCE = 5


def lines_of(repository: Repository) -> Iterator[list[Revision]]:
    """Neighbours that can be printed without a database, a few at a time."""
    line: list[Revision] = []
    for revision in repository.revisions:
        printable = not (revision.needs_database or revision.depends or len(revision.down) > 1)
        follows = not line or revision.down == (line[-1].id,)
        if line and not (printable and follows and len(line) < AT_ONCE):
            yield line
            line = []
        if printable:
            line.append(revision)
    if line:
        yield line


def printed(tool: Tool, kind: Kind, direction: Direction, line: list[Revision]) -> list[str] | None:
    """What a tool prints for some revisions; None where it refuses."""
    low, high = line[0].down[0] if line[0].down else "base", line[-1].id
    target = f"{low}:{high}" if direction == "upgrade" else f"{high}:{low}"
    try:
        return common_form(tool.sql(URLS[kind], direction, target), kind)
    except (CommandError, AsyncmigError, CompileError, AttributeError):
        return None


def compare(kind: Kind, directory: Path, summary: Summary, *, seed: int, count: int, convention: bool) -> None:
    repository = Generator(kind, seed, count, convention=convention).repository()
    alembic, asyncmig = tools(repository, directory / "migrations")
    wrong: list[str] = []
    lines = [[one] for one in repository.revisions] if kind == "sqlite" else list(lines_of(repository))
    for line in lines:
        if line[0].needs_database or line[0].depends or len(line[0].down) > 1:
            continue
        for direction in ("upgrade", "downgrade"):
            theirs = printed(alembic, kind, direction, line)
            if theirs is None and kind in PRINTS_MORE:
                continue
            ours = printed(asyncmig, kind, direction, line)
            summary.printed[kind] += len(line)
            if theirs != ours:
                summary.differences.append(f"{kind}, printed SQL of the {direction} of {line[0].id}:{line[-1].id}")
                found = unified_diff(theirs or ["refused"], ours or ["refused"], "Alembic", "asyncmig", "", "", 0, "")
                wrong += [f"{direction} of {', '.join(one.file_name for one in line)}", *found]
    assert not wrong, "\n".join(wrong)


def test_printed_history(kind: Kind, tmp_path: Path, summary: Summary) -> None:
    compare(kind, tmp_path, summary, seed=1, count=300, convention=False)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30, 40))
def test_long_printed_history(kind: Kind, tmp_path: Path, summary: Summary, seed: int) -> None:
    compare(kind, tmp_path, summary, seed=seed, count=300, convention=bool(seed % 2))


def test_each_difference_is_explained() -> None:
    assert all(one.what and one.why for one in INTENDED)
