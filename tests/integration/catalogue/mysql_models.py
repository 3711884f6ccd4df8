"""Models of MySQL and MariaDB: every type, default, constraint and index that can be declared, each by a name."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, MetaData, Table
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeDecorator

from asyncmig.types import SqlType

Items = Callable[[], list[Any]]


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


class Money(TypeDecorator[Any]):
    impl = sa.Numeric(12, 4)
    cache_ok = True


class Json(TypeDecorator[Any]):
    impl = sa.JSON
    cache_ok = True


TYPES: dict[str, Callable[[], Any]] = {
    name: getattr(sa, name)
    for name in (
        *("BIGINT", "BLOB", "BOOLEAN", "CHAR", "DATE", "DATETIME", "DECIMAL", "DOUBLE", "FLOAT"),
        *("DOUBLE_PRECISION", "INT", "INTEGER", "JSON", "NCHAR", "NUMERIC", "REAL", "SMALLINT", "TEXT"),
        *("TIME", "TIMESTAMP", "UUID"),
        *("BigInteger", "Boolean", "Date", "DateTime", "Double", "Float", "Integer", "Interval", "LargeBinary"),
        *("Numeric", "PickleType", "SmallInteger", "Text", "Time", "UnicodeText", "Uuid"),
    )
} | {
    f"mysql.{name}": getattr(mysql, name)
    for name in (
        *("BIGINT", "BIT", "CHAR", "DATE", "DATETIME", "DECIMAL", "DOUBLE", "FLOAT", "INET4", "INET6", "INTEGER"),
        *("JSON", "LONGBLOB", "LONGTEXT", "MEDIUMBLOB", "MEDIUMINT", "MEDIUMTEXT", "NCHAR", "NUMERIC", "REAL"),
        *("SMALLINT", "TEXT", "TIME", "TIMESTAMP", "TINYBLOB", "TINYINT", "TINYTEXT", "YEAR"),
    )
}
TYPES |= {
    "String(50)": lambda: sa.String(50),
    "String with collation": lambda: sa.String(50, collation="utf8mb4_bin"),
    "String with the collation of the table": lambda: sa.String(50, collation="utf8mb4_general_ci"),
    "Unicode(7)": lambda: sa.Unicode(7),
    "NVARCHAR(7)": lambda: sa.NVARCHAR(7),
    "NCHAR(7)": lambda: sa.NCHAR(7),
    "CHAR(3)": lambda: sa.CHAR(3),
    "VARCHAR(3)": lambda: sa.VARCHAR(3),
    "Text(63)": lambda: sa.Text(63),
    "Text(64)": lambda: sa.Text(64),
    "Text(70000)": lambda: sa.Text(70_000),
    "Text(5000000)": lambda: sa.Text(5_000_000),
    "Text with collation": lambda: sa.Text(collation="latin1_bin"),
    "BINARY(3)": lambda: sa.BINARY(3),
    "VARBINARY(3)": lambda: sa.VARBINARY(3),
    "LargeBinary(16)": lambda: sa.LargeBinary(16),
    "LargeBinary(300)": lambda: sa.LargeBinary(300),
    "LargeBinary(70000)": lambda: sa.LargeBinary(70_000),
    "Numeric(10, 2)": lambda: sa.Numeric(10, 2),
    "Numeric(10)": lambda: sa.Numeric(10),
    "Float(24)": lambda: sa.Float(24),
    "Float(25)": lambda: sa.Float(25),
    "Enum": lambda: sa.Enum("a", "b", name="letter"),
    "Enum with odd values": lambda: sa.Enum("it's", 'a,b"', "c\\d", "(e)", "100%", "", "größe", name="odd"),
    "Enum of a class": lambda: sa.Enum(Colour),
    "Enum with constraint": lambda: sa.Enum("a", "it's", name="letter", create_constraint=True, native_enum=False),
    "Enum with length": lambda: sa.Enum("a", "b", length=40, native_enum=False),
    "Boolean with constraint": lambda: sa.Boolean(create_constraint=True),
    "Boolean with named constraint": lambda: sa.Boolean(create_constraint=True, name="is_bool"),
    "DateTime(timezone)": lambda: sa.DateTime(timezone=True),
    "Uuid as text": lambda: sa.Uuid(native_uuid=False),
    "mysql.BIT(8)": lambda: mysql.BIT(8),
    "mysql.YEAR(4)": lambda: mysql.YEAR(4),
    "mysql.YEAR(2)": lambda: mysql.YEAR(2),
    "mysql.DATETIME(6)": lambda: mysql.DATETIME(fsp=6),
    "mysql.DATETIME(0)": lambda: mysql.DATETIME(fsp=0),
    "mysql.TIME(3)": lambda: mysql.TIME(fsp=3),
    "mysql.TIMESTAMP(6)": lambda: mysql.TIMESTAMP(fsp=6),
    "mysql.INTEGER(5)": lambda: mysql.INTEGER(5),
    "mysql.INTEGER(11)": lambda: mysql.INTEGER(11),
    "mysql.INTEGER unsigned": lambda: mysql.INTEGER(unsigned=True),
    "mysql.INTEGER zerofill": lambda: mysql.INTEGER(zerofill=True),
    "mysql.INTEGER(5) zerofill": lambda: mysql.INTEGER(5, unsigned=True, zerofill=True),
    "mysql.BIGINT unsigned": lambda: mysql.BIGINT(20, unsigned=True),
    "mysql.MEDIUMINT zerofill": lambda: mysql.MEDIUMINT(zerofill=True),
    "mysql.SMALLINT(3) unsigned": lambda: mysql.SMALLINT(3, unsigned=True),
    "mysql.TINYINT(1)": lambda: mysql.TINYINT(1),
    "mysql.TINYINT(1) unsigned": lambda: mysql.TINYINT(1, unsigned=True),
    "mysql.TINYINT(4)": lambda: mysql.TINYINT(4),
    "mysql.DECIMAL unsigned": lambda: mysql.DECIMAL(10, 2, unsigned=True),
    "mysql.NUMERIC zerofill": lambda: mysql.NUMERIC(10, 2, zerofill=True),
    "mysql.DOUBLE(10, 3)": lambda: mysql.DOUBLE(10, 3, asdecimal=False),
    "mysql.DOUBLE unsigned": lambda: mysql.DOUBLE(unsigned=True),
    "mysql.REAL(10, 3)": lambda: mysql.REAL(10, 3),
    "mysql.FLOAT(7, 3)": lambda: mysql.FLOAT(7, 3),
    "mysql.FLOAT(30)": lambda: mysql.FLOAT(30),
    "mysql.VARCHAR with charset": lambda: mysql.VARCHAR(10, charset="latin1"),
    "mysql.VARCHAR with charset and collation": lambda: mysql.VARCHAR(10, charset="latin1", collation="latin1_bin"),
    "mysql.VARCHAR with utf8": lambda: mysql.VARCHAR(10, charset="utf8", collation="utf8_bin"),
    "mysql.VARCHAR with utf8mb4": lambda: mysql.VARCHAR(10, charset="utf8mb4"),
    "mysql.VARCHAR of bytes": lambda: mysql.VARCHAR(10, charset="binary"),
    "mysql.CHAR of bytes": lambda: mysql.CHAR(10, charset="binary"),
    "mysql.TEXT of bytes": lambda: mysql.TEXT(charset="binary"),
    "mysql.VARCHAR ascii": lambda: mysql.VARCHAR(10, ascii=True),
    "mysql.VARCHAR unicode": lambda: mysql.VARCHAR(10, unicode=True),
    "mysql.VARCHAR national": lambda: mysql.VARCHAR(10, national=True),
    "mysql.NVARCHAR(10)": lambda: mysql.NVARCHAR(10),
    "mysql.VARCHAR binary": lambda: mysql.VARCHAR(10, binary=True),
    "mysql.VARCHAR latin1 binary": lambda: mysql.VARCHAR(10, charset="latin1", binary=True),
    "mysql.TEXT(100) latin1": lambda: mysql.TEXT(100, charset="latin1"),
    "mysql.TINYTEXT with collation": lambda: mysql.TINYTEXT(collation="latin1_bin"),
    "mysql.LONGTEXT with charset": lambda: mysql.LONGTEXT(charset="utf8mb4", collation="utf8mb4_bin"),
    "mysql.ENUM": lambda: mysql.ENUM("x", "y"),
    "mysql.ENUM with charset": lambda: mysql.ENUM("x", "y", charset="latin1"),
    "mysql.ENUM with collation": lambda: mysql.ENUM("x", "y", collation="utf8mb4_bin"),
    "mysql.SET": lambda: mysql.SET("x", "it's", "y\\z"),
    "mysql.SET bitwise": lambda: mysql.SET("", "a", retrieve_as_bitwise=True),
    "mysql.SET with collation": lambda: mysql.SET("a", "b", collation="latin1_bin"),
    "variant": lambda: sa.String(10).with_variant(mysql.TINYTEXT(), "mysql"),
    "variant of another database": lambda: sa.String(10).with_variant(sa.Text(), "postgresql"),
    "decorator": Money,
    "decorator of JSON": Json,
    "geometry": lambda: SqlType("GEOMETRY"),
    "point": lambda: SqlType("POINT"),
    "another maker's": lambda: SqlType("MULTIPOLYGON"),
}

DEFAULTS: dict[str, Callable[[], list[Any]]] = {
    "string": lambda: _texts("it's"),
    "empty string": lambda: _texts(""),
    "string with parentheses": lambda: _texts("(a)"),
    "string with a backslash": lambda: _texts("a\\b\\'c\\n"),
    "string with lines": lambda: _texts('a\nb\t"c"'),
    "string with percent": lambda: _texts("100% :x %s"),
    "string of letters": lambda: _texts("größe"),
    "string NULL": lambda: _texts("NULL"),
    "string now()": lambda: _texts("now()"),
    "number in a string": lambda: _numbers("0"),
    "large number in a string": lambda: _numbers("12.50"),
    "number": lambda: _numbers(sa.text("0")),
    "negative number": lambda: _numbers(sa.text("-1")),
    "decimal": lambda: _numbers(sa.text("1.50")),
    "decimal to be rounded": lambda: _numbers(sa.text("1.255")),
    "scientific": lambda: _numbers(sa.text("1e2")),
    "number in parentheses": lambda: _numbers(sa.text("(1)")),
    "true": lambda: [*_numbers(sa.true()), Column("b", sa.Boolean, server_default=sa.true())],
    "false": lambda: [*_numbers(sa.false()), Column("b", sa.Boolean, server_default=sa.false(), nullable=False)],
    "word true": lambda: [Column("b", sa.Boolean, server_default=sa.text("TRUE"))],
    "boolean as a string": lambda: [Column("b", sa.Boolean, server_default="1")],
    "boolean as a number": lambda: [Column("b", sa.Boolean, server_default=sa.text("0"))],
    "NULL": lambda: [*_numbers(sa.text("NULL")), Column("text", sa.Text, server_default=sa.text("null"))],
    "literal": lambda: _texts(sa.literal("x")),
    "literal of a number": lambda: _numbers(sa.literal(5)),
    "quoted text": lambda: _texts(sa.text("'x'")),
    "text in other quotes": lambda: _texts(sa.text('"x"')),
    "text with an escape": lambda: _texts(sa.text(r"'it\'s \\ '")),
    "number of a text": lambda: _texts(sa.text("5")),
    "now": lambda: _times(sa.func.now()),
    "current_timestamp": lambda: _times(sa.func.current_timestamp()),
    "CURRENT_TIMESTAMP": lambda: _times(sa.text("CURRENT_TIMESTAMP")),
    "localtime": lambda: _times(sa.text("localtime")),
    "now with digits": lambda: [
        Column("a", mysql.DATETIME(fsp=6), server_default=sa.text("now(6)")),
        Column("b", mysql.TIMESTAMP(fsp=3), server_default=sa.func.now(3), nullable=False),
        Column("c", mysql.DATETIME(fsp=6), server_default=sa.func.now()),
    ],
    "on update": lambda: [
        Column("a", sa.DateTime, server_default=sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")),
        Column("b", sa.TIMESTAMP, server_default=sa.text("NULL ON UPDATE now()")),
        Column(
            "c",
            mysql.TIMESTAMP(fsp=6),
            nullable=False,
            server_default=sa.text("CURRENT_TIMESTAMP(6)  on  update CURRENT_TIMESTAMP(6)"),
        ),
        Column("d", sa.TIMESTAMP, nullable=False, server_default=sa.text("'2020-01-01' ON UPDATE CURRENT_TIMESTAMP")),
    ],
    "on update on fetch": lambda: [Column("a", sa.DateTime, server_onupdate=sa.FetchedValue())],
    "date": lambda: [
        Column("a", sa.Date, server_default="2020-01-02"),
        Column("b", sa.DateTime, server_default="2020-1-2 3:4"),
        Column("c", sa.Time, server_default="1:2:3"),
        Column("d", mysql.YEAR, server_default="2020"),
        Column("e", mysql.DATETIME(fsp=3), server_default="2020-01-02 03:04:05"),
        Column("f", mysql.YEAR, server_default=sa.text("1999")),
    ],
    "uuid": lambda: [
        Column("a", sa.CHAR(36), server_default=sa.func.uuid()),
        Column("b", sa.Uuid, server_default=sa.text("(uuid())")),
    ],
    "expression": lambda: [
        Column("a", sa.Integer, server_default=sa.text("(1 + 2 * 3)")),
        Column("b", sa.String(50), server_default=sa.func.concat("a", "b:c")),
        Column("c", sa.DateTime, server_default=sa.text("(now() + interval 1 day)")),
        Column("d", sa.Date, server_default=sa.func.current_date()),
        Column("e", sa.Integer, server_default=sa.text("((1) + (2))")),
        Column("f", sa.Integer, server_default=sa.text("(abs(a))")),
        Column("g", sa.Integer, server_default=sa.cast("1", sa.Integer)),
    ],
    "json": lambda: [
        Column("a", sa.JSON, server_default='{"a": 1}'),
        Column("b", sa.JSON, server_default=sa.text("(json_object())")),
        Column("c", sa.JSON, server_default="{}", nullable=False),
    ],
    "large": lambda: [
        Column("a", sa.Text, server_default="x"),
        Column("b", sa.LargeBinary, server_default="x"),
        Column("c", sa.BINARY(3), server_default="ab"),
        Column("d", sa.VARBINARY(3), server_default="ab"),
    ],
    "bits": lambda: [
        Column("a", mysql.BIT(8), server_default=sa.text("b'00101'")),
        Column("b", mysql.BIT, server_default=sa.text("1")),
        Column("c", mysql.BIT(8), server_default=sa.text("0")),
    ],
    "characters that a catalogue cannot hold": lambda: [
        Column("a", sa.String(20), server_default="a 🙂 b"),
        Column("b", sa.Text, server_default="🙂?🙂"),
        Column("c", sa.Enum("🙂", "b", name="faces"), server_default="🙂"),
    ],
    "enum": lambda: [
        Column("a", sa.Enum("a", "it's", name="letter"), server_default="it's"),
        Column("b", mysql.SET("x", "y"), server_default="y,x"),
        Column("c", sa.Enum("a", "b", name="other"), server_default="B", nullable=False),
    ],
    "zerofill": lambda: [
        Column("a", mysql.INTEGER(5, zerofill=True), server_default="7"),
        Column("b", mysql.DECIMAL(7, 2, zerofill=True), server_default="7"),
    ],
    "limits": lambda: [
        Column("a", mysql.BIGINT(unsigned=True), server_default="18446744073709551615"),
        Column("b", sa.Double, server_default="1e-10"),
        Column("c", sa.Double, server_default="123456789012345678"),
        Column("d", sa.Float, server_default="0.1"),
        Column("e", sa.Double, server_default="1e300"),
        Column("f", mysql.DOUBLE(10, 3), server_default="1"),
    ],
    "fetched": lambda: [Column("a", sa.Integer, server_default=sa.FetchedValue())],
}


def _texts(default: Any) -> list[Any]:
    return [
        Column("varchar", sa.String(40), server_default=default),
        Column("char", sa.CHAR(40), server_default=default, nullable=False),
        Column("text", sa.Text, server_default=default),
    ]


def _numbers(default: Any) -> list[Any]:
    types = {
        "int": sa.Integer(),
        "big": sa.BigInteger(),
        "numeric": sa.Numeric(10, 2),
        "whole": sa.Numeric(10),
        "double": sa.Double(),
        "float": sa.Float(),
        "fixed": mysql.DOUBLE(10, 3),
    }
    return [Column(name, type_, server_default=default) for name, type_ in types.items()]


def _times(default: Any) -> list[Any]:
    return [
        Column("datetime", sa.DateTime, server_default=default),
        Column("stamp", sa.TIMESTAMP, server_default=default),
        Column("never", sa.TIMESTAMP, server_default=default, nullable=False),
    ]


TABLES: dict[str, Items] = {
    "not null": lambda: [Column("a", sa.Integer, nullable=False), Column("b", sa.TIMESTAMP, nullable=False)],
    "key": lambda: [Column("id", sa.Integer, primary_key=True)],
    "key that does not count": lambda: [Column("id", sa.Integer, primary_key=True, autoincrement=False)],
    "key with a sequence": lambda: [Column("id", sa.Integer, sa.Sequence("numbers"), primary_key=True)],
    "key with an optional sequence": lambda: [
        Column("id", sa.Integer, sa.Sequence("numbers", optional=True), primary_key=True)
    ],
    "key with a default": lambda: [Column("id", sa.Integer, primary_key=True, server_default="5")],
    "key of text": lambda: [Column("id", sa.String(5), primary_key=True)],
    "key that may be null": lambda: [Column("id", sa.String(5), primary_key=True, nullable=True)],
    "key of two": lambda: [Column("a", sa.Integer, primary_key=True), Column("b", sa.Integer, primary_key=True)],
    "key of two of which one counts": lambda: [
        Column("a", sa.Integer, primary_key=True),
        Column("b", sa.Integer, primary_key=True, autoincrement=True),
    ],
    "key in another order": lambda: [
        Column("a", sa.Integer),
        Column("b", sa.Integer),
        sa.PrimaryKeyConstraint("b", "a", name="the_key"),
    ],
    "key using hash": lambda: [Column("id", sa.Integer), sa.PrimaryKeyConstraint("id", mysql_using="hash")],
    "unsigned key": lambda: [Column("id", mysql.BIGINT(unsigned=True), primary_key=True)],
    "identity": lambda: [Column("id", sa.Integer, sa.Identity(start=5), primary_key=True)],
    "unique": lambda: [Column("a", sa.Integer, unique=True), Column("b", sa.Integer), sa.UniqueConstraint("a", "b")],
    "named unique": lambda: [Column("a", sa.Integer), sa.UniqueConstraint("a", name="only one")],
    "two unique of the same columns": lambda: [
        Column("a", sa.Integer, unique=True),
        sa.UniqueConstraint("a", name="one"),
        sa.Index("two", "a", unique=True),
    ],
    "unique index": lambda: [
        Column("a", sa.Integer, index=True, unique=True),
        Column("b", sa.String(50)),
        sa.Index("both", "a", "b", unique=True),
        sa.Index("short", "b", unique=True, mysql_length=10),
        sa.Index("down", sa.desc("b"), unique=True),
    ],
    "check": lambda: [Column("a", sa.Integer), sa.CheckConstraint("a > 0", name="positive")],
    "unnamed check": lambda: [
        Column("a", sa.Integer),
        sa.CheckConstraint("(a > 0) AND (a < 10)"),
        sa.CheckConstraint("a != 5 || a = 6 && 1 = 1"),
        sa.CheckConstraint("NOT (a = 7)"),
    ],
    "check at a column": lambda: [Column("a", sa.Integer, sa.CheckConstraint("a IN (1, 2)"))],
    "two checks that say the same": lambda: [
        Column("a", sa.Integer),
        sa.CheckConstraint("a > 0"),
        sa.CheckConstraint("a > 0", name="again"),
    ],
    "check by an expression": lambda: [
        c := Column("a", sa.String(10)),
        sa.CheckConstraint(c.like("a:b%"), name="alike"),
        sa.CheckConstraint(sa.func.length(c) > 3, name="long"),
        sa.CheckConstraint(sa.or_(c.is_(None), c != "it's \\"), name="either"),
        sa.CheckConstraint(sa.case((c == "x", 1), else_=2) == 2, name="cases"),
        sa.CheckConstraint(sa.not_(c.regexp_match("^[a-z]+$")), name="pattern"),
        sa.CheckConstraint(c.between("a", "b"), name="between"),
        sa.CheckConstraint(sa.cast(c, sa.Integer) > 3, name="cast"),
        sa.CheckConstraint("json_valid(a)", name="json"),
    ],
    "check with a comment": lambda: [
        Column("a", sa.Integer),
        sa.CheckConstraint("a > 0 /* not ) here */ AND a <> 5", name="commented"),
    ],
    "checks with other spellings": lambda: [
        Column("a", sa.Integer),
        Column("b", sa.Integer),
        Column("day", sa.DateTime),
        sa.CheckConstraint("((a)>0) AND ((b)>(0))", name="parentheses"),
        sa.CheckConstraint("a % 2 = 0 AND a MOD 3 = 1 AND a DIV 2 = 1", name="modulo"),
        sa.CheckConstraint("day > date_add('2020-01-01', interval 1 day)", name="interval"),
        sa.CheckConstraint("COALESCE(a, b) IS NOT NULL AND `a` BETWEEN 1 AND 2", name="coalesce"),
        sa.CheckConstraint("a = TRUE OR b IS TRUE", name="truth"),
        sa.CheckConstraint("IF(a > 0, 1, 0) = 1 XOR b = 3", name="functions"),
        sa.CheckConstraint("(a, b) = (1, 2)", name="rows"),
    ],
    "JSON and a check": lambda: [
        Column("a", sa.JSON),
        sa.CheckConstraint("json_length(a) > 3", name="long"),
        sa.CheckConstraint("json_extract(a, '$.x') = 'y'", name="path"),
    ],
    "computed": lambda: [
        Column("a", sa.Integer),
        Column("b", sa.Integer, sa.Computed("a * 2")),
        Column("c", sa.Integer, sa.Computed("(a) * (2)", persisted=False)),
        Column("d", sa.Integer, sa.Computed("a + 1", persisted=True)),
    ],
    "computed by an expression": lambda: [
        c := Column("a", sa.String(10)),
        Column("b", sa.String(30), sa.Computed(sa.func.concat(c, ",')\\", sa.literal(":x")))),
        Column("e", sa.String(30, collation="utf8mb4_bin"), sa.Computed(sa.func.lower(c), persisted=True)),
        Column("f", sa.Integer, sa.Computed("case when a = 'x' then 1 else 2 end"), comment="why"),
    ],
    "index": lambda: [Column("a", sa.Integer, index=True), Column("b", sa.Integer), sa.Index("both", "a", "b")],
    "index downwards": lambda: [
        a := Column("a", sa.String(10)),
        b := Column("b", sa.String(10)),
        sa.Index("down", a.desc(), b.asc()),
        sa.Index("text", sa.text("b desc"), sa.text("a")),
    ],
    "index with lengths": lambda: [
        Column("a", sa.String(10)),
        Column("b", sa.Text),
        Column("c", sa.LargeBinary),
        sa.Index("some", "a", "b", mysql_length={"b": 20}),
        sa.Index("all", "b", "c", mysql_length=7),
        sa.Index("full", "a", mysql_length=10),
        sa.Index("short", "a", mysql_length={"a": 9}),
        sa.Index("texts", sa.text("b(5)"), sa.text("a (3) DESC")),
    ],
    "index of a kind": lambda: [
        Column("a", sa.Text),
        Column("b", sa.String(10)),
        Column("p", SqlType("POINT"), nullable=False),
        sa.Index("words", "a", "b", mysql_prefix="FULLTEXT"),
        sa.Index("places", "p", mysql_prefix="spatial"),
        sa.Index("hashed", "b", mysql_using="hash"),
        sa.Index("tree", "b", mysql_using="btree"),
    ],
    "index in memory": lambda: [
        Column("a", sa.Integer),
        sa.Index("hashed", "a", mysql_using="hash"),
        sa.Index("tree", "a", mysql_using="btree"),
        sa.Index("plain", "a", unique=True),
        {"mysql_engine": "memory"},
    ],
    "index of another database": lambda: [
        Column("a", sa.Integer),
        sa.Index("elsewhere", "a", postgresql_using="hash").ddl_if(dialect="postgresql"),
        sa.CheckConstraint("a > 0").ddl_if(dialect="postgresql"),
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
    "foreign keys with indexes": lambda: [
        Column("a", sa.Integer, sa.ForeignKey("parent.id"), index=True),
        Column("b", sa.Integer, sa.ForeignKey("parent.id", name="named"), unique=True),
        Column("c", sa.Integer, sa.ForeignKey("parent.id", name="third")),
        Column("d", sa.Integer, sa.ForeignKey("parent.id")),
        Column("e", sa.Integer, sa.ForeignKey("parent.id"), sa.ForeignKey("other.id")),
        sa.Index("d", "d"),
        sa.Index("wider", "c", "d"),
    ],
    "foreign key in the key": lambda: [
        Column("a", sa.Integer, sa.ForeignKey("parent.id"), primary_key=True),
        Column("b", sa.Integer, sa.ForeignKey("other.id", name="to_other"), primary_key=True),
    ],
    "foreign key to itself": lambda: [
        Column("id", sa.Integer, primary_key=True),
        Column("up", sa.Integer, sa.ForeignKey("t.id", use_alter=True, name="upwards")),
        Column("left", sa.Integer, sa.ForeignKey("t.id")),
    ],
    "options": lambda: [
        Column("a", sa.String(10)),
        {
            "mysql_engine": "innodb",
            "mysql_charset": "latin1",
            "mysql_row_format": "dynamic",
            "mysql_stats_persistent": "0",
            "mysql_auto_increment": "100",
        },
    ],
    "collation": lambda: [
        Column("a", sa.String(10)),
        Column("b", sa.String(10, collation="utf8mb4_general_ci")),
        Column("c", sa.String(10, collation="utf8mb4_unicode_ci")),
        Column("d", sa.Text(100)),
        Column("e", mysql.VARCHAR(10, binary=True)),
        Column("f", mysql.VARCHAR(10, charset="utf8mb4")),
        {"mysql_collate": "utf8mb4_unicode_ci", "mysql_default_charset": "utf8mb4"},
    ],
    "another character set": lambda: [
        Column("a", sa.String(10)),
        Column("b", sa.Text(100)),
        Column("c", mysql.VARCHAR(10, binary=True)),
        Column("d", sa.JSON),
        Column("e", sa.Enum("x", "y", name="e")),
        Column("f", sa.String(10, collation="latin1_swedish_ci")),
        Column("g", sa.String(10, collation="utf8mb4_general_ci")),
        {"mysql_default_character_set": "LATIN1"},
    ],
    "compression": lambda: [
        Column("a", sa.Integer, primary_key=True),
        {"mysql_row_format": "COMPRESSED", "mysql_key_block_size": "4"},
    ],
    "rows": lambda: [
        Column("a", sa.Integer),
        {"mysql_engine": "MyISAM", "mysql_max_rows": "1000", "mysql_checksum": "1", "mysql_pack_keys": "1"},
    ],
    "no rows": lambda: [
        Column("a", sa.Integer),
        {"mysql_engine": "aria", "mysql_max_rows": "0", "mysql_row_format": "DEFAULT", "mysql_checksum": "0"},
    ],
    "partitions": lambda: [
        Column("id", sa.Integer, primary_key=True),
        {"mysql_partition_by": "HASH(id)", "mysql_partitions": "3"},
    ],
    "partitions by range": lambda: [
        Column("id", sa.Integer),
        Column("b", sa.String(5)),
        {
            "mysql_partition_by": "RANGE (id) (PARTITION `first one` VALUES LESS THAN (10),"
            " PARTITION p1 VALUES LESS THAN MAXVALUE)"
        },
    ],
    "partitions by list": lambda: [
        Column("id", sa.Integer, primary_key=True, autoincrement=False),
        {"mysql_partition_by": "LIST (id) (PARTITION a VALUES IN (1, 2), PARTITION b VALUES IN (3))"},
    ],
    "partitions in partitions": lambda: [
        Column("id", sa.Integer),
        Column("b", sa.String(5)),
        {
            "mysql_partition_by": "RANGE COLUMNS (id, b) SUBPARTITION BY HASH (id) SUBPARTITIONS 2"
            " (PARTITION p0 VALUES LESS THAN (10, 'x'), PARTITION p1 VALUES LESS THAN (20, MAXVALUE))"
        },
    ],
    "options of another name": lambda: [Column("a", sa.Integer), {"mariadb_engine": "MyISAM"}],
    "odd names": lambda: [
        Column("id", sa.Integer, primary_key=True),
        Column("select", sa.Integer, index=True),
        Column('Mixed "Case"', sa.Integer, unique=True),
        Column("with space", sa.Integer),
        Column("`tick", sa.JSON),
        Column("a%b", sa.Integer, key="percent"),
        Column("größe", sa.Integer, key="size"),
        sa.CheckConstraint("`with space` > 0", name="it's odd"),
        sa.Index("ix (x)", "with space", "select"),
    ],
    "long names": lambda: [Column("x" * 64, sa.Integer, index=True), sa.Index("y" * 64, "x" * 64)],
    "comments": lambda: [
        Column("a", sa.Integer, comment="of the 'column' \\ 100%"),
        Column("b", sa.Integer, comment=""),
        {"comment": "of the table's größe"},
    ],
    "empty comment": lambda: [Column("a", sa.Integer), {"comment": ""}],
}


def declare(items: list[Any], metadata: MetaData, name: str = "t") -> Table:
    """A table of *items*, beside tables `parent` and `other` that it may refer to."""
    options = items.pop() if isinstance(items[-1], dict) else {}
    made = Table(name, metadata, *items, **options)
    if made.foreign_keys:
        Table(
            "parent",
            metadata,
            Column("id", sa.Integer, primary_key=True),
            Column("x", sa.Integer),
            Column("y", sa.Integer),
            sa.UniqueConstraint("x", "y"),
        )
        Table("other", metadata, Column("id", sa.Integer, primary_key=True))
    return made


def cases() -> dict[str, Callable[[MetaData], Table]]:
    """Every case by its name."""

    def of_type(make: Callable[[], Any]) -> Callable[[MetaData], Table]:
        def columns() -> list[Any]:
            column = Column("c", make())
            # The name of a CHECK can be given only once.
            is_named = getattr(column.type, "create_constraint", False) and column.type.name
            return [column] if is_named else [column, Column("d", make(), nullable=False)]

        return lambda metadata: declare(columns(), metadata)

    def of_table(make: Items) -> Callable[[MetaData], Table]:
        return lambda metadata: declare(make(), metadata)

    return (
        {f"type {name}": of_type(make) for name, make in TYPES.items()}
        | {f"default {name}": of_table(make) for name, make in DEFAULTS.items()}
        | {f"table with {name}": of_table(make) for name, make in TABLES.items()}
    )
