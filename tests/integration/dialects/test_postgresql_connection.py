"""How text is sent to PostgreSQL, and how its locks and errors behave."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.errors import MigrationLockError
from tests.integration.dialects.runner import adapter_for

Send = Callable[[str], Awaitable[None]]


@pytest.fixture
async def engine(postgresql_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(postgresql_url, connect_args={"server_settings": {"application_name": "tests"}})
    yield engine
    await engine.dispose()


@pytest.fixture
async def connection(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with engine.connect() as connection:
        yield connection


def sync(connection: AsyncConnection) -> Connection:
    assert connection.sync_connection is not None
    return connection.sync_connection


@pytest.fixture
def adapter(connection: AsyncConnection) -> DialectAdapter:
    return adapter_for(connection)


@pytest.fixture
def send(connection: AsyncConnection, adapter: DialectAdapter) -> Send:
    return lambda sql: adapter.send(sync(connection), sql)


async def state(connection: AsyncConnection, engine: AsyncEngine) -> str:
    """What the server says of the session of *connection*."""
    raw = await connection.get_raw_connection()
    pid = raw.driver_connection.get_server_pid()  # type: ignore[union-attr]
    async with engine.connect() as other:
        return str(await other.scalar(sa.text(f"SELECT state FROM pg_stat_activity WHERE pid = {pid}")))


# -- send --------------------------------------------------------------------------------------------------------------


async def test_text_is_sent_in_the_open_transaction(connection: AsyncConnection, send: Send) -> None:
    transaction = await connection.begin()
    await send("CREATE TABLE t (a text DEFAULT '100%:x')")
    await send("INSERT INTO t DEFAULT VALUES")
    assert await connection.scalar(sa.text("SELECT a FROM t")) == "100%:x"
    await transaction.rollback()
    assert await connection.scalar(sa.text("SELECT to_regclass('t')")) is None


async def test_text_without_a_transaction_is_at_once_for_good(
    connection: AsyncConnection, engine: AsyncEngine, send: Send
) -> None:
    await send("CREATE TABLE t (a int)")
    assert not connection.in_transaction()
    assert await state(connection, engine) == "idle"


async def test_text_in_autocommit_opens_no_transaction(
    connection: AsyncConnection, engine: AsyncEngine, send: Send
) -> None:
    await connection.execution_options(isolation_level="AUTOCOMMIT")
    async with connection.begin():
        await send("CREATE TABLE t (a int)")
        await send("CREATE INDEX CONCURRENTLY i ON t (a)")
        await send("VACUUM t")
        assert await state(connection, engine) == "idle"


async def test_error_is_one_of_sqlalchemy_with_statement_and_state(
    connection: AsyncConnection, adapter: DialectAdapter, send: Send
) -> None:
    async with connection.begin():
        with pytest.raises(ProgrammingError) as caught:
            await send("DROP TABLE missing")
    error: Any = caught.value
    assert (error.statement, error.orig.sqlstate, error.connection_invalidated) == (
        "DROP TABLE missing",
        "42P01",
        False,
    )
    assert error.orig.__cause__.__class__.__module__.startswith("asyncpg")
    assert "DROP TABLE missing" in str(error)
    assert adapter.is_missing_table(error)
    assert adapter.is_missing_table(error.orig.__cause__)
    assert not adapter.is_locked(error)
    assert await connection.scalar(sa.text("SELECT 1")) == 1


async def test_prepared_query_survives_a_change_of_its_table(connection: AsyncConnection, send: Send) -> None:
    await send("CREATE TABLE t (a int)")
    query = sa.text("SELECT * FROM t")
    async with connection.begin():
        assert (await connection.execute(query)).keys() == ["a"]
        await send("ALTER TABLE t ADD COLUMN b int, ALTER a TYPE text")
        assert list((await connection.execute(query)).keys()) == ["a", "b"]


async def test_lost_connection_is_noticed_and_replaced(
    connection: AsyncConnection, engine: AsyncEngine, send: Send
) -> None:
    pid = await connection.scalar(sa.text("SELECT pg_backend_pid()"))
    await connection.rollback()
    await connection.begin()
    async with engine.connect() as other:
        await other.execute(sa.text(f"SELECT pg_terminate_backend({pid})"))
    await asyncio.sleep(0.05)
    with pytest.raises(DBAPIError) as error:
        await send("CREATE TABLE t (a int)")
    assert error.value.connection_invalidated
    assert connection.invalidated
    await connection.rollback()
    assert await connection.scalar(sa.text("SELECT pg_backend_pid()")) != pid
    await connection.rollback()
    await send("CREATE TABLE t (a int)")


async def test_cancelled_text_leaves_a_connection_that_can_go_on(
    connection: AsyncConnection, engine: AsyncEngine, send: Send
) -> None:
    await connection.begin()
    await send("CREATE TABLE t (a int)")
    task = asyncio.create_task(send("SELECT pg_sleep(30)"))  # type: ignore[arg-type]
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await connection.rollback()
    assert await connection.scalar(sa.text("SELECT to_regclass('t')")) is None
    await connection.rollback()
    async with engine.connect() as other:
        busy = sa.text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sl' || 'eep%' AND state = 'active'")
        assert await other.scalar(busy) == 0


async def test_events_of_the_engine_see_the_text(connection: AsyncConnection, engine: AsyncEngine) -> None:
    seen = []

    @sa.event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        seen.append(statement)

    async with engine.connect() as watched:
        await adapter_for(watched).send(sync(watched), "CREATE TABLE t (a text DEFAULT '100%')")
        assert await watched.scalar(sa.text("SELECT count(*) FROM t")) == 0
    assert seen[0] == "CREATE TABLE t (a text DEFAULT '100%')"


async def test_text_is_logged_when_statements_are(postgresql_url: str, caplog: pytest.LogCaptureFixture) -> None:
    engine = create_async_engine(postgresql_url, echo=True)
    async with engine.connect() as connection:
        await adapter_for(connection).send(sync(connection), "CREATE TABLE t (a int)")
    await engine.dispose()
    assert "CREATE TABLE t (a int)" in caplog.messages


# -- locks -------------------------------------------------------------------------------------------------------------


async def test_lock_belongs_to_one_session_and_holds_no_transaction(
    connection: AsyncConnection, engine: AsyncEngine, adapter: DialectAdapter
) -> None:
    assert await adapter.try_lock(sync(connection), "app")
    assert not connection.in_transaction()
    assert await state(connection, engine) == "idle"
    async with engine.connect() as other:
        assert not await adapter.try_lock(sync(other), "app")
        assert not other.in_transaction()
        assert await state(other, engine) == "idle"
        assert await adapter.try_lock(sync(other), "another")
        await adapter.unlock(sync(connection), "app")
        assert await adapter.try_lock(sync(other), "app")
        assert await state(other, engine) == "idle"


async def test_lock_survives_transactions_and_dies_with_its_session(
    connection: AsyncConnection, engine: AsyncEngine, adapter: DialectAdapter
) -> None:
    async with engine.connect() as other:
        assert await adapter.try_lock(sync(other), "app")
        async with other.begin():
            await other.execute(sa.text("SELECT 1"))
        with pytest.raises(DBAPIError):
            await adapter.send(sync(other), "no sql")
        assert not await adapter.try_lock(sync(connection), "app")
        await other.invalidate()
    await asyncio.sleep(0.05)
    assert await adapter.try_lock(sync(connection), "app")


async def test_holder_of_the_lock_is_named(
    connection: AsyncConnection, engine: AsyncEngine, adapter: DialectAdapter
) -> None:
    assert await adapter.lock_holder(sync(connection), "app") is None
    assert not connection.in_transaction()
    async with engine.connect() as other:
        pid = await other.scalar(sa.text("SELECT pg_backend_pid()"))
        await other.rollback()
        assert await adapter.try_lock(sync(other), "app")
        holder = await adapter.lock_holder(sync(connection), "app")
        assert holder is not None and holder.ending == f"SELECT pg_terminate_backend({pid});"
        words = str(holder)
        assert words.startswith(f"process {pid} of user postgres (tests) from 127.0.0.1")
        assert ", connected since 20" in words
        assert ", idle since 20" in words
        assert await adapter.lock_holder(sync(connection), "another") is None


async def test_lock_that_is_not_held_cannot_be_given_back(connection: AsyncConnection, adapter: DialectAdapter) -> None:
    with pytest.raises(MigrationLockError, match="was not held by this session"):
        await adapter.unlock(sync(connection), "app")
    assert not connection.in_transaction()


# -- errors ------------------------------------------------------------------------------------------------------------


async def test_errors_are_known_by_their_states(
    connection: AsyncConnection, engine: AsyncEngine, adapter: DialectAdapter, send: Send
) -> None:
    await send("CREATE TABLE t (a int)")
    async with connection.begin():
        await send("SET TRANSACTION READ ONLY")
        with pytest.raises(DBAPIError) as error:
            await send("INSERT INTO t VALUES (1)")
    assert adapter.is_read_only(error.value)
    assert not adapter.is_missing_table(error.value)
    async with engine.connect() as other, other.begin():
        await other.execute(sa.text("LOCK TABLE t"))
        async with connection.begin():
            await send("SET LOCAL lock_timeout = '20ms'")
            with pytest.raises(DBAPIError) as error:
                await send("ALTER TABLE t ADD COLUMN b int")
    assert adapter.is_locked(error.value)
    assert not adapter.is_locked(ValueError("55P03"))
