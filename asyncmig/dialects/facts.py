"""Facts: what a planner may know of the live database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from asyncmig.errors import NeedsDatabaseError
from asyncmig.operations.base import TableName


@dataclass(frozen=True, slots=True)
class Wants:
    """Which facts the planner of an operation needs.

    Args:
        tables: tables whose definition it must see.
        types: enumerated types (by the same kind of name) that it must know to exist or not.
        uses: enumerated types and schemas of which it must know what uses them, or stands in them.
    """

    tables: frozenset[TableName] = frozenset()
    types: frozenset[TableName] = frozenset()
    uses: frozenset[TableName] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.tables or self.types or self.uses)


NOTHING = Wants()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a planner may know of the live database.

    Args:
        tables: for each table that was looked at, what the adapter found (its own kind of object); None: no such table.
        types: for each enumerated type that was looked at, its values in order; None: no such type.
        uses: for each thing whose uses were looked at, what the adapter found (its own kind of object).
        known: False where there is no database to look at.
    """

    tables: Mapping[TableName, Any] = field(default_factory=dict)
    types: Mapping[TableName, tuple[str, ...] | None] = field(default_factory=dict)
    uses: Mapping[TableName, Any] = field(default_factory=dict)
    known: bool = True

    @classmethod
    def unknown(cls) -> Facts:
        """What is known where there is no database."""
        return cls(known=False)

    def table(self, name: TableName, *, need: str) -> Any:
        """What was found about the table *name*, None when there is no such table.

        Args:
            need: what it is needed for, with the way out, for the message.

        Raises:
            NeedsDatabaseError: nobody looked, because there is no database.
        """
        if name not in self.tables:
            raise NeedsDatabaseError(f"The definition of table {name} is not known without a database.", hint=need)
        return self.tables[name]
