"""Schemas: the operations that create and drop schemas (MySQL: databases)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from asyncmig.operations.base import HIDDEN, Operation, TableName


@dataclass(frozen=True, eq=False)
class CreateSchema(Operation[None]):
    """Create a schema; on MySQL that is a database.

    Args:
        schema_name: the name of the schema.
        if_not_exists: do nothing when there is such a schema.
    """

    verb: ClassVar[str] = "create_schema"
    schema_name: str
    if_not_exists: bool = field(default=False, kw_only=True)

    def tables(self) -> frozenset[TableName]:
        return frozenset()

    def describe(self) -> str:
        return f"create schema {self.schema_name}"

    def reversed(self) -> DropSchema:
        return DropSchema(self.schema_name, dropped=self)


@dataclass(frozen=True, eq=False)
class DropSchema(Operation[None]):
    """Drop a schema; one that is not empty stays, and the operation fails.

    Args:
        schema_name: the name of the schema.
        if_exists: do nothing when there is no such schema.
        dropped: the operation that would create it again; known when this is a reversal.
    """

    verb: ClassVar[str] = "drop_schema"
    destructive: ClassVar[bool] = True
    schema_name: str
    if_exists: bool = field(default=False, kw_only=True)
    dropped: CreateSchema | None = field(default=None, kw_only=True, metadata=HIDDEN)

    def tables(self) -> frozenset[TableName]:
        return frozenset()

    def describe(self) -> str:
        return f"drop schema {self.schema_name}"

    def reversed(self) -> Operation[Any]:
        return self.dropped or super().reversed()
