"""Connecting: the source of a run's connection: an engine, a URL, or a connection that somebody else has opened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.dialects.registry import async_url, missing_driver, unknown_dialect
from asyncmig.errors import ConfigError, DatabaseRefusedError, DatabaseUnavailableError


class ConnectionSource:
    """Where the connection of a run comes from.

    Args:
        target: an `AsyncEngine`, a URL (text or object), or an `AsyncConnection`, which stays the caller's.
    """

    def __init__(self, target: Any) -> None:
        self._given: Connection | None = None
        self._own = False
        if isinstance(target, str | URL):
            self.engine = _make_engine(async_url(target))
            self._own = True
        elif (connection := getattr(target, "sync_connection", None)) is not None:
            self._given = connection
            self.engine = connection.engine
        elif (engine := getattr(target, "sync_engine", None)) is not None and isinstance(engine, Engine):
            self.engine = engine
        else:
            raise ConfigError(
                f"A Migrator takes an AsyncEngine, a URL or an open AsyncConnection, not {type(target).__name__}.",
                hint='Migrator(create_async_engine("postgresql+asyncpg://…"), "migrations")',
            )

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's dialect."""
        return self.engine.dialect

    @property
    def url(self) -> str:
        """The URL with its password hidden."""
        return self.engine.url.render_as_string(hide_password=True)

    @property
    def is_external(self) -> bool:
        """Whether the connection is the caller's and has a transaction open, which the caller will end."""
        return self._given is not None and self._given.in_transaction()

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Connection]:
        """A connection for the length of the block.

        Raises:
            DatabaseUnavailableError: the database cannot be reached.
            ConfigError: the driver is not there, or does not understand the URL.
        """
        if self._given is not None:
            yield self._given
            return
        connection = await self._open()
        try:
            yield connection
        except DBAPIError as error:
            raise self._refused(error) from error
        finally:
            with anyio.CancelScope(shield=True):
                await greenlet_spawn(connection.close)

    async def _open(self) -> Connection:
        try:
            return await greenlet_spawn(self.engine.connect)
        except DBAPIError as error:
            raise self._unavailable(error.orig or error) from error
        except (OSError, TimeoutError) as error:
            raise self._unavailable(error) from error
        except ModuleNotFoundError as error:
            raise missing_driver(self.engine.url, error) from error
        except TypeError as error:
            if not self.engine.url.query:
                raise
            # SQLAlchemy hands what stands behind the question mark to the driver as it is.
            raise ConfigError(
                f"The driver of {self.url} does not take the URL's parameters: {error}",
                hint="Take the parameter out of the URL; an engine in env.py can give it as connect_args=.",
            ) from error

    def _unavailable(self, error: BaseException) -> DatabaseUnavailableError:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        password = self.engine.url.password
        if password:
            reason = reason.replace(str(password), "***")
        return DatabaseUnavailableError(url=self.url, reason=reason, hint="Is the server running, and the URL right?")

    def _refused(self, error: DBAPIError) -> DatabaseRefusedError:
        reason = (str(error.orig).strip() or type(error).__name__).splitlines()[0]
        return DatabaseRefusedError(url=self.url, reason=reason, hint=f"The statement was: {error.statement}")

    async def dispose(self) -> None:
        """Close what was opened here; a given engine or connection stays open."""
        if self._own:
            with anyio.CancelScope(shield=True):
                await greenlet_spawn(self.engine.dispose)


def _make_engine(url: URL) -> Engine:
    """An engine on an async driver, used through the bridge; `create_async_engine` would load the ORM."""
    options: dict[str, Any] = {}
    # An in-memory database lives as long as its one connection, which the default pool of SQLAlchemy keeps.
    if url.get_backend_name() != "sqlite" or url.database not in (None, "", ":memory:"):
        options["poolclass"] = NullPool
    try:
        return create_engine(url, **options)
    except NoSuchModuleError as error:
        raise unknown_dialect(url) from error
    except ModuleNotFoundError as error:
        raise missing_driver(url, error) from error
