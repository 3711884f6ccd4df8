"""Plain statements, word for word what SQLAlchemy writes from a whole table."""

import copy
import enum
import pickle
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.ext.compiler import compiles, deregister
from sqlalchemy.schema import (
    ColumnCollectionConstraint,
    CreateColumn,
)
from sqlalchemy.schema import (
    CreateIndex as SqlCreateIndex,
)
from sqlalchemy.schema import (
    CreateTable as SqlCreateTable,
)
from sqlalchemy.sql.elements import conv, quoted_name
from sqlalchemy.types import TypeDecorator

from asyncmig.dialects.ansi import AnsiAdapter
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.mysql import MySQLAdapter
from asyncmig.dialects.postgresql import PostgreSQLAdapter
from asyncmig.dialects.sqlite import SQLiteAdapter
from asyncmig.dialects.sqlite_columns import new_column
from asyncmig.dialects.steps import Statement
from asyncmig.operations import (
    AddColumn,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateTable,
    CreateUniqueConstraint,
    DropIndex,
    DropTable,
    Operation,
)

CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
EVERY_NAME = {"ix": "ix_%(constraint_name)s", "pk": "pk_%(column_0_name)s", "uq": "%(table_name)s_%(constraint_name)s"}


class WholePostgreSQL(PostgreSQLAdapter):
    def knows_plain(self, kinds: Any) -> bool:
        return False


class WholeMySQL(MySQLAdapter):
    def knows_plain(self, kinds: Any) -> bool:
        return False


class WholeSQLite(SQLiteAdapter):
    def knows_plain(self, kinds: Any) -> bool:
        return False


class Asked:
    """An adapter, and its twin that never writes anything plainly."""

    def __init__(self, plain: type[AnsiAdapter], whole: type[AnsiAdapter], url: str, **state: Any) -> None:
        convention = state.pop("convention", None)
        dialect: Any = sa.make_url(url).get_dialect()()
        for name, value in state.items():
            setattr(dialect, name, value)
        self.plain = plain(dialect, naming_convention=convention)
        self.whole = whole(dialect, naming_convention=convention)


def postgresql_database(**state: Any) -> Asked:
    return Asked(
        PostgreSQLAdapter, WholePostgreSQL, "postgresql+asyncpg://", **{"server_version_info": (16, 0), **state}
    )


def mysql_database(url: str = "mysql+aiomysql://", **state: Any) -> Asked:
    return Asked(MySQLAdapter, WholeMySQL, url, **{"server_version_info": (8, 0, 36), **state})


def sqlite_database(**state: Any) -> Asked:
    return Asked(SQLiteAdapter, WholeSQLite, "sqlite+aiosqlite://", **state)


DATABASES = {
    "postgresql": postgresql_database(),
    "postgresql_convention": postgresql_database(convention=CONVENTION),
    "postgresql_every_name": postgresql_database(convention=EVERY_NAME),
    "postgresql_psycopg": Asked(PostgreSQLAdapter, WholePostgreSQL, "postgresql+psycopg://"),
    "mysql": mysql_database(),
    "mysql_convention": mysql_database(convention=CONVENTION, server_version_info=(5, 7, 1)),
    "mariadb": mysql_database("mariadb+aiomysql://", server_version_info=(10, 11, 6), is_mariadb=True),
    "sqlite": sqlite_database(),
    "sqlite_convention": sqlite_database(convention=CONVENTION),
}
EACH_DATABASE = pytest.mark.parametrize("database", DATABASES.values(), ids=DATABASES.keys())


def planned(adapter: AnsiAdapter, operation: Operation[Any]) -> list[Any]:
    """The steps, as far as they come, and the error that ends them."""
    found: list[Any] = []
    steps = adapter.plan(operation, Facts())
    while True:
        try:
            step = next(steps)
        except StopIteration:
            return found
        except Exception as error:
            # Without the addresses of objects.
            return [*found, (type(error), re.sub(r"0x[0-9a-f]+", "", str(error)))]
        assert isinstance(step, Statement)
        found.append((step.sql, step.transactional, step.builds, described(step.outcome)))


