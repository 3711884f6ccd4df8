"""AlterTable: several operations on one table that are done together, as one rebuild where a database needs one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias

from sqlalchemy import Table
from sqlalchemy.schema import SchemaItem

from asyncmig.operations.base import Operation, TableName

Recreate: TypeAlias = Literal["auto", "always", "never"]


@dataclass(frozen=True, eq=False)
class AlterTable(Operation[None]):
    """Do several operations on one table together.

    Args:
        table_name: the table.
        operations: what was collected in the block, in order.
        schema: the schema of the table.
        recreate: `auto` rebuilds the table only where the database has no ALTER for one of the operations; `always`
            rebuilds it in any case (SQLite); `never` sends ALTERs only.
        partial_reordering: tuples of column names that shall stand in this order.
        copy_from: the table as it is, instead of reading it from the database.
        table_args, table_kwargs: constraints and options that the rebuilt table gets besides.
        reflect_args, reflect_kwargs: columns that replace what is read, and options of the reading.
        naming_convention: names for constraints that have none, so that they can be dropped by name.
    """

    verb: ClassVar[str] = "batch_alter_table"
    table_name: str
    operations: tuple[Operation[Any], ...]
    schema: str | None = field(default=None, kw_only=True)
    recreate: Recreate = field(default="auto", kw_only=True)
    partial_reordering: Sequence[Sequence[str]] | None = field(default=None, kw_only=True)
    copy_from: Table | None = field(default=None, kw_only=True)
    table_args: Sequence[SchemaItem] = field(default=(), kw_only=True)
    table_kwargs: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    reflect_args: Sequence[SchemaItem] = field(default=(), kw_only=True)
    reflect_kwargs: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    naming_convention: Mapping[str, str] | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if self.recreate not in ("auto", "always", "never"):
            raise ValueError(f"recreate is 'auto', 'always' or 'never', not {self.recreate!r}")

    @property
    def table(self) -> TableName:
        """The table that is altered."""
        return TableName(self.table_name, self.schema)

    def tables(self) -> frozenset[TableName]:
        touched = frozenset({self.table})
        return touched.union(*(operation.tables() for operation in self.operations))

    def describe(self) -> str:
        return f"alter table {self.table}: {'; '.join(operation.describe() for operation in self.operations)}"

    def reversed(self) -> AlterTable:
        return AlterTable(
            self.table_name,
            tuple(operation.reversed() for operation in reversed(self.operations)),
            schema=self.schema,
            recreate=self.recreate,
            naming_convention=self.naming_convention,
        )
