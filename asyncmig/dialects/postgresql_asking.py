"""Asking: queries that go to PostgreSQL by the shortest way of the driver, in a transaction that leaves nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import Connection, text

from asyncmig._drivers import begin_driver_transaction, driver_connection, fetch_asyncpg, has_driver_text
from asyncmig._sqlalchemy import greenlet_spawn, is_autocommit, spawn_to_the_end, to_the_end
from asyncmig.dialects.sending import Sender

#: What a query is told of the schemas to look at.
Schemas = list[str | None] | None

_PARAMETER: Final = ":schemas"
#: Compiling a query takes longer than these queries run.
_NO_JIT: Final = "SET LOCAL jit = off"
_SAVEPOINT: Final = "asyncmig_asking"


class Asking:
    """Queries that go to PostgreSQL by the shortest way of the driver, in a transaction that leaves nothing.

    Args:
        sender: sends texts.
        connection: the connection.
    """

    def __init__(self, sender: Sender, connection: Connection) -> None:
        self.sender = sender
        self.connection = connection

    async def fetch(self, query: str, schemas: Schemas = None) -> Sequence[Sequence[Any]]:
        """The rows of a query."""
        asks = _PARAMETER in query
        if has_driver_text(self.connection):
            return await fetch_asyncpg(self.connection, query.replace(_PARAMETER, "$1"), *[schemas] * asks)
        return await greenlet_spawn(self._fetch, query, {"schemas": schemas} if asks else {})

    async def send(self, text: str) -> None:
        """Send a text that gives no rows."""
        await self.sender.send(self.connection, text)

    def _fetch(self, query: str, parameters: dict[str, Any]) -> Sequence[Sequence[Any]]:
        return self.connection.execute(text(query), parameters).fetchall()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """A transaction, or a part of the one that is open, that is rolled back at the end."""
        connection = self.connection
        if await self._is_open():
            end = f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}", f"RELEASE SAVEPOINT {_SAVEPOINT}"
            async with self._texts([f"SAVEPOINT {_SAVEPOINT}"], end):
                yield
        elif connection.in_transaction() or is_autocommit(connection):
            # A transaction that SQLAlchemy has begun in autocommit is none.
            async with self._texts(["BEGIN", _NO_JIT], ["ROLLBACK"]):
                yield
        else:
            transaction = await greenlet_spawn(connection.begin)
            try:
                await self.sender.begin(connection, _NO_JIT)
                yield
            finally:
                await spawn_to_the_end(transaction.rollback)

    async def _is_open(self) -> bool:
        connection = self.connection
        if not has_driver_text(connection):
            return connection.in_transaction() and not is_autocommit(connection)
        if connection.in_transaction():
            await begin_driver_transaction(connection)
        return bool(driver_connection(connection).is_in_transaction())

    @asynccontextmanager
    async def _texts(self, begin: Sequence[str], end: Sequence[str]) -> AsyncIterator[None]:
        await self.sender.send(self.connection, *begin)
        try:
            yield
        except BaseException:
            if not (self.connection.closed or self.connection.invalidated):
                await to_the_end(self.sender.send(self.connection, *end))
            raise
        await self.sender.send(self.connection, *end)
