"""Resolving: what is half done, and a person's word on the step that the database cannot tell of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.sending import Change
from asyncmig.errors import JournalError
from asyncmig.events import Observer
from asyncmig.migrator.results import Unfinished
from asyncmig.runtime.transactions import Transactions
from asyncmig.state.journal import Journal, JournalEntry
from asyncmig.state.lock import LockChoice, run_lock


def unfinished(entries: Sequence[JournalEntry], knows: Callable[[str], bool]) -> tuple[Unfinished, ...]:
    """The revisions that the journal calls half done.

    Args:
        entries: the journal.
        knows: whether there is a file for a revision.
    """
    found = []
    for revision in dict.fromkeys(entry.revision for entry in entries):
        mine = [entry for entry in entries if entry.revision == revision]
        running = next((entry.description for entry in mine if entry.state == "running"), None)
        done = tuple(entry.description for entry in mine if entry.state == "done")
        found.append(Unfinished(revision, mine[0].direction, done, running, not knows(revision)))
    return tuple(found)


async def resolve_step(
    connection: Connection,
    adapter: DialectAdapter,
    journal: Journal,
    revision: str,
    *,
    done: bool,
    lock_name: str,
    lock: LockChoice,
    observer: Observer,
) -> None:
    """Write down whether the step in the middle of which *revision* was stopped took effect.

    Raises:
        JournalError: no step of it is uncertain.
    """
    await adapter.open(connection)
    try:
        async with run_lock(adapter, connection, lock_name, lock, observer) as held:
            entries = await journal.read(connection)
            entry = next((one for one in entries if one.revision == revision and one.state == "running"), None)
            if entry is None:
                raise JournalError(
                    f"No step of revision {revision} waits for a word on it.",
                    revision=revision,
                    hint="asyncmig status    # shows what is half done",
                )
            transactions = Transactions(connection, adapter)
            transactions.held = held
            await transactions.begin()
            try:
                await transactions.commit([Change(journal.putting(_resolved(entry, done=done), known=True))])
            except BaseException:
                await transactions.rollback()
                raise
    finally:
        await adapter.close(connection)


def _resolved(entry: JournalEntry, *, done: bool) -> JournalEntry:
    steps_done = entry.steps_done + done
    over = done and (entry.steps is None or steps_done >= len(entry.steps))
    return replace(entry, state="done" if over else "open", steps_done=steps_done, before=None)
