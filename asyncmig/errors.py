"""Errors: every exception that asyncmig raises on purpose.

```
AsyncmigError                          .message .hint .exit_code
├── ConfigError                        settings, environment, templates
│   └── MissingDriverError             .driver .extra
├── DatabaseUnavailableError           .url            (a password is never in it)
├── DatabaseRefusedError               .url .reason    its own tables cannot be read or written
├── ScriptError                        .path .line
│   └── UnawaitedOperationError        .verb
├── RevisionError
│   ├── UnknownRevisionError           .wanted .similar                  (a LookupError)
│   ├── AmbiguousRevisionError         .wanted .candidates
│   ├── MultipleHeadsError             .heads
│   ├── DuplicateRevisionError         .revision .paths
│   ├── MissingParentError             .revision .parent                 (a LookupError)
│   ├── CircularRevisionsError         .path
│   ├── InvalidTargetError             .target
│   └── HistoryMismatchError           .unknown                          the history and the database disagree
├── OperationError                     .operation
│   ├── UnsupportedOperationError      .dialect
│   ├── IrreversibleOperationError
│   └── NeedsDatabaseError             offline or recording, but the script asks the database
├── JournalError                       .revision       something is wrong with the journal of a revision
│   ├── JournalMismatchError           .ordinal .was .now .path .line
│   ├── UncertainStepError             .ordinal .description
│   └── UnfinishedRevisionError        .direction      a revision is half done, and something else was asked for
├── MigrationLockError                 .waited .holder
│   └── LockLostError                  .reason .revision .applied .left   the lock was lost in the middle of a run
├── PendingRevisionsError              .pending .unknown .unfinished .waited
└── RevisionFailedError                .revision .direction .step .applied .left   (raised from the driver's error)
    ├── LockTimeoutError               .attempts .blockers
    └── LeaderFailedError              .host .who .error     another run failed while this one waited for it
```

A class takes facts as keyword arguments, keeps them as attributes, and builds its sentence in one place. `str(error)`
is the sentence and, on the lines below it, the hint.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = [
    "AmbiguousRevisionError",
    "AsyncmigError",
    "CircularRevisionsError",
    "ConfigError",
    "DatabaseRefusedError",
    "DatabaseUnavailableError",
    "DuplicateRevisionError",
    "HistoryMismatchError",
    "InvalidTargetError",
    "IrreversibleOperationError",
    "JournalError",
    "JournalMismatchError",
    "LeaderFailedError",
    "LockLostError",
    "LockTimeoutError",
    "MigrationLockError",
    "MissingDriverError",
    "MissingParentError",
    "MultipleHeadsError",
    "NeedsDatabaseError",
    "OperationError",
    "PendingRevisionsError",
    "RevisionError",
    "RevisionFailedError",
    "ScriptError",
    "UnawaitedOperationError",
    "UncertainStepError",
    "UnfinishedRevisionError",
    "UnknownRevisionError",
    "UnsupportedOperationError",
]


def in_short(revisions: Sequence[str]) -> str:
    """Ids for a sentence: each of a few, the ends of many."""
    if len(revisions) <= 5:
        return ", ".join(revisions)
    return f"{len(revisions)} revisions, {revisions[0]} to {revisions[-1]}"


class AsyncmigError(Exception):
    """Base of all errors of asyncmig.

    Args:
        message: what happened and where, in the user's own names.
        hint: what to do about it; where it can be, a line to paste.
    """

    exit_code: int = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n\n{self.hint}" if self.hint else self.message

    def locate(self, path: Path | str | None, line: int | None) -> None:
        """Say where it happened, in front of the sentence, once that is known."""
        if path is not None:
            self.message = f"{path}:{line}: {self.message}" if line else f"{path}: {self.message}"


class ConfigError(AsyncmigError):
    """The settings, the environment or a template are missing or wrong."""

    exit_code = 2


class MissingDriverError(ConfigError):
    """The database driver that a URL needs is not installed.

    Args:
        driver: import name of the driver, such as `asyncpg`.
        extra: the extra of asyncmig that installs it, or None where we have none.
    """

    def __init__(self, *, driver: str, extra: str | None) -> None:
        package = f"asyncmig[{extra}]" if extra else driver
        super().__init__(
            f"The driver {driver!r}, which the database URL asks for, is not installed.",
            hint=f'pip install "{package}"',
        )
        self.driver = driver
        self.extra = extra


class DatabaseUnavailableError(AsyncmigError):
    """The database could not be reached or refused the connection."""

    exit_code = 21

    def __init__(self, *, url: str, reason: str, hint: str | None = None) -> None:
        super().__init__(f"Cannot connect to {url}: {reason}", hint=hint)
        self.url = url
        self.reason = reason


class DatabaseRefusedError(AsyncmigError):
    """The database refused what asyncmig itself needs, outside any revision: to read or write its own tables."""

    exit_code = 22

    def __init__(self, *, url: str, reason: str, hint: str | None = None) -> None:
        super().__init__(f"The database {url} refused: {reason}", hint=hint)
        self.url = url
        self.reason = reason


class ScriptError(AsyncmigError):
    """A revision file, `env.py` or template cannot be read or has the wrong shape.

    Args:
        message: what is wrong, without the place.
        path: the file.
        line: line number in it, counted from 1.
        hint: the corrected line.
    """

    exit_code = 2

    def __init__(
        self, message: str, *, path: Path | str | None = None, line: int | None = None, hint: str | None = None
    ) -> None:
        place = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        super().__init__(f"{place}{message}", hint=hint)
        self.path = None if path is None else Path(path)
        self.line = line


class UnawaitedOperationError(ScriptError):
    """A directive was called in an async script without `await`, so it did not run.

    Args:
        verb: the directive, such as `add_column`.
        source: the call as it stands in the file, as far as it is known.
        block: whether it is a block, for `async with`.
    """

    def __init__(
        self,
        *,
        verb: str,
        source: str | None = None,
        path: Path | str | None = None,
        line: int | None = None,
        block: bool = False,
    ) -> None:
        call = source or f"op.{verb}(…)"
        forgotten = "entered" if block else "awaited"
        right = f"async with {call} as table:" if block else f"await {call}"
        super().__init__(
            f"{call} was not {forgotten}, so it did not run.",
            path=path,
            line=line,
            hint=f"    {call.ljust(len(right))}    # incorrect\n    {right}    # correct",
        )
        self.verb = verb


class RevisionError(AsyncmigError):
    """Something is wrong with the history or with how a revision was named."""

    exit_code = 2


class UnknownRevisionError(RevisionError, LookupError):
    """No revision, label or symbol fits what was asked for.

    Args:
        wanted: what was asked for.
        similar: ids or labels that are spelt almost like it.
        known: a sentence on what there is, used when nothing is similar.
    """

    def __init__(self, *, wanted: str, similar: Sequence[str] = (), known: str | None = None) -> None:
        hint = f"Did you mean {' or '.join(similar)}?" if similar else known
        super().__init__(f"Can't locate revision identified by {wanted!r}.", hint=hint)
        self.wanted = wanted
        self.similar = tuple(similar)


class AmbiguousRevisionError(RevisionError):
    """A partial id fits several revisions, or a walk could go several ways."""

    def __init__(self, *, wanted: str, candidates: Sequence[str], message: str | None = None) -> None:
        super().__init__(
            message or f"{wanted!r} fits several revisions: {', '.join(candidates)}.",
            hint="Give more characters of the id, or name the branch: label@revision.",
        )
        self.wanted = wanted
        self.candidates = tuple(candidates)


class MultipleHeadsError(RevisionError):
    """One head was asked for, but the history has several."""

    exit_code = 13

    def __init__(self, *, heads: Sequence[str], wanted: str = "head", hint: str | None = None) -> None:
        super().__init__(
            f"{wanted!r} asks for one head, but there are {len(heads)}: {', '.join(heads)}.",
            hint=hint or "Name one (label@head or its id), say 'heads' for all, or join them: asyncmig merge heads",
        )
        self.heads = tuple(heads)
        self.wanted = wanted


class DuplicateRevisionError(RevisionError):
    """Two files declare the same revision id, or two revisions the same label."""

    def __init__(self, *, revision: str, paths: Sequence[str], what: str = "Revision id") -> None:
        super().__init__(
            f"{what} {revision!r} is declared twice: {' and '.join(paths)}.",
            hint="Give one of them another id (and correct the down_revision of the files that follow it).",
        )
        self.revision = revision
        self.paths = tuple(paths)


class MissingParentError(RevisionError, LookupError):
    """A revision names a parent or a dependency that no file declares."""

    def __init__(self, *, revision: str, parent: str, path: str | None, similar: Sequence[str] = ()) -> None:
        place = f" ({path})" if path else ""
        super().__init__(
            f"Revision {revision}{place} follows or depends on {parent!r}, which is in no revision file.",
            hint=f"Did you mean {' or '.join(similar)}?" if similar else "Is a file missing from the checkout?",
        )
        self.revision = revision
        self.parent = parent


class CircularRevisionsError(RevisionError):
    """Revisions follow each other in a circle."""

    def __init__(self, *, path: Sequence[str], files: Sequence[str] = ()) -> None:
        where = (
            "in one of them." if not files else "in one of these files:\n" + "\n".join(f"    {one}" for one in files)
        )
        super().__init__(
            f"The history runs in a circle: {' -> '.join(path)}.", hint=f"Correct down_revision or depends_on {where}"
        )
        self.path = tuple(path)


class InvalidTargetError(RevisionError):
    """A target is spelt wrongly, or cannot be reached from where the database is."""

    def __init__(self, message: str, *, target: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.target = target


class HistoryMismatchError(RevisionError):
    """The history and the database disagree: the version table names what no file declares, or too wide an id."""

    exit_code = 14

    def __init__(self, message: str, *, unknown: Sequence[str] = (), hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.unknown = tuple(unknown)


class OperationError(AsyncmigError):
    """An operation cannot be built, planned or reversed."""

    exit_code = 22

    def __init__(self, message: str, *, operation: Any = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.operation = operation


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
