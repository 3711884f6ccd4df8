"""Describing: tables of SQLAlchemy as plain values, as far as all databases say the same."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from asyncmig.dialects.describing import Describer
from asyncmig.dialects.expressions import split_direction, without_parentheses
from asyncmig.dialects.postgresql import PostgreSQLAdapter
from asyncmig.dialects.sql_text import POSTGRESQL
from asyncmig.operations.base import TableName
from asyncmig.schema import IndexElement, TableState

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def describer() -> Describer:
    found = Describer(PostgreSQLAdapter(postgresql.dialect()))
    found.default_schema = "public"
    return found


def described(*items: Any, convention: dict[str, str] | None = None, name: str = "t", **options: Any) -> TableState:
    metadata = sa.MetaData(naming_convention=convention)
    sa.Table("other", metadata, sa.Column("id", sa.Integer, primary_key=True))
    return describer().describe(sa.Table(name, metadata, *items, **options))


def test_columns_come_in_order_with_what_they_say() -> None:
    state = described(
        sa.Column("b", sa.String(5, collation="de_DE"), nullable=False, comment="hello"),
        sa.Column("a", sa.Integer, server_default="5", comment=""),
        sa.Column("hidden", sa.Integer, system=True),
    )

    assert [(one.name, one.type, one.collation, one.nullable, one.default, one.comment) for one in state.columns] == [
        ("b", "VARCHAR(5)", "de_DE", False, None, "hello"),
        ("a", "INTEGER", None, True, "'5'", None),
    ]
    assert state.columns[0].model is state.model.c.b


@pytest.mark.parametrize("schema", [None, "public"])
def test_the_default_schema_has_no_name(schema: str | None) -> None:
    metadata = sa.MetaData(schema=schema)
    sa.Table("other", metadata, sa.Column("id", sa.Integer, primary_key=True))
    table = sa.Table("t", metadata, sa.Column("a", sa.ForeignKey("other.id" if schema is None else "public.other.id")))

    state = describer().describe(table)

    assert state.name == TableName("t")
    assert state.foreign_keys[0].referent == TableName("other")


def test_names_follow_the_convention_and_are_cut_to_fit() -> None:
    long = "a" * 60
    state = described(
        sa.Column(long, sa.Integer, index=True, unique=False),
        sa.Column("b", sa.Integer, sa.ForeignKey("other.id"), unique=True, primary_key=True),
        sa.CheckConstraint("b > 1", name="positive"),
        convention=CONVENTION,
    )

    assert state.primary_key is not None and state.primary_key.name == "pk_t"
    assert [one.name for one in state.uniques] == ["uq_t_b"]
    assert [one.name for one in state.checks] == ["ck_t_positive"]
    assert [one.name for one in state.foreign_keys] == ["fk_t_other"]
    (index,) = state.indexes
    assert len(index.name) <= 63 and index.name.startswith("ix_t_aaaa")


def test_without_a_convention_a_constraint_has_no_name() -> None:
    state = described(sa.Column("a", sa.Integer, sa.CheckConstraint("a > 1"), unique=True, primary_key=True))

    assert (state.primary_key, state.uniques, state.checks) != (None, (), ())
    assert [one.name for one in (state.primary_key, *state.uniques, *state.checks)] == [None, None, None]  # type: ignore[union-attr]
    assert state.columns[0].nullable is False


def test_a_check_of_a_column_is_named_by_the_convention() -> None:
    check = sa.CheckConstraint("a > 1", name="big")

    state = described(sa.Column("a", sa.Integer, check), convention=CONVENTION)

    assert [(one.name, one.expression, one.model) for one in state.checks] == [("ck_t_big", "a > 1", check)]


def test_checks_of_types_are_there_where_the_database_has_them() -> None:
    state = described(
        sa.Column("a", sa.Enum("x", "y", native_enum=False, create_constraint=True, name="of_a")),
        sa.Column("b", sa.Enum("x", "y", create_constraint=True, name="of_b")),
        sa.CheckConstraint("(a <> 'q)')").ddl_if(dialect="postgresql"),
        sa.CheckConstraint("a <> 'r'").ddl_if(dialect="mysql"),
    )

    assert {(one.name, one.expression) for one in state.checks} == {
        ("of_a", "a IN ('x', 'y')"),
        (None, "a <> 'q)'"),
    }


def test_foreign_keys_say_only_what_is_not_so_anyway() -> None:
    state = described(
        sa.Column("a", sa.Integer),
        sa.ForeignKeyConstraint(["a"], ["other.id"], onupdate="no action", ondelete="set  null", initially="deferred"),
        sa.ForeignKeyConstraint(["a"], ["nowhere.far.id"], match="simple", deferrable=False),
    )

    first, second = state.foreign_keys
    assert (first.onupdate, first.ondelete, first.deferrable, first.initially_deferred) == (
        None,
        "SET NULL",
        True,
        True,
    )
    assert (second.referent, second.referent_columns, second.match) == (TableName("far", "nowhere"), ("id",), None)
    assert second.deferrable is False


def test_elements_of_indexes_are_taken_apart() -> None:
    table = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer), sa.Column("b", sa.String))
    sa.Index(
        "i",
        "a",
        table.c.a.desc(),
        table.c.a.asc().nulls_first(),
        table.c.a.desc().nulls_first(),
        sa.func.lower(table.c.b).desc(),
        sa.text("(a + 1) DESC NULLS LAST"),
    )

    (index,) = describer().describe(table).indexes

    assert index.elements == (
        IndexElement("a"),
        IndexElement("a", descending=True),
        IndexElement("a", nulls_first=True),
        IndexElement("a", descending=True),
        IndexElement("lower(b)", True, True),
        IndexElement("a + 1", True, True, False),
    )


def test_types_that_only_look_the_same_are_kept_apart() -> None:
    state = described(
        sa.Column("a", sa.Enum("x", name="first")),
        sa.Column("b", sa.Enum("x", name="second")),
        sa.Column("c", sa.String(5)),
        sa.Column("d", sa.String(6)),
        sa.Column("e", sa.String(5).with_variant(sa.Text(), "postgresql")),
        sa.Column("f", sa.ARRAY(sa.Integer)),
        sa.Column("g", sa.ARRAY(sa.Text)),
    )

    types = ["first", "second", "VARCHAR(5)", "VARCHAR(6)", "TEXT", "INTEGER[]", "TEXT[]"]
    assert [column.type for column in state.columns] == types


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("(a)", "a"),
        (" ((a + 1)) ", "a + 1"),
        ("(a) + (b)", "(a) + (b)"),
        ("(a = ')')", "a = ')'"),
        ("(a = '(') and (b = ')')", "(a = '(') and (b = ')')"),
        ("f(a)", "f(a)"),
        ("", ""),
    ],
)
def test_parentheses_around_an_expression_mean_nothing(text: str, bare: str) -> None:
    assert without_parentheses(text, POSTGRESQL) == bare


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a", ("a", False, None)),
        ("lower(a) asc", ("lower(a)", False, None)),
        ("a DESC nulls last", ("a", True, False)),
        ("a NULLS FIRST", ("a", False, True)),
        ("description", ("description", False, None)),
    ],
)
def test_the_direction_of_a_text_is_split_off(text: str, parts: tuple[str, bool, bool | None]) -> None:
    assert split_direction(text) == parts
