"""MySQLConstraintPlanner: the planners of constraints for MySQL and MariaDB."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NoReturn

from asyncmig.dialects.adapter import plans
from asyncmig.dialects.ansi import AnsiAdapter
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.mysql_alter import MySQLColumnPlanner
from asyncmig.dialects.mysql_facts import MySQLColumn, MySQLTable, same
from asyncmig.dialects.steps import Statement, Step
from asyncmig.errors import OperationError
from asyncmig.operations.base import TableName
from asyncmig.operations.constraints import (
    CreateCheckConstraint,
    CreateForeignKey,
    CreateUniqueConstraint,
    DropConstraint,
)


class MySQLConstraintPlanner(MySQLColumnPlanner):
    """What MySQL and MariaDB say differently about constraints: each kind is dropped in its own words."""

    def exists_clause(self, words: str, asked: bool | None) -> str:
        """IF EXISTS or IF NOT EXISTS, where the server has it; elsewhere the planner has looked."""
        return f"{words} " if asked and self.is_mariadb else ""

    def look(self, name: TableName, facts: Facts, *, what: str) -> MySQLTable | None:
        """The table, to decide on `if_exists` or `if_not_exists`."""
        table: MySQLTable | None = facts.table(
            name, need=f"MySQL has no {what}. Leave if_exists and if_not_exists out where SQL is only printed."
        )
        return table

    @plans(CreateForeignKey, CreateUniqueConstraint, CreateCheckConstraint)
    def create_constraint(
        self, op: CreateForeignKey | CreateUniqueConstraint | CreateCheckConstraint, facts: Facts
    ) -> Iterator[Step]:
        if op.deferrable or (op.initially or "").upper() == "DEFERRED":
            raise self.unsupported(
                op, why="MySQL checks constraints at once", hint="Leave deferrable= and initially= out for MySQL."
            )
        if isinstance(op, CreateForeignKey) and op.match is not None:
            raise self.unsupported(
                op, why="MySQL would ignore ON DELETE and ON UPDATE after MATCH", hint="Leave match= out for MySQL."
            )
        plain: Any = replace(op, deferrable=None, initially=None)
        yield from AnsiAdapter._planners[type(op)](self, plain, facts)

    @plans(DropConstraint)
    def drop_constraint(self, op: DropConstraint, facts: Facts) -> Iterator[Step]:
        if op.type_ not in (None, "foreignkey", "primary", "unique", "check"):
            raise self.unsupported(op, why=f"MySQL has no constraints of the type {op.type_!r}")
        op = replace(op, constraint_name=self.constraint_to_drop(op))
        name = TableName(op.table_name, op.schema)
        known: MySQLTable | None = facts.tables.get(name)
        if known is not None and not facts.known and not self._kinds(op, known):
            # The server gives names of its own (t_ibfk_1), which cannot be known from what was printed.
            known, facts = None, Facts.unknown()
        if known is None and op.if_exists and not self.is_mariadb:
            known = self.look(name, facts, what="DROP CONSTRAINT IF EXISTS")
        kind = op.type_
        if known is not None:
            kind = self._kind_of(op, known)
            if kind is None:
                return
            if kind == "primary":
                self._check_auto_increment(op, known)
        exists = self.exists_clause("IF EXISTS", op.if_exists)
        table = f"ALTER TABLE {self.table_name(op.table_name, op.schema)}"
        constraint = self.quote(op.constraint_name)
        match kind:
            case "primary":
                yield Statement(f"{table} DROP PRIMARY KEY")
            case "foreignkey":
                yield Statement(f"{table} DROP FOREIGN KEY {exists}{constraint}")
            case "unique":
                yield Statement(
                    self.drop_key(name, op.constraint_name, known, exists) or f"{table} DROP INDEX {exists}{constraint}"
                )
            case "check" if known is not None and (column := _checked_column(known, op.constraint_name)) is not None:
                definition = column.definition.without({"check"})
                yield Statement(f"{table} MODIFY {self.quote(column.name)} {definition}")
            case "check":
                yield Statement(f"{table} {self.drop_check(op.constraint_name, exists=exists)}")
            case _:  # printed: both servers find out the kind themselves (MySQL from 8.0.19 on)
                yield Statement(f"{table} DROP CONSTRAINT {exists}{constraint}")

    def drop_key(self, table: TableName, name: str, known: MySQLTable | None, exists: str) -> str | None:
        """What drops an index that foreign keys need: the server gets the one back that it would have made for them.

        None where no foreign key needs it. The server would refuse, although it drops its own index by itself as soon
        as there is another one.
        """
        left = () if known is None else known.left_without(name)
        if not left:
            return None
        # It gets the name of the foreign key, as if that were new, unless this very index has it.
        added = {
            key.columns: f"ADD INDEX {'' if same(key.name, name) else self.quote(str(key.name))}"
            f"({', '.join(map(self.quote, key.columns))})"
            for key in left
        }
        parts = [*added.values(), f"DROP INDEX {exists}{self.quote(name)}"]
        return f"ALTER TABLE {self.table_name(table.name, table.schema)} {', '.join(parts)}"

    def _kind_of(self, op: DropConstraint, table: MySQLTable) -> str | None:
        """The type of the constraint; None when there is no such constraint and that is fine."""
        found = self._kinds(op, table)
        if len(found) == 1:
            return found[0]
        if not found and op.if_exists:
            return None
        if not found and op.type_ is not None:
            return op.type_  # the server says it best that there is none
        self._raise_unclear(op, table, found)

    @staticmethod
    def _kinds(op: DropConstraint, table: MySQLTable) -> list[str]:
        """The types of the constraints that may be meant."""
        if op.type_ == "primary" or same(op.constraint_name, "PRIMARY"):
            return ["primary"] if table.primary_key else []
        found = [key.kind for key in table.named(op.constraint_name) if key.kind != "index"]
        if not found and _checked_column(table, op.constraint_name) is not None:
            found = ["check"]
        return found if op.type_ is None else [kind for kind in found if kind == op.type_]

    def _raise_unclear(self, op: DropConstraint, table: MySQLTable, found: list[str]) -> NoReturn:
        where = TableName(op.table_name, op.schema)
        call = f'op.{op.verb}("{op.constraint_name}", "{op.table_name}", type_='
        if found:
            message = f"table {where} has several constraints {op.constraint_name}: {', '.join(found)}"
            hint = f'{call}"{found[0]}")'
        elif table.named(op.constraint_name):
            message = f"{op.constraint_name} is an index of table {where} and no constraint"
            hint = f'op.drop_index("{op.constraint_name}", "{op.table_name}")'
        else:
            names = ", ".join(key.name for key in table.keys if key.name and key.kind != "index") or "no named ones"
            message = f"table {where} has no constraint {op.constraint_name}"
            hint = f"It has {names}."
            if table.primary_key:
                hint += f' Its primary key has no name of its own:\n{call}"primary")'
        raise OperationError(f"op.{op.verb}: {message}.", operation=op, hint=hint)

    def _check_auto_increment(self, op: DropConstraint, table: MySQLTable) -> None:
        """Refuse to drop a primary key that a column with AUTO_INCREMENT needs; the server would only name a rule."""
        counting = next((column for column in table.columns if column.definition.get("auto_increment")), None)
        if counting is None:
            return
        if any(key.kind in ("unique", "index") and same(key.columns[0], counting.name) for key in table.keys):
            return
        raise OperationError(
            f"op.{op.verb}: column {counting.name} of table {TableName(op.table_name, op.schema)} has AUTO_INCREMENT, "
            "so it must stay a key.",
            operation=op,
            hint=f'op.alter_column("{op.table_name}", "{counting.name}", autoincrement=False)   # before it',
        )


def _checked_column(table: MySQLTable, name: str) -> MySQLColumn | None:
    """The column whose definition has a CHECK of this name: MariaDB gives such a one the name of the column."""
    if any(key.kind == "check" for key in table.named(name)):
        return None
    column = table.column(name)
    is_checked = column is not None and column.definition.get("check") and not column.definition.is_json
    return column if is_checked else None
