"""Commands that only look make no database file, with an `env.py` of Alembic either."""

from pathlib import Path

import pytest

from tests.integration.compat.alembic_project import AlembicDirectory


@pytest.fixture(params=["generic", "async"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> AlembicDirectory:
    driver = "sqlite+aiosqlite" if request.param == "async" else "sqlite"
    project = AlembicDirectory(tmp_path / "project", f"{driver}:///{tmp_path / 'app.db'}", request.param)
    project.table("a1", "first")
    return project


async def test_methods_that_look_make_no_file(project: AlembicDirectory, tmp_path: Path) -> None:
    migrator = project.migrator()
    assert (await migrator.status()).pending == ("a1",)
    assert await migrator.current() == () and await migrator.log() == () and await migrator.lock_holder() is None
    assert [one.id for one in await migrator.pending()] == ["a1"] and not await migrator.is_at_heads()
    assert (await migrator.plan()).moves and await migrator.history(indicate_current=True)
    assert await migrator.show("current") == ()
    assert not (tmp_path / "app.db").exists()

    await migrator.upgrade()
    assert [one.id for one in await migrator.current()] == ["a1"]


@pytest.mark.parametrize("command", ["status", "current", "history -i", "show current", "plan", "log", "lock"])
def test_commands_that_look_make_no_file(project: AlembicDirectory, tmp_path: Path, command: str) -> None:
    project.asyncmig(*command.split())

    assert not (tmp_path / "app.db").exists()
