"""What a run learns from the rows of others."""

from dataclasses import replace
from datetime import datetime

from asyncmig.migrator.followers import failure_of_leader, highest, rows_below
from asyncmig.revisions.graph import RevisionGraph
from asyncmig.revisions.moves import Move
from asyncmig.revisions.revision import Revision
from asyncmig.state.log import LogEntry

ROW = LogEntry(
    id=7,
    revision="bbbb",
    direction="upgrade",
    outcome="failed",
    started=datetime(2026, 11, 25, 10),
    duration=0.5,
    checksum="c1",
    who="ann",
    host="web1",
    version="0.1.0",
    error="Boom: no",
    run="r1",
)
MOVE = Move(Revision("bbbb", ("aaaa",)), "upgrade", ("aaaa",), ("bbbb",))


def done(revision: str, *follows: str, phase: str | None = "expand", direction: str = "upgrade") -> LogEntry:
    return replace(ROW, revision=revision, outcome="done", direction=direction, phase=phase, follows=follows)


def knows(*revisions: str) -> "object":
    return set(revisions).__contains__


def test_failure_of_the_same_revision_with_the_same_file_is_found() -> None:
    assert failure_of_leader([ROW], [MOVE], lambda move: "c1") == (MOVE, ROW)
    assert failure_of_leader([replace(ROW, checksum=None)], [MOVE], lambda move: "c1") is not None


def test_failure_of_any_move_of_the_first_transaction_is_found() -> None:
    first = Move(Revision("aaaa"), "upgrade", (), ("aaaa",))
    assert failure_of_leader([ROW], [first, MOVE], lambda move: "c1") == (MOVE, ROW)
    assert failure_of_leader([ROW], [first], lambda move: "c1") is None


def test_failure_of_another_revision_or_direction_is_not() -> None:
    assert failure_of_leader([replace(ROW, revision="cccc")], [MOVE], lambda move: "c1") is None
    assert failure_of_leader([replace(ROW, direction="downgrade")], [MOVE], lambda move: "c1") is None
    assert failure_of_leader([], [MOVE], lambda move: "c1") is None


def test_file_that_was_mended_is_worth_another_attempt() -> None:
    assert failure_of_leader([ROW], [MOVE], lambda move: "c2") is None


def test_unknown_rows_are_followed_down_to_what_is_known() -> None:
    # bbbb (known) <- cccc <- dddd
    entries = [done("dddd", "cccc"), done("cccc", "bbbb"), done("bbbb", "aaaa", phase=None)]
    assert rows_below(["dddd"], entries, knows("aaaa", "bbbb")) == (("bbbb",), {"dddd": "expand", "cccc": "expand"})


def test_unknown_merge_is_followed_to_all_it_stands_on() -> None:
    entries = [done("eeee", "cccc", "bbbb", phase="contract")]
    below = rows_below(["eeee"], entries, knows("aaaa", "bbbb", "cccc"))
    assert below == (("bbbb", "cccc"), {"eeee": "contract"})


def test_rows_of_which_the_log_does_not_tell_are_not_followed() -> None:
    assert rows_below(["dddd"], [], knows("aaaa")) is None
    assert rows_below(["dddd"], [done("dddd", "cccc")], knows("aaaa")) is None
    # Reverted last, and yet in the version table: something else has written there.
    assert rows_below(["dddd"], [done("dddd", "aaaa", direction="downgrade")], knows("aaaa")) is None
    # A row of a version that did not write down what it follows.
    assert rows_below(["dddd"], [done("dddd", phase=None)], knows("aaaa")) is None


def test_failed_attempts_do_not_count() -> None:
    entries = [replace(ROW, revision="cccc", phase="contract"), done("cccc", "aaaa")]
    assert rows_below(["cccc"], entries, knows("aaaa")) == (("aaaa",), {"cccc": "expand"})


def test_only_the_highest_known_revisions_are_rows() -> None:
    graph = RevisionGraph([Revision("aaaa"), Revision("bbbb", ("aaaa",)), Revision("cccc", ("aaaa",))])
    assert highest(graph, ["aaaa", "bbbb"]) == ("bbbb",)
    assert highest(graph, ["cccc", "bbbb"]) == ("bbbb", "cccc")
