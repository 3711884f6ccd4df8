"""RecordingSession: keeps the operations of a script and does nothing; for previews and reversals."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.engine import Dialect

from asyncmig.operations.base import Operation
from asyncmig.runtime.session import Session

R = TypeVar("R")


class RecordingSession(Session):
    """Keeps the operations of a script and does nothing.

    A script that asks the database in between stops there with `NeedsDatabaseError`; what was recorded until then is
    in `operations`.
    """

    def __init__(self, dialect: Dialect, **options: Any) -> None:
        super().__init__(dialect, **options)
        self.operations: list[Operation[Any]] = []

    async def perform(self, operation: Operation[R]) -> R:
        self.operations.append(operation)
        return operation.result()

    @property
    def connection(self) -> Connection:
        raise self.needs_database("the connection")
