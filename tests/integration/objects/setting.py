"""Setting: a database whose views, functions and triggers are made by comparing declarations with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmig.autogenerate.diff import Diff, diff
from asyncmig.autogenerate.filters import Filters
from asyncmig.dialects.registry import adapter_class, catalogue_of
from asyncmig.operations import Operation, TableName
from tests.integration.conformance.harness import bench, value_of

#: What the bench keeps for itself.
OURS = Filters(leave_out=frozenset({TableName("asyncmig_journal")}))


@dataclass
class Database:
    """A database that follows models."""

    engine: AsyncEngine

    async def diff(self, metadata: sa.MetaData) -> Diff:
        """What makes of the database what *metadata* declares."""
        catalogue = catalogue_of(adapter_class(self.engine.dialect)(self.engine.dialect))
        async with self.engine.connect() as connection:
            assert connection.sync_connection is not None
            return await diff(connection.sync_connection, catalogue, metadata, filters=OURS)

    async def perform(self, *operations: Operation[Any]) -> None:
        """Carry operations out, each in a transaction of its own."""
        async with bench(self.engine) as there:
            await there.perform(*operations)

    async def follow(self, metadata: sa.MetaData) -> Diff:
        """Carry the difference out; afterwards there is none."""
        found = await self.diff(metadata)
        await self.perform(*found.operations)
        left = await self.diff(metadata)
        assert [operation.describe() for operation in left.operations] == []
        return found

    async def value(self, sql: str) -> Any:
        """The rows of a query; a single value as itself."""
        return await value_of(self.engine, sql)

    async def execute(self, *statements: str) -> None:
        """Send statements, and commit."""
        async with self.engine.begin() as connection:
            for statement in statements:
                await connection.exec_driver_sql(statement)


@asynccontextmanager
async def database(url: str) -> AsyncIterator[Database]:
    """The database at *url*."""
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        yield Database(engine)
    finally:
        await engine.dispose()


def words(operations: Any) -> list[str]:
    """The words of *operations*."""
    return [operation.verb for operation in operations]
