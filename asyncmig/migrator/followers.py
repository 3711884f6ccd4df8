"""Follower: what a run learns from those of other replicas: a failure that it would repeat, code that is newer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property

from sqlalchemy import Connection

from asyncmig.dialects.sending import Answer
from asyncmig.errors import HistoryMismatchError, LeaderFailedError
from asyncmig.migrator.checksums import checksum_of
from asyncmig.revisions.graph import RevisionGraph
from asyncmig.revisions.moves import Move, Plan
from asyncmig.state.heads import HeadsTable
from asyncmig.state.journal import JournalEntry
from asyncmig.state.log import LogEntry, LogTable

# -- a failure that would be repeated ----------------------------------------------------------------------------------


def failure_of_leader(
    entries: Iterable[LogEntry], moves: Iterable[Move], checksum: Callable[[Move], str | None]
) -> tuple[Move, LogEntry] | None:
    """The first of *moves* that has failed in another run with the same file, and the row that says so.

    Args:
        entries: the rows of failures that were written since this run began, newest first.
        moves: what this run would begin with: all that shares its first transaction.
        checksum: that of a move's file here. A file that was mended since is worth another attempt.
    """
    failures = list(entries)
    for move in moves:
        for entry in failures:
            same = (entry.revision, entry.direction) == (move.id, move.direction)
            if same and entry.checksum in (None, checksum(move)):
                return move, entry
    return None


# -- a database that is ahead of the code ------------------------------------------------------------------------------


def rows_below(
    rows: Iterable[str], entries: Sequence[LogEntry], knows: Callable[[str], bool]
) -> tuple[tuple[str, ...], Mapping[str, str | None]] | None:
    """What a version table says of the revisions that this code knows, where newer code has gone on from there.

    Args:
        rows: the rows of the version table.
        entries: the log, newest first.
        knows: whether there is a file for a revision.

    Returns:
        the known revisions that the rows are or stand on, and the phase of each unknown one; None when the log does
        not tell of them all.
    """
    told: dict[str, LogEntry] = {}
    for entry in entries:
        if entry.outcome == "done":
            told.setdefault(entry.revision, entry)
    known: list[str] = []
    phases: dict[str, str | None] = {}
    left = list(rows)
    while left:
        revision = left.pop()
        if knows(revision):
            known.append(revision)
        elif revision not in phases:
            found = told.get(revision)
            if found is None or found.direction == "downgrade" or not (found.follows or found.phase):
                return None
            phases[revision] = found.phase
            left.extend(found.follows)
    return tuple(dict.fromkeys(known)), phases


def highest(graph: RevisionGraph, revisions: Collection[str]) -> tuple[str, ...]:
    """Those of *revisions* on which no other of them stands: what a version table would hold of them."""
    below: set[str] = set()
    for revision in revisions:
        below |= graph.ancestors(revision) - {revision}
    return tuple(sorted(revision for revision in revisions if revision not in below))


async def known_rows(
    connection: Connection, rows: Sequence[str], graph: RevisionGraph, log: LogTable
) -> tuple[str, ...] | None:
    """The rows as this code would have them; None when they are, or when what is unknown cannot be accepted.

    Raises:
        HistoryMismatchError: newer code has applied revisions that older code cannot be expected to bear.
    """
    unknown = [row for row in rows if row not in graph]
    if not unknown:
        return None
    below = rows_below(rows, await log.read(connection), graph.__contains__)
    if below is None:
        return None
    known, phases = below
    others = sorted(revision for revision, phase in phases.items() if phase != "expand")
    if others:
        raise HistoryMismatchError(
            f"The database is ahead of this code: it is at {', '.join(unknown)}, which no revision file here declares, "
            f"and {', '.join(others)} {'is' if len(others) == 1 else 'are'} not marked as bearable for older code.",
            unknown=sorted(phases),
            hint='Deploy the code that has these files. Older code is let in where they say: phase = "expand"',
        )
    return highest(graph, known)


class Follower:
    """What one run learns from those of other replicas.

    Args:
        graph: the history.
        make_log: makes the log, which the usual start does not need.
        make_plan: the plan for the rows of a version table.
        upgrades: whether it is an upgrade; nothing else is let through where the database is ahead.
    """

    def __init__(
        self,
        graph: RevisionGraph,
        make_log: Callable[[], LogTable],
        make_plan: Callable[[Iterable[str]], Plan],
        *,
        upgrades: bool,
    ) -> None:
        self._graph = graph
        self._make_log = make_log
        self._make_plan = make_plan
        self._upgrades = upgrades
        #: The newest failure that this run knows of; None where it does not look for any.
        self._seen: int | None = None
        #: The newest row of the log that was looked at inside a transaction.
        self._looked = 0

    @cached_property
    def log(self) -> LogTable:
        """The log."""
        return self._make_log()

    async def plan(self, connection: Connection, rows: Sequence[str]) -> Plan:
        """The plan for *rows*; nothing to do where the database is ahead of this code in a way that it can bear.

        Raises:
            HistoryMismatchError: it is ahead in another way, or something is to be done besides.
        """
        unknown = [row for row in rows if row not in self._graph]
        below = await known_rows(connection, rows, self._graph, self.log) if unknown and self._upgrades else None
        if below is None:
            return self._make_plan(rows)
        plan = self._make_plan(below)
        if plan.moves:
            raise HistoryMismatchError(
                f"The database is at {', '.join(unknown)}, which no revision file here declares, and "
                f"{', '.join(move.id for move in plan.moves)} is still to be applied: neither history has the other.",
                unknown=unknown,
                hint="Deploy code that has the files of both.",
            )
        return plan

    async def begin(self, connection: Connection) -> None:
        """Take note of what has failed before this run; what fails from now on concerns it."""
        self._seen = await self.log.newest_failure(connection)

    def question(self, heads: HeadsTable) -> str:
        """What tells, inside a transaction, whether another run has changed the rows or has failed meanwhile."""
        rows = heads.rows_text("NULL", "NULL")
        if self._seen is None:
            return rows
        return f"{rows} UNION ALL {self.log.news_text(max(self._looked, self._seen), 'NULL')}"

    def has_news(self, answer: Answer, before: Iterable[str]) -> bool:
        """Whether another run has changed the rows, or has failed since the last look.

        Args:
            answer: what came of the question.
            before: the rows as they were when the plan was made.
        """
        found = () if isinstance(answer, int) else answer
        rows = {str(row) for row, _, _ in found if row is not None}
        failure = max((int(failure or 0) for _, _, failure in found), default=0)
        self._looked = max(self._looked, *(int(newest or 0) for _, newest, _ in found), 0)
        return rows != set(before) or (self._seen is not None and failure > self._seen)

    async def refuse_repetition(
        self, connection: Connection, moves: Sequence[Move], journal: Sequence[JournalEntry]
    ) -> None:
        """Make the failure of another run this one's own, where this one would only repeat it.

        Args:
            connection: the connection of the run, which holds the lock by now.
            moves: what it would begin with: all that shares its first transaction.
            journal: what is half done.

        Raises:
            LeaderFailedError: another run has failed at what this one would begin with, since this one began.
        """
        entries = await self.log.failures(connection, self._seen) if self._seen is not None else ()
        if not entries:
            return
        self._seen = entries[0].id
        found = failure_of_leader(entries, moves, lambda move: checksum_of(move.revision))
        if found is None:
            return
        move, failure = found
        raise LeaderFailedError(
            revision=move.id,
            direction=move.direction,
            path=move.revision.path if move.revision is not None else None,
            host=failure.host,
            who=failure.who,
            error=failure.error or "no reason was written down",
            left=[entry.description for entry in journal if entry.revision == move.id],
        )
