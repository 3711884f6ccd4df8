"""SchemaReader: what stands in a database of SQLite, read in one statement."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

import anyio.lowlevel

from asyncmig.dialects.sqlite_index_statements import read_index_text
from asyncmig.dialects.sqlite_parse import DefinitionError
from asyncmig.dialects.sqlite_statements import (
    ColumnText,
    TableText,
    read_table_text,
    type_text,
)
from asyncmig.dialects.sqlite_words import meaning
from asyncmig.operations.base import TableName
from asyncmig.schema import (
    ColumnState,
    ComputedState,
    ForeignKeyState,
    IndexElement,
    IndexState,
    PrimaryKeyState,
    Scope,
    TableState,
)
from asyncmig.schema.table import Options

#: What the default schema is called.
MAIN: Final = "main"
#: What a rebuild of ours may have left behind.
_LEFTOVER: Final = "_asyncmig_"
#: Since when SQLite itself tells which tables belong to virtual ones; for older ones, how those are called.
_TELLS_SHADOWS: Final = (3, 37)
_SHADOWS: Final = frozenset(
    {"data", "idx", "content", "docsize", "config", "segments", "segdir", "stat", "node", "rowid", "parent"}
)
#: How many tables are looked at before others may run.
_AT_ONCE: Final = 80

PLAIN_OPTIONS: Final[Mapping[str, bool]] = MappingProxyType(
    {"sqlite_autoincrement": False, "sqlite_strict": False, "sqlite_with_rowid": True}
)


def table_options(*, autoincrement: bool, strict: bool, with_rowid: bool) -> Mapping[str, bool]:
    """The options that every table of SQLite has, under SQLAlchemy's names."""
    if with_rowid and not (autoincrement or strict):
        return PLAIN_OPTIONS
    return {"sqlite_autoincrement": autoincrement, "sqlite_strict": strict, "sqlite_with_rowid": with_rowid}


def schema_query(schemas: Sequence[str], quote: Callable[[str], str], literal: Callable[[str], str]) -> str:
    """The statement that gives all that there is to know.

    Its rows: schema; `shadow`, `table`, `index` or `column`; name; table; the statement, or the type of a column; NOT
    NULL; default; place in the primary key; whether it is hidden or computed.

    Args:
        schemas: which schemas.
        quote: writes a name.
        literal: writes a value.
    """
    parts = []
    if sqlite3.sqlite_version_info >= _TELLS_SHADOWS:
        parts.append(
            "SELECT schema, 'shadow', name, NULL, NULL, NULL, NULL, NULL, NULL "
            "FROM pragma_table_list WHERE type = 'shadow'"
        )
    for schema in schemas:
        named, source = literal(schema), f"{quote(schema)}.sqlite_master"
        parts.append(
            f"SELECT {named}, type, name, tbl_name, sql, rootpage, NULL, NULL, NULL FROM {source} "
            "WHERE type IN ('table', 'index') AND sql IS NOT NULL"
        )
        parts.append(
            f"SELECT {named}, 'column', x.name, m.name, x.type, x.\"notnull\", x.dflt_value, x.pk, x.hidden "
            f"FROM {source} AS m JOIN pragma_table_xinfo(m.name, {named}) AS x "
            "WHERE m.type = 'table' AND m.rootpage > 0"
        )
    return "\nUNION ALL\n".join(parts)


@dataclass
class _Found:
    """What was found in one schema, by the name of the table."""

    tables: dict[str, str] = field(default_factory=dict)
    columns: dict[str, list[Sequence[Any]]] = field(default_factory=dict)
    indexes: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    virtual: set[str] = field(default_factory=set)
    shadows: set[str] = field(default_factory=set)

    def is_shadow(self, name: str) -> bool:
        """Whether a table belongs to a virtual one."""
        if name in self.shadows:
            return True
        owner, _, suffix = name.rpartition("_")
        return suffix in _SHADOWS and owner in self.virtual


