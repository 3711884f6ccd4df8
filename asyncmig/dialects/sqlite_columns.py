"""Columns: SQLAlchemy's columns and types as parts of a stored definition, and what ALTER TABLE can do with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, TypeVar

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, MetaData, PrimaryKeyConstraint
from sqlalchemy.schema import CreateIndex, Index, SchemaItem
from sqlalchemy.types import Integer, TypeEngine

from asyncmig._sqlalchemy import copy_column, is_type_bound, stand_in
from asyncmig.dialects.ansi import AnsiAdapter
from asyncmig.dialects.sqlite_parse import DefinitionError, parse_column, parse_constraint
from asyncmig.dialects.sqlite_schema import Clause, ColumnDefinition
from asyncmig.dialects.sqlite_tokens import significant
from asyncmig.dialects.steps import Statement, Step
from asyncmig.errors import UnsupportedOperationError
from asyncmig.operations.base import TableName
from asyncmig.operations.columns import AddColumn

Part = TypeVar("Part")

#: What stands behind the name of a column that has a type of one word, and a default that is a literal.
_SIMPLE: Final = re.compile(
    r" (?P<type>[A-Z]+(?:\(\d+(?:, \d+)?\))?)(?: DEFAULT (?P<default>'(?:[^']|'')*'|\d+))?(?P<required> NOT NULL)?"
)

#: Words for a default that is not the same at all times.
_CLOCKS: Final = frozenset({"CURRENT_TIME", "CURRENT_DATE", "CURRENT_TIMESTAMP"})


@dataclass(frozen=True)
class NewColumn:
    """What an added column brings along.

    Args:
        definition: the column itself.
        constraints: its constraints as they stand behind the columns of a table.
        indexes: its indexes, on a stand-in table.
    """

    definition: ColumnDefinition
    constraints: tuple[Clause, ...]
    indexes: tuple[Index, ...]

    @cached_property
    def inline(self) -> ColumnDefinition:
        """The column with its constraints written into it, as ADD COLUMN needs them."""
        return self.definition.plus(*(_inline(clause) for clause in self.constraints))

    @cached_property
    def default(self) -> str | None:
        """Its default, unless that is NULL."""
        clauses = self.definition.of_kind("default")
        body = clauses[-1].body if clauses else ""
        return None if not body or [token.upper for token in significant(body)] == ["NULL"] else body

    @property
    def needs_value(self) -> bool:
        """Whether rows that are there already cannot have it, because it is NOT NULL and nothing says what it is."""
        definition = self.definition
        given = self.default is not None or definition.generated or definition.of_kind("primary key")
        return not definition.nullable and not given

    @cached_property
    def can_be_added(self) -> bool:
        """Whether SQLite's ADD COLUMN takes it, also when the table has rows."""
        inline = self.inline
        if inline.stored or inline.of_kind("primary key", "unique"):
            return False
        if self.default is None:
            return True
        # With enforced foreign keys SQLite refuses a column that refers to something by default.
        return _is_constant(self.default) and not inline.of_kind("references")


def _inline(clause: Clause) -> Clause:
    if clause.kind == "unique":
        name = clause.text[: next(token.start for token in significant(clause.text) if token.upper == "UNIQUE")]
        return replace(clause, text=f"{name}UNIQUE", columns=())
    if clause.kind == "foreign key":
        pieces = significant(clause.text)
        foreign = next(token.start for token in pieces if token.upper == "FOREIGN")
        references = next(token.start for token in pieces if token.upper == "REFERENCES")
        text = clause.text[:foreign] + clause.text[references:]
        return replace(clause, kind="references", text=text, columns=())
    return clause


def _is_constant(default: str) -> bool:
    """Whether a default is a literal, perhaps with a sign."""
    pieces = [token for token in significant(default) if token.text not in ("(", ")")]
    if pieces and pieces[0].text in ("+", "-"):
        pieces = pieces[1:]
    return len(pieces) == 1 and pieces[0].upper not in _CLOCKS


def _parsed(parse: Callable[[str], Part], text: str) -> Part:
    """A part of a definition that SQLAlchemy has written.

    Raises:
        UnsupportedOperationError: it is written for another database.
    """
    try:
        return parse(text)
    except DefinitionError as error:
        raise UnsupportedOperationError(f"SQLite has nothing like {text!r}: {error}.", dialect="sqlite") from error


