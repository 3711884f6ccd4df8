"""FakeCatalogue: a database that is nothing but models, so that comparing can be tried without a server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Connection, MetaData, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from asyncmig.autogenerate import Diff, Filters, Questioner, Renames, diff, from_models
from asyncmig.autogenerate.described import describe
from asyncmig.dialects.catalogue import Catalogue, CatalogueTraits
from asyncmig.dialects.describing import Describer
from asyncmig.dialects.postgresql import PostgreSQLAdapter
from asyncmig.operations import Execute, Operation
from asyncmig.operations.base import TableName
from asyncmig.schema import (
    ColumnState,
    EnumState,
    IdentityState,
    IndexState,
    ObjectKey,
    ObjectState,
    Scope,
    SequenceState,
    Snapshot,
    TableState,
)

ALL = CatalogueTraits(enums=True, sequences=True, schemas=True, computed_in_place=False)


class _Describer(Describer):
    option_names = ("postgresql",)

    def autoincrement(self, column: Column[Any], table: Table) -> bool:
        return column is table._autoincrement_column and column.identity is None

    def identity(self, column: Column[Any], type_: str) -> IdentityState | None:
        given: Any = column.identity
        return IdentityState(bool(given.always), given.start or 1, given.increment or 1)


class FakeCatalogue(Catalogue):
    """A database that is nothing but models.

    Args:
        there: the models that stand for what the database has.
        traits: what it can do.
        invalid_indexes: indexes that a failed build has left behind.
        objects: objects beside tables.
        schemas: schemas without tables.
    """

    traits = ALL

    def __init__(
        self,
        there: MetaData | Sequence[MetaData] = (),
        *,
        traits: CatalogueTraits = ALL,
        invalid_indexes: Sequence[str] = (),
        objects: Sequence[ObjectState] = (),
        schemas: Sequence[str] = (),
    ) -> None:
        super().__init__(PostgreSQLAdapter(postgresql.dialect()))
        self.there = [there] if isinstance(there, MetaData) else list(there)
        self.traits = traits  # type: ignore[misc]
        self.invalid = frozenset(invalid_indexes)
        self.beside = {state.key: state for state in objects}
        self.schemas = frozenset(schemas)
        self.describer = _Describer(self.adapter)
        self.restored = 0
        #: What models want beside tables, whatever they declare.
        self.wanted_objects: dict[ObjectKey, ObjectState] = {}

    async def read(self, connection: Connection, scope: Scope) -> Snapshot:
        self.default_schema = self.describer.default_schema = "public"
        found = await describe(self.there, self, replace(scope, include_name=None))
        tables = {name: self._read(table) for name, table in found.tables.items() if scope.has_table(name)}
        return replace(found, tables=tables, objects=self.beside, schemas=found.schemas | self.schemas)

    def _read(self, table: TableState) -> TableState:
        # Names that the models leave out are given by the database.
        name, key = table.name.name, table.primary_key
        return replace(
            table,
            primary_key=None if key is None else replace(key, name=key.name or f"{name}_pkey"),
            uniques=tuple(replace(each, name=each.name or f"{name}_{each.columns[0]}_key") for each in table.uniques),
            foreign_keys=tuple(
                replace(each, name=each.name or f"{name}_{each.columns[0]}_fkey") for each in table.foreign_keys
            ),
            checks=tuple(
                replace(each, name=each.name or f"{name}_{each.expression[0]}_check") for each in table.checks
            ),
            indexes=tuple(replace(each, valid=each.name not in self.invalid) for each in table.indexes),
        )

    async def align(self, connection: Connection, wanted: Snapshot, live: Snapshot) -> Snapshot:
        return replace(wanted, objects=self.wanted_objects)

    def describe(self, table: Table) -> TableState:
        return self.describer.describe(table)

    def describe_enum(self, enum: sa.Enum) -> EnumState | None:
        schema = None if enum.schema == self.default_schema else enum.schema
        return EnumState(TableName(str(enum.name), schema), tuple(enum.enums), enum) if enum.native_enum else None

    def describe_sequence(self, sequence: sa.Sequence) -> SequenceState | None:
        name = TableName(sequence.name, sequence.schema)
        return SequenceState(name, start=sequence.start or 1, increment=sequence.increment or 1, model=sequence)

    def type_of(self, column: ColumnState, live: Snapshot) -> TypeEngine[Any]:
        return self.column_of(column, live).type

    def column_of(self, column: ColumnState, live: Snapshot) -> Column[Any]:
        self.restored += 1
        made = from_models.added_column(column)
        made.name = made.key = column.name
        return made

    def table_operations(self, table: TableState, live: Snapshot) -> Sequence[Operation[Any]]:
        self.restored += 1
        return [
            from_models.create_table(table),
            *(from_models.create_index(table.name, each) for each in table.indexes),
        ]

    def part_operation(self, table: TableState, part: Any, live: Snapshot) -> Operation[Any]:
        if isinstance(part, IndexState):
            columns = [sa.text(each.text) if each.is_expression else each.text for each in part.elements]
            return replace(from_models.create_index(table.name, part), columns=columns)
        return from_models.create_constraint(table.name, part, part.name, self.adapter.expression)

    def cast(self, old: ColumnState, new: ColumnState) -> str | None:
        return None if "CHAR" in new.type else f"{new.name}::{new.type}"

    def object_operations(self, old: ObjectState | None, new: ObjectState | None) -> Sequence[Operation[Any]]:
        verb = "replace" if old and new else "create" if new else "drop"
        state = new or old
        assert state is not None
        return [Execute(f"{verb} {state.key.name}")]


async def compared(
    there: MetaData | FakeCatalogue,
    wanted: MetaData | Sequence[MetaData],
    *,
    filters: Filters | None = None,
    renames: Renames | None = None,
    questioner: Questioner | None = None,
) -> Diff:
    """What makes of *there* what is *wanted*."""
    catalogue = there if isinstance(there, FakeCatalogue) else FakeCatalogue(there)
    # Nobody asks it anything.
    connection: Any = object()
    return await diff(connection, catalogue, wanted, filters=filters, renames=renames, questioner=questioner)


def described(found: Diff) -> list[str]:
    """The operations of a diff in words."""
    return [operation.describe() for operation in found.operations]


def undone(found: Diff) -> list[str]:
    """What undoes a diff, in words."""
    return [operation.describe() for operation in found.undone()]


def models(*tables: tuple[str, Sequence[Any]], **options: Any) -> MetaData:
    """Models of a few tables, each with an `id` besides what is given."""
    metadata = MetaData(**options)
    for name, items in tables:
        keyed = any(isinstance(item, Column) and item.primary_key for item in items)
        key = [] if keyed else [Column("id", sa.Integer, primary_key=True)]
        Table(name, metadata, *key, *items)
    return metadata
