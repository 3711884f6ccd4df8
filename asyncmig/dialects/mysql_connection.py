"""MySQLConnections: how a run speaks to MySQL and MariaDB: sending, sessions, limits, locks, errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import ClassVar, TypeVar

from sqlalchemy import Connection
from sqlalchemy.dialects.mysql import DATETIME
from sqlalchemy.engine import URL
from sqlalchemy.types import TypeEngine

from asyncmig._drivers import driver_connection, fetch_aiomysql_text, has_driver_text, send_aiomysql_texts
from asyncmig._sqlalchemy import end_committed, greenlet_spawn
from asyncmig.dialects import mysql_catalogue, mysql_locks, mysql_waiting
from asyncmig.dialects.adapter import Blocker
from asyncmig.dialects.ansi import AnsiAdapter
from asyncmig.dialects.driver_errors import IS_MISSING_TABLE, errno
from asyncmig.dialects.isolation import no_snapshots
from asyncmig.dialects.locking import LockInfo
from asyncmig.dialects.manners import ManneredEngine, ManneredView
from asyncmig.dialects.mysql_catalogue import NO_SUCH_TABLE
from asyncmig.dialects.privileges import mysql_grant
from asyncmig.dialects.sending import Answer, Change, count_of
from asyncmig.dialects.throwaway import Throwaway
from asyncmig.operations.base import TableName

T = TypeVar("T")


class MySQLConnections(AnsiAdapter):
    """How a run speaks to MySQL and MariaDB."""

    #: What the session's limits were before the run, and what they are now.
    _own_limits: mysql_waiting.SessionLimits | None = None
    _limits: mysql_waiting.SessionLimits | None = None

    # -- connection -------------------------------------------------------------------------------------------------

    async def ask(self, connection: Connection, *texts: str) -> Answer:
        """Send finished texts by aiomysql itself, where a transaction is open; SQLAlchemy's way begins one first."""
        if not (connection.in_transaction() and has_driver_text(connection, "aiomysql")):
            return await super().ask(connection, *texts)
        answers = await send_aiomysql_texts(connection, texts)
        return answers[-1]

    async def change(self, connection: Connection, changes: Sequence[Change]) -> Change | None:
        if not (changes and connection.in_transaction() and has_driver_text(connection, "aiomysql")):
            return await super().change(connection, changes)
        answers = await send_aiomysql_texts(connection, [one.text for one in changes])
        found = zip(changes, map(count_of, answers), strict=True)
        return next((one for one, count in found if one.row is not None and count != 1), None)

    async def commit(self, connection: Connection, changes: Sequence[Change] = ()) -> Change | None:
        if not (connection.in_transaction() and has_driver_text(connection, "aiomysql")):
            return await super().commit(connection, changes)
        wrong = await self.change(connection, changes)
        if wrong is None:
            await send_aiomysql_texts(connection, ["COMMIT"])
            end_committed(connection)
        return wrong

    def throwaway(self, connection: Connection, name: str) -> Throwaway:
        quoted = self.quote(name)
        # What a table says nothing about, it takes from its database.
        row = connection.exec_driver_sql("SELECT @@character_set_database, @@collation_database").one()
        return Throwaway(
            connection.engine.url.set(database=name),
            f"CREATE DATABASE {quoted} CHARACTER SET {row[0]} COLLATE {row[1]}",
            f"DROP DATABASE IF EXISTS {quoted}",
        )

    def catalogue_digest(
        self, connection: Connection, tables: frozenset[TableName], *, building: bool = False
    ) -> str | None:
        return mysql_catalogue.digest(connection, [self.table_name(name, schema) for name, schema in tables])

    async def digest(
        self, connection: Connection, tables: frozenset[TableName], *, building: bool = False
    ) -> str | None:
        if not (tables and connection.in_transaction() and has_driver_text(connection, "aiomysql")):
            return await super().digest(connection, tables, building=building)
        found: list[str] = []
        for name in sorted(self.table_name(name, schema) for name, schema in tables):
            rows = await fetch_aiomysql_text(connection, mysql_catalogue.question(name), missing=NO_SUCH_TABLE)
            found.append(mysql_catalogue.definition(name, rows))
        return mysql_catalogue.digest_of(found)

    def script_connection(self, connection: Connection, in_autocommit: Callable[[], bool]) -> Connection:
        if connection.dialect.driver != "aiomysql":
            return connection
        if self._script_engine is None:
            # Needs the driver, which is there by now, but not wherever statements are only planned.
            from asyncmig.dialects.mysql_manners import pymysql_manners

            self._script_engine = ManneredEngine(connection.engine, {}, pymysql_manners(connection.dialect))
        return ManneredView(connection, self._script_engine)

    #: What plain scripts see as the engine; made when the first of them runs.
    _script_engine: ManneredEngine | None = None

    async def interrupt(self, connection: Connection) -> None:
        if has_driver_text(connection, "aiomysql"):
            number = driver_connection(connection).thread_id()
            await self.beside(connection, lambda second: mysql_waiting.cancel(second, number))

    async def open(self, connection: Connection) -> None:
        await super().open(connection)
        self._own_limits = self._limits = await greenlet_spawn(mysql_waiting.limits, connection)

    async def close(self, connection: Connection) -> None:
        await self.send(connection, *self._limit_to(self._own_limits))
        await super().close(connection)

    def limit_texts(self, *, lock: float, statement: float | None) -> Sequence[str]:
        return self._limit_to(self._own_limits and self._own_limits.with_ours(lock, statement))

    def _limit_to(self, limits: mysql_waiting.SessionLimits | None) -> Sequence[str]:
        # They belong to the session, not to a transaction, so they are sent only when they change.
        if limits is None or limits == self._limits:
            return ()
        self._limits = limits
        return [limits.statement_text()]

    async def blockers(self, connection: Connection) -> tuple[Blocker, ...]:
        if not has_driver_text(connection, "aiomysql"):
            return ()
        number = driver_connection(connection).thread_id()
        return await self.beside(connection, lambda second: mysql_waiting.blockers(second, number)) or ()

    # -- locks ------------------------------------------------------------------------------------------------------

    utc_now: ClassVar[str] = "UTC_TIMESTAMP(6)"
    precise_time: ClassVar[TypeEngine[datetime]] = DATETIME(fsp=6)

    def utc_after(self, seconds: float) -> str:
        return f"TIMESTAMPADD(MICROSECOND, {round(seconds * 1e6)}, {self.utc_now})"

    async def unstable_session(self, connection: Connection) -> str | None:
        return await greenlet_spawn(mysql_locks.unstable_session, connection)

    @asynccontextmanager
    async def shared_rows(self, connection: Connection) -> AsyncIterator[None]:
        async with no_snapshots(connection):
            yield

    async def try_lock(self, connection: Connection, name: str) -> bool:
        return await greenlet_spawn(_at_once, connection, mysql_locks.try_lock, name)

    async def unlock(self, connection: Connection, name: str) -> None:
        await greenlet_spawn(_at_once, connection, mysql_locks.unlock, name)

    def lock_questions(self, connection: Connection, name: str, revision: str | None = None) -> Sequence[str]:
        return mysql_locks.questions(connection, name, self.literal)

    async def lock_holder(self, connection: Connection, name: str) -> LockInfo | None:
        return await greenlet_spawn(_at_once, connection, mysql_locks.lock_holder, name)

    # -- errors -----------------------------------------------------------------------------------------------------

    def is_missing_table(self, error: BaseException) -> bool:
        return IS_MISSING_TABLE["mysql"](error)

    def is_unreachable(self, error: BaseException) -> bool:
        # No socket, no host, no such name, gone, lost; no connection is free; shutting down.
        return errno(error) in (2002, 2003, 2005, 2006, 2013, 1040, 1053)

    def advice(self, error: BaseException, url: URL) -> str | None:
        # Denied: this database, a statement on a table, a column.
        if errno(error) in (1044, 1142, 1143):
            return mysql_grant(str(getattr(error, "orig", error)), url)
        return None

    def is_read_only(self, error: BaseException) -> bool:
        # The server runs read-only, is in read-only mode, or the transaction is.
        return errno(error) in (1290, 1836, 1792)

    def is_stopped(self, error: BaseException) -> bool:
        return errno(error) == 1317

    def is_locked(self, error: BaseException) -> bool:
        # Waited too long for a row or a table; deadlock; NOWAIT.
        return errno(error) in (1205, 1213, 3572)


def _at_once(connection: Connection, function: Callable[[Connection, str], T], name: str) -> T:
    """Call *function* in a transaction of its own, so that none is open when it has answered."""
    with connection.begin():
        return function(connection, name)
