"""MySQLDescriber: a table of the models in the words of MySQL and MariaDB."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from sqlalchemy import (
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    UniqueConstraint,
)
from sqlalchemy.schema import Constraint
from sqlalchemy.types import TypeEngine

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.describing import Describer
from asyncmig.dialects.mysql_columns import unquote
from asyncmig.dialects.mysql_defaults import declared_default
from asyncmig.dialects.mysql_read_parts import option_name, option_value
from asyncmig.dialects.mysql_schema_read import NO_ACTION
from asyncmig.dialects.mysql_server import ServerWords, charset_of
from asyncmig.dialects.mysql_types import CHARACTER_TYPES, TypeWords, arguments_of, base_of, modern, type_words
from asyncmig.operations.base import TableName
from asyncmig.schema import (
    ColumnState,
    ForeignKeyState,
    IndexElement,
    IndexState,
    PrimaryKeyState,
    TableState,
    UniqueState,
)

#: The options of tables that a server shows, and so can be compared.
_SHOWN: Final = frozenset(
    {
        "avg_row_length",
        "charset",
        "checksum",
        "collate",
        "compression",
        "delay_key_write",
        "encrypted",
        "encryption",
        "encryption_key_id",
        "engine",
        "key_block_size",
        "max_rows",
        "min_rows",
        "pack_keys",
        "page_checksum",
        "page_compressed",
        "page_compression_level",
        "row_format",
        "stats_auto_recalc",
        "stats_persistent",
        "stats_sample_pages",
        "transactional",
    }
)
#: Those that are not shown when they are zero.
_ZERO_IS_NOTHING: Final = frozenset(
    {"avg_row_length", "checksum", "delay_key_write", "key_block_size", "max_rows", "min_rows", "stats_sample_pages"}
)
_ENGINES: Final = {
    name.lower(): name
    for name in ("InnoDB", "MyISAM", "Aria", "MEMORY", "CSV", "ARCHIVE", "BLACKHOLE", "MRG_MyISAM", "FEDERATED")
} | {"heap": "MEMORY", "merge": "MRG_MyISAM"}
_PREFIX: Final = re.compile(r"(`(?:[^`]|``)+`|\w+)\s*(?:\(\s*(\d+)\s*\))?")
_SIZED: Final = frozenset({"char", "varchar", "binary", "varbinary"})


class MySQLDescriber(Describer):
    """A table of the models in the words of MySQL and MariaDB.

    Args:
        adapter: the adapter of the server.
    """

    option_names: ClassVar[tuple[str, ...]] = ("mysql",)
    no_action: ClassVar[frozenset[str]] = NO_ACTION

    def __init__(self, adapter: DialectAdapter) -> None:
        super().__init__(adapter)
        self.server = ServerWords(is_mariadb=bool(getattr(self.dialect, "is_mariadb", False)))
        self._defaults: dict[tuple[str, str], tuple[str | None, str | None]] = {}
        self._spelt: dict[tuple[str, str], TypeWords] = {}

    def at(self, server: ServerWords) -> None:
        """Describe for a server of which more is known now."""
        self.server = server
        self.default_schema = server.database
        for known in (self._types, self._defaults, self._spelt):
            known.clear()

    @property
    def prefix(self) -> str:
        """What the names of options begin with."""
        return self.option_names[0]

    def describe(self, table: Table) -> TableState:
        state = super().describe(table)
        if self.server.implicit_timestamps:
            state = replace(state, columns=tuple(_with_implicit_times(state.columns)))
        return state

    def table_name(self, table: Table) -> TableName:
        return self._folded(super().table_name(table))

    def target(self, key: ForeignKey) -> tuple[TableName, str]:
        name, column = super().target(key)
        return self._folded(name), column

    def _folded(self, name: TableName) -> TableName:
        return TableName(name.name.lower(), name.schema) if self.server.folds_names else name

    # -- columns ----------------------------------------------------------------------------------------------------

    def column(self, column: Column[Any], table: Table, in_key: frozenset[str] = frozenset()) -> ColumnState:
        state = super().column(column, table, in_key)
        if column.server_default is None or state.computed is not None or state.autoincrement:
            return state
        on_update = self._default(column, state.type)[1]
        return state if on_update is None else replace(state, on_update=on_update)

    def default(self, column: Column[Any], type_: str) -> str | None:
        return self._default(column, type_)[0]

    def _default(self, column: Column[Any], type_: str) -> tuple[str | None, str | None]:
        """The default of a column, and its ON UPDATE, which SQLAlchemy takes for a part of it."""
        text = self.compiler.get_column_default_string(column)
        if text is None:
            return None, None
        known = self._defaults.get((text, type_))
        if known is None:
            known = self._defaults[text, type_] = declared_default(text, type_, escapes=self.server.escapes)
        return known

    def type_text(self, type_: TypeEngine[Any], column: Column[Any]) -> tuple[str, str | None]:
        text = self.dialect.type_compiler_instance.process(type_, type_expression=column)
        words = self._type_words(text, self.server.collation_in(None))
        return words.text, words.collation

    def type(self, column: Column[Any]) -> tuple[str, str | None]:
        text, collation = super().type(column)
        if column.table is not None and _depends_on_table(column.type):
            spelt = self.dialect.type_compiler_instance.process(column.type, type_expression=column)
            words = self._type_words(spelt, self.table_collation(column.table))
            return words.text, words.collation
        return text, collation

    def _type_words(self, text: str, default: str) -> TypeWords:
        """A type, with the collation that its words lead to; *default* is that of the place it stands in."""
        known = self._spelt.get((text, default))
        if known is None:
            known = self._spelt[text, default] = self._read_type(text, default)
        return known

    def _read_type(self, text: str, default: str) -> TypeWords:
        server = self.server

        def width(charset: str | None, collation: str | None) -> int:
            return server.width(charset or charset_of(collation or default))

        words = type_words(text, escapes=server.escapes, width=width)
        if words.collation is not None or base_of(words.text) not in CHARACTER_TYPES:
            return words
        charset = words.charset
        if words.is_binary:
            return words._replace(collation=server.binary_collation(charset or charset_of(default)))
        return words if charset is None else words._replace(collation=server.collation_of(charset))

    def table_collation(self, table: Table) -> str:
        """The collation that the columns of a table have when they say nothing."""
        options = self.table_options(table)
        if (collation := options.get(f"{self.prefix}_collate")) is not None:
            return str(collation)
        if (charset := options.get(f"{self.prefix}_charset")) is not None:
            return self.server.collation_of(charset)
        return self.server.collation_in(self.schema(table.schema))

    def autoincrement(self, column: Column[Any], table: Table) -> bool:
        if column is not table.autoincrement_column:
            return False
        if not (column.server_default is None or isinstance(column.server_default, Identity)):
            return False
        default = column.default
        return not (isinstance(default, Sequence) and self.dialect.supports_sequences and not default.optional)

    # -- constraints ------------------------------------------------------------------------------------------------

    def primary_key(self, constraint: PrimaryKeyConstraint) -> PrimaryKeyState | None:
        # It has no name of its own on the server.
        state = super().primary_key(constraint)
        return None if state is None else replace(state, name=None)

    def unique(self, constraint: UniqueConstraint) -> UniqueState | None:
        state = super().unique(constraint)
        return None if state is None else replace(state, deferrable=False, initially_deferred=False)

    def foreign_key(self, constraint: ForeignKeyConstraint) -> ForeignKeyState:
        state = super().foreign_key(constraint)
        if not (state.deferrable or state.match):
            return state
        return replace(state, deferrable=False, initially_deferred=False, match=None)

    # -- indexes and options ----------------------------------------------------------------------------------------

    def index(self, index: Index) -> IndexState:
        state = super().index(index)
        lengths = index.dialect_options[self.dialect.name].get("length")
        elements = [self._shortened(element, index.table, lengths) for element in state.elements]
        if any(value == "FULLTEXT" for _, value in state.options):
            elements = [replace(element, length=None) for element in elements]
        return replace(state, elements=tuple(elements))

    def _shortened(self, element: IndexElement, table: Table | None, lengths: Any) -> IndexElement:
        """An element with its length, and a column that is given as text as a column."""
        if element.is_expression and (found := _PREFIX.fullmatch(element.text)):
            name = unquote(found[1])
            if table is not None and any(column.name == name for column in table.columns):
                length = None if found[2] is None else int(found[2])
                element = replace(element, text=name, is_expression=False, length=length)
        length = lengths.get(element.text) if isinstance(lengths, Mapping) else lengths
        if length is None:
            length = element.length
        if length is not None and table is not None:
            column = next((column for column in table.columns if column.name == element.text), None)
            if column is not None and length >= _full_length(self.type(column)[0]):
                length = None
        return element if length == element.length else replace(element, length=length)

    def option(self, item: Constraint | Index | Table, name: str, value: Any) -> Any:
        if name == "prefix" and value:
            return str(value).upper()
        if name == "using" and value and str(value).lower() == "btree":
            table = item if isinstance(item, Table) else item.table
            return "btree" if self._options(table).get("engine") == "MEMORY" else None
        return None

    def table_options(self, table: Table) -> Mapping[str, Any]:
        return {f"{self.prefix}_{name}": value for name, value in sorted(self._options(table).items())}

    def _options(self, table: Table | None) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, value in _options_of(table, self.prefix):
            text = option_value(value)
            if name in _SHOWN and text != "DEFAULT" and not (text == "0" and name in _ZERO_IS_NOTHING):
                found[name] = text
        for name in ("charset", "collate"):
            if name in found:
                found[name] = str(modern(found[name].lower()))
        if "engine" in found:
            found["engine"] = _ENGINES.get(found["engine"].lower(), found["engine"])
        return found


class MariaDBDescriber(MySQLDescriber):
    """The same where the URL begins with `mariadb`, and so do the options that count."""

    option_names: ClassVar[tuple[str, ...]] = ("mariadb",)


def _options_of(table: Table | None, prefix: str) -> Iterator[tuple[str, Any]]:
    if table is not None and "dialect_options" in vars(table):
        for name, value in table.dialect_kwargs.items():
            dialect, _, option = name.partition("_")
            if dialect == prefix and value is not None:
                yield option_name(option), value


def _depends_on_table(type_: TypeEngine[Any]) -> bool:
    """Whether what becomes of a type depends on the character set of the table."""
    if getattr(type_, "binary", False) is True and not getattr(type_, "charset", None):
        return True
    return getattr(type_, "length", None) is not None and "text" in type(type_).__name__.lower()


def _full_length(type_: str) -> float:
    """How long an indexed part must be to be all of a column."""
    return int(arguments_of(type_)[0]) if base_of(type_) in _SIZED else float("inf")


def _with_implicit_times(columns: tuple[ColumnState, ...]) -> Iterator[ColumnState]:
    """Columns with what a server without `explicit_defaults_for_timestamp` gives to a TIMESTAMP that says nothing."""
    is_first = True
    for column in columns:
        if base_of(column.type) != "timestamp":
            yield column
            continue
        if not (column.nullable or column.default or column.on_update or column.computed):
            digits = "".join(arguments_of(column.type))
            now = f"CURRENT_TIMESTAMP({digits})" if digits else "CURRENT_TIMESTAMP"
            zero = f"'0000-00-00 00:00:00{'.' + '0' * int(digits) if digits else ''}'"
            column = replace(column, default=now if is_first else zero, on_update=now if is_first else None)
        is_first = False
        yield column
