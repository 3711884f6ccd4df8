"""Blocks: the changes to one table together, where a database would have to rebuild it for each of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from asyncmig.autogenerate.changes import Change, Unit
from asyncmig.autogenerate.order import ordered
from asyncmig.operations.alter_table import AlterTable
from asyncmig.operations.base import Operation, TableName
from asyncmig.operations.columns import AddColumn, AlterColumn, DropColumn
from asyncmig.operations.constraints import (
    CreateCheckConstraint,
    CreateForeignKey,
    CreatePrimaryKey,
    CreateUniqueConstraint,
    DropConstraint,
)
from asyncmig.operations.indexes import CreateIndex, DropIndex
from asyncmig.operations.table_options import AlterTableOptions

_REBUILDING: Final = (
    DropColumn,
    AlterColumn,
    CreatePrimaryKey,
    CreateUniqueConstraint,
    CreateForeignKey,
    CreateCheckConstraint,
    DropConstraint,
    AlterTableOptions,
)
_IN_BLOCKS: Final = (*_REBUILDING, AddColumn, CreateIndex, DropIndex)


async def in_blocks(units: Iterable[Unit]) -> list[Unit]:
    """*units* with all changes to a table in one block, where several of them would each rebuild it."""
    kept: list[Unit] = []
    tables: dict[TableName, list[Unit]] = {}
    for unit in units:
        table = _table(unit)
        if table is None:
            kept.append(unit)
        else:
            tables.setdefault(table, []).append(unit)
    for table, changes in tables.items():
        operations = [operation for unit in changes for operation in unit]
        rebuilding = sum(isinstance(operation, _REBUILDING) for operation in operations)
        # What a table may have in it depends on its options (STRICT), before and after.
        optioned = len(operations) > 1 and any(isinstance(operation, AlterTableOptions) for operation in operations)
        if rebuilding > 1 or optioned:
            kept.append(await _block(table, changes))
        else:
            kept += changes
    return kept


def _table(unit: Unit) -> TableName | None:
    """The table that a unit changes and nothing else, by operations that can stand in a block."""
    tables = {_changed(operation) for operation in unit}
    return next(iter(tables)) if len(tables) == 1 else None


def _changed(operation: Operation[Any]) -> TableName | None:
    if not isinstance(operation, _IN_BLOCKS) or (isinstance(operation, AlterColumn) and operation.new_column_name):
        return None
    if isinstance(operation, CreateForeignKey):
        return operation.table
    return next(iter(operation.tables()), None)


async def _block(table: TableName, units: list[Unit]) -> Unit:
    changes = [change for unit in await ordered(units) for change in unit.changes]
    operations = tuple(change.operation for change in changes)
    notes = tuple(note for change in changes for note in change.notes)
    return Unit((Change(AlterTable(table.name, operations, schema=table.schema), notes),))
