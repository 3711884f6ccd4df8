"""Models of SQLite: every type, default, constraint and index that can be declared, each by a name."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, MetaData, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeDecorator, UserDefinedType

Items = Callable[[], list[Any]]

CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


class Point(UserDefinedType[Any]):
    cache_ok = True

    def get_col_spec(self, **kw: Any) -> str:
        return "point"


class Folded(UserDefinedType[Any]):
    cache_ok = True

    def get_col_spec(self, **kw: Any) -> str:
        return "text collate nocase"


class Money(TypeDecorator[Any]):
    impl = sa.Numeric(12, 4)
    cache_ok = True


class Json(TypeDecorator[Any]):
    impl = sa.JSON
    cache_ok = True


TYPES: dict[str, Callable[[], Any]] = {
    name: getattr(sa, name)
    for name in (
        *("BIGINT", "BINARY", "BLOB", "BOOLEAN", "CHAR", "CLOB", "DATE", "DATETIME", "DECIMAL", "DOUBLE", "FLOAT"),
        *("DOUBLE_PRECISION", "INT", "INTEGER", "JSON", "NCHAR", "NUMERIC", "NVARCHAR", "REAL", "SMALLINT", "TEXT"),
        *("TIME", "TIMESTAMP", "UUID", "VARBINARY", "VARCHAR"),
        *("BigInteger", "Boolean", "Date", "DateTime", "Double", "Float", "Integer", "Interval", "LargeBinary"),
        *("Numeric", "PickleType", "SmallInteger", "String", "Text", "Time", "Unicode", "UnicodeText", "Uuid"),
    )
} | {
    "String(50)": lambda: sa.String(50),
    "String(50, NOCASE)": lambda: sa.String(50, collation="NOCASE"),
    "Text(nocase)": lambda: sa.Text(collation="nocase"),
    "String(BINARY)": lambda: sa.String(collation="BINARY"),
    "CHAR(3)": lambda: sa.CHAR(3),
    "Numeric(10, 2)": lambda: sa.Numeric(10, 2),
    "Numeric(10)": lambda: sa.Numeric(10),
    "DECIMAL(5, 1)": lambda: sa.DECIMAL(5, 1),
    "Float(24)": lambda: sa.Float(24),
    "LargeBinary(16)": lambda: sa.LargeBinary(16),
    "Enum": lambda: sa.Enum("a", "b", name="letter"),
    "Enum of a class": lambda: sa.Enum(Colour),
    "Enum with constraint": lambda: sa.Enum("a", "it's", name="letter", create_constraint=True),
    "Enum without name": lambda: sa.Enum("a", "b", create_constraint=True),
    "Enum with length": lambda: sa.Enum("a", "b", length=40, native_enum=False),
    "Boolean with constraint": lambda: sa.Boolean(create_constraint=True),
    "Boolean with named constraint": lambda: sa.Boolean(create_constraint=True, name="is_bool"),
    "DateTime(timezone)": lambda: sa.DateTime(timezone=True),
    "Uuid as text": lambda: sa.Uuid(native_uuid=False),
    "sqlite.JSON": sqlite.JSON,
    "sqlite.DATE as number": lambda: sqlite.DATE(
        storage_format="%(year)04d%(month)02d%(day)02d", regexp=r"(\d{4})(\d{2})(\d{2})"
    ),
    "sqlite.DATETIME as number": lambda: sqlite.DATETIME(
        storage_format="%(year)04d%(month)02d%(day)02d%(hour)02d%(minute)02d%(second)02d",
        regexp=r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})",
    ),
    "variant": lambda: sa.String(10).with_variant(sa.Text(), "sqlite"),
    "variant of another database": lambda: sa.String(10).with_variant(sa.Text(), "postgresql"),
    "user's type": Point,
    "user's type with collation": Folded,
    "decorator": Money,
    "decorator of JSON": Json,
}

DEFAULTS: dict[str, Callable[[], Any]] = {
    "string": lambda: "it's",
    "empty string": lambda: "",
    "string with parentheses": lambda: "(a)",
    "string with percent": lambda: "100%",
    "number in a string": lambda: "0",
    "number": lambda: sa.text("0"),
    "negative number": lambda: sa.text("-1"),
    "decimal": lambda: sa.text("1.50"),
    "text in parentheses": lambda: sa.text("(1)"),
    "NULL": lambda: sa.text("NULL"),
    "true": sa.true,
    "literal": lambda: sa.literal("x"),
    "literal of a number": lambda: sa.literal(5),
    "quoted text": lambda: sa.text("'x'"),
    "now": sa.func.now,
    "current date": sa.func.current_date,
    "CURRENT_TIMESTAMP": lambda: sa.text("CURRENT_TIMESTAMP"),
    "function": lambda: sa.func.lower("ABC"),
    "function with a colon": lambda: sa.text(r"(strftime('%H\:%M', 'now'))"),
    "expression": lambda: sa.text("(abs(-3) + 1)"),
    "parts in parentheses": lambda: sa.text("((1) + (2))"),
    "joined strings": lambda: sa.text("('a' || 'b')"),
    "blob": lambda: sa.text("x'00ff'"),
    "cast": lambda: sa.cast("1", sa.Integer),
    "json": lambda: '{"a": 1}',
    "fetched": sa.FetchedValue,
}

TABLES: dict[str, Items] = {
    "not null": lambda: [Column("a", sa.Integer, nullable=False)],
    "key": lambda: [Column("id", sa.Integer, primary_key=True)],
    "key that may be null": lambda: [Column("id", sa.Integer, primary_key=True, nullable=True)],
    "key of text": lambda: [Column("id", sa.String(5), primary_key=True)],
    "key of text that may be null": lambda: [Column("id", sa.String(5), primary_key=True, nullable=True)],
    "key of big integers": lambda: [Column("id", sa.BigInteger, primary_key=True)],
    "key of two": lambda: [Column("a", sa.Integer, primary_key=True), Column("b", sa.Integer, primary_key=True)],
    "key in another order": lambda: [
        Column("a", sa.Integer),
        Column("b", sa.Integer),
        sa.PrimaryKeyConstraint("b", "a"),
    ],
    "named key": lambda: [Column("id", sa.Integer), sa.PrimaryKeyConstraint("id", name="the_key")],
    "unique": lambda: [Column("a", sa.Integer, unique=True), Column("b", sa.Integer), sa.UniqueConstraint("a", "b")],
    "named unique": lambda: [Column("a", sa.Integer), sa.UniqueConstraint("a", name="only one")],
    "check": lambda: [Column("a", sa.Integer), sa.CheckConstraint("a > 0", name="positive")],
    "unnamed check": lambda: [Column("a", sa.Integer), sa.CheckConstraint("(a > 0) AND (a < 10)")],
    "check at a column": lambda: [Column("a", sa.Integer, sa.CheckConstraint("a IN (1, 2)", name="one_or_two"))],
    "check by an expression": lambda: [
        c := Column("a", sa.String),
        sa.CheckConstraint(c.like("a:b%"), name="alike"),
        sa.CheckConstraint(sa.func.length(c) > 3, name="long"),
        sa.CheckConstraint(sa.or_(c.is_(None), c != "x"), name="either"),
    ],
    "check with a comment": lambda: [
        Column("a", sa.Integer),
        sa.CheckConstraint("a > 0 /* not ) here */ AND a <> 5 -- nor (\n", name="commented"),
    ],
    "computed": lambda: [Column("a", sa.Integer), Column("b", sa.Integer, sa.Computed("a * 2"))],
    "computed and stored": lambda: [Column("a", sa.Integer), Column("b", sa.Integer, sa.Computed("a * 2", True))],
    "computed and virtual": lambda: [
        Column("a", sa.String),
        Column("b", sa.String, sa.Computed("a || ')'", persisted=False), nullable=False),
    ],
    "computed by an expression": lambda: [
        c := Column("a", sa.Integer),
        Column("b", sa.Integer, sa.Computed(c + 1)),
    ],
    "identity": lambda: [Column("id", sa.Integer, sa.Identity(start=5), primary_key=True)],
    "index": lambda: [Column("a", sa.Integer, index=True), Column("b", sa.Integer), sa.Index("both", "a", "b")],
    "unique index": lambda: [Column("a", sa.Integer, index=True, unique=True)],
    "index on an expression": lambda: [c := Column("a", sa.String), sa.Index("lowered", sa.func.lower(c))],
    "index downwards": lambda: [
        a := Column("a", sa.String),
        b := Column("b", sa.String),
        sa.Index("down", a.desc(), b.asc()),
        sa.Index("text", sa.text("b desc"), sa.text("(a)")),
        sa.Index("expression", sa.func.lower(a).desc(), (a + b).desc()),
    ],
    "index with a collation": lambda: [
        a := Column("a", sa.String),
        b := Column("b", sa.String(collation="NOCASE")),
        sa.Index("folded", a.collate("NOCASE")),
        sa.Index("own", b.collate("NOCASE")),
        sa.Index("binary", b.collate("BINARY").desc(), a.collate("BINARY")),
        sa.Index("expression", sa.func.trim(a).collate("NOCASE"), (a + b).collate("RTRIM")),
    ],
    "partial index": lambda: [
        a := Column("a", sa.Integer),
        b := Column("b", sa.Boolean),
        sa.Index("some", "a", sqlite_where=a > 5),
        sa.Index("others", "a", unique=True, sqlite_where=sa.and_(b, a.is_not(None))),
        sa.Index("by_text", "a", sqlite_where=sa.text("(a > 5)")),
    ],
    "index of another database": lambda: [
        Column("a", sa.Integer),
        sa.Index("elsewhere", "a", postgresql_using="hash").ddl_if(dialect="postgresql"),
    ],
    "check of another database": lambda: [
        Column("a", sa.Integer),
        sa.CheckConstraint("a > 0").ddl_if(dialect="postgresql"),
    ],
    "autoincrement": lambda: [Column("id", sa.Integer, primary_key=True), {"sqlite_autoincrement": True}],
    "autoincrement of a named key": lambda: [
        Column("id", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="named"),
        {"sqlite_autoincrement": True},
    ],
    "autoincrement that does not count": lambda: [
        Column("id", sa.String(5), primary_key=True),
        {"sqlite_autoincrement": True},
    ],
    "strict": lambda: [Column("id", sa.Integer, primary_key=True), Column("t", sa.Text), {"sqlite_strict": True}],
    "without rowid": lambda: [
        Column("id", sa.String, primary_key=True, nullable=True),
        {"sqlite_with_rowid": False},
    ],
    "strict without rowid": lambda: [
        Column("id", sa.Integer, primary_key=True),
        {"sqlite_with_rowid": False, "sqlite_strict": True},
    ],
    "on conflict at columns": lambda: [
        Column("id", sa.Integer, primary_key=True, sqlite_on_conflict_primary_key="FAIL"),
        Column("a", sa.Integer, nullable=False, sqlite_on_conflict_not_null="ignore"),
        Column("b", sa.Integer, unique=True, sqlite_on_conflict_unique="REPLACE"),
        Column("c", sa.Integer, nullable=False, sqlite_on_conflict_not_null="ABORT"),
    ],
    "on conflict of constraints": lambda: [
        Column("a", sa.Integer),
        Column("b", sa.Integer),
        sa.PrimaryKeyConstraint("a", "b", sqlite_on_conflict="REPLACE"),
        sa.UniqueConstraint("b", sqlite_on_conflict="IGNORE"),
        sa.CheckConstraint("a > 0", sqlite_on_conflict="ROLLBACK", name="c"),
    ],
    "on conflict with autoincrement": lambda: [
        Column("id", sa.Integer, primary_key=True, sqlite_on_conflict_primary_key="REPLACE"),
        {"sqlite_autoincrement": True},
    ],
    "foreign key": lambda: [Column("a", sa.Integer, sa.ForeignKey("parent.id"))],
    "named foreign key": lambda: [
        Column("a", sa.Integer, sa.ForeignKey("parent.id", name="to_parent", ondelete="cascade", onupdate="SET NULL"))
    ],
    "foreign key of two": lambda: [
        Column("a", sa.Integer),
        Column("b", sa.Integer),
        sa.ForeignKeyConstraint(["a", "b"], ["parent.x", "parent.y"], ondelete="RESTRICT", onupdate="NO ACTION"),
    ],
    "deferrable foreign keys": lambda: [
        Column("a", sa.Integer, sa.ForeignKey("parent.id", deferrable=True, initially="DEFERRED", name="later")),
        Column("b", sa.Integer, sa.ForeignKey("parent.id", deferrable=True, initially="IMMEDIATE", name="soon")),
        Column("c", sa.Integer, sa.ForeignKey("parent.id", deferrable=False, name="never", match="full")),
        Column("d", sa.Integer, sa.ForeignKey("parent.id", use_alter=True, name="altered", match="SIMPLE")),
    ],
    "foreign key to itself": lambda: [
        Column("id", sa.Integer, primary_key=True),
        Column("up", sa.Integer, sa.ForeignKey("t.id")),
    ],
    "odd names": lambda: [
        Column("id", sa.Integer, primary_key=True),
        Column("select", sa.Integer, index=True),
        Column('Mixed "Case"', sa.Integer, unique=True),
        Column("with space", sa.Integer),
        Column("`tick", sa.Integer),
        Column("größe", sa.Integer, key="size"),
        sa.CheckConstraint('"with space" > 0', name="it's odd"),
    ],
    "comments": lambda: [Column("a", sa.Integer, comment="of the column"), {"comment": "of the table"}],
}


def declare(items: list[Any], metadata: MetaData, name: str = "t") -> Table:
    """A table of *items*, beside a table `parent` that it may refer to."""
    if "parent" not in metadata.tables:
        Table(
            "parent",
            metadata,
            Column("id", sa.Integer, primary_key=True),
            Column("x", sa.Integer),
            Column("y", sa.Integer),
            sa.UniqueConstraint("x", "y"),
        )
    options = items.pop() if isinstance(items[-1], dict) else {}
    return Table(name, metadata, *items, **options)


def cases() -> dict[str, Callable[[MetaData], Table]]:
    """Every case by its name."""

    def of_type(make: Callable[[], Any]) -> Callable[[MetaData], Table]:
        return lambda metadata: declare([Column("c", make())], metadata)

    def of_default(make: Callable[[], Any]) -> Callable[[MetaData], Table]:
        def columns() -> list[Any]:
            types = {"text": sa.String(20), "number": sa.Integer(), "date": sa.DateTime(), "json": sa.JSON()}
            return [Column(name, type_, server_default=make()) for name, type_ in types.items()]

        return lambda metadata: declare(columns(), metadata)

    def of_table(make: Items) -> Callable[[MetaData], Table]:
        return lambda metadata: declare(make(), metadata)

    return (
        {f"type {name}": of_type(make) for name, make in TYPES.items()}
        | {f"default {name}": of_default(make) for name, make in DEFAULTS.items()}
        | {f"table with {name}": of_table(make) for name, make in TABLES.items()}
    )
