"""HeldLock: the migration lock as a run holds it: asked before each step, and looked at with everything it commits."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import anyio
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from asyncmig._drivers import driver_session_id
from asyncmig._sqlalchemy import greenlet_spawn, to_the_end
from asyncmig.dialects.adapter import DialectAdapter, without_literals
from asyncmig.dialects.sending import Answer, count_of
from asyncmig.errors import LockLostError
from asyncmig.events import Event, OperationStarted, RevisionStarted
from asyncmig.state.lease import Lease, transaction

#: A lease is renewed this often while it lasts.
_RENEWALS = 6
#: Seconds in which several steps are told by one renewal.
_NEWS = 1.0
#: Seconds that giving a lease back may take, and closing a connection.
_FAREWELL = 5.0
#: Seconds between two attempts to give a lease back.
_AGAIN = 0.05


class HeldLock:
    """The migration lock as a run holds it; this one is none at all.

    Args:
        waited: how long it was waited for, in seconds.
    """

    #: Whether nothing may be committed but through `committing`, and nothing written outside a transaction.
    fences = False

    def __init__(self, waited: float = 0.0) -> None:
        self.waited = waited
        #: Why it is known to be lost.
        self.loss: str | None = None

    def check(self) -> None:
        """Go on only while nothing is known of a loss.

        Raises:
            LockLostError: it is lost.
        """
        if self.loss is not None:
            raise LockLostError(reason=self.loss)

    def questions(self, revision: str | None = None) -> Sequence[str]:
        """What `verify` asks, as texts that can be sent along with others; nothing where it asks nothing, or in a way
        of its own.
        """
        return ()

    async def verify(self, revision: str | None = None, *, answer: Answer | None = None) -> None:
        """Ask whether the lock is still held, in the transaction that is open.

        Args:
            revision: what the run comes to, to be seen by others where there is a way.
            answer: what came of the questions, where they have been sent already.

        Raises:
            LockLostError: it is not.
        """
        self.check()

    @asynccontextmanager
    async def committing(self) -> AsyncIterator[None]:
        """Around a commit: it takes place only while the lock is held.

        Raises:
            LockLostError: it is not.
        """
        self.check()
        yield

    async def is_lost(self) -> bool:
        """Whether the lock is lost, asked outside a transaction after something else has failed."""
        return self.loss is not None

    def observe(self, event: Event) -> None:
        """Take note of what the run is doing, so that others can see it."""


#: For runs that take no lock.
NO_LOCK = HeldLock()


class SessionLock(HeldLock):
    """A lock that is over when the session of the run's connection ends.

    Args:
        adapter: the adapter of the database.
        connection: the connection of the run.
        name: the lock.
        waited: how long it was waited for, in seconds.
    """

    def __init__(self, adapter: DialectAdapter, connection: Connection, name: str, waited: float) -> None:
        super().__init__(waited)
        self._adapter = adapter
        self._connection = connection
        self._name = name
        self._session = driver_session_id(connection)

    def check(self) -> None:
        # A connection that was lost is made anew in another session, if a script rolls back and goes on.
        lost = self._connection.closed or self._connection.invalidated
        if not lost and driver_session_id(self._connection) != self._session:
            self.loss = "the connection was lost, and another one has taken its place"
        super().check()

    def questions(self, revision: str | None = None) -> Sequence[str]:
        return self._adapter.lock_questions(self._connection, self._name, revision)

    async def verify(self, revision: str | None = None, *, answer: Answer | None = None) -> None:
        self.check()
        if answer is None:
            questions = self.questions(revision)
            answer = await self._adapter.ask(self._connection, *questions) if questions else 0
        if count_of(answer) != 1:
            self.loss = "this session does not hold it any more, though it lives"
        self.check()

    async def is_lost(self) -> bool:
        if self.loss is None:
            try:
                async with transaction(self._adapter, self._connection):
                    await self.verify()
            except (DBAPIError, LockLostError):
                # Where it cannot be asked, what has failed before says more.
                return self.loss is not None
        return self.loss is not None


class LeaseLock(HeldLock):
    """A lease, which a task of its own renews on other connections of the same engine.

    Args:
        adapter: the adapter of the database.
        connection: the connection of the run.
        lease: the lease, which is taken in the block of `given_back`.
        seconds: how long it lasts unless it is renewed.
        stable: whether connections have sessions to themselves.
    """

    fences = True

    def __init__(
        self,
        adapter: DialectAdapter,
        connection: Connection,
        lease: Lease,
        *,
        seconds: float,
        stable: bool,
    ) -> None:
        super().__init__()
        self._adapter = adapter
        self._connection = connection
        self._lease = lease
        self._stable = stable
        self._interval = seconds / _RENEWALS
        # A commit and a renewal on another server of a cluster would be in each other's way.
        self._writing = anyio.Lock()
        self._news = anyio.Event()
        self._trouble: Exception | None = None
        self._keeping = anyio.CancelScope()

    @asynccontextmanager
    async def given_back(self) -> AsyncIterator[None]:
        """Give it back at the end of the block, also if that ends while the lease is being taken."""
        try:
            yield
        finally:
            # Cancelled in a COMMIT, nobody knows whether it took place.
            if self._lease.may_be_held:
                _let_cursors_go(sys.exc_info()[1])
                await to_the_end(self._give_back())

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Renew it for the length of the block."""
        # An in-memory database has one connection, and nobody else could take the lease.
        task = None if isinstance(self._connection.engine.pool, StaticPool) else asyncio.create_task(self._keep())
        try:
            yield
        finally:
            # Not by `task.cancel()`, which would break into the closing of a connection.
            self._keeping.cancel()
            if task is not None:
                await to_the_end(asyncio.wait([task]))

    async def verify(self, revision: str | None = None, *, answer: Answer | None = None) -> None:
        if revision is not None:
            self._tell(f"at revision {revision}")
        self.check()

    @asynccontextmanager
    async def committing(self) -> AsyncIterator[None]:
        async with self._writing:
            self.check()
            if not await self._lease.renew(self._connection):
                self._taken()
            self.check()
            yield

    async def is_lost(self) -> bool:
        if self.loss is None:
            try:
                async with transaction(self._adapter, self._connection):
                    if not await self._lease.renew(self._connection):
                        self._taken()
            except DBAPIError:
                # It cannot be asked: what has failed before says more.
                return False
        return self.loss is not None

    def observe(self, event: Event) -> None:
        match event:
            case RevisionStarted(revision=revision, position=position, total=total):
                self._tell(f"at revision {revision} ({position} of {total})")
            case OperationStarted(revision=revision, description=description):
                self._tell(f"at revision {revision}: {description}")

    def _tell(self, step: str) -> None:
        self._lease.step = without_literals(step)
        self._news.set()

    def _taken(self) -> None:
        why = "" if self._trouble is None else f", since it could not be renewed ({self._trouble})"
        self.loss = f"its lease was over and another run took it, or somebody released it{why}"

    async def _keep(self) -> None:
        with self._keeping:
            while self.loss is None:
                with anyio.move_on_after(self._interval):
                    await self._news.wait()
                    await anyio.sleep(_NEWS)
                self._news = anyio.Event()
                await self._renew_in_time()

    async def _renew_in_time(self) -> None:
        try:
            with anyio.fail_after(self._interval):
                async with self._writing:
                    if not await self._renew_beside():
                        self._taken()
        except (SQLAlchemyError, OSError) as error:
            # There are more renewals than are needed; whether it is too late, the next commit asks.
            self._trouble = error
        else:
            self._trouble = None

    async def _renew_beside(self) -> bool:
        async with self._second() as connection, transaction(self._adapter, connection):
            return await self._lease.renew(connection)

    @asynccontextmanager
    async def _second(self) -> AsyncIterator[Connection]:
        connection = await greenlet_spawn(self._connection.engine.connect)
        try:
            async with (
                self._adapter.at_once(connection, stable=self._stable),
                self._adapter.shared_rows(connection),
            ):
                yield connection
        finally:
            with anyio.move_on_after(_FAREWELL, shield=True):
                await greenlet_spawn(connection.close)

    async def _give_back(self) -> None:
        try:
            with anyio.fail_after(_FAREWELL):
                while not await self._is_given_back():  # noqa: ASYNC110 - the database tells nobody
                    await anyio.sleep(_AGAIN)
        except (SQLAlchemyError, OSError) as error:
            # What was done is done; the lease is over in a while by itself.
            self._trouble = error

    async def _is_given_back(self) -> bool:
        try:
            if self._connection.closed or self._connection.invalidated:
                async with self._second() as connection:
                    await self._lease.give_back(connection)
            else:
                await self._lease.give_back(self._connection)
        except DBAPIError as error:
            # What was cancelled on SQLite goes on in its thread for a moment, with the lock of its transaction.
            if self._adapter.is_locked(error):
                return False
            raise
        return True


def _let_cursors_go(error: BaseException | None) -> None:
    """Let go of what an error keeps alive by its frames.

    A connection of SQLite that is closed while a cursor is in the middle of its rows is closed only when that goes, and
    holds its lock until then; and what was cancelled keeps the cursor that it was waiting for.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__
