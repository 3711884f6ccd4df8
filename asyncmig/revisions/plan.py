"""Planning: from the rows of a database and a target to the ordered moves between them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from asyncmig.errors import (
    AmbiguousRevisionError,
    HistoryMismatchError,
    InvalidTargetError,
    MultipleHeadsError,
)
from asyncmig.revisions.graph import RevisionGraph
from asyncmig.revisions.links import closure
from asyncmig.revisions.lookup import BASE, find, lineage, positions, rows, walk_down, walk_up
from asyncmig.revisions.moves import Direction, Move, Plan, RowChanges
from asyncmig.revisions.order import newest_first
from asyncmig.revisions.revision import Phase
from asyncmig.revisions.rows import Rows
from asyncmig.revisions.target import Target

__all__ = [
    "Direction",
    "Move",
    "Plan",
    "RowChanges",
    "pending",
    "plan_downgrade",
    "plan_stamp",
    "plan_upgrade",
    "upgrade_positions",
]


def plan_upgrade(
    graph: RevisionGraph, applied: Iterable[str], target: Target | str = "heads", *, phase: Phase | None = None
) -> Plan:
    """The moves that apply everything up to *target*.

    Args:
        graph: the history.
        applied: the rows of the version table.
        target: how far to go.
        phase: `expand` or `contract` leaves out the revisions of the other phase, and what stands on them.

    Raises:
        HistoryMismatchError: a row is in no file, or a row implies another.
        MultipleHeadsError: one head was asked for, and there are several.
        RevisionError: the target cannot be found, is ambiguous or cannot be reached by going up.
    """
    applied = tuple(applied)
    target = _parse(target)
    here = rows(graph, applied)
    wanted = upgrade_positions(graph, target, here)
    # The usual start: the rows are what is wanted. Nothing below them needs to be looked at.
    if set(wanted) == set(here):
        return Plan((), applied, target.text)
    refuse_implied_targets(graph, wanted, target)
    _refuse_implied_rows(graph, here)
    down = graph.links.down
    needs = closure(down, wanted) - closure(down, here)
    order = newest_first(graph.links, needs, wanted)
    order.reverse()
    if phase is not None:
        order = _of_phase(graph, order, phase)
    now = Rows(graph, applied)
    return Plan(tuple([now.upgrade(position) for position in order]), applied, target.text)


def plan_downgrade(graph: RevisionGraph, applied: Iterable[str], target: Target | str) -> Plan:
    """The moves that revert everything above *target*: what follows it, and what depends on what is reverted.

    Args:
        graph: the history.
        applied: the rows of the version table.
        target: what to go down to; `label@X` reverts only what belongs to that branch.

    Raises:
        HistoryMismatchError: a row is in no file.
        RevisionError: the target cannot be found, is ambiguous or cannot be reached by going down.
        InvalidTargetError: a revision on the way says that it cannot be reverted.
    """
    applied = tuple(applied)
    target = _parse(target)
    here = rows(graph, applied)
    branch, goal = _downgrade_goal(graph, target, here)
    links = graph.links
    if goal == BASE:
        roots = [position for position, parents in enumerate(links.parents) if not parents]
    else:
        roots = list(links.children[goal])
    if branch is not None and len(roots) > 1:
        line = closure(links.parents, [branch])
        roots = [root for root in roots if root in line]
        if not roots:
            raise InvalidTargetError(
                f"Destination {target.text!r} is not a valid downgrade target from the current heads: "
                f"nothing of branch {graph.revisions[branch].id} stands on it.",
                target=target.text,
            )
    active = closure(links.down, here)
    drops = closure(links.above, roots) & active
    if not drops and goal != BASE and goal not in here:
        raise InvalidTargetError(
            f"Destination {target.text!r} is not a valid downgrade target from the current heads"
            f" ({_names(graph, here) or 'base'}): there is nothing to revert.",
            target=target.text,
        )
    order = newest_first(links, drops, here)
    _refuse_irreversible(graph, order, target)
    now = Rows(graph, applied, active)
    moves = [now.downgrade(position) for position in order]
    return Plan(tuple(moves), applied, target.text)


def _refuse_irreversible(graph: RevisionGraph, order: Iterable[int], target: Target) -> None:
    """Nothing is reverted where something on the way cannot be."""
    for position in order:
        revision = graph.revisions[position]
        if revision.irreversible is not None:
            raise InvalidTargetError(
                f"Revision {revision.id} cannot be reverted: {revision.irreversible}.",
                target=target.text,
                hint="Restore a backup; or write its downgrade, and take 'irreversible' out of its file.",
            )


def plan_stamp(
    graph: RevisionGraph, applied: Iterable[str], targets: Iterable[Target | str] | str, *, purge: bool = False
) -> Plan:
    """The moves that make the version table say *targets*, without running anything.

    A row goes where its revision shares its lineage with a target. A move may span many revisions; where only rows are
    taken away (`base`, *purge*), its revision is None.

    Args:
        graph: the history.
        applied: the rows of the version table.
        targets: one or more; `base` takes rows away.
        purge: take all rows away first, also those that are in no file.

    Raises:
        HistoryMismatchError: a row is in no file (without *purge*).
        InvalidTargetError: a target is relative, or implies another one.
        RevisionError: a target cannot be found or is ambiguous.
    """
    applied = tuple(applied)
    asked = [_parse(target) for target in ([targets] if isinstance(targets, str) else targets)]
    text = " ".join(target.text for target in asked) or "base"
    now = Rows(graph, applied)
    moves: list[Move] = []
    if purge and applied:
        moves.append(now.stamp(applied, None))
    here = rows(graph, now.now)
    for target in asked:
        _refuse_steps(target)
    goals = list(dict.fromkeys(goal for target in asked for goal in positions(graph, target)))
    for target in asked:
        refuse_implied_targets(graph, goals, target)
    concerned = _concerned(graph, asked, here) if asked else here
    gone = [graph.revisions[row].id for row in concerned]
    if not goals:
        moves.extend(now.stamp([row], None) for row in gone)
    for goal in goals:
        if goal in concerned:
            continue
        line = closure(graph.links.down, [goal]) | closure(graph.links.above, [goal])
        related = any(row in line for row in concerned)
        moves.append(now.stamp(gone if related else [], goal))
    return Plan(tuple(moves), applied, text)


def pending(graph: RevisionGraph, applied: Iterable[str]) -> tuple[str, ...]:
    """The ids that `upgrade heads` would apply, in that order."""
    return tuple([move.id for move in plan_upgrade(graph, applied, "heads")])


def upgrade_positions(graph: RevisionGraph, target: Target, here: Sequence[int], *, exact: bool = True) -> list[int]:
    """The positions that an upgrade to *target* goes to.

    Args:
        graph: the history.
        target: any target.
        here: the positions of the applied rows, from which `+N` counts.
        exact: whether it is an error to meet the end of the history before.
    """
    if target.steps is None or target.text in graph.links.keys:
        return positions(graph, target)
    if target.symbol is not None:
        start = _single(graph, Target(target.text, target.label if target.steps <= 0 else None, target.symbol))
        if target.steps <= 0:
            goal = walk_down(graph, start, -target.steps, target.text, exact=exact)
            return [] if goal == BASE else [goal]
        inside = None if target.label is None else lineage(graph, target.label)
        return [walk_up(graph, start, target.steps, target.text, inside=inside, exact=exact)]
    if target.steps <= 0:
        raise InvalidTargetError(
            f"Relative revision {target.text!r} goes down, but an upgrade goes up.",
            target=target.text,
            hint=f"asyncmig downgrade {target.text}",
        )
    inside = None if target.label is None else lineage(graph, target.label)
    starts = list(here) if inside is None else _newest_of_branch(graph, here, inside)
    if len(starts) > 1:
        names = [graph.revisions[start].id for start in starts]
        raise AmbiguousRevisionError(
            wanted=target.text,
            candidates=names,
            message=f"Ambiguous upgrade: {target.text!r} could count from any of the current revisions "
            f"{', '.join(names)}.",
        )
    return [walk_up(graph, starts[0] if starts else BASE, target.steps, target.text, inside=inside, exact=exact)]


def refuse_implied_targets(graph: RevisionGraph, wanted: Collection[int], target: Target) -> None:
    """Raise InvalidTargetError where one of *wanted* stands below another."""
    if implied := _implied(graph, wanted):
        raise InvalidTargetError(
            f"{target.text!r} asks for {_names(graph, wanted)}, but the others imply {_names(graph, implied)}.",
            target=target.text,
            hint=f"Leave out {_names(graph, implied)}: it is applied with the others.",
        )


def _parse(target: Target | str) -> Target:
    parsed = Target.parse(target) if isinstance(target, str) else target
    if parsed.symbol == "current":
        raise InvalidTargetError(
            "'current' is where the database is already; it names a revision for show, edit and history only.",
            target=parsed.text,
        )
    return parsed


def _single(graph: RevisionGraph, target: Target) -> int:
    found = positions(graph, target)
    if len(found) > 1:
        raise MultipleHeadsError(heads=[graph.revisions[at].id for at in found], wanted=target.symbol or target.text)
    return found[0] if found else BASE


def _newest_of_branch(graph: RevisionGraph, here: Sequence[int], branch: set[int]) -> list[int]:
    """Where a branch stands: its rows, or else the newest applied revisions that it shares with others."""
    starts = [row for row in here if row in branch]
    if starts:
        return starts
    down = graph.links.down
    shared = closure(down, here) & branch
    return sorted(shared.difference(*[down[position] for position in shared]))


def _of_phase(graph: RevisionGraph, order: list[int], phase: Phase) -> list[int]:
    """*order* without the revisions of another phase and without what stands on them."""
    left_out: set[int] = set()
    for position in order:
        other = graph.revisions[position].phase
        if (other is not None and other != phase) or not left_out.isdisjoint(graph.links.down[position]):
            left_out.add(position)
    return [position for position in order if position not in left_out]


def _downgrade_goal(graph: RevisionGraph, target: Target, here: Sequence[int]) -> tuple[int | None, int]:
    """The revision that stands for the branch to revert, if one was named, and the position to go down to."""
    text, label, steps = target.text, target.label, target.steps
    if steps is None or text in graph.links.keys:
        goal = _single(graph, Target(text, None, target.symbol or text))
        return (None if label is None else find(graph, label)), goal
    if target.symbol is not None:
        branch = None if label is None else find(graph, label)
        if steps >= 0:
            inside = None if label is None else lineage(graph, label)
            start = _single(graph, Target(text, None, target.symbol))
            return branch, walk_up(graph, start, steps, text, inside=inside)
        start = _single(graph, Target(text, label, target.symbol))
        return branch, walk_down(graph, start, -steps, text)
    if steps >= 0 or not here:
        why = "goes up, but a downgrade goes down" if steps > 0 else "finds nothing to revert"
        raise InvalidTargetError(f"Relative revision {text!r} {why}.", target=text)
    if label is None:
        # Alembic counts from the first row; a merge point on the way makes it ambiguous.
        return here[0], walk_down(graph, here[0], -steps, text)
    start = _only_of_branch(graph, here, label, text)
    return find(graph, label), walk_down(graph, start, -steps, text)


def _only_of_branch(graph: RevisionGraph, here: Sequence[int], label: str, text: str) -> int:
    """The applied tip of the branch that *label* means."""
    branch = lineage(graph, label)
    starts = [row for row in here if row in branch]
    if not starts:
        # Its tip may have no row because a row of another branch depends on it.
        active = closure(graph.links.down, here)
        starts = [p for p in sorted(active & branch) if active.isdisjoint(graph.links.children[p])]
    if len(starts) > 1:
        names = [graph.revisions[start].id for start in starts]
        raise AmbiguousRevisionError(
            wanted=text,
            candidates=names,
            message=f"Ambiguous downgrade: {text!r} could count from any of the current revisions {', '.join(names)}.",
        )
    if not starts:
        raise InvalidTargetError(f"{text!r}: nothing of branch {label!r} is applied.", target=text)
    return starts[0]


def _refuse_steps(target: Target) -> None:
    if target.steps is not None:
        raise InvalidTargetError(
            f"A stamp needs a revision, not a number of steps: {target.text!r}.", target=target.text
        )


def _concerned(graph: RevisionGraph, asked: Sequence[Target], here: list[int]) -> list[int]:
    """The rows that a stamp to *asked* may take away: those that share their lineage with a target or its label."""
    lines: set[int] = set()
    for target in asked:
        found = positions(graph, target)
        if target.label is not None:
            lines |= lineage(graph, target.label, dependencies=True)
        elif not found:
            return here
        lines |= closure(graph.links.down, found) | closure(graph.links.above, found)
    return [row for row in here if row in lines]


def _implied(graph: RevisionGraph, wanted: Collection[int]) -> list[int]:
    """Those of *wanted* that stand below another of them."""
    if len(wanted) < 2:
        return []
    down = graph.links.down
    below = closure(down, {near for position in wanted for near in down[position]})
    return [position for position in wanted if position in below]


def _refuse_implied_rows(graph: RevisionGraph, here: Sequence[int]) -> None:
    if implied := _implied(graph, here):
        names = _names(graph, implied)
        rest = _names(graph, [row for row in here if row not in implied])
        raise HistoryMismatchError(
            f"The version table holds {_names(graph, here)}, but the others imply {names}.",
            hint=f"Leave the rows that count: asyncmig stamp --purge {rest.replace(',', '')}",
        )


def _names(graph: RevisionGraph, which: Iterable[int]) -> str:
    return ", ".join(graph.revisions[position].id for position in which)
