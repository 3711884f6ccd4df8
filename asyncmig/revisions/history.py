"""History: which revisions a range names, newest first, and where a database stands in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from asyncmig.errors import InvalidTargetError
from asyncmig.revisions.graph import RevisionGraph
from asyncmig.revisions.links import closure
from asyncmig.revisions.lookup import BASE, find, positions, rows, walk_down
from asyncmig.revisions.order import newest_first
from asyncmig.revisions.plan import refuse_implied_targets, upgrade_positions
from asyncmig.revisions.revision import Revision
from asyncmig.revisions.target import Target, TargetRange

__all__ = ["current", "walk"]


def walk(graph: RevisionGraph, range_text: str | None = None, applied: Iterable[str] = ()) -> tuple[Revision, ...]:
    """The revisions of a range, newest first.

    Args:
        graph: the history.
        range_text: `from:to`, both ends included; a missing end is the base or the heads, None is everything.
            `current` stands for the applied rows; `-N:` counts down from the heads, `:+N` up from the other end.
        applied: the rows of the version table.

    Raises:
        InvalidTargetError: it is no range, or one end does not lie below the other.
        RevisionError: an end cannot be found or is ambiguous.
    """
    links, applied = graph.links, tuple(applied)
    asked = TargetRange.parse(range_text) if range_text else TargetRange("", None, None)
    lower = _lower(graph, asked.lower, applied)
    upper = _upper(graph, asked, lower, applied)
    refuse_implied_targets(graph, upper, asked.upper or Target("heads"))
    wanted = closure(links.down, upper)
    if not wanted.issuperset(lower):
        raise InvalidTargetError(
            f"Requested range {asked.text} does not refer to ancestor/descendant revisions along the same branch.",
            target=asked.text,
        )
    if lower:
        refuse_implied_targets(graph, lower, asked.lower or Target("base"))
        # Both ends belong to it; between them only what follows the lower end, not what merely depends on it.
        wanted &= closure(links.children, lower)
    # What depends on something of the range without following it leaves gaps in it.
    newest = newest_first(links, wanted, upper, gaps=bool(lower))
    return tuple([graph.revisions[position] for position in newest])


def current(graph: RevisionGraph, applied: Iterable[str]) -> tuple[Revision, ...]:
    """The applied heads of all branches: the rows, and the tips that have no row because a row depends on them.

    Raises:
        HistoryMismatchError: a row is in no file.
    """
    active = closure(graph.links.down, rows(graph, applied))
    children = graph.links.children
    return tuple([graph.revisions[at] for at in sorted(active) if active.isdisjoint(children[at])])


def _lower(graph: RevisionGraph, target: Target | None, applied: tuple[str, ...]) -> list[int]:
    """The positions at which a range begins; nothing means the base."""
    if target is None:
        return []
    if target.steps is not None and target.symbol is None and target.steps < 0:
        return _below_heads(graph, target)
    return [position for position in positions(graph, target, applied) if position != BASE]


def _below_heads(graph: RevisionGraph, target: Target) -> list[int]:
    """`-N`: so many below each real head; the base where the history is shorter."""
    heads = [graph.links.keys[head] for head in graph.real_heads]
    if target.label is not None:
        heads = [head for head in heads if target.label in graph.labels[head]]
    ends = [walk_down(graph, head, -(target.steps or 0), target.text, exact=False) for head in heads]
    # One end at the base opens the range for all: everything stands on the base.
    return [] if BASE in ends else list(dict.fromkeys(ends))


def _upper(graph: RevisionGraph, asked: TargetRange, lower: Sequence[int], applied: tuple[str, ...]) -> list[int]:
    """The positions at which a range ends."""
    target = asked.upper or Target("heads", None, "heads")
    if target.steps is None:
        upper = positions(graph, target, applied)
        if target.symbol == "current" and target.label is None and not upper:
            upper = [graph.links.keys[head] for head in graph.real_heads]
    else:
        upper = upper_relative(graph, target, lower)
    if asked.lower is not None and asked.lower.label is not None and asked.lower.steps is None:
        label = _label(graph, asked.lower.label)
        upper = [position for position in upper if label in graph.labels[position]]
    return upper


def upper_relative(graph: RevisionGraph, target: Target, lower: Sequence[int]) -> list[int]:
    """A relative end: it may be beyond the history, which then is the end."""
    return [position for position in upgrade_positions(graph, target, lower, exact=False) if position != BASE]


def _label(graph: RevisionGraph, name: str) -> str:
    """The branch label that *name* stands for; an id stands for the only label of its branch."""
    position = find(graph, name)
    if graph.revisions[position].id != name:
        return name
    labels = graph.labels[position]
    if len(labels) != 1:
        raise InvalidTargetError(
            f"Revision {name} belongs to {len(labels)} branches; name one by its label.", target=name
        )
    return next(iter(labels))
