"""SQLite: what models declare is found again, can be made again, and is seen when it changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import MetaData, Table

from tests.integration.catalogue.setting import setting, tables
from tests.integration.catalogue.sqlite_models import CONVENTION, cases

CASES = cases()
Declare = Callable[[MetaData], Table]


#: What SQLAlchemy refuses under a convention that makes a name of a name.
NAMELESS = frozenset(
    {
        "type Enum without name",
        "type Boolean with constraint",
        "table with unnamed check",
        "table with check of another database",
    }
)


@pytest.mark.parametrize("name", CASES)
async def test_what_is_declared_is_found_again(sqlite_url: str, name: str) -> None:
    await _is_found_again(sqlite_url, name, MetaData())


@pytest.mark.parametrize("name", [name for name in CASES if name not in NAMELESS])
async def test_what_a_convention_names_is_found_again(sqlite_url: str, name: str) -> None:
    await _is_found_again(sqlite_url, name, MetaData(naming_convention=CONVENTION))


async def _is_found_again(url: str, name: str, metadata: MetaData) -> None:
    CASES[name](metadata)
    async with setting(url) as here:
        await here.create(metadata)
        live = await here.read()
        assert live.warnings == ()
        assert tables(await here.wanted(metadata, live)) == tables(live)


@pytest.mark.parametrize("name", CASES)
async def test_what_was_read_can_be_made_again(sqlite_url: str, tmp_path: Path, name: str) -> None:
    metadata = MetaData()
    CASES[name](metadata)
    async with setting(sqlite_url) as first:
        await first.create(metadata)
        live = await first.read()
        operations = [one for table in live.tables.values() for one in first.catalogue.table_operations(table, live)]
    async with setting(f"sqlite+aiosqlite:///{tmp_path / 'again.sqlite'}") as second:
        await second.perform(*operations)
        assert tables(await second.read()) == tables(live)
