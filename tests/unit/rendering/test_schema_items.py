import enum
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.exc import CompileError
from sqlalchemy.schema import CreateTable, SchemaItem
from sqlalchemy.sql.elements import conv

from asyncmig._sqlalchemy import add_referents, copy_item
from asyncmig.rendering.operations import value_source
from tests.unit.rendering.recorder import read_value
from tests.unit.rendering.test_types import types


class Role(str, enum.Enum):  # noqa: UP042 - as many applications have it
    USER = "user"


def make_token() -> str:
    return "x"


def column(*args: Any, **kwargs: Any) -> sa.Column[Any]:
    return sa.Column("c", *args, **kwargs)


TEXT = 'sa.Column("c", sa.Text()'
INTEGER = 'sa.Column("c", sa.Integer()'

COLUMNS = [
    (column(), 'sa.Column("c")'),
    (column(sa.Text()), f"{TEXT})"),
    (column(sa.Integer(), primary_key=True), f"{INTEGER}, primary_key=True)"),
    (column(sa.Integer(), primary_key=True, nullable=True), f"{INTEGER}, primary_key=True, nullable=True)"),
    (column(sa.Integer(), autoincrement=False), f"{INTEGER}, autoincrement=False)"),
    (column(sa.Integer(), nullable=False), f"{INTEGER}, nullable=False)"),
    (column(sa.Integer(), key="k"), f'{INTEGER}, key="k")'),
    (column(sa.Integer(), index=True, unique=True), f"{INTEGER}, index=True, unique=True)"),
    (column(sa.Integer(), system=True), f"{INTEGER}, system=True)"),
    (column(sa.Integer(), info={"a": 1}), f"{INTEGER})"),
    (column(sa.Integer(), comment="it's"), f'{INTEGER}, comment="it\'s")'),
    (column(sa.Integer(), sqlite_on_conflict_not_null="FAIL"), f'{INTEGER}, sqlite_on_conflict_not_null="FAIL")'),
    (column(sa.Text(), server_default="it's"), f'{TEXT}, server_default="it\'s")'),
    (column(sa.Text(), server_default=Role.USER), f'{TEXT}, server_default="user")'),
    (column(sa.Text(), server_default=sa.text("a || ':x'")), f"{TEXT}, server_default=sa.text(\"a || ':x'\"))"),
    (column(sa.Text(), server_default=sa.func.now()), f"{TEXT}, server_default=sa.func.now())"),
    (column(sa.Text(), server_default=sa.FetchedValue()), f"{TEXT}, server_default=sa.FetchedValue())"),
    (column(sa.Text(), server_onupdate=sa.FetchedValue()), f"{TEXT}, server_onupdate=sa.FetchedValue())"),
    (column(sa.Integer(), sa.Computed("a + b")), f'{INTEGER}, sa.Computed("a + b"))'),
    (
        column(sa.Integer(), sa.Computed(sa.column("a") + 1, persisted=True)),
        f'{INTEGER}, sa.Computed(sa.column("a") + 1, persisted=True))',
    ),
    (column(sa.Integer(), sa.Identity()), f"{INTEGER}, sa.Identity())"),
    (
        column(sa.Integer(), sa.Identity(always=True, start=5, cycle=True, oracle_on_null=True), nullable=True),
        f"{INTEGER}, sa.Identity(always=True, start=5, cycle=True, oracle_on_null=True), nullable=True)",
    ),
    (column(sa.Integer(), sa.Sequence("s", start=3)), f'{INTEGER}, sa.Sequence("s", start=3))'),
    (column(sa.ForeignKey("t.id")), 'sa.Column("c", sa.ForeignKey("t.id"))'),
    (
        column(sa.Integer(), sa.ForeignKey("s.t.id", name=conv("fk"), ondelete="CASCADE", deferrable=True)),
        f'{INTEGER}, sa.ForeignKey("s.t.id", name=op.f("fk"), ondelete="CASCADE", deferrable=True))',
    ),
    (
        column(sa.Integer(), sa.ForeignKey((None, "a.b", "id"))),
        f'{INTEGER}, sa.ForeignKey((None, "a.b", "id")))',
    ),
    (
        column(sa.Integer(), sa.CheckConstraint("c > 0", name="ck")),
        f'{INTEGER}, sa.CheckConstraint("c > 0", name="ck"))',
    ),
    # what Python fills in
    (column(sa.Integer(), default=5), f"{INTEGER}, default=5)"),
    (column(sa.Text(), default=sa.func.now()), f"{TEXT}, default=sa.func.now())"),
    (column(sa.JSON(), default=dict), 'sa.Column("c", sa.JSON(), default=dict)'),
    (column(sa.Uuid(), default=uuid.uuid4), 'sa.Column("c", sa.Uuid(), default=uuid.uuid4)'),
    (column(sa.Float(), onupdate=time.time), 'sa.Column("c", sa.Float(), onupdate=time.time)'),
    (column(sa.Text(), default=make_token), f"{TEXT})"),
    (column(sa.Text(), default=lambda: "x"), f"{TEXT})"),
    (column(sa.Text(), default=Role.USER), f"{TEXT})"),
    (column(sa.DateTime(), default=lambda context: datetime.now(UTC)), 'sa.Column("c", sa.DateTime())'),
]

