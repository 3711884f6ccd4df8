"""SQLiteRestorer: SQLAlchemy's objects, and operations, that would make again what was read from SQLite."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    ForeignKeyConstraint,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    TextClause,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.sqlite.base import ischema_names
from sqlalchemy.schema import SchemaItem
from sqlalchemy.sql.elements import conv
from sqlalchemy.types import JSON, NULLTYPE, TypeEngine

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.sql_text import SQLITE, without_false_parameters
from asyncmig.dialects.sqlite_schema_read import PLAIN_OPTIONS
from asyncmig.dialects.sqlite_statements import read_column_text
from asyncmig.operations.base import Operation
from asyncmig.operations.constraints import (
    CreateCheckConstraint,
    CreateForeignKey,
    CreatePrimaryKey,
    CreateUniqueConstraint,
)
from asyncmig.operations.indexes import CreateIndex
from asyncmig.operations.tables import CreateTable
from asyncmig.schema import (
    CheckState,
    ColumnState,
    ForeignKeyState,
    IndexElement,
    IndexState,
    PrimaryKeyState,
    TableState,
    UniqueState,
)
from asyncmig.types import SqlType

_TYPE: Final = re.compile(r"([\w ]+?)(?:\((\d+(?:, \d+)*)\))?")
_STRING: Final = re.compile(r"'((?:[^']|'')*)'")
_WORD: Final = re.compile(r"\w+")


class SQLiteRestorer:
    """SQLAlchemy's objects, and operations, that would make again what was read.

    Args:
        adapter: writes names and types.
    """

    def __init__(self, adapter: DialectAdapter) -> None:
        self.adapter = adapter

    # -- columns ----------------------------------------------------------------------------------------------------

    def type_of(self, column: ColumnState) -> TypeEngine[Any]:
        """The type of a column, with its collation."""
        found = self._known_type(column)
        if found is not None and self._is_written(found, column):
            return found
        collation = f' COLLATE "{column.collation}"' if column.collation else ""
        return SqlType(f"{column.type}{collation}")

    @staticmethod
    def _known_type(column: ColumnState) -> TypeEngine[Any] | None:
        """A type of SQLAlchemy's that has such a name."""
        match = _TYPE.fullmatch(column.type)
        kind: Any = ischema_names.get(match[1]) if match is not None else None
        if match is None or kind is None:
            return None
        if match[1] == "JSON":
            kind = JSON
        arguments: list[Any] = [int(number) for number in match[2].split(",")] if match[2] else []
        options = {}
        if issubclass(kind, String):
            if len(arguments) > 1:
                return None
            options["collation"] = column.collation
        elif column.collation is not None:
            return None
        try:
            found: TypeEngine[Any] = kind(*arguments, **options)
        except TypeError:
            return None
        return found

    def _is_written(self, type_: TypeEngine[Any], column: ColumnState) -> bool:
        """Whether a column of this type would be the same."""
        (read,) = read_column_text(f"x {self.adapter.type_text(type_)}").columns
        return (read.type, read.collation) == (column.type, column.collation)

    def column_of(self, column: ColumnState) -> Column[Any]:
        """A column without constraints of the table, index and key."""
        items: list[Any] = []
        if column.computed is not None:
            items.append(Computed(_text(column.computed.expression), persisted=column.computed.stored))
        return Column(
            column.name,
            self.type_of(column),
            *items,
            nullable=column.nullable,
            server_default=_default(column.default),
            **dict(column.options),
        )

    # -- tables -----------------------------------------------------------------------------------------------------

    def table_operations(self, table: TableState) -> Iterator[Operation[Any]]:
        """What would make a table again, then its indexes."""
        options = {name: value for name, value in table.options.items() if PLAIN_OPTIONS.get(name) != value}
        columns = [self.column_of(column) for column in table.columns]
        if (key := table.primary_key) is not None and key.options and options.get("sqlite_autoincrement"):
            # Such a key stands at its column.
            (column,) = (column for column in columns if column.name == key.columns[0])
            column.kwargs["sqlite_on_conflict_primary_key"] = dict(key.options)["sqlite_on_conflict"]
        yield CreateTable(
            table.name.name,
            (*columns, *self._constraints(table)),
            schema=table.name.schema,
            options=options,
        )
        for index in table.indexes:
            yield self.index(table, index)

    def _constraints(self, table: TableState) -> Iterator[SchemaItem]:
        if (key := table.primary_key) is not None:
            yield PrimaryKeyConstraint(*key.columns, name=_name(key.name), **dict(key.options))
        for unique in table.uniques:
            yield UniqueConstraint(*unique.columns, name=_name(unique.name), **dict(unique.options))
        for foreign in table.foreign_keys:
            yield ForeignKeyConstraint(
                list(foreign.columns), _targets(foreign), name=_name(foreign.name), **_actions(foreign)
            )
        for check in table.checks:
            yield CheckConstraint(_text(check.expression), name=_name(check.name), **dict(check.options))

    def part_operation(self, table: TableState, part: Any) -> Operation[Any]:
        """What would make a constraint or an index again."""
        name, schema = table.name
        match part:
            case PrimaryKeyState():
                return CreatePrimaryKey(
                    _name(part.name), name, list(part.columns), schema=schema, options=dict(part.options)
                )
            case UniqueState():
                return CreateUniqueConstraint(
                    _name(part.name), name, list(part.columns), schema=schema, options=dict(part.options)
                )
            case ForeignKeyState():
                return _foreign_key(table, part)
            case CheckState():
                return CreateCheckConstraint(
                    _name(part.name), name, _text(part.expression), schema=schema, options=dict(part.options)
                )
            case IndexState():
                return self.index(table, part)
        raise TypeError(f"{part!r} is no part of a table of SQLite.")

    # -- indexes ----------------------------------------------------------------------------------------------------

    def index(self, table: TableState, index: IndexState) -> CreateIndex:
        """What would make an index again."""
        options = {name: _text(value) for name, value in index.options}
        return CreateIndex(
            conv(index.name),
            table.name.name,
            [self._element(element) for element in index.elements],
            schema=table.name.schema,
            unique=index.unique,
            options=options,
        )

    def _element(self, element: IndexElement) -> str | TextClause:
        plain = not (element.is_expression or element.descending or element.collation)
        if plain:
            return element.text
        written = _grouped(element) if element.is_expression else self.adapter.quote(element.text)
        if element.collation:
            written += f' COLLATE "{element.collation}"'
        return _text(f"{written} DESC" if element.descending else written)


