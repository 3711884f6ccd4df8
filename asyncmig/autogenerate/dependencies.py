"""Dependencies: what an operation makes, takes away, changes, needs and lets go of, by names that operations share."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import Column, ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy import Sequence as SchemaSequence
from sqlalchemy.sql.elements import ClauseElement, ColumnClause, TextClause
from sqlalchemy.sql.visitors import iterate

from asyncmig._sqlalchemy import declared_columns
from asyncmig.autogenerate.expressions import mentioned
from asyncmig.autogenerate.types_used import enums_in
from asyncmig.errors import IrreversibleOperationError
from asyncmig.operations.alter_table import AlterTable
from asyncmig.operations.base import Operation, TableName
from asyncmig.operations.columns import AddColumn, AlterColumn, DropColumn
from asyncmig.operations.constraints import (
    CreateCheckConstraint,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreatePrimaryKey,
    CreateUniqueConstraint,
    DropConstraint,
)
from asyncmig.operations.enums import AlterEnum, CreateEnum, DropEnum
from asyncmig.operations.indexes import CreateIndex, DropIndex
from asyncmig.operations.schemas import CreateSchema, DropSchema
from asyncmig.operations.sequences import AlterSequence, CreateSequence, DropSequence
from asyncmig.operations.tables import CreateTable, DropTable, RenameTable

#: The name of a thing, as a tuple that begins with what it is: `("column", table, name)`.
Token: TypeAlias = tuple[Hashable, ...]

_DROPS: Final = (DropSchema, DropEnum, DropSequence, DropTable, DropColumn, DropIndex, DropConstraint)
#: A sequence in the text of a default.
_NEXTVAL: Final = re.compile(r"nextval\(\s*'([^']+)'", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What an operation has to do with the things of a database.

    Args:
        creates: what it makes.
        drops: what it takes away.
        touches: what it changes, so that nothing else may hold it meanwhile.
        needs: what must be there, and be as it shall be, before it.
        frees: what it lets go of, which may be changed and taken away only after it.
    """

    creates: frozenset[Token] = frozenset()
    drops: frozenset[Token] = frozenset()
    touches: frozenset[Token] = frozenset()
    needs: frozenset[Token] = frozenset()
    frees: frozenset[Token] = frozenset()

    def __or__(self, other: Dependencies) -> Dependencies:
        return Dependencies(
            self.creates | other.creates,
            self.drops | other.drops,
            self.touches | other.touches,
            self.needs | other.needs,
            self.frees | other.frees,
        )


def dependencies(operation: Operation[Any], default_schema: str | None = None) -> Dependencies:
    """What *operation* has to do with the things of a database whose default schema is *default_schema*."""
    return _Reader(default_schema).read(operation)