def described(table: sa.Table | None) -> Any:
    """All that a table says of itself."""
    if table is None:
        return None
    columns = [
        (column.name, column.key, repr(column.type), column.primary_key, column.nullable, column.table is table)
        for column in table.c
    ]
    constraints = sorted(
        (type(item).__name__, str(item.name), [column.name for column in item.columns])
        for item in table.constraints
        if isinstance(item, ColumnCollectionConstraint)
    )
    others = sorted(table.metadata.tables)
    return table.fullname, table.info, columns, constraints, others, table in table.metadata.tables.values()


def same(database: Asked, operation: Operation[Any]) -> list[Any]:
    before = planned(database.plain, operation)
    assert before == planned(database.whole, operation)
    # What was asked of the items meanwhile has changed nothing.
    assert before == planned(database.plain, operation)
    if isinstance(operation, AddColumn) and isinstance(database.plain, SQLiteAdapter) and len(before[-1]) > 2:
        assert repr(new_column(database.plain, operation)) == repr(new_column(database.whole, operation))
    return before


def plain_text(adapter: AnsiAdapter, operation: Operation[Any]) -> str | None:
    """What the plain way gives; None when it is not gone."""
    match operation:
        case CreateTable():
            return adapter.plain_create_table(operation)
        case AddColumn():
            return adapter.plain_added_column(operation)
        case CreateIndex():
            return adapter.plain_create_index(operation, exists=operation.if_not_exists)
        case DropTable():
            return adapter.plain_drop_table(operation)
        case DropIndex():
            return adapter.plain_drop_index(operation)
        case CreatePrimaryKey() | CreateUniqueConstraint() | CreateForeignKey():
            return adapter.plain_add_constraint(operation)
    raise AssertionError(operation)


# -- anything ----------------------------------------------------------------------------------------------------------

NAMES = st.one_of(
    st.sampled_from(
        ["id", "name", "order", "User", "a b", "100%", 'qu"ote', "tick`s", "ä", "select", "x" * 60, "_a", "1st"]
    ),
    st.text(st.characters(codec="ascii", min_codepoint=32), min_size=1, max_size=12),
    st.sampled_from([quoted_name("plain", True), quoted_name("Mixed", False), quoted_name("any", None)]),
)
TYPES: list[Callable[[], Any]] = [
    sa.Integer,
    sa.BigInteger,
    sa.SmallInteger,
    lambda: sa.String(20),
    lambda: sa.String(40, collation="C"),
    lambda: sa.Unicode(9),
    lambda: sa.CHAR(3),
    sa.Text,
    lambda: sa.Text(500),
    sa.UnicodeText,
    lambda: sa.Numeric(10, 2),
    sa.Numeric,
    sa.Float,
    lambda: sa.Float(53),
    sa.Double,
    sa.REAL,
    sa.Boolean,
    sa.Date,
    sa.DateTime,
    lambda: sa.DateTime(timezone=True),
    sa.Time,
    sa.TIMESTAMP,
    lambda: sa.TIMESTAMP(timezone=True),
    sa.LargeBinary,
    sa.JSON,
    sa.Uuid,
    lambda: sa.Uuid(native_uuid=False),
    lambda: sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    lambda: sa.DateTime().with_variant(mysql.TIMESTAMP(fsp=6), "mysql", "mariadb"),
    lambda: sa.String(9).with_variant(mysql.VARCHAR(9, charset="latin1"), "mysql"),
]
ODD_TYPES: list[Callable[[], Any]] = [
    lambda: sa.String(),
    lambda: sa.Enum("a", "b'c", name="kind"),
    lambda: sa.Enum("a", "b", name="kind", native_enum=False, create_constraint=True),
    lambda: sa.Boolean(create_constraint=True, name="is_it"),
    lambda: sa.Boolean(create_constraint=True),
    lambda: sa.Integer().with_variant(sa.Boolean(create_constraint=True, name="v"), "mysql", "postgresql", "sqlite"),
    lambda: sa.Text().with_variant(sa.Enum("x", name="of_variant"), "postgresql"),
    lambda: sa.ARRAY(sa.Integer),
    sa.Interval,
    sa.PickleType,
    lambda: sa.types.NullType(),
    lambda: postgresql.JSONB(),
    lambda: postgresql.ARRAY(sa.Text()),
    lambda: mysql.INTEGER(unsigned=True),
    lambda: mysql.TIMESTAMP(fsp=3),
    lambda: mysql.SET("a", "b"),
    lambda: sqlite.DATETIME(),
    lambda: Shouting(9),
]
DEFAULTS: list[Callable[[], Any]] = [
    lambda: None,
    lambda: "0",
    lambda: "it's 100% :x \\ \"",
    lambda: "",
    lambda: sa.text("0"),
    lambda: sa.text("'a:b'"),
    lambda: sa.text("now() ON UPDATE now()"),
    lambda: sa.text("(1 + 1)"),
    lambda: sa.text("a || b"),
    sa.func.now,
    lambda: sa.func.lower("X"),
    lambda: sa.literal_column("5"),
    sa.true,
    sa.null,
    sa.FetchedValue,
]


