"""PostgreSQLAdapter: what PostgreSQL 13 to 18 says differently."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from sqlalchemy import (
    Column,
    Connection,
    Executable,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import DOMAIN, ENUM, CreateDomainType, CreateEnumType, ExcludeConstraint
from sqlalchemy.dialects.postgresql.base import PGDDLCompiler
from sqlalchemy.schema import Constraint, ExecutableDDLElement
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.types import to_instance

from asyncmig._sqlalchemy import (
    copy_type,
    stand_in,
)
from asyncmig.dialects import (
    postgresql_text,
)
from asyncmig.dialects.adapter import OfflineFacts, Traits, plans
from asyncmig.dialects.facts import NOTHING, Facts, Wants
from asyncmig.dialects.postgresql_columns import ColumnChange
from asyncmig.dialects.postgresql_enums import read_uses
from asyncmig.dialects.postgresql_facts import PostgreSQLTable, read_table
from asyncmig.dialects.postgresql_objects import PostgreSQLObjectPlanner
from asyncmig.dialects.postgresql_types import (
    PrintedTypes,
    may_be_named,
    named_types,
    other_values,
    read_types,
    serial_text,
    type_name,
    type_values,
)
from asyncmig.dialects.postgresql_views import read_views
from asyncmig.dialects.sql_text import POSTGRESQL, split_statements
from asyncmig.dialects.steps import Statement, Step
from asyncmig.errors import OperationError
from asyncmig.operations.alter_table import AlterTable
from asyncmig.operations.base import Operation, TableName
from asyncmig.operations.columns import AddColumn, AlterColumn
from asyncmig.operations.constraints import CreateExcludeConstraint, DropConstraint, ValidateConstraint
from asyncmig.operations.enums import AddEnumValue, AlterEnum, CreateEnum, DropEnum, RenameEnumValue
from asyncmig.operations.indexes import CreateIndex, DropIndex
from asyncmig.operations.tables import CreateTable
from asyncmig.operations.views import ReplaceMaterializedView, ReplaceView


class PostgreSQLAdapter(PostgreSQLObjectPlanner):
    """What PostgreSQL says differently."""

    name: ClassVar[str] = "postgresql"
    catalogue: ClassVar[str | None] = "asyncmig.dialects.postgresql_comparing:PostgreSQLCatalogue"
    traits: ClassVar[Traits] = Traits(transactional_ddl=True, lock="session", max_identifier=63)

    # -- facts ------------------------------------------------------------------------------------------------------

    def wants(self, operation: Operation[Any]) -> Wants:
        match operation:
            case AlterTable():
                wanted = [self.wants(part) for part in operation.operations]
                tables = frozenset[TableName]().union(*(wants.tables for wants in wanted))
                return Wants(tables, frozenset[TableName]().union(*(wants.types for wants in wanted)))
            case CreateIndex() if operation.options.get("postgresql_concurrently"):
                return Wants(tables=operation.tables())
            case CreateEnum() if operation.if_not_exists:
                return Wants(types=frozenset({TableName(operation.enum_name, operation.schema)}))
            case AlterEnum():
                return Wants(types=frozenset({operation.enum}), uses=frozenset({operation.enum}))
            case ReplaceView(recreate=True) | ReplaceMaterializedView():
                return Wants(uses=frozenset({operation.view}))
            case CreateTable() | AddColumn() | AlterColumn():
                types = self.types_for(operation)
                return Wants(types=frozenset(map(type_name, types))) if types else NOTHING
        return NOTHING

    def read_facts(self, connection: Connection, wants: Wants) -> Facts:
        tables = {name: read_table(connection, name) for name in wants.tables}
        # An enum is asked for with its values, a view by itself.
        read = read_uses if wants.types else read_views
        uses: dict[TableName, Any] = {name: read(connection, name) for name in wants.uses}
        return Facts(tables=tables, types=read_types(connection, wants.types), uses=uses)

    def offline_facts(self) -> OfflineFacts:
        return PrintedTypes()

    # -- types ------------------------------------------------------------------------------------------------------

    def types_for(self, operation: Operation[Any]) -> list[ENUM | DOMAIN]:
        """The enums and domains that must exist before *operation* can be done, in the order of its columns."""
        match operation:
            case CreateTable():
                if any(isinstance(item, Column) and may_be_named(item.type) for item in operation.items):
                    return self._types_of(operation.to_table(self.metadata()), operation)
            case AddColumn() if may_be_named(operation.column.type):
                return self._types_of(self.table_with(operation), operation)
            case AlterColumn() if operation.type_ is not None:
                type_ = to_instance(operation.type_)
                if may_be_named(type_):
                    column: Column[Any] = Column(operation.column_name, copy_type(type_))
                    table = stand_in(operation.table_name, operation.schema, self.metadata(), column)
                    return self._types_of(table, operation)
        return []

    def _types_of(self, table: Table, operation: Operation[Any]) -> list[ENUM | DOMAIN]:
        found: dict[TableName, ENUM | DOMAIN] = {}
        for column in table.columns:
            for type_ in named_types(column.type, self.dialect):
                if not type_.name:
                    raise OperationError(
                        f"op.{operation.verb}: the enum of column {column.name!r} has no name; on PostgreSQL it is a"
                        f" type of its own ({operation.describe()}).",
                        operation=operation,
                        hint='sa.Enum(..., name="the_name")',
                    )
                first = found.setdefault(type_name(type_), type_)
                if set(type_values(first)) != set(type_values(type_)):
                    raise other_values(operation, type_name(type_), type_values(first), type_values(type_))
        return list(found.values())

    def create_types(self, operation: Operation[Any], facts: Facts) -> Iterator[Step]:
        """CREATE TYPE for what *operation* needs and what is not there."""
        for type_ in self.types_for(operation):
            existing = facts.types.get(type_name(type_))
            if existing is None:
                yield self._create_type(type_)
            elif isinstance(operation, AlterColumn):
                # It gets the type of this name, whatever its values are: histories say the new values here and add
                # them to the type elsewhere, or not at all.
                continue
            elif isinstance(type_, ENUM) and set(existing) != set(type_.enums):
                raise other_values(operation, type_name(type_), existing, type_values(type_))

    def _create_type(self, type_: ENUM | DOMAIN) -> Statement:
        element = CreateEnumType(type_) if isinstance(type_, ENUM) else CreateDomainType(type_)
        return Statement(self.ddl(element))

    # -- tables and columns -----------------------------------------------------------------------------------------

    plain_compiler: ClassVar[type[DDLCompiler] | None] = PGDDLCompiler

    def plain_column(self, compiler: DDLCompiler, column: Column[Any], *, numbered: bool) -> str | None:
        if numbered and (serial := serial_text(column.type, self.printing)):
            return f"{self.quote(column.name)} {serial}{'' if column.nullable else ' NOT NULL'}"
        # Its own compiler would look for the table, only to find that this is no column of type SERIAL.
        return DDLCompiler.get_column_specification(compiler, column)

    @plans(CreateTable)
    def create_table(self, op: CreateTable, facts: Facts) -> Iterator[Step]:
        if (plain := self.plain_create_table(op)) is not None:
            yield Statement(plain, outcome=op.to_deferred_table(self.metadata()))
            return
        yield from self.create_types(op, facts)
        for step in super().create_table(op, facts):
            # An index of the new table may be declared CONCURRENTLY.
            if isinstance(step, Statement) and not self.is_transactional(str(step.sql)):
                step = replace(step, transactional=False)
            yield step

    @plans(AddColumn)
    def add_column(self, op: AddColumn, facts: Facts) -> Iterator[Step]:
        if op.insert_before or op.insert_after:
            raise self.unsupported(
                op,
                why="PostgreSQL adds a column at the end of the table only",
                hint="Leave insert_before and insert_after out; queries name their columns anyway.",
            )
        yield from self.create_types(op, facts)
        yield from super().add_column(op, facts)

    def column_suffix(self, op: AddColumn, column: Column[Any]) -> str:
        suffix = super().column_suffix(op, column)
        for constraint in self._constraints_with(op, column):
            suffix += f" {self._of_one_column(constraint, column)}"
        return suffix

    def after_add_column(self, op: AddColumn, table: Table) -> Iterator[Step]:
        for constraint in self._constraints_with(op, next(iter(table.columns))):
            table.constraints.discard(constraint)
        yield from super().after_add_column(op, table)

    def _constraints_with(self, op: AddColumn, column: Column[Any]) -> list[Constraint]:
        """What must stand in the column's own definition, because with IF NOT EXISTS it is skipped together with it."""
        if not op.if_not_exists:
            return []
        found = [
            constraint
            for constraint in sorted(column.table.constraints, key=lambda constraint: constraint._creation_order)
            if not isinstance(constraint, PrimaryKeyConstraint)
            and constraint not in column.constraints
            and not constraint.dialect_options["postgresql"].get("not_valid")
        ]
        inline = self.inline_foreign_key(op, column)
        return [one for one in found if one is not inline and self.constraint_applies(one)]

    def _of_one_column(self, constraint: Constraint, column: Column[Any]) -> str:
        """A constraint of a single column as it stands in the definition of that column."""
        definition = self.constraint_text(constraint)
        columns = f"({self.quote(column.name)})"
        if isinstance(constraint, ForeignKeyConstraint):
            return definition.replace(f"FOREIGN KEY{columns} ", "", 1)
        if isinstance(constraint, UniqueConstraint):
            return definition.replace(f" {columns}", "", 1)
        return definition

    @plans(AlterColumn)
    def alter_column(self, op: AlterColumn, facts: Facts) -> Iterator[Step]:
        yield from self.create_types(op, facts)
        yield from ColumnChange(self, op).statements()

    # -- indexes ----------------------------------------------------------------------------------------------------

    @plans(CreateIndex)
    def create_index(self, op: CreateIndex, facts: Facts) -> Iterator[Step]:
        """CREATE INDEX; what an interrupted CONCURRENTLY has left behind is dropped first, for it is never used."""
        if not op.options.get("postgresql_concurrently"):
            yield from super().create_index(op, facts)
            return
        table: PostgreSQLTable | None = facts.tables.get(TableName(op.table_name, op.schema))
        name = self.index(op).name
        builds = None if name is None else self.table_name(str(name), op.schema)
        for statement in super().create_index(op, facts):
            if table and name in table.broken_indexes:
                yield Statement(f"DROP INDEX CONCURRENTLY {builds}", transactional=False)
            if isinstance(statement, Statement):
                statement = replace(statement, transactional=False, builds=builds)
            yield statement

    def index(self, op: CreateIndex) -> Index:
        index = super().index(op)
        self._stand_in_included(index)
        return index

    @plans(DropIndex)
    def drop_index(self, op: DropIndex, facts: Facts) -> Iterator[Step]:
        concurrently = bool(op.options.get("postgresql_concurrently"))
        for statement in super().drop_index(op, facts):
            yield replace(statement, transactional=not concurrently) if isinstance(statement, Statement) else statement

    # -- constraints ------------------------------------------------------------------------------------------------

    def attach(self, table: Table, constraint: Constraint) -> Constraint:
        attached = super().attach(table, constraint)
        self._stand_in_included(attached)
        return attached

    def _stand_in_included(self, item: Index | Constraint) -> None:
        """The columns that an index or constraint only includes must be in the stand-in table, too."""
        included = item.dialect_options["postgresql"].get("include")
        table: Table = item.table  # type: ignore[assignment]
        for column in included or ():
            self.column_of(table, column if isinstance(column, str) else column.name)

    @plans(CreateExcludeConstraint)
    def create_exclude_constraint(self, op: CreateExcludeConstraint, facts: Facts) -> Iterator[Step]:
        table = stand_in(op.table_name, op.schema, self.metadata())
        elements = [(self.index_element(table, expression), operator) for expression, operator in op.elements]
        options: dict[str, Any] = {"where": op.where, "using": op.using, **op.options}
        constraint = ExcludeConstraint(
            *elements,
            name=op.constraint_name,
            deferrable=op.deferrable,
            initially=op.initially,
            **{name: value for name, value in options.items() if value is not None},
        )
        yield self.add_constraint(self.attach(table, constraint))

    @plans(ValidateConstraint)
    def validate_constraint(self, op: ValidateConstraint, facts: Facts) -> Iterator[Step]:
        table = self.table_name(op.table_name, op.schema)
        yield Statement(f"ALTER TABLE {table} VALIDATE CONSTRAINT {self.quote(op.constraint_name)}")

    @plans(DropConstraint)
    def drop_constraint(self, op: DropConstraint, facts: Facts) -> Iterator[Step]:
        if not op.constraint_name:
            raise OperationError(
                f"op.drop_constraint: a constraint of {TableName(op.table_name, op.schema)} is to be dropped, but its"
                " name is not given.",
                operation=op,
                hint="PostgreSQL names what is created without a name: <table>_pkey, <table>_<column>_key,\n"
                "<table>_<column>_fkey, <table>_<column>_check. Ask for it with: \\d <table>",
            )
        yield from super().drop_constraint(op, facts)

    # -- enums ------------------------------------------------------------------------------------------------------

    @plans(CreateEnum)
    def create_enum(self, op: CreateEnum, facts: Facts) -> Iterator[Step]:
        name = TableName(op.enum_name, op.schema)
        create = self._create_type(ENUM(*op.values, name=op.enum_name, schema=op.schema))
        if not op.if_not_exists:
            yield create
        elif facts.known or name in facts.types:
            if facts.types.get(name) is None:
                yield create
        else:
            body = f"BEGIN {create.sql}; EXCEPTION WHEN duplicate_object THEN NULL; END"
            yield Statement(f"DO {postgresql_text.dollar_quoted(body)}")

    @plans(AddEnumValue)
    def add_enum_value(self, op: AddEnumValue, facts: Facts) -> Iterator[Step]:
        """ALTER TYPE ... ADD VALUE, outside of a transaction.

        PostgreSQL 12 and later take it inside one, but refuse every use of the new value until that transaction has
        ended ("unsafe use of new value"), while a revision that adds a value mostly goes on to use it, as a default or
        in an UPDATE. So it is committed by itself; what the revision did before is committed before it.
        """
        if op.before is not None and op.after is not None:
            raise OperationError(
                f"op.add_enum_value: a value stands before or after another one, not both ({op.describe()}).",
                operation=op,
                hint=f"op.add_enum_value({op.enum_name!r}, {op.value!r}, after={op.after!r})",
            )
        place = ""
        if op.before is not None:
            place = f" BEFORE {self.literal(op.before)}"
        elif op.after is not None:
            place = f" AFTER {self.literal(op.after)}"
        exists = "IF NOT EXISTS " if op.if_not_exists else ""
        enum = self.table_name(op.enum_name, op.schema)
        yield Statement(f"ALTER TYPE {enum} ADD VALUE {exists}{self.literal(op.value)}{place}", transactional=False)

    @plans(RenameEnumValue)
    def rename_enum_value(self, op: RenameEnumValue, facts: Facts) -> Iterator[Step]:
        enum = self.table_name(op.enum_name, op.schema)
        values = f"{self.literal(op.old_value)} TO {self.literal(op.new_value)}"
        yield Statement(f"ALTER TYPE {enum} RENAME VALUE {values}")

    @plans(DropEnum)
    def drop_enum(self, op: DropEnum, facts: Facts) -> Iterator[Step]:
        exists = "IF EXISTS " if op.if_exists else ""
        yield Statement(f"DROP TYPE {exists}{self.table_name(op.enum_name, op.schema)}")

    # -- several at once --------------------------------------------------------------------------------------------

    @plans(AlterTable)
    def alter_table(self, op: AlterTable, facts: Facts) -> Iterator[Step]:
        """One ALTER after the other; PostgreSQL has one for everything, so a table is never rebuilt.

        `recreate="always"` therefore changes nothing, and neither does what describes the rebuilt table (`copy_from`,
        `table_args`, `table_kwargs`, `reflect_args`, `reflect_kwargs`); an order of columns that only a rebuild could
        give is refused.
        """
        if op.partial_reordering and op.recreate == "always":
            raise self.unsupported(
                op,
                why="PostgreSQL cannot change the order of the columns of a table",
                hint="Leave partial_reordering out; queries name their columns anyway.",
            )
        adapter = self.naming(op.naming_convention) if op.naming_convention else self
        for operation in op.operations:
            yield from adapter.plan(operation, facts)
            created = {type_name(type_): type_values(type_) for type_ in self.types_for(operation)}
            facts = replace(facts, types={**facts.types, **created}) if created else facts

    def naming(self, convention: Mapping[str, str]) -> PostgreSQLAdapter:
        """A twin that names what has no name by *convention*."""
        twin = copy.copy(self)
        twin._naming_convention = convention
        return twin

    # -- text -------------------------------------------------------------------------------------------------------

    def split(self, sql: str) -> list[str]:
        return split_statements(sql, POSTGRESQL)

    def is_transactional(self, sql: str) -> bool:
        return postgresql_text.is_transactional(sql)

    def executable_is_transactional(self, executable: Executable) -> bool:
        if isinstance(executable, ExecutableDDLElement):
            return self.is_transactional(self.ddl(executable))
        return super().executable_is_transactional(executable)

    def commits(self, sql: str) -> bool:
        return postgresql_text.commits(sql)
