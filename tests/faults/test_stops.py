"""Stops: whichever statement of a run is stopped, the lock, the pool and the schema are in order after it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from asyncmig import Migrator
from tests.faults.corpus import Piece, write
from tests.faults.corpus_blocks import OUTSIDE
from tests.faults.databases import Database
from tests.faults.stops import Stops
from tests.faults.summary import Summary

#: What happens to a statement, and to how many in a row.
BLOWS = {"stopped": 1, "stopped twice": 2, "cancelled": 1, "cancelled and stopped": 2}
#: Of so many statements one is chosen for each blow, another one for each, where there is no time for all.
STRIDE = 16

PIECES = (
    Piece(
        "inside",
        """
        await op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
        await op.execute("INSERT INTO t (id, n) VALUES (1, 0)")
        """,
        """
        await op.execute("UPDATE t SET n = n - 1")
        await op.drop_table("t")
        """,
    ),
    Piece("rows", 'await op.execute("UPDATE t SET n = n + 1")', 'await op.execute("UPDATE t SET n = n - 1")'),
    Piece(
        "block",
        """
        await op.execute("UPDATE t SET n = n + 1")
        async with op.get_context().autocommit_block():
            await op.execute("UPDATE t SET n = n + 1")
        await op.execute("UPDATE t SET n = n + 1")
        """,
        """
        await op.execute("UPDATE t SET n = n - 2")
        async with op.get_context().autocommit_block():
            await op.add_column("t", sa.Column("m", sa.Integer))
            await op.drop_column("t", "m")
        await op.execute("UPDATE t SET n = n - 1")
        """,
        "plain",
    ),
    Piece(
        "index",
        'await op.create_index("ix_t_n", "t", ["n"], postgresql_concurrently=True)',
        'await op.drop_index("ix_t_n", "t", postgresql_concurrently=True)',
        extra=OUTSIDE,
    ),
)


class Walk:
    """A database on which a history is walked up and down while statements are stopped.

    Args:
        database: an empty database.
        root: a directory for the history.
        stops: stops the statements.
    """

    def __init__(self, database: Database, root: Path, stops: Stops) -> None:
        project, _ = write(root, database.dialect, PIECES)
        self._database = database
        self._stops = stops
        arguments = {"connect_args": {"factory": stops.sqlite_connection()}} if database.dialect == "sqlite" else {}
        self._engine: AsyncEngine = create_async_engine(database.url, pool_size=1, max_overflow=1, **arguments)
        self._migrator = Migrator(self._engine, project.location)
        #: What the database holds at the end of each direction.
        self._wanted: dict[str, Any] = {}

    async def __aenter__(self) -> Walk:
        for direction in ("upgrade", "downgrade"):
            await self._go(direction)
            self._wanted[direction] = await asyncio.to_thread(self._database.dump)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._engine.dispose()

    async def _go(self, direction: str) -> None:
        await (self._migrator.upgrade("heads") if direction == "upgrade" else self._migrator.downgrade("base"))

    async def strike(self, direction: str, numbers: Sequence[int], *, cancels: bool) -> bool:
        """Go in *direction* while the statements with *numbers* are stopped; whether there are as many.

        Afterwards nothing is open or held, and the next run gets to the end.
        """
        error = await self._stops.watch(self._go(direction), frozenset(numbers), cancels=cancels)
        if not self._stops.hit:
            assert error is None
            return False
        assert not isinstance(error, asyncio.CancelledError) or cancels
        words = f"{direction}, {self._stops.hit} -> {error!r}"
        try:
            await self._require_order()
            await self._go(direction)
            found = await asyncio.to_thread(self._database.dump)
        except Exception as second:
            raise AssertionError(f"{words}: {second}") from second
        assert found == self._wanted[direction], words
        assert self._database.journal() == [], words
        return True

    async def _require_order(self) -> None:
        pool: Any = self._engine.pool
        assert pool.checkedout() == 0, "a connection is not given back"
        # Where a session had to be ended, the server is given a moment for it.
        for _ in range(200):
            holder = await self._migrator.lock_holder()
            left = self._database.transactions()
            if holder is None and not left:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"left behind: {holder}, {left}")


@pytest.fixture
def stops(monkeypatch: pytest.MonkeyPatch) -> Stops:
    return Stops(monkeypatch)


async def strike_all(walk: Walk, blow: str, numbers: Iterator[int]) -> int:
    """Strike at each of *numbers*, up and down in turn, until there are no more; how often that was."""
    struck = 0
    left = {"upgrade", "downgrade"}
    for number in numbers:
        for direction in ("upgrade", "downgrade"):
            chosen = range(number, number + BLOWS[blow])
            if direction not in left:
                await walk.strike(direction, (), cancels=False)
            elif await walk.strike(direction, chosen, cancels=blow.startswith("cancelled")):
                struck += 1
            else:
                left.discard(direction)
        if not left:
            break
    return struck


@pytest.mark.parametrize("blow", BLOWS)
async def test_order_after_some_statements_were_stopped(
    server_or_file: Database, tmp_path: Path, stops: Stops, blow: str
) -> None:
    async with Walk(server_or_file, tmp_path, stops) as walk:
        assert await strike_all(walk, blow, count(1 + 5 * list(BLOWS).index(blow), STRIDE)) > 5


@pytest.mark.slow
@pytest.mark.parametrize("blow", BLOWS)
async def test_order_after_any_statement_was_stopped(
    server_or_file: Database, tmp_path: Path, stops: Stops, blow: str, summary: Summary
) -> None:
    async with Walk(server_or_file, tmp_path, stops) as walk:
        done = await strike_all(walk, blow, count(1))
    summary.lines.append(f"each statement {blow} on {server_or_file.name}: {done}; in order after each")
