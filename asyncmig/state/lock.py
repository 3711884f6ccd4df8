"""Lock: one run at a time on one history, by the lock of a session, a lease, or what the project brings along."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.locking import LockInfo
from asyncmig.dialects.sending import is_gone
from asyncmig.errors import ConfigError, MigrationLockError
from asyncmig.events import Observer
from asyncmig.state.held import HeldLock, LeaseLock, SessionLock
from asyncmig.state.lease import Lease, LeaseTable
from asyncmig.state.polling import gave_up, poll


@dataclass(frozen=True)
class LockChoice:
    """Which lock a run takes.

    Args:
        kind: `auto`, `session`, `lease` or `none`.
        own: makes a lock of the project's own, which is taken instead.
        wait: how long to wait for another run, in seconds.
        lease: how long a lease lasts unless it is renewed, in seconds.
        schema: the schema of the table of leases, None for the default schema.
    """

    kind: str = "auto"
    own: Callable[[], AbstractAsyncContextManager[Any]] | None = None
    wait: float = 600.0
    lease: float = 30.0
    schema: str | None = None


async def lock_holder(
    adapter: DialectAdapter, connection: Connection, name: str, schema: str | None
) -> LockInfo | None:
    """Who holds the lock *name*, be it a session's or a lease; asked outside a transaction."""
    holder = await adapter.lock_holder(connection, name)
    return holder or await LeaseTable(adapter, schema).holder(connection, name)


async def release_lease(
    adapter: DialectAdapter, connection: Connection, name: str, schema: str | None
) -> LockInfo | None:
    """Take the lease *name* from its holder, and say who that was; None when nobody holds it.

    Raises:
        MigrationLockError: the lock is a session's, which only the end of that session gives free.
    """
    info = await lock_holder(adapter, connection, name, schema)
    if info is not None and info.kind == "session":
        raise MigrationLockError(
            f"The migration lock is held by {info}. It is free when that session ends, and not before.",
            holder=str(info),
            hint=f"Stop that process. Where it is gone and the server has not noticed, end its session:\n{info.ending}",
        )
    if info is not None:
        await LeaseTable(adapter, schema).release(connection, name)
    return info


@asynccontextmanager
async def run_lock(
    adapter: DialectAdapter, connection: Connection, name: str, choice: LockChoice, observer: Observer
) -> AsyncIterator[HeldLock]:
    """Hold the lock *name* for the length of the block.

    Args:
        adapter: the adapter of the database.
        connection: the connection of the run; no transaction is open on it.
        name: the name of the lock.
        choice: which lock it is.
        observer: is told of waiting.

    Raises:
        MigrationLockError: another run has it and keeps it, or a session cannot hold it here.
    """
    if choice.own is not None:
        make = _own(choice.own, choice.wait)
    else:
        kind = await _kind(adapter, connection, choice.kind)
        takers = {"session": _session, "lease": _lease}
        make = takers[kind](adapter, connection, name, choice, observer) if kind in takers else _none()
    async with make as held:
        yield held


async def _kind(adapter: DialectAdapter, connection: Connection, wanted: str) -> str:
    """The kind of lock to take: `session`, `lease` or `none`."""
    if wanted in ("lease", "none"):
        return wanted
    if wanted not in ("auto", "session"):
        raise ConfigError(
            f"There is no lock of the kind {wanted!r}.",
            hint='lock="auto"      # or "session", "lease", "none", or a function that gives an async context manager',
        )
    if adapter.traits.lock != "session":
        # The transaction keeps others out.
        return "none"
    unstable = await adapter.unstable_session(connection)
    if unstable is None:
        return "session"
    if wanted == "session":
        raise MigrationLockError(
            f'lock = "session" cannot be had on this connection: {unstable}.',
            hint="Connect to the server itself, or let a lease take the place of the session's lock:\n"
            '    lock = "lease"      # in the settings; so does "auto", the default, here',
        )
    return "lease"


@asynccontextmanager
async def _none() -> AsyncIterator[HeldLock]:
    yield HeldLock()


@asynccontextmanager
async def _own(make: Callable[[], AbstractAsyncContextManager[Any]], limit: float) -> AsyncIterator[HeldLock]:
    started = time.monotonic()
    manager = make()
    if not hasattr(manager, "__aenter__"):
        raise ConfigError(
            f"The function that makes the lock gave {type(manager).__name__}, not an async context manager.",
            hint='lock=lambda: redis.lock("migrations", timeout=600)      # a function that gives one, each time anew',
        )
    async with AsyncExitStack() as stack:
        with anyio.move_on_after(limit) as scope:
            await stack.enter_async_context(manager)
        waited = time.monotonic() - started
        if scope.cancelled_caught:
            raise gave_up(waited, None)
        yield HeldLock(waited)


@asynccontextmanager
async def _session(
    adapter: DialectAdapter, connection: Connection, name: str, choice: LockChoice, observer: Observer
) -> AsyncIterator[HeldLock]:
    leases = LeaseTable(adapter, choice.schema)

    async def attempt() -> bool:
        if not await adapter.try_lock(connection, name):
            return False
        # A run that comes through a pooler knows nothing of the locks of sessions. Each of us takes its own kind first
        # and looks for the other's then, so that never both go on.
        if await leases.holder(connection, name) is None:
            return True
        await adapter.unlock(connection, name)
        return False

    try:
        waited = await poll(
            attempt,
            limit=choice.wait,
            holder=lambda: lock_holder(adapter, connection, name, choice.schema),
            observer=observer,
        )
    except DBAPIError:
        # Nobody knows whether it was got, and a pool would keep it.
        await adapter.give_up(connection)
        raise
    held = SessionLock(adapter, connection, name, waited)
    try:
        yield held
    finally:
        if not (is_gone(connection) or held.loss):
            with anyio.CancelScope(shield=True):
                await _unlock(adapter, connection, name)


async def _unlock(adapter: DialectAdapter, connection: Connection, name: str) -> None:
    """Give the lock of a session back; where that fails, the session ends, and the lock with it."""
    try:
        await adapter.roll_back(connection)
        if not is_gone(connection):
            await adapter.unlock(connection, name)
    except DBAPIError:
        await adapter.give_up(connection)


@asynccontextmanager
async def _lease(
    adapter: DialectAdapter, connection: Connection, name: str, choice: LockChoice, observer: Observer
) -> AsyncIterator[HeldLock]:
    leases = LeaseTable(adapter, choice.schema)
    lease = Lease(leases, name, choice.lease)

    async def attempt() -> bool:
        if not await lease.try_to_take(connection):
            return False
        if await adapter.lock_holder(connection, name) is None:
            return True
        await lease.give_back(connection)
        return False

    # What the run commits, it commits together with the row that is renewed beside it.
    async with adapter.shared_rows(connection):
        await leases.create(connection)
        stable = await adapter.unstable_session(connection) is None
        held = LeaseLock(adapter, connection, lease, seconds=choice.lease, stable=stable)
        async with held.given_back():
            held.waited = await poll(
                attempt,
                limit=choice.wait,
                holder=lambda: lock_holder(adapter, connection, name, choice.schema),
                observer=observer,
            )
            async with held.kept():
                yield held
