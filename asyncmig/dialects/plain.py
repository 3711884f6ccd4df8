"""PlainDDL: the statements that most scripts consist of, written directly from the items of an operation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

from sqlalchemy import (
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)
from sqlalchemy import schema as sa_schema
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.compiler import DDLCompiler

from asyncmig._plain import (
    has_plain_numbers,
    is_customised,
    is_name,
    is_numbered,
    is_of_sqlalchemy,
    is_plain_column,
    is_single_column,
    plain_columns,
    plain_constraint_name,
    plain_foreign_columns,
    plain_reference,
)
from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.operations.columns import AddColumn
from asyncmig.operations.constraints import CreateForeignKey, CreatePrimaryKey, CreateUniqueConstraint
from asyncmig.operations.indexes import CreateIndex, DropIndex
from asyncmig.operations.tables import CreateTable, DropTable

_OF_TABLES = (
    sa_schema.CreateTable,
    sa_schema.CreateColumn,
    MetaData,
    Table,
    Column,
    ForeignKey,
    PrimaryKeyConstraint,
    UniqueConstraint,
    ForeignKeyConstraint,
)
_OF_CONSTRAINTS = (sa_schema.AddConstraint, Table, Column, PrimaryKeyConstraint, UniqueConstraint, ForeignKeyConstraint)
_OF_INDEXES = (sa_schema.CreateIndex, sa_schema.DropIndex, Table, Column, Index)


class _NotPlainError(Exception):
    """Something has to be written by SQLAlchemy as a whole."""


class PlainDDL(DialectAdapter):
    """The statements that most scripts consist of, written directly from the items of an operation.

    SQLAlchemy writes them from a `Table`, and to make one of copies of the columns takes several times as long as all
    the rest. Columns, types and defaults are written by SQLAlchemy here too; only what holds them together is not. Each
    method gives None for what is not plain (see `asyncmig._plain`); the planner then goes the whole way, which is the
    only one that knows of comments, expressions, computed columns, options of a dialect and `@compiles`.
    """

    #: The compiler of SQLAlchemy that this class knows; a dialect with another one is somebody else's.
    plain_compiler: ClassVar[type[DDLCompiler] | None] = None

    def knows_plain(self, kinds: Iterable[type[Any]]) -> bool:
        """Whether SQLAlchemy would write items of these classes in its own common way."""
        known = self.printing.ddl_compiler is self.plain_compiler and is_of_sqlalchemy(self.printing)
        return known and not any(map(is_customised, kinds))

    # -- tables -----------------------------------------------------------------------------------------------------

    def plain_create_table(self, op: CreateTable) -> str | None:
        """CREATE TABLE."""
        if op.options or op.prefixes or op.comment or not self.knows_plain(_OF_TABLES):
            return None
        if not _are_names(op.table_name, op.schema):
            return None
        try:
            parts = ", \n\t".join(_PlainTable(self, op).parts())
        except (_NotPlainError, SQLAlchemyError):
            # What cannot be written is told by SQLAlchemy, in the words of the whole table.
            return None
        exists = "IF NOT EXISTS " if op.if_not_exists else ""
        return f"CREATE TABLE {exists}{self.table_name(op.table_name, op.schema)} (\n\t{parts}\n)"

    def plain_drop_table(self, op: DropTable) -> str | None:
        """DROP TABLE."""
        if not _are_names(op.table_name, op.schema) or not self.knows_plain((sa_schema.DropTable, Table)):
            return None
        exists = "IF EXISTS " if op.if_exists else ""
        return f"DROP TABLE {exists}{self.table_name(op.table_name, op.schema)}"

    # -- columns ----------------------------------------------------------------------------------------------------

    def plain_added_column(self, op: AddColumn) -> str | None:
        """The definition of a column to add that brings nothing else along."""
        if not _are_names(op.table_name, op.schema) or not self.knows_plain((Table, Column)):
            return None
        if not is_single_column(op.column):
            return None
        try:
            return self.plain_column(self.compiler(), op.column, numbered=False)
        except SQLAlchemyError:
            return None

    def compiler(self) -> DDLCompiler:
        """SQLAlchemy's compiler for parts of statements."""
        return self.printing.ddl_compiler(self.printing, None)  # type: ignore[arg-type]

    def plain_column(self, compiler: DDLCompiler, column: Column[Any], *, numbered: bool) -> str | None:
        """The definition of a plain column.

        Args:
            compiler: writes it.
            column: the column, which is on no table.
            numbered: whether it is the only one of the primary key and gets its numbers from the database.
        """
        return None

    # -- indexes ----------------------------------------------------------------------------------------------------

    def plain_create_index(self, op: CreateIndex, *, exists: bool | None) -> str | None:
        """CREATE INDEX on columns."""
        columns: Any = op.columns
        if op.options or not isinstance(columns, list | tuple) or not _are_distinct(columns):
            return None
        name = self._index_name(op.index_name, op.table_name, op.schema)
        if name is None:
            return None
        words = f"CREATE {'UNIQUE ' if op.unique else ''}INDEX {'IF NOT EXISTS ' if exists else ''}"
        place = self.index_place(name, op.table_name, op.schema)
        return f"{words}{place} ({', '.join(map(self.quote, columns))})"

    def plain_drop_index(self, op: DropIndex) -> str | None:
        """DROP INDEX."""
        table = "no_table" if op.table_name is None else op.table_name
        name = None if op.options else self._index_name(op.index_name, table, op.schema)
        if name is None:
            return None
        schema = f"{self.printing.identifier_preparer.quote_schema(op.schema)}." if op.schema else ""
        return f"DROP INDEX {'IF EXISTS ' if op.if_exists else ''}{schema}{name}"

    def index_place(self, name: str, table: str, schema: str | None) -> str:
        """The name of an index and its table."""
        return f"{name} ON {self.table_name(table, schema)}"

    def _index_name(self, given: object, table: str, schema: str | None) -> str | None:
        if given is None or not _are_names(table, schema) or not self.knows_plain(_OF_INDEXES):
            return None
        name = plain_constraint_name(Index, given, table, self._naming_convention)
        return self.printing.identifier_preparer.truncate_and_render_index_name(name) if name else None

    # -- constraints ------------------------------------------------------------------------------------------------

    def plain_add_constraint(self, op: CreatePrimaryKey | CreateUniqueConstraint | CreateForeignKey) -> str | None:
        """ALTER TABLE ... ADD, for a key that is given by names of columns."""
        if op.options or not self.knows_plain(_OF_CONSTRAINTS):
            return None
        try:
            return self._added_constraint(op)
        except (_NotPlainError, SQLAlchemyError):
            return None

    def _added_constraint(self, op: CreatePrimaryKey | CreateUniqueConstraint | CreateForeignKey) -> str:
        compiler = self.compiler()
        if isinstance(op, CreateForeignKey):
            table, schema, columns = op.source_table, op.source_schema, op.local_cols
            if not _are_names(op.referent_table, op.referent_schema) or len(op.remote_cols) != len(columns):
                raise _NotPlainError
            if op.referent_table == table and any(type(name) is not str for name in (*columns, *op.remote_cols)):
                raise _NotPlainError  # one column by two names, which may be quoted differently
            referent = self.referent(op.referent_table, op.referent_schema)
            text = self.foreign_key_text(compiler, op, columns, referent, op.remote_cols)
            kind: type[Any] = ForeignKeyConstraint
        else:
            table, schema, columns = op.table_name, op.schema, op.columns
            kind = PrimaryKeyConstraint if isinstance(op, CreatePrimaryKey) else UniqueConstraint
            text = self.key_text(kind, columns)
            if isinstance(op, CreateUniqueConstraint):
                text += compiler.define_constraint_deferrability(op)  # type: ignore[arg-type]
        if not _are_names(table, schema):
            raise _NotPlainError
        name = self.naming_text(kind, op.constraint_name, table)
        return f"ALTER TABLE {self.table_name(table, schema)} ADD {name}{text}"

    def naming_text(self, kind: type[Any], given: object, table: str) -> str:
        """CONSTRAINT and the name of a constraint; empty when it has none."""
        name = plain_constraint_name(kind, given, table, self._naming_convention)
        if name is None:
            raise _NotPlainError
        return (
            f"CONSTRAINT {self.printing.identifier_preparer.truncate_and_render_constraint_name(name)} " if name else ""
        )

    def key_text(self, kind: type[Any], columns: Sequence[Any]) -> str:
        """PRIMARY KEY or UNIQUE."""
        words = "PRIMARY KEY" if kind is PrimaryKeyConstraint else "UNIQUE"
        return f"{words} ({self._column_names(columns)})"

    def foreign_key_text(
        self, compiler: DDLCompiler, key: Any, columns: Sequence[Any], referent: str, remote: Sequence[Any]
    ) -> str:
        """FOREIGN KEY with what *key* says of its actions and of when it is checked."""
        text = f"FOREIGN KEY({self._column_names(columns)}) REFERENCES {referent} ({self._column_names(remote)})"
        text += compiler.define_constraint_match(key) + compiler.define_constraint_cascades(key)
        return text + compiler.define_constraint_deferrability(key)

    def referent(self, table: str, schema: str | None) -> str:
        """The table that a foreign key refers to."""
        return self.table_name(table, schema)

    def _column_names(self, columns: Sequence[Any]) -> str:
        if not isinstance(columns, list | tuple) or not _are_distinct(columns):
            raise _NotPlainError
        return ", ".join(map(self.quote, columns))


