"""Tables: the operations that create, drop, rename and describe whole tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlalchemy import Column, MetaData, Table
from sqlalchemy.schema import SchemaItem

from asyncmig._sqlalchemy import TableParts, add_referents, copy_item, deferred_stand_in, stand_in
from asyncmig.operations.base import HIDDEN, KEYWORDS, SPREAD, Operation, TableName


@dataclass(frozen=True, eq=False)
class CreateTable(Operation[Table]):
    """Create a table with its columns, constraints and indexes.

    Args:
        table_name: the name.
        items: columns, constraints and indexes.
        if_not_exists: do nothing when a table of this name exists.
        schema: the schema it goes into.
        comment: its comment.
        prefixes: words between CREATE and TABLE, such as `TEMPORARY`.
        info: free data for the returned `Table`.
        options: dialect options (`mysql_engine`, `sqlite_autoincrement`, ...) and other arguments of `Table`.
    """

    verb: ClassVar[str] = "create_table"
    table_name: str
    items: tuple[SchemaItem, ...] = field(metadata=SPREAD)
    if_not_exists: bool | None = field(default=None, kw_only=True)
    schema: str | None = field(default=None, kw_only=True)
    comment: str | None = field(default=None, kw_only=True)
    prefixes: Sequence[str] = field(default=(), kw_only=True)
    info: Mapping[str, Any] | None = field(default=None, kw_only=True)
    options: Mapping[str, Any] = field(default_factory=dict, kw_only=True, metadata=KEYWORDS)

    @classmethod
    def of(
        cls,
        table_name: str,
        *columns: SchemaItem,
        if_not_exists: bool | None = None,
        schema: str | None = None,
        comment: str | None = None,
        prefixes: Sequence[str] = (),
        info: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> CreateTable:
        """Create the table *table_name* with *columns* (columns, constraints and indexes); returns a `Table`."""
        return cls(
            table_name,
            columns,
            if_not_exists=if_not_exists,
            schema=schema,
            comment=comment,
            prefixes=prefixes,
            info=info,
            options=options,
        )

    def tables(self) -> frozenset[TableName]:
        return frozenset({TableName(self.table_name, self.schema)})

    def describe(self) -> str:
        columns = [item.name for item in self.items if isinstance(item, Column)]
        return f"create table {TableName(self.table_name, self.schema)} ({', '.join(map(str, columns))})"

    def reversed(self) -> DropTable:
        return DropTable(self.table_name, schema=self.schema, dropped=self)

    def result(self, outcome: Any = None) -> Table:
        # The adapter has made one already, and nothing else uses it.
        return outcome if isinstance(outcome, Table) else self.to_table(MetaData())

    def to_table(self, metadata: MetaData) -> Table:
        """The table as SQLAlchemy's object in *metadata*, made of copies; tables it refers to are stood in for."""
        items, options = self._parts()
        table = stand_in(self.table_name, self.schema, metadata, *items, **options)
        add_referents(table)
        return table

    def to_deferred_table(self, metadata: MetaData) -> Table:
        """The same table, which is made only when somebody looks at it."""
        return deferred_stand_in(self.table_name, self.schema, metadata, self._parts)

    def _parts(self) -> TableParts:
        """Copies of the items, and the options, of which the table is made."""
        items = [copy_item(item) for item in self.items if item is not None]
        options = dict(self.options)
        for name in ("comment", "prefixes", "info"):
            if value := getattr(self, name):
                options[name] = list(value) if name == "prefixes" else value
        return items, options


@dataclass(frozen=True, eq=False)
class DropTable(Operation[None]):
    """Drop a table.

    Args:
        table_name: the name.
        schema: the schema it is in.
        if_exists: do nothing when there is no such table.
        options: dialect options.
        dropped: the operation that would create it again; known when this is a reversal.
    """

    verb: ClassVar[str] = "drop_table"
    destructive: ClassVar[bool] = True
    table_name: str
    schema: str | None = field(default=None, kw_only=True)
    if_exists: bool | None = field(default=None, kw_only=True)
    options: Mapping[str, Any] = field(default_factory=dict, kw_only=True, metadata=KEYWORDS)
    dropped: CreateTable | None = field(default=None, kw_only=True, metadata=HIDDEN)

    @classmethod
    def of(
        cls, table_name: str, *, schema: str | None = None, if_exists: bool | None = None, **options: Any
    ) -> DropTable:
        """Drop the table *table_name*."""
        return cls(table_name, schema=schema, if_exists=if_exists, options=options)

    def tables(self) -> frozenset[TableName]:
        return frozenset({TableName(self.table_name, self.schema)})

    def describe(self) -> str:
        return f"drop table {TableName(self.table_name, self.schema)}"

    def reversed(self) -> Operation[Any]:
        return self.dropped or super().reversed()


@dataclass(frozen=True, eq=False)
class RenameTable(Operation[None]):
    """Give a table another name in the same schema.

    Args:
        old_table_name: the name it has.
        new_table_name: the name it gets.
        schema: the schema it is in and stays in.
    """

    verb: ClassVar[str] = "rename_table"
    old_table_name: str
    new_table_name: str
    schema: str | None = field(default=None, kw_only=True)

    def tables(self) -> frozenset[TableName]:
        return frozenset({TableName(self.old_table_name, self.schema), TableName(self.new_table_name, self.schema)})

    def describe(self) -> str:
        return f"rename table {TableName(self.old_table_name, self.schema)} to {self.new_table_name}"

    def reversed(self) -> RenameTable:
        return RenameTable(self.new_table_name, self.old_table_name, schema=self.schema)


@dataclass(frozen=True, eq=False)
class CreateTableComment(Operation[None]):
    """Set the comment of a table.

    Args:
        table_name: the table.
        comment: the comment; None removes it.
        existing_comment: the comment it has, for the reversal.
        schema: the schema it is in.
    """

    verb: ClassVar[str] = "create_table_comment"
    table_name: str
    comment: str | None
    existing_comment: str | None = field(default=None, kw_only=True)
    schema: str | None = field(default=None, kw_only=True)

    def tables(self) -> frozenset[TableName]:
        return frozenset({TableName(self.table_name, self.schema)})

    def describe(self) -> str:
        return f"comment on table {TableName(self.table_name, self.schema)}"

    def reversed(self) -> Operation[Any]:
        if self.existing_comment is None:
            return DropTableComment(self.table_name, existing_comment=self.comment, schema=self.schema)
        return CreateTableComment(
            self.table_name, self.existing_comment, existing_comment=self.comment, schema=self.schema
        )


@dataclass(frozen=True, eq=False)
class DropTableComment(Operation[None]):
    """Remove the comment of a table.

    Args:
        table_name: the table.
        existing_comment: the comment it has, for the reversal.
        schema: the schema it is in.
    """

    verb: ClassVar[str] = "drop_table_comment"
    table_name: str
    existing_comment: str | None = field(default=None, kw_only=True)
    schema: str | None = field(default=None, kw_only=True)

    def tables(self) -> frozenset[TableName]:
        return frozenset({TableName(self.table_name, self.schema)})

    def describe(self) -> str:
        return f"remove the comment on table {TableName(self.table_name, self.schema)}"

    def reversed(self) -> Operation[Any]:
        if self.existing_comment is None:
            return super().reversed()
        return CreateTableComment(self.table_name, self.existing_comment, schema=self.schema)
