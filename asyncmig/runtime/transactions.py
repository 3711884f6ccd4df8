"""Transactions: the transaction of one connection; begun, committed, rolled back, or set aside for autocommit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio
from sqlalchemy import Connection, RootTransaction

from asyncmig._drivers import set_isolation
from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.sending import Answer, Change
from asyncmig.errors import OperationError
from asyncmig.runtime.limits import Limits
from asyncmig.state.held import NO_LOCK, HeldLock


class Transactions:
    """The transaction of one connection.

    Args:
        connection: the connection of the run.
        adapter: how its database begins.
        limits: what the statements of each transaction may take.
        external: whether the caller of the run has begun a transaction and will end it; nothing is begun, committed or
            rolled back then.
    """

    def __init__(
        self,
        connection: Connection,
        adapter: DialectAdapter,
        *,
        limits: Limits | None = None,
        external: bool = False,
    ) -> None:
        self._connection = connection
        self._adapter = adapter
        self.external = external
        self.limits = limits
        #: The migration lock, without which nothing is committed.
        self.held: HeldLock = NO_LOCK
        self._small = False
        self.autocommit = False
        #: How many times something was committed; tells whether an earlier point can still be rolled back to.
        self.commits = 0
        #: Whether the script has committed by itself since the run last did, so that it cannot simply be run again.
        self.ended_by_script = False
        self._begun = external
        self._transaction: RootTransaction | None = None

    @property
    def is_open(self) -> bool:
        """Whether a transaction is open."""
        return self._begun

    async def begin(self, *questions: str) -> Answer | None:
        """Begin a transaction, unless one is open.

        Args:
            questions: texts that are sent with what begins it.

        Returns:
            what the last question says; None where nothing was begun, and nothing asked.

        Raises:
            LockLostError: the migration lock is known to be lost.
        """
        self.held.check()
        if self._begun and not self._note_end():
            return None
        if self._begun:
            if self._connection.in_transaction():
                # And has begun another with its next statement, which is ours from now on.
                self._transaction = self._connection.get_transaction()
                await self.apply_limits()
                return None
            self._begun = False
        # After an autocommit stretch or a query SQLAlchemy has begun one of its own, which holds nothing.
        if self._connection.in_transaction():
            await greenlet_spawn(self._connection.rollback)
        self._transaction = self._connection.begin()
        try:
            answer = await self._adapter.begin(self._connection, *self._limits(), *questions)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._adapter.roll_back(self._connection)
            raise
        self._begun = True
        return answer

    def _note_end(self) -> bool:
        """Whether the script has ended the transaction by itself: `op.get_bind().commit()`."""
        if self.external or self._connection.get_transaction() is self._transaction:
            return False
        self.commits += 1
        self.ended_by_script = True
        return True

    def _limits(self) -> Sequence[str]:
        if self.limits is None or self.external:
            return ()
        return self._adapter.limit_texts(lock=self.limits.lock_timeout, statement=self.limits.statement_timeout)

    async def apply_limits(self) -> None:
        """Set the limits in the transaction that is open."""
        texts = self._limits()
        if texts:
            await self._adapter.send(self._connection, *texts)

    async def commit(self, changes: Sequence[Change] = ()) -> Change | None:
        """Change rows of ours in the open transaction, if there is one, and commit it if each has found its row.

        One that belongs to the caller of the run stays open.

        Returns:
            the first change that has not found its row; the transaction is still open then.

        Raises:
            LockLostError: the migration lock is lost; the transaction is still open.
        """
        if not self._begun:
            return None
        if self.external:
            return await self._adapter.change(self._connection, changes)
        async with self.held.committing():
            wrong = await self._adapter.commit(self._connection, changes)
        if wrong is None:
            self._begun = self.ended_by_script = False
            self.commits += 1
        return wrong

    async def rollback(self) -> None:
        """Roll the open transaction back, if there is one; also when the task is being cancelled.

        What was stopped may have left one open that was not begun here, such as a COMMIT.
        """
        if self.external:
            return
        if self._begun:
            self._note_end()
        self._begun = False
        with anyio.CancelScope(shield=True):
            await self._adapter.roll_back(self._connection)

    async def settle(self, answer: Answer | None) -> None:
        """Make sure of the lock, before a statement that commits by itself; what is marked before it, stays then.

        Args:
            answer: what came of the question of the lock, where that was sent along with the mark.
        """
        if not self.held.fences:
            await self.held.verify(answer=answer)
        elif self.autocommit:
            self.held.check()
        elif not self.external:
            await self.commit()
            await self.begin()

    @asynccontextmanager
    async def small(self, *, always: bool = False) -> AsyncIterator[None]:
        """Outside transactions: one of its own for what is sent in the block, where the lock asks for that.

        Args:
            always: also where the lock does not.
        """
        if not self.autocommit or self._small or not (always or self.held.fences):
            yield
            return
        self._small = True
        try:
            await self._adapter.send(self._connection, self._adapter.begin_text)
            yield
            async with self.held.committing():
                await self._adapter.send(self._connection, "COMMIT")
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._adapter.roll_back(self._connection, text=True)
            raise
        finally:
            self._small = False

    @asynccontextmanager
    async def outside(self, what: str) -> AsyncIterator[None]:
        """Outside any transaction for the length of the block; what was open is committed first.

        Args:
            what: what asks for it, for the message.

        Raises:
            OperationError: the transaction belongs to the caller of the run.
        """
        if self.autocommit:
            yield
            return
        if self.external:
            raise OperationError(
                f"{what} cannot run inside a transaction, but the connection that was passed in has one open.",
                hint="Pass the engine, or a connection without a transaction.",
            )
        await self.commit()
        self.commits += 1
        await greenlet_spawn(self._enter)
        self.autocommit = True
        try:
            yield
        finally:
            self.autocommit = False
            with anyio.CancelScope(shield=True):
                await greenlet_spawn(self._leave)

    def _enter(self) -> None:
        if self._connection.in_transaction():
            self._connection.rollback()
        self._isolation: Any = None
        if self._connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
            return  # the adapter runs on such a connection anyway and begins by a statement of its own
        self._isolation = self._connection.get_isolation_level()
        if self._connection.in_transaction():
            self._connection.rollback()
        self._set_isolation("AUTOCOMMIT")

    def _leave(self) -> None:
        if self._connection.invalidated or self._connection.closed:
            return
        # A nominal transaction was begun by the first statement; it must end before the level may change.
        if self._connection.in_transaction():
            self._connection.rollback()
        if self._isolation is not None:
            self._set_isolation(self._isolation)

    def _set_isolation(self, level: Any) -> None:
        try:
            set_isolation(self._connection, level)
        except BaseException:
            # Cancelled or cut here, the driver may have closed the connection, and SQLAlchemy takes no notice of it.
            self._connection.invalidate()
            raise
