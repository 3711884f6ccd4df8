"""PostgreSQLDescriber: tables of SQLAlchemy in the words of PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Final

from sqlalchemy import BigInteger, Column, Enum, Index, Sequence, SmallInteger, Table
from sqlalchemy.dialects.postgresql import ENUM, ExcludeConstraint
from sqlalchemy.schema import Constraint, Identity
from sqlalchemy.types import TypeDecorator, TypeEngine

from asyncmig._plain import has_dialect_options
from asyncmig._sqlalchemy import table_prefixes
from asyncmig.dialects.describing import Describer
from asyncmig.dialects.expressions import without_parentheses
from asyncmig.dialects.postgresql_words import default_words, type_words
from asyncmig.operations.base import TableName
from asyncmig.schema import ComputedState, EnumState, ExcludeState, IdentityState, IndexElement, SequenceState

#: How many bytes a name may have; what is longer is cut off.
_LONGEST: Final = 63
#: Up to so many characters a name fits, whatever they are.
_SURE: Final = _LONGEST // 4
#: The greatest number of each type that counts.
_GREATEST: Final[Mapping[str, int]] = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
_SET_COLUMNS: Final = re.compile(r"(SET (?:NULL|DEFAULT)) ?\((.*)\)", re.IGNORECASE)
_QUOTED: Final = r'(?:"(?:[^"]|"")+"|[A-Za-z_][\w$]*)'
_NAME: Final = re.compile(_QUOTED)
_COLLATED: Final = re.compile(rf"(.*) COLLATE ({_QUOTED}(?:\.{_QUOTED})?)", re.DOTALL)
_NO_OPERATORS: Final[Mapping[str, str]] = MappingProxyType({})
#: From this version on a computed column keeps nothing unless that is asked for.
_VIRTUAL: Final = 18
#: Options that say how something is made and not what it is.
_NOT_KEPT: Final = frozenset({"concurrently", "ops", "invalid", "ignore_search_path", "on_commit", "with_oids"})


class PostgreSQLDescriber(Describer):
    """Tables of SQLAlchemy in the words of PostgreSQL."""

    option_names: ClassVar[tuple[str, ...]] = ("postgresql",)

    def identifier(self, name: str) -> str:
        if getattr(name, "quote", None) is False:
            name = name.lower()
        if len(name) > _SURE and len(encoded := name.encode()) > _LONGEST:
            return encoded[:_LONGEST].decode(errors="ignore")
        return str(name)

    # -- columns ----------------------------------------------------------------------------------------------------

    def type_text(self, type_: TypeEngine[Any], column: Column[Any]) -> tuple[str, str | None]:
        process: Any = self.dialect.type_compiler_instance.process
        preparer = self.dialect.identifier_preparer
        text: str = process(type_, type_expression=column, identifier_preparer=preparer)
        text, _, collation = text.partition(" COLLATE ")
        if self.default_schema is not None:
            text = text.removeprefix(f"{preparer.quote_schema(self.default_schema)}.")
        return type_words(text), _collation(collation)

    def computed(self, column: Column[Any]) -> ComputedState:
        state = super().computed(column)
        if column.computed is None or column.computed.persisted is not None:
            return state
        version = getattr(self.dialect, "server_version_info", None)
        return ComputedState(state.expression, version is None or version < (_VIRTUAL,))

    def default(self, column: Column[Any], type_: str) -> str | None:
        text = super().default(column, type_)
        return None if text is None else default_words(text, type_)

    def autoincrement(self, column: Column[Any], table: Table) -> bool:
        """Whether it is created as SERIAL."""
        if not column.primary_key or column.identity is not None or column is not table.autoincrement_column:
            return False
        default = column.default
        return default is None or (isinstance(default, Sequence) and default.optional)

    def type(self, column: Column[Any]) -> tuple[str, str | None]:
        if column.primary_key and self.autoincrement(column, column.table):
            return self._serial(column.type), None
        return super().type(column)

    def _serial(self, type_: TypeEngine[Any]) -> str:
        implementation = type_.dialect_impl(self.dialect)
        if isinstance(implementation, TypeDecorator):
            implementation = implementation.impl_instance
        if isinstance(implementation, BigInteger):
            return "bigint"
        return "smallint" if isinstance(implementation, SmallInteger) else "integer"

    def identity(self, column: Column[Any], type_: str) -> IdentityState | None:
        identity = column.identity
        assert identity is not None
        return IdentityState(bool(identity.always), *_numbers(identity, type_))

    # -- constraints and indexes ------------------------------------------------------------------------------------

    def action(self, words: str | None) -> str | None:
        if words is not None and (found := _SET_COLUMNS.fullmatch(" ".join(words.split()))):
            # The names of columns have their own case.
            columns = ", ".join(column.strip() for column in found[2].split(","))
            return f"{found[1].upper()} ({columns})"
        return super().action(words)

    def other_constraint(self, constraint: Constraint) -> Any:
        if not isinstance(constraint, ExcludeConstraint):
            return None
        text = str(self.compiler.process(constraint))
        return ExcludeState(self.name(constraint), text.partition("EXCLUDE ")[2], constraint)

    def element(self, expression: Any, index: Index) -> IndexElement:
        element = super().element(expression, index)
        ops: Mapping[str, str] = _NO_OPERATORS
        if has_dialect_options(index):
            ops = index.dialect_kwargs.get("postgresql_ops") or _NO_OPERATORS
        key = getattr(expression, "key", None)
        operators = ops[key] if key is not None and key in ops else None
        text, is_expression, collation = element.text, element.is_expression, None
        if is_expression:
            if found := _COLLATED.fullmatch(text):
                text, collation = without_parentheses(found[1], self.rules), _collation(found[2])
            if _NAME.fullmatch(text):
                # The server takes it for the column, whatever stands around it.
                text, is_expression = text[1:-1].replace('""', '"') if text[0] == '"' else text.lower(), False
        elif operators is None:
            return element
        return IndexElement(text, is_expression, element.descending, element.nulls_first, operators, collation)

    # -- options ----------------------------------------------------------------------------------------------------

    def table_options(self, table: Table) -> dict[str, Any]:
        options = dict(super().table_options(table))
        options["prefixes"] = ("UNLOGGED",) if "UNLOGGED" in map(str.upper, table_prefixes(table)) else ()
        return options

    def option(self, item: Constraint | Index | Table, name: str, value: Any) -> Any:
        if name in _NOT_KEPT:
            return None
        if name == "include":
            names = [column if isinstance(column, str) else column.key for column in value or ()]
            columns: Any = item.table.c if not isinstance(item, Table) else item.c  # type: ignore[union-attr]
            return tuple([self.identifier(columns[key].name) for key in names]) or None
        if name == "with":
            return tuple(sorted((key, _setting(given)) for key, given in value.items())) or None
        if name == "inherits":
            return (value,) if isinstance(value, str) else tuple(value or ()) or None
        if name == "using":
            return None if not value or (isinstance(item, Index) and value.lower() == "btree") else value.lower()
        if name == "where" and isinstance(value, str):
            return value
        if name == "tablespace" and value == "pg_default":
            return None
        return super().option(item, name, value)

    # -- beside tables ----------------------------------------------------------------------------------------------

    def enum(self, enum: Enum) -> EnumState | None:
        """An enumerated type that stands beside tables."""
        implementation = enum.dialect_impl(self.dialect)
        if not isinstance(implementation, ENUM) or implementation.name is None:
            return None
        name = TableName(self.identifier(implementation.name), self.schema(implementation.schema))
        return EnumState(name, tuple(map(str, implementation.enums)), enum)

    def sequence(self, sequence: Sequence) -> SequenceState:
        """A sequence."""
        type_ = "bigint"
        if sequence.data_type is not None:
            type_ = type_words(self.dialect.type_compiler_instance.process(sequence.data_type))
        name = TableName(self.identifier(sequence.name), self.schema(sequence.schema))
        return SequenceState(name, type_, *_numbers(sequence, type_), model=sequence)


def _numbers(options: Identity | Sequence, type_: str) -> tuple[int, int, int, int, bool, int]:
    """Start, increment, minimum, maximum, cycle and cache, with what the server takes where nothing is said."""
    increment = 1 if options.increment is None else options.increment
    greatest = _GREATEST.get(type_, _GREATEST["bigint"])
    least = -greatest - 1
    minimum = options.minvalue if options.minvalue is not None else (1 if increment > 0 else least)
    maximum = options.maxvalue if options.maxvalue is not None else (greatest if increment > 0 else -1)
    start = options.start if options.start is not None else (minimum if increment > 0 else maximum)
    return start, increment, minimum, maximum, bool(options.cycle), 1 if options.cache is None else options.cache


def _collation(text: str) -> str | None:
    """The name of a collation without what is so anyway."""
    text = text.replace('"', "").removeprefix("pg_catalog.")
    return None if text in ("", "default") else text


def _setting(value: Any) -> str:
    """An option of WITH as the server keeps it."""
    if value is None or isinstance(value, bool):
        return "false" if value is False else "true"
    return str(value).strip("'")
