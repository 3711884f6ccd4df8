"""Schemas: tables in several of them, what they refer to, and what is not the models' own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, MetaData, Table

from asyncmig.autogenerate import Diff, Filters, diff
from tests.integration.catalogue.setting import Setting, setting


@pytest.fixture
async def place(postgresql_url: str) -> AsyncIterator[Setting]:
    async with setting(postgresql_url) as found:
        yield found


async def compared(place: Setting, wanted: MetaData, filters: Filters | None = None) -> Diff:
    connection = place.connection.sync_connection
    assert connection is not None
    found = await diff(connection, place.catalogue, wanted, filters=filters)
    await place.connection.rollback()
    return found


def described(found: Diff) -> list[str]:
    return [operation.describe() for operation in found.operations]


def shop() -> MetaData:
    metadata = MetaData()
    Table("users", metadata, Column("id", sa.Integer, primary_key=True))
    Table(
        "orders",
        metadata,
        Column("id", sa.Integer, primary_key=True),
        Column("user_id", ForeignKey("users.id")),
        Column("state", sa.Enum("new", "done", name="state", schema="shop")),
        Column("number", sa.Integer, sa.Sequence("numbers", schema="shop")),
        schema="shop",
    )
    Table("lines", metadata, Column("order_id", ForeignKey("shop.orders.id"), primary_key=True), schema="archive")
    return metadata


async def test_a_schema_is_made_before_what_stands_in_it_and_goes_after_it(place: Setting) -> None:
    everything = Filters(include_schemas=True, drop_schemas=True)

    go = await compared(place, shop(), everything)
    await place.perform(*go.operations)

    assert described(go)[:2] == ["create schema archive", "create schema shop"]
    assert described(await compared(place, shop(), everything)) == []
    assert described(await compared(place, shop())) == []

    gone = await compared(place, MetaData(), everything)
    assert described(gone)[-2:] == ["drop schema archive", "drop schema shop"]
    await place.perform(*gone.operations)
    await place.perform(*gone.undone())
    assert described(await compared(place, shop(), everything)) == []

    await place.perform(*go.undone())
    assert described(await compared(place, MetaData(), everything)) == []


async def test_what_others_keep_in_a_schema_that_models_use_is_not_touched(place: Setting) -> None:
    await place.execute(
        "CREATE SCHEMA shop",
        "CREATE TYPE shop.kind AS ENUM ('a')",
        "CREATE TABLE shop.theirs (id integer PRIMARY KEY, kind shop.kind)",
        "CREATE SEQUENCE shop.counter",
    )
    await place.perform(*(await compared(place, shop())).operations)

    assert described(await compared(place, shop())) == []
    assert described(await compared(place, shop(), Filters(include_schemas=True))) == [
        "drop table shop.theirs",
        "drop sequence shop.counter",
        "drop enum shop.kind",
    ]


async def test_the_default_schema_may_be_named(place: Setting) -> None:
    metadata = MetaData(schema="public")
    Table("users", metadata, Column("id", sa.Integer, primary_key=True), Column("mood", sa.Enum("x", name="mood")))
    Table("posts", metadata, Column("user_id", ForeignKey("public.users.id"), primary_key=True))

    await place.create(metadata)

    assert described(await compared(place, metadata)) == []
    assert described(await compared(place, metadata, Filters(include_schemas=True))) == []
