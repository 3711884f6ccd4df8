"""What the histories of public projects do that nobody had thought of, in a few lines each."""

from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

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


async def test_what_may_be_there_is_dropped_under_value_error(tmp_path: Path, sqlite_url: str) -> None:
    project = AlembicDirectory(tmp_path / "project", sync_url(sqlite_url))
    project.table("a1", "t")
    project.revision(
        "b2",
        """for drop in ('batch.drop_constraint("fk", type_="foreignkey")', 'batch.drop_index("ix")'):
    try:
        with op.batch_alter_table("t", recreate="always") as batch:
            exec(drop)
    except ValueError as error:
        op.execute(f"INSERT INTO t (n) VALUES ({len(drop)})")""",
    )
    await project.migrator().upgrade("head")
    async with create_async_engine(sqlite_url).connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM t"))).scalar() == 2


async def test_column_may_be_altered_to_an_enum_that_has_fewer_values(tmp_path: Path, postgresql_url: str) -> None:
    project = AlembicDirectory(tmp_path / "project", sync_url(postgresql_url))
    project.revision("a1", 'op.create_table("t", sa.Column("a", sa.Enum("x", name="of_a")))')
    project.revision("b2", 'op.alter_column("t", "a", type_=sa.Enum("x", "y", name="of_a"))')
    await project.migrator().upgrade("head")
    assert "b2 (head)" in project.alembic("current")
