"""SQLite: random models are found again as they were declared, and can be made again from what was read."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from tests.integration.catalogue.random_models import SchemaModel, schemas
from tests.integration.catalogue.setting import setting, tables


@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(schema=schemas("sqlite"))
async def test_random_models_are_found_again(schema: SchemaModel) -> None:
    metadata = schema.metadata("sqlite")
    async with setting("sqlite+aiosqlite://") as here:
        await here.create(metadata)
        live = await here.read()
        assert tables(await here.wanted(metadata, live)) == tables(live)
        operations = [one for table in live.tables.values() for one in here.catalogue.table_operations(table, live)]
    async with setting("sqlite+aiosqlite://") as again:
        await again.perform(*operations)
        assert tables(await again.read()) == tables(live)
