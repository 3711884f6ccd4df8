"""Executor: does the steps of one revision on one connection, keeps the journal true, and knows what is committed."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Executable, TextClause
from sqlalchemy.schema import ExecutableDDLElement

from asyncmig._sqlalchemy import async_view, greenlet_spawn
from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.sql_text import first_words
from asyncmig.dialects.steps import Call, Statement, Step, SuspendForeignKeys
from asyncmig.errors import OperationError
from asyncmig.operations.base import Operation
from asyncmig.runtime.blockers import BlockerWatch
from asyncmig.runtime.replay import Replay
from asyncmig.runtime.transactions import Transactions

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


#: The part of the lock timeout after which a waiting statement is looked at.
_LOOK_AFTER = 0.5


class RestartRevision(BaseException):
    """Run the revision again from the top with foreign keys suspended.

    Not an `Exception`, so that a script's own `except Exception` cannot stop it.
    """


class Executor:
    """Does the steps of one revision.

    Args:
        connection: the connection of the run.
        adapter: how its database is spoken to.
        transactions: the transaction of the connection.
        replay: the journal of the revision.
        suspended: whether foreign keys are not enforced already.
    """

    def __init__(
        self,
        connection: Connection,
        adapter: DialectAdapter,
        transactions: Transactions,
        replay: Replay,
        *,
        suspended: bool = False,
    ) -> None:
        self.connection = connection
        self.adapter = adapter
        self.transactions = transactions
        self.replay = replay
        self._suspended = suspended
        self._done: list[str] = []
        self._committed = 0
        self._operation: Operation[Any] | None = None
        self._steps: tuple[str, ...] | None = None
        self._number = 0
        self._current_committed = False
        self._commits = transactions.commits
        #: What the statements of the script are executed on: for a plain script, its own view of the connection.
        self.script_connection = connection
        self.last_statement: str | None = None
        #: Who was seen in the way of a statement that waited for locks, in words.
        self.blockers: tuple[str, ...] = ()

    # -- operations -------------------------------------------------------------------------------------------------

    @property
    def left(self) -> tuple[str, ...]:
        """What of this revision is committed, in words: what a failure leaves behind."""
        left = self._done[: self._committed]
        if self._operation is not None and self._current_committed:
            left.append(f"{self._operation.describe()} (in part)")
        return tuple(left)

    @property
    def current(self) -> str | None:
        """The operation that is being done, in words."""
        return None if self._operation is None else self._operation.describe()

    def start(self, operation: Operation[Any], *, first: int, steps: tuple[str, ...] | None) -> None:
        """Take note that the steps that follow belong to *operation*.

        Args:
            operation: the operation.
            first: how many of its steps are done already.
            steps: the text of all its steps, where all of them are text.
        """
        self._operation = operation
        self._steps = steps
        self._number = first
        self._current_committed = first > 0

    async def finish(self, outcome: Any) -> None:
        """Take note that all steps of the operation are done."""
        operation = self._operation
        if operation is None:
            return
        await self.replay.done(operation, outcome, later=not self.transactions.autocommit)
        self._done.append(operation.describe())
        if self._current_committed or self.transactions.autocommit:
            self._committed = len(self._done)
        self._operation = None

    def skipped(self, description: str) -> None:
        """Take note of an operation that was done before."""
        self._done.append(description)
        self._committed = len(self._done)

    # -- steps ------------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def together(self, steps: Iterable[Step]) -> AsyncIterator[None]:
        """Outside transactions: one for all *steps* of an operation, where each of them may run inside one.

        A rebuild that stopped in the middle would have lost the table, and what is left of a planner's work can be
        neither planned nor done again.
        """
        if self.transactions.autocommit and self.adapter.traits.transactional_ddl and not any(map(self._alone, steps)):
            committed = self._current_committed
            try:
                async with self.transactions.small(always=True):
                    yield
            except BaseException:
                self._current_committed = committed
                raise
        else:
            yield

    def may_stop_within(self, steps: Iterable[Step]) -> bool:
        """Whether an operation may be found half done, so that what it was to do must be written down beforehand."""
        if self.replay.is_on:
            return True
        return isinstance(steps, list) and len(steps) > 1 and any(map(self._alone, steps))

    def _alone(self, step: Step) -> bool:
        """Whether a step cannot share a transaction with others."""
        if not isinstance(step, Statement):
            return False
        text = self._text(step.sql) or ""
        return not step.transactional or self.adapter.commits(text) or _ends_transactions(text)

    async def run(self, step: Step) -> Any:
        """Do one step and give what it returns: a `CursorResult`, a function's value, or None."""
        try:
            match step:
                case Statement():
                    return await self._statement(step)
                case Call():
                    return await self._call(step)
                case SuspendForeignKeys():
                    return self._suspend_foreign_keys()
        finally:
            self._number += 1

    @asynccontextmanager
    async def autocommit(self, what: str) -> AsyncIterator[None]:
        """Outside any transaction for the length of the block; what was done before it is journalled and committed."""
        if not self.transactions.autocommit:
            await self._begin()
            await self.replay.start()
        async with self.transactions.outside(what):
            self._committed = len(self._done)
            yield
        await self.transactions.begin()
        self._commits = self.transactions.commits

    async def _statement(self, step: Statement) -> Any:
        text = self._text(step.sql)
        self.last_statement = text if text is not None else str(step.sql)
        if self.transactions.autocommit:
            return await self._outside(step)
        if not step.transactional:
            async with self.autocommit("This statement"):
                return await self._outside(step)
        await self._begin()
        if text is not None and self.adapter.commits(text):
            return await self._committing(step)
        return await self._send(step)

    async def _outside(self, step: Statement) -> Any:
        """A statement outside any transaction. One that may run inside one gets a small one, which holds its mark."""
        if self._alone(step):
            return await self._marked(step)
        async with self.transactions.small(always=True):
            await self.transactions.apply_limits()
            outcome = await self._send(step)
            await self.replay.step_starts(self._number, self._steps, None)
            await self.replay.step_ended(self._number, took_effect=True)
        self._current_committed = True
        return outcome

    async def _committing(self, step: Statement) -> Any:
        """A statement that commits what came before it, and itself; its mark goes with that commit."""
        outcome = await self._marked(step)
        self._committed = len(self._done)
        return outcome

    async def _marked(self, step: Statement) -> Any:
        """A statement between two marks, since it cannot share a transaction with them."""
        assert self._operation is not None
        text = self._text(step.sql) or ""
        index = step.builds or self.adapter.index_built_by(text)
        if index is not None:
            # What an attempt that was stopped has left has the name, and is never used.
            await self.adapter.remove_unfinished_index(self.connection, index)
        before = None
        if not _ends_transactions(text):
            before = await self.replay.catalogue(self._operation, building=index is not None)
        held = self.transactions.held
        questions = () if held.fences else held.questions()
        answer = await self.replay.step_starts(self._number, self._steps, before, *questions)
        await self.transactions.settle(answer)
        try:
            outcome = await self._send(step)
        except Exception:
            await self._failed(index)
            raise
        self._current_committed = True
        if self._steps is None or self._number + 1 < len(self._steps):
            # After the last one the whole operation is marked as done.
            await self.replay.step_ended(self._number, took_effect=True, later=not self.transactions.autocommit)
        return outcome

    async def _failed(self, index: str | None) -> None:
        """The server said no: the step took no effect. (Where it cannot be asked any more, the mark stays.)

        Args:
            index: what the step has left behind, unfinished.
        """
        if self.connection.invalidated or self.connection.closed:
            return
        if not self.transactions.autocommit:
            await self.transactions.rollback()
            await self.transactions.begin()
        if index is not None:
            await self.adapter.remove_unfinished_index(self.connection, index)
        await self.replay.step_ended(self._number, took_effect=False)
        if not self.transactions.autocommit:
            await self.transactions.commit()

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
        async with self._watch():
            if not isinstance(step.sql, str):
                return await greenlet_spawn(self._execute, step.sql, step)
            await self.adapter.send(self.connection, step.sql)
            return step.outcome

    @asynccontextmanager
    async def _watch(self) -> AsyncIterator[None]:
        """While a statement waits for locks, see who is in the way: afterwards nobody can tell."""
        limits = self.transactions.limits
        if limits is None or not limits.lock_timeout or self.transactions.external:
            yield
            return
        watch = BlockerWatch(self.adapter, self.connection, after=limits.lock_timeout * _LOOK_AFTER)
        try:
            yield
        finally:
            await watch.stop()
            self.blockers = watch.blockers or self.blockers

    def _execute(self, executable: Executable, step: Statement) -> Any:
        options = dict(step.execution_options)
        return self.script_connection.execute(executable, step.parameters, execution_options=options)

    async def _call(self, step: Call) -> Any:
        if not self.transactions.autocommit:
            await self._begin()
        if self.replay.is_on:
            # Where DDL commits, a function that does some leaves this mark behind; else both vanish together.
            await self.replay.step_starts(self._number, None, None)
        try:
            if inspect.iscoroutinefunction(step.function):
                return await step.function(self.async_connection, *step.arguments, **step.keywords)
            return await greenlet_spawn(step.function, self.script_connection, *step.arguments, **step.keywords)
        except Exception:
            if self.transactions.autocommit and not (self.connection.invalidated or self.connection.closed):
                # It said itself that it failed, so it is run again from its beginning.
                await self.replay.step_ended(self._number, took_effect=False)
            raise

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
        raise RestartRevision


def _ends_transactions(text: str) -> bool:
    """Whether a statement may commit what it has done so far by itself, which no catalogue shows: a procedure."""
    return first_words(text)[:1] == ("CALL",)
