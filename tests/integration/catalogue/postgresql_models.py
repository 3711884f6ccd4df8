"""Models of PostgreSQL: every type, default, constraint and index that can be declared, each by a name."""

from __future__ import annotations

import datetime
import decimal
import enum
import uuid
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Computed, ForeignKey, Identity, Index, Integer, MetaData, Table, func
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.types import TypeDecorator, UserDefinedType

Declare = Callable[[MetaData], Any]

CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
EXTENSIONS = ("btree_gist", "citext", "hstore", "ltree", "pg_trgm")


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


class Money(TypeDecorator[Any]):
    impl = sa.Numeric(12, 4)
    cache_ok = True


class Document(TypeDecorator[Any]):
    impl = sa.JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(pg.JSONB())


class Path(UserDefinedType[Any]):
    cache_ok = True

    def get_col_spec(self, **kw: Any) -> str:
        return "LTREE"


class Short(UserDefinedType[Any]):
    cache_ok = True

    def get_col_spec(self, **kw: Any) -> str:
        return "INT2"


#: Each makes a type of its own.
TYPES: dict[str, Callable[[], Any]] = {
    **{name: getattr(pg, name) for name in ("BIGINT", "BOOLEAN", "BYTEA", "CHAR", "CIDR", "CITEXT", "DATE")},
    **{name: getattr(pg, name) for name in ("DATEMULTIRANGE", "DATERANGE", "DOUBLE_PRECISION", "FLOAT", "HSTORE")},
    **{name: getattr(pg, name) for name in ("INET", "INT4MULTIRANGE", "INT4RANGE", "INT8MULTIRANGE", "INT8RANGE")},
    **{name: getattr(pg, name) for name in ("INTEGER", "INTERVAL", "JSON", "JSONB", "JSONPATH", "MACADDR", "MACADDR8")},
    **{name: getattr(pg, name) for name in ("MONEY", "NUMERIC", "NUMMULTIRANGE", "NUMRANGE", "OID", "REAL")},
    **{name: getattr(pg, name) for name in ("REGCLASS", "REGCONFIG", "SMALLINT", "TEXT", "TIME", "TIMESTAMP")},
    **{name: getattr(pg, name) for name in ("TSMULTIRANGE", "TSQUERY", "TSRANGE", "TSTZMULTIRANGE", "TSTZRANGE")},
    **{name: getattr(pg, name) for name in ("TSVECTOR", "UUID", "VARCHAR", "BIT")},
    **{name: getattr(sa, name) for name in ("DECIMAL", "INT", "BigInteger", "Boolean", "Date", "DateTime", "Double")},
    **{name: getattr(sa, name) for name in ("Float", "Integer", "Interval", "LargeBinary", "Numeric", "PickleType")},
    **{
        name: getattr(sa, name) for name in ("SmallInteger", "String", "Text", "Time", "Unicode", "UnicodeText", "Uuid")
    },
    "JSON of all": sa.JSON,
    "BIT(5)": lambda: pg.BIT(5),
    "BIT VARYING": lambda: pg.BIT(varying=True),
    "BIT VARYING(7)": lambda: pg.BIT(7, varying=True),
    "CHAR(3)": lambda: sa.CHAR(3),
    "DECIMAL(8, 3)": lambda: sa.DECIMAL(8, 3),
    "FLOAT(24)": lambda: sa.FLOAT(24),
    "FLOAT(25)": lambda: sa.Float(25),
    "NUMERIC(10)": lambda: sa.NUMERIC(10),
    "NUMERIC(10, 2)": lambda: sa.Numeric(10, 2),
    "NUMERIC(3, 0)": lambda: sa.Numeric(3, 0),
    "VARCHAR(50)": lambda: sa.String(50),
    "VARCHAR with collation": lambda: sa.String(50, collation="C"),
    "TEXT with collation": lambda: sa.Text(collation="POSIX"),
    "TEXT with collation by schema": lambda: pg.TEXT(collation="C", collation_schema="pg_catalog"),
    "TEXT with the default collation": lambda: sa.Text(collation="default"),
    "TIMESTAMP with zone": lambda: sa.DateTime(timezone=True),
    "TIMESTAMP(3)": lambda: pg.TIMESTAMP(precision=3),
    "TIMESTAMP(0) with zone": lambda: pg.TIMESTAMP(precision=0, timezone=True),
    "TIME with zone": lambda: sa.Time(timezone=True),
    "TIME(2)": lambda: pg.TIME(precision=2),
    "TIME(2) with zone": lambda: pg.TIME(precision=2, timezone=True),
    **{
        f"INTERVAL {fields}": lambda fields=fields: pg.INTERVAL(fields=fields)  # type: ignore[misc]
        for fields in ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "YEAR TO MONTH", "DAY TO SECOND")
    },
    "INTERVAL(3)": lambda: pg.INTERVAL(precision=3),
    "INTERVAL SECOND(3)": lambda: pg.INTERVAL(fields="SECOND", precision=3),
    "INTERVAL DAY TO SECOND(3)": lambda: pg.INTERVAL(fields="day to second", precision=3),
    "Interval with precision": lambda: sa.Interval(second_precision=4),
    "Uuid as text": lambda: sa.Uuid(native_uuid=False),
    "ARRAY": lambda: sa.ARRAY(sa.Integer),
    "ARRAY of two dimensions": lambda: pg.ARRAY(sa.String(20), dimensions=2),
    "ARRAY of Numeric": lambda: pg.ARRAY(sa.Numeric(8, 2)),
    "ARRAY with collation": lambda: pg.ARRAY(sa.String(5, collation="C")),
    "ARRAY of timestamps": lambda: pg.ARRAY(sa.DateTime(timezone=True)),
    "ARRAY of Enum": lambda: pg.ARRAY(sa.Enum("a", "b", name="in_array")),
    "ARRAY of JSONB": lambda: pg.ARRAY(pg.JSONB),
    "Enum": lambda: sa.Enum("small", "it's", "größe", name="size"),
    "Enum of a class": lambda: sa.Enum(Colour, name="colour"),
    "Enum with a name in quotes": lambda: sa.Enum("a", name="Select All"),
    "Enum with a reserved name": lambda: sa.Enum("a", name="user"),
    "Enum named by its class": lambda: sa.Enum(Colour),
    "Enum without type": lambda: sa.Enum("a", "bcd", native_enum=False, name="no_type"),
    "Enum with constraint": lambda: sa.Enum("a", "b", native_enum=False, create_constraint=True, name="of_values"),
    "ENUM": lambda: pg.ENUM("a", "b", name="own"),
    "ENUM of the default schema": lambda: pg.ENUM("a", "b", name="own_public", schema="public"),
    "Boolean with constraint": lambda: sa.Boolean(create_constraint=True, name="of_boolean"),
    "DOMAIN": lambda: pg.DOMAIN("plain_domain", sa.Text),
    "DOMAIN with all": lambda: pg.DOMAIN(
        "full_domain",
        sa.String(10),
        collation="C",
        default="x",
        not_null=True,
        constraint_name="full",
        check=sa.text("VALUE <> 'y'"),
    ),
    "TypeDecorator": Money,
    "TypeDecorator with implementation": Document,
    "UserDefinedType": Path,
    "UserDefinedType with a short name": Short,
    "variant": lambda: sa.String(5).with_variant(pg.CITEXT(), "postgresql"),
    "variant of another": lambda: sa.String(5).with_variant(sa.Text(), "mysql"),
    "JSON with variant": lambda: sa.JSON().with_variant(pg.JSONB(), "postgresql"),
}
#: Defaults, each with the type of its column.
DEFAULTS: dict[str, tuple[Callable[[], Any], Any]] = {
    "integer": (sa.Integer, "5"),
    "zero": (sa.Integer, "0"),
    "negative": (sa.Integer, "-5"),
    "negative as text": (sa.Integer, sa.text("-5")),
    "number as text": (sa.Integer, sa.text("5")),
    "padded number": (sa.Integer, "05"),
    "large number": (sa.Integer, "2147483647"),
    "small": (sa.SmallInteger, "1"),
    "big": (sa.BigInteger, "1"),
    "big as text": (sa.BigInteger, sa.text("1")),
    "huge": (sa.BigInteger, sa.text("12345678901234")),
    "numeric": (lambda: sa.Numeric(10, 2), "0"),
    "numeric with places": (lambda: sa.Numeric(10, 2), "0.5"),
    "numeric as text": (lambda: sa.Numeric(10, 2), sa.text("0.5")),
    "numeric of a decimal": (sa.Numeric, sa.literal(decimal.Decimal("1.25"))),
    "float": (sa.Float, "1.5"),
    "float as text": (sa.Float, sa.text("1.5")),
    "real": (sa.REAL, "1e3"),
    "string": (lambda: sa.String(20), "abc"),
    "string in quotes": (lambda: sa.String(20), "it's"),
    "string with a backslash": (lambda: sa.String(20), "a\\b"),
    "string with percent and colon": (lambda: sa.String(20), "100% :x ::y"),
    "string over lines": (sa.Text, "a\nb"),
    "string without length": (sa.String, "abc"),
    "empty string": (sa.Text, ""),
    "text": (sa.Text, "abc"),
    "text as text": (sa.Text, sa.text("'abc'")),
    "text with cast": (sa.Text, sa.text("'abc'::text")),
    "char": (lambda: sa.CHAR(3), "abc"),
    "citext": (pg.CITEXT, "AbC"),
    "boolean": (sa.Boolean, sa.text("false")),
    "boolean true": (sa.Boolean, sa.true()),
    "boolean false": (sa.Boolean, sa.false()),
    "boolean as string": (sa.Boolean, "f"),
    "boolean as number": (sa.Boolean, "0"),
    "boolean upper case": (sa.Boolean, sa.text("TRUE")),
    "now": (sa.DateTime, func.now()),
    "now with zone": (lambda: sa.DateTime(timezone=True), func.now()),
    "current_timestamp": (sa.DateTime, func.current_timestamp()),
    "CURRENT_TIMESTAMP": (sa.DateTime, sa.text("CURRENT_TIMESTAMP")),
    "current_timestamp in lower case": (sa.DateTime, sa.text("current_timestamp")),
    "localtimestamp": (sa.DateTime, func.localtimestamp()),
    "current_date": (sa.Date, func.current_date()),
    "NOW": (sa.DateTime, sa.text("NOW()")),
    "at time zone": (sa.DateTime, sa.text("(now() at time zone 'utc')")),
    "timezone function": (sa.DateTime, func.timezone("utc", func.now())),
    "date": (sa.Date, "2020-01-31"),
    "date of a date": (sa.Date, sa.literal(datetime.date(2020, 1, 31))),
    "timestamp": (sa.DateTime, "2020-01-31 10:00"),
    "timestamp with zone": (lambda: sa.DateTime(timezone=True), "2020-01-31 10:00+00"),
    "interval": (sa.Interval, "1 day"),
    "interval as text": (sa.Interval, sa.text("INTERVAL '1 day'")),
    "uuid": (sa.Uuid, "6F9619FF-8B86-D011-B42D-00CF4FC964FF"),
    "uuid function": (sa.Uuid, sa.text("gen_random_uuid()")),
    "uuid of a uuid": (sa.Uuid, sa.literal(uuid.UUID(int=5))),
    "json": (pg.JSON, '{"a":1}'),
    "jsonb": (pg.JSONB, '{"a":1}'),
    "empty jsonb": (pg.JSONB, "{}"),
    "jsonb list": (pg.JSONB, sa.text("'[]'::jsonb")),
    "empty array": (lambda: pg.ARRAY(sa.Integer), "{}"),
    "array of text": (lambda: pg.ARRAY(sa.String(5)), "{a,b}"),
    "array constructor": (lambda: pg.ARRAY(sa.Text), sa.text("ARRAY[]::text[]")),
    "array literal": (lambda: pg.ARRAY(sa.Integer), sa.text("ARRAY[1, 2]")),
    "enum": (lambda: sa.Enum("a", "b", name="with_default"), "a"),
    "enum with cast": (lambda: sa.Enum("a", "b", name="with_cast"), sa.text("'a'::with_cast")),
    "array of enum": (lambda: pg.ARRAY(sa.Enum("a", "b", name="array_default")), sa.text("'{a}'::array_default[]")),
    "hstore": (pg.HSTORE, "a=>1"),
    "range": (pg.INT4RANGE, "[1,5)"),
    "bytea": (sa.LargeBinary, sa.text("'\\x00'")),
    "inet": (pg.INET, "10.0.0.1"),
    "bit": (lambda: pg.BIT(3), sa.text("B'101'")),
    "null": (sa.Integer, sa.text("NULL")),
    "null with cast": (sa.Text, sa.text("NULL::text")),
    "sum": (sa.Integer, sa.text("1 + 2")),
    "sum in parentheses": (sa.Integer, sa.text("(1 + 2)")),
    "function": (sa.Text, sa.text("lower('ABC')")),
    "random": (sa.Float, func.random()),
    "user": (sa.Text, sa.text("CURRENT_USER")),
    "session user": (sa.Text, sa.text("session_user")),
    "case": (sa.Integer, sa.text("CASE WHEN true THEN 1 ELSE 2 END")),
    "fetched": (sa.Integer, sa.FetchedValue()),
    "domain": (lambda: pg.DOMAIN("with_default_domain", sa.Integer), "7"),
    "type decorator": (Money, "0"),
    "server version": (sa.Text, func.current_setting("server_version")),
}


