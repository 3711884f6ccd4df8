"""Scores: how much a thing that is new is like one that is gone."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final

from asyncmig.schema import ColumnState, TableState

#: From this score on, a thing may well be another one under a new name.
HIGH: Final = 0.6

#: Types whose values are of one sort.
_FAMILIES: Final = (
    frozenset({"smallint", "integer", "int", "bigint", "tinyint", "mediumint", "numeric", "decimal"}),
    frozenset({"varchar", "character varying", "char", "character", "text", "longtext", "mediumtext", "tinytext"}),
    frozenset({"real", "float", "double", "double precision"}),
    frozenset({"timestamp", "timestamp without time zone", "timestamp with time zone", "datetime", "date"}),
)


def table_score(wanted: TableState, live: TableState) -> float:
    """How much alike two tables are, from 0 to 1: the columns that they share, their keys and their names."""
    there = {column.name: column for column in live.columns}
    shared = 0.0
    for column in wanted.columns:
        other = there.get(column.name)
        if other is not None:
            shared += 1.0 if _is_alike(column, other) else 0.6
    columns = shared / max(len(wanted.columns), len(live.columns), 1)
    keys = _key(wanted) == _key(live)
    return 0.7 * columns + 0.1 * keys + 0.2 * _similar(wanted.name.name, live.name.name)


def column_score(wanted: ColumnState, live: ColumnState, wanted_table: TableState, live_table: TableState) -> float:
    """How much alike two columns are, from 0 to 1: their types, places, options and names."""
    types = 1.0 if wanted.type == live.type else 0.5 if _is_alike(wanted, live) else 0.0
    neighbours = _neighbours(wanted, wanted_table) & _neighbours(live, live_table)
    in_keys = _in_key(wanted, wanted_table) == _in_key(live, live_table)
    options = (wanted.nullable == live.nullable, wanted.default == live.default, in_keys)
    return (
        0.3 * types
        + 0.2 * min(len(neighbours), 1)
        + 0.15 * sum(options) / len(options)
        + 0.35 * _similar(wanted.name, live.name)
    )


def _is_alike(wanted: ColumnState, live: ColumnState) -> bool:
    return wanted.type == live.type or (_family(wanted.type) == _family(live.type) is not None)


def _family(type_: str) -> int | None:
    word = re.sub(r"\s*\(.*", "", type_).strip().lower()
    return next((number for number, family in enumerate(_FAMILIES) if word in family), None)


def _key(table: TableState) -> tuple[str, ...] | None:
    return table.primary_key.columns if table.primary_key else None


def _in_key(column: ColumnState, table: TableState) -> bool:
    return column.name in (_key(table) or ())


def _neighbours(column: ColumnState, table: TableState) -> set[tuple[int, str | None]]:
    """What stands before and behind a column; at the ends of a table that is nothing."""
    names: list[str | None] = [None, *(each.name for each in table.columns), None]
    place = names.index(column.name)
    return {(-1, names[place - 1]), (1, names[place + 1])}


def _similar(one: str, other: str) -> float:
    one, other = one.lower(), other.lower()
    if one.rstrip("s") == other.rstrip("s"):
        return 1.0
    if _holds(one, other) or _holds(other, one):
        return 0.9
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _holds(longer: str, shorter: str) -> bool:
    """Whether the words of the shorter name are among those of the longer one: `name` and `full_name`."""
    words = shorter.split("_")
    return len(longer) > len(shorter) and len(shorter) > 2 and set(words) <= set(longer.split("_"))
