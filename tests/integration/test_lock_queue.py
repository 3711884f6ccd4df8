"""Lock timeouts: a statement that waits for locks holds up nobody for longer than its timeout."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from asyncmig.errors import LockTimeoutError
from asyncmig.events import Event, LockTimedOut
from tests.project import Project

#: Seconds that a transaction which only read the table stays open.
HELD = 3.0
CLIENTS = 16


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.revision("aaaa", 'await op.create_table("busy", sa.Column("id", sa.Integer), sa.Column("n", sa.Integer))')
    return project


async def queue(engine: AsyncEngine, project: Project, **settings: object) -> tuple[float, float, list[Event]]:
    """Run an upgrade beside readers; seconds from the release to its end, the longest wait of a reader, the events."""
    events: list[Event] = []
    over = anyio.Event()
    worst = 0.0

    async def client() -> None:
        nonlocal worst
        async with engine.connect() as connection:
            while not over.is_set():
                started = time.monotonic()
                await connection.execute(text("SELECT count(*) FROM busy"))
                await connection.commit()
                worst = max(worst, time.monotonic() - started)
                await anyio.sleep(0.02)

    async with engine.connect() as holder:
        await holder.execute(text("SELECT * FROM busy"))
        released = time.monotonic() + HELD

        async def release() -> None:
            await anyio.sleep(HELD)
            await holder.rollback()

        async with anyio.create_task_group() as group:
            for _ in range(CLIENTS):
                group.start_soon(client)
            group.start_soon(release)
            await anyio.sleep(0.2)
            async with project.migrator(engine, events=events, **settings) as migrator:
                await migrator.upgrade()
            done = time.monotonic() - released
            over.set()
    return done, worst, events


def is_bearable(done: float, worst: float, timeout: float) -> bool:
    """Whether the change came soon after the release, and nobody waited much longer than the timeout."""
    return done < 2.0 and worst < timeout + 0.15


@pytest.fixture(params=[pytest.param(kind, marks=getattr(pytest.mark, kind)) for kind in ("postgresql", "mysql")])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[AsyncEngine]:
    """An engine with a connection for each client, on each kind of server that has a queue of locks."""
    engine = create_async_engine(request.getfixturevalue(f"{request.param}_url"), pool_size=CLIENTS + 5)
    yield engine
    await engine.dispose()


def shortest(engine: AsyncEngine) -> float:
    """The shortest timeout that the test asks for; MySQL's are whole seconds."""
    return 0.1 if engine.dialect.name == "postgresql" else 1.0


async def test_no_reader_waits_longer_than_the_timeout(server: AsyncEngine, project: Project) -> None:
    async with project.migrator(server) as migrator:
        await migrator.upgrade()
    project.revision("bbbb", 'await op.add_column("busy", sa.Column("m", sa.Integer))')
    timeout = shortest(server)
    done, worst, events = await queue(server, project, lock_timeout=timeout)
    waits = [event for event in events if isinstance(event, LockTimedOut)]
    assert is_bearable(done, worst, timeout), (done, worst)
    assert waits
    assert any("idle in transaction" in blocker for event in waits for blocker in event.blockers)


async def test_without_a_timeout_readers_wait_for_the_whole_time(server: AsyncEngine, project: Project) -> None:
    async with project.migrator(server) as migrator:
        await migrator.upgrade()
    project.revision("bbbb", 'await op.add_column("busy", sa.Column("m", sa.Integer))')
    done, worst, events = await queue(server, project, lock_timeout=0)
    # What the test above asks for comes from the timeout, and from nothing else.
    assert not is_bearable(done, worst, shortest(server))
    assert worst > HELD / 2
    assert not [event for event in events if isinstance(event, LockTimedOut)]


async def test_the_first_table_is_not_held_while_the_second_is_waited_for(
    server: AsyncEngine, project: Project
) -> None:
    project.revision("bbbb", 'await op.create_table("other", sa.Column("id", sa.Integer))')
    async with project.migrator(server) as migrator:
        await migrator.upgrade()
    project.revision(
        "cccc",
        """
        await op.add_column("other", sa.Column("m", sa.Integer))
        await op.add_column("busy", sa.Column("m", sa.Integer))
        """,
    )
    timeout = shortest(server)
    events: list[Event] = []
    worst = 0.0
    async with server.connect() as holder, anyio.create_task_group() as group:
        await holder.execute(text("SELECT * FROM busy"))

        async def upgrade() -> None:
            async with project.migrator(server, lock_timeout=timeout, events=events) as migrator:
                assert (await migrator.upgrade()).heads == ("cccc",)

        group.start_soon(upgrade)
        async with server.connect() as reader:
            # Until the second table was given up twice: between the attempts the first is anybody's.
            while sum(isinstance(event, LockTimedOut) for event in events) < 2:
                started = time.monotonic()
                await reader.execute(text("SELECT count(*) FROM other"))
                await reader.commit()
                worst = max(worst, time.monotonic() - started)
                await anyio.sleep(0.02)
        await holder.rollback()
    assert worst < timeout + 0.15


async def test_giving_up_says_how_often_it_was_tried_and_who_was_in_the_way(
    project: Project, postgresql_url: str
) -> None:
    engine = create_async_engine(postgresql_url)
    async with project.migrator(engine) as migrator:
        await migrator.upgrade()
    project.revision("bbbb", 'await op.add_column("busy", sa.Column("m", sa.Integer))', extra='lock_timeout = "100ms"')
    async with engine.connect() as holder:
        await holder.execute(text("SELECT 'a secret', * FROM busy"))
        async with project.migrator(engine, lock_retry_limit=1.0) as migrator:
            with pytest.raises(LockTimeoutError) as caught:
                await migrator.upgrade()
    error = caught.value
    assert error.exit_code == 22
    assert error.attempts > 1
    assert error.blockers
    assert "idle in transaction" in str(error)
    assert "a secret" not in str(error)
    await engine.dispose()
