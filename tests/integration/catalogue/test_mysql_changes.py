"""MySQL and MariaDB: each changed detail is seen, made so, and undone again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Column, MetaData
from sqlalchemy.dialects import mysql

from asyncmig.types import SqlType
from tests.integration.catalogue.mysql_models import declare
from tests.integration.catalogue.setting import setting
from tests.integration.catalogue.there_and_back import there_and_back

Items = Callable[[], list[Any]]


def column(type_: Any, **options: Any) -> Items:
    return lambda: [Column("id", sa.Integer, primary_key=True), Column("a", type_, **options)]


def parts(*make: Callable[[], Any], **options: Any) -> Items:
    """A table with columns `a` to `d`, and parts of it."""
    return lambda: [
        Column("id", sa.Integer, primary_key=True),
        Column("a", sa.Integer),
        Column("b", sa.String(20)),
        Column("c", sa.Text),
        Column("d", sa.Integer),
        *(one() for one in make),
        options,
    ]


def default(type_: Any, before: Any, after: Any) -> tuple[Items, Items]:
    return column(type_, server_default=before), column(type_, server_default=after)


CHANGES: dict[str, tuple[Items, Items]] = {
    "length": (column(sa.String(20)), column(sa.String(21))),
    "type": (column(sa.Integer), column(sa.BigInteger)),
    "unsigned": (column(sa.Integer), column(mysql.INTEGER(unsigned=True))),
    "zerofill": (column(mysql.INTEGER(5, zerofill=True)), column(mysql.INTEGER(6, zerofill=True))),
    "precision": (column(sa.Numeric(10, 2)), column(sa.Numeric(10, 3))),
    "float": (column(sa.Float), column(sa.Double)),
    "digits of a time": (column(mysql.DATETIME(fsp=3)), column(mysql.DATETIME(fsp=6))),
    "time": (column(sa.DateTime), column(sa.TIMESTAMP)),
    "text": (column(sa.Text), column(mysql.MEDIUMTEXT)),
    "large text": (column(sa.Text(100)), column(sa.Text(70_000))),
    "json": (column(sa.Text), column(sa.JSON)),
    "bytes": (column(sa.LargeBinary), column(sa.VARBINARY(20))),
    "bits": (column(mysql.BIT(3)), column(mysql.BIT(4))),
    "enum": (column(sa.Enum("x", "y", name="e")), column(sa.Enum("x", "y", "z", name="e"))),
    "order of an enum": (column(sa.Enum("x", "y", name="e")), column(sa.Enum("y", "x", name="e"))),
    "letters of an enum": (column(sa.Enum("x", "y", name="e")), column(sa.Enum("X", "y", name="e"))),
    "set": (column(mysql.SET("x", "y")), column(mysql.SET("x", "z"))),
    "collation": (column(sa.String(20)), column(sa.String(20, collation="utf8mb4_bin"))),
    "collation of an enum": (column(mysql.ENUM("x")), column(mysql.ENUM("x", collation="utf8mb4_bin"))),
    "character set": (column(mysql.VARCHAR(20, charset="latin1")), column(sa.String(20))),
    "type of another maker": (column(SqlType("POINT")), column(SqlType("POLYGON"))),
    "null": (column(sa.Integer), column(sa.Integer, nullable=False)),
    "default": default(sa.Integer, None, "5"),
    "number": default(sa.Numeric(10, 2), "5", "5.01"),
    "float number": default(sa.Double, "5.5", "5.6"),
    "string": default(sa.String(20), "x", "X"),
    "string in a text": default(sa.Text, "x", "it's"),
    "boolean": default(sa.Boolean, sa.true(), sa.false()),
    "moment": default(sa.DateTime, None, sa.func.now()),
    "date": default(sa.Date, "2020-01-01", "2020-01-02"),
    "expression": default(sa.Integer, sa.text("(1 + 1)"), sa.text("(1 + 2)")),
    "value of an enum": default(mysql.ENUM("x", "y"), "x", "y"),
    "on update": default(
        sa.DateTime, sa.text("CURRENT_TIMESTAMP"), sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")
    ),
    "comment": (column(sa.Integer), column(sa.Integer, comment="it's one")),
    "computed": (
        lambda: [Column("a", sa.Integer), Column("b", sa.Integer, sa.Computed("a + 1"))],
        lambda: [Column("a", sa.Integer), Column("b", sa.Integer, sa.Computed("a + 2"))],
    ),
    "computed and kept": (
        lambda: [Column("a", sa.Integer), Column("b", sa.Integer, sa.Computed("a + 1", persisted=False))],
        lambda: [Column("a", sa.Integer), Column("b", sa.Integer, sa.Computed("a + 1", persisted=True))],
    ),
    "counter": (
        lambda: [Column("id", sa.Integer, primary_key=True)],
        lambda: [Column("id", sa.Integer, primary_key=True, autoincrement=False)],
    ),
    "key": (
        lambda: [
            Column("a", sa.Integer, primary_key=True, autoincrement=False),
            Column("b", sa.Integer, nullable=False),
        ],
        lambda: [Column("a", sa.Integer, primary_key=True), Column("b", sa.Integer, primary_key=True)],
    ),
    "unique": (parts(), parts(lambda: sa.UniqueConstraint("a", name="u"))),
    "columns of a unique": (
        parts(lambda: sa.UniqueConstraint("a", name="u")),
        parts(lambda: sa.UniqueConstraint("a", "d", name="u")),
    ),
    "order of a unique": (
        parts(lambda: sa.UniqueConstraint("a", "d", name="u")),
        parts(lambda: sa.UniqueConstraint("d", "a", name="u")),
    ),
    "index": (parts(), parts(lambda: sa.Index("i", "a"))),
    "columns of an index": (parts(lambda: sa.Index("i", "a")), parts(lambda: sa.Index("i", "a", "d"))),
    "name of an index": (parts(lambda: sa.Index("i", "a")), parts(lambda: sa.Index("j", "a"))),
    "index that becomes unique": (parts(lambda: sa.Index("i", "a")), parts(lambda: sa.Index("i", "a", unique=True))),
    "unique index": (
        parts(lambda: sa.Index("i", "a", unique=True)),
        parts(lambda: sa.Index("i", "a", "d", unique=True)),
    ),
    "direction of an index": (parts(lambda: sa.Index("i", "a")), parts(lambda: sa.Index("i", sa.desc("a")))),
    "length of an index": (
        parts(lambda: sa.Index("i", "c", mysql_length=5)),
        parts(lambda: sa.Index("i", "c", mysql_length=6)),
    ),
    "kind of an index": (
        parts(lambda: sa.Index("i", "c", mysql_length=5)),
        parts(lambda: sa.Index("i", "c", mysql_prefix="FULLTEXT")),
    ),
    "check": (parts(), parts(lambda: sa.CheckConstraint("(a > 0) AND (a < 5)", name="k"))),
    "condition of a check": (
        parts(lambda: sa.CheckConstraint("(a > 0) AND (a < 5)", name="k")),
        parts(lambda: sa.CheckConstraint("(a > 0) AND (a < 6)", name="k")),
    ),
    "unnamed check": (
        parts(lambda: sa.CheckConstraint("a > 0"), lambda: sa.CheckConstraint("d > 0")),
        parts(lambda: sa.CheckConstraint("a > 1"), lambda: sa.CheckConstraint("d > 0")),
    ),
    "check at a column": (
        lambda: [Column("a", sa.Integer, sa.CheckConstraint("a > 0"))],
        lambda: [Column("a", sa.Integer, sa.CheckConstraint("a > 1"))],
    ),
    "check of a type": (column(sa.Boolean), column(sa.Boolean(create_constraint=True, name="bool"))),
    "foreign key": (parts(), parts(lambda: sa.ForeignKeyConstraint(["a"], ["parent.id"], name="f"))),
    "what a foreign key does": (
        parts(lambda: sa.ForeignKeyConstraint(["a"], ["parent.id"], name="f")),
        parts(lambda: sa.ForeignKeyConstraint(["a"], ["parent.id"], name="f", ondelete="CASCADE")),
    ),
    "unnamed foreign key": (
        parts(lambda: sa.ForeignKeyConstraint(["a"], ["parent.id"])),
        parts(lambda: sa.ForeignKeyConstraint(["a"], ["parent.id"], onupdate="SET NULL")),
    ),
    "what is referred to": (
        parts(lambda: sa.ForeignKeyConstraint(["a"], ["parent.id"], name="f")),
        parts(lambda: sa.ForeignKeyConstraint(["a"], ["other.id"], name="f")),
    ),
    "index of a foreign key": (
        parts(lambda: sa.ForeignKeyConstraint(["a"], ["parent.id"], name="f")),
        parts(lambda: sa.ForeignKeyConstraint(["a"], ["parent.id"], name="f"), lambda: sa.Index("i", "a", "d")),
    ),
    "type of a foreign key": (
        lambda: [Column("a", sa.Integer, sa.ForeignKey("parent.id"))],
        lambda: [Column("a", sa.Integer)],
    ),
    "comment of the table": (parts(), parts(comment="it's one")),
    "engine": (parts(mysql_engine="InnoDB"), parts(mysql_engine="Aria")),
    "row format": (parts(mysql_row_format="DYNAMIC"), parts(mysql_row_format="COMPRESSED")),
    "statistics": (parts(mysql_stats_persistent="0"), parts(mysql_stats_persistent="1")),
    "character set of the table": (parts(mysql_charset="utf8mb4"), parts(mysql_charset="latin1")),
    "collation of the table": (parts(), parts(mysql_collate="utf8mb4_bin")),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_a_change_is_seen_and_made_and_undone(mysql_url: str, name: str) -> None:
    before, after = (_models(items()) for items in CHANGES[name])
    async with setting(mysql_url) as here:
        operations = await there_and_back(here, before, after)
    assert operations


def _models(items: list[Any]) -> MetaData:
    metadata = MetaData()
    declare(items, metadata)
    for name in ("parent", "other"):
        if name not in metadata.tables:
            columns = [Column("id", sa.Integer, primary_key=True)]
            columns += [Column("x", sa.Integer), Column("y", sa.Integer)] if name == "parent" else []
            keys = [sa.UniqueConstraint("x", "y")] if name == "parent" else []
            sa.Table(name, metadata, *columns, *keys)
    return metadata
