"""Clauses: the constraints that operations and table arguments bring, as parts of a draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Column, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy import schema as sa_schema
from sqlalchemy.schema import Constraint, Index, SchemaItem
from sqlalchemy.types import NULLTYPE

from asyncmig._sqlalchemy import add_referents, check_constraint, copy_item, stand_in
from asyncmig.dialects.ansi import AnsiAdapter
from asyncmig.dialects.sqlite_columns import constraint_clause, new_column, type_checks
from asyncmig.dialects.sqlite_draft import TableDraft
from asyncmig.dialects.sqlite_parse import parse_table
from asyncmig.dialects.sqlite_schema import Clause, TableDefinition
from asyncmig.dialects.sqlite_tokens import same_sql
from asyncmig.dialects.steps import Statement, Step
from asyncmig.operations.alter_table import AlterTable
from asyncmig.operations.columns import AddColumn
from asyncmig.operations.constraints import (
    CreateCheckConstraint,
    CreateForeignKey,
    CreatePrimaryKey,
    CreateUniqueConstraint,
)


def clause_for(
    adapter: AnsiAdapter,
    draft: TableDraft,
    op: CreatePrimaryKey | CreateUniqueConstraint | CreateForeignKey | CreateCheckConstraint,
) -> Clause:
    """The clause that *op* adds.

    Raises:
        OperationError: there is no such column.
        UnsupportedOperationError: SQLite has no such constraint.
    """
    if not isinstance(op, CreateForeignKey | CreatePrimaryKey) and (op.deferrable is not None or op.initially):
        raise adapter.unsupported(op, why="on SQLite only foreign keys can be deferred")
    return draft.stored_clause(constraint_clause(adapter, _constraint(adapter, draft, op)))


def _constraint(
    adapter: AnsiAdapter,
    draft: TableDraft,
    op: CreatePrimaryKey | CreateUniqueConstraint | CreateForeignKey | CreateCheckConstraint,
) -> Constraint:
    match op:
        case CreateForeignKey():
            return adapter.foreign_key(_in_one_file(adapter, draft, op))
        case CreateCheckConstraint():
            table = stand_in(op.table_name, op.schema, adapter.metadata())
            check = check_constraint(adapter.condition(op.condition), name=op.constraint_name, **op.options)
            return adapter.attach(table, check)
    draft.stored(op.columns)
    table = adapter.table_of(op.table_name, op.schema, op.columns)
    kind = PrimaryKeyConstraint if isinstance(op, CreatePrimaryKey) else UniqueConstraint
    columns = [table.c[name] for name in op.columns]
    return adapter.attach(table, kind(*columns, name=op.constraint_name, **op.options))


def _in_one_file(adapter: AnsiAdapter, draft: TableDraft, op: CreateForeignKey) -> CreateForeignKey:
    """The foreign key without schemas: it cannot leave the database file that the table is in."""
    if op.referent_schema is not None and op.referent_schema != (op.source_schema or "main"):
        raise adapter.unsupported(op, why="a foreign key of SQLite cannot leave its database file")
    remote: Sequence[str] = op.remote_cols
    if op.referent_table.lower() == op.source_table.lower():
        remote = draft.stored(remote)
    draft.stored(op.local_cols)
    return replace(op, source_schema=None, referent_schema=None, remote_cols=remote)


# -- table arguments ------------------------------------------------------------------------------------------------


def apply_table_arguments(adapter: AnsiAdapter, draft: TableDraft, op: AlterTable, after: list[Step]) -> bool:
    """Add what the block says of the table as a whole; whether that is anything that needs a rebuild.

    Args:
        adapter: writes SQL.
        draft: the table.
        op: the block.
        after: gets the indexes among the arguments.
    """
    before = draft.definition
    table = _table_of(draft, op)
    for item in op.table_args:
        copied = copy_item(item)
        if isinstance(copied, Column):
            continue
        table.append_constraint(copied) if isinstance(copied, Constraint) else copied._set_parent_with_dispatch(table)
    add_referents(table)
    for constraint in sorted(table.constraints, key=lambda constraint: constraint._creation_order):
        if not (isinstance(constraint, PrimaryKeyConstraint) and not constraint.columns):
            draft.add_constraint(draft.stored_clause(constraint_clause(adapter, constraint)))
    after += [Statement(adapter.ddl(sa_schema.CreateIndex(index))) for index in _sorted(table.indexes)]
    apply_options(draft, op.table_kwargs)
    if op.partial_reordering:
        draft.order(op.partial_reordering)
    return draft.definition != before


def _sorted(indexes: Any) -> list[Index]:
    return sorted(indexes, key=lambda index: str(index.name))


def _table_of(draft: TableDraft, op: AlterTable) -> Table:
    table = stand_in(op.table_name, None, sa_schema.MetaData())
    for name in (column.name for column in draft.columns if column.name):  # SQLite takes an empty name, SQLAlchemy not
        table.append_column(Column(name, NULLTYPE))
    return table


def apply_options(draft: TableDraft, options: Mapping[str, Any]) -> None:
    """Change the table as a whole: WITHOUT ROWID, STRICT, AUTOINCREMENT; None is SQLite's default."""
    switches: Mapping[str, Callable[[bool], None]] = {
        "sqlite_with_rowid": lambda on: _switch(draft, "WITHOUT ROWID", not on),
        "sqlite_strict": lambda on: _switch(draft, "STRICT", on),
        "sqlite_autoincrement": draft.set_autoincrement,
    }
    # Only a rowid can be counted up: what counts stops before it goes, and begins when it is there.
    in_order = list(switches.items())
    if not options.get("sqlite_autoincrement"):
        in_order.reverse()
    for name, switch in in_order:
        if name in options:
            wanted = options[name]
            switch(name == "sqlite_with_rowid" if wanted is None else bool(wanted))


def _switch(draft: TableDraft, option: str, on: bool) -> None:
    draft.options = draft.options | {option} if on else draft.options - {option}


# -- definitions that are given -------------------------------------------------------------------------------------


def definition_of(adapter: AnsiAdapter, table: Table) -> tuple[TableDefinition, list[Index]]:
    """The definition of a table that is given as SQLAlchemy's object, and its indexes."""
    copied = table.to_metadata(sa_schema.MetaData(), schema=None)  # type: ignore[arg-type]
    add_referents(copied)
    return parse_table(adapter.ddl(sa_schema.CreateTable(copied))), _sorted(copied.indexes)


def with_given_columns(
    adapter: AnsiAdapter, definition: TableDefinition, items: Sequence[SchemaItem]
) -> TableDefinition:
    """A definition in which columns that are given stand for those that were read.

    Type, nullability and default are those that are given; keys and constraints stay as they were read.
    """
    for item in items:
        if not isinstance(item, Column) or (old := definition.column(item.name)) is None:
            continue
        new = new_column(adapter, AddColumn(definition.name, item)).definition
        kept = old.without("not null", "null", "default", "generated")
        kept = kept.without("collate") if new.of_kind("collate") else kept
        clauses = [clause for clause in new.clauses if clause.kind not in ("primary key", "check")]
        column = replace(kept.plus(*clauses), type_text=new.type_text, type_lead=old.type_lead or " ")
        definition = replace(definition, columns=tuple(column if each is old else each for each in definition.columns))
        checks = [clause for _, clause in definition.clauses() if clause.kind == "check"]
        for check in type_checks(adapter, definition.name, old.name, item.type, adapter.metadata()):
            if not any(same_sql(each.body, check.body) or each.name == check.name for each in checks):
                definition = replace(definition, constraints=(*definition.constraints, check))
    return definition
