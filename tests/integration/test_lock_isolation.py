"""The lock where an engine's transactions see one state of the database from beginning to end."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from tests.project import Project

ISOLATION = {
    "postgresql": ("REPEATABLE READ", "SERIALIZABLE", "default"),
    "mysql": ("REPEATABLE READ", "SERIALIZABLE", "snapshot"),
}
CASES = [
    pytest.param(
        (kind, isolation), marks=getattr(pytest.mark, kind), id=f"{kind}-{isolation.replace(' ', '_').lower()}"
    )
    for kind, levels in ISOLATION.items()
    for isolation in levels
]
#: Seconds that a lease lasts; it is renewed six times as often.
LEASE = 1.2
TABLE = 'await op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))'
#: Something that takes a snapshot, and then long enough for some renewals.
SLOW = """
import anyio
async with op.get_context().autocommit_block():
    await op.execute("INSERT INTO t (id) VALUES (1)")
    await op.execute({asleep!r})
assert (await op.execute("SELECT count(*) FROM t")).scalar_one() == 2
await op.execute("INSERT INTO t (id) VALUES (3)")
await anyio.sleep(1.5)
await op.execute("INSERT INTO t (id) VALUES (4)")
"""
ASLEEP = {
    "postgresql": "INSERT INTO t (id) SELECT 2 FROM t, pg_sleep(1.5)",
    "mysql": "INSERT INTO t (id) SELECT 2 + SLEEP(1.5) FROM t",
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.revision("aaaa", TABLE)
    return project


@pytest.fixture(params=CASES)
async def isolated(request: pytest.FixtureRequest) -> AsyncIterator[AsyncEngine]:
    """An engine with each level of isolation that knows snapshots."""
    kind, isolation = request.param
    url = request.getfixturevalue(f"{kind}_url")
    match isolation:
        case "default":
            settings = {"default_transaction_isolation": "repeatable read"}
            engine = create_async_engine(url, poolclass=NullPool, connect_args={"server_settings": settings})
        case "snapshot":
            # The default since MariaDB 11.6: a row that was changed since the snapshot cannot be changed.
            command = "SET SESSION innodb_snapshot_isolation = ON"
            engine = create_async_engine(url, poolclass=NullPool, connect_args={"init_command": command})
        case _:
            engine = create_async_engine(url, poolclass=NullPool, isolation_level=isolation)
    yield engine
    await engine.dispose()


async def test_lease_is_renewed_beside_long_transactions(project: Project, isolated: AsyncEngine) -> None:
    project.revision("bbbb", SLOW.format(asleep=ASLEEP[isolated.dialect.name]))
    async with project.migrator(isolated, lock="lease", lock_lease=LEASE) as migrator:
        assert (await migrator.upgrade()).heads == ("bbbb",)
    async with isolated.connect() as connection:
        assert list(await connection.scalars(text("SELECT id FROM t ORDER BY id"))) == [1, 2, 3, 4]
        assert await connection.scalar(text("SELECT token FROM asyncmig_lock")) == 1


@pytest.mark.parametrize("lock", ["lease", "session"])
async def test_many_runs_at_once_apply_each_revision_once(project: Project, isolated: AsyncEngine, lock: Any) -> None:
    for number in range(4):
        project.revision(f"b{number}bb", f"await op.execute('INSERT INTO t (id) VALUES ({number + 1})')")
    applied: list[str] = []

    async def run() -> None:
        async with project.migrator(isolated, lock=lock) as migrator:
            result = await migrator.upgrade()
        assert result.heads == ("b3bb",)
        applied.extend(one.revision for one in result.applied)

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(run)
    assert applied == ["aaaa", "b0bb", "b1bb", "b2bb", "b3bb"]


async def test_connection_is_given_back_with_its_isolation(project: Project, isolated: AsyncEngine) -> None:
    question = {
        "postgresql": "SELECT current_setting('transaction_isolation')",
        "mysql": "SELECT concat(@@tx_isolation, @@innodb_snapshot_isolation)",
    }[isolated.dialect.name]
    async with isolated.connect() as connection:
        before = await connection.scalar(text(question))
        await connection.rollback()
        async with project.migrator(connection, lock="lease") as migrator:
            assert await migrator.upgrade()
        assert await connection.scalar(text(question)) == before
