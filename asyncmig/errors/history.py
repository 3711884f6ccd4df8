"""Errors of histories: what can be wrong with revisions and with how they are named."""

from __future__ import annotations

from collections.abc import Sequence

from asyncmig.errors.project import AsyncmigError


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
