"""Objects of SQLite that models declare: triggers, views, and what changes of their tables do to them."""

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from asyncmig.objects import Extension, Function, Trigger, View
from tests.integration.objects.setting import Database, database, words

SHOUT = "BEGIN UPDATE users SET name = upper(NEW.name) WHERE id = NEW.id; END"


def models(*columns: sa.Column[int]) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(
        "users", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(40)), *columns
    )
    return metadata


def trigger(event: str = "AFTER INSERT", definition: str = SHOUT) -> sa.MetaData:
    metadata = models()
    Trigger("shouting", metadata.tables["users"], event, definition)
    return metadata


@pytest.fixture
async def there(sqlite_url: str) -> AsyncIterator[Database]:
    async with database(sqlite_url) as found:
        yield found


@pytest.mark.parametrize(
    ("event", "definition"),
    [
        ("after   insert", f"FOR EACH ROW {SHOUT}"),
        ("BEFORE UPDATE OF name", f"WHEN NEW.name <> ';' -- END\n{SHOUT};"),
        ("DELETE", SHOUT.replace("NEW", "OLD")),
    ],
)
async def test_a_trigger_is_found_again(there: Database, event: str, definition: str) -> None:
    found = await there.follow(trigger(event, definition))

    assert words(found.operations) == ["create_table", "create_trigger"]


async def test_a_changed_trigger_is_replaced_and_comes_back(there: Database) -> None:
    await there.follow(trigger())

    found = await there.follow(trigger("AFTER UPDATE OF id", "BEGIN DELETE FROM users; END"))

    assert words(found.operations) == ["replace_trigger"]
    await there.perform(*found.undone())
    assert (await there.diff(trigger())).is_empty
    await there.execute("INSERT INTO users VALUES (1, 'ada')")
    assert await there.value("SELECT name FROM users") == "ADA"


async def test_a_trigger_instead_of_a_view(there: Database) -> None:
    metadata = models()
    names = View("names", "SELECT name FROM users", metadata=metadata)
    Trigger(
        "adding",
        names,
        "INSTEAD OF INSERT",
        "BEGIN INSERT INTO users (name) VALUES (NEW.name); END",
        metadata=metadata,
    )

    found = await there.follow(metadata)

    assert words(found.operations) == ["create_table", "create_view", "create_trigger"]
    await there.execute("INSERT INTO names VALUES ('ada')")
    assert await there.value("SELECT name FROM users") == "ada"


async def test_the_names_of_the_columns_of_a_view_come_back_with_it(there: Database) -> None:
    await there.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(40))")
    await there.execute('CREATE VIEW IF NOT EXISTS "main"."odd ""one" (number, called) AS SELECT id, name FROM users')
    metadata = models()
    View("other", "SELECT 1 AS one", metadata=metadata)

    found = await there.follow(metadata)
    await there.perform(*found.undone())

    await there.execute("INSERT INTO users VALUES (7, 'ada')")
    assert await there.value('SELECT number, called FROM "odd ""one"') == [(7, "ada")]


async def test_a_view_and_a_column_that_it_shows_come_together(there: Database) -> None:
    before, after = models(), models(sa.Column("age", sa.Integer))
    View("names", "SELECT id, name FROM users", metadata=before)
    View("names", "SELECT id, name, age FROM users", metadata=after)
    await there.follow(before)

    await there.follow(after)
    found = await there.follow(before)

    assert words(found.operations) == ["drop_view", "drop_column", "create_view"]


async def test_what_sqlite_does_not_have_is_left_out(there: Database) -> None:
    metadata = models()
    Function("f", "", "RETURNS int LANGUAGE sql AS 'SELECT 1'", metadata=metadata)
    Extension("citext", metadata=metadata)

    assert words((await there.follow(metadata)).operations) == ["create_table"]
