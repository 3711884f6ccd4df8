"""Views that models declare, on every database: created, replaced and dropped by comparing, and back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa

from asyncmig.objects import View
from tests.integration.objects.setting import Database, database, words

FIRST = "SELECT id, name FROM users WHERE name <> 'eve'"
LONGER = "SELECT id, name, id + 1 AS next FROM users WHERE name <> 'eve'"
OTHER = "SELECT name AS label FROM users"

#: Queries whose wording databases change when they keep them.
QUERIES = {
    "plain": FIRST,
    "comments": "SELECT id -- which\n     , name /* who */ FROM users  WHERE name LIKE '10:0%'",
    "aliases": "SELECT u.id AS number, u.name FROM users AS u ORDER BY u.name DESC",
    "join": "SELECT a.id, b.name FROM users a JOIN users b ON a.id = b.id AND b.name IS NOT NULL",
    "count": "SELECT name, COUNT(*) AS total FROM users GROUP BY name HAVING COUNT(*) > 1",
    "case": "SELECT CASE WHEN id BETWEEN 1 AND 5 THEN 'low' ELSE 'high' END AS size FROM users",
    "subquery": "SELECT id FROM users WHERE id IN (SELECT max(id) FROM users) OR NOT (name = 'x')",
    "union": "SELECT id FROM users UNION ALL SELECT id + 10 FROM users",
    "star": "SELECT * FROM users",
    "with": "WITH few AS (SELECT id FROM users) SELECT id FROM few",
    "functions": "SELECT lower(name) AS name, coalesce(name, 'it''s') AS other, CAST(id AS CHAR(3)) AS text FROM users",
}


def models(*views: tuple[str, Any], **options: Any) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(40)))
    for name, query in views:
        View(name, query, metadata=metadata, **options)
    return metadata


@pytest.fixture
async def there(database_url: str) -> AsyncIterator[Database]:
    async with database(database_url) as found:
        yield found


async def test_a_declared_view_is_created_after_its_table(there: Database) -> None:
    found = await there.follow(models(("names", FIRST)))

    assert words(found.operations) == ["create_table", "create_view"]
    await there.execute("INSERT INTO users (id, name) VALUES (1, 'ada'), (2, 'eve')")
    assert await there.value("SELECT name FROM names") == "ada"


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
async def test_comparing_again_finds_nothing(there: Database, query: str) -> None:
    await there.follow(models(("names", query)))


async def test_a_select_of_sqlalchemy_is_a_definition(there: Database) -> None:
    metadata = models()
    users = metadata.tables["users"]
    View("names", sa.select(users.c.name).where(users.c.id > 3, users.c.name.like("a%")), metadata=metadata)

    await there.follow(metadata)


async def test_a_new_query_replaces_the_view_and_the_way_back_brings_the_old_one(there: Database) -> None:
    await there.follow(models(("names", FIRST)))

    found = await there.follow(models(("names", LONGER)))

    assert words(found.operations) == ["replace_view"]
    await there.execute("INSERT INTO users (id, name) VALUES (1, 'ada')")
    assert await there.value("SELECT next FROM names") == 2
    await there.perform(*found.undone())
    assert (await there.diff(models(("names", FIRST)))).is_empty
    assert not (await there.diff(models(("names", LONGER)))).is_empty


async def test_other_columns_replace_it_too(there: Database) -> None:
    await there.follow(models(("names", FIRST)))

    found = await there.follow(models(("names", OTHER)))

    assert words(found.operations) == ["replace_view"]
    await there.perform(*found.undone())
    assert (await there.diff(models(("names", FIRST)))).is_empty


async def test_every_change_of_a_query_is_seen(there: Database) -> None:
    await there.follow(models(("names", FIRST)))

    for query in (FIRST.replace("'eve'", "'ada'"), FIRST.replace("<>", "="), FIRST.replace("name <>", "id <>"), OTHER):
        assert words((await there.diff(models(("names", query)))).operations) == ["replace_view"], query


async def test_a_view_that_is_no_longer_declared_is_dropped_and_comes_back(there: Database) -> None:
    await there.follow(models(("names", FIRST), ("others", OTHER)))

    found = await there.follow(models(("others", OTHER)))

    assert words(found.operations) == ["drop_view"]
    await there.perform(*found.undone())
    assert (await there.diff(models(("names", FIRST), ("others", OTHER)))).is_empty


async def test_views_are_left_alone_where_none_is_declared(there: Database) -> None:
    await there.follow(models(("names", FIRST)))

    assert (await there.diff(models())).is_empty


async def test_views_that_are_made_of_views_come_after_them_and_go_before_them(there: Database) -> None:
    # By their names alone they would come in another order.
    chain = (("a_last", "SELECT id FROM m_middle"), ("m_middle", "SELECT id FROM z_first"), ("z_first", FIRST))
    kept = ("other", OTHER)

    made = await there.follow(models(*chain, kept))
    gone = await there.follow(models(kept))

    views = [operation.describe().split()[-1] for operation in made.operations if operation.verb == "create_view"]
    assert sorted(views, key=["z_first", "m_middle", "a_last", "other"].index)[:3] == [
        name for name in views if name != "other"
    ]
    assert [operation.describe() for operation in gone.operations] == [
        *(f"drop view {name}" for name in ("a_last", "m_middle", "z_first"))
    ]


async def test_a_definition_for_each_database(there: Database) -> None:
    dialect = there.engine.dialect.name
    metadata = models(("names", {dialect: FIRST}), ("elsewhere", {"oracle": "SELECT 1 FROM dual"}))
    View("never", "SELECT nothing", metadata=metadata, dialects=("mssql",))

    found = await there.follow(metadata)

    assert words(found.operations) == ["create_table", "create_view"]


async def test_a_table_of_the_same_name_only_says_how_rows_of_the_view_are_mapped(there: Database) -> None:
    metadata = models(("names", FIRST))
    sa.Table("names", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(40)))

    found = await there.follow(metadata)

    assert words(found.operations) == ["create_table", "create_view"]
