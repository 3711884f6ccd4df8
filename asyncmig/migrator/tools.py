"""RunTools: what a run works with: one connection, its adapter and transactions, our tables, the scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.sending import Answer
from asyncmig.environment import VersionChange
from asyncmig.events import Event, Observer
from asyncmig.runtime.limits import Limits
from asyncmig.runtime.transactions import Transactions
from asyncmig.scripts.script import Script
from asyncmig.state.heads import HeadsTable
from asyncmig.state.journal import Journal
from asyncmig.state.lock import LockChoice, lock_holder
from asyncmig.state.log import LogTable
from asyncmig.state.polling import poll


@dataclass(frozen=True)
class RunOptions:
    """What a run must know besides its plan.

    Args:
        direction: `upgrade`, `downgrade` or `stamp`.
        per_revision: one transaction for each revision; else one for the whole run.
        lock: which lock it takes, and how long it waits for another run.
        limits: what statements may take, where a revision does not say otherwise.
        retry_limit: how long to try a revision that does not get its locks, in seconds.
        stall_budget: how long its attempts together may hold up others, in seconds.
        observer: is told of everything.
        arguments: the `-x key=value` arguments for scripts.
        options: settings that scripts may ask for.
        on_version_apply: called for each move in its transaction, once the version rows are moved.
    """

    direction: Literal["upgrade", "downgrade", "stamp"]
    per_revision: bool
    lock: LockChoice
    limits: Limits
    retry_limit: float
    stall_budget: float
    observer: Observer
    arguments: Mapping[str, str]
    options: Mapping[str, Any]
    on_version_apply: Sequence[Callable[[VersionChange], None]] = ()


class RunTools:
    """What a run works with.

    Args:
        connection: the connection; no transaction of ours is open on it.
        adapter: the adapter of its database.
        heads: the version table.
        log: the log.
        journal: the journal.
        script: loads the script of a revision.
        options: the rest.
        external: whether the caller has a transaction open and will end it.
    """

    def __init__(
        self,
        connection: Connection,
        adapter: DialectAdapter,
        heads: HeadsTable,
        log: LogTable,
        journal: Journal,
        *,
        script: Callable[[str], Script],
        options: RunOptions,
        external: bool = False,
    ) -> None:
        self.connection = connection
        self.adapter = adapter
        self.heads = heads
        self.log = log
        self.journal = journal
        self.script = script
        self.options = options
        self.transactions = Transactions(connection, adapter, external=external)
        #: Seconds spent waiting for other runs.
        self.waited = 0.0

    @property
    def usable(self) -> bool:
        """Whether the connection is still there and ours to end transactions on."""
        return not (self.transactions.external or self.connection.invalidated or self.connection.closed)

    @property
    def lock_name(self) -> str:
        """The name of the migration lock of this history."""
        return self.heads.table.fullname

    def tell(self, event: Event) -> None:
        """Tell the observer an event, and those who wait for the lock."""
        self.transactions.held.observe(event)
        self.options.observer(event)

    async def begin(self, limits: Limits | None = None, *questions: str) -> Answer | None:
        """Begin a transaction, unless one is open; where that is the lock, wait for it.

        Args:
            limits: what its statements may take.
            questions: texts that are sent with what begins it.

        Returns:
            what the last question says; None where nothing was begun, and nothing asked.
        """
        transactions = self.transactions
        transactions.limits = limits
        if transactions.is_open:
            answer = await transactions.begin(*questions)
            if answer is None:
                await transactions.apply_limits()
            return answer
        if self.adapter.traits.lock == "session":
            return await transactions.begin(*questions)
        beginning = _Beginning(self, questions)
        self.waited += await poll(
            beginning.attempt,
            limit=self.options.lock.wait,
            holder=lambda: lock_holder(self.adapter, self.connection, self.lock_name, self.options.lock.schema),
            observer=self.options.observer,
        )
        return beginning.answer


class _Beginning:
    """A transaction that is the lock: begun as soon as it is to be had."""

    def __init__(self, tools: RunTools, questions: Sequence[str]) -> None:
        self._tools = tools
        self._questions = questions
        self.answer: Answer | None = None

    async def attempt(self) -> bool:
        try:
            self.answer = await self._tools.transactions.begin(*self._questions)
        except Exception as error:
            if self._tools.adapter.is_locked(error):
                return False
            raise
        return True
