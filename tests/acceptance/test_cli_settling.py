"""The commands that settle what a crash or an editor has left: `resolve` and `log --repair`."""

import signal
from pathlib import Path

import pytest

from tests.acceptance.command import Project
from tests.acceptance.databases import rows

REVISION = '''"""uncertain"""
import os, signal
import sqlalchemy as sa
from asyncmig import Operations

revision = "aaaa11"
down_revision = None


async def fill(connection):
    await connection.execute(sa.text("INSERT INTO t (id) VALUES (7)"))
    if not os.path.exists("once"):
        open("once", "w").close()
        os.kill(os.getpid(), signal.SIGKILL)


async def upgrade(op: Operations) -> None:
    await op.create_table("t", sa.Column("id", sa.Integer))
    async with op.get_context().autocommit_block():
        await op.run(fill)


async def downgrade(op: Operations) -> None:
    await op.drop_table("t")
'''


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    """A project whose one revision is killed once, after what it did was committed."""
    project = Project(tmp_path, {"DATABASE_URL": database_url})
    project.run("init")
    path(project).write_text(REVISION)
    return project


def path(project: Project) -> Path:
    return project.root / "migrations" / "versions" / "aaaa11_.py"


@pytest.mark.parametrize(("word", "times"), [("--done", 1), ("--not-done", 2)])
async def test_uncertain_step_is_settled(project: Project, database_url: str, word: str, times: int) -> None:
    project.run("upgrade", code=-signal.SIGKILL)
    assert "stopped in the middle of: op.run(" in project.out("status")
    said = project.run("upgrade", code=23).err
    assert "asyncmig resolve aaaa11 --done" in said and "asyncmig resolve aaaa11 --not-done" in said
    project.run("resolve", "aaaa11", code=2)
    assert "Go on with: asyncmig upgrade" in project.out("resolve", "aaaa11", word)
    project.run("upgrade")
    assert await rows(database_url, "SELECT id FROM t") == [(7,)] * times
    assert "Half done" not in project.out("status")


def test_edited_file_is_reported_until_it_is_accepted(project: Project) -> None:
    (project.root / "once").touch()
    project.run("upgrade")
    path(project).write_text(REVISION.replace("sa.Integer", "sa.BigInteger"))
    assert "aaaa11: its file was changed after it was applied" in project.out("status")
    project.run("log", "--repair")
    assert "was changed" not in project.out("status")
