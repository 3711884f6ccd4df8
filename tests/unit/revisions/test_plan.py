from __future__ import annotations

import pytest

from asyncmig.errors import (
    AmbiguousRevisionError,
    HistoryMismatchError,
    InvalidTargetError,
    MultipleHeadsError,
    UnknownRevisionError,
)
from asyncmig.revisions.graph import RevisionGraph
from asyncmig.revisions.moves import Move, Plan, RowChanges
from asyncmig.revisions.plan import pending, plan_downgrade, plan_stamp, plan_upgrade
from asyncmig.revisions.revision import Phase, Revision
from tests.unit.revisions.test_graph import graph


def steps(plan: Plan) -> list[str]:
    """The moves as text: id and the rows after it."""
    return [f"{move.id}: {' '.join(move.after) or 'base'}" for move in plan]


@pytest.fixture
def diamond() -> RevisionGraph:
    """
    a ── b ── d
     └── c ──┘
    """
    return graph("a", "b <- a", "c <- a", "d <- b c")


@pytest.fixture
def forest() -> RevisionGraph:
    """
    a1 (one) ── a2 ── a3
                      ┊ (b2 depends on a2)
    b1 (two) ── b2 ── b3
    """
    return graph("a1 #one", "a2 <- a1", "a3 <- a2", "b1 #two", "b2 <- b1 ; a2", "b3 <- b2")


def test_upgrade_through_a_merge(diamond: RevisionGraph) -> None:
    plan = plan_upgrade(diamond, (), "head")
    assert steps(plan) == ["a: a", "c: c", "b: c b", "d: d"]
    assert [move.changes for move in plan] == [
        RowChanges(inserted=("a",)),
        RowChanges(updated=(("a", "c"),)),
        RowChanges(inserted=("b",)),
        RowChanges(deleted=("b",), updated=(("c", "d"),)),
    ]
    assert plan.after == ("d",)


def test_downgrade_through_a_merge(diamond: RevisionGraph) -> None:
    plan = plan_downgrade(diamond, ["d"], "base")
    assert steps(plan) == ["d: b c", "b: c", "c: a", "a: base"]
    assert [move.changes for move in plan] == [
        RowChanges(inserted=("b",), updated=(("d", "c"),)),
        RowChanges(deleted=("b",)),
        RowChanges(updated=(("c", "a"),)),
        RowChanges(deleted=("a",)),
    ]


def test_nothing_to_do_is_an_empty_plan(diamond: RevisionGraph) -> None:
    plan = plan_upgrade(diamond, ["d"], "heads")
    assert not plan
    assert len(plan) == 0
    assert plan.after == ("d",)


def test_a_dependency_takes_no_row_of_its_own(forest: RevisionGraph) -> None:
    plan = plan_upgrade(forest, ["a2", "b1"], "two@head")
    assert steps(plan) == ["b2: b2", "b3: b3"]
    assert plan.moves[0].changes == RowChanges(deleted=("b1",), updated=(("a2", "b2"),))


def test_going_down_gives_a_dependency_its_row_back(forest: RevisionGraph) -> None:
    assert steps(plan_downgrade(forest, ["b3"], "two@b1")) == ["b3: b2", "b2: b1 a2"]


def test_going_down_reverts_what_depends_on_it(forest: RevisionGraph) -> None:
    assert steps(plan_downgrade(forest, ["b3"], "a1")) == ["b3: b2", "b2: b1 a2", "a2: b1 a1"]


def test_pending(forest: RevisionGraph) -> None:
    assert pending(forest, ["a2"]) == ("b1", "b2", "b3", "a3")
    assert pending(forest, ["a3", "b3"]) == ()


