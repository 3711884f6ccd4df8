"""PostgreSQL: what models declare is found again, and can be made again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import MetaData

from asyncmig.schema import Snapshot, TableState
from tests.integration.catalogue.postgresql_models import CONVENTION, SEPARATE
from tests.integration.catalogue.postgresql_setting import SCOPE, differences, emptied, prepared, wanted
from tests.servers import DatabaseServer


@pytest.fixture(scope="module")
def database(postgresql_server: DatabaseServer) -> Iterator[str]:
    """A database that the tests of this file use one after the other."""
    with prepared(postgresql_server) as url:
        yield url


@pytest.fixture(scope="module")
def other_database(postgresql_server: DatabaseServer) -> Iterator[str]:
    """One more."""
    with prepared(postgresql_server) as url:
        yield url


#: What SQLAlchemy refuses under a convention that makes a name of a name.
NAMELESS = {"constraint: unnamed check", "constraint: check of a column", "all types"}


@pytest.mark.parametrize("name", SEPARATE)
async def test_what_is_declared_is_found_again(database: str, name: str) -> None:
    await _is_found_again(database, name, MetaData())


@pytest.mark.parametrize("name", [name for name in SEPARATE if name not in NAMELESS])
async def test_what_a_convention_names_is_found_again(database: str, name: str) -> None:
    await _is_found_again(database, name, MetaData(naming_convention=CONVENTION))


async def _is_found_again(database: str, name: str, metadata: MetaData) -> None:
    SEPARATE[name](metadata)
    async with emptied(database) as here:
        await here.create(metadata)
        live = await here.read(SCOPE)
        assert differences(await wanted(here, metadata, live), live) == []


# Foreign keys in a circle have to be taken out of the tables, by whoever puts them in order.
@pytest.mark.parametrize("name", [name for name in SEPARATE if name != "more: cycle"])
async def test_what_was_read_can_be_made_again(database: str, other_database: str, name: str) -> None:
    metadata = MetaData()
    SEPARATE[name](metadata)
    async with emptied(database) as first, emptied(other_database) as second:
        await first.create(metadata)
        live = await first.read(SCOPE)
        made = [first.catalogue.table_operations(table, live) for table in _in_order(metadata, live)]
        await second.execute(*[f"CREATE SEQUENCE {name}" for name in live.sequences])
        await second.perform(*[one for operations in made for one in operations])
        again = await second.read(SCOPE)
        assert second.connection.sync_connection is not None
        assert differences(await second.catalogue.align(second.connection.sync_connection, live, again), again) == []
        # and so it is when models are compared with it, whose words may have got lost on the way
        assert differences(await wanted(second, metadata, again), again) == []
        assert again.enums == live.enums


def _in_order(metadata: MetaData, live: Snapshot) -> Iterator[TableState]:
    by_name = {(name.name, name.schema): table for name, table in live.tables.items()}
    for table in metadata.sorted_tables:
        schema = None if table.schema == "public" else table.schema
        yield by_name[table.name, schema]
