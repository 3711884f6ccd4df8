"""Executor: does the steps of one revision on one connection, and knows what of them is committed."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Executable, TextClause
from sqlalchemy.schema import ExecutableDDLElement

from asyncmig._sqlalchemy import async_view, greenlet_spawn
from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.steps import Call, Statement, Step, SuspendForeignKeys
from asyncmig.errors import OperationError
from asyncmig.runtime.transactions import Transactions

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


class RestartRevision(BaseException):
    """Run the revision again from the top with foreign keys suspended; nothing of it is committed yet.

    Not an `Exception`, so that a script's own `except Exception` cannot stop it.
    """


class Executor:
    """Does the steps of one revision.

    Args:
        connection: the connection of the run.
        adapter: how its database is spoken to.
        transactions: the transaction of the connection.
        suspended: whether foreign keys are not enforced already.
    """

    def __init__(
        self, connection: Connection, adapter: DialectAdapter, transactions: Transactions, *, suspended: bool = False
    ) -> None:
        self.connection = connection
        self.adapter = adapter
        self.transactions = transactions
        self._suspended = suspended
        self._done: list[str] = []
        self._committed = 0
        self._current: str | None = None
        self._current_committed = False
        self._commits = transactions.commits
        self.last_statement: str | None = None

    @property
    def left(self) -> tuple[str, ...]:
        """What of this revision is committed, in words: what a failure leaves behind."""
        left = self._done[: self._committed]
        if self._current is not None and self._current_committed:
            left.append(f"{self._current} (in part)")
        return tuple(left)

    @property
    def current(self) -> str | None:
        """The operation that is being done, in words."""
        return self._current

    def start(self, description: str) -> None:
        """Take note that the steps that follow belong to the operation *description*."""
        self._current = description
        self._current_committed = False

    def finish(self) -> None:
        """Take note that all steps of the operation are done."""
        if self._current is None:
            return
        self._done.append(self._current)
        if self._current_committed or self.transactions.autocommit:
            self._committed = len(self._done)
        self._current = None

    async def run(self, step: Step) -> Any:
        """Do one step and give what it returns: a `CursorResult`, a function's value, or None."""
        match step:
            case Statement():
                return await self._statement(step)
            case Call():
                return await self._call(step)
            case SuspendForeignKeys():
                return self._suspend_foreign_keys()

    @asynccontextmanager
    async def autocommit(self, what: str) -> AsyncIterator[None]:
        """Outside any transaction for the length of the block."""
        async with self.transactions.outside(what):
            self._committed = len(self._done)
            yield
        await self.transactions.begin()
        self._commits = self.transactions.commits

    async def _statement(self, step: Statement) -> Any:
        sql = step.sql
        text = self._text(sql)
        self.last_statement = text if text is not None else str(sql)
        if self.transactions.autocommit:
            outcome = await self._send(step)
            self._current_committed = True
        elif not step.transactional:
            async with self.autocommit("This statement"):
                outcome = await self._send(step)
                self._current_committed = True
        else:
            await self._begin()
            outcome = await self._send(step)
            if text is not None and self.adapter.commits(text):
                # The server has committed this statement and all that came before it.
                self._committed = len(self._done)
                self._current_committed = True
        return outcome

    def _text(self, sql: str | Executable) -> str | None:
        """What is known of the text of a statement before it is sent; None for DML, which never commits."""
        match sql:
            case str():
                return sql
            case TextClause():
                return sql.text
            case ExecutableDDLElement():
                return self.adapter.ddl(sql)
            case _:
                return None

    async def _begin(self) -> None:
        await self.transactions.begin()
        if self.transactions.commits != self._commits:
            # The script has committed by itself since the last look.
            self._commits = self.transactions.commits
            self._committed = len(self._done)

    async def _send(self, step: Statement) -> Any:
        if isinstance(step.sql, str):
            await self.adapter.send(self.connection, step.sql)
            return step.outcome
        return await greenlet_spawn(self._execute, step.sql, step)

    def _execute(self, executable: Executable, step: Statement) -> Any:
        return self.connection.execute(executable, step.parameters, execution_options=dict(step.execution_options))

    async def _call(self, step: Call) -> Any:
        if not self.transactions.autocommit:
            await self._begin()
        if inspect.iscoroutinefunction(step.function):
            return await step.function(self.async_connection, *step.arguments, **step.keywords)
        return await greenlet_spawn(step.function, self.connection, *step.arguments, **step.keywords)

    @cached_property
    def async_connection(self) -> AsyncConnection:
        """The same connection, for async code."""
        return async_view(self.connection)

    def _suspend_foreign_keys(self) -> None:
        if self._suspended:
            return
        if self.transactions.external:
            raise OperationError(
                "The table must be rebuilt while foreign keys are not enforced, and that can be switched only outside "
                "a transaction, but the connection that was passed in has one open.",
                hint='Send "PRAGMA foreign_keys=OFF" before you begin the transaction, or pass the engine.',
            )
        if self._committed:
            raise OperationError(
                "The table must be rebuilt while foreign keys are not enforced, but part of this revision is committed "
                "already, so that it cannot begin again that way.",
                hint="Put the operations after the autocommit block into a revision of their own.",
            )
        raise RestartRevision
