"""Migrations when a Quart application starts."""

from pathlib import Path

import anyio
import pytest
from quart import Quart
from sqlalchemy.ext.asyncio import AsyncEngine

from asyncmig.errors import PendingRevisionsError
from asyncmig.integrations.quart import Asyncmig
from tests.project import Project

CREATE = 'await op.create_table("first", sa.Column("id", sa.Integer, primary_key=True))'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def app() -> Quart:
    app = Quart("notes")

    @app.get("/")
    async def index() -> str:
        return "here"

    return app


async def test_extension_migrates_before_anything_is_served(project: Project, app: Quart, engine: AsyncEngine) -> None:
    project.revision("aaaa", CREATE)
    seen: list[bool] = []

    @app.before_serving
    async def look() -> None:
        seen.append(extension.is_ready)

    extension = Asyncmig(app, engine, project.location, health_path="/health/migrations")
    async with app.test_app() as running:
        assert seen == [True]
        assert extension.result is not None and extension.result.heads == ("aaaa",)
        client = running.test_client()
        assert await (await client.get("/")).get_data(as_text=True) == "here"
        answer = await client.get("/health/migrations")
        assert (answer.status_code, (await answer.get_json())["current"]) == (200, ["aaaa"])


async def test_extension_refuses_to_serve_where_it_shall(project: Project, app: Quart, sqlite_url: str) -> None:
    project.revision("aaaa", CREATE)
    extension = Asyncmig(None, sqlite_url, project.location, mode="require")
    extension.init_app(app)
    with pytest.raises(PendingRevisionsError):
        await app.startup()


async def test_extension_answers_503_while_it_works_in_the_background(
    project: Project, app: Quart, engine: AsyncEngine
) -> None:
    project.revision("aaaa", f"import anyio\nawait anyio.sleep(0.7)\n{CREATE}")
    extension = Asyncmig(app, engine, project.location, mode="background", health_path="/health/migrations")
    async with app.test_app() as running:
        client = running.test_client()
        answer = await client.get("/")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        with anyio.fail_after(20):
            while not extension.is_ready:  # noqa: ASYNC110
                await anyio.sleep(0.05)
        assert await (await client.get("/")).get_data(as_text=True) == "here"
