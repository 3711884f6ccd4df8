"""Names of declared objects: tables that get other names, filters that leave objects out, names that need quotes."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from asyncmig.autogenerate.diff import diff
from asyncmig.autogenerate.filters import Filters
from asyncmig.dialects.registry import adapter_class, catalogue_of
from asyncmig.objects import Function, Trigger, View
from asyncmig.operations import TableName
from tests.integration.objects.setting import Database, database, words

BODIES = {
    "postgresql": "FOR EACH ROW EXECUTE FUNCTION keep()",
    "mysql": "FOR EACH ROW SET NEW.name = upper(NEW.name)",
    "sqlite": "BEGIN SELECT 1; END",
}
KEEP = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"


def models(table: str, column: str = "name", view: str = "names") -> sa.MetaData:
    metadata = sa.MetaData()
    renamed = {"renamed_from": "users"} if table == "people" else {}
    users = sa.Table(
        table, metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column(column, sa.String(40)), info=renamed
    )
    Function("keep", "", KEEP, metadata=metadata, dialects=["postgresql"])
    Trigger("keeping", users, "BEFORE UPDATE", BODIES)
    View(view, sa.select(users.c.id), metadata=metadata)
    return metadata


@pytest.fixture
async def there(database_url: str) -> AsyncIterator[Database]:
    async with database(database_url) as found:
        yield found


async def test_a_renamed_table_keeps_its_trigger_and_its_view(there: Database) -> None:
    await there.follow(models("users"))
    await there.execute("INSERT INTO users (id, name) VALUES (1, 'ada')")

    found = await there.follow(models("people"))

    assert "rename_table" in words(found.operations)
    assert await there.value("SELECT id FROM names") == 1
    await there.execute("UPDATE people SET name = 'eve'")
    await there.perform(*found.undone())
    assert (await there.diff(models("users"))).is_empty


async def test_names_that_need_quotes(there: Database) -> None:
    metadata = sa.MetaData()
    users = sa.Table(
        'my "odd" table', metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(9))
    )
    Function("Keep It", "", KEEP, metadata=metadata, dialects=["postgresql"])
    bodies = {**BODIES, "postgresql": 'FOR EACH ROW EXECUTE FUNCTION "Keep It"()'}
    Trigger("On Update", users, "BEFORE UPDATE", bodies)
    View("Select", sa.select(users.c.id.label("Odd One")), metadata=metadata)

    found = await there.follow(metadata)
    await there.perform(*found.undone())
    assert words((await there.diff(metadata)).operations) == words(found.operations)


async def test_a_filter_of_names_leaves_objects_of_others_alone(there: Database) -> None:
    await there.follow(models("users"))
    asked: list[tuple[str | None, str]] = []

    def include_name(name: str | None, kind: str, parents: Mapping[str, Any]) -> bool:
        asked.append((name, kind))
        return (name, kind) != ("names", "view")

    filters = Filters(include_name=include_name, leave_out=frozenset({TableName("asyncmig_journal")}))
    catalogue = catalogue_of(adapter_class(there.engine.dialect)(there.engine.dialect))
    async with there.engine.connect() as connection:
        assert connection.sync_connection is not None
        found = await diff(connection.sync_connection, catalogue, models("users", view="others"), filters=filters)

    assert words(found.operations) == ["create_view"]
    assert ("keeping", "trigger") in asked


async def test_a_filter_of_objects_is_asked_about_views(there: Database) -> None:
    def include_object(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
        return kind != "view"

    filters = Filters(include_object=include_object, leave_out=frozenset({TableName("asyncmig_journal")}))
    catalogue = catalogue_of(adapter_class(there.engine.dialect)(there.engine.dialect))
    async with there.engine.connect() as connection:
        assert connection.sync_connection is not None
        found = await diff(connection.sync_connection, catalogue, models("users"), filters=filters)

    assert "create_view" not in words(found.operations)
    assert "create_trigger" in words(found.operations)


async def test_a_renamed_column_takes_the_objects_that_name_it_along(there: Database) -> None:
    def named(column: str) -> sa.MetaData:
        metadata = sa.MetaData()
        renamed = {"renamed_from": "name"} if column != "name" else {}
        users = sa.Table(
            "users",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column(column, sa.String(40), info=renamed),
        )
        Function("keep", "", KEEP, metadata=metadata, dialects=["postgresql"])
        bodies = {
            "postgresql": f"FOR EACH ROW WHEN (NEW.{column} <> 'x') EXECUTE FUNCTION keep()",
            "mysql": f"FOR EACH ROW SET NEW.{column} = upper(NEW.{column})",
            "sqlite": f"WHEN NEW.{column} = 'x' BEGIN SELECT 1; END",
        }
        Trigger("keeping", users, "BEFORE UPDATE", bodies)
        View("names", f"SELECT id, {column} AS label FROM users", metadata=metadata)
        View("later", "SELECT label FROM names", metadata=metadata)
        return metadata

    await there.follow(named("name"))
    await there.execute("INSERT INTO users (id, name) VALUES (1, 'ada')")

    found = await there.follow(named("called"))

    assert "add_column" not in words(found.operations)
    assert await there.value("SELECT label FROM later") == "ada"
    await there.execute("UPDATE users SET called = 'eve'")
    await there.perform(*found.undone())
    assert (await there.diff(named("name"))).is_empty
    await there.execute("UPDATE users SET name = 'ada'")
