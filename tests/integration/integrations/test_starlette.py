"""Migrations when a Starlette or FastAPI application starts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI, Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import JSONResponse
from starlette.routing import Route

from asyncmig.errors import ConfigError, PendingRevisionsError, RevisionFailedError
from asyncmig.events import RevisionDone
from asyncmig.integrations.starlette import Migrations, migrations
from tests.project import Project

CREATE = 'await op.create_table("{0}", sa.Column("id", sa.Integer, primary_key=True))'
SLOW = f"import anyio\nawait anyio.sleep(0.7)\n{CREATE.format('first')}"
FAILING = "import anyio\nawait anyio.sleep(0.3)\nawait op.execute('INSERT INTO no_such_table VALUES (1)')"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.revision("aaaa", CREATE.format("first"))
    return project


@asynccontextmanager
async def client_of(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application whose lifespan runs, through ASGI as a server does it."""
    to_app, from_app = anyio.create_memory_object_stream[Any](2), anyio.create_memory_object_stream[Any](2)
    state: dict[str, Any] = {}

    async def stateful(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "state": dict(state)}, receive, send)

    async with anyio.create_task_group() as group:
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": state}
        group.start_soon(app, scope, to_app[1].receive, from_app[0].send)
        await to_app[0].send({"type": "lifespan.startup"})
        answer = await from_app[1].receive()
        assert answer["type"] == "lifespan.startup.complete", answer["message"]
        transport = httpx.ASGITransport(app=stateful)
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            yield client
        await to_app[0].send({"type": "lifespan.shutdown"})
        assert (await from_app[1].receive())["type"] == "lifespan.shutdown.complete"


async def is_migrated(engine: AsyncEngine, revision: str = "aaaa") -> bool:
    try:
        async with engine.connect() as connection:
            return await connection.scalar(text("SELECT version_num FROM asyncmig_version")) == revision
    except Exception as error:
        if "asyncmig_version" not in str(error):
            raise
        return False


def application(start: Migrations) -> FastAPI:
    app = FastAPI(lifespan=start)
    app.add_middleware(start.middleware, let_through=["/health"])
    app.router.routes.append(Route("/health/migrations", start.health(cache=0.0)))

    @app.get("/")
    async def index() -> str:
        return "here"

    return app


async def test_auto_applies_what_is_pending_before_the_first_request(project: Project, engine: AsyncEngine) -> None:
    start = migrations(engine, project.location)
    async with client_of(application(start)) as client:
        assert await is_migrated(engine) and start.is_ready
        assert start.result is not None and [one.revision for one in start.result.applied] == ["aaaa"]
        assert (await client.get("/")).json() == "here"
    async with client_of(application(start)):
        assert start.result is not None and not start.result.applied


async def test_of_many_replicas_one_migrates(project: Project, engine: AsyncEngine) -> None:
    events: list[object] = []

    async def replica() -> None:
        async with client_of(application(migrations(engine, project.location, observer=events.append))):
            assert await is_migrated(engine)

    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(replica)
    assert len([event for event in events if isinstance(event, RevisionDone)]) == 1


async def test_wait_waits_for_another_and_applies_nothing(project: Project, engine: AsyncEngine) -> None:
    with pytest.raises(PendingRevisionsError) as caught:
        async with migrations(engine, project.location, mode="wait", timeout=0.3)(None):
            pass
    assert caught.value.pending == ("aaaa",) and not await is_migrated(engine)

    async def other() -> None:
        await anyio.sleep(0.3)
        async with project.migrator(engine) as migrator:
            await migrator.upgrade()

    async with anyio.create_task_group() as group:
        group.start_soon(other)
        async with client_of(application(migrations(engine, project.location, mode="wait", timeout=20))):
            assert await is_migrated(engine)


async def test_require_refuses_to_start_while_something_is_pending(project: Project, engine: AsyncEngine) -> None:
    start = migrations(engine, project.location, mode="require")
    with pytest.raises(PendingRevisionsError, match="Revision aaaa is pending") as caught:
        async with start(None):
            pass
    assert not start.is_ready and start.error is caught.value
    async with project.migrator(engine) as migrator:
        await migrator.upgrade()
    async with client_of(application(start)):
        assert start.is_ready


async def test_target_is_what_is_required(project: Project, engine: AsyncEngine) -> None:
    async with project.migrator(engine) as migrator:
        await migrator.upgrade()
    project.revision("bbbb", CREATE.format("second"))
    async with migrations(engine, project.location, mode="require", target="aaaa")(None):
        pass
    with pytest.raises(PendingRevisionsError):
        async with migrations(engine, project.location, mode="require")(None):
            pass
    async with migrations(engine, project.location, target="aaaa")(None):
        assert await is_migrated(engine, "aaaa")


async def test_off_does_nothing(project: Project, engine: AsyncEngine) -> None:
    start = migrations(engine, project.location, mode="off")
    async with client_of(application(start)) as client:
        assert (await client.get("/")).status_code == 200
        assert start.result is None and not await is_migrated(engine)


