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
from asyncmig.operations.indexes import CreateIndex, DropIndex
from asyncmig.operations.schemas import CreateSchema, DropSchema
from asyncmig.operations.sequences import AlterSequence, CreateSequence, DropSequence
from asyncmig.operations.table_options import AlterTableOptions
from asyncmig.operations.tables import CreateTable, CreateTableComment, DropTable, DropTableComment, RenameTable

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
    "CreateForeignKey",
    "CreateIndex",
    "CreatePrimaryKey",
    "CreateSchema",
    "CreateSequence",
    "CreateTable",
    "CreateTableComment",
    "CreateUniqueConstraint",
    "DropColumn",
    "DropConstraint",
    "DropEnum",
    "DropIndex",
    "DropSchema",
    "DropSequence",
    "DropTable",
    "DropTableComment",
    "Execute",
    "Operation",
    "Recreate",
    "RenameEnumValue",
    "RenameTable",
    "RunPython",
    "TableName",
    "ValidateConstraint",
]
