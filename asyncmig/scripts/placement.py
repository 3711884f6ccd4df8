"""Placement: where a new revision goes: what it follows, in which directory it lies, and whether that is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from asyncmig.errors import ConfigError, DuplicateRevisionError, InvalidTargetError, MultipleHeadsError, RevisionError
from asyncmig.revisions.graph import RevisionGraph
from asyncmig.revisions.links import illegal_characters
from asyncmig.revisions.lookup import resolve, resolve_one
from asyncmig.revisions.revision import Revision

__all__ = ["NewRevision", "check_new_id", "check_new_labels", "depends_on_of", "directory_of", "parents_of"]


@dataclass(frozen=True, slots=True)
class NewRevision:
    """Everything about a revision that is about to be written.

    Args:
        id: its id.
        message: the first line of its docstring.
        parents: ids that it follows.
        depends_on: ids or labels that it needs besides.
        labels: labels that it declares.
        path: where its file goes; the directory may have to be made.
        created: when.
    """

    id: str
    message: str
    parents: tuple[str, ...]
    depends_on: tuple[str, ...]
    labels: tuple[str, ...]
    path: Path
    created: datetime


def parents_of(graph: RevisionGraph, head: str | Sequence[str], *, splice: bool = False) -> tuple[Revision, ...]:
    """What a new revision after *head* follows.

    Args:
        graph: the history.
        head: one target or several; `base` for nothing.
        splice: whether they may have followers already.

    Raises:
        MultipleHeadsError: `head` was asked for and there are several.
        InvalidTargetError: one is named twice, or has followers and *splice* was not said.
    """
    targets = [head] if isinstance(head, str) else list(head)
    parents: list[Revision] = []
    for target in targets:
        try:
            parents += resolve(graph, target)
        except MultipleHeadsError as error:
            raise MultipleHeadsError(
                heads=error.heads,
                wanted=error.wanted,
                hint="Say which one the new revision follows (--head label@head), or join them: asyncmig merge heads",
            ) from error
    ids = [parent.id for parent in parents]
    if len(set(ids)) != len(ids):
        raise InvalidTargetError(
            f"Duplicate head revisions specified: {', '.join(ids)}.", target=" ".join(targets), hint="Name each once."
        )
    if not splice:
        for parent in parents:
            if not graph.is_head(parent.id):
                raise InvalidTargetError(
                    f"Revision {parent.id} is not a head revision: {', '.join(graph.children(parent.id))} follows it.",
                    target=parent.id,
                    hint="Please specify --splice to create a new branch from this revision.",
                )
    return tuple(parents)


def directory_of(
    locations: Sequence[Path], parents: Sequence[Revision], wanted: str | Path | None, *, root: Path
) -> Path:
    """The directory for the file of a new revision.

    Args:
        locations: the version locations.
        parents: what it follows: its file goes where theirs are.
        wanted: what the user chose, or None.
        root: where a relative choice starts.

    Raises:
        ConfigError: it is none of the locations, or there are several and nothing tells which.
    """
    if wanted is not None:
        chosen = Path(wanted)
        for location in locations:
            if location.absolute() in (chosen.absolute(), (root / chosen).absolute()):
                return location
        raise ConfigError(
            f"Path {wanted} is not represented in current version locations.",
            hint=f"They are: {', '.join(map(str, locations))}",
        )
    if len(locations) == 1:
        return locations[0]
    for parent in parents:
        for location in locations:
            if parent.path is not None and parent.path.is_relative_to(location):
                return location
    raise ConfigError(
        "Multiple version locations present, please specify --version-path.",
        hint=f"They are: {', '.join(map(str, locations))}",
    )


def depends_on_of(graph: RevisionGraph, wanted: Sequence[str]) -> tuple[str, ...]:
    """*wanted* as it is written into the file: a label stays a label, anything else becomes the id.

    Raises:
        RevisionError: one of them is not to be found, or is several.
    """
    found: list[str] = []
    for target in wanted:
        revision = resolve_one(graph, target)
        if revision is None:
            raise InvalidTargetError(f"A revision cannot depend on {target!r}.", target=target)
        found.append(target if target in graph.labels_of(revision.id) else revision.id)
    return tuple(dict.fromkeys(found))


def check_new_id(graph: RevisionGraph, revision_id: str) -> None:
    """Whether *revision_id* may be the id of a new revision.

    Raises:
        RevisionError: it has a character that targets need, or is a word of theirs.
        DuplicateRevisionError: there is a revision or a label of this name.
    """
    if illegal := illegal_characters(revision_id):
        raise RevisionError(
            f"Character(s) '{', '.join(illegal)}' not allowed in revision identifier '{revision_id}'",
            hint="Targets are written with these characters: label@id, id+2, id-1, from:to.",
        )
    if not revision_id or revision_id in ("head", "heads", "base", "current"):
        raise RevisionError(f"{revision_id!r} cannot be the id of a revision: it means something else in a target.")
    if revision_id in graph.links.keys:
        raise DuplicateRevisionError(revision=revision_id, paths=[_place(graph, revision_id), "the new revision"])


def check_new_labels(graph: RevisionGraph, labels: Sequence[str], revision_id: str) -> None:
    """Whether a new revision may declare *labels*.

    Raises:
        RevisionError: one has a character that targets need, or is a word of theirs.
        DuplicateRevisionError: there is a label or a revision of this name.
    """
    for label in labels:
        # A dash is fine in a label: `my-branch@head` can be told from `my-1`.
        if illegal := [character for character in illegal_characters(label) if character != "-"]:
            raise RevisionError(f"Character(s) '{', '.join(illegal)}' not allowed in branch label '{label}'")
        if not label or label in ("head", "heads", "base", "current"):
            raise RevisionError(f"{label!r} cannot be a branch label: it means something else in a target.")
        if label in graph.links.keys or label == revision_id or labels.count(label) > 1:
            place = _place(graph, label) if label in graph.links.keys else f"revision {revision_id}"
            raise DuplicateRevisionError(revision=label, paths=[place, "the new revision"], what="Branch label")


def _place(graph: RevisionGraph, key: str) -> str:
    revision = graph.revisions[graph.links.keys[key]]
    return str(revision.path) if revision.path else f"revision {revision.id}"
