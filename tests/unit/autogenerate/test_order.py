"""Order: whatever becomes of whatever, each operation finds what it needs, there and back, and always the same way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, ForeignKey, MetaData, Table

from asyncmig.autogenerate import Renames
from asyncmig.autogenerate.changes import Unit
from asyncmig.autogenerate.order import ordered
from asyncmig.dialects.catalogue import CatalogueTraits
from asyncmig.operations import (
    AddColumn,
    AlterColumn,
    AlterTable,
    CreateEnum,
    CreateForeignKey,
    CreateIndex,
    CreateTable,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
    Operation,
    RenameTable,
    TableName,
)
from asyncmig.schema import ObjectKey, ObjectState
from tests.integration.autogenerate.random_models import random_models
from tests.unit.autogenerate.fakes import FakeCatalogue, compared, described, models, undone
from tests.unit.autogenerate.world import World

ACCEPT = Renames(accept_loss=True)


@settings(max_examples=60, deadline=None)
@given(before=st.integers(0, 10_000), after=st.integers(0, 10_000))
async def test_each_operation_finds_what_it_needs_there_and_back(before: int, after: int) -> None:
    there, wanted = random_models(before, "postgresql"), random_models(after, "postgresql")
    world = World()
    for operation in (await compared(models(), there)).operations:
        world.do(operation)
    start = world.summary()

    found = await compared(there, wanted, renames=ACCEPT)

    for operation in found.operations:
        world.do(operation)
    target = World()
    for operation in (await compared(models(), wanted)).operations:
        target.do(operation)
    assert world.summary() == target.summary()
    for operation in found.undone():
        world.do(operation)
    assert world.summary() == start


@pytest.mark.parametrize("seed", range(5))
async def test_the_order_does_not_depend_on_how_operations_were_found(seed: int) -> None:
    there, wanted = random_models(seed, "postgresql"), random_models(seed + 100, "postgresql")
    found = await compared(there, wanted, renames=ACCEPT)
    # Columns stay in the order of their table.
    columns = (AddColumn, AlterColumn, DropColumn)
    units = [Unit((change,)) for change in found.changes if not isinstance(change.operation, columns)]

    usual = await ordered(units)
    Random(seed).shuffle(units)
    shuffled = await ordered(units)

    def words(each: Sequence[Unit]) -> list[str]:
        return [operation.describe() for unit in each for operation in unit]

    assert words(usual) == words(shuffled)


@pytest.mark.parametrize("seed", range(5))
async def test_the_order_does_not_depend_on_the_order_of_declarations(seed: int) -> None:
    def declared(names: Sequence[str]) -> MetaData:
        metadata = MetaData()
        for name in names:
            other = {"a": "b", "b": "c", "c": "a", "d": "a"}[name]
            Table(
                name,
                metadata,
                Column("id", sa.Integer, primary_key=True),
                Column("o", ForeignKey(f"{other}.id"), index=True),
            )
        return metadata

    names = list("abcd")
    usual = described(await compared(models(), declared(names)))
    Random(seed).shuffle(names)

    assert described(await compared(models(), declared(names))) == usual


SCRIPT = """
import asyncio
from asyncmig.autogenerate import Renames
from tests.integration.autogenerate.random_models import random_models
from tests.unit.autogenerate.fakes import compared, described, undone

async def main():
    for seed in range(8):
        there, wanted = random_models(seed, "postgresql"), random_models(seed + 100, "postgresql")
        found = await compared(there, wanted, renames=Renames(accept_loss=True))
        print(*described(found), *undone(found), sep="\\n")

