"""Description: all that models want of a database, as a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import ARRAY, Enum, MetaData, Table
from sqlalchemy.types import TypeDecorator, TypeEngine

from asyncmig.autogenerate.pacing import Pace
from asyncmig.dialects.catalogue import Catalogue
from asyncmig.errors import DuplicateTableError
from asyncmig.operations.base import TableName
from asyncmig.schema import EnumState, Scope, Snapshot, TableState


def schemas_of(models: Iterable[MetaData]) -> list[str | None]:
    """The schemas that models use, sorted."""
    used = {table.schema for metadata in models for table in metadata.tables.values()}
    return sorted(used, key=lambda name: name or "")


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
    tables: dict[TableName, TableState] = {}
    enums: dict[TableName, EnumState] = {}
    for table in _tables(models):
        name = _in_default(TableName(table.name, table.schema), catalogue)
        if not scope.has_table(name):
            continue
        if name in tables:
            raise DuplicateTableError(table=str(name))
        tables[name] = catalogue.describe(table)
        if catalogue.traits.enums:
            enums.update(_enums(table, catalogue))
        await pace()
    schemas = frozenset(name.schema for name in (*tables, *enums) if name.schema)
    return Snapshot(catalogue.default_schema, schemas, tables, enums)


def _tables(models: Sequence[MetaData]) -> Iterator[Table]:
    """All tables, in an order that does not depend on how they were declared."""
    for metadata in models:
        yield from sorted(metadata.tables.values(), key=lambda table: (table.schema or "", table.name))


def _in_default(name: TableName, catalogue: Catalogue) -> TableName:
    return TableName(name.name) if name.schema == catalogue.default_schema else name


def _enums(table: Table, catalogue: Catalogue) -> Iterator[tuple[TableName, EnumState]]:
    for column in table.columns:
        for enum in _enums_in(column.type, catalogue):
            if (state := catalogue.describe_enum(enum)) is not None:
                yield state.name, state


def _enums_in(type_: TypeEngine[object], catalogue: Catalogue) -> Iterator[Enum]:
    implementation = type_.dialect_impl(catalogue.adapter.dialect)
    if isinstance(type_, Enum):
        yield type_
    elif isinstance(implementation, TypeDecorator):
        yield from _enums_in(implementation.impl_instance, catalogue)
    elif isinstance(implementation, ARRAY):
        yield from _enums_in(implementation.item_type, catalogue)
