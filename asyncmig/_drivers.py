"""Drivers: what SQLAlchemy's connections stand on: the driver's own, its session, and the shortest way to send text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar, cast
from uuid import uuid4

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from asyncmig._sqlalchemy import end_committed, greenlet_spawn

T = TypeVar("T")
ChangeT = TypeVar("ChangeT", bound=tuple[str, str | None])


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


async def send_driver_text(connection: Connection, sql: str, *, begins: bool = True) -> int:
    """Send text by asyncpg's simple protocol: in the transaction of *connection* if it has begun one, else at once.

    Errors, a lost connection and cancellation end as they do for every other statement of SQLAlchemy.

    Args:
        connection: the connection.
        sql: the text.
        begins: whether to begin first what SQLAlchemy has begun in name only.

    Returns:
        how many rows its last statement changed; -1 where that is no such statement.
    """
    if connection._echo:
        connection._log_info(sql)
    adapted = connection.connection.dbapi_connection
    # Plans that SQLAlchemy has prepared may not fit the tables any more.
    connection.dialect._invalidate_schema_cache()  # type: ignore[attr-defined]
    try:
        if begins and connection.in_transaction():
            await begin_driver_transaction(connection)
        status: str = await adapted.driver_connection.execute(sql)  # type: ignore[union-attr]
    except BaseException as error:
        return await greenlet_spawn(_raise_driver_error, connection, adapted, sql, error)
    # "UPDATE 1", "INSERT 0 1", "CREATE TABLE"
    count = status.rpartition(" ")[2]
    return int(count) if count.isdecimal() else -1


async def fetch_asyncpg(connection: Connection, sql: str, *arguments: Any) -> Sequence[Sequence[Any]]:
    """The rows that a query gives, by asyncpg itself, in the transaction that *connection* has begun.

    Errors, a lost connection and cancellation end as they do for every other statement of SQLAlchemy.

    Args:
        connection: the connection.
        sql: the query, with `$1` and so on for its arguments.
        arguments: what goes there.
    """
    if connection._echo:
        connection._log_info(sql)
    adapted: Any = connection.connection.dbapi_connection
    try:
        if connection.in_transaction():
            await begin_driver_transaction(connection)
        rows: Sequence[Sequence[Any]] = await adapted.driver_connection.fetch(sql, *arguments)
    except BaseException as error:
        return await greenlet_spawn(_raise_driver_error, connection, adapted, sql, error)
    return rows


async def begin_asyncpg(connection: Connection, sql: str) -> int:
    """Begin the transaction that SQLAlchemy has begun in name, and send text in it, on one trip.

    Returns:
        as `send_driver_text`.
    """
    adapted: Any = connection.connection.dbapi_connection
    driver = adapted.driver_connection
    level: str | None = adapted.isolation_level
    plain = adapted._transaction is None and level != "autocommit" and not (adapted.readonly or adapted.deferrable)
    if not (plain and _shows_transaction(driver)):
        return await send_driver_text(connection, sql)
    transaction = driver.transaction(isolation=level)
    begin = "BEGIN" if level is None else f"BEGIN ISOLATION LEVEL {level.replace('_', ' ')}"
    try:
        return await send_driver_text(connection, f"{begin};\n{sql}", begins=False)
    finally:
        if not driver.is_closed() and driver.is_in_transaction():
            # As `Transaction.start` leaves it behind, so that whoever ends it does so as ever.
            transaction._state = type(transaction._state).STARTED
            driver._top_xact = adapted._transaction = transaction


async def commit_asyncpg(connection: Connection, sql: str) -> int:
    """Send text in the open transaction of *connection* and commit it, on one trip; both or neither.

    Returns:
        -1.
    """
    adapted: Any = connection.connection.dbapi_connection
    driver, transaction = adapted.driver_connection, adapted._transaction
    if transaction is None or not _shows_transaction(driver):
        await send_driver_text(connection, sql)
        await greenlet_spawn(connection.commit)
        return -1
    await send_driver_text(connection, f"{sql};\nCOMMIT")
    # As `Transaction.commit` leaves it behind.
    transaction._state = type(transaction._state).COMMITTED
    driver._top_xact = adapted._transaction = None
    end_committed(connection)
    return -1


def is_in_transaction(connection: Connection) -> bool | None:
    """Whether the session of *connection* has a transaction open, whatever SQLAlchemy says; None if nobody can tell."""
    driver: Any = driver_connection(connection)
    match connection.dialect.driver:
        case "asyncpg":
            return bool(driver.is_in_transaction())
        case "aiomysql":
            return bool(driver.get_transaction_status())
        case "psycopg_async":
            return bool(driver.info.transaction_status)
        case "aiosqlite":
            return bool(driver.in_transaction)
        case _:
            return None


async def end_driver_transaction(connection: Connection) -> None:
    """Roll back what the session of *connection* has open, of which SQLAlchemy need not know."""
    adapted: Any = connection.connection.dbapi_connection
    if connection.dialect.driver != "asyncpg":
        await greenlet_spawn(_roll_back, connection, adapted)
        return
    driver = adapted.driver_connection
    try:
        if driver.is_in_transaction():
            await driver.execute("ROLLBACK")
    except BaseException as error:
        await greenlet_spawn(_raise_driver_error, connection, adapted, "ROLLBACK", error)
    # Where BEGIN failed, asyncpg goes on to take each transaction for one inside that.
    adapted._transaction = None
    if _shows_transaction(driver):
        driver._top_xact = None


def _roll_back(connection: Connection, adapted: Any) -> None:
    try:
        adapted.rollback()
    except BaseException as error:
        _raise_driver_error(connection, adapted, "ROLLBACK", error)


def set_isolation(connection: Connection, level: Any) -> None:
    """Set the isolation level of *connection*; what the driver says against it ends as it does for every statement."""
    try:
        connection.execution_options(isolation_level=level)
    except DBAPIError:
        raise
    except BaseException as error:
        connection._handle_dbapi_exception(error, None, None, None, None)


def is_out_of_step(connection: Connection) -> bool:
    """Whether a session has a transaction open of which SQLAlchemy does not know, or the other way round (asyncpg).

    SQLAlchemy takes what it has tried to end for ended, also where the server was asked to give that statement up, and
    asyncpg takes what it has tried to begin for begun.
    """
    if connection.dialect.driver != "asyncpg" or connection.closed or connection.invalidated:
        return False
    adapted: Any = connection.connection.dbapi_connection
    driver = adapted.driver_connection
    if adapted._transaction is not None or driver.is_closed():
        return False
    return bool(driver.is_in_transaction() or getattr(driver, "_top_xact", None) is not None)


def _shows_transaction(driver: Any) -> bool:
    """Whether a connection of asyncpg lets us take note of its transaction; one from a pool of its own does not."""
    return hasattr(type(driver), "_top_xact")


async def send_aiomysql_texts(connection: Connection, texts: Sequence[str]) -> list[Sequence[tuple[Any, ...]] | int]:
    """Send texts by aiomysql itself, on one trip, in the transaction that *connection* has begun.

    Errors, a lost connection and cancellation end as they do for every other statement of SQLAlchemy.

    Returns:
        the rows of each; where it gives none, how many it changed.
    """
    if connection._echo:
        for sql in texts:
            connection._log_info(sql)
    adapted = connection.connection.dbapi_connection
    driver: Any = adapted.driver_connection  # type: ignore[union-attr]
    # aiomysql always asks the server for leave to send several statements in one.
    joined = ";\n".join(texts)
    answers: list[Sequence[tuple[Any, ...]] | int] = []
    try:
        await driver.query(joined)
        answers.append(_aiomysql_answer(driver))
        while driver._result.has_next:
            await driver.next_result()
            answers.append(_aiomysql_answer(driver))
    except BaseException as error:
        return await greenlet_spawn(_raise_driver_error, connection, adapted, joined, error)
    return answers


async def fetch_aiomysql_text(connection: Connection, sql: str, *, missing: int) -> Sequence[tuple[Any, ...]]:
    """The rows that one text gives, by aiomysql itself, as in `send_aiomysql_texts`.

    Args:
        connection: the connection.
        sql: the text.
        missing: the number of the error that stands for no rows.
    """
    driver: Any = driver_connection(connection)
    if connection._echo:
        connection._log_info(sql)
    try:
        await driver.query(sql)
    except BaseException as error:
        if isinstance(error, Exception) and error.args[:1] == (missing,):
            return ()
        return await greenlet_spawn(_raise_driver_error, connection, connection.connection.dbapi_connection, sql, error)
    answer = _aiomysql_answer(driver)
    return () if isinstance(answer, int) else answer


def _aiomysql_answer(driver: Any) -> Sequence[tuple[Any, ...]] | int:
    rows: Sequence[tuple[Any, ...]] | None = driver._result.rows
    return int(driver.affected_rows()) if rows is None else rows


async def send_aiosqlite_text(connection: Connection, statements: Sequence[str]) -> Sequence[tuple[Any, ...]] | int:
    """Execute statements in the thread of aiosqlite, all in one visit; a cursor of SQLAlchemy makes four for each.

    Returns:
        the rows of the last statement; where it gives none, how many it changed.
    """

    def work(execute: Callable[[str], Sequence[tuple[Any, ...]] | int]) -> Sequence[tuple[Any, ...]] | int:
        outcome: Sequence[tuple[Any, ...]] | int = -1
        for sql in statements:
            outcome = execute(sql)
        return outcome

    return await _visit_aiosqlite(connection, work)


async def change_in_aiosqlite(
    connection: Connection, changes: Sequence[ChangeT], *, commit: bool = False
) -> ChangeT | None:
    """Execute changes in one visit to the thread of aiosqlite, up to the first that does not find its row.

    Args:
        connection: the connection.
        changes: texts, and the row that each must find, or None.
        commit: also commit, if each has found its row.

    Returns:
        the change that has not.
    """

    def work(execute: Callable[[str], Sequence[tuple[Any, ...]] | int]) -> ChangeT | None:
        for one in changes:
            if execute(one[0]) != 1 and one[1] is not None:
                return one
        if commit:
            execute("COMMIT")
        return None

    wrong = await _visit_aiosqlite(connection, work)
    if commit and wrong is None:
        end_committed(connection)
    return wrong


async def _visit_aiosqlite(
    connection: Connection, work: Callable[[Callable[[str], Sequence[tuple[Any, ...]] | int]], T]
) -> T:
    """Call *work* in the thread of aiosqlite, with what executes a statement there.

    Errors, a lost connection and cancellation end as they do for every other statement of SQLAlchemy.
    """
    adapted = connection.connection.dbapi_connection
    driver: Any = adapted.driver_connection  # type: ignore[union-attr]
    running = ""

    def execute(sql: str) -> Sequence[tuple[Any, ...]] | int:
        nonlocal running
        running = sql
        if connection._echo:
            connection._log_info(sql)
        cursor = driver._conn.execute(sql)
        outcome = cursor.rowcount if cursor.description is None else cursor.fetchall()
        cursor.close()
        return cast("Sequence[tuple[Any, ...]] | int", outcome)

    try:
        return cast(T, await driver._execute(work, execute))
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
