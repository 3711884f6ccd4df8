"""TableDraft: a table as it shall become, changed part by part, with the memory of where each column comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from asyncmig.dialects.sqlite_schema import Clause, ClauseKind, ColumnDefinition, TableDefinition
from asyncmig.dialects.sqlite_tokens import mentions, rename_columns, significant, skip_group
from asyncmig.errors import OperationError


@dataclass
class DraftColumn:
    """A column of a draft.

    Args:
        definition: it under the name that it has until the new table is complete.
        origin: the column of the old table that its values come from; None: a new column.
        name: its name after the operations so far. It is given at the very end, by RENAME COLUMN, because SQLite then
            corrects the views, the triggers and the foreign keys of other tables itself.
        value: what the rows that are there get in a new column, as SQL; None leaves it to the server default.
    """

    definition: ColumnDefinition
    origin: ColumnDefinition | None
    name: str
    value: str | None = None


class TableDraft:
    """A table as it shall become.

    Args:
        definition: the table as it is.
        quote: writes a name.
    """

    def __init__(self, definition: TableDefinition, quote: Callable[[str], str]) -> None:
        self.old = definition
        self.quote = quote
        self.columns = [DraftColumn(column, column, column.name) for column in definition.columns]
        self.constraints = list(definition.constraints)
        self.options = definition.options

    # -- looking ----------------------------------------------------------------------------------------------------

    @property
    def definition(self) -> TableDefinition:
        """The table as it is to be created."""
        return replace(
            self.old,
            columns=tuple(column.definition for column in self.columns),
            constraints=tuple(self.constraints),
        ).with_options(self.options)

    @property
    def changed(self) -> bool:
        """Whether the table must be created anew to become what it shall be; other names alone do not count."""
        return self.definition != self.old

    def find(self, name: str) -> DraftColumn | None:
        """The column *name*, by the name that it has after the operations so far, or by one that it had before."""
        wanted = name.lower()
        for column in self.columns:
            if column.name.lower() == wanted:
                return column
        return next((column for column in self.columns if column.definition.name.lower() == wanted), None)

    def get(self, name: str) -> DraftColumn:
        """The column *name*.

        Raises:
            OperationError: there is no such column.
        """
        column = self.find(name)
        if column is None:
            there = ", ".join(column.name for column in self.columns)
            raise OperationError(f"No such column {name!r} in table {self.old.name}.", hint=f"It has: {there}.")
        return column

    def stored(self, names: Iterable[str]) -> list[str]:
        """The names under which columns stand in the definition."""
        return [self.get(name).definition.name for name in names]

    def stored_expression(self, expression: str) -> str:
        """An expression with the names under which columns stand in the definition."""

        def stored(name: str) -> str | None:
            column = self.find(name)
            return column.definition.name if column is not None and column.definition.name != name else None

        return rename_columns(expression, stored, self.quote)

    def stored_clause(self, clause: Clause) -> Clause:
        """A clause with the names under which its columns stand in the definition."""
        pieces = significant(clause.text)
        opening = next(index for index, token in enumerate(pieces) if token.text == "(")
        start, end = pieces[opening].end, pieces[skip_group(pieces, opening) - 1].start
        inner = self.stored_expression(clause.text[start:end])
        return replace(
            clause,
            text=clause.text[:start] + inner + clause.text[end:],
            body=self.stored_expression(clause.body),
            columns=tuple(self.stored(clause.columns)),
        )

    # -- columns ----------------------------------------------------------------------------------------------------

    def add_column(self, definition: ColumnDefinition, *, before: str | None, after: str | None) -> DraftColumn:
        """Add a column, at the end or beside another.

        Raises:
            OperationError: there is such a column.
        """
        name = definition.name
        if any(column.name.lower() == name.lower() for column in self.columns):
            raise OperationError(
                f"Table {self.old.name} has a column {name!r} already.",
                hint="op.add_column(…, if_not_exists=True) does nothing then.",
            )
        if any(column.definition.name.lower() == name.lower() for column in self.columns):
            # Its name is free only when the column that has it still gets the name it was renamed to.
            stored = f"_asyncmig_{name}"
            definition = replace(definition, name=stored, name_text=self.quote(stored))
        column = DraftColumn(replace(definition, lead=self.old.indentation()), None, name)
        self.columns.append(column)
        clauses = tuple(
            self.stored_clause(clause) if clause.kind in ("check", "generated") else clause
            for clause in definition.clauses
        )
        column.definition = replace(column.definition, clauses=clauses)
        self.move(column, before=before, after=after)
        return column

    def move(self, column: DraftColumn, *, before: str | None = None, after: str | None = None) -> None:
        """Put a column beside another."""
        if before is None and after is None:
            return
        neighbour = self.get(before or after or "")
        if neighbour is column:
            return
        self.columns.remove(column)
        self.columns.insert(self.columns.index(neighbour) + (before is None), column)

    def drop_column(self, name: str) -> DraftColumn:
        """Take a column out, and the keys and constraints that cannot be without it.

        Raises:
            OperationError: a CHECK or a generated column needs it and others.
        """
        column = self.get(name)
        if len(self.columns) == 1:
            raise OperationError(
                f"Column {name!r} is the only one of table {self.old.name}, so it cannot be dropped.",
                hint=f'op.drop_table("{self.old.name}")',
            )
        stored = column.definition.name.lower()
        self.columns.remove(column)
        for other in self.columns:
            kept = tuple(clause for clause in other.definition.clauses if self._survives(clause, stored, name))
            other.definition = replace(other.definition, clauses=kept)
        self.constraints = [clause for clause in self.constraints if self._survives(clause, stored, name)]
        return column

    def _survives(self, clause: Clause, stored: str, name: str) -> bool:
        """Whether a clause stands without the column *stored*."""
        if stored in (column.lower() for column in clause.columns):
            return False
        target = clause.target
        if target is not None and target.table.lower() == self.old.name.lower():
            return stored not in (column.lower() for column in target.columns)
        if clause.kind not in ("check", "generated") or stored not in (used := mentions(clause.body)):
            return True
        others = used & {column.definition.name.lower() for column in self.columns}
        if clause.kind == "check" and not others:
            return False
        what = f"the constraint {clause.name}" if clause.name else " ".join(clause.text.split())
        raise OperationError(
            f"Column {name!r} of table {self.old.name} cannot be dropped: {what} uses it.",
            hint=f'op.drop_constraint("{clause.name}", "{self.old.name}", type_="check")   # before it'
            if clause.name
            else "Drop what uses it first.",
        )

    def edit(self, column: DraftColumn, definition: ColumnDefinition) -> None:
        """Give a column another definition."""
        column.definition = definition

    def set_clause(self, column: DraftColumn, drop: Sequence[ClauseKind], clauses: Sequence[Clause]) -> None:
        """Exchange clauses of a column: what is of the kinds *drop* goes, *clauses* come."""
        column.definition = column.definition.without(*drop).plus(*clauses)

    # -- constraints ------------------------------------------------------------------------------------------------

    def add_constraint(self, clause: Clause) -> None:
        """Add a constraint behind the columns.

        Raises:
            OperationError: there is one of this name, or a second primary key.
        """
        if clause.name is not None and any(
            other.name is not None and other.name.lower() == clause.name.lower()
            for _, other in self.definition.clauses()
        ):
            raise OperationError(
                f"Table {self.old.name} has a constraint {clause.name!r} already.",
                hint=f'op.drop_constraint("{clause.name}", "{self.old.name}")   # before it',
            )
        if clause.kind == "primary key" and (key := self.definition.primary_key):
            raise OperationError(
                f"Table {self.old.name} has a primary key already: {', '.join(key)}.",
                hint=f'op.drop_constraint("…", "{self.old.name}", type_="primary")   # before it',
            )
        self.constraints.append(replace(clause, lead=self.old.indentation()))

    def make_way(self, clause: Clause) -> None:
        """Drop what *clause* replaces: the primary key, or a constraint of the same kind and name."""
        for _, other in list(self.definition.clauses()):
            if other.kind != clause.kind:
                continue
            names = (other.name, clause.name)
            if clause.kind == "primary key" or (None not in names and len({str(name).lower() for name in names}) == 1):
                self.drop_clause(other)

    def drop_clause(self, clause: Clause) -> None:
        """Take one clause out, wherever it stands."""
        self.constraints = [other for other in self.constraints if other is not clause]
        for column in self.columns:
            kept = tuple(other for other in column.definition.clauses if other is not clause)
            if len(kept) != len(column.definition.clauses):
                column.definition = replace(column.definition, clauses=kept)

    def exchange_clause(self, clause: Clause, new: Clause) -> None:
        """Put another clause in the place of one, wherever it stands."""
        self.constraints = [new if other is clause else other for other in self.constraints]
        for column in self.columns:
            clauses = tuple(new if other is clause else other for other in column.definition.clauses)
            column.definition = replace(column.definition, clauses=clauses)

    def require_not_null(self, names: Iterable[str]) -> None:
        """Columns of a primary key are never NULL, which SQLite does not see to by itself."""
        for name in names:
            column = self.get(name)
            if column.definition.nullable:
                self.set_clause(column, ["null"], [Clause("not null", "NOT NULL")])

    def set_autoincrement(self, on: bool) -> None:
        """Make the single integer key AUTOINCREMENT, or not.

        Raises:
            OperationError: there is no such key.
        """
        if on == self.definition.autoincrement:
            return
        key = self.definition.integer_key
        if key is None:
            raise OperationError(
                f"Table {self.old.name} cannot be AUTOINCREMENT: its primary key is not one INTEGER column."
            )
        (_, clause), *_ = self.definition.clauses_of("primary key")
        name = f"CONSTRAINT {self.quote(clause.name)} " if clause.name else ""
        text = f"{name}PRIMARY KEY AUTOINCREMENT" if on else f"{name}PRIMARY KEY"
        self.drop_clause(clause)
        self.set_clause(self.get(key), [], [Clause("primary key", text, name=clause.name)])

    def order(self, groups: Sequence[Sequence[str]]) -> None:
        """Let the columns of each group stand in its order; the others keep their places as far as they can.

        Raises:
            OperationError: two groups contradict each other.
        """
        successors: dict[int, set[int]] = {}
        for group in groups:
            columns = [self.columns.index(self.get(name)) for name in group]
            for left, right in pairwise(columns):
                successors.setdefault(left, set()).add(right)
        waiting = list(range(len(self.columns)))
        ordered: list[DraftColumn] = []
        while waiting:
            blocked = {right for left in waiting for right in successors.get(left, ())}
            free = next((index for index in waiting if index not in blocked), None)
            if free is None:
                raise OperationError(f"partial_reordering of table {self.old.name} runs in a circle.")
            waiting.remove(free)
            ordered.append(self.columns[free])
        self.columns = ordered
