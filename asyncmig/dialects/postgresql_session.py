"""Sessions of PostgreSQL: what a run sets on its session and puts back, and whether it has one to itself at all."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from asyncmig._drivers import driver_session_id, forget_prepared_statements
from asyncmig._version import VERSION

#: Where a connection keeps what is known of its session.
_KEPT = "asyncmig.postgresql"
#: How many characters PostgreSQL keeps of a name.
_NAME_LENGTH = 63
#: A server that finds its client gone gives up what it does for it, and with it every lock. It looks for a closed
#: connection this often (in milliseconds), also in the middle of a statement ...
_CHECK = "client_connection_check_interval", "1000"
#: ... and asks a silent peer for a sign of life after this time, again and again (in seconds).
_KEEP_ALIVE = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "3", "tcp_keepalives_count": "3"}

#: The state of an error that says that a value cannot be set.
_REFUSED = "22023"
_PID = text("SELECT pg_catalog.pg_backend_pid()")


@dataclass(frozen=True)
class Session:
    """What is known of the session of a connection.

    Args:
        before: settings as they were before the run.
        unstable: why transactions of this connection may run in different sessions; None when they do not.
    """

    before: Mapping[str, str]
    unstable: str | None


def application_name(revision: str | None = None) -> str:
    """What other sessions see of a run: the program, the revision that it is at, host and process."""
    return f"asyncmig/{VERSION} {(revision or '-')[:24]} {socket.gethostname()}:{os.getpid()}"[:_NAME_LENGTH]


def prepare(connection: Connection) -> None:
    """Look whose session it is; where it is this connection's own, let the server notice soon when the client dies."""
    end(connection)
    wanted = {"application_name": application_name(), **_KEEP_ALIVE}
    try:
        session = _prepare(connection, wanted | dict([_CHECK]))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _REFUSED:
            raise
        # Not every operating system lets a server see that a peer is gone.
        session = _prepare(connection, wanted)
    connection.info[_KEPT] = session
    if session.unstable is not None:
        forget_prepared_statements(connection)


def _prepare(connection: Connection, wanted: Mapping[str, str]) -> Session:
    read = ", ".join(f"current_setting('{name}', true) AS {name}" for name in wanted)
    told = driver_session_id(connection)
    if told is None:
        # The driver does not say which process the server named at the beginning.
        with connection.begin():
            told = int(connection.execute(_PID).scalar_one())
    with connection.begin():
        row = connection.execute(text(f"SELECT pg_catalog.pg_backend_pid() AS pid, {read}")).mappings().one()
        if row["pid"] != told:
            # Settings would go to whoever gets that session of the server next.
            words = f"a connection pooler gives it sessions of the server as it likes (process {row['pid']} now)"
            return Session({}, words)
        before = {name: str(row[name]) for name in wanted if row[name] is not None}
        _set(connection, {name: wanted[name] for name in before})
    return Session(before, None)


def _set(connection: Connection, values: Mapping[str, str]) -> None:
    calls = ", ".join(f"set_config('{name}', :{name}, false)" for name in values)
    connection.execute(text(f"SELECT {calls}"), dict(values))


def restore(connection: Connection) -> None:
    """Undo `prepare`."""
    session = connection.info.pop(_KEPT, None)
    if session is None:
        return
    end(connection)
    if session.before:
        with connection.begin():
            _set(connection, session.before)
    if session.unstable is not None:
        forget_prepared_statements(connection, undo=True)


def unstable_session(connection: Connection) -> str | None:
    """Why transactions of this connection may run in different sessions of the server; None when they do not."""
    session = connection.info.get(_KEPT)
    return None if session is None else session.unstable


@contextmanager
def unprepared(connection: Connection) -> Iterator[None]:
    """For the length of the block, let a connection rely on no session of its own."""
    forget_prepared_statements(connection)
    try:
        yield
    finally:
        if not (connection.closed or connection.invalidated):
            forget_prepared_statements(connection, undo=True)


def server_pid(connection: Connection) -> int | None:
    """The server's process for this connection; None where it may be another one at any time."""
    return None if unstable_session(connection) else driver_session_id(connection)


def end(connection: Connection) -> None:
    """End the nominal transaction that SQLAlchemy begins with any statement."""
    if connection.in_transaction():
        connection.rollback()
