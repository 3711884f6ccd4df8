"""What the histories of public projects do that nobody had thought of, in a few lines each."""

from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.compat.alembic_project import AlembicDirectory, sync_url


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> AlembicDirectory:
    """An empty project of Alembic."""
    return AlembicDirectory(tmp_path / "project", sync_url(database_url))


async def nullable(engine: AsyncEngine, table: str) -> dict[str, bool]:
    async with engine.connect() as connection:
        columns = await connection.run_sync(lambda sync: inspect(sync).get_columns(table))
    return {column["name"]: column["nullable"] for column in columns}


async def test_column_in_place_of_its_name_changes_nothing(project: AlembicDirectory, engine: AsyncEngine) -> None:
    project.table("a1", "t")
    project.revision("b2", 'op.alter_column("t", sa.Column("n", sa.Integer, nullable=False))')
    await project.migrator().upgrade("head")
    assert await nullable(engine, "t") == {"id": False, "n": True}
