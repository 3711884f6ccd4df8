"""Polling: trying again and again, so that a waiter never hinders whoever it waits for."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable

import anyio

from asyncmig.errors import MigrationLockError
from asyncmig.events import LockWaiting, Observer

#: Seconds between two tries at first, and at most.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
#: Seconds between two events while waiting.
REPORT_EVERY = 5.0


async def poll(
    attempt: Callable[[], Awaitable[bool]],
    *,
    limit: float,
    holder: Callable[[], Awaitable[object]],
    observer: Observer,
) -> float:
    """Try until *attempt* says True.

    Args:
        attempt: one try, which does not wait itself.
        limit: how long to go on, in seconds.
        holder: who is in the way; what it gives is a line for people, or None.
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
            raise gave_up(now - started, _in_words(await holder()))
        if now - reported >= REPORT_EVERY:
            reported = now
            observer(LockWaiting(now - started, _in_words(await holder())))
        # Jitter keeps many waiters from trying at the same moment again and again.
        await anyio.sleep(min(pause * random.uniform(0.5, 1.0), max(limit - (now - started), 0.001)))
        pause = min(pause * 1.5, _LONGEST_PAUSE)
    return time.monotonic() - started


def gave_up(waited: float, holder: str | None) -> MigrationLockError:
    """The error of somebody who has waited long enough."""
    by = f" by {holder}" if holder else ""
    return MigrationLockError(
        f"The migration lock is held{by}; gave up after {waited:.1f} s.",
        waited=waited,
        holder=holder,
        hint='Wait for the other run, or allow more time: lock_wait = "30m" in the settings.',
    )


def _in_words(holder: object) -> str | None:
    return None if holder is None else str(holder)
