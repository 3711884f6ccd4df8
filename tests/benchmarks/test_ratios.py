"""Ratios that hold on a busy machine, too: growth, work counted instead of timed, and generous factors against Alembic.

What is timed is CPU; a measurement that misses its factor is repeated before it counts.
"""

import gc
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import aiomysql
import aiosqlite
import asyncpg
import pytest
from alembic.script.revision import Revision as AlembicRevision
from alembic.script.revision import RevisionMap
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from asyncmig import Migrator
from asyncmig.revisions.graph import RevisionGraph
from asyncmig.revisions.plan import plan_upgrade
from asyncmig.revisions.revision import Revision
from tests.benchmarks.__main__ import CASES
from tests.benchmarks.cases_directory import both
from tests.benchmarks.histories import Node, branchy, linear, write_history
from tests.benchmarks.measuring import in_turns
from tests.benchmarks.setting import Setting

TRIES = 4


def cpu(function: Callable[[], object]) -> float:
    """The least CPU seconds of three calls."""

    def once() -> float:
        gc.collect()
        started = time.process_time()
        kept = function()
        used = time.process_time() - started
        del kept
        return used

    return min(once() for _ in range(3))


def revisions(nodes: Sequence[Node]) -> list[Revision]:
    return [Revision(node.id, node.parents) for node in sorted(nodes, key=lambda node: node.file_name)]


def holds(measure: Callable[[], float], most: float) -> bool:
    """Whether a ratio is at most *most*, in the best of a few tries."""
    return any(measure() <= most for _ in range(TRIES))


def test_graph_is_built_many_times_faster_than_alembics() -> None:
    nodes = branchy(4_000)
    ours = revisions(nodes)

    def ratio() -> float:
        theirs = [AlembicRevision(one.id, one.parents or None) for one in ours]
        started = time.process_time()
        assert RevisionMap(lambda: theirs).heads
        return cpu(lambda: RevisionGraph(ours)) / (time.process_time() - started)

    assert holds(ratio, 1 / 4)


@pytest.mark.parametrize("make", [linear, branchy])
def test_graph_and_plan_grow_with_the_number_of_revisions_and_no_faster(make: Callable[[int], list[Node]]) -> None:
    small, large = revisions(make(5_000)), revisions(make(10_000))

    def ratio() -> float:
        def planned(given: list[Revision]) -> int:
            return len(plan_upgrade(RevisionGraph(given), (), "heads").moves)

        return cpu(lambda: planned(large)) / cpu(lambda: planned(small))

    assert holds(ratio, 3.0)


def test_headers_are_enough_and_take_a_fraction_of_alembics_start(tmp_path: Path) -> None:
    # Executing one of our files would fail.
    theirs, ours = both(tmp_path, linear(300))

    def ratio() -> float:
        ((alembic, asyncmig),) = in_turns(1, theirs.command("heads"), ours.command("heads"))
        assert alembic.output == asyncmig.output
        return asyncmig.cpu / alembic.cpu

    assert holds(ratio, 0.5)
    for words in (["history"], ["current"], ["upgrade"]):
        ours.command(*words).run()


async def test_revision_on_sqlite_visits_the_thread_of_the_driver_three_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = Counter(monkeypatch, aiosqlite.Connection, "_execute")
    # Begin, with a look at the version and at the failures of others; the statement; log and version, with the commit.
    assert await counter.for_each_revision(f"sqlite+aiosqlite:///{tmp_path}/a", tmp_path) == 3


# After an autocommit block, the level stays set on the connection.
@pytest.mark.parametrize("options", [{}, {"isolation_level": "READ COMMITTED"}], ids=["usual", "with a level"])
async def test_revision_on_postgresql_takes_three_trips_to_the_server(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    counter = Counter(monkeypatch, asyncpg.Connection, "execute", "prepare")
    # Begin, with the limits and whether the lock is still held; the statement; log and version, with the commit.
    assert await counter.for_each_revision(postgresql_url, tmp_path, **options) == 3


async def test_revision_on_mysql_takes_six_trips_to_the_server(
    mysql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = Counter(monkeypatch, aiomysql.Connection, "query", "next_result", "commit", "rollback")
    # The lock; the table as it is; the mark, with the lock; the statement; journal, log and version; the commit. What
    # comes back on the same trip is counted, too: of the lock, and two of the log and the version.
    assert await counter.for_each_revision(mysql_url, tmp_path) == 6 + 3


class Counter:
    """Counts the calls of methods of a driver."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: type[Any], *methods: str) -> None:
        self.count = 0
        for method in methods:
            monkeypatch.setattr(owner, method, self._counting(getattr(owner, method)))

    def _counting(self, original: Callable[..., Any]) -> Callable[..., Any]:
        async def counting(*arguments: Any, **keywords: Any) -> Any:
            self.count += 1
            return await original(*arguments, **keywords)

        return counting

    async def for_each_revision(self, url: str, directory: Path, **options: Any) -> float:
        """The calls for each of a few revisions, without what a run costs once."""
        write_history(directory / "versions", linear(9), "async")
        engine = create_async_engine(url, poolclass=NullPool, **options)
        counts: list[int] = []
        async with Migrator(engine, directory) as migrator:
            for target in ("+3", "+1", "+5"):
                self.count = 0
                await migrator.upgrade(target)
                counts.append(self.count)
        await engine.dispose()
        return (counts[2] - counts[1]) / 4


#: Carrying out a thousand revisions takes as long as with Alembic, or longer, and comparing models is not yet as many
#: times faster as it should be; see docs/performance.md.
NOT_MET = pytest.mark.xfail(reason="the goals of this case are not met yet", strict=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[NOT_MET] * (name in {"upgrade", "check"})) for name in CASES]
)
def test_case_is_not_far_from_its_goals(name: str) -> None:
    with Setting(quick=True) as setting:
        rows = list(CASES[name](setting))
    assert [row.what for row in rows if row.ratio > 2.5 * row.goal.ratio] == []
