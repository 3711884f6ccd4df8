"""Script runner: runs one direction of one script in one session, async or plain."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any, Literal

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.runtime.directives import Operations
from asyncmig.runtime.session import Session, current_session
from asyncmig.scripts.script import Script

#: Seconds for which a plain script may hold the event loop before that is worth a word.
LONG_BLOCK = 1.0


async def run_script(
    script: Script,
    direction: Literal["upgrade", "downgrade"],
    session: Session,
    *,
    on_block: Callable[[float], None] | None = None,
) -> None:
    """Run one script in one session.

    Args:
        script: the loaded script.
        direction: which of its functions.
        session: where its operations go.
        on_block: told, in seconds, when a plain script held the event loop for longer than `LONG_BLOCK`.

    Raises:
        UnawaitedOperationError: a directive of an async script was not awaited.
    """
    function: Callable[..., Any] = script.function(direction)
    with current_session(session), script.importable():
        if inspect.iscoroutinefunction(function):
            await function(Operations(session))
        else:
            session.run_plainly()
            watch = _LoopWatch(on_block)
            try:
                await greenlet_spawn(function)
            finally:
                watch.stop()
    session.ledger.require_settled()


class _LoopWatch:
    """Notices when the event loop could not run for a while: a timer that comes late was held up."""

    def __init__(self, report: Callable[[float], None] | None) -> None:
        self._report = report
        self._loop = asyncio.get_running_loop()
        self._arm()

    def _arm(self) -> None:
        self._due = self._loop.time() + LONG_BLOCK / 4
        self._timer = self._loop.call_at(self._due, self._tick)

    def _tick(self) -> None:
        self._look()
        self._arm()

    def _look(self) -> None:
        late = self._loop.time() - self._due
        if late > LONG_BLOCK and self._report is not None:
            self._report(late)

    def stop(self) -> None:
        """Look for the last time."""
        self._timer.cancel()
        self._look()
