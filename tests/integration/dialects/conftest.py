"""Fixtures of the tests of single databases."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tests.integration.dialects.sqlite_database import Database


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncIterator[Database]:
    """A connection to an empty SQLite file."""
    engine = create_async_engine(sqlite_url, poolclass=NullPool)
    async with engine.connect() as connection:
        yield Database(connection)
    await engine.dispose()
