"""Lanes: each revision in a column of its own branch, and where the columns part and meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from asyncmig.migrator.results import RevisionInfo

__all__ = ["Row", "rows"]


@dataclass(frozen=True, slots=True)
class Row:
    """A revision in its lane.

    Args:
        revision: the revision.
        lane: its lane, counted from the left.
        joining: lanes that end here because several revisions follow this one, the outermost first.
        open_before: lanes that are in use above it, before the joining ones end.
        open: lanes that are in use beside it.
        leaving: lanes that begin here because it follows several revisions.
    """

    revision: RevisionInfo
    lane: int
    joining: tuple[int, ...]
    open_before: frozenset[int]
    open: frozenset[int]
    leaving: tuple[int, ...]


def rows(revisions: Sequence[RevisionInfo]) -> list[Row]:
    """The *revisions*, newest first, in lanes; a lane waits for the parent that comes further down."""
    known = {revision.id for revision in revisions}
    waiting: dict[int, str] = {}
    found: list[Row] = []
    for revision in revisions:
        open_before = frozenset(waiting)
        own = sorted(lane for lane, wanted in waiting.items() if wanted == revision.id)
        lane = own[0] if own else _free(waiting, 0)
        joining = tuple(reversed(own[1:]))
        for ending in own:
            del waiting[ending]
        still_open = frozenset(waiting)
        parents = [parent for parent in revision.parents if parent in known]
        leaving = []
        if parents:
            waiting[lane] = parents[0]
        for parent in parents[1:]:
            beside = _free(waiting, lane + 1)
            waiting[beside] = parent
            leaving.append(beside)
        found.append(Row(revision, lane, joining, open_before, still_open, tuple(leaving)))
    return found


def _free(waiting: dict[int, str], first: int) -> int:
    """The first lane from *first* on that waits for nothing."""
    lane = first
    while lane in waiting:
        lane += 1
    return lane
