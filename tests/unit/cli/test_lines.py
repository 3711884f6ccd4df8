from datetime import UTC, datetime

from asyncmig.cli import lines
from asyncmig.migrator.results import AppliedRevision, PlannedMove, RunPlan, RunResult, Status
from asyncmig.revisions.revision import Revision
from asyncmig.state.log import LogEntry
from tests.unit.cli.infos import info, infos

# a ─┬─ b (billing) ─┬─ d ── f     e (lib) stands alone, f depends on it
#    └─ c ───────────┘
HISTORY = (
    Revision("a", message="first"),
    Revision("b", ("a",), labels=frozenset({"billing"}), message="bill", phase="expand"),
    Revision("c", ("a",), message="other"),
    Revision("d", ("b", "c"), message="merge", doc="merge\n\nMore text.\n", file="versions/d.py"),
    Revision("e", labels=frozenset({"lib", "li"}), message="lib"),
    Revision("f", ("d",), depends_on=("e",), message="needs lib"),
)


def test_history_lines_are_those_of_alembic() -> None:
    drawn = [lines.move_line(one) for one in infos(*HISTORY)]
    assert sorted(drawn) == sorted(
        [
            "d (e) -> f (billing) (head), needs lib",
            "b, c -> d (billing) (mergepoint), merge",
            "a -> b (billing), bill",
            "a -> c, other",
            "<base> -> e (li, lib) (effective head), lib",
            "<base> -> a (branchpoint), first",
        ]
    )


def test_current_revision_is_marked() -> None:
    assert lines.move_line(info(*HISTORY, id="f", current=("f",))) == "d (e) -> f (billing) (head) (current), needs lib"


def test_revision_without_message_has_no_comma() -> None:
    assert lines.move_line(info(Revision("a"), id="a")) == "<base> -> a (head)"


def test_short_line_and_block_agree_on_what_is_a_head() -> None:
    only_by_parents = info(*HISTORY, id="e")
    assert lines.short(only_by_parents) == "e (li, lib) (effective head)"
    assert next(lines.block(only_by_parents)) == "Rev: e (effective head)"


def test_block_says_everything() -> None:
    assert list(lines.block(info(*HISTORY, id="d"))) == [
        "Rev: d (mergepoint)",
        "Merges: b, c",
        "Branch names: billing",
        "Path: versions/d.py",
        "",
        "    merge",
        "",
        "    More text.",
        "",
    ]
    assert "Also depends on: e" in list(lines.block(info(*HISTORY, id="f")))
    assert "Branches into: b, c" in list(lines.block(info(*HISTORY, id="a")))
    assert "Phase: expand" in list(lines.block(info(*HISTORY, id="b")))


def test_branch_lists_what_follows_it() -> None:
    children = [info(*HISTORY, id="b"), info(*HISTORY, id="c")]
    short = list(lines.branch_lines(info(*HISTORY, id="a"), children, verbose=False))
    assert short == ["a (branchpoint)", "  -> b (billing)", "  -> c", ""]
    verbose = list(lines.branch_lines(info(*HISTORY, id="a"), children, verbose=True))
    assert verbose[0] == "Rev: a (branchpoint)"
    assert "  -> c, other" in verbose


def applied(*ids: str, direction: str = "upgrade", waited: float = 0.0) -> RunResult:
    return RunResult(direction, tuple(AppliedRevision(one, "", direction, 0.1) for one in ids), waited, 0.25, ids[-1:])


def test_run_is_told_in_a_sentence() -> None:
    assert list(lines.run_lines(applied("a", "b"))) == ["Applied 2 revisions in 250 ms. The database is at b."]
    assert list(lines.run_lines(applied("a"))) == ["Applied revision a in 250 ms. The database is at a."]
    assert list(lines.run_lines(applied())) == ["Nothing to do: the database is at <base>."]
    assert next(lines.run_lines(applied("b", direction="downgrade"))).startswith("Reverted revision b")
    assert list(lines.run_lines(applied("b", direction="stamp"))) == ["Stamped: the database is at b."]
    assert "3.0 s of them waiting" in next(lines.run_lines(applied("a", "b", waited=3.0)))


def test_plan_shows_each_operation() -> None:
    moves = (
        PlannedMove(info(*HISTORY, id="a"), "upgrade", (), ("create table users", "run:\nSELECT 1"), True, None),
        PlannedMove(info(*HISTORY, id="b"), "upgrade", (), (), False, "the script asks the database"),
        PlannedMove(info(*HISTORY, id="c"), "upgrade", (), (), True, None),
    )
    assert list(lines.plan_lines(RunPlan("heads", (), moves))) == [
        "upgrade a, first",
        "  - create table users",
        "  - run:",
        "    SELECT 1",
        "upgrade b (expand), bill",
        "  ? the script asks the database",
        "upgrade c, other",
        "  (no operations)",
        "3 revisions to upgrade. Nothing was changed.",
    ]


def test_empty_plan_says_where_the_database_is() -> None:
    assert list(lines.plan_lines(RunPlan("heads", ("a",), ()))) == ["Nothing to do: the database is at a."]


def test_status_is_one_look() -> None:
    status = Status((info(*HISTORY, id="d"),), (info(*HISTORY, id="f"),), ("e", "f"), ())
    assert list(lines.status_lines(status, "sqlite:///x")) == [
        "Database: sqlite:///x",
        "Current:  d (billing), merge",
        "Heads:    f (billing) (head), needs lib",
        "Pending:  2 revisions",
        "          e",
        "          f",
    ]


def test_status_of_an_empty_database_without_revisions() -> None:
    assert list(lines.status_lines(Status((), (), (), ()), "x")) == [
        "Database: x",
        "Current:  <base>",
        "Heads:    none",
        "Pending:  nothing, the database is up to date",
    ]


def test_status_names_unknown_rows() -> None:
    drawn = list(lines.status_lines(Status((), (), (), ("zz",)), "x"))
    assert "Unknown:  zz is in the version table, but in no file" in drawn
    assert "Pending:  unknown" in drawn


def test_status_names_rows_of_newer_code() -> None:
    drawn = list(lines.status_lines(Status((), (), (), ("zz",), ahead=True), "x"))
    assert "Ahead:    zz, expanded by newer code" in drawn
    assert "Pending:  nothing, the database is up to date" in drawn


def test_log_tells_who_and_what_went_wrong() -> None:
    entry = LogEntry(
        id=1,
        revision="a",
        direction="upgrade",
        outcome="failed",
        started=datetime(2026, 11, 25, 10, tzinfo=UTC),
        duration=0.5,
        checksum=None,
        who="ann",
        host="web1",
        version="0.1.0",
        error="Boom: no\nmore",
        run="r",
    )
    drawn = list(lines.log_lines([entry]))
    assert drawn[0].startswith("2026-11-25 10:00:00Z  upgrade   a")
    assert drawn[0].endswith("failed      500 ms  ann@web1")
    assert drawn[1] == "    Boom: no"
    assert list(lines.log_lines([])) == ["Nothing has been run on this database yet."]
