"""A URL of an `alembic.ini` whose parts `env.py` puts in."""

from pathlib import Path

import pytest

from asyncmig.compat.alembic.errors import InterpolationError
from asyncmig.compat.alembic.ini import read_project
from tests.integration.compat.alembic_project import AlembicDirectory


@pytest.fixture
def project(tmp_path: Path) -> AlembicDirectory:
    project = AlembicDirectory(tmp_path / "project", "sqlite:///DATABASE.db")
    project.ini.write_text(project.ini.read_text().replace("DATABASE", "%(DB_NAME)s"))
    project.edit(
        "config = context.config",
        'config = context.config\nconfig.set_section_option(config.config_ini_section, "DB_NAME", "shop")',
    )
    project.table("a1", "first")
    return project


def test_parts_that_env_py_puts_in_are_there_in_time(project: AlembicDirectory) -> None:
    project.asyncmig("upgrade", "head")

    assert (project.root / "shop.db").exists()
    assert "a1 (head)" in project.asyncmig("current") and "a1 (head)" in project.alembic("current")
    assert "sqlite+aiosqlite:///shop.db" in project.asyncmig("doctor")


async def test_parts_that_nobody_puts_in_are_named(project: AlembicDirectory) -> None:
    project.edit('config.set_section_option(config.config_ini_section, "DB_NAME", "shop")', "")

    with pytest.raises(
        InterpolationError, match=r"alembic\.ini:\d+: .* it refers to %\(db_name\)s, which is set nowhere"
    ):
        await project.migrator().current()


def test_percent_sign_that_means_nothing_is_still_an_error_at_once(project: AlembicDirectory) -> None:
    project.ini.write_text(project.ini.read_text().replace("%(DB_NAME)s", "p%ss"))

    with pytest.raises(InterpolationError, match="neither doubled nor the begin of"):
        read_project(project.ini, cwd=project.root, environ={})
