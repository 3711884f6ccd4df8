"""Random pairs of schemas on MySQL and MariaDB: one becomes the other and back, with nothing left over."""

from __future__ import annotations

import pytest

from tests.integration.catalogue.mysql_random import random_mysql_models
from tests.integration.catalogue.setting import setting
from tests.integration.catalogue.there_and_back import there_and_back
from tests.servers import DatabaseServer

#: They have circles of foreign keys, tables with other collations, and indexes that only some foreign keys need.
SEEDS = (1, 16, 25, 39, 119, 122, 187, 283, 288)


@pytest.mark.parametrize("seed", SEEDS)
async def test_one_schema_becomes_another_and_back(mysql_url: str, seed: int) -> None:
    await _try(mysql_url, seed)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 3000, 100))
async def test_many_schemas_become_others_and_back(mysql_server: DatabaseServer, first: int) -> None:
    for seed in range(first, first + 100):
        with mysql_server.database() as url:
            await _try(url, seed)


async def _try(url: str, seed: int) -> None:
    async with setting(url) as here:
        await there_and_back(here, random_mysql_models(seed), random_mysql_models(seed + 10_000))
