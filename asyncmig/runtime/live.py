"""LiveSession: carries operations out on a connection."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.steps import Step
from asyncmig.events import Observer, OperationDone, OperationStarted
from asyncmig.operations.base import Operation
from asyncmig.runtime.executor import Executor
from asyncmig.runtime.planning import PlanningSession

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

R = TypeVar("R")


class LiveSession(PlanningSession):
    """Carries operations out.

    Args:
        executor: does the steps.
        revision: id of the revision that runs, for events.
        observer: is told of every operation.
        arguments, options: as in `Session`.
    """

    is_offline = False

    def __init__(
        self,
        executor: Executor,
        revision: str,
        observer: Observer,
        *,
        arguments: Mapping[str, str] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(executor.adapter, arguments=arguments, options=options)
        self._executor = executor
        self._revision = revision
        self._observer = observer
        self.operation: Operation[Any] | None = None

    async def perform(self, operation: Operation[R]) -> R:
        description = operation.describe()
        self.operation = operation
        self._executor.start(description)
        self._observer(OperationStarted(self._revision, operation.verb, description))
        started = time.perf_counter()
        result = await super().perform(operation)
        self._executor.finish()
        self._observer(OperationDone(self._revision, operation.verb, description, time.perf_counter() - started))
        self.operation = None
        return result

    async def facts(self, operation: Operation[Any]) -> Facts:
        wants = self.adapter.wants(operation)
        if not wants:
            return Facts()
        if not self._executor.transactions.autocommit:
            await self._executor.transactions.begin()
        return await greenlet_spawn(self.adapter.read_facts, self._executor.connection, wants)

    async def take(self, step: Step) -> Any:
        return await self._executor.run(step)

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[None]:
        async with self._executor.autocommit("An autocommit block"):
            yield

    @property
    def connection(self) -> Connection:
        return self._executor.connection

    @property
    def async_connection(self) -> AsyncConnection:
        return self._executor.async_connection
