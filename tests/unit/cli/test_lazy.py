import inspect
from importlib import import_module

import pytest

from asyncmig.cli.app import COMMANDS, application, run
from asyncmig.cli.lazy import LazyCommands


@pytest.mark.parametrize("name", COMMANDS)
def test_list_of_commands_says_what_their_docstrings_say(name: str) -> None:
    entry = COMMANDS[name]
    function = getattr(import_module(entry.module), entry.function)
    assert (inspect.getdoc(function) or "").partition("\n")[0] == entry.help
    assert entry.help.endswith(".")


def test_command_is_built_once_under_both_spellings() -> None:
    commands = LazyCommands(COMMANDS)
    assert commands["ensure-version"] is commands["ensure_version"]
    assert commands["ensure_version"].name == "ensure_version"
    assert "no_such" not in commands
    assert len(commands) == len(COMMANDS) == len(list(commands))


def test_negative_number_is_a_target_and_not_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    # The command goes on to look for a project, which is not there: the arguments were understood.
    for arguments in (
        ["downgrade", "-1"],
        ["downgrade", "-1", "--sql"],
        ["downgrade", "--sql", "-12"],
        ["downgrade", "--tag", "-3", "-1"],
        ["downgrade", "--", "-1"],
        ["history", "-r-3:current"],
        ["history", "-r", "-3:"],
    ):
        run(["--url", "nonsense", "-c", "no.toml", *arguments])
        assert "Cannot read the settings file" in capsys.readouterr().err


def test_unknown_short_option_is_still_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["downgrade", "-z", "base"]) == 2
    assert "No such option: -z" in capsys.readouterr().err


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    for name, entry in COMMANDS.items():
        assert run([name, "--help"]) == 0
        out = capsys.readouterr().out
        assert out.startswith(f"Usage: asyncmig {name}")
        assert entry.help in " ".join(out.split())


def test_help_shows_no_types_of_python(capsys: pytest.CaptureFixture[str]) -> None:
    for name in COMMANDS:
        run([name, "--help"])
        out = capsys.readouterr().out
        assert "<str>" not in out
        assert "<list" not in out


def test_completion_options_are_there_when_asked_for() -> None:
    names = {name for param in application(completion=True).params for name in param.opts}
    assert {"--install-completion", "--show-completion"} <= names
    assert "--install-completion" not in {name for param in application(completion=False).params for name in param.opts}
