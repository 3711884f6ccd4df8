from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.schema import CreateSequence
from sqlalchemy.sql import ClauseElement

from asyncmig.errors import OperationError
from asyncmig.rendering.operations import value_source
from tests.unit.rendering.recorder import read_value

a, b = sa.column("a"), sa.column("b")
users = sa.Table("users", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("name", sa.String(20)))
data = sa.column("data", postgresql.JSONB())

WRITTEN = [
    (sa.text("now()"), 'sa.text("now()")'),
    (sa.text(r"a = :x AND b = '\:y'"), r"""sa.text("a = :x AND b = '\\:y'")"""),
    (sa.text("a = :x").bindparams(x=5), 'sa.text("a = :x").bindparams(x=5)'),
    (sa.true(), "sa.true()"),
    (sa.false(), "sa.false()"),
    (sa.null(), "sa.null()"),
    (sa.literal(5), "sa.literal(5)"),
    (sa.literal(Decimal("1.5")), 'sa.literal(decimal.Decimal("1.5"))'),
    (sa.literal(5, literal_execute=True), "op.inline_literal(5)"),
    (sa.literal(5, sa.Double(), literal_execute=True), "op.inline_literal(5)"),
    (
        sa.literal("x", sa.Enum("x", name="e"), literal_execute=True),
        'op.inline_literal("x", sa.Enum("x", name="e"))',
    ),
    (sa.literal_column("1 + 1"), 'sa.literal_column("1 + 1")'),
    (sa.column("a", sa.Integer()), 'sa.column("a", sa.Integer())'),
    (sa.func.now(), "sa.func.now()"),
    (sa.func.current_timestamp(), "sa.func.current_timestamp()"),
    (sa.func.lower(users.c.name), 'sa.func.lower(sa.column("name"))'),
    (sa.func.pg_catalog.upper("x"), 'sa.func.pg_catalog.upper("x")'),
    (sa.func.if_(a, 1, 2), 'sa.func.if_(sa.column("a"), 1, 2)'),
    (sa.func.random(type_=sa.Integer()), "sa.func.random()"),
    (sa.func.mine(a, type_=sa.Integer()), 'sa.func.mine(sa.column("a"), type_=sa.Integer())'),
    (a.label("x"), 'sa.column("a").label("x")'),
    (a.desc(), 'sa.desc(sa.column("a"))'),
    (sa.func.lower(a).desc().nulls_last(), 'sa.nulls_last(sa.desc(sa.func.lower(sa.column("a"))))'),
    (sa.cast(a, sa.String(5)), 'sa.cast(sa.column("a"), sa.String(length=5))'),
    (sa.collate(a, "de_DE"), 'sa.collate(sa.column("a"), "de_DE")'),
    (a == 5, 'sa.column("a") == 5'),
    (users.c.name != "x", 'sa.column("name") != "x"'),
    (a.is_(None), 'sa.column("a").is_(sa.null())'),
    (a.in_(["x", "y"]), 'sa.column("a").in_(["x", "y"])'),
    (a.like("x%"), 'sa.column("a").like("x%")'),
    (sa.column("d", sa.Date()) > date(2026, 1, 2), 'sa.column("d", sa.Date()) > datetime.date(2026, 1, 2)'),
    ((a + 1) * 2 >= b, '((sa.column("a") + 1) * 2) >= sa.column("b")'),
    (
        sa.and_(a > 1, sa.or_(b > 2, b < 1)),
        'sa.and_(sa.column("a") > 1, sa.or_(sa.column("b") > 2, sa.column("b") < 1))',
    ),
    # what is not simple is compiled
    (a.between(1, 2), 'sa.text("a BETWEEN 1 AND 2")'),
    (sa.column("s", sa.String()) + "x", "sa.text(\"s || 'x'\")"),
    (data["k"].astext, "sa.text(\"data ->> 'k'\")"),
    (sa.func.lower(data["k"].astext), "sa.func.lower(sa.text(\"data ->> 'k'\"))"),
    (a.op("~")(":b"), "sa.text(\"a ~ '\\\\:b'\")"),
    (a.op("~")("a:b"), "sa.text(\"a ~ 'a:b'\")"),
    (sa.column("e", sa.Enum("x", "y", name="e")) == "x", "sa.text(\"e = 'x'\")"),
    (sa.extract("year", sa.column("d")), 'sa.text("EXTRACT(year FROM d)")'),
    (sa.case((a > 1, "x"), else_="y"), "sa.text(\"CASE WHEN (a > 1) THEN 'x' ELSE 'y' END\")"),
    (sa.func.quoted_name_with(a).op("%")(2), 'sa.text("quoted_name_with(a) % 2")'),
]


def sql(element: ClauseElement) -> str:
    options = {"literal_binds": True, "include_table": False}
    return str(element.compile(dialect=postgresql.dialect(paramstyle="named"), compile_kwargs=options))


