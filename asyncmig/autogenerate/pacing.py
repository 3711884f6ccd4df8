"""Pace: long work in slices, between which the event loop may turn to others."""

from __future__ import annotations

from time import perf_counter

from anyio.lowlevel import checkpoint

#: Seconds of work after which others get their turn.
SLICE = 0.01


class Pace:
    """Long work in slices: awaited between two pieces of it, it lets others have the loop when it is time."""

    def __init__(self) -> None:
        self._until = perf_counter() + SLICE

    async def __call__(self) -> None:
        """Let others have their turn, where this work has had its own."""
        if perf_counter() >= self._until:
            await checkpoint()
            self._until = perf_counter() + SLICE
