"""Servers that are not there yet, and servers that say no."""

import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import anyio
import pytest
from anyio.abc import SocketStream
from sqlalchemy.engine import make_url

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.dialects.registry import adapter_class, dialect_of
from asyncmig.errors import DatabaseUnavailableError, PendingRevisionsError
from asyncmig.events import DatabaseWaiting, Event
from asyncmig.migrator import connecting
from asyncmig.migrator.connecting import ConnectionSource
from tests.acceptance.command import environment
from tests.project import Project
from tests.servers.base import free_port

CREATE = 'await op.create_table("first", sa.Column("id", sa.Integer, primary_key=True))'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.revision("aaaa", CREATE)
    return project


@pytest.fixture(params=[pytest.param(kind, marks=getattr(pytest.mark, kind)) for kind in ("postgresql", "mysql")])
def server_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database on a server that is reached by its address."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def at_port(url: str, port: int) -> str:
    return make_url(url).set(port=port).render_as_string(hide_password=False)


@asynccontextmanager
async def server_that_comes_after(seconds: float, url: str, port: int) -> AsyncIterator[None]:
    """Nobody listens at *port* at first; later what is sent there goes to the server of *url*."""
    target = make_url(url)
    assert target.host is not None and target.port is not None
    host, server_port = target.host, target.port

    async def pump(source: SocketStream, sink: SocketStream) -> None:
        try:
            async for data in source:
                await sink.send(data)
            await sink.send_eof()
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            await sink.aclose()

    async def forward(client: SocketStream) -> None:
        async with client, await anyio.connect_tcp(host, server_port) as server, anyio.create_task_group() as both:
            both.start_soon(pump, client, server)
            both.start_soon(pump, server, client)

    async def listen() -> None:
        await anyio.sleep(seconds)
        async with await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=port) as listener:
            await listener.serve(forward)

    async with anyio.create_task_group() as group:
        group.start_soon(listen)
        yield
        group.cancel_scope.cancel()


async def test_server_that_comes_later_is_waited_for(
    project: Project, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "_REPORT_EVERY", 0.2)
    port, events = free_port(), list[Event]()
    async with (
        server_that_comes_after(1.0, server_url, port),
        project.migrator(at_port(server_url, port), connect_wait=20, events=events) as migrator,
    ):
        assert (await migrator.upgrade()).heads == ("aaaa",)
    waiting = [event for event in events if isinstance(event, DatabaseWaiting)]
    assert waiting and all("onnect" in event.reason for event in waiting)


async def test_server_that_never_comes_is_given_up(project: Project, server_url: str) -> None:
    started = time.monotonic()
    async with project.migrator(at_port(server_url, free_port()), connect_wait=1.0) as migrator:
        with pytest.raises(DatabaseUnavailableError) as caught:
            await migrator.upgrade()
    assert 0.9 <= time.monotonic() - started < 5 and caught.value.exit_code == 21


async def test_server_that_says_no_is_not_asked_again(project: Project, server_url: str) -> None:
    wrong = make_url(server_url)
    wrong = wrong.set(password="wrong") if wrong.password else wrong.set(database="no_such_database")
    started = time.monotonic()
    async with project.migrator(wrong, connect_wait=30) as migrator:
        with pytest.raises(DatabaseUnavailableError):
            await migrator.upgrade()
    assert time.monotonic() - started < 5


async def test_file_in_a_missing_directory_is_not_waited_for(project: Project, tmp_path: Path) -> None:
    started = time.monotonic()
    async with project.migrator(f"sqlite:///{tmp_path / 'no' / 'where.sqlite'}", connect_wait=30) as migrator:
        with pytest.raises(DatabaseUnavailableError):
            await migrator.upgrade()
    assert time.monotonic() - started < 5


async def test_wait_ends_in_time_while_nobody_answers(project: Project, server_url: str) -> None:
    started = time.monotonic()
    async with project.migrator(at_port(server_url, free_port()), connect_wait=60) as migrator:
        with pytest.raises(DatabaseUnavailableError):
            await migrator.wait(0.5)
    assert time.monotonic() - started < 5
    async with project.migrator(server_url, connect_wait=60) as migrator:
        with pytest.raises(PendingRevisionsError):
            await migrator.wait(0.3)


