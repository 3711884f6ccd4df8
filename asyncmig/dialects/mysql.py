"""MySQLAdapter: what MySQL 8 and MariaDB 10.6 and later say differently."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from sqlalchemy import Column, Connection, ForeignKeyConstraint, Index, Table, TextClause, literal_column, text
from sqlalchemy import schema as sa_schema
from sqlalchemy.sql.elements import ColumnClause, UnaryExpression
from sqlalchemy.types import TypeEngine

from asyncmig._sqlalchemy import backslash_escapes
from asyncmig.dialects.adapter import OfflineFacts, Traits, plans
from asyncmig.dialects.facts import NOTHING, Facts, Wants
from asyncmig.dialects.mysql_columns import IndexElement
from asyncmig.dialects.mysql_commits import commits_implicitly
from asyncmig.dialects.mysql_facts import (
    IndexName,
    read_table,
    read_tables_of_index,
)
from asyncmig.dialects.mysql_learning import PrintedTables, learn
from asyncmig.dialects.mysql_objects import MySQLObjectPlanner
from asyncmig.dialects.mysql_schemas import read_contents, schema_key
from asyncmig.dialects.sql_text import MYSQL, LexicalRules, split_statements, tokens
from asyncmig.dialects.steps import Statement, Step
from asyncmig.errors import NeedsDatabaseError, OperationError
from asyncmig.operations.alter_table import AlterTable
from asyncmig.operations.base import Operation, TableName
from asyncmig.operations.columns import AddColumn, AlterColumn, DropColumn
from asyncmig.operations.constraints import DropConstraint
from asyncmig.operations.enums import AddEnumValue, RenameEnumValue
from asyncmig.operations.indexes import CreateIndex, DropIndex
from asyncmig.operations.schemas import DropSchema
from asyncmig.operations.tables import CreateTable, RenameTable


class MySQLAdapter(MySQLObjectPlanner):
    """What MySQL and MariaDB say differently.

    Options of tables and indexes follow SQLAlchemy: `mysql_*` counts with a URL that begins with `mysql`, `mariadb_*`
    with one that begins with `mariadb`.
    """

    name: ClassVar[str] = "mysql"
    rules: ClassVar[LexicalRules] = MYSQL
    traits: ClassVar[Traits] = Traits(transactional_ddl=False, lock="session", max_identifier=64, whole_columns=True)
    catalogue: ClassVar[str | None] = "asyncmig.dialects.mysql_schema:MySQLCatalogue"

    # -- facts ------------------------------------------------------------------------------------------------------

    def wants(self, operation: Operation[Any]) -> Wants:
        match operation:
            case AlterTable():
                wanted = frozenset[TableName]().union(*(self.wants(part).tables for part in operation.operations))
                return Wants(wanted | {operation.table} if operation.partial_reordering else wanted)
            case DropIndex(table_name=None):
                return Wants(frozenset({IndexName(operation.index_name, operation.schema).as_table()}))
            case DropSchema():
                return Wants(uses=frozenset({schema_key(operation.schema_name)}))
        return Wants(operation.tables()) if self._wants_table(operation) else NOTHING

    def _wants_table(self, operation: Operation[Any]) -> bool:
        # MariaDB has IF EXISTS and IF NOT EXISTS; on MySQL, and where it depends on more than one thing, we look.
        match operation:
            case AlterColumn():
                return self.may_need_definition(operation) and self._reads_column(operation)
            case AddColumn():
                looks = not self.is_mariadb or _brings_more(operation.column)
                return operation.insert_before is not None or (bool(operation.if_not_exists) and looks)
            case CreateTable():
                return bool(operation.if_not_exists) and any(map(_brings_index, operation.items))
            case DropConstraint():
                # A unique key may be needed by a foreign key; a CHECK may be part of a column.
                alone = operation.type_ == "foreignkey" or (operation.type_ == "check" and not self.is_mariadb)
                return not alone or (bool(operation.if_exists) and not self.is_mariadb)
            case CreateIndex():
                return bool(operation.if_not_exists) and not self.is_mariadb
            case DropIndex():
                return True
            case DropColumn():
                return bool(operation.if_exists) and not self.is_mariadb
        return False

    def _reads_column(self, operation: AlterColumn) -> bool:
        """Whether altering a column takes more than what the operation says."""
        is_bound = operation.type_ is not None and getattr(operation.existing_type, "create_constraint", False)
        return not self.is_as_written(operation) or operation.insert_before is not None or bool(is_bound)

    def read_facts(self, connection: Connection, wants: Wants) -> Facts:
        tables: dict[TableName, Any] = {}
        for name in wants.tables:
            if isinstance(name, IndexName):
                tables[name] = read_tables_of_index(connection, name)
            else:
                tables[name] = read_table(connection, self.table_name(name.name, name.schema))
        return Facts(tables=tables, uses={key: read_contents(connection, key) for key in wants.uses})

    def offline_facts(self) -> OfflineFacts:
        return PrintedTables(self)

    def printing_facts(self, connection: Connection, wants: Wants) -> OfflineFacts:
        return PrintedTables(self, self.read_facts(connection, wants).tables)

    # -- tables -----------------------------------------------------------------------------------------------------

    @plans(CreateTable)
    def create_table(self, op: CreateTable, facts: Facts) -> Iterator[Step]:
        if (plain := self.plain_create_table(op)) is not None:
            yield Statement(plain, outcome=op.to_deferred_table(self.metadata()))
            return
        table = op.to_table(self.metadata())
        name = TableName(op.table_name, op.schema)
        looks = op.if_not_exists and table.indexes and (facts.known or not self.is_mariadb)
        if looks and self.look(name, facts, what="CREATE INDEX IF NOT EXISTS") is not None:
            return
        self.move_named_checks(table)
        indexes = [self.index_text(op, index, exists=op.if_not_exists) for index in _sorted(table.indexes)]
        yield Statement(self.ddl(sa_schema.CreateTable(table, if_not_exists=bool(op.if_not_exists))), outcome=table)
        for index in indexes:
            yield Statement(index, outcome=table)

    @plans(RenameTable)
    def rename_table(self, op: RenameTable, facts: Facts) -> Iterator[Step]:
        # A new name without its schema would move the table into the schema of the session.
        old, new = self.table_name(op.old_table_name, op.schema), self.table_name(op.new_table_name, op.schema)
        yield Statement(f"ALTER TABLE {old} RENAME TO {new}")

    # -- columns ----------------------------------------------------------------------------------------------------

    @plans(AddColumn)
    def add_column(self, op: AddColumn, facts: Facts) -> Iterator[Step]:
        name = TableName(op.table_name, op.schema)
        if op.if_not_exists and (facts.known or not self.is_mariadb) and self._wants_table(op):
            known = self.look(name, facts, what="ADD COLUMN IF NOT EXISTS")
            if known is not None and known.column(op.column.name):
                return
        exists = self.exists_clause("IF NOT EXISTS", op.if_not_exists)
        alter = f"ALTER TABLE {self.table_name(op.table_name, op.schema)}"
        if (plain := self.plain_added_column(op)) is not None:
            yield Statement(f"{alter} ADD COLUMN {exists}{plain}{self.place_text(self.place(op, facts))}")
            return
        table = self.table_with(op)
        column = next(iter(table.columns))
        checks = self.move_named_checks(table)
        definition = self.column_definition(column) + self.column_suffix(op, column)
        definition += self.place_text(self.place(op, facts))
        parts = [f"ADD COLUMN {exists}{definition}", *(f"ADD {self.constraint_text(check)}" for check in checks)]
        yield Statement(f"{alter} {', '.join(parts)}")
        table.constraints.difference_update(checks)
        yield from self.after_add_column(replace(op, if_not_exists=bool(exists)), table)

    def column_suffix(self, op: AddColumn, column: Column[Any]) -> str:
        # A column with AUTO_INCREMENT must be a key from its beginning.
        is_key = column.primary_key and bool(self.definition(column).get("auto_increment"))
        return super().column_suffix(replace(op, inline_primary_key=True) if is_key else op, column)

    def inline_foreign_key(self, op: AddColumn, column: Column[Any]) -> ForeignKeyConstraint | None:
        # MySQL before 9.0 reads REFERENCES in a column and forgets it.
        version: tuple[int, ...] = getattr(self.dialect, "server_version_info", None) or (8, 0)
        if not self.is_mariadb and version[0] < 9:
            return None
        return super().inline_foreign_key(op, column)

    @plans(DropColumn)
    def drop_column(self, op: DropColumn, facts: Facts) -> Iterator[Step]:
        if op.if_exists and not self.is_mariadb:
            known = self.look(TableName(op.table_name, op.schema), facts, what="DROP COLUMN IF EXISTS")
            if known is not None and not known.column(op.column_name):
                return
        exists = self.exists_clause("IF EXISTS", op.if_exists)
        table = self.table_name(op.table_name, op.schema)
        yield Statement(f"ALTER TABLE {table} DROP COLUMN {exists}{self.quote(op.column_name)}")

    # -- indexes ----------------------------------------------------------------------------------------------------

    @plans(CreateIndex)
    def create_index(self, op: CreateIndex, facts: Facts) -> Iterator[Step]:
        plain = self.plain_create_index(op, exists=bool(op.if_not_exists) and self.is_mariadb)
        index = self.index(op) if plain is None else None
        if op.if_not_exists and not self.is_mariadb:
            known = self.look(TableName(op.table_name, op.schema), facts, what="CREATE INDEX IF NOT EXISTS")
            if known is not None and known.named(str(op.index_name if index is None else index.name)):
                return
        if index is not None:
            plain = self.index_text(op, index, exists=op.if_not_exists)
        yield Statement(str(plain))

    def index(self, op: CreateIndex) -> Index:
        option = f"{self.dialect.name}_length"
        lengths = op.options.get(option)
        if isinstance(lengths, Mapping) and not all(isinstance(element, str) for element in op.columns):
            # SQLAlchemy looks for the length of every element by its name, which an expression has not.
            columns = [self._prefix(element, lengths) for element in op.columns]
            op = replace(op, columns=columns, options={**op.options, option: None})
        return super().index(op)

    def _prefix(self, element: Any, lengths: Mapping[str, int]) -> Any:
        if isinstance(element, str) and element in lengths:
            return literal_column(f"{self.quote(element)}({lengths[element]:d})")
        return element

    def index_element(self, table: Table, element: Any) -> Any:
        if isinstance(element, TextClause):
            read = IndexElement.parse(element.text, escapes=self.escapes)
            if read.expression is not None:
                # MySQL wants parentheses around an expression; ASC and DESC stand outside of them.
                element = text(f"({read.expression}){read.direction}")
        return super().index_element(table, element)

    def index_text(self, op: Operation[Any], index: Index, *, exists: bool | None) -> str:
        """CREATE INDEX.

        Raises:
            UnsupportedOperationError: it has an expression, and MariaDB has no such indexes.
        """
        computed = next(filter(None, map(self._computed, index.expressions)), None)
        if self.is_mariadb and computed is not None:
            table = index.table.name if index.table is not None else "…"
            raise self.unsupported(
                op,
                why=f"MariaDB has no index on an expression such as {computed}",
                hint=f'op.add_column("{table}", sa.Column("…", sa.String(255), sa.Computed("{computed}")))\n'
                f'op.create_index("{index.name}", "{table}", ["…"])',
            )
        return self.ddl(sa_schema.CreateIndex(index, if_not_exists=bool(exists) and self.is_mariadb))

    def _computed(self, element: Any) -> str | None:
        """The text of an element of an index that is more than a column; None for a column."""
        while isinstance(element, UnaryExpression):
            element = element.element
        if isinstance(words := getattr(element, "element", None), str):
            # How SQLAlchemy keeps the text in `desc("name")`.
            element = text(words)
        if isinstance(element, TextClause):
            return IndexElement.parse(element.text, escapes=self.escapes).expression
        return None if isinstance(element, ColumnClause) else self.expression(element)

    @plans(DropIndex)
    def drop_index(self, op: DropIndex, facts: Facts) -> Iterator[Step]:
        table_name = op.table_name if op.table_name is not None else self._table_of_index(op, facts)
        if table_name is None:
            return
        if op.if_exists and not self.is_mariadb and op.table_name is not None:
            known = self.look(TableName(op.table_name, op.schema), facts, what="DROP INDEX IF EXISTS")
            if known is not None and not known.named(op.index_name):
                return
        exists = self.exists_clause("IF EXISTS", op.if_exists)
        name = TableName(table_name, op.schema)
        needed = self.drop_key(name, op.index_name, facts.tables.get(name), exists)
        yield Statement(needed or f"DROP INDEX {exists}{self.quote(op.index_name)} ON {self.table_name(*name)}")

    def _table_of_index(self, op: DropIndex, facts: Facts) -> str | None:
        """The only table that has such an index; None when none has and that is fine."""
        index = IndexName(op.index_name, op.schema).as_table()
        if index not in facts.tables:
            raise NeedsDatabaseError(
                f"op.{op.verb}: an index of MySQL belongs to a table, and none is given for {op.index_name}.",
                operation=op,
                hint=f'op.{op.verb}("{op.index_name}", table_name="…")',
            )
        found: tuple[str, ...] = facts.tables[index]
        if len(found) == 1:
            return found[0]
        if not found and op.if_exists:
            return None
        where = f"several tables have one: {', '.join(found)}" if found else "no table has one"
        raise OperationError(
            f"op.{op.verb}: cannot tell which index {op.index_name} is meant: {where}.",
            operation=op,
            hint=f'op.{op.verb}("{op.index_name}", table_name="{found[0] if found else "…"}")',
        )

    # -- enums ------------------------------------------------------------------------------------------------------

    @plans(AddEnumValue, RenameEnumValue)
    def change_enum(self, op: AddEnumValue | RenameEnumValue, facts: Facts) -> Iterator[Step]:
        raise self.unsupported(
            op,
            why="the values of an enum are part of each column's type on MySQL",
            hint='op.alter_column("…", "…", type_=sa.Enum("every", "value", "in", "order"))   # keeps all else',
        )

    # -- several at once --------------------------------------------------------------------------------------------

    @plans(AlterTable)
    def alter_table(self, op: AlterTable, facts: Facts) -> Iterator[Step]:
        """One ALTER after the other; MySQL has one for everything, so a table is never rebuilt.

        `recreate` and what describes the rebuilt table therefore change nothing; `naming_convention` names what the
        block creates, and `partial_reordering` moves columns.
        """
        adapter = self._naming(op.naming_convention) if op.naming_convention else self
        operations = [*op.operations, *self._moves(op)]
        tables = dict(facts.tables)
        for operation in operations:
            yield from adapter.plan(operation, replace(facts, tables=tables))
            tables = dict(tables)
            learn(adapter, operation, tables)

    @staticmethod
    def _moves(op: AlterTable) -> list[AlterColumn]:
        return [
            AlterColumn(op.table_name, later, insert_after=earlier, schema=op.schema)
            for names in op.partial_reordering or ()
            for earlier, later in zip(names, list(names)[1:], strict=False)
        ]

    def _naming(self, convention: Mapping[str, str]) -> MySQLAdapter:
        """A twin that names what has no name by *convention*."""
        twin = copy.copy(self)
        twin._naming_convention = convention
        return twin

    # -- text -------------------------------------------------------------------------------------------------------

    def literal(self, value: Any, type_: TypeEngine[Any] | None = None) -> str:
        if type_ is None and isinstance(value, str) and "\\" in value and "\0" not in value:
            text = value.replace("\\", "\\\\") if backslash_escapes(self.dialect) else value
            return "'" + text.replace("'", "''") + "'"
        return super().literal(value, type_)

    def split(self, sql: str) -> list[str]:
        return split_statements(sql, MYSQL)

    def terminated(self, statement: str) -> str:
        if not any(token.kind == "separator" for token in tokens(statement, MYSQL)):
            return super().terminated(statement)
        # The client would end the body of a procedure at its first semicolon.
        mark = next(mark for mark in ("//", "$$", "//" * len(statement)) if mark not in statement)
        return f"DELIMITER {mark}\n{statement}{mark}\nDELIMITER ;"

    def commits(self, sql: str) -> bool:
        return commits_implicitly(sql)


def _sorted(indexes: Iterable[Index]) -> list[Index]:
    return sorted(indexes, key=lambda index: str(index.name))


def _brings_index(item: Any) -> bool:
    return isinstance(item, Index) or (isinstance(item, Column) and bool(item.index))


def _brings_more(column: Column[Any]) -> bool:
    """Whether adding *column* takes more than one statement."""
    return bool(column.foreign_keys or column.index or column.unique or column.constraints)
