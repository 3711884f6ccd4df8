"""Operations: changes to a database as frozen data."""

from asyncmig.operations.alter_table import AlterTable, Recreate
from asyncmig.operations.base import Call, Operation, TableName
from asyncmig.operations.columns import AddColumn, AlterColumn, DropColumn
from asyncmig.operations.constraints import (
    CreateCheckConstraint,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreatePrimaryKey,
    CreateUniqueConstraint,
    DropConstraint,
    ValidateConstraint,
)
from asyncmig.operations.data import BulkInsert, Execute, RunPython
from asyncmig.operations.enums import AddEnumValue, AlterEnum, CreateEnum, DropEnum, RenameEnumValue
from asyncmig.operations.extensions import CreateExtension, DropExtension
from asyncmig.operations.functions import CreateFunction, DropFunction, ReplaceFunction
from asyncmig.operations.indexes import CreateIndex, DropIndex
from asyncmig.operations.schemas import CreateSchema, DropSchema
from asyncmig.operations.sequences import AlterSequence, CreateSequence, DropSequence
from asyncmig.operations.table_options import AlterTableOptions
from asyncmig.operations.tables import CreateTable, CreateTableComment, DropTable, DropTableComment, RenameTable
from asyncmig.operations.triggers import CreateTrigger, DropTrigger, ReplaceTrigger
from asyncmig.operations.views import (
    CreateMaterializedView,
    CreateView,
    DropMaterializedView,
    DropView,
    RefreshMaterializedView,
    ReplaceMaterializedView,
    ReplaceView,
)

__all__ = [
    "AddColumn",
    "AddEnumValue",
    "AlterColumn",
    "AlterEnum",
    "AlterSequence",
    "AlterTable",
    "AlterTableOptions",
    "BulkInsert",
    "Call",
    "CreateCheckConstraint",
    "CreateEnum",
    "CreateExcludeConstraint",
    "CreateExtension",
    "CreateForeignKey",
    "CreateFunction",
    "CreateIndex",
    "CreateMaterializedView",
    "CreatePrimaryKey",
    "CreateSchema",
    "CreateSequence",
    "CreateTable",
    "CreateTableComment",
    "CreateTrigger",
    "CreateUniqueConstraint",
    "CreateView",
    "DropColumn",
    "DropConstraint",
    "DropEnum",
    "DropExtension",
    "DropFunction",
    "DropIndex",
    "DropMaterializedView",
    "DropSchema",
    "DropSequence",
    "DropTable",
    "DropTableComment",
    "DropTrigger",
    "DropView",
    "Execute",
    "Operation",
    "Recreate",
    "RefreshMaterializedView",
    "RenameEnumValue",
    "RenameTable",
    "ReplaceFunction",
    "ReplaceMaterializedView",
    "ReplaceTrigger",
    "ReplaceView",
    "RunPython",
    "TableName",
    "ValidateConstraint",
]
