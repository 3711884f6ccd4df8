"""AnsiAdapter: the planners that all databases share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any, cast

from sqlalchemy import (
    CheckConstraint,
    Column,
    Executable,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    TextClause,
    UniqueConstraint,
    text,
)
from sqlalchemy import schema as sa_schema
from sqlalchemy.schema import Constraint
from sqlalchemy.sql.elements import ColumnClause, ColumnElement
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import NULLTYPE

from asyncmig._sqlalchemy import (
    add_referents,
    check_constraint,
    copy_column,
    is_type_bound,
    stand_in,
    type_bound_applies,
)
from asyncmig.dialects.adapter import plans
from asyncmig.dialects.ansi_objects import ObjectPlanner
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.sql_text import without_false_parameters
from asyncmig.dialects.steps import Call, Statement, Step
from asyncmig.errors import OperationError
from asyncmig.operations.alter_table import AlterTable
from asyncmig.operations.base import Operation
from asyncmig.operations.columns import AddColumn, DropColumn
from asyncmig.operations.constraints import (
    Condition,
    CreateCheckConstraint,
    CreateForeignKey,
    CreatePrimaryKey,
    CreateUniqueConstraint,
    DropConstraint,
    ValidateConstraint,
)
from asyncmig.operations.data import BulkInsert, Execute, RunPython
from asyncmig.operations.indexes import CreateIndex, DropIndex
from asyncmig.operations.tables import CreateTable, CreateTableComment, DropTable, DropTableComment, RenameTable

#: How many rows go into one INSERT ... executemany; keeps the memory of a streamed list flat.
ROWS_AT_ONCE = 500


class AnsiAdapter(ObjectPlanner):
    """The planners that all databases share; a database overrides what it says differently."""

    # -- tables -----------------------------------------------------------------------------------------------------

    @plans(CreateTable)
    def create_table(self, op: CreateTable, facts: Facts) -> Iterator[Step]:
        if (plain := self.plain_create_table(op)) is not None:
            yield Statement(plain, outcome=op.to_deferred_table(self.metadata()))
            return
        table = op.to_table(self.metadata())
        exists = bool(op.if_not_exists)
        yield Statement(self.ddl(sa_schema.CreateTable(table, if_not_exists=exists)), outcome=table)
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            yield Statement(self.ddl(sa_schema.CreateIndex(index, if_not_exists=exists)), outcome=table)
        yield from self.separate_comments(table)

    def separate_comments(self, table: Table) -> Iterator[Step]:
        """Comments of a new table, where they are statements of their own."""
        if not self.dialect.supports_comments or self.dialect.inline_comments:
            return
        if table.comment:
            yield Statement(self.ddl(sa_schema.SetTableComment(table)), outcome=table)
        for column in table.columns:
            if column.comment:
                yield Statement(self.ddl(sa_schema.SetColumnComment(column)), outcome=table)

    @plans(DropTable)
    def drop_table(self, op: DropTable, facts: Facts) -> Iterator[Step]:
        if (plain := self.plain_drop_table(op)) is not None:
            yield Statement(plain)
            return
        table = stand_in(op.table_name, op.schema, self.metadata())
        yield Statement(self.ddl(sa_schema.DropTable(table, if_exists=bool(op.if_exists))))

    @plans(RenameTable)
    def rename_table(self, op: RenameTable, facts: Facts) -> Iterator[Step]:
        old = self.table_name(op.old_table_name, op.schema)
        yield Statement(f"ALTER TABLE {old} RENAME TO {self.quote(op.new_table_name)}")

    @plans(CreateTableComment)
    def create_table_comment(self, op: CreateTableComment, facts: Facts) -> Iterator[Step]:
        table = stand_in(op.table_name, op.schema, self.metadata(), comment=op.comment)
        element = sa_schema.DropTableComment(table) if op.comment is None else sa_schema.SetTableComment(table)
        yield Statement(self.ddl(element))

    @plans(DropTableComment)
    def drop_table_comment(self, op: DropTableComment, facts: Facts) -> Iterator[Step]:
        yield Statement(self.ddl(sa_schema.DropTableComment(stand_in(op.table_name, op.schema, self.metadata()))))

    # -- columns ----------------------------------------------------------------------------------------------------

    @plans(AddColumn)
    def add_column(self, op: AddColumn, facts: Facts) -> Iterator[Step]:
        exists = "IF NOT EXISTS " if op.if_not_exists else ""
        if (plain := self.plain_added_column(op)) is not None:
            yield Statement(f"ALTER TABLE {self.table_name(op.table_name, op.schema)} ADD COLUMN {exists}{plain}")
            return
        table = self.table_with(op)
        column = next(iter(table.columns))
        definition = self.column_definition(column) + self.column_suffix(op, column)
        yield Statement(f"ALTER TABLE {self.table_name(op.table_name, op.schema)} ADD COLUMN {exists}{definition}")
        yield from self.after_add_column(op, table)

    def table_with(self, op: AddColumn) -> Table:
        """A stand-in table that has only a copy of the column to add."""
        table = stand_in(op.table_name, op.schema, self.metadata(), copy_column(op.column))
        add_referents(table)
        return table

    def column_definition(self, column: Column[Any]) -> str:
        """Name, type, default, nullability of a column of a (stand-in) table, as in CREATE TABLE."""
        compiler = self.compiler()
        definition = compiler.get_column_specification(column)
        constraints = " ".join(compiler.process(constraint) for constraint in column.constraints)
        return f"{definition} {constraints}".strip()

    def column_suffix(self, op: AddColumn, column: Column[Any]) -> str:
        """What stands after the definition of an added column: PRIMARY KEY, REFERENCES, the place."""
        suffix = " PRIMARY KEY" if op.inline_primary_key and column.primary_key else ""
        if key := self.inline_foreign_key(op, column):
            clause = self.constraint_text(key)
            suffix += " " + clause[clause.index("REFERENCES") :]
        return suffix

    def inline_foreign_key(self, op: AddColumn, column: Column[Any]) -> ForeignKeyConstraint | None:
        """The foreign key that is written into the definition of the added column, if it is asked for."""
        keys = [key.constraint for key in column.foreign_keys if key.constraint is not None]
        return keys[0] if op.inline_references and len(keys) == 1 else None

    def after_add_column(self, op: AddColumn, table: Table) -> Iterator[Step]:
        """Constraints, indexes and comments that an added column brings with it."""
        column = next(iter(table.columns))
        inline = self.inline_foreign_key(op, column)
        for constraint in sorted(table.constraints, key=lambda constraint: constraint._creation_order):
            if isinstance(constraint, PrimaryKeyConstraint) or constraint is inline or constraint in column.constraints:
                continue
            if self.constraint_applies(constraint):
                yield self.add_constraint(constraint)
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            yield Statement(self.ddl(sa_schema.CreateIndex(index, if_not_exists=bool(op.if_not_exists))))
        yield from self.separate_comments(table)

    @plans(DropColumn)
    def drop_column(self, op: DropColumn, facts: Facts) -> Iterator[Step]:
        exists = "IF EXISTS " if op.if_exists else ""
        table = self.table_name(op.table_name, op.schema)
        yield Statement(f"ALTER TABLE {table} DROP COLUMN {exists}{self.quote(op.column_name)}")

    # -- indexes ----------------------------------------------------------------------------------------------------

    @plans(CreateIndex)
    def create_index(self, op: CreateIndex, facts: Facts) -> Iterator[Step]:
        if (plain := self.plain_create_index(op, exists=op.if_not_exists)) is not None:
            yield Statement(plain)
            return
        index = self.index(op)
        yield Statement(self.ddl(sa_schema.CreateIndex(index, if_not_exists=bool(op.if_not_exists))))

    def index(self, op: CreateIndex) -> Index:
        """The index on a stand-in table."""
        table = stand_in(op.table_name, op.schema, self.metadata())
        elements = [self.index_element(table, element) for element in op.columns]
        return Index(op.index_name, *elements, unique=op.unique, _table=table, **op.options)

    def index_element(self, table: Table, element: str | TextClause | ColumnElement[Any]) -> Any:
        """A column of an index: a name becomes a column of the stand-in table, an expression is copied onto it."""
        if isinstance(element, str):
            return self.column_of(table, element)
        if isinstance(element, TextClause):
            return element

        def onto_table(part: Any, **_: Any) -> Any:
            # A column of a lightweight table() or of the user's own Table would be written with that table's name.
            if isinstance(part, ColumnClause) and part.table is not None and part.table is not table:
                return self.column_of(table, part.name)
            return None

        traversed: Any = replacement_traverse(element, {}, onto_table)  # type: ignore[call-overload]
        return traversed

    def column_of(self, table: Table, name: str) -> Column[Any]:
        """The column *name* of a stand-in table, made when it is missing."""
        if name not in table.c:
            table.append_column(Column(name, NULLTYPE))
        return table.c[name]

    @plans(DropIndex)
    def drop_index(self, op: DropIndex, facts: Facts) -> Iterator[Step]:
        if (plain := self.plain_drop_index(op)) is not None:
            yield Statement(plain)
            return
        yield Statement(self.ddl(sa_schema.DropIndex(self.index_to_drop(op), if_exists=bool(op.if_exists))))

    def index_to_drop(self, op: DropIndex) -> Index:
        """The index to drop, on a stand-in table."""
        table = stand_in(op.table_name or "no_table", op.schema, self.metadata())
        options = {name: value for name, value in op.options.items() if name == "postgresql_concurrently"}
        return Index(op.index_name, self.column_of(table, "x"), **options)

    # -- constraints ------------------------------------------------------------------------------------------------

    @plans(CreatePrimaryKey)
    def create_primary_key(self, op: CreatePrimaryKey, facts: Facts) -> Iterator[Step]:
        if (plain := self.plain_add_constraint(op)) is not None:
            yield Statement(plain)
            return
        table = self.table_of(op.table_name, op.schema, op.columns)
        columns = [table.c[name] for name in op.columns]
        yield self.add_constraint(
            self.attach(table, PrimaryKeyConstraint(*columns, name=op.constraint_name, **op.options))
        )

    @plans(CreateUniqueConstraint)
    def create_unique_constraint(self, op: CreateUniqueConstraint, facts: Facts) -> Iterator[Step]:
        if (plain := self.plain_add_constraint(op)) is not None:
            yield Statement(plain)
            return
        table = self.table_of(op.table_name, op.schema, op.columns)
        constraint = UniqueConstraint(
            *[table.c[name] for name in op.columns],
            name=op.constraint_name,
            deferrable=op.deferrable,
            initially=op.initially,
            **op.options,
        )
        yield self.add_constraint(self.attach(table, constraint))

    @plans(CreateForeignKey)
    def create_foreign_key(self, op: CreateForeignKey, facts: Facts) -> Iterator[Step]:
        plain = self.plain_add_constraint(op)
        yield self.add_constraint(self.foreign_key(op)) if plain is None else Statement(plain)

    def foreign_key(self, op: CreateForeignKey) -> ForeignKeyConstraint:
        """The foreign key between two stand-in tables."""
        table = self.table_of(op.source_table, op.source_schema, op.local_cols)
        target = table
        if (op.referent_table, op.referent_schema) != (op.source_table, op.source_schema):
            target = Table(op.referent_table, table.metadata, schema=op.referent_schema)
        remote = [self.column_of(target, name) for name in op.remote_cols]
        options = {name: value for name, value in op.options.items() if name not in ("use_alter", "link_to_name")}
        constraint = ForeignKeyConstraint(
            list(op.local_cols),
            remote,
            name=op.constraint_name,
            onupdate=op.onupdate,
            ondelete=op.ondelete,
            deferrable=op.deferrable,
            initially=op.initially,
            match=op.match,
            **options,
        )
        return cast(ForeignKeyConstraint, self.attach(table, constraint))

    @plans(CreateCheckConstraint)
    def create_check_constraint(self, op: CreateCheckConstraint, facts: Facts) -> Iterator[Step]:
        table = stand_in(op.table_name, op.schema, self.metadata())
        constraint = check_constraint(
            self.condition(op.condition),
            name=op.constraint_name,
            deferrable=op.deferrable,
            initially=op.initially,
            **op.options,
        )
        yield self.add_constraint(self.attach(table, constraint))

    def condition(self, condition: Condition) -> TextClause | ColumnElement[Any]:
        """A condition as an expression that is written without the names of tables."""
        return text(condition) if isinstance(condition, str) else condition

    def attach(self, table: Table, constraint: Constraint) -> Constraint:
        """Attach *constraint* to a stand-in table, which applies the naming convention to it."""
        table.append_constraint(constraint)
        return constraint

    def table_of(self, name: str, schema: str | None, columns: Iterable[str]) -> Table:
        """A stand-in table with *columns*."""
        table = stand_in(name, schema, self.metadata())
        for column in columns:
            self.column_of(table, column)
        return table

    def add_constraint(self, constraint: Constraint) -> Statement:
        """ALTER TABLE ... ADD CONSTRAINT."""
        return Statement(self.ddl(sa_schema.AddConstraint(constraint)))

    def constraint_text(self, constraint: Constraint) -> str:
        """A constraint as it stands inside CREATE TABLE."""
        compiler = self.compiler()
        return str(compiler.process(constraint))

    def constraint_applies(self, constraint: Constraint) -> bool:
        """Whether a constraint that may come from a type exists on this database."""
        return not is_type_bound(constraint) or type_bound_applies(constraint, self.dialect)

    @plans(DropConstraint)
    def drop_constraint(self, op: DropConstraint, facts: Facts) -> Iterator[Step]:
        exists = "IF EXISTS " if op.if_exists else ""
        table = self.table_name(op.table_name, op.schema)
        yield Statement(f"ALTER TABLE {table} DROP CONSTRAINT {exists}{self.quote(self.constraint_to_drop(op))}")

    def constraint_to_drop(self, op: DropConstraint) -> str:
        """The name of the constraint in the database: a CHECK was given its name through the naming convention."""
        if op.type_ != "check":
            return op.constraint_name
        table = stand_in(op.table_name, op.schema, self.metadata())
        constraint = self.attach(table, CheckConstraint("TRUE", name=op.constraint_name))
        return str(self.printing.identifier_preparer.format_constraint(constraint, _alembic_quote=False))

    @plans(ValidateConstraint)
    def validate_constraint(self, op: ValidateConstraint, facts: Facts) -> Iterator[Step]:
        # Where there is no NOT VALID, the constraint was checked when it was added.
        yield from ()

    # -- data -------------------------------------------------------------------------------------------------------

    @plans(Execute)
    def execute(self, op: Execute, facts: Facts) -> Iterator[Step]:
        options = dict(op.execution_options or {})
        if not isinstance(op.sqltext, str):
            yield Statement(op.sqltext, op.parameters, self.executable_is_transactional(op.sqltext), options)
            return
        for statement in self.split(op.sqltext):
            clause = text(without_false_parameters(statement, self.rules))
            yield Statement(clause, op.parameters, self.is_transactional(statement), options)

    def executable_is_transactional(self, executable: Executable) -> bool:
        """Whether an executable of SQLAlchemy may run inside a transaction."""
        if isinstance(executable, TextClause):
            return self.is_transactional(executable.text)
        return True

    @plans(BulkInsert)
    def bulk_insert(self, op: BulkInsert, facts: Facts) -> Iterator[Step]:
        if not op.multiinsert:
            for (row,) in _portions(op, 1):
                yield Statement(op.table.insert().values(dict(row)))
            return
        for rows in _portions(op, ROWS_AT_ONCE):
            yield Statement(op.table.insert().inline(), rows)

    @plans(RunPython)
    def run(self, op: RunPython[Any], facts: Facts) -> Iterator[Step]:
        yield Call(op.function, op.arguments, op.keywords, op.describe())

    # -- several at once --------------------------------------------------------------------------------------------

    @plans(AlterTable)
    def alter_table(self, op: AlterTable, facts: Facts) -> Iterator[Step]:
        for operation in op.operations:
            yield from self.plan(self.with_convention(op, operation), facts)

    def with_convention(self, op: AlterTable, operation: Operation[Any]) -> Operation[Any]:
        """An operation of the block, with what the block says about names."""
        return operation


def _portions(op: BulkInsert, size: int) -> Iterator[Sequence[Mapping[str, Any]]]:
    """The rows in portions that have the same columns: one statement for all would take those of its first row."""
    if isinstance(op.rows, Mapping | str):
        raise TypeError("op.bulk_insert takes rows as a list of dictionaries.")
    for columns, alike in groupby(op.rows, _columns_of):
        _check_columns(op, columns)
        while portion := list(islice(alike, size)):
            yield portion


def _columns_of(row: Mapping[str, Any]) -> Collection[Any]:
    if not isinstance(row, Mapping):
        raise TypeError(f"op.bulk_insert takes rows as dictionaries, not {type(row).__name__}.")
    return row.keys()


def _check_columns(op: BulkInsert, columns: Collection[Any]) -> None:
    """Refuse what SQLAlchemy would leave out without a word."""
    known = op.table.c.keys()
    unknown = [name for name in columns if isinstance(name, str) and name not in known]
    if unknown:
        raise OperationError(
            f"op.bulk_insert: table {op.table.name} is given without the column {unknown[0]}.",
            operation=op,
            hint=f'sa.table("{op.table.name}", {", ".join(f"""sa.column("{name}")""" for name in [*known, *unknown])})',
        )
