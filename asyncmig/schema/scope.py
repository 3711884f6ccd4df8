"""Scope: how much of a database is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from asyncmig.operations.base import TableName

#: Called with a name, what it is the name of (`schema`, `table`, `column`, `index`, `unique_constraint`,
#: `foreign_key_constraint`, `check_constraint`, `enum`, `sequence`, `view`, ...), and the names of what it stands in
#: (`schema_name`, `table_name`, `schema_qualified_table_name`).
IncludeName: TypeAlias = Callable[[str | None, str, Mapping[str, str | None]], bool]


@dataclass(frozen=True)
class Scope:
    """How much of a database is looked at.

    Args:
        schemas: the schemas; None is the default one. None instead of the tuple: every schema that is the user's.
        include_name: whether a name is looked at; None: all are.
        leave_out: tables that are never looked at: those that the tool keeps for itself; a name alone is that of a
            table in whatever schema.
        kinds: which kinds of objects beside tables are read: `view`, `materialized_view`, `function`, `trigger`,
            `extension`; sequences and enums always are.
    """

    schemas: tuple[str | None, ...] | None = (None,)
    include_name: IncludeName | None = None
    leave_out: frozenset[TableName | str] = frozenset()
    kinds: frozenset[str] = frozenset()

    def has_table(self, table: TableName) -> bool:
        """Whether *table* is looked at."""
        if table in self.leave_out or table.name in self.leave_out:
            return False
        return self.has(table.name, "table", schema_name=table.schema, schema_qualified_table_name=str(table))

    def has(self, name: str | None, kind: str, **parents: Any) -> bool:
        """Whether what is called *name* is looked at."""
        return self.include_name is None or bool(self.include_name(name, kind, parents))
