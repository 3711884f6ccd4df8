"""MySQL and MariaDB: what models declare is found again, and what was read can be made again."""

from __future__ import annotations

import pytest
from sqlalchemy import MetaData

from tests.integration.catalogue.mysql_models import cases
from tests.integration.catalogue.setting import Setting, setting, tables

CASES = cases()
CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


@pytest.mark.parametrize("name", CASES)
async def test_what_is_declared_is_found_again(mysql_url: str, name: str) -> None:
    metadata = MetaData()
    CASES[name](metadata)
    async with setting(mysql_url) as here:
        await here.create(metadata)
        live = await here.read()
        wanted = await here.wanted(metadata, live)
        assert wanted.warnings == live.warnings == ()
        assert tables(wanted) == tables(live)
        await _can_be_made_again(here)


async def _can_be_made_again(here: Setting) -> None:
    live = await here.read()
    made = [one for table in live.tables.values() for one in here.catalogue.table_operations(table, live)]
    await here.execute("SET foreign_key_checks = 0", *(f"DROP TABLE `{name.name}`" for name in live.tables))
    await here.perform(*made)
    again = tables(await here.read())
    assert {name: table for name, table in again.items() if not name.startswith("asyncmig_")} == tables(live)


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("table")])
async def test_what_a_convention_names_is_found_again(mysql_url: str, name: str) -> None:
    metadata = MetaData(naming_convention=CONVENTION)
    CASES[name](metadata)
    async with setting(mysql_url) as here:
        await here.create(metadata)
        live = await here.read()
        wanted = await here.wanted(metadata, live)
        assert wanted.warnings == live.warnings == ()
        assert tables(wanted) == tables(live)
