"""Operation objects of Alembic for columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from sqlalchemy import Column
from sqlalchemy.types import NULLTYPE

from asyncmig._sqlalchemy import copy_item
from asyncmig.operations import AddColumn, AlterColumn, DropColumn
from asyncmig.runtime.alembic.op_base import NEEDED, BuiltInOp


class AddColumnOp(BuiltInOp):
    """Add a column."""

    kind, build = AddColumn, AddColumn
    words: ClassVar[Mapping[str, Any]] = {"table_name": NEEDED, "column": NEEDED}
    options: ClassVar[Mapping[str, Any]] = {
        "schema": None,
        "if_not_exists": None,
        "inline_references": None,
        "inline_primary_key": None,
    }

    @classmethod
    def from_column(cls, col: Column[Any]) -> Self:
        """The object that adds a column of a table to that."""
        return cls(col.table.name, copy_item(col), schema=getattr(col.table, "schema", None))

    @classmethod
    def from_column_and_tablename(cls, schema: str | None, tname: str, col: Column[Any]) -> Self:
        """The object that adds a column to a table of that name."""
        return cls(tname, col if col.table is None else copy_item(col), schema=schema)

    def to_column(self) -> Column[Any]:
        """The column."""
        column: Column[Any] = self.column
        return column

    def to_diff_tuple(self) -> tuple[str, str | None, str, Column[Any]]:
        return "add_column", self.schema, self.table_name, self.column


class DropColumnOp(BuiltInOp):
    """Drop a column."""

    kind, build = DropColumn, DropColumn.of
    words: ClassVar[Mapping[str, Any]] = {"table_name": NEEDED, "column_name": NEEDED}
    options: ClassVar[Mapping[str, Any]] = {"schema": None, "if_exists": None}

    @staticmethod
    def _dropped(reverse: Any) -> Any:
        return reverse.column

    @classmethod
    def from_column_and_tablename(cls, schema: str | None, tname: str, col: Column[Any]) -> Self:
        """The object that drops a column of a table of that name."""
        return cls(tname, col.name, schema=schema, _reverse=AddColumnOp.from_column_and_tablename(schema, tname, col))

    def to_column(self, migration_context: Any = None) -> Column[Any]:
        """The column; without a type where that is not known."""
        dropped: Column[Any] | None = self._hidden.get("dropped")
        return Column(self.column_name, NULLTYPE) if dropped is None else dropped

    def to_diff_tuple(self) -> tuple[str, str | None, str, Column[Any]]:
        return "remove_column", self.schema, self.table_name, self.to_column()


class AlterColumnOp(BuiltInOp):
    """Change a column; what does not change is None, or False where None says something."""

    kind, build = AlterColumn, AlterColumn.of
    words: ClassVar[Mapping[str, Any]] = {"table_name": NEEDED, "column_name": NEEDED}
    options: ClassVar[Mapping[str, Any]] = {
        "schema": None,
        "existing_type": None,
        "existing_server_default": False,
        "existing_nullable": None,
        "existing_comment": None,
        "modify_nullable": None,
        "modify_comment": False,
        "modify_server_default": False,
        "modify_name": None,
        "modify_type": None,
    }
    renamed: ClassVar[Mapping[str, Any]] = {
        "modify_nullable": "nullable",
        "modify_comment": "comment",
        "modify_server_default": "server_default",
        "modify_name": "new_column_name",
        "modify_type": "type_",
    }

    def has_changes(self) -> bool:
        """Whether anything changes."""
        return (
            any(getattr(self, name) is not None for name in ("modify_nullable", "modify_name", "modify_type"))
            or any(getattr(self, name) is not False for name in ("modify_server_default", "modify_comment"))
            or any(name.startswith("modify_") for name in self.kw)
        )

    def to_diff_tuple(self) -> list[tuple[Any, ...]]:
        existing = {
            "type": ("existing_type", self.existing_type, self.modify_type, None),
            "nullable": ("existing_nullable", self.existing_nullable, self.modify_nullable, None),
            "default": (
                "existing_server_default",
                self.existing_server_default,
                self.modify_server_default,
                False,
            ),
            "comment": ("existing_comment", self.existing_comment, self.modify_comment, False),
        }
        found: list[tuple[Any, ...]] = []
        for what, (word, old, new, unchanged) in existing.items():
            if new is not unchanged:
                others = {name: value for name, value, _, _ in existing.values() if name != word}
                found.append((f"modify_{what}", self.schema, self.table_name, self.column_name, others, old, new))
        return found
