"""LiveSession: carries operations out on a connection."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Select, TextClause

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.sql_text import first_words
from asyncmig.dialects.steps import Statement, Step
from asyncmig.events import Observer, OperationDone, OperationSkipped, OperationStarted
from asyncmig.operations.base import Operation
from asyncmig.operations.data import BulkInsert, Execute, RunPython
from asyncmig.runtime.executor import Executor
from asyncmig.runtime.planning import PlanningSession
from asyncmig.runtime.replay import FRESH, Resume, Skip

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

    async def perform(self, operation: Operation[R]) -> R:
        description = operation.describe()
        if _is_query(operation):
            # It changes nothing, and what follows needs its rows: asked again whenever the script runs again.
            return await self._observed(operation, description, FRESH, counted=False)
        decision = await self._executor.replay.take(operation, line=None)
        if isinstance(decision, Skip):
            self._executor.skipped(description)
            self._observer(OperationSkipped(self._revision, operation.verb, description))
            return operation.result(decision.outcome)
        return await self._observed(operation, description, decision, counted=True)

    async def _observed(self, operation: Operation[R], description: str, resume: Resume, *, counted: bool) -> R:
        self._observer(OperationStarted(self._revision, operation.verb, description))
        started = time.perf_counter()
        outcome = await self._carry_out(operation, resume, counted=counted)
        self._observer(OperationDone(self._revision, operation.verb, description, time.perf_counter() - started))
        return operation.result(outcome)

    async def _carry_out(self, operation: Operation[Any], resume: Resume, *, counted: bool) -> Any:
        planned = await self._planned(operation, resume)
        executor = self._executor
        if counted:
            texts = None
            if not isinstance(operation, _DATA):
                planned = list(planned)
            if not isinstance(operation, BulkInsert) and executor.may_stop_within(planned):
                planned = list(planned)
                texts = _texts(planned)
            executor.start(operation, first=resume.first, steps=texts)
        if isinstance(operation, _DATA):
            # Each of their statements stands for itself, and a function decides by itself.
            return await self._do(planned, resume, counted=counted)
        planned = list(planned)
        async with executor.together(planned):
            return await self._do(planned, resume, counted=counted)

    async def _do(self, steps: Iterable[Step], resume: Resume, *, counted: bool) -> Any:
        executor = self._executor
        outcome: Any = None
        for number, step in enumerate(steps):
            if number >= resume.first:
                outcome = await executor.run(step)
        if counted:
            await executor.finish(outcome)
        return outcome

    async def _planned(self, operation: Operation[Any], resume: Resume) -> Iterable[Step]:
        if resume.first and resume.steps is not None:
            # Planned again, the rest could come out otherwise, because the first steps have changed what is there.
            return [Statement(text, transactional=self.adapter.is_transactional(text)) for text in resume.steps]
        return self.adapter.plan(operation, await self.facts(operation))

    async def facts(self, operation: Operation[Any]) -> Facts:
        wants = self.adapter.wants(operation)
        if not wants:
            return Facts()
        if not self._executor.transactions.autocommit:
            await self._executor.transactions.begin()
        async with self._executor.transactions.small():
            return await greenlet_spawn(self.adapter.read_facts, self._executor.connection, wants)

    async def take(self, step: Step) -> Any:
        return await self._executor.run(step)

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[None]:
        async with self._executor.autocommit("An autocommit block"):
            yield

    def run_plainly(self) -> None:
        super().run_plainly()
        executor = self._executor
        executor.script_connection = self.adapter.script_connection(
            executor.connection, lambda: executor.transactions.autocommit
        )
        self.dialect = executor.script_connection.dialect

    @property
    def connection(self) -> Connection:
        return self._executor.script_connection

    @property
    def async_connection(self) -> AsyncConnection:
        return self._executor.async_connection


def _is_query(operation: Operation[Any]) -> bool:
    """Whether an operation only asks for rows."""
    if not isinstance(operation, Execute):
        return False
    sql = operation.sqltext
    if isinstance(sql, Select):
        return True
    text = sql.text if isinstance(sql, TextClause) else sql
    return isinstance(text, str) and first_words(text)[:1] in _QUESTIONS


_DATA = (BulkInsert, Execute, RunPython)
_QUESTIONS = {("SELECT",), ("SHOW",), ("EXPLAIN",), ("DESCRIBE",), ("VALUES",), ("TABLE",)}


def _texts(steps: Iterable[Step]) -> tuple[str, ...] | None:
    """The text of steps that are nothing but text."""
    texts = [step.sql for step in steps if isinstance(step, Statement) and isinstance(step.sql, str)]
    return tuple(texts) if len(texts) == len(list(steps)) else None
