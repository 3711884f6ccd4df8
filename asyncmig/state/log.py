"""Log: what was run on the database, when, by whom, and how it ended."""

from __future__ import annotations

import getpass
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal, NamedTuple
from uuid import uuid4

from sqlalchemy import Connection, inspect, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig._version import VERSION
from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.state.tables import log_table

Outcome = Literal["done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One row of the log.

    Args:
        id: counts up.
        revision: the revision.
        direction: `upgrade`, `downgrade` or `stamp`.
        outcome: `done`, `failed` or `cancelled`.
        started: when it began, in UTC.
        duration: seconds.
        checksum: SHA-256 of the revision's file, None for a stamp to base.
        who, host: the user and the machine that ran it.
        version: the version of asyncmig.
        error: what went wrong.
        run: tells the rows of one run from those of others.
    """

    id: int
    revision: str
    direction: str
    outcome: str
    started: datetime
    duration: float
    checksum: str | None
    who: str | None
    host: str | None
    version: str | None
    error: str | None
    run: str


class NewEntry(NamedTuple):
    """What happened to a revision just now.

    Args:
        revision, direction, outcome, checksum, error: as in `LogEntry`.
        started: when it began, in seconds since the epoch.
    """

    revision: str
    direction: str
    outcome: Outcome
    started: float
    checksum: str | None = None
    error: str | None = None


class LogTable:
    """The log of one history.

    Args:
        adapter: the adapter of the database.
        version_table: the version table whose history it is about.
        schema: the schema of both, None for the default schema.
    """

    def __init__(self, adapter: DialectAdapter, version_table: str, schema: str | None) -> None:
        self._adapter = adapter
        self._version_table = version_table
        self.table = log_table(schema)
        self._insert = self.table.insert().inline()
        self._insert_into = f"INSERT INTO {adapter.table_name(self.table.name, schema)}"
        self._run = uuid4().hex
        self._host = socket.gethostname()[:255]
        self._who = _user()[:255]

    async def create(self, connection: Connection) -> None:
        """Create the table unless it exists."""
        await self._adapter.send(connection, self._adapter.ddl(CreateTable(self.table, if_not_exists=True)))

    async def exists(self, connection: Connection) -> bool:
        """Whether there is such a table."""
        return await greenlet_spawn(lambda: inspect(connection).has_table(self.table.name, schema=self.table.schema))

    def statement(self, entry: NewEntry) -> str:
        """What adds a row, as text."""
        row = self._row(entry)
        values = [self._same[name] if name in self._same else self._literal(value) for name, value in row.items()]
        return f"{self._insert_into} ({', '.join(row)}) VALUES ({', '.join(values)})"

    @cached_property
    def _same(self) -> dict[str, str]:
        """The values that are the same in every row of a run, as literals."""
        same = {"version_table": self._version_table, "run": self._run, "who": self._who, "host": self._host}
        return {name: self._literal(value) for name, value in {**same, "version": VERSION}.items()}

    def _literal(self, value: Any) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, float):
            return repr(value)
        return self._adapter.literal(value.isoformat(" ", "microseconds") if isinstance(value, datetime) else value)

    def _row(self, entry: NewEntry) -> dict[str, Any]:
        return {
            "version_table": self._version_table,
            "run": self._run,
            "revision": entry.revision,
            "direction": entry.direction,
            "outcome": entry.outcome,
            "started": datetime.fromtimestamp(entry.started, UTC).replace(tzinfo=None),
            "duration": time.time() - entry.started,
            "checksum": entry.checksum,
            "who": self._who,
            "host": self._host,
            "version": VERSION,
            "error": entry.error,
        }

    async def write(self, connection: Connection, entry: NewEntry) -> None:
        """Add a row in the open transaction."""
        await greenlet_spawn(connection.execute, self._insert, self._row(entry))

    async def read(self, connection: Connection, limit: int) -> tuple[LogEntry, ...]:
        """The newest *limit* rows, newest first; nothing when there is no log yet."""
        return await greenlet_spawn(self._read, connection, limit)

    def _read(self, connection: Connection, limit: int) -> tuple[LogEntry, ...]:
        columns = self.table.c
        query = (
            select(*[columns[name] for name in LogEntry.__dataclass_fields__])
            .where(columns.version_table == self._version_table)
            .order_by(columns.id.desc())
            .limit(limit)
        )
        try:
            return tuple(LogEntry(*row) for row in connection.execute(query))
        except DBAPIError as error:
            if not self._adapter.is_missing_table(error):
                raise
            return ()
        finally:
            connection.rollback()


def _user() -> str:
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        # A container may run under a number that no user database knows.
        return ""
