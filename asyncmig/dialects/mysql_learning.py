"""PrintedTables: what is known of tables of MySQL without a database, from the operations so far."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, TypeAlias

from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint, Table, UniqueConstraint

from asyncmig.dialects.adapter import OfflineFacts
from asyncmig.dialects.facts import Facts, Wants
from asyncmig.dialects.mysql_alter import MySQLColumnPlanner
from asyncmig.dialects.mysql_commits import commits_implicitly
from asyncmig.dialects.mysql_facts import IndexName, MySQLColumn, MySQLKey, MySQLTable, added_key
from asyncmig.dialects.steps import Statement
from asyncmig.operations.alter_table import AlterTable
from asyncmig.operations.base import Operation, TableName
from asyncmig.operations.columns import AddColumn, AlterColumn, DropColumn
from asyncmig.operations.constraints import (
    CreateCheckConstraint,
    CreateForeignKey,
    CreatePrimaryKey,
    CreateUniqueConstraint,
    DropConstraint,
)
from asyncmig.operations.indexes import CreateIndex, DropIndex
from asyncmig.operations.tables import CreateTable, DropTable, RenameTable

#: The tables that are known; None: there is no such table. What is not in it is not known.
Tables: TypeAlias = MutableMapping[TableName, Any]


class PrintedTables(OfflineFacts):
    """The tables that the script of SQL itself has created, as they are after what was printed so far.

    Args:
        adapter: has planned the operations.
        there: the tables that there are before anything is printed, as far as they are known.
    """

    def __init__(self, adapter: MySQLColumnPlanner, there: Mapping[TableName, MySQLTable | None] | None = None) -> None:
        self._adapter = adapter
        self._tables: dict[TableName, MySQLTable | None] = dict(there or {})

    def read(self, wants: Wants) -> Facts:
        tables: dict[TableName, Any] = {name: self._tables[name] for name in wants.tables if name in self._tables}
        for index in wants.tables:
            if isinstance(index, IndexName) and (found := _tables_with(index, self._tables)):
                tables[index] = found
        return Facts(tables=tables, known=False)

    def learn(self, operation: Operation[Any], statements: Iterable[str]) -> None:
        if operation.tables():
            learn(self._adapter, operation, self._tables)
        elif isinstance(operation, DropIndex):
            index = IndexName(operation.index_name, operation.schema)
            for name in _tables_with(index, self._tables):
                _change(self._tables, TableName(name, index.schema), lambda t: t.without_key(index.name, "index"))
        else:
            for statement in statements:
                forget(statement, self._tables)


def learn(adapter: MySQLColumnPlanner, operation: Operation[Any], tables: Tables) -> None:
    """Change what is known of *tables* as *operation* changes them."""
    match operation:
        case CreateTable():
            name = TableName(operation.table_name, operation.schema)
            if not (operation.if_not_exists and tables.get(name) is not None):
                tables[name] = _created(adapter, operation.to_table(adapter.metadata()))
        case DropTable():
            tables[TableName(operation.table_name, operation.schema)] = None
        case RenameTable():
            old = TableName(operation.old_table_name, operation.schema)
            new = TableName(operation.new_table_name, operation.schema)
            if old in tables:
                tables[new], tables[old] = tables[old], None
        case AlterTable():
            for part in operation.operations:
                learn(adapter, part, tables)
        case _:
            for name in operation.tables():
                if (table := tables.get(name)) is not None:
                    tables[name] = _altered(adapter, operation, name, table)


def _altered(adapter: MySQLColumnPlanner, operation: Operation[Any], name: TableName, table: MySQLTable) -> MySQLTable:
    """*table* after an operation on it; *name* is its name (a foreign key touches two tables)."""
    match operation:
        case AddColumn():
            if operation.if_not_exists and table.column(operation.column.name):
                return table
            added = _created(adapter, adapter.table_with(operation))
            place = adapter.place(operation, Facts(tables={name: table}))
            table = table.with_column(added.columns[0], place=place)
            for key in added.keys:
                table = table.with_key(key)
        case DropColumn():
            return table.without_column(operation.column_name)
        case AlterColumn():
            return _column_altered(adapter, operation, name, table)
        case CreateIndex():
            index = adapter.index(operation)
            columns = tuple(column.name for column in index.columns)
            return table.with_key(MySQLKey("unique" if operation.unique else "index", str(index.name), columns))
        case DropIndex():
            return table.without_key(operation.index_name, "index").without_key(operation.index_name, "unique")
        case CreatePrimaryKey() | CreateUniqueConstraint() | CreateForeignKey() | CreateCheckConstraint():
            if operation.table == name:
                for step in adapter.plan(operation, Facts.unknown()):
                    if isinstance(step, Statement) and isinstance(step.sql, str):
                        table = table.with_key(added_key(step.sql, escapes=adapter.escapes))
        case DropConstraint():
            return table.without_key(operation.constraint_name, operation.type_)
    return table


def _column_altered(
    adapter: MySQLColumnPlanner, operation: AlterColumn, name: TableName, table: MySQLTable
) -> MySQLTable:
    column = table.column(operation.column_name)
    if column is None:
        return table
    new_name = operation.new_column_name or column.name
    changed = MySQLColumn(new_name, adapter.altered(operation, column.definition))
    place = adapter.place(operation, Facts(tables={name: table}), moved=column.name)
    return table.with_column(changed, instead_of=column.name, place=place).with_column_renamed(column.name, new_name)


def _created(adapter: MySQLColumnPlanner, table: Table) -> MySQLTable:
    """A stand-in table as the server will have it."""
    adapter.move_named_checks(table)
    columns = tuple(
        MySQLColumn(column.name, adapter.definition(column, checks=adapter.is_mariadb)) for column in table.columns
    )
    keys = [_key(adapter, constraint) for constraint in table.constraints if adapter.constraint_applies(constraint)]
    indexes = [
        MySQLKey("unique" if index.unique else "index", str(index.name), tuple(column.name for column in index.columns))
        for index in table.indexes
    ]
    return MySQLTable(columns, (*(key for key in keys if key.columns or key.kind == "check"), *indexes))


def _key(adapter: MySQLColumnPlanner, constraint: Any) -> MySQLKey:
    name = adapter.constraint_name(constraint)
    match constraint:
        case PrimaryKeyConstraint():
            return MySQLKey("primary", None, tuple(constraint.columns.keys()))
        case ForeignKeyConstraint():
            return MySQLKey("foreignkey", name, tuple(constraint.column_keys))
        case UniqueConstraint():
            columns = tuple(column.name for column in constraint.columns)
            return MySQLKey("unique", name or columns[0], columns)
    return MySQLKey("check", name)


def forget(statement: str, tables: Tables) -> None:
    """No longer know the tables that a statement of the script's own names, if it is one that changes definitions."""
    if not commits_implicitly(statement):
        return
    for name in list(tables):
        if re.search(rf"(?<![\w$]){re.escape(name.name)}(?![\w$])", statement, re.I):
            del tables[name]


def _change(tables: Tables, name: TableName, change: Any) -> None:
    if tables.get(name) is not None:
        tables[name] = change(tables[name])


def _tables_with(index: IndexName, tables: Tables) -> tuple[str, ...]:
    return tuple(
        name.name
        for name, table in tables.items()
        if table is not None and name.schema == index.schema and table.named(index.name)
    )
