"""PostgreSQL: each detail that is changed is seen, and values find their way into another type."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy import Column, Computed, ForeignKey, Identity, Index, Integer, MetaData, Table
from sqlalchemy.dialects import postgresql as pg

from asyncmig.operations.base import TableName
from asyncmig.schema import ColumnState
from tests.integration.catalogue.postgresql_setting import differences, emptied, prepared, wanted
from tests.servers import DatabaseServer


@pytest.fixture(scope="module")
def database(postgresql_server: DatabaseServer) -> Iterator[str]:
    """A database that the tests of this file use one after the other."""
    with prepared(postgresql_server) as url:
        yield url


def models() -> MetaData:
    metadata = MetaData()
    Table(
        "other",
        metadata,
        Column("id", Integer),
        Column("code", Integer, unique=True),
        sa.PrimaryKeyConstraint("id", name="k"),
    )
    Table(
        "t",
        metadata,
        Column("id", Integer, Identity(), primary_key=True),
        Column("name", sa.String(50, collation="C"), nullable=False, comment="its name"),
        Column("number", sa.Numeric(10, 2), server_default="1.5"),
        Column("tags", pg.ARRAY(sa.Text)),
        Column("twice", Integer, Computed("id * 2", persisted=True)),
        Column("kind", sa.Enum("a", "b", name="kind")),
        Column("o", ForeignKey("other.id", name="f", ondelete="CASCADE")),
        Column("span", pg.INT4RANGE),
        sa.UniqueConstraint("name", "number", name="u"),
        sa.CheckConstraint("number > 0 AND name IN ('a', 'b')", name="c"),
        pg.ExcludeConstraint(("span", "&&"), name="x", where=sa.text("id > 5")),
        Index("i", "name", sa.text("lower(name) DESC"), postgresql_where=sa.text("number > 1")),
        comment="a table",
        postgresql_with={"fillfactor": 80},
    )
    return metadata


CHANGES = {
    "type": ["ALTER TABLE t ALTER tags TYPE varchar[]"],
    "length": ['ALTER TABLE t ALTER name TYPE varchar(51) COLLATE "C"'],
    "collation": ['ALTER TABLE t ALTER name TYPE varchar(50) COLLATE "POSIX"'],
    "scale": ["ALTER TABLE t ALTER number TYPE numeric(10, 3)"],
    "null": ["ALTER TABLE t ALTER name DROP NOT NULL"],
    "not null": ["ALTER TABLE t ALTER tags SET NOT NULL"],
    "default": ["ALTER TABLE t ALTER number SET DEFAULT 1.6"],
    "default dropped": ["ALTER TABLE t ALTER number DROP DEFAULT"],
    "default added": ["ALTER TABLE t ALTER tags SET DEFAULT '{}'"],
    "comment": ["COMMENT ON COLUMN t.name IS 'another'"],
    "comment added": ["COMMENT ON COLUMN t.id IS 'new'"],
    "computed": ["ALTER TABLE t DROP twice", "ALTER TABLE t ADD twice int GENERATED ALWAYS AS (id * 3) STORED"],
    "computed no more": ["ALTER TABLE t ALTER twice DROP EXPRESSION"],
    "identity": ["ALTER TABLE t ALTER id SET GENERATED ALWAYS"],
    "identity start": ["ALTER TABLE t ALTER id SET START 7"],
    "identity dropped": ["ALTER TABLE t ALTER id DROP IDENTITY"],
    "column added": ["ALTER TABLE t ADD more int"],
    "column dropped": ["ALTER TABLE t DROP tags"],
    "key name": ["ALTER INDEX k RENAME TO another"],
    "key": ["ALTER TABLE t DROP CONSTRAINT t_pkey", "ALTER TABLE t ADD PRIMARY KEY (id, name)"],
    "unique columns": ["ALTER TABLE t DROP CONSTRAINT u", "ALTER TABLE t ADD CONSTRAINT u UNIQUE (number, name)"],
    "unique deferrable": [
        "ALTER TABLE t DROP CONSTRAINT u",
        "ALTER TABLE t ADD CONSTRAINT u UNIQUE (name, number) DEFERRABLE",
    ],
    "unique include": [
        "ALTER TABLE t DROP CONSTRAINT u",
        "ALTER TABLE t ADD CONSTRAINT u UNIQUE (name, number) INCLUDE (id)",
    ],
    "unique dropped": ["ALTER TABLE other DROP CONSTRAINT other_code_key"],
    "foreign key action": [
        "ALTER TABLE t DROP CONSTRAINT f",
        "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (o) REFERENCES other",
    ],
    "foreign key target": [
        "ALTER TABLE t DROP CONSTRAINT f",
        "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (o) REFERENCES other (code) ON DELETE CASCADE",
    ],
    "foreign key deferrable": ["ALTER TABLE t ALTER CONSTRAINT f DEFERRABLE"],
    "foreign key not valid": [
        "ALTER TABLE t DROP CONSTRAINT f",
        "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (o) REFERENCES other ON DELETE CASCADE NOT VALID",
    ],
    "check": [
        "ALTER TABLE t DROP CONSTRAINT c",
        "ALTER TABLE t ADD CONSTRAINT c CHECK (number > 0 AND name IN ('a', 'c'))",
    ],
    "check name": ["ALTER TABLE t RENAME CONSTRAINT c TO d"],
    "exclude": [
        "ALTER TABLE t DROP CONSTRAINT x",
        "ALTER TABLE t ADD CONSTRAINT x EXCLUDE USING gist (span WITH &&) WHERE (id > 6)",
    ],
    "index where": [
        "DROP INDEX i",
        "CREATE INDEX i ON t (name, lower(name) DESC) WHERE number > 2",
    ],
    "index expression": [
        "DROP INDEX i",
        "CREATE INDEX i ON t (name, upper(name) DESC) WHERE number > 1",
    ],
    "index order": ["DROP INDEX i", "CREATE INDEX i ON t (name, lower(name)) WHERE number > 1"],
    "index nulls": ["DROP INDEX i", "CREATE INDEX i ON t (name, lower(name) DESC NULLS LAST) WHERE number > 1"],
    "index operator class": [
        "DROP INDEX i",
        "CREATE INDEX i ON t (name varchar_pattern_ops, lower(name) DESC) WHERE number > 1",
    ],
    "index collation": [
        "DROP INDEX i",
        'CREATE INDEX i ON t (name COLLATE "POSIX", lower(name) DESC) WHERE number > 1',
    ],
    "index include": ["DROP INDEX i", "CREATE INDEX i ON t (name, lower(name) DESC) INCLUDE (id) WHERE number > 1"],
    "index unique": ["DROP INDEX i", "CREATE UNIQUE INDEX i ON t (name, lower(name) DESC) WHERE number > 1"],
    "index with": [
        "DROP INDEX i",
        "CREATE INDEX i ON t (name, lower(name) DESC) WITH (fillfactor = 50) WHERE number > 1",
    ],
    "index dropped": ["DROP INDEX i"],
    "index added": ["CREATE INDEX j ON t (number)"],
    "table comment": ["COMMENT ON TABLE t IS 'another'"],
    "table with": ["ALTER TABLE t SET (fillfactor = 90)"],
    "unlogged": ["ALTER TABLE t DROP CONSTRAINT f", "ALTER TABLE t SET UNLOGGED"],
    "table dropped": ["DROP TABLE t"],
    "table added": ["CREATE TABLE new (id int)"],
}
#: What is two differences.
TWICE = {"unlogged"}


@pytest.mark.parametrize("name", CHANGES)
async def test_a_change_is_seen(database: str, name: str) -> None:
    metadata = models()
    async with emptied(database) as here:
        await here.create(metadata)
        live = await here.read()
        assert differences(await wanted(here, metadata, live), live) == []
        await here.execute(*CHANGES[name])
        live = await here.read()
        found = differences(await wanted(here, metadata, live), live)

        # A column that comes anew stands at the end, and whatever stands between has moved.
        assert len(found) >= 2 if name in {"computed", "column dropped"} else len(found) == 1 + (name in TWICE)


TYPES = (
    *("smallint", "integer", "bigint", "numeric(10,2)", "real", "double precision", "boolean", "text"),
    *("character varying(50)", "character(10)", "date", "timestamp without time zone", "timestamp with time zone"),
    *("time without time zone", "interval", "uuid", "json", "jsonb", "bytea", "inet", "citext", "hstore", "money"),
    *("integer[]", "text[]", "character varying(5)[]", "mood", "other_mood", "mood[]", "positive", "oid", "bit(3)"),
    *("int4range", "tsvector", "xml", "double precision[]"),
)


async def test_values_become_those_of_another_type(database: str) -> None:
    """For each pair of types: what the server does by itself gets no USING, and else there is one that it takes."""
    wrong = []
    async with emptied(database) as here:
        await here.execute(
            "CREATE TYPE mood AS ENUM ('a')",
            "CREATE TYPE other_mood AS ENUM ('a')",
            "CREATE DOMAIN positive AS integer",
        )
        await here.read()
        raw = await here.connection.get_raw_connection()
        driver = raw.driver_connection
        assert driver is not None
        for old in TYPES:
            for new in TYPES:
                using = here.catalogue.cast(ColumnState("Value", old), ColumnState("Value", new))
                alter = f'ALTER TABLE pg_temp.casts ALTER "Value" TYPE {new}'
                by_itself = await _works(driver, old, alter)
                if by_itself != (using is None):
                    wrong.append(f"{old} to {new}: {using}, by itself: {by_itself}")
                elif using is not None and not await _works(driver, old, f"{alter} USING {using}"):
                    wrong.append(f"{old} to {new}: {using} is refused")

    assert wrong == []


async def _works(driver: object, old: str, statement: str) -> bool:
    import asyncpg

    text = f'BEGIN; CREATE TEMPORARY TABLE casts ("Value" {old}); {statement}; ROLLBACK'
    try:
        await driver.execute(text)  # type: ignore[attr-defined]
    except asyncpg.PostgresError:
        await driver.execute("ROLLBACK")  # type: ignore[attr-defined]
        return False
    return True


def test_types_that_are_written_in_two_ways_are_the_same() -> None:
    from asyncmig.dialects.postgresql_words import type_words

    pairs = {
        "VARCHAR(5)": "character varying(5)",
        "VARCHAR": "character varying",
        "CHAR": "character(1)",
        "TIMESTAMP(3) WITH TIME ZONE": "timestamp(3) with time zone",
        "TIMESTAMP": "timestamp without time zone",
        "TIME (2)": "time(2) without time zone",
        "timestamptz": "timestamp with time zone",
        "timestamptz(3)": "timestamp(3) with time zone",
        "FLOAT(24)": "real",
        "FLOAT(53)": "double precision",
        "DECIMAL(5)": "numeric(5,0)",
        "NUMERIC(5, -2)": "numeric(5,-2)",
        "INT[3][]": "integer[]",
        '"Mood"[][]': '"Mood"[]',
        "INTERVAL DAY TO SECOND (3)": "interval day to second(3)",
        "BIT VARYING(5)": "bit varying(5)",
        "GEOMETRY(Point, 4326)": "geometry(point, 4326)",
    }
    assert {text: type_words(text) for text in pairs} == pairs


async def test_names_that_differ_only_in_schema_are_kept_apart(database: str) -> None:
    metadata = MetaData()
    Table("t", metadata, Column("a", sa.Enum("a", name="kind")), Column("b", sa.Enum("b", name="kind", schema="far")))
    async with emptied(database) as here:
        await here.create(metadata)
        live = await here.read()
        columns = live.tables[TableName("t")].columns

        assert [column.type for column in columns] == ["kind", "far.kind"]
        types = [here.catalogue.type_of(column, live) for column in columns]
        assert [(type_.schema, type_.enums) for type_ in types] == [(None, ["a"]), ("far", ["b"])]  # type: ignore[attr-defined]
