"""A project of Alembic is taken over as the documentation says, and handed back."""

import re
import sys
from pathlib import Path

import pytest

from tests.acceptance.command import Project, run_process

pytest.importorskip("alembic", reason="Alembic is needed to compare with")

SETTINGS = """
[tool.asyncmig]
script_location = "alembic"
version_table = "alembic_version"
url = "sqlite:///app.db"
"""
ENVIRONMENT = "from asyncmig import Environment\n\nenvironment = Environment()\n"


def alembic(root: Path, *arguments: str) -> str:
    """What Alembic's own command says."""
    outcome = run_process(sys.executable, "-m", "alembic.config", *arguments, cwd=root)
    assert outcome.code == 0, outcome
    return outcome.out


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project of Alembic with three revisions, of which one is applied."""
    alembic(tmp_path, "init", "alembic")
    ini = tmp_path / "alembic.ini"
    ini.write_text(re.sub(r"sqlalchemy\.url = .*", "sqlalchemy.url = sqlite:///app.db", ini.read_text()))
    for name in ("users", "posts", "tags"):
        alembic(tmp_path, "revision", "-m", name, "--rev-id", f"{name}000")
        path = tmp_path / "alembic" / "versions" / f"{name}000_{name}.py"
        create = f'op.create_table("{name}", sa.Column("id", sa.Integer(), primary_key=True))'
        text = path.read_text().replace("pass", create, 1).replace("pass", f'op.drop_table("{name}")', 1)
        path.write_text(text)
    alembic(tmp_path, "upgrade", "+1")
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    return Project(tmp_path)


def test_either_tool_goes_on_where_the_other_has_stopped(project: Project) -> None:
    env = project.root / "alembic" / "env.py"
    theirs = env.read_text()
    env.write_text(ENVIRONMENT)
    assert project.out("current").strip() == "users000"
    assert project.out("history").splitlines()[0] == "posts000 -> tags000 (head), tags"
    project.run("upgrade", "+1")
    project.run("upgrade", "head")

    env.write_text(theirs)
    assert "tags000 (head)" in alembic(project.root, "current")
    alembic(project.root, "downgrade", "-1")

    env.write_text(ENVIRONMENT)
    assert project.out("current").strip() == "posts000"
    project.run("downgrade", "base")
    env.write_text(theirs)
    assert alembic(project.root, "current").strip() == ""


def test_new_files_keep_the_form_of_the_project(project: Project) -> None:
    (project.root / "alembic" / "env.py").write_text(ENVIRONMENT)
    project.run("revision", "-m", "more")
    (path,) = (project.root / "alembic" / "versions").glob("*_more.py")
    assert "from alembic import op" in path.read_text()
    project.run("upgrade", "head")
    assert "(head)" in project.out("current")
