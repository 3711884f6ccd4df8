"""Engines that commit each statement by itself: a run has transactions all the same."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from asyncmig.errors import RevisionFailedError
from tests.project import Project


@pytest.mark.parametrize("lock", ["session", "lease"])
async def test_failed_revision_is_rolled_back(tmp_path: Path, database_url: str, lock: Any) -> None:
    project = Project(tmp_path)
    project.revision("aaaa", 'await op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))')
    project.revision("bbbb", 'await op.execute("INSERT INTO t (id) VALUES (1)")\nraise ValueError("no")')
    engine = create_async_engine(database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        async with project.migrator(connection, lock=lock) as migrator:
            with pytest.raises(RevisionFailedError, match="all of this revision was rolled back"):
                await migrator.upgrade()
        assert list(await connection.scalars(text("SELECT id FROM t"))) == []
        await connection.exec_driver_sql("INSERT INTO t (id) VALUES (2)")
        await connection.rollback()
        assert list(await connection.scalars(text("SELECT id FROM t"))) == [2]
    await engine.dispose()


@pytest.mark.parametrize("lock", ["session", "lease"])
async def test_statement_outside_transactions_commits(tmp_path: Path, database_url: str, lock: Any) -> None:
    project = Project(tmp_path)
    project.revision("aaaa", 'await op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))')
    project.revision(
        "bbbb",
        """
        async with op.get_context().autocommit_block():
            await op.execute("INSERT INTO t (id) VALUES (1)")
        await op.execute("INSERT INTO t (id) VALUES (2)")
        raise ValueError("no")
        """,
    )
    engine = create_async_engine(database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with project.migrator(engine, lock=lock) as migrator:
        with pytest.raises(RevisionFailedError):
            await migrator.upgrade()
    async with engine.connect() as connection:
        assert list(await connection.scalars(text("SELECT id FROM t"))) == [1]
    await engine.dispose()
