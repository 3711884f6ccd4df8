"""Random pairs of schemas on MySQL and MariaDB: one becomes the other and back, with nothing left over."""

from __future__ import annotations

import pytest
from sqlalchemy import MetaData

from asyncmig.autogenerate import Diff, Filters, Renames, diff
from asyncmig.operations.base import TableName
from tests.integration.catalogue.mysql_random import random_mysql_models
from tests.integration.catalogue.setting import Setting, setting

OURS = Filters(leave_out=frozenset({TableName("asyncmig_journal"), TableName("asyncmig_version")}))
#: They have circles of foreign keys, tables with other collations, and indexes that only some foreign keys need.
SEEDS = (1, 16, 25, 39, 119, 122, 187, 283, 288)


@pytest.mark.parametrize("seed", SEEDS)
async def test_one_schema_becomes_another_and_back(mysql_url: str, seed: int) -> None:
    await _there_and_back(mysql_url, seed)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 3000, 100))
async def test_many_schemas_become_others_and_back(mysql_server: object, first: int) -> None:
    for seed in range(first, first + 100):
        with mysql_server.database() as url:  # type: ignore[attr-defined]
            await _there_and_back(url, seed)


async def _there_and_back(url: str, seed: int) -> None:
    before, after = random_mysql_models(seed), random_mysql_models(seed + 10_000)
    async with setting(url) as here:
        await here.create(before)
        assert await _operations(here, before) == []
        change = await _compared(here, after)
        await here.perform(*change.operations)
        assert await _operations(here, after) == []
        await here.perform(*change.undone())
        assert await _operations(here, before) == []


async def _compared(here: Setting, models: MetaData) -> Diff:
    connection = here.connection.sync_connection
    assert connection is not None
    found = await diff(connection, here.catalogue, models, filters=OURS, renames=Renames(accept_loss=True))
    assert found.warnings == ()
    return found


async def _operations(here: Setting, models: MetaData) -> list[str]:
    return [operation.describe() for operation in (await _compared(here, models)).operations]