async def test_environment_variable_overrides_the_code(
    project: Project, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASYNCMIG_ON_START", "off")
    async with migrations(engine, project.location)(None):
        assert not await is_migrated(engine)
    monkeypatch.setenv("ASYNCMIG_ON_START", "AUTO")
    async with migrations(engine, project.location, mode="off")(None):
        assert await is_migrated(engine)
    monkeypatch.setenv("ASYNCMIG_ON_START", "sometimes")
    with pytest.raises(ConfigError, match="ASYNCMIG_ON_START"):
        async with migrations(engine, project.location)(None):
            pass


def test_unknown_mode_is_refused_at_once(project: Project) -> None:
    with pytest.raises(ConfigError, match="never"):
        migrations("sqlite://", project.location, mode="never")  # type: ignore[arg-type]


async def test_lifespan_of_the_application_comes_after_ours(project: Project, engine: AsyncEngine) -> None:
    seen = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        seen.append(("up", await is_migrated(engine), app.title))
        yield {"answer": 42}
        seen.append(("down", True, app.title))

    app = FastAPI(title="Mine", lifespan=migrations(engine, project.location, lifespan=lifespan))

    @app.get("/")
    async def index(request: Request) -> int:
        answer: int = request.state.answer
        return answer

    async with client_of(app) as client:
        assert (await client.get("/")).json() == 42
    assert seen == [("up", True, "Mine"), ("down", True, "Mine")]


async def test_two_databases_are_two_lifespans(project: Project, engine: AsyncEngine, tmp_path: Path) -> None:
    other = Project(tmp_path / "other")
    other.revision("ffff", CREATE.format("first"))
    file = f"sqlite:///{tmp_path / 'other.sqlite'}"
    inner = migrations(file, other.location)
    async with client_of(FastAPI(lifespan=migrations(engine, project.location, lifespan=inner))):
        assert await is_migrated(engine) and inner.is_ready
    async with other.migrator(file) as migrator:
        assert [one.id for one in await migrator.current()] == ["ffff"]


async def test_starlette_takes_it_as_well(project: Project, engine: AsyncEngine) -> None:
    async def index(request: StarletteRequest) -> JSONResponse:
        return JSONResponse("here")

    start = migrations(engine, project.location)
    app = Starlette(lifespan=start, routes=[Route("/", index), Route("/health", start.health())])
    async with client_of(app) as client:
        assert (await client.get("/")).json() == "here"
        assert (await client.get("/health")).json()["current"] == ["aaaa"]


async def test_failure_keeps_the_application_from_starting(tmp_path: Path, engine: AsyncEngine) -> None:
    project = Project(tmp_path)
    project.revision("aaaa", FAILING)
    with pytest.raises(RevisionFailedError):
        async with migrations(engine, project.location)(None):
            pass


# -- in the background


async def test_background_answers_503_until_it_is_done(tmp_path: Path, engine: AsyncEngine) -> None:
    project = Project(tmp_path)
    project.revision("aaaa", SLOW)
    start = migrations(engine, project.location, mode="background")
    async with client_of(application(start)) as client:
        early = await client.get("/")
        assert (early.status_code, early.headers["retry-after"]) == (503, "5")
        assert early.json() == {"detail": "The database is being migrated."}
        if engine.dialect.name != "sqlite":
            # A reader of SQLite that works in a transaction of its own does not see what is not committed either.
            health = await client.get("/health/migrations")
            assert (health.status_code, health.json()["status"]) == (503, "working")
        with anyio.fail_after(20):
            while (late := await client.get("/")).status_code == 503:  # noqa: ASYNC110
                await anyio.sleep(0.1)
        assert late.json() == "here" and start.is_ready and await is_migrated(engine)
        assert (await client.get("/health/migrations")).status_code == 200


async def test_failure_in_the_background_is_kept_and_shown(tmp_path: Path, engine: AsyncEngine) -> None:
    project = Project(tmp_path)
    project.revision("aaaa", FAILING)
    start = migrations(engine, project.location, mode="background")
    told: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))
    async with client_of(application(start)) as client:
        with anyio.fail_after(20):
            while start.error is None:  # noqa: ASYNC110
                await anyio.sleep(0.05)
        assert isinstance(start.error, RevisionFailedError) and not start.is_ready
        answer = await client.get("/")
        assert (answer.status_code, answer.json()) == (503, {"detail": "The migration of the database failed."})
        health = await client.get("/health/migrations")
        assert (health.status_code, health.json()["status"]) == (503, "failed")
        assert "no_such_table" in health.json()["error"]
    assert [context["exception"] for context in told] == [start.error]


async def test_application_that_ends_meanwhile_takes_the_migration_back(tmp_path: Path, engine: AsyncEngine) -> None:
    project = Project(tmp_path)
    project.revision("aaaa", "import anyio\nawait anyio.sleep(60)")
    with anyio.fail_after(20):
        async with client_of(application(migrations(engine, project.location, mode="background"))):
            await anyio.sleep(0.5)
    project.revision("aaaa", CREATE.format("first"), down=None)
    async with project.migrator(engine, lock_wait=5) as migrator:
        assert (await migrator.upgrade()).heads == ("aaaa",)


async def test_background_without_a_gate_is_refused(project: Project, engine: AsyncEngine) -> None:
    with pytest.raises(ConfigError, match="add_middleware"):
        async with migrations(engine, project.location, mode="background")(None):
            pass


async def test_web_socket_is_asked_to_come_again(tmp_path: Path, sqlite_url: str) -> None:
    project = Project(tmp_path)
    project.revision("aaaa", "import anyio\nawait anyio.sleep(60)")
    start = migrations(sqlite_url, project.location, mode="background")
    app = start.middleware(FastAPI())
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async with start(None):
        await anyio.sleep(0.05)
        await app({"type": "websocket", "path": "/", "extensions": {}}, receive, send)
        await app({"type": "websocket", "path": "/", "extensions": {"websocket.http.response": {}}}, receive, send)
    assert (sent[0]["type"], sent[0]["code"]) == ("websocket.close", 1013)
    assert (sent[1]["type"], sent[1]["status"]) == ("websocket.http.response.start", 503)
