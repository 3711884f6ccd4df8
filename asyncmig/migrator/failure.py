"""Failure: the error of a script or a driver, as the error that a person can act on."""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import DBAPIError

from asyncmig.errors import (
    AsyncmigError,
    JournalError,
    LockLostError,
    LockTimeoutError,
    RevisionFailedError,
    ScriptError,
)
from asyncmig.revisions.moves import Move
from asyncmig.runtime.executor import Executor
from asyncmig.scripts.trace import line_in


def failed(
    error: Exception,
    move: Move,
    executor: Executor,
    applied: tuple[str, ...],
    *,
    attempts: int = 0,
    loss: str | None = None,
) -> AsyncmigError:
    """The error to raise for a revision that failed with *error*.

    Args:
        error: what happened.
        move: the revision and its direction.
        executor: knows what was being done and what of it is committed.
        applied: the revisions that this run finished before.
        attempts: how often it was tried, where it failed for want of locks; else 0.
        loss: how the migration lock was lost meanwhile, from which all else may have come.
    """
    if loss is not None:
        return LockLostError(reason=loss, revision=move.id, applied=applied, left=executor.left)
    if isinstance(error, JournalError) or (isinstance(error, ScriptError) and not executor.left):
        return error
    path = move.revision.path if move.revision is not None else None
    facts: dict[str, Any] = {
        "revision": move.id,
        "direction": move.direction,
        "reason": _reason(error),
        "path": path,
        "line": line_in(path, error),
        "step": executor.current,
        "sql": executor.last_statement if isinstance(error, DBAPIError) else None,
        "applied": applied,
        "left": executor.left,
    }
    if attempts:
        return LockTimeoutError(attempts=attempts, blockers=executor.blockers, **facts)
    return RevisionFailedError(hint=_hint(error, executor), **facts)


def _reason(error: Exception) -> str:
    if isinstance(error, DBAPIError):
        # PostgreSQL says in a second line which key, which row, which object.
        detail = getattr(getattr(error.orig, "__cause__", None), "detail", None)
        return f"{str(error.orig).strip()}{f' ({detail})' if detail else ''}"
    if isinstance(error, AsyncmigError):
        return error.message
    return f"{type(error).__name__}: {error}"


def _hint(error: Exception, executor: Executor) -> str | None:
    if executor.left:
        return (
            "Mend the script where it failed or after it, and run the command again: it goes on after what is done. "
            "What is done: asyncmig status"
        )
    return error.hint if isinstance(error, AsyncmigError) else None
