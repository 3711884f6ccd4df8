"""Advisory locks of PostgreSQL: one migrator per database, by the number that a lock's name stands for.

Each function is called outside a transaction and has one of its own, which is over when it has answered: a snapshot
that stayed open while somebody waits would hold up CREATE INDEX CONCURRENTLY of the one who is waited for.
"""

from __future__ import annotations

from hashlib import blake2b

from sqlalchemy import Connection, text

from asyncmig.errors import MigrationLockError


def lock_key(name: str) -> int:
    """The 64-bit number of the lock *name*."""
    digest = blake2b(f"asyncmig\0{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


_TRY = text("SELECT pg_catalog.pg_try_advisory_lock(CAST(:key AS bigint))")
_UNLOCK = text("SELECT pg_catalog.pg_advisory_unlock(CAST(:key AS bigint))")
# A lock by one number is shown as its two halves, with objsubid 1.
_HOLDER = text(
    """
    SELECT l.pid, a.usename, a.application_name, a.client_addr::text AS address, a.state,
           to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"') AS connected,
           to_char(a.state_change AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"') AS changed
    FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
      AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database())
      AND l.classid::bigint = CAST(:high AS bigint) AND l.objid::bigint = CAST(:low AS bigint)
    """
)


def try_lock(connection: Connection, name: str) -> bool:
    """Try once, without waiting, to get the lock; it belongs to the session, not to a transaction."""
    with connection.begin():
        return bool(connection.execute(_TRY, {"key": lock_key(name)}).scalar_one())


def unlock(connection: Connection, name: str) -> None:
    """Give the lock back.

    Raises:
        MigrationLockError: this session did not have it (any more).
    """
    with connection.begin():
        released = connection.execute(_UNLOCK, {"key": lock_key(name)}).scalar_one()
    if not released:
        raise MigrationLockError(
            f"The lock {name!r} was not held by this session when it was to be given back.",
            hint="A connection pooler in transaction mode (pgbouncer) gives each transaction another session;\n"
            "connect to PostgreSQL directly, or through a pool in session mode.",
        )


def lock_holder(connection: Connection, name: str) -> str | None:
    """Who holds the lock, in words."""
    key = lock_key(name) & 0xFFFF_FFFF_FFFF_FFFF
    with connection.begin():
        row = connection.execute(_HOLDER, {"high": key >> 32, "low": key & 0xFFFF_FFFF}).first()
    if row is None:
        return None
    words = f"process {row.pid}"
    if row.usename:
        words += f" of user {row.usename}"
    if row.application_name:
        words += f" ({row.application_name})"
    if row.address:
        words += f" from {row.address}"
    if row.connected:
        words += f", connected since {row.connected}"
    if row.state:
        words += f", {row.state}" + (f" since {row.changed}" if row.changed else "")
    return words