ITEMS = [
    (sa.PrimaryKeyConstraint("a", "b", name="pk"), 'sa.PrimaryKeyConstraint("a", "b", name="pk")'),
    (
        sa.UniqueConstraint("a", name="u", deferrable=True, initially="DEFERRED", postgresql_nulls_not_distinct=True),
        'sa.UniqueConstraint("a", name="u", deferrable=True, initially="DEFERRED", postgresql_nulls_not_distinct=True)',
    ),
    (sa.CheckConstraint("a > 0"), 'sa.CheckConstraint("a > 0")'),
    (sa.CheckConstraint(sa.column("a") > 0, name="c"), 'sa.CheckConstraint(sa.column("a") > 0, name="c")'),
    (
        sa.ForeignKeyConstraint(["a", "b"], ["s.t.a", "s.t.b"], name="fk", onupdate="CASCADE", use_alter=True),
        'sa.ForeignKeyConstraint(["a", "b"], ["s.t.a", "s.t.b"], name="fk", onupdate="CASCADE", use_alter=True)',
    ),
    (
        postgresql.ExcludeConstraint(
            ("room", "="),
            (sa.func.tsrange(sa.column("a"), sa.column("b")), "&&"),
            name="ex",
            using="spgist",
            where=sa.text("live"),
            ops={"room": "my_ops"},
        ),
        'postgresql.ExcludeConstraint(("room", "="), (sa.func.tsrange(sa.column("a"), sa.column("b")), "&&"), '
        'name="ex", where=sa.text("live"), using="spgist", ops={"room": "my_ops"})',
    ),
    (sa.Index("ix", "a", sa.text("lower(b)"), unique=True), 'sa.Index("ix", "a", sa.text("lower(b)"), unique=True)'),
    (
        sa.Index("ix", "a", postgresql_where=sa.column("a") > 0, mysql_length={"a": 5}),
        'sa.Index("ix", "a", mysql_length={"a": 5}, postgresql_where=sa.column("a") > 0)',
    ),
    (
        sa.table("t", sa.column("a", sa.Integer()), schema="s"),
        'sa.table("t", sa.column("a", sa.Integer()), schema="s")',
    ),
]


@pytest.mark.parametrize(("item", "text"), [*COLUMNS, *ITEMS], ids=[text for _, text in [*COLUMNS, *ITEMS]])
def test_a_schema_item_is_written_with_what_differs_from_its_defaults(item: SchemaItem, text: str) -> None:
    source = value_source(item)

    assert source.text == text
    assert value_source(read_value(source)) == source


def house() -> sa.Table:
    return sa.Table(
        "house",
        sa.MetaData(naming_convention={"uq": "uq_%(table_name)s_%(column_0_name)s", "ix": "ix_%(column_0_label)s"}),
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("street", sa.Integer(), sa.ForeignKey("street.id"), index=True),
        sa.Column("number", sa.Integer(), unique=True),
        sa.Column("sold", sa.Boolean(create_constraint=True, name="ck_sold")),
        sa.UniqueConstraint("street", "number"),
        sa.CheckConstraint("number > 0", name="ck_number"),
        sa.Index(None, "number", "sold"),
        schema="town",
        comment="to live in",
        prefixes=["UNLOGGED"],
        mysql_engine="InnoDB",
    )


