"""Runs through PgBouncer in transaction mode, where no session is a connection's own."""

import asyncio
import subprocess
import sys
from pathlib import Path

import anyio
import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmig.errors import DatabaseUnavailableError, MigrationLockError
from tests.integration.lock_process import LockProcess
from tests.project import Project
from tests.servers import DatabaseServer, PgBouncer

CREATE = 'await op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project that leaves the transaction in each way there is."""
    project = Project(tmp_path)
    project.revision("aaaa", f"{CREATE}\nawait op.execute('INSERT INTO t VALUES (1, 1)')")
    project.revision("bbbb", 'await op.create_index("i", "t", ["n"], postgresql_concurrently=True)')
    project.revision(
        "cccc",
        """
        async with op.get_context().autocommit_block():
            await op.execute(sa.text("UPDATE t SET n = n + :one").bindparams(one=1))
            assert (await op.execute("SELECT n FROM t")).scalar_one() == 2
            await op.run(lambda connection: connection.info)
        await op.execute("UPDATE t SET n = n + 1")
        """,
    )
    project.revision(
        "dddd",
        """
        await op.create_index("j", "t", ["id", "n"], postgresql_concurrently=True)
        await op.add_column("t", sa.Column("m", sa.Integer))
        """,
        extra="transactional = False",
    )
    return project


@pytest.fixture
def pooled_url(pgbouncer: PgBouncer, postgresql_url: str) -> str:
    """The URL through the pooler of an empty database of this test's own."""
    return pgbouncer.url(postgresql_url)


async def value(url: str, sql: str) -> object:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        found = await connection.scalar(text(sql))
    await engine.dispose()
    return found


async def test_lease_takes_the_place_of_the_lock_of_a_session(
    project: Project, pooled_url: str, postgresql_url: str
) -> None:
    async with project.migrator(pooled_url) as migrator:
        assert (await migrator.upgrade()).heads == ("dddd",)
        assert await migrator.status() and (await migrator.log())[0].revision == "dddd"
    assert await value(postgresql_url, "SELECT n FROM t") == 3
    assert await value(postgresql_url, "SELECT token FROM asyncmig_lock") == 1
    orphans = (
        "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
        "WHERE l.locktype = 'advisory' AND d.datname = current_database()"
    )
    assert await value(postgresql_url, orphans) == 0


async def test_sessions_of_the_pool_are_left_as_they_were(
    project: Project, pooled_url: str, postgresql_url: str
) -> None:
    async with project.migrator(pooled_url) as migrator:
        await migrator.upgrade()
    raw = make_url(pooled_url)
    connection = await asyncpg.connect(
        host=raw.host, port=raw.port, user="postgres", database=raw.database, statement_cache_size=0
    )
    for _ in range(4):
        rows = await connection.fetch(
            "SELECT name, setting FROM pg_settings WHERE source = 'session' AND name NOT LIKE '%encoding'"
        )
        assert {row["name"] for row in rows} <= {"DateStyle", "TimeZone", "standard_conforming_strings"}
    await connection.close()


@pytest.mark.parametrize("direct", [0, 2], ids=["all pooled", "half direct"])
async def test_processes_at_once_apply_each_revision_once(
    project: Project, pooled_url: str, postgresql_url: str, direct: int
) -> None:
    urls = [postgresql_url] * direct + [pooled_url] * (4 - direct)
    running = [LockProcess(url, project.location) for url in urls]
    ended = [await process.end() for process in running]
    assert [code for code, _ in ended] == [0] * 4, ended
    assert await value(postgresql_url, "SELECT n FROM t") == 3
    assert await value(postgresql_url, "SELECT count(*) FROM asyncmig_log") == 4


async def test_lock_of_a_session_is_refused(project: Project, pooled_url: str, postgresql_url: str) -> None:
    async with project.migrator(pooled_url, lock="session") as migrator:
        with pytest.raises(MigrationLockError, match="a connection pooler gives it sessions") as caught:
            await migrator.upgrade()
    assert 'lock = "lease"' in str(caught.value.hint)
    assert await value(postgresql_url, "SELECT to_regclass('asyncmig_log')") is None


async def test_pooler_in_session_mode_works(
    project: Project, postgresql_server: DatabaseServer, postgresql_url: str
) -> None:
    PgBouncer.check_installed()
    with PgBouncer(postgresql_server.url, mode="session") as pooler:
        async with project.migrator(pooler.url(postgresql_url)) as migrator:
            assert (await migrator.upgrade()).heads == ("dddd",)


async def test_cancelled_run_is_rolled_back_and_lets_the_next_one_in(
    tmp_path: Path, pooled_url: str, postgresql_url: str
) -> None:
    project = Project(tmp_path)
    project.revision("aaaa", f"{CREATE}\nawait op.execute('SELECT pg_sleep(30)')")
    async with project.migrator(pooled_url) as migrator:
        with anyio.move_on_after(1) as scope:
            await migrator.upgrade()
        assert scope.cancelled_caught
    project.revision("aaaa", CREATE, down=None)
    async with project.migrator(pooled_url) as migrator:
        with anyio.fail_after(10):
            assert (await migrator.upgrade()).heads == ("aaaa",)


async def test_engine_with_prepared_statements_works_or_is_told_what_to_do(
    project: Project, pooled_url: str, postgresql_url: str
) -> None:
    raw = make_url(pooled_url)
    connection = await asyncpg.connect(
        host=raw.host, port=raw.port, user="postgres", database=raw.database, statement_cache_size=0
    )
    # What another process has left behind, counting from 1 as every process does.
    await connection.execute('PREPARE "__asyncpg_stmt_1__" AS SELECT 1')
    await connection.close()
    program = """
import asyncio, sys
from sqlalchemy.ext.asyncio import create_async_engine
from asyncmig import upgrade
from asyncmig.errors import AsyncmigError
try:
    asyncio.run(upgrade(create_async_engine(sys.argv[1]), sys.argv[2]))
except AsyncmigError as error:
    print(error)
"""
    run = [sys.executable, "-c", program, pooled_url, str(project.location)]
    done = await asyncio.to_thread(subprocess.run, run, capture_output=True, text=True)
    assert 'prepared statement "__asyncpg_stmt_1__" already exists' in done.stdout, done
    assert '"statement_cache_size": 0' in done.stdout
    async with project.migrator(pooled_url) as migrator:
        assert await migrator.upgrade()


async def test_refused_startup_parameter_is_told(project: Project, pooled_url: str) -> None:
    engine = create_async_engine(pooled_url, connect_args={"server_settings": {"lock_timeout": "1s"}})
    async with project.migrator(engine, connect_wait=5) as migrator:
        with anyio.fail_after(3), pytest.raises(DatabaseUnavailableError) as caught:
            await migrator.upgrade()
    assert "unsupported startup parameter: lock_timeout" in str(caught.value)
    assert "ignore_startup_parameters = lock_timeout" in str(caught.value.hint)
    await engine.dispose()
