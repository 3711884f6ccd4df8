"""Locks of MySQL and MariaDB by name (GET_LOCK): one migrator per database."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, text

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


def lock_holder(connection: Connection, name: str) -> str | None:
    """Who holds the lock, in words."""
    session_id = connection.execute(_IS_FREE, {"name": _full_name(connection, name)}).scalar_one()
    if session_id is None:
        return None
    row = connection.execute(_SESSION, {"id": session_id}).mappings().first()
    words = f"connection {session_id}"
    if row is None:  # without the privilege PROCESS a user sees its own sessions only
        return words
    # MySQL gives the names of these columns in upper case.
    session = {str(key).lower(): value for key, value in row.items()}
    words += f" of user {session['user']} from {session['host']}"
    if session["db"]:
        words += f" in database {session['db']}"
    doing = session["state"] or session["command"]
    if doing:
        words += f", {doing}"
    if session["time"] is not None:
        words += f" for {session['time']} s"
    if session["info"]:
        statement = " ".join(str(session["info"]).split())
        words += f": {statement[:100]}{'…' if len(statement) > 100 else ''}"
    return words


def _full_name(connection: Connection, name: str) -> str:
    held = connection.info.get(_INFO + name)
    if held is not None:
        return str(held)
    database = connection.execute(_DATABASE).scalar_one()
    return lock_name(str(database or ""), name)
