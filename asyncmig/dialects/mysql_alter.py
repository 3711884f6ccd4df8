"""MySQLColumnPlanner: the planner of `op.alter_column` for MySQL and MariaDB."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar, Final

from sqlalchemy import CheckConstraint, Column, Computed, DefaultClause, Identity, String, Table
from sqlalchemy.dialects.mysql.base import MySQLDDLCompiler
from sqlalchemy.schema import Constraint
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.types import TIMESTAMP, TypeEngine

from asyncmig._sqlalchemy import backslash_escapes, copy_type, is_type_bound, stand_in, type_variants
from asyncmig.dialects.adapter import plans
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.mysql_as_written import NOW, is_default_alone, says_enough, type_of
from asyncmig.dialects.mysql_columns import ColumnDefinition, unquote
from asyncmig.dialects.mysql_connection import MySQLConnections
from asyncmig.dialects.mysql_facts import MySQLColumn, MySQLTable, Place, same
from asyncmig.dialects.steps import Statement, Step
from asyncmig.errors import NeedsDatabaseError, OperationError
from asyncmig.operations.base import TableName
from asyncmig.operations.columns import AddColumn, AlterColumn

#: Types whose default MySQL sets with the whole definition only.
_LARGE_TYPES: Final = re.compile(r"(?:tiny|medium|long)?(?:text|blob)$|json$|geom|point|linestring|polygon|multi", re.I)
#: The type of a column that is only made to see how something else of it is written.
_ANY_TYPE: Final = String(1)


class MySQLColumnPlanner(MySQLConnections):
    """What MySQL and MariaDB say differently about the columns of a table.

    MODIFY and CHANGE take the whole definition of a column. Where the database can be asked, the definition is taken
    from it and what the operation changes is exchanged; `existing_*` is not used then: it describes what the database
    tells better, and when it is wrong (a column that is nullable in production only) nothing must change by it. But
    for the type: what `existing_type` says is written as Alembic writes it. There are histories that make a column
    larger in this way, and whose later revisions count on it.
    Where there is no database, `existing_*` is all that is known, and what is not given is not there.

    With `alters_as_written` nothing is read where the operation says enough by itself, as in Alembic.
    """

    @property
    def is_mariadb(self) -> bool:
        """Whether the server is a MariaDB; without a connection, as the URL says."""
        return bool(self.dialect.is_mariadb)  # type: ignore[attr-defined]

    @property
    def escapes(self) -> bool:
        """Whether a backslash in a string is an escape."""
        return backslash_escapes(self.printing)

    plain_compiler: ClassVar[type[DDLCompiler] | None] = MySQLDDLCompiler

    def plain_column(self, compiler: DDLCompiler, column: Column[Any], *, numbered: bool) -> str | None:
        if column.server_default is None and not (isinstance(column.type, TIMESTAMP) or type_variants(column.type)):
            # MySQL's own compiler would look the type up to see whether it is a TIMESTAMP, which takes a NULL.
            text = DDLCompiler.get_column_specification(compiler, column)
        else:
            text = compiler.get_column_specification(column)
        return f"{text} AUTO_INCREMENT" if numbered else text

    @plans(AlterColumn)
    def alter_column(self, op: AlterColumn, facts: Facts) -> Iterator[Step]:
        table = f"ALTER TABLE {self.table_name(op.table_name, op.schema)}"
        column = self.quote(op.column_name)
        new_name = self.quote(op.new_column_name or op.column_name)
        if not self.may_need_definition(op):
            if op.new_column_name is not None:
                yield Statement(f"{table} RENAME COLUMN {column} TO {new_name}")
            return
        known_table = self.known_table(op, facts)
        as_written = self.is_as_written(op)
        known = None if as_written else self.known_column(op, known_table)
        needed = as_written or self.needs_definition(op)
        if not needed and not (known and self._declares_another_type(op, known.definition)):
            yield Statement(f"{table} RENAME COLUMN {column} TO {new_name}")
            return
        yield from self._drop_bound_checks(op, known_table)
        if change := self._default_change(op, known):
            yield Statement(f"{table} ALTER COLUMN {column} {change}")
        else:
            definition = self.altered(op, known.definition if known else None)
            place = self.place_text(self.place(op, facts, moved=op.column_name))
            verb = f"CHANGE {column}" if op.new_column_name is not None else "MODIFY"
            yield Statement(f"{table} {verb} {new_name} {definition}{place}")
        if op.type_ is not None:
            for constraint in self._bound_checks(op, op.new_column_name or op.column_name, op.type_):
                yield self.add_constraint(constraint)

    @staticmethod
    def needs_definition(op: AlterColumn) -> bool:
        """Whether more than the name changes."""
        return (
            op.server_default is not False
            or op.comment is not False
            or bool(op.insert_before or op.insert_after)
            or any(change is not None for change in (op.type_, op.nullable, op.autoincrement))
        )

    def may_need_definition(self, op: AlterColumn) -> bool:
        """Whether more than the name changes, or `existing_type` may say that it does."""
        return self.needs_definition(op) or (op.new_column_name is not None and op.existing_type is not None)

    def is_as_written(self, op: AlterColumn) -> bool:
        """Whether the definition is what the operation says, and nothing is read."""
        return self.alters_as_written and says_enough(op)

    # -- what is known ----------------------------------------------------------------------------------------------

    def known_table(self, op: AlterColumn, facts: Facts) -> MySQLTable | None:
        """The table as it is; None where there is no database to tell.

        Raises:
            OperationError: there is no such table.
        """
        name = TableName(op.table_name, op.schema)
        if name not in facts.tables:
            return None
        table = facts.tables[name]
        if table is None:
            raise OperationError(f"op.{op.verb}: there is no table {name}.", operation=op)
        if not isinstance(table, MySQLTable):
            raise TypeError(f"facts of another adapter: {table!r}")
        return table

    def known_column(self, op: AlterColumn, table: MySQLTable | None) -> MySQLColumn | None:
        """The column as it is; None where there is no database to tell.

        Raises:
            OperationError: there is no such column.
        """
        if table is None:
            return None
        column = table.column(op.column_name)
        if column is None:
            raise OperationError(
                f"op.{op.verb}: table {TableName(op.table_name, op.schema)} has no column {op.column_name}.",
                operation=op,
                hint=f"It has {', '.join(column.name for column in table.columns)}.",
            )
        return column

    # -- the new definition -----------------------------------------------------------------------------------------

    def altered(self, op: AlterColumn, known: ColumnDefinition | None) -> ColumnDefinition:
        """The definition of the column after *op*.

        Args:
            op: what changes.
            known: the definition before; None where only `existing_*` tells it.
        """
        as_written = self.is_as_written(op) and not (known and is_default_alone(op))
        definition = self._declared(op) if known is None or as_written else self._as_declared(op, known)
        if op.type_ is not None and not as_written:
            definition = self._without_named_characters(op, definition).retyped(self.type_definition(op.type_))
            if not definition.get("null") and not definition.get("generated"):
                # TIMESTAMP means NOT NULL where nothing is said (explicit_defaults_for_timestamp=OFF).
                definition = definition.replace("null", "NULL")
        if op.nullable is not None:
            definition = definition.replace("null", "NULL" if op.nullable else "NOT NULL")
            if not op.nullable and definition.get("default").upper() == "DEFAULT NULL":
                definition = definition.replace("default", "")
        if op.server_default is not False:
            definition = self._with_default(definition, self.default_definition(op, op.server_default))
        if op.autoincrement is not None:
            definition = definition.replace("auto_increment", "AUTO_INCREMENT" if op.autoincrement else "")
            if op.autoincrement:
                definition = definition.replace("default", "").replace("null", "NOT NULL")
        if op.comment is not False:
            definition = definition.replace("comment", self.comment_clause(op.comment))
        if op.new_column_name is not None:
            definition = definition.renamed(op.column_name, self.quote(op.new_column_name))
        return definition

    def _without_named_characters(self, op: AlterColumn, definition: ColumnDefinition) -> ColumnDefinition:
        """Without a collation that `existing_type` names: where the new type names none, it shall go."""
        if op.existing_type is None:
            return definition
        existing = self.type_definition(op.existing_type)
        named = existing.get("charset") or existing.get("collate")
        return definition.without({"charset", "collate"}) if named else definition

    def _with_default(self, definition: ColumnDefinition, new: ColumnDefinition | None) -> ColumnDefinition:
        # As SQLAlchemy has it, ON UPDATE CURRENT_TIMESTAMP and GENERATED ALWAYS AS are part of the server default: a
        # new default gives the column that a CREATE TABLE with it would give, and going back gives the old one again.
        definition = definition.without({"default", "on update", "generated"})
        if new is None:
            return definition
        for kind in ("generated", "default", "on update"):
            definition = definition.replace(kind, new.get(kind))
        if new.get("generated") and self.is_mariadb:
            definition = definition.replace("null", "")
        return definition

    def _declared(self, op: AlterColumn) -> ColumnDefinition:
        """The definition as the operation tells it with `existing_*`."""
        type_ = op.existing_type if op.existing_type is not None else op.type_
        nullable = op.existing_nullable if op.nullable is None else op.nullable
        if self.is_as_written(op):
            type_, nullable = type_of(op), nullable is not False
        if op.autoincrement or op.existing_autoincrement:
            nullable = False
        missing = [
            words
            for words, value in (("existing_type=sa.String(50)", type_), ("existing_nullable=False", nullable))
            if value is None
        ]
        if missing:
            name = f"{TableName(op.table_name, op.schema)}.{op.column_name}"
            raise NeedsDatabaseError(
                f"op.{op.verb}: MySQL wants the whole definition of {name}, which is not known without a database.",
                operation=op,
                hint=f'op.{op.verb}("{op.table_name}", "{op.column_name}", ..., {", ".join(missing)})'
                "   # what the column is now",
            )
        definition = self.type_definition(type_).replace("null", "NULL" if nullable else "NOT NULL")  # type: ignore[arg-type]
        if op.existing_server_default is not False and op.existing_server_default is not None:
            default = self.default_definition(op, op.existing_server_default)
            definition = self._with_default(definition, default)
        if op.existing_autoincrement and op.autoincrement is None:
            definition = definition.replace("auto_increment", "AUTO_INCREMENT")
        return definition.replace("comment", self.comment_clause(op.existing_comment))

    def _as_declared(self, op: AlterColumn, known: ColumnDefinition) -> ColumnDefinition:
        """The definition that is known, with the type of `existing_type` where that is another one."""
        if op.existing_type is None or not self._declares_another_type(op, known):
            return known
        return known.retyped(self.type_definition(op.existing_type))

    def _declares_another_type(self, op: AlterColumn, known: ColumnDefinition) -> bool:
        """Whether `existing_type` is another type than that of the column, and will be its type."""
        if op.type_ is not None or op.existing_type is None or known.get("generated"):
            return False
        return not known.is_of_type(self.type_definition(op.existing_type))

    def type_definition(self, type_: TypeEngine[Any] | type[TypeEngine[Any]]) -> ColumnDefinition:
        """A definition that has only the type, with the character set and collation that the type itself names."""
        definition = self.definition(Column("c", copy_type(type_)))
        return definition.without({clause.kind for clause in definition.clauses} - {"type", "charset", "collate"})

    def default_definition(self, op: AlterColumn, default: Any) -> ColumnDefinition | None:
        """A definition that has *default* as its server default; None for no default.

        Raises:
            UnsupportedOperationError: it is an `Identity`.
        """
        if default is None:
            return None
        if isinstance(default, Identity):
            raise self.unsupported(
                op,
                why="MySQL has no identity columns",
                hint=f'op.{op.verb}("{op.table_name}", "{op.column_name}", autoincrement=True)',
            )
        if isinstance(default, Computed):
            return self.definition(Column("c", _ANY_TYPE, Computed(default.sqltext, default.persisted)))
        value: Any = default.arg if isinstance(default, DefaultClause) else default
        return self.definition(Column("c", _ANY_TYPE, server_default=value))

    def definition(self, column: Column[Any], *, checks: bool = False) -> ColumnDefinition:
        """The definition of a column as SQLAlchemy writes it, with its own CHECKs or without."""
        if checks:
            text = self.column_definition(column)
        else:
            compiler = self.printing.ddl_compiler(self.printing, None)  # type: ignore[arg-type]
            text = compiler.get_column_specification(column)
        name = self.printing.identifier_preparer.format_column(column)
        return ColumnDefinition.parse(text[len(name) :], escapes=self.escapes)

    def comment_clause(self, comment: str | None) -> str:
        """COMMENT with its text; empty for no comment."""
        return f"COMMENT {self.literal(comment, String())}" if comment else ""

    # -- only the default -------------------------------------------------------------------------------------------

    def _default_change(self, op: AlterColumn, known: MySQLColumn | None) -> str | None:
        """What ALTER COLUMN has to say when only the default changes and it can say it; else None."""
        others = (op.type_, op.nullable, op.autoincrement, op.new_column_name, op.insert_before, op.insert_after)
        if op.server_default is False or op.comment is not False or any(other is not None for other in others):
            return None
        as_written = self.is_as_written(op)
        if as_written and (op.server_default is None or not is_default_alone(op)):
            return "DROP DEFAULT" if op.server_default is None else None
        before = known.definition if known else None if as_written else self._guessed(op)
        if before is not None and (before.get("on update") or before.get("generated")):
            return None
        if before is not None and not self.is_mariadb and _LARGE_TYPES.match(before.base_type):
            return None
        new = self.default_definition(op, op.server_default)
        if new is None:
            # Without a default a column that may be null would have to be named in every INSERT.
            return "SET DEFAULT NULL" if before is not None and before.nullable else "DROP DEFAULT"
        value = new.get("default").removeprefix("DEFAULT ")
        if not value or new.get("on update") or (NOW.match(value) and not self.is_mariadb):
            return None
        return f"SET DEFAULT {value}"

    def _guessed(self, op: AlterColumn) -> ColumnDefinition | None:
        """As much of the definition as `existing_*` tells, None when the operation does not say enough."""
        if op.existing_server_default is not False and op.existing_server_default is not None:
            default = self.default_definition(op, op.existing_server_default)
            if default is not None and (default.get("on update") or default.get("generated")):
                return self._declared(op)
        if op.existing_type is None and op.existing_nullable is None:
            return None
        type_ = self.type_definition(op.existing_type if op.existing_type is not None else _ANY_TYPE)
        return type_.replace("null", "NULL" if op.existing_nullable else "NOT NULL")

    # -- the place in the order of columns --------------------------------------------------------------------------

    def place(self, op: AddColumn | AlterColumn, facts: Facts, *, moved: str | None = None) -> Place | None:
        """Where the column is to go, None when nothing is said about it; MySQL knows only FIRST and AFTER.

        Args:
            op: the operation.
            facts: what is known.
            moved: the column that is moved, which is not its own neighbour.
        """
        if op.insert_after is not None:
            return Place(op.insert_after)
        if op.insert_before is None:
            return None
        name = TableName(op.table_name, op.schema)
        table = facts.table(
            name,
            need=f'MySQL puts a column after another: insert_after="…" instead of insert_before="{op.insert_before}".',
        )
        if table is None:
            raise OperationError(f"op.{op.verb}: there is no table {name}.", operation=op)
        if table.column(op.insert_before) is None or same(op.insert_before, moved):
            raise OperationError(
                f"op.{op.verb}: insert_before={op.insert_before!r} is no other column of table {name}.", operation=op
            )
        return Place(table.column_before(op.insert_before, leaving_out=moved))

    def place_text(self, place: Place | None) -> str:
        """FIRST or AFTER, to stand at the end of a definition."""
        if place is None:
            return ""
        return " FIRST" if place.after is None else f" AFTER {self.quote(place.after)}"

    # -- CHECKs that belong to types --------------------------------------------------------------------------------

    def _drop_bound_checks(self, op: AlterColumn, table: MySQLTable | None) -> Iterator[Step]:
        """Drop what the old type keeps its values in bounds with: Boolean or Enum with `create_constraint=True`."""
        if op.type_ is None or op.existing_type is None:
            return
        for constraint in self._bound_checks(op, op.column_name, op.existing_type):
            name = self.constraint_name(constraint)
            if name is None or (table is not None and not any(key.kind == "check" for key in table.named(name))):
                continue
            yield Statement(f"ALTER TABLE {self.table_name(op.table_name, op.schema)} {self.drop_check(name)}")

    def _bound_checks(
        self, op: AlterColumn, column_name: str, type_: TypeEngine[Any] | type[TypeEngine[Any]]
    ) -> list[Constraint]:
        table = stand_in(op.table_name, op.schema, self.metadata(), Column(column_name, copy_type(type_)))
        return [
            constraint
            for constraint in table.constraints
            if is_type_bound(constraint) and self.constraint_applies(constraint)
        ]

    def constraint_name(self, constraint: Constraint) -> str | None:
        """The name of a constraint of a stand-in table, after the naming convention."""
        if constraint.name is None:
            return None
        quoted = self.printing.identifier_preparer.format_constraint(constraint)
        return None if quoted is None else unquote(str(quoted))

    def move_named_checks(self, table: Table) -> list[CheckConstraint]:
        """Make named CHECKs of columns of a stand-in table CHECKs of the table; gives them.

        Inside a column MariaDB takes no name for them, and MySQL keeps all of them at the table anyway.
        """
        moved = []
        for column in table.columns:
            named = [
                check for check in column.constraints if isinstance(check, CheckConstraint) and check.name is not None
            ]
            column.constraints.difference_update(named)
            moved += [CheckConstraint(check.sqltext, name=check.name) for check in named]
        for check in moved:
            table.append_constraint(check)
        return moved

    def drop_check(self, name: str, *, exists: str = "") -> str:
        """What ALTER TABLE says to drop a CHECK."""
        return f"DROP {'CONSTRAINT' if self.is_mariadb else 'CHECK'} {exists}{self.quote(name)}"
