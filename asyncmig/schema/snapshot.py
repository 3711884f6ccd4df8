"""Snapshot: a whole schema at one moment, as the database has it or as models want it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from asyncmig.operations.base import TableName
from asyncmig.schema.table import TableState
from asyncmig.schema.types import EnumState, SequenceState

_NONE: Mapping[Any, Any] = MappingProxyType({})


class ObjectKey(NamedTuple):
    """What an object beside tables is called.

    Args:
        kind: `view`, `materialized_view`, `function`, `trigger` or `extension`.
        name: its name; that of a function with the types of its arguments: `total(integer, text)`.
        schema: its schema; None for the default one.
        table: the table of a trigger.
    """

    kind: str
    name: str
    schema: str | None = None
    table: str | None = None


@dataclass(frozen=True, slots=True)
class ObjectState:
    """An object beside tables.

    Args:
        key: what it is called.
        definition: what makes it what it is, in the words of the database.
        needs: the tables and objects that it is made of, or may be made of.
        shape: what must stay as it is when it is replaced: the columns of a view, what a function returns; empty
            where that is not known.
        model: the object of `asyncmig.objects` that this describes; what is read from a database has one, too, that
            would make it again.
    """

    key: ObjectKey
    definition: str
    needs: frozenset[TableName | ObjectKey] = field(default=frozenset(), compare=False)
    shape: tuple[str, ...] = field(default=(), compare=False)
    model: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A whole schema at one moment.

    Args:
        default_schema: what the default schema is called; a name in it has the schema None everywhere here.
        schemas: the other schemas that there are.
        tables, enums, sequences, objects: what stands in them.
        warnings: what could not be understood, one sentence each.
    """

    default_schema: str | None = None
    schemas: frozenset[str] = frozenset()
    tables: Mapping[TableName, TableState] = field(default_factory=lambda: _NONE)
    enums: Mapping[TableName, EnumState] = field(default_factory=lambda: _NONE)
    sequences: Mapping[TableName, SequenceState] = field(default_factory=lambda: _NONE)
    objects: Mapping[ObjectKey, ObjectState] = field(default_factory=lambda: _NONE)
    warnings: tuple[str, ...] = ()
