"""Health: an ASGI application that says as JSON whether the database is up to date."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import anyio
from sqlalchemy.exc import SQLAlchemyError

from asyncmig.config import Settings
from asyncmig.environment import Environment
from asyncmig.errors import AsyncmigError, DatabaseRefusedError, DatabaseUnavailableError
from asyncmig.integrations.gate import Receive, Scope, Send, answer
from asyncmig.integrations.start import Options, Start
from asyncmig.migrator.migrator import Migrator
from asyncmig.migrator.results import Status

if TYPE_CHECKING:
    import os

    from sqlalchemy import MetaData
    from sqlalchemy.engine import URL
    from sqlalchemy.ext.asyncio import AsyncEngine

    from asyncmig.compat.alembic.migrator import AlembicMigrator
    from asyncmig.dialects.locking import LockInfo

__all__ = ["Health", "health"]

#: Seconds that a look at the database may take.
_LONGEST_LOOK = 5.0


def health(
    database: AsyncEngine | URL | str | None = None,
    script_location: str | os.PathLike[str] | None = "migrations",
    *,
    target: str = "heads",
    cache: float = 1.0,
    metadata: MetaData | Sequence[MetaData] | None = None,
    environment: Environment | None = None,
    settings: Settings | None = None,
) -> Health:
    """An ASGI application that says whether the database is up to date: 200, or 503.

    Args:
        database: an engine, a URL, or None for what the settings or `env.py` say.
        script_location: the directory of `env.py` and the revisions, or `package:path`.
        target: what must be applied.
        cache: seconds for which an answer is good, however many ask.
        metadata, environment, settings: as those of `Migrator`.
    """
    options = Options(
        database, script_location, target=target, metadata=metadata, environment=environment, settings=settings
    )
    return Health(Start(options), cache=cache)


class Health:
    """Says as JSON whether the database is up to date.

    Args:
        start: what the application did when it started.
        cache: seconds for which an answer is good, however many ask.
    """

    def __init__(self, start: Start, *, cache: float = 1.0) -> None:
        self._start = start
        self._cache = cache
        self._looking = asyncio.Lock()
        self._migrator: Migrator | AlembicMigrator | None = None
        self._answer: tuple[int, Mapping[str, Any]] = (503, {})
        self._until = float("-inf")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
        elif scope["method"] not in ("GET", "HEAD"):
            await answer(send, 405, {"detail": "Method Not Allowed"}, {"allow": "GET, HEAD"})
        else:
            status, document = await self.check()
            await answer(send, status, None if scope["method"] == "HEAD" else document, {})

    async def check(self) -> tuple[int, Mapping[str, Any]]:
        """The status of HTTP and the document."""
        async with self._looking:
            if time.monotonic() >= self._until:
                self._answer = await self._look()
                self._until = time.monotonic() + self._cache
            return self._answer

    async def _look(self) -> tuple[int, Mapping[str, Any]]:
        try:
            with anyio.fail_after(_LONGEST_LOOK):
                if self._migrator is None:
                    self._migrator = self._start.options.migrator(patient=False)
                status = await self._migrator.status(self._start.options.target)
                holder = await self._migrator.lock_holder()
        except TimeoutError:
            return 503, {"status": "unknown", "error": f"The database did not answer within {_LONGEST_LOOK:g} s."}
        except AsyncmigError as error:
            return 503, {"status": "unknown", "error": _words(error)}
        except SQLAlchemyError as error:
            # Such as a pool that has no connection left; its text may quote more than anybody should read.
            return 503, {"status": "unknown", "error": type(error).__name__}
        good = status.is_up_to_date and self._start.state in ("ready", "waiting")
        return 200 if good else 503, self._document(status, holder)

    def _document(self, status: Status, holder: LockInfo | None) -> Mapping[str, Any]:
        error = self._start.error
        word = "up to date" if status.is_up_to_date else "not up to date"
        if self._start.state in ("working", "failed"):
            word = self._start.state
        return {
            "status": word,
            "current": [*(info.id for info in status.current), *status.unknown],
            "heads": [info.id for info in status.heads],
            "pending": list(status.pending),
            "unknown": list(status.unknown),
            "ahead": status.ahead,
            "unfinished": [
                {"revision": one.revision, "direction": one.direction, "running": one.running}
                for one in status.unfinished
            ],
            "lock_holder": None if holder is None else str(holder),
            "error": None if error is None else _words(error),
        }


def _words(error: Exception) -> str:
    """What went wrong, without the URL of the database."""
    if isinstance(error, DatabaseUnavailableError):
        return f"The database cannot be reached: {error.reason}"
    if isinstance(error, DatabaseRefusedError):
        return f"The database refused: {error.reason}"
    return error.message if isinstance(error, AsyncmigError) else type(error).__name__


async def _live(receive: Receive, send: Send) -> None:
    """The lifespan of an application that has nothing to begin or to end."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
