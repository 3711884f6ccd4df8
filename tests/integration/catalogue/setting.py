"""Setting: a database that models are created in, and both seen through a catalogue."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmig.dialects.catalogue import Catalogue
from asyncmig.dialects.registry import adapter_class, catalogue_of
from asyncmig.operations.base import Operation
from asyncmig.schema import Scope, Snapshot, TableState
from tests.integration.conformance.harness import Bench


@dataclass
class Setting:
    """A connection, and the catalogue of its database."""

    connection: AsyncConnection
    catalogue: Catalogue

    async def read(self, scope: Scope | None = None) -> Snapshot:
        """What is there."""
        assert self.connection.sync_connection is not None
        return await self.catalogue.read(self.connection.sync_connection, scope or Scope())

    async def create(self, metadata: sa.MetaData) -> None:
        """Create all that models declare, as SQLAlchemy does."""
        await self.connection.run_sync(metadata.create_all)
        await self.connection.commit()

    async def wanted(self, metadata: sa.MetaData, live: Snapshot) -> Snapshot:
        """What models want, aligned to what is there."""
        tables = {table.name: table for table in map(self.catalogue.describe, metadata.sorted_tables)}
        snapshot = Snapshot(self.catalogue.default_schema, tables=tables)
        assert self.connection.sync_connection is not None
        return await self.catalogue.align(self.connection.sync_connection, snapshot, live)

    async def perform(self, *operations: Operation[Any]) -> None:
        """Carry operations out, each in a transaction of its own."""
        connection, adapter = self.connection.sync_connection, self.catalogue.adapter
        assert connection is not None
        await adapter.open(connection)
        try:
            await Bench(connection, adapter).perform(*operations)
        finally:
            await adapter.close(connection)

    async def execute(self, *statements: str) -> None:
        """Send statements, and commit."""
        for statement in statements:
            await self.connection.exec_driver_sql(statement)
        await self.connection.commit()


@asynccontextmanager
async def setting(url: str) -> AsyncIterator[Setting]:
    """A setting on the database at *url*."""
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            adapter = adapter_class(engine.dialect)(engine.dialect)
            yield Setting(connection, catalogue_of(adapter))
    finally:
        await engine.dispose()


def in_order(table: TableState) -> TableState:
    """A table with its constraints in an order that does not depend on how they were declared."""
    return replace(
        table,
        uniques=_sorted(table.uniques),
        foreign_keys=_sorted(table.foreign_keys),
        checks=_sorted(table.checks),
        indexes=_sorted(table.indexes),
        options=dict(table.options),
    )


def _sorted(parts: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(sorted(parts, key=repr))


def tables(snapshot: Snapshot) -> dict[str, TableState]:
    """The tables of a snapshot, each with its parts in order."""
    return {str(name): in_order(table) for name, table in snapshot.tables.items()}
