"""A project that `init` begins is one that both tools take."""

import io
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
import pytest
from alembic.script import ScriptDirectory as AlembicScripts

from asyncmig.compat.alembic import command, config
from asyncmig.compat.alembic.errors import CommandError
from asyncmig.compat.alembic.script import ScriptDirectory


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    # Alembic leaves what the configuration puts there.
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


def begin(directory: str = "migrations", template: str = "generic", **options: Any) -> str:
    out = io.StringIO()
    mine = config.Config("alembic.ini", toml_file="pyproject.toml", stdout=out)
    command.init(mine, directory, template, **options)
    return out.getvalue()


@pytest.mark.parametrize("template", ["generic", "async", "pyproject"])
def test_both_tools_take_what_is_begun(template: str, here: Path) -> None:
    begin(template=template)
    ours = config.Config("alembic.ini", toml_file="pyproject.toml")
    theirs = alembic.config.Config("alembic.ini", toml_file="pyproject.toml")

    made = command.revision(ours, "first", rev_id="a1b2")
    alembic.command.revision(theirs, "second", rev_id="c3d4")

    assert Path(made.path) == here / "migrations/versions/a1b2_first.py"
    assert ScriptDirectory.from_config(ours).get_current_head() == "c3d4"
    assert AlembicScripts.from_config(theirs).get_current_head() == "c3d4"
    assert theirs.get_main_option("sqlalchemy.url") == "driver://user:pass@localhost/dbname"


def test_what_was_done_is_said(here: Path) -> None:
    said = begin(package=True)

    assert said.splitlines() == [
        f"Creating directory {here}/migrations ...  done",
        f"Creating directory {here}/migrations/versions ...  done",
        f"Generating {here}/migrations/README ...  done",
        f"Generating {here}/migrations/env.py ...  done",
        f"Generating {here}/migrations/script.py.mako ...  done",
        f"Adding {here}/migrations/__init__.py ...  done",
        f"Adding {here}/migrations/versions/__init__.py ...  done",
        f"Generating {here}/alembic.ini ...  done",
        f"Please edit configuration/connection/logging settings in {here}/alembic.ini before proceeding.",
    ]


def test_files_that_are_there_stay(here: Path) -> None:
    (here / "alembic.ini").write_text("[alembic]\n")
    (here / "pyproject.toml").write_text('[project]\nname = "x"\n')

    first = begin(template="pyproject")
    second = begin("others", template="pyproject")

    assert (here / "alembic.ini").read_text() == "[alembic]\n"
    assert f"File {here}/alembic.ini already exists, skipping" in first
    assert f"Appending to existing {here}/pyproject.toml ...  done" in first
    assert f"File {here}/pyproject.toml already exists, skipping" in second
    document = tomllib.loads((here / "pyproject.toml").read_text())
    assert document["project"] == {"name": "x"}
    assert document["tool"]["alembic"]["script_location"] == "%(here)s/migrations"


def test_directory_is_named_from_where_the_file_is(here: Path) -> None:
    (here / "conf").mkdir()
    command.init(config.Config("conf/alembic.ini", stdout=io.StringIO()), "db/migrations")
    command.init(config.Config("absolute.ini", stdout=io.StringIO()), str(here / "elsewhere"))

    assert "script_location = %(here)s/../db/migrations\n" in (here / "conf/alembic.ini").read_text()
    assert f"script_location = {here}/elsewhere\n" in (here / "absolute.ini").read_text()


def test_program_may_bring_templates_of_its_own(here: Path) -> None:
    own = here / "own" / "flask"
    own.mkdir(parents=True)
    (own / "README").write_text("Of a program.\nMore.\n")
    (own / "alembic.ini.mako").write_text("[alembic]\nscript_location = ${script_location}\n# mine\n")
    (own / "env.py").write_bytes(b"# coding: latin-1\n# \xe9\n")

    class Config(config.Config):
        def get_template_directory(self) -> str:
            return str(here / "own")

    out = io.StringIO()
    command.list_templates(Config(stdout=out))
    command.init(Config("alembic.ini", stdout=io.StringIO()), "migrations", template="flask")

    assert "flask - Of a program.\n" in out.getvalue()
    assert (here / "migrations/env.py").read_bytes() == b"# coding: latin-1\n# \xe9\n"
    assert (here / "alembic.ini").read_text() == "[alembic]\nscript_location = %(here)s/migrations\n# mine\n"


def test_templates_are_listed_as_alembic_lists_them() -> None:
    ours, theirs = io.StringIO(), io.StringIO()
    command.list_templates(config.Config(stdout=ours))
    alembic.command.list_templates(alembic.config.Config(stdout=theirs))
    frames = [re.sub(r"\n\w+ - .*", "", text.getvalue()) for text in (ours, theirs)]

    assert frames[0] == frames[1]
    assert re.findall(r"\n(\w+) - ", ours.getvalue()) == ["async", "generic", "pyproject"]


# -- what is wrong


def test_directory_that_holds_something_is_refused(here: Path) -> None:
    (here / "migrations").mkdir()
    begin("empty_is_fine")
    (here / "migrations/x").touch()

    with pytest.raises(CommandError, match="Directory migrations already exists and is not empty"):
        begin()


def test_template_that_is_not_there_is_refused(here: Path) -> None:
    with pytest.raises(CommandError, match="No such template .*nothing") as caught:
        begin(template="nothing")

    assert caught.value.hint == "There are: async, generic, pyproject."
    assert not (here / "migrations").exists()


@pytest.mark.parametrize("template", ["generic", "pyproject"])
def test_configuration_without_names_of_files_is_refused(template: str, here: Path) -> None:
    with pytest.raises(CommandError, match="has no name of a file to write its settings to"):
        command.init(config.Config(), "migrations", template)
    assert list(here.iterdir()) == []


def test_file_that_cannot_be_written_is_refused(here: Path) -> None:
    (here / "migrations").write_text("")

    with pytest.raises(CommandError, match="Cannot write .*migrations"):
        begin()


def test_pyproject_that_is_no_toml_is_refused(here: Path) -> None:
    (here / "pyproject.toml").write_text("[tool\n")

    with pytest.raises(CommandError, match="pyproject.toml is not valid TOML"):
        begin(template="pyproject")
