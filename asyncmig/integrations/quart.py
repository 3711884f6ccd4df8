"""Asyncmig: migrations when a Quart application starts."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from quart import Quart, Response, jsonify

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

__all__ = ["Asyncmig"]


class Asyncmig:
    """Sees to the database before a Quart application serves: `Asyncmig(app, engine)`.

    Requests that arrive while it works in the background are answered with 503. The environment variable
    `ASYNCMIG_ON_START` overrides *mode*.

    Args:
        app: the application; None where `init_app` gets it later.
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
        app: Quart | None = None,
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
        self._stack = AsyncExitStack()
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Quart) -> None:
        """Let *app* see to its database before it serves."""
        # Before what was registered already: the application's own functions may need the tables.
        app.before_serving_funcs.insert(0, self._begin)
        app.after_serving(self._end)
        paths = [self._health_path] if self._health_path else []
        gate: Any = Gate(app.asgi_app, self._start, let_through=paths)  # type: ignore[arg-type]
        app.asgi_app = gate  # type: ignore[method-assign]
        if self._health_path is not None:
            app.add_url_rule(self._health_path, "asyncmig_health", self._answer, methods=["GET"])
        app.extensions["asyncmig"] = self
        self._health = Health(self._start)

    @property
    def result(self) -> RunResult | None:
        """What was applied; None where nothing was to be, or not yet."""
        return self._start.result

    @property
    def is_ready(self) -> bool:
        """Whether what the mode asks for is done."""
        return self._start.state == "ready"

    async def _begin(self) -> None:
        await self._stack.enter_async_context(self._start.running())

    async def _end(self) -> None:
        await self._stack.aclose()

    async def _answer(self) -> tuple[Response, int, Mapping[str, str]]:
        status, document = await self._health.check()
        return jsonify(document), status, {"cache-control": "no-store"}
