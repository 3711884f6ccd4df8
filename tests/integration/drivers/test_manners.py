"""Plain scripts on their own view of the connection: what they share with the run, and what they must not touch."""

import asyncio
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmig.errors import RevisionFailedError
from tests.project import Project

LONG = {
    "postgresql": "SELECT pg_sleep(60)",
    "mysql": "SELECT SLEEP(60)",
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
}
WAYS = {
    "connection": "op.get_bind().execute(sa.text({sql!r}))",
    "cursor": "op.get_bind().connection.cursor().execute({sql!r})",
    "op": "op.execute({sql!r})",
    "engine": "with op.get_bind().engine.connect() as c: c.execute(sa.text({sql!r}))",
}


async def _tables(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        return await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())


@pytest.mark.parametrize("way", WAYS)
async def test_cancelled_in_a_statement_of_a_plain_script_leaves_nothing_and_can_run_again(
    engine: AsyncEngine, tmp_path: Path, way: str
) -> None:
    project = Project(tmp_path)
    body = f"{WAYS[way].format(sql=LONG[engine.dialect.name])}\nop.create_table('t', sa.Column('id', sa.Integer))"
    path = project.revision("aaaa", body, style="alembic")
    async with project.migrator(engine) as migrator:
        task = asyncio.create_task(migrator.upgrade())
        await asyncio.sleep(1)
        started = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - started < 10
    assert "t" not in await _tables(engine)
    path.write_text(path.read_text().replace(LONG[engine.dialect.name], "SELECT 1"))
    async with project.migrator(engine) as migrator:
        await asyncio.wait_for(migrator.upgrade(), 20)
    assert "t" in await _tables(engine)


async def test_engine_and_connection_of_the_application_are_as_before(postgresql_url: str, tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.revision("aaaa", "op.get_bind().execute(sa.text('SELECT :a'), {'a': 1})", style="alembic")
    project.revision("bbbb", "raise RuntimeError('no')", style="alembic")
    engine = create_async_engine(postgresql_url)
    dialect = engine.dialect
    async with engine.connect() as connection:
        with pytest.raises(RevisionFailedError):
            async with project.migrator(connection) as migrator:
                await migrator.upgrade()
        assert connection.dialect is dialect
        assert connection.sync_connection is not None
        assert type(connection.sync_connection) is sa.Connection
        assert connection.sync_connection.engine is engine.sync_engine
        result = await connection.execute(sa.text("SELECT CAST(:a AS integer)"), {"a": 1})
        assert result.scalar() == 1
        raw = await connection.get_raw_connection()
        assert type(raw.dbapi_connection).__module__ == "sqlalchemy.dialects.postgresql.asyncpg"
    assert engine.dialect is dialect
    await engine.dispose()


async def test_async_script_binds_natively(postgresql_url: str, tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.revision(
        "aaaa", "await op.connection.execute(sa.text('SELECT CAST(:d AS date)'), {'d': '2020-01-01'})", style="async"
    )
    async with project.migrator(postgresql_url) as migrator:
        with pytest.raises(RevisionFailedError, match="invalid input for query argument"):
            await migrator.upgrade()


async def test_connection_given_to_run_async_binds_natively(postgresql_url: str, tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.revision(
        "aaaa",
        """
        async def work(connection):
            assert connection.dialect.driver == "asyncpg"
            await connection.execute(sa.text("SELECT CAST(:d AS integer)"), {"d": 1})
        op.run_async(work)
        """,
        style="alembic",
    )
    async with project.migrator(postgresql_url) as migrator:
        await migrator.upgrade()


async def test_events_of_the_engine_see_the_statements_of_a_plain_script(engine: AsyncEngine, tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.revision("aaaa", "op.get_bind().execute(sa.text('SELECT 4711'))", style="alembic")
    seen: list[str] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2]))
    async with project.migrator(engine) as migrator:
        await migrator.upgrade()
    assert [statement for statement in seen if "4711" in statement] == ["SELECT 4711"]


async def test_lock_timeout_holds_for_the_statements_of_a_plain_script(postgresql_url: str, tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.revision("aaaa", "op.execute('CREATE TABLE t (id int)')", style="alembic")
    path = project.revision("bbbb", "op.get_bind().execute(sa.text('LOCK TABLE t'))", style="alembic")
    path.write_text(path.read_text().replace("revision = ", 'lock_timeout = "200ms"\nrevision = ', 1))
    engine = create_async_engine(postgresql_url, poolclass=NullPool)
    async with project.migrator(engine) as migrator:
        await migrator.upgrade("aaaa")
    async with engine.connect() as connection:
        await connection.execute(sa.text("LOCK TABLE t"))
        async with project.migrator(engine, lock_retry_limit=0.5) as migrator:
            with pytest.raises(Exception, match="lock"):
                await asyncio.wait_for(migrator.upgrade(), 20)


async def test_failure_after_a_commit_of_the_script_says_what_is_left(engine: AsyncEngine, tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.revision(
        "aaaa",
        """
        op.create_table("t", sa.Column("id", sa.Integer))
        bind = op.get_bind()
        bind.commit()
        bind.execute(sa.text("INSERT INTO t (id) VALUES (1)"))
        op.execute("SELECT no_such_function()")
        """,
        style="alembic",
    )
    async with project.migrator(engine) as migrator:
        with pytest.raises(RevisionFailedError) as caught:
            await migrator.upgrade()
    assert any("create_table" in left or "create table t" in left for left in caught.value.left), caught.value.left
    async with engine.connect() as connection:
        assert (await connection.execute(sa.text("SELECT count(*) FROM t"))).scalar() == 0


async def test_script_that_has_committed_by_itself_is_not_run_again_for_a_lock(
    postgresql_url: str, tmp_path: Path
) -> None:
    project = Project(tmp_path)
    project.revision(
        "aaaa", "op.execute('CREATE TABLE t (id int)'); op.execute('CREATE TABLE n (id int)')", style="alembic"
    )
    path = project.revision(
        "bbbb",
        """
        op.get_bind().execute(sa.text("INSERT INTO n VALUES (1)"))
        op.get_bind().commit()
        op.get_bind().execute(sa.text("SET LOCAL lock_timeout = '100ms'"))
        op.execute("LOCK TABLE t")
        """,
        style="alembic",
    )
    path.write_text(path.read_text().replace("revision = ", 'lock_timeout = "100ms"\nrevision = ', 1))
    engine = create_async_engine(postgresql_url, poolclass=NullPool)
    async with project.migrator(engine) as migrator:
        await migrator.upgrade("aaaa")
    async with engine.connect() as connection:
        await connection.execute(sa.text("LOCK TABLE t"))
        async with project.migrator(engine) as migrator:
            with pytest.raises(RevisionFailedError):
                await asyncio.wait_for(migrator.upgrade(), 20)
        await connection.rollback()
        assert (await connection.execute(sa.text("SELECT count(*) FROM n"))).scalar() == 1
