"""Environment modules: what an `env.py` of Alembic finds when it imports alembic, sqlalchemy, asyncio and logging."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

from asyncmig._sqlalchemy import await_, in_greenlet
from asyncmig.compat.alembic.engines import Engines

__all__ = ["ModuleView", "environment_modules"]


class ModuleView:
    """A module with some of its names replaced; the rest are those of the module.

    Args:
        name: the module, imported when it is first asked for something.
        names: what stands in place of the module's own.
    """

    def __init__(self, name: str, **names: Any) -> None:
        self.__name__ = name
        self.__dict__.update(names)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        module: ModuleType = import_module(self.__name__)
        return getattr(module, name)


def environment_modules(engines: Engines, file_config: Callable[..., Any] | None) -> Mapping[str, Any]:
    """The modules that an `env.py` gets in place of those it names, except Alembic's own.

    Args:
        engines: makes the engines.
        file_config: what stands for `logging.config.fileConfig`; None leaves logging alone.
    """
    sync = {"create_engine": engines.create_engine, "engine_from_config": engines.engine_from_config}
    asynchronous = {
        "create_async_engine": engines.create_async_engine,
        "async_engine_from_config": engines.async_engine_from_config,
    }
    ext_asyncio_engine = ModuleView("sqlalchemy.ext.asyncio.engine", **asynchronous)
    ext_asyncio = ModuleView("sqlalchemy.ext.asyncio", engine=ext_asyncio_engine, **asynchronous)
    ext = ModuleView("sqlalchemy.ext", asyncio=ext_asyncio)
    create = ModuleView("sqlalchemy.engine.create", **sync)
    engine = ModuleView("sqlalchemy.engine", create=create, **sync)
    config = ModuleView("logging.config", fileConfig=file_config or _no_logging)
    loop = _Loop()
    return {
        "sqlalchemy": ModuleView("sqlalchemy", engine=engine, ext=ext, **sync),
        "sqlalchemy.engine": engine,
        "sqlalchemy.engine.create": create,
        "sqlalchemy.ext": ext,
        "sqlalchemy.ext.asyncio": ext_asyncio,
        "sqlalchemy.ext.asyncio.engine": ext_asyncio_engine,
        "asyncio": ModuleView(
            "asyncio",
            run=_run,
            Runner=_Runner,
            get_event_loop=lambda: loop if in_greenlet() else asyncio.get_running_loop(),
            get_running_loop=_running_loop,
            new_event_loop=lambda: loop,
            set_event_loop=_keep_loop,
        ),
        "logging": ModuleView("logging", config=config),
        "logging.config": config,
    }


def _run(main: Awaitable[Any], *, debug: bool | None = None, loop_factory: Any = None) -> Any:
    """`asyncio.run` inside the loop that runs already."""
    return await_(main)


def _running_loop() -> asyncio.AbstractEventLoop:
    """For plain code no loop runs: `env.py` asks to find out whether it must call `asyncio.run`, and shall."""
    if in_greenlet():
        raise RuntimeError("no running event loop")
    return asyncio.get_running_loop()


def _keep_loop(loop: Any) -> None:
    """`asyncio.set_event_loop`: the loop that runs stays."""


class _Loop:
    """A loop for plain code, which waits in the loop that runs already."""

    def run_until_complete(self, future: Awaitable[Any]) -> Any:
        """Wait for *future*."""
        return await_(future)

    def is_running(self) -> bool:
        """Whether plain code would have to do without `run_until_complete`."""
        return False

    def is_closed(self) -> bool:
        """A loop that runs is not closed."""
        return False

    def close(self) -> None:
        """The loop that runs stays open."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio.get_running_loop(), name)


class _Runner:
    """`asyncio.Runner` inside the loop that runs already."""

    def __init__(self, *, debug: bool | None = None, loop_factory: Any = None) -> None:
        self._loop = _Loop()

    def __enter__(self) -> _Runner:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def run(self, coroutine: Awaitable[Any], *, context: contextvars.Context | None = None) -> Any:
        """Wait for *coroutine*."""
        return await_(coroutine)

    def get_loop(self) -> Any:
        """The loop."""
        return self._loop

    def close(self) -> None:
        """The loop that runs stays open."""


def _no_logging(*arguments: Any, **options: Any) -> None:
    """In library use logging is left alone."""
