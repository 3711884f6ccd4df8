"""Replicas that start together: a failure is not repeated, and newer code is borne."""

import json
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from asyncmig.errors import HistoryMismatchError, LeaderFailedError, PendingRevisionsError, RevisionFailedError
from tests.project import Project

CREATE = 'await op.create_table("{0}", sa.Column("id", sa.Integer, primary_key=True))'
#: Fails after the others have begun to wait, and leaves a trace of each attempt outside of the database.
FAILING = """
import anyio, pathlib
attempts = pathlib.Path({path!r})
attempts.write_text(attempts.read_text() + "x" if attempts.exists() else "x")
await anyio.sleep(1.0)
await op.execute("INSERT INTO no_such_table VALUES (1)")
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def newer(tmp_path: Path) -> Project:
    """The same application, one deployment later."""
    return Project(tmp_path / "newer")


async def upgrades(project: Project, engine: AsyncEngine, count: int, **options: Any) -> list[Exception | None]:
    """What several runs end with that begin at once."""
    ends: list[Exception | None] = []

    async def run() -> None:
        try:
            async with project.migrator(engine, **options) as migrator:
                await migrator.upgrade()
        except Exception as error:
            ends.append(error)
        else:
            ends.append(None)

    async with anyio.create_task_group() as group:
        for _ in range(count):
            group.start_soon(run)
    return ends


async def test_failure_of_the_leader_is_the_failure_of_its_followers(
    project: Project, engine: AsyncEngine, tmp_path: Path
) -> None:
    attempts = tmp_path / "attempts"
    project.revision("aaaa", CREATE.format("first"))
    project.revision("bbbb", FAILING.format(path=str(attempts)))
    ends = await upgrades(project, engine, 4)
    followers = [end for end in ends if isinstance(end, LeaderFailedError)]
    leaders = [end for end in ends if type(end) is RevisionFailedError]
    assert len(leaders) == 1 and len(followers) == 3, ends
    assert attempts.read_text() == "x"
    for error in followers:
        assert error.revision == "bbbb" and error.host and "no_such_table" in error.error
        assert error.host in str(error) and "no_such_table" in str(error)
        assert error.exit_code == leaders[0].exit_code
    async with project.migrator(engine) as migrator:
        assert [(one.revision, one.outcome) for one in await migrator.log()] == [("bbbb", "failed"), ("aaaa", "done")]


async def test_failure_in_one_transaction_for_the_whole_run_is_not_repeated(
    project: Project, engine: AsyncEngine, tmp_path: Path
) -> None:
    attempts = tmp_path / "attempts"
    project.revision("aaaa", CREATE.format("first"))
    project.revision("bbbb", FAILING.format(path=str(attempts)))
    ends = await upgrades(project, engine, 3, transaction="run")
    assert sorted(type(end).__name__ for end in ends) == [*["LeaderFailedError"] * 2, "RevisionFailedError"], ends
    assert attempts.read_text() == "x"


async def test_transaction_of_the_caller_knows_of_no_leader(project: Project, postgresql_url: str) -> None:
    project.revision("aaaa", "await op.execute('INSERT INTO no_such_table VALUES (1)')")
    engine = create_async_engine(postgresql_url)
    assert [type(end) for end in await upgrades(project, engine, 1)] == [RevisionFailedError]
    async with engine.connect() as connection, connection.begin(), project.migrator(connection) as migrator:
        with pytest.raises(RevisionFailedError) as caught:
            await migrator.upgrade()
    assert type(caught.value) is RevisionFailedError
    await engine.dispose()


async def test_next_start_tries_again(project: Project, engine: AsyncEngine, tmp_path: Path) -> None:
    attempts = tmp_path / "attempts"
    project.revision("aaaa", FAILING.format(path=str(attempts)))
    for _ in range(2):
        (end,) = await upgrades(project, engine, 1)
        assert type(end) is RevisionFailedError
    assert attempts.read_text() == "xx"


async def test_follower_with_a_mended_file_tries_it(
    project: Project, newer: Project, engine: AsyncEngine, tmp_path: Path
) -> None:
    project.revision("aaaa", FAILING.format(path=str(tmp_path / "attempts")))
    newer.revision("aaaa", CREATE.format("first"))
    async with anyio.create_task_group() as group:
        group.start_soon(upgrades, project, engine, 1)
        await anyio.sleep(0.4)
        assert await upgrades(newer, engine, 1) == [None]


# -- newer code


def expand(project: Project, phase: str = 'phase = "expand"') -> None:
    project.revision("aaaa", CREATE.format("first"))
    project.revision("bbbb", CREATE.format("second"))
    project.revision("cccc", CREATE.format("third"), extra=phase)
    project.revision("dddd", CREATE.format("fourth"), extra='phase = "expand"')


async def test_older_code_bears_a_database_that_newer_code_has_expanded(
    project: Project, newer: Project, engine: AsyncEngine
) -> None:
    project.revision("aaaa", CREATE.format("first"))
    project.revision("bbbb", CREATE.format("second"))
    expand(newer)
    async with newer.migrator(engine) as migrator:
        await migrator.upgrade()
        rows = {one.revision: one for one in await migrator.log()}
    assert [rows[each].phase for each in ("bbbb", "cccc", "dddd")] == [None, "expand", "expand"]
    assert rows["dddd"].follows == ("cccc",) and rows["aaaa"].follows == ()
    async with project.migrator(engine) as migrator:
        result = await migrator.upgrade()
        assert not result and result.heads == ("dddd",)
        status = await migrator.status()
        assert status.is_up_to_date and status.ahead and status.unknown == ("dddd",) and status.pending == ()
        assert (await migrator.wait(5)).ahead
        # Only going up is harmless.
        with pytest.raises(HistoryMismatchError):
            await migrator.downgrade("-1")


async def test_older_code_is_refused_where_newer_code_did_more(
    project: Project, newer: Project, engine: AsyncEngine
) -> None:
    project.revision("aaaa", CREATE.format("first"))
    project.revision("bbbb", CREATE.format("second"))
    expand(newer, phase='phase = "contract"')
    async with newer.migrator(engine) as migrator:
        await migrator.upgrade()
    async with project.migrator(engine) as migrator:
        with pytest.raises(HistoryMismatchError, match="cccc is not marked") as caught:
            await migrator.upgrade()
        assert caught.value.unknown == ("cccc", "dddd") and caught.value.exit_code == 14
        assert not (await migrator.status()).is_up_to_date
        with pytest.raises(PendingRevisionsError, match="dddd"):
            await migrator.wait(0.2)


async def test_code_that_is_ahead_and_behind_is_refused(project: Project, newer: Project, engine: AsyncEngine) -> None:
    expand(newer)
    async with newer.migrator(engine) as migrator:
        await migrator.upgrade()
    project.revision("aaaa", CREATE.format("first"))
    project.revision("bbbb", CREATE.format("second"))
    project.revision("ffff", CREATE.format("sixth"))
    async with project.migrator(engine) as migrator:
        with pytest.raises(HistoryMismatchError, match="dddd.*ffff") as caught:
            await migrator.upgrade()
        assert caught.value.unknown == ("dddd",)


async def test_waiting_older_code_bears_what_newer_code_did_meanwhile(
    project: Project, newer: Project, engine: AsyncEngine
) -> None:
    project.revision("aaaa", CREATE.format("first"))
    newer.revision("aaaa", f"import anyio\nawait anyio.sleep(0.8)\n{CREATE.format('first')}")
    newer.revision("bbbb", CREATE.format("second"), extra='phase = "expand"')
    ends: list[Exception | None] = []

    async def lead() -> None:
        ends.extend(await upgrades(newer, engine, 1))

    async with anyio.create_task_group() as group:
        group.start_soon(lead)
        await anyio.sleep(0.3)
        ends.extend(await upgrades(project, engine, 1))
    assert ends == [None, None]
    async with newer.migrator(engine) as migrator:
        assert [one.revision for one in await migrator.log()] == ["bbbb", "aaaa"]


async def test_log_of_an_older_version_gets_the_columns_that_it_lacks(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", CREATE.format("first"))
    async with project.migrator(engine) as migrator:
        await migrator.upgrade()
        async with engine.begin() as connection:
            await connection.execute(text("ALTER TABLE asyncmig_log DROP COLUMN phase"))
            await connection.execute(text("ALTER TABLE asyncmig_log DROP COLUMN follows"))
        assert [(one.revision, one.phase, one.follows) for one in await migrator.log()] == [("aaaa", None, ())]
    project.revision("bbbb", CREATE.format("second"), extra='phase = "expand"')
    async with project.migrator(engine) as migrator:
        await migrator.upgrade()
        newest, oldest = await migrator.log()
    assert (newest.phase, newest.follows) == ("expand", ("aaaa",)) and oldest.phase is None
    async with engine.connect() as connection:
        kept = await connection.scalar(text("SELECT follows FROM asyncmig_log WHERE revision = 'bbbb'"))
    assert json.loads(str(kept)) == ["aaaa"]
