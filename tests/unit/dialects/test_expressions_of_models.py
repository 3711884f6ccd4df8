"""A script may give expressions that are made of the application's own models; those stay as they were."""

from typing import Any

import pytest
import sqlalchemy as sa

from asyncmig.dialects.facts import Facts
from asyncmig.dialects.registry import adapter_class, dialect_of
from asyncmig.operations import CreateCheckConstraint, CreateExcludeConstraint, CreateIndex, Operation

URLS = {
    "postgresql": "postgresql+asyncpg://",
    "mysql": "mysql+aiomysql://",
    "sqlite": "sqlite+aiosqlite://",
}


def texts(name: str, operation: Operation[Any]) -> list[str]:
    dialect = dialect_of(sa.make_url(URLS[name]))
    adapter = adapter_class(dialect)(dialect)
    return [" ".join(str(getattr(step, "sql", "")).split()) for step in adapter.plan(operation, Facts())]


def model() -> sa.Table:
    return sa.Table("users", sa.MetaData(), sa.Column("age", sa.Integer), sa.Column("name", sa.String(20)))


def parts(table: sa.Table) -> tuple[int, int]:
    return len(table.constraints), len(table.indexes)


@pytest.mark.parametrize("name", ["postgresql", "mysql"])
def test_check_constraint_is_not_added_to_the_model(name: str) -> None:
    table = model()
    before = parts(table)

    (sql,) = texts(name, CreateCheckConstraint("of_age", "users", table.c.age > 17))

    assert sql == "ALTER TABLE users ADD CONSTRAINT of_age CHECK (age > 17)"
    assert parts(table) == before


@pytest.mark.parametrize("name", ["postgresql", "sqlite"])
def test_index_is_not_added_to_the_model(name: str) -> None:
    table = model()
    before = parts(table)

    (sql,) = texts(name, CreateIndex("by_name", "users", [sa.func.lower(table.c.name)]))

    assert sql == "CREATE INDEX by_name ON users (lower(name))"
    assert parts(table) == before


def test_exclude_constraint_is_not_added_to_the_model() -> None:
    table = model()
    before = parts(table)

    (sql,) = texts("postgresql", CreateExcludeConstraint("once", "users", ((table.c.age, "="),), using="btree"))

    assert sql == "ALTER TABLE users ADD CONSTRAINT once EXCLUDE USING btree (age WITH =)"
    assert parts(table) == before