@pytest.mark.parametrize(
    ("rows", "target", "expected"),
    [
        ((), "+1", None),
        (("a1",), "+1", ["a2"]),
        (("a1", "b1"), "one@+1", ["a2"]),
        ((), "two@+1", ["b1"]),
        (("b1",), "one@+2", ["a1", "a2"]),
        (("b3",), "one@+1", ["a3"]),
        ((), "a1+1", ["a1", "a2"]),
        ((), "one@head-1", ["a1", "a2"]),
        (("a1", "b1"), "+1", None),
        (("a3",), "+1", None),
        (("a1",), "-1", None),
    ],
)
def test_relative_upgrades(
    forest: RevisionGraph, rows: tuple[str, ...], target: str, expected: list[str] | None
) -> None:
    if expected is None:
        with pytest.raises((AmbiguousRevisionError, InvalidTargetError)):
            plan_upgrade(forest, rows, target)
    else:
        assert [move.id for move in plan_upgrade(forest, rows, target)] == expected


@pytest.mark.parametrize(
    ("rows", "target", "expected"),
    [
        (("a3",), "-1", ["a3"]),
        (("a3",), "-3", ["a3", "a2", "a1"]),
        (("a3",), "-4", None),
        (("a3", "b1"), "two@-1", ["b1"]),
        (("b3",), "one@-1", ["b3", "b2", "a2"]),
        ((), "-1", None),
        (("a3",), "+1", None),
        (("a3",), "a1+1", ["a3"]),
        (("b1",), "a2", None),
        (("a3", "b1"), "base", ["a3", "a2", "a1", "b1"]),
        (("a3", "b1"), "one@base", ["a3", "a2", "a1"]),
    ],
)
def test_downgrades(forest: RevisionGraph, rows: tuple[str, ...], target: str, expected: list[str] | None) -> None:
    if expected is None:
        with pytest.raises(InvalidTargetError):
            plan_downgrade(forest, rows, target)
    else:
        assert [move.id for move in plan_downgrade(forest, rows, target)] == expected


def test_a_step_down_from_a_merge_is_ambiguous(diamond: RevisionGraph) -> None:
    with pytest.raises(AmbiguousRevisionError, match="could go from d to b or c"):
        plan_downgrade(diamond, ["d"], "-1")


def test_a_branch_narrows_what_is_reverted() -> None:
    """
    a ── b (left)
     └── c (right)
    """
    history = graph("a", "b #left <- a", "c #right <- a")
    assert steps(plan_downgrade(history, ["b", "c"], "right@a")) == ["c: b"]
    assert steps(plan_downgrade(history, ["b", "c"], "a")) == ["b: c", "c: a"]


def test_what_says_that_it_cannot_be_reverted_stops_the_downgrade_before_anything_is_done() -> None:
    history = RevisionGraph(
        [
            Revision("a"),
            Revision("b", parents=("a",), irreversible="the old values are gone"),
            Revision("c", parents=("b",)),
        ]
    )
    assert steps(plan_downgrade(history, ["c"], "b")) == ["c: b"]
    with pytest.raises(InvalidTargetError, match="Revision b cannot be reverted: the old values are gone"):
        plan_downgrade(history, ["c"], "base")


def test_several_heads_where_one_is_wanted(forest: RevisionGraph) -> None:
    with pytest.raises(MultipleHeadsError) as caught:
        plan_upgrade(forest, (), "head")
    assert caught.value.exit_code == 13


@pytest.mark.parametrize("plan", [plan_upgrade, plan_downgrade, plan_stamp])
def test_a_row_that_no_file_declares(diamond: RevisionGraph, plan: object) -> None:
    with pytest.raises(HistoryMismatchError) as caught:
        plan(diamond, ["zz"], "a")  # type: ignore[operator]
    assert caught.value.unknown == ("zz",)


def test_rows_that_imply_each_other_are_refused_with_the_way_out(diamond: RevisionGraph) -> None:
    with pytest.raises(HistoryMismatchError) as caught:
        plan_upgrade(diamond, ["a", "b"], "head")
    assert "stamp --purge b" in str(caught.value)


