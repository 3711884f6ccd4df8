"""Lookup: the revisions that a name or a target means, in one history and for one state of the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from asyncmig.errors import (
    AmbiguousRevisionError,
    HistoryMismatchError,
    InvalidTargetError,
    MultipleHeadsError,
    UnknownRevisionError,
)
from asyncmig.revisions.graph import RevisionGraph
from asyncmig.revisions.links import closure
from asyncmig.revisions.revision import Revision
from asyncmig.revisions.similar import similar
from asyncmig.revisions.target import Target

__all__ = ["BASE", "find", "lineage", "positions", "resolve", "resolve_one", "rows", "walk_down", "walk_up"]

#: The place before the first revision.
BASE = -1

_SHORTEST_PARTIAL = 4


def resolve(graph: RevisionGraph, target: Target | str, applied: Collection[str] = ()) -> tuple[Revision, ...]:
    """The revisions that *target* means.

    Args:
        graph: the history.
        target: any target; `heads` may mean several, `-N` counts down from each real head.
        applied: the rows of the version table, for `current`.

    Returns:
        The revisions; nothing for `base`.

    Raises:
        UnknownRevisionError: there is no such revision or label.
        AmbiguousRevisionError: several revisions fit.
        MultipleHeadsError: `head` was asked for and there are several.
        InvalidTargetError: it leads beyond the history, or out of the branch that it names.
        HistoryMismatchError: `current` was asked for, but a row is in no file.
    """
    found = positions(graph, _parsed(target), applied)
    return tuple([graph.revisions[position] for position in found if position != BASE])


def resolve_one(graph: RevisionGraph, target: Target | str, applied: Collection[str] = ()) -> Revision | None:
    """The one revision that *target* means, or None for `base`.

    Raises:
        MultipleHeadsError: it means several.
        RevisionError: as `resolve`.
    """
    found = resolve(graph, target, applied)
    if len(found) > 1:
        raise MultipleHeadsError(heads=[revision.id for revision in found], wanted=str(target))
    return found[0] if found else None


def rows(graph: RevisionGraph, applied: Iterable[str]) -> list[int]:
    """The positions of the rows of a version table, in their order and each once.

    Raises:
        HistoryMismatchError: a row is in no file.
    """
    keys, revisions = graph.links.keys, graph.revisions
    found: list[int] = []
    unknown: list[str] = []
    for row in dict.fromkeys(applied):
        position = keys.get(row, BASE)
        if position != BASE and revisions[position].id == row:
            found.append(position)
        else:
            unknown.append(row)
    if unknown:
        names = ", ".join(map(repr, unknown))
        raise HistoryMismatchError(
            f"The database is at revision {names}, which no revision file declares.",
            unknown=unknown,
            hint="Get the files that this database was migrated with. If they are gone for good, say where it stands: "
            "asyncmig stamp --purge REVISION",
        )
    return found


def find(graph: RevisionGraph, name: str, inside: Collection[int] | None = None) -> int:
    """The position of the revision that *name* means: an id, the beginning of one, or a label.

    Args:
        graph: the history.
        name: what to look for.
        inside: where the beginning of an id may lie; None means everywhere.

    Raises:
        UnknownRevisionError: there is none.
        AmbiguousRevisionError: there are several.
    """
    keys = graph.links.keys
    exact = keys.get(name)
    if exact is not None:
        return exact
    fits = [key for key in keys if len(key) >= _SHORTEST_PARTIAL and key.startswith(name)]
    if inside is not None:
        fits = [key for key in fits if keys[key] in inside]
    if len(fits) > 1:
        raise AmbiguousRevisionError(wanted=name, candidates=fits)
    if not fits:
        raise _unknown(graph, name)
    return keys[fits[0]]


def lineage(graph: RevisionGraph, label: str, *, dependencies: bool = False) -> set[int]:
    """Everything above and below the revision that *label* means."""
    owner = find(graph, label)
    links = graph.links
    down, up = (links.down, links.above) if dependencies else (links.parents, links.children)
    return closure(down, [owner]) | closure(up, [owner])


def positions(graph: RevisionGraph, target: Target, applied: Collection[str] = ()) -> list[int]:
    """The positions that *target* means; `BASE` stands for the place before the first."""
    if target.steps is not None:
        return _relative(graph, target, applied)
    symbol, label = target.symbol or "", target.label
    keys = graph.links.keys
    if target.is_base:
        if label is not None:
            find(graph, label)
        return []
    if symbol in ("head", "heads"):
        return _heads(graph, symbol, label)
    if symbol == "current":
        branch = None if label is None else lineage(graph, label)
        return [row for row in rows(graph, applied) if branch is None or row in branch]
    if label is None:
        return [find(graph, symbol)]
    branch = lineage(graph, label)
    position = keys.get(symbol)
    if position is None:
        position = find(graph, symbol, branch)
    if position not in branch:
        raise InvalidTargetError(
            f"Revision {graph.revisions[position].id} is not a member of branch {label!r}.", target=target.text
        )
    return [position]


def walk_up(
    graph: RevisionGraph, start: int, steps: int, text: str, *, inside: set[int] | None = None, exact: bool = True
) -> int:
    """Go *steps* up from *start*, which may be `BASE`.

    Args:
        graph: the history.
        start: where to begin.
        steps: how far to go.
        text: what the user wrote, for messages.
        inside: the only revisions to go to, or None.
        exact: whether it is an error to meet the end before.

    Raises:
        AmbiguousRevisionError: several ways lead on.
        InvalidTargetError: the history ends before.
    """
    here = start
    for done in range(steps):
        ways = [graph.links.keys[base] for base in graph.bases] if here == BASE else graph.links.children[here]
        if inside is not None:
            ways = [way for way in ways if way in inside]
        if not ways:
            if exact:
                raise _too_far(graph, start, steps, done, text)
            return here
        if len(ways) > 1:
            raise _ambiguous(graph, here, ways, text)
        here = ways[0]
    return here


def walk_down(graph: RevisionGraph, start: int, steps: int, text: str, *, exact: bool = True) -> int:
    """Go *steps* down from *start*; one step below a base is `BASE`.

    Raises:
        AmbiguousRevisionError: several ways lead on.
        InvalidTargetError: the history ends before.
    """
    here = start
    for done in range(steps):
        if here == BASE:
            if exact:
                raise _too_far(graph, start, -steps, done, text)
            return here
        ways = graph.links.parents[here]
        if len(ways) > 1:
            raise _ambiguous(graph, here, ways, text)
        here = ways[0] if ways else BASE
    return here


def _parsed(target: Target | str) -> Target:
    return Target.parse(target) if isinstance(target, str) else target


def _heads(graph: RevisionGraph, symbol: str, label: str | None) -> list[int]:
    keys = graph.links.keys
    if label is not None:
        branch = lineage(graph, label)
        found = [keys[head] for head in graph.heads if keys[head] in branch]
    else:
        # `heads` leaves out what another head implies; `head` must be unique before that.
        found = [keys[head] for head in (graph.real_heads if symbol == "heads" else graph.heads)]
    if symbol == "head" and len(found) > 1:
        wanted = symbol if label is None else f"{label}@{symbol}"
        raise MultipleHeadsError(heads=[graph.revisions[position].id for position in found], wanted=wanted)
    return found


def _relative(graph: RevisionGraph, target: Target, applied: Collection[str]) -> list[int]:
    """A target with steps, outside of an upgrade or downgrade."""
    steps = target.steps or 0
    if target.symbol is not None:
        if target.label is None and target.text in graph.links.keys:
            return [graph.links.keys[target.text]]
        start = positions(graph, Target(target.text, target.label, target.symbol), applied)
        if len(start) > 1:
            raise MultipleHeadsError(heads=[graph.revisions[at].id for at in start], wanted=target.symbol)
        begin = start[0] if start else BASE
        if steps < 0:
            return [walk_down(graph, begin, -steps, target.text)]
        inside = None if target.label is None else lineage(graph, target.label)
        return [walk_up(graph, begin, steps, target.text, inside=inside)]
    if steps >= 0:
        raise InvalidTargetError(
            f"{target.text!r} counts up from where a database is, which only an upgrade can do.",
            target=target.text,
            hint=f"Say from where: base{target.text.rpartition('@')[2]}",
        )
    heads = [graph.links.keys[head] for head in graph.real_heads]
    if target.label is not None:
        heads = [head for head in heads if target.label in graph.labels[head]]
    return [walk_down(graph, head, -steps, target.text) for head in heads]


def _unknown(graph: RevisionGraph, name: str) -> UnknownRevisionError:
    alike = similar(name, [*graph.links.keys, "head", "heads", "base", "current"])
    known: str | None
    if len(name) < _SHORTEST_PARTIAL and not alike:
        known = "Only ids and labels of at least four characters are matched by their beginning."
    elif not graph:
        known = "There are no revisions yet."
    else:
        known = f"The heads are: {', '.join(graph.heads)}." if len(graph.heads) < 10 else None
    return UnknownRevisionError(wanted=name, similar=alike, known=known)


def _ambiguous(graph: RevisionGraph, here: int, ways: Sequence[int], text: str) -> AmbiguousRevisionError:
    names = [graph.revisions[way].id for way in ways]
    place = "the base" if here == BASE else graph.revisions[here].id
    return AmbiguousRevisionError(
        wanted=text,
        candidates=names,
        message=f"Ambiguous walk: {text!r} could go from {place} to {' or '.join(names)}.",
    )


def _too_far(graph: RevisionGraph, start: int, steps: int, done: int, text: str) -> InvalidTargetError:
    place = "the base" if start == BASE else graph.revisions[start].id
    where = "above" if steps > 0 else "below"
    wanted = "1 revision" if abs(steps) == 1 else f"{abs(steps)} revisions"
    there = {0: "there is none", 1: "there is only 1"}.get(done, f"there are only {done}")
    return InvalidTargetError(
        f"Walked too far: {text!r} asks for {wanted} {where} {place}, but {there}.",
        target=text,
    )
