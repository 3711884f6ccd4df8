"""Interruption: a signal cancels the work, which rolls back what it was doing."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

from asyncmig.cli.session import Interrupted

__all__ = ["interruptible"]

T = TypeVar("T")

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


async def interruptible(work: Callable[[], Awaitable[T]]) -> T:
    """Do *work* until it is done or a signal comes; the first one cancels it, the second one ends the process.

    Raises:
        Interrupted: a signal came, and the work has ended because of it.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None
    came = False

    def cancel() -> None:
        nonlocal came
        came = True
        _restore(loop)
        task.cancel()

    try:
        for number in _SIGNALS:
            loop.add_signal_handler(number, cancel)
    except NotImplementedError:
        # Windows has no such handlers; there Ctrl-C cancels the task by itself, and the runner says KeyboardInterrupt.
        return await work()
    try:
        return await work()
    except BaseException as error:
        # An error that the cancellation became on its way up is still the interruption.
        if came:
            raise Interrupted from error
        raise
    finally:
        _restore(loop)


def _restore(loop: asyncio.AbstractEventLoop) -> None:
    for number in _SIGNALS:
        loop.remove_signal_handler(number)