class SchemaReader:
    """Makes states of the rows of `schema_query`.

    Args:
        scope: what is wanted.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.warnings: list[str] = []
        self._found: dict[str, _Found] = {}

    async def read(self, rows: Iterable[Sequence[Any]]) -> dict[TableName, TableState]:
        """The tables, in the order in which they were created."""
        self._sort(rows)
        tables: dict[TableName, TableState] = {}
        for schema, found in self._found.items():
            texts: dict[TableName, TableText] = {}
            for number, name in enumerate(found.tables):
                if number % _AT_ONCE == 0:
                    await anyio.lowlevel.checkpoint()
                if (key := self._wanted(name, schema, found)) is not None:
                    texts[key] = self._text(key, found)
            spelling = _Spelling({key.name: text for key, text in texts.items()})
            for number, (key, text) in enumerate(texts.items()):
                if number % _AT_ONCE == 0:
                    await anyio.lowlevel.checkpoint()
                tables[key] = self._state(key, text, found.indexes.get(key.name, ()), spelling)
        return tables

    def _sort(self, rows: Iterable[Sequence[Any]]) -> None:
        for row in rows:
            schema, kind, name, table, sql = row[:5]
            found = self._found.get(schema)
            if found is None:
                found = self._found[schema] = _Found()
            if kind == "column":
                found.columns.setdefault(table, []).append(row)
            elif kind == "index":
                found.indexes.setdefault(table, []).append((name, sql))
            elif kind == "shadow":
                found.shadows.add(name)
            elif row[5]:
                found.tables[name] = sql
            else:
                found.virtual.add(name)

    def _wanted(self, name: str, schema: str, found: _Found) -> TableName | None:
        if name.startswith((_LEFTOVER, "sqlite_")) or found.is_shadow(name):
            return None
        key = TableName(name, None if schema == MAIN else schema)
        return key if self.scope.has_table(key) else None

    # -- one table --------------------------------------------------------------------------------------------------

    def _text(self, key: TableName, found: _Found) -> TableText:
        """What the statement of a table says; as far as SQLite sees it differently, what SQLite sees."""
        rows = found.columns.get(key.name, [])
        try:
            text = read_table_text(found.tables[key.name])
        except DefinitionError as error:
            self.warnings.append(f"The constraints of table {key} cannot be told: {error}.")
            return _seen(TableText(key.name), rows)
        text.name = key.name
        if not _is_same(text.columns, rows):
            self.warnings.append(f"The definition of table {key} reads differently than SQLite sees it.")
            return _seen(text, rows)
        return text

    def _state(
        self, key: TableName, text: TableText, indexes: Iterable[tuple[str, str]], spelling: _Spelling
    ) -> TableState:
        columns = text.columns
        names = {column.name for column in columns}
        primary = text.primary_key
        if primary is not None:
            primary = replace(primary, columns=spelling.columns(key.name, primary.columns, names))
        return TableState(
            name=key,
            columns=tuple([*map(column_state, columns)]) if primary is None else key_columns(text, primary),
            primary_key=primary,
            uniques=tuple(
                [replace(each, columns=spelling.columns(key.name, each.columns, names)) for each in text.uniques]
            ),
            foreign_keys=tuple([spelling.foreign_key(key, each, names) for each in text.foreign_keys]),
            checks=tuple(text.checks),
            indexes=tuple(sorted(self._indexes(key, columns, indexes, spelling), key=lambda index: index.name)),
            options=table_options(autoincrement=text.autoincrement, strict=text.strict, with_rowid=text.with_rowid),
        )

    def _indexes(
        self, key: TableName, columns: Sequence[ColumnText], indexes: Iterable[tuple[str, str]], spelling: _Spelling
    ) -> Iterable[IndexState]:
        for name, sql in indexes:
            try:
                text = read_index_text(sql)
            except DefinitionError as error:
                self.warnings.append(f"Index {name} of table {key} cannot be understood: {error}.")
                continue
            by_name = {column.name: column for column in columns}
            elements = tuple([_element(each, key.name, by_name, spelling) for each in text.elements])
            yield IndexState(name, elements, text.unique, index_options(text.where))


def index_options(where: str | None) -> Options:
    """The options of an index under SQLAlchemy's names."""
    return () if where is None else (("sqlite_where", where),)


