"""Failure: the error of a script or a driver, as the error that a person can act on."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from asyncmig.errors import AsyncmigError, RevisionFailedError, ScriptError
from asyncmig.revisions.moves import Move
from asyncmig.runtime.executor import Executor
from asyncmig.scripts.trace import line_in


def failed(error: Exception, move: Move, executor: Executor, applied: tuple[str, ...]) -> AsyncmigError:
    """The error to raise for a revision that failed with *error*.

    Args:
        error: what happened.
        move: the revision and its direction.
        executor: knows what was being done and what of it is committed.
        applied: the revisions that this run finished before.
    """
    if isinstance(error, ScriptError) and not executor.left:
        return error
    path = move.revision.path if move.revision is not None else None
    return RevisionFailedError(
        revision=move.id,
        direction=move.direction,
        reason=_reason(error),
        path=path,
        line=line_in(path, error),
        step=executor.current,
        sql=executor.last_statement if isinstance(error, DBAPIError) else None,
        applied=applied,
        left=executor.left,
        hint=_hint(error, executor),
    )


def _reason(error: Exception) -> str:
    if isinstance(error, DBAPIError):
        return str(error.orig).strip()
    if isinstance(error, AsyncmigError):
        return error.message
    return f"{type(error).__name__}: {error}"


def _hint(error: Exception, executor: Executor) -> str | None:
    if executor.left:
        return (
            "Undo by hand what is left, or make the script skip what is there, then run the command again; "
            "the version table still says that this revision has not run."
        )
    return error.hint if isinstance(error, AsyncmigError) else None
