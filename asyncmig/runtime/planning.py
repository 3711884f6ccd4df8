"""PlanningSession: turns operations into steps; what happens to a step is left to its kinds."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, TypeVar

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.steps import Step
from asyncmig.operations.base import Operation
from asyncmig.runtime.session import Session

R = TypeVar("R")


class PlanningSession(Session):
    """Operation → facts → steps; what happens to a step is left open.

    Args:
        adapter: plans the operations.
        arguments, options: as in `Session`.
    """

    def __init__(
        self,
        adapter: DialectAdapter,
        *,
        arguments: Mapping[str, str] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(adapter.dialect, arguments=arguments, options=options)
        self.adapter = adapter

    @property
    def transactional_ddl(self) -> bool:
        return self.adapter.traits.transactional_ddl

    async def perform(self, operation: Operation[R]) -> R:
        outcome: Any = None
        for step in self.adapter.plan(operation, await self.facts(operation)):
            outcome = await self.take(step)
        return operation.result(outcome)

    @abstractmethod
    async def facts(self, operation: Operation[Any]) -> Facts:
        """What the planner of *operation* may know."""

    @abstractmethod
    async def take(self, step: Step) -> Any:
        """Do with *step* what this kind of session does; gives what the step returns."""
