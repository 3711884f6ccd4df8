"""What the command line says when something is wrong, and what the shell gets back."""

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.acceptance.command import Outcome, Project, environment


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with a SQLite database and one revision."""
    project = Project(tmp_path, {"DATABASE_URL": f"sqlite:///{tmp_path / 'app.sqlite'}"})
    project.run("init")
    project.run("revision", "-m", "first", "--rev-id", "aaaa11")
    return project


def write(project: Project, body: str, id: str = "aaaa11") -> Path:
    """Give the upgrade of a revision this body."""
    (path,) = (project.root / "migrations" / "versions").glob(f"{id}*.py")
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    path.write_text(path.read_text().replace("    pass\n", lines, 1))
    return path


def said(outcome: Outcome) -> str:
    """The error of an outcome: one on the error stream, nothing on the other, and no traceback."""
    assert outcome.out == ""
    assert "Traceback" not in outcome.err
    return outcome.err


# -- the command line itself


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["upgrad"], "No such command 'upgrad'. Did you mean 'upgrade'?", "asyncmig --help"),
        (["heads", "extra"], "Got unexpected extra argument", "asyncmig heads --help"),
        (["upgrade", "--sq"], "No such option: --sq", "asyncmig upgrade --help"),
        (["upgrade", "--json"], "No such option: --json", "asyncmig --json upgrade"),
        (["upgrade", "--tag"], "requires an argument", "asyncmig upgrade --help"),
        (["show"], "Missing argument 'REVISION'", "asyncmig show --help"),
        (["--nonsense"], "No such option: --nonsense", "asyncmig --help"),
        (["-d", "x", "heads"], "There is no database 'x'", "[tool.asyncmig.databases.x]"),
        (["-c", "no.toml", "heads"], "Cannot read the settings file", None),
    ],
)
def test_wrong_usage_exits_with_2(project: Project, arguments: list[str], message: str, hint: str | None) -> None:
    error = said(project.run(*arguments, code=2))
    assert error.startswith("error: ")
    assert message in error
    if hint:
        assert hint in error


def test_no_command_shows_the_help_and_exits_with_2(project: Project) -> None:
    assert "Usage: asyncmig" in project.run(code=2).err


def test_help_and_version_exit_with_0(project: Project) -> None:
    assert project.out("--help").startswith("Usage: asyncmig [OPTIONS] COMMAND")
    assert re.fullmatch(r"asyncmig \d+\.\d+\.\d+\n", project.out("--version"))


def test_json_errors_are_one_document(project: Project) -> None:
    for arguments, kind, code in (
        (["show", "nope"], "UnknownRevisionError", 2),
        (["show"], "MissingParameter", 2),
        (["-d", "x", "heads"], "ConfigError", 2),
    ):
        outcome = project.run("--json", *arguments, code=code)
        assert outcome.err == ""
        error = json.loads(outcome.out)["error"]
        assert (error["class"], error["exit_code"]) == (kind, code)
        assert error["message"]
        assert error["hint"]


# -- the project


def test_no_project_says_how_to_begin_one(tmp_path: Path) -> None:
    error = said(Project(tmp_path).run("heads", code=2))
    assert "migrations" in error
    assert "asyncmig init" in error


def test_unknown_setting_names_the_likeliest(project: Project) -> None:
    with (project.root / "asyncmig.toml").open("a") as settings:
        settings.write("lock_wiat = 3\n")
    assert "Did you mean lock_wait?" in said(project.run("heads", code=2))


def test_unknown_revision_names_the_likeliest(project: Project) -> None:
    for arguments in (["show", "aaaa12"], ["upgrade", "aaaa12"], ["downgrade", "aaaa12"], ["stamp", "aaaa12"]):
        assert "Did you mean aaaa11?" in said(project.run(*arguments, code=2))


def test_several_heads_where_one_is_needed_exit_with_13(project: Project) -> None:
    project.run("revision", "-m", "other", "--head", "base", "--rev-id", "bbbb22")
    error = said(project.run("upgrade", "head", code=13))
    assert "aaaa11" in error
    assert "bbbb22" in error
    assert "heads" in error


def test_environment_that_fails_names_its_line(project: Project) -> None:
    env = project.root / "migrations" / "env.py"
    env.write_text("import asyncmig\n\nfrom app.models import Base\n")
    error = said(project.run("upgrade", code=2))
    assert f"{env}:3" in error
    assert "No module named 'app'" in error


# -- the database


def test_missing_variable_is_named(project: Project) -> None:
    del project.variables["DATABASE_URL"]
    assert "DATABASE_URL is not set" in said(project.run("upgrade", code=2))


def test_no_url_at_all_says_where_to_set_it(project: Project) -> None:
    settings = project.root / "asyncmig.toml"
    settings.write_text(settings.read_text().replace('\nurl = "env:', '\n# url = "env:'))
    assert "--url" in said(project.run("upgrade", code=2))


@pytest.mark.parametrize("url", ["nonsense", "oracle://u:hunter2@h/x"])
def test_url_that_leads_nowhere_exits_with_2(project: Project, url: str) -> None:
    error = said(project.run("--url", url, "current", code=2))
    assert "hunter2" not in error


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_unreachable_server_exits_with_21_and_hides_the_password(project: Project, scheme: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        for options in ([], ["-v"], ["--json"]):
            outcome = project.run(*options, "--url", f"{scheme}://u:hunter2@127.0.0.1:{port}/db", "current", code=21)
            assert "hunter2" not in outcome.out + outcome.err
    assert "Cannot connect to" in outcome.out


@pytest.mark.parametrize(
    ("driver", "url", "extra"),
    [("asyncpg", "postgresql://h/db", "postgresql"), ("aiomysql", "mysql://h/db", "mysql")],
)
def test_missing_driver_names_the_extra(project: Project, driver: str, url: str, extra: str) -> None:
    hiding = project.root / "hiding"
    hiding.mkdir()
    (hiding / "sitecustomize.py").write_text(f"import sys\nsys.modules[{driver!r}] = None\n")
    program = "from asyncmig.cli.app import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--url", url, "current"],
        cwd=project.root,
        env=environment(PYTHONPATH=f"{hiding}{os.pathsep}{environment()['PYTHONPATH']}"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert f'pip install "asyncmig[{extra}]"' in done.stderr


# -- scripts


def test_forgotten_await_names_the_line(project: Project) -> None:
    path = write(project, 'op.drop_table("users")')
    error = said(project.run("upgrade", code=2))
    assert f"{path}:17" in error
    assert "was not awaited" in error
    assert 'await op.drop_table("users")' in error


def test_script_that_fails_names_file_line_and_what_remains(project: Project) -> None:
    path = write(project, 'await op.drop_table("no_such_table")')
    error = said(project.run("upgrade", code=22))
    assert "[" not in error.partition("error:")[0]
    assert f"{path}:17" in error
    assert "no such table: no_such_table" in error
    assert "all of this revision was rolled back" in error
    assert "Traceback" in project.run("-v", "upgrade", code=22).err
    document = json.loads(project.run("--json", "upgrade", code=22).out)["error"]
    assert (document["revision"], document["applied"], document["left"]) == ("aaaa11", [], [])


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ("x = 1 / 0", 2, "upgrade fails while it is printed: ZeroDivisionError"),
        ("op.connection", 22, "The script asks for the connection"),
        ('(await op.execute("SELECT 1")).all()', 22, "The script reads the result of 'SELECT 1'"),
    ],
)
def test_script_that_cannot_be_printed_names_file_and_line(project: Project, body: str, code: int, words: str) -> None:
    path = write(project, body)
    error = said(project.run("upgrade", "--sql", code=code))
    assert error.startswith(f"error: {path}:17: {words}")


def test_wrong_arguments_are_told_with_the_word_of_the_script(project: Project) -> None:
    write(project, 'await op.add_column("users")')
    error = said(project.run("upgrade", code=22))
    assert "op.add_column() missing 1 required positional argument: 'column'" in error


def test_script_with_a_syntax_error_names_its_line(project: Project) -> None:
    path = write(project, "x = (")
    error = said(project.run("upgrade", code=2))
    assert str(path) in error


def test_error_that_nobody_foresaw_says_it_is_a_bug(project: Project) -> None:
    program = (
        "from asyncmig.migrator.history import History\n"
        "def heads(*_, **__): raise LookupError('boom')\n"
        "History.heads = heads\n"
        "from asyncmig.cli.app import main\n"
        "main()\n"
    )
    for options, traceback in (([], False), (["-v"], True)):
        done = subprocess.run(
            [sys.executable, "-c", program, *options, "heads"],
            cwd=project.root,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "error: unexpected LookupError: boom" in done.stderr
        assert "This is a bug" in done.stderr
        assert ("Traceback" in done.stderr) is traceback


def test_reader_that_goes_away_is_no_error_to_speak_of(project: Project) -> None:
    line = f"{sys.executable} -m asyncmig --help | head -c 1 > out; echo done"
    done = subprocess.run(
        ["bash", "-c", line], cwd=project.root, env=environment(), capture_output=True, text=True, check=True
    )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


# -- interruption and terminals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_rolls_back_and_exits_with_130(project: Project, number: signal.Signals) -> None:
    write(
        project,
        'await op.execute("CREATE TABLE half (x)")\nopen("started", "w").close()\n'
        "import asyncio\nawait asyncio.sleep(60)",
    )
    running = subprocess.Popen(
        [sys.executable, "-m", "asyncmig", "upgrade"],
        cwd=project.root,
        env=environment(**project.variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while not (project.root / "started").exists():
        assert time.monotonic() < deadline
        assert running.poll() is None, running.stderr
        time.sleep(0.05)
    running.send_signal(number)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert out == ""
    assert err.splitlines()[-1] == "interrupted: revision aaaa11 was rolled back; nothing is half done."
    assert "Traceback" not in err
    assert project.out("current") == ""
    assert "cancelled" in project.out("log")


def test_long_run_on_a_terminal_shows_a_live_line_and_cleans_up(project: Project) -> None:
    write(project, "import asyncio\nawait asyncio.sleep(2)")
    ours, theirs = pty.openpty()
    variables = {name: value for name, value in environment(**project.variables).items() if name != "NO_COLOR"}
    running = subprocess.Popen(
        [sys.executable, "-m", "asyncmig", "upgrade"],
        cwd=project.root,
        env=variables | {"TERM": "xterm-256color", "COLUMNS": "100"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:
            # The other end is closed: Linux says so with an error.
            break
        if not part:
            break
        seen += part
    os.close(ours)
    assert running.wait(timeout=30) == 0
    text = seen.decode()
    assert "\033[?25l" in text, "the cursor is hidden while the line is live"
    assert text.rindex("\033[?25h") > text.rindex("\033[?25l"), "and shown again"
    assert "0:00:01" in text
    assert "Applied revision aaaa11 in 2." in text
