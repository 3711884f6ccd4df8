"""Replay: takes a revision's operations one by one, skips what the journal calls done, and keeps the journal true."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.sending import Answer
from asyncmig.errors import JournalMismatchError, UncertainStepError
from asyncmig.operations.base import Operation
from asyncmig.state.journal import Journal, JournalEntry


@dataclass(frozen=True, slots=True)
class Skip:
    """The operation is done; *outcome* is what it returned then."""

    outcome: Any


@dataclass(frozen=True, slots=True)
class Resume:
    """The operation is to be done from step *first* on.

    Args:
        first: how many of its steps are done.
        steps: the text of its steps as they were planned the first time; None plans them anew.
    """

    first: int
    steps: tuple[str, ...] | None


FRESH = Resume(0, None)

#: How much of a call is kept for messages.
_LONGEST_CALL = 2_000

#: What a digest of the catalogue begins with, which tells how it is to be taken again, and how much of it is kept.
_BUILDING, _OTHER, _DIGITS = "building ", "other ", 48


class Replay:
    """The operations of one run of one revision.

    Args:
        journal: the journal of the history.
        connection: the connection of the run.
        adapter: the adapter of its database.
        revision, direction: what runs.
        entries: what the journal holds of it.
        path: its file, for messages.
        small: what gives a transaction to whatever is asked and written where none is open.
    """

    def __init__(
        self,
        journal: Journal,
        connection: Connection,
        adapter: DialectAdapter,
        *,
        revision: str,
        direction: str,
        entries: Sequence[JournalEntry] = (),
        path: Path | None = None,
        small: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
    ) -> None:
        self._journal = journal
        self._connection = connection
        self._adapter = adapter
        self._revision = revision
        self._direction = direction
        self._path = path
        self._small = small
        #: What the table holds, and what it is going to hold when the transaction is committed.
        self._entries = {entry.ordinal: entry for entry in entries}
        #: What is done and will be written with whatever is written next.
        self._later: JournalEntry | None = None
        self._pending: list[tuple[int, Operation[Any], Any]] = []
        #: Where DDL cannot be rolled back, every operation is journalled; elsewhere from the first commit on.
        self.is_on = bool(entries) or not adapter.traits.transactional_ddl
        self._ordinal = -1
        self._operation: Operation[Any] | None = None

    # -- deciding ---------------------------------------------------------------------------------------------------

    async def take(self, operation: Operation[Any], *, line: int | None = None) -> Skip | Resume:
        """What to do with the next operation of the script.

        Raises:
            JournalMismatchError: another operation stood here when it was done.
            UncertainStepError: it was stopped in the middle, and the catalogue does not tell more.
        """
        self._ordinal += 1
        self._operation = operation
        entry = self._entries.get(self._ordinal)
        if entry is None:
            return FRESH
        digest, call = self._fingerprint(operation)
        same = entry.fingerprint == digest
        if entry.state == "running" and same:
            entry = await self._settle(entry, operation)
        if not same and (entry.state != "open" or entry.steps_done):
            raise JournalMismatchError(
                revision=self._revision,
                ordinal=entry.ordinal + 1,
                was=entry.description,
                now=call,
                path=self._path,
                line=line,
            )
        if entry.state == "done":
            return Skip(entry.outcome)
        return Resume(entry.steps_done, entry.steps) if same and entry.steps_done else FRESH

    def finish(self) -> None:
        """The script has ended.

        Raises:
            JournalMismatchError: it has fewer operations than were done.
        """
        left = [entry for ordinal, entry in self._entries.items() if ordinal > self._ordinal and entry.state == "done"]
        if left:
            first = min(left, key=lambda entry: entry.ordinal)
            raise JournalMismatchError(
                revision=self._revision, ordinal=first.ordinal + 1, was=first.description, now=None, path=self._path
            )

    async def _settle(self, entry: JournalEntry, operation: Operation[Any]) -> JournalEntry:
        """Find out from the catalogue whether the step that was running took effect."""
        if entry.before is None:
            raise UncertainStepError(revision=self._revision, ordinal=entry.ordinal + 1, description=entry.description)
        now = await self.catalogue(operation, building=entry.before.startswith(_BUILDING))
        steps_done = entry.steps_done + (now != entry.before)
        finished = entry.steps is not None and steps_done >= len(entry.steps)
        settled = replace(entry, state="done" if finished else "open", steps_done=steps_done, before=None)
        self._entries[entry.ordinal] = settled
        return settled

    async def catalogue(self, operation: Operation[Any], *, building: bool) -> str | None:
        """What the catalogue says of the tables of *operation*, in short; None when it cannot tell.

        Args:
            operation: the operation.
            building: whether its statement builds an index that may be left unfinished.
        """
        tables = operation.tables()
        async with self._small():
            digest = await self._adapter.digest(self._connection, tables, building=building)
        return digest and f"{_BUILDING if building else _OTHER}{digest[:_DIGITS]}"

    def _fingerprint(self, operation: Operation[Any]) -> tuple[str, str]:
        # Most runs on databases with transactional DDL never need one, and the renderer is not small.
        from asyncmig.runtime.fingerprint import fingerprint

        return fingerprint(operation)

    # -- writing ----------------------------------------------------------------------------------------------------

    @property
    def revision(self) -> str:
        """The revision that runs."""
        return self._revision

    async def start(self) -> None:
        """From here on, keep the journal: something of the revision is about to be committed."""
        if not self.is_on:
            self.is_on = True
            await self._journal.create(self._connection)
        entries = [
            self._entry(ordinal, operation, "done", outcome=outcome) for ordinal, operation, outcome in self._pending
        ]
        self._pending.clear()
        if entries or self._later is not None:
            await self._put(*entries)

    async def step_starts(
        self, number: int, steps: tuple[str, ...] | None, before: str | None, *questions: str
    ) -> Answer | None:
        """Write that a step is under way, in the open transaction or at once.

        Args:
            number: which step of the operation it is, counted from 0.
            steps: the text of all of them, where all are text.
            before: what the catalogue says before it.
            questions: texts that are sent along.

        Returns:
            what the last question says.
        """
        if not self.is_on or self._pending:
            await self.start()
        assert self._operation is not None
        entry = self._entry(self._ordinal, self._operation, "running", steps=steps, steps_done=number, before=before)
        return await self._put(entry, questions=questions)

    async def step_ended(self, number: int, *, took_effect: bool, later: bool = False) -> None:
        """Write that the step is over.

        Args:
            number: which step it is.
            took_effect: whether it has done anything.
            later: whether that has time until something else is written. What the catalogue said before tells as much.
        """
        entry = self._entries[self._ordinal]
        ended = replace(entry, state="open", steps_done=number + took_effect, before=None)
        await self._write(ended, later=later and entry.before is not None)

    async def done(self, operation: Operation[Any], outcome: Any, *, later: bool = False) -> None:
        """Write (or remember) that the operation is done.

        Args:
            operation: the operation.
            outcome: what its last step returned.
            later: as in `step_ended`.
        """
        kept = outcome if isinstance(outcome, str | int | float | bool | list | dict | None) else None
        if not self.is_on:
            self._pending.append((self._ordinal, operation, kept))
            return
        entry = self._entries.get(self._ordinal) or self._entry(self._ordinal, operation, "done")
        steps_done = entry.steps_done if entry.steps is None else len(entry.steps)
        settled = entry.before is not None or self._later is entry
        done = replace(entry, state="done", steps_done=steps_done, before=None, outcome=kept)
        await self._write(done, later=later and settled)

    def clearing(self) -> list[str]:
        """What forgets the revision, as texts for the transaction that moves the version row."""
        self._later = None
        return [self._journal.clearing(self._revision)] if self._entries else []

    def _entry(self, ordinal: int, operation: Operation[Any], state: Any, **facts: Any) -> JournalEntry:
        digest, call = self._fingerprint(operation)
        return JournalEntry(
            revision=self._revision,
            direction=self._direction,
            ordinal=ordinal,
            fingerprint=digest,
            description=call[:_LONGEST_CALL],
            state=state,
            steps=facts.get("steps"),
            steps_done=facts.get("steps_done", 0),
            before=facts.get("before"),
            outcome=facts.get("outcome"),
            updated=datetime.now(UTC),
        )

    async def _write(self, entry: JournalEntry, *, later: bool) -> None:
        if later:
            self._entries[entry.ordinal] = self._later = entry
        else:
            await self._put(entry)

    async def _put(self, *entries: JournalEntry, questions: Sequence[str] = ()) -> Answer | None:
        """Write entries, and first what has waited for that."""
        waiting = self._later
        if waiting is not None and all(entry.ordinal != waiting.ordinal for entry in entries):
            entries = (waiting, *entries)
        self._later = None
        texts = [self._journal.putting(entry, known=entry.ordinal in self._entries) for entry in entries]
        async with self._small():
            answer = await self._adapter.ask(self._connection, *texts, *questions)
        self._entries.update((entry.ordinal, entry) for entry in entries)
        return answer if questions else None
