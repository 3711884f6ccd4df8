"""PostgreSQLConnections: how a run speaks to PostgreSQL: sending, sessions, locks, errors."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from typing import Any, ClassVar

import anyio
from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from asyncmig._drivers import begin_asyncpg, commit_asyncpg, has_driver_text, send_driver_text
from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.dialects import (
    postgresql_catalogue,
    postgresql_locks,
    postgresql_session,
    postgresql_text,
    postgresql_waiting,
)
from asyncmig.dialects.adapter import Blocker
from asyncmig.dialects.ansi import AnsiAdapter
from asyncmig.dialects.driver_errors import IS_MISSING_TABLE, sqlstate
from asyncmig.dialects.isolation import read_committed
from asyncmig.dialects.locking import LockInfo
from asyncmig.dialects.manners import ManneredEngine, ManneredView
from asyncmig.dialects.privileges import postgresql_grant
from asyncmig.dialects.sending import Answer, Change
from asyncmig.dialects.throwaway import Throwaway
from asyncmig.operations.base import TableName

#: Something on the way does not understand what the client says; it will not later either.
_PROTOCOL_VIOLATION = "08P01"
_STARTUP = re.compile(r"unsupported startup parameter: (\w+)")
_UNPREPARED = """\
A connection pooler (PgBouncer) gives each transaction another session, which does not know the prepared statements.
Give asyncmig the URL instead of the engine, or make the engine so:
    from uuid import uuid4
    create_async_engine(url, poolclass=NullPool, connect_args={
        "statement_cache_size": 0,
        "prepared_statement_cache_size": 0,
        "prepared_statement_name_func": lambda: f"__asyncpg_{uuid4()}__",
    })"""
_LEAVE_OUT = """\
A connection pooler (PgBouncer) refuses the parameter {0}. Leave it out of "server_settings" and set it for the role:
    ALTER ROLE … SET {0} = …;
