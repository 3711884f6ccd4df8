"""Interruption: when a task is cancelled, its statement ends on the server too, and the connection lives on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import anyio

T = TypeVar("T")

#: Seconds that the work gets to end by itself once its statement was stopped on the server.
_GRACE = 0.5
#: How often it is stopped: the first time may come between two statements, of which the second is the long one.
_TRIES = 2


async def run_interruptibly(work: Coroutine[Any, Any, T], interrupt: Callable[[], Awaitable[None]]) -> T:
    """Await *work*; when this task is cancelled meanwhile, stop its statement first and its task only then.

    Cancelling a task in the middle of a statement makes the drivers throw the connection away, while the server goes on
    with the statement and keeps its locks. So the work runs in a child task, which never outlives this call, and the
    server is asked first: the statement ends with an error, and the connection can be rolled back as usual.

    Args:
        work: a coroutine that uses one connection.
        interrupt: makes the server give up the statement that runs on that connection.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if task.done() and not task.cancelled():
            raise
        with anyio.CancelScope(shield=True):
            for _ in range(_TRIES):
                await interrupt()
                await asyncio.wait([task], timeout=_GRACE)
                if task.done():
                    break
            task.cancel()
            # What the work says to being stopped is no news; that it was stopped is raised below.
            await asyncio.gather(task, return_exceptions=True)
        raise
