"""Limits: what waits for locks gives up and is tried again, wherever it stands; what must not be limited is not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmig.errors import LockTimeoutError, RevisionFailedError
from asyncmig.events import Event, LockTimedOut
from tests.project import Project

BUSY = """
await op.create_table("busy", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
await op.create_table("other", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
await op.execute("INSERT INTO busy VALUES (1, 1)")
await op.execute("INSERT INTO other VALUES (1, 1)")
"""
ALTER = {
    "operation": 'await op.add_column("busy", sa.Column("m", sa.Integer))',
    "text": 'await op.execute("ALTER TABLE busy ADD COLUMN m integer")',
}


@pytest.fixture(params=[pytest.param(kind, marks=getattr(pytest.mark, kind)) for kind in ("postgresql", "mysql")])
async def server(request: pytest.FixtureRequest, project: Project) -> AsyncIterator[AsyncEngine]:
    """An engine on each kind of server, with the first revision applied."""
    async with prepared(request.getfixturevalue(f"{request.param}_url"), project) as engine:
        yield engine


@pytest.fixture
async def postgresql(postgresql_url: str, project: Project) -> AsyncIterator[AsyncEngine]:
    """An engine on PostgreSQL, with the first revision applied."""
    async with prepared(postgresql_url, project) as engine:
        yield engine


@asynccontextmanager
async def prepared(url: str, project: Project) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(url, poolclass=NullPool)
    async with project.migrator(engine) as migrator:
        await migrator.upgrade()
    yield engine
    await engine.dispose()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.revision("aaaa", BUSY)
    return project


def timeouts(events: list[Event]) -> list[LockTimedOut]:
    return [event for event in events if isinstance(event, LockTimedOut)]


async def until(condition: Callable[[], Any]) -> None:
    with anyio.fail_after(20):
        while not condition():  # noqa: ASYNC110 - observers are called, and cannot wait
            await anyio.sleep(0.02)


@pytest.mark.parametrize("extra", ["", "transactional = False"], ids=["inside", "outside"])
@pytest.mark.parametrize("way", ALTER)
async def test_who_is_in_the_way_is_named(server: AsyncEngine, project: Project, way: str, extra: str) -> None:
    project.revision("bbbb", ALTER[way], extra=extra)
    events: list[Event] = []
    timeout = 0.2 if server.dialect.name == "postgresql" else 1.0
    async with (
        server.connect() as holder,
        project.migrator(server, lock_timeout=timeout, events=events) as migrator,
    ):
        await holder.execute(text("SELECT 'a secret' FROM busy"))
        task = asyncio.create_task(migrator.upgrade())
        await until(lambda: timeouts(events))
        await holder.rollback()
        assert (await task).heads == ("bbbb",)
    (first, *_) = timeouts(events)
    assert any("idle in transaction" in blocker for blocker in first.blockers), first
    assert "a secret" not in str(first)


async def test_victim_of_a_deadlock_is_tried_again(server: AsyncEngine, project: Project) -> None:
    """We hold `other` and ask for `busy`, which somebody holds who asks for `other`."""
    project.revision(
        "bbbb",
        """
        import anyio
        await op.execute("UPDATE other SET n = n + 10")
        await anyio.sleep(0.5)
        await op.execute("UPDATE busy SET n = n + 10")
        """,
    )
    events: list[Event] = []
    async with server.connect() as holder, project.migrator(server, lock_timeout=10, events=events) as migrator:
        # The server chooses the one that has done less.
        await holder.execute(text("UPDATE busy SET n = n + 1"))
        for number in range(50):
            await holder.execute(text(f"INSERT INTO busy VALUES ({number + 2}, 0)"))
        if server.dialect.name == "postgresql":
            await holder.execute(text("SET LOCAL deadlock_timeout = '1min'"))
        task = asyncio.create_task(migrator.upgrade())
        await anyio.sleep(0.3)
        await holder.execute(text("UPDATE other SET n = n + 1"))
        await holder.commit()
        assert (await task).heads == ("bbbb",)
        assert timeouts(events)
        found = [await holder.scalar(text(f"SELECT n FROM {table} WHERE id = 1")) for table in ("busy", "other")]
    assert found == [12, 12]


async def test_stall_budget_ends_the_attempts(server: AsyncEngine, project: Project) -> None:
    project.revision("bbbb", ALTER["operation"])
    timeout, budget = (0.2, 0.5) if server.dialect.name == "postgresql" else (1.0, 2.5)
    options = {"lock_timeout": timeout, "lock_stall_budget": budget, "lock_retry_limit": 60.0}
    async with server.connect() as holder, project.migrator(server, **options) as migrator:
        await holder.execute(text("SELECT * FROM busy"))
        with anyio.fail_after(15), pytest.raises(LockTimeoutError) as caught:
            await migrator.upgrade()
    assert (caught.value.attempts, caught.value.exit_code) == (3, 22)


async def test_giving_up_after_a_commit_says_what_is_left(server: AsyncEngine, project: Project) -> None:
    project.revision(
        "bbbb",
        f"""
        async with op.get_context().autocommit_block():
            await op.execute("UPDATE other SET n = 2")
        {ALTER["operation"]}
        """,
    )
    options = {"lock_timeout": 0.1, "lock_retry_limit": 0.5}
    async with server.connect() as holder, project.migrator(server, **options) as migrator:
        await holder.execute(text("SELECT * FROM busy"))
        with pytest.raises(LockTimeoutError) as caught:
            await migrator.upgrade()
        assert caught.value.exit_code == 23 and "UPDATE other" in str(caught.value)
        await holder.rollback()
        assert (await migrator.upgrade()).heads == ("bbbb",)


async def test_index_that_is_built_concurrently_waits_as_long_as_it_must(
    postgresql: AsyncEngine, project: Project
) -> None:
    project.revision("bbbb", 'await op.create_index("ix", "busy", ["n"], postgresql_concurrently=True)')
    events: list[Event] = []
    async with (
        postgresql.connect() as holder,
        project.migrator(postgresql, lock_timeout=0.1, statement_timeout=0.1, events=events) as migrator,
    ):
        await holder.execute(text("UPDATE busy SET n = 2"))
        task = asyncio.create_task(migrator.upgrade())
        await anyio.sleep(1.5)
        await holder.commit()
        assert (await task).heads == ("bbbb",)
        assert await holder.scalar(text("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix'::regclass"))
    assert timeouts(events) == []


@pytest.mark.parametrize("where", ["settings", "file"])
async def test_statement_that_takes_too_long_is_stopped(server: AsyncEngine, project: Project, where: str) -> None:
    slow = "SELECT pg_sleep(20)" if server.dialect.name == "postgresql" else "SELECT SLEEP(20) FROM busy"
    project.revision(
        "bbbb", f"await op.execute({slow!r})", extra='statement_timeout = "300ms"' if where == "file" else ""
    )
    options = {"statement_timeout": 0.3} if where == "settings" else {}
    async with project.migrator(server, **options) as migrator:
        with anyio.fail_after(5), pytest.raises(RevisionFailedError, match="statement timeout|max_statement_time"):
            await migrator.upgrade()
    async with server.connect() as connection:
        # It was for the run only.
        if server.dialect.name == "mysql":
            assert await connection.scalar(text("SELECT @@max_statement_time")) == 0
