"""Objects of MySQL and MariaDB that models declare: functions, triggers, and views in the words of the server."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa

from asyncmig.objects import Function, MaterializedView, Trigger, View
from tests.integration.objects.setting import Database, database, words

BODY = """
    BEGIN
        DECLARE b INT DEFAULT 0;
        SET b = a + 1; -- one more
        RETURN b;
    END
"""


def models() -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(40)))
    return metadata


def function(
    arguments: str = "a INTEGER, `b` varchar(20)", head: str = "RETURNS INT DETERMINISTIC", body: str = BODY
) -> sa.MetaData:
    metadata = models()
    Function("next_of", arguments, f"{head}\n{body}", metadata=metadata)
    return metadata


def trigger(event: str = "before insert", definition: str = "SET NEW.name = upper(NEW.name)") -> sa.MetaData:
    metadata = models()
    Trigger("shouting", metadata.tables["users"], event, f"for each row {definition}")
    return metadata


@pytest.fixture
async def there(mysql_url: str) -> AsyncIterator[Database]:
    async with database(mysql_url) as found:
        yield found


@pytest.mark.parametrize(
    "head",
    [
        "RETURNS INT DETERMINISTIC",
        "RETURNS INTEGER NOT DETERMINISTIC READS SQL DATA",
        "RETURNS decimal(10,2) NO SQL SQL SECURITY INVOKER COMMENT 'it''s counted'",
        "RETURNS VARCHAR(30) CHARSET utf8mb4 LANGUAGE SQL DETERMINISTIC MODIFIES SQL DATA",
        "RETURNS BOOLEAN DETERMINISTIC",
    ],
)
async def test_a_function_is_found_again(there: Database, head: str) -> None:
    found = await there.follow(function(head=head))

    assert words(found.operations) == ["create_function", "create_table"]


@pytest.mark.parametrize(
    ("arguments", "head", "body"),
    [
        ("a INTEGER, `b` varchar(20)", "RETURNS INT DETERMINISTIC", "RETURN a + 2"),
        ("a INTEGER, `b` varchar(20)", "RETURNS BIGINT DETERMINISTIC", BODY),
        ("a INTEGER, `b` varchar(20)", "RETURNS INT", BODY),
        ("a INTEGER, `b` varchar(20)", "RETURNS INT DETERMINISTIC COMMENT 'x'", BODY),
        ("a INTEGER", "RETURNS INT DETERMINISTIC", BODY),
    ],
)
async def test_a_changed_function_is_replaced_and_comes_back(
    there: Database, arguments: str, head: str, body: str
) -> None:
    await there.follow(function())

    found = await there.follow(function(arguments, head, body))

    assert words(found.operations) == ["replace_function"]
    await there.perform(*found.undone())
    assert (await there.diff(function())).is_empty


async def test_a_procedure_and_its_parameters(there: Database) -> None:
    metadata = models()
    body = "BEGIN SELECT count(*) INTO total FROM users; SET both_ways = both_ways + 1; END"
    Function("tally", "OUT total INT, INOUT both_ways INT, IN name CHAR(3)", body, procedure=True, metadata=metadata)
    await there.follow(metadata)

    others = models()
    Function("other", "", "SELECT 1", procedure=True, metadata=others)
    found = await there.follow(others)
    await there.perform(*found.undone())

    assert (await there.diff(metadata)).is_empty


async def test_a_trigger_is_created_replaced_dropped_and_comes_back(there: Database) -> None:
    assert words((await there.follow(trigger())).operations) == ["create_table", "create_trigger"]

    changed = await there.follow(trigger("BEFORE UPDATE"))
    assert words(changed.operations) == ["replace_trigger"]
    await there.perform(*changed.undone())
    assert (await there.diff(trigger())).is_empty

    others = models()
    Trigger("other", "users", "AFTER DELETE", "FOR EACH ROW BEGIN END", metadata=others)
    gone = await there.follow(others)
    assert sorted(words(gone.operations)) == ["create_trigger", "drop_trigger"]
    await there.perform(*gone.undone())
    assert (await there.diff(trigger())).is_empty


async def test_the_security_of_a_view_is_compared(there: Database) -> None:
    def named(**options: Any) -> sa.MetaData:
        metadata = models()
        View("names", "SELECT name FROM users", metadata=metadata, options=options)
        return metadata

    await there.follow(named())

    found = await there.follow(named(mysql_sql_security="invoker"))

    assert words(found.operations) == ["replace_view"]
    await there.perform(*found.undone())
    assert (await there.diff(named())).is_empty


@pytest.mark.parametrize("option", ["WITH CHECK OPTION", "WITH LOCAL CHECK OPTION"])
async def test_the_check_option_of_a_view_is_compared(there: Database, option: str) -> None:
    def named(rest: str) -> sa.MetaData:
        metadata = models()
        View("names", f"SELECT id, name FROM users WHERE id > 1 {rest}", metadata=metadata)
        return metadata

    await there.follow(named(option))

    assert words((await there.follow(named(""))).operations) == ["replace_view"]


async def test_a_change_is_seen_also_where_the_server_knows_that_there_are_no_rows(there: Database) -> None:
    def named(condition: str) -> sa.MetaData:
        metadata = models()
        View("names", f"SELECT count(*) AS total, 'it''s' AS note FROM users WHERE {condition}", metadata=metadata)
        return metadata

    await there.follow(named("id = 1"))

    for condition in ("id = 2", "id = 1 AND name = 'x'", "id = 1 AND 1 = 0"):
        assert words((await there.diff(named(condition))).operations) == ["replace_view"]


async def test_what_mysql_does_not_have_is_left_out(there: Database) -> None:
    metadata = models()
    MaterializedView("totals", "SELECT 1", metadata=metadata)

    assert words((await there.follow(metadata)).operations) == ["create_table"]


JOINED = "SELECT a.name FROM users AS a JOIN users b ON a.id = b.id WHERE (a.id = 1 OR a.id = 2) AND b.id > 0"


@pytest.mark.parametrize(
    ("query", "other"),
    [
        (JOINED, JOINED.replace("a.name", "b.name")),
        (JOINED, JOINED.replace("a.id = b.id", "a.id = a.id")),
        (JOINED, "SELECT a.name FROM users AS a JOIN users b ON a.id = b.id WHERE a.id = 1 OR (a.id = 2 AND b.id > 0)"),
        ("SELECT id + 1 * 2 AS n FROM users", "SELECT (id + 1) * 2 AS n FROM users"),
        ("SELECT id - (1 - 2) AS n FROM users", "SELECT id - 1 - 2 AS n FROM users"),
        ("SELECT id AS n FROM users", "SELECT name AS n FROM users"),
        ("SELECT id FROM users ORDER BY id", "SELECT id FROM users ORDER BY id DESC"),
    ],
)
async def test_small_changes_are_seen(there: Database, query: str, other: str) -> None:
    def named(text: str) -> sa.MetaData:
        metadata = models()
        View("names", text, metadata=metadata)
        return metadata

    await there.follow(named(query))
    await there.execute("INSERT INTO users (id, name) VALUES (1, 'ada'), (2, 'eve'), (3, 'bob')")

    assert words((await there.follow(named(other))).operations) == ["replace_view"]
    assert words((await there.follow(named(query))).operations) == ["replace_view"]
