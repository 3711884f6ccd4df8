"""Events: what a run tells the outside, as frozen data; an `Observer` is any function that takes one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run has the lock and knows what it is going to do.

    Args:
        direction: `upgrade`, `downgrade` or `stamp`.
        revisions: ids in the order in which they will be taken.
    """

    direction: str
    revisions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DatabaseWaiting:
    """The database cannot be reached yet, and it is tried again.

    Args:
        waited: seconds so far.
        reason: what the last attempt met, in words.
    """

    waited: float
    reason: str


@dataclass(frozen=True, slots=True)
class LockWaiting:
    """Another process holds the migration lock; sent about every five seconds.

    Args:
        waited: seconds so far.
        holder: who has it, as far as the database tells.
    """

    waited: float
    holder: str | None


@dataclass(frozen=True, slots=True)
class LockTimedOut:
    """A statement could not get its locks; all that is not committed was rolled back, and it is tried again.

    Args:
        revision: the revision.
        attempt: how many attempts there were.
        pause: seconds until the next one.
        blockers: who held the locks, in words, as far as the database tells.
    """

    revision: str
    attempt: int
    pause: float
    blockers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RevisionStarted:
    """A revision is about to run; `position` counts from 1 up to `total`."""

    revision: str
    message: str
    direction: str
    position: int
    total: int


@dataclass(frozen=True, slots=True)
class OperationStarted:
    """An operation is about to be carried out; `description` is a line for people."""

    revision: str
    verb: str
    description: str


@dataclass(frozen=True, slots=True)
class OperationDone:
    """An operation has been carried out; `duration` in seconds."""

    revision: str
    verb: str
    description: str
    duration: float


@dataclass(frozen=True, slots=True)
class OperationSkipped:
    """An operation was done by an earlier run that did not finish the revision."""

    revision: str
    verb: str
    description: str


@dataclass(frozen=True, slots=True)
class RevisionDone:
    """A revision is applied or reverted and its version row written; `duration` in seconds."""

    revision: str
    message: str
    direction: str
    position: int
    total: int
    duration: float


@dataclass(frozen=True, slots=True)
class RevisionFailed:
    """A revision failed; `left` says what of it stays in the database, empty when nothing does."""

    revision: str
    direction: str
    error: BaseException
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScriptBlocked:
    """A plain script held the event loop for a long time; `duration` in seconds."""

    revision: str
    duration: float


@dataclass(frozen=True, slots=True)
class RunDone:
    """A run has ended well; `duration` in seconds."""

    direction: str
    revisions: tuple[str, ...]
    duration: float


Event: TypeAlias = (
    RunStarted
    | DatabaseWaiting
    | LockWaiting
    | LockTimedOut
    | RevisionStarted
    | OperationStarted
    | OperationDone
    | OperationSkipped
    | RevisionDone
    | RevisionFailed
    | ScriptBlocked
    | RunDone
)

Observer: TypeAlias = Callable[[Event], None]


def ignore(event: Event) -> None:
    """The observer of those who want to hear nothing."""
