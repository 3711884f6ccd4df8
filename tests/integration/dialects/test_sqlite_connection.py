"""Connections to a live SQLite: transactions, savepoints, sessions, databases in memory, errors."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import NullPool, StaticPool

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.operations import AlterColumn, Execute
from tests.integration.dialects.sqlite_database import Database


async def begin(database: Database) -> None:
    database.sync.begin()
    await database.adapter.begin(database.sync)


async def other_can_write(url: str) -> bool:
    path = url.partition(":///")[2]
    other = sqlite3.connect(path, timeout=0)
    try:
        other.execute("BEGIN IMMEDIATE")
        return True
    except sqlite3.OperationalError:
        return False
    finally:
        other.close()


async def test_write_lock_is_taken_at_the_beginning_and_given_back(sqlite: Database, sqlite_url: str) -> None:
    await sqlite.adapter.open(sqlite.sync)
    assert await other_can_write(sqlite_url)
    await begin(sqlite)
    assert not await other_can_write(sqlite_url)
    await sqlite.connection.commit()
    assert await other_can_write(sqlite_url)
    await begin(sqlite)
    await sqlite.connection.rollback()
    assert await other_can_write(sqlite_url)
    await sqlite.adapter.close(sqlite.sync)


async def test_ddl_is_rolled_back(sqlite: Database) -> None:
    await sqlite.adapter.open(sqlite.sync)
    await begin(sqlite)
    await sqlite.adapter.send(sqlite.sync, "CREATE TABLE t (a)")
    await sqlite.adapter.send(sqlite.sync, "INSERT INTO t VALUES ('50% :x ?')")
    await sqlite.connection.rollback()
    assert await sqlite.objects() == set()
    await begin(sqlite)
    await sqlite.adapter.send(sqlite.sync, "CREATE TABLE t (a)")
    await sqlite.connection.commit()
    assert await sqlite.objects() == {("table", "t")}
    await sqlite.adapter.close(sqlite.sync)


async def test_savepoints_nest_inside(sqlite: Database) -> None:
    await sqlite.execute("CREATE TABLE t (a)")
    await sqlite.adapter.open(sqlite.sync)
    await begin(sqlite)
    await sqlite.connection.exec_driver_sql("INSERT INTO t VALUES (1)")
    savepoint = await sqlite.connection.begin_nested()
    await sqlite.connection.exec_driver_sql("INSERT INTO t VALUES (2)")
    await savepoint.rollback()
    async with sqlite.connection.begin_nested():
        await sqlite.connection.exec_driver_sql("INSERT INTO t VALUES (3)")
    await sqlite.connection.commit()
    assert await sqlite.rows("SELECT a FROM t") == [(1,), (3,)]
    await sqlite.adapter.close(sqlite.sync)


class Base(DeclarativeBase):
    pass


class Thing(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


@pytest.mark.parametrize("mode", ["conditional_savepoint", "rollback_only", "create_savepoint"])
async def test_session_of_the_orm_joins_the_transaction(sqlite: Database, mode: str) -> None:
    await sqlite.connection.run_sync(Base.metadata.create_all)
    await sqlite.connection.commit()
    await sqlite.adapter.open(sqlite.sync)
    await begin(sqlite)

    def work(connection: sa.Connection) -> None:
        with Session(bind=connection, join_transaction_mode=mode) as session:  # type: ignore[arg-type]
            session.add(Thing(name="x"))
            session.commit()
            assert session.query(Thing).count() == 1

    await sqlite.connection.run_sync(work)
    await sqlite.connection.rollback()
    assert await sqlite.value("SELECT count(*) FROM t") == 0
    await begin(sqlite)
    await sqlite.connection.run_sync(work)
    await sqlite.connection.commit()
    assert await sqlite.value("SELECT count(*) FROM t") == 1
    await sqlite.adapter.close(sqlite.sync)


@pytest.mark.parametrize("level", [None, "SERIALIZABLE", "READ UNCOMMITTED", "AUTOCOMMIT"])
async def test_connection_is_left_as_it_was(sqlite_url: str, level: str | None) -> None:
    engine = create_async_engine(sqlite_url, poolclass=NullPool)
    async with engine.connect() as connection:
        if level is not None:
            await connection.execution_options(isolation_level=level)
        await connection.exec_driver_sql("PRAGMA legacy_alter_table=ON")
        await connection.commit()
        raw = connection.sync_connection.connection.dbapi_connection  # type: ignore[union-attr]
        before = (raw.isolation_level, await connection.get_isolation_level())  # type: ignore[union-attr]
        await connection.rollback()
        database = Database(connection)
        await database.run(Execute("CREATE TABLE t (a)"), AlterColumn("t", "a", nullable=False))
        assert (raw.isolation_level, await connection.get_isolation_level()) == before  # type: ignore[union-attr]
        await connection.rollback()
        assert await database.value("PRAGMA legacy_alter_table") == 1
    await engine.dispose()


async def test_engine_in_autocommit_mode(sqlite_url: str) -> None:
    engine = create_async_engine(sqlite_url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        database = Database(connection)
        with pytest.raises(OperationalError):
            await database.run(Execute("CREATE TABLE t (a)"), Execute("SELECT nonsense"))
        assert await database.objects() == set()
        raw = connection.sync_connection.connection.dbapi_connection  # type: ignore[union-attr]
        assert raw.isolation_level is None  # type: ignore[union-attr]
    await engine.dispose()


async def test_engine_that_does_not_roll_back_in_autocommit_mode(sqlite_url: str) -> None:
    engine = create_async_engine(sqlite_url, skip_autocommit_rollback=True)
    async with engine.connect() as connection:
        database = Database(connection)
        with pytest.raises(OperationalError):
            await database.run(Execute("CREATE TABLE t (a)"), Execute("SELECT nonsense"))
        assert await database.objects() == set()
        await database.run(Execute("CREATE TABLE t (a)"), AlterColumn("t", "a", nullable=False))
        assert await database.objects() == {("table", "t")}
    await engine.dispose()


@pytest.fixture(params=["sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:", "static"])
async def memory(request: pytest.FixtureRequest) -> AsyncIterator[AsyncEngine]:
    if request.param == "static":
        engine = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)
    else:
        engine = create_async_engine(request.param)
    yield engine
    await engine.dispose()


async def test_database_in_memory(memory: AsyncEngine) -> None:
    async with memory.connect() as connection:
        database = Database(connection)
        await database.execute(
            "PRAGMA foreign_keys=ON",
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)",
            "CREATE TABLE child (x REFERENCES t ON DELETE CASCADE)",
            "INSERT INTO t VALUES (1, 'x')",
            "INSERT INTO child VALUES (1)",
        )
        await database.run(AlterColumn("t", "a", nullable=False))
        assert database.suspended
    async with memory.connect() as connection:
        database = Database(connection)
        assert await database.rows("SELECT * FROM child") == [(1,)]
        assert "NOT NULL" in await database.sql()
        assert await database.value("PRAGMA foreign_keys") == 1


async def test_failure_in_the_middle_of_a_rebuild_leaves_no_trace(sqlite: Database) -> None:
    await sqlite.execute(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)",
        "CREATE TABLE child (x REFERENCES t ON DELETE CASCADE)",
        "CREATE VIEW v AS SELECT a FROM t",
        "INSERT INTO t VALUES (1, 'x')",
        "INSERT INTO child VALUES (1)",
        "PRAGMA foreign_keys=ON",
    )
    before = await sqlite.rows("SELECT * FROM sqlite_master")
    send = sqlite.adapter.send

    async def failing(connection: sa.Connection, *statements: str) -> int:
        if any("RENAME" in sql for sql in statements):
            raise RuntimeError("stopped here")
        return await send(connection, *statements)

    sqlite.adapter.send = failing  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):
        await sqlite.run(AlterColumn("t", "a", nullable=False))
    assert await sqlite.rows("SELECT * FROM sqlite_master") == before
    assert await sqlite.rows("SELECT * FROM child") == [(1,)]
    assert await sqlite.value("PRAGMA foreign_keys") == 1
    sqlite.adapter.send = send  # type: ignore[method-assign]
    # The next attempt does not inherit the old behaviour of RENAME.
    await sqlite.adapter.open(sqlite.sync)
    await begin(sqlite)
    assert await sqlite.value("PRAGMA legacy_alter_table") == 0
    await sqlite.adapter.close(sqlite.sync)


async def test_foreign_keys_are_enforced_again_after_a_cancellation(sqlite: Database) -> None:
    await sqlite.execute("PRAGMA foreign_keys=ON")
    await sqlite.adapter.open(sqlite.sync)
    with anyio.CancelScope() as scope:
        async with sqlite.adapter.foreign_keys_suspended(sqlite.sync):
            assert await sqlite.value("PRAGMA foreign_keys") == 0
            await begin(sqlite)
            await sqlite.adapter.send(sqlite.sync, "CREATE TABLE t (a)")
            scope.cancel()
            await anyio.sleep(10)
    assert scope.cancelled_caught
    assert await sqlite.value("PRAGMA foreign_keys") == 1
    assert await sqlite.objects() == set()
    await sqlite.adapter.close(sqlite.sync)


async def test_errors_are_told_apart(sqlite: Database, sqlite_url: str, tmp_path: Path) -> None:
    adapter = sqlite.adapter

    async def error(database: Database, sql: str) -> BaseException:
        with pytest.raises(DBAPIError) as caught:
            await greenlet_spawn(database.sync.exec_driver_sql, sql)
        await database.connection.rollback()
        return caught.value

    missing = await error(sqlite, "SELECT * FROM nowhere")
    assert adapter.is_missing_table(missing)
    assert not adapter.is_locked(missing)
    assert not adapter.is_missing_table(await error(sqlite, "SELECT nocolumn"))
    await sqlite.execute("CREATE TABLE t (a)")
    other = create_async_engine(sqlite_url, poolclass=NullPool, connect_args={"timeout": 0})
    async with other.connect() as connection:
        await sqlite.adapter.open(sqlite.sync)
        await begin(sqlite)
        waiting = Database(connection)
        locked = await error(waiting, "INSERT INTO t VALUES (1)")
        assert adapter.is_locked(locked)
        assert not adapter.is_read_only(locked)
        with pytest.raises(OperationalError) as caught:
            await waiting.run(Execute("SELECT 1"))
        assert adapter.is_locked(caught.value)
        assert adapter.is_locked(_wrapped(caught.value))
        await sqlite.connection.rollback()
        await sqlite.adapter.close(sqlite.sync)
        await waiting.run(Execute("INSERT INTO t VALUES (1)"))
    await other.dispose()
    path = sqlite_url.partition(":///")[2]
    reader = create_async_engine(f"sqlite+aiosqlite:///file:{path}?mode=ro&uri=true", poolclass=NullPool)
    async with reader.connect() as connection:
        read_only = await error(Database(connection), "INSERT INTO t VALUES (1)")
        assert adapter.is_read_only(read_only)
        assert not adapter.is_missing_table(read_only)
    await reader.dispose()
    assert not adapter.is_locked(ValueError("database is locked"))


def _wrapped(error: BaseException) -> BaseException:
    try:
        raise RuntimeError("outer") from error
    except RuntimeError as outer:
        return outer