class Shouting(TypeDecorator[str]):
    impl = sa.String
    cache_ok = True


@st.composite
def columns(draw: st.DrawFn, *, odd: bool) -> sa.Column[Any]:
    """A column; an odd one may have anything."""
    items: list[Any] = []
    options: dict[str, Any] = {"server_default": draw(st.sampled_from(DEFAULTS))()}
    if draw(st.booleans()):
        options["nullable"] = draw(st.booleans())
    if odd:
        if draw(st.integers(0, 3)) == 0:
            options |= draw(st.sampled_from(ODD_OPTIONS))()
        if draw(st.integers(0, 4)) == 0:
            items.append(draw(st.sampled_from(ODD_ITEMS))())
    types = [*TYPES, *ODD_TYPES] if odd else TYPES
    name = draw(NAMES)
    try:
        return sa.Column(name, draw(st.sampled_from(types))(), *items, **options)
    except sa.exc.ArgumentError:
        return sa.Column(name, sa.Integer())


ODD_OPTIONS: list[Callable[[], dict[str, Any]]] = [
    lambda: {"primary_key": True},
    lambda: {"primary_key": True, "nullable": True},
    lambda: {"primary_key": True, "autoincrement": True},
    lambda: {"primary_key": True, "autoincrement": False},
    lambda: {"primary_key": True, "autoincrement": "ignore_fk"},
    lambda: {"primary_key": True, "default": 5},
    lambda: {"default": sa.Sequence("numbers")},
    lambda: {"primary_key": True, "default": sa.Sequence("numbers", optional=True)},
    lambda: {"unique": True},
    lambda: {"index": True},
    lambda: {"unique": True, "index": True},
    lambda: {"comment": "100 % it's"},
    lambda: {"comment": ""},
    lambda: {"key": "other"},
    lambda: {"system": True},
    lambda: {"quote": True},
    lambda: {"info": {"a": 1}, "doc": "d", "default": "x", "onupdate": "y"},
    lambda: {"sqlite_on_conflict_not_null": "FAIL", "nullable": False},
    lambda: {"sqlite_on_conflict_unique": "FAIL", "unique": True},
    lambda: {"server_onupdate": sa.FetchedValue()},
    lambda: {"insert_sentinel": True},
]
ODD_ITEMS: list[Callable[[], Any]] = [
    lambda: sa.ForeignKey("other.id"),
    lambda: sa.ForeignKey("other.id", name="fk_it", ondelete="CASCADE", onupdate="SET NULL"),
    lambda: sa.ForeignKey("s.other.id", deferrable=True, initially="DEFERRED"),
    lambda: sa.ForeignKey("other"),
    lambda: sa.ForeignKey("t.id"),
    lambda: sa.ForeignKey("other.id", match="FULL"),
    lambda: sa.ForeignKey("other.id", use_alter=True, name="later"),
    lambda: sa.ForeignKey("other.id", postgresql_not_valid=True),
    lambda: sa.CheckConstraint("1 > 0"),
    lambda: sa.CheckConstraint("1 > 0", name="ck_it"),
    lambda: sa.Identity(always=True),
    lambda: sa.Computed("1 + 1", persisted=True),
    lambda: sa.Sequence("numbers"),
]
GIVEN_NAMES = st.one_of(
    st.none(),
    st.sampled_from(["given", "Given Name", "n" * 63, "n" * 70, conv("op_f"), conv("m" * 70), quoted_name("q", True)]),
)


