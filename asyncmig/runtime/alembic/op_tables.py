"""Operation objects of Alembic for tables and rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from sqlalchemy import Constraint, Index, MetaData, Table

from asyncmig._sqlalchemy import is_type_bound
from asyncmig.operations import (
    BulkInsert,
    CreateTable,
    CreateTableComment,
    DropTable,
    DropTableComment,
    Execute,
    RenameTable,
)
from asyncmig.runtime.alembic.op_base import NEEDED, BuiltInOp


def _create_table(table_name: str, columns: Sequence[Any], **options: Any) -> CreateTable:
    given = {name: value for name, value in options.items() if value or name not in ("info", "prefixes")}
    return CreateTable.of(table_name, *columns, **given)


def _drop_table(table_name: str, *, table_kw: Mapping[str, Any] | None = None, **options: Any) -> DropTable:
    return DropTable.of(table_name, **{**(table_kw or {}), **options})


class CreateTableOp(BuiltInOp):
    """Create a table; `columns` holds its columns and constraints, in order."""

    kind, build = CreateTable, staticmethod(_create_table)
    words: ClassVar[Mapping[str, Any]] = {"table_name": NEEDED, "columns": NEEDED}
    options: ClassVar[Mapping[str, Any]] = {
        "schema": None,
        "if_not_exists": None,
        "comment": None,
        "prefixes": (),
        "info": None,
    }
    renamed: ClassVar[Mapping[str, Any]] = {"columns": "items"}

    def _set(self, given: Mapping[str, Any], keywords: Mapping[str, Any]) -> None:
        super()._set({**given, "info": dict(given["info"] or {})}, keywords)

    @classmethod
    def from_table(cls, table: Table, *, _namespace_metadata: MetaData | None = None) -> Self:
        """The object that creates *table*, without its indexes."""
        items = [*table.columns, *sorted(filter(_stands_alone, table.constraints), key=_place)]
        options = {name: value for name, value in table.kwargs.items() if value is not None}
        return cls(
            table.name,
            items,
            schema=table.schema,
            comment=table.comment,
            info=dict(table.info) or None,
            prefixes=tuple(table._prefixes),
            **options,
        )

    def to_table(self, migration_context: Any = None) -> Table:
        """The table as an object of SQLAlchemy."""
        operation: Any = self.operation
        table: Table = operation.to_table(MetaData())
        return table

    def to_diff_tuple(self) -> tuple[str, Table]:
        return "add_table", self.to_table()


class DropTableOp(BuiltInOp):
    """Drop a table."""

    kind, build = DropTable, staticmethod(_drop_table)
    words: ClassVar[Mapping[str, Any]] = {"table_name": NEEDED}
    options: ClassVar[Mapping[str, Any]] = {"schema": None, "if_exists": None, "table_kw": None}

    @classmethod
    def from_table(cls, table: Table, *, _namespace_metadata: MetaData | None = None) -> Self:
        """The object that drops *table*."""
        return cls(table.name, schema=table.schema, _reverse=CreateTableOp.from_table(table))

    def to_table(self, migration_context: Any = None) -> Table:
        """The table as an object of SQLAlchemy; without columns where they are not known."""
        dropped = self._hidden.get("dropped")
        if dropped is None:
            return Table(self.table_name, MetaData(), schema=self.schema)
        table: Table = dropped.to_table(MetaData())
        return table

    def to_diff_tuple(self) -> tuple[str, Table]:
        return "remove_table", self.to_table()


class RenameTableOp(BuiltInOp):
    """Give a table another name."""

    kind, build = RenameTable, RenameTable
    words: ClassVar[Mapping[str, Any]] = {"old_table_name": NEEDED, "new_table_name": NEEDED}
    options: ClassVar[Mapping[str, Any]] = {"schema": None}

    @property
    def table_name(self) -> Any:
        """The name that it has."""
        return self.old_table_name

    @table_name.setter
    def table_name(self, name: str) -> None:
        self.old_table_name = name


class _TableCommentOp(BuiltInOp):
    options: ClassVar[Mapping[str, Any]] = {"existing_comment": None, "schema": None}

    def to_table(self, migration_context: Any = None) -> Table:
        """The table as an object of SQLAlchemy, without columns."""
        return Table(self.table_name, MetaData(), schema=self.schema, comment=self.kw.get("comment"))


class CreateTableCommentOp(_TableCommentOp):
    """Set the comment of a table."""

    kind, build = CreateTableComment, CreateTableComment
    words: ClassVar[Mapping[str, Any]] = {"table_name": NEEDED, "comment": NEEDED}

    def to_table(self, migration_context: Any = None) -> Table:
        return Table(self.table_name, MetaData(), schema=self.schema, comment=self.comment)

    def to_diff_tuple(self) -> tuple[str, Table, str | None]:
        return "add_table_comment", self.to_table(), self.existing_comment


class DropTableCommentOp(_TableCommentOp):
    """Take the comment of a table away."""

    kind, build = DropTableComment, DropTableComment
    words: ClassVar[Mapping[str, Any]] = {"table_name": NEEDED}

    def to_diff_tuple(self) -> tuple[str, Table]:
        return "remove_table_comment", self.to_table()


class BulkInsertOp(BuiltInOp):
    """Insert rows."""

    kind, build = BulkInsert, BulkInsert
    words: ClassVar[Mapping[str, Any]] = {"table": NEEDED, "rows": NEEDED}
    options: ClassVar[Mapping[str, Any]] = {"multiinsert": True}


class ExecuteSQLOp(BuiltInOp):
    """Execute SQL."""

    kind, build = Execute, Execute
    words: ClassVar[Mapping[str, Any]] = {"sqltext": NEEDED}
    options: ClassVar[Mapping[str, Any]] = {"execution_options": None}

    def to_diff_tuple(self) -> tuple[str, Any]:
        return "execute", self.sqltext


def _stands_alone(constraint: Constraint) -> bool:
    """Whether a constraint of a table has to be said besides its columns."""
    has_columns = getattr(constraint, "columns", None)
    return not is_type_bound(constraint) and (has_columns is None or len(has_columns) > 0 or bool(constraint.name))


def _place(item: Constraint | Index) -> int:
    # SQLAlchemy counts what it makes.
    return int(getattr(item, "_creation_order", 0))
