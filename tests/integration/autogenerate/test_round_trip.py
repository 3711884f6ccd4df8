"""Round trip: what makes one schema of another leaves no difference, keeps what stays, and can be undone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, MetaData, UniqueConstraint

from asyncmig.autogenerate import Backfill, Diff, Filters, NewColumn, OneTimeDefault, RenameQuestion, Renames, diff
from asyncmig.objects import View
from asyncmig.operations.base import TableName
from tests.integration.autogenerate.random_models import random_models
from tests.integration.catalogue.setting import Setting, setting

Tables = Mapping[str, Sequence[Any]]
ALL = ("sqlite", "postgresql", "mysql")
OURS = Filters(leave_out=frozenset({TableName("asyncmig_journal"), TableName("asyncmig_version")}))


@pytest.fixture
async def place(database_url: str) -> AsyncIterator[Setting]:
    async with setting(database_url) as found:
        yield found


class Answers:
    """Says no to renames, and gives new columns a value."""

    def __init__(self, answer: OneTimeDefault | Backfill | None = None) -> None:
        self.answer = answer

    async def is_rename(self, question: RenameQuestion) -> bool | None:
        return False

    async def default_for(self, column: NewColumn) -> OneTimeDefault | Backfill | None:
        return self.answer


async def compared(
    place: Setting, wanted: MetaData, *, renames: Renames | None = None, answer: OneTimeDefault | Backfill | None = None
) -> Diff:
    """What makes *wanted* of what is there."""
    connection = place.connection.sync_connection
    assert connection is not None
    found = await diff(connection, place.catalogue, wanted, filters=OURS, renames=renames, questioner=Answers(answer))
    await place.connection.rollback()
    return found


def made(tables: Tables, **options: Any) -> MetaData:
    """Models of tables, each with a primary key `id` where none is given."""
    metadata = MetaData(**options)
    for name, items in tables.items():
        keyed = any(
            getattr(item, "primary_key", False) is True or isinstance(item, sa.PrimaryKeyConstraint) for item in items
        )
        key = [] if keyed else [Column("id", sa.Integer, primary_key=True)]
        sa.Table(name, metadata, *key, *[item for item in items if item is not None])
    return metadata


def number(name: str = "a", *items: Any, **options: Any) -> Column[Any]:
    return Column(name, sa.Integer, *items, **options)


def text(name: str = "a", length: int = 20, **options: Any) -> Column[Any]:
    return Column(name, sa.String(length), **options)


def _kept(metadata: MetaData, after: bool) -> None:
    """Tables with options of PostgreSQL, before and after."""
    first, second = (
        ({"fillfactor": 70, "autovacuum_enabled": False}, {"fillfactor": 80}) if after else ({}, {"fillfactor": 70})
    )
    sa.Table("v", metadata, number("a"), postgresql_with=first, prefixes=["UNLOGGED"] if after else [])
    sa.Table("w", metadata, number("a"), postgresql_with=second, prefixes=[] if after else ["UNLOGGED"])


def _inheriting(metadata: MetaData) -> None:
    sa.Table("a_child", metadata, number("b"), postgresql_inherits="z_parent")
    sa.Table("z_parent", metadata, number("a", nullable=False), sa.CheckConstraint("a > 0", name="positive"))


@dataclass(frozen=True)
class Pair:
    """Two schemas: what there is, and what is wanted.

    Args:
        before, after: the tables of each.
        on: the databases that have such things.
        rows: statements that put rows in.
        query: what is asked of the rows before, after, and when all is undone.
        answers: what it gives each time.
        renames: what was renamed.
        extend: adds what is no table to the models; told which of the two it is.
    """

    before: Callable[[], Tables]
    after: Callable[[], Tables]
    on: Sequence[str] = ALL
    rows: Sequence[str] = ()
    query: Sequence[str] = ()
    answers: Sequence[Any] = ()
    renames: Sequence[str] = ()
    extend: Callable[[MetaData, bool], Any] | None = None
    answer: OneTimeDefault | Backfill | None = None


POSTGRESQL = ("postgresql",)

PAIRS: dict[str, Pair] = {
    "new types on both sides of a foreign key": Pair(
        lambda: {"p": [number("code", unique=True)], "c": [number("p_code", ForeignKey("p.code"))]},
        lambda: {
            "p": [text("code", unique=True)],
            "c": [Column("p_code", sa.String(20), ForeignKey("p.code"))],
        },
        rows=("INSERT INTO p (id, code) VALUES (1, 7)", "INSERT INTO c (id, p_code) VALUES (1, 7)"),
        query=("SELECT p_code FROM c",) * 3,
        answers=(7, "7", 7),
    ),
    "a bigger key that is referred to": Pair(
        lambda: {"p": [], "c": [number("p_id", ForeignKey("p.id"))]},
        lambda: {
            "p": [Column("id", sa.BigInteger, primary_key=True)],
            "c": [Column("p_id", sa.BigInteger, ForeignKey("p.id"))],
        },
        on=("postgresql", "mysql"),
    ),
    "another name for a key that is referred to": Pair(
        lambda: {"p": [number("code"), UniqueConstraint("code", name="one")], "c": [number("p", ForeignKey("p.code"))]},
        lambda: {"p": [number("code"), UniqueConstraint("code", name="two")], "c": [number("p", ForeignKey("p.code"))]},
    ),
    "a new column that numbers in the place of another key": Pair(
        lambda: {"t": [text("code", nullable=False), number("n", primary_key=True, autoincrement=False)]},
        lambda: {
            "t": [
                text("code", nullable=False),
                number("n", nullable=False),
                Column("number", sa.BigInteger, nullable=False),
                sa.PrimaryKeyConstraint("number"),
            ]
        },
        rows=("INSERT INTO t (n, code) VALUES (5, 'x'), (6, 'y')",),
        query=("SELECT sum(n) FROM t", "SELECT sum(number) FROM t", "SELECT sum(n) FROM t"),
        answers=(11, 3, 11),
        on=("postgresql",),
    ),
    "how a table is kept": Pair(
        lambda: {"t": [number("a")], "u": [number("a")]},
        lambda: {"t": [number("a")], "u": [number("a")]},
        extend=lambda metadata, after: _kept(metadata, after),
        on=POSTGRESQL,
    ),
    "columns that models call otherwise": Pair(
        lambda: {"t": [number("a", key="first"), text("b", key="second")]},
        lambda: {
            "t": [
                number("a", key="first"),
                text("b", key="second"),
                UniqueConstraint("first", name="u", postgresql_include=["second"]),
                Index("i", "second", postgresql_include=["first"], postgresql_ops={"second": "varchar_pattern_ops"}),
            ]
        },
        on=POSTGRESQL,
    ),
    "a key that numbers becomes a text": Pair(
        lambda: {"t": [number("id", primary_key=True)]},
        lambda: {"t": [Column("id", sa.String(20), primary_key=True)]},
        rows=("INSERT INTO t (id) VALUES (3)",),
        query=("SELECT id FROM t",) * 3,
        answers=(3, "3", 3),
        on=POSTGRESQL,
    ),
    "a table gets a key that numbers and has a name": Pair(
        lambda: {"t": [text("code"), sa.PrimaryKeyConstraint()]},
        lambda: {
            "t": [text("code"), number("id"), sa.PrimaryKeyConstraint("id", name="k", postgresql_include=["code"])]
        },
        rows=("INSERT INTO t (code) VALUES ('x'), ('y')",),
        query=("SELECT count(*) FROM t", "SELECT sum(id) FROM t", "SELECT count(*) FROM t"),
        answers=(2, 3, 2),
        on=POSTGRESQL,
    ),
    "a table that inherits": Pair(
        lambda: {"t": []},
        lambda: {"t": []},
        extend=lambda metadata, after: _inheriting(metadata) if after else None,
        on=POSTGRESQL,
    ),
    "another primary key": Pair(
        lambda: {"t": [number("a", primary_key=True, autoincrement=False), number("b", nullable=False)]},
        lambda: {
            "t": [
                number("a", primary_key=True, autoincrement=False),
                number("b", primary_key=True, autoincrement=False),
            ]
        },
    ),
    "a longer primary key that numbers": Pair(
        lambda: {"t": [number("id", primary_key=True), number("b", nullable=False)]},
        lambda: {
            "t": [
                number("id", primary_key=True, autoincrement=True),
                number("b", primary_key=True, autoincrement=False),
            ]
        },
        on=("postgresql", "mysql"),
    ),
    "a primary key where there is none": Pair(
        lambda: {"t": [number("x", nullable=False), sa.PrimaryKeyConstraint()]},
        lambda: {"t": [number("x", primary_key=True, autoincrement=False)]},
    ),
    "a numbering key where there is none": Pair(
        lambda: {"t": [number("x"), sa.PrimaryKeyConstraint()]},
        lambda: {"t": [number("x"), number("id", primary_key=True)]},
        rows=("INSERT INTO t (x) VALUES (5)",),
        query=("SELECT x FROM t",) * 3,
        answers=(5, 5, 5),
        on=("postgresql", "mysql"),
    ),
    "tables in a circle": Pair(
        lambda: {"x": []},
        lambda: {
            "x": [],
            "a": [number("b_id", ForeignKey("b.id", name="fk_a_b"))],
            "b": [number("c_id", ForeignKey("c.id", name="fk_b_c"))],
            "c": [number("a_id", ForeignKey("a.id", name="fk_c_a")), number("c_id", ForeignKey("c.id"))],
        },
    ),
    "dropped tables that refer to each other in a row": Pair(
        lambda: {
            "a_parent": [],
            "b_child": [number("p", ForeignKey("a_parent.id"))],
            "c_grandchild": [number("p", ForeignKey("b_child.id"))],
        },
        dict,
    ),
    "a column with all that can be on it": Pair(
        lambda: {"o": [], "t": [number("keep")]},
        lambda: {
            "o": [],
            "t": [
                number("keep"),
                number("a", ForeignKey("o.id", ondelete="CASCADE"), unique=True),
                number("b", index=True, nullable=True),
                CheckConstraint("a > b", name="ck_ab"),
                Index("ix_ab", "a", "b"),
            ],
        },
        rows=("INSERT INTO t (id, keep) VALUES (1, 5)",),
        query=("SELECT keep FROM t",) * 3,
        answers=(5, 5, 5),
    ),
    "a computed column whose base changes": Pair(
        lambda: {"t": [number("a"), number("twice", sa.Computed("a * 2", persisted=True), index=True)]},
        lambda: {
            "t": [
                Column("a", sa.BigInteger),
                Column("twice", sa.BigInteger, sa.Computed("a * 2", persisted=True), index=True),
            ]
        },
        rows=("INSERT INTO t (id, a) VALUES (1, 5)",),
        query=("SELECT twice FROM t",) * 3,
        answers=(10, 10, 10),
    ),
    "another expression": Pair(
        lambda: {"t": [number("a"), number("more", sa.Computed("a * 2", persisted=True), index=True)]},
        lambda: {"t": [number("a"), number("more", sa.Computed("a * 3", persisted=True), index=True)]},
        rows=("INSERT INTO t (id, a) VALUES (1, 5)",),
        query=("SELECT more FROM t",) * 3,
        answers=(10, 15, 10),
    ),
    "an index becomes a unique constraint": Pair(
        lambda: {"t": [number(), Index("uq_a", "a")]},
        lambda: {"t": [number(), UniqueConstraint("a", name="uq_a")]},
    ),
    "texts become numbers": Pair(
        lambda: {"t": [text(server_default="1")]},
        lambda: {"t": [number(server_default="2")]},
        rows=("INSERT INTO t (id, a) VALUES (1, '5')",),
        query=("SELECT a FROM t",) * 3,
        answers=("5", 5, "5"),
    ),
    "names that must be quoted": Pair(
        lambda: {"order": [number("select", index=True)], "Mixed Case": [number("Group by")]},
        lambda: {
            "order": [
                text("select", index=True),
                number("where", nullable=True),
                CheckConstraint("1 = 1", name="Ck x"),
            ],
            "Mixed Case": [number("Having", ForeignKey("order.id"))],
        },
        on=("postgresql", "sqlite", "mysql"),
    ),
    "a value for rows that are there": Pair(
        lambda: {"t": []},
        lambda: {"t": [text("state", nullable=False)]},
        rows=("INSERT INTO t (id) VALUES (1)",),
        query=("SELECT id FROM t", "SELECT state FROM t", "SELECT id FROM t"),
        answers=(1, "new", 1),
        answer=OneTimeDefault("'new'"),
    ),
    "rows that are there are filled": Pair(
        lambda: {"t": []},
        lambda: {"t": [text("state", nullable=False, index=True)]},
        rows=("INSERT INTO t (id) VALUES (1)",),
        query=("SELECT id FROM t", "SELECT state FROM t", "SELECT id FROM t"),
        answers=(1, "new", 1),
        answer=Backfill("'new'"),
    ),
    "other names": Pair(
        lambda: {
            "users": [text("name", index=True), CheckConstraint("name <> ''", name="ck_name")],
            "posts": [number("user_id", ForeignKey("users.id"))],
        },
        lambda: {
            "people": [text("full_name", 40, index=True), CheckConstraint("full_name <> ''", name="ck_name")],
            "posts": [number("author_id", ForeignKey("people.id"))],
        },
        rows=("INSERT INTO users (id, name) VALUES (1, 'x')", "INSERT INTO posts (id, user_id) VALUES (1, 1)"),
        query=(
            "SELECT name FROM users JOIN posts ON user_id = users.id",
            "SELECT full_name FROM people JOIN posts ON author_id = people.id",
            "SELECT name FROM users JOIN posts ON user_id = users.id",
        ),
        answers=("x", "x", "x"),
        renames=("users=people", "users.name=full_name", "posts.user_id=author_id"),
    ),
    "an enum with other values": Pair(
        lambda: {"t": [Column("a", sa.Enum("x", "y", name="mood"), server_default="x"), number("b")]},
        lambda: {"t": [Column("a", sa.Enum("z", "x", name="mood"), server_default="z"), number("b")]},
        rows=("INSERT INTO t (id, a) VALUES (1, 'x')",),
        query=("SELECT a FROM t",) * 3,
        answers=("x", "x", "x"),
    ),
    "a value of an enum with another name": Pair(
        lambda: {"t": [Column("a", sa.Enum("x", "y", name="mood"), server_default="x")]},
        lambda: {"t": [Column("a", sa.Enum("w", "y", name="mood"), server_default="w")]},
        rows=("INSERT INTO t (id, a) VALUES (1, 'x')",),
        query=("SELECT a FROM t",) * 3,
        answers=("x", "w", "x"),
        renames=("mood.x=w",),
        on=POSTGRESQL,
    ),
    "an array of an enum": Pair(
        lambda: {"t": [Column("a", sa.ARRAY(sa.Enum("x", "y", name="mood")))]},
        lambda: {
            "t": [Column("a", sa.ARRAY(sa.Enum("y", "x", name="mood")))],
            "u": [Column("b", sa.Enum("q", name="m2"))],
        },
        rows=("INSERT INTO t (id, a) VALUES (1, ARRAY['x']::mood[])",),
        query=("SELECT a[1] FROM t",) * 3,
        answers=("x", "x", "x"),
        on=POSTGRESQL,
    ),
    "a text becomes an enum": Pair(
        lambda: {"t": [text("a", server_default="x")]},
        lambda: {"t": [Column("a", sa.Enum("x", "y", name="mood"), server_default="y")]},
        rows=("INSERT INTO t (id, a) VALUES (1, 'x')",),
        query=("SELECT a FROM t",) * 3,
        answers=("x", "x", "x"),
    ),
    "a number that counts": Pair(
        lambda: {"t": [number("id", primary_key=True, autoincrement=False), number("n")]},
        lambda: {"t": [number("id", primary_key=True), number("n")]},
        rows=("INSERT INTO t (id, n) VALUES (1, 5)",),
        query=("SELECT n FROM t",) * 3,
        answers=(5, 5, 5),
        on=("postgresql", "mysql"),
    ),
    "a number that counts otherwise": Pair(
        lambda: {"t": [number("id", primary_key=True)]},
        lambda: {"t": [number("id", sa.Identity(), primary_key=True)]},
        on=POSTGRESQL,
    ),
    "sequences": Pair(
        lambda: {"t": [number("a", sa.Sequence("seq_a", start=5))]},
        lambda: {"t": [number("a", sa.Sequence("seq_b"))], "u": []},
        extend=lambda metadata, after: sa.Sequence("seq_c", increment=5 if after else 3, metadata=metadata),
        on=("postgresql", "mysql"),
    ),
    "a view on a column that changes": Pair(
        lambda: {"t": [number("a")]},
        lambda: {"t": [Column("a", sa.BigInteger), number("b")]},
        extend=lambda metadata, after: View("v", "SELECT t.a FROM t", metadata=metadata),
        rows=("INSERT INTO t (id, a) VALUES (1, 5)",),
        query=("SELECT a FROM v",) * 3,
        answers=(5, 5, 5),
        on=("postgresql", "sqlite"),
    ),
    "views on views": Pair(
        lambda: {"t": [number("a")], "old": []},
        lambda: {"t": [number("a"), number("b")]},
        extend=lambda metadata, after: (
            View("v2", f"SELECT v1.a FROM v1 WHERE v1.a > {int(after)}", metadata=metadata),
            View("v1", "SELECT t.a, t.b FROM t" if after else "SELECT t.a FROM t", metadata=metadata),
        ),
        on=("postgresql", "sqlite"),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
async def test_one_schema_becomes_another_and_itself_again(place: Setting, name: str) -> None:
    pair = PAIRS[name]
    if place.catalogue.adapter.name not in pair.on:
        pytest.skip("this database has no such thing")
    before, after = made(pair.before()), made(pair.after())
    if pair.extend is not None:
        pair.extend(before, False)
        pair.extend(after, True)
    await begin(place, before)
    await place.execute(*pair.rows)
    await asked(place, pair, 0)
    renames = Renames.parse(pair.renames)

    go = await compared(place, after, renames=renames, answer=pair.answer)
    assert not go.is_empty
    await place.perform(*go.operations)

    assert described(await compared(place, after)) == []
    await asked(place, pair, 1)

    await place.perform(*go.undone())

    assert described(await compared(place, before)) == []
    await asked(place, pair, 2)


async def begin(place: Setting, metadata: MetaData) -> None:
    """Create all that models declare; objects beside tables, which SQLAlchemy knows nothing of, as a diff does."""
    await place.create(metadata)
    await place.perform(*(await compared(place, metadata)).operations)
    assert described(await compared(place, metadata)) == []


def described(found: Diff) -> list[str]:
    return [operation.describe() for operation in found.operations]


async def asked(place: Setting, pair: Pair, number: int) -> None:
    if pair.query:
        answer = (await place.connection.exec_driver_sql(pair.query[number])).scalar()
        await place.connection.rollback()
        assert answer == pair.answers[number]


@pytest.mark.parametrize("seed", range(4))
async def test_random_schemas_become_others_and_themselves_again(place: Setting, seed: int) -> None:
    await round_trip(place, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4, 40))
async def test_more_random_schemas(place: Setting, seed: int) -> None:
    await round_trip(place, seed)


async def round_trip(place: Setting, seed: int) -> None:
    dialect = place.catalogue.adapter.name
    before, after = random_models(2 * seed, dialect), random_models(2 * seed + 1, dialect)
    await place.create(before)
    assert described(await compared(place, before)) == []

    go = await compared(place, after)
    await place.perform(*go.operations)

    assert described(await compared(place, after)) == []

    await place.perform(*go.undone())

    assert described(await compared(place, before)) == []
