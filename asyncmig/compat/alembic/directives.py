"""Directives: what a comparison has found, as the objects that hooks of Alembic get, and what they make of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from asyncmig.autogenerate import Change
from asyncmig.compat.alembic.plain_words import Item, in_plain_words
from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.errors import IrreversibleOperationError
from asyncmig.operations import (
    AlterTable,
    CreateTable,
    DropTable,
    Execute,
    Operation,
    RenameTable,
    TableName,
)
from asyncmig.runtime.alembic.op_base import BuiltInOp, MigrateOperation, OwnOp
from asyncmig.runtime.alembic.op_containers import DowngradeOps, ModifyTableOps, OpContainer, UpgradeOps
from asyncmig.runtime.alembic.ops import op_of

__all__ = ["NoOp", "block_of", "downgrade_ops", "notes_of", "operations_of", "planned_block", "upgrade_ops"]

#: An attribute of an operation: what whoever reads the revision should know, one sentence each.
_NOTES = "_asyncmig_notes"
#: An attribute of a `ModifyTableOps`: the block that the database needs, as it was planned.
_BLOCK = "_asyncmig_block"
#: Operations on tables that stand by themselves.
_ALONE = (CreateTable, DropTable, Execute, RenameTable)


def upgrade_ops(
    changes: Iterable[Change], token: str = "upgrades", *, adapter: DialectAdapter | None = None
) -> UpgradeOps:
    """The operations of an upgrade.

    Args:
        changes: what was found.
        token: what the template calls their source.
        adapter: says in SQL what Alembic has no word for; without it, that stays as it is.
    """
    items: Iterable[Item] = ((change.operation, change.notes) for change in changes)
    return UpgradeOps(_grouped(items if adapter is None else in_plain_words(items, adapter)), token)


def downgrade_ops(
    changes: Sequence[Change], token: str = "downgrades", *, adapter: DialectAdapter | None = None
) -> DowngradeOps:
    """The operations that take an upgrade back; the arguments are those of `upgrade_ops`."""
    items = _undone(changes)
    return DowngradeOps(_grouped(items if adapter is None else in_plain_words(items, adapter)), token)


def _undone(changes: Sequence[Change]) -> Iterator[Item]:
    """The operations that undo *changes*; None for what cannot be undone, with the reason."""
    for change in reversed(changes):
        try:
            yield from ((operation, ()) for operation in change.undone())
        except IrreversibleOperationError:
            yield None, [f"Not reversed: {' '.join(change.operation.describe().split())}"]


def _grouped(operations: Iterable[Item]) -> Iterator[Any]:
    """The objects for *operations*; those on one table that follow each other are together, as in Alembic."""
    group: ModifyTableOps | None = None
    for operation, notes in operations:
        table = None if operation is None else _table(operation)
        made = [] if operation is None else list(_objects(operation))
        if not made:
            made = [NoOp()]
        setattr(made[0], _NOTES, tuple(notes))
        if table is None or operation is None:
            group = None
            yield from made
            continue
        block = operation if isinstance(operation, AlterTable) else None
        if group is None or block or planned_block(group) or (group.table_name, group.schema) != tuple(table):
            group = ModifyTableOps(table.name, schema=table.schema)
            if block is not None:
                setattr(group, _BLOCK, block)
            yield group
        group.ops += made


def _objects(operation: Operation[Any]) -> Iterator[Any]:
    parts = operation.operations if isinstance(operation, AlterTable) else (operation,)
    yield from map(op_of, parts)


def _table(operation: Operation[Any]) -> TableName | None:
    """The table whose operations this one belongs to; None where it stands by itself."""
    if isinstance(operation, AlterTable):
        return operation.table
    if isinstance(operation, _ALONE) or isinstance(op_of(operation), OwnOp):
        return None
    name = getattr(operation, "table_name", None) or getattr(operation, "source_table", None)
    schema = getattr(operation, "schema", None) or getattr(operation, "source_schema", None)
    return None if name is None else TableName(name, schema)


class NoOp(MigrateOperation):
    """Stands where something cannot be undone, which a comment says."""

    def reverse(self) -> NoOp:
        """The same."""
        return self


def notes_of(one: Any) -> tuple[str, ...]:
    """What whoever reads the revision should know of an operation, one sentence each."""
    notes: tuple[str, ...] = getattr(one, _NOTES, ())
    return notes


def planned_block(one: Any) -> AlterTable | None:
    """The block that the database needs for operations on one table, as it was planned; None where it needs none."""
    block: AlterTable | None = getattr(one, _BLOCK, None)
    return block


def operations_of(ops: Iterable[Any]) -> Iterator[Operation[Any]]:
    """Operations of ours for objects of Alembic; those of a block that the database needs are in one."""
    for one in ops:
        block = planned_block(one)
        if block is not None:
            yield block_of(one, block)
        elif isinstance(one, OpContainer):
            yield from operations_of(one.ops)
        elif isinstance(one, Operation):
            yield one
        elif isinstance(one, BuiltInOp | OwnOp):
            yield one.operation


def block_of(ops: ModifyTableOps, block: AlterTable | None = None) -> AlterTable:
    """The block with what is in *ops*.

    Args:
        ops: the operations on the table.
        block: the block as it was planned, for its options.
    """
    operations = tuple(operations_of(ops.ops))
    if block is None:
        return AlterTable(ops.table_name, operations, schema=ops.schema)
    options = {name: value for name, value in block.call().keywords.items() if name not in ("operations", "schema")}
    return AlterTable(ops.table_name, operations, schema=ops.schema, **options)
