"""A generated history of hundreds of revisions, run by Alembic, by asyncmig and by both in turns."""

from pathlib import Path

import pytest

from tests.differential.comparing import Comparison, Side
from tests.differential.conftest import NewDatabase
from tests.differential.repository import Generator, Repository
from tests.differential.schema import Kind
from tests.differential.summary import Summary
from tests.differential.tools import Alembic, Asyncmig, Tool
from tests.differential.world import CONVENTION

STEP = 25


def generated(kind: Kind, seed: int, count: int, *, convention: bool) -> Repository:
    return Generator(kind, seed, count, convention=convention).repository()


def tools(repository: Repository, directory: Path) -> tuple[Alembic, Asyncmig]:
    """Both tools, at home in the same directory."""
    repository.write(directory)
    convention = dict(CONVENTION) if repository.convention else None
    return Alembic(directory, convention), Asyncmig(directory, convention)


def test_generated_history_has_everything(kind: Kind) -> None:
    generator = Generator(kind, 1, 300, convention=False)
    repository = generator.repository()
    assert len(repository.revisions) >= 300
    assert not generator.missing, "these patterns were never written"
    assert sum(len(one.down) > 1 for one in repository.revisions) >= 3
    assert sum(not one.down for one in repository.revisions) >= 3
    assert any(one.depends for one in repository.revisions)
    assert any(one.labels for one in repository.revisions)


def test_generated_history_is_the_same_each_time(kind: Kind) -> None:
    one, other = (generated(kind, 3, 60, convention=True) for _ in range(2))
    assert [revision.source() for revision in one.revisions] == [revision.source() for revision in other.revisions]


def compare_history(
    repository: Repository, new_database: NewDatabase, directory: Path, summary: Summary, *, in_turns: bool
) -> None:
    """Up in steps and down to the base; where the tools take turns, a part down and up again in between."""
    alembic, asyncmig = tools(repository, directory / "migrations")
    teams: list[list[Tool]] = [[alembic], [asyncmig], *([[alembic, asyncmig]] if in_turns else [])]
    comparison = Comparison(repository.kind, summary, [Side(new_database(), team) for team in teams])
    order = alembic.order()
    for place in range(STEP, len(order) + 1, STEP):
        comparison.run("upgrade", order[place - 1], moves=STEP)
    comparison.run("upgrade", "heads", moves=len(order) % STEP)
    if in_turns:
        for target in repository.stops():
            comparison.run("downgrade", target, moves=0, whole=False)
        comparison.run("upgrade", "heads", moves=0)
    comparison.run("downgrade", "base", moves=len(order))


def test_history(kind: Kind, new_database: NewDatabase, tmp_path: Path, summary: Summary) -> None:
    repository = generated(kind, 1, 300, convention=False)
    compare_history(repository, new_database, tmp_path, summary, in_turns=False)


def test_history_in_turns(kind: Kind, new_database: NewDatabase, tmp_path: Path, summary: Summary) -> None:
    repository = generated(kind, 2, 75, convention=True)
    compare_history(repository, new_database, tmp_path, summary, in_turns=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 20))
def test_long_histories(kind: Kind, new_database: NewDatabase, tmp_path: Path, summary: Summary, seed: int) -> None:
    repository = generated(kind, seed, 350, convention=bool(seed % 2))
    compare_history(repository, new_database, tmp_path, summary, in_turns=True)
