"""Migrations when a Litestar application starts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from litestar import Litestar, get
from litestar.testing import AsyncTestClient
from sqlalchemy.ext.asyncio import AsyncEngine

from asyncmig.errors import PendingRevisionsError
from asyncmig.integrations.litestar import AsyncmigPlugin
from tests.project import Project

CREATE = 'await op.create_table("first", sa.Column("id", sa.Integer, primary_key=True))'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@get("/")
async def index() -> str:
    return "here"


async def test_plugin_migrates_before_the_lifespans_of_the_application(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", CREATE)
    seen: list[bool] = []
    plugin = AsyncmigPlugin(engine, project.location, health_path="/health/migrations")

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        seen.append(plugin.is_ready)
        yield

    app = Litestar([index], plugins=[plugin], lifespan=[lifespan])
    async with AsyncTestClient(app) as client:
        assert seen == [True]
        assert plugin.result is not None and plugin.result.heads == ("aaaa",)
        assert (await client.get("/")).text == "here"
        answer = await client.get("/health/migrations")
        assert (answer.status_code, answer.json()["current"]) == (200, ["aaaa"])


async def test_plugin_refuses_to_start_where_it_shall(project: Project, sqlite_url: str) -> None:
    project.revision("aaaa", CREATE)
    app = Litestar([index], plugins=[AsyncmigPlugin(sqlite_url, project.location, mode="require")])
    with pytest.raises(ExceptionGroup) as caught:
        async with app.lifespan():
            pass
    assert caught.group_contains(PendingRevisionsError)


async def test_plugin_answers_503_while_it_works_in_the_background(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", f"import anyio\nawait anyio.sleep(0.7)\n{CREATE}")
    plugin = AsyncmigPlugin(engine, project.location, mode="background", health_path="/health/migrations")
    async with AsyncTestClient(Litestar([index], plugins=[plugin])) as client:
        answer = await client.get("/")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        with anyio.fail_after(20):
            while not plugin.is_ready:  # noqa: ASYNC110
                await anyio.sleep(0.05)
        assert (await client.get("/")).text == "here"
        assert (await client.get("/health/migrations")).status_code in (200, 503)
