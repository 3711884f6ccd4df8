"""Connections to SQLite: their transactions, and foreign keys that are not enforced for a while."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import anyio
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import SingletonThreadPool, StaticPool

from asyncmig._drivers import set_isolation
from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.errors import OperationError

#: Violations of foreign keys, and how many of each: (child, rowid or None, parent or the message of SQLite).
Violations: TypeAlias = Counter[tuple[str, Any, str]]

#: Begins a transaction that may write; one that begins by reading cannot wait for another writer later: it fails at
#: once with `database is locked`. An earlier attempt may have stopped in the middle of a rebuild, and pragmas are not
#: rolled back.
BEGIN = ("PRAGMA legacy_alter_table=OFF", "BEGIN IMMEDIATE")
#: Where a connection keeps what it was like before a run.
_KEPT = "asyncmig.sqlite"
#: How many violations a message names.
_SHOWN = 5
#: What SQLite says when a foreign key refers to columns that are no key.
_MISMATCH = "foreign key mismatch"


def prepare(connection: Connection) -> None:
    """Let a connection begin a transaction only when it is told to."""
    kept: dict[str, Any] = {"legacy": _pragma(connection, "legacy_alter_table")}
    _end(connection)
    # With this option SQLAlchemy would not roll back what was begun by a statement of ours. The driver's own way of
    # beginning is good enough then: it does not begin where a transaction is open already.
    if not getattr(connection.dialect, "skip_autocommit_rollback", False):
        kept["isolation"] = _isolation(connection)
        set_isolation(connection, "AUTOCOMMIT")
    connection.info[_KEPT] = kept


def _isolation(connection: Connection) -> str:
    given = connection.get_execution_options().get("isolation_level")
    if given is None and connection.connection.dbapi_connection.isolation_level is None:  # type: ignore[union-attr]
        given = "AUTOCOMMIT"
    return str(given or connection.default_isolation_level or "SERIALIZABLE")


def restore(connection: Connection) -> None:
    """Undo `prepare`."""
    kept = connection.info.pop(_KEPT, {})
    if kept.get("legacy"):
        connection.exec_driver_sql("PRAGMA legacy_alter_table=ON")
    _end(connection)
    if "isolation" in kept:
        set_isolation(connection, kept["isolation"])


def give_up(connection: Connection) -> bool:
    """Close what a connection stands on, which cannot be put in order; whether that can be done."""
    # A database in memory goes with its only connection.
    if isinstance(connection.engine.pool, StaticPool | SingletonThreadPool):
        return False
    connection.invalidate()
    return True


def busy_timeout(connection: Connection, milliseconds: int) -> int:
    """Set how long a connection waits for the write lock; how long it did before."""
    before = int(connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one())
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {milliseconds}")
    _end(connection)
    return before


def _end(connection: Connection) -> None:
    """End the nominal transaction that SQLAlchemy begins with any statement."""
    if connection.in_transaction():
        connection.rollback()


def _pragma(connection: Connection, name: str) -> bool:
    return bool(connection.exec_driver_sql(f"PRAGMA {name}").scalar())


@asynccontextmanager
async def foreign_keys_suspended(connection: Connection) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Outside a transaction: stop enforcing foreign keys, and enforce them again at the end."""

    async def check() -> None:
        await greenlet_spawn(_check, connection, before)

    try:
        before = await greenlet_spawn(_suspend, connection)
        yield check
    finally:
        with anyio.CancelScope(shield=True):
            await greenlet_spawn(_resume, connection)


def _suspend(connection: Connection) -> Violations:
    violations = Counter(_violations(connection))
    # Inside a transaction the pragma does nothing and says nothing.
    _end(connection)
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    enforced = _pragma(connection, "foreign_keys")
    _end(connection)
    if enforced:
        raise OperationError(
            "SQLite goes on enforcing foreign keys, because a transaction is open on the connection.",
            hint="Pass the engine, or a connection without a transaction.",
        )
    return violations


def _resume(connection: Connection) -> None:
    if connection.closed or connection.invalidated:
        return
    try:
        _end(connection)
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        _end(connection)
    except DBAPIError:
        # A pool would hand on a connection that enforces none.
        if not give_up(connection):
            raise


def _check(connection: Connection, before: Violations) -> None:
    new = Counter(_violations(connection)) - before
    if not new:
        return
    shown = [_in_words(*violation) for violation in list(new)[:_SHOWN]]
    more = f" and {new.total() - len(shown)} more" if new.total() > len(shown) else ""
    raise OperationError(
        f"Foreign keys are violated: {'; '.join(shown)}{more}.",
        hint="A table was rebuilt in this transaction, so that foreign keys were not enforced and deleted rows took no "
        "others with them. Put statements that delete or update referenced rows into a revision of their own.",
    )


def _violations(connection: Connection) -> Iterator[tuple[str, Any, str]]:
    """All violations, table by table, so that one that cannot be checked does not hide the others."""
    for (schema,) in connection.exec_driver_sql("SELECT name FROM pragma_database_list").fetchall():
        preparer = connection.dialect.identifier_preparer
        master = f"{preparer.quote_identifier(schema)}.sqlite_master"
        children = connection.exec_driver_sql(
            f"SELECT DISTINCT child.name FROM {master} AS child "
            "JOIN pragma_foreign_key_list(child.name, ?) WHERE child.type = 'table'",
            (schema,),
        ).fetchall()
        for (child,) in children:
            yield from _violations_of(connection, preparer.quote_identifier(schema), child)


def _violations_of(connection: Connection, schema: str, child: str) -> Iterator[tuple[str, Any, str]]:
    table = connection.dialect.identifier_preparer.quote_identifier(child)
    try:
        rows = connection.exec_driver_sql(f"PRAGMA {schema}.foreign_key_check({table})").fetchall()
    except OperationalError as error:
        if _MISMATCH not in str(error.orig):
            raise
        yield child, None, str(error.orig)
        return
    yield from ((child, rowid, parent) for _, rowid, parent, _ in rows)


def _in_words(child: str, rowid: Any, parent: str) -> str:
    if parent.startswith(_MISMATCH):
        return parent
    row = "a row" if rowid is None else f"row {rowid}"
    return f"{row} of {child} refers to no row of {parent}"


def catalogue_digest(connection: Connection) -> str:
    """A digest of all that is declared in the database."""
    rows = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")
    return hashlib.sha256("\n".join(repr(tuple(row)) for row in rows).encode()).hexdigest()
