"""Log: what was run on the database, when, by whom, and how it ended."""

from __future__ import annotations

import getpass
import json
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal, NamedTuple, TypeVar
from uuid import uuid4

from sqlalchemy import Connection, bindparam, func, inspect, select
from sqlalchemy.exc import DBAPIError, NoSuchTableError
from sqlalchemy.schema import CreateTable

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig._version import VERSION
from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.revisions.graph import RevisionGraph
from asyncmig.state.literals import assignments, literal_of
from asyncmig.state.tables import log_table

Outcome = Literal["done", "failed", "cancelled"]
T = TypeVar("T")

#: Columns that the tables of older versions lack.
_ADDED = frozenset({"phase", "follows"})


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
        phase: `expand` or `contract`, where the revision's file says so.
        follows: the revisions that it stands on, its parents and what it depends on.
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
    phase: str | None = None
    follows: tuple[str, ...] = ()


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
        graph: gives the history, whose revisions the rows describe; asked when a row is written.
    """

    def __init__(
        self, adapter: DialectAdapter, version_table: str, schema: str | None, *, graph: Callable[[], RevisionGraph]
    ) -> None:
        self._adapter = adapter
        self._version_table = version_table
        self._graph = graph
        self.table = log_table(schema, adapter.precise_time)
        self._insert_into = f"INSERT INTO {adapter.table_name(self.table.name, schema)}"
        self._run = uuid4().hex
        self._host = socket.gethostname()[:255]
        self._who = _user()[:255]
        columns = self.table.c
        failed = (columns.version_table == version_table, columns.outcome == "failed", columns.run != self._run)
        self._newest_failure = select(func.max(columns.id)).where(*failed)
        self._failures = (
            select(*[columns[name] for name in LogEntry.__dataclass_fields__ if name not in _ADDED])
            .where(*failed, columns.id > bindparam("after"))
            .order_by(columns.id.desc())
        )

    # -- the table --------------------------------------------------------------------------------------------------

    async def create(self, connection: Connection) -> None:
        """Create the table unless it exists; one that an older version has made gets the columns that it lacks."""
        await self._adapter.send(connection, self._adapter.ddl(CreateTable(self.table, if_not_exists=True)))
        there = await greenlet_spawn(self._columns, connection)
        table = self._adapter.table_name(self.table.name, self.table.schema)
        for column in self.table.columns:
            if column.name not in there:
                definition = f"{self._adapter.quote(column.name)} {self._adapter.type_text(column.type)}"
                await self._adapter.send(connection, f"ALTER TABLE {table} ADD COLUMN {definition}")

    async def exists(self, connection: Connection) -> bool:
        """Whether there is such a table, with all its columns."""
        there = await greenlet_spawn(self._columns, connection)
        return {column.name for column in self.table.columns} <= there

    def _columns(self, connection: Connection) -> set[str]:
        """The columns that are there; nothing when there is no such table."""
        try:
            found = inspect(connection).get_columns(self.table.name, schema=self.table.schema)
        except NoSuchTableError:
            return set()
        return {column["name"] for column in found}

    # -- writing ----------------------------------------------------------------------------------------------------

    def statement(self, entry: NewEntry) -> str:
        """What adds a row, as text."""
        row = self._row(entry)
        same = self._same
        values = [same[name] if name in same else literal_of(self._adapter, value) for name, value in row.items()]
        return f"{self._insert_into} ({', '.join(row)}) VALUES ({', '.join(values)})"

    @cached_property
    def _same(self) -> dict[str, str]:
        """The values that are the same in every row of a run, as literals."""
        same = {"version_table": self._version_table, "run": self._run, "who": self._who, "host": self._host}
        return {name: literal_of(self._adapter, value) for name, value in {**same, "version": VERSION}.items()}

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
            **self._described(entry.revision),
        }

    async def write(self, connection: Connection, entry: NewEntry) -> None:
        """Add a row in the open transaction."""
        await self._adapter.send(connection, self.statement(entry))

    def _described(self, revision: str) -> dict[str, str | None]:
        graph = self._graph()
        if revision not in graph:
            return {"phase": None, "follows": None}
        follows = (*graph[revision].parents, *graph.dependencies(revision))
        return {"phase": graph[revision].phase, "follows": json.dumps(follows)}

    # -- reading ----------------------------------------------------------------------------------------------------

    async def read(self, connection: Connection, limit: int | None = None) -> tuple[LogEntry, ...]:
        """The newest *limit* rows (or all), newest first; nothing when there is no log yet."""
        return await greenlet_spawn(self._ask, connection, lambda: self._read(connection, limit), ())

    def _read(self, connection: Connection, limit: int | None) -> tuple[LogEntry, ...]:
        there = self._columns(connection)
        columns = self.table.c
        query = (
            select(*[columns[name] for name in LogEntry.__dataclass_fields__ if name in there])
            .where(columns.version_table == self._version_table)
            .order_by(columns.id.desc())
            .limit(limit)
        )
        return tuple(_entry(row) for row in connection.execute(query).mappings()) if there else ()

    async def checksums(self, connection: Connection) -> dict[str, str | None]:
        """The checksum of the file of each revision that is applied, as it was when it was run last."""

        def read() -> dict[str, str | None]:
            columns = self.table.c
            query = (
                select(columns.revision, columns.direction, columns.checksum)
                .where(columns.version_table == self._version_table, columns.outcome == "done")
                .order_by(columns.id)
            )
            found: dict[str, str | None] = {}
            for revision, direction, checksum in connection.execute(query):
                found.pop(revision, None)
                if direction == "upgrade":
                    found[revision] = checksum
            return found

        return await greenlet_spawn(self._ask, connection, read, {})

    async def accept(self, connection: Connection, checksums: Mapping[str, str | None]) -> None:
        """Write other checksums into the rows that say when these revisions were run last; commits."""

        def write() -> None:
            columns = self.table.c
            for revision, checksum in checksums.items():
                mine = (columns.version_table == self._version_table, columns.revision == revision)
                last = connection.scalar(select(func.max(columns.id)).where(*mine, columns.direction == "upgrade"))
                connection.execute(self.table.update().where(columns.id == last).values(checksum=checksum))
            connection.commit()

        await greenlet_spawn(write)

    async def newest_failure(self, connection: Connection) -> int:
        """The number of the newest row in which another run has failed; 0 when there is none."""
        return await greenlet_spawn(self._ask, connection, lambda: int(connection.scalar(self._newest_failure) or 0), 0)

    def news_text(self, after: int, *more: str) -> str:
        """What asks for the numbers of the newest row and of the newest failure of another run, after number *after*.

        To be asked inside the open transaction of a run; the table exists. Each look begins where the last one ended,
        so that a run of many revisions does not read its own rows again and again.

        Args:
            after: the number.
            more: expressions to be asked for before them.
        """
        return f"SELECT {', '.join([*more, self._news])} WHERE id > {after:d}"

    @cached_property
    def _news(self) -> str:
        mine = {"version_table": self._version_table, "outcome": "failed"}
        failed = f"{assignments(self._adapter, mine, ' AND ')} AND run <> {self._same['run']}"
        table = self._adapter.table_name(self.table.name, self.table.schema)
        return f"max(id), max(CASE WHEN {failed} THEN id END) FROM {table}"

    async def failures(self, connection: Connection, after: int) -> tuple[LogEntry, ...]:
        """The rows after number *after* in which another run has failed, newest first."""

        def read() -> tuple[LogEntry, ...]:
            return tuple(_entry(row) for row in connection.execute(self._failures, {"after": after}).mappings())

        return await greenlet_spawn(self._ask, connection, read, ())

    def _ask(self, connection: Connection, question: Callable[[], T], otherwise: T) -> T:
        """Ask the table, or give *otherwise* when it is not there. No transaction of ours stays open."""
        if connection.in_transaction():
            # It is somebody's: a failing SELECT would spoil it on PostgreSQL, so look first.
            return question() if inspect(connection).has_table(self.table.name, schema=self.table.schema) else otherwise
        try:
            return question()
        except DBAPIError as error:
            if not self._adapter.is_missing_table(error):
                raise
            return otherwise
        finally:
            connection.rollback()


def _entry(row: Mapping[Any, Any]) -> LogEntry:
    values = dict(row)
    values["follows"] = tuple(json.loads(values.get("follows") or "[]"))
    return LogEntry(**values)


def _user() -> str:
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        # A container may run under a number that no user database knows.
        return ""
