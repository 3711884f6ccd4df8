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
from asyncmig.autogenerate.pacing import Pace
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

Key: TypeAlias = tuple[int, str, str, int, str, int]


async def ordered(units: Iterable[Unit], default_schema: str | None = None, pace: Pace | None = None) -> list[Unit]:
    """*units* in the order in which they can be done.

    What stands in a circle that cannot be broken stands where it would without it.

    Args:
        units: the units, in any order.
        default_schema: what the default schema is called.
        pace: how long the work may go on at a time.
    """
    pace = pace or Pace()
    units = list(units)
    known = []
    for unit in units:
        known.append(dependencies_of(unit, default_schema))
        await pace()
    keys = _keys(units, known)
    queue = _Queue(await _edges(known, pace), keys)
    return [units[place] for place in await queue.places(pace)]


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
    return (
        stretch,
        "" if early else schema or "",
        "" if early else name,
        _PLACE.get(kind, len(_PLACES)),
        _label(operation),
        place,
    )


def _label(operation: Operation[Any]) -> str:
    """What an operation is about, where the order of declarations means nothing; that of columns does."""
    names = ("constraint_name", "index_name", "enum_name", "sequence_name", "schema_name", "old_table_name")
    return next((str(getattr(operation, name)) for name in names if hasattr(operation, name)), "")


def _is_rename(operation: Operation[Any]) -> bool:
    return isinstance(operation, AlterColumn) and operation.new_column_name is not None


def _stretch_of_object(unit: Unit) -> int:
    if not unit.creates:
        return _OBJECTS_DROPPED
    kinds = {token[1].kind for token in unit.creates if token[0] == "object"}
    # Tables may use them; what they need themselves they stand behind anyway.
    return 1 if "extension" in kinds else 3 if "function" in kinds else _OBJECTS_CREATED


def _table(operation: Operation[Any]) -> TableName | None:
    if isinstance(operation, CreateForeignKey | AlterTable):
        return operation.table
    return min(operation.tables(), key=str, default=None)


# -- what must stand before what ---------------------------------------------------------------------------------------


async def _edges(known: Sequence[Dependencies], pace: Pace) -> list[tuple[int, int]]:
    """Pairs of what stands before what; numbers beyond the last unit are meeting points between two crowds.

    For each thing: what lets go of it, what changes it, what drops it, what creates it, what needs it.
    """
    # Most things are the matter of one unit only.
    once: set[Token] = set()
    stages: dict[Token, tuple[list[int], ...]] = {}
    for each in known:
        for tokens in _crowds(each):
            shared = once & tokens
            stages.update((token, ([], [], [], [], [])) for token in shared)
            once |= tokens
        await pace()
    for place, each in enumerate(known):
        for stage, tokens in enumerate(_crowds(each)):
            for token in tokens & stages.keys():
                stages[token][stage].append(place)
        await pace()
    edges: list[tuple[int, int]] = []
    meeting = len(known)
    for crowds in stages.values():
        await pace()
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

    async def places(self, pace: Pace) -> list[int]:
        """The places of the units."""
        free = [(self._key(place), place) for place, left in self._waits.items() if not left]
        heapify(free)
        found: list[int] = []
        while self._waits:
            if not free:
                stuck = self._in_circle()
                free.append((self._key(stuck), stuck))
            _, place = heappop(free)
            await pace()
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
        return self._keys[place] if place < len(self._keys) else (-1, "", "", 0, "", 0)

    def _in_circle(self) -> int:
        """The unit that stands first in a circle, where only circles are left, and what waits for them."""
        unit = min((place for place in self._waits if place < len(self._keys)), key=self._key)
        way: dict[int, int] = {}
        while unit not in way:
            way[unit] = len(way)
            unit = min(self._units_before(unit), key=self._key)
        return min((each for each, number in way.items() if number >= way[unit]), key=self._key)

    def _units_before(self, place: int) -> set[int]:
        """The units that one waits for, across meeting points."""
        found: set[int] = set()
        seen: set[int] = set()
        left = [place]
        while left:
            for before in self._before.get(left.pop(), ()):
                if before in self._waits and before not in seen:
                    seen.add(before)
                    if before < len(self._keys):
                        found.add(before)
                    else:
                        left.append(before)
        return found
