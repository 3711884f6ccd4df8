"""Async work is waited for wherever a program calls it."""

import asyncio
import threading
from contextvars import ContextVar
from typing import Any

import pytest

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.compat.alembic.running import check_connection, run

WHO: ContextVar[str] = ContextVar("who", default="nobody")


async def place() -> tuple[Any, Any, str]:
    await asyncio.sleep(0)
    return asyncio.get_running_loop(), threading.current_thread(), WHO.get()


async def fail() -> None:
    await asyncio.sleep(0)
    raise LookupError("no")


def test_without_a_loop_it_runs_in_this_thread() -> None:
    loop, thread, _ = run(place)

    assert thread is threading.current_thread()
    assert loop.is_closed()
    with pytest.raises(LookupError, match="no"):
        run(fail)


async def test_beside_a_loop_it_runs_in_a_thread_of_its_own_with_the_same_context() -> None:
    token = WHO.set("me")
    loop, thread, who = run(place)
    WHO.reset(token)

    assert loop is not asyncio.get_running_loop() and loop.is_closed()
    assert thread is not threading.current_thread() and not thread.is_alive()
    assert who == "me"
    with pytest.raises(LookupError, match="no"):
        run(fail)


async def test_in_the_bridge_it_runs_in_the_loop() -> None:
    loop, thread, _ = await greenlet_spawn(run, place)

    assert loop is asyncio.get_running_loop()
    assert thread is threading.current_thread()
    with pytest.raises(LookupError, match="no"):
        await greenlet_spawn(run, fail)


async def test_cancellation_reaches_the_work_in_the_loop() -> None:
    started = asyncio.Event()
    ended: list[str] = []

    async def work() -> None:
        started.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("cleanly")

    task = asyncio.ensure_future(greenlet_spawn(run, work))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert ended == ["cleanly"]


def test_what_is_no_connection_is_fine() -> None:
    for value in (None, "text", object(), 3):
        check_connection("x", value)