or let the pooler overlook it, in pgbouncer.ini:
    ignore_startup_parameters = {0}"""


class PostgreSQLConnections(AnsiAdapter):
    """How a run speaks to PostgreSQL."""

    # -- connection -------------------------------------------------------------------------------------------------

    async def ask(self, connection: Connection, *texts: str) -> Answer:
        """Send finished texts by the simple protocol: one round trip for all, nothing is prepared.

        Inside a transaction of SQLAlchemy it runs in that transaction, otherwise in one of its own. Other drivers than
        asyncpg, and engines whose events want to see each cursor, get it by SQLAlchemy's own way.
        """
        if has_driver_text(connection):
            return await send_driver_text(connection, ";\n".join(texts))
        return await super().ask(connection, *texts)

    async def begin(self, connection: Connection, *texts: str) -> Answer:
        if texts and has_driver_text(connection):
            return await begin_asyncpg(connection, ";\n".join(texts))
        return await super().begin(connection, *texts)

    async def change(self, connection: Connection, changes: Sequence[Change]) -> Change | None:
        if not (changes and has_driver_text(connection) and _is_told(changes)):
            return await super().change(connection, changes)
        return await _changed(changes, send_driver_text(connection, _guarded(changes)))

    async def commit(self, connection: Connection, changes: Sequence[Change] = ()) -> Change | None:
        if not (changes and has_driver_text(connection) and _is_told(changes)):
            return await super().commit(connection, changes)
        return await _changed(changes, commit_asyncpg(connection, _guarded(changes)))

    def throwaway(self, connection: Connection, name: str) -> Throwaway:
        quoted = self.quote(name)
        # Whoever still looks at it is thrown out, as far as the server can do that.
        version: tuple[Any, ...] = connection.dialect.server_version_info or (0,)
        force = " WITH (FORCE)" if version >= (13,) else ""
        return Throwaway(
            connection.engine.url.set(database=name),
            f"CREATE DATABASE {quoted}",
            f"DROP DATABASE IF EXISTS {quoted}{force}",
        )

    def index_built_by(self, sql: str) -> str | None:
        return postgresql_text.index_built_by(sql)

    def catalogue_digest(
        self, connection: Connection, tables: frozenset[TableName], *, building: bool = False
    ) -> str | None:
        return postgresql_catalogue.digest(connection, tables, building=building)

    async def remove_unfinished_index(self, connection: Connection, name: str) -> None:
        # Behind a connection pooler only a transaction is sure to stay in one session.
        try:
            await self.send(connection, "BEGIN")
            unfinished = await greenlet_spawn(postgresql_catalogue.is_unfinished, connection, name)
            await self.send(connection, "COMMIT")
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self.roll_back(connection, text=True)
            raise
        if unfinished:
            await self.send(connection, f"DROP INDEX CONCURRENTLY {name}")

    async def open(self, connection: Connection) -> None:
        await super().open(connection)
        await greenlet_spawn(postgresql_session.prepare, connection)

    async def close(self, connection: Connection) -> None:
        await greenlet_spawn(postgresql_session.restore, connection)
        await super().close(connection)

    def script_connection(self, connection: Connection, in_autocommit: Callable[[], bool]) -> Connection:
        if connection.dialect.driver != "asyncpg":
            return connection
        if self._script_engine is None:
            # Brings another dialect along, which a project of async scripts can do without.
            from asyncmig.dialects.postgresql_manners import psycopg2_manners

            self._script_engine = ManneredEngine(connection.engine, {}, psycopg2_manners(connection.dialect))
        return ManneredView(connection, self._script_engine)

    #: What plain scripts see as the engine; made when the first of them runs.
    _script_engine: ManneredEngine | None = None

    async def interrupt(self, connection: Connection) -> None:
        pid = self._pid(connection)
        if pid is not None:
            await self.beside(connection, lambda second: postgresql_waiting.cancel(second, pid))

    def limit_texts(self, *, lock: float, statement: float | None) -> Sequence[str]:
        return [postgresql_waiting.limits(lock=lock, statement=statement)]

    async def blockers(self, connection: Connection) -> tuple[Blocker, ...]:
        pid = self._pid(connection)
        if pid is None:
            return ()
        return await self.beside(connection, lambda second: postgresql_waiting.blockers(second, pid)) or ()

    @staticmethod
    def _pid(connection: Connection) -> int | None:
        return postgresql_session.server_pid(connection) if has_driver_text(connection) else None

    # -- locks ------------------------------------------------------------------------------------------------------

    utc_now: ClassVar[str] = "(clock_timestamp() AT TIME ZONE 'UTC')"

    def utc_after(self, seconds: float) -> str:
        return f"({self.utc_now} + make_interval(secs => {seconds:f}))"

    async def unstable_session(self, connection: Connection) -> str | None:
        return postgresql_session.unstable_session(connection)

    @asynccontextmanager
    async def at_once(self, connection: Connection, *, stable: bool) -> AsyncIterator[None]:
        with nullcontext() if stable else postgresql_session.unprepared(connection):
            yield

    #: Transactions of our own outside of those of SQLAlchemy.
    begin_text: ClassVar[str] = "BEGIN ISOLATION LEVEL READ COMMITTED"

    @asynccontextmanager
    async def shared_rows(self, connection: Connection) -> AsyncIterator[None]:
        async with read_committed(connection):
            yield

    async def try_lock(self, connection: Connection, name: str) -> bool:
        return await greenlet_spawn(postgresql_locks.try_lock, connection, name)

    async def unlock(self, connection: Connection, name: str) -> None:
        await greenlet_spawn(postgresql_locks.unlock, connection, name)

    def lock_questions(self, connection: Connection, name: str, revision: str | None = None) -> Sequence[str]:
        return postgresql_locks.questions(connection, name, revision, self.literal)

    async def lock_holder(self, connection: Connection, name: str) -> LockInfo | None:
        return await greenlet_spawn(postgresql_locks.lock_holder, connection, name)

    # -- errors -----------------------------------------------------------------------------------------------------

    def is_missing_table(self, error: BaseException) -> bool:
        return IS_MISSING_TABLE[self.name](error)

    def is_unreachable(self, error: BaseException) -> bool:
        # Starting up, shutting down, crashed, connection lost while it was made; no connection is free.
        state = sqlstate(error) or ""
        if state == _PROTOCOL_VIOLATION:
            return False
        return state.startswith("08") or state in ("57P01", "57P02", "57P03", "53300")

    def advice(self, error: BaseException, url: URL) -> str | None:
        state = sqlstate(error)
        if state == "42501":
            return postgresql_grant(str(getattr(error, "orig", error)), url)
        if state in ("42P05", "26000"):
            return _UNPREPARED
        if state == _PROTOCOL_VIOLATION and (refused := _STARTUP.search(str(error))):
            return _LEAVE_OUT.format(refused[1])
        return None

    def is_read_only(self, error: BaseException) -> bool:
        return sqlstate(error) == "25006"

    def is_stopped(self, error: BaseException) -> bool:
        return sqlstate(error) == "57014"

    def is_locked(self, error: BaseException) -> bool:
        # lock_not_available: lock_timeout or NOWAIT; deadlock_detected: somebody had to give up
        return sqlstate(error) in ("55P03", "40P01")


#: The state of the error that stands for a row that is not there.
_DIVISION_BY_ZERO = "22012"


def _is_told(changes: Sequence[Change]) -> bool:
    """Whether an error tells which of *changes* did not find its row: at most one must."""
    return sum(one.row is not None for one in changes) <= 1


def _guarded(changes: Sequence[Change]) -> str:
    """The texts of *changes* as one, which fails where one does not find its row: what follows is not executed then."""
    return ";\n".join(one.text if one.row is None else _must_find_one(one.text) for one in changes)


def _must_find_one(text: str) -> str:
    return f"WITH changed AS ({text} RETURNING 1) SELECT 1 / CAST(count(*) = 1 AS integer) FROM changed"


async def _changed(changes: Sequence[Change], sent: Awaitable[int]) -> Change | None:
    try:
        await sent
    except DBAPIError as error:
        wrong = next((one for one in changes if one.row is not None), None)
        if wrong is None or sqlstate(error) != _DIVISION_BY_ZERO:
            raise
        return wrong
    return None
