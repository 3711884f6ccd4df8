"""TableState: a table with its columns, constraints and indexes, as plain values.

The same shapes describe what a database has and what models want. Every text in them is in the words of the database
that is looked at, so that two states are the same when they compare equal; `model` is left out of the comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

from asyncmig.operations.base import TableName

#: Options under the names of SQLAlchemy's arguments (`postgresql_using`, `mysql_engine`, ...), sorted by name.
Options: TypeAlias = tuple[tuple[str, Any], ...]

_NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ComputedState:
    """A column whose values are computed.

    Args:
        expression: the expression, without parentheses around it.
        stored: whether the values are kept.
    """

    expression: str
    stored: bool


@dataclass(frozen=True, slots=True)
class IdentityState:
    """A column that is GENERATED AS IDENTITY; every option has its value, also where it is the default.

    Args:
        always: ALWAYS; else BY DEFAULT.
        start, increment, minimum, maximum, cycle, cache: the options of its sequence.
    """

    always: bool
    start: int = 1
    increment: int = 1
    minimum: int | None = None
    maximum: int | None = None
    cycle: bool = False
    cache: int = 1


@dataclass(frozen=True, slots=True)
class ColumnState:
    """A column.

    Args:
        name: its name.
        type: its type, without its collation.
        nullable: whether it may be null.
        default: the expression of its default; None where there is none, or where *autoincrement* or *identity* says
            what it is.
        computed, identity: what makes its values.
        autoincrement: whether the database counts its values up (SERIAL, AUTO_INCREMENT; SQLite: AUTOINCREMENT).
        on_update: the expression of ON UPDATE (MySQL).
        collation: its collation where that is not the default of the place it stands in.
        comment: its comment; None for an empty one, too.
        model: the column of SQLAlchemy that this describes.
        options: dialect options; what is the default of the database is left out.
    """

    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    computed: ComputedState | None = None
    identity: IdentityState | None = None
    autoincrement: bool = False
    on_update: str | None = None
    collation: str | None = None
    comment: str | None = None
    model: Any = field(default=None, compare=False, repr=False)
    options: Options = ()


@dataclass(frozen=True, slots=True)
class PrimaryKeyState:
    """A primary key: its name (None: not given, or not kept by the database), and its columns in order."""

    name: str | None
    columns: tuple[str, ...]
    options: Options = ()
    model: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class UniqueState:
    """A unique constraint: its name (None: not given), and its columns in order."""

    name: str | None
    columns: tuple[str, ...]
    deferrable: bool = False
    initially_deferred: bool = False
    options: Options = ()
    model: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ForeignKeyState:
    """A foreign key.

    Args:
        name: its name (None: not given).
        columns: the columns that refer.
        referent: the table that is referred to, by the same kind of name as the key of its state.
        referent_columns: the columns that are referred to.
        onupdate, ondelete: in upper case; None for NO ACTION (and for what the database does the same for).
        deferrable, initially_deferred: when it is checked.
        match: in upper case; None for SIMPLE.
        options: dialect options.
    """

    name: str | None
    columns: tuple[str, ...]
    referent: TableName
    referent_columns: tuple[str, ...]
    onupdate: str | None = None
    ondelete: str | None = None
    deferrable: bool = False
    initially_deferred: bool = False
    match: str | None = None
    options: Options = ()
    model: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CheckState:
    """A CHECK constraint: its name (None: not given), and its condition without parentheses around it."""

    name: str | None
    expression: str
    options: Options = ()
    model: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ExcludeState:
    """An EXCLUDE constraint: its name (None: not given), and all of its definition behind the word EXCLUDE."""

    name: str | None
    definition: str
    model: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class IndexElement:
    """One element of an index.

    Args:
        text: the name of a column, or an expression without parentheses around it.
        is_expression: which of the two it is.
        descending: DESC.
        nulls_first: NULLS FIRST; None where it is what the direction means anyway.
        operator_class: where it is not the default of the type.
        collation: where it is not that of the column.
        length: how much of the text is indexed (MySQL).
    """

    text: str
    is_expression: bool = False
    descending: bool = False
    nulls_first: bool | None = None
    operator_class: str | None = None
    collation: str | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class IndexState:
    """An index.

    Args:
        name: its name.
        elements: what is indexed, in order.
        unique: whether it forbids duplicates.
        options: dialect options; what is the default of the database is left out.
        valid: False for one that a failed build has left behind (PostgreSQL).
    """

    name: str
    elements: tuple[IndexElement, ...]
    unique: bool = False
    options: Options = ()
    valid: bool = field(default=True, compare=False)
    model: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TableState:
    """A table.

    Args:
        name: its name, and its schema (None: the default one).
        columns: its columns, in order.
        primary_key, uniques, foreign_keys, checks, excludes: its constraints.
        indexes: its indexes, without those that constraints have made.
        comment: its comment; None for an empty one, too.
        options: dialect options under SQLAlchemy's names (`mysql_engine`, `sqlite_strict`, ...). In what models want
            stands only what they say; in what the database has, all that it could say.
        model: the `Table` of SQLAlchemy that this describes.
    """

    name: TableName
    columns: tuple[ColumnState, ...]
    primary_key: PrimaryKeyState | None = None
    uniques: tuple[UniqueState, ...] = ()
    foreign_keys: tuple[ForeignKeyState, ...] = ()
    checks: tuple[CheckState, ...] = ()
    excludes: tuple[ExcludeState, ...] = ()
    indexes: tuple[IndexState, ...] = ()
    comment: str | None = None
    options: Mapping[str, Any] = field(default_factory=lambda: _NO_OPTIONS)
    model: Any = field(default=None, compare=False, repr=False)

    def column(self, name: str) -> ColumnState | None:
        """The column *name*."""
        return next((column for column in self.columns if column.name == name), None)
