"""Constraints: the operations that create, validate and drop constraints of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias

from sqlalchemy import ColumnElement, TextClause

from asyncmig.operations.base import HIDDEN, KEYWORDS, SPREAD, Operation, TableName

Condition: TypeAlias = str | TextClause | ColumnElement[bool]


def _named(kind: str, name: str | None, table: TableName) -> str:
    return f"add {kind} {name} on {table}" if name else f"add {kind} on {table}"


class _CreateConstraint(Operation[None]):
    """What the operations that create a constraint share: which table, and the reverse."""

    kind: ClassVar[str]
    constraint_name: str | None
    schema: str | None

    @property
    def table(self) -> TableName:
        """The table that gets the constraint."""
        return TableName(self.table_name, self.schema)  # type: ignore[attr-defined]

    def tables(self) -> frozenset[TableName]:
        return frozenset({self.table})

    def reversed(self) -> Operation[Any]:
        if self.constraint_name is None:
            return super().reversed()
        table = self.table
        return DropConstraint(self.constraint_name, table.name, self.kind, schema=table.schema, dropped=self)


@dataclass(frozen=True, eq=False)
class CreatePrimaryKey(_CreateConstraint):
    """Add a primary key.

    Args:
        constraint_name: the name; None lets the naming convention or the database decide.
        table_name: the table.
        columns: its columns, in order.
        schema: the schema of the table.
        options: dialect options.
    """

    verb: ClassVar[str] = "create_primary_key"
    kind: ClassVar[str] = "primary"
    constraint_name: str | None
    table_name: str
    columns: Sequence[str]
    schema: str | None = field(default=None, kw_only=True)
    options: Mapping[str, Any] = field(default_factory=dict, kw_only=True, metadata=KEYWORDS)

    @classmethod
    def of(
        cls,
        constraint_name: str | None,
        table_name: str,
        columns: Sequence[str],
        *,
        schema: str | None = None,
        **options: Any,
    ) -> CreatePrimaryKey:
        """Add a primary key on *columns* of *table_name*."""
        return cls(constraint_name, table_name, columns, schema=schema, options=options)

    def describe(self) -> str:
        return f"{_named('primary key', self.constraint_name, self.table)} ({', '.join(self.columns)})"


@dataclass(frozen=True, eq=False)
class CreateUniqueConstraint(_CreateConstraint):
    """Add a unique constraint.

    Args:
        constraint_name: the name; None lets the naming convention or the database decide.
        table_name: the table.
        columns: its columns, in order.
        schema: the schema of the table.
        deferrable, initially: when it is checked.
        options: dialect options (`postgresql_nulls_not_distinct`, `postgresql_include`, ...).
    """

    verb: ClassVar[str] = "create_unique_constraint"
    kind: ClassVar[str] = "unique"
    constraint_name: str | None
    table_name: str
    columns: Sequence[str]
    schema: str | None = field(default=None, kw_only=True)
    deferrable: bool | None = field(default=None, kw_only=True)
    initially: str | None = field(default=None, kw_only=True)
    options: Mapping[str, Any] = field(default_factory=dict, kw_only=True, metadata=KEYWORDS)

    @classmethod
    def of(
        cls,
        constraint_name: str | None,
        table_name: str,
        columns: Sequence[str],
        *,
        schema: str | None = None,
        deferrable: bool | None = None,
        initially: str | None = None,
        **options: Any,
    ) -> CreateUniqueConstraint:
        """Add a unique constraint on *columns* of *table_name*."""
        return cls(
            constraint_name,
            table_name,
            columns,
            schema=schema,
            deferrable=deferrable,
            initially=initially,
            options=options,
        )

    def describe(self) -> str:
        return f"{_named('unique constraint', self.constraint_name, self.table)} ({', '.join(self.columns)})"


@dataclass(frozen=True, eq=False)
class CreateForeignKey(_CreateConstraint):
    """Add a foreign key.

    Args:
        constraint_name: the name; None lets the naming convention or the database decide.
        source_table: the table that refers.
        referent_table: the table that is referred to.
        local_cols: the columns that refer.
        remote_cols: the columns that are referred to.
        onupdate, ondelete: what happens to the referring rows, such as `CASCADE`.
        deferrable, initially: when it is checked.
        match: MATCH option.
        source_schema, referent_schema: the schemas of the two tables.
        options: dialect options (`postgresql_not_valid`) and `use_alter`, which changes nothing here.
    """

    verb: ClassVar[str] = "create_foreign_key"
    kind: ClassVar[str] = "foreignkey"
    constraint_name: str | None
    source_table: str
    referent_table: str
    local_cols: Sequence[str]
    remote_cols: Sequence[str]
    onupdate: str | None = field(default=None, kw_only=True)
    ondelete: str | None = field(default=None, kw_only=True)
    deferrable: bool | None = field(default=None, kw_only=True)
    initially: str | None = field(default=None, kw_only=True)
    match: str | None = field(default=None, kw_only=True)
    source_schema: str | None = field(default=None, kw_only=True)
    referent_schema: str | None = field(default=None, kw_only=True)
    options: Mapping[str, Any] = field(default_factory=dict, kw_only=True, metadata=KEYWORDS)

    @classmethod
    def of(
        cls,
        constraint_name: str | None,
        source_table: str,
        referent_table: str,
        local_cols: Sequence[str],
        remote_cols: Sequence[str],
        *,
        onupdate: str | None = None,
        ondelete: str | None = None,
        deferrable: bool | None = None,
        initially: str | None = None,
        match: str | None = None,
        source_schema: str | None = None,
        referent_schema: str | None = None,
        **options: Any,
    ) -> CreateForeignKey:
        """Add a foreign key from *local_cols* of *source_table* to *remote_cols* of *referent_table*."""
        return cls(
            constraint_name,
            source_table,
            referent_table,
            local_cols,
            remote_cols,
            onupdate=onupdate,
            ondelete=ondelete,
            deferrable=deferrable,
            initially=initially,
            match=match,
            source_schema=source_schema,
            referent_schema=referent_schema,
            options=options,
        )

    @property
    def table(self) -> TableName:
        return TableName(self.source_table, self.source_schema)

    @property
    def referent(self) -> TableName:
        """The table that is referred to."""
        return TableName(self.referent_table, self.referent_schema)

    def tables(self) -> frozenset[TableName]:
        return frozenset({self.table, self.referent})

    def describe(self) -> str:
        source = f"{_named('foreign key', self.constraint_name, self.table)} ({', '.join(self.local_cols)})"
        return f"{source} to {self.referent} ({', '.join(self.remote_cols)})"


@dataclass(frozen=True, eq=False)
class CreateCheckConstraint(_CreateConstraint):
    """Add a CHECK constraint.

    Args:
        constraint_name: the name; None lets the naming convention or the database decide.
        table_name: the table.
        condition: SQL text or an expression.
        schema: the schema of the table.
        deferrable, initially: when it is checked.
        options: dialect options (`postgresql_not_valid`).
    """

    verb: ClassVar[str] = "create_check_constraint"
    kind: ClassVar[str] = "check"
    constraint_name: str | None
    table_name: str
    condition: Condition
    schema: str | None = field(default=None, kw_only=True)
    deferrable: bool | None = field(default=None, kw_only=True)
    initially: str | None = field(default=None, kw_only=True)
    options: Mapping[str, Any] = field(default_factory=dict, kw_only=True, metadata=KEYWORDS)

    @classmethod
    def of(
        cls,
        constraint_name: str | None,
        table_name: str,
        condition: Condition,
        *,
        schema: str | None = None,
        deferrable: bool | None = None,
        initially: str | None = None,
        **options: Any,
    ) -> CreateCheckConstraint:
        """Add a CHECK constraint with *condition* to *table_name*."""
        return cls(
            constraint_name,
            table_name,
            condition,
            schema=schema,
            deferrable=deferrable,
            initially=initially,
            options=options,
        )

    def describe(self) -> str:
        return f"{_named('check constraint', self.constraint_name, self.table)} ({self.condition})"


@dataclass(frozen=True, eq=False)
class CreateExcludeConstraint(_CreateConstraint):
    """Add an EXCLUDE constraint (PostgreSQL).

    Args:
        constraint_name: the name; None lets the naming convention or the database decide.
        table_name: the table.
        elements: pairs of an expression or column name and an operator.
        where: the condition of a partial constraint.
        using: the index method.
        deferrable, initially: when it is checked.
        schema: the schema of the table.
        options: dialect options (`ops`, ...).
    """

    verb: ClassVar[str] = "create_exclude_constraint"
    kind: ClassVar[str] = "exclude"
    constraint_name: str | None
    table_name: str
    elements: tuple[tuple[Any, str], ...] = field(metadata=SPREAD)
    where: Condition | None = field(default=None, kw_only=True)
    using: str | None = field(default=None, kw_only=True)
    deferrable: bool | None = field(default=None, kw_only=True)
    initially: str | None = field(default=None, kw_only=True)
    schema: str | None = field(default=None, kw_only=True)
    options: Mapping[str, Any] = field(default_factory=dict, kw_only=True, metadata=KEYWORDS)

    @classmethod
    def of(
        cls,
        constraint_name: str | None,
        table_name: str,
        *elements: tuple[Any, str],
        where: Condition | None = None,
        using: str | None = None,
        deferrable: bool | None = None,
        initially: str | None = None,
        schema: str | None = None,
        **options: Any,
    ) -> CreateExcludeConstraint:
        """Add an EXCLUDE constraint of *elements*, pairs of expression and operator, to *table_name*."""
        return cls(
            constraint_name,
            table_name,
            elements,
            where=where,
            using=using,
            deferrable=deferrable,
            initially=initially,
            schema=schema,
            options=options,
        )

    def describe(self) -> str:
        elements = ", ".join(f"{expression} with {operator}" for expression, operator in self.elements)
        return f"{_named('exclude constraint', self.constraint_name, self.table)} ({elements})"


@dataclass(frozen=True, eq=False)
class ValidateConstraint(Operation[None]):
    """Check the rows that were there before a NOT VALID constraint was added (PostgreSQL).

    Databases that know no NOT VALID checked them when the constraint was added; there it does nothing.

    Args:
        constraint_name: the name.
        table_name: the table.
        schema: the schema of the table.
    """

    verb: ClassVar[str] = "validate_constraint"
    constraint_name: str
    table_name: str
    schema: str | None = field(default=None, kw_only=True)

    def tables(self) -> frozenset[TableName]:
        return frozenset({TableName(self.table_name, self.schema)})

    def describe(self) -> str:
        return f"validate constraint {self.constraint_name} on {TableName(self.table_name, self.schema)}"


@dataclass(frozen=True, eq=False)
class DropConstraint(Operation[None]):
    """Drop a constraint.

    Args:
        constraint_name: the name.
        table_name: the table.
        type_: `foreignkey`, `primary`, `unique`, `check` or `exclude`; looked up where a database needs it.
        schema: the schema of the table.
        if_exists: do nothing when there is no such constraint.
        dropped: the operation that would create it again; known when this is a reversal.
    """

    verb: ClassVar[str] = "drop_constraint"
    constraint_name: str
    table_name: str
    type_: str | None = None
    schema: str | None = field(default=None, kw_only=True)
    if_exists: bool | None = field(default=None, kw_only=True)
    dropped: Operation[Any] | None = field(default=None, kw_only=True, metadata=HIDDEN)

    def tables(self) -> frozenset[TableName]:
        return frozenset({TableName(self.table_name, self.schema)})

    def describe(self) -> str:
        words = {"foreignkey": "foreign key", "primary": "primary key", "unique": "unique constraint"}
        kind = words.get(self.type_ or "", f"{self.type_} constraint" if self.type_ else "constraint")
        return f"drop {kind} {self.constraint_name} on {TableName(self.table_name, self.schema)}"

    def reversed(self) -> Operation[Any]:
        return self.dropped or super().reversed()
