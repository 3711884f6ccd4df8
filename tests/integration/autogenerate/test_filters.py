"""Filters: what they are asked with is what SQLAlchemy would have read from the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, MetaData, Table, UniqueConstraint

from asyncmig.autogenerate import Diff, Filters, diff
from asyncmig.operations.base import TableName
from tests.integration.catalogue.setting import Setting, setting


@pytest.fixture
async def place(database_url: str) -> AsyncIterator[Setting]:
    async with setting(database_url) as found:
        yield found


def models(*, full: bool) -> MetaData:
    metadata = MetaData()
    Table("parent", metadata, Column("id", sa.Integer, primary_key=True))
    columns = [
        Column("a", sa.Integer, server_default="5"),
        Column("b", sa.String(20)),
        Column("parent_id", sa.Integer, ForeignKey("parent.id", name="fk_parent") if full else None),
    ]
    parts = [UniqueConstraint("b", name="uq_b"), CheckConstraint("a > 1", name="ck_a"), Index("ix_a", "a")]
    Table("t", metadata, Column("id", sa.Integer, primary_key=True), *columns, *(parts if full else []))
    return metadata


async def compared(place: Setting, wanted: MetaData, **options: Any) -> Diff:
    connection = place.connection.sync_connection
    assert connection is not None
    filters = Filters(leave_out=frozenset({TableName("asyncmig_journal")}), **options)
    found = await diff(connection, place.catalogue, wanted, filters=filters)
    await place.connection.rollback()
    return found


async def test_include_object_gets_objects_of_what_was_read(place: Setting) -> None:
    await place.create(models(full=True))
    seen: dict[tuple[str, str | None], tuple[type, str | None]] = {}

    def include_object(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
        if reflected:
            table = item if isinstance(item, Table) else item.table
            seen[kind, name] = (type(item), table.name)
        return kind != "index"

    found = await compared(place, models(full=False), include_object=include_object)

    seen.pop(("index", "fk_parent"), None)  # which MySQL made for the foreign key
    assert seen == {
        ("unique_constraint", "uq_b"): (UniqueConstraint, "t"),
        ("check_constraint", "ck_a"): (CheckConstraint, "t"),
        ("foreign_key_constraint", "fk_parent"): (sa.ForeignKeyConstraint, "t"),
        ("index", "ix_a"): (Index, "t"),
    }
    assert not any("ix_a" in operation.describe() for operation in found.operations)
    assert len(found.operations) in (1, 3)


async def test_comparing_functions_get_columns_of_what_was_read(place: Setting) -> None:
    await place.create(models(full=True))
    types, defaults = {}, {}

    def compare_type(context: Any, live: Any, wanted: Any, live_type: Any, wanted_type: Any) -> bool | None:
        types[live.name] = (live.table.name, wanted.table.name, isinstance(live_type, type(wanted_type)))
        return live.name == "b"

    def compare_default(context: Any, live: Any, wanted: Any, was: Any, default: Any, rendered: Any) -> bool | None:
        defaults[live.name] = None if was is None else was.strip("'")
        return None

    found = await compared(place, models(full=True), compare_type=compare_type, compare_server_default=compare_default)

    assert types["a"] == ("t", "t", True)
    assert defaults == {"id": None, "a": "5", "b": None, "parent_id": None}
    assert [operation.describe().split(":")[0] for operation in found.operations] == ["alter column t.b"]
