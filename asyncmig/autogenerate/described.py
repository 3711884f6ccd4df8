"""Description: all that models want of a database, as a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from sqlalchemy import Enum, MetaData, Table
from sqlalchemy import Sequence as SchemaSequence

from asyncmig._sqlalchemy import sequences_of
from asyncmig.autogenerate.pacing import Pace
from asyncmig.autogenerate.types_used import enums_on, may_hold_enum
from asyncmig.dialects.catalogue import Catalogue
from asyncmig.errors import DuplicateTableError
from asyncmig.objects import SchemaObject, objects_of
from asyncmig.operations.base import TableName
from asyncmig.schema import EnumState, ObjectKey, ObjectState, Scope, SequenceState, Snapshot, TableState

Item = TypeVar("Item", Table, SchemaSequence)


def schemas_of(models: Iterable[MetaData]) -> list[str | None]:
    """The schemas that models use, sorted."""
    used = {table.schema for metadata in models for table in metadata.tables.values()}
    used |= {sequence.schema for metadata in models for sequence in sequences_of(metadata)}
    used |= {each.schema for metadata in models for each in objects_of(metadata) if each.kind != "extension"}
    return sorted(used, key=lambda name: name or "")


def kinds_of(models: Iterable[MetaData]) -> frozenset[str]:
    """The kinds of objects beside tables that models declare."""
    return frozenset(each.kind for metadata in models for each in objects_of(metadata))


async def describe(models: Sequence[MetaData], catalogue: Catalogue, scope: Scope) -> Snapshot:
    """What models want, in the words of a database whose `default_schema` is known.

    Args:
        models: the models; what several `MetaData` declare is wanted together.
        catalogue: the words of the database.
        scope: what is looked at.

    Raises:
        DuplicateTableError: two of them declare the same table.
    """
    pace = Pace()
    described = _Description(catalogue, scope)
    for metadata in models:
        for declared in objects_of(metadata):
            described.add_object(declared)
            await pace()
    for metadata in models:
        for table in _by_name(metadata.tables.values()):
            described.add_table(table)
            await pace()
        for sequence in _by_name(sequences_of(metadata)):
            described.add_sequence(sequence)
    return described.snapshot()


class _Description:
    def __init__(self, catalogue: Catalogue, scope: Scope) -> None:
        self._catalogue = catalogue
        self._scope = scope
        self._tables: dict[TableName, TableState] = {}
        self._enums: dict[TableName, EnumState] = {}
        self._sequences: dict[TableName, SequenceState] = {}
        self._objects: dict[ObjectKey, ObjectState] = {}
        self._warnings: list[str] = []

    def snapshot(self) -> Snapshot:
        """All that was added."""
        used = [name.schema for name in (*self._tables, *self._enums, *self._sequences)]
        used += [key.schema for key in self._objects]
        schemas = frozenset(schema for schema in used if schema)
        default = self._catalogue.default_schema
        return Snapshot(
            default, schemas, self._tables, self._enums, self._sequences, self._objects, tuple(self._warnings)
        )

    def add_table(self, table: Table) -> None:
        """A table, with the enumerated types of its columns."""
        name = self._named(table)
        if not self._scope.has_table(name):
            return
        if any(ObjectKey(kind, *name) in self._objects for kind in ("view", "materialized_view")):
            # It only says how the rows of the view are mapped.
            return
        state = self._catalogue.describe(table)
        if state.name in self._tables:
            raise DuplicateTableError(table=str(state.name))
        self._tables[state.name] = state
        if self._catalogue.traits.enums:
            for column in table.columns:
                if may_hold_enum(column.type):
                    for enum in enums_on(column.type, self._catalogue.adapter.dialect):
                        self._add_enum(enum)

    def add_sequence(self, sequence: SchemaSequence) -> None:
        """A sequence, unless the database does without it."""
        dialect = self._catalogue.adapter.dialect
        if not self._catalogue.traits.sequences or (sequence.optional and dialect.sequences_optional):
            return
        state = self._catalogue.describe_sequence(sequence)
        if state is not None and self._has(state.name, "sequence"):
            self._sequences[state.name] = state

    def add_object(self, declared: SchemaObject) -> None:
        """A view, function, trigger or extension, unless it is for other databases."""
        state = self._catalogue.describe_object(declared)
        if state is None:
            return
        key = state.key
        if not self._scope.has(key.name, key.kind, schema_name=key.schema, table_name=key.table):
            return
        other = self._objects.setdefault(key, state)
        if other is not state:
            self._warnings.append(
                f"Models declare the {key.kind.replace('_', ' ')} {key.name} twice; the first counts."
            )

    def _add_enum(self, enum: Enum) -> None:
        state = self._catalogue.describe_enum(enum)
        if state is None or not self._has(state.name, "enum"):
            return
        other = self._enums.setdefault(state.name, state)
        if other != state:
            self._warnings.append(f"Models give the enum {state.name} different values; the first ones count.")

    def _has(self, name: TableName, kind: str) -> bool:
        return self._scope.has(name.name, kind, schema_name=name.schema)

    def _named(self, table: Table) -> TableName:
        schema = None if table.schema == self._catalogue.default_schema else table.schema
        return TableName(table.name, schema)


def _by_name(items: Iterable[Item]) -> list[Item]:
    """Tables and sequences in an order that does not depend on how they were declared."""
    return sorted(items, key=lambda item: (item.schema or "", item.name))
