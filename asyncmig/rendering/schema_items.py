"""Schema items: SQLAlchemy's columns, constraints, indexes, defaults and tables as source text."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    TableClause,
    TextClause,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.schema import ColumnDefault, Constraint, DefaultClause, SchemaItem
from sqlalchemy.sql import ClauseElement
from sqlalchemy.types import NullType

from asyncmig._sqlalchemy import (
    comes_with_column,
    declared_columns,
    default_function,
    excluded_elements,
    given_name,
    is_type_bound,
    table_prefixes,
)
from asyncmig.rendering.source import Source, bracketed, call, string
from asyncmig.rendering.types import IMPORT_SQLALCHEMY
from asyncmig.rendering.values import Functions, Writer, is_importable

__all__ = ["SCHEMA_ITEMS", "table_clause_source"]

_SEQUENCE_OPTIONS = ("start", "increment", "minvalue", "maxvalue", "nominvalue", "nomaxvalue", "cycle", "cache")


def _sa(function: str, *arguments: Source, keywords: Mapping[str, Source] | None = None) -> Source:
    return call(f"sa.{function}", *arguments, keywords=keywords).requiring(IMPORT_SQLALCHEMY)


def _given(item: Any, *names: str) -> dict[str, Any]:
    """The attributes of *item* that have a value, by name; a name that the naming convention gives is left out."""
    values = {name: given_name(item) if name == "name" else getattr(item, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def _dialect_options(item: Any) -> dict[str, Any]:
    return dict(sorted(item.dialect_kwargs.items()))


def _condition(value: ClauseElement, write: Writer) -> Source:
    """SQL of a constraint or a computed column: plain text as a plain string."""
    if isinstance(value, TextClause):
        return string(value.text)
    return write(value)


# columns


def _column(value: Column[Any], write: Writer) -> Source:
    kind = [] if isinstance(value.type, NullType) else [write(value.type)]
    items = [write(item) for item in _column_items(value)]
    return _sa(
        "Column", write(value.name), *kind, *items, keywords=write.each(_column_options(value)) | _default(value, write)
    )


def _column_items(value: Column[Any]) -> Iterator[Any]:
    """What stands in a column as an argument of its own."""
    if isinstance(value.server_default, Computed | Identity):
        yield value.server_default
    if isinstance(value.default, Sequence):
        yield value.default
    # The keys of a constraint of the table, and the CHECK of a type, come back by themselves.
    yield from sorted((key for key in value.foreign_keys if key.constraint is None), key=_target)
    yield from sorted((item for item in value.constraints if not is_type_bound(item)), key=_stable)


def _stable(constraint: Constraint) -> tuple[str, str]:
    return given_name(constraint) or "", str(getattr(constraint, "sqltext", ""))


def _column_options(value: Column[Any]) -> dict[str, Any]:
    computed = isinstance(value.server_default, Computed | Identity)
    usual = {
        "key": (value.key, value.name),
        "primary_key": (value.primary_key, False),
        "autoincrement": (value.autoincrement, "auto"),
        "server_default": (None if computed else value.server_default, None),
        "server_onupdate": (None if computed else value.server_onupdate, None),
        "nullable": (value.nullable, not (value.primary_key or isinstance(value.server_default, Identity))),
        "index": (value.index or False, False),
        "unique": (value.unique or False, False),
        "system": (value.system, False),
        "comment": (value.comment, None),
    }
    return {name: given for name, (given, default) in usual.items() if given != default} | _dialect_options(value)


def _default(value: Column[Any], write: Writer) -> dict[str, Source]:
    """The defaults that Python fills in, as far as a revision can have them.

    They are no part of the schema, so a revision must not come to depend on the application for them: functions and
    classes of others than the standard library are left out.
    """
    sources = {}
    for name, default in (("default", value.default), ("onupdate", value.onupdate)):
        if isinstance(default, ColumnDefault):
            argument = default_function(default)
            if _is_independent(argument):
                sources[name] = write(argument)
    return sources


def _is_independent(value: Any) -> bool:
    if isinstance(value, ClauseElement | str | int | float | None) and not isinstance(value, Enum):
        return True
    if isinstance(value, list | tuple):
        return all(map(_is_independent, value))
    if isinstance(value, dict):
        return all(_is_independent(item) for pair in value.items() for item in pair)
    kind = value if callable(value) else type(value)
    owner = getattr(kind, "__self__", kind)
    module = str(getattr(owner if isinstance(owner, type) else kind, "__module__", ""))
    return module.partition(".")[0] in sys.stdlib_module_names and module != "__main__" and is_importable(kind)


def _computed(value: Computed, write: Writer) -> Source:
    return _sa("Computed", _condition(value.sqltext, write), keywords=write.each(_given(value, "persisted")))


def _identity(value: Identity, write: Writer) -> Source:
    options = _given(value, "always", *_SEQUENCE_OPTIONS)
    if options.get("always") is False:
        del options["always"]
    return _sa("Identity", keywords=write.each(options | _dialect_options(value)))


def _sequence(value: Sequence, write: Writer) -> Source:
    options = _given(value, "schema", *_SEQUENCE_OPTIONS, "data_type")
    if value.optional:
        options["optional"] = True
    return _sa("Sequence", write(value.name), keywords=write.each(options | _dialect_options(value)))


def _default_clause(value: DefaultClause, write: Writer) -> Source:
    # a member of `class Role(str, Enum)` is meant as its text
    return string(str.__str__(value.arg)) if isinstance(value.arg, str) else write(value.arg)


def _fetched_value(value: FetchedValue, write: Writer) -> Source:
    return _sa("FetchedValue")


# constraints and indexes


def _target(key: ForeignKey) -> str:
    return str(tuple(key.target_tokens))


def _referred(key: ForeignKey, write: Writer) -> Source:
    """What a foreign key refers to: one string, or its parts where a string could not say it."""
    schema, table, column = key.target_tokens
    if column is None:
        return write(table)
    quoted = any(getattr(part, "quote", None) is not None for part in (schema, table, column))
    if quoted or "." in table or "." in column:
        return write((schema, table, column))
    return string(".".join(part for part in (schema, table, column) if part))


_KEY_OPTIONS = ("name", "onupdate", "ondelete", "deferrable", "initially", "match")


def _foreign_key_options(value: ForeignKey | ForeignKeyConstraint, write: Writer) -> dict[str, Source]:
    options = _given(value, *_KEY_OPTIONS)
    if value.use_alter:
        options["use_alter"] = True
    if value.link_to_name:
        options["link_to_name"] = True
    return write.each(options | _given(value, "comment") | _dialect_options(value))


def _foreign_key(value: ForeignKey, write: Writer) -> Source:
    return _sa("ForeignKey", _referred(value, write), keywords=_foreign_key_options(value, write))


def _foreign_key_constraint(value: ForeignKeyConstraint, write: Writer) -> Source:
    columns = write([*map(str, value.column_keys)])
    targets = bracketed("[", [_referred(key, write) for key in value.elements], "]")
    return _sa("ForeignKeyConstraint", columns, targets, keywords=_foreign_key_options(value, write))


def _columns(value: Constraint | Index, write: Writer) -> list[Source]:
    """The columns of a constraint or index by name, and its expressions."""
    columns = (item.key if isinstance(item, Column) else item for item in declared_columns(value))
    return [write(column) for column in columns]


def _constraint_options(value: Constraint) -> dict[str, Any]:
    return _given(value, "name", "deferrable", "initially", "comment") | _dialect_options(value)


def _column_constraint(function: str) -> Callable[[Any, Writer], Source]:
    def source(value: PrimaryKeyConstraint | UniqueConstraint, write: Writer) -> Source:
        return _sa(function, *_columns(value, write), keywords=write.each(_constraint_options(value)))

    return source


def _check(value: CheckConstraint, write: Writer) -> Source:
    keywords = write.each(_constraint_options(value))
    return _sa("CheckConstraint", _condition(value.sqltext, write), keywords=keywords)


def _exclude(value: ExcludeConstraint, write: Writer) -> Source:
    elements = [write(element) for element in excluded_elements(value)]
    options = _given(value, "name", "deferrable", "initially", "where", "using")
    if options.get("using") == "gist":
        del options["using"]
    if value.ops:
        options["ops"] = dict(value.ops)
    source = call("postgresql.ExcludeConstraint", *elements, keywords=write.each(options))
    return source.requiring("from sqlalchemy.dialects import postgresql")


def _index(value: Index, write: Writer) -> Source:
    options = {"unique": True} if value.unique else {}
    keywords = write.each(options | _dialect_options(value))
    return _sa("Index", write(given_name(value)), *_columns(value, write), keywords=keywords)


# tables


def table_clause_source(value: TableClause, write: Writer) -> Source:
    """A table as data is put into it: its name and columns with their types."""
    columns = [
        _sa("column", write(column.name), *([] if isinstance(column.type, NullType) else [write(column.type)]))
        for column in value.columns
    ]
    schema = getattr(value, "schema", None)
    return _sa("table", write(value.name), *columns, keywords=write.each({"schema": schema} if schema else {}))


def _table(value: Table, write: Writer) -> Source:
    """A table with all that belongs to it."""
    parts = [item for item in (*value.constraints, *value.indexes) if _is_written(item, value)]
    options = _given(value, "schema", "comment")
    if prefixes := table_prefixes(value):
        options["prefixes"] = prefixes
    items = [*write.many(value.columns), *sorted(write.many(parts), key=str)]
    keywords = write.each(options | _dialect_options(value))
    return _sa("Table", write(value.name), _sa("MetaData"), *items, keywords=keywords)


def _is_written(item: SchemaItem, table: Table) -> bool:
    """Whether a part of a table does not come back by itself from its columns."""
    if isinstance(item, PrimaryKeyConstraint):
        flagged = [column for column in table.columns if column.primary_key]
        return bool(item.columns) and (bool(_constraint_options(item)) or list(item.columns) != flagged)
    return not (isinstance(item, Constraint) and is_type_bound(item)) and not comes_with_column(item)


#: How schema items are written.
SCHEMA_ITEMS: Functions = MappingProxyType(
    {
        Column: _column,
        Computed: _computed,
        Identity: _identity,
        Sequence: _sequence,
        DefaultClause: _default_clause,
        FetchedValue: _fetched_value,
        ForeignKey: _foreign_key,
        ForeignKeyConstraint: _foreign_key_constraint,
        PrimaryKeyConstraint: _column_constraint("PrimaryKeyConstraint"),
        UniqueConstraint: _column_constraint("UniqueConstraint"),
        CheckConstraint: _check,
        ExcludeConstraint: _exclude,
        Index: _index,
        TableClause: table_clause_source,
        Table: _table,
    }
)
