"""A runner of operations that is nothing but the adapter's own parts: facts, plan, send."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.registry import adapter_class
from asyncmig.dialects.steps import Call, Statement, Step
from asyncmig.operations.base import Operation


def adapter_for(connection: AsyncConnection, **options: Any) -> DialectAdapter:
    """The adapter of a connection."""
    dialect = connection.dialect
    return adapter_class(dialect)(dialect, **options)


async def plan(connection: AsyncConnection, adapter: DialectAdapter, operation: Operation[Any]) -> list[Step]:
    """The steps of an operation, with facts read where they are wanted."""
    wants = adapter.wants(operation)
    facts = await connection.run_sync(adapter.read_facts, wants) if wants else Facts()
    return list(adapter.plan(operation, facts))


async def run(connection: AsyncConnection, *operations: Operation[Any], **options: Any) -> list[str]:
    """Carry operations out one after the other; gives the texts of their statements."""
    adapter = adapter_for(connection, **options)
    sent: list[str] = []
    for operation in operations:
        for step in await plan(connection, adapter, operation):
            if isinstance(step, Statement):
                sent.append(str(step.sql))
                await _send(connection, adapter, step)
            elif isinstance(step, Call):
                await connection.run_sync(step.function, *step.arguments, **step.keywords)
    await connection.commit()
    return sent


async def _send(connection: AsyncConnection, adapter: DialectAdapter, step: Statement) -> None:
    if step.transactional or not adapter.traits.transactional_ddl:
        await _execute(connection, adapter, step)
        return
    await connection.commit()
    level = await connection.get_isolation_level()
    await connection.rollback()
    await connection.execution_options(isolation_level="AUTOCOMMIT")
    try:
        await _execute(connection, adapter, step)
    finally:
        await connection.rollback()
        await connection.execution_options(isolation_level=level)


async def _execute(connection: AsyncConnection, adapter: DialectAdapter, step: Statement) -> None:
    sync: Connection = connection.sync_connection  # type: ignore[assignment]
    if isinstance(step.sql, str):
        await adapter.send(sync, step.sql)
    elif step.parameters:
        await connection.execute(step.sql, step.parameters)
    else:
        await connection.execute(step.sql)
