"""Rows: what the version table holds after each move, as Alembic keeps it: one row per applied real head."""

from __future__ import annotations

from collections.abc import Iterable

from asyncmig.revisions.graph import RevisionGraph
from asyncmig.revisions.moves import Move

__all__ = ["Rows"]


class Rows:
    """The version rows while moves are planned.

    Args:
        graph: the history.
        applied: the rows to begin with.
        active: the positions of all applied revisions; only needed to go down.
    """

    def __init__(self, graph: RevisionGraph, applied: tuple[str, ...], active: set[int] | None = None) -> None:
        self._graph = graph
        self._rows = applied
        self._active = active if active is not None else set()
        # How many applied revisions stand directly above; counted when first asked for.
        self._above: dict[int, int] = {}

    @property
    def now(self) -> tuple[str, ...]:
        """The rows after the moves so far."""
        return self._rows

    def upgrade(self, position: int) -> Move:
        """Apply the revision at *position*: its row takes the place of the rows of what is directly below it."""
        revisions, before = self._graph.revisions, self._rows
        revision = revisions[position]
        below = self._graph.links.down[position]
        if len(before) == 1 and len(below) == 1 and before[0] == revisions[below[0]].id:
            after: tuple[str, ...] = (revision.id,)
        else:
            below_ids = [revisions[other].id for other in below]
            after = _replace(before, [name for name in below_ids if name in before], [revision.id])
        self._rows = after
        return Move(revision, "upgrade", before, after)

    def downgrade(self, position: int) -> Move:
        """Revert the revision at *position*: what is directly below it gets rows, unless something else implies it."""
        revisions, before = self._graph.revisions, self._rows
        revision = revisions[position]
        self._active.discard(position)
        come = [revisions[other].id for other in self._graph.links.down[position] if self._uncover(other)]
        after = _replace(before, [revision.id] if revision.id in before else [], come)
        self._rows = after
        return Move(revision, "downgrade", before, after)

    def stamp(self, gone: Iterable[str], position: int | None) -> Move:
        """Put the row of *position* in the place of those of *gone* that are there; None only takes them away."""
        before = self._rows
        revision = None if position is None else self._graph.revisions[position]
        there = [row for row in gone if row in before]
        after = _replace(before, there, [] if revision is None else [revision.id])
        self._rows = after
        return Move(revision, "stamp", before, after)

    def _uncover(self, position: int) -> bool:
        """Note that one revision above *position* is gone; whether it was the last one."""
        count = self._above.get(position)
        if count is None:
            # A dependency that was left out because an ancestor has it too is not counted: the ancestor is.
            links, active = self._graph.links, self._active
            count = sum(other in active and position in links.down[other] for other in links.above[position])
        else:
            count -= 1
        self._above[position] = count
        # A row of its own can only be there already where the table held more rows than it should.
        return count == 0 and self._graph.revisions[position].id not in self._rows


def _replace(rows: tuple[str, ...], gone: list[str], come: list[str]) -> tuple[str, ...]:
    """*rows* without *gone*; *come* stands where the last of *gone* stood."""
    if not gone:
        return (*rows, *come)
    last = gone[-1]
    after: list[str] = []
    for row in rows:
        if row == last:
            after.extend(come)
        elif row not in gone:
            after.append(row)
    return tuple(after)
