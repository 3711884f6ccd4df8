"""Schema rows: what the schema queries of PostgreSQL answer, put together as states of tables."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from asyncmig.dialects.expressions import without_parentheses
from asyncmig.dialects.sql_text import POSTGRESQL
from asyncmig.operations.base import TableName
from asyncmig.schema import (
    CheckState,
    ColumnState,
    ComputedState,
    ExcludeState,
    ForeignKeyState,
    IdentityState,
    IndexElement,
    IndexState,
    PrimaryKeyState,
    TableState,
    UniqueState,
)
from asyncmig.schema.table import Options

Rows: TypeAlias = Iterable[Sequence[Any]]

_ACTIONS: Final[Mapping[str, str | None]] = {
    "a": None,
    "r": "RESTRICT",
    "c": "CASCADE",
    "n": "SET NULL",
    "d": "SET DEFAULT",
}
_MATCHES: Final[Mapping[str, str | None]] = {"s": None, "f": "FULL", "p": "PARTIAL"}
_NOT_VALID: Final[Options] = (("postgresql_not_valid", True),)
#: The bits that say how an element of an index is sorted.
_DESCENDING, _NULLS_FIRST = 1, 2
#: What stands behind an expression of an index and says how it is compared.
_COLLATION: Final = re.compile(r' COLLATE ((?:"(?:[^"]|"")*"|[\w$]+)(?:\.(?:"(?:[^"]|"")*"|[\w$]+))?)')


@dataclass
class Words:
    """The names of what indexes are made with, by the numbers that the server gave them."""

    #: Each with whether it is the default of its type.
    operator_classes: dict[int, tuple[str, bool]] = field(default_factory=dict)
    collations: dict[int, str] = field(default_factory=dict)
    #: Which type becomes which: `i` by itself, `a` when it is assigned, `e` when that is asked for.
    casts: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Rows) -> Words:
        """The words that a query has read."""
        words = cls()
        for kind, number, name, more in rows:
            if kind == "operator_class":
                words.operator_classes[number] = (name, more == "true")
            elif kind == "collation":
                words.collations[number] = name
            else:
                words.casts[name, more] = kind[-1]
        return words


@dataclass
class _Parts:
    """What belongs to one table."""

    columns: list[ColumnState] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    collations: dict[int, int] = field(default_factory=dict)
    key: PrimaryKeyState | None = None
    uniques: list[UniqueState] = field(default_factory=list)
    foreign_keys: list[ForeignKeyState] = field(default_factory=list)
    checks: list[CheckState] = field(default_factory=list)
    excludes: list[ExcludeState] = field(default_factory=list)
    indexes: list[IndexState] = field(default_factory=list)
    #: Options of the indexes that constraints have made, by number.
    of_constraints: dict[int, Options] = field(default_factory=dict)


class SchemaRows:
    """What the schema queries answer, put together as states of tables.

    Args:
        words: names of what indexes are made with.
    """

    def __init__(self, words: Words) -> None:
        self.words = words
        self._parts: defaultdict[int, _Parts] = defaultdict(_Parts)

    def tables(self, tables: Rows) -> Iterable[TableState]:
        """The tables; after everything that belongs to them has been added."""
        for number, schema, name, persistence, comment, *options in tables:
            parts = self._parts[number]
            yield TableState(
                TableName(name, schema),
                tuple(parts.columns),
                parts.key,
                tuple(parts.uniques),
                tuple(parts.foreign_keys),
                tuple(parts.checks),
                tuple(parts.excludes),
                tuple(parts.indexes),
                comment or None,
                self._table_options(persistence, *options),
            )

    def answers(self, numbers: Iterable[int]) -> Iterable[TableState]:
        """Tables without names, in the order of their numbers."""
        options = (None,) * 6
        return self.tables((number, None, str(number), "p", None, *options) for number in numbers)

    def _table_options(
        self,
        persistence: str,
        options: list[str] | None,
        toast: list[str] | None,
        tablespace: str | None,
        method: str | None,
        partition: str | None,
        inherits: list[str] | None,
    ) -> dict[str, Any]:
        return {
            "postgresql_inherits": tuple(inherits or ()) or None,
            "postgresql_partition_by": partition,
            "postgresql_tablespace": tablespace,
            "postgresql_using": method,
            "postgresql_with": _settings([*(options or ()), *(toast or ())]),
            "prefixes": ("UNLOGGED",) if persistence == "u" else (),
        }

    # -- columns ----------------------------------------------------------------------------------------------------

    def add_columns(self, rows: Rows) -> None:
        """Add the columns of all tables."""
        table, parts = -1, _Parts()
        for (
            number,
            place,
            name,
            type_,
            required,
            expression,
            identity,
            generated,
            collation,
            own,
            note,
            numbers,
        ) in rows:
            if number != table:
                table, parts = number, self._parts[number]
            parts.names[place] = name
            parts.collations[place] = own
            default = computed = None
            if expression is not None:
                if generated:
                    computed = ComputedState(_bare(expression), generated == "s")
                else:
                    # Parentheses around it may be needed.
                    default = expression
            state: IdentityState | None = None
            counted = False
            if numbers is not None:
                if identity:
                    state = identity_state(identity == "a", numbers)
                else:
                    default, counted = None, True
            parts.columns.append(
                ColumnState(name, type_, not required, default, computed, state, counted, None, collation, note or None)
            )

    # -- constraints ------------------------------------------------------------------------------------------------

    def add_constraints(self, rows: Rows) -> None:
        """Add the constraints of all tables; after their columns and indexes."""
        for number, name, kind, key, deferrable, deferred, valid, index, *more in rows:
            parts = self._parts[number]
            columns = tuple([parts.names.get(place, "") for place in key or ()])
            if kind == "p":
                parts.key = PrimaryKeyState(name, columns, parts.of_constraints.get(index, ()))
            elif kind == "u":
                options = parts.of_constraints.get(index, ())
                parts.uniques.append(UniqueState(name, columns, deferrable, deferred, options))
            elif kind == "f":
                parts.foreign_keys.append(_foreign_key(name, columns, deferrable, deferred, valid, more))
            elif kind == "c":
                parts.checks.append(CheckState(name, _bare(more[-2]), () if valid else _NOT_VALID))
            else:
                parts.excludes.append(ExcludeState(name, more[-2].partition("EXCLUDE ")[2]))

    # -- indexes ----------------------------------------------------------------------------------------------------

    def add_indexes(self, rows: Rows) -> None:
        """Add the indexes of all tables; after their columns."""
        for row in rows:
            table, number, name, unique, valid, method, length, key = row[:8]
            predicate, settings, tablespace, nulls, *_, of_constraint = row[13:]
            parts = self._parts[table]
            included = tuple([parts.names.get(place, "") for place in key[length:]])
            options: dict[str, Any] = {
                "postgresql_include": included or None,
                "postgresql_nulls_not_distinct": nulls or None,
            }
            if of_constraint:
                parts.of_constraints[number] = _sorted(options)
                continue
            options["postgresql_tablespace"] = tablespace
            options["postgresql_using"] = None if method == "btree" else method
            options["postgresql_where"] = None if predicate is None else _bare(predicate)
            options["postgresql_with"] = _settings(settings)
            elements = self._elements(parts, row)
            parts.indexes.append(IndexState(name, elements, unique, _sorted(options), valid))

    def _elements(self, parts: _Parts, row: Sequence[Any]) -> tuple[IndexElement, ...]:
        length, key, sorting, classes, collations, expressions = row[6:12]
        # There is none where nothing but columns is indexed.
        definition: str = row[12] or ""
        settings: dict[Any, Any] = dict(zip(row[17] or (), row[18] or (), strict=True))
        elements: list[IndexElement] = []
        end = definition.find("(") + 1
        for place, number in enumerate(key[:length]):
            collation = None
            if number:
                text = parts.names.get(number, "")
                if collations[place] not in (0, parts.collations.get(number)):
                    collation = self.words.collations.get(collations[place])
            else:
                text = expressions[place]
                end = definition.index(text, end) + len(text)
                if found := _COLLATION.match(definition, end):
                    collation = _plain_name(found[1])
                text = _bare(text)
            class_name, is_default = self.words.operator_classes[classes[place]]
            operators = None if is_default else class_name
            if place + 1 in settings:
                operators = f"{class_name} ({settings[place + 1]})"
            descending = bool(sorting[place] & _DESCENDING)
            nulls_first: bool | None = bool(sorting[place] & _NULLS_FIRST)
            if nulls_first == descending:
                nulls_first = None
            elements.append(IndexElement(text, not number, descending, nulls_first, operators, collation))
        return tuple(elements)


def identity_state(always: bool, numbers: Sequence[int]) -> IdentityState:
    """What a column that is GENERATED AS IDENTITY says."""
    start, increment, minimum, maximum, cycle, cache = numbers
    return IdentityState(always, start, increment, minimum, maximum, bool(cycle), cache)


def _foreign_key(
    name: str, columns: tuple[str, ...], deferrable: bool, deferred: bool, valid: bool, more: Sequence[Any]
) -> ForeignKeyState:
    schema, table, remote, onupdate, ondelete, match, set_columns = more[:7]
    action = _ACTIONS[ondelete]
    if action is not None and set_columns:
        action = f"{action} {set_columns}"
    return ForeignKeyState(
        name,
        columns,
        TableName(table, schema),
        tuple(remote),
        _ACTIONS[onupdate],
        action,
        deferrable,
        deferred,
        _MATCHES[match],
        () if valid else _NOT_VALID,
    )


def _bare(expression: str) -> str:
    return without_parentheses(expression, POSTGRESQL) if expression[:1] == "(" else expression


def _settings(options: Iterable[str] | None) -> tuple[tuple[str, str], ...] | None:
    """What stands in WITH, sorted; None for nothing."""
    pairs = (option.partition("=") for option in options or ())
    return tuple(sorted((name, value) for name, _, value in pairs)) or None


def _sorted(options: Mapping[str, Any]) -> Options:
    return tuple([item for item in sorted(options.items()) if item[1] is not None])


def _plain_name(text: str) -> str:
    return text[1:-1].replace('""', '"') if text.startswith('"') and text.count('"') == 2 else text.replace('"', "")
