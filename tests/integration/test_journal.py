"""The journal: what is done stays done, what is not done is done once, and a changed past is refused."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from asyncmig.errors import (
    InvalidTargetError,
    JournalMismatchError,
    RevisionFailedError,
    UncertainStepError,
    UnfinishedRevisionError,
)
from asyncmig.events import Event, OperationSkipped
from tests.project import Project

TABLE = 'await op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))'
BREAK = 'await op.execute("INSERT INTO nowhere VALUES (1)")'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


async def rows(engine: AsyncEngine, sql: str) -> list[tuple[Any, ...]]:
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(sql))]


async def names(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


def half(then: str) -> str:
    """A revision whose first part is committed on every database."""
    return f"""
    {TABLE}
    async with op.get_context().autocommit_block():
        await op.execute("INSERT INTO t (id, n) VALUES (1, 1)")
    await op.execute("UPDATE t SET n = n + 1")
    {then}
    """


async def test_a_mended_revision_goes_on_after_what_is_done(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", half(BREAK))
    async with project.migrator(engine) as migrator:
        with pytest.raises(RevisionFailedError) as caught:
            await migrator.upgrade()
        assert caught.value.exit_code == 23
        assert "goes on after what is done" in str(caught.value)
    assert (await rows(engine, "SELECT count(*) FROM asyncmig_journal"))[0][0] >= 2
    project.revision("aaaa", half('await op.execute("UPDATE t SET n = n + 100")'), down=None)
    events: list[Event] = []
    async with project.migrator(engine, events=events) as migrator:
        assert (await migrator.upgrade()).heads == ("aaaa",)
    assert [event.verb for event in events if isinstance(event, OperationSkipped)][:2] == ["create_table", "execute"]
    assert await rows(engine, "SELECT id, n FROM t") == [(1, 102)]
    assert await rows(engine, "SELECT * FROM asyncmig_journal") == []


async def test_a_changed_past_is_refused_with_file_and_both_calls(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", half(BREAK))
    async with project.migrator(engine) as migrator:
        with pytest.raises(RevisionFailedError):
            await migrator.upgrade()
    path = project.revision("aaaa", half(BREAK).replace('"n"', '"m"'), down=None)
    async with project.migrator(engine) as migrator:
        with pytest.raises(JournalMismatchError) as caught:
            await migrator.upgrade()
    error = caught.value
    assert (error.ordinal, error.path, error.exit_code) == (1, path, 23)
    assert '"n"' in error.was
    assert error.now is not None
    assert '"m"' in error.now


async def test_a_shortened_past_is_refused(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", half(BREAK))
    async with project.migrator(engine) as migrator:
        with pytest.raises(RevisionFailedError):
            await migrator.upgrade()
    project.revision("aaaa", TABLE, down=None)
    async with project.migrator(engine) as migrator:
        with pytest.raises(JournalMismatchError, match="nothing, the script ends"):
            await migrator.upgrade()


async def test_another_way_is_refused_while_a_revision_is_half_done(project: Project, engine: AsyncEngine) -> None:
    project.revision(
        "0000", 'await op.create_table("zero", sa.Column("id", sa.Integer))', 'await op.drop_table("zero")'
    )
    project.revision("aaaa", half(BREAK))
    async with project.migrator(engine) as migrator:
        with pytest.raises(RevisionFailedError):
            await migrator.upgrade()
        with pytest.raises(UnfinishedRevisionError) as caught:
            await migrator.downgrade("base")
        assert "asyncmig upgrade aaaa" in str(caught.value)
        status = await migrator.status()
        assert [(one.revision, one.direction) for one in status.unfinished] == [("aaaa", "upgrade")]
        await migrator.stamp("aaaa")
        assert (await migrator.status()).unfinished == ()


async def test_a_revision_in_one_transaction_writes_no_journal(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", TABLE)
    async with project.migrator(engine) as migrator:
        await migrator.upgrade()
    if engine.dialect.name == "mysql":
        assert await rows(engine, "SELECT * FROM asyncmig_journal") == []
    else:
        assert "asyncmig_journal" not in await names(engine)


async def test_concurrent_index_that_fails_leaves_nothing_invalid(project: Project, postgresql_url: str) -> None:
    from sqlalchemy.ext.asyncio import create_async_engine

    unique = 'await op.create_index("ix_n", "t", ["n"], unique=True, postgresql_concurrently=True)'
    project.revision("aaaa", f"{TABLE}\nawait op.execute('INSERT INTO t VALUES (1, 7), (2, 7)')\n{unique}")
    engine = create_async_engine(postgresql_url)
    async with project.migrator(engine) as migrator:
        with pytest.raises(RevisionFailedError, match="duplicated"):
            await migrator.upgrade()
        assert await rows(engine, "SELECT 1 FROM pg_class WHERE relname = 'ix_n'") == []
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE t SET n = 8 WHERE id = 2"))
        assert (await migrator.upgrade()).heads == ("aaaa",)
    assert await rows(engine, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_n'::regclass") == [(True,)]
    await engine.dispose()


RESOLVED = """
await op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))

class Stop(BaseException):
    pass

async def stop(connection):
    raise Stop

async with op.get_context().autocommit_block():
    await op.run(stop)
"""


@pytest.mark.parametrize("done", [True, False])
async def test_an_uncertain_step_is_settled_by_hand(project: Project, engine: AsyncEngine, done: bool) -> None:
    project.revision("aaaa", RESOLVED)
    async with project.migrator(engine) as migrator:
        # What no catalogue shows, and what neither failed nor ended: a function that was stopped in the middle.
        with pytest.raises(BaseException):  # noqa: B017, PT011 - the interrupt itself comes through
            await migrator.upgrade()
        with pytest.raises(UncertainStepError) as caught:
            await migrator.upgrade()
        assert f"asyncmig resolve {caught.value.revision} --not-done" in str(caught.value)
        await migrator.resolve("aaaa", done=done)
    insert = "await connection.exec_driver_sql('INSERT INTO t VALUES (1, 1)')"
    project.revision("aaaa", RESOLVED.replace("raise Stop", insert), down=None)
    async with project.migrator(engine) as migrator:
        assert (await migrator.upgrade()).heads == ("aaaa",)
    assert await rows(engine, "SELECT id FROM t") == ([] if done else [(1,)])


async def test_an_edited_file_is_reported_until_it_is_accepted(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", TABLE, 'await op.drop_table("t")')
    async with project.migrator(engine) as migrator:
        await migrator.upgrade()
        assert (await migrator.status()).edited == ()
    project.revision("aaaa", f"{TABLE}  # edited", 'await op.drop_table("t")', down=None)
    async with project.migrator(engine) as migrator:
        assert (await migrator.status()).edited == ("aaaa",)
        assert await migrator.is_at_heads()
        with pytest.raises(InvalidTargetError):
            await migrator.repair_log("bbbb")
        assert await migrator.repair_log() == ("aaaa",)
        assert (await migrator.status()).edited == ()
