import io
import json
from pathlib import Path
from typing import Any

import pytest

from asyncmig.cli.printer import Printer
from asyncmig.errors import ConfigError, MultipleHeadsError, RevisionFailedError
from asyncmig.events import (
    DatabaseWaiting,
    LockWaiting,
    OperationDone,
    RevisionDone,
    RevisionFailed,
    RevisionStarted,
    RunDone,
    RunStarted,
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def printer(*, err: io.StringIO | None = None, environ: dict[str, str] | None = None, **options: Any) -> Printer:
    made = Printer(io.StringIO(), err or io.StringIO(), environ or {}, **options)
    return made


def said(made: Printer) -> tuple[str, str]:
    return made._out.getvalue(), made._err.getvalue()  # type: ignore[attr-defined]


def tell_run(made: Printer) -> None:
    made.observe(RunStarted("upgrade", ("a", "b")))
    made.observe(RevisionStarted("a", "first", "upgrade", 1, 2))
    made.observe(OperationDone("a", "add_column", "add column x", 0.01))
    made.observe(RevisionDone("a", "first", "upgrade", 1, 2, 0.02))
    made.observe(RevisionStarted("b", "", "upgrade", 2, 2))
    made.observe(RevisionDone("b", "", "upgrade", 2, 2, 2.5))
    made.observe(RunDone("upgrade", ("a", "b"), 2.6))


def test_answer_is_lines_on_the_one_stream() -> None:
    made = printer()
    made.answer(3, lambda n: {"n": n}, lambda n: ["three", str(n)])
    assert said(made) == ("three\n3\n", "")


def test_answer_without_lines_prints_nothing() -> None:
    made = printer()
    made.answer((), lambda _: [], lambda _: [])
    assert said(made) == ("", "")


def test_json_answer_is_one_document() -> None:
    made = printer(json=True)
    made.answer(3, lambda n: {"n": n, "path": Path("x")}, lambda n: [])
    out, err = said(made)
    assert json.loads(out) == {"n": 3, "path": "x"}
    assert err == ""


def test_quiet_leaves_out_what_was_done_but_no_answer() -> None:
    made = printer(quiet=True)
    made.report(3, lambda n: n, lambda n: ["done"])
    tell_run(made)
    assert said(made) == ("", "")
    made.answer(3, lambda n: n, lambda n: ["three"])
    assert said(made) == ("three\n", "")


def test_quiet_json_still_gives_the_document() -> None:
    made = printer(quiet=True, json=True)
    made.report(3, lambda n: n, lambda n: ["done"])
    assert said(made)[0] == "3\n"


def test_run_is_a_line_for_each_revision() -> None:
    made = printer()
    tell_run(made)
    assert said(made) == ("", "[1/2] upgrade a, first\n[2/2] upgrade b\n    done in 2.5 s\n")


def test_single_revision_is_not_counted() -> None:
    made = printer()
    made.observe(RevisionStarted("a", "first", "downgrade", 1, 1))
    assert said(made)[1] == "downgrade a, first\n"


def test_revision_that_begins_again_is_told_once() -> None:
    made = printer()
    for _ in range(2):
        made.observe(RevisionStarted("a", "first", "upgrade", 1, 1))
    made.observe(RevisionDone("a", "first", "upgrade", 1, 1, 0.02))
    made.observe(RevisionStarted("a", "first", "downgrade", 1, 1))
    assert said(made)[1] == "upgrade a, first\ndowngrade a, first\n"


def test_verbose_run_tells_operations() -> None:
    made = printer(verbose=True)
    tell_run(made)
    assert "    add column x  10 ms\n" in said(made)[1]


def test_json_run_tells_nothing() -> None:
    made = printer(json=True)
    tell_run(made)
    assert said(made) == ("", "")


def test_waiting_is_told_now_and_then() -> None:
    made = printer()
    for waited in (0.0, 5.0, 10.0, 31.0, 36.0):
        made.observe(LockWaiting(waited, "ann@web1"))
    assert said(made)[1].splitlines() == [
        "waiting for the migration lock, held by ann@web1; 0 ms so far",
        "waiting for the migration lock, held by ann@web1; 31.0 s so far",
    ]


def test_waiting_for_the_server_is_told_too() -> None:
    made = printer()
    made.observe(DatabaseWaiting(5.0, "connection refused"))
    assert said(made)[1] == "waiting for the database (connection refused); 5.0 s so far\n"


def test_error_is_what_and_then_the_hint() -> None:
    made = printer()
    made.error(MultipleHeadsError(heads=["a", "b"]))
    out, err = said(made)
    assert out == ""
    first, second = err.splitlines()
    assert first == "error: 'head' asks for one head, but there are 2: a, b."
    assert second.startswith("hint: Name one")


def test_hint_of_several_lines_stands_on_its_own() -> None:
    made = printer()
    made.error(ConfigError("No.", hint="a = 1\nb = 2"))
    assert said(made)[1] == "error: No.\nhint:\na = 1\nb = 2\n"


def test_error_shows_its_cause_only_when_verbose() -> None:
    for verbose in (False, True):
        made = printer(verbose=verbose)
        error = ConfigError("No.")
        error.__cause__ = ValueError("the reason")
        made.error(error)
        assert ("the reason" in said(made)[1]) is verbose


def test_error_shows_its_notes() -> None:
    for json_wanted in (False, True):
        made = printer(json=json_wanted)
        error = ConfigError("No.")
        error.add_note("(And this besides.)")
        made.error(error)
        assert "(And this besides.)" in "".join(said(made))


def test_many_revisions_done_before_are_told_in_short() -> None:
    ids = [f"id{number}" for number in range(300)]
    error = RevisionFailedError(revision="b", direction="upgrade", reason="boom", applied=ids)
    assert "done before it in this run: 300 revisions, id0 to id299" in error.message
    made = printer()
    for number, id in enumerate(ids, 1):
        made.observe(RevisionStarted(id, "", "upgrade", number, 300))
        made.observe(RevisionDone(id, "", "upgrade", number, 300, 0.0))
    made.interrupted()
    assert said(made)[1].splitlines()[-1] == (
        "interrupted: nothing is half done. Done before: 300 revisions, id0 to id299."
    )


def test_json_error_carries_its_facts() -> None:
    made = printer(json=True)
    made.error(
        RevisionFailedError(revision="b", direction="upgrade", reason="boom", applied=["a"], path=Path("b.py"), line=3)
    )
    out, err = said(made)
    assert err == ""
    error = json.loads(out)["error"]
    assert error["class"] == "RevisionFailedError"
    assert error["exit_code"] == 22
    assert error["hint"] is None
    assert "boom" in error["message"]
    assert (error["revision"], error["applied"], error["path"], error["line"]) == ("b", ["a"], "b.py", 3)


def raised() -> ZeroDivisionError:
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError as error:
        return error
    raise AssertionError


def test_unexpected_error_says_it_is_a_bug_and_where() -> None:
    made = printer()
    made.unexpected(raised(), "asyncmig")
    out, err = said(made)
    assert out == ""
    assert "error: unexpected ZeroDivisionError: division by zero\n" in err
    assert "This is a bug" in err
    assert "asyncmig -v" in err
    assert "test_printer.py" in err
    assert "Traceback" not in err


def test_unexpected_error_has_its_whole_traceback_when_verbose() -> None:
    made = printer(verbose=True)
    made.unexpected(raised(), "asyncmig")
    assert "Traceback (most recent call last)" in said(made)[1]


def test_unexpected_error_as_json() -> None:
    made = printer(json=True)
    made.unexpected(raised(), "asyncmig")
    error = json.loads(said(made)[0])["error"]
    assert (error["class"], error["exit_code"]) == ("ZeroDivisionError", 1)


def test_interruption_before_anything_ran() -> None:
    made = printer()
    made.interrupted()
    assert said(made)[1] == "interrupted: nothing is half done.\n"


def test_interruption_names_what_was_rolled_back_and_what_was_done() -> None:
    made = printer()
    made.observe(RevisionStarted("a", "", "upgrade", 1, 2))
    made.observe(RevisionDone("a", "", "upgrade", 1, 2, 0.1))
    made.observe(RevisionStarted("b", "", "upgrade", 2, 2))
    made.observe(RevisionFailed("b", "upgrade", KeyboardInterrupt(), ()))
    made.interrupted()
    last = said(made)[1].splitlines()[-1]
    assert last == "interrupted: revision b was rolled back; nothing is half done. Done before: a."


def test_interruption_of_a_run_in_one_transaction_claims_nothing_done() -> None:
    made = printer()
    made.one_transaction = True
    made.observe(RevisionStarted("a", "", "upgrade", 1, 2))
    made.observe(RevisionDone("a", "", "upgrade", 1, 2, 0.1))
    made.interrupted()
    last = said(made)[1].splitlines()[-1]
    assert last == "interrupted: what the run had not committed was rolled back; nothing is half done."


def test_interruption_names_what_is_left() -> None:
    made = printer(json=True)
    made.observe(RevisionStarted("b", "", "upgrade", 1, 1))
    made.observe(RevisionFailed("b", "upgrade", KeyboardInterrupt(), ("create table t",)))
    made.interrupted()
    error = json.loads(said(made)[0])["error"]
    assert error["exit_code"] == 130
    assert "left of it in the database: create table t" in error["message"]


@pytest.mark.parametrize(
    ("environ", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"NO_COLOR": ""}, True)],
)
def test_colour_is_for_terminals_that_want_it(environ: dict[str, str], coloured: bool) -> None:
    made = printer(err=Terminal(), environ=environ)
    made.error(ConfigError("No."))
    assert ("\033[" in said(made)[1]) is coloured


def test_many_revisions_on_a_terminal_leave_only_lines_behind() -> None:
    made = printer(err=Terminal(), environ={"NO_COLOR": "1", "COLUMNS": "80"})
    ids = tuple(f"r{number}" for number in range(12))
    made.observe(RunStarted("upgrade", ids))
    for position, one in enumerate(ids, 1):
        made.observe(RevisionStarted(one, "", "upgrade", position, len(ids)))
        made.observe(RevisionDone(one, "", "upgrade", position, len(ids), 0.0))
    made.observe(RunDone("upgrade", ids, 0.1))
    err = said(made)[1]
    for position, one in enumerate(ids, 1):
        assert f"[{position}/12] upgrade {one}" in err
