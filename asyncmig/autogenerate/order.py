"""Order: operations, each after what it needs and before what would be in its way.

The order depends on the operations alone, not on how they were found. It holds backwards, too: undone from the last to
the first, each is undone before what it needed.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import Any, Final, TypeAlias

from asyncmig.autogenerate.changes import Unit
from asyncmig.autogenerate.dependencies import Dependencies, Token, dependencies
from asyncmig.operations.alter_table import AlterTable
from asyncmig.operations.base import Operation, TableName
from asyncmig.operations.columns import AddColumn, AlterColumn, DropColumn
from asyncmig.operations.constraints import (
    CreateCheckConstraint,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreatePrimaryKey,
    CreateUniqueConstraint,
    DropConstraint,
)
from asyncmig.operations.enums import AlterEnum, CreateEnum, DropEnum
from asyncmig.operations.indexes import CreateIndex, DropIndex
from asyncmig.operations.schemas import CreateSchema, DropSchema
from asyncmig.operations.sequences import AlterSequence, CreateSequence, DropSequence
from asyncmig.operations.table_options import AlterTableOptions
from asyncmig.operations.tables import CreateTable, DropTable, RenameTable

#: All else goes by the new names.
_RENAMES = 0
#: In which stretch of the whole an operation stands as far as it is free to.
_STRETCHES: Final[Mapping[type[Operation[Any]], int]] = {
    RenameTable: _RENAMES,
    CreateSchema: 1,
    CreateEnum: 3,
    AlterEnum: 3,
    CreateSequence: 3,
    AlterSequence: 3,
    CreateTable: 4,
    DropTable: 6,
    DropEnum: 7,
    DropSequence: 7,
    DropSchema: 8,
}
_OF_CREATED, _OF_OTHERS, _OF_DROPPED = 4, 5, 6
_OBJECTS_DROPPED, _OBJECTS_CREATED = 2, 9
#: What stands where among the changes to one table.
_PLACES: Final[tuple[type[Operation[Any]], ...]] = (
    CreateTable,
    DropConstraint,
    DropIndex,
    AddColumn,
    AlterColumn,
    AlterTable,
    AlterTableOptions,
    CreatePrimaryKey,
    CreateUniqueConstraint,
    CreateIndex,
    CreateForeignKey,
    CreateCheckConstraint,
    CreateExcludeConstraint,
    DropColumn,
    DropTable,
)
_PLACE: Final[Mapping[type[Operation[Any]], int]] = {kind: place for place, kind in enumerate(_PLACES)}

Key: TypeAlias = tuple[int, str, str, int, int]


def ordered(units: Iterable[Unit], default_schema: str | None = None) -> list[Unit]:
    """*units* in the order in which they can be done.

    What stands in a circle that cannot be broken stands where it would without it.
    """
    units = list(units)
    known = [dependencies_of(unit, default_schema) for unit in units]
    keys = _keys(units, known)
    return [units[place] for place in _Queue(_edges(known), keys).places()]


def dependencies_of(unit: Unit, default_schema: str | None) -> Dependencies:
    """What a unit has to do with the things of a database, seen from outside."""
    found = Dependencies(unit.creates, unit.drops, unit.touches, unit.needs, unit.frees)
    for operation in unit:
        found |= dependencies(operation, default_schema)
    return found


# -- where operations stand as far as they are free to -----------------------------------------------------------------


def _keys(units: Sequence[Unit], known: Sequence[Dependencies]) -> list[Key]:
    created = {token[1] for each in known for token in each.creates if token[0] == "table"}
    dropped = {token[1] for each in known for token in each.drops if token[0] == "table"}
    return [_key(unit, place, created, dropped) for place, unit in enumerate(units)]


def _key(unit: Unit, place: int, created: set[Hashable], dropped: set[Hashable]) -> Key:
    operation = unit.changes[0].operation
    table = _table(operation)
    kind = type(operation)
    stretch = _RENAMES if _is_rename(operation) else _STRETCHES.get(kind)
    if stretch is None and (unit.creates or unit.drops):
        stretch = _stretch_of_object(unit)
    if stretch is None:
        stretch = _OF_CREATED if table in created else _OF_DROPPED if table in dropped else _OF_OTHERS
        if table in created and table in dropped:
            stretch = _OF_DROPPED if kind in (DropIndex, DropConstraint) else _OF_CREATED
    name, schema = table if table is not None else TableName("")
    # The table is renamed before its columns.
    early = stretch == _RENAMES and kind is RenameTable
    return stretch, "" if early else schema or "", "" if early else name, _PLACE.get(kind, len(_PLACES)), place


def _is_rename(operation: Operation[Any]) -> bool:
    return isinstance(operation, AlterColumn) and operation.new_column_name is not None


def _stretch_of_object(unit: Unit) -> int:
    if not unit.creates:
        return _OBJECTS_DROPPED
    kinds = {token[1].kind for token in unit.creates if token[0] == "object"}
    # Tables may use them; what they need themselves they stand behind anyway.
    return 1 if "extension" in kinds else 3 if "function" in kinds else _OBJECTS_CREATED


def _table(operation: Operation[Any]) -> TableName | None:
    if isinstance(operation, CreateForeignKey):
        return operation.table
    return next(iter(operation.tables()), None)


# -- what must stand before what ---------------------------------------------------------------------------------------


def _edges(known: Sequence[Dependencies]) -> list[tuple[int, int]]:
    """Pairs of what stands before what; numbers beyond the last unit are meeting points between two crowds.

    For each thing: what lets go of it, what changes it, what drops it, what creates it, what needs it.
    """
    stages: dict[Token, tuple[list[int], ...]] = {}
    for place, each in enumerate(known):
        for stage, tokens in enumerate(_crowds(each)):
            for token in tokens:
                stages.setdefault(token, ([], [], [], [], []))[stage].append(place)
    edges: list[tuple[int, int]] = []
    meeting = len(known)
    for crowds in stages.values():
        present = _present(*crowds)
        for number, (before, after) in enumerate(pairwise(present)):
            edges += [(place, meeting) for place in before]
            edges += [(meeting, place) for place in after]
            # What stands in the first crowd stands before all of the others.
            edges += [(meeting - 1, meeting)] if number else []
            meeting += 1
    return edges


def _present(
    frees: list[int], touches: list[int], drops: list[int], creates: list[int], needs: list[int]
) -> list[list[int]]:
    """The crowds that must stand apart: nothing has to wait for what neither changes nor comes nor goes."""
    first = [frees] if touches or drops else []
    last = [needs] if touches or creates else []
    return [crowd for crowd in (*first, touches, drops, creates, *last) if crowd]


def _crowds(each: Dependencies) -> tuple[frozenset[Token], ...]:
    """For each stage the things that a unit takes part in it with; with each thing it takes part in one only."""
    again = each.creates & each.drops
    creates, drops = each.creates - again, each.drops - again
    touches = (each.touches | again) - creates - drops
    taken = creates | drops | touches
    needs = each.needs - taken
    return each.frees - taken - needs, touches, drops, creates, needs


class _Queue:
    """The units in the order that the edges between them allow; of all such orders, the first one by their keys."""

    def __init__(self, edges: Iterable[tuple[int, int]], keys: Sequence[Key]) -> None:
        self._keys = keys
        self._after: dict[int, list[int]] = {}
        self._before: dict[int, list[int]] = {}
        places = set(range(len(keys)))
        for before, then in edges:
            self._after.setdefault(before, []).append(then)
            self._before.setdefault(then, []).append(before)
            places |= {before, then}
        self._waits = {place: len(self._before.get(place, ())) for place in sorted(places)}

    def places(self) -> list[int]:
        """The places of the units."""
        free = [(self._key(place), place) for place, left in self._waits.items() if not left]
        heapify(free)
        found: list[int] = []
        while self._waits:
            if not free:
                stuck = self._in_circle()
                free.append((self._key(stuck), stuck))
            _, place = heappop(free)
            del self._waits[place]
            if place < len(self._keys):
                found.append(place)
            for then in self._after.get(place, ()):
                if then in self._waits:
                    self._waits[then] -= 1
                    if not self._waits[then]:
                        heappush(free, (self._key(then), then))
        return found

    def _key(self, place: int) -> Key:
        # Meeting points are passed at once.
        return self._keys[place] if place < len(self._keys) else (-1, "", "", 0, 0)

    def _in_circle(self) -> int:
        """The unit that stands first in a circle, where only circles are left, and what waits for them."""
        place = min((place for place in self._waits if place < len(self._keys)), key=self._key)
        path: dict[int, int] = {}
        while place not in path:
            path[place] = len(path)
            waited_for = [before for before in self._before[place] if before in self._waits]
            place = min(waited_for, key=lambda before: (self._key(before), before))
        circle = [each for each, number in path.items() if number >= path[place]]
        return min((each for each in circle if each < len(self._keys)), key=self._key)