def all_types(metadata: MetaData) -> None:
    """One table with a column of each type."""
    Table("types", metadata, *[Column(name, make()) for name, make in TYPES.items()])


def all_defaults(metadata: MetaData) -> None:
    """One table with a column of each default."""
    columns = [Column(name, make(), server_default=default) for name, (make, default) in DEFAULTS.items()]
    Table("defaults", metadata, *columns)


def _table(*items: Any, **options: Any) -> Declare:
    """A table beside another one that it may refer to."""

    def declare(metadata: MetaData) -> Table:
        Table("other", metadata, Column("id", Integer, primary_key=True), Column("code", sa.Text, unique=True))
        return Table("t", metadata, *[item() if callable(item) else item for item in items], **options)

    return declare


def _abc(*more: Callable[[], Any], **options: Any) -> Declare:
    """A table of three columns and more."""
    columns = (
        lambda: Column("a", Integer, nullable=False),
        lambda: Column("b", sa.String(30)),
        lambda: Column("c", sa.Text),
        lambda: Column("During", pg.TSRANGE),
        lambda: Column("doc", pg.JSONB),
    )
    return _table(*columns, *more, **options)


COLUMNS: dict[str, Declare] = {
    "serial": _table(lambda: Column("id", Integer, primary_key=True)),
    "bigserial": _table(lambda: Column("id", sa.BigInteger, primary_key=True)),
    "smallserial": _table(lambda: Column("id", sa.SmallInteger, primary_key=True)),
    "serial of a variant": _table(
        lambda: Column("id", sa.BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    ),
    "no serial": _table(lambda: Column("id", Integer, primary_key=True, autoincrement=False)),
    "no serial with a default": _table(lambda: Column("id", Integer, primary_key=True, server_default="1")),
    "serial in a long key": _table(
        lambda: Column("a", Integer, primary_key=True),
        lambda: Column("b", Integer, primary_key=True, autoincrement=True),
    ),
    "sequence": _table(lambda: Column("id", Integer, sa.Sequence("numbers"), primary_key=True)),
    "optional sequence": _table(lambda: Column("id", Integer, sa.Sequence("numbers", optional=True), primary_key=True)),
    "sequence as default": lambda metadata: Table(
        "t",
        metadata,
        Column(
            "a", Integer, server_default=(numbers := sa.Sequence("numbers", start=5, metadata=metadata)).next_value()
        ),
        Column("b", Integer, numbers, primary_key=True),
    ),
    "identity": _table(lambda: Column("id", Integer, Identity(), primary_key=True)),
    "identity always": _table(lambda: Column("id", sa.BigInteger, Identity(always=True))),
    "identity with all": _table(
        lambda: Column(
            "id",
            sa.SmallInteger,
            Identity(start=10, increment=5, minvalue=2, maxvalue=1000, cycle=True, cache=7, always=True),
        )
    ),
    "identity downwards": _table(lambda: Column("id", Integer, Identity(increment=-1))),
    "identity from zero": _table(lambda: Column("id", Integer, Identity(minvalue=0, nomaxvalue=True))),
    "computed": _table(
        lambda: Column("a", Integer), lambda: Column("b", Integer, Computed("a * 2 + 1", persisted=True))
    ),
    "computed text": _table(
        lambda: Column("a", sa.String(20)),
        lambda: Column("b", sa.Text, Computed("lower(a) || 'x'", persisted=True), nullable=False),
        lambda: Column("c", sa.Text, Computed(sa.text("coalesce(a,'')"), persisted=True)),
    ),
    "computed vector": _table(
        lambda: Column("a", sa.Text),
        lambda: Column("v", pg.TSVECTOR, Computed("to_tsvector('english'::regconfig, a)", persisted=True)),
    ),
    "comments": _table(
        lambda: Column("a", Integer, comment="it's 100% \\ fine"), lambda: Column("b", Integer, comment=""), comment="t"
    ),
    "names": _table(
        lambda: Column("Upper Case", Integer, primary_key=True),
        lambda: Column('with "quotes"', sa.Text, server_default="x"),
        lambda: Column("select", sa.Text, unique=True),
        lambda: Column("per%cent", sa.Text, index=True),
        lambda: Column("ä" * 40, Integer),
    ),
    "key of a nullable column": _table(lambda: Column("a", Integer, primary_key=True, nullable=True)),
    "system column": _table(lambda: Column("a", Integer), lambda: Column("xmin", Integer, system=True)),
    "no columns": _table(),
    "key by another name": _table(lambda: Column("real", Integer, key="other_key", index=True)),
}
CONSTRAINTS: dict[str, Declare] = {
    "named key": _abc(lambda: sa.PrimaryKeyConstraint("b", "a", name="the_key")),
    "key with include": _abc(lambda: sa.PrimaryKeyConstraint("a", name="k", postgresql_include=["b"])),
    "unique": _abc(lambda: sa.UniqueConstraint("a", "b", name="u")),
    "unnamed unique": _abc(lambda: sa.UniqueConstraint("b", "a"), lambda: sa.UniqueConstraint("c")),
    "unique with include": _abc(lambda: sa.UniqueConstraint("a", name="u", postgresql_include=["b", "c"])),
    "unique without distinct nulls": _abc(lambda: sa.UniqueConstraint("a", postgresql_nulls_not_distinct=True)),
    "unique with distinct nulls": _abc(lambda: sa.UniqueConstraint("a", postgresql_nulls_not_distinct=False)),
    "deferrable unique": _abc(lambda: sa.UniqueConstraint("a", deferrable=True)),
    "deferred unique": _abc(lambda: sa.UniqueConstraint("a", deferrable=True, initially="deferred")),
    "immediate unique": _abc(lambda: sa.UniqueConstraint("a", deferrable=True, initially="IMMEDIATE")),
    "foreign key": _abc(lambda: Column("o", ForeignKey("other.id"))),
    "foreign key with all": _abc(
        lambda: sa.ForeignKeyConstraint(
            ["a"],
            ["other.id"],
            name="f",
            onupdate="cascade",
            ondelete="set null",
            deferrable=True,
            initially="deferred",
            match="full",
        )
    ),
    "foreign key restrict": _abc(lambda: Column("o", ForeignKey("other.id", ondelete="RESTRICT", onupdate="restrict"))),
    "foreign key set default": _abc(lambda: Column("o", ForeignKey("other.id", ondelete="SET DEFAULT"))),
    "foreign key no action": _abc(lambda: Column("o", ForeignKey("other.id", ondelete="NO ACTION", match="simple"))),
    "foreign key set some null": _abc(
        lambda: sa.UniqueConstraint("a", "b"),
        lambda: Column("x", Integer),
        lambda: Column("y", sa.String(30)),
        lambda: sa.ForeignKeyConstraint(["x", "y"], ["t.a", "t.b"], ondelete="SET NULL (y)"),
    ),
    "foreign key not valid": _abc(lambda: Column("o", ForeignKey("other.id", postgresql_not_valid=True))),
    "foreign key to itself": _table(
        lambda: Column("id", Integer, primary_key=True),
        lambda: Column("up", ForeignKey("t.id", use_alter=True, name="u")),
    ),
    "foreign key to text": _abc(lambda: Column("code", ForeignKey("other.code"))),
    "check": _abc(lambda: CheckConstraint("a > 0", name="positive")),
    "unnamed check": _abc(lambda: CheckConstraint("a>0"), lambda: CheckConstraint("b<>''")),
    "check of a column": _table(lambda: Column("a", Integer, CheckConstraint("a between 1 and 5"))),
    "check of many": _abc(
        lambda: CheckConstraint("a > 0 AND (b IS NOT NULL OR c in ('x','y')) and length(b) < 5", name="many"),
        lambda: CheckConstraint("b ~ '^[a-z:%]+$'", name="pattern"),
        lambda: CheckConstraint("b LIKE 'a:b%' AND c NOT ILIKE '\\%'", name="colon"),
    ),
    "check of expressions": lambda metadata: Table(
        "t",
        metadata,
        a := Column("a", Integer),
        b := Column("b", sa.Text),
        CheckConstraint(sa.and_(a > 5, b.in_(["x", "y"])), name="both"),
        CheckConstraint(sa.func.length(b) > 2, name="long"),
    ),
    "check with its table": _abc(lambda: CheckConstraint("t.a > 0", name="positive")),
    "check not valid": _abc(lambda: CheckConstraint("a > 0", name="positive", postgresql_not_valid=True)),
    "check with casts": _abc(lambda: CheckConstraint("a::text <> b", name="casts")),
    "check for another database": _abc(lambda: CheckConstraint("a > 0", name="m").ddl_if(dialect="mysql")),
    "exclude": _abc(lambda: pg.ExcludeConstraint(("a", "="), ("During", "&&"), name="no_overlap")),
    "unnamed exclude": _abc(lambda: pg.ExcludeConstraint(("During", "&&"))),
    "exclude with all": _abc(
        lambda: pg.ExcludeConstraint(
            (sa.column("a"), "="),
            (sa.text("tsrange(lower(\"During\"), 'infinity', '[)')"), "&&"),
            name="no_overlap",
            using="gist",
            where=sa.text("a > 5"),
            deferrable=True,
            initially="DEFERRED",
        )
    ),
    "exclude with operator class": _abc(
        lambda: pg.ExcludeConstraint(("b", "="), using="hash", name="no_twice", ops={"b": "varchar_ops"})
    ),
    "exclude by btree": _abc(lambda: pg.ExcludeConstraint(("a", "="), using="btree", name="no_twice")),
}
INDEXES: dict[str, Declare] = {
    "index": _abc(lambda: Index("i", "a", "b")),
    "unique index": _abc(lambda: Index("i", "a", unique=True)),
    "index of a column": _table(lambda: Column("a", Integer, index=True), lambda: Column("b", Integer, unique=True)),
    "unique index of a column": _table(lambda: Column("a", Integer, index=True, unique=True)),
    "order": _abc(
        lambda: Index(
            "i",
            sa.column("a").desc(),
            sa.column("b").asc().nulls_first(),
            sa.column("c").desc().nulls_last(),
            sa.column("a").desc().nulls_first(),
            sa.text("b ASC NULLS LAST"),
        )
    ),
    "expressions": _abc(
        lambda: Index("i", func.lower(sa.column("b")), sa.text("(a + 1)"), sa.text("upper(c) DESC")),
        lambda: Index("j", sa.text("coalesce(b, c)"), sa.text("(doc ->> 'k')"), sa.column("a")),
    ),
    "collation": _abc(
        lambda: Index("i", sa.column("b").collate("C"), sa.text('c COLLATE "POSIX" DESC')),
        lambda: Index("j", sa.text('lower(b) COLLATE "C"'), func.lower(sa.column("c")).collate("POSIX").desc()),
    ),
    "operator classes": _abc(
        lambda: Index("i", "b", "c", postgresql_ops={"b": "varchar_pattern_ops", "c": "text_ops"}),
        lambda: Index("j", "doc", postgresql_using="gin", postgresql_ops={"doc": "jsonb_path_ops"}),
        lambda: Index("k", "c", postgresql_using="gist", postgresql_ops={"c": "gist_trgm_ops(siglen=32)"}),
        lambda: Index("l", sa.text("lower(b) text_pattern_ops")),
        lambda: Index(
            "m", func.lower(sa.column("c")).label("low"), postgresql_ops={"low": "gin_trgm_ops"}, postgresql_using="gin"
        ),
    ),
    "methods": _abc(
        lambda: Index("i", "a", postgresql_using="hash"),
        lambda: Index("j", "During", postgresql_using="gist"),
        lambda: Index("k", "a", postgresql_using="BRIN", postgresql_with={"pages_per_range": 16}),
        lambda: Index("l", "doc", postgresql_using="gin", postgresql_with={"fastupdate": False}),
        lambda: Index(
            "m", "a", postgresql_using="btree", postgresql_with={"fillfactor": "70", "deduplicate_items": "off"}
        ),
    ),
    "where": _abc(
        lambda: Index("i", "a", postgresql_where=sa.text("b IS NOT NULL AND a>5")),
        lambda: Index("j", "a", postgresql_where=sa.column("b") == "x", unique=True),
        lambda: Index("k", "a", postgresql_where="c is null"),
    ),
    "include": _abc(lambda: Index("i", "a", postgresql_include=["b", "c"], unique=True)),
    "nulls": _abc(
        lambda: Index("i", "a", unique=True, postgresql_nulls_not_distinct=True),
        lambda: Index("j", "a", unique=True, postgresql_nulls_not_distinct=False),
    ),
    "concurrently is no matter": _abc(lambda: Index("i", "a", postgresql_concurrently=False)),
    "tablespace": _abc(lambda: Index("i", "a", postgresql_tablespace="pg_default")),
    "column in quotes": _abc(lambda: Index("I", sa.text('"During"'), postgresql_using="gist")),
    "for another database": _abc(lambda: Index("i", "a").ddl_if(dialect="mysql"), lambda: Index("j", "b")),
}
TABLES: dict[str, Declare] = {
    "unlogged": _abc(prefixes=["UNLOGGED"]),
    "with": _abc(
        postgresql_with={"fillfactor": 70, "autovacuum_enabled": False, "toast.autovacuum_enabled": "off"},
    ),
    "partitioned": _abc(lambda: sa.UniqueConstraint("a"), postgresql_partition_by="range (a)"),
    "partitioned by an expression": _abc(postgresql_partition_by="LIST (lower(b), a)".replace(", a", "")),
    "using": _abc(postgresql_using="heap"),
    "tablespace": _abc(postgresql_tablespace="pg_default"),
    "inherits": lambda metadata: (
        Table("parent", metadata, Column("a", Integer), Column("b", sa.Text), CheckConstraint("a > 0", name="pos")),
        Table("t", metadata, Column("c", Integer), postgresql_inherits="parent").add_is_dependent_on(
            metadata.tables["parent"]
        ),
    ),
    "default schema": lambda metadata: (
        Table("other", metadata, Column("id", Integer, primary_key=True), schema="public"),
        Table("t", metadata, Column("o", ForeignKey("public.other.id")), schema="public"),
    ),
    "schema": lambda metadata: (
        Table("other", metadata, Column("id", Integer, primary_key=True)),
        Table(
            "t",
            metadata,
            Column("id", Integer, primary_key=True),
            Column("o", ForeignKey("other.id"), index=True),
            Column("up", ForeignKey("far.t.id")),
            Column("e", sa.Enum("a", "b", name="far_enum", schema="far"), server_default="a"),
            Column("f", sa.Enum("a", "b", name="inherited", inherit_schema=True), server_default="a"),
            CheckConstraint("e <> 'b'", name="not_b"),
            schema="far",
        ),
        Table("near", metadata, Column("f", ForeignKey("far.t.id"))),
    ),
}


def _of_expressions(metadata: MetaData) -> None:
    table = Table(
        "t",
        metadata,
        Column("a", Integer, key="first"),
        Column("b", sa.String(40), key="second"),
        Column("doc", pg.JSONB),
        Column("tags", pg.ARRAY(sa.String(10))),
        Column("start", sa.DateTime(timezone=True)),
        Column("mood", sa.Enum("sad", "ok", name="mood")),
    )
    columns = table.c
    Index("i", columns.doc["k"].astext, sa.cast(columns.first, sa.Text).desc())
    Index("j", func.to_tsvector(sa.literal_column("'english'"), columns.second), postgresql_using="gin")
    Index("k", sa.desc(func.lower(columns.second)), columns.first, postgresql_where=columns.mood == "ok")
    Index("l", columns.second, postgresql_include=["first"], postgresql_ops={"second": "text_pattern_ops"})
    Index("m", columns.tags, postgresql_using="gin")
    Index("n", func.coalesce(columns.second, "it's 100%"), unique=True, postgresql_where=columns.second.in_(["x", "y"]))
    Index("o", sa.func.date_trunc("day", columns.start.op("AT TIME ZONE")("UTC")))
    Index("p", func.abs(sa.case((columns.first > 5, columns.first), else_=0)))
    table.append_constraint(CheckConstraint(columns.mood.in_(["sad", "ok"]), name="moods"))
    table.append_constraint(
        CheckConstraint(columns.second.like("a%:b\\_") | columns.first.between(1, 5), name="either")
    )
    table.append_constraint(CheckConstraint(columns.doc["k"].astext != "x", name="not_x"))
    table.append_constraint(CheckConstraint(func.length(columns.second) <= 30, name="short"))
    table.append_constraint(CheckConstraint(~columns.first.is_(None), name="there"))


def _long_names(metadata: MetaData) -> None:
    long = "a_table_with_a_very_long_name_that_goes_on_and_on"
    Table(long, metadata, Column("id", Integer, primary_key=True))
    Table(
        f"{long}_more",
        metadata,
        Column("another_column_with_a_long_name", ForeignKey(f"{long}.id"), index=True, unique=True),
        Column("a_second_column_with_a_long_name", Integer, unique=True),
        CheckConstraint("a_second_column_with_a_long_name > 0", name="of_the_second_column"),
    )


def _in_a_schema(metadata: MetaData) -> None:
    """As `MetaData(schema="far")` would have it."""
    metadata.schema = "far"
    numbers = sa.Sequence("numbers", metadata=metadata)
    Table("parent", metadata, Column("id", sa.BigInteger, Identity(always=True), primary_key=True))
    Table(
        "child",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("up", ForeignKey("far.parent.id"), index=True),
        Column("kind", sa.Enum("a", "b", name="kind", metadata=metadata), server_default="a"),
        Column("number", sa.BigInteger, server_default=numbers.next_value()),
        CheckConstraint("kind <> 'b' OR number > 7", name="either"),
    )


MORE: dict[str, Declare] = {
    "expressions of SQLAlchemy": _of_expressions,
    "long names": _long_names,
    "all in a schema": _in_a_schema,
    "names in quotes": lambda metadata: (
        Table("User", metadata, Column("Id", Integer, primary_key=True), Column("order", sa.Text, index=True)),
        Table(
            "select",
            metadata,
            Column("from", ForeignKey("User.Id", onupdate="CASCADE")),
            CheckConstraint('"from" > 0', name="Big"),
        ),
    ),
    "names without quotes": _table(
        lambda: Column(sa.sql.quoted_name("MixedCase", quote=False), Integer, unique=True),
        lambda: Column("id", sa.BigInteger, primary_key=True),
    ),
    "cycle": lambda metadata: (
        Table("a", metadata, Column("id", Integer, primary_key=True), Column("b", ForeignKey("b.id", name="a_b"))),
        Table("b", metadata, Column("id", Integer, primary_key=True), Column("a", ForeignKey("a.id", name="b_a"))),
    ),
    "key of many": _table(
        lambda: Column("a", Integer, primary_key=True),
        lambda: Column("b", Integer, primary_key=True),
        lambda: Column("c", ForeignKey("other.id", deferrable=True, initially="IMMEDIATE"), primary_key=True),
    ),
    "key that counts comes first": _table(
        lambda: Column("a", sa.Text, primary_key=True),
        lambda: Column("b", Integer, primary_key=True, autoincrement=True),
    ),
    "two unique on the same": _abc(
        lambda: sa.UniqueConstraint("a", name="one"),
        lambda: sa.UniqueConstraint("a", name="two"),
        lambda: Index("three", "a", unique=True),
    ),
    "unique key": _table(lambda: Column("a", Integer, primary_key=True, unique=True, index=True)),
    "named unique on an unnamed one": _abc(
        lambda: sa.UniqueConstraint("a"),
        lambda: sa.UniqueConstraint("a", name="two"),
        lambda: sa.UniqueConstraint("a", name="three", deferrable=True),
    ),
    "computed of numbers": _table(
        lambda: Column("price", sa.Numeric(10, 2)),
        lambda: Column("total", sa.Numeric(12, 2), Computed("price * 1.19", persisted=True), index=True),
        lambda: Column("is_dear", sa.Boolean, Computed(sa.column("price") > 100, persisted=True)),
    ),
}
SEPARATE: dict[str, Declare] = {
    **{f"more: {name}": declare for name, declare in MORE.items()},
    **{f"column: {name}": declare for name, declare in COLUMNS.items()},
    **{f"constraint: {name}": declare for name, declare in CONSTRAINTS.items()},
    **{f"index: {name}": declare for name, declare in INDEXES.items()},
    **{f"table: {name}": declare for name, declare in TABLES.items()},
    "all types": all_types,
    "all defaults": all_defaults,
}