class _Reader:
    def __init__(self, default_schema: str | None) -> None:
        self._default_schema = default_schema

    def read(self, operation: Operation[Any]) -> Dependencies:
        match operation:
            case AlterTable():
                found = Dependencies()
                for each in operation.operations:
                    found |= self.read(each)
                return found
            case RenameTable():
                return Dependencies()
            case AlterColumn():
                # All else goes by the new names already.
                return Dependencies() if operation.new_column_name else self._altered(operation)
            case AlterEnum():
                return Dependencies(touches=frozenset({self._named("type", operation.enum_name, operation.schema)}))
            case AlterSequence():
                return Dependencies(touches=frozenset({self._named("sequence", *operation.sequence)}))
        if isinstance(operation, _DROPS):
            return self._dropped(operation)
        creates, needs = frozenset(self._creates(operation)), frozenset(self._needs(operation))
        return Dependencies(creates=creates, touches=_shape_of(operation), needs=needs - creates)

    def _dropped(self, operation: Operation[Any]) -> Dependencies:
        """A drop is what made the thing, the other way round."""
        try:
            made = self.read(operation.reversed())
        except IrreversibleOperationError:
            return Dependencies()
        return Dependencies(drops=made.creates, touches=made.touches, frees=made.needs)

    # -- what is made -----------------------------------------------------------------------------------------------

    def _creates(self, operation: Operation[Any]) -> Iterator[Token]:
        match operation:
            case CreateSchema():
                yield "schema", operation.schema_name
            case CreateEnum():
                yield self._named("type", operation.enum_name, operation.schema)
            case CreateSequence():
                yield self._named("sequence", *operation.sequence)
                yield self._named("relation", *operation.sequence)
            case CreateTable():
                yield from self._creates_of_table(operation)
            case AddColumn():
                table = TableName(operation.table_name, operation.schema)
                yield "column", table, operation.column.name
                if operation.inline_primary_key:
                    yield from _key(table, (operation.column.name,))
                    yield "primary_key", table
            case CreateIndex():
                table = TableName(operation.table_name, operation.schema)
                yield self._named("relation", str(operation.index_name), operation.schema)
                yield "index", table, operation.index_name
                yield from _serves(table, operation.columns)
                if operation.unique and all(isinstance(column, str) for column in operation.columns):
                    yield from _key(table, map(str, operation.columns))
            case CreatePrimaryKey() | CreateUniqueConstraint():
                yield from _key(operation.table, operation.columns)
                yield from _serves(operation.table, operation.columns)
                yield "constraint", operation.table, operation.constraint_name
                yield self._named("relation", str(operation.constraint_name), operation.schema)
                if isinstance(operation, CreatePrimaryKey):
                    yield "primary_key", operation.table
            case CreateForeignKey() | CreateCheckConstraint() | CreateExcludeConstraint():
                yield "constraint", operation.table, operation.constraint_name

    def _creates_of_table(self, operation: CreateTable) -> Iterator[Token]:
        table = TableName(operation.table_name, operation.schema)
        yield "table", table
        yield "shape", table
        yield self._named("relation", *table)
        flagged = []
        for item in operation.items:
            if isinstance(item, Column):
                yield "column", table, item.name
                flagged += [item.name] if item.primary_key else []
            elif isinstance(item, UniqueConstraint | PrimaryKeyConstraint):
                yield from _key(table, _names(item))
                if item.name:
                    yield self._named("relation", str(item.name), table.schema)
        yield from _key(table, flagged)

    # -- what is needed ---------------------------------------------------------------------------------------------

    def _needs(self, operation: Operation[Any]) -> Iterator[Token]:
        for table in operation.tables():
            yield "table", table
        match operation:
            case CreateEnum() | CreateSequence() | CreateTable():
                if operation.schema:
                    yield "schema", operation.schema
        match operation:
            case CreateTable():
                yield from self._needs_of_table(operation)
            case AddColumn():
                yield from self._needs_of_column(TableName(operation.table_name, operation.schema), operation.column)
            case CreateIndex():
                table = TableName(operation.table_name, operation.schema)
                yield from self._mentioned(table, operation.columns)
                yield from self._mentioned(table, operation.options.values())
            case CreatePrimaryKey() | CreateUniqueConstraint():
                yield from (("column", operation.table, column) for column in operation.columns)
            case CreateForeignKey():
                yield from (("column", operation.table, column) for column in operation.local_cols)
                yield from _serves(operation.table, operation.local_cols)
                yield from _referred(operation.referent, operation.remote_cols)
            case CreateCheckConstraint():
                yield from self._mentioned(operation.table, [operation.condition])
            case CreateExcludeConstraint():
                elements = [element for element, _ in operation.elements]
                yield from self._mentioned(operation.table, [*elements, operation.where])

    def _needs_of_table(self, operation: CreateTable) -> Iterator[Token]:
        table = TableName(operation.table_name, operation.schema)
        for item in operation.items:
            if isinstance(item, Column):
                yield from self._needs_of_column(table, item)
            elif isinstance(item, ForeignKeyConstraint):
                yield from _referred(*referent_of(item))
            elif (condition := getattr(item, "sqltext", None)) is not None:
                yield from self._mentioned(table, [condition])
        for option, value in operation.options.items():
            if option.endswith("_inherits") and value:
                for parent in [value] if isinstance(value, str) else value:
                    yield "table", TableName(parent)

    def _needs_of_column(self, table: TableName, column: Column[Any]) -> Iterator[Token]:
        yield from self._types(column.type)
        yield from self._needs_of_default(table, column.server_default)
        if isinstance(column.default, SchemaSequence):
            yield self._named("sequence", str(column.default.name), column.default.schema)
        for key in column.foreign_keys:
            if key.constraint is None or key.constraint.parent is None:
                schema, name, remote = key.target_tokens
                yield from _referred(TableName(name, schema), [remote or column.name])

    def _needs_of_default(self, table: TableName, default: Any) -> Iterator[Token]:
        if default is None or default is False:
            return
        expression = getattr(default, "sqltext", getattr(default, "arg", default))
        yield from self._mentioned(table, [expression])

    def _types(self, type_: Any) -> Iterator[Token]:
        for enum in enums_in(type_):
            if enum.name:
                yield self._named("type", str(enum.name), enum.schema)

    def _mentioned(self, table: TableName, expressions: Iterable[Any]) -> Iterator[Token]:
        """The columns, functions and sequences that expressions may mean; what is none of them does no harm."""
        for text in _texts(expressions):
            if isinstance(text, SchemaSequence):
                yield self._named("sequence", str(text.name), text.schema)
                continue
            for word in mentioned(text):
                yield "column", table, word
                yield "function", word
            for name in _NEXTVAL.findall(text):
                schema, _, sequence = name.replace('"', "").rpartition(".")
                yield self._named("sequence", sequence, schema or None)

    # -- what is changed --------------------------------------------------------------------------------------------

    def _altered(self, operation: AlterColumn) -> Dependencies:
        table = TableName(operation.table_name, operation.schema)
        needs: set[Token] = {("table", table)}
        frees: set[Token] = set()
        touches: set[Token] = {("column", table, operation.column_name)}
        if operation.type_ is not None:
            needs |= set(self._types(operation.type_))
            frees |= set(self._types(operation.existing_type))
            touches.add(("shape", table))
        if operation.server_default is not False:
            needs |= set(self._needs_of_default(table, operation.server_default)) - touches
            needs |= set(self._types(operation.existing_type if operation.type_ is None else operation.type_))
            frees |= set(self._needs_of_default(table, operation.existing_server_default)) - touches
        if operation.autoincrement is not None:
            # A counter needs its key all the time.
            touches.discard(("column", table, operation.column_name))
            (needs if operation.autoincrement else frees).add(("primary_key", table))
        return Dependencies(touches=frozenset(touches), needs=frozenset(needs), frees=frozenset(frees - needs))

    def _named(self, kind: str, name: str, schema: str | None) -> Token:
        return kind, TableName(name, None if schema == self._default_schema else schema)