@pytest.mark.parametrize(("expression", "text"), WRITTEN, ids=[text for _, text in WRITTEN])
def test_an_expression_is_written_by_its_structure_or_as_text(expression: Any, text: str) -> None:
    source = value_source(expression)
    back = read_value(source)

    assert source.text == text
    assert value_source(back) == source
    if ":x" not in text:
        assert sql(back) == sql(expression)


def test_columns_of_a_table_in_a_list_are_references() -> None:
    source = value_source([users.c.id, (users.c.name, "=")])

    assert source.text == '[sa.column("id"), (sa.column("name"), "=")]'


def test_an_expression_is_compiled_for_the_database_that_is_named() -> None:
    expression = sa.column("s", sa.String()) + "x"

    assert value_source(expression, dialect=mysql.dialect()).text == "sa.text(\"concat(s, 'x')\")"


def test_an_expression_that_has_no_text_is_an_error_with_a_way_out() -> None:
    class Odd(sa.ColumnElement[Any]):
        inherit_cache = False

    with pytest.raises(OperationError, match="Odd") as caught:
        value_source(sa.func.f(Odd()))

    assert "sa.text" in str(caught.value.hint)


STATEMENTS = [
    (sa.insert(users).values(id=1, name="it's :x"), "INSERT INTO users (id, name) VALUES (1, 'it''s \\:x')"),
    (sa.update(users).values(name="x").where(users.c.id == 1), "UPDATE users SET name='x' WHERE users.id = 1"),
    (sa.delete(users), "DELETE FROM users"),
    (sa.select(users.c.id), "SELECT users.id \nFROM users"),
    (
        postgresql.insert(users).values(id=1).on_conflict_do_nothing(),
        "INSERT INTO users (id) VALUES (1) ON CONFLICT DO NOTHING",
    ),
    (CreateSequence(sa.Sequence("s")), "CREATE SEQUENCE s"),
    (sa.DDL("CREATE VIEW v AS SELECT ':x'"), "CREATE VIEW v AS SELECT '\\:x'"),
]


@pytest.mark.parametrize(("statement", "text"), STATEMENTS, ids=[text for _, text in STATEMENTS])
def test_a_statement_is_compiled_to_text_with_its_values(statement: Any, text: str) -> None:
    back = read_value(value_source(statement))

    assert isinstance(back, sa.TextClause)
    assert back.text == text


def test_a_statement_keeps_the_parameters_that_come_with_its_execution() -> None:
    assert value_source(sa.insert(users)).text == 'sa.text("INSERT INTO users (id, name) VALUES (:id, :name)")'
    statement = sa.update(users).where(users.c.id == sa.bindparam("wanted")).values(name="x")
    assert value_source(statement).text == (
        'sa.text("UPDATE users SET name=:name WHERE users.id = :wanted").bindparams(name="x")'
    )


def test_a_clause_that_keeps_its_parameters_gets_their_values() -> None:
    source = value_source(mysql.insert(users).values(id=1).on_duplicate_key_update(id=2))

    assert source.text == (
        'sa.text("INSERT INTO users (id) VALUES (:id) ON DUPLICATE KEY UPDATE id = :param_1")'
        ".bindparams(id=1, param_1=2)"
    )


numbers = st.integers(-1000, 1000).map(sa.literal) | st.sampled_from([a, b, users.c.id])
terms = st.recursive(
    numbers,
    lambda inner: (
        st.tuples(st.sampled_from("+-*"), inner, inner).map(lambda t: t[1].op(t[0])(t[2]))
        | st.tuples(inner, inner).map(lambda pair: pair[0] - pair[1])
        | st.tuples(inner, inner).map(lambda pair: pair[0] * pair[1])
        | st.tuples(inner, inner).map(lambda pair: sa.func.greatest(*pair))
        | inner.map(lambda item: sa.cast(item, sa.BigInteger()))
    ),
    max_leaves=6,
)
conditions = st.recursive(
    st.tuples(terms, st.integers(-9, 9)).map(lambda pair: pair[0] > pair[1])
    | terms.map(lambda item: item.is_not(None))
    | st.text(max_size=9).map(lambda text: users.c.name == text)
    | st.lists(st.text(max_size=5), min_size=1, max_size=3).map(users.c.name.in_),
    lambda inner: (
        st.lists(inner, min_size=2, max_size=3).map(lambda items: sa.and_(*items))
        | st.lists(inner, min_size=2, max_size=3).map(lambda items: sa.or_(*items))
        | inner.map(sa.not_)
    ),
    max_leaves=6,
)


@given(terms | conditions)
def test_any_expression_is_read_back_with_the_same_meaning(expression: Any) -> None:
    source = value_source(expression)
    back = read_value(source)

    assert value_source(back) == source
    assert sql(back) == sql(expression)
