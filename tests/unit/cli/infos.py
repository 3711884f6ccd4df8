"""Revisions as results, made for a test."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from asyncmig.config import Settings
from asyncmig.migrator.history import History
from asyncmig.migrator.results import RevisionInfo
from asyncmig.revisions.graph import RevisionGraph
from asyncmig.revisions.revision import Revision


class _Directory:
    """A directory that is only its graph."""

    def __init__(self, revisions: Iterable[Revision]) -> None:
        self.graph = RevisionGraph(revisions)


def infos(*revisions: Revision, current: tuple[str, ...] = ()) -> tuple[RevisionInfo, ...]:
    """The *revisions* and their places, newest first."""
    history = History(_Directory(revisions), Settings(root=Path()))  # type: ignore[arg-type]
    return history.history(current=current)


def info(*revisions: Revision, id: str, current: tuple[str, ...] = ()) -> RevisionInfo:
    """One of the *revisions*."""
    return next(one for one in infos(*revisions, current=current) if one.id == id)
