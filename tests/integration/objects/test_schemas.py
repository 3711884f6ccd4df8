"""Schemas and sequences on real servers: what is created, what is refused, and that nothing is lost."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from asyncmig.errors import OperationError
from asyncmig.operations import CreateSchema, CreateTable, DropSchema
from tests.integration.objects.setting import Database, database


@pytest.fixture
async def mysql(mysql_url: str) -> AsyncIterator[Database]:
    async with database(mysql_url) as found:
        yield found


@pytest.fixture
async def postgresql(postgresql_url: str) -> AsyncIterator[Database]:
    async with database(postgresql_url) as found:
        yield found


async def test_a_schema_is_created_and_dropped(postgresql: Database) -> None:
    create = CreateSchema("billing")

    await postgresql.perform(create, CreateSchema("billing", if_not_exists=True))
    assert await postgresql.value("SELECT count(*) FROM pg_namespace WHERE nspname = 'billing'") == 1
    await postgresql.perform(create.reversed(), DropSchema("billing", if_exists=True))
    assert await postgresql.value("SELECT count(*) FROM pg_namespace WHERE nspname = 'billing'") == 0


async def test_a_schema_of_mysql_that_is_not_empty_stays(mysql: Database) -> None:
    name = f"billing_{uuid4().hex[:12]}"
    create = CreateSchema(name)
    await mysql.perform(create)
    try:
        await mysql.execute(f"CREATE TABLE {name}.invoices (id int)")

        with pytest.raises(OperationError) as caught:
            await mysql.perform(create.reversed())

        assert "invoices" in str(caught.value)
        await mysql.execute(f"DROP TABLE {name}.invoices")
        await mysql.perform(create.reversed())
        assert await mysql.value(f"SELECT count(*) FROM information_schema.schemata WHERE schema_name = '{name}'") == 0
    finally:
        await mysql.execute(f"DROP DATABASE IF EXISTS {name}")


async def test_a_schema_of_postgresql_that_is_not_empty_stays(postgresql: Database) -> None:
    await postgresql.perform(CreateSchema("billing"), CreateTable.of("invoices", schema="billing"))

    with pytest.raises(Exception, match="depend"):
        await postgresql.perform(DropSchema("billing"))

    assert await postgresql.value("SELECT count(*) FROM billing.invoices") == 0
