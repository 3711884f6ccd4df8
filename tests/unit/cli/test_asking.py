import io

import pytest
import typer

from asyncmig.autogenerate import Backfill, NewColumn, OneTimeDefault, RenameQuestion
from asyncmig.cli.asking import TerminalQuestioner, terminal_questioner
from asyncmig.cli.style import Style
from asyncmig.operations import TableName

RENAMED = RenameQuestion("column", TableName("users", "app"), "name", "full_name", 0.8)
COLUMN = NewColumn(TableName("users"), "role", "VARCHAR(20)")


def person(answers: str) -> tuple[TerminalQuestioner, io.StringIO]:
    out = io.StringIO()
    return TerminalQuestioner(io.StringIO(answers), out, Style(enabled=False)), out


@pytest.mark.parametrize(("answer", "meant"), [("y", True), ("", True), ("Yes", True), ("n", False), ("NO", False)])
async def test_yes_and_no_are_understood(answer: str, meant: bool) -> None:
    questioner, out = person(f"{answer}\n")
    assert await questioner.is_rename(RENAMED) is meant
    assert out.getvalue() == "Was the column name of app.users renamed to full_name? [Y/n] "


async def test_question_about_a_table_names_it_once() -> None:
    questioner, out = person("\n")
    await questioner.is_rename(RenameQuestion("table", TableName("users"), "users", "people", 1))
    assert out.getvalue() == "Was the table users renamed to people? [Y/n] "


async def test_what_is_not_understood_is_asked_again() -> None:
    questioner, out = person("perhaps\nn\n")
    assert await questioner.is_rename(RENAMED) is False
    assert out.getvalue().count("[Y/n]") == 2


@pytest.mark.parametrize(
    ("answers", "meant"),
    [("1\n'new'\n", OneTimeDefault("'new'")), ("x\n2\n\n0\n", Backfill("0")), ("3\n", None)],
)
async def test_rows_of_a_new_column_get_what_is_said(answers: str, meant: object) -> None:
    questioner, out = person(answers)
    assert await questioner.default_for(COLUMN) == meant
    assert out.getvalue().startswith("users.role is new, must not be null, and has no default.")


async def test_end_of_input_ends_the_command() -> None:
    questioner, _ = person("")
    with pytest.raises(typer.Abort):
        await questioner.is_rename(RENAMED)


def test_nobody_is_asked_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert terminal_questioner(Style(enabled=False), json=False) is None