@st.composite
def tables(draw: st.DrawFn, *, odd: bool) -> CreateTable:
    """CREATE TABLE with keys among its own columns."""
    found = draw(
        st.lists(columns(odd=odd), min_size=1, max_size=5, unique_by=None if odd else lambda column: column.name)
    )
    names = [column.name for column in found]
    items: list[Any] = [*found]
    some = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)
    for _ in range(draw(st.integers(0, 3))):
        of, options = draw(some), draw(st.sampled_from(KEY_OPTIONS if odd else KEY_OPTIONS[:1]))
        kinds = KEYS if odd else KEYS[:2]
        name = draw(GIVEN_NAMES) if odd else draw(st.sampled_from(["given", conv("f" * 70)]))
        items.append(draw(st.sampled_from(kinds))(of, name, options))
    if draw(st.booleans()) and not any(column.primary_key for column in found):
        key = draw(some)
        for column in found:
            if column.name in key and (not odd or draw(st.integers(0, 5))):
                column.nullable = False
        items.append(sa.PrimaryKeyConstraint(*key, name=draw(GIVEN_NAMES) if odd else None))
    if odd:
        items = draw(st.permutations(items))
    options = draw(st.sampled_from(TABLE_OPTIONS if odd else TABLE_OPTIONS[:3]))
    return CreateTable.of("t", *items, **options)


KEYS: list[Callable[[list[str], Any, dict[str, Any]], Any]] = [
    lambda of, name, options: sa.UniqueConstraint(*of, name=name, **options),
    lambda of, name, options: sa.ForeignKeyConstraint(
        of, [f"other.r{n}" for n, _ in enumerate(of)], name=name, **options
    ),
    lambda of, name, options: sa.ForeignKeyConstraint(of, [f"t.{column}" for column in of], name=name, **options),
    lambda of, name, options: sa.ForeignKeyConstraint(of, [f"s.o.{column}" for column in of], name=name, **options),
    lambda of, name, options: sa.ForeignKeyConstraint(of, [f"o{n}.x" for n, _ in enumerate(of)], name=name, **options),
    lambda of, name, options: sa.ForeignKeyConstraint(of, ["other" for _ in of], name=name, **options),
    lambda of, name, options: sa.ForeignKeyConstraint(
        of, ["o.x" for _ in of], name=name, ondelete="CASCADE", **options
    ),
    lambda of, name, options: sa.ForeignKeyConstraint(of, ["o.x" for _ in of], name="n", use_alter=True),
    lambda of, name, options: sa.PrimaryKeyConstraint(*of, name=name, **options),
    lambda of, name, options: sa.UniqueConstraint(*of, "missing", name=name),
    lambda of, name, options: sa.UniqueConstraint(*of, name=name, postgresql_nulls_not_distinct=True),
    lambda of, name, options: sa.UniqueConstraint(*of, name=name, sqlite_on_conflict="FAIL"),
    lambda of, name, options: sa.UniqueConstraint(*of, name=name).ddl_if(dialect="sqlite"),
    lambda of, name, options: sa.CheckConstraint("1 > 0", name=name),
    lambda of, name, options: sa.Index(name or "i", *of),
    lambda of, name, options: sa.Index(name or "i", *of, postgresql_concurrently=True),
    lambda of, name, options: None,
]
KEY_OPTIONS: list[dict[str, Any]] = [
    {},
    {"deferrable": True, "initially": "DEFERRED"},
    {"deferrable": False},
    {"comment": "c"},
    {"info": {"a": 1}},
]
TABLE_OPTIONS: list[dict[str, Any]] = [
    {},
    {"if_not_exists": True},
    {"info": {"a": 1}},
    {"schema": "s"},
    {"schema": "S s", "if_not_exists": True},
    {"comment": "it's"},
    {"prefixes": ["TEMPORARY"]},
    {"mysql_engine": "InnoDB"},
    {"sqlite_autoincrement": True},
    {"sqlite_with_rowid": False},
    {"postgresql_with": {"fillfactor": 50}},
    {"quote": True},
    {"implicit_returning": False},
    {"no_such_option": 1},
]


