"""Applications whose migrations are a project of Alembic."""

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from asyncmig import Migrator, upgrade
from asyncmig.errors import ConfigError, PendingRevisionsError
from asyncmig.integrations.starlette import migrations
from tests.integration.compat.alembic_project import AlembicDirectory, sync_url
from tests.integration.compat.test_environment import tables


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> AlembicDirectory:
    project = AlembicDirectory(tmp_path / "project", sync_url(database_url))
    project.table("a1", "first")
    project.table("b2", "second")
    return project


async def test_lifespan_runs_a_project_of_alembic(project: AlembicDirectory, engine: AsyncEngine) -> None:
    start = migrations(engine, project.root / "migrations")
    app = FastAPI(lifespan=start)
    app.mount("/health", start.health())
    async with app.router.lifespan_context(app):
        assert start.result is not None
        assert [one.revision for one in start.result.applied] == ["a1", "b2"]
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
            answer = await client.get("/health/")
        assert answer.status_code == 200, answer.text
    assert await tables(engine) == {"alembic_version", "first", "second"}


async def test_require_and_wait(project: AlembicDirectory, engine: AsyncEngine) -> None:
    app = FastAPI()
    with pytest.raises(PendingRevisionsError):
        async with migrations(engine, project.root / "migrations", mode="require")(app):
            raise AssertionError("the application must not start")
    project.alembic("upgrade", "head")
    async with migrations(engine, project.root / "migrations", mode="require")(app):
        pass
    async with migrations(engine, project.root / "migrations", mode="wait", timeout=5)(app):
        pass


async def test_url_of_the_settings_is_enough(project: AlembicDirectory, engine: AsyncEngine) -> None:
    async with migrations(None, project.root / "migrations")(FastAPI()):
        pass
    assert await tables(engine) == {"alembic_version", "first", "second"}


async def test_plain_migrator_says_what_to_use(project: AlembicDirectory, engine: AsyncEngine) -> None:
    async with Migrator(engine, project.root / "migrations") as migrator:
        with pytest.raises(ConfigError, match="is an env.py of Alembic") as caught:
            await migrator.upgrade()
    assert "asyncmig adopt" in (caught.value.hint or "")
    assert "migrations(engine)" in (caught.value.hint or "")


async def test_one_liner_takes_the_directory(project: AlembicDirectory, engine: AsyncEngine) -> None:
    result = await upgrade(engine, project.root / "migrations", "a1")
    assert [one.revision for one in result.applied] == ["a1"]
    result = await upgrade(project.url, project.root / "migrations")
    assert [one.revision for one in result.applied] == ["b2"]


async def test_open_connection_stays_open(project: AlembicDirectory, engine: AsyncEngine) -> None:
    project.env_py.write_text(
        "from alembic import context\n"
        "context.configure(connection=context.config.attributes['connection'])\n"
        "with context.begin_transaction():\n    context.run_migrations()\n"
    )
    async with engine.connect() as connection:
        await upgrade(connection, project.root / "migrations")
        assert not connection.closed
        assert not connection.in_transaction()
    assert await tables(engine) == {"alembic_version", "first", "second"}
