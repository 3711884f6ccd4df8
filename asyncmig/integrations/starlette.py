"""Lifespan: migrations when a Starlette or FastAPI application starts."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from inspect import isasyncgenfunction
from typing import TYPE_CHECKING, Any, TypeAlias

from asyncmig.config import Settings
from asyncmig.environment import Environment
from asyncmig.events import Observer, ignore
from asyncmig.integrations.gate import ASGIApp, Gate
from asyncmig.integrations.health import Health
from asyncmig.integrations.start import Mode, Options, Start
from asyncmig.migrator.results import RunResult

if TYPE_CHECKING:
    from sqlalchemy import MetaData
    from sqlalchemy.engine import URL
    from sqlalchemy.ext.asyncio import AsyncEngine

__all__ = ["Migrations", "migrations"]

#: A lifespan as Starlette takes it; what it yields becomes the state of the requests.
Lifespan: TypeAlias = Callable[[Any], AbstractAsyncContextManager[Mapping[str, Any] | None]]


def migrations(
    database: AsyncEngine | URL | str | None = None,
    script_location: str | os.PathLike[str] | None = "migrations",
    *,
    mode: Mode = "auto",
    lifespan: Callable[[Any], Any] | None = None,
    target: str = "heads",
    timeout: float | None = None,
    connect_wait: float = 0.0,
    observer: Observer = ignore,
    metadata: MetaData | Sequence[MetaData] | None = None,
    environment: Environment | None = None,
    settings: Settings | None = None,
    arguments: Mapping[str, str] | None = None,
) -> Migrations:
    """A lifespan that sees to the database before the application starts: `FastAPI(lifespan=migrations(engine))`.

    The environment variable `ASYNCMIG_ON_START` overrides *mode*.

    Args:
        database: an engine, a URL, or None for what the settings or `env.py` say.
        script_location: the directory of `env.py` and the revisions, or `package:path`.
        mode: `auto` applies what is pending, and of several replicas one does it and the others wait; `wait` only
            waits; `require` refuses to start when something is pending; `off` does nothing; `background` is `auto`
            beside an application that has started already, and needs the middleware.
        lifespan: the application's own, which comes after ours and whose state is passed on.
        target: what must be applied.
        timeout: seconds to wait for another replica; None takes `lock_wait` of the settings.
        connect_wait: seconds for which a server that cannot be reached is tried again.
        observer: is told of every event of a run.
        metadata, environment, settings, arguments: as those of `Migrator`.

    Raises:
        ConfigError: there is no such mode.
    """
    options = Options(
        database,
        script_location,
        mode,
        target=target,
        timeout=timeout,
        connect_wait=connect_wait,
        observer=observer,
        metadata=metadata,
        environment=environment,
        settings=settings,
        arguments=dict(arguments or {}),
    )
    return Migrations(Start(options), lifespan)


class Migrations:
    """A lifespan, with a middleware and a health endpoint that know how far it has come.

    Args:
        start: what is to be done.
        lifespan: the application's own.
    """

    def __init__(self, start: Start, lifespan: Callable[[Any], Any] | None) -> None:
        self._start = start
        if lifespan is not None and isasyncgenfunction(lifespan):
            lifespan = asynccontextmanager(lifespan)
        self._lifespan: Lifespan | None = lifespan

    @asynccontextmanager
    async def __call__(self, app: Any) -> AsyncIterator[Mapping[str, Any] | None]:
        """The lifespan: ours, and inside of it the application's own."""
        async with self._start.running():
            if self._lifespan is None:
                yield None
            else:
                async with self._lifespan(app) as state:
                    yield state

    @property
    def result(self) -> RunResult | None:
        """What was applied; None where nothing was to be, or not yet."""
        return self._start.result

    @property
    def error(self) -> Exception | None:
        """Why it failed, where it ran in the background."""
        return self._start.error

    @property
    def is_ready(self) -> bool:
        """Whether what the mode asks for is done."""
        return self._start.state == "ready"

    def middleware(self, app: ASGIApp, *, let_through: Collection[str] = (), retry_after: int = 5) -> ASGIApp:
        """*app* behind a gate that answers 503 with Retry-After until the database is migrated.

        Args:
            app: the application behind it; `app.add_middleware(start.middleware)` gives it.
            let_through: paths that are let through always, such as that of the health endpoint.
            retry_after: seconds after which a client is asked to try again.
        """
        return Gate(app, self._start, let_through=let_through, retry_after=retry_after)

    def health(self, *, cache: float = 1.0) -> Health:
        """An ASGI application that says whether the database is up to date, to be mounted.

        Args:
            cache: seconds for which an answer is good, however many ask.
        """
        return Health(self._start, cache=cache)
