"""A lease: renewed while its run lives, another's when it does not, and no use to one who comes back too late."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from asyncmig.errors import LockLostError, MigrationLockError
from tests.integration.lock_process import LockProcess, appears
from tests.project import Project

TABLE = 'await op.create_table({!r}, sa.Column("id", sa.Integer, primary_key=True))'
#: Says that it is there, and waits for leave to go on.
PAUSE = """
import pathlib, anyio
pathlib.Path({ready!r}).touch()
while not pathlib.Path({go!r}).exists():
    await anyio.sleep(0.05)
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture(params=["postgresql", "mysql"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[AsyncEngine]:
    """An engine on each kind of server."""
    engine = create_async_engine(request.getfixturevalue(f"{request.param}_url"))
    yield engine
    await engine.dispose()


def url_of(engine: AsyncEngine) -> str:
    return engine.url.render_as_string(hide_password=False)


async def rows(engine: AsyncEngine, sql: str) -> list[Any]:
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(sql))]


async def test_many_runs_at_once_apply_each_revision_once(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", TABLE.format("one"))
    project.revision("bbbb", "await op.execute('INSERT INTO one (id) VALUES (1)')")
    results = []

    async def run() -> None:
        async with project.migrator(url_of(engine), lock="lease") as migrator:
            results.append(await migrator.upgrade())

    async with anyio.create_task_group() as group:
        for _ in range(6):
            group.start_soon(run)
    assert {result.heads for result in results} == {("bbbb",)}
    assert sorted(len(result.applied) for result in results) == [0, 0, 0, 0, 0, 2]
    assert await rows(engine, "SELECT owner FROM asyncmig_lock") == [(None,)]


async def test_lease_is_renewed_while_its_run_waits(project: Project, engine: AsyncEngine, tmp_path: Path) -> None:
    ready, go = tmp_path / "ready", tmp_path / "go"
    body = PAUSE.format(ready=str(ready), go=str(go))
    # On SQLite an open transaction keeps everybody out anyway.
    project.revision("aaaa", body, extra="transactional = False")
    project.revision("bbbb", TABLE.format("one"))
    first = project.migrator(url_of(engine), lock="lease", lock_lease=1.0)
    second = project.migrator(url_of(engine), lock="lease", lock_wait=3.0)
    task = asyncio.create_task(first.upgrade())
    await appears(ready)
    with pytest.raises(MigrationLockError) as caught:
        await second.upgrade()
    assert (
        caught.value.holder is not None and "process" in caught.value.holder and "revision aaaa" in caught.value.holder
    )
    info = await second.lock_holder()
    assert info is not None and info.kind == "lease" and info.since is not None
    assert info.expires_in is not None and 0 < info.expires_in <= 1
    go.touch()
    assert (await task).heads == ("bbbb",)
    assert await second.lock_holder() is None and not await second.upgrade()


@pytest.mark.parametrize("lost", ["the script fails", "the script goes on"])
async def test_zombie_writes_nothing(project: Project, server: AsyncEngine, tmp_path: Path, lost: str) -> None:
    ready, go = tmp_path / "ready", tmp_path / "go"
    last = TABLE.format("one") if lost == "the script fails" else "await op.execute('INSERT INTO marks VALUES (2)')"
    project.revision("aaaa", 'await op.create_table("marks", sa.Column("id", sa.Integer))')
    project.revision("bbbb", PAUSE.format(ready=str(ready), go=str(go)) + last)
    project.revision("cccc", "await op.execute('INSERT INTO marks VALUES (3)')")
    with LockProcess(url_of(server), project.location, lock="lease", lease=1.0) as zombie:
        await appears(ready)
        zombie.send(signal.SIGSTOP)
        go.touch()
        async with project.migrator(server, lock="lease", lock_wait=15) as migrator:
            result = await migrator.upgrade()
            assert [one.revision for one in result.applied] == ["bbbb", "cccc"] and result.waited > 0.3
            before = await rows(server, "SELECT id FROM marks ORDER BY id"), await migrator.log()
            zombie.send(signal.SIGCONT)
            code, output = await zombie.end()
            assert code == 20 and output.startswith("LockLostError"), output
            assert (
                "The migration lock was lost in revision bbbb" in output
                and "done before it in this run: aaaa" in output
            )
            assert (await rows(server, "SELECT id FROM marks ORDER BY id"), await migrator.log()) == before
            assert [one.id for one in await migrator.current()] == ["cccc"]
    assert before[0] == ([(3,)] if lost == "the script fails" else [(2,), (3,)])


async def test_lease_of_a_killed_process_is_taken_when_it_is_over(
    project: Project, server: AsyncEngine, tmp_path: Path
) -> None:
    ready, go = tmp_path / "ready", tmp_path / "go"
    project.revision("aaaa", PAUSE.format(ready=str(ready), go=str(go)) + TABLE.format("one"))
    with LockProcess(url_of(server), project.location, lock="lease", lease=1.5) as process:
        await appears(ready)
        process.send(signal.SIGKILL)
        go.touch()
        async with project.migrator(server, lock="lease", lock_wait=15) as migrator:
            assert (await migrator.upgrade()).heads == ("aaaa",)
    assert await rows(server, "SELECT token, owner FROM asyncmig_lock") == [(2, None)]


async def test_released_lease_stops_its_holder_and_lets_the_next_one_in(
    project: Project, server: AsyncEngine, tmp_path: Path
) -> None:
    ready, go = tmp_path / "ready", tmp_path / "go"
    project.revision("aaaa", PAUSE.format(ready=str(ready), go=str(go)) + TABLE.format("one"))
    first, second = project.migrator(server, lock="lease"), project.migrator(server, lock="lease", lock_wait=5)
    assert await second.release_lock() is None
    task = asyncio.create_task(first.upgrade())
    await appears(ready)
    released = await second.release_lock()
    assert released is not None and "process" in released.holder
    assert await second.lock_holder() is None
    go.touch()
    with pytest.raises(LockLostError, match="somebody released it"):
        await task
    assert (await second.upgrade()).heads == ("aaaa",)


async def test_lock_of_a_session_cannot_be_released(project: Project, server: AsyncEngine, tmp_path: Path) -> None:
    ready, go = tmp_path / "ready", tmp_path / "go"
    project.revision("aaaa", PAUSE.format(ready=str(ready), go=str(go)))
    first, second = project.migrator(server), project.migrator(server)
    task = asyncio.create_task(first.upgrade())
    await appears(ready)
    with pytest.raises(MigrationLockError, match="free when that session ends") as caught:
        await second.release_lock()
    assert str(caught.value.hint).splitlines()[-1].startswith(("SELECT pg_terminate_backend(", "KILL "))
    go.touch()
    assert (await task).heads == ("aaaa",)


@pytest.mark.parametrize(("first", "second"), [("session", "lease"), ("lease", "session")])
async def test_both_kinds_of_lock_keep_each_other_out(
    project: Project, server: AsyncEngine, tmp_path: Path, first: Any, second: Any
) -> None:
    ready, go = tmp_path / "ready", tmp_path / "go"
    project.revision("aaaa", PAUSE.format(ready=str(ready), go=str(go)) + TABLE.format("one"))
    task = asyncio.create_task(project.migrator(server, lock=first).upgrade())
    await appears(ready)
    with pytest.raises(MigrationLockError):
        await project.migrator(server, lock=second, lock_wait=0.3).upgrade()
    go.touch()
    assert (await task).heads == ("aaaa",)
    assert not await project.migrator(server, lock=second).upgrade()


async def test_looking_for_a_lease_writes_nothing(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", TABLE.format("one"))
    assert await project.migrator(engine).lock_holder() is None
    async with engine.connect() as connection:
        assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == []


async def test_lease_in_memory_needs_no_second_connection(project: Project) -> None:
    project.revision("aaaa", TABLE.format("one"))
    async with project.migrator("sqlite+aiosqlite://", lock="lease", lock_lease=0.3) as migrator:
        assert await migrator.upgrade()
        assert await migrator.lock_holder() is None
