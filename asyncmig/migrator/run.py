"""Run: carries the moves of a plan out on one connection, under the lock, in transactions."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Literal, cast

import anyio
from sqlalchemy import Connection

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.events import Observer, RevisionDone, RevisionFailed, RevisionStarted, RunDone, RunStarted, ScriptBlocked
from asyncmig.migrator.failure import failed
from asyncmig.migrator.results import AppliedRevision, RunResult
from asyncmig.revisions.moves import Move, Plan
from asyncmig.runtime.executor import Executor, RestartRevision
from asyncmig.runtime.interruption import run_interruptibly
from asyncmig.runtime.live import LiveSession
from asyncmig.runtime.script_runner import run_script
from asyncmig.runtime.transactions import Transactions
from asyncmig.scripts.script import Script
from asyncmig.state.heads import HeadsTable
from asyncmig.state.lock import poll, run_lock
from asyncmig.state.log import LogTable, NewEntry


class HeadsMovedError(Exception):
    """Another run has changed the version rows since the plan was made; a new plan is needed."""


@dataclass(frozen=True)
class RunOptions:
    """What a run must know besides its plan.

    Args:
        direction: `upgrade`, `downgrade` or `stamp`.
        per_revision: one transaction for each revision; else one for the whole run.
        lock_wait: how long to wait for another run, in seconds.
        observer: is told of everything.
        arguments: the `-x key=value` arguments for scripts.
        options: settings that scripts may ask for.
    """

    direction: Literal["upgrade", "downgrade", "stamp"]
    per_revision: bool
    lock_wait: float
    observer: Observer
    arguments: Mapping[str, str]
    options: Mapping[str, Any]


class Run:
    """One run on one connection.

    Args:
        connection: the connection; no transaction of ours is open on it.
        adapter: the adapter of its database.
        heads: the version table.
        log: the log.
        script: loads the script of a revision.
        make_plan: the plan for the rows that it is given; asked again whenever they turn out to have changed.
        options: the rest.
        external: whether the caller has a transaction open and will end it.
    """

    def __init__(
        self,
        connection: Connection,
        adapter: DialectAdapter,
        heads: HeadsTable,
        log: LogTable,
        *,
        script: Callable[[str], Script],
        make_plan: Callable[[Iterable[str]], Plan],
        options: RunOptions,
        external: bool = False,
    ) -> None:
        self._connection = connection
        self._adapter = adapter
        self._heads = heads
        self._log = log
        self._script = script
        self._make_plan = make_plan
        self._options = options
        self._transactions = Transactions(connection, adapter, external=external)
        self._waited = 0.0
        self._rows: tuple[str, ...] = ()
        self._done: list[AppliedRevision] = []
        self._kept = 0

    async def go(self) -> RunResult:
        """Take the lock, read where the database is, make the plan, carry it out.

        Raises:
            MigrationLockError: another run has the lock and keeps it.
            RevisionFailedError: a revision failed.
        """
        started = time.perf_counter()
        async with AsyncExitStack() as stack:
            if not self._transactions.external:
                await self._adapter.open(self._connection)
                stack.push_async_callback(self._close)
                lock = run_lock(
                    self._adapter,
                    self._connection,
                    self._heads.table.fullname,
                    limit=self._options.lock_wait,
                    observer=self._options.observer,
                )
                self._waited = await stack.enter_async_context(lock)
            await self._carry_out()
        duration = time.perf_counter() - started
        done = tuple(self._done)
        if done:
            self._options.observer(RunDone(self._options.direction, tuple(one.revision for one in done), duration))
        return RunResult(self._options.direction, done, self._waited, duration, self._rows)

    async def _close(self) -> None:
        if not (self._connection.closed or self._connection.invalidated):
            with anyio.CancelScope(shield=True):
                await self._adapter.close(self._connection)

    async def _carry_out(self) -> None:
        prepared = False
        while True:
            rows = await self._heads.read(self._connection)
            self._rows = rows or ()
            plan = self._make_plan(self._rows)
            if not plan.moves:
                return
            if not prepared:
                await self._prepare(plan, missing=rows is None)
                prepared = True
            try:
                await self._take(plan)
            except HeadsMovedError:
                # Only where the lock is the transaction itself: somebody else went first. Look again.
                await self._transactions.rollback()
                continue
            return

    async def _prepare(self, plan: Plan, *, missing: bool) -> None:
        """Everything that can be refused, before anything is done; then the tables we keep."""
        for move in plan.moves:
            if move.revision is not None and move.direction != "stamp":
                self._script(move.revision.id)
        await self._begin()
        try:
            if missing:
                await self._heads.create(self._connection)
            await self._heads.check_width(self._connection, tuple({row for move in plan.moves for row in move.after}))
            if missing or not await self._log.exists(self._connection):
                await self._log.create(self._connection)
            await self._transactions.commit()
        except BaseException:
            await self._transactions.rollback()
            raise

    async def _begin(self) -> None:
        """Begin a transaction; where that is the lock, wait for it."""
        if self._adapter.traits.lock == "session" or self._transactions.is_open:
            await self._transactions.begin()
            return

        async def attempt() -> bool:
            try:
                await self._transactions.begin()
            except Exception as error:
                if self._adapter.is_locked(error):
                    return False
                raise
            return True

        self._waited += await poll(
            attempt,
            limit=self._options.lock_wait,
            holder=lambda: self._adapter.lock_holder(self._connection, self._heads.table.fullname),
            observer=self._options.observer,
        )

    async def _take(self, plan: Plan) -> None:
        moves = plan.moves
        self._options.observer(RunStarted(self._options.direction, tuple(move.id for move in moves)))
        # Where DDL commits by itself, one transaction for the whole run cannot be had.
        alone = self._options.per_revision or not self._adapter.traits.transactional_ddl
        if alone and not self._transactions.external:
            for position, move in enumerate(moves, 1):
                await self._unit([move], position, len(moves))
        else:
            await self._unit(moves, 1, len(moves))

    async def _unit(self, moves: Sequence[Move], first: int, total: int) -> None:
        """The moves that share one transaction; from the top again when they need foreign keys suspended."""
        before = self._kept = len(self._done)
        try:
            await self._attempt(moves, first, total, check=None)
        except RestartRevision:
            await self._transactions.rollback()
            del self._done[self._kept :]
            # A statement outside transactions may have committed the first of them.
            kept = self._kept - before
            async with self._adapter.foreign_keys_suspended(self._connection) as check:
                await self._attempt(moves[kept:], first + kept, total, check=check)

    async def _attempt(self, moves: Sequence[Move], first: int, total: int, *, check: Callable[[], Any] | None) -> None:
        for offset, move in enumerate(moves):
            executor = Executor(self._connection, self._adapter, self._transactions, suspended=check is not None)
            last = move is moves[-1]
            commits, started = self._transactions.commits, time.time()
            try:
                await self._move(move, executor, first + offset, total, check if last else None, commit=last)
            except (RestartRevision, HeadsMovedError):
                raise
            except BaseException as error:
                await self._transactions.rollback()
                if self._transactions.commits == commits:
                    del self._done[self._kept :]
                raised = await self._failure(error, move, executor, started)
                if raised is error:
                    raise
                raise raised from error
            if self._transactions.commits != commits:
                self._kept = len(self._done)

    async def _move(
        self,
        move: Move,
        executor: Executor,
        position: int,
        total: int,
        check: Callable[[], Any] | None,
        *,
        commit: bool,
    ) -> None:
        message = move.revision.message if move.revision is not None else ""
        observer = self._options.observer
        started, clock = time.time(), time.perf_counter()
        await self._begin()
        if self._adapter.traits.lock == "transaction" and not self._transactions.external:
            await self._verify_rows(move)
        observer(RevisionStarted(move.id, message, move.direction, position, total))
        script = None
        if move.revision is not None and move.direction != "stamp":
            script = self._script(move.revision.id)
            await self._run_script(script, move, executor)
        await self._begin()
        entry = NewEntry(move.id, move.direction, "done", started, _checksum(script))
        await self._heads.apply(self._connection, move.changes, self._log.statement(entry))
        if check is not None:
            await check()
        if commit:
            await self._transactions.commit()
        self._rows = tuple(sorted(move.after))
        duration = time.perf_counter() - clock
        self._done.append(AppliedRevision(move.id, message, move.direction, duration))
        observer(RevisionDone(move.id, message, move.direction, position, total, duration))

    async def _verify_rows(self, move: Move) -> None:
        if await self._heads.read_within(self._connection) != set(move.before):
            raise HeadsMovedError

    async def _run_script(self, script: Script, move: Move, executor: Executor) -> None:
        observer, revision = self._options.observer, move.id
        session = LiveSession(
            executor, revision, observer, arguments=self._options.arguments, options=self._options.options
        )
        direction = cast(Literal["upgrade", "downgrade"], move.direction)

        async def run() -> None:
            await run_interruptibly(
                run_script(
                    script, direction, session, on_block=lambda seconds: observer(ScriptBlocked(revision, seconds))
                ),
                lambda: self._adapter.interrupt(self._connection),
            )

        if script.revision.transactional:
            await run()
        else:
            async with executor.autocommit(f"Revision {revision}, which says transactional = False,"):
                await run()

    async def _failure(self, error: BaseException, move: Move, executor: Executor, started: float) -> BaseException:
        """The error to raise, after what happened was told and written down."""
        self._options.observer(RevisionFailed(move.id, move.direction, error, executor.left))
        raised: BaseException = error
        if isinstance(error, Exception):
            raised = failed(error, move, executor, tuple(one.revision for one in self._done))
        if not (self._transactions.external or self._connection.invalidated or self._connection.closed):
            with anyio.CancelScope(shield=True):
                await self._write_failure(move, error, raised, started)
        return raised

    async def _write_failure(self, move: Move, error: BaseException, raised: BaseException, started: float) -> None:
        entry = NewEntry(
            move.id,
            move.direction,
            "failed" if isinstance(error, Exception) else "cancelled",
            started,
            error=f"{type(error).__name__}: {error}".removesuffix(": "),
        )
        try:
            await self._transactions.begin()
            await self._log.write(self._connection, entry)
            await self._transactions.commit()
        except Exception as second:
            # The first error is the one that matters; that it is not in the log is said beside it.
            await self._transactions.rollback()
            raised.add_note(f"(The failure could not be written into {self._log.table.fullname}: {second})")


def _checksum(script: Script | None) -> str | None:
    if script is None or script.revision.path is None:
        return None
    return hashlib.sha256(script.revision.path.read_bytes()).hexdigest()
