"""TableBlock: operations on one table, done together: by ALTER where SQLite has one for each, else as one rebuild."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import MetaData

from asyncmig.dialects.ansi import AnsiAdapter
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.sqlite_alter_column import alter_column
from asyncmig.dialects.sqlite_clauses import apply_options, apply_table_arguments, clause_for
from asyncmig.dialects.sqlite_columns import add_column_steps, new_column, rename_column_step, value_for_rows
from asyncmig.dialects.sqlite_constraints import (
    Convention,
    constraints_of,
    convention_name,
    find_constraint,
    missing_constraint,
)
from asyncmig.dialects.sqlite_draft import DraftColumn, TableDraft
from asyncmig.dialects.sqlite_facts import SchemaObject, SQLiteTableFacts
from asyncmig.dialects.sqlite_parse import parse_index
from asyncmig.dialects.sqlite_rebuild import Rebuild, check_watchers
from asyncmig.dialects.sqlite_schema import TableDefinition
from asyncmig.dialects.sqlite_shadow import complaints
from asyncmig.dialects.steps import Statement, Step
from asyncmig.errors import MissingObjectError, OperationError
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
from asyncmig.operations.indexes import CreateIndex, DropIndex
from asyncmig.operations.table_options import AlterTableOptions
from asyncmig.operations.tables import CreateTableComment, DropTableComment


@dataclass(frozen=True)
class Ground:
    """What a block starts from.

    Args:
        table: the table, as its name is stored.
        definition: its definition.
        indexes: its indexes.
        facts: what else is known; None: nothing.
        live: whether there is a database.
    """

    table: TableName
    definition: TableDefinition
    indexes: tuple[SchemaObject, ...]
    facts: SQLiteTableFacts | None
    live: bool


def with_indexes_last(op: AlterTable) -> AlterTable:
    """A block with the indexes that it says before it adds their columns at its end, where Alembic makes all."""
    late: list[Operation[Any]] = []
    for place, each in enumerate(op.operations):
        if isinstance(each, CreateIndex):
            added = {other.column.name for other in op.operations[place:] if isinstance(other, AddColumn)}
            if any(isinstance(column, str) and column in added for column in each.columns):
                late.append(each)
    if not late:
        return op
    return replace(op, operations=(*(each for each in op.operations if each not in late), *late))


class TableBlock:
    """Operations on one table.

    Each operation changes the draft of the table, and says by which ALTER it could be done instead, if there is one.

    Args:
        adapter: writes SQL.
        op: the block.
        ground: what it starts from.
        convention: the naming convention of the project.
        replaces: whether a new constraint replaces one of its name, and a new primary key the old one, as in the blocks
            of Alembic; else that is refused.
    """

    def __init__(
        self,
        adapter: AnsiAdapter,
        op: AlterTable,
        ground: Ground,
        convention: Convention | None,
        *,
        replaces: bool = False,
    ) -> None:
        self.adapter = adapter
        self.op = op
        self.ground = ground
        self.conventions = [each for each in (op.naming_convention, convention) if each]
        self.replaces = replaces
        self.draft = TableDraft(ground.definition, adapter.quote)
        self.indexes = list(ground.indexes)
        #: The ALTERs so far; None when an operation has none.
        self.native: list[Step] | None = []
        #: What follows a rebuild: new names, new indexes.
        self.after: list[Step] = []
        self.dropped = False
        #: The indexes that went with a column, by their names in small letters.
        self._gone: dict[str, SchemaObject] = {}

    def steps(self) -> Iterator[Step]:
        """The steps of the whole block.

        Raises:
            OperationError: an operation names what is not there, or would break something else.
        """
        for operation in self.op.operations:
            self._apply(operation)
        self._bring_back_indexes()
        if apply_table_arguments(self.adapter, self.draft, self.op, self.after):
            self.native = None
        facts = self.ground.facts
        if self.dropped and facts is not None:
            check_watchers(facts, self.draft.definition)
        if self.op.recreate != "always" and self.native is not None and not self._blocked(facts):
            yield from self.native
            return
        if self.op.recreate == "never":
            raise self.adapter.unsupported(
                self.op,
                why="SQLite has no ALTER TABLE for it, and recreate='never' forbids to rebuild the table",
                hint=f'op.batch_alter_table("{self.op.table_name}", recreate="auto")',
            )
        if self.op.naming_convention:
            self._name_constraints(self.op.naming_convention)
        rebuild = Rebuild(
            self.ground.table, self.draft, facts, self.indexes, live=self.ground.live, quote=self.adapter.quote
        )
        yield from rebuild.steps()
        yield from self.after

    def _blocked(self, facts: SQLiteTableFacts | None) -> bool:
        """Whether SQLite would refuse DROP COLUMN because of a view that is broken already."""
        return self.dropped and facts is not None and bool(facts.watchers) and bool(complaints(facts.objects))

    def _apply(self, operation: Operation[Any]) -> None:
        native = self._handle(operation)
        self.native = None if self.native is None or native is None else [*self.native, *native]

    def _handle(self, operation: Operation[Any]) -> Sequence[Step] | None:
        """Change the draft; the ALTERs that would do the same, None when there are none."""
        match operation:
            case AddColumn():
                return self._add_column(operation)
            case DropColumn():
                return self._drop_column(operation)
            case AlterColumn():
                return self._alter_column(operation)
            case CreateIndex():
                return self._create_index(operation)
            case DropIndex():
                return self._drop_index(operation)
            case CreatePrimaryKey() | CreateUniqueConstraint() | CreateForeignKey() | CreateCheckConstraint():
                self._create_constraint(operation)
                return None
            case DropConstraint():
                return self._drop_constraint(operation)
            case AlterTableOptions():
                before = self.draft.definition
                apply_options(self.draft, operation.options)
                return None if self.draft.definition != before else ()
            case CreateTableComment() | DropTableComment() | ValidateConstraint():
                return ()
            case _:
                raise self.adapter.unsupported(operation, why="it cannot stand in a block on one table of SQLite")

    # -- columns ----------------------------------------------------------------------------------------------------

    def _add_column(self, op: AddColumn) -> Sequence[Step] | None:
        if op.if_not_exists and self._has_column(op.column.name):
            return ()
        new = new_column(self.adapter, op)
        facts = self.ground.facts
        value = value_for_rows(self.adapter, op.column)
        unfilled = new.needs_value and self.ground.live and facts is not None and facts.has_rows
        if unfilled and value is None:
            raise OperationError(
                f"Column {op.column.name!r} of table {self.ground.table} would be NOT NULL, but the rows that are "
                "there have no value for it.",
                operation=op,
                hint="Give it a server_default; or add it nullable, fill it, and make it NOT NULL by op.alter_column.",
            )
        column = self.draft.add_column(new.definition, before=op.insert_before, after=op.insert_after)
        column.value = value
        for clause in new.constraints:
            self.draft.add_constraint(self.draft.stored_clause(clause))
        if column.definition.name != column.name:
            self.after.append(rename_column_step(self.adapter, self.ground.table, column.definition.name, column.name))
        add, *indexes = add_column_steps(self.adapter, self.ground.table, new)
        self.after += indexes
        in_place = new.can_be_added and not (op.insert_before or op.insert_after or unfilled)
        return [add, *indexes] if in_place else None

    def _has_column(self, name: str) -> bool:
        return any(column.name.lower() == name.lower() for column in self.draft.columns)

    def _drop_column(self, op: DropColumn) -> Sequence[Step] | None:
        if op.if_exists and self.draft.find(op.column_name) is None:
            return ()
        column = self.draft.get(op.column_name)
        stored = column.definition.name
        self._refuse_referrers(stored, op)
        steps = self._drop_indexes_of(stored, op)
        others = [other.definition for other in self.draft.columns if other is not column]
        constraints = list(self.draft.constraints)
        self.draft.drop_column(op.column_name)
        self.dropped = True
        untouched = others == [other.definition for other in self.draft.columns]
        if not untouched or constraints != self.draft.constraints or column.definition.of_kind("primary key", "unique"):
            return None
        table = self.adapter.table_name(self.ground.table.name, self.ground.table.schema)
        return [*steps, Statement(f"ALTER TABLE {table} DROP COLUMN {self.adapter.quote(column.name)}")]

    def _refuse_referrers(self, stored: str, op: DropColumn) -> None:
        facts = self.ground.facts
        table = self.ground.table
        for referrer in facts.referrers if facts is not None else ():
            remote = referrer.remote_columns or self.draft.old.primary_key
            if stored.lower() in (name.lower() for name in remote) and referrer.table.lower() != table.name.lower():
                raise OperationError(
                    f"Column {op.column_name!r} of table {table} cannot be dropped: a foreign key of table "
                    f"{referrer.table} ({', '.join(referrer.columns)}) refers to it.",
                    operation=op,
                    hint=f'op.drop_constraint("…", "{referrer.table}", type_="foreignkey")   # before it',
                )

    def _drop_indexes_of(self, stored: str, op: DropColumn) -> list[Step]:
        steps: list[Step] = []
        for index in list(self.indexes):
            text = parse_index(index.sql)
            if stored.lower() in text.expression_columns:
                raise OperationError(
                    f"Column {op.column_name!r} of table {self.ground.table} cannot be dropped: an expression or the "
                    f"condition of the index {index.name} uses it.",
                    operation=op,
                    hint=f'op.drop_index("{index.name}", "{self.ground.table.name}")   # before it',
                )
            if stored.lower() in text.columns:
                self.indexes.remove(index)
                self._gone[index.name.lower()] = index
                steps.append(self._drop_index_step(index.name))
        return steps

    def _alter_column(self, op: AlterColumn) -> Sequence[Step] | None:
        column = self.draft.get(op.column_name)
        before = self.draft.definition
        alter_column(self.adapter, self.draft, column, op, self._metadata())
        changed = self.draft.definition != before
        steps = self._rename_column(column, op)
        return None if changed else steps

    def _metadata(self) -> list[MetaData]:
        return [MetaData(), *(MetaData(naming_convention=dict(each)) for each in self.conventions)]

    def _rename_column(self, column: DraftColumn, op: AlterColumn) -> list[Step]:
        new = op.new_column_name
        if new is None or new == column.name:
            return []
        if any(other is not column and other.name.lower() == new.lower() for other in self.draft.columns):
            raise OperationError(
                f"Column {op.column_name!r} of table {self.ground.table} cannot be renamed to {new!r}: there is such a "
                "column already.",
                operation=op,
            )
        step = rename_column_step(self.adapter, self.ground.table, column.name, new)
        column.name = new
        self.after.append(step)
        return [step]

    # -- indexes ----------------------------------------------------------------------------------------------------

    def _create_index(self, op: CreateIndex) -> Sequence[Step]:
        columns = [self.draft.get(each).name if isinstance(each, str) else each for each in op.columns]
        steps = list(self.adapter.create_index(replace(op, columns=columns), Facts()))
        self.after += steps
        return steps

    def _drop_index(self, op: DropIndex) -> Sequence[Step]:
        step = self._drop_index_step(op.index_name)
        index = next((each for each in self.indexes if each.name.lower() == op.index_name.lower()), None)
        if index is not None:
            self.indexes.remove(index)
            return [step]
        created = [
            each.index_name
            for each in self.op.operations
            if isinstance(each, CreateIndex) and each.index_name == op.index_name
        ]
        if created:
            self.after.append(step)
            return [step]
        if self._gone.pop(op.index_name.lower(), None) or op.if_exists:
            return ()
        there = ", ".join(index.name for index in self.indexes) or "none"
        raise MissingObjectError(
            f"No such index {op.index_name!r} of table {self.ground.table}.", operation=op, hint=f"It has: {there}."
        )

    def _bring_back_indexes(self) -> None:
        """Keep the indexes whose column was dropped and is there again: so a column gets another definition."""
        created = {each.index_name for each in self.op.operations if isinstance(each, CreateIndex)}
        there = {column.name.lower() for column in self.draft.columns}
        for index in self._gone.values():
            if index.name not in created and there.issuperset(parse_index(index.sql).columns):
                self.indexes.append(index)
                self.native = None

    def _drop_index_step(self, name: str) -> Step:
        return Statement(f"DROP INDEX {self.adapter.table_name(name, self.ground.table.schema)}")

    # -- constraints ------------------------------------------------------------------------------------------------

    def _create_constraint(
        self, op: CreatePrimaryKey | CreateUniqueConstraint | CreateForeignKey | CreateCheckConstraint
    ) -> None:
        clause = clause_for(self.adapter, self.draft, op)
        if self.replaces:
            self.draft.make_way(clause)
        self.draft.add_constraint(clause)
        if isinstance(op, CreatePrimaryKey):
            self.draft.require_not_null(op.columns)

    def _drop_constraint(self, op: DropConstraint) -> Sequence[Step] | None:
        if op.constraint_name is None:
            raise OperationError(f"A constraint of table {self.ground.table} is dropped by its name.", operation=op)
        found = find_constraint(self.draft.definition, op, self.conventions)
        if found is not None:
            self.draft.drop_clause(found.clause)
            if found.type_ == "primary" and self.draft.options:
                # Such tables keep NULL out of their keys without a word.
                self.draft.require_not_null(found.columns)
            return None
        if op.if_exists:
            return ()
        raise missing_constraint(self.draft.definition, op.constraint_name)

    def _name_constraints(self, convention: Convention) -> None:
        """Give constraints without a name the one of the block's convention; they can be dropped by it later."""
        definition = self.draft.definition
        for constraint in constraints_of(definition):
            if constraint.clause.name is None and (name := convention_name(definition, constraint, convention)):
                self.draft.exchange_clause(constraint.clause, constraint.clause.named(name, self.adapter.quote(name)))
