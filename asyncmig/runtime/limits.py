"""Limits: how long a statement may wait for locks and run, and how often a revision is tried again after that."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What the statements of a revision may take.

    Args:
        lock_timeout: seconds that a statement may wait for locks that others hold; 0 waits without end.
        statement_timeout: seconds that a statement may run; None leaves the server's own setting.
    """

    lock_timeout: float = 3.0
    statement_timeout: float | None = None


#: The longest pause between two attempts at first, and at most, in seconds.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 1.5


class LockRetry:
    """When to try a revision again that could not get its locks.

    Everything is rolled back before a pause, so that nothing is held while waiting. Every attempt has the timeout;
    there is never a last one without.

    Args:
        wall_limit: seconds after which no new attempt is made.
        stall_budget: seconds that all attempts together may spend in the queue for locks, where they hold up others.
        clock: what tells the time.
    """

    def __init__(self, *, wall_limit: float, stall_budget: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + wall_limit
        self._budget = stall_budget
        self._pause = _FIRST_PAUSE
        self.attempts = 0

    def next_pause(self, stalled: float) -> float | None:
        """How long to wait before the next attempt, in seconds; None when there is to be none.

        Args:
            stalled: how long the attempt that failed has waited for locks, in seconds.
        """
        self.attempts += 1
        self._budget -= stalled
        pause = random.uniform(0, self._pause)
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        if self._budget <= 0 or self._clock() + pause >= self._end:
            return None
        return pause