@given(tables(odd=True))
@settings(max_examples=100, deadline=None)
@pytest.mark.filterwarnings("ignore")
def test_any_table_is_written_the_same(operation: CreateTable) -> None:
    for database in DATABASES.values():
        same(database, operation)


@given(tables(odd=False))
@settings(max_examples=60, deadline=None)
def test_a_plain_table_is_written_plainly(operation: CreateTable) -> None:
    for name in ("postgresql", "mysql", "mariadb", "sqlite"):
        (step,) = same(DATABASES[name], operation)
        assert step[0] == plain_text(DATABASES[name].plain, operation)


@given(columns(odd=True), st.sampled_from([{}, {"schema": "s"}, {"if_not_exists": True}, {"inline_primary_key": True}]))
@settings(max_examples=100, deadline=None)
@pytest.mark.filterwarnings("ignore")
def test_any_column_is_added_the_same(column: sa.Column[Any], options: dict[str, Any]) -> None:
    for database in DATABASES.values():
        same(database, AddColumn("t", column, **options))


@given(columns(odd=False))
@settings(max_examples=60, deadline=None)
def test_a_plain_column_is_added_plainly(column: sa.Column[Any]) -> None:
    for database in DATABASES.values():
        operation = AddColumn("t", column)
        same(database, operation)
        assert plain_text(database.plain, operation) is not None


@given(GIVEN_NAMES, NAMES, st.lists(NAMES, max_size=3), st.booleans(), st.sampled_from([None, "s", "S s"]))
@settings(max_examples=60, deadline=None)
def test_any_index_is_written_the_same(
    name: str | None, table: str, of: list[Any], unique: bool, schema: str | None
) -> None:
    for database in DATABASES.values():
        same(database, CreateIndex.of(name, table, of, unique=unique, schema=schema))
        if name:
            same(database, DropIndex.of(name, table, schema=schema))


@given(GIVEN_NAMES, NAMES, st.lists(NAMES, max_size=2), st.sampled_from(KEY_OPTIONS[:3]), st.sampled_from([None, "s"]))
@settings(max_examples=60, deadline=None)
def test_any_key_is_added_the_same(
    name: str | None, table: str, of: list[Any], options: dict[str, Any], schema: str | None
) -> None:
    operations: list[Operation[Any]] = [
        CreatePrimaryKey.of(name, table, of, schema=schema),
        CreateUniqueConstraint.of(name, table, of, schema=schema, **options),
        CreateForeignKey.of(
            name, table, "other", of, [f"r{n}" for n, _ in enumerate(of)], source_schema=schema, **options
        ),
        CreateForeignKey.of(name, table, table, of, ["x" for _ in of], ondelete="CASCADE"),
        CreateForeignKey.of(name, table, "o", of, ["x"], referent_schema="s", onupdate="NO SUCH WORD;"),
    ]
    for database in DATABASES.values():
        if not isinstance(database.plain, SQLiteAdapter):
            for operation in operations:
                same(database, operation)