def test_a_table_has_what_does_not_come_from_its_columns() -> None:
    assert value_source(house()).laid_out(width=100).text == (
        """sa.Table(
    "house",
    sa.MetaData(),
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("street", sa.Integer(), index=True),
    sa.Column("number", sa.Integer(), unique=True),
    sa.Column("sold", sa.Boolean(create_constraint=True, name="ck_sold")),
    sa.CheckConstraint("number > 0", name="ck_number"),
    sa.ForeignKeyConstraint(["street"], ["street.id"]),
    sa.Index(op.f("ix_town_house_number"), "number", "sold"),
    sa.UniqueConstraint("street", "number", name=op.f("uq_house_street")),
    schema="town",
    comment="to live in",
    prefixes=["UNLOGGED"],
    mysql_engine="InnoDB",
)"""
    )


def test_a_table_is_read_back_whole() -> None:
    source = value_source(house())

    assert value_source(read_value(source)) == source


def test_a_primary_key_in_another_order_than_the_columns_is_written() -> None:
    table = sa.Table(
        "t",
        sa.MetaData(),
        sa.Column("a", sa.Integer()),
        sa.Column("b", sa.Integer()),
        sa.PrimaryKeyConstraint("b", "a"),
    )

    assert 'sa.PrimaryKeyConstraint("b", "a")' in value_source(table).text


def test_constraints_and_indexes_of_a_table_name_their_columns() -> None:
    table = house()
    [key] = table.foreign_key_constraints
    index = next(index for index in table.indexes if len(index.columns) == 2)

    assert value_source(key).text == 'sa.ForeignKeyConstraint(["street"], ["street.id"])'
    assert value_source(index).text == 'sa.Index(op.f("ix_town_house_number"), "number", "sold")'


def test_a_column_of_a_table_leaves_the_keys_of_the_table_to_it() -> None:
    assert value_source(house().c.street).text == 'sa.Column("street", sa.Integer(), index=True)'


def test_copies_are_written_like_what_they_copy() -> None:
    for item, text in [*COLUMNS, *ITEMS[:-1]]:
        assert value_source(copy_item(item)).text == text


def ddl(item: sa.Column[Any]) -> list[str]:
    """CREATE TABLE with the column, on each database."""
    words = []
    for dialect in (postgresql.dialect(), mysql.dialect(), sqlite.dialect()):
        table = sa.Table("t", sa.MetaData(), copy_item(item), sa.Column("other", sa.Integer()))
        add_referents(table)
        try:
            words.append(str(CreateTable(table).compile(dialect=dialect)))
        except (CompileError, AttributeError) as error:
            words.append(type(error).__name__)
    return words


names = st.text(st.characters(codec="utf-8", exclude_characters="\x00."), min_size=1, max_size=20)
columns = st.builds(
    lambda name, kind, items, default, **options: sa.Column(name, kind, *items, server_default=default, **options),
    names.filter(lambda name: name != "other"),
    types,
    st.lists(
        st.builds(sa.ForeignKey, names.map("t2.{}".format), ondelete=st.sampled_from([None, "CASCADE"]))
        | st.builds(sa.CheckConstraint, names.map(lambda name: f"x <> '{name}'"), name=names),
        max_size=2,
        unique_by=type,
    ),
    st.none() | st.text() | names.map(sa.text) | st.just(sa.func.now()),
    nullable=st.booleans(),
    primary_key=st.booleans(),
    comment=st.none() | st.text(),
    autoincrement=st.sampled_from(["auto", False]),
)


@given(columns)
def test_any_column_is_read_back_as_it_was(column: sa.Column[Any]) -> None:
    source = value_source(column)
    back = read_value(source)

    assert value_source(back) == source
    assert ddl(back) == ddl(column)
