"""Operation objects: `alembic.operations.ops`, whose classes scripts and helpers hand to `op.invoke`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from types import SimpleNamespace
from typing import Any, ClassVar

from asyncmig.operations import (
    AddColumn,
    AlterColumn,
    BulkInsert,
    CreateCheckConstraint,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateTable,
    CreateTableComment,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
    DropTableComment,
    Execute,
    Operation,
    RenameTable,
)


class MigrateOperation:
    """The base of operations, of those below and of a project's own kinds."""

    @cached_property
    def info(self) -> dict[Any, Any]:
        """Free data."""
        return {}


class BuiltInOp(MigrateOperation):
    """An operation of Alembic, which holds ours.

    The arguments of its class are those of the word of `op`, and they are its attributes.
    """

    build: ClassVar[Callable[..., Operation[Any]]]

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        self.operation = type(self).build(*arguments, **keywords)

    @classmethod
    def of(cls, operation: Operation[Any]) -> BuiltInOp:
        """The object for an operation of ours."""
        made = cls.__new__(cls)
        made.operation = operation
        return made

    def __getattr__(self, name: str) -> Any:
        if name == "operation" or name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.operation, name)

    def reverse(self) -> MigrateOperation:
        """The operation that undoes this one.

        Raises:
            IrreversibleOperationError: it cannot be known from this one alone.
        """
        reverse = self.operation.reversed()
        return BUILT_IN[type(reverse)].of(reverse)


def _kind(name: str, build: Callable[..., Operation[Any]]) -> type[BuiltInOp]:
    return type(name, (BuiltInOp,), {"build": staticmethod(build), "__module__": __name__, "__doc__": build.__doc__})


def _create_table(table_name: str, columns: Sequence[Any], **options: Any) -> CreateTable:
    hidden = {"_namespace_metadata", "_constraints_included"}
    return CreateTable.of(
        table_name, *columns, **{name: value for name, value in options.items() if name not in hidden}
    )


def _drop_table(table_name: str, *, table_kw: Mapping[str, Any] | None = None, **options: Any) -> DropTable:
    return DropTable.of(table_name, **{**(table_kw or {}), **_public(options)})


def _alter_column(table_name: str, column_name: str, **options: Any) -> AlterColumn:
    renamed = {
        "modify_nullable": "nullable",
        "modify_comment": "comment",
        "modify_server_default": "server_default",
        "modify_name": "new_column_name",
        "modify_type": "type_",
    }
    return AlterColumn.of(table_name, column_name, **{renamed.get(name, name): options[name] for name in options})


def _public(options: Mapping[str, Any]) -> dict[str, Any]:
    """*options* without what an operation only knows for its own reversal."""
    return {name: value for name, value in options.items() if not name.startswith("_")}


def _without_reverse(build: Callable[..., Operation[Any]]) -> Callable[..., Operation[Any]]:
    return lambda *arguments, **options: build(*arguments, **_public(options))


#: The classes of Alembic for our operations.
BUILT_IN: Mapping[type[Operation[Any]], type[BuiltInOp]] = {
    AddColumn: _kind("AddColumnOp", AddColumn),
    AlterColumn: _kind("AlterColumnOp", _alter_column),
    BulkInsert: _kind("BulkInsertOp", BulkInsert),
    CreateCheckConstraint: _kind("CreateCheckConstraintOp", CreateCheckConstraint.of),
    CreateForeignKey: _kind("CreateForeignKeyOp", CreateForeignKey.of),
    CreateIndex: _kind("CreateIndexOp", CreateIndex.of),
    CreatePrimaryKey: _kind("CreatePrimaryKeyOp", CreatePrimaryKey.of),
    CreateTable: _kind("CreateTableOp", _create_table),
    CreateTableComment: _kind("CreateTableCommentOp", CreateTableComment),
    CreateUniqueConstraint: _kind("CreateUniqueConstraintOp", CreateUniqueConstraint.of),
    DropColumn: _kind("DropColumnOp", _without_reverse(DropColumn.of)),
    DropConstraint: _kind("DropConstraintOp", _without_reverse(DropConstraint)),
    DropIndex: _kind("DropIndexOp", _without_reverse(DropIndex.of)),
    DropTable: _kind("DropTableOp", _drop_table),
    DropTableComment: _kind("DropTableCommentOp", DropTableComment),
    Execute: _kind("ExecuteSQLOp", Execute),
    RenameTable: _kind("RenameTableOp", RenameTable),
}


class OpContainer(MigrateOperation):
    """Several operations, which are carried out one after the other."""

    def __init__(self, ops: Iterable[Any] = ()) -> None:
        self.ops = list(ops)

    def is_empty(self) -> bool:
        """Whether there is nothing in it."""
        return not self.ops

    def reverse(self) -> OpContainer:
        """What undoes them, from the last to the first."""
        made = OpContainer.__new__(type(self))
        made.__dict__.update(self.__dict__)
        made.ops = [each.reverse() for each in reversed(self.ops)]
        return made


class ModifyTableOps(OpContainer):
    """Several operations on one table."""

    def __init__(self, table_name: str, ops: Iterable[MigrateOperation], *, schema: str | None = None) -> None:
        super().__init__(ops)
        self.table_name = table_name
        self.schema = schema


class UpgradeOps(OpContainer):
    """The operations of an upgrade."""

    def __init__(self, ops: Iterable[MigrateOperation] = (), upgrade_token: str = "upgrades") -> None:
        super().__init__(ops)
        self.upgrade_token = upgrade_token


class DowngradeOps(OpContainer):
    """The operations of a downgrade."""

    def __init__(self, ops: Iterable[MigrateOperation] = (), downgrade_token: str = "downgrades") -> None:
        super().__init__(ops)
        self.downgrade_token = downgrade_token


def ops_module() -> SimpleNamespace:
    """The names of `alembic.operations.ops`."""
    kinds: dict[str, Any] = {kind.__name__: kind for kind in BUILT_IN.values()}
    containers = (MigrateOperation, OpContainer, ModifyTableOps, UpgradeOps, DowngradeOps)
    return SimpleNamespace(**kinds, **{kind.__name__: kind for kind in containers})
