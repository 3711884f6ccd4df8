"""Journal: the durable record of the operations done of a revision that is not finished."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, inspect, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.state.literals import assignments, insertion
from asyncmig.state.tables import journal_table

State = Literal["running", "open", "done"]


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One operation of an unfinished revision.

    Args:
        revision, direction: what was run.
        ordinal: which of its operations, counted from 0.
        fingerprint: digest of the operation.
        description: the call in the script.
        state: `running` while a step is under way, `open` between two of its steps, `done`.
        steps: the text of its steps, so that a resume does not decide differently; None where they have none.
        steps_done: how many of them are done.
        before: what the catalogue said of its tables before the step that is running.
        outcome: what it returned, where that can be kept.
        updated: when it was last touched, in UTC.
    """

    revision: str
    direction: str
    ordinal: int
    fingerprint: str
    description: str
    state: State
    steps: tuple[str, ...] | None
    steps_done: int
    before: str | None
    outcome: Any
    updated: datetime


class Journal:
    """The journal of one history.

    Args:
        adapter: the adapter of the database.
        version_table: the version table whose history it is about.
        schema: the schema of both, None for the default schema.
    """

    def __init__(self, adapter: DialectAdapter, version_table: str, schema: str | None) -> None:
        self._adapter = adapter
        self._version_table = version_table
        self.table = journal_table(schema, adapter.precise_time)
        self._name = adapter.table_name(self.table.name, schema)
        columns = self.table.c
        self._select = (
            select(self.table).where(columns.version_table == version_table).order_by(columns.revision, columns.ordinal)
        )
        self.exists = False

    # -- reading ----------------------------------------------------------------------------------------------------

    async def read(self, connection: Connection) -> tuple[JournalEntry, ...]:
        """All entries, in order; nothing when there is no journal."""
        return await greenlet_spawn(self._read, connection)

    def _read(self, connection: Connection) -> tuple[JournalEntry, ...]:
        own = not connection.in_transaction()
        if not own and not inspect(connection).has_table(self.table.name, schema=self.table.schema):
            return ()
        try:
            rows = connection.execute(self._select).mappings().all()
            self.exists = True
            return tuple(_entry(row) for row in rows)
        except DBAPIError as error:
            if not self._adapter.is_missing_table(error):
                raise
            return ()
        finally:
            if own:
                connection.rollback()

    # -- writing ----------------------------------------------------------------------------------------------------

    async def create(self, connection: Connection) -> None:
        """Create the table unless it is known to exist."""
        if not self.exists:
            await self._adapter.send(connection, self._adapter.ddl(CreateTable(self.table, if_not_exists=True)))
            self.exists = True

    def putting(self, entry: JournalEntry, *, known: bool) -> str:
        """What writes an entry, as text.

        Args:
            entry: what to write.
            known: whether the entry is in the table already.
        """
        row = {
            "version_table": self._version_table,
            "revision": entry.revision,
            "ordinal": entry.ordinal,
            "direction": entry.direction,
            "fingerprint": entry.fingerprint,
            "description": entry.description,
            "state": entry.state,
            "steps": None if entry.steps is None else json.dumps(entry.steps),
            "steps_done": entry.steps_done,
            "before_step": entry.before,
            "outcome": _packed(entry.outcome),
            "updated": datetime.now(UTC).replace(tzinfo=None),
        }
        if known:
            values = assignments(self._adapter, {name: row[name] for name in _CHANGING}, ", ")
            return f"UPDATE {self._name} SET {values} WHERE {self._key(entry)}"
        return insertion(self._adapter, self._name, row)

    def clearing(self, revision: str) -> str:
        """What takes all entries of a finished revision away, as text."""
        mine = assignments(self._adapter, {"version_table": self._version_table, "revision": revision}, " AND ")
        return f"DELETE FROM {self._name} WHERE {mine}"

    def _key(self, entry: JournalEntry) -> str:
        key = {"version_table": self._version_table, "revision": entry.revision, "ordinal": entry.ordinal}
        return assignments(self._adapter, key, " AND ")


_CHANGING = ("fingerprint", "description", "state", "steps", "steps_done", "before_step", "outcome", "updated")


def _entry(row: Mapping[Any, Any]) -> JournalEntry:
    steps: Sequence[str] | None = None if row["steps"] is None else json.loads(row["steps"])
    return JournalEntry(
        revision=row["revision"],
        direction=row["direction"],
        ordinal=row["ordinal"],
        fingerprint=row["fingerprint"],
        description=row["description"],
        state=row["state"],
        steps=None if steps is None else tuple(steps),
        steps_done=row["steps_done"],
        before=row["before_step"],
        outcome=None if row["outcome"] is None else json.loads(row["outcome"]),
        updated=row["updated"],
    )


def _packed(outcome: Any) -> str | None:
    """What an operation returned, where JSON can hold it."""
    if outcome is None:
        return None
    try:
        return json.dumps(outcome)
    except (TypeError, ValueError):
        # Asked for again after a resume, it is said to be lost; see `LostOutcome`.
        return None
