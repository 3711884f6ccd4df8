"""Constraints and indexes that models want in the words that the database has for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from asyncmig.dialects.mysql_align_columns import spelt
from asyncmig.dialects.mysql_read_parts import is_plain
from asyncmig.dialects.mysql_spelling import Spellings
from asyncmig.schema import CheckState, ForeignKeyState, IndexElement, IndexState, TableState, UniqueState

PartT = TypeVar("PartT", UniqueState, ForeignKeyState, CheckState)


def uniques_and_indexes(
    wanted: TableState, live: TableState, spellings: Spellings
) -> tuple[tuple[UniqueState, ...], tuple[IndexState, ...]]:
    """The unique constraints and the indexes of a table of the models.

    MySQL knows unique keys only, so a unique index of the models that is there is a unique constraint here; and the
    indexes that the server has made for foreign keys are wanted as long as the foreign keys are.
    """
    there = {unique.name: unique for unique in live.uniques}
    uniques, indexes = list(wanted.uniques), []
    for index in wanted.indexes:
        same = there.get(index.name)
        if same is not None and is_unique_key(index) and tuple(e.text for e in index.elements) == same.columns:
            uniques.append(UniqueState(index.name, same.columns, model=index.model))
        else:
            indexes.append(index)
    known = {index.name: index for index in live.indexes}
    indexes = [_spelt_index(index, known.get(index.name), wanted, spellings) for index in indexes]
    names = {index.name for index in wanted.indexes} | {unique.name for unique in wanted.uniques}
    kept = [*wanted.foreign_keys, *_still_wanted(wanted, live)]
    indexes += [index for index in live.indexes if index.name not in names and is_made_for(index, kept)]
    return (
        named(uniques, live.uniques, lambda unique: unique.columns),
        tuple(sorted(indexes, key=lambda index: index.name)),
    )


def _still_wanted(wanted: TableState, live: TableState) -> Iterator[ForeignKeyState]:
    """The foreign keys that are there and that models want, under whatever name."""
    nameless = {replace(key, name=None) for key in wanted.foreign_keys}
    yield from (key for key in live.foreign_keys if replace(key, name=None) in nameless)


def is_unique_key(index: IndexState) -> bool:
    """Whether a unique index is what a unique constraint makes."""
    return index.unique and not index.options and all(map(is_plain, index.elements))


def is_made_for(index: IndexState, foreign_keys: Iterable[ForeignKeyState]) -> bool:
    """Whether an index is what the server makes for a foreign key that no other index serves."""
    if index.unique or index.options or not all(map(is_plain, index.elements)):
        return False
    columns = tuple(element.text for element in index.elements)
    for key in foreign_keys:
        if key.columns == columns and (index.name == key.name or _is_named_after(index.name, columns[0])):
            return True
    return False


def _is_named_after(name: str, column: str) -> bool:
    return name == column or (re.fullmatch(r"_\d+", name[len(column) :]) is not None and name.startswith(column))


def _spelt_index(index: IndexState, live: IndexState | None, table: TableState, spellings: Spellings) -> IndexState:
    """An index with its expressions as the server writes them."""
    if live is None or index == live or not any(element.is_expression for element in index.elements):
        return index
    if len(index.elements) != len(live.elements):
        return index
    pairs = zip(index.elements, live.elements, strict=True)
    return replace(index, elements=tuple(_spelt_element(one, other, table, spellings) for one, other in pairs))


def _spelt_element(element: IndexElement, live: IndexElement, table: TableState, spellings: Spellings) -> IndexElement:
    if not (element.is_expression and live.is_expression) or element.text == live.text:
        return element
    return replace(element, text=spelt(spellings, "index", element.text, (live.text,), table))


def foreign_keys(wanted: TableState, live: TableState) -> tuple[ForeignKeyState, ...]:
    """The foreign keys, with the names that the server has given."""
    return named(wanted.foreign_keys, live.foreign_keys, lambda key: replace(key, name=None))


def checks(wanted: TableState, live: TableState, spellings: Spellings) -> tuple[CheckState, ...]:
    """The CHECKs, with their conditions as the server writes them, and the names that it has given."""
    there = {check.name: check for check in live.checks}
    given = {check.name for check in wanted.checks}
    free = [check.expression for check in live.checks if check.name not in given]
    found = []
    for check in wanted.checks:
        # Under another name it may be the same.
        same = there.get(check.name)
        candidates = free if same is None else [same.expression]
        if candidates and check.expression not in candidates:
            text = spelt(spellings, "check", check.expression, candidates, wanted)
            check = replace(check, expression=text)
        found.append(check)
    return named(found, live.checks, lambda check: check.expression)


def named(wanted: Sequence[PartT], live: Sequence[PartT], key: Callable[[PartT], Hashable]) -> tuple[PartT, ...]:
    """Parts of a table by name; those without a name get that of a part of the database which is the same else.

    Args:
        wanted: the parts that models want.
        live: those of the database.
        key: what makes two of them the same.
    """
    given = {part.name for part in wanted}
    free: dict[Hashable, list[Any]] = {}
    for part in live:
        if part.name not in given:
            free.setdefault(key(part), []).append(part)
    found: list[Any] = []
    for part in wanted:
        same = free.get(key(part)) if part.name is None else None
        found.append(replace(part, name=same.pop(0).name) if same else part)
    return tuple(sorted(found, key=lambda part: (part.name is None, part.name or "")))
