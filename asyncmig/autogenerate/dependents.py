"""Dependents: what has not changed itself, but must be away while something that it is made of changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from asyncmig.autogenerate.altering import changes_in_place
from asyncmig.autogenerate.beside import is_exchanged
from asyncmig.autogenerate.differences import Difference, TablePair, in_order
from asyncmig.autogenerate.expressions import mentioned
from asyncmig.autogenerate.matching import matched
from asyncmig.autogenerate.renaming import Renames
from asyncmig.autogenerate.types_used import enums_in
from asyncmig.dialects.catalogue import Catalogue
from asyncmig.operations.base import TableName
from asyncmig.schema import (
    CheckState,
    ExcludeState,
    ForeignKeyState,
    IndexState,
    ObjectKey,
    Snapshot,
    TableState,
)


@dataclass
class _Moved:
    """What changes so that nothing may hold it meanwhile.

    Args:
        columns: columns that are dropped and added again under the same name.
        retyped: columns that get another type.
        unlike: those of them whose values become of another sort, so that keys between them and others cannot stay.
        keys: keys and unique indexes that are dropped, as the columns of a table.
        shapes: tables whose columns change otherwise than by new ones.
        objects: objects that are dropped, with or without being created again.
    """

    columns: set[tuple[TableName, str]] = field(default_factory=set)
    retyped: set[tuple[TableName, str]] = field(default_factory=set)
    unlike: set[tuple[TableName, str]] = field(default_factory=set)
    keys: set[tuple[TableName, frozenset[str]]] = field(default_factory=set)
    shapes: set[TableName] = field(default_factory=set)
    objects: set[ObjectKey] = field(default_factory=set)


def with_dependents(
    differences: Sequence[Difference],
    wanted: Snapshot,
    live: Snapshot,
    catalogue: Catalogue,
    renames: Renames,
    renamed: frozenset[TableName] = frozenset(),
) -> list[Difference]:
    """*differences*, and what has to be dropped and created again on their account.

    Nothing of that concerns a database that rebuilds whole tables, apart from objects.

    Args:
        differences: what was found.
        wanted, live: what is compared.
        catalogue: what the database can do.
        renames: what a person has said about names.
        renamed: the tables that get another name, or whose columns do, by their new names.
    """
    found = list(differences)
    if not catalogue.traits.inline_keys:
        found += _computed_again(found, wanted, live, catalogue)
        moved = _moved(found, catalogue)
        known = {_identity(each) for each in found if each.pair is not None}
        found += [each for each in _parts_again(found, moved) if _is_new(each, known)]
        # Indexes and keys that are dropped for a column take foreign keys along.
        moved = _moved(found, catalogue)
        found += [each for each in _keys_again(wanted, live, moved) if _is_new(each, known)]
    return _objects_again(found, wanted, live, _moved(found, catalogue), catalogue, renames, renamed)


def _is_new(difference: Difference, known: set[tuple[int, int]]) -> bool:
    key = _identity(difference)
    if key in known:
        return False
    known.add(key)
    return True


def _identity(difference: Difference) -> tuple[int, int]:
    return id(None if difference.pair is None else difference.pair.live), id(difference.live)


def _moved(differences: Iterable[Difference], catalogue: Catalogue) -> _Moved:
    moved = _Moved()
    for each in differences:
        if each.kind == "object" and each.live is not None and each.wanted is None:
            # One that is replaced takes care of what is made of it.
            moved.objects.add(each.live.key)
        pair = each.pair
        if pair is None or each.live is None:
            continue
        if each.kind == "column":
            _add_column(moved, each, pair, catalogue)
        elif each.kind in ("primary_key", "unique"):
            moved.keys.add((pair.name, frozenset(each.live.columns)))
        elif each.kind == "index" and each.live.unique:
            moved.keys.add((pair.name, frozenset(element.text for element in each.live.elements)))
    return moved


def _add_column(moved: _Moved, each: Difference, pair: TablePair, catalogue: Catalogue) -> None:
    column = (pair.name, each.live.name)
    if each.wanted is None:
        moved.shapes.add(pair.name)
    elif not changes_in_place(each.wanted, each.live, each.aspects, catalogue):
        moved.columns.add(column)
        moved.shapes.add(pair.name)
    elif "type" in each.aspects:
        moved.retyped.add(column)
        if catalogue.traits.keys_hold or _sort(each.wanted.type) != _sort(each.live.type):
            moved.unlike.add(column)
        moved.shapes.add(pair.name)


def _sort(type_: str) -> str:
    """What sort of values a type has: `varchar(20)` and `varchar(50)` have the same."""
    return type_.partition("(")[0].strip()


# -- within a table ----------------------------------------------------------------------------------------------------


def _computed_again(
    differences: Sequence[Difference], wanted: Snapshot, live: Snapshot, catalogue: Catalogue
) -> Iterator[Difference]:
    """Computed columns whose expression uses a column that gets another type, or is dropped and added."""
    moved = _moved(differences, catalogue)
    known = {id(each.live) for each in differences if each.kind == "column" and "computed" in each.aspects}
    pairs = {id(each.pair): each.pair for each in differences if each.kind == "column" and each.pair is not None}
    done: set[int] = set()
    for pair in pairs.values():
        for column in pair.live.columns:
            new = pair.wanted.column(column.name)
            if column.computed is None or new is None or new.computed is None or id(column) in known | done:
                continue
            words = set(mentioned(column.computed.expression))
            if any(table == pair.name and name in words for table, name in moved.retyped | moved.columns):
                done.add(id(column))
                yield Difference("column", new, column, pair, frozenset({"computed", "again"}))


def _parts_again(differences: Sequence[Difference], moved: _Moved) -> Iterator[Difference]:
    """Constraints and indexes on columns that are dropped and added again."""
    pairs = {id(each.pair): each.pair for each in differences if each.kind == "column" and each.pair is not None}
    for pair in pairs.values():
        again = {name for table, name in moved.columns if table == pair.name}
        if again:
            for kind, wanted, live in _same_parts(pair):
                if not again.isdisjoint(_words(live)):
                    yield Difference(kind, wanted, live, pair)


def _same_parts(pair: TablePair) -> Iterator[tuple[str, Any, Any]]:
    """The constraints and indexes that both tables have, with what they are."""
    wanted, live = pair.wanted, pair.live
    if wanted.primary_key is not None and live.primary_key is not None:
        yield "primary_key", wanted.primary_key, live.primary_key
    sides: tuple[tuple[str, Sequence[Any], Sequence[Any], bool], ...] = (
        ("unique", wanted.uniques, live.uniques, True),
        ("index", wanted.indexes, live.indexes, True),
        ("foreign_key", wanted.foreign_keys, live.foreign_keys, False),
        ("check", wanted.checks, live.checks, False),
        ("exclude", wanted.excludes, live.excludes, False),
    )
    for kind, new, old, names_count in sides:
        for one, other in matched(new, old, _structure, names_count=names_count):
            if one is not None and other is not None:
                yield kind, one, other


def _structure(part: Any) -> Any:
    if isinstance(part, ForeignKeyState):
        return tuple(sorted(zip(part.columns, part.referent_columns, strict=False))), part.referent
    if isinstance(part, CheckState):
        return part.expression
    if isinstance(part, ExcludeState):
        return part.definition
    return part.elements if isinstance(part, IndexState) else part.columns


def _words(part: Any) -> set[str]:
    """The columns that a part may be about."""
    if isinstance(part, CheckState):
        return set(mentioned(part.expression))
    if isinstance(part, ExcludeState):
        return set(mentioned(part.definition))
    if isinstance(part, IndexState):
        words = {element.text for element in part.elements}
        for text in [*words, *(value for _, value in part.options if isinstance(value, str))]:
            words |= set(mentioned(text))
        return words.union(*(value for _, value in part.options if isinstance(value, tuple)))
    return set(part.columns)


# -- foreign keys ------------------------------------------------------------------------------------------------------


def _keys_again(wanted: Snapshot, live: Snapshot, moved: _Moved) -> Iterator[Difference]:
    """Foreign keys on columns and keys that change."""
    if not (moved.columns or moved.unlike or moved.keys):
        return
    for name in in_order(wanted.tables.keys() & live.tables.keys()):
        old = live.tables[name]
        if any(_is_held(key, old, moved) for key in old.foreign_keys):
            pair = TablePair(wanted.tables[name], old)
            for one, other in matched(pair.wanted.foreign_keys, old.foreign_keys, _structure, names_count=False):
                if one is not None and other is not None and _is_held(other, old, moved):
                    yield Difference("foreign_key", one, other, pair)


def _is_held(key: ForeignKeyState, table: TableState, moved: _Moved) -> bool:
    columns = [(table.name, column) for column in key.columns]
    columns += [(key.referent, column) for column in key.referent_columns]
    if (key.referent, frozenset(key.referent_columns)) in moved.keys:
        return True
    return any(column in moved.columns or column in moved.unlike for column in columns)


# -- objects -----------------------------------------------------------------------------------------------------------


def _objects_again(
    differences: Sequence[Difference],
    wanted: Snapshot,
    live: Snapshot,
    moved: _Moved,
    catalogue: Catalogue,
    renames: Renames,
    renamed: frozenset[TableName],
) -> list[Difference]:
    """*differences*, with each view and the like that is in the way of one dropped first, and created last."""
    if not live.objects:
        return list(differences)
    shapes = moved.shapes | {
        name
        for each in differences
        if each.kind == "enum" and each.wanted and each.live and is_exchanged(each.wanted, each.live, renames)
        for name, table in live.tables.items()
        if _has_enum(table, each.live.name, wanted)
    }
    shapes |= renamed
    again = _standing_on(shapes, moved.objects, live)
    split = again | {key for key in live.objects if key.kind == "trigger" and live.objects[key].needs & shapes}
    again |= _triggers_on(moved.retyped, live, catalogue)
    found: list[Difference] = []
    for each in differences:
        if each.kind == "object" and each.live is not None and each.wanted is not None and each.live.key in split:
            again.discard(each.live.key)
            found += [Difference("object", live=each.live), Difference("object", wanted=each.wanted)]
        else:
            found.append(each)
            if each.kind == "object" and each.live is not None:
                again.discard(each.live.key)
    for key in sorted(again, key=str):
        if key in wanted.objects:
            found += [Difference("object", live=live.objects[key]), Difference("object", wanted=wanted.objects[key])]
    return found


def _standing_on(shapes: set[TableName], dropped: set[ObjectKey], live: Snapshot) -> set[ObjectKey]:
    """The views that are made of *shapes*, those that are made of them or of what is *dropped*, and so on."""
    found: set[ObjectKey] = set()
    while True:
        ground = shapes | found | dropped
        more = {
            key
            for key, state in live.objects.items()
            if key not in found and key.kind in ("view", "materialized_view") and not state.needs.isdisjoint(ground)
        }
        if not more:
            return found
        found |= more


def _triggers_on(columns: set[tuple[TableName, str]], live: Snapshot, catalogue: Catalogue) -> set[ObjectKey]:
    """The triggers that name one of *columns*, where that keeps it from getting another type."""
    if catalogue.traits.inline_keys or not catalogue.adapter.traits.transactional_ddl:
        return set()
    return {
        key
        for table, column in columns
        for key, state in live.objects.items()
        if (key.table, key.schema) == tuple(table) and column in mentioned(state.definition)
    }


def _has_enum(table: TableState, enum: TableName, wanted: Snapshot) -> bool:
    model = wanted.tables.get(table.name)
    columns: Callable[[], Iterable[Any]] = lambda: () if model is None else model.columns  # noqa: E731
    return any(
        TableName(str(each.name), each.schema) == enum
        for column in columns()
        if column.model is not None
        for each in enums_in(column.model.type)
    )
