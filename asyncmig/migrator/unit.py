"""Unit: the moves that share one transaction; tried again as a whole, since a rollback takes all of it back."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from typing import Any, Literal, cast

import anyio

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.config import parse_duration
from asyncmig.dialects.sending import Change
from asyncmig.environment import VersionChange
from asyncmig.errors import ScriptError
from asyncmig.events import LockTimedOut, RevisionDone, RevisionFailed, RevisionStarted, ScriptBlocked
from asyncmig.migrator.checksums import checksum_of
from asyncmig.migrator.failure import failed
from asyncmig.migrator.followers import Follower
from asyncmig.migrator.results import AppliedRevision
from asyncmig.migrator.tools import RunTools
from asyncmig.revisions.moves import Move
from asyncmig.runtime.executor import Executor, RestartRevision
from asyncmig.runtime.interruption import run_interruptibly
from asyncmig.runtime.limits import Limits, LockRetry
from asyncmig.runtime.live import LiveSession
from asyncmig.runtime.replay import Replay
from asyncmig.runtime.script_runner import run_script
from asyncmig.scripts.script import Script
from asyncmig.state.journal import JournalEntry
from asyncmig.state.log import NewEntry


class HeadsMovedError(Exception):
    """Another run has changed the version rows, or has failed, since the plan was made; a new plan is needed."""


class _LocksNotHadError(Exception):
    """Locks were not to be had; all that is not committed has been rolled back."""

    def __init__(self, pause: float) -> None:
        super().__init__(pause)
        self.pause = pause


class Unit:
    """The moves that share one transaction.

    Args:
        tools: what the run works with.
        follower: knows of other runs.
        moves: the moves, in order.
        entries: what the journal holds of them.
        done: what the run has done so far; what this unit does is added.
        first: the position of the first move in the run, counted from 1.
        total: how many moves the run has.
        forget: revisions whose journal is forgotten with these moves, whatever it says.
    """

    def __init__(
        self,
        tools: RunTools,
        follower: Follower,
        moves: Sequence[Move],
        entries: Sequence[JournalEntry],
        done: list[AppliedRevision],
        *,
        first: int,
        total: int,
        forget: Collection[str] = (),
    ) -> None:
        self._tools = tools
        self._follower = follower
        self._moves = list(moves)
        self._entries = tuple(entries)
        self._done = done
        #: How many of `done` are committed.
        self._kept = len(done)
        #: When the move that is under way began, in seconds since the epoch.
        self._started = time.time()
        #: How many of `done` there were when the attempt began.
        self._base = len(done)
        self._first = first
        self._total = total
        self._forget = forget
        self._attempts = 0
        self._limits = tools.options.limits
        self._retry = LockRetry(wall_limit=tools.options.retry_limit, stall_budget=tools.options.stall_budget)

    async def go(self) -> None:
        """Carry the moves out.

        Raises:
            RevisionFailedError: one failed.
            LockTimeoutError: one could not get its locks, however often it was tried.
            HeadsMovedError: somebody else was faster.
        """
        suspended = False
        while True:
            try:
                if suspended:
                    async with self._tools.adapter.foreign_keys_suspended(self._tools.connection) as check:
                        await self._attempt(check)
                else:
                    await self._attempt(None)
                return
            except RestartRevision:
                suspended = True
                await self._tools.transactions.rollback()
                self._take_back()
            except _LocksNotHadError as again:
                self._take_back()
                await anyio.sleep(again.pause)

    def _take_back(self) -> None:
        """What was rolled back is not done; what a statement outside transactions has committed, stays."""
        finished = max(self._kept - self._base, 0)
        del self._done[self._kept :]
        del self._moves[:finished]
        self._first += finished

    async def _attempt(self, check: Callable[[], Any] | None) -> None:
        tools = self._tools
        self._attempts += 1
        self._base = len(self._done)
        for offset, move in enumerate(self._moves):
            executor = Executor(
                tools.connection,
                tools.adapter,
                tools.transactions,
                await self._replay(move),
                suspended=check is not None,
            )
            last = move is self._moves[-1]
            commits = tools.transactions.commits
            try:
                await self._move(move, executor, self._first + offset, check if last else None, commit=last)
            except (RestartRevision, HeadsMovedError):
                raise
            except BaseException as error:
                await self._failed(error, move, executor, commits)
            if tools.transactions.commits != commits:
                self._kept = len(self._done)

    async def _replay(self, move: Move) -> Replay:
        """The journal of *move*; read again when it is not the first attempt at it."""
        tools = self._tools
        if self._attempts > 1:
            self._entries = await tools.journal.read(tools.connection)
        return Replay(
            tools.journal,
            tools.connection,
            tools.adapter,
            revision=move.id,
            direction=move.direction,
            entries=[entry for entry in self._entries if entry.revision == move.id],
            path=move.revision.path if move.revision is not None else None,
            small=tools.transactions.small,
        )

    # -- one move ---------------------------------------------------------------------------------------------------

    async def _move(
        self, move: Move, executor: Executor, position: int, check: Callable[[], Any] | None, *, commit: bool
    ) -> None:
        tools, observer = self._tools, self._tools.options.observer
        message = move.revision.message if move.revision is not None else ""
        started, clock = time.time(), time.perf_counter()
        self._started = started
        script = None
        if move.revision is not None and move.direction != "stamp":
            script = tools.script(move.revision.id)
        self._limits = limits_of(script, tools.options.limits)
        await self._begin(move)
        tools.tell(RevisionStarted(move.id, message, move.direction, position, self._total))
        if script is not None:
            await self._run_script(script, move, executor)
            executor.replay.finish()
        if check is not None:
            await check()
        await self._seal(move, script, executor, started, commit=commit)
        duration = time.perf_counter() - clock
        self._done.append(AppliedRevision(move.id, message, move.direction, duration))
        observer(RevisionDone(move.id, message, move.direction, position, self._total, duration))

    async def _begin(self, move: Move) -> None:
        """Begin the transaction of a move; what must be known before anything is done is asked on the same trip.

        Raises:
            HeadsMovedError: another run has been here since the plan was made.
            LockLostError: the lock is not held any more.
        """
        tools, held = self._tools, self._tools.transactions.held
        if tools.adapter.traits.lock == "transaction" and not tools.transactions.external:
            question = self._follower.question(tools.heads)
            answer = await tools.begin(self._limits, question)
            if answer is None:
                answer = await tools.adapter.ask(tools.connection, question)
            if self._follower.has_news(answer, move.before):
                raise HeadsMovedError
            await held.verify(move.id)
        else:
            questions = held.questions(move.id)
            answer = await tools.begin(self._limits, *questions)
            await held.verify(move.id, answer=answer if questions else None)

    async def _seal(
        self, move: Move, script: Script | None, executor: Executor, started: float, *, commit: bool
    ) -> None:
        """Move the version rows, forget the journal and write the log, in the open transaction; and commit it.

        Raises:
            HistoryMismatchError: a version row is not what it was.
        """
        tools = self._tools
        await tools.transactions.begin()
        checksum = None if script is None else script.checksum
        texts = [tools.journal.clearing(revision) for revision in self._forget]
        texts += executor.replay.clearing()
        texts.append(tools.log.statement(NewEntry(move.id, move.direction, "done", started, checksum)))
        changes = [*map(Change, texts), *tools.heads.changes(move.changes)]
        if tools.options.on_version_apply:
            wrong = await tools.adapter.change(tools.connection, changes)
            if wrong is None:
                await greenlet_spawn(self._tell_hooks, move)
                wrong = await tools.transactions.commit() if commit else None
        elif commit:
            wrong = await tools.transactions.commit(changes)
        else:
            wrong = await tools.adapter.change(tools.connection, changes)
        if wrong is not None and wrong.row is not None:
            raise tools.heads.moved(wrong.row)

    def _tell_hooks(self, move: Move) -> None:
        for hook in self._tools.options.on_version_apply:
            hook(VersionChange(self._tools.connection, move))

    async def _run_script(self, script: Script, move: Move, executor: Executor) -> None:
        options, revision = self._tools.options, move.id
        session = LiveSession(
            executor, revision, self._tools.tell, arguments=options.arguments, options=options.options
        )
        direction = cast(Literal["upgrade", "downgrade"], move.direction)

        async def run() -> None:
            await run_interruptibly(
                run_script(
                    script, direction, session, on_block=lambda time: options.observer(ScriptBlocked(revision, time))
                ),
                lambda: self._tools.adapter.interrupt(self._tools.connection),
            )

        if script.revision.transactional:
            await run()
        else:
            async with executor.autocommit(f"Revision {revision}, which says transactional = False,"):
                await run()

    # -- failure ----------------------------------------------------------------------------------------------------

    async def _failed(self, error: BaseException, move: Move, executor: Executor, commits: int) -> None:
        """Roll back, and raise what comes of it: another attempt, or the error to show."""
        tools = self._tools
        await tools.transactions.rollback()
        if tools.transactions.commits != commits:
            self._kept = len(self._done)
        lost = isinstance(error, Exception) and tools.usable and await tools.transactions.held.is_lost()
        locked = isinstance(error, Exception) and tools.usable and not lost and tools.adapter.is_locked(error)
        if locked and not tools.transactions.ended_by_script:
            pause = self._retry.next_pause(self._limits.lock_timeout)
            if pause is not None:
                tools.options.observer(LockTimedOut(move.id, self._retry.attempts, pause, executor.blockers))
                raise _LocksNotHadError(pause) from error
        del self._done[self._kept :]
        raised = await self._told(error, move, executor, attempts=self._retry.attempts if locked else 0)
        if raised is error:
            raise error
        raise raised from error

    async def _told(self, error: BaseException, move: Move, executor: Executor, *, attempts: int) -> BaseException:
        """The error to raise, after what happened was told and written down."""
        tools = self._tools
        tools.options.observer(RevisionFailed(move.id, move.direction, error, executor.left))
        raised: BaseException = error
        if isinstance(error, Exception):
            applied = tuple(one.revision for one in self._done)
            loss = tools.transactions.held.loss
            raised = failed(error, move, executor, applied, attempts=attempts, loss=loss)
        # What is written down is committed, which takes the lock.
        if tools.usable and tools.transactions.held.loss is None:
            with anyio.CancelScope(shield=True):
                await self._write_failure(move, error, raised)
        return raised

    async def _write_failure(self, move: Move, error: BaseException, raised: BaseException) -> None:
        tools = self._tools
        try:
            await tools.transactions.begin()
            entry = NewEntry(
                move.id,
                move.direction,
                "failed" if isinstance(error, Exception) else "cancelled",
                self._started,
                checksum_of(move.revision),
                f"{type(error).__name__}: {error}".removesuffix(": "),
            )
            await tools.log.write(tools.connection, entry)
            await tools.transactions.commit()
        except Exception as second:
            # The first error is the one that matters; that it is not in the log is said beside it.
            await tools.transactions.rollback()
            raised.add_note(f"(The failure could not be written into {tools.log.table.fullname}: {second})")


def limits_of(script: Script | None, limits: Limits) -> Limits:
    """The limits for a revision: what its file says (`lock_timeout = "2s"`), else those of the settings.

    Raises:
        ScriptError: what the file says is no duration.
    """
    if script is None:
        return limits
    return Limits(
        lock_timeout=_duration(script, "lock_timeout", limits.lock_timeout),
        statement_timeout=_duration(script, "statement_timeout", limits.statement_timeout),
    )


def _duration(script: Script, name: str, default: Any) -> Any:
    value = getattr(script.module, name, None)
    if value is None:
        return default
    try:
        return parse_duration(value)
    except ValueError as error:
        raise ScriptError(f"{name} = {value!r} is no duration.", path=script.path, hint=f'{name} = "3s"') from error
