"""Running: does the async work of a command for a program that calls it like any other function."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

from sqlalchemy import Connection

from asyncmig._sqlalchemy import await_, in_greenlet
from asyncmig.compat.alembic.config import Config
from asyncmig.compat.alembic.errors import CommandError, command_errors
from asyncmig.compat.alembic.migrator import AlembicMigrator
from asyncmig.compat.alembic.opening import open_migrator

__all__ = ["check_connection", "run", "run_command"]

T = TypeVar("T")


def run_command(config: Config, work: Callable[[AlembicMigrator], Awaitable[T]], *, tag: str | None = None) -> T:
    """Do *work* with the migrator of a configuration, and wait for it.

    Args:
        config: the configuration.
        work: what to do.
        tag: free text for `env.py` and for scripts.

    Raises:
        CommandError: it failed, or a connection that was handed over belongs to an event loop that cannot be used here.
    """

    async def main() -> T:
        async with open_migrator(config, tag=tag) as migrator:
            return await work(migrator)

    with command_errors():
        _check_connections(config)
        return run(main)


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run *main* and wait for it, wherever this is called.

    Inside of `run_sync` of an async connection it runs on the loop of that connection, which may so be used. Where no
    loop runs it gets one of its own in this thread. Where one runs that cannot be waited for, because the caller has
    not awaited, it gets one in a thread of its own; the caller's stands still meanwhile, as for any other function.

    Args:
        main: makes the coroutine.
    """
    if in_greenlet():
        return await_(main())
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        # None runs here.
        return _run_here(main)
    with ThreadPoolExecutor(1, thread_name_prefix="asyncmig") as thread:
        return thread.submit(copy_context().run, _run_here, main).result()


def _run_here(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    # A factory of loops keeps the runner from setting the thread's own loop, which somebody else may still want.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(main())


def _check_connections(config: Config) -> None:
    for name, value in config.attributes.items():
        check_connection(f"config.attributes[{name!r}]", value)


def check_connection(name: str, value: Any) -> None:
    """Refuse a connection whose event loop is another one: to use it would fail in strange ways, or wait for ever.

    Args:
        name: what messages call it.
        value: a connection, or anything else, which is fine.

    Raises:
        CommandError: it is such a connection.
    """
    connection = getattr(value, "sync_connection", value)
    if not in_greenlet() and isinstance(connection, Connection) and connection.dialect.is_async:
        raise CommandError(
            f"{name} is a connection of the async driver {connection.dialect.driver}, "
            "which works only in the event loop that opened it, and nothing here can wait for that.",
            hint="Call it where it can be waited for:\n\n"
            "    def upgrade(sync_connection):\n"
            '        config.attributes["connection"] = sync_connection\n'
            '        command.upgrade(config, "head")\n\n'
            "    await connection.run_sync(upgrade)",
        )