class _PlainTable:
    """What stands in the parentheses of a CREATE TABLE."""

    def __init__(self, adapter: PlainDDL, op: CreateTable) -> None:
        self.adapter = adapter
        self.op = op
        self.compiler = adapter.compiler()
        self.columns: dict[str, Column[Any]] = {}
        self.constraints: list[UniqueConstraint | ForeignKeyConstraint] = []
        self.key: PrimaryKeyConstraint | None = None
        for item in op.items:
            if item is not None:
                self._add(item)
        if not self.columns:
            raise _NotPlainError

    def _add(self, item: Any) -> None:
        if isinstance(item, Column):
            # A constraint in front of its columns does not find them.
            late = self.constraints or self.key is not None
            if late or item.name in self.columns or not is_plain_column(item):
                raise _NotPlainError
            self.columns[item.name] = item
        elif type(item) is PrimaryKeyConstraint and self.key is None:
            self.key = item
        elif type(item) is UniqueConstraint or type(item) is ForeignKeyConstraint:
            self.constraints.append(item)
        else:
            raise _NotPlainError

    def parts(self) -> Iterator[str]:
        """The columns, the primary key, and the other constraints in the order in which a `Table` would get them."""
        key = self._key_columns()
        constraints = [*map(self._constraint, self.constraints)]
        for column in self.columns.values():
            constraints += self._constraints_of(column)
        numbered = self._numbered(key)
        for name, column in self.columns.items():
            text = self.adapter.plain_column(self.compiler, column, numbered=name == numbered)
            if text is None:
                raise _NotPlainError
            yield text
        if key:
            text = self.adapter.key_text(PrimaryKeyConstraint, key)
            if self.key is None:
                yield self._named(PrimaryKeyConstraint, None) + text
            else:
                yield self._named(PrimaryKeyConstraint, self.key.name) + text + self._checked(self.key)
        yield from constraints

    def _key_columns(self) -> list[str]:
        flagged = [name for name, column in self.columns.items() if column.primary_key]
        if self.key is None:
            return flagged
        names = self._known(plain_columns(self.key))
        # A key makes its columns NOT NULL where nothing is said.
        if flagged or any(self.columns[name].nullable for name in names):
            raise _NotPlainError
        return names

    def _known(self, names: list[str] | None) -> list[str]:
        if names is None or not self.columns.keys() >= set(names):
            raise _NotPlainError
        return [self.columns[name].name for name in names]

    def _numbered(self, key: list[str]) -> str | None:
        """The column of the primary key that gets its numbers from the database."""
        if not all(has_plain_numbers(self.columns[name]) for name in key):
            raise _NotPlainError
        if len(key) != 1 or not is_numbered(self.columns[key[0]]):
            return None
        keys = [item for item in self.constraints if isinstance(item, ForeignKeyConstraint)]
        return None if any(key[0] in item.column_keys for item in keys) else key[0]

    def _named(self, kind: type[Any], given: object) -> str:
        return self.adapter.naming_text(kind, given, self.op.table_name)

    def _checked(self, constraint: Any) -> str:
        return self.compiler.define_constraint_deferrability(constraint)

    def _constraint(self, item: UniqueConstraint | ForeignKeyConstraint) -> str:
        if isinstance(item, UniqueConstraint):
            text = self.adapter.key_text(UniqueConstraint, self._known(plain_columns(item)))
            return self._named(UniqueConstraint, item.name) + text + self._checked(item)
        return self._foreign_key(item, self._known(plain_foreign_columns(item)))

    def _constraints_of(self, column: Column[Any]) -> Iterator[str]:
        if column.unique:
            yield self._named(UniqueConstraint, None) + self.adapter.key_text(UniqueConstraint, [column.name])
        if len(column.foreign_keys) > 1:
            raise _NotPlainError
        for key in column.foreign_keys:
            yield self._foreign_key(key, [column.name])

    def _foreign_key(self, item: ForeignKey | ForeignKeyConstraint, columns: list[str]) -> str:
        target = plain_reference(item)
        if target is None:
            raise _NotPlainError
        (schema, table), remote = target
        if schema != self.op.schema:
            raise _NotPlainError
        if table == self.op.table_name:
            table, remote = self.op.table_name, self._known(remote)
        referent = self.adapter.referent(table, schema)
        text = self.adapter.foreign_key_text(self.compiler, item, columns, referent, remote)
        return self._named(ForeignKeyConstraint, item.name) + text


def _are_names(table: object, schema: object) -> bool:
    return is_name(table) and (schema is None or is_name(schema))


def _are_distinct(columns: Sequence[Any]) -> bool:
    """Whether these are names of columns, and no two the same."""
    return bool(columns) and all(map(is_name, columns)) and len(set(columns)) == len(columns)
