"""Enumerated types of PostgreSQL that are exchanged under their columns: no value and no part of a table is lost."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.exc import DBAPIError

from asyncmig.errors import OperationError
from asyncmig.operations import AlterEnum
from tests.integration.objects.setting import Database, database

#: All that can hang on a type and goes over to another one.
SETUP = (
    "CREATE SCHEMA other",
    "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')",
    "COMMENT ON TYPE mood IS 'how it''s going'",
    "CREATE TABLE kinds (mood mood PRIMARY KEY)",
    """
    CREATE TABLE people (
        id int PRIMARY KEY,
        mood mood NOT NULL DEFAULT 'ok' REFERENCES kinds (mood),
        moods mood[] DEFAULT '{ok,sad}',
        CONSTRAINT ck_mood CHECK (mood <> 'sad' OR id > 0),
        CONSTRAINT ex_mood EXCLUDE USING btree (mood WITH =) WHERE (mood = 'happy')
    )
    """,
    "CREATE INDEX ix_plain ON people (mood)",
    "CREATE INDEX ix_some ON people (id) WHERE mood = 'ok'",
    "CREATE UNIQUE INDEX ix_expression ON people ((mood = 'happy'), id)",
    "CREATE TABLE other.people (id int, mood mood, label text DEFAULT ('happy'::mood)::text)",
    "CREATE TABLE parts (id int, mood mood DEFAULT 'sad') PARTITION BY LIST (id)",
    "CREATE TABLE part_1 PARTITION OF parts FOR VALUES IN (1)",
    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    "CREATE TRIGGER on_mood BEFORE UPDATE OF mood ON people FOR EACH ROW WHEN (NEW.mood = 'ok')"
    " EXECUTE FUNCTION touch()",
    "ALTER TABLE people DISABLE TRIGGER on_mood",
    "INSERT INTO kinds VALUES ('sad'), ('ok')",
    "INSERT INTO people VALUES (1, 'sad', '{sad,ok}'), (2, 'ok', NULL)",
    "INSERT INTO other.people VALUES (1, 'ok')",
    "INSERT INTO parts VALUES (1, 'sad')",
)
CONTENTS = (
    "SELECT count(*) FROM pg_constraint WHERE conrelid IN ('people'::regclass, 'kinds'::regclass)",
    "SELECT count(*) FROM pg_indexes WHERE tablename IN ('people', 'kinds')",
    "SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'on_mood'",
    "SELECT obj_description('mood'::regtype)",
    "SELECT count(*) FROM pg_attrdef",
)


@pytest.fixture
async def there(postgresql_url: str) -> AsyncIterator[Database]:
    async with database(postgresql_url) as found:
        yield found


async def test_an_exchanged_type_leaves_everything_as_it_was(there: Database) -> None:
    await there.execute(*SETUP)
    before = [await there.value(sql) for sql in CONTENTS]
    operation = AlterEnum(
        "mood", ["fine", "sad", "happy"], existing_values=["sad", "ok", "happy"], renamed={"ok": "fine"}
    )

    await there.perform(operation)

    assert [await there.value(sql) for sql in CONTENTS] == before
    assert await there.value("SELECT id, mood::text, moods::text FROM people ORDER BY id") == [
        (1, "sad", "{sad,fine}"),
        (2, "fine", None),
    ]
    assert await there.value("SELECT mood::text FROM other.people") == "fine"
    assert await there.value("SELECT mood::text FROM part_1") == "sad"
    assert "'fine'::mood" in await there.value("SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_some'")
    assert await there.value("SELECT enum_range(NULL::mood)::text") == "{fine,sad,happy}"
    await there.perform(operation.reversed())
    assert [await there.value(sql) for sql in CONTENTS] == before
    assert await there.value("SELECT enum_range(NULL::mood)::text") == "{sad,ok,happy}"


async def test_a_value_that_rows_have_is_not_taken_away(there: Database) -> None:
    await there.execute(
        "CREATE TYPE mood AS ENUM ('sad', 'ok')", "CREATE TABLE people (mood mood)", "INSERT INTO people VALUES ('sad')"
    )

    with pytest.raises(DBAPIError, match="sad"):
        await there.perform(AlterEnum("mood", ["ok"]))

    assert await there.value("SELECT mood::text FROM people") == "sad"
    assert await there.value("SELECT enum_range(NULL::mood)::text") == "{sad,ok}"


@pytest.mark.parametrize(
    ("obstacle", "named"),
    [
        ("CREATE VIEW names AS SELECT mood FROM people", "view public.names"),
        ("CREATE MATERIALIZED VIEW names AS SELECT mood FROM people", "materialized view public.names"),
        ("CREATE FUNCTION f(m mood) RETURNS int LANGUAGE sql AS 'SELECT 1'", "function public.f(m mood)"),
        ("CREATE DOMAIN good AS mood CHECK (VALUE <> 'sad')", "domain public.good"),
        ("CREATE POLICY own ON people USING (mood = 'ok')", "policy public.people.own"),
        ("ALTER TABLE people ADD twice mood GENERATED ALWAYS AS (mood) STORED", "generated column public.people.twice"),
    ],
)
async def test_what_cannot_go_over_is_named_before_anything_is_done(there: Database, obstacle: str, named: str) -> None:
    await there.execute(*SETUP, obstacle)

    with pytest.raises(OperationError) as caught:
        await there.perform(AlterEnum("mood", ["happy", "ok", "sad"]))

    assert named in str(caught.value)


async def test_what_names_a_value_that_goes_is_told(there: Database) -> None:
    await there.execute(*SETUP, "DELETE FROM people WHERE mood = 'sad'", "DELETE FROM kinds WHERE mood = 'sad'")

    with pytest.raises(OperationError) as caught:
        await there.perform(AlterEnum("mood", ["ok", "happy"]))

    assert "constraint public.people.ck_mood" in str(caught.value)
    assert "default public.parts.mood" in str(caught.value)
    assert "ix_some" not in str(caught.value)


async def test_a_view_that_is_in_the_way_is_dropped_by_the_hint(there: Database) -> None:
    await there.execute(*SETUP, "CREATE VIEW names AS SELECT mood FROM people")

    with pytest.raises(OperationError) as caught:
        await there.perform(AlterEnum("mood", ["happy", "ok", "sad"]))

    assert 'op.drop_view("names")' in str(caught.value.hint)


async def test_a_type_in_another_schema(there: Database) -> None:
    await there.execute(
        "CREATE SCHEMA app",
        "CREATE TYPE app.mood AS ENUM ('sad', 'ok')",
        "CREATE TABLE app.people (mood app.mood DEFAULT 'ok')",
        "CREATE TYPE mood AS ENUM ('untouched')",
        "INSERT INTO app.people VALUES (DEFAULT)",
    )

    await there.perform(AlterEnum("mood", ["ok", "sad"], schema="app"))

    assert await there.value("SELECT enum_range(NULL::app.mood)::text") == "{ok,sad}"
    assert await there.value("SELECT enum_range(NULL::mood)::text") == "{untouched}"
    assert await there.value("SELECT mood::text FROM app.people") == "ok"


async def test_a_type_that_is_not_there(there: Database) -> None:
    with pytest.raises(OperationError, match="there is no enum mood"):
        await there.perform(AlterEnum("mood", ["ok"]))


async def test_a_type_that_has_the_values_already_is_left_alone(there: Database) -> None:
    await there.execute("CREATE TYPE mood AS ENUM ('sad', 'fine')")

    await there.perform(AlterEnum("mood", ["sad", "fine"], renamed={"ok": "fine"}))

    assert await there.value("SELECT enum_range(NULL::mood)::text") == "{sad,fine}"


async def test_a_type_that_is_found_on_the_search_path_stays_in_its_schema(there: Database) -> None:
    name = "stimmung_" + "ü" * 25
    await there.execute(
        "CREATE SCHEMA app",
        f"CREATE TYPE public.{name} AS ENUM ('sad', 'ok')",
        f"CREATE TABLE app.people (mood {name} DEFAULT 'ok')",
        f'ALTER DATABASE "{there.engine.url.database}" SET search_path = app, public',
    )

    await there.perform(AlterEnum(name, ["ok", "sad"]))

    assert (
        await there.value(f"SELECT typnamespace::regnamespace::text FROM pg_type WHERE typname = '{name}'") == "public"
    )
    assert await there.value(f"SELECT enum_range(NULL::{name})::text") == "{ok,sad}"