@pytest.mark.parametrize(
    ("url", "errors"),
    [
        (
            "postgresql+asyncpg://h/d",
            {"57P03": True, "53300": True, "08006": True, "28P01": False, "28000": False, "3D000": False},
        ),
        ("mysql+aiomysql://h/d", {2003: True, 1040: True, 1053: True, 1045: False, 1049: False}),
        ("sqlite+aiosqlite://", {14: False}),
    ],
)
def test_codes_tell_whether_a_server_may_come(url: str, errors: dict[str | int, bool]) -> None:
    dialect = dialect_of(make_url(url))
    adapter = adapter_class(dialect)(dialect)
    for code, comes in errors.items():
        error = type("Error", (Exception,), {"sqlstate": code})(code, "no")
        assert adapter.is_unreachable(SimpleNamespace(orig=error)) is comes, code  # type: ignore[arg-type]


# -- the command line, as an init container uses it


def command(project: Project, url: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "asyncmig", "--url", url, *arguments],
        cwd=project.location.parent,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    out, err = await anyio.to_thread.run_sync(process.communicate)
    return process.returncode, out + err


async def test_init_container_waits_for_server_and_schema(project: Project, server_url: str) -> None:
    port = free_port()
    url = at_port(server_url, port)
    assert (await ended(command(project, url, "wait", "--timeout", "10s")))[0] == 21
    code, said = await ended(command(project, url, "wait", "--timeout", "1s", "--wait-for-db", "30s"))
    assert code == 21 and "Cannot connect" in said
    async with server_that_comes_after(1.0, server_url, port):
        waiting = command(project, url, "wait", "--timeout", "30s", "--wait-for-db", "30s")
        code, said = await ended(command(project, url, "upgrade", "--wait-for-db", "30s"))
        assert code == 0, said
        assert (await ended(waiting))[0] == 0
        project.revision("bbbb", "pass")
        assert (await ended(command(project, url, "wait", "--timeout", "500ms", "--wait-for-db", "30s")))[0] == 10
    assert (await ended(command(project, url, "upgrade", "--wait-for-db", "soon")))[0] == 2


KILL = {"postgresql": "SELECT pg_terminate_backend({})", "mysql": "KILL {}"}
OWN_ID = {"postgresql": "SELECT pg_backend_pid()", "mysql": "SELECT connection_id()"}


async def end_session(url: str, id: int) -> None:
    async with ConnectionSource(url).connect() as killer:
        await greenlet_spawn(lambda: killer.exec_driver_sql(KILL[killer.dialect.name].format(id)))


async def test_connection_that_is_lost_after_the_work_spoils_nothing(server_url: str) -> None:
    async with ConnectionSource(server_url).connect() as connection:
        id = await greenlet_spawn(lambda: connection.exec_driver_sql(OWN_ID[connection.dialect.name]).scalar_one())
        await end_session(server_url, id)
    assert connection.closed


async def test_connection_that_is_lost_leaves_the_error_of_the_work(server_url: str) -> None:
    async def fail() -> None:
        async with ConnectionSource(server_url).connect() as connection:
            id = await greenlet_spawn(lambda: connection.exec_driver_sql(OWN_ID[connection.dialect.name]).scalar_one())
            await end_session(server_url, id)
            raise RuntimeError("the work has failed")

    with pytest.raises(RuntimeError, match="the work has failed"):
        await fail()


async def test_words_of_libpq_in_the_url(postgresql_url: str) -> None:
    url = postgresql_url.replace("+asyncpg", "+psycopg2") + "?application_name=some%20app&options=-csearch_path%3Dx,y"
    async with ConnectionSource(url).connect() as connection:
        found = await greenlet_spawn(
            lambda: connection.exec_driver_sql(
                "SELECT current_setting('application_name'), current_setting('search_path')"
            ).one()
        )
    assert tuple(found) == ("some app", "x,y")