def test_current_is_no_place_to_go_to(diamond: RevisionGraph) -> None:
    with pytest.raises(InvalidTargetError, match="show, edit and history"):
        plan_upgrade(diamond, ["a"], "current")


@pytest.mark.parametrize(
    ("phase", "expected"), [(None, ["a", "b", "c", "d"]), ("expand", ["a", "b"]), ("contract", ["a"])]
)
def test_a_phase_stops_at_the_other(phase: Phase | None, expected: list[str]) -> None:
    history = RevisionGraph(
        [
            Revision("a"),
            Revision("b", ("a",), phase="expand"),
            Revision("c", ("b",), phase="contract"),
            Revision("d", ("c",)),
        ]
    )
    assert [move.id for move in plan_upgrade(history, (), "head", phase=phase)] == expected


def test_a_phase_leaves_out_what_depends_on_the_other() -> None:
    history = RevisionGraph([Revision("a", phase="contract"), Revision("x", depends_on=("a",)), Revision("y")])
    assert steps(plan_upgrade(history, (), "heads", phase="expand")) == ["y: y"]


@pytest.mark.parametrize(
    ("rows", "targets", "expected", "changes"),
    [
        ((), ["d"], ("d",), [RowChanges(inserted=("d",))]),
        (("a",), ["d"], ("d",), [RowChanges(updated=(("a", "d"),))]),
        (("b", "c"), ["d"], ("d",), [RowChanges(deleted=("b",), updated=(("c", "d"),))]),
        (("b", "c"), ["a"], ("a",), [RowChanges(deleted=("b",), updated=(("c", "a"),))]),
        (("d",), ["b", "c"], ("b", "c"), [RowChanges(updated=(("d", "b"),)), RowChanges(inserted=("c",))]),
        (("b", "c"), ["base"], (), [RowChanges(deleted=("b",)), RowChanges(deleted=("c",))]),
        (("d",), ["d"], ("d",), []),
        (("b",), ["c"], ("b", "c"), [RowChanges(inserted=("c",))]),
    ],
)
def test_stamps(
    diamond: RevisionGraph,
    rows: tuple[str, ...],
    targets: list[str],
    expected: tuple[str, ...],
    changes: list[RowChanges],
) -> None:
    plan = plan_stamp(diamond, rows, targets)
    assert plan.after == expected
    assert [move.changes for move in plan] == changes
    assert all(move.direction == "stamp" for move in plan)


def test_purge_takes_away_rows_that_no_file_declares(diamond: RevisionGraph) -> None:
    plan = plan_stamp(diamond, ["zz", "yy"], ["head"], purge=True)
    assert steps(plan) == ["base: base", "d: d"]
    assert plan.moves[0].changes == RowChanges(deleted=("zz", "yy"))


def test_purge_writes_a_row_again_that_was_there(diamond: RevisionGraph) -> None:
    assert steps(plan_stamp(diamond, ["a"], "a", purge=True)) == ["base: base", "a: a"]


def test_a_stamp_of_what_implies_each_other_is_refused(diamond: RevisionGraph) -> None:
    with pytest.raises(InvalidTargetError, match="the others imply a"):
        plan_stamp(diamond, (), ["a", "b"])


def test_a_stamp_needs_a_revision(diamond: RevisionGraph) -> None:
    with pytest.raises(InvalidTargetError, match="not a number of steps"):
        plan_stamp(diamond, (), ["+1"])
    with pytest.raises(UnknownRevisionError):
        plan_stamp(diamond, (), ["nothing"])


def test_what_a_move_says_about_itself(diamond: RevisionGraph) -> None:
    up = plan_upgrade(diamond, ["b", "c"], "d").moves[0]
    down = plan_downgrade(diamond, ["d"], "b").moves[0]
    assert (up.source, up.destination) == (("b", "c"), ("d",))
    assert (down.source, down.destination) == (("d",), ("b", "c"))
    none = Move(None, "stamp", ("a",), ())
    assert (none.id, none.source, none.destination) == ("base", ("a",), ())