asyncio.run(main())
"""


def test_the_order_is_the_same_in_every_process() -> None:
    root = Path(__file__).parents[3]
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("0", "1", "2")
    }

    assert len(outputs) == 1
    assert len(outputs.pop().splitlines()) > 100


# -- circles -----------------------------------------------------------------------------------------------------------


def _circle() -> MetaData:
    return models(
        ("a", [Column("b_id", ForeignKey("b.id", name="fk_a"))]),
        ("b", [Column("c_id", ForeignKey("c.id"))]),
        ("c", [Column("a_id", ForeignKey("a.id")), Column("c_id", ForeignKey("c.id"))]),
    )


async def test_tables_in_a_circle_get_the_key_that_closes_it_last() -> None:
    found = await compared(models(), _circle())

    assert described(found) == [
        "create table c (id, a_id, c_id)",
        "create table b (id, c_id)",
        "create table a (id, b_id)",
        "add foreign key c_a_id_fkey on c (a_id) to a (id)",
    ]
    assert undone(found) == [
        "drop foreign key c_a_id_fkey on c",
        "drop table a",
        "drop table b",
        "drop table c",
    ]


async def test_tables_in_a_circle_are_dropped_when_it_is_open() -> None:
    found = await compared(_circle(), models())

    assert described(found) == [
        "drop foreign key c_a_id_fkey on c",
        "drop table a",
        "drop table b",
        "drop table c",
    ]
    assert undone(found)[-1] == "add foreign key c_a_id_fkey on c (a_id) to a (id)"


async def test_a_database_that_has_no_alter_keeps_its_circles() -> None:
    catalogue = FakeCatalogue(models(), traits=CatalogueTraits(inline_keys=True))

    found = await compared(catalogue, _circle())

    assert [type(operation) for operation in found.operations] == [CreateTable] * 3


# -- what is in the way ------------------------------------------------------------------------------------------------


async def test_a_key_is_away_while_what_it_refers_to_changes() -> None:
    def made(name: str) -> MetaData:
        unique = sa.UniqueConstraint("code", name=name)
        return models(
            ("p", [Column("code", sa.Integer), unique]), ("c", [Column("p", ForeignKey("p.code", name="fk"))])
        )

    found = await compared(made("one"), made("two"))

    assert described(found) == [
        "drop foreign key fk on c",
        "drop unique constraint one on p",
        "add unique constraint two on p (code)",
        "add foreign key fk on c (p) to p (code)",
    ]


@pytest.mark.parametrize(
    ("before", "after", "away"),
    [
        (sa.Integer, sa.BigInteger, True),
        (lambda: sa.String(20), lambda: sa.String(50), False),
    ],
    ids=["another sort", "only longer"],
)
async def test_a_key_is_away_while_both_its_ends_become_of_another_sort(
    before: Callable[[], Any], after: Callable[[], Any], away: bool
) -> None:
    def made(type_: Callable[[], Any]) -> MetaData:
        column = Column("p", type_(), ForeignKey("p.code", name="fk"))
        return models(("p", [Column("code", type_(), unique=True)]), ("c", [column]))

    names = [type(operation).__name__ for operation in (await compared(made(before), made(after))).operations]

    changed = ["AlterColumn", "AlterColumn"]
    assert names == (["DropConstraint", *changed, "CreateForeignKey"] if away else changed)


async def test_what_is_on_a_computed_column_is_away_while_it_gets_another_expression() -> None:
    def made(factor: int) -> MetaData:
        computed = Column("b", sa.Integer, sa.Computed(f"a * {factor}"), index=True)
        check = sa.CheckConstraint("b > 0", name="ck")
        return models(("t", [Column("a", sa.Integer), computed, check]))

    found = await compared(made(2), made(3))

    assert described(found) == [
        "drop check constraint ck on t",
        "drop index ix_t_b of t",
        "drop column t.b",
        "add column t.b Integer()",
        "create index ix_t_b on t (b)",
        "add check constraint ck on t (b > 0)",
    ]


async def test_a_computed_column_is_away_while_its_base_gets_another_type() -> None:
    def made(type_: Any) -> MetaData:
        return models(("t", [Column("a", type_), Column("b", sa.Integer, sa.Computed("a * 2"))]))

    found = await compared(made(sa.Integer()), made(sa.BigInteger()))

    assert described(found) == ["drop column t.b", "alter column t.a: type BigInteger()", "add column t.b Integer()"]


def _view(name: str, definition: str, *needs: Any) -> ObjectState:
    return ObjectState(ObjectKey("view", name), definition, frozenset(needs))


async def test_views_are_away_while_a_table_changes_beneath_them_and_what_stands_on_them_too() -> None:
    table = TableName("t")
    low = _view("low", "SELECT a FROM t", table)
    high = _view("high", "SELECT a FROM low", low.key)
    other = _view("other", "SELECT 1")
    catalogue = FakeCatalogue(models(("t", [Column("a", sa.Integer)])), objects=[low, high, other])
    catalogue.wanted_objects = {state.key: state for state in (low, high, other)}

    found = await compared(catalogue, models(("t", [Column("a", sa.Text)])))

    assert described(found) == [
        "execute drop high",
        "execute drop low",
        "alter column t.a: type Text()",
        "execute create low",
        "execute create high",
    ]


async def test_a_view_that_changes_is_replaced_after_the_column_that_it_needs() -> None:
    table = TableName("t")
    catalogue = FakeCatalogue(models(("t", [])), objects=[_view("v", "SELECT id FROM t", table)])
    wanted = _view("v", "SELECT id, a FROM t", table)
    catalogue.wanted_objects = {wanted.key: wanted}

    found = await compared(catalogue, models(("t", [Column("a", sa.Integer)])))

    assert described(found) == ["add column t.a Integer()", "execute replace v"]


# -- single operations -------------------------------------------------------------------------------------------------


async def in_order(*operations: Operation[Any]) -> list[str]:
    return [operation.describe() for unit in await ordered(map(Unit.of, operations)) for operation in unit]


async def test_renames_come_first() -> None:
    assert await in_order(
        AddColumn("new", Column("b", sa.Integer)),
        AlterColumn("new", "x", new_column_name="y"),
        RenameTable("old", "new"),
    ) == ["rename table old to new", "alter column new.x: rename to y", "add column new.b Integer()"]


async def test_a_name_that_becomes_free_is_taken_after_that() -> None:
    assert await in_order(
        CreateTable("a", (Column("id", sa.Integer),)),
        CreateIndex("ix", "a", ["id"]),
        DropIndex("ix", "z", dropped=CreateIndex("ix", "z", ["a"])),
    ) == ["create table a (id)", "drop index ix of z", "create index ix on a (id)"]


async def test_a_circle_that_cannot_be_opened_is_no_end() -> None:
    def block(table: str, other: str) -> AlterTable:
        column = AddColumn(table, Column("code", sa.Integer))
        unique = CreateUniqueConstraint("uq", table, ["code"])
        key = CreateForeignKey("fk", table, other, ["id"], ["code"])
        return AlterTable(table, (column, unique, key))

    assert [line.split(":")[0] for line in await in_order(block("b", "a"), block("a", "b"))] == [
        "alter table a",
        "alter table b",
    ]


async def test_types_come_before_what_has_them_and_go_after_it() -> None:
    mood = sa.Enum("x", name="mood")
    created = CreateTable("a", (Column("m", mood),))

    assert await in_order(created, CreateEnum("mood", ["x"])) == ["create enum mood (x)", "create table a (m)"]
    assert await in_order(CreateEnum("mood", ["x"]).reversed(), DropTable("a", dropped=created)) == [
        "drop table a",
        "drop enum mood",
    ]


async def test_a_constraint_goes_before_its_column() -> None:
    unique = CreateUniqueConstraint("uq", "t", ["a"])
    dropped = AddColumn("t", Column("a", sa.Integer)).reversed()

    assert await in_order(dropped, DropConstraint("uq", "t", "unique", dropped=unique)) == [
        "drop unique constraint uq on t",
        "drop column t.a",
    ]
