"""A request to stop a statement that comes late and hits one that begins or ends a transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmig._drivers import is_in_transaction, is_out_of_step
from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.dialects import postgresql_catalogue
from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.registry import adapter_class
from asyncmig.runtime.limits import Limits
from asyncmig.runtime.transactions import Transactions
from tests.faults.stops import Stops


class Session:
    """A connection with a table on it, as a run has it.

    Args:
        connection: the connection.
        adapter: the adapter of its database.
        stops: stops its statements.
    """

    def __init__(self, connection: Connection, adapter: DialectAdapter, stops: Stops) -> None:
        self.connection = connection
        self.adapter = adapter
        self.stops = stops
        self.transactions = Transactions(connection, adapter, limits=Limits())

    async def insert(self, number: int) -> None:
        """Insert a row in the open transaction."""
        await self.adapter.send(self.connection, f"INSERT INTO t (n) VALUES ({number})")

    async def require_order(self, *rows: int) -> None:
        """No transaction is open, another can be had, and the table has *rows* in the end."""
        assert not is_in_transaction(self.connection) and not is_out_of_step(self.connection)
        await self.transactions.begin()
        await self.insert(100)
        await self.transactions.commit()
        found = await greenlet_spawn(self._rows)
        assert found == [*rows, 100]

    def _rows(self) -> list[int]:
        found = list(self.connection.scalars(text("SELECT n FROM t ORDER BY n")))
        self.connection.rollback()
        return found


@pytest.fixture
def stops(monkeypatch: pytest.MonkeyPatch) -> Stops:
    return Stops(monkeypatch)


async def opened(url: str, stops: Stops, *, watched: bool = False) -> AsyncIterator[Session]:
    arguments: dict[str, Any] = {"factory": stops.sqlite_connection()} if url.startswith("sqlite") else {}
    engine = create_async_engine(url, connect_args=arguments)
    if watched:
        # All goes by cursors of SQLAlchemy then.
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *_: None)
    async with engine.connect() as connection:
        await connection.execute(text("CREATE TABLE t (n int)"))
        await connection.commit()
        sync: Connection | None = connection.sync_connection
        assert sync is not None
        adapter: DialectAdapter = adapter_class(engine.dialect)(engine.dialect)
        await adapter.open(sync)
        yield Session(sync, adapter, stops)
        if not sync.invalidated:
            await adapter.close(sync)
    await engine.dispose()


@pytest.fixture(params=["plain", "watched"])
async def session(database_url: str, stops: Stops, request: pytest.FixtureRequest) -> AsyncIterator[Session]:
    async for one in opened(database_url, stops, watched=request.param == "watched"):
        yield one


@pytest.fixture
async def postgresql_session(postgresql_url: str, stops: Stops) -> AsyncIterator[Session]:
    async for one in opened(postgresql_url, stops):
        yield one


async def test_rollback_that_is_stopped_is_sent_again(session: Session) -> None:
    await session.transactions.begin()
    await session.insert(1)
    error = await session.stops.watch(session.transactions.rollback(), frozenset({1}))
    assert error is None
    assert session.stops.hit[0].startswith("ROLLBACK")
    await session.require_order()


async def test_commit_that_is_stopped_is_rolled_back(session: Session) -> None:
    await session.transactions.begin()
    await session.insert(1)
    error = await session.stops.watch(session.transactions.commit(), frozenset({1}))
    assert isinstance(error, DBAPIError) and session.adapter.is_stopped(error)
    assert session.stops.hit[0].startswith("COMMIT")
    await session.transactions.rollback()
    await session.require_order()


async def test_transaction_whose_beginning_is_stopped_is_begun_again(session: Session) -> None:
    async def begin() -> None:
        await session.transactions.begin()
        await session.insert(1)

    error = await session.stops.watch(begin(), frozenset({1}))
    assert isinstance(error, DBAPIError) and session.adapter.is_stopped(error)
    await session.transactions.rollback()
    await session.transactions.begin()
    await session.insert(2)
    await session.transactions.commit()
    await session.require_order(2)


async def test_leaving_transactions_that_is_stopped_leaves_none(session: Session) -> None:
    async def leave() -> None:
        async with session.transactions.outside("This test"):
            pytest.fail("it was stopped")

    await session.transactions.begin()
    await session.insert(1)
    error = await session.stops.watch(leave(), frozenset({1}))
    assert isinstance(error, DBAPIError) and session.adapter.is_stopped(error)
    await session.transactions.rollback()
    await session.require_order()


@pytest.mark.parametrize("word", ["BEGIN", "ROLLBACK"])
async def test_small_transaction_that_is_stopped_is_over(session: Session, word: str) -> None:
    async def fail() -> None:
        async with session.transactions.small(always=True):
            await session.insert(1)
            raise LookupError

    async with session.transactions.outside("This test"):
        for _ in range(2):
            # The first time some statements are prepared, too.
            await session.stops.watch(fail(), frozenset())
        error = await session.stops.watch(fail(), frozenset({1 if word == "BEGIN" else session.stops.sent}))
        assert isinstance(error, DBAPIError if word == "BEGIN" else LookupError)
        assert session.stops.hit[0].startswith(word)
        assert not is_in_transaction(session.connection)
    await session.require_order()


async def test_look_at_an_unfinished_index_that_is_stopped_leaves_no_transaction(
    postgresql_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = postgresql_session

    def stopped(connection: Connection, name: str) -> bool:
        return bool(connection.exec_driver_sql("SELECT 1 / 0").scalar())

    monkeypatch.setattr(postgresql_catalogue, "is_unfinished", stopped)
    with suppress(DBAPIError):
        async with session.transactions.outside("This test"):
            await session.adapter.remove_unfinished_index(session.connection, "i")
    await session.require_order()


async def test_session_that_stays_in_its_transaction_is_given_up(postgresql_session: Session) -> None:
    session = postgresql_session
    await session.transactions.begin()
    await session.insert(1)
    error = await session.stops.watch(session.transactions.rollback(), frozenset(range(1, 10)))
    assert error is None and len(session.stops.hit) == 3
    assert session.connection.invalidated