def _grouped(element: IndexElement) -> str:
    """An expression in an index, in parentheses where a collation would mean only its last part."""
    return f"({element.text})" if element.collation else element.text


def _foreign_key(table: TableState, key: ForeignKeyState) -> CreateForeignKey:
    return CreateForeignKey(
        _name(key.name),
        table.name.name,
        key.referent.name,
        list(key.columns),
        list(key.referent_columns),
        source_schema=table.name.schema,
        referent_schema=key.referent.schema,
        **_actions(key),
    )


def _actions(key: ForeignKeyState) -> dict[str, Any]:
    """What a foreign key says besides its columns."""
    return {
        "onupdate": key.onupdate,
        "ondelete": key.ondelete,
        "deferrable": True if key.deferrable else None,
        "initially": "DEFERRED" if key.initially_deferred else None,
        "match": key.match,
    }


def _targets(key: ForeignKeyState) -> Sequence[Any]:
    parts = [part for part in (key.referent.schema, key.referent.name) if part]
    names = [".".join([*parts, column]) for column in key.referent_columns]
    if not any("." in name for name in (*parts, *key.referent_columns)):
        return names
    # SQLAlchemy would take the name apart.
    referent = Table(
        key.referent.name,
        MetaData(),
        *[Column(name, NULLTYPE) for name in dict.fromkeys(key.referent_columns)],
        schema=key.referent.schema,
    )
    return [referent.c[name] for name in key.referent_columns]


def _name(name: str | None) -> str | None:
    """A name that no naming convention changes any more."""
    return None if name is None else conv(name)


def _text(expression: str) -> TextClause:
    return text(without_false_parameters(expression, SQLITE))


def _default(default: str | None) -> str | TextClause | None:
    if default is None:
        return None
    if (string := _STRING.fullmatch(default)) is not None:
        return string[1].replace("''", "'")
    # SQLAlchemy would not see that this is an expression where it begins with a string.
    return _text(default if _WORD.fullmatch(default) else f"({default})")
