"""Comparing: models with the database of a connection, and the say that a hook of Alembic has in what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, MetaData

from asyncmig.autogenerate import Change, Diff, Filters, Renames, diff
from asyncmig.compat.alembic.compare_options import choices
from asyncmig.compat.alembic.directives import downgrade_ops, operations_of, upgrade_ops
from asyncmig.dialects.registry import adapter_class, catalogue_of
from asyncmig.operations import Operation, TableName
from asyncmig.runtime.alembic.op_containers import MigrationScript
from asyncmig.state.tables import JOURNAL_TABLE, LOCK_TABLE, LOG_TABLE

__all__ = ["compare_on", "metadata_of", "revise_with"]


def metadata_of(given: Any) -> list[MetaData]:
    """The metadata of `target_metadata`: none, one or several."""
    return [given] if isinstance(given, MetaData) else list(given or ())


def revise_with(
    process: Callable[..., Any], context: Any
) -> Callable[[Sequence[Operation[Any]]], Sequence[Operation[Any]]]:
    """What lets `process_revision_directives` have its say in operations that are only shown."""

    def revise(operations: Sequence[Operation[Any]]) -> Sequence[Operation[Any]]:
        changes = [Change(operation) for operation in operations]
        directives = [MigrationScript(None, upgrade_ops(changes), downgrade_ops(changes))]
        process(context, (), directives)
        left = (ops for one in directives for ops in one.upgrade_ops_list)
        return [operation for ops in left for operation in operations_of(ops.ops)]

    return revise


async def compare_on(connection: Connection, metadata: Any, options: Mapping[str, Any], context: Any) -> Diff:
    """What makes of the database of a program's own connection what models want.

    Args:
        connection: the connection, of any driver.
        metadata: the models.
        options: what the context was made with.
        context: what functions get.
    """
    adapter = adapter_class(connection.dialect)(connection.dialect)
    schema = options.get("version_table_schema")
    if schema == connection.dialect.default_schema_name:
        schema = None
    names = {options.get("version_table") or "alembic_version", LOG_TABLE, JOURNAL_TABLE, LOCK_TABLE}
    filters = Filters(
        leave_out=frozenset(TableName(name, schema) for name in names), context=context, **choices(options, context)
    )
    # As in Alembic, whoever gives another name to something sees it dropped and added.
    renames = Renames.parse([], accept_loss=True)
    return await diff(connection, catalogue_of(adapter), metadata_of(metadata), filters=filters, renames=renames)
