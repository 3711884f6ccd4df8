"""Operations from models: what creates the things that models declare, exactly as `create_all` would."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Table

from asyncmig._sqlalchemy import copy_column, copy_constraint
from asyncmig.operations.base import TableName
from asyncmig.operations.columns import AddColumn
from asyncmig.operations.indexes import CreateIndex
from asyncmig.operations.tables import CreateTable
from asyncmig.schema import ColumnState, IndexState, TableState


def create_table(table: TableState) -> Iterator[CreateTable | CreateIndex]:
    """What creates a table, then its indexes."""
    model: Table = table.model
    columns = [plain_column(column) for column in table.columns]
    parts: list[Any] = [*table.uniques, *table.foreign_keys, *table.checks, *table.excludes]
    constraints = [copy_constraint(part.model) for part in parts if part.model is not None]
    yield CreateTable(
        table.name.name,
        (*columns, *constraints),
        schema=table.name.schema,
        comment=model.comment,
        options=dict(model.dialect_kwargs),
    )
    for index in table.indexes:
        yield create_index(table.name, index)


def plain_column(column: ColumnState) -> Column[Any]:
    """A copy of a column, without what operations of their own create: its indexes and unique constraints."""
    copied = copy_column(column.model)
    copied.index = copied.unique = None
    return copied


def create_index(table: TableName, index: IndexState) -> CreateIndex:
    """What creates an index."""
    model = index.model
    columns = [item.name if isinstance(item, Column) else item for item in model.expressions]
    return CreateIndex(
        index.name,
        table.name,
        columns,
        schema=table.schema,
        unique=index.unique,
        options=dict(model.dialect_kwargs),
    )


def add_column(table: TableName, column: ColumnState) -> AddColumn:
    """What adds a column to a table that is there."""
    return AddColumn(table.name, plain_column(column), schema=table.schema)
