"""Indexes: the operations that create and drop indexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, TextClause

from asyncmig.operations.base import HIDDEN, KEYWORDS, Operation, TableName


@dataclass(frozen=True, eq=False)
class CreateIndex(Operation[None]):
    """Create an index.

    Args:
        index_name: the name; None lets the naming convention decide.
        table_name: the table.
        columns: names of columns, or SQL expressions.
        schema: the schema of the table.
        unique: whether it forbids duplicates.
        if_not_exists: do nothing when an index of this name exists.
        options: dialect options (`postgresql_concurrently`, `postgresql_where`, `mysql_length`, ...).
    """

    verb: ClassVar[str] = "create_index"
    index_name: str | None
    table_name: str
    columns: Sequence[str | TextClause | ColumnElement[Any]]
    schema: str | None = field(default=None, kw_only=True)
    unique: bool = field(default=False, kw_only=True)
    if_not_exists: bool | None = field(default=None, kw_only=True)
    options: Mapping[str, Any] = field(default_factory=dict, kw_only=True, metadata=KEYWORDS)

    @classmethod
    def of(
        cls,
        index_name: str | None,
        table_name: str,
        columns: Sequence[str | TextClause | ColumnElement[Any]],
        *,
        schema: str | None = None,
        unique: bool = False,
        if_not_exists: bool | None = None,
        **options: Any,
    ) -> CreateIndex:
        """Create the index *index_name* on *columns* (names or SQL expressions) of *table_name*."""
        return cls(
            index_name,
            table_name,
            columns,
            schema=schema,
            unique=unique,
            if_not_exists=if_not_exists,
            options=options,
        )

    def tables(self) -> frozenset[TableName]:
        return frozenset({TableName(self.table_name, self.schema)})

    def describe(self) -> str:
        kind = "unique index" if self.unique else "index"
        columns = ", ".join(map(str, self.columns))
        name = f" {self.index_name}" if self.index_name else ""
        return f"create {kind}{name} on {TableName(self.table_name, self.schema)} ({columns})"

    def reversed(self) -> Operation[Any]:
        if self.index_name is None:
            return super().reversed()
        options = {name: value for name, value in self.options.items() if name == "postgresql_concurrently"}
        return DropIndex(self.index_name, self.table_name, schema=self.schema, options=options, dropped=self)


@dataclass(frozen=True, eq=False)
class DropIndex(Operation[None]):
    """Drop an index.

    Args:
        index_name: the name.
        table_name: the table; MySQL needs it.
        schema: the schema of the table.
        if_exists: do nothing when there is no such index.
        options: dialect options (`postgresql_concurrently`).
        dropped: the operation that would create it again; known when this is a reversal.
    """

    verb: ClassVar[str] = "drop_index"
    index_name: str
    table_name: str | None = None
    schema: str | None = field(default=None, kw_only=True)
    if_exists: bool | None = field(default=None, kw_only=True)
    options: Mapping[str, Any] = field(default_factory=dict, kw_only=True, metadata=KEYWORDS)
    dropped: CreateIndex | None = field(default=None, kw_only=True, metadata=HIDDEN)

    @classmethod
    def of(
        cls,
        index_name: str,
        table_name: str | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        **options: Any,
    ) -> DropIndex:
        """Drop the index *index_name*; MySQL needs *table_name* too."""
        return cls(index_name, table_name, schema=schema, if_exists=if_exists, options=options)

    def tables(self) -> frozenset[TableName]:
        return frozenset({TableName(self.table_name, self.schema)}) if self.table_name else frozenset()

    def describe(self) -> str:
        place = f" of {TableName(self.table_name, self.schema)}" if self.table_name else ""
        return f"drop index {self.index_name}{place}"

    def reversed(self) -> Operation[Any]:
        return self.dropped or super().reversed()
