import sys
from pathlib import Path

import pytest

from asyncmig.config import Hook, Settings
from asyncmig.errors import ConfigError
from asyncmig.migrator.hooks import HookFailedError, run_hooks

SHOW = "import sys, os; print(sys.argv[1:], os.getcwd())"


def settings(tmp_path: Path, *hooks: Hook) -> Settings:
    return Settings(root=tmp_path, post_write_hooks=hooks)


def test_file_comes_last_unless_options_say_where(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    last = Hook("last", "exec", sys.executable, ("-c", SHOW, "-q"))
    said = run_hooks(settings(tmp_path, last), path)
    assert said[0].startswith(f"['-q', '{path}']")
    named = Hook("named", "exec", sys.executable, ("-c", SHOW, "REVISION_SCRIPT_FILENAME", "-q"))
    assert run_hooks(settings(tmp_path, named), path)[0].startswith(f"['{path}', '-q']")


def test_hook_runs_in_its_directory(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    hook = Hook("x", "exec", sys.executable, ("-c", SHOW), "src")
    assert str(tmp_path / "src") in run_hooks(settings(tmp_path, hook), tmp_path / "a.py")[0]


def test_module_is_run(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x = (1,\n")
    with pytest.raises(HookFailedError, match="'compile' ended with code 1") as caught:
        run_hooks(settings(tmp_path, Hook("compile", "module", "py_compile")), path)
    assert caught.value.exit_code == 1
    assert str(path) in str(caught.value.hint)
    assert path.exists()


def test_console_script_is_run(tmp_path: Path) -> None:
    path = tmp_path / "test_a.py"
    path.write_text("")
    hook = Hook("pytest", "console_scripts", "pytest", ("--version",))
    assert "pytest" in run_hooks(settings(tmp_path, hook), path)[0]


@pytest.mark.parametrize(
    ("hook", "message"),
    [
        (Hook("x", "exec", "/no/such/program"), "cannot be started"),
        (Hook("x", "module", "no_such_module_at_all"), "Could not find the module"),
        (Hook("x", "console_scripts", "no-such-script"), "Could not find the console script"),
        (Hook("x", "exec", ""), "does not say which program it runs"),
    ],
)
def test_missing_hook_is_reported(tmp_path: Path, hook: Hook, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        run_hooks(settings(tmp_path, hook), tmp_path / "a.py")
    assert caught.value.hint == f"The revision file is kept: {tmp_path / 'a.py'}"


@pytest.mark.parametrize(
    ("kind", "message"), [("tidy", "No formatter with name 'tidy' registered"), ("", "Its type is not given")]
)
def test_hook_that_only_its_project_knows_is_reported(tmp_path: Path, kind: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        run_hooks(settings(tmp_path, Hook("x", "registered", kind)), tmp_path / "a.py")
    assert str(caught.value.hint).startswith("x.type = exec")
    assert str(tmp_path / "a.py") in str(caught.value.hint)


def test_failed_hook_stops_the_next(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    fails = Hook("fails", "exec", sys.executable, ("-c", "import sys; print('because'); sys.exit(3)"))
    marks = Hook("marks", "exec", sys.executable, ("-c", f"open({str(marker)!r}, 'w')"))
    with pytest.raises(HookFailedError, match="because") as caught:
        run_hooks(settings(tmp_path, fails, marks), tmp_path / "a.py")
    assert caught.value.code == 3
    assert not marker.exists()