# -- by hand -----------------------------------------------------------------------------------------------------------


class Word(enum.StrEnum):
    TABLE = "t"


def id_column(*items: Any, **options: Any) -> sa.Column[Any]:
    return sa.Column("id", sa.Integer(), *items, **options)


PLAIN: list[Operation[Any]] = [
    CreateTable.of("t", id_column(primary_key=True), sa.Column("name", sa.String(9), unique=True)),
    CreateTable.of(
        "t", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("x", sa.Integer(), sa.ForeignKey("t.id"))
    ),
    CreateTable.of("t", sa.Column("id", sa.SmallInteger(), primary_key=True), schema="s"),
    CreateTable.of("t", sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)),
    CreateTable.of("t", sa.Column("id", sa.Uuid(), primary_key=True)),
    CreateTable.of("t", id_column(primary_key=True, autoincrement=False)),
    CreateTable.of("t", id_column(primary_key=True, default=5)),
    CreateTable.of("t", id_column(sa.ForeignKey("other.id"), primary_key=True)),
    CreateTable.of("t", id_column(primary_key=True), sa.Column("b", sa.Integer(), primary_key=True)),
    CreateTable.of("t", id_column(nullable=False), sa.PrimaryKeyConstraint("id", name=conv("pk_t"))),
    CreateTable.of(
        "t",
        id_column(nullable=False),
        sa.ForeignKeyConstraint(["id"], ["other.id"], ondelete="CASCADE", onupdate="SET NULL", deferrable=True),
        sa.PrimaryKeyConstraint("id", deferrable=True, initially="DEFERRED"),
    ),
    CreateTable.of("t", id_column(), sa.UniqueConstraint("id", name="uq"), None, info={"a": 1}),
    AddColumn("t", id_column()),
    AddColumn("T", sa.Column("order", sa.DateTime(), server_default=sa.func.now()), schema="s"),
    CreateIndex.of("ix", "t", ["a", "B"], schema="s", unique=True),
    CreateIndex.of(conv("i" * 70), "t", ("a",)),
    DropTable.of("t", schema="s", if_exists=True),
    DropTable.of("Order"),
    CreateUniqueConstraint.of("uq", "t", ["a"], deferrable=True),
    CreatePrimaryKey.of("pk", "t", ["a", "b"], schema="s"),
    CreateForeignKey.of("fk", "t", "u", ["a"], ["b"], source_schema="s", referent_schema="r", ondelete="CASCADE"),
]
#: What only SQLAlchemy writes, on any database.
ODD: list[Operation[Any]] = [
    CreateTable.of("t"),
    CreateTable.of("t", id_column(), id_column()),
    CreateTable.of(Word.TABLE, id_column()),
    CreateTable.of("t", id_column(), comment="c"),
    CreateTable.of("t", id_column(comment="c")),
    CreateTable.of("t", id_column(index=True)),
    CreateTable.of("t", id_column(), sa.Index("ix", "id")),
    CreateTable.of("t", id_column(), prefixes=["TEMPORARY"]),
    CreateTable.of("t", id_column(), sqlite_autoincrement=True),
    CreateTable.of("t", id_column(primary_key=True), sa.PrimaryKeyConstraint("id")),
    CreateTable.of("t", id_column(nullable=True), sa.PrimaryKeyConstraint("id")),
    CreateTable.of("t", id_column(), sa.PrimaryKeyConstraint("id"), sa.PrimaryKeyConstraint("id")),
    CreateTable.of("t", id_column(), sa.UniqueConstraint("missing")),
    CreateTable.of("t", id_column(), sa.UniqueConstraint("id", sqlite_on_conflict="FAIL")),
    CreateTable.of("t", id_column(sa.ForeignKey("t.missing"))),
    CreateTable.of("t", id_column(sa.ForeignKey("o.id"), sa.ForeignKey("p.id"))),
    CreateTable.of("t", id_column(sa.ForeignKey("s.o.id"))),
    CreateTable.of(
        "t", id_column(primary_key=True, autoincrement=True), sa.Column("b", sa.Integer(), primary_key=True)
    ),
    CreateTable.of("t", id_column(sa.Identity())),
    CreateTable.of("t", id_column(sa.Computed("1"))),
    CreateTable.of("t", id_column(default=sa.Sequence("s"))),
    CreateTable.of("t", sa.Column("n", sa.types.NullType())),
    CreateTable.of("t", sa.Column("n", sa.Boolean(create_constraint=True))),
    CreateTable.of("t", sa.Column("n", Shouting(9))),
    CreateTable.of("t", id_column(), sa.CheckConstraint("id > 0", name="ck")),
    AddColumn("t", id_column(primary_key=True)),
    AddColumn("t", id_column(sa.ForeignKey("o.id"))),
    AddColumn("t", id_column(unique=True)),
    AddColumn("t", id_column(sa.CheckConstraint("id > 0"))),
    AddColumn("t", id_column(key="other")),
    AddColumn("t", id_column(sqlite_on_conflict_not_null="FAIL", nullable=False)),
    CreateIndex.of(None, "t", ["a"]),
    CreateIndex.of("ix", "t", []),
    CreateIndex.of("ix", "t", ["a", "a"]),
    CreateIndex.of("ix", "t", [sa.text("lower(a)")]),
    CreateIndex.of("ix", "t", [sa.column("a").desc()]),
    CreateIndex.of("ix", "t", ["a"], postgresql_where=sa.text("a > 0")),
    CreateIndex.of("ix", "t", ["a"], mysql_length=5),
    DropIndex.of("ix", "t", postgresql_concurrently=True),
    CreateUniqueConstraint.of("uq", "t", ["a"], postgresql_nulls_not_distinct=True),
    CreateForeignKey.of("fk", "t", "u", ["a"], ["b", "c"]),
    CreateForeignKey.of("fk", "t", "u", ["a", "a"], ["b", "c"]),
]


