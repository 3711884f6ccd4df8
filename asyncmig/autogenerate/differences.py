"""Difference: one thing that a database has otherwise than models want it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from asyncmig.operations.base import TableName
from asyncmig.schema import TableState


@dataclass(frozen=True, slots=True)
class TablePair:
    """A table as models want it and as the database has it, both under the name that models give it."""

    wanted: TableState
    live: TableState

    @property
    def name(self) -> TableName:
        """The name of the table."""
        return self.wanted.name


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """One thing that a database has otherwise than models want it.

    Args:
        kind: what it is: `schema`, `table`, `column`, `primary_key`, `unique`, `index`, `foreign_key`, `check`,
            `exclude`, `table_comment`, `table_options`, `sequence`, `enum`, `object`.
        wanted: how models want it; None for what they do not have.
        live: how the database has it; None for what it does not have.
        pair: the table that it is part of, where that is in both.
        aspects: what of a column differs: `type`, `nullable`, `default`, `computed`, `identity`, `autoincrement`,
            `comment`.
    """

    kind: str
    wanted: Any = None
    live: Any = None
    pair: TablePair | None = None
    aspects: frozenset[str] = frozenset()


def in_order(names: Iterable[TableName]) -> list[TableName]:
    """Names in the order of schemas and names."""
    return sorted(names, key=lambda name: (name.schema or "", name.name))
