"""Advisory locks of PostgreSQL: one migrator per history, by the number that a lock's name stands for.

Each function but `questions` is called outside a transaction and has one of its own, which is over when it has
answered: a snapshot that stayed open while somebody waits would hold up CREATE INDEX CONCURRENTLY of the one who is
waited for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, text

from asyncmig.dialects.adapter import without_literals
from asyncmig.dialects.locking import LockInfo
from asyncmig.dialects.postgresql_session import application_name
from asyncmig.errors import MigrationLockError


def lock_key(name: str) -> int:
    """The 64-bit number of the lock *name*."""
    digest = blake2b(f"asyncmig\0{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


_TRY = text("SELECT pg_catalog.pg_try_advisory_lock(CAST(:key AS bigint))")
_UNLOCK = text("SELECT pg_catalog.pg_advisory_unlock(CAST(:key AS bigint))")
# Where the search path leads: schemas are often one tenant each, with tables of the same name.
_SCHEMA = text(
    """
    SELECT coalesce(
        (SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.oid = pg_catalog.to_regclass(pg_catalog.quote_ident(:table))),
        pg_catalog.current_schema()
    )::text
    """
)
# A lock by one number is shown as its two halves, with objsubid 1.
_THE_LOCK = """
    l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
    AND l.classid::bigint = CAST(:high AS bigint) AND l.objid::bigint = CAST(:low AS bigint)
"""
_HELD_BY_US = f"""
    SELECT 1 FROM pg_catalog.pg_locks l
    WHERE {_THE_LOCK.replace("CAST(:high AS bigint)", "{high}").replace("CAST(:low AS bigint)", "{low}")}
      AND l.pid = pg_catalog.pg_backend_pid()
"""
_HOLDER = text(
    f"""
    SELECT l.pid, a.usename, a.application_name, a.client_addr::text AS address, a.state, a.query,
           a.backend_start AT TIME ZONE 'UTC' AS connected,
           to_char(a.state_change AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"') AS changed
    FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
    WHERE {_THE_LOCK}
      AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database())
    """
)
#: Where a connection keeps the key of a lock that it holds; a script may change the search path.
_HELD = "asyncmig lock "
_OUR_NAME = re.compile(r"asyncmig/\S+ (\S+) \S+")


def try_lock(connection: Connection, name: str) -> bool:
    """Try once, without waiting, to get the lock; it belongs to the session, not to a transaction."""
    with connection.begin():
        key = _key(connection, name)
        got = bool(connection.execute(_TRY, {"key": key}).scalar_one())
    if got:
        connection.info[_HELD + name] = key
    return got


def unlock(connection: Connection, name: str) -> None:
    """Give the lock back.

    Raises:
        MigrationLockError: this session did not have it (any more).
    """
    with connection.begin():
        key = _key(connection, name)
        connection.info.pop(_HELD + name, None)
        released = connection.execute(_UNLOCK, {"key": key}).scalar_one()
    if not released:
        raise MigrationLockError(
            f"The lock {name!r} was not held by this session when it was to be given back.",
            hint="Something in a script has given it up, such as DISCARD ALL or pg_advisory_unlock_all(); or a pooler\n"
            'gives each transaction another session: lock = "lease" works there.',
        )


def questions(connection: Connection, name: str, revision: str | None, literal: Callable[[str], str]) -> list[str]:
    """Whether this session has a lock that `try_lock` got here, as texts, of which the last gives a row if so.

    Args:
        connection: the connection of the run.
        name: the lock.
        revision: to which revision the run has come.
        literal: writes a text as a literal.
    """
    if _HELD + name not in connection.info:
        return []
    texts = []
    if revision is not None:
        texts.append(f"SELECT pg_catalog.set_config('application_name', {literal(application_name(revision))}, false)")
    halves = _halves(_key(connection, name))
    texts.append(_HELD_BY_US.format(**halves))
    return texts


def lock_holder(connection: Connection, name: str) -> LockInfo | None:
    """Who holds the lock."""
    with connection.begin():
        row = connection.execute(_HOLDER, _halves(_key(connection, name))).first()
    if row is None:
        return None
    words = f"process {row.pid}"
    if row.usename:
        words += f" of user {row.usename}"
    if row.application_name:
        words += f" ({row.application_name})"
    if row.address:
        words += f" from {row.address}"
    since: datetime | None = row.connected
    return LockInfo("session", words, since, _step(row), ending=f"SELECT pg_terminate_backend({row.pid});")


def _step(row: Any) -> str | None:
    """What a session is doing, in words; others than its own user may not see it."""
    ours = _OUR_NAME.fullmatch(row.application_name or "")
    parts = [f"at revision {ours[1]}"] if ours and ours[1] != "-" else []
    if row.state:
        parts.append(row.state + (f" since {row.changed}" if row.changed else ""))
    statement = f": {without_literals(row.query, 100)}" if row.state == "active" and row.query else ""
    return ", ".join(parts) + statement or None


def _halves(key: int) -> dict[str, int]:
    unsigned = key & 0xFFFF_FFFF_FFFF_FFFF
    return {"high": unsigned >> 32, "low": unsigned & 0xFFFF_FFFF}


def _key(connection: Connection, name: str) -> int:
    held = connection.info.get(_HELD + name)
    if held is not None:
        return int(held)
    if "." not in name:
        name = f"{connection.execute(_SCHEMA, {'table': name}).scalar_one()}.{name}"
    return lock_key(name)
