"""Drivers: what SQLAlchemy's connections stand on: the driver's own, its session, and the shortest way to send text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn
from uuid import uuid4

from sqlalchemy import Connection

from asyncmig._sqlalchemy import greenlet_spawn


def driver_connection(connection: Connection) -> Any:
    """The driver's own connection object under *connection* (asyncpg, aiomysql, aiosqlite)."""
    return connection.connection.driver_connection


def driver_session_id(connection: Connection) -> int | None:
    """The number that the server gave the session of *connection* when it began, as far as the driver tells."""
    driver: Any = driver_connection(connection)
    match connection.dialect.driver:
        case "asyncpg":
            return int(driver.get_server_pid())
        case "aiomysql" | "asyncmy":
            return int(driver.thread_id())
        case "psycopg_async":
            return int(driver.info.backend_pid)
        case _:
            return None


async def interrupt_aiosqlite(connection: Connection) -> None:
    """Make the statement that aiosqlite's thread executes for *connection* end with an error, if there is one."""
    if connection.dialect.driver == "aiosqlite" and not (connection.closed or connection.invalidated):
        await driver_connection(connection).interrupt()


def forget_prepared_statements(connection: Connection, *, undo: bool = False) -> None:
    """Let asyncpg's connection prepare each statement anew, inside the transaction that needs it.

    Behind a connection pooler the next transaction may run in another session, which knows nothing of them.

    Args:
        connection: the connection.
        undo: let it be as it was.
    """
    if connection.dialect.driver != "asyncpg":
        return
    adapted: Any = connection.connection.dbapi_connection
    if undo:
        before = connection.info.pop("asyncmig.prepared", None)
        if before is not None:
            adapted._prepared_statement_cache, adapted._prepared_statement_name_func = before
        return
    connection.info["asyncmig.prepared"] = adapted._prepared_statement_cache, adapted._prepared_statement_name_func
    driver = adapted.driver_connection

    def name() -> str:
        # One without a name leaves nothing behind; outside a transaction it might be somebody else's by then.
        return "" if driver.is_in_transaction() else statement_name()

    adapted._prepared_statement_cache, adapted._prepared_statement_name_func = None, name


def statement_name() -> str:
    """A name for a prepared statement that no other process uses in the same session of the server."""
    return f"__asyncmig_{uuid4().hex}__"


async def begin_driver_transaction(connection: Connection) -> None:
    """Send BEGIN now where SQLAlchemy's adapter would send it with the first statement only (asyncpg).

    Args:
        connection: a connection on which SQLAlchemy has begun its transaction.
    """
    adapted = connection.connection.dbapi_connection
    if getattr(adapted, "_transaction", False) is None:
        await adapted._start_transaction()  # type: ignore[union-attr]


def has_driver_text(connection: Connection, driver: str = "asyncpg") -> bool:
    """Whether text may be sent through *driver* itself: it is the driver, and no event wants to see each cursor."""
    if connection.closed or connection.invalidated or connection._has_events or connection.engine._has_events:
        return False
    return connection.dialect.driver == driver


async def send_driver_text(connection: Connection, sql: str) -> int:
    """Send text by asyncpg's simple protocol: in the transaction of *connection* if it has begun one, else at once.

    Errors, a lost connection and cancellation end as they do for every other statement of SQLAlchemy.

    Returns:
        how many rows its last statement changed; -1 where that is no such statement.
    """
    if connection._echo:
        connection._log_info(sql)
    adapted = connection.connection.dbapi_connection
    # Plans that SQLAlchemy has prepared may not fit the tables any more.
    connection.dialect._invalidate_schema_cache()  # type: ignore[attr-defined]
    try:
        if connection.in_transaction():
            await begin_driver_transaction(connection)
        status: str = await adapted.driver_connection.execute(sql)  # type: ignore[union-attr]
    except BaseException as error:
        return await greenlet_spawn(_raise_driver_error, connection, adapted, sql, error)
    # "UPDATE 1", "INSERT 0 1", "CREATE TABLE"
    count = status.rpartition(" ")[2]
    return int(count) if count.isdecimal() else -1


async def send_aiomysql_text(connection: Connection, sql: str) -> int:
    """Send text by aiomysql itself, in the transaction that *connection* has begun.

    Errors, a lost connection and cancellation end as they do for every other statement of SQLAlchemy.

    Returns:
        how many rows it changed.
    """
    if connection._echo:
        connection._log_info(sql)
    adapted = connection.connection.dbapi_connection
    try:
        return int(await adapted.driver_connection.query(sql))  # type: ignore[union-attr]
    except BaseException as error:
        return await greenlet_spawn(_raise_driver_error, connection, adapted, sql, error)


async def fetch_aiomysql_text(connection: Connection, sql: str) -> Sequence[tuple[Any, ...]]:
    """The rows that a text gives, by aiomysql itself, as in `send_aiomysql_text`."""
    await send_aiomysql_text(connection, sql)
    rows: Sequence[tuple[Any, ...]] = driver_connection(connection)._result.rows
    return rows


async def send_aiosqlite_text(connection: Connection, statements: Sequence[str]) -> Sequence[tuple[Any, ...]] | int:
    """Execute statements in the thread of aiosqlite, all in one visit; a cursor of SQLAlchemy makes four for each.

    Errors, a lost connection and cancellation end as they do for every other statement of SQLAlchemy.

    Returns:
        the rows of the last statement; where it gives none, how many it changed.
    """
    if connection._echo:
        for sql in statements:
            connection._log_info(sql)
    adapted = connection.connection.dbapi_connection
    driver: Any = adapted.driver_connection  # type: ignore[union-attr]
    running = ""

    def work() -> Sequence[tuple[Any, ...]] | int:
        nonlocal running
        outcome: Sequence[tuple[Any, ...]] | int = -1
        for running in statements:
            cursor = driver._conn.execute(running)
            outcome = cursor.rowcount if cursor.description is None else cursor.fetchall()
            cursor.close()
        return outcome

    try:
        outcome: Sequence[tuple[Any, ...]] | int = await driver._execute(work)
        return outcome
    except BaseException as error:
        return await greenlet_spawn(_raise_driver_error, connection, adapted, running, error)


def _raise_driver_error(connection: Connection, adapted: Any, sql: str, error: BaseException) -> NoReturn:
    try:
        if isinstance(error, Exception):
            adapted._handle_exception(error)  # raises it as an error of the DBAPI, where it is one
        raise error
    except BaseException as translated:
        is_database_error = isinstance(translated, connection.dialect.loaded_dbapi.Error)
        # Wraps the error, invalidates a connection that is lost or was cancelled, and raises.
        connection._handle_dbapi_exception(translated, sql if is_database_error else None, None, None, None)
        raise
