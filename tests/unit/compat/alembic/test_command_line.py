"""The command line takes what Alembic's takes."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import alembic.config
import pytest

from asyncmig.compat.alembic import config
from asyncmig.compat.alembic.command_line import CommandLine
from asyncmig.compat.alembic.config import Config, main
from asyncmig.compat.alembic.errors import CommandError

LINES = [
    "init migrations",
    "init -t async --package migrations",
    "list_templates",
    "revision -m message --autogenerate --sql --head x --splice --branch-label b --version-path p --rev-id r",
    "revision --depends-on a --depends-on b",
    "check",
    "merge a b -m message --branch-label b --rev-id r --splice",
    "upgrade head --sql --tag t",
    "upgrade +1",
    "downgrade -- -1",
    "show head",
    "history -r a:b -v -i",
    "heads -v --resolve-dependencies",
    "branches --verbose",
    "current -v -c",
    "current --check-heads",
    "stamp a b --sql --tag t --purge",
    "edit head",
    "ensure_version --sql",
    "-c a.ini -c pyproject.toml -n other -x a=b -x c --raiseerr -q upgrade head",
    "",
    "upgrade",
    "nothing",
    "merge",
    "upgrade head --no-such-option",
]


def parsed(line: Any, text: str) -> Any:
    parser: ArgumentParser = line.parser
    try:
        found = vars(parser.parse_args(text.split()))
    except SystemExit as end:
        return end.code
    if "cmd" in found:
        function, positional, _ = found["cmd"]
        found["cmd"] = (function.__name__, positional)
    return found


@pytest.mark.parametrize("text", LINES)
def test_line_is_taken_apart_as_alembic_does(text: str) -> None:
    assert parsed(CommandLine("x"), text) == parsed(alembic.config.CommandLine("x"), text)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ALEMBIC_CONFIG", raising=False)
    monkeypatch.setattr(sys, "path", list(sys.path))
    main(["-q", "init", "migrations"])
    return tmp_path


def test_commands_are_run(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["revision", "-m", "first", "--rev-id", "a1b2"])
    main(["heads"])
    main(["-q", "heads"])

    path = project / "migrations/versions/a1b2_first.py"
    assert capsys.readouterr() == (f"Generating {path} ...  done\na1b2 (head)\n", "")


def test_search_path_of_the_configuration_is_put_in_front(project: Path) -> None:
    main(["-q", "heads"])

    assert sys.path[0] == "."


def test_failure_is_told_on_stderr_and_by_the_exit_code(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["show", "nothing"])

    assert caught.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("FAILED: Can't locate revision identified by 'nothing'.\n")
    with pytest.raises(CommandError):
        main(["--raiseerr", "show", "nothing"])


def test_two_files_of_a_kind_are_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for names in (["a.ini", "b.ini"], ["pyproject.toml", "x/pyproject.toml"]):
        with pytest.raises(SystemExit) as caught:
            main(["-c", names[0], "-c", names[1], "heads"])
        assert caught.value.code == 2
    said = capsys.readouterr().err
    assert "only one ini file may be indicated" in said and "pyproject.toml indicated more than once" in said


def test_configuration_is_named_by_an_argument_or_a_variable(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["-q", "revision", "--rev-id", "a1b2"])
    (project / "conf").mkdir()
    text = (project / "alembic.ini").read_text()
    (project / "alembic.ini").unlink()
    (project / "conf/x.ini").write_text(text.replace("%(here)s/", "").replace("[alembic]", "[other]"))

    main(["-c", "conf/x.ini", "-n", "other", "heads"])
    monkeypatch.setenv("ALEMBIC_CONFIG", "conf/x.ini")
    main(["-n", "other", "heads"])

    assert capsys.readouterr().out == "a1b2 (head)\n" * 2


def test_program_adds_commands_of_its_own(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def frobnicate(config: Config, revision: str, message: str = "none", other: int = 3) -> None:
        """Do something
        that Alembic does not.

        And this is not in the help.
        """
        config.print_stdout(f"{revision} {message} {other}")

    line = CommandLine("x")
    line.register_command(frobnicate)

    line.main(["frobnicate", "a1b2", "-m", "text"])
    line.main(["frobnicate", "a1b2"])

    assert capsys.readouterr().out == "a1b2 text 3\na1b2 none 3\n"
    with pytest.raises(SystemExit):
        line.main(["frobnicate", "--help"])
    assert "Do something that Alembic does not." in capsys.readouterr().out


def test_version_is_ours(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"], prog="alembic")

    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("alembic 0.")


def test_names_are_where_alembic_has_them() -> None:
    assert config.CommandLine is CommandLine
    with pytest.raises(AttributeError):
        config.nothing  # noqa: B018
