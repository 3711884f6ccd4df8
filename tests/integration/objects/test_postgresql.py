"""Objects of PostgreSQL that models declare: what the server alone can say the same of, and what must be kept."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa

from asyncmig.objects import Extension, Function, MaterializedView, Trigger, View
from tests.integration.objects.setting import Database, database, words

TOUCH = """
    RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.name := upper(NEW.name);
        RETURN NEW;
    END
    $$
"""
EACH_ROW = "FOR EACH ROW EXECUTE FUNCTION touch()"


def models() -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(40)))
    return metadata


def function(arguments: str = "a int, b varchar(20) DEFAULT 'x'", body: str = "SELECT a + 1") -> sa.MetaData:
    metadata = models()
    Function("add_one", arguments, f"RETURNS int4 LANGUAGE sql IMMUTABLE AS $body$ {body} $body$", metadata=metadata)
    return metadata


def trigger(event: str = "before insert or update of name", definition: str = EACH_ROW) -> sa.MetaData:
    metadata = models()
    Trigger("touch_users", metadata.tables["users"], event, definition)
    Function("touch", "", TOUCH, metadata=metadata)
    return metadata


def materialized(query: str, *others: tuple[str, str], **options: Any) -> sa.MetaData:
    metadata = models()
    MaterializedView(
        "totals", query, metadata=metadata, indexes=["CREATE UNIQUE INDEX ix_totals ON totals (name)"], **options
    )
    for name, definition in others:
        View(name, definition, metadata=metadata)
    return metadata


@pytest.fixture
async def there(postgresql_url: str) -> AsyncIterator[Database]:
    async with database(postgresql_url) as found:
        yield found


async def test_a_function_is_created_in_other_words_for_the_same(there: Database) -> None:
    found = await there.follow(function())

    assert words(found.operations) == ["create_function", "create_table"]
    assert await there.value("SELECT add_one(1)") == 2


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "integer",
        "a double precision, b timestamp with time zone",
        "VARIADIC numbers int[]",
        "IN a timestamptz(3), OUT b bool, INOUT c numeric(10, 2)",
        "a text = 'a, b', b \"char\" DEFAULT 'c'",
        "a users, b character varying",
        "a time, b bit varying(3), c decimal",
    ],
)
async def test_the_types_of_arguments_are_those_of_the_server(there: Database, arguments: str) -> None:
    metadata = models()
    out = "" if "OUT" in arguments else "RETURNS int "
    Function("f", arguments, f"{out}LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$", metadata=metadata)

    await there.follow(metadata)

    left = sa.MetaData()
    Function("g", "", "RETURNS int LANGUAGE sql AS $$ SELECT 1 $$", metadata=left)
    found = await there.diff(left)
    assert "drop_function" in words(found.operations)
    await there.perform(*found.operations)


async def test_a_new_body_replaces_a_function_and_keeps_what_is_granted_on_it(there: Database) -> None:
    await there.follow(function())
    await there.execute("REVOKE EXECUTE ON FUNCTION add_one FROM PUBLIC")

    found = await there.follow(function(body="SELECT a + 2"))

    assert words(found.operations) == ["replace_function"]
    assert await there.value("SELECT add_one(1)") == 3
    assert await there.value("SELECT has_function_privilege('public', 'add_one(int, varchar)', 'EXECUTE')") is False
    await there.perform(*found.undone())
    assert (await there.diff(function())).is_empty


async def test_other_types_of_arguments_are_another_function(there: Database) -> None:
    await there.follow(function())

    found = await there.follow(function("a bigint"))

    assert sorted(words(found.operations)) == ["create_function", "drop_function"]


async def test_a_function_that_returns_something_else_is_made_anew(there: Database) -> None:
    await there.follow(function())
    metadata = models()
    Function("add_one", "a int, b varchar", "RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$", metadata=metadata)

    found = await there.follow(metadata)

    assert words(found.operations) == ["drop_function", "create_function"]
    await there.perform(*found.undone())
    assert (await there.diff(function())).is_empty


async def test_a_procedure_is_compared_as_well(there: Database) -> None:
    metadata = models()
    Function("tidy", "", "LANGUAGE sql AS $$ DELETE FROM users $$", procedure=True, metadata=metadata)

    await there.follow(metadata)


async def test_a_trigger_comes_after_its_function_and_its_table(there: Database) -> None:
    found = await there.follow(trigger())

    assert words(found.operations)[-1] == "create_trigger"
    await there.execute("INSERT INTO users VALUES (1, 'ada')")
    assert await there.value("SELECT name FROM users") == "ADA"


@pytest.mark.parametrize(
    ("event", "definition"),
    [
        ("AFTER INSERT", EACH_ROW),
        ("before insert or update of name", "FOR EACH ROW WHEN (NEW.id > 1) EXECUTE PROCEDURE touch()"),
        ("AFTER DELETE", "REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION touch('a', 'b')"),
    ],
)
async def test_a_changed_trigger_is_replaced_and_comes_back(there: Database, event: str, definition: str) -> None:
    await there.follow(trigger())

    found = await there.follow(trigger(event, definition))

    assert words(found.operations) == ["replace_trigger"]
    await there.perform(*found.undone())
    assert (await there.diff(trigger())).is_empty


async def test_a_trigger_that_is_no_longer_declared_is_dropped_and_comes_back(there: Database) -> None:
    await there.follow(trigger())
    metadata = models()
    Function("touch", "", TOUCH, metadata=metadata)
    Trigger("other", metadata.tables["users"], "AFTER DELETE", EACH_ROW)

    found = await there.follow(metadata)

    assert sorted(words(found.operations)) == ["create_trigger", "drop_trigger"]
    await there.perform(*found.undone())
    assert (await there.diff(trigger())).is_empty


async def test_a_materialized_view_comes_with_its_indexes(there: Database) -> None:
    found = await there.follow(materialized("SELECT name, count(*) AS total FROM users GROUP BY name"))

    assert words(found.operations) == ["create_table", "create_materialized_view"]
    assert await there.value("SELECT indexname FROM pg_indexes WHERE tablename = 'totals'") == "ix_totals"


async def test_a_replaced_materialized_view_keeps_all_that_hangs_on_it(there: Database) -> None:
    shown = ("shown", "SELECT name FROM totals")
    await there.follow(materialized("SELECT name, count(*) AS total FROM users GROUP BY name", shown))
    await there.execute("GRANT SELECT ON totals TO PUBLIC", "COMMENT ON MATERIALIZED VIEW totals IS 'it''s counted'")

    found = await there.follow(materialized("SELECT id, name FROM users", shown))

    assert words(found.operations) == ["replace_materialized_view"]
    assert await there.value("SELECT indexname FROM pg_indexes WHERE tablename = 'totals'") == "ix_totals"
    assert await there.value("SELECT obj_description('totals'::regclass)") == "it's counted"
    assert await there.value("SELECT has_table_privilege('public', 'totals', 'SELECT')") is True
    await there.perform(*found.undone())
    before = materialized("SELECT name, count(*) AS total FROM users GROUP BY name", shown)
    assert (await there.diff(before)).is_empty


async def test_a_dropped_materialized_view_comes_back_with_its_indexes(there: Database) -> None:
    await there.follow(materialized("SELECT name FROM users", ("shown", "SELECT 1 AS one")))
    metadata = models()
    MaterializedView("others", "SELECT 1 AS one", metadata=metadata)
    View("shown", "SELECT 1 AS one", metadata=metadata)

    found = await there.follow(metadata)
    await there.perform(*found.undone())

    assert await there.value("SELECT indexname FROM pg_indexes WHERE tablename = 'totals'") == "ix_totals"


async def test_options_of_a_view_are_compared(there: Database) -> None:
    def secured(**options: Any) -> sa.MetaData:
        metadata = models()
        View("names", "SELECT name FROM users", metadata=metadata, options={"postgresql_with": options})
        return metadata

    await there.follow(secured(security_barrier=True))

    found = await there.follow(secured(security_barrier=False))

    assert words(found.operations) == ["replace_view"]


async def test_replacing_a_view_keeps_what_is_granted_on_it(there: Database) -> None:
    def named(query: str) -> sa.MetaData:
        metadata = models()
        View("names", query, metadata=metadata)
        return metadata

    await there.follow(named("SELECT id FROM users"))
    await there.execute("GRANT SELECT ON names TO PUBLIC")

    for query in ("SELECT id, name FROM users", "SELECT name FROM users"):
        await there.follow(named(query))
        assert await there.value("SELECT has_table_privilege('public', 'names', 'SELECT')") is True


async def test_an_extension_is_created_and_never_dropped(there: Database) -> None:
    metadata = models()
    Extension("citext", metadata=metadata)

    assert words((await there.follow(metadata)).operations) == ["create_extension", "create_table"]

    others = models()
    Extension("pg_trgm", metadata=others)
    assert words((await there.follow(others)).operations) == ["create_extension"]


async def test_objects_of_other_schemas_are_compared_where_models_name_them(there: Database) -> None:
    await there.execute("CREATE SCHEMA app")
    metadata = sa.MetaData(schema="app")
    users = sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text))
    View("names", sa.select(users.c.name), metadata=metadata)
    Function("touch", "", TOUCH, metadata=metadata)
    Trigger("touch_users", users, "BEFORE INSERT", "FOR EACH ROW EXECUTE FUNCTION app.touch()")

    found = await there.follow(metadata)

    assert words(found.operations)[-1] in ("create_trigger", "create_view")
    assert await there.value("SELECT count(*) FROM pg_views WHERE schemaname = 'app'") == 1


async def test_what_stands_in_a_read_only_database_is_compared_as_far_as_it_goes(there: Database) -> None:
    await there.follow(function())
    name = there.engine.url.database
    await there.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')

    found = await there.diff(function())

    # The server's own words cannot be had; nothing breaks, and it is told.
    assert words(found.operations) == ["replace_function"]
    assert [warning for warning in found.warnings if "add_one" in warning and "read-only" in warning]


async def test_comparing_runs_nothing_of_what_is_declared(there: Database) -> None:
    await there.execute("CREATE SEQUENCE counter", "CREATE TABLE users (id int PRIMARY KEY, name varchar(40))")
    metadata = models()
    View("numbers", "SELECT nextval('counter') AS number", metadata=metadata)
    default = "a bigint DEFAULT nextval('counter')"
    Function("f", default, "RETURNS int LANGUAGE sql AS 'SELECT 1'", metadata=metadata)

    found = await there.diff(metadata)

    assert {"create_function", "create_view"} <= set(words(found.operations))
    assert await there.value("SELECT is_called FROM counter") is False
    assert await there.value("SELECT count(*) FROM pg_views WHERE viewname LIKE 'asyncmig%'") == 0


async def test_a_trigger_stands_around_a_column_that_changes_its_type(there: Database) -> None:
    def typed(type_: Any) -> sa.MetaData:
        metadata = sa.MetaData()
        users = sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", type_))
        Function("touch", "", TOUCH, metadata=metadata)
        Trigger("touch_users", users, "BEFORE UPDATE OF name", EACH_ROW)
        View("names", "SELECT name FROM users", metadata=metadata)
        return metadata

    await there.follow(typed(sa.String(20)))

    found = await there.follow(typed(sa.Text()))

    assert words(found.operations) == ["drop_trigger", "drop_view", "alter_column", "create_trigger", "create_view"]
    await there.perform(*found.undone())
    assert (await there.diff(typed(sa.String(20)))).is_empty
