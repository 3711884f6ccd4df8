"""Runs on a Galera cluster, whose servers do not know each other's locks."""

from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmig.errors import MigrationLockError
from tests.project import Project
from tests.servers.errors import ServerMissing
from tests.servers.galera import GaleraServer

pytestmark = pytest.mark.mysql


@pytest.fixture(scope="module")
def cluster() -> Iterator[GaleraServer]:
    """A cluster of one."""
    try:
        GaleraServer.check_installed()
    except ServerMissing as missing:
        pytest.skip(str(missing))
    with GaleraServer(durable=False) as server:
        yield server


async def test_lease_takes_the_place_of_the_lock_of_a_session(cluster: GaleraServer, tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.revision("aaaa", 'await op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))')
    for number in range(1, 4):
        project.revision(f"b{number}bb", f"await op.execute('INSERT INTO t VALUES ({number})')")
    results = []
    with cluster.database() as url:

        async def run() -> None:
            # So short a lease is renewed while the others work.
            async with project.migrator(url, lock_lease=1.0) as migrator:
                results.append(await migrator.upgrade())

        async with project.migrator(url, lock="session") as migrator:
            with pytest.raises(MigrationLockError, match="Galera cluster"):
                await migrator.upgrade()
        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(run)
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            assert await connection.scalar(text("SELECT count(*) FROM t")) == 3
            assert await connection.scalar(text("SELECT owner FROM asyncmig_lock")) is None
        await engine.dispose()
    assert sorted(len(result.applied) for result in results) == [0, 0, 0, 4]
