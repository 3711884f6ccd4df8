"""Results: what the methods of the API return, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asyncmig.errors import PendingRevisionsError

if TYPE_CHECKING:
    from asyncmig.migrator.differences import Difference
    from asyncmig.operations.base import Operation


@dataclass(frozen=True, slots=True)
class RevisionInfo:
    """A revision and its place in the history.

    Args:
        id, message, parents, depends_on, doc, created, phase, path: as its file says.
        labels: branch labels, its own and those it inherits.
        children: ids that follow it.
        is_head, is_base, is_branch_point, is_merge_point: its place by parents and children.
        is_effective_head: a head that no other revision depends on.
        is_current: whether the database is at it.
    """

    id: str
    message: str
    parents: tuple[str, ...]
    depends_on: tuple[str, ...]
    labels: frozenset[str]
    children: tuple[str, ...]
    is_head: bool
    is_effective_head: bool
    is_base: bool
    is_branch_point: bool
    is_merge_point: bool
    is_current: bool
    path: Path | None
    doc: str
    created: str | None
    phase: str | None


@dataclass(frozen=True, slots=True)
class AppliedRevision:
    """A revision that a run has applied, reverted or stamped; `duration` in seconds."""

    revision: str
    message: str
    direction: str
    duration: float


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run did.

    Args:
        direction: `upgrade`, `downgrade` or `stamp`.
        applied: the revisions, in the order in which they were taken; empty when there was nothing to do.
        waited: seconds spent waiting for another run.
        duration: seconds in all.
        heads: the rows of the version table afterwards.
    """

    direction: str
    applied: tuple[AppliedRevision, ...]
    waited: float
    duration: float
    heads: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.applied)


@dataclass(frozen=True, slots=True)
class CreatedRevision:
    """A revision file that was written.

    Args:
        revision, path: its id and its file.
        message: what it is for.
        operations: what it does, where that was found by comparing models with a database.
        differences: the same in words, one by one.
        warnings: what should be looked at before it is applied.
    """

    revision: str
    path: Path
    message: str = ""
    operations: tuple[Operation[Any], ...] = ()
    differences: tuple[Difference, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedMove:
    """A move of a plan with the operations of its script.

    Args:
        revision: the revision.
        direction: `upgrade` or `downgrade`.
        operations: what its script does, as far as it could be recorded.
        descriptions: the same in words.
        complete: whether the recording reached the end of the script.
        note: why not.
    """

    revision: RevisionInfo
    direction: str
    operations: tuple[Operation[Any], ...]
    descriptions: tuple[str, ...]
    complete: bool
    note: str | None


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What a run would do.

    Args:
        target: what was asked for.
        applied: the rows of the version table now.
        moves: what would be done, in order.
    """

    target: str
    applied: tuple[str, ...]
    moves: tuple[PlannedMove, ...]

    def __bool__(self) -> bool:
        return bool(self.moves)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A revision that is half done.

    Args:
        revision, direction: what was being run.
        done: the calls of its script that are done.
        running: the call that was stopped in the middle, where there is one.
        missing: whether its file is gone.
    """

    revision: str
    direction: str
    done: tuple[str, ...]
    running: str | None
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """Where a database is.

    Args:
        current: the revisions that the database is at.
        heads: the heads of the history.
        pending: ids that an upgrade to all heads would apply, in order.
        unknown: rows of the version table that no file declares.
        unfinished: revisions that are half done.
        edited: applied revisions whose file is not the one that was run.
        ahead: whether newer code has gone on from here in a way that this code can bear: every unknown revision is
            marked `phase = "expand"`.
    """

    current: tuple[RevisionInfo, ...]
    heads: tuple[RevisionInfo, ...]
    pending: tuple[str, ...]
    unknown: tuple[str, ...]
    unfinished: tuple[Unfinished, ...] = ()
    edited: tuple[str, ...] = ()
    ahead: bool = False

    @property
    def is_up_to_date(self) -> bool:
        """Whether nothing is pending and every row is known, or is ahead of this code in a way that it can bear."""
        return not (self.pending or (self.unknown and not self.ahead) or self.unfinished)

    def error(self, *, waited: float = 0.0) -> PendingRevisionsError:
        """The error that says what is missing.

        Args:
            waited: seconds.
        """
        return PendingRevisionsError(
            pending=self.pending,
            unknown=() if self.ahead else self.unknown,
            unfinished=[one.revision for one in self.unfinished],
            waited=waited,
        )
