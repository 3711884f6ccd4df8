"""The same histories, rows and targets given to Alembic and to us."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, event, given, note, settings

from asyncmig.errors import InvalidTargetError, RevisionError
from asyncmig.revisions.graph import RevisionGraph
from asyncmig.revisions.history import current, walk
from asyncmig.revisions.lookup import resolve
from asyncmig.revisions.moves import RowChanges
from asyncmig.revisions.plan import plan_downgrade, plan_stamp, plan_upgrade
from tests.unit.revisions.histories import LABELS, Case, cases, large_cases
from tests.unit.revisions.oracle import CrashedError, Oracle, RefusedError

some = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))


def kinds(changes: RowChanges) -> tuple[str, ...]:
    """The statements of a move, in the order in which they are sent."""
    deletes, inserts, updates = len(changes.deleted), len(changes.inserted), len(changes.updated)
    return ("delete",) * deletes + ("insert",) * inserts + ("update",) * updates


def implied(graph: RevisionGraph, rows: Any) -> bool:
    """Whether a row implies another: a state that Alembic itself refuses to go on from."""
    return any(len(graph.descendants(row) & set(rows)) > 1 for row in rows)


def same(case: Case, asked: Any, ours: Callable[[], Any], theirs: Callable[[], Any]) -> None:
    """Both agree, or both refuse. Where Alembic crashes there is nothing to agree with."""
    note(f"{case}\nasked: {asked}")
    try:
        expected = theirs()
    except CrashedError as crash:
        event("Alembic crashes")
        note(f"Alembic crashes: {crash}")
        # Any answer will do, and any refusal.
        with suppress(RevisionError):
            ours()
        return
    except RefusedError as refused:
        event("refused")
        note(f"Alembic refuses: {refused}")
        with pytest.raises(RevisionError):
            note(f"but we answer: {ours()}")
        return
    event("answered")
    assert ours() == expected


@some
@given(cases)
def test_heads_bases_labels_and_dependencies(case: Case) -> None:
    graph, oracle = case.graph, Oracle(case.revisions)
    assert graph.heads == oracle.map.heads
    assert graph.real_heads == oracle.map._real_heads
    assert graph.bases == oracle.map.bases
    for name in graph:
        node = oracle.map.get_revision(name)
        assert graph.labels_of(name) == node.branch_labels
        assert set(graph.dependencies(name)) == set(node._normalized_resolved_dependencies)
        assert set(graph.children(name)) == node.nextrev
        assert set(graph.children(name) + graph.dependents(name)) == node._all_nextrev
        assert graph.is_branch_point(name) == node.is_branch_point
        assert graph.is_merge_point(name) == node.is_merge_point


@some
@given(cases)
def test_resolution(case: Case) -> None:
    target = case.target(steps=False)
    ours = lambda: {revision.id for revision in resolve(case.graph, target)}  # noqa: E731
    same(case, target, ours, lambda: Oracle(case.revisions).resolve(target))


@settings(some, max_examples=1500)
@given(cases)
def test_upgrade(case: Case) -> None:
    target = case.target()

    def ours() -> Any:
        return [(move.id, frozenset(move.after)) for move in plan_upgrade(case.graph, case.rows, target)]

    same(case, target, ours, lambda: Oracle(case.revisions).upgrade(case.rows, target))


@settings(some, max_examples=1500)
@given(cases)
def test_downgrade(case: Case) -> None:
    target = case.target()

    def ours() -> Any:
        return [(move.id, frozenset(move.after)) for move in plan_downgrade(case.graph, case.rows, target)]

    def theirs() -> Any:
        steps = Oracle(case.revisions).downgrade(case.rows, target)
        # Where a revision also depends on what its parent implies, Alembic may leave a row for both.
        assume(not any(implied(case.graph, after) for _, after in steps))
        return steps

    same(case, target, ours, theirs)


@some
@given(cases)
def test_statements_of_a_full_upgrade_and_downgrade(case: Case) -> None:
    oracle = Oracle(case.revisions)
    heads = case.graph.real_heads
    up = plan_upgrade(case.graph, (), "heads")
    down = plan_downgrade(case.graph, heads, "base")
    same(case, "heads", lambda: [kinds(move.changes) for move in up], lambda: oracle.statements((), "upgrade", "heads"))
    if any(implied(case.graph, move.after) for move in down):
        pytest.fail("rows that imply each other")

    def theirs() -> Any:
        assume(not any(implied(case.graph, after) for _, after in oracle.downgrade(heads, "base")))
        return oracle.statements(heads, "downgrade", "base")

    same(case, "base", lambda: [kinds(move.changes) for move in down], theirs)


@settings(some, max_examples=100)
@given(large_cases)
def test_order_of_a_large_history(case: Case) -> None:
    oracle = Oracle(case.revisions)
    assert [revision.id for revision in walk(case.graph)] == oracle.history("base", "heads")
    ids = [revision.id for revision in case.graph.in_order(case.graph)]
    assert ids[::-1] == oracle.history("base", "heads")
    target = case.random.choice(list(case.graph))

    def ours() -> Any:
        return [(move.id, frozenset(move.after)) for move in plan_upgrade(case.graph, case.rows, target)]

    same(case, target, ours, lambda: oracle.upgrade(case.rows, target))


@settings(some, max_examples=700)
@given(cases)
def test_stamp(case: Case) -> None:
    wanted = [case.target(steps=False) for _ in range(case.random.randint(1, 2))]

    with suppress(RevisionError):
        # Alembic writes rows for both a revision and what stands on it, and then refuses to upgrade from there.
        goals = {revision.id for target in wanted for revision in resolve(case.graph, target)}
        assume(not implied(case.graph, goals))

    def theirs() -> Any:
        try:
            after = Oracle(case.revisions).stamp(case.rows, wanted)
        except RefusedError as refused:
            # In label@X, Alembic looks for X in all branches first, but only here.
            raise (CrashedError(str(refused)) if any("@" in target for target in wanted) else refused) from None
        assume(not implied(case.graph, after))
        return after

    same(case, wanted, lambda: frozenset(plan_stamp(case.graph, case.rows, wanted).after), theirs)


def walks_down(case: Case, target: str) -> bool:
    """Whether *target* does not lead beyond the history."""
    try:
        resolve(case.graph, target)
    except InvalidTargetError:
        return False
    except RevisionError:
        return True
    return True


@settings(some, max_examples=1500)
@given(cases)
def test_history(case: Case) -> None:
    pick = case.random
    lower = pick.choice(["", "current", "-1", "-2", case.target(steps=False), case.target(steps=False)])
    upper = pick.choice(["", "current", "current", case.target(), case.target()])
    assume((lower, upper) != ("current", "current"))
    if lower.startswith("-"):
        # Where a head is too near to the base, Alembic begins anew at the other end, at whatever row comes first.
        assume(len(case.graph.real_heads) == 1)
        assume(upper == "" or walks_down(case, lower))

    def theirs() -> Any:
        given_lower: Any = lower or "base"
        given_upper: Any = upper or "heads"
        if upper == "current":
            given_upper = case.rows or "heads"
        elif lower == "current":
            given_lower = case.rows or "base"
        try:
            return Oracle(case.revisions).history(given_lower, given_upper)
        except RefusedError as refused:
            # Where the history is shorter than -N, Alembic stumbles; we begin at the base.
            raise (CrashedError(str(refused)) if lower.startswith("-") else refused) from None

    asked = f"{lower}:{upper}"
    same(case, asked, lambda: [revision.id for revision in walk(case.graph, asked, case.rows)], theirs)


@some
@given(cases)
def test_current(case: Case) -> None:
    ours = lambda: {revision.id for revision in current(case.graph, case.rows)}  # noqa: E731
    same(case, "current", ours, lambda: Oracle(case.revisions).current(case.rows))


def test_labels_of_the_strategy_are_no_ids() -> None:
    assert not set(LABELS) & {"head", "heads", "base", "current"}
