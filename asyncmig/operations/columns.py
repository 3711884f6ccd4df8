"""Columns: the operations that add, drop and change columns of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from sqlalchemy import Column
from sqlalchemy.types import TypeEngine

from asyncmig.operations.base import HIDDEN, KEYWORDS, Operation, TableName


@dataclass(frozen=True, eq=False)
class AddColumn(Operation[None]):
    """Add *column* to a table.

    Args:
        table_name: the table.
        column: the column; its foreign keys, `index=True` and `unique=True` are created with it.
        schema: the schema of the table.
        if_not_exists: do nothing when the table has such a column.
        inline_references: write a single foreign key into the column definition.
        inline_primary_key: write PRIMARY KEY into the column definition.
        insert_before, insert_after: the neighbour in the order of columns (SQLite, MySQL).
    """

    verb: ClassVar[str] = "add_column"
    table_name: str
    column: Column[Any]
    schema: str | None = field(default=None, kw_only=True)
    if_not_exists: bool | None = field(default=None, kw_only=True)
    inline_references: bool | None = field(default=None, kw_only=True)
    inline_primary_key: bool | None = field(default=None, kw_only=True)
    insert_before: str | None = field(default=None, kw_only=True)
    insert_after: str | None = field(default=None, kw_only=True)

    def tables(self) -> frozenset[TableName]:
        return frozenset({TableName(self.table_name, self.schema)})

    def describe(self) -> str:
        nullable = "" if self.column.nullable else " not null"
        return f"add column {TableName(self.table_name, self.schema)}.{self.column.name} {self.column.type!r}{nullable}"

    def reversed(self) -> DropColumn:
        return DropColumn(self.table_name, self.column.name, schema=self.schema, dropped=self.column)


@dataclass(frozen=True, eq=False)
class DropColumn(Operation[None]):
    """Drop a column.

    Args:
        table_name: the table.
        column_name: the column.
        schema: the schema of the table.
        if_exists: do nothing when there is no such column.
        options: dialect options.
        dropped: the column as it was; known when this is a reversal.
    """

    verb: ClassVar[str] = "drop_column"
    destructive: ClassVar[bool] = True
    table_name: str
    column_name: str
    schema: str | None = field(default=None, kw_only=True)
    if_exists: bool | None = field(default=None, kw_only=True)
    options: Mapping[str, Any] = field(default_factory=dict, kw_only=True, metadata=KEYWORDS)
    dropped: Column[Any] | None = field(default=None, kw_only=True, metadata=HIDDEN)

    @classmethod
    def of(
        cls,
        table_name: str,
        column_name: str,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        **options: Any,
    ) -> DropColumn:
        """Drop the column *column_name* of *table_name*."""
        return cls(table_name, column_name, schema=schema, if_exists=if_exists, options=options)

    def tables(self) -> frozenset[TableName]:
        return frozenset({TableName(self.table_name, self.schema)})

    def describe(self) -> str:
        return f"drop column {TableName(self.table_name, self.schema)}.{self.column_name}"

    def reversed(self) -> Operation[Any]:
        if self.dropped is None:
            return super().reversed()
        return AddColumn(self.table_name, self.dropped, schema=self.schema)


@dataclass(frozen=True, eq=False)
class AlterColumn(Operation[None]):
    """Change a column: its type, nullability, default, comment or name.

    What is not given stays as it is; where a database has to repeat the whole definition (MySQL, a rebuild on
    SQLite), what is not given as `existing_*` is read from it.

    Args:
        table_name: the table.
        column_name: the column, by the name it has now.
        nullable: whether it may be null from now on.
        comment: the new comment; None removes it, False leaves it.
        server_default: the new default (text, SQL expression, `Computed`, `Identity`); None removes it, False leaves
            it.
        new_column_name: the new name.
        type_: the new type.
        existing_type, existing_server_default, existing_nullable, existing_comment: what it is now.
        schema: the schema of the table.
        autoincrement, existing_autoincrement: AUTO_INCREMENT (MySQL).
        postgresql_using: the expression that converts old values to the new type (PostgreSQL).
        insert_before, insert_after: the new neighbour in the order of columns (SQLite, MySQL).
        options: dialect options.
        using_back: the `postgresql_using` of the reverse; known when this comes of a comparison.
    """

    verb: ClassVar[str] = "alter_column"
    table_name: str
    column_name: str
    nullable: bool | None = field(default=None, kw_only=True)
    comment: str | Literal[False] | None = field(default=False, kw_only=True)
    server_default: Any = field(default=False, kw_only=True)
    new_column_name: str | None = field(default=None, kw_only=True)
    type_: TypeEngine[Any] | type[TypeEngine[Any]] | None = field(default=None, kw_only=True)
    existing_type: TypeEngine[Any] | type[TypeEngine[Any]] | None = field(default=None, kw_only=True)
    existing_server_default: Any = field(default=False, kw_only=True)
    existing_nullable: bool | None = field(default=None, kw_only=True)
    existing_comment: str | None = field(default=None, kw_only=True)
    schema: str | None = field(default=None, kw_only=True)
    autoincrement: bool | None = field(default=None, kw_only=True)
    existing_autoincrement: bool | None = field(default=None, kw_only=True)
    postgresql_using: str | None = field(default=None, kw_only=True)
    insert_before: str | None = field(default=None, kw_only=True)
    insert_after: str | None = field(default=None, kw_only=True)
    options: Mapping[str, Any] = field(default_factory=dict, kw_only=True, metadata=KEYWORDS)
    using_back: str | None = field(default=None, kw_only=True, metadata=HIDDEN)

    def __post_init__(self) -> None:
        # There are scripts that give the column as they would to add_column; with nothing else, it changes nothing.
        if isinstance(self.column_name, Column):
            object.__setattr__(self, "column_name", self.column_name.name)

    @classmethod
    def of(
        cls,
        table_name: str,
        column_name: str,
        *,
        nullable: bool | None = None,
        comment: str | Literal[False] | None = False,
        server_default: Any = False,
        new_column_name: str | None = None,
        type_: TypeEngine[Any] | type[TypeEngine[Any]] | None = None,
        existing_type: TypeEngine[Any] | type[TypeEngine[Any]] | None = None,
        existing_server_default: Any = False,
        existing_nullable: bool | None = None,
        existing_comment: str | None = None,
        schema: str | None = None,
        autoincrement: bool | None = None,
        existing_autoincrement: bool | None = None,
        postgresql_using: str | None = None,
        insert_before: str | None = None,
        insert_after: str | None = None,
        **options: Any,
    ) -> AlterColumn:
        """Change the type, nullability, default, comment or name of a column; what is not given stays as it is."""
        return cls(
            table_name,
            column_name,
            nullable=nullable,
            comment=comment,
            server_default=server_default,
            new_column_name=new_column_name,
            type_=type_,
            existing_type=existing_type,
            existing_server_default=existing_server_default,
            existing_nullable=existing_nullable,
            existing_comment=existing_comment,
            schema=schema,
            autoincrement=autoincrement,
            existing_autoincrement=existing_autoincrement,
            postgresql_using=postgresql_using,
            insert_before=insert_before,
            insert_after=insert_after,
            options=options,
        )

    def tables(self) -> frozenset[TableName]:
        return frozenset({TableName(self.table_name, self.schema)})

    def describe(self) -> str:
        changes = []
        if self.type_ is not None:
            kind = self.type_() if isinstance(self.type_, type) else self.type_
            changes.append(f"type {kind!r}")
        if self.nullable is not None:
            changes.append("null" if self.nullable else "not null")
        if self.server_default is not False:
            changes.append("no default" if self.server_default is None else f"default {self.server_default}")
        if self.comment is not False:
            changes.append("no comment" if self.comment is None else "comment")
        if self.autoincrement is not None:
            changes.append("autoincrement" if self.autoincrement else "no autoincrement")
        if self.new_column_name is not None:
            changes.append(f"rename to {self.new_column_name}")
        if self.insert_after or self.insert_before:
            changes.append(
                f"move {'after' if self.insert_after else 'before'} {self.insert_after or self.insert_before}"
            )
        name = f"{TableName(self.table_name, self.schema)}.{self.column_name}"
        return f"alter column {name}: {', '.join(changes) or 'nothing'}"

    def reversed(self) -> Operation[Any]:
        unknown = []
        if self.type_ is not None and self.existing_type is None:
            unknown.append("existing_type")
        if self.server_default is not False and self.existing_server_default is False:
            unknown.append("existing_server_default")
        if unknown or self.insert_before or self.insert_after:
            return super().reversed()
        nullable = self.nullable
        return AlterColumn(
            self.table_name,
            self.new_column_name or self.column_name,
            nullable=None
            if nullable is None
            else (not nullable if self.existing_nullable is None else self.existing_nullable),
            comment=False if self.comment is False else self.existing_comment,
            server_default=False if self.server_default is False else self.existing_server_default,
            new_column_name=self.column_name if self.new_column_name else None,
            type_=None if self.type_ is None else self.existing_type,
            existing_type=self.existing_type if self.type_ is None else self.type_,
            existing_server_default=(
                self.existing_server_default if self.server_default is False else self.server_default
            ),
            existing_nullable=self.existing_nullable if nullable is None else nullable,
            existing_comment=self.existing_comment if self.comment is False else self.comment,
            schema=self.schema,
            autoincrement=None if self.autoincrement is None else bool(self.existing_autoincrement),
            existing_autoincrement=(self.existing_autoincrement if self.autoincrement is None else self.autoincrement),
            postgresql_using=None if self.type_ is None else self.using_back,
            options=self.options,
            using_back=self.postgresql_using,
        )
