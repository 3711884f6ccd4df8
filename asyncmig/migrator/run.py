"""Run: carries the moves of a plan out on one connection, under the lock, in transactions."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

import anyio
from sqlalchemy.exc import DBAPIError

from asyncmig.dialects.sending import is_gone
from asyncmig.errors import HistoryMismatchError, UnfinishedRevisionError
from asyncmig.events import RunDone, RunStarted
from asyncmig.migrator.followers import Follower
from asyncmig.migrator.results import AppliedRevision, RunResult
from asyncmig.migrator.tools import RunTools
from asyncmig.migrator.unit import HeadsMovedError, Unit, limits_of
from asyncmig.revisions.moves import Move, Plan
from asyncmig.state.heads import HeadsTable
from asyncmig.state.journal import JournalEntry
from asyncmig.state.lock import run_lock

#: The version table that Alembic keeps unless told otherwise.
ALEMBICS_TABLE = "alembic_version"


class Run:
    """One run on one connection.

    Args:
        tools: what it works with.
        follower: makes the plan, again whenever the rows turn out to have changed, and knows of other runs.
        knows: whether there is a file for a revision.
    """

    def __init__(self, tools: RunTools, *, follower: Follower, knows: Callable[[str], bool]) -> None:
        self._tools = tools
        self._options = tools.options
        self._follower = follower
        self._knows = knows
        self._entries: tuple[JournalEntry, ...] = ()
        self._rows: tuple[str, ...] = ()
        self._done: list[AppliedRevision] = []

    async def go(self) -> RunResult:
        """Take the lock, read where the database is, make the plan, carry it out.

        Raises:
            MigrationLockError: another run has the lock and keeps it.
            RevisionFailedError: a revision failed.
        """
        started = time.perf_counter()
        async with AsyncExitStack() as stack:
            if not self._tools.transactions.external:
                await self._tools.adapter.open(self._tools.connection)
                stack.push_async_callback(self._close)
                await self._follower.begin(self._tools.connection)
                lock = run_lock(
                    self._tools.adapter,
                    self._tools.connection,
                    self._tools.lock_name,
                    self._options.lock,
                    self._options.observer,
                )
                held = await stack.enter_async_context(lock)
                self._tools.waited, self._tools.transactions.held = held.waited, held
            await self._carry_out()
        duration = time.perf_counter() - started
        done = tuple(self._done)
        if done:
            self._options.observer(RunDone(self._options.direction, tuple(one.revision for one in done), duration))
        return RunResult(self._options.direction, done, self._tools.waited, duration, self._rows)

    async def _close(self) -> None:
        adapter, connection = self._tools.adapter, self._tools.connection
        if is_gone(connection):
            return
        with anyio.CancelScope(shield=True):
            try:
                await adapter.roll_back(connection)
                if not is_gone(connection):
                    await adapter.close(connection)
            except DBAPIError:
                # What counts is committed or rolled back by then; how the session was before, it is not any more.
                if not await adapter.give_up(connection):
                    raise

    async def _carry_out(self) -> None:
        prepared = False
        while True:
            rows = await self._tools.heads.read(self._tools.connection)
            if rows is None:
                await self._refuse_second_history()
            self._rows = rows or ()
            plan = await self._follower.plan(self._tools.connection, self._rows)
            if not plan.moves:
                return
            self._entries = await self._tools.journal.read(self._tools.connection)
            self._refuse_another_way(plan)
            first = plan.moves[:1] if self._alone else plan.moves
            await self._follower.refuse_repetition(self._tools.connection, first, self._entries)
            if not prepared:
                await self._prepare(plan, missing=rows is None)
                prepared = True
            try:
                await self._take(plan)
            except HeadsMovedError:
                # Only where the lock is the transaction itself: somebody else went first. Look again.
                await self._tools.transactions.rollback()
                continue
            return

    async def _refuse_second_history(self) -> None:
        """Where our version table is missing, that of Alembic may say that the revisions were run long ago."""
        heads = self._tools.heads.table
        if heads.name == ALEMBICS_TABLE or self._options.direction == "stamp":
            return
        other = HeadsTable(self._tools.adapter, ALEMBICS_TABLE, heads.schema)
        known = [row for row in await other.read(self._tools.connection) or () if self._knows(row)]
        if known:
            raise HistoryMismatchError(
                f"The table {ALEMBICS_TABLE} says that the database is at {', '.join(known)} of this history, but "
                f"there is no table {heads.name} yet, so everything would be run once more.",
                hint=f'version_table = "{ALEMBICS_TABLE}"    # in the settings',
            )

    def _refuse_another_way(self, plan: Plan) -> None:
        """What is half done is finished first. (A stamp says by hand where the database is, and forgets the rest.)"""
        if not self._entries or self._options.direction == "stamp":
            return
        entry, move = self._entries[0], plan.moves[0]
        if (entry.revision, entry.direction) != (move.id, move.direction):
            raise UnfinishedRevisionError(
                revision=entry.revision, direction=entry.direction, missing=not self._knows(entry.revision)
            )

    async def _prepare(self, plan: Plan, *, missing: bool) -> None:
        """Everything that can be refused, before anything is done; then the tables we keep."""
        for move in plan.moves:
            if move.revision is not None and move.direction != "stamp":
                limits_of(self._tools.script(move.revision.id), self._options.limits)
        await self._tools.begin()
        try:
            if missing:
                await self._tools.heads.create(self._tools.connection)
            await self._tools.heads.check_width(
                self._tools.connection, tuple({row for move in plan.moves for row in move.after})
            )
            if missing or not await self._tools.log.exists(self._tools.connection):
                await self._tools.log.create(self._tools.connection)
            if not self._tools.adapter.traits.transactional_ddl:
                await self._tools.journal.create(self._tools.connection)
            await self._tools.transactions.commit()
        except BaseException:
            await self._tools.transactions.rollback()
            raise

    @property
    def _alone(self) -> bool:
        """Whether each revision has a transaction of its own."""
        # Where DDL commits by itself, one transaction for the whole run cannot be had.
        alone = self._options.per_revision or not self._tools.adapter.traits.transactional_ddl
        return alone and not self._tools.transactions.external

    async def _take(self, plan: Plan) -> None:
        moves = plan.moves
        self._options.observer(RunStarted(self._options.direction, tuple(move.id for move in moves)))
        if self._alone:
            for position, move in enumerate(moves, 1):
                await self._unit([move], position, len(moves))
        else:
            await self._unit(moves, 1, len(moves))

    async def _unit(self, moves: Sequence[Move], first: int, total: int) -> None:
        entries = [entry for entry in self._entries if entry.revision in {move.id for move in moves}]
        forget = {entry.revision for entry in self._entries} if self._options.direction == "stamp" else set()
        unit = Unit(self._tools, self._follower, moves, entries, self._done, first=first, total=total, forget=forget)
        await unit.go()
        self._rows = tuple(sorted(moves[-1].after))
