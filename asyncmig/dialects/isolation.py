"""Isolation: what a run needs of its transactions, whatever the engine asks for: that they are some, to begin with.

And under a lease that they may change what others have changed since they began, which transactions of one snapshot
(REPEATABLE READ and SERIALIZABLE of PostgreSQL, `innodb_snapshot_isolation` of MariaDB) are refused.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import anyio
from sqlalchemy import Connection, text

from asyncmig._drivers import set_isolation
from asyncmig._sqlalchemy import greenlet_spawn, is_autocommit

#: Where a connection keeps that it was in autocommit.
_KEPT: Final = "asyncmig.autocommit"
#: Also where the server does not tell what it does by itself.
_READ_COMMITTED: Final = "READ COMMITTED"
_SNAPSHOTS: Final = text("SHOW SESSION VARIABLES LIKE 'innodb_snapshot_isolation'")


def leave_autocommit(connection: Connection) -> None:
    """Let a connection have transactions, if each of its statements commits by itself.

    An application may like to have its engine so; a revision is done as a whole or not at all all the same.
    """
    if not is_autocommit(connection):
        return
    _end(connection)
    level = connection.default_isolation_level
    set_isolation(connection, level if level and level != "AUTOCOMMIT" else _READ_COMMITTED)
    connection.info[_KEPT] = True


def restore(connection: Connection) -> None:
    """Undo `leave_autocommit`."""
    if connection.info.pop(_KEPT, False):
        _end(connection)
        set_isolation(connection, "AUTOCOMMIT")


@asynccontextmanager
async def read_committed(connection: Connection) -> AsyncIterator[None]:
    """For the length of the block, begin the transactions of *connection* at READ COMMITTED."""
    before = await greenlet_spawn(_isolation, connection)
    if before == _READ_COMMITTED:
        yield
        return
    await greenlet_spawn(_set_isolation, connection, _READ_COMMITTED)
    try:
        yield
    finally:
        if not (connection.closed or connection.invalidated):
            with anyio.CancelScope(shield=True):
                await greenlet_spawn(_set_isolation, connection, before)


def _isolation(connection: Connection) -> str:
    level = connection.get_isolation_level()
    _end(connection)
    return str(level)


def _set_isolation(connection: Connection, level: Any) -> None:
    _end(connection)
    try:
        set_isolation(connection, level)
    except BaseException:
        # Cancelled or cut here, the driver may have closed the connection, and SQLAlchemy takes no notice of it.
        connection.invalidate()
        raise


@asynccontextmanager
async def no_snapshots(connection: Connection) -> AsyncIterator[None]:
    """For the length of the block, let MariaDB change rows that were changed since the snapshot, as MySQL does.

    READ COMMITTED would do as well, but for servers that write statements into their binary log.
    """
    if not await greenlet_spawn(_has_snapshots, connection):
        yield
        return
    await greenlet_spawn(_set_snapshots, connection, "OFF")
    try:
        yield
    finally:
        if not (connection.closed or connection.invalidated):
            with anyio.CancelScope(shield=True):
                await greenlet_spawn(_set_snapshots, connection, "ON")


def _has_snapshots(connection: Connection) -> bool:
    # Servers that have no such variable give no row.
    row = connection.execute(_SNAPSHOTS).first()
    _end(connection)
    return row is not None and row[1] == "ON"


def _set_snapshots(connection: Connection, value: str) -> None:
    _end(connection)
    connection.exec_driver_sql(f"SET SESSION innodb_snapshot_isolation = {value}")
    _end(connection)


def _end(connection: Connection) -> None:
    """End the nominal transaction that SQLAlchemy begins with any statement."""
    if connection.in_transaction():
        connection.rollback()
