"""Renamed: what a database will have when tables and columns have their new names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from asyncmig.autogenerate.expressions import with_other_names
from asyncmig.operations.base import TableName
from asyncmig.schema import ColumnState, ForeignKeyState, IndexElement, IndexState, ObjectState, Snapshot, TableState


class NewNames:
    """New names, and what they make of what was read.

    Args:
        tables: the new names of tables, by the old ones.
        columns: the new names of columns, by the old ones, for each table by its new name.
        values: the new names of values, by the old ones, for each enumerated type.
        quote: writes a name.
    """

    def __init__(
        self,
        tables: Mapping[TableName, TableName],
        columns: Mapping[TableName, Mapping[str, str]],
        values: Mapping[TableName, Mapping[str, str]],
        quote: Callable[[str], str],
    ) -> None:
        self._tables = tables
        self._columns = columns
        self._values = values
        self._quote = quote

    def snapshot(self, live: Snapshot) -> Snapshot:
        """The snapshot with the new names; what they do not touch is the same object."""
        if not (self._tables or self._columns or self._values):
            return live
        tables = {self._table(name): self._renamed(table) for name, table in live.tables.items()}
        objects = {key: self._object(state) for key, state in live.objects.items()} if self._tables else live.objects
        return replace(live, tables=tables, objects=objects)

    def _object(self, state: ObjectState) -> ObjectState:
        """An object, which keeps its own words, with the new names of what it is made of."""
        needs = frozenset(self._table(each) if isinstance(each, TableName) else each for each in state.needs)
        return state if needs == state.needs else replace(state, needs=needs)

    def _table(self, name: TableName) -> TableName:
        return self._tables.get(name, name)

    def _renamed(self, table: TableState) -> TableState:
        name = self._table(table.name)
        columns = self._columns.get(name, {})
        if self._values:
            table = replace(table, columns=tuple(map(self._with_values, table.columns)))
        keys = tuple(self._foreign_key(key, columns) for key in table.foreign_keys)
        if not columns:
            if name == table.name and keys == table.foreign_keys:
                return table
            return replace(table, name=name, foreign_keys=keys)
        key = table.primary_key
        return replace(
            table,
            name=name,
            columns=tuple(self._column(column, columns) for column in table.columns),
            primary_key=None if key is None else replace(key, columns=_all(key.columns, columns)),
            uniques=tuple(replace(unique, columns=_all(unique.columns, columns)) for unique in table.uniques),
            foreign_keys=keys,
            checks=tuple(replace(check, expression=self._text(check.expression, columns)) for check in table.checks),
            excludes=tuple(
                replace(exclude, definition=self._text(exclude.definition, columns)) for exclude in table.excludes
            ),
            indexes=tuple(self._index(index, columns) for index in table.indexes),
        )

    def _with_values(self, column: ColumnState) -> ColumnState:
        """A column whose default follows the new names of values."""
        if column.default is None:
            return column
        default = column.default
        for enum, values in self._values.items():
            for old, new in values.items():
                default = _with_other_value(default, enum.name, old, new)
        return replace(column, default=default)

    def _column(self, column: ColumnState, names: Mapping[str, str]) -> ColumnState:
        computed = column.computed
        if computed is not None:
            computed = replace(computed, expression=self._text(computed.expression, names))
        return replace(column, name=names.get(column.name, column.name), computed=computed)

    def _foreign_key(self, key: ForeignKeyState, names: Mapping[str, str]) -> ForeignKeyState:
        referent = self._table(key.referent)
        return replace(
            key,
            columns=_all(key.columns, names),
            referent=referent,
            referent_columns=_all(key.referent_columns, self._columns.get(referent, {})),
        )

    def _index(self, index: IndexState, names: Mapping[str, str]) -> IndexState:
        elements = tuple(self._element(element, names) for element in index.elements)
        options = tuple((name, self._option(value, names)) for name, value in index.options)
        return replace(index, elements=elements, options=options)

    def _element(self, element: IndexElement, names: Mapping[str, str]) -> IndexElement:
        text = self._text(element.text, names) if element.is_expression else names.get(element.text, element.text)
        return replace(element, text=text)

    def _option(self, value: Any, names: Mapping[str, str]) -> Any:
        if isinstance(value, str):
            return self._text(value, names)
        if isinstance(value, tuple):
            return tuple(self._option(each, names) for each in value)
        return value

    def _text(self, text: str, names: Mapping[str, str]) -> str:
        return with_other_names(text, names, self._quote)


def _all(columns: tuple[str, ...], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(names.get(column, column) for column in columns)


def _with_other_value(text: str, enum: str, old: str, new: str) -> str:
    """A text with another value of an enumerated type, which stands behind it with its schema and quotes or without."""
    before, after = ("'" + value.replace("'", "''") + "'" for value in (old, new))
    return re.sub(rf"{re.escape(before)}(?=::[^':]*{re.escape(enum)})", after.replace("\\", r"\\"), text)
