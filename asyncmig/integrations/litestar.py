"""AsyncmigPlugin: migrations when a Litestar application starts."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from litestar import Litestar, asgi
from litestar.config.app import AppConfig
from litestar.plugins import InitPlugin

from asyncmig.config import Settings
from asyncmig.environment import Environment
from asyncmig.events import Observer, ignore
from asyncmig.integrations.gate import Gate
from asyncmig.integrations.health import Health
from asyncmig.integrations.start import Mode, Options, Start
from asyncmig.migrator.results import RunResult

if TYPE_CHECKING:
    from sqlalchemy import MetaData
    from sqlalchemy.engine import URL
    from sqlalchemy.ext.asyncio import AsyncEngine

__all__ = ["AsyncmigPlugin"]


class AsyncmigPlugin(InitPlugin):
    """Sees to the database before the application starts: `Litestar(plugins=[AsyncmigPlugin(engine)])`.

    Its lifespan comes before those of the application, and requests that arrive while it works in the background are
    answered with 503. The environment variable `ASYNCMIG_ON_START` overrides *mode*.

    Args:
        database: an engine, a URL, or None for what the settings or `env.py` say.
        script_location: the directory of `env.py` and the revisions, or `package:path`.
        mode: `auto` applies what is pending, and of several replicas one does it and the others wait; `wait` only
            waits; `require` refuses to start when something is pending; `off` does nothing; `background` is `auto`
            beside an application that has started already.
        health_path: where a health endpoint answers; None for none.
        target: what must be applied.
        timeout: seconds to wait for another replica; None takes `lock_wait` of the settings.
        connect_wait: seconds for which a server that cannot be reached is tried again.
        observer: is told of every event of a run.
        metadata, environment, settings, arguments: as those of `Migrator`.

    Raises:
        ConfigError: there is no such mode.
    """

    def __init__(
        self,
        database: AsyncEngine | URL | str | None = None,
        script_location: str | os.PathLike[str] | None = "migrations",
        *,
        mode: Mode = "auto",
        health_path: str | None = None,
        target: str = "heads",
        timeout: float | None = None,
        connect_wait: float = 0.0,
        observer: Observer = ignore,
        metadata: MetaData | Sequence[MetaData] | None = None,
        environment: Environment | None = None,
        settings: Settings | None = None,
        arguments: Mapping[str, str] | None = None,
    ) -> None:
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
        self._start = Start(options)
        self._health_path = health_path

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Put the lifespan, the gate and the health endpoint into the application."""
        app_config.lifespan = [self._lifespan, *app_config.lifespan]
        app_config.middleware = [self._gate, *app_config.middleware]
        if self._health_path is not None:
            # Excluded from the description of the API: it is for machines that run the application.
            endpoint: Any = asgi(self._health_path, is_mount=False, copy_scope=True)(_endpoint(Health(self._start)))
            app_config.route_handlers = [*app_config.route_handlers, endpoint]
        return app_config

    @property
    def result(self) -> RunResult | None:
        """What was applied; None where nothing was to be, or not yet."""
        return self._start.result

    @property
    def is_ready(self) -> bool:
        """Whether what the mode asks for is done."""
        return self._start.state == "ready"

    @asynccontextmanager
    async def _lifespan(self, app: Litestar) -> AsyncIterator[None]:
        async with self._start.running():
            yield

    def _gate(self, app: Any) -> Any:
        return Gate(app, self._start, let_through=[self._health_path] if self._health_path else [])


def _endpoint(health: Health) -> Any:
    async def migrations_health(scope: Any, receive: Any, send: Any) -> None:
        await health(scope, receive, send)

    return migrations_health
