"""Restorer: what was read from MySQL or MariaDB as SQLAlchemy's objects, so that created again it would be the same."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    TextClause,
    UniqueConstraint,
    text,
)
from sqlalchemy.schema import SchemaItem

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.mysql_align_parts import is_made_for
from asyncmig.dialects.mysql_columns import without_escapes
from asyncmig.dialects.mysql_literals import is_string, unquoted
from asyncmig.dialects.mysql_restore_types import type_of
from asyncmig.dialects.mysql_server import ServerWords
from asyncmig.dialects.mysql_types import NUMBER_TYPES, base_of
from asyncmig.dialects.sql_text import MYSQL, without_false_parameters
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

_PLAIN_DEFAULT: Final = re.compile(r"-?[\d.]+(?:e[-+]?\d+)?|CURRENT_TIMESTAMP(?:\(\d\))?|[bx]'\w*'", re.IGNORECASE)


class Restorer:
    """What was read, as SQLAlchemy's objects and as operations.

    Args:
        adapter: the adapter of the server.
        server: what is known of the server.
        prefix: what the names of options begin with.
    """

    def __init__(self, adapter: DialectAdapter, server: ServerWords, prefix: str) -> None:
        self._adapter = adapter
        self._server = server
        self._prefix = prefix

    # -- columns ----------------------------------------------------------------------------------------------------

    def column(self, column: ColumnState) -> Column[Any]:
        """A column, without constraints, index and key."""
        items: list[Any] = []
        if column.computed is not None:
            items.append(Computed(self._text(column.computed.expression).text, persisted=column.computed.stored))
        # MariaDB takes no NOT NULL and no NULL after the expression of a computed column.
        nullable = {} if column.computed is not None and column.nullable else {"nullable": column.nullable}
        return Column(
            column.name,
            type_of(column),
            *items,
            server_default=self._default(column),
            autoincrement=column.autoincrement or "auto",
            comment=column.comment,
            **nullable,  # type: ignore[arg-type]
        )

    def _default(self, column: ColumnState) -> str | TextClause | None:
        default, on_update = column.default, column.on_update
        if on_update is not None:
            return self._text(f"{default or 'NULL'} ON UPDATE {on_update}")
        if default is None:
            return None
        if is_string(default):
            return unquoted(default)
        if _PLAIN_DEFAULT.fullmatch(default) or (base_of(column.type) in NUMBER_TYPES and default.isalnum()):
            return self._text(default)
        return self._text(f"({default})")

    def _text(self, expression: str) -> TextClause:
        """An expression as text of SQLAlchemy, with strings as the session reads them."""
        if not self._server.escapes:
            expression = without_escapes(expression)
        return text(without_false_parameters(expression, MYSQL))

    # -- constraints and indexes ------------------------------------------------------------------------------------

    def part(self, table: TableState, part: Any) -> Operation[Any]:
        """What makes a constraint or an index of a table.

        Raises:
            TypeError: it is neither.
        """
        name, schema = table.name
        match part:
            case PrimaryKeyState():
                return CreatePrimaryKey.of(part.name, name, list(part.columns), schema=schema, **dict(part.options))
            case UniqueState():
                return CreateUniqueConstraint.of(part.name, name, list(part.columns), schema=schema)
            case ForeignKeyState():
                return CreateForeignKey.of(
                    part.name,
                    name,
                    part.referent.name,
                    list(part.columns),
                    list(part.referent_columns),
                    onupdate=part.onupdate,
                    ondelete=part.ondelete,
                    source_schema=schema,
                    referent_schema=self._referent_schema(table, part),
                )
            case CheckState():
                return CreateCheckConstraint.of(part.name, name, self._text(part.expression), schema=schema)
            case IndexState():
                elements, options = self._elements(part)
                return CreateIndex.of(part.name, name, elements, schema=schema, unique=part.unique, **options)
        raise TypeError(f"neither a constraint nor an index: {part!r}")

    def _referent_schema(self, table: TableState, key: ForeignKeyState) -> str | None:
        """The schema that a foreign key has to name: without one it would be that of its own table."""
        if key.referent.schema is None and table.name.schema is not None:
            return self._server.database
        return key.referent.schema

    def _elements(self, index: IndexState) -> tuple[list[str | TextClause], dict[str, Any]]:
        """The elements of an index, and its options."""
        lengths: dict[str, int] = {}
        elements: list[str | TextClause] = []
        # SQLAlchemy takes a mapping of lengths only where all elements are columns.
        plain = not any(element.is_expression or element.descending for element in index.elements)
        for element in index.elements:
            if not plain and element != IndexElement(element.text):
                elements.append(self._element(element))
                continue
            elements.append(element.text)
            if element.length is not None:
                lengths[element.text] = element.length
        options = dict(index.options)
        if lengths:
            options[f"{self._prefix}_length"] = lengths
        return elements, options

    def _element(self, element: IndexElement) -> TextClause:
        direction = " DESC" if element.descending else ""
        if element.is_expression:
            return self._text(f"({element.text}){direction}")
        length = f"({element.length})" if element.length is not None else ""
        return text(f"{self._adapter.quote(element.text)}{length}{direction}")

    # -- tables -----------------------------------------------------------------------------------------------------

    def table(self, table: TableState) -> CreateTable:
        """What makes a table with all that is in it.

        Its indexes are part of it: on their own they could not be dropped before it, where a foreign key needs them.
        """
        name, schema = table.name
        columns = [self.column(column) for column in table.columns]
        key = table.primary_key.columns if table.primary_key is not None else ()
        for column in columns:
            if key == (column.name,) and column.autoincrement is not True:
                # SQLAlchemy would take it for one that counts, if it is an integer.
                column.autoincrement = False
        constraints = [*self._constraints(table)]
        indexes = [self._index(index) for index in table.indexes if not _comes_with_foreign_key(index, table)]
        return CreateTable.of(
            name,
            *columns,
            *constraints,
            *indexes,
            schema=schema,
            comment=table.comment,
            **table.options,
        )

    def _constraints(self, table: TableState) -> Iterable[SchemaItem]:
        if table.primary_key is not None:
            yield PrimaryKeyConstraint(*table.primary_key.columns, **dict(table.primary_key.options))
        for unique in table.uniques:
            yield UniqueConstraint(*unique.columns, name=unique.name)
        for key in table.foreign_keys:
            schema = self._referent_schema(table, key)
            referent = f"{schema}.{key.referent.name}" if schema else key.referent.name
            yield ForeignKeyConstraint(
                list(key.columns),
                [f"{referent}.{column}" for column in key.referent_columns],
                name=key.name,
                onupdate=key.onupdate,
                ondelete=key.ondelete,
            )
        for check in table.checks:
            yield CheckConstraint(self._text(check.expression), name=check.name)

    def _index(self, index: IndexState) -> Index:
        elements, options = self._elements(index)
        return Index(index.name, *elements, unique=index.unique, **options)


def _comes_with_foreign_key(index: IndexState, table: TableState) -> bool:
    """Whether the server makes an index by itself when it makes the table, under the same name."""
    named = [key for key in table.foreign_keys if key.name == index.name]
    return is_made_for(index, named)
