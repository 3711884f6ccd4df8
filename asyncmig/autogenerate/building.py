"""Building: operations from differences, with all that their reverse needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from asyncmig.autogenerate import from_models
from asyncmig.autogenerate.adding import Answers, add_column, is_key_itself
from asyncmig.autogenerate.altering import alter_column, altered, changes_in_place
from asyncmig.autogenerate.beside import enum_units, object_units, schema_units, sequence_units
from asyncmig.autogenerate.changes import Change, Unit
from asyncmig.autogenerate.differences import Difference, TablePair
from asyncmig.autogenerate.expressions import mentioned
from asyncmig.autogenerate.naming import constraint_name
from asyncmig.autogenerate.renaming import Renames
from asyncmig.dialects.catalogue import Catalogue
from asyncmig.operations.base import Operation
from asyncmig.operations.columns import DropColumn
from asyncmig.operations.constraints import CreateForeignKey
from asyncmig.operations.indexes import DropIndex
from asyncmig.operations.table_options import AlterTableOptions
from asyncmig.operations.tables import CreateTableComment, DropTableComment
from asyncmig.schema import CheckState, ColumnState, ExcludeState, Snapshot, TableState

_CONSTRAINTS: Final = ("primary_key", "unique", "foreign_key", "check", "exclude")


class Builder:
    """Operations from differences.

    Args:
        catalogue: what makes operations of what was read.
        live: what the database has, under the names that it has after all renames.
        answers: what the rows that are there get in new columns.
        renames: what a person has said about names.
    """

    def __init__(self, catalogue: Catalogue, live: Snapshot, answers: Answers, renames: Renames) -> None:
        self._catalogue = catalogue
        self._live = live
        self._answers = answers
        self._renames = renames
        self._added: set[tuple[int, str]] = set()
        self._names: dict[int, set[str]] = {}

    def units(self, differences: Iterable[Difference]) -> Iterator[Unit]:
        """The operations that do away with *differences*, not yet in the order in which they can be done."""
        differences = list(differences)
        for each in differences:
            if each.kind == "column" and each.live is None and each.pair is not None:
                self._added.add((id(each.pair.wanted), each.wanted.name))
        for difference in differences:
            yield from self._units(difference)

    def _units(self, difference: Difference) -> Iterator[Unit]:
        match difference.kind:
            case "schema":
                yield from schema_units(difference)
            case "enum":
                yield from enum_units(difference, self._renames)
            case "sequence":
                yield from sequence_units(difference)
            case "object":
                yield from object_units(difference, self._catalogue)
            case "table":
                yield from self._table(difference)
            case "column":
                yield from self._column(difference, _pair(difference))
            case "index":
                yield from map(Unit.of, self._index(difference, _pair(difference)))
            case kind if kind in _CONSTRAINTS:
                for operation in self._constraint(difference, _pair(difference)):
                    yield self._with_index(operation, _pair(difference))
                if kind == "primary_key" and self._catalogue.traits.keys_hold:
                    yield from map(Unit.of, self._paused_counter(difference, _pair(difference)))
            case "table_comment":
                yield Unit.of(_comment(difference, _pair(difference)))
            case "table_options":
                yield Unit.of(_options(difference, _pair(difference)))

    # -- tables -----------------------------------------------------------------------------------------------------

    def _table(self, difference: Difference) -> Iterator[Unit]:
        if difference.live is not None:
            made = self._catalogue.table_operations(difference.live, self._live)
            yield from (Unit.of(operation.reversed()) for operation in reversed(made))
        if difference.wanted is not None:
            table: TableState = difference.wanted
            indexes = [from_models.create_index(table.name, index) for index in table.indexes]
            yield Unit(tuple(map(Change, (from_models.create_table(table), *indexes))))

    # -- columns ----------------------------------------------------------------------------------------------------

    def _column(self, difference: Difference, pair: TablePair) -> Iterator[Unit]:
        wanted, live = difference.wanted, difference.live
        if live is None:
            yield add_column(difference, self._answers, self._catalogue)
        elif wanted is None:
            yield Unit.of(self._drop_column(live, pair))
        elif changes_in_place(wanted, live, difference.aspects, self._catalogue):
            notes = _notes(pair, wanted, difference.aspects)
            yield altered(pair.name, wanted, live, difference.aspects, self._catalogue, self._live, notes)
        else:
            yield Unit.of(self._drop_column(live, pair))
            yield add_column(replace(difference, live=None), self._answers, self._catalogue)

    def _drop_column(self, column: ColumnState, pair: TablePair) -> DropColumn:
        dropped = self._catalogue.column_of(column, self._live)
        return DropColumn(pair.name.name, column.name, schema=pair.name.schema, dropped=dropped)

    # -- parts of tables --------------------------------------------------------------------------------------------

    def _index(self, difference: Difference, pair: TablePair) -> Iterator[Operation[Any]]:
        if difference.live is not None:
            yield self._catalogue.part_operation(pair.live, difference.live, self._live).reversed()
        if difference.wanted is not None:
            yield from_models.create_index(pair.name, difference.wanted)

    def _constraint(self, difference: Difference, pair: TablePair) -> Iterator[Operation[Any]]:
        wanted, live = difference.wanted, difference.live
        if live is not None:
            made: Any = self._catalogue.part_operation(pair.live, live, self._live)
            named = made
            if made.constraint_name is None:
                # It is found by the name that it would have.
                name = self._name(difference.kind, pair.live, live, frozenset())
                named = replace(made, constraint_name=name)
            yield replace(named.reversed(), dropped=made)
        if wanted is not None and not self._comes_with_column(wanted, pair):
            name = wanted.name or self._new_name(difference.kind, pair, wanted)
            yield from_models.create_constraint(pair.name, wanted, name, self._catalogue.adapter.expression)

    def _paused_counter(self, difference: Difference, pair: TablePair) -> Iterator[Operation[Any]]:
        """What ends the counting of a column before its key goes, and begins it again with the new one."""
        if difference.wanted is None or difference.live is None:
            return
        for live in pair.live.columns:
            wanted = pair.wanted.column(live.name)
            if wanted is not None and wanted.autoincrement and live.autoincrement:
                for on in (False, True):
                    was = replace(live, autoincrement=not on)
                    is_now = replace(wanted, autoincrement=on)
                    aspects = frozenset({"autoincrement"})
                    yield alter_column(pair.name, is_now, was, aspects, self._catalogue, self._live)

    def _with_index(self, operation: Operation[Any], pair: TablePair) -> Unit:
        """A constraint, and in the downgrade the index that MySQL makes for a foreign key and leaves behind."""
        if not (isinstance(operation, CreateForeignKey) and self._catalogue.traits.keys_hold):
            return Unit.of(operation)
        columns = tuple(operation.local_cols)
        keys = [unique.columns for unique in pair.wanted.uniques]
        keys += [tuple(element.text for element in index.elements) for index in pair.wanted.indexes]
        keys += [pair.wanted.primary_key.columns] if pair.wanted.primary_key is not None else []
        goes_anyway = all((id(pair.wanted), column) in self._added for column in columns)
        if goes_anyway or any(key[: len(columns)] == columns for key in keys):
            return Unit.of(operation)
        name, schema = pair.name
        drop = DropIndex(str(operation.constraint_name), name, schema=schema)
        return Unit((Change(operation, undo=(operation.reversed(), drop)),))

    def _comes_with_column(self, part: Any, pair: TablePair) -> bool:
        """Whether a new column brings a constraint along."""
        if isinstance(part, CheckState):
            return any(
                (id(pair.wanted), column.name) in self._added and from_models.keeps_check(column.model, part.model)
                for column in pair.wanted.columns
            )
        key = pair.wanted.primary_key
        if key is None or part is not key or len(key.columns) != 1:
            return False
        column = pair.wanted.column(key.columns[0])
        if column is None or (id(pair.wanted), column.name) not in self._added:
            return False
        return is_key_itself(column, pair, self._catalogue)

    def _new_name(self, kind: str, pair: TablePair, part: Any) -> str:
        """A name for a constraint that models leave without one; it must have one to be dropped in the downgrade."""
        taken = self._names.setdefault(
            id(pair.wanted), {name for table in (pair.wanted, pair.live) for name in _names(table)}
        )
        name = self._name(kind, pair.wanted, part, taken)
        taken.add(name)
        return name

    def _name(self, kind: str, table: TableState, part: Any, taken: Iterable[str]) -> str:
        limit = self._catalogue.adapter.traits.max_identifier
        return constraint_name(kind, table.name.name, _columns(part, table), limit=limit, taken=frozenset(taken))


def _pair(difference: Difference) -> TablePair:
    assert difference.pair is not None, f"a {difference.kind} is part of a table"
    return difference.pair


def _names(table: TableState) -> Iterator[str]:
    parts: list[Any] = [*table.uniques, *table.foreign_keys, *table.checks, *table.excludes, *table.indexes]
    yield from (part.name for part in parts if part.name)


def _columns(part: Any, table: TableState) -> tuple[str, ...]:
    """The columns that a part of a table is about, in their order."""
    if not isinstance(part, CheckState | ExcludeState):
        return tuple(part.columns)
    words = set(mentioned(part.expression if isinstance(part, CheckState) else part.definition))
    return tuple(column.name for column in table.columns if column.name in words)


def _notes(pair: TablePair, wanted: ColumnState, aspects: frozenset[str]) -> Iterator[str]:
    if "nullable" in aspects and not wanted.nullable:
        yield f"{pair.name}.{wanted.name} becomes NOT NULL, which fails where a row has no value."


def _comment(difference: Difference, pair: TablePair) -> Operation[Any]:
    name, schema = pair.name
    if difference.wanted is None:
        return DropTableComment(name, existing_comment=difference.live, schema=schema)
    return CreateTableComment(name, difference.wanted, existing_comment=difference.live, schema=schema)


def _options(difference: Difference, pair: TablePair) -> Operation[Any]:
    name, schema = pair.name
    return AlterTableOptions(name, schema=schema, options=difference.wanted, existing_options=difference.live)
