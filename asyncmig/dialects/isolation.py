"""Isolation: transactions for a run on an engine whose connections have none."""

from __future__ import annotations

from sqlalchemy import Connection

from asyncmig._sqlalchemy import is_autocommit

#: Where a connection keeps that it was in autocommit.
_KEPT = "asyncmig.autocommit"
#: Where the server does not tell what it does by itself.
_USUAL = "READ COMMITTED"


def leave_autocommit(connection: Connection) -> None:
    """Let a connection have transactions, if each of its statements commits by itself.

    An application may like to have its engine so; a revision is done as a whole or not at all all the same.
    """
    if not is_autocommit(connection):
        return
    _end(connection)
    level = connection.default_isolation_level
    connection.execution_options(isolation_level=level if level and level != "AUTOCOMMIT" else _USUAL)
    connection.info[_KEPT] = True


def restore(connection: Connection) -> None:
    """Undo `leave_autocommit`."""
    if connection.info.pop(_KEPT, False):
        _end(connection)
        connection.execution_options(isolation_level="AUTOCOMMIT")


def _end(connection: Connection) -> None:
    """End the nominal transaction that SQLAlchemy begins with any statement."""
    if connection.in_transaction():
        connection.rollback()
