"""Filters: they mean what Alembic's mean, are asked only about what differs, and fail with their name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Column, Index, MetaData, Table

from asyncmig.autogenerate import Filters
from asyncmig.errors import DuplicateTableError, FilterError
from asyncmig.operations.base import TableName
from tests.unit.autogenerate.fakes import FakeCatalogue, compared, described, models


def there() -> MetaData:
    return models(
        (
            "kept",
            [Column("a", sa.Integer, index=True), Column("b", sa.Integer), sa.CheckConstraint("b > 0", name="ck")],
        ),
        ("gone", [Column("x", sa.Integer), Column("y", sa.Integer)]),
        ("same", []),
    )


def wanted() -> MetaData:
    return models(("kept", [Column("a", sa.String(5)), Column("c", sa.Text, unique=True)]), ("new", []), ("same", []))


async def test_include_object_is_asked_about_what_differs_with_objects_of_both_sides() -> None:
    asked: list[tuple[str, str | None, str, bool, str | None]] = []

    def include_object(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
        asked.append(
            (type(item).__name__, name, kind, reflected, type(compare_to).__name__ if compare_to is not None else None)
        )
        return True

    found = await compared(there(), wanted(), filters=Filters(include_object=include_object))

    assert not found.is_empty
    assert sorted(asked, key=str) == sorted(
        [
            ("Table", "new", "table", False, None),
            ("Table", "gone", "table", True, None),
            ("Table", "kept", "table", False, "Table"),
            ("Column", "a", "column", False, "Column"),
            ("Column", "b", "column", True, None),
            ("Column", "c", "column", False, None),
            ("UniqueConstraint", None, "unique_constraint", False, None),
            ("Index", "ix_kept_a", "index", True, None),
            ("CheckConstraint", "ck", "check_constraint", True, None),
        ],
        key=str,
    )


@pytest.mark.parametrize("name", ["kept", "gone", "new"])
async def test_a_table_that_is_left_out_differs_in_nothing(name: str) -> None:
    def include_object(item: Any, this: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
        return not (kind == "table" and this == name)

    found = await compared(there(), wanted(), filters=Filters(include_object=include_object))

    assert not any(name in line for line in described(found))
    assert not found.is_empty


async def test_objects_are_made_of_what_was_read_only_for_filters_that_ask_for_them() -> None:
    catalogue = FakeCatalogue(there())

    assert (await compared(catalogue, there())).is_empty
    assert catalogue.restored == 0


async def test_objects_that_were_read_belong_to_their_table() -> None:
    seen: dict[str, Any] = {}

    def include_object(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
        if reflected and kind in ("column", "index", "check_constraint"):
            seen[kind] = item
        return True

    await compared(there(), wanted(), filters=Filters(include_object=include_object))

    assert seen["column"].table.name == "kept"
    assert isinstance(seen["index"], Index)
    assert [column.name for column in seen["index"].columns] == ["a"]
    assert isinstance(seen["check_constraint"].table, Table)


async def test_include_name_hides_what_is_in_the_database_and_in_the_models() -> None:
    asked = []

    def include_name(name: str | None, kind: str, parents: Mapping[str, str | None]) -> bool:
        asked.append((name, kind, dict(parents)))
        return name not in ("gone", "new")

    found = await compared(there(), wanted(), filters=Filters(include_name=include_name))

    assert not any("gone" in line or "table new" in line for line in described(found))
    assert ("kept", "table", {"schema_name": None, "schema_qualified_table_name": "kept"}) in asked


async def test_include_name_hides_parts_of_a_table_in_the_database() -> None:
    def include_name(name: str | None, kind: str, parents: Mapping[str, str | None]) -> bool:
        return kind != "index"

    found = await compared(there(), wanted(), filters=Filters(include_name=include_name))

    assert not any("index" in line for line in described(found))


@pytest.mark.parametrize(("answer", "differs"), [(True, True), (False, False), (None, False)], ids=str)
async def test_compare_type_has_the_last_word_or_none(answer: bool | None, differs: bool) -> None:
    asked = []

    def compare_type(context: Any, live: Any, model: Any, live_type: Any, model_type: Any) -> bool | None:
        asked.append((context, live.name, model.name, type(live_type).__name__, type(model_type).__name__))
        return answer

    there, wanted = models(("t", [])), models(("t", []))
    found = await compared(there, wanted, filters=Filters(compare_type=compare_type, context="ours"))

    assert asked == [("ours", "id", "id", "Integer", "Integer")]
    assert (not found.is_empty) is differs


async def test_types_and_defaults_can_be_left_alone() -> None:
    there = models(("t", [Column("a", sa.Integer, server_default="1")]))
    wanted = models(("t", [Column("a", sa.String(5), server_default="2")]))

    none = await compared(there, wanted, filters=Filters(compare_type=False, compare_server_default=False))
    types = await compared(there, wanted, filters=Filters(compare_server_default=False))

    assert none.is_empty
    assert described(types) == ["alter column t.a: type String(length=5)"]


async def test_identity_is_compared_even_where_defaults_are_not() -> None:
    there, wanted = models(("t", [Column("a", sa.Integer)])), models(("t", [Column("a", sa.Integer, sa.Identity())]))

    found = await compared(there, wanted, filters=Filters(compare_server_default=False))

    assert described(found) == ["alter column t.a: not null, default Identity()"]


@pytest.mark.parametrize(("answer", "differs"), [(True, True), (False, False), (None, True)], ids=str)
async def test_compare_server_default_has_the_last_word_or_none(answer: bool | None, differs: bool) -> None:
    asked = []

    def compare(context: Any, live: Any, model: Any, live_default: Any, default: Any, rendered: Any) -> bool | None:
        if live.name == "a":
            asked.append((live_default, default.arg, rendered))
            return answer
        return None

    there = models(("t", [Column("a", sa.Integer, server_default="1")]))
    wanted = models(("t", [Column("a", sa.Integer, server_default="2")]))
    found = await compared(there, wanted, filters=Filters(compare_server_default=compare))

    assert asked == [("'1'", "2", "'2'")]
    assert (not found.is_empty) is differs


def _fails(*args: Any) -> bool:
    raise KeyError("oops")


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("include_name", "table 'gone'"),
        ("include_object", "table 'new'"),
        ("compare_type", "column 'id'"),
        ("compare_server_default", "column 'id'"),
    ],
)
async def test_a_filter_that_raises_is_named_with_what_it_was_asked(name: str, asked: str) -> None:
    with pytest.raises(FilterError) as caught:
        await compared(there(), wanted(), filters=Filters(**{name: _fails}))

    assert caught.value.filter_name == name
    assert caught.value.asked.split()[0] == asked.split()[0]
    assert f"The filter {name} failed when it was asked about" in caught.value.message
    assert "KeyError: 'oops'" in caught.value.message
    assert isinstance(caught.value.__cause__, KeyError)


async def test_tables_of_the_tool_are_left_out() -> None:
    found = await compared(
        models(("asyncmig_version", [])),
        models(),
        filters=Filters(leave_out=frozenset({TableName("asyncmig_version")})),
    )

    assert found.is_empty


async def test_several_metadata_are_wanted_together() -> None:
    assert described(await compared(models(), [models(("a", [])), models(("b", []))])) == [
        "create table a (id)",
        "create table b (id)",
    ]


async def test_a_table_that_two_metadata_declare_is_an_error() -> None:
    with pytest.raises(DuplicateTableError, match="'a' is declared in two of the MetaData"):
        await compared(models(), [models(("a", [])), models(("a", []))])


def _in_schema(*names: str) -> MetaData:
    metadata = MetaData(schema="app")
    for name in names:
        Table(name, metadata, Column("id", sa.Integer, primary_key=True))
    return metadata


async def test_a_schema_that_models_only_put_a_table_into_is_not_theirs() -> None:
    assert (await compared(_in_schema("ours", "theirs"), _in_schema("ours"))).is_empty


async def test_all_schemas_count_when_that_is_said() -> None:
    found = await compared(_in_schema("ours", "theirs"), _in_schema("ours"), filters=Filters(include_schemas=True))

    assert described(found) == ["drop table app.theirs"]


async def test_schemas_are_dropped_only_when_that_is_said() -> None:
    catalogue = FakeCatalogue(models(), schemas=["old"])

    assert (await compared(catalogue, models())).is_empty
    found = await compared(catalogue, models(), filters=Filters(drop_schemas=True))
    assert described(found) == ["drop schema old"]


@pytest.mark.parametrize(
    ("include_schemas", "schemas"),
    [(False, (None, "app")), (True, None), (("a", None), ("a", None))],
    ids=["the models'", "all", "given ones"],
)
def test_the_schemas_that_are_read(include_schemas: Any, schemas: Any) -> None:
    assert Filters(include_schemas=include_schemas).scope(["app"]).schemas == schemas
