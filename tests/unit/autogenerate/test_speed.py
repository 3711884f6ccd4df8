"""Speed: what is the same costs next to nothing, and others get their turn."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Column, MetaData

from asyncmig.autogenerate import Filters
from asyncmig.autogenerate.choosing import Choice
from asyncmig.autogenerate.comparing import compare
from asyncmig.autogenerate.described import describe
from asyncmig.autogenerate.restoring import Restored
from asyncmig.schema import Scope
from tests.unit.autogenerate.fakes import FakeCatalogue, compared


def many(tables: int) -> MetaData:
    """Models of tables with ten columns, two indexes, a unique constraint and a foreign key each."""
    metadata = MetaData()
    types = (sa.Integer, sa.String(50), sa.Text, sa.DateTime)
    for number in range(tables):
        columns: list[Any] = [Column("id", sa.Integer, primary_key=True)]
        columns += [Column(f"c{each}", types[each % 4], server_default="1" if each % 3 else None) for each in range(8)]
        columns.append(Column("parent", sa.ForeignKey(f"t{max(number - 1, 0)}.id")))
        table = sa.Table(f"t{number}", metadata, *columns, sa.UniqueConstraint("c1", name=f"uq{number}"))
        sa.Index(f"ix_a{number}", table.c.c0)
        sa.Index(f"ix_b{number}", table.c.c4)
    return metadata


async def test_a_thousand_tables_that_are_the_same_take_less_than_a_tenth_of_a_second() -> None:
    there, models = many(1000), many(1000)
    catalogue = FakeCatalogue(there)
    live = await catalogue.read(None, Scope())  # type: ignore[arg-type]
    wanted = await describe([models], catalogue, Scope())
    choice = Choice(Filters(), Scope(), Restored(catalogue, live))

    best = 1.0
    for _ in range(3):
        started = time.process_time()
        differences = await compare(wanted, live, catalogue, choice)
        best = min(best, time.process_time() - started)

    assert differences == []
    assert best < 0.1


@pytest.mark.parametrize("situation", ["all the same", "all new", "all gone"])
async def test_the_loop_is_not_held(situation: str) -> None:
    there = MetaData() if situation == "all new" else many(200)
    wanted = MetaData() if situation == "all gone" else many(200)
    gc.collect()
    gc.disable()
    try:
        longest = await _longest_turn(compared(there, wanted))
    finally:
        gc.enable()

    assert longest < 0.05


async def _longest_turn(work: Awaitable[Any]) -> float:
    """The longest time, in seconds of this thread's work, for which others had no turn."""
    longest, last, over = 0.0, time.thread_time(), False

    async def others() -> None:
        nonlocal longest, last
        while not over:
            now = time.thread_time()
            longest, last = max(longest, now - last), now
            await asyncio.sleep(0)

    task = asyncio.ensure_future(others())
    await asyncio.sleep(0)
    await work
    over = True
    await task
    return longest
