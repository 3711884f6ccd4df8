"""Stops: makes a server say of a chosen statement that somebody has asked it to give that up."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import aiomysql
import asyncpg
import asyncpg.protocol
import pytest
from aiomysql.connection import COMMAND

from asyncmig.dialects.mysql import MySQLAdapter
from asyncmig.dialects.postgresql import PostgreSQLAdapter
from asyncmig.dialects.sqlite import SQLiteAdapter
from asyncmig.migrator import unit
from asyncmig.runtime.interruption import run_interruptibly

#: What fails as a statement that was stopped does, without having done anything.
_STOPPED = {
    "postgresql": "DO $$ BEGIN RAISE query_canceled USING MESSAGE = 'canceling statement due to user request'; END $$",
    "mysql": "SIGNAL SQLSTATE '70100' SET MYSQL_ERRNO = 1317, MESSAGE_TEXT = 'Query execution was interrupted'",
}


class Stops:
    """Counts the statements that go to the servers while a run is watched, and has some of them stopped.

    Args:
        monkeypatch: puts the drivers back at the end.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._chosen: frozenset[int] = frozenset()
        self._task: asyncio.Task[Any] | None = None
        self._cancels = False
        self._in_script = False
        self.sent = 0
        #: What was stopped or cancelled.
        self.hit: list[str] = []
        monkeypatch.setattr(unit, "run_interruptibly", self._run_interruptibly)
        # The request of the run itself is among what is chosen.
        for adapter in (PostgreSQLAdapter, MySQLAdapter, SQLiteAdapter):
            monkeypatch.setattr(adapter, "interrupt", _nothing)
        monkeypatch.setattr(asyncpg.protocol, "Protocol", self._protocol())
        command = aiomysql.Connection._execute_command
        monkeypatch.setattr(aiomysql.Connection, "_execute_command", self._command(command))

    async def watch(
        self, run: Coroutine[Any, Any, Any], chosen: frozenset[int], *, cancels: bool = False
    ) -> BaseException | None:
        """Await *run*, and say what it raises.

        Args:
            run: the run.
            chosen: the numbers of the statements to stop, counted from 1.
            cancels: whether the task is cancelled at the first of them: in a script the statement is stopped then, and
                elsewhere the cancellation reaches whatever waits for its answer.
        """
        self._chosen, self._cancels, self.sent, self.hit = chosen, cancels, 0, []
        self._task = asyncio.ensure_future(run)
        (outcome,) = await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        return outcome if isinstance(outcome, BaseException) else None

    def _is_stopped(self, text: str) -> bool:
        if self._task is None:
            return False
        self.sent += 1
        if self.sent not in self._chosen:
            return False
        self.hit.append(text)
        if self._cancels and self.sent == min(self._chosen):
            # The statements of SQLite come from a thread.
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)
            return self._in_script
        return True

    async def _run_interruptibly(self, work: Coroutine[Any, Any, Any], interrupt: Callable[[], Awaitable[None]]) -> Any:
        self._in_script = True
        try:
            return await run_interruptibly(work, interrupt)
        finally:
            self._in_script = False

    def _protocol(self) -> Any:
        stops = self

        class Protocol(asyncpg.protocol.Protocol):  # type: ignore[misc,name-defined]
            async def query(self, query: str, timeout: Any) -> Any:
                if stops._is_stopped(query):
                    await self._stop("BEGIN;" if query.startswith("BEGIN;\n") else "")
                return await super().query(query, timeout)

            async def prepare(self, name: str, query: str, timeout: Any, **keywords: Any) -> Any:
                if stops._is_stopped(query):
                    await self._stop()
                return await super().prepare(name, query, timeout, **keywords)

            async def bind_execute(self, state: Any, *args: Any) -> Any:
                if stops._is_stopped(state.query):
                    await self._stop()
                return await super().bind_execute(state, *args)

            async def _stop(self, before: str = "") -> None:
                try:
                    await super().query(before + _STOPPED["postgresql"], None)
                except asyncpg.InFailedSQLTransactionError:
                    # Nothing that raises it can be sent there.
                    raise asyncpg.QueryCanceledError("canceling statement due to user request") from None

        return Protocol

    def sqlite_connection(self) -> Any:
        """The class of connections to SQLite whose statements count."""
        stops = self

        def look(connection: sqlite3.Connection, text: str) -> None:
            if stops._is_stopped(text):
                if text.lstrip().startswith(("INSERT", "UPDATE", "DELETE")) and connection.in_transaction:
                    # SQLite rolls the whole transaction back then.
                    sqlite3.Connection.execute(connection, "ROLLBACK")
                error = sqlite3.OperationalError("interrupted")
                error.sqlite_errorcode = sqlite3.SQLITE_INTERRUPT
                raise error

        class Cursor(sqlite3.Cursor):
            def execute(self, sql: str, *parameters: Any) -> Any:
                look(self.connection, sql)
                return super().execute(sql, *parameters)

        class Connection(sqlite3.Connection):
            def cursor(self, factory: Any = Cursor) -> Any:
                return super().cursor(factory)

            def execute(self, sql: str, *parameters: Any) -> Any:
                return self.cursor().execute(sql, *parameters)

            def commit(self) -> None:
                if self.in_transaction:
                    look(self, "COMMIT")
                super().commit()

            def rollback(self) -> None:
                if self.in_transaction:
                    look(self, "ROLLBACK")
                super().rollback()

        return Connection

    def _command(self, original: Callable[..., Any]) -> Callable[..., Any]:
        async def execute(connection: Any, command: int, sql: Any) -> Any:
            if command == COMMAND.COM_QUERY:
                text = sql.decode() if isinstance(sql, bytes | bytearray) else sql
                if self._is_stopped(text):
                    sql = _STOPPED["mysql"]
            return await original(connection, command, sql)

        return execute


async def _nothing(*_: Any) -> None:
    """Ask the server for nothing."""
