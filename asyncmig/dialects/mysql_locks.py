"""Locks of MySQL and MariaDB by name (GET_LOCK): one migrator per database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, text

from asyncmig._drivers import driver_session_id
from asyncmig.dialects.adapter import without_literals
from asyncmig.dialects.locking import LockInfo
from asyncmig.errors import MigrationLockError

# GET_LOCK is known to the whole server, so the database is part of the name. Where the file system does not distinguish
# case, DATABASE() is spelt as each session has spelt it.
_DATABASE: Final = text("SELECT LOWER(DATABASE())")
_TRY: Final = text("SELECT GET_LOCK(:name, 0)")
_UNLOCK: Final = text("SELECT RELEASE_LOCK(:name)")
_IS_FREE: Final = text("SELECT IS_USED_LOCK(:name)")
_SESSION: Final = text(
    "SELECT id, user, host, db, command, time, state, info FROM information_schema.processlist WHERE id = :id"
)
_CONNECTION: Final = text("SELECT CONNECTION_ID()")
_CLUSTER: Final = text("SHOW VARIABLES LIKE 'wsrep_on'")
_INFO: Final = "asyncmig lock "


def lock_name(database: str, name: str) -> str:
    """The server's name of the lock *name* of a database; at most 64 characters."""
    return "asyncmig:" + sha256(f"{database}\0{name}".encode()).hexdigest()[:48]


def try_lock(connection: Connection, name: str) -> bool:
    """Try once, without waiting, to get the lock; it belongs to the session and outlives commits and DDL.

    Raises:
        MigrationLockError: the server could not say yes or no.
    """
    full_name = _full_name(connection, name)
    answer = connection.execute(_TRY, {"name": full_name}).scalar_one()
    if answer is None:
        raise MigrationLockError(
            f"The server could not try the lock {name!r}: GET_LOCK gave NULL.",
            hint="It was out of memory, or this session was being killed. See the server's error log.",
        )
    if int(answer) == 1:
        # A script may change to another database; the lock stays the one of this database.
        connection.info[_INFO + name] = full_name
        return True
    return False


def unlock(connection: Connection, name: str) -> None:
    """Give the lock back.

    Raises:
        MigrationLockError: this session did not have it (any more).
    """
    full_name = _full_name(connection, name)
    connection.info.pop(_INFO + name, None)
    answer = connection.execute(_UNLOCK, {"name": full_name}).scalar_one()
    if answer is not None and int(answer) == 1:
        return
    whose = "nobody held it" if answer is None else "another session held it"
    raise MigrationLockError(
        f"The lock {name!r} was not held by this session when it was to be given back: {whose}.",
        hint="A proxy that gives a client several sessions of the server loses locks: connect to the server directly.",
    )


def questions(connection: Connection, name: str, literal: Callable[[str], str]) -> Sequence[str]:
    """Whether this session has the lock, as finished text that gives a row if so; none if `try_lock` did not get it."""
    held = connection.info.get(_INFO + name)
    if held is None:
        return ()
    return [f"SELECT 1 FROM DUAL WHERE IS_USED_LOCK({literal(str(held))}) = CONNECTION_ID()"]


def unstable_session(connection: Connection) -> str | None:
    """Why a lock by name does not keep others out, in words; None when it does."""
    with connection.begin():
        told, number = driver_session_id(connection), connection.execute(_CONNECTION).scalar_one()
        cluster = connection.execute(_CLUSTER).first()
    if cluster is not None and cluster[1] == "ON":
        return "it is a Galera cluster, whose servers do not know each other's locks"
    if told is not None and told != number:
        return f"a proxy gives it sessions of the server as it likes (connection {number} now)"
    return None


def lock_holder(connection: Connection, name: str) -> LockInfo | None:
    """Who holds the lock."""
    session_id = connection.execute(_IS_FREE, {"name": _full_name(connection, name)}).scalar_one()
    if session_id is None:
        return None
    row = connection.execute(_SESSION, {"id": session_id}).mappings().first()
    words, ending = f"connection {session_id}", f"KILL {session_id};"
    if row is None:  # without the privilege PROCESS a user sees its own sessions only
        return LockInfo("session", words, ending=ending)
    # MySQL gives the names of these columns in upper case.
    session = {str(key).lower(): value for key, value in row.items()}
    words += f" of user {session['user']} from {session['host']}"
    if session["db"]:
        words += f" in database {session['db']}"
    return LockInfo("session", words, step=_step(session), ending=ending)


def _step(session: Mapping[str, Any]) -> str | None:
    """What a session is doing, in words."""
    step = str(session["state"] or session["command"] or "")
    if session["time"] is not None:
        step += f" for {session['time']} s"
    if session["info"]:
        step += f": {without_literals(str(session['info']), 100)}"
    return step.strip() or None


def _full_name(connection: Connection, name: str) -> str:
    held = connection.info.get(_INFO + name)
    if held is not None:
        return str(held)
    database = connection.execute(_DATABASE).scalar_one()
    return lock_name(str(database or ""), name)
