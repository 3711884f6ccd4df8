"""Comparing: every kind of difference is found, and becomes an operation that can be undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, MetaData, UniqueConstraint

from asyncmig.dialects.facts import Facts
from asyncmig.operations import (
    AddColumn,
    AlterColumn,
    CreateForeignKey,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
)
from tests.unit.autogenerate.fakes import FakeCatalogue, compared, described, models, undone

Items = Callable[[], list[Any]]


def _number(*items: Any, **options: Any) -> Column[Any]:
    return Column("a", sa.Integer, *items, **options)


def _pair(before: list[Any], after: list[Any]) -> tuple[MetaData, MetaData]:
    other = ("other", [])
    return models(other, ("t", before)), models(other, ("t", after))


#: For each kind of difference: what there is, what is wanted, what is done, and what undoes it.
CASES: dict[str, tuple[Items, Items, list[str], list[str]]] = {
    "column added": (
        list,
        lambda: [_number()],
        ["add column t.a Integer()"],
        ["drop column t.a"],
    ),
    "column dropped": (
        lambda: [_number()],
        list,
        ["drop column t.a"],
        ["add column t.a Integer()"],
    ),
    "type": (
        lambda: [_number()],
        lambda: [Column("a", sa.String(5))],
        ["alter column t.a: type String(length=5)"],
        ["alter column t.a: type Integer()"],
    ),
    "nullability": (
        lambda: [_number()],
        lambda: [_number(nullable=False)],
        ["alter column t.a: not null"],
        ["alter column t.a: null"],
    ),
    "default": (
        lambda: [_number()],
        lambda: [_number(server_default="5")],
        ["alter column t.a: default 5"],
        ["alter column t.a: no default"],
    ),
    "default dropped": (
        lambda: [_number(server_default="5")],
        lambda: [_number()],
        ["alter column t.a: no default"],
        ["alter column t.a: default 5"],
    ),
    "comment of a column": (
        lambda: [_number(comment="x")],
        lambda: [_number()],
        ["alter column t.a: no comment"],
        ["alter column t.a: comment"],
    ),
    "several of a column at once": (
        lambda: [_number(server_default="5")],
        lambda: [Column("a", sa.String(5), nullable=False, comment="x")],
        ["alter column t.a: type String(length=5), not null, no default, comment"],
        ["alter column t.a: type Integer(), null, default 5, no comment"],
    ),
    "unique constraint": (
        lambda: [_number()],
        lambda: [_number(), UniqueConstraint("a", name="uq_a")],
        ["add unique constraint uq_a on t (a)"],
        ["drop unique constraint uq_a on t"],
    ),
    "unique constraint without a name": (
        lambda: [_number()],
        lambda: [_number(unique=True)],
        ["add unique constraint t_a_key on t (a)"],
        ["drop unique constraint t_a_key on t"],
    ),
    "index": (
        lambda: [_number()],
        lambda: [_number(index=True)],
        ["create index ix_t_a on t (a)"],
        ["drop index ix_t_a of t"],
    ),
    "index changed": (
        lambda: [_number(), Index("ix", "a")],
        lambda: [_number(), Index("ix", "a", unique=True)],
        ["drop index ix of t", "create unique index ix on t (a)"],
        ["drop index ix of t", "create index ix on t (a)"],
    ),
    "index becomes a unique constraint": (
        lambda: [_number(), Index("uq_a", "a", unique=True)],
        lambda: [_number(), UniqueConstraint("a", name="uq_a")],
        ["drop index uq_a of t", "add unique constraint uq_a on t (a)"],
        ["drop unique constraint uq_a on t", "create unique index uq_a on t (a)"],
    ),
    "foreign key": (
        lambda: [_number()],
        lambda: [_number(ForeignKey("other.id", ondelete="CASCADE"))],
        ["add foreign key t_a_fkey on t (a) to other (id)"],
        ["drop foreign key t_a_fkey on t"],
    ),
    "foreign key changed": (
        lambda: [_number(ForeignKey("other.id", name="fk"))],
        lambda: [_number(ForeignKey("other.id", name="fk", ondelete="CASCADE"))],
        ["drop foreign key fk on t", "add foreign key fk on t (a) to other (id)"],
        ["drop foreign key fk on t", "add foreign key fk on t (a) to other (id)"],
    ),
    "primary key": (
        lambda: [
            Column("a", sa.Integer, primary_key=True, autoincrement=False),
            Column("b", sa.Integer, nullable=False),
        ],
        lambda: [
            Column("a", sa.Integer, primary_key=True, autoincrement=False),
            Column("b", sa.Integer, primary_key=True, autoincrement=False),
        ],
        ["drop primary key t_pkey on t", "add primary key t_pkey on t (a, b)"],
        ["drop primary key t_pkey on t", "add primary key t_pkey on t (a)"],
    ),
    "check": (
        lambda: [_number(), CheckConstraint("a > 1", name="ck")],
        lambda: [_number(), CheckConstraint("a > 2", name="ck")],
        ["drop check constraint ck on t", "add check constraint ck on t (a > 2)"],
        ["drop check constraint ck on t", "add check constraint ck on t (a > 1)"],
    ),
    "check of a type": (
        lambda: [Column("a", sa.Boolean)],
        lambda: [Column("a", sa.Enum("x", "y", native_enum=False, create_constraint=True, name="mood", length=3))],
        ["alter column t.a: type Enum('x', 'y', name='mood', native_enum=False, length=3)",
         "add check constraint mood on t (a IN ('x', 'y'))"],
        ["drop check constraint mood on t", "alter column t.a: type Boolean()"],
    ),
    "identity": (
        lambda: [_number(sa.Identity())],
        lambda: [_number(sa.Identity(always=True, start=7))],
        ["alter column t.a: default Identity(always=True, start=7)"],
        ["alter column t.a: default Identity()"],
    ),
    "computed": (
        lambda: [_number(sa.Computed("id + 1"))],
        lambda: [_number(sa.Computed("id + 2"))],
        ["drop column t.a", "add column t.a Integer()"],
        ["drop column t.a", "add column t.a Integer()"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
async def test_a_difference_is_found_and_can_be_undone(name: str) -> None:
    before, after, done, back = CASES[name]
    there, wanted = _pair(before(), after())

    found = await compared(there, wanted)

    assert described(found) == done
    assert undone(found) == back


@pytest.mark.parametrize("name", CASES)
async def test_the_same_models_have_no_difference(name: str) -> None:
    _, after, _, _ = CASES[name]
    there, wanted = _pair(after(), after())

    assert (await compared(there, wanted)).is_empty


async def test_a_new_table_is_created_with_its_constraints_and_then_its_indexes() -> None:
    found = await compared(
        models(),
        models(("t", [_number(ForeignKey("o.id"), index=True), UniqueConstraint("a", name="uq")]), ("o", [])),
    )

    assert described(found) == ["create table o (id)", "create table t (id, a)", "create index ix_t_a on t (a)"]
    assert undone(found) == ["drop index ix_t_a of t", "drop table t", "drop table o"]
    created = found.operations[1]
    assert isinstance(created, CreateTable)
    kinds = sorted(type(item).__name__ for item in created.items)
    assert kinds == ["Column", "Column", "ForeignKeyConstraint", "UniqueConstraint"]


async def test_a_table_that_is_gone_is_dropped_and_its_drop_knows_all_of_it() -> None:
    found = await compared(models(("t", [_number(index=True)])), models())

    assert described(found) == ["drop index ix_t_a of t", "drop table t"]
    assert undone(found) == ["create table t (id, a)", "create index ix_t_a on t (a)"]
    assert found.is_lossy
    assert [change.is_lossy for change in found.changes] == [False, True]


async def test_what_was_created_would_be_created_the_same_by_create_all() -> None:
    wanted = models(
        ("o", []),
        (
            "t",
            [
                Column("x", sa.Integer, CheckConstraint("x > 0"), key="k"),
                Column("flag", sa.Boolean(create_constraint=True, name="is_flag")),
                Column("o_id", sa.ForeignKey("o.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED")),
                UniqueConstraint("k", "flag", name="uq", postgresql_nulls_not_distinct=True),
            ],
        ),
    )
    catalogue = FakeCatalogue(models())

    found = await compared(catalogue, wanted)

    created = next(each for each in found.operations if isinstance(each, CreateTable) and each.table_name == "t")
    dialect = catalogue.adapter.printing
    ours = str(sa.schema.CreateTable(created.to_table(MetaData())).compile(dialect=dialect))
    theirs = str(sa.schema.CreateTable(wanted.tables["t"]).compile(dialect=dialect))
    assert sorted(ours.replace(",", "").split("\n")) == sorted(theirs.replace(",", "").split("\n"))


async def test_an_index_that_a_failed_build_left_behind_is_built_again() -> None:
    wanted = models(("t", [_number(index=True)]))

    found = await compared(FakeCatalogue(models(("t", [_number(index=True)])), invalid_indexes=["ix_t_a"]), wanted)

    assert described(found) == ["drop index ix_t_a of t", "create index ix_t_a on t (a)"]


@pytest.mark.parametrize(
    "make",
    [
        lambda name: ForeignKey("o.id", name=name),
        lambda name: CheckConstraint("a > 1", name=name),
    ],
    ids=["foreign key", "check"],
)
async def test_another_name_alone_is_no_difference(make: Callable[[str], Any]) -> None:
    there = models(("o", []), ("t", [_number(make("one"))]))
    wanted = models(("o", []), ("t", [_number(make("another"))]))

    assert (await compared(there, wanted)).is_empty


async def test_another_name_of_a_unique_constraint_is_one() -> None:
    there = models(("t", [_number(), UniqueConstraint("a", name="one")]))
    wanted = models(("t", [_number(), UniqueConstraint("a", name="another")]))

    assert described(await compared(there, wanted)) == [
        "drop unique constraint one on t",
        "add unique constraint another on t (a)",
    ]


async def test_comments_of_tables() -> None:
    there, wanted = models(("t", []), ("u", [])), models(("t", []), ("u", []))
    there.tables["t"].comment = "old"
    wanted.tables["u"].comment = "new"

    found = await compared(there, wanted)

    assert described(found) == ["remove the comment on table t", "comment on table u"]
    assert undone(found) == ["remove the comment on table u", "comment on table t"]


async def test_options_are_compared_as_far_as_models_name_them() -> None:
    there = MetaData()
    sa.Table("t", there, Column("id", sa.Integer, primary_key=True), postgresql_with={"fillfactor": 50})
    wanted = MetaData()
    sa.Table("t", wanted, Column("id", sa.Integer, primary_key=True), postgresql_tablespace="fast")

    found = await compared(there, wanted)

    assert described(found) == ["alter options of table t (postgresql_tablespace=fast)"]
    assert undone(found) == ["alter options of table t (postgresql_tablespace=None)"]


async def test_schemas_are_created_for_tables_and_stay_when_nothing_needs_them() -> None:
    wanted = MetaData(schema="app")
    sa.Table("t", wanted, Column("id", sa.Integer, primary_key=True))

    assert described(await compared(models(), wanted)) == ["create schema app", "create table app.t (id)"]
    assert (await compared(FakeCatalogue(schemas=["app"]), models())).is_empty


async def test_the_default_schema_is_the_same_whether_it_is_named_or_not() -> None:
    named = MetaData(schema="public")
    sa.Table("t", named, Column("id", sa.Integer, primary_key=True))

    assert (await compared(models(("t", [])), named)).is_empty


async def test_enums_are_created_before_their_users_changed_in_place_and_dropped_after_them() -> None:
    def of(*values: str) -> MetaData:
        return models(("t", [Column("a", sa.ARRAY(sa.Enum(*values, name="mood")))]))

    created = await compared(models(), of("x", "y"))
    changed = await compared(of("x", "y"), of("x", "z", "y"))
    dropped = await compared(of("x"), models())

    assert described(created) == ["create enum mood (x, y)", "create table t (id, a)"]
    assert described(changed) == ["alter enum mood (x, z, y)"]
    assert undone(changed) == ["alter enum mood (x, y)"]
    assert changed.changes[0].notes == ()
    assert described(dropped) == ["drop table t", "drop enum mood"]
    assert undone(dropped) == ["create enum mood (x)", "create table t (id, a)"]


async def test_an_enum_that_loses_a_value_is_noted() -> None:
    there = models(("t", [Column("a", sa.Enum("x", "y", name="mood"))]))
    wanted = models(("t", [Column("a", sa.Enum("x", name="mood"))]))

    found = await compared(there, wanted)

    assert found.changes[0].notes == ("mood loses 'y', which fails where a row still has it.",)


async def test_sequences_of_metadata_and_of_columns() -> None:
    wanted = models(("t", [_number(sa.Sequence("of_column"))]))
    sa.Sequence("alone", metadata=wanted, start=5)
    there = models()
    sa.Sequence("old", metadata=there)

    found = await compared(there, wanted)

    assert described(found) == [
        "create sequence alone",
        "create sequence of_column",
        "create table t (id, a)",
        "drop sequence old",
    ]


async def test_a_changed_sequence_knows_what_it_was() -> None:
    there, wanted = models(), models()
    sa.Sequence("s", metadata=there, increment=2)
    sa.Sequence("s", metadata=wanted, increment=5)

    found = await compared(there, wanted)

    assert described(found) == ["alter sequence s (increment)"]
    assert undone(found) == ["alter sequence s (increment)"]


async def test_identity_and_computed_columns_are_compared_by_default() -> None:
    there = models(("t", [_number(), Column("b", sa.Integer, sa.Computed("id * 2"))]))
    wanted = models(("t", [_number(sa.Identity()), Column("b", sa.Integer, sa.Computed("id * 3"))]))

    found = await compared(there, wanted)

    assert described(found) == [
        "alter column t.a: not null, default Identity()",
        "drop column t.b",
        "add column t.b Integer()",
    ]


async def test_an_altered_column_says_all_that_it_was() -> None:
    there = models(("t", [_number(server_default="5", comment="old", nullable=False)]))
    wanted = models(("t", [Column("a", sa.String(9), server_default="5", comment="old", nullable=False)]))

    (operation,) = (await compared(there, wanted)).operations

    assert isinstance(operation, AlterColumn)
    assert isinstance(operation.existing_type, sa.Integer)
    assert (operation.existing_nullable, operation.existing_comment) == (False, "old")
    assert operation.existing_server_default == "5"
    assert operation.postgresql_using is None
    assert operation.reversed().postgresql_using == "a::INTEGER"  # type: ignore[attr-defined]


async def test_a_column_that_is_added_brings_nothing_that_is_created_by_itself() -> None:
    column = Column("a", sa.ForeignKey("o.id"), CheckConstraint("a > 0", name="ck"), unique=True, index=True)
    found = await compared(models(("o", []), ("t", [])), models(("o", []), ("t", [column])))

    added = found.operations[0]
    assert isinstance(added, AddColumn)
    assert (added.column.index, added.column.unique, added.column.foreign_keys, added.column.constraints) == (
        None,
        None,
        set(),
        set(),
    )
    assert described(found)[1:] == [
        "create unique index ix_t_a on t (a)",
        "add foreign key t_a_fkey on t (a) to o (id)",
        "add check constraint ck on t (a > 0)",
    ]
    assert [type(operation) for operation in found.undone()] == [
        DropConstraint,
        DropConstraint,
        DropIndex,
        DropColumn,
    ]


async def test_a_key_that_numbers_rows_is_added_in_one() -> None:
    there = MetaData()
    sa.Table("t", there, Column("x", sa.Integer))
    wanted = MetaData()
    sa.Table("t", wanted, Column("x", sa.Integer), Column("id", sa.Integer, primary_key=True))

    (added,) = (await compared(there, wanted)).operations

    assert isinstance(added, AddColumn)
    assert added.inline_primary_key
    assert added.column.primary_key


async def test_models_are_not_touched_by_comparing_or_by_what_is_done_with_its_operations() -> None:
    there = models(("t", [Column("a", sa.Integer)]))
    wanted = models(("t", [Column("a", sa.Enum("x", native_enum=False, create_constraint=True, name="m"))]), ("o", []))
    before = {name: (len(table.constraints), len(table.indexes)) for name, table in wanted.tables.items()}
    catalogue = FakeCatalogue(there)

    found = await compared(catalogue, wanted)
    statements = [step for operation in found.operations for step in catalogue.adapter.plan(operation, Facts())]

    assert statements
    assert {name: (len(table.constraints), len(table.indexes)) for name, table in wanted.tables.items()} == before


async def test_a_foreign_key_that_is_created_with_a_column_of_another_table_comes_after_it() -> None:
    there = models(("a", []), ("b", []))
    wanted = models(("a", [Column("code", sa.Integer, unique=True)]), ("b", [Column("code", sa.ForeignKey("a.code"))]))

    found = await compared(there, wanted)

    assert [type(operation).__name__ for operation in found.operations][-1] == "CreateForeignKey"
    key = found.operations[-1]
    assert isinstance(key, CreateForeignKey)
    assert key.referent.name == "a"


async def test_drops_of_tables_follow_their_foreign_keys() -> None:
    there = models(("a_parent", []), ("b_child", [Column("p", sa.ForeignKey("a_parent.id"))]))

    found = await compared(there, models())

    assert [operation.table_name for operation in found.operations if isinstance(operation, DropTable)] == [
        "b_child",
        "a_parent",
    ]


async def test_the_indexes_of_a_new_table_follow_it() -> None:
    found = await compared(models(), models(("z", [_number(index=True)]), ("a", [Column("z_id", ForeignKey("z.id"))])))

    assert described(found) == ["create table z (id, a)", "create index ix_z_a on z (a)", "create table a (id, z_id)"]
