"""Links: the edges of a history as integer indexes, checked once, for everything that has to be fast."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from asyncmig.errors import CircularRevisionsError, DuplicateRevisionError, MissingParentError, RevisionError
from asyncmig.revisions.revision import Revision
from asyncmig.revisions.similar import similar

__all__ = ["Edges", "Links", "build_links", "closure", "illegal_characters"]

Edges = Sequence[Sequence[int]]

_ILLEGAL = "@-+:"


@dataclass(frozen=True, slots=True)
class Links:
    """The edges of a history; a revision is its position in the order in which the files were read.

    Args:
        keys: ids and labels (they share one namespace) to positions.
        parents: `down_revision`.
        dependencies: `depends_on`, without those that an ancestor depends on already.
        down: parents, then dependencies: what is directly below.
        children: who names it as a parent.
        above: children and everybody who depends on it.
        order: all positions, what is below always first.
    """

    keys: dict[str, int]
    parents: Edges
    dependencies: Edges
    down: Edges
    children: Edges
    above: Edges
    order: Sequence[int]


def closure(edges: Edges, starts: Iterable[int]) -> set[int]:
    """Everything that can be reached from *starts* along *edges*, the starts included."""
    seen = set(starts)
    todo = list(seen)
    pop, push, add = todo.pop, todo.append, seen.add
    while todo:
        for near in edges[pop()]:
            if near not in seen:
                add(near)
                push(near)
    return seen


def illegal_characters(name: str) -> tuple[str, ...]:
    """The characters of *name* that the grammar of targets needs for itself, sorted."""
    return tuple(sorted(set(_ILLEGAL).intersection(name)))


def build_links(revisions: Sequence[Revision]) -> Links:
    """Number the revisions, link them and check them.

    Args:
        revisions: all revisions of the history.

    Raises:
        DuplicateRevisionError: two revisions have one id, or a label is taken.
        MissingParentError: a parent or a dependency is not there.
        CircularRevisionsError: revisions follow or need each other in a circle.
        RevisionError: an id has a character that the grammar of targets needs.
    """
    keys = _number(revisions)
    parents, children = _link(revisions, keys, [revision.parents for revision in revisions])
    # Labels may be named in depends_on only: as a parent a label could mean another file tomorrow.
    _add_labels([revision for revision in revisions if revision.labels], revisions, keys)
    depends_on = [revision.depends_on for revision in revisions]
    if any(depends_on):
        needs, dependents = _link(revisions, keys, depends_on)
        every: Edges = [_unique(a, b) if b else a for a, b in zip(parents, needs, strict=True)]
        above: Edges = [_unique(a, b) if b else a for a, b in zip(children, dependents, strict=True)]
        order = _order(revisions, every, above)
        dependencies = _normalised(parents, needs, dependents, order)
        down: Edges = [_unique(a, b) if b else a for a, b in zip(parents, dependencies, strict=True)]
    else:
        dependencies = [()] * len(revisions)
        down, above = parents, children
        order = _order(revisions, down, above)
    return Links(keys, parents, dependencies, down, children, above, order)


def _number(revisions: Sequence[Revision]) -> dict[str, int]:
    keys = {revision.id: position for position, revision in enumerate(revisions)}
    if len(keys) != len(revisions):
        seen: dict[str, Revision] = {}
        for revision in revisions:
            if first := seen.get(revision.id):
                raise DuplicateRevisionError(revision=revision.id, paths=[_place(first), _place(revision)])
            seen[revision.id] = revision
    # One search over all ids at once: there is hardly ever anything to find.
    text = "\n".join(keys)
    if any(character in text for character in _ILLEGAL):
        for name in keys:
            if illegal := illegal_characters(name):
                place = _place(revisions[keys[name]])
                raise RevisionError(
                    f"Character(s) {', '.join(map(repr, illegal))} not allowed in revision identifier {name!r}"
                    f" ({place}).",
                    hint="Targets are written with these characters: label@id, id+2, id-1, from:to.",
                )
    return keys


def _add_labels(labelled: Sequence[Revision], revisions: Sequence[Revision], keys: dict[str, int]) -> None:
    for revision in labelled:
        position = keys[revision.id]
        for label in sorted(revision.labels):
            if (other := keys.setdefault(label, position)) != position or label == revision.id:
                paths = [_place(revisions[other]), _place(revision)]
                raise DuplicateRevisionError(revision=label, paths=paths, what="Branch label")


def _link(
    revisions: Sequence[Revision], keys: dict[str, int], names: Sequence[Sequence[str]]
) -> tuple[list[Sequence[int]], list[Sequence[int]]]:
    """The positions of *names*, and the same edges the other way."""
    forth: list[Sequence[int]] = []
    # Nearly every revision has one child: a shared empty tuple and small ones cost a third of ten thousand lists.
    back: list[Sequence[int]] = [()] * len(revisions)
    # One tuple for each position, made at once and shared by both directions.
    alone = list(zip(range(len(revisions)), strict=True))
    push = forth.append
    position = 0
    try:
        for position, wanted in enumerate(names):
            if len(wanted) == 1:
                # By far the most: no loop, and no second look.
                other = keys[wanted[0]]
                found: Sequence[int] = alone[other]
                push(found)
                if not back[other]:
                    back[other] = alone[position]
                    continue
            elif wanted:
                # Unique by position: an id and a label may mean the same revision.
                found = tuple(dict.fromkeys([keys[name] for name in wanted]))
                push(found)
            else:
                push(())
                continue
            for other in found:
                known = back[other]
                if not known:
                    back[other] = alone[position]
                elif isinstance(known, list):
                    known.append(position)
                else:
                    back[other] = [*known, position]
    except KeyError as error:
        raise _missing(revisions[position], error.args[0], keys) from None
    return forth, back


def _unique(first: Sequence[int], second: Sequence[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _order(revisions: Sequence[Revision], down: Edges, above: Edges) -> list[int]:
    """A topological order, or the error that names one circle."""
    waits = [len(below) for below in down]
    ready = [position for position, count in enumerate(waits) if not count]
    order: list[int] = []
    pop, push, emit = ready.pop, ready.append, order.append
    while ready:
        position = pop()
        emit(position)
        near_by = above[position]
        # Down a line there is nothing to remember for later.
        while len(near_by) == 1:
            near = near_by[0]
            waits[near] -= 1
            if waits[near]:
                break
            emit(near)
            near_by = above[near]
        else:
            for near in near_by:
                waits[near] -= 1
                if not waits[near]:
                    push(near)
    if len(order) < len(down):
        circle = [revisions[position] for position in _circle(waits, down)]
        files = [str(one.path) for one in circle[:-1] if one.path is not None]
        raise CircularRevisionsError(path=[one.id for one in circle], files=files)
    return order


def _circle(waits: Sequence[int], down: Edges) -> list[int]:
    """One circle among the revisions that still wait: each of them stands on another that waits."""
    here = next(position for position, count in enumerate(waits) if count)
    path: dict[int, None] = {}
    while here not in path:
        path[here] = None
        here = next(below for below in down[here] if waits[below])
    steps = list(path)
    return [*steps[steps.index(here) :], here]


def _normalised(parents: Edges, needs: Edges, dependents: Edges, order: Sequence[int]) -> Edges:
    """*needs* without what an ancestor needs already."""
    shared = [position for position, who in enumerate(dependents) if len(who) > 1]
    if not shared:
        return needs
    # What the ancestors need, as one bit per dependency that several name: an integer is shared along a line.
    bits = {position: 1 << number for number, position in enumerate(shared)}
    own = [sum(bits.get(need, 0) for need in wanted) if wanted else 0 for wanted in needs]
    inherited = [0] * len(parents)
    for position in order:
        mask = 0
        for parent in parents[position]:
            mask |= inherited[parent] | own[parent]
        inherited[position] = mask
    return [
        tuple([need for need in wanted if not inherited[position] & bits.get(need, 0)]) if wanted else ()
        for position, wanted in enumerate(needs)
    ]


def _place(revision: Revision) -> str:
    return str(revision.path) if revision.path else f"revision {revision.id}"


def _missing(revision: Revision, name: str, keys: Iterable[str]) -> MissingParentError:
    path = str(revision.path) if revision.path else None
    others = [key for key in keys if key != revision.id]
    return MissingParentError(revision=revision.id, parent=name, path=path, similar=similar(name, others))
