"""Restoration: what a database has, as the objects of SQLAlchemy that filters are asked with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.schema import Constraint

from asyncmig.dialects.catalogue import Catalogue
from asyncmig.operations.base import Operation, TableName
from asyncmig.operations.indexes import CreateIndex
from asyncmig.operations.tables import CreateTable
from asyncmig.schema import (
    CheckState,
    ColumnState,
    ForeignKeyState,
    IndexState,
    PrimaryKeyState,
    Snapshot,
    TableState,
    UniqueState,
)

#: The class of a constraint in SQLAlchemy, for each kind of state.
_CLASSES: Final[Mapping[type[Any], type[Constraint]]] = {
    UniqueState: UniqueConstraint,
    ForeignKeyState: ForeignKeyConstraint,
    CheckState: CheckConstraint,
    PrimaryKeyState: PrimaryKeyConstraint,
}


class Restored:
    """Tables that were read, as objects of SQLAlchemy, each made when it is asked for first.

    Args:
        catalogue: what makes them.
        live: what was read.
    """

    def __init__(self, catalogue: Catalogue, live: Snapshot) -> None:
        self._catalogue = catalogue
        self._live = live
        self._tables: dict[TableName, Table] = {}

    def table(self, state: TableState) -> Table:
        """A table with all its parts."""
        if state.name not in self._tables:
            self._tables[state.name] = self._make(state)
        return self._tables[state.name]

    def column(self, table: TableState, column: ColumnState) -> Column[Any]:
        """A column of a table."""
        return self.table(table).columns[column.name]

    def part(self, table: TableState, part: Any) -> Index | Constraint | None:
        """A constraint or an index of a table; None where SQLAlchemy has no object for it."""
        restored = self.table(table)
        if isinstance(part, IndexState):
            found = next((index for index in restored.indexes if index.name == part.name), None)
            # One that the database made for a foreign key is not made again with its table.
            return found or _index(restored, self._catalogue.part_operation(table, part, self._live))
        kind = _CLASSES.get(type(part), Constraint)
        fitting = [each for each in restored.constraints if isinstance(each, kind)]
        named = [each for each in fitting if part.name is not None and each.name == part.name]
        columns = getattr(part, "columns", None)
        same = [each for each in fitting if columns and [*getattr(each, "columns", {}).keys()] == [*columns]]
        return next(iter(named or same), None)

    def _make(self, state: TableState) -> Table:
        operations = self._catalogue.table_operations(state, self._live)
        create = next(operation for operation in operations if isinstance(operation, CreateTable))
        table = create.to_table(MetaData())
        for operation in operations:
            _index(table, operation)
        return table


def _index(table: Table, operation: Operation[Any]) -> Index | None:
    """The index that an operation would create."""
    if not isinstance(operation, CreateIndex):
        return None
    elements = [_element(table, each) for each in operation.columns]
    return Index(operation.index_name, *elements, unique=operation.unique, _table=table, **operation.options)


def _element(table: Table, element: Any) -> Any:
    if not isinstance(element, str):
        return element
    return table.columns[element] if element in table.columns else text(element)