def referent_of(key: ForeignKeyConstraint) -> tuple[TableName, list[str]]:
    """The table and the columns that a foreign key refers to."""
    tokens = [element.target_tokens for element in key.elements]
    columns = [str(token.column_name or column) for token, column in zip(tokens, key.column_keys, strict=True)]
    return TableName(tokens[0].table_name, tokens[0].schema), columns


def _shape_of(operation: Operation[Any]) -> frozenset[Token]:
    if isinstance(operation, AddColumn):
        return frozenset({("shape", TableName(operation.table_name, operation.schema))})
    return frozenset()


def _key(table: TableName, columns: Iterable[str]) -> Iterator[Token]:
    if names := frozenset(columns):
        yield "key", table, names


def _serves(table: TableName, columns: Sequence[Any]) -> Iterator[Token]:
    """What an index or a key may be for a foreign key: MySQL makes one of its own where there is none yet."""
    if isinstance(columns[0], str):
        yield "first column of an index", table, columns[0]


def _referred(table: TableName, columns: Iterable[str]) -> Iterator[Token]:
    columns = list(columns)
    yield "table", table
    yield from (("column", table, column) for column in columns)
    yield from _key(table, columns)


def _names(item: Any) -> list[str]:
    return [column.name if isinstance(column, Column) else str(column) for column in declared_columns(item)]


def _texts(expressions: Iterable[Any]) -> Iterator[Any]:
    """The texts and names in expressions, and their sequences."""
    for expression in expressions:
        if isinstance(expression, str):
            yield expression
        elif isinstance(expression, list | tuple):
            yield from _texts(expression)
        elif isinstance(expression, dict):
            yield from _texts(expression.keys())
        elif isinstance(expression, ClauseElement):
            yield from _texts_in(expression)


def _texts_in(expression: ClauseElement) -> Iterator[Any]:
    for element in iterate(expression):
        if isinstance(element, TextClause):
            yield element.text
        elif isinstance(element, ColumnClause):
            yield str(element.name)
        elif isinstance(sequence := getattr(element, "sequence", None), SchemaSequence):
            yield sequence
        elif isinstance(name := getattr(element, "name", None), str):
            yield name
