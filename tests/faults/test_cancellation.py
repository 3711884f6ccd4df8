"""Cancellations: a task that is cancelled at any moment leaves the lock, the pool and the schema in order."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from asyncmig import Migrator
from tests.faults.corpus import Piece
from tests.faults.corpus_blocks import OUTSIDE
from tests.faults.corpus_more import CORPUS
from tests.faults.databases import Database
from tests.faults.forks import Forks
from tests.faults.matrix import Matrix, differences
from tests.faults.summary import Summary

#: The longest time that a run is left alone, in seconds.
_LONGEST = 0.4

#: Revisions that do little else than leaving transactions and entering them.
SWITCHES = (
    Piece(
        "table",
        """
        await op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
        await op.execute("INSERT INTO t (id, n) VALUES (1, 0)")
        """,
        "await op.drop_table('t')",
    ),
    *(
        Piece(
            f"switch_{number}",
            'await op.execute("UPDATE t SET n = n + 1")',
            'await op.execute("UPDATE t SET n = n - 1")',
            extra=OUTSIDE,
        )
        for number in range(24)
    ),
)


def pooled_engine(database: Database) -> AsyncEngine:
    """An engine whose pool keeps connections, so that one that is not given back shows."""
    engine = create_async_engine(database.url, pool_size=2, max_overflow=1)
    if database.foreign_keys:
        event.listen(engine.sync_engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys=ON"))
    return engine


async def cancelled(migrator: Migrator, direction: str, target: str, delay: float) -> bool:
    """Run to *target*, and cancel it after so many seconds; whether that was before it was done."""
    run = migrator.upgrade if direction == "upgrade" else migrator.downgrade
    task = asyncio.ensure_future(run(target))
    await asyncio.wait([task], timeout=delay)
    if task.done():
        task.result()
        return False
    task.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.wait_for(task, 20)
        return False
    return True


async def require_order(migrator: Migrator, engine: AsyncEngine, database: Database) -> None:
    """Nobody holds the lock or a connection, and no transaction is open."""
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    # Where a connection had to be thrown away, the server rolls back what it had open, and its session ends only then.
    for _ in range(200):
        if await migrator.lock_holder() is None and not _busy(database):
            break
        await asyncio.sleep(0.01)
    assert await migrator.lock_holder() is None
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert _busy(database) == []


def _busy(database: Database) -> list[tuple[Any, ...]]:
    """The sessions that do something or have a transaction open."""
    return [row for row in database.others() if row[1] not in ("idle", "Sleep")]


async def walk(database: Database, matrix: Matrix, lock: Any, count: int, chance: random.Random) -> int:
    """Go up and down the history until a run was cancelled *count* times; both ends are as they should be."""
    middle = len(matrix.moves) // 2
    ends = (("upgrade", "heads", middle - 1), ("downgrade", "base", 2 * middle - 1))
    engine = pooled_engine(database)
    done = 0
    try:
        async with Migrator(engine, matrix.location, lock=lock) as migrator:
            while done < count:
                for direction, target, last in ends:
                    while await cancelled(migrator, direction, target, chance.uniform(0, _LONGEST)):
                        done += 1
                        await require_order(migrator, engine, database)
                    await require_order(migrator, engine, database)
                    found = await asyncio.to_thread(database.dump)
                    assert list(differences(matrix.known(last).dump, found)) == []
                    assert database.journal() == []
    finally:
        await engine.dispose()
    return done


async def test_ten_cancellations_leave_order(server_or_file: Database, forks: Forks, tmp_path: Path) -> None:
    await cancel_often(server_or_file, forks, tmp_path, 10)


@pytest.mark.slow
async def test_a_hundred_cancellations_under_a_lease_leave_order(
    server_or_file: Database, forks: Forks, tmp_path: Path, summary: Summary
) -> None:
    done = await cancel_often(server_or_file, forks, tmp_path, 100, SWITCHES, "lease")
    summary.lines.append(f"cancellations under a lease on {server_or_file.name}: {done}; in order after each")


@pytest.mark.slow
async def test_a_hundred_cancellations_leave_order(
    database: Database, forks: Forks, tmp_path: Path, summary: Summary
) -> None:
    done = await cancel_often(database, forks, tmp_path, 100)
    summary.lines.append(f"cancellations on {database.name}: {done}; lock, pool, schema and rows in order after each")


async def test_cancellations_under_a_lease_leave_order(server_or_file: Database, forks: Forks, tmp_path: Path) -> None:
    await cancel_often(server_or_file, forks, tmp_path, 10, SWITCHES, "lease")


async def test_cancellations_where_transactions_are_left_and_entered_leave_order(
    server_or_file: Database, forks: Forks, tmp_path: Path
) -> None:
    await cancel_often(server_or_file, forks, tmp_path, 20, SWITCHES)


async def cancel_often(
    database: Database,
    forks: Forks,
    tmp_path: Path,
    count: int,
    pieces: Sequence[Piece] = CORPUS,
    lock: str = "auto",
) -> int:
    matrix = Matrix(database, forks, tmp_path / "history", pieces)
    middle = len(matrix.moves) // 2
    await asyncio.to_thread(matrix.learn, [middle - 1, 2 * middle - 1])
    return await walk(database, matrix, lock, count, random.Random(f"cancel {database.name}"))