def new_column(adapter: AnsiAdapter, op: AddColumn) -> NewColumn:
    """What *op* adds."""
    if (plain := adapter.plain_added_column(op)) is not None:
        return NewColumn(_plain_definition(adapter, op, plain), (), ())
    table = adapter.table_with(op)
    column = next(iter(table.columns))
    definition = _parsed(parse_column, adapter.column_definition(column))
    if column.primary_key and not definition.of_kind("primary key"):
        definition = definition.plus(Clause("primary key", "PRIMARY KEY"))
    constraints = [
        constraint
        for constraint in sorted(table.constraints, key=lambda constraint: constraint._creation_order)
        if not isinstance(constraint, PrimaryKeyConstraint)
        and constraint not in column.constraints
        and adapter.constraint_applies(constraint)
    ]
    indexes = sorted(table.indexes, key=lambda index: str(index.name))
    return NewColumn(
        definition, tuple(constraint_clause(adapter, constraint) for constraint in constraints), tuple(indexes)
    )


def _plain_definition(adapter: AnsiAdapter, op: AddColumn, text: str) -> ColumnDefinition:
    """The parts of the definition of a plain column; most are so simple that they need no parser."""
    name = adapter.quote(op.column.name)
    found = _SIMPLE.fullmatch(text, len(name)) if text.startswith(name) else None
    if found is None:
        return _parsed(parse_column, text)
    clauses = []
    if default := found["default"]:
        clauses.append(Clause("default", f"DEFAULT {default}", body=default))
    if found["required"]:
        clauses.append(Clause("not null", "NOT NULL"))
    return ColumnDefinition(str(op.column.name), name, found["type"], tuple(clauses))


def value_for_rows(adapter: AnsiAdapter, column: Column[Any]) -> str | None:
    """What `default=` of an added column gives the rows that are there, as SQL; None without one.

    SQLAlchemy's INSERT FROM SELECT gives it to rows that are copied, and so do tools that copy with it.
    """
    default: Any = column.default
    if default is None or default.is_sequence:
        return None
    if default.is_clause_element:
        return f"({adapter.expression(default.arg)})"
    value = default.arg(None) if default.is_callable else default.arg
    process = column.type.dialect_impl(adapter.dialect).bind_processor(adapter.dialect)
    return _raw_literal(value if process is None else process(value))


def _raw_literal(value: Any) -> str | None:
    """A value of SQLite's own kinds as a literal; None for any other."""
    match value:
        case None:
            return None
        case bool() | int() | float():
            return repr(float(value) if isinstance(value, float) else int(value))
        case str():
            return "'" + value.replace("'", "''") + "'"
        case bytes() | memoryview():
            return f"X'{bytes(value).hex()}'"
    return None


def add_column_steps(adapter: AnsiAdapter, table: TableName, new: NewColumn) -> list[Step]:
    """ADD COLUMN with everything that the column brings along."""
    return [
        Statement(f"ALTER TABLE {adapter.table_name(table.name, table.schema)} ADD COLUMN {new.inline.text}"),
        *(Statement(adapter.ddl(CreateIndex(index))) for index in new.indexes),
    ]


def rename_column_step(adapter: AnsiAdapter, table: TableName, old: str, new: str) -> Step:
    """RENAME COLUMN, which SQLite carries through to indexes, views, triggers and foreign keys."""
    name = adapter.table_name(table.name, table.schema)
    return Statement(f"ALTER TABLE {name} RENAME COLUMN {adapter.quote(old)} TO {adapter.quote(new)}")


def constraint_clause(adapter: AnsiAdapter, constraint: Any) -> Clause:
    """A constraint of a stand-in table as a clause.

    Raises:
        UnsupportedOperationError: a foreign key to another database file.
    """
    if isinstance(constraint, ForeignKeyConstraint):
        local, remote = constraint.elements[0].parent.table, constraint.elements[0].column.table
        if local.schema != remote.schema:
            raise UnsupportedOperationError(
                f"A foreign key from {local.fullname} to {remote.fullname} would leave the database file, which SQLite "
                "cannot do.",
                dialect="sqlite",
            )
    return _parsed(parse_constraint, adapter.constraint_text(constraint))


def column_clauses(
    adapter: AnsiAdapter,
    name: str,
    type_: TypeEngine[Any] | type[TypeEngine[Any]] | None = None,
    *,
    extra: Sequence[SchemaItem] = (),
    server_default: Any = None,
) -> ColumnDefinition:
    """How a column *name* of this type is written; for taking its type, its default or another clause from."""
    column = copy_column(Column(name, type_ or Integer(), *extra, server_default=server_default))
    table = stand_in("t", None, adapter.metadata(), column)
    return _parsed(parse_column, adapter.column_definition(next(iter(table.columns))))


def type_checks(
    adapter: AnsiAdapter,
    table_name: str,
    column_name: str,
    type_: TypeEngine[Any] | type[TypeEngine[Any]],
    metadata: MetaData,
) -> Sequence[Clause]:
    """The CHECK that a Boolean or Enum with `create_constraint=True` brings along."""
    table = stand_in(table_name, None, metadata, copy_column(Column(column_name, type_)))
    return [
        _parsed(parse_constraint, adapter.constraint_text(constraint))
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
        and is_type_bound(constraint)
        and adapter.constraint_applies(constraint)
    ]
