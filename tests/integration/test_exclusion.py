"""One run at a time, cancelled runs, and databases that cannot be reached or written."""

import asyncio
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from asyncmig.dialects.registry import adapter_class, async_url
from asyncmig.errors import (
    AsyncmigError,
    ConfigError,
    DatabaseUnavailableError,
    MigrationLockError,
    MissingDriverError,
)
from asyncmig.events import Event, LockWaiting
from tests.project import Project

COUNT = """
await op.create_table("counted", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
await op.execute("INSERT INTO counted (id, n) VALUES (1, 1)")
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


SLOW = {"postgresql": "SELECT pg_sleep(30)", "mysql": "SELECT SLEEP(30)"}


async def test_many_runs_at_once_apply_each_revision_once(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", COUNT)
    for number in range(4):
        project.revision(f"b{number}bb", "await op.execute('UPDATE counted SET n = n + 1')")
    results = []

    async def run() -> None:
        async with project.migrator(engine) as migrator:
            results.append(await migrator.upgrade())

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(run)
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT n FROM counted")) == 5
        rows = (await connection.execute(text("SELECT revision FROM asyncmig_log ORDER BY id"))).scalars().all()
    assert rows == ["aaaa", "b0bb", "b1bb", "b2bb", "b3bb"]
    assert {result.heads for result in results} == {("b3bb",)}


async def test_processes_at_once_apply_each_revision_once(
    project: Project, engine: AsyncEngine, tmp_path: Path
) -> None:
    project.revision("aaaa", COUNT)
    project.revision("bbbb", "await op.execute('UPDATE counted SET n = n + 1')")
    program = "import asyncio, sys; from asyncmig import upgrade; asyncio.run(upgrade(sys.argv[1], sys.argv[2]))"
    url = engine.url.render_as_string(hide_password=False)
    running = [
        subprocess.Popen([sys.executable, "-c", program, url, str(project.location)], stderr=subprocess.PIPE)
        for _ in range(5)
    ]
    for process in running:
        _, errors = await asyncio.to_thread(process.communicate)
        assert process.returncode == 0, errors.decode()
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT n FROM counted")) == 2


async def test_lock_that_is_held_is_waited_for_and_named(project: Project, engine: AsyncEngine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite's lock is its transaction; see the next test")
    project.revision("aaaa", COUNT)
    events: list[Event] = []
    async with engine.connect() as other:
        adapter = adapter_class(engine.dialect)(engine.dialect)
        assert other.sync_connection is not None
        assert await adapter.try_lock(other.sync_connection, "asyncmig_version")
        async with project.migrator(engine, lock_wait=0.3, events=events) as migrator:
            assert await migrator.lock_holder()
            with pytest.raises(MigrationLockError) as caught:
                await migrator.upgrade()
        assert caught.value.exit_code == 20 and caught.value.waited >= 0.3 and caught.value.holder
        await adapter.unlock(other.sync_connection, "asyncmig_version")
    async with project.migrator(engine, lock_wait=0.3) as migrator:
        assert await migrator.lock_holder() is None
        assert await migrator.upgrade()
    assert not [event for event in events if isinstance(event, LockWaiting)]


async def test_write_lock_of_sqlite_is_waited_for(project: Project, tmp_path: Path) -> None:
    project.revision("aaaa", COUNT)
    url = f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite'}?timeout=0.05"
    engine = create_async_engine(url)
    async with engine.connect() as other:
        await other.exec_driver_sql("BEGIN IMMEDIATE")
        async with project.migrator(url, lock_wait=0.4) as migrator:
            with pytest.raises(MigrationLockError):
                await migrator.upgrade()

        async def release() -> None:
            await anyio.sleep(0.3)
            await other.rollback()

        async with anyio.create_task_group() as group, project.migrator(url, lock_wait=10) as migrator:
            group.start_soon(release)
            assert await migrator.upgrade()
    await engine.dispose()


@pytest.mark.parametrize("style", ["async", "plain"])
async def test_cancelled_run_is_rolled_back_and_lets_the_next_one_in(
    project: Project, engine: AsyncEngine, style: str
) -> None:
    name = engine.dialect.name
    wait = "await " if style == "async" else ""
    project.revision(
        "aaaa",
        f"""
        {wait}op.create_table("cut", sa.Column("id", sa.Integer, primary_key=True))
        {wait}op.execute("INSERT INTO cut (id) VALUES (1)")
        {"await op.execute(" + repr(SLOW[name]) + ")" if name in SLOW and style == "async" else ""}
        {"op.execute(" + repr(SLOW[name]) + ")" if name in SLOW and style == "plain" else ""}
        import anyio
        {"await anyio.sleep(30)" if name == "sqlite" and style == "async" else ""}
        {"op.run_async(lambda connection: anyio.sleep(30))" if name == "sqlite" and style == "plain" else ""}
        """,
        style=style,
    )
    async with project.migrator(engine) as migrator:
        with anyio.move_on_after(0.7) as scope:
            await migrator.upgrade()
        assert scope.cancelled_caught
    project.revision("aaaa", "await op.create_table('cut', sa.Column('id', sa.Integer, primary_key=True))", down=None)
    async with project.migrator(engine, lock_wait=3) as migrator:
        assert (await migrator.upgrade()).heads == ("aaaa",)
    async with engine.connect() as connection:
        left = await connection.scalar(text("SELECT count(*) FROM cut"))
    # DDL commits by itself on MySQL: the table stays, the row that was not committed does not.
    assert left == 0


async def test_unreachable_server_is_said(project: Project) -> None:
    for url in ("postgresql://nobody:secret@127.0.0.1:1/nothing", "mysql://nobody:secret@127.0.0.1:1/nothing"):
        async with project.migrator(url) as migrator:
            with pytest.raises(DatabaseUnavailableError) as caught:
                await migrator.current()
        assert caught.value.exit_code == 21
        assert "secret" not in str(caught.value) and "127.0.0.1" in str(caught.value)


async def test_wrong_password_is_never_printed(project: Project, mysql_url: str) -> None:
    url = make_url(mysql_url).set(password="wrong-secret")
    async with project.migrator(url) as migrator:
        with pytest.raises(DatabaseUnavailableError) as caught:
            await migrator.current()
    assert "wrong-secret" not in str(caught.value)


async def test_sqlite_file_in_a_missing_directory_is_said(project: Project, tmp_path: Path) -> None:
    project.revision("aaaa", COUNT)
    async with project.migrator(f"sqlite:///{tmp_path / 'no' / 'where.sqlite'}") as migrator:
        with pytest.raises(DatabaseUnavailableError, match="unable to open"):
            await migrator.upgrade()


async def test_read_only_database_is_said(project: Project, tmp_path: Path) -> None:
    project.revision("aaaa", COUNT)
    path = tmp_path / "read_only.sqlite"
    async with project.migrator(f"sqlite:///{path}") as migrator:
        await migrator.ensure_version()
    url = f"sqlite+aiosqlite:///file:{path}?mode=ro&uri=true"
    async with project.migrator(url) as migrator:
        with pytest.raises(AsyncmigError, match="read-only|readonly"):
            await migrator.upgrade()


async def test_read_only_transaction_is_said(project: Project, postgresql_url: str) -> None:
    project.revision("aaaa", COUNT)
    engine = create_async_engine(
        postgresql_url, connect_args={"server_settings": {"default_transaction_read_only": "on"}}
    )
    async with project.migrator(engine) as migrator:
        with pytest.raises(AsyncmigError, match="read-only"):
            await migrator.upgrade()
    await engine.dispose()


def test_bad_url_is_said_without_repeating_it() -> None:
    with pytest.raises(ConfigError) as caught:
        async_url("postgres//user:secret@host")
    assert "secret" not in str(caught.value) and caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("postgresql://u:p@h/db?sslmode=require", "postgresql+asyncpg://u:p@h/db?ssl=require"),
        ("postgresql+psycopg2://h/db?sslmode=disable&x=1", "postgresql+asyncpg://h/db?ssl=disable&x=1"),
        ("postgres://h/db", "postgresql+asyncpg://h/db"),
        ("postgresql+asyncpg://h/db?ssl=prefer", "postgresql+asyncpg://h/db?ssl=prefer"),
        ("postgresql+psycopg://h/db?sslmode=require", "postgresql+psycopg_async://h/db?sslmode=require"),
        ("mysql+pymysql://h/db?charset=utf8mb4", "mysql+aiomysql://h/db?charset=utf8mb4"),
        ("sqlite:///a.db", "sqlite+aiosqlite:///a.db"),
    ],
)
def test_url_is_taken_to_its_async_driver(url: str, taken: str) -> None:
    found = make_url(async_url(url))
    wanted = make_url(taken)
    assert (found.drivername, found.query, found.password) == (wanted.drivername, wanted.query, wanted.password)


async def test_parameter_that_the_driver_does_not_take_is_said(project: Project, postgresql_url: str) -> None:
    url = make_url(postgresql_url).update_query_dict({"application_name": "blog"})
    async with project.migrator(url.set(password="hunter2")) as migrator:
        with pytest.raises(ConfigError, match="does not take the URL's parameters.*'application_name'") as caught:
            await migrator.current()
    assert "hunter2" not in str(caught.value) and caught.value.exit_code == 2


async def test_missing_driver_names_the_extra(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    async with project.migrator("postgresql://localhost/x") as migrator:
        with pytest.raises(MissingDriverError) as caught:
            await migrator.current()
    assert 'pip install "asyncmig[postgresql]"' in str(caught.value)


async def test_unknown_database_is_said(project: Project) -> None:
    async with project.migrator("oracle+oracledb://localhost/x") as migrator:
        with pytest.raises(AsyncmigError) as caught:
            await migrator.current()
    assert caught.value.exit_code == 2


async def test_looking_makes_no_file(project: Project, tmp_path: Path) -> None:
    project.revision("aaaa", COUNT)
    path = tmp_path / "not_yet.sqlite"
    async with project.migrator(f"sqlite:///{path}") as migrator:
        assert await migrator.current() == ()
        assert (await migrator.status()).pending == ("aaaa",)
        assert (await migrator.plan()).moves
        assert await migrator.log() == ()
        assert await migrator.lock_holder() is None
        assert not path.exists()
        await migrator.upgrade()
        assert [one.id for one in await migrator.current()] == ["aaaa"]