def _element(element: IndexElement, table: str, columns: Mapping[str, ColumnText], spelling: _Spelling) -> IndexElement:
    """An element of an index, without the collation that its column has anyway."""
    if element.is_expression:
        return element
    if element.text not in columns:
        (name,) = spelling.columns(table, (element.text,), columns.keys())
        element = replace(element, text=name)
    column = columns.get(element.text)
    return without_own_collation(element, column.collation if column is not None else None)


def without_own_collation(element: IndexElement, own: str | None) -> IndexElement:
    """An element of an index on a column with the collation *own*, without its collation where that is the same."""
    is_own = element.collation is not None and element.collation == (own or "BINARY")
    return replace(element, collation=None) if is_own else element


def key_columns(text: TableText, key: PrimaryKeyState) -> tuple[ColumnState, ...]:
    """The columns of a table with a primary key, which may forbid NULL without that anything says so."""
    required: frozenset[str] = frozenset()
    if not text.with_rowid:
        required = frozenset(key.columns)
    elif (name := text.integer_key) is not None:
        required = frozenset({name})
    return tuple([column_state(column, required=column.name in required) for column in text.columns])


def column_state(column: ColumnText, *, required: bool = False) -> ColumnState:
    """A column as a state."""
    return ColumnState(
        column.name,
        column.type,
        not (column.not_null or required),
        default_of(column.default),
        column.computed,
        collation=column.collation,
        options=() if column.conflict is None else (("sqlite_on_conflict_not_null", column.conflict),),
    )


def default_of(text: str | None) -> str | None:
    """The expression of a default; None where it is the same as none."""
    return None if text is None or text.upper() == "NULL" else text


# -- what SQLite sees -----------------------------------------------------------------------------------------------


def _is_same(columns: Sequence[ColumnText], rows: Sequence[Sequence[Any]]) -> bool:
    """Whether columns are those that SQLite sees."""
    if len(columns) != len(rows):
        return False
    for column, (_, _, name, _, type_, not_null, default, _, hidden) in zip(columns, rows, strict=True):
        if column.name != name or bool(hidden) != (column.computed is not None):
            return False
        # A primary key may forbid NULL without saying so.
        if column.not_null and not not_null:
            return False
        if column.type != type_ and column.type != type_text(type_):
            return False
        if column.default != default and not _same_default(column.default, default):
            return False
    return True


def _same_default(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and meaning(one) == meaning(other)


def _seen(text: TableText, rows: Sequence[Sequence[Any]]) -> TableText:
    """A table with the columns that SQLite sees."""
    known = {column.name: column for column in text.columns}
    text.columns = []
    for _, _, name, _, type_, not_null, default, _, hidden in rows:
        computed = ComputedState("", hidden == 3) if hidden in (2, 3) else None
        column = known.get(name) or ColumnText(name, computed=computed)
        column.type, column.not_null, column.default = type_text(type_), bool(not_null), default
        text.columns.append(column)
    key = sorted((row[7], row[2]) for row in rows if row[7])
    if key and text.primary_key is None:
        text.primary_key = PrimaryKeyState(None, tuple(name for _, name in key))
    return text


class _Spelling:
    """How tables and columns are written that statements may name in any case.

    Args:
        tables: the tables of a schema.
    """

    def __init__(self, tables: Mapping[str, TableText]) -> None:
        self.tables = tables
        self._names = {name.lower(): name for name in tables}

    def columns(self, table: str, names: tuple[str, ...], known: Iterable[str]) -> tuple[str, ...]:
        """The columns *names* of a table, whose columns are *known*."""
        if all(name in known for name in names):
            return names
        spelt = {column.name.lower(): column.name for column in self.tables[table].columns}
        return tuple([spelt.get(name.lower(), name) for name in names])

    def foreign_key(self, key: TableName, constraint: ForeignKeyState, known: Iterable[str]) -> ForeignKeyState:
        """A foreign key with its table as that is called, and with columns where it names none."""
        name = constraint.referent.name
        name = self._names.get(name.lower(), name)
        remote = constraint.referent_columns
        if (referent := self.tables.get(name)) is not None:
            primary = referent.primary_key
            if not remote and primary is not None:
                remote = primary.columns
            remote = self.columns(name, remote, {column.name for column in referent.columns})
        return replace(
            constraint,
            columns=self.columns(key.name, constraint.columns, known),
            referent=TableName(name, key.schema),
            referent_columns=remote,
        )