def label(operation: Operation[Any]) -> str:
    return operation.describe()


@pytest.mark.parametrize("operation", PLAIN, ids=label)
@EACH_DATABASE
def test_the_plain_way_is_gone(database: Asked, operation: Operation[Any]) -> None:
    steps = same(database, operation)
    every_name = database is DATABASES["postgresql_every_name"]
    if not every_name and not isinstance(database.plain._naming_convention, dict):
        assert plain_text(database.plain, operation) is not None
    assert len(steps) == 1


@pytest.mark.parametrize("operation", ODD, ids=label)
@EACH_DATABASE
@pytest.mark.filterwarnings("ignore")
def test_the_whole_way_is_gone(database: Asked, operation: Operation[Any]) -> None:
    same(database, operation)
    assert plain_text(database.plain, operation) is None


def test_a_key_is_named_by_a_convention_of_the_table_only() -> None:
    database = DATABASES["postgresql_convention"]
    operation = CreateTable.of("t", id_column(primary_key=True))
    assert "CONSTRAINT pk_t PRIMARY KEY" in (plain_text(database.plain, operation) or "")
    assert plain_text(DATABASES["postgresql_every_name"].plain, operation) is None


# -- what others have changed ------------------------------------------------------------------------------------------


@contextmanager
def compiled(kind: Any, text: str) -> Iterator[None]:
    compiles(kind)(lambda element, compiler, **kw: text)
    try:
        yield
    finally:
        deregister(kind)


@pytest.mark.parametrize("kind", [SqlCreateTable, CreateColumn, sa.Integer, sa.UniqueConstraint])
@EACH_DATABASE
def test_a_text_of_somebody_else_counts(database: Asked, kind: Any) -> None:
    operation = CreateTable.of("t", id_column(unique=True))
    with compiled(kind, "SOMETHING"):
        steps = same(database, operation)
        assert "SOMETHING" in str(steps) or steps[-1][0] is sa.exc.InvalidRequestError
        assert plain_text(database.plain, operation) is None
    assert plain_text(DATABASES["sqlite"].plain, operation) is not None


