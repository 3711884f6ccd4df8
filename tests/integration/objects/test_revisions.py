"""Revisions that are written from declared objects: they can be read, run forth and back, and find nothing left."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from asyncmig.objects import Trigger, View
from tests.acceptance.command import REPOSITORY
from tests.integration.objects.setting import Database, database
from tests.integration.objects.test_page import declared
from tests.project import Project

QUERY = """
    SELECT id, name -- who: 100 %
    FROM users
    WHERE name <> 'it''s "quoted" \\ here'
"""


@pytest.fixture
async def there(database_url: str) -> AsyncIterator[Database]:
    async with database(database_url) as found:
        yield found


def project_in(root: Path) -> Project:
    project = Project(root)
    template = REPOSITORY / "examples" / "blog" / "migrations" / "script.py.mako"
    shutil.copy(template, project.location)
    return project


async def test_a_revision_of_all_objects_goes_forth_and_back(there: Database, tmp_path: Path) -> None:
    project = project_in(tmp_path)
    metadata = declared()

    async with project.migrator(there.engine, metadata=metadata) as migrator:
        written = await migrator.revision("objects", autogenerate=True)
        assert written is not None
        await migrator.upgrade()
        assert await migrator.revision("nothing", autogenerate=True) is None
        await there.execute("INSERT INTO users (id, name, active) VALUES (1, ' ada ', true)")
        assert await there.value("SELECT name FROM active_names") == "ada"
        await migrator.downgrade("base")
        await migrator.upgrade()
        assert await migrator.revision("nothing", autogenerate=True) is None

    text = written.path.read_text("utf-8")
    assert text.index('op.create_table(\n        "users"') < text.index('op.create_view(\n        "active_users"')
    assert text.index("op.drop_view(") < text.index('op.drop_table("users")')


async def test_a_changed_definition_is_written_as_it_was_declared(there: Database, tmp_path: Path) -> None:
    def models(query: str) -> sa.MetaData:
        metadata = sa.MetaData()
        sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(40)))
        View("names", query, metadata=metadata)
        return metadata

    project = project_in(tmp_path)
    async with project.migrator(there.engine, metadata=models("SELECT id FROM users")) as migrator:
        await migrator.revision("first", autogenerate=True)
        await migrator.upgrade()
    async with project.migrator(there.engine, metadata=models(QUERY)) as migrator:
        written = await migrator.revision("second", autogenerate=True)
        assert written is not None
        await migrator.upgrade()
        assert await migrator.revision("nothing", autogenerate=True) is None
        await migrator.downgrade("-1")
        await migrator.upgrade()
        assert await migrator.revision("nothing", autogenerate=True) is None

    lines = written.path.read_text("utf-8").splitlines()
    assert "        SELECT id, name -- who: 100 %" in lines
    assert "        FROM users" in lines


async def test_views_stand_around_a_column_that_changes_its_type(there: Database, tmp_path: Path) -> None:
    def models(type_: sa.types.TypeEngine[str]) -> sa.MetaData:
        metadata = sa.MetaData()
        sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", type_))
        View("names", "SELECT id, name FROM users", metadata=metadata)
        View("later", "SELECT name FROM names", metadata=metadata)
        return metadata

    project = project_in(tmp_path)
    for number, type_ in enumerate((sa.String(40), sa.String(80), sa.Text())):
        async with project.migrator(there.engine, metadata=models(type_)) as migrator:
            assert await migrator.revision(f"number {number}", autogenerate=True) is not None
            await migrator.upgrade()
            assert await migrator.revision("nothing", autogenerate=True) is None
    async with project.migrator(there.engine, metadata=models(sa.Text())) as migrator:
        await migrator.downgrade("base")
        await migrator.upgrade()


async def test_a_renamed_column_leaves_its_view_alone_or_makes_it_new(there: Database, tmp_path: Path) -> None:
    def models(column: str, table: str = "users") -> sa.MetaData:
        metadata = sa.MetaData()
        renamed = {"renamed_from": "name"} if column != "name" else {}
        sa.Table(
            table,
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column(column, sa.String(40), info=renamed),
        )
        View("names", f"SELECT {column} AS name FROM {table}", metadata=metadata)
        return metadata

    await there.follow(models("name"))
    await there.execute("INSERT INTO users (id, name) VALUES (1, 'ada')")

    found = await there.diff(models("called"))
    await there.perform(*found.operations)

    assert await there.value("SELECT name FROM names") == "ada"


def test_a_trigger_belongs_to_the_models_of_its_table() -> None:
    metadata = sa.MetaData(schema="app")
    users = sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True))

    trigger = Trigger("touch", users, "BEFORE UPDATE", "FOR EACH ROW EXECUTE FUNCTION touch()")

    assert trigger.schema == "app"
    assert trigger.table_name == "users"
