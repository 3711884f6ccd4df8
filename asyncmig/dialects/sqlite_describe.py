"""SQLiteDescriber: a table of SQLAlchemy as SQLite would read it from its CREATE TABLE."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final, TypeVar

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

from asyncmig._plain import has_dialect_options
from asyncmig.dialects.describing import Describer
from asyncmig.dialects.sqlite_index_statements import read_element_text
from asyncmig.dialects.sqlite_schema_read import default_of, table_options, without_own_collation
from asyncmig.dialects.sqlite_statements import read_column_text
from asyncmig.dialects.sqlite_words import Words
from asyncmig.schema import (
    ColumnState,
    ForeignKeyState,
    IndexElement,
    PrimaryKeyState,
    TableState,
    UniqueState,
)
from asyncmig.schema.table import Options

Key = TypeVar("Key", PrimaryKeyState, UniqueState)

#: A default that is one literal or word, so that nothing stands around it.
_SIMPLE: Final = re.compile(r"'(?:[^']|'')*'|\w+")


class SQLiteDescriber(Describer):
    """A table of SQLAlchemy as SQLite would read it from its CREATE TABLE."""

    option_names: ClassVar[tuple[str, ...]] = ("sqlite",)
    key_forbids_null: ClassVar[bool] = False

    def describe(self, table: Table) -> TableState:
        state = super().describe(table)
        # SQLite has none.
        return replace(state, comment=None) if state.comment is not None else state

    # -- columns ----------------------------------------------------------------------------------------------------

    def column(self, column: Column[Any], table: Table, in_key: frozenset[str] = frozenset()) -> ColumnState:
        state = super().column(column, table, in_key)
        if column.comment is not None:
            state = replace(state, comment=None)
        if column.primary_key and state.nullable and self._forbids_null(table, state):
            state = replace(state, nullable=False)
        if has_dialect_options(column) and not column.nullable:
            conflict = _conflict(column.dialect_options["sqlite"]["on_conflict_not_null"])
            if conflict is not None:
                state = replace(state, options=(("sqlite_on_conflict_not_null", conflict),))
        return state

    @staticmethod
    def _forbids_null(table: Table, column: ColumnState) -> bool:
        """Whether a column of the primary key cannot be NULL, although it does not say so."""
        if not table.dialect_options["sqlite"]["with_rowid"]:
            return True
        return column.type == "INTEGER" and len(table.primary_key.columns) == 1

    def type_text(self, type_: TypeEngine[Any], column: Column[Any]) -> tuple[str, str | None]:
        text = self.dialect.type_compiler_instance.process(type_, type_expression=column)
        # A type of a user may write what it likes.
        (read,) = read_column_text(f"x {text}").columns
        return read.type, read.collation

    def default(self, column: Column[Any], type_: str) -> str | None:
        text = super().default(column, type_)
        if text is None or _SIMPLE.fullmatch(text):
            return default_of(text)
        words = Words(text)
        return default_of(words.text(0, len(words.words) - 1))

    # -- constraints ------------------------------------------------------------------------------------------------

    def primary_key(self, constraint: PrimaryKeyConstraint) -> PrimaryKeyState | None:
        state = super().primary_key(constraint)
        if state is None or len(state.columns) != 1:
            return state
        (column,) = constraint.columns
        if _counts_up(column):
            # It stands at the column, where SQLAlchemy writes no name.
            return replace(state, name=None, options=_flag(column, "on_conflict_primary_key"))
        return _with_conflict(state, constraint, column, "on_conflict_primary_key")

    def unique(self, constraint: UniqueConstraint) -> UniqueState | None:
        state = super().unique(constraint)
        if state is not None and len(state.columns) == 1:
            (column,) = constraint.columns
            return _with_conflict(state, constraint, column, "on_conflict_unique")
        return state

    def foreign_key(self, constraint: ForeignKeyConstraint) -> ForeignKeyState | None:  # type: ignore[override]
        state = super().foreign_key(constraint)
        table = constraint.parent
        # SQLAlchemy leaves out what would leave the database file.
        return state if state.referent.schema == self.schema(table.schema) else None

    def option(self, item: Any, name: str, value: Any) -> Any:
        if name == "on_conflict":
            return _conflict(value)
        return super().option(item, name, value)

    def table_options(self, table: Table) -> Mapping[str, Any]:
        if not has_dialect_options(table):
            return table_options(autoincrement=False, strict=False, with_rowid=True)
        options = table.dialect_options["sqlite"]
        return table_options(
            autoincrement=any(map(_counts_up, table.primary_key.columns)) and len(table.primary_key.columns) == 1,
            strict=bool(options["strict"]),
            with_rowid=bool(options["with_rowid"]),
        )

    # -- indexes ----------------------------------------------------------------------------------------------------

    def element(self, expression: Any, index: Index) -> IndexElement:
        if isinstance(expression, Column):
            return IndexElement(self.identifier(expression.name))
        text = self.compiler.sql_compiler.process(expression, include_table=False, literal_binds=True)
        element = read_element_text(str(text))
        if element.is_expression or element.collation is None or index.table is None:
            return element
        column = next((column for column in index.table.columns if column.name == element.text), None)
        own = None if column is None else self.type(column)[1]
        return without_own_collation(element, own)


def _counts_up(column: Column[Any]) -> bool:
    """Whether the only column of a primary key is written with AUTOINCREMENT."""
    affinity = column.type._type_affinity
    return bool(
        has_dialect_options(column.table)
        and column.table.dialect_options["sqlite"]["autoincrement"]
        and affinity is not None
        and issubclass(affinity, Integer)
        and not column.foreign_keys
    )


def _with_conflict(state: Key, constraint: Any, column: Column[Any], flag: str) -> Key:
    """A key of one column with its ON CONFLICT, which may be said at the column."""
    if has_dialect_options(constraint) and constraint.dialect_options["sqlite"]["on_conflict"] is not None:
        return state
    options = _flag(column, flag)
    return replace(state, options=options) if options else state


def _flag(column: Column[Any], flag: str) -> Options:
    return _option(column.dialect_options["sqlite"][flag]) if has_dialect_options(column) else ()


def _option(said: Any) -> Options:
    conflict = _conflict(said)
    return () if conflict is None else (("sqlite_on_conflict", conflict),)


def _conflict(said: Any) -> str | None:
    """A word of ON CONFLICT; None for what is done anyway."""
    word = None if said is None else str(said).upper()
    return None if word == "ABORT" else word
