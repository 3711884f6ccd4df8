"""A request to stop a statement that comes late and hits the one that rolls back."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmig._drivers import driver_connection
from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.registry import adapter_class
from asyncmig.runtime.limits import Limits
from asyncmig.runtime.transactions import Transactions


class LateStop:
    """Lets the server's answer to one ROLLBACK be that it was stopped, without having done it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_coming = False
        monkeypatch.setattr(asyncpg.Connection, "execute", self._hitting(asyncpg.Connection.execute))

    def _hitting(self, original: Callable[..., Any]) -> Callable[..., Any]:
        async def execute(connection: Any, sql: str, *arguments: Any, **keywords: Any) -> Any:
            if self.is_coming and sql.startswith("ROLLBACK"):
                self.is_coming = False
                # Stopped by its own limit, in the transaction, which is what a late request comes to.
                sql = "SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)"
            return await original(connection, sql, *arguments, **keywords)

        return execute


@pytest.mark.parametrize("begun_by_text", [False, True])
async def test_rollback_that_is_stopped_is_sent_again(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch, begun_by_text: bool
) -> None:
    engine = create_async_engine(postgresql_url)
    async with engine.connect() as connection:
        sync: Connection | None = connection.sync_connection
        assert sync is not None
        adapter: DialectAdapter = adapter_class(engine.dialect)(engine.dialect)
        await adapter.open(sync)
        late = LateStop(monkeypatch)
        transactions = Transactions(sync, adapter, limits=Limits())
        if begun_by_text:
            async with transactions.outside("This test"):
                with suppress(LookupError):
                    await fail_in_small_transaction(transactions, adapter, sync, late)
        else:
            await transactions.begin()
            await adapter.send(sync, "CREATE TABLE t (id int)")
            late.is_coming = True
            await transactions.rollback()
        assert not late.is_coming
        assert not driver_connection(sync).is_in_transaction()
        await transactions.begin()
        await transactions.commit()
        await adapter.close(sync)
        assert await connection.scalar(text("SELECT to_regclass('t')")) is None
    await engine.dispose()


async def fail_in_small_transaction(
    transactions: Transactions, adapter: DialectAdapter, connection: Connection, late: LateStop
) -> None:
    async with transactions.small(always=True):
        await adapter.send(connection, "CREATE TABLE t (id int)")
        late.is_coming = True
        raise LookupError
