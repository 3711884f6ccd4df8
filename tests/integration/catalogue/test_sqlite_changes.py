"""SQLite: a change of any detail is seen, and other words for the same are none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Column, MetaData

from asyncmig.operations.base import TableName
from asyncmig.schema import TableState
from tests.integration.catalogue.setting import Setting, in_order, setting
from tests.integration.catalogue.sqlite_models import declare

Items = Callable[[], list[Any]]
T = TableName("t")


def _text(**options: Any) -> Column[Any]:
    return Column("a", sa.String(10), **options)


def _number(*items: Any, **options: Any) -> Column[Any]:
    return Column("a", sa.Integer, *items, **options)


def _key(**options: Any) -> list[Any]:
    return [Column("id", sa.Integer, primary_key=True), options] if options else [Column("id", sa.Integer)]


def _refers(**options: Any) -> Items:
    return lambda: [_number(), sa.ForeignKeyConstraint(["a"], ["parent.id"], **options)]


def _indexed(make: Callable[[Column[Any]], Any], name: str = "ix", **options: Any) -> Items:
    return lambda: [column := _text(), Column("b", sa.Integer), sa.Index(name, make(column), **options)]


CHANGES: dict[str, tuple[Items, Items]] = {
    "type": (lambda: [_text()], lambda: [Column("a", sa.Text)]),
    "length": (lambda: [_text()], lambda: [Column("a", sa.String(11))]),
    "scale": (lambda: [Column("a", sa.Numeric(10, 2))], lambda: [Column("a", sa.Numeric(10, 3))]),
    "nullable": (lambda: [_text()], lambda: [_text(nullable=False)]),
    "collation": (lambda: [_text()], lambda: [Column("a", sa.String(10, collation="NOCASE"))]),
    "default added": (lambda: [_text()], lambda: [_text(server_default="x")]),
    "default changed": (lambda: [_text(server_default="x")], lambda: [_text(server_default="X")]),
    "number in a text": (lambda: [_text(server_default="1")], lambda: [_text(server_default=sa.text("1"))]),
    "default expression": (
        lambda: [_text(server_default=sa.text("(lower('A'))"))],
        lambda: [_text(server_default=sa.text("(upper('A'))"))],
    ),
    "on conflict of NOT NULL": (
        lambda: [_text(nullable=False)],
        lambda: [_text(nullable=False, sqlite_on_conflict_not_null="IGNORE")],
    ),
    "computed added": (
        lambda: [_number(), Column("b", sa.Integer)],
        lambda: [_number(), Column("b", sa.Integer, sa.Computed("a"))],
    ),
    "computed differently": (
        lambda: [_number(), Column("b", sa.Integer, sa.Computed("a + 1"))],
        lambda: [_number(), Column("b", sa.Integer, sa.Computed("a + 2"))],
    ),
    "computed and kept": (
        lambda: [_number(), Column("b", sa.Integer, sa.Computed("a"))],
        lambda: [_number(), Column("b", sa.Integer, sa.Computed("a", persisted=True))],
    ),
    "order of columns": (lambda: [_text(), Column("b", sa.Integer)], lambda: [Column("b", sa.Integer), _text()]),
    "primary key": (
        lambda: [_number(nullable=False), Column("b", sa.Integer, nullable=False), sa.PrimaryKeyConstraint("a")],
        lambda: [_number(nullable=False), Column("b", sa.Integer, nullable=False), sa.PrimaryKeyConstraint("b")],
    ),
    "order of the primary key": (
        lambda: [_number(), Column("b", sa.Integer), sa.PrimaryKeyConstraint("a", "b")],
        lambda: [_number(), Column("b", sa.Integer), sa.PrimaryKeyConstraint("b", "a")],
    ),
    "unique": (lambda: [_text()], lambda: [_text(unique=True)]),
    "columns of a unique constraint": (
        lambda: [_text(), Column("b", sa.Integer), sa.UniqueConstraint("a", name="u")],
        lambda: [_text(), Column("b", sa.Integer), sa.UniqueConstraint("a", "b", name="u")],
    ),
    "name of a unique constraint": (
        lambda: [_text(), sa.UniqueConstraint("a", name="u")],
        lambda: [_text(), sa.UniqueConstraint("a", name="v")],
    ),
    "on conflict of a unique constraint": (
        lambda: [_text(unique=True)],
        lambda: [_text(unique=True, sqlite_on_conflict_unique="REPLACE")],
    ),
    "check": (lambda: [_number()], lambda: [_number(sa.CheckConstraint("a > 0"))]),
    "condition": (
        lambda: [_number(), sa.CheckConstraint("a > 0", name="c")],
        lambda: [_number(), sa.CheckConstraint("a >= 0", name="c")],
    ),
    "string in a condition": (
        lambda: [_text(), sa.CheckConstraint("a <> 'x'", name="c")],
        lambda: [_text(), sa.CheckConstraint("a <> 'X'", name="c")],
    ),
    "values of an enum": (
        lambda: [Column("a", sa.Enum("x", "y", name="e", create_constraint=True))],
        lambda: [Column("a", sa.Enum("x", "z", name="e", create_constraint=True))],
    ),
    "foreign key": (lambda: [_number()], _refers()),
    "column that is referred to": (
        _refers(),
        lambda: [_number(), sa.ForeignKeyConstraint(["a"], ["parent.x"])],
    ),
    "ON DELETE": (_refers(ondelete="CASCADE"), _refers(ondelete="SET NULL")),
    "ON UPDATE": (_refers(), _refers(onupdate="RESTRICT")),
    "deferrable": (_refers(), _refers(deferrable=True)),
    "initially": (_refers(deferrable=True), _refers(deferrable=True, initially="DEFERRED")),
    "name of a foreign key": (_refers(name="one"), _refers(name="two")),
    "index": (lambda: [_text()], lambda: [_text(index=True)]),
    "name of an index": (_indexed(lambda a: a), _indexed(lambda a: a, "other")),
    "unique index": (_indexed(lambda a: a), _indexed(lambda a: a, unique=True)),
    "column of an index": (_indexed(lambda a: a), _indexed(lambda a: "b")),
    "direction of an index": (_indexed(lambda a: a), _indexed(lambda a: a.desc())),
    "collation of an index": (_indexed(lambda a: a), _indexed(lambda a: a.collate("NOCASE"))),
    "expression of an index": (_indexed(sa.func.lower), _indexed(sa.func.upper)),
    "condition of an index": (
        _indexed(lambda a: a, sqlite_where=sa.text("b > 1")),
        _indexed(lambda a: a, sqlite_where=sa.text("b > 2")),
    ),
    "condition added": (_indexed(lambda a: a), _indexed(lambda a: a, sqlite_where=sa.text("b > 1"))),
    "autoincrement": (lambda: _key(sqlite_autoincrement=True), lambda: _key(sqlite_autoincrement=False)),
    "strict": (lambda: _key(sqlite_strict=False), lambda: _key(sqlite_strict=True)),
    "rowid": (lambda: _key(sqlite_with_rowid=False), lambda: _key(sqlite_with_rowid=True)),
}


async def _both(here: Setting, items: list[Any]) -> tuple[TableState, TableState]:
    metadata = MetaData()
    declare(items, metadata)
    live = await here.read()
    wanted = await here.wanted(metadata, live)
    return in_order(wanted.tables[T]), in_order(live.tables[T])


@pytest.mark.parametrize("direction", ["forwards", "backwards"])
@pytest.mark.parametrize("name", CHANGES)
async def test_a_change_is_seen(sqlite_url: str, name: str, direction: str) -> None:
    before, after = CHANGES[name] if direction == "forwards" else reversed(CHANGES[name])
    metadata = MetaData()
    declare(before(), metadata)
    async with setting(sqlite_url) as here:
        await here.create(metadata)
        wanted, live = await _both(here, after())
        assert wanted != live
        wanted, live = await _both(here, before())
        assert wanted == live


SAME: dict[str, tuple[str, Items]] = {
    "number in quotes": ("a INTEGER DEFAULT '5'", lambda: [_number(server_default=sa.text("5"))]),
    "number without quotes": ("a INTEGER DEFAULT (5)", lambda: [_number(server_default="5")]),
    "negative number in quotes": ("a INTEGER DEFAULT -5", lambda: [_number(server_default="-5")]),
    "truth": ("a BOOLEAN DEFAULT TRUE", lambda: [Column("a", sa.Boolean, server_default=sa.true())]),
    "no default": ("a INTEGER DEFAULT NULL", lambda: [_number()]),
    "default in parentheses": ("a VARCHAR(10) DEFAULT (('x'))", lambda: [_text(server_default="x")]),
    "case of a word": (
        "a DATETIME DEFAULT current_timestamp",
        lambda: [Column("a", sa.DateTime, server_default=sa.func.now())],
    ),
    "case of a type": ("a varchar ( 10 )", lambda: [_text()]),
    "another word for the default collation": ("a VARCHAR(10) COLLATE binary", lambda: [_text()]),
    "NULL": ("a VARCHAR(10) NULL", lambda: [_text()]),
    "computed": (
        'a INTEGER, b INTEGER AS ( ( "A"+1 ) )',
        lambda: [_number(), Column("b", sa.Integer, sa.Computed("a + 1"))],
    ),
    "check": (
        "a INTEGER CONSTRAINT c CHECK ((A>0 and [a] <> /* never */ 7))",
        lambda: [_number(), sa.CheckConstraint("a > 0 AND a != 7", name="c")],
    ),
    "check of a type": (
        "a VARCHAR(1), CHECK (\"a\" in ('x','y'))",
        lambda: [Column("a", sa.Enum("x", "y", create_constraint=True))],
    ),
    "foreign key at the column": (
        "a INTEGER REFERENCES PARENT ON DELETE NO ACTION NOT DEFERRABLE",
        _refers(onupdate="no action"),
    ),
    "unique at the column": ("a VARCHAR(10) UNIQUE ON CONFLICT ABORT", lambda: [_text(unique=True)]),
    "key at the column": ("id INTEGER PRIMARY KEY", lambda: [Column("id", sa.Integer, primary_key=True)]),
}


@pytest.mark.parametrize("name", SAME)
async def test_other_words_for_the_same_are_no_change(sqlite_url: str, name: str) -> None:
    definition, items = SAME[name]
    async with setting(sqlite_url) as here:
        await here.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)", f"CREATE TABLE t ({definition})")
        wanted, live = await _both(here, items())
        assert wanted == live


async def test_other_words_in_an_index_are_no_change(sqlite_url: str) -> None:
    async with setting(sqlite_url) as here:
        await here.execute(
            "CREATE TABLE t (a VARCHAR(10), b INTEGER)",
            'CREATE INDEX ix ON t ( LOWER("a") desc ) WHERE (b>1 and B is not NULL)',
        )
        items = _indexed(lambda a: sa.func.lower(a).desc(), sqlite_where=sa.text("b > 1 AND b IS NOT NULL"))
        wanted, live = await _both(here, items())
        assert wanted == live


@pytest.mark.parametrize(
    ("wanted", "live", "same"),
    [
        (sa.Integer, "INT", True),
        (sa.Integer, "int(11)", True),
        (sa.Integer, "unsigned big int", True),
        (sa.Boolean, "BOOL", True),
        (sa.BigInteger, "INTEGER", False),
        (sa.Numeric, "DECIMAL", False),
        (sa.String(5), "VARCHAR", False),
        (sa.Integer, "POINT", False),
    ],
)
async def test_types_that_are_the_same(sqlite_url: str, wanted: Any, live: str, same: bool) -> None:
    metadata = MetaData()
    table = sa.Table("t", metadata, Column("a", wanted))
    async with setting(sqlite_url) as here:
        await here.execute(f"CREATE TABLE t (a {live})")
        found = (await here.read()).tables[T].columns[0]
        assert here.catalogue.is_same_type(here.catalogue.describe(table).columns[0], found) is same


@pytest.mark.parametrize(
    "type_",
    ["", "UNSIGNED BIG INT", "INTEGER COLLATE NOCASE", "DATE_CHAR", "INT(11)", "VARCHAR(5, 6)", "BOOLEAN(1)"],
)
async def test_a_type_without_a_class_is_made_again(sqlite_url: str, type_: str) -> None:
    async with setting(sqlite_url) as here:
        await here.execute(f"CREATE TABLE t (a {type_})")
        live = await here.read()
        table = live.tables[T]
        made = Column("a", here.catalogue.type_of(table.columns[0], live))
        again = here.catalogue.describe(sa.Table("t", MetaData(), made))
        assert again.columns == table.columns
