"""The health endpoint."""

import time
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from asyncmig.integrations.health import Health, health
from tests.project import Project
from tests.servers.base import free_port

CREATE = 'await op.create_table("{0}", sa.Column("id", sa.Integer, primary_key=True))'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.revision("aaaa", CREATE.format("first"))
    return project


async def asked(app: Health, method: str = "GET") -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://app") as client:
        return await client.request(method, "/")


async def test_health_is_503_until_nothing_is_pending(project: Project, engine: AsyncEngine) -> None:
    app = health(engine, project.location, cache=0.0)
    answer = await asked(app)
    assert answer.status_code == 503 and answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "status": "not up to date",
        "current": [],
        "heads": ["aaaa"],
        "pending": ["aaaa"],
        "unknown": [],
        "ahead": False,
        "unfinished": [],
        "lock_holder": None,
        "error": None,
    }
    async with project.migrator(engine) as migrator:
        await migrator.upgrade()
    answer = await asked(app)
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["current"], answer.json()["pending"]) == ("up to date", ["aaaa"], [])
    head = await asked(app, "HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert (await asked(app, "POST")).status_code == 405


async def test_health_names_the_holder_of_the_lock(project: Project, engine: AsyncEngine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite does not tell who writes")
    project.revision("bbbb", "import anyio\nawait anyio.sleep(30)")
    async with anyio.create_task_group() as group, project.migrator(engine) as migrator:
        group.start_soon(migrator.upgrade)
        await anyio.sleep(0.8)
        assert (await asked(health(engine, project.location))).json()["lock_holder"]
        group.cancel_scope.cancel()


async def test_many_questions_are_one_look(project: Project, engine: AsyncEngine) -> None:
    connects: list[Any] = []
    event.listen(engine.sync_engine, "connect", lambda *arguments: connects.append(arguments))
    app = health(engine, project.location, cache=1.0)
    async with anyio.create_task_group() as group:
        for _ in range(30):
            group.start_soon(asked, app)
    first = len(connects)
    assert first <= 3
    await asked(app)
    assert len(connects) == first
    await anyio.sleep(1.1)
    await asked(app)
    assert len(connects) > first


async def test_unreachable_server_is_said_without_its_password(project: Project) -> None:
    for driver in ("postgresql", "mysql"):
        url = f"{driver}://somebody:s3cret@127.0.0.1:{free_port()}/nothing"
        started = time.monotonic()
        answer = await asked(health(url, project.location))
        assert time.monotonic() - started < 6
        assert answer.status_code == 503 and answer.json()["status"] == "unknown"
        assert "cannot be reached" in answer.json()["error"]
        assert "s3cret" not in answer.text and "somebody" not in answer.text


async def test_wrong_password_is_not_repeated(project: Project, mysql_url: str) -> None:
    answer = await asked(health(make_url(mysql_url).set(password="wrong-s3cret"), project.location))
    assert answer.status_code == 503 and "wrong-s3cret" not in answer.text


async def test_missing_directory_is_said(tmp_path: Path, sqlite_url: str) -> None:
    answer = await asked(health(sqlite_url, tmp_path / "nowhere"))
    assert answer.status_code == 503 and "nowhere" in answer.json()["error"]
