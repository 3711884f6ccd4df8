"""Errors of runs: what can go wrong while operations are planned and carried out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from asyncmig.errors.project import AsyncmigError, in_short


class OperationError(AsyncmigError):
    """An operation cannot be built, planned or reversed."""

    exit_code = 22

    def __init__(self, message: str, *, operation: Any = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.operation = operation


class MissingObjectError(OperationError, ValueError):
    """The constraint or index that an operation names is not there.

    It is a `ValueError`, too: scripts go by that to drop what may be there.
    """


class UnsupportedOperationError(OperationError):
    """This database has no way to do this operation."""

    def __init__(self, message: str, *, dialect: str, operation: Any = None, hint: str | None = None) -> None:
        super().__init__(message, operation=operation, hint=hint)
        self.dialect = dialect


class IrreversibleOperationError(OperationError):
    """The reverse of this operation cannot be known from the operation alone."""


class NeedsDatabaseError(OperationError):
    """The script asks the database for something, but there is none: it is only printed or looked at."""


class JournalError(AsyncmigError):
    """Something is wrong with the journal of a revision that is half done."""

    exit_code = 23

    def __init__(self, message: str, *, revision: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.revision = revision


class JournalMismatchError(JournalError):
    """The script of a half-done revision was changed where it is done already.

    Args:
        revision: the revision.
        ordinal: the operation, counted from 1.
        was: the operation that was done.
        now: the operation that stands there now; None when the script has fewer.
        path, line: where it stands in the file.
    """

    def __init__(
        self,
        *,
        revision: str,
        ordinal: int,
        was: str,
        now: str | None,
        path: Path | None = None,
        line: int | None = None,
    ) -> None:
        place = "" if path is None else f" ({path}" + (f":{line})" if line else ")")
        super().__init__(
            f"Revision {revision}{place} is half done, and its operation {ordinal} was changed since."
            f"\n  was: {was}\n  now: {now or 'nothing, the script ends before it'}",
            revision=revision,
            hint="Put back what is done; only what has not run yet may be changed. What is done: asyncmig status",
        )
        self.ordinal = ordinal
        self.was = was
        self.now = now
        self.path = path
        self.line = line


class UncertainStepError(JournalError):
    """A run was stopped in the middle of a step, and the database cannot tell whether the step took effect.

    Args:
        revision: the revision.
        ordinal: the operation, counted from 1.
        description: its call in the script.
    """

    def __init__(self, *, revision: str, ordinal: int, description: str) -> None:
        super().__init__(
            f"Revision {revision} was stopped in the middle of operation {ordinal}, and the database does not tell "
            f"whether it took effect:\n  {description}",
            revision=revision,
            hint=(
                "Look at the database, then say which:\n"
                f"    asyncmig resolve {revision} --done        # it took effect\n"
                f"    asyncmig resolve {revision} --not-done    # it did not"
            ),
        )
        self.ordinal = ordinal
        self.description = description


class UnfinishedRevisionError(JournalError):
    """A revision is half done, and a run was asked for that does not begin by finishing it.

    Args:
        revision: the revision.
        direction: how it was being run.
    """

    def __init__(self, *, revision: str, direction: str, missing: bool = False) -> None:
        why = "its file is gone" if missing else "this run would not begin by finishing it"
        super().__init__(
            f"The {direction} of revision {revision} is half done, and {why}.",
            revision=revision,
            hint=(
                f"Bring its file back, then: asyncmig {direction} {revision}"
                if missing
                else f"asyncmig {direction} {revision if direction == 'upgrade' else '-1'}    # goes on there"
            ),
        )
        self.direction = direction


class MigrationLockError(AsyncmigError):
    """Another process migrates this database, and did not finish in time.

    Args:
        waited: seconds.
        holder: who has the lock, as far as the database tells.
    """

    exit_code = 20

    def __init__(
        self, message: str, *, waited: float = 0.0, holder: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.waited = waited
        self.holder = holder


class LockLostError(MigrationLockError):
    """The migration lock was lost in the middle of a run, which has stopped before its next step.

    Args:
        reason: how, as far as it is known.
        revision: the revision that was running.
        applied: ids of the revisions that this run finished before.
        left: what of that revision stays in the database, in words; empty when all of it was rolled back.
    """

    def __init__(
        self, *, reason: str, revision: str | None = None, applied: Sequence[str] = (), left: Sequence[str] = ()
    ) -> None:
        message = f"The migration lock was lost{f' in revision {revision}' if revision else ''}: {reason}."
        if left:
            message += "\n  left in the database: " + "; ".join(left)
        elif revision:
            message += "\n  all that this run had not finished was rolled back"
        if applied:
            message += f"\n  done before it in this run: {', '.join(applied)}"
        super().__init__(message, hint="asyncmig status    # another run may have gone on; what is left to do, it says")
        self.reason = reason
        self.revision = revision
        self.applied = tuple(applied)
        self.left = tuple(left)


class PendingRevisionsError(AsyncmigError):
    """Revisions are pending where none may be, or still pending when whoever waited for them gave up.

    Args:
        pending: ids that are not applied.
        unknown: rows of the version table that no file declares.
        unfinished: ids that are half done.
        waited: seconds.
    """

    exit_code = 10

    def __init__(
        self,
        *,
        pending: Sequence[str],
        unknown: Sequence[str] = (),
        unfinished: Sequence[str] = (),
        waited: float = 0.0,
    ) -> None:
        names = f"{', '.join(pending[:5])}{', …' if len(pending) > 5 else ''}"
        what = f"{len(pending)} revisions are pending ({names})" if len(pending) > 1 else f"revision {names} is pending"
        if unknown:
            what = f"the database is at {', '.join(unknown)}, which no revision file declares"
        elif not pending:
            what = f"revision {', '.join(unfinished)} is half done"
        text = f"after {waited:g} s {what}" if waited else what
        super().__init__(
            f"{text[:1].upper()}{text[1:]}.",
            hint="asyncmig status    # shows where the database is" if unknown else "asyncmig upgrade heads",
        )
        self.pending = tuple(pending)
        self.unknown = tuple(unknown)
        self.unfinished = tuple(unfinished)
        self.waited = waited


class RevisionFailedError(AsyncmigError):
    """A revision failed; the driver's or the script's error is the `__cause__`.

    Args:
        revision: id of the revision that failed.
        direction: `upgrade` or `downgrade`.
        reason: the first line of the cause.
        path: its file, with `line` where the script was.
        step: the operation that failed, in words.
        sql: the statement that failed.
        applied: ids of the revisions that this run finished before.
        left: what of the failed revision stays in the database, in words; empty when all of it was rolled back.
    """

    def __init__(
        self,
        *,
        revision: str,
        direction: str,
        reason: str,
        path: Path | None = None,
        line: int | None = None,
        step: str | None = None,
        sql: str | None = None,
        applied: Sequence[str] = (),
        left: Sequence[str] = (),
        hint: str | None = None,
    ) -> None:
        place = "" if path is None else f" ({path}" + (f":{line})" if line else ")")
        message = f"{direction.capitalize()} of revision {revision}{place} failed: {reason}"
        if step:
            message += f"\n  in: {step}"
        if sql and sql.strip() not in reason:
            message += f"\n  statement: {sql.strip()}"
        if left:
            message += "\n  left in the database: " + "; ".join(left)
        else:
            message += "\n  all of this revision was rolled back"
        if applied:
            message += f"\n  done before it in this run: {in_short(applied)}"
        super().__init__(message, hint=hint)
        self.revision = revision
        self.direction = direction
        self.reason = reason
        self.path = path
        self.line = line
        self.step = step
        self.sql = sql
        self.applied = tuple(applied)
        self.left = tuple(left)
        # 22: all of the revision was rolled back; 23: part of it stays.
        self.exit_code = 23 if left else 22


class LockTimeoutError(RevisionFailedError):
    """A revision could not get its locks, however often it was tried.

    Args:
        attempts: how often.
        blockers: who held the locks at the last attempt, in words.
        facts: those of `RevisionFailedError`.
    """

    def __init__(self, *, attempts: int, blockers: Sequence[str] = (), **facts: Any) -> None:
        who = "".join(f"\n  in the way: {blocker}" for blocker in blockers)
        facts["reason"] = f"it could not get its locks in {attempts} attempts: {facts['reason']}{who}"
        facts["hint"] = "Try when less is going on, or end what is in the way; nothing is held meanwhile."
        super().__init__(**facts)
        self.attempts = attempts
        self.blockers = tuple(blockers)


class LeaderFailedError(RevisionFailedError):
    """Another run failed while this one waited for it, at what this one would have begun with.

    Args:
        host: the machine of the other run.
        who: its user.
        error: what went wrong there.
        facts: those of `RevisionFailedError`.
    """

    def __init__(self, *, host: str | None, who: str | None, error: str, **facts: Any) -> None:
        place = "@".join(part for part in (who, host) if part) or "somebody else"
        facts["reason"] = f"{error.strip()}\n  in the run of {place}, which this one waited for and does not repeat"
        facts["hint"] = "Mend the script, or what it found in the database, and start again."
        super().__init__(**facts)
        self.host = host
        self.who = who
        self.error = error
