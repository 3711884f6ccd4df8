"""Every snippet of the documentation is run, or at least read by the program it is for."""

import ast
import inspect
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from asyncmig.cli.app import run
from asyncmig.config import read_settings
from asyncmig.runtime.directives import VERBS
from tests.acceptance.command import REPOSITORY, environment
from tests.acceptance.documents import Snippet, commands, pages, snippets, steady

PAGES = [pytest.param(path, id=str(path.relative_to(REPOSITORY))) for path in pages()]
ALL = [snippet for path in pages() for snippet in snippets(path)]


def of_language(*languages: str) -> list[Any]:
    return [pytest.param(snippet, id=str(snippet)) for snippet in ALL if snippet.language in languages]


@pytest.mark.parametrize("snippet", of_language("python"))
def test_python_compiles(snippet: Snippet) -> None:
    compiled(snippet)


def compiled(snippet: Snippet) -> Any:
    return compile(snippet.text, str(snippet), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("snippet", of_language("toml"))
def test_toml_is_a_valid_settings_file(snippet: Snippet, tmp_path: Path) -> None:
    document = tomllib.loads(snippet.text)
    name = "pyproject.toml" if "tool" in document else "asyncmig.toml"
    if name == "pyproject.toml" and "asyncmig" not in document["tool"]:
        return
    (tmp_path / name).write_text(snippet.text)
    settings = read_settings(Path(name), cwd=tmp_path, environ={})
    for database in settings.databases:
        read_settings(Path(name), cwd=tmp_path, environ={}, database=database)


@pytest.mark.parametrize("snippet", of_language("yaml"))
def test_yaml_is_valid_and_its_commands_are_understood(snippet: Snippet) -> None:
    given = list(commands_of_containers(yaml.safe_load(snippet.text)))
    assert given
    for program, *arguments in given:
        if program == "asyncmig":
            assert run(["--url", "sqlite:///:memory:", *arguments, "--help"]) == 0


def commands_of_containers(document: Any) -> Iterator[list[str]]:
    """The command lines in a description of containers, wherever they stand in it."""
    if isinstance(document, dict):
        if isinstance(given := document.get("command"), str | list):
            yield shlex.split(given) if isinstance(given, str) else given
        document = list(document.values())
    if isinstance(document, list):
        for part in document:
            yield from commands_of_containers(part)


@pytest.mark.parametrize("snippet", [snippet for snippet in ALL if "from" in snippet.orders], ids=str)
def test_excerpt_stands_in_its_file(snippet: Snippet) -> None:
    source = (REPOSITORY / snippet.orders["from"]).read_text("utf-8")
    assert squeezed(snippet.text) in squeezed(source)


def squeezed(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def test_every_language_of_a_block_is_known() -> None:
    assert {snippet.language for snippet in ALL} <= {
        "bash",
        "console",
        "python",
        "toml",
        "sql",
        "ini",
        "text",
        "mako",
        "yaml",
    }


def test_every_command_is_run_or_says_why_not() -> None:
    idle = [
        str(snippet)
        for snippet in ALL
        if snippet.language in ("bash", "console") and snippet.project is None and "not run" not in snippet.orders
    ]
    assert not idle


# -- pages that are played from their beginning to their end


class Stage:
    """The projects of one page, each a directory that its commands change one after the other."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.variables: dict[str, str] = {}
        self.project: str | None = None

    @property
    def directory(self) -> Path:
        assert self.project is not None
        return self.root / self.project

    def enter(self, project: str | None) -> None:
        """Make a project, unless it is there already from an earlier block."""
        if project is None or project == self.project:
            return
        self.project = project
        if not self.directory.exists():
            example = REPOSITORY / "examples" / project
            if project == "root":
                self.directory.mkdir()
                ignored = shutil.ignore_patterns("*.sqlite*", "__pycache__")
                shutil.copytree(REPOSITORY / "examples", self.directory / "examples", ignore=ignored)
            elif example.is_dir():
                shutil.copytree(example, self.directory, ignore=shutil.ignore_patterns("*.sqlite*", "__pycache__"))
            else:
                self.directory.mkdir()

    async def play(self, snippet: Snippet) -> None:
        self.enter(snippet.project)
        if "not run" in snippet.orders:
            return
        if "write" in snippet.orders:
            path = self.directory / snippet.orders["write"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(snippet.text)
        if snippet.language in ("bash", "console"):
            self.play_commands(snippet)
        elif "run" in snippet.orders:
            await self.play_python(snippet)

    def play_commands(self, snippet: Snippet) -> None:
        given = commands(snippet)
        for position, (command, shown) in enumerate(given, 1):
            code = int(snippet.orders.get("exit", 0)) if position == len(given) else 0
            ended, output = self.run(command)
            assert ended == code, f"{snippet}: {command}: exit code {ended}\n{output}"
            if snippet.language == "console":
                assert steady(output, self.directory) == steady(shown), f"{snippet}: {command}"

    def run(self, command: str) -> tuple[int, str]:
        if found := re.fullmatch(r"export (\w+)=(.*)", command):
            self.variables[found[1]] = found[2].strip("'\"")
            return 0, ""
        words = shlex.split(command)
        while found := re.fullmatch(r"([A-Z_]+)=(.*)", words[0]):
            self.variables[found[1]] = found[2]
            words = words[1:]
        if words[0] == "cd":
            return 0, ""
        programs = {"asyncmig": [sys.executable, "-m", "asyncmig"], "python3": [sys.executable]}
        assert words[0] in programs, f"no way to run {words[0]}"
        done = subprocess.run(
            programs[words[0]] + words[1:],
            cwd=self.directory,
            env=environment(**self.variables),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout

    async def play_python(self, snippet: Snippet) -> None:
        names: dict[str, Any] = {"__name__": "snippet"}
        outcome = eval(compiled(snippet), names)
        if inspect.isawaitable(outcome):
            await outcome


@pytest.mark.parametrize("page", PAGES)
async def test_page_is_played(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(tmp_path)
    before = set(sys.modules)
    monkeypatch.setattr(sys, "path", list(sys.path))
    for snippet in snippets(page):
        stage.enter(snippet.project)
        if stage.project is not None:
            monkeypatch.chdir(stage.directory)
            if str(stage.directory) not in sys.path:
                sys.path.insert(0, str(stage.directory))
        await stage.play(snippet)
    # What a page has imported from its own project is of no use to the next one.
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ("app", "blog", "notes"):
            del sys.modules[name]


# -- the pages of operations


def test_parts_of_operation_pages_are_up_to_date() -> None:
    script = REPOSITORY / "scripts" / "make_operation_docs.py"
    done = subprocess.run([sys.executable, str(script), "--check"], text=True, capture_output=True, check=False)
    assert done.returncode == 0, f"run {script.relative_to(REPOSITORY)}:\n{done.stdout}{done.stderr}"


def test_every_directive_has_a_page() -> None:
    there = {path.stem for path in (REPOSITORY / "docs" / "operations").glob("*.md")}
    assert {*VERBS, "batch_alter_table", "index"} == there
