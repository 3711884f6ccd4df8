"""Operation objects: `alembic.operations.ops`, whose classes scripts hand to `op.invoke` and hooks change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

from asyncmig.operations import Operation
from asyncmig.runtime.alembic.op_base import BuiltInOp, MigrateOperation, OwnOp
from asyncmig.runtime.alembic.op_columns import AddColumnOp, AlterColumnOp, DropColumnOp
from asyncmig.runtime.alembic.op_containers import (
    DowngradeOps,
    MigrationScript,
    ModifyTableOps,
    OpContainer,
    UpgradeOps,
)
from asyncmig.runtime.alembic.op_keys import (
    AddConstraintOp,
    CreateCheckConstraintOp,
    CreateExcludeConstraintOp,
    CreateForeignKeyOp,
    CreateIndexOp,
    CreatePrimaryKeyOp,
    CreateUniqueConstraintOp,
    DropConstraintOp,
    DropIndexOp,
)
from asyncmig.runtime.alembic.op_tables import (
    BulkInsertOp,
    CreateTableCommentOp,
    CreateTableOp,
    DropTableCommentOp,
    DropTableOp,
    ExecuteSQLOp,
    RenameTableOp,
)

__all__ = [
    "BUILT_IN",
    "AddColumnOp",
    "AddConstraintOp",
    "AlterColumnOp",
    "BuiltInOp",
    "BulkInsertOp",
    "CreateCheckConstraintOp",
    "CreateExcludeConstraintOp",
    "CreateForeignKeyOp",
    "CreateIndexOp",
    "CreatePrimaryKeyOp",
    "CreateTableCommentOp",
    "CreateTableOp",
    "CreateUniqueConstraintOp",
    "DowngradeOps",
    "DropColumnOp",
    "DropConstraintOp",
    "DropIndexOp",
    "DropTableCommentOp",
    "DropTableOp",
    "ExecuteSQLOp",
    "MigrateOperation",
    "MigrationScript",
    "ModifyTableOps",
    "OpContainer",
    "RenameTableOp",
    "UpgradeOps",
    "op_of",
    "ops_module",
]

#: The classes of Alembic for our operations.
BUILT_IN: Mapping[type[Operation[Any]], type[BuiltInOp]] = {
    op.kind: op
    for op in (
        AddColumnOp,
        AlterColumnOp,
        BulkInsertOp,
        CreateCheckConstraintOp,
        CreateExcludeConstraintOp,
        CreateForeignKeyOp,
        CreateIndexOp,
        CreatePrimaryKeyOp,
        CreateTableCommentOp,
        CreateTableOp,
        CreateUniqueConstraintOp,
        DropColumnOp,
        DropConstraintOp,
        DropIndexOp,
        DropTableCommentOp,
        DropTableOp,
        ExecuteSQLOp,
        RenameTableOp,
    )
}
_CONTAINERS = (MigrateOperation, OpContainer, ModifyTableOps, UpgradeOps, DowngradeOps, MigrationScript)


def op_of(operation: Operation[Any]) -> BuiltInOp | OwnOp:
    """The object of Alembic for an operation of ours; one of our own kind where Alembic has none."""
    kind = BUILT_IN.get(type(operation))
    return OwnOp(operation) if kind is None else kind.of(operation)


def ops_module() -> SimpleNamespace:
    """The names of `alembic.operations.ops`."""
    kinds: Iterable[type[MigrateOperation]] = (*BUILT_IN.values(), AddConstraintOp, *_CONTAINERS)
    return SimpleNamespace(**{kind.__name__: kind for kind in kinds})
