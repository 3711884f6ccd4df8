"""Moves: the ordered steps from where a database is to where it should be, with the version rows around each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from asyncmig.revisions.revision import Revision

__all__ = ["Direction", "Move", "Plan", "RowChanges"]

Direction = Literal["upgrade", "downgrade", "stamp"]


@dataclass(frozen=True, slots=True)
class RowChanges:
    """What a move does to the version table. Deletes come first, then inserts, then updates, as Alembic sends them.

    Args:
        deleted: ids whose row goes.
        updated: pairs of ids: the row that says the first says the second afterwards.
        inserted: ids that get a row.
    """

    deleted: tuple[str, ...] = ()
    updated: tuple[tuple[str, str], ...] = ()
    inserted: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.deleted or self.updated or self.inserted)


@dataclass(frozen=True, slots=True)
class Move:
    """One step: a revision and a direction.

    Args:
        revision: the revision that is applied, reverted or stamped; None for a stamp that only takes rows away.
        direction: which of its functions runs; a stamp runs none.
        before: the version rows before the move.
        after: the version rows after it.
    """

    revision: Revision | None
    direction: Direction
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def id(self) -> str:
        """The id of the revision, or `base`."""
        return self.revision.id if self.revision is not None else "base"

    @property
    def source(self) -> tuple[str, ...]:
        """What stands before the arrow of `a -> b`."""
        if self.revision is None or self.direction == "stamp":
            return tuple([row for row in self.before if row not in self.after])
        return self.revision.parents if self.direction == "upgrade" else (self.revision.id,)

    @property
    def destination(self) -> tuple[str, ...]:
        """What stands behind the arrow of `a -> b`."""
        if self.revision is None:
            return ()
        return self.revision.parents if self.direction == "downgrade" else (self.revision.id,)

    @property
    def changes(self) -> RowChanges:
        """The statements that take the rows from `before` to `after`: a merge is n-1 DELETE and one UPDATE, the way
        back n-1 INSERT and one UPDATE."""
        gone = [row for row in self.before if row not in self.after]
        come = [row for row in self.after if row not in self.before]
        if not gone or not come:
            return RowChanges(deleted=tuple(gone), inserted=tuple(come))
        if len(gone) > 1 and self.revision is not None:
            # The last parent keeps its row; what is implied by depends_on follows the parents.
            order = {parent: number for number, parent in enumerate(self.revision.parents)}
            gone.sort(key=lambda row: order.get(row, len(order)))
        return RowChanges(deleted=tuple(gone[:-1]), updated=((gone[-1], come[-1]),), inserted=tuple(come[:-1]))


@dataclass(frozen=True, slots=True)
class Plan:
    """All moves to a target, in order.

    Args:
        moves: what to do; nothing when the database is there already.
        applied: the version rows to begin with.
        target_text: what was asked for.
    """

    moves: tuple[Move, ...]
    applied: tuple[str, ...]
    target_text: str

    @property
    def after(self) -> tuple[str, ...]:
        """The version rows when all is done."""
        return self.moves[-1].after if self.moves else self.applied

    def __bool__(self) -> bool:
        return bool(self.moves)

    def __len__(self) -> int:
        return len(self.moves)

    def __iter__(self) -> Iterator[Move]:
        return iter(self.moves)
