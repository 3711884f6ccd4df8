"""Connecting: the source of a run's connection: an engine, a URL, or a connection that somebody else has opened."""

from __future__ import annotations

import random
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from asyncmig._drivers import is_out_of_step
from asyncmig._sqlalchemy import greenlet_spawn, put_options_back, spawn_to_the_end
from asyncmig.dialects.registry import async_url, connect_arguments, missing_driver, missing_file, unknown_dialect
from asyncmig.errors import ConfigError, DatabaseRefusedError, DatabaseUnavailableError
from asyncmig.events import DatabaseWaiting, Observer, ignore

#: Seconds between two attempts at first, and at most.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
#: Seconds between two events while waiting.
_REPORT_EVERY = 5.0
#: Seconds that an attempt gets at least, however little is left.
_SHORTEST_ATTEMPT = 1.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server that cannot be reached is tried again.

    Args:
        limit: seconds; 0 tries once.
        observer: is told while it waits.
    """

    limit: float = 0.0
    observer: Observer = ignore


NO_PATIENCE = Patience()


class ConnectionSource:
    """Where the connection of a run comes from.

    Args:
        target: an `AsyncEngine`, a URL (text or object), or an `AsyncConnection`, which stays the caller's; also a
            `Connection`, which is used inside the bridge, and blocks the event loop if its driver is a synchronous one.
        patience: how long a server that cannot be reached is tried again.
        is_unreachable: whether a driver's error says that the server is not there, or not ready yet.
        advice: what to do about a driver's error.
    """

    def __init__(
        self,
        target: Any,
        patience: Patience = NO_PATIENCE,
        is_unreachable: Callable[[BaseException], bool] = lambda error: False,
        advice: Callable[[BaseException, URL], str | None] = lambda error, url: None,
    ) -> None:
        self._advice = advice
        self._patience = patience
        self._is_unreachable = is_unreachable
        #: What the last attempt to connect met; None when it went well.
        self.failure: DatabaseUnavailableError | None = None
        self._given: Connection | None = None
        self._own = False
        if isinstance(target, str | URL):
            self.engine = _make_engine(*_place_of(target))
            self._own = True
        elif isinstance(connection := getattr(target, "sync_connection", target), Connection):
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
    def given(self) -> Connection | None:
        """The connection that is the caller's."""
        return self._given

    @property
    def is_external(self) -> bool:
        """Whether the connection is the caller's and has a transaction open, which the caller will end."""
        return self._given is not None and self._given.in_transaction()

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Connection]:
        """A connection for the length of the block.

        Raises:
            DatabaseUnavailableError: the database cannot be reached, or the connection was lost in the block.
            DatabaseRefusedError: the database refused a statement in the block.
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
            # A pool does not get a connection back whose closing is cut short.
            await spawn_to_the_end(_let_go, connection)

    @asynccontextmanager
    async def look(self) -> AsyncIterator[Connection]:
        """A connection to read with: to nothing at all, where the database is a file that connecting would make.

        Raises:
            the same as `connect`.
        """
        if not (self._own and missing_file(self.engine.url)):
            async with self.connect() as connection:
                yield connection
            return
        empty = ConnectionSource(URL.create(self.engine.url.drivername))
        try:
            async with empty.connect() as connection:
                yield connection
        finally:
            await empty.dispose()

    async def _open(self) -> Connection:
        started = reported = time.monotonic()
        pause = _FIRST_PAUSE
        while True:
            left = self._patience.limit - (time.monotonic() - started)
            try:
                connection = await self._attempt(max(left, _SHORTEST_ATTEMPT) if self._patience.limit else None)
            except (DBAPIError, OSError) as error:
                self.failure = self.unavailable(error)
                waited = time.monotonic() - started
                if waited >= self._patience.limit or not self._may_pass(error):
                    raise self.failure from error
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
            else:
                self.failure = None
                return connection
            if time.monotonic() - reported >= _REPORT_EVERY:
                reported = time.monotonic()
                self._patience.observer(DatabaseWaiting(waited, self.failure.reason))
            # Jitter keeps many replicas from knocking at the same moment.
            await anyio.sleep(min(pause * random.uniform(0.5, 1.0), self._patience.limit - waited))
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _attempt(self, limit: float | None) -> Connection:
        """One attempt to connect, for *limit* seconds at most."""
        if limit is None:
            return await greenlet_spawn(self.engine.connect)
        with anyio.fail_after(limit):
            return await greenlet_spawn(self.engine.connect)

    def _may_pass(self, error: BaseException) -> bool:
        """Whether the server may be there later: it did not answer, or said that it is not ready."""
        if isinstance(error, OSError):
            # A certificate that is not trusted will not be trusted later.
            return not isinstance(error, ssl.SSLError | PermissionError)
        return self._is_unreachable(error)

    def unavailable(self, cause: BaseException) -> DatabaseUnavailableError:
        """The error that says why no connection could be opened.

        Args:
            cause: what the driver says.
        """
        error = getattr(cause, "orig", None) or cause
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        password = self.engine.url.password
        if password:
            reason = reason.replace(str(password), "***")
        hint = self._advice(cause, self.engine.url) or "Is the server running, and the URL right?"
        return DatabaseUnavailableError(url=self.url, reason=reason, hint=hint)

    def _refused(self, error: DBAPIError) -> DatabaseRefusedError | DatabaseUnavailableError:
        reason = (str(error.orig).strip() or type(error).__name__).splitlines()[0]
        if error.connection_invalidated:
            hint = "Run it again: what was committed stays, and is not done twice."
            return DatabaseUnavailableError(url=self.url, reason=reason, hint=hint, lost=True)
        hint = self._advice(error, self.engine.url) or f"The statement was: {error.statement}"
        return DatabaseRefusedError(url=self.url, reason=reason, hint=hint)

    async def dispose(self) -> None:
        """Close what was opened here; a given engine or connection stays open."""
        if self._own:
            with anyio.CancelScope(shield=True):
                await greenlet_spawn(self.engine.dispose)


def _let_go(connection: Connection) -> None:
    """Close; whatever counts is committed or rolled back by then, so a server that has gone away spoils nothing."""
    try:
        _put_in_order(connection)
        connection.close()
    except (DBAPIError, connection.dialect.loaded_dbapi.Error):
        if not connection.closed:
            connection.invalidate()
            connection.close()


def _put_in_order(connection: Connection) -> None:
    """Make a connection such as a pool may hand on."""
    if connection.closed or connection.invalidated:
        return
    if connection.in_transaction():
        connection.rollback()
    if is_out_of_step(connection):
        connection.invalidate()
    else:
        put_options_back(connection)


def _place_of(target: str | URL) -> tuple[URL, dict[str, Any]]:
    """The URL with an async driver, and what that driver is told besides."""
    url = async_url(target)
    if not url.query:
        return url, connect_arguments(url)
    # Imported here because most URLs say nothing in the words of another driver.
    from asyncmig.dialects.driver_arguments import async_arguments

    return async_arguments(target, {})


def _make_engine(url: URL, arguments: dict[str, Any]) -> Engine:
    """An engine on an async driver, used through the bridge; `create_async_engine` would load the ORM."""
    options: dict[str, Any] = {}
    # An in-memory database lives as long as its one connection, which the default pool of SQLAlchemy keeps.
    if url.get_backend_name() != "sqlite" or url.database not in (None, "", ":memory:"):
        options["poolclass"] = NullPool
    try:
        return create_engine(url, connect_args=arguments, **options)
    except NoSuchModuleError as error:
        raise unknown_dialect(url) from error
    except ModuleNotFoundError as error:
        raise missing_driver(url, error) from error
