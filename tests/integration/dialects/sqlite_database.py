"""A SQLite database in a test, with a runner that does with steps what the runtime does with them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.sqlite import SQLiteAdapter
from asyncmig.dialects.steps import Call, Statement, Step, SuspendForeignKeys
from asyncmig.operations.base import Operation


class Database:
    """One connection to SQLite."""

    def __init__(self, connection: AsyncConnection, naming_convention: Mapping[str, Any] | None = None) -> None:
        self.connection = connection
        self.adapter = SQLiteAdapter(connection.dialect, naming_convention=naming_convention)
        self.sent: list[str] = []
        self.suspended = False

    @property
    def sync(self) -> Connection:
        found = self.connection.sync_connection
        assert found is not None
        return found

    async def execute(self, *statements: str) -> None:
        """Send statements, each in a transaction of its own."""
        for statement in statements:
            await self.connection.exec_driver_sql(statement)
            await self.connection.commit()

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        rows = [tuple(row) for row in (await self.connection.exec_driver_sql(query)).fetchall()]
        await self.connection.rollback()
        return rows

    async def value(self, query: str) -> Any:
        return (await self.rows(query))[0][0]

    async def sql(self, name: str = "t") -> str:
        """The stored definition of anything."""
        return str(await self.value(f"SELECT sql FROM sqlite_master WHERE name = '{name}'"))

    async def columns(self, table: str = "t") -> list[str]:
        return [name for (name,) in await self.rows(f"SELECT name FROM pragma_table_xinfo('{table}')")]

    async def objects(self) -> set[tuple[str, str]]:
        return {(type_, name) for type_, name in await self.rows("SELECT type, name FROM sqlite_master")}

    async def plan(self, operation: Operation[Any]) -> list[Step]:
        wants = self.adapter.wants(operation)
        facts = await greenlet_spawn(self.adapter.read_facts, self.sync, wants) if wants else Facts()
        return list(self.adapter.plan(operation, facts))

    async def run(self, *operations: Operation[Any]) -> list[str]:
        """Carry operations out in one transaction; gives the statements."""
        await self.adapter.open(self.sync)
        try:
            if not await self._attempt(operations, None):
                async with self.adapter.foreign_keys_suspended(self.sync) as check:
                    await self._attempt(operations, check)
        finally:
            await self.adapter.close(self.sync)
        return self.sent

    async def _attempt(
        self, operations: tuple[Operation[Any], ...], check: Callable[[], Awaitable[None]] | None
    ) -> bool:
        self.sent = []
        self.suspended = check is not None
        self.sync.begin()
        await self.adapter.begin(self.sync)
        try:
            for operation in operations:
                for step in await self.plan(operation):
                    if isinstance(step, SuspendForeignKeys) and check is None:
                        await self.connection.rollback()
                        return False
                    await self._do(step)
            if check is not None:
                await check()
        except BaseException:
            await self.connection.rollback()
            raise
        await self.connection.commit()
        return True

    async def _do(self, step: Step) -> None:
        if isinstance(step, Call):
            await greenlet_spawn(step.function, self.sync, *step.arguments, **step.keywords)
        elif isinstance(step, Statement):
            self.sent.append(str(step.sql))
            if isinstance(step.sql, str):
                await self.adapter.send(self.sync, step.sql)
            else:
                await self.connection.execute(step.sql, step.parameters)

    @property
    def rebuilt(self) -> bool:
        """Whether the last run has rebuilt a table."""
        return any("_asyncmig_new_" in statement for statement in self.sent)


def texts(steps: list[Step]) -> Iterator[str]:
    """The statements among steps."""
    return (str(step.sql) for step in steps if isinstance(step, Statement))
