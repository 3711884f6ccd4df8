"""ProgramSession: carries out operations on the connection of a program, without a commit and without a journal."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from asyncmig._sqlalchemy import async_view, greenlet_spawn
from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.steps import Call, Statement, Step
from asyncmig.errors import OperationError
from asyncmig.operations.base import Operation
from asyncmig.runtime.planning import PlanningSession

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["ProgramSession"]


class ProgramSession(PlanningSession):
    """Carries operations out on the connection of a program, which commits or rolls back as it likes.

    Args:
        connection: the connection, of any driver.
        adapter: how its database is spoken to.
        options: what `op.get_context().opts` says.
    """

    is_offline = False

    def __init__(self, connection: Connection, adapter: DialectAdapter, options: Mapping[str, Any]) -> None:
        super().__init__(adapter, options={"version_table": "alembic_version", "version_table_schema": None, **options})
        self._connection = connection

    async def facts(self, operation: Operation[Any]) -> Facts:
        wants = self.adapter.wants(operation)
        if not wants:
            return Facts()
        return await greenlet_spawn(self.adapter.read_facts, self._connection, wants)

    async def take(self, step: Step) -> Any:
        connection = self._connection
        if not connection.in_transaction():
            # As SQLAlchemy does by itself with the first statement; text that goes to the driver must be in it, too.
            await greenlet_spawn(connection.begin)
        match step:
            case Statement():
                return await self._send(step)
            case Call():
                if inspect.iscoroutinefunction(step.function):
                    return await step.function(self.async_connection, *step.arguments, **step.keywords)
                return await greenlet_spawn(step.function, connection, *step.arguments, **step.keywords)
            case _:
                raise OperationError(
                    "The table must be rebuilt while foreign keys are not enforced, and that can be switched only "
                    "outside a transaction.",
                    hint='Send "PRAGMA foreign_keys=OFF" before you begin the transaction.',
                )

    async def _send(self, step: Statement) -> Any:
        sql, options = step.sql, dict(step.execution_options)
        if isinstance(sql, str):
            await self.adapter.send(self._connection, sql)
            return step.outcome
        return await greenlet_spawn(self._connection.execute, sql, step.parameters, execution_options=options)

    @property
    def connection(self) -> Connection:
        return self._connection

    @property
    def async_connection(self) -> AsyncConnection:
        return async_view(self._connection)
