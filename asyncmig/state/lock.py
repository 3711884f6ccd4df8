"""Lock: one run at a time on one database, waited for by polling, so that a waiter never hinders the holder."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
from sqlalchemy import Connection

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.errors import MigrationLockError
from asyncmig.events import LockWaiting, Observer

#: Seconds between two tries at first, and at most.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
#: Seconds between two events while waiting.
_REPORT_EVERY = 5.0


async def poll(
    attempt: Callable[[], Awaitable[bool]],
    *,
    limit: float,
    holder: Callable[[], Awaitable[str | None]],
    observer: Observer,
) -> float:
    """Try until *attempt* says True.

    Args:
        attempt: one try, which does not wait itself.
        limit: how long to go on, in seconds.
        holder: who is in the way, in words.
        observer: is told every five seconds.

    Returns:
        how long it took, in seconds.

    Raises:
        MigrationLockError: the limit is over.
    """
    started = time.monotonic()
    pause, reported = _FIRST_PAUSE, started
    while not await attempt():
        now = time.monotonic()
        if now - started >= limit:
            raise _gave_up(now - started, await holder())
        if now - reported >= _REPORT_EVERY:
            reported = now
            observer(LockWaiting(now - started, await holder()))
        # Jitter keeps many waiters from trying at the same moment again and again.
        await anyio.sleep(min(pause * random.uniform(0.5, 1.0), max(limit - (now - started), 0.001)))
        pause = min(pause * 1.5, _LONGEST_PAUSE)
    return time.monotonic() - started


def _gave_up(waited: float, holder: str | None) -> MigrationLockError:
    by = f" by {holder}" if holder else ""
    return MigrationLockError(
        f"The migration lock is held{by}; gave up after {waited:.1f} s.",
        waited=waited,
        holder=holder,
        hint='Wait for the other run, or allow more time: lock_wait = "30m" in the settings.',
    )


@asynccontextmanager
async def run_lock(
    adapter: DialectAdapter, connection: Connection, name: str, *, limit: float, observer: Observer
) -> AsyncIterator[float]:
    """Hold the session lock *name* for the length of the block.

    Databases whose transactions take the write lock at their beginning need none.

    Yields:
        how long it was waited for, in seconds.
    """
    if adapter.traits.lock != "session":
        yield 0.0
        return
    waited = await poll(
        lambda: adapter.try_lock(connection, name),
        limit=limit,
        holder=lambda: adapter.lock_holder(connection, name),
        observer=observer,
    )
    try:
        yield waited
    finally:
        if not (connection.closed or connection.invalidated):
            with anyio.CancelScope(shield=True):
                await adapter.unlock(connection, name)
