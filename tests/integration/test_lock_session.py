"""The lock of a session: who holds it is told, a dead holder is noticed, a loss stops the run."""

import asyncio
import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import event, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from asyncmig import Environment, Migrator
from asyncmig.errors import ConfigError, LockLostError, MigrationLockError
from asyncmig.events import Event, LockWaiting
from asyncmig.state import polling
from tests.integration.lock_process import LockProcess, appears
from tests.project import Project

SLOW = {"postgresql": "SELECT pg_sleep(30)", "mysql": "SELECT SLEEP(30)"}
FORGET = {"postgresql": "SELECT pg_advisory_unlock_all()", "mysql": "SELECT RELEASE_ALL_LOCKS()"}
TABLE = 'await op.create_table({!r}, sa.Column("id", sa.Integer, primary_key=True))'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture(params=["postgresql", "mysql"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[AsyncEngine]:
    """An engine on each kind of server that has sessions."""
    engine = create_async_engine(request.getfixturevalue(f"{request.param}_url"))
    yield engine
    await engine.dispose()


@asynccontextmanager
async def running(migrator: Migrator) -> AsyncIterator[None]:
    """An upgrade under way for the length of the block; then it is cancelled."""
    task = asyncio.create_task(migrator.upgrade())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def held_by_a_run(migrator: Migrator) -> None:
    for _ in range(500):
        if await migrator.lock_holder() is not None:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody took the lock")


async def test_waiter_is_told_who_holds_the_lock_and_at_which_step(
    project: Project, server: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "REPORT_EVERY", 0.2)
    project.revision("aaaa", f"await op.execute({SLOW[server.dialect.name]!r})")
    events: list[Event] = []
    first, second = project.migrator(server), project.migrator(server, lock_wait=1.5, events=events)
    async with running(first):
        await held_by_a_run(second)
        await anyio.sleep(0.3)
        with pytest.raises(MigrationLockError) as caught:
            await second.upgrade()
        info = await second.lock_holder()
    waits = [one for one in events if isinstance(one, LockWaiting)]
    assert len(waits) >= 3 and caught.value.exit_code == 20 and caught.value.waited >= 1.5
    assert info is not None and info.kind == "session" and info.ending and info.step
    for words in (waits[-1].holder, caught.value.holder, str(info)):
        assert words is not None and "sleep(?)" in words.lower()
        if server.dialect.name == "postgresql":
            assert (
                "at revision aaaa" in words and f" {socket.gethostname()}:" in words and "connected since 20" in words
            )


async def test_lock_of_a_killed_process_is_free_within_seconds(project: Project, postgresql_url: str) -> None:
    project.revision("aaaa", "await op.execute('SELECT pg_sleep(60)')")
    async with project.migrator(postgresql_url, lock_wait=10) as migrator:
        with LockProcess(postgresql_url, project.location) as process:
            await held_by_a_run(migrator)
            await anyio.sleep(0.5)
            process.send(signal.SIGKILL)
            killed = time.monotonic()
            project.revision("aaaa", TABLE.format("after"), down=None)
            assert (await migrator.upgrade()).heads == ("aaaa",)
            assert time.monotonic() - killed < 5


async def test_session_is_given_back_as_it_was(project: Project, postgresql_url: str) -> None:
    names = ("application_name", "tcp_keepalives_idle", "client_connection_check_interval")
    read = text("SELECT " + ", ".join(f"current_setting('{name}')" for name in names))
    project.revision("aaaa", f"rows = await op.execute({read.text!r})\nassert tuple(rows.one())[1:] == ('5', '1s')")
    engine = create_async_engine(postgresql_url, connect_args={"server_settings": {"application_name": "mine"}})
    async with engine.connect() as connection:
        before = (await connection.execute(read)).one()
        await connection.rollback()
        async with project.migrator(connection) as migrator:
            assert await migrator.upgrade()
        assert (await connection.execute(read)).one() == before
    await engine.dispose()


async def test_run_that_loses_its_lock_stops_before_the_next_revision(project: Project, server: AsyncEngine) -> None:
    project.revision("aaaa", f"await op.execute({FORGET[server.dialect.name]!r})")
    project.revision("bbbb", TABLE.format("never"))
    async with project.migrator(server) as migrator:
        with pytest.raises(LockLostError, match="does not hold it any more") as caught:
            await migrator.upgrade()
        assert caught.value.applied == ("aaaa",) and caught.value.revision == "bbbb" and caught.value.exit_code == 20
        assert [one.id for one in await migrator.current()] == ["aaaa"]
        assert (await migrator.upgrade()).heads == ("bbbb",)


async def test_script_that_goes_on_with_another_session_is_stopped(project: Project, server: AsyncEngine) -> None:
    end = {"postgresql": "SELECT pg_terminate_backend(pg_backend_pid())", "mysql": "KILL CONNECTION_ID()"}
    project.revision(
        "aaaa",
        f"""
        try:
            op.execute({end[server.dialect.name]!r})
        except sa.exc.DBAPIError:
            op.get_bind().rollback()
        op.get_bind().execute(sa.text("SELECT 1"))
        op.create_table("never", sa.Column("id", sa.Integer, primary_key=True))
        """,
        style="plain",
    )
    async with project.migrator(server) as migrator:
        with pytest.raises(LockLostError, match="another one has taken its place"):
            await migrator.upgrade()
        assert await migrator.current() == ()
    async with server.connect() as connection:
        assert not await connection.run_sync(lambda sync: inspect(sync).has_table("never"))


async def test_asking_for_the_lock_costs_a_small_query_for_a_revision(project: Project, server: AsyncEngine) -> None:
    for number in range(20):
        project.revision(f"r{number:03}", "await op.execute('SELECT 1')")
    asked: list[str] = []

    @event.listens_for(server.sync_engine, "before_cursor_execute")
    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if "IS_USED_LOCK" in statement or "FROM pg_catalog.pg_locks" in statement:
            asked.append(statement)

    async with project.migrator(server) as migrator:
        await migrator.upgrade()
    assert len(asked) == 20


@pytest.mark.parametrize("lock", ["session", "lease"])
async def test_histories_with_tables_of_their_own_do_not_wait_for_each_other(
    project: Project, server: AsyncEngine, lock: Any
) -> None:
    slow = Project(project.location.parent / "slow")
    slow.revision("aaaa", f"await op.execute({SLOW[server.dialect.name]!r})")
    project.revision("bbbb", TABLE.format("mine"))
    async with running(slow.migrator(server, version_table="slow_version", lock=lock)):
        await held_by_a_run(slow.migrator(server, version_table="slow_version"))
        assert await project.migrator(server, lock_wait=0, lock=lock).upgrade()
        with pytest.raises(MigrationLockError):
            await project.migrator(server, lock_wait=0, version_table="slow_version", lock=lock).upgrade()


@pytest.mark.parametrize("lock", ["session", "lease"])
@pytest.mark.parametrize("way", ["search path", "setting"])
async def test_schemas_do_not_wait_for_each_other(project: Project, postgresql_url: str, way: str, lock: Any) -> None:
    engine = create_async_engine(postgresql_url)
    async with engine.begin() as connection:
        for schema in ("one", "two"):
            await connection.execute(text(f"CREATE SCHEMA {schema}"))
    slow = Project(project.location.parent / "slow")
    slow.revision("aaaa", "await op.execute('SELECT pg_sleep(30)')")
    project.revision("bbbb", TABLE.format("mine"))

    def migrator(which: Project, schema: str) -> Migrator:
        if way == "setting":
            return which.migrator(postgresql_url, version_table_schema=schema, lock_wait=0, lock=lock)
        settings = {"server_settings": {"search_path": schema}}
        return which.migrator(create_async_engine(postgresql_url, connect_args=settings), lock_wait=0, lock=lock)

    async with running(migrator(slow, "one")):
        await held_by_a_run(migrator(slow, "one"))
        assert await migrator(project, "two").upgrade()
        with pytest.raises(MigrationLockError):
            await migrator(project, "one").upgrade()
    await engine.dispose()


@pytest.mark.parametrize("lock", ["session", "lease"])
async def test_databases_of_one_server_do_not_wait_for_each_other(
    project: Project, server: AsyncEngine, request: pytest.FixtureRequest, lock: Any
) -> None:
    slow = Project(project.location.parent / "slow")
    slow.revision("aaaa", f"await op.execute({SLOW[server.dialect.name]!r})")
    project.revision("bbbb", TABLE.format("mine"))
    databases = request.getfixturevalue(f"{server.dialect.name}_server")
    with databases.database() as other:
        async with running(slow.migrator(server, lock=lock)):
            await held_by_a_run(slow.migrator(server))
            assert await project.migrator(other, lock_wait=0, lock=lock).upgrade()
            with pytest.raises(MigrationLockError):
                await project.migrator(server, lock_wait=0, lock=lock).upgrade()


# -- other locks -------------------------------------------------------------------------------------------------------


async def test_no_lock_is_taken_where_none_is_wanted(project: Project, server: AsyncEngine, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    project.revision("aaaa", f"import pathlib, anyio\npathlib.Path({str(ready)!r}).touch()\nawait anyio.sleep(5)")
    async with running(project.migrator(server, lock="none")):
        await appears(ready)
        assert await project.migrator(server).lock_holder() is None


async def test_lock_of_the_project_is_taken_instead(project: Project, engine: AsyncEngine) -> None:
    seen = []

    @asynccontextmanager
    async def own() -> AsyncIterator[None]:
        seen.append("taken")
        yield
        seen.append("given back")

    project.revision("aaaa", TABLE.format("one"))
    project.revision("bbbb", TABLE.format("two"))
    async with Migrator(engine, project.location, lock=own) as migrator:
        assert await migrator.upgrade("aaaa") and not await migrator.upgrade("aaaa")
    assert seen == ["taken", "given back"]
    async with Migrator(engine, project.location, environment=Environment(lock=own)) as migrator:
        assert await migrator.upgrade()
    assert seen == ["taken", "given back"] * 2


async def test_lock_of_the_project_is_waited_for_no_longer_than_allowed(project: Project, sqlite_url: str) -> None:
    @asynccontextmanager
    async def own() -> AsyncIterator[None]:
        await anyio.sleep(30)
        yield

    project.revision("aaaa", TABLE.format("one"))
    migrator = project.migrator(sqlite_url, lock_wait=0.2, environment=Environment(lock=own))
    with pytest.raises(MigrationLockError, match="gave up after 0.2 s"):
        await migrator.upgrade()


async def test_unknown_kind_of_lock_is_refused(project: Project, sqlite_url: str) -> None:
    project.revision("aaaa", TABLE.format("one"))
    wrong: Any = "sesion"
    with pytest.raises(ConfigError, match="no lock of the kind 'sesion'"):
        await Migrator(sqlite_url, project.location, lock=wrong).upgrade()


async def test_function_that_makes_no_lock_is_refused(project: Project, sqlite_url: str) -> None:
    project.revision("aaaa", TABLE.format("one"))
    wrong: Any = dict
    with pytest.raises(ConfigError, match="gave dict, not an async context manager"):
        await Migrator(sqlite_url, project.location, lock=wrong).upgrade()