def test_an_index_of_somebody_else_counts() -> None:
    with compiled(SqlCreateIndex, "SOMETHING"):
        assert same(DATABASES["mysql"], CreateIndex.of("ix", "t", ["a"]))[0][0] == "SOMETHING"


@pytest.mark.parametrize("event", ["before_parent_attach", "after_parent_attach"])
@pytest.mark.parametrize("kind", [sa.Column, sa.Table, sa.UniqueConstraint])
def test_a_listener_counts(kind: Any, event: str) -> None:
    operation = CreateTable.of("t", id_column(unique=True))
    heard = []

    def listen(item: Any, parent: Any) -> None:
        heard.append(item)

    sa.event.listen(kind, event, listen)
    try:
        same(DATABASES["sqlite"], operation)
        assert plain_text(DATABASES["sqlite"].plain, operation) is None
    finally:
        sa.event.remove(kind, event, listen)
    assert heard
    assert plain_text(DATABASES["sqlite"].plain, operation) is not None


def test_a_listener_of_one_column_counts_when_it_is_handed_on() -> None:
    def listen(column: Any, table: Any) -> None:
        column.nullable = False

    column = id_column()
    sa.event.listen(column, "after_parent_attach", listen, propagate=True)
    (step,) = same(DATABASES["sqlite"], CreateTable.of("t", column))
    assert "NOT NULL" in step[0]


def test_a_dialect_of_somebody_else_writes_as_it_likes() -> None:
    class OtherDialect(PGDialect):
        pass

    assert plain_text(PostgreSQLAdapter(OtherDialect()), CreateTable.of("t", id_column())) is None


def test_a_column_of_a_table_is_not_plain() -> None:
    table = sa.Table("mine", sa.MetaData(), id_column(primary_key=True), sa.Column("b", sa.Integer()))
    for database in DATABASES.values():
        operation = CreateTable.of("t", table.c.b)
        same(database, operation)
        assert plain_text(database.plain, operation) is None


# -- the table that comes of it ----------------------------------------------------------------------------------------


def created() -> sa.Table:
    (step,) = DATABASES["postgresql"].plain.plan(PLAIN[0], Facts())
    assert isinstance(step, Statement)
    outcome = step.outcome
    assert type(outcome) is not sa.Table
    assert isinstance(outcome, sa.Table)
    assert PLAIN[0].result(outcome) is outcome
    return outcome


@pytest.mark.parametrize(
    "look",
    [
        lambda table: table.c.id.table is table,
        lambda table: str(sa.insert(table).values(id=1)).startswith("INSERT INTO t"),
        lambda table: str(sa.select(table)) == "SELECT t.id, t.name \nFROM t",
        lambda table: sa.inspect(table) is table,
        lambda table: repr(table).startswith("Table('t'"),
        lambda table: str(table) == "t",
        lambda table: copy.copy(table).c.keys() == ["id", "name"],
        lambda table: pickle.loads(pickle.dumps(table)).c.keys() == ["id", "name"],
        lambda table: setattr(table, "comment", "x") or (table.comment == "x" and table.c.keys() == ["id", "name"]),
        lambda table: table.to_metadata(sa.MetaData()).c.keys() == ["id", "name"],
        lambda table: hash(table) == hash(table),
        lambda table: {table: 1}[table] == 1,
        lambda table: sa.join(table, sa.table("o", sa.column("x")), table.c.id == 1) is not None,
    ],
)
def test_the_table_is_made_when_it_is_looked_at(look: Callable[[sa.Table], bool]) -> None:
    table = created()
    assert look(table)
    assert table.name == "t"
    assert type(table) is sa.Table
    assert table.metadata.tables["t"] is table
