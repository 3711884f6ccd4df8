"""Sending, locks, implicit commits and errors on a live MySQL or MariaDB."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.errors import MigrationLockError
from asyncmig.operations import CreateTable, DropConstraint
from tests.integration.dialects.runner import adapter_for, run


@pytest.fixture
async def mysql(mysql_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(mysql_url, poolclass=NullPool)
    yield engine
    await engine.dispose()


@pytest.fixture
async def connection(mysql: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with mysql.connect() as connection:
        yield connection


# -- sending ----------------------------------------------------------------------------------------------------------


async def test_errors_arrive_as_those_of_sqlalchemy(connection: AsyncConnection) -> None:
    adapter = adapter_for(connection)
    sync = connection.sync_connection
    assert sync is not None
    for begun in (True, False):
        if begun:
            await connection.begin()
        with pytest.raises(ProgrammingError) as caught:
            await adapter.send(sync, "ALTER TABLE `no%pe` ADD COLUMN a INT")
        assert caught.value.statement == "ALTER TABLE `no%pe` ADD COLUMN a INT"
        assert adapter.is_missing_table(caught.value)
        assert adapter.is_missing_table(caught.value.orig)  # type: ignore[arg-type]
        assert not connection.invalidated
        await connection.rollback()


async def test_lost_connection_is_recognised(mysql: AsyncEngine) -> None:
    async with mysql.connect() as victim, mysql.connect() as killer:
        number = await victim.scalar(sa.text("SELECT CONNECTION_ID()"))
        await killer.exec_driver_sql(f"KILL {number}")
        with pytest.raises(DBAPIError) as caught:
            await adapter_for(victim).send(victim.sync_connection, "CREATE TABLE t (a INT)")  # type: ignore[arg-type]
        assert caught.value.connection_invalidated
        assert victim.invalidated


async def test_cancelled_statement_leaves_no_connection_in_the_middle_of_an_answer(mysql: AsyncEngine) -> None:
    async with mysql.connect() as connection:
        await connection.begin()
        adapter = adapter_for(connection)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(adapter.send(connection.sync_connection, "DO SLEEP(2)"), 0.1)  # type: ignore[arg-type]
        assert connection.invalidated
        await connection.rollback()
        assert await connection.scalar(sa.text("SELECT 1")) == 1


# -- locks ------------------------------------------------------------------------------------------------------------


def parts(connection: AsyncConnection) -> tuple[DialectAdapter, Any]:
    return adapter_for(connection), connection.sync_connection


async def test_lock_is_held_by_one_session_through_ddl_and_commits(mysql: AsyncEngine) -> None:
    async with mysql.connect() as first, mysql.connect() as second:
        adapter, one = parts(first)
        _, two = parts(second)
        assert await adapter.lock_holder(two, "run") is None
        assert await adapter.try_lock(one, "run")
        await run(first, CreateTable.of("t", sa.Column("a", sa.Integer)))
        await first.rollback()
        assert not await adapter.try_lock(two, "run")
        assert not first.in_transaction() and not second.in_transaction()
        number = await first.scalar(sa.text("SELECT CONNECTION_ID()"))
        await first.rollback()
        holder = await adapter.lock_holder(two, "run")
        assert holder is not None
        assert str(holder).startswith(f"connection {number} of user asyncmig from ")
        await adapter.unlock(one, "run")
        assert await adapter.try_lock(two, "run")
        with pytest.raises(MigrationLockError, match="another session held it"):
            await adapter.unlock(one, "run")
        await adapter.unlock(two, "run")
        with pytest.raises(MigrationLockError, match="nobody held it"):
            await adapter.unlock(one, "run")


async def test_lock_belongs_to_a_database_even_when_the_session_changes_to_another(
    mysql: AsyncEngine, mysql_server: Any
) -> None:
    with mysql_server.database() as url:
        other_engine = create_async_engine(url, poolclass=NullPool)
        async with mysql.connect() as first, other_engine.connect() as second:
            adapter, one = parts(first)
            _, two = parts(second)
            long_name = "run " * 100
            assert await adapter.try_lock(one, long_name)
            assert await adapter.try_lock(two, long_name)
            await first.exec_driver_sql(f"USE `{sa.make_url(url).database}`")
            await first.commit()
            await adapter.unlock(one, long_name)
            await adapter.unlock(two, long_name)
        await other_engine.dispose()


# -- commits, errors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE x (a INT)",
        "/* why */ create or replace view v AS SELECT 1",
        "CREATE TEMPORARY TABLE y (a INT)",
        "DROP TEMPORARY TABLE IF EXISTS y",
        "ALTER TABLE t COMMENT 'x'",
        "ALTER TABLE nope COMMENT 'x'",
        "DROP TABLE IF EXISTS nope",
        "RENAME TABLE t TO t2, t2 TO t",
        "TRUNCATE TABLE u",
        "ANALYZE TABLE t",
        "ANALYZE LOCAL TABLE t",
        "CHECK TABLE t",
        "CHECKSUM TABLE t",
        "OPTIMIZE TABLE u",
        "FLUSH TABLES",
        "LOCK TABLES t WRITE",
        "START TRANSACTION",
        "BEGIN",
        "COMMIT",
        "ROLLBACK TO SAVEPOINT s",
        "RELEASE SAVEPOINT s",
        "SET autocommit = 1",
        "SET SESSION autocommit = 0",
        "SET @x = 1",
        "INSERT INTO u VALUES (1)",
        "SELECT 1",
        "DO 1",
        "SHOW TABLES",
        "PREPARE p FROM 'SELECT 1'",
        "GRANT SELECT ON *.* TO CURRENT_USER()",
        "CREATE PROCEDURE p() SELECT 1",
        "/*!50001 CREATE TABLE z (a INT) */",
    ],
)
async def test_what_commits_by_itself(mysql: AsyncEngine, statement: str) -> None:
    async with mysql.connect() as connection:
        await run(
            connection, CreateTable.of("t", sa.Column("a", sa.Integer)), CreateTable.of("u", sa.Column("a", sa.Integer))
        )
        await connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        await connection.exec_driver_sql("SAVEPOINT s")
        # Some name a table that is not there; they commit all the same.
        with suppress(ProgrammingError if "nope" in statement else ()):  # type: ignore[arg-type]
            await connection.exec_driver_sql(statement)
        await connection.invalidate()  # whatever is still open is rolled back
    async with mysql.connect() as connection:
        rows = await connection.scalar(sa.text("SELECT COUNT(*) FROM t"))
        assert adapter_for(connection).commits(statement) == bool(rows)


async def test_waiting_too_long_is_told_from_other_errors(mysql: AsyncEngine) -> None:
    async with mysql.connect() as first, mysql.connect() as second:
        adapter = adapter_for(first)
        await run(first, CreateTable.of("t", sa.Column("a", sa.Integer)))
        await first.exec_driver_sql("SELECT * FROM t")
        await second.exec_driver_sql("SET lock_wait_timeout = 1")
        with pytest.raises(OperationalError) as caught:
            await second.exec_driver_sql("ALTER TABLE t ADD COLUMN b INT")
        assert adapter.is_locked(caught.value)
        assert not adapter.is_missing_table(caught.value)
        assert not adapter.is_read_only(caught.value)


async def test_read_only_transaction_is_recognised(mysql: AsyncEngine) -> None:
    async with mysql.connect() as connection:
        await run(connection, CreateTable.of("t", sa.Column("a", sa.Integer)))
        await connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
        await connection.commit()
        with pytest.raises(DBAPIError) as caught:
            await connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        assert adapter_for(connection).is_read_only(caught.value)


async def test_session_is_left_as_it_was(connection: AsyncConnection) -> None:
    query = sa.text(
        "SELECT @@sql_mode, @@character_set_client, @@character_set_results, @@collation_connection, @@autocommit"
    )
    before = (await connection.execute(query)).one()
    await connection.commit()
    adapter, sync = parts(connection)
    await adapter.open(sync)
    assert await adapter.try_lock(sync, "run")
    await run(connection, CreateTable.of("t", sa.Column("a", sa.Integer)), DropConstraint("x", "t", if_exists=True))
    await adapter.unlock(sync, "run")
    await adapter.close(sync)
    assert (await connection.execute(query)).one() == before
