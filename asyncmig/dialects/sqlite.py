"""SQLiteAdapter: what SQLite says differently."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, ClassVar, Final

from sqlalchemy import Column, Connection, Table
from sqlalchemy import schema as sa_schema
from sqlalchemy.dialects.sqlite.base import SQLiteDDLCompiler
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.exc import CompileError
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import DDLCompiler

from asyncmig._drivers import change_in_aiosqlite, has_driver_text, interrupt_aiosqlite, send_aiosqlite_text
from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.dialects import sqlite_connection, sqlite_manners, sqlite_text
from asyncmig.dialects.adapter import OfflineFacts, Traits, plans
from asyncmig.dialects.driver_errors import IS_MISSING_TABLE, sqlite_errors
from asyncmig.dialects.facts import NOTHING, Facts, Wants
from asyncmig.dialects.manners import ManneredView
from asyncmig.dialects.sending import Answer, Change
from asyncmig.dialects.sql_text import SQLITE, LexicalRules, split_statements
from asyncmig.dialects.sqlite_alter_column import changes_definition
from asyncmig.dialects.sqlite_block import Ground, TableBlock, with_indexes_last
from asyncmig.dialects.sqlite_clauses import definition_of, with_given_columns
from asyncmig.dialects.sqlite_columns import NewColumn, add_column_steps, new_column, rename_column_step
from asyncmig.dialects.sqlite_facts import SchemaObject, SQLiteTableFacts, read_table
from asyncmig.dialects.sqlite_objects import SQLiteObjectPlanner
from asyncmig.dialects.sqlite_shadow import SQLiteOfflineFacts
from asyncmig.dialects.sqlite_tokens import RESERVED
from asyncmig.dialects.steps import Step
from asyncmig.dialects.throwaway import Throwaway
from asyncmig.errors import OperationError
from asyncmig.operations.alter_table import AlterTable
from asyncmig.operations.base import Operation, TableName
from asyncmig.operations.columns import AddColumn, AlterColumn, DropColumn
from asyncmig.operations.constraints import (
    CreateCheckConstraint,
    CreateForeignKey,
    CreatePrimaryKey,
    CreateUniqueConstraint,
    DropConstraint,
    ValidateConstraint,
)
from asyncmig.operations.enums import AddEnumValue, RenameEnumValue
from asyncmig.operations.indexes import CreateIndex, DropIndex
from asyncmig.operations.table_options import AlterTableOptions
from asyncmig.operations.tables import CreateTableComment, DropTableComment

#: Operations on one table that are planned as a block of one.
_ON_ONE_TABLE: Final = (
    AddColumn,
    DropColumn,
    AlterColumn,
    CreatePrimaryKey,
    CreateUniqueConstraint,
    CreateForeignKey,
    CreateCheckConstraint,
    DropConstraint,
    AlterTableOptions,
)


class SQLiteAdapter(SQLiteObjectPlanner):
    """What SQLite says differently: most changes of a table are a rebuild."""

    name: ClassVar[str] = "sqlite"
    catalogue: ClassVar[str | None] = "asyncmig.dialects.sqlite_catalogue:SQLiteCatalogue"
    rules: ClassVar[LexicalRules] = SQLITE
    traits: ClassVar[Traits] = Traits(transactional_ddl=True, lock="transaction", enforces_length=False)

    def __init__(self, dialect: Dialect, **options: Any) -> None:
        super().__init__(dialect, **options)
        preparer = self.printing.identifier_preparer
        preparer.reserved_words = preparer.reserved_words | {word.lower() for word in RESERVED}
        self._added: tuple[AddColumn, NewColumn] | None = None

    # -- facts ------------------------------------------------------------------------------------------------------

    def wants(self, operation: Operation[Any]) -> Wants:
        block = _as_block(operation)
        if block is None:
            return NOTHING
        return self._wants(self._with_names_kept(block) if block is operation else block)

    def _wants(self, block: AlterTable) -> Wants:
        look = _asks_whether_there if block.recreate == "never" else self._needs_look
        whole = block.recreate != "never" and _concerns_whole_table(block)
        if whole or any(map(look, block.operations)):
            return Wants(tables=frozenset({block.table}))
        return NOTHING

    def _needs_look(self, operation: Operation[Any]) -> bool:
        """Whether it depends on the table how an operation is done."""
        match operation:
            case AddColumn():
                if _asks_whether_there(operation) or operation.insert_before or operation.insert_after:
                    return True
                try:
                    new = self._new_column(operation)
                except (CompileError, OperationError):
                    return False  # planning will say it
                return new.needs_value or not new.can_be_added
            case AlterColumn():
                return changes_definition(operation)
            case CreateIndex() | DropIndex() | CreateTableComment() | DropTableComment() | ValidateConstraint():
                return False
        return True

    def read_facts(self, connection: Connection, wants: Wants) -> Facts:
        def query(sql: str, parameters: Sequence[Any]) -> Sequence[Sequence[Any]]:
            return connection.exec_driver_sql(sql, tuple(parameters)).fetchall()

        quote = self.printing.identifier_preparer.quote_identifier
        return Facts(tables={table: read_table(query, table, quote) for table in wants.tables})

    def offline_facts(self) -> OfflineFacts:
        return SQLiteOfflineFacts()

    def printing_facts(self, connection: Connection, wants: Wants) -> OfflineFacts:
        rows = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
        return SQLiteOfflineFacts([str(sql) for (sql,) in rows])

    def throwaway(self, connection: Connection, name: str) -> Throwaway:
        # In memory: there is no file that it could be taken for.
        return Throwaway(URL.create(connection.engine.url.drivername))

    # -- changes of a table -----------------------------------------------------------------------------------------

    @plans(*_ON_ONE_TABLE)
    def alter_alone(self, op: Operation[Any], facts: Facts) -> Iterator[Step]:
        block = _as_block(op)
        if block is not None:
            yield from self._alter(block, facts)

    @plans(AlterTable)
    def alter_table(self, op: AlterTable, facts: Facts) -> Iterator[Step]:
        op = with_indexes_last(op)
        yield from self._alter(self._with_names_kept(op) if op.table in facts.tables else op, facts, replaces=True)

    def _with_names_kept(self, op: AlterTable) -> AlterTable:
        """A block as a rebuild where ADD COLUMN would lose something.

        It would write a named foreign key into the column, where SQLAlchemy's inspector, and so every tool that builds
        on it, does not find the name. And beside changes for which scripts expect the table to be copied, they expect
        the rows to get what `default=` says.
        """
        added = [one for one in op.operations if isinstance(one, AddColumn)]
        copied = not all(isinstance(one, AddColumn | CreateIndex | DropIndex) for one in op.operations)
        copied = copied or any(
            isinstance(getattr(one.column.server_default, "arg", ""), ClauseElement) for one in added
        )
        lost = any(_names_key(one) or (copied and one.column.default is not None) for one in added)
        return replace(op, recreate="always") if op.recreate == "auto" and lost else op

    def _alter(self, op: AlterTable, facts: Facts, *, replaces: bool = False) -> Iterator[Step]:
        unseen = not facts.known and op.table not in facts.tables and op.copy_from is None
        plain = not _concerns_whole_table(op) and all(map(self._has_alter, op.operations))
        if not self._wants(op) or (unseen and plain):
            for operation in op.operations:
                yield from self._by_alter(operation, facts)
            return
        ground = self._ground(op, facts)
        yield from TableBlock(self, op, ground, self._naming_convention, replaces=replaces).steps()

    def _ground(self, op: AlterTable, facts: Facts) -> Ground:
        """What a block on a table starts from.

        Raises:
            NeedsDatabaseError: its definition is not known.
            OperationError: there is no such table, or it is none that can be changed.
        """
        found: SQLiteTableFacts | None = None
        if op.copy_from is None or op.table in facts.tables:
            found = facts.table(op.table, need=_OFFLINE_HINT.format(table=op.table_name))
            if found is None:
                raise OperationError(f"No such table: {op.table}.", operation=op)
        if op.copy_from is not None:
            return self._given_ground(op, op.copy_from, found, live=facts.known)
        assert found is not None
        if found.definition is None:
            raise OperationError(f"Table {op.table} cannot be changed: {found.problem}.", operation=op)
        definition = with_given_columns(self, found.definition, op.reflect_args)
        return Ground(found.name, definition, found.indexes, found, facts.known)

    def _given_ground(self, op: AlterTable, table: Table, found: SQLiteTableFacts | None, *, live: bool) -> Ground:
        """What a block starts from when the table is given by `copy_from`."""
        definition, indexes = definition_of(self, table)
        if found is not None:
            return Ground(found.name, replace(definition, name=found.name.name), found.indexes, found, live)
        made = tuple(
            SchemaObject("index", str(index.name), op.table_name, self.ddl(sa_schema.CreateIndex(index)))
            for index in indexes
        )
        return Ground(op.table, replace(definition, name=op.table_name), made, None, live)

    def _new_column(self, op: AddColumn) -> NewColumn:
        """What *op* adds; asked for several times on the way from the facts that are wanted to the statement."""
        if self._added is None or self._added[0] is not op:
            self._added = (op, new_column(self, op))
        return self._added[1]

    def _has_alter(self, operation: Operation[Any]) -> bool:
        """Whether SQLite has an ALTER TABLE for an operation, which may yet refuse it."""
        match operation:
            case AddColumn():
                placed = operation.insert_before or operation.insert_after
                return not (placed or _asks_whether_there(operation)) and self._new_column(operation).can_be_added
            case DropColumn():
                return not _asks_whether_there(operation)
            case AlterColumn():
                return not changes_definition(operation)
        return not isinstance(operation, _ON_ONE_TABLE)

    def _by_alter(self, operation: Operation[Any], facts: Facts) -> Iterator[Step]:
        """The ALTER TABLE of an operation; an error when SQLite has none."""
        if not self._has_alter(operation):
            table = next(iter(operation.tables()))
            raise self.unsupported(
                operation,
                why="SQLite has no ALTER TABLE for it, and recreate='never' forbids to rebuild the table",
                hint=f'op.batch_alter_table("{table.name}", recreate="auto")',
            )
        match operation:
            case AddColumn():
                yield from add_column_steps(
                    self, TableName(operation.table_name, operation.schema), self._new_column(operation)
                )
            case DropColumn():
                yield from super().drop_column(operation, facts)
            case AlterColumn():
                new = operation.new_column_name
                if new is not None and new != operation.column_name:
                    yield rename_column_step(
                        self, TableName(operation.table_name, operation.schema), operation.column_name, new
                    )
            case _:
                yield from self.plan(operation, facts)

    # -- plain statements -------------------------------------------------------------------------------------------

    plain_compiler: ClassVar[type[DDLCompiler] | None] = SQLiteDDLCompiler

    def plain_column(self, compiler: DDLCompiler, column: Column[Any], *, numbered: bool) -> str | None:
        if not column.primary_key:
            return compiler.get_column_specification(column)
        # SQLite's own compiler would look for AUTOINCREMENT among the options of the table. It writes defaults
        # differently; all else of a column is common.
        return None if column.server_default else DDLCompiler.get_column_specification(compiler, column)

    def index_place(self, name: str, table: str, schema: str | None) -> str:
        prefix = f"{self.printing.identifier_preparer.quote_schema(schema)}." if schema else ""
        return f"{prefix}{name} ON {self.quote(table)}"

    def referent(self, table: str, schema: str | None) -> str:
        return self.quote(table)

    # -- what SQLite has not ----------------------------------------------------------------------------------------

    @plans(CreateTableComment, DropTableComment)
    def no_comments(self, op: CreateTableComment | DropTableComment, facts: Facts) -> Iterator[Step]:
        yield from ()

    @plans(AddEnumValue, RenameEnumValue)
    def no_enums(self, op: AddEnumValue | RenameEnumValue, facts: Facts) -> Iterator[Step]:
        raise self.unsupported(
            op,
            why="SQLite has no enumerated types of their own; the values are part of each column",
            hint='op.alter_column("table", "column", type_=sa.Enum(…), existing_type=sa.Enum(…))',
        )

    # -- text -------------------------------------------------------------------------------------------------------

    def split(self, sql: str) -> list[str]:
        return split_statements(sql, SQLITE)

    def is_transactional(self, sql: str) -> bool:
        return sqlite_text.is_transactional(sql)

    def commits(self, sql: str) -> bool:
        return sqlite_text.commits(sql)

    # -- connection -------------------------------------------------------------------------------------------------

    async def ask(self, connection: Connection, *texts: str) -> Answer:
        if has_driver_text(connection, "aiosqlite"):
            return await send_aiosqlite_text(connection, texts)
        return await super().ask(connection, *texts)

    async def begin(self, connection: Connection, *texts: str) -> Answer:
        return await self.ask(connection, *sqlite_connection.BEGIN, *texts)

    async def change(self, connection: Connection, changes: Sequence[Change]) -> Change | None:
        if not has_driver_text(connection, "aiosqlite"):
            return await super().change(connection, changes)
        return await change_in_aiosqlite(connection, changes)

    async def commit(self, connection: Connection, changes: Sequence[Change] = ()) -> Change | None:
        if not has_driver_text(connection, "aiosqlite"):
            return await super().commit(connection, changes)
        return await change_in_aiosqlite(connection, changes, commit=True)

    async def open(self, connection: Connection) -> None:
        await greenlet_spawn(sqlite_connection.prepare, connection)

    async def close(self, connection: Connection) -> None:
        await greenlet_spawn(sqlite_connection.restore, connection)

    def script_connection(self, connection: Connection, in_autocommit: Callable[[], bool]) -> Connection:
        if connection.dialect.driver != "aiosqlite":
            return connection
        return ManneredView(connection, sqlite_manners.SharingEngine(connection, in_autocommit))

    async def interrupt(self, connection: Connection) -> None:
        await interrupt_aiosqlite(connection)

    # The form in which SQLAlchemy keeps times.
    utc_now: ClassVar[str] = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"

    def utc_after(self, seconds: float) -> str:
        return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', '+{seconds:f} seconds')"

    @asynccontextmanager
    async def at_once(self, connection: Connection, *, stable: bool) -> AsyncIterator[None]:
        before = await greenlet_spawn(sqlite_connection.busy_timeout, connection, 0)
        try:
            yield
        finally:
            await greenlet_spawn(sqlite_connection.busy_timeout, connection, before)

    @asynccontextmanager
    async def foreign_keys_suspended(self, connection: Connection) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        async with sqlite_connection.foreign_keys_suspended(connection) as check:
            yield check

    def is_missing_table(self, error: BaseException) -> bool:
        return IS_MISSING_TABLE[self.name](error)

    def is_read_only(self, error: BaseException) -> bool:
        return any(code == sqlite3.SQLITE_READONLY for code, _ in sqlite_errors(error))

    def catalogue_digest(
        self, connection: Connection, tables: frozenset[TableName], *, building: bool = False
    ) -> str | None:
        # Everything SQLite knows is one small table of texts; which of them belong together is not worth sorting out.
        return sqlite_connection.catalogue_digest(connection)

    def is_stopped(self, error: BaseException) -> bool:
        return any(code == sqlite3.SQLITE_INTERRUPT for code, _ in sqlite_errors(error))

    async def give_up(self, connection: Connection) -> bool:
        return await greenlet_spawn(sqlite_connection.give_up, connection)

    def is_locked(self, error: BaseException) -> bool:
        return any(code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) for code, _ in sqlite_errors(error))


#: What to do where a definition is needed and there is no database.
_OFFLINE_HINT: Final = (
    "SQLite changes a table by rebuilding it, for which its definition must be known: print the SQL from base, so that "
    'its CREATE TABLE is among it; or give it: op.batch_alter_table("{table}", copy_from=sa.Table(…)).'
)


def _as_block(operation: Operation[Any]) -> AlterTable | None:
    """An operation on one table as a block of one; None for what is on no table or on all of it."""
    if isinstance(operation, AlterTable):
        return operation
    if isinstance(operation, AddColumn | DropColumn | AlterColumn | DropConstraint):
        return AlterTable(operation.table_name, (operation,), schema=operation.schema)
    if isinstance(operation, AlterTableOptions):
        # Those of other databases do not make it worth looking at the table.
        own = operation.options_for("sqlite")
        return AlterTable(operation.table_name, (operation,), schema=operation.schema) if own else None
    if isinstance(operation, CreatePrimaryKey | CreateUniqueConstraint | CreateForeignKey | CreateCheckConstraint):
        return AlterTable(operation.table.name, (operation,), schema=operation.table.schema)
    return None


def _concerns_whole_table(op: AlterTable) -> bool:
    """Whether a block changes what is not in any of its operations."""
    options = any(name.startswith("sqlite_") for name in op.table_kwargs)
    return bool(op.recreate == "always" or op.table_args or op.partial_reordering or options or _renames_again(op))


def _renames_again(op: AlterTable) -> bool:
    """Whether a column is renamed twice; the second time it may be called by the name that it had before the block."""
    renamed = [one for one in op.operations if isinstance(one, AlterColumn) and one.new_column_name is not None]
    return len(renamed) > len({one.column_name for one in renamed})


def _names_key(op: AddColumn) -> bool:
    """Whether an added column has a foreign key with a name."""
    return not op.inline_references and any(key.name is not None for key in op.column.foreign_keys)


def _asks_whether_there(operation: Operation[Any]) -> bool:
    """Whether an operation that SQLite has no IF EXISTS for asks for one."""
    return bool(
        (isinstance(operation, DropColumn | DropConstraint) and operation.if_exists)
        or (isinstance(operation, AddColumn) and operation.if_not_exists)
    )
