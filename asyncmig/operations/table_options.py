"""AlterTableOptions: another engine, character set, storage parameter ... for a whole table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar

from asyncmig.operations.base import HIDDEN, KEYWORDS, Operation, TableName

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class AlterTableOptions(Operation[None]):
    """Change options of a table; those of other databases are left alone.

    Args:
        table_name: the table.
        schema: the schema it is in.
        options: what it shall have, under the names that `Table` takes (`mysql_engine`, `sqlite_strict`,
            `postgresql_tablespace`, ...); None for the database's default.
        existing_options: what it has, under the same names; known when this comes of a comparison.
    """

    verb: ClassVar[str] = "alter_table_options"
    table_name: str
    schema: str | None = field(default=None, kw_only=True)
    options: Mapping[str, Any] = field(default_factory=dict, kw_only=True, metadata=KEYWORDS)
    existing_options: Mapping[str, Any] = field(default_factory=lambda: _NOTHING, kw_only=True, metadata=HIDDEN)

    @classmethod
    def of(cls, table_name: str, *, schema: str | None = None, **options: Any) -> AlterTableOptions:
        """Change options of the table *table_name*."""
        return cls(table_name, schema=schema, options=options)

    def tables(self) -> frozenset[TableName]:
        return frozenset({TableName(self.table_name, self.schema)})

    def options_for(self, dialect: str) -> dict[str, Any]:
        """The options of one database, under their names without the prefix."""
        prefix = f"{dialect}_"
        return {name.removeprefix(prefix): value for name, value in self.options.items() if name.startswith(prefix)}

    def describe(self) -> str:
        options = ", ".join(f"{name}={value}" for name, value in self.options.items())
        return f"alter options of table {TableName(self.table_name, self.schema)} ({options})"

    def reversed(self) -> Operation[Any]:
        if not self.options or not set(self.options) <= set(self.existing_options):
            return super().reversed()
        before = {name: self.existing_options[name] for name in self.options}
        return AlterTableOptions(
            self.table_name, schema=self.schema, options=before, existing_options=dict(self.options)
        )
