"""Comparison: all differences between what models want and what a database has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from asyncmig.autogenerate.choosing import Choice
from asyncmig.autogenerate.comparators import (
    checks,
    columns,
    comments,
    computed,
    defaults,
    enums,
    excludes,
    foreign_keys,
    identity,
    indexes,
    nullability,
    objects,
    primary_keys,
    schemas,
    sequences,
    table_options,
    tables,
    types,
    uniques,
)
from asyncmig.autogenerate.differences import Difference, TablePair, in_order
from asyncmig.autogenerate.pacing import Pace
from asyncmig.dialects.catalogue import Catalogue
from asyncmig.schema import ColumnState, Snapshot, TableState

#: What compares two tables, in the order in which differences are told.
_OF_TABLES: Final[tuple[Callable[[TablePair], Iterator[Difference]], ...]] = (
    table_options.compare,
    primary_keys.compare,
    uniques.compare,
    indexes.compare,
    foreign_keys.compare,
    checks.compare,
    excludes.compare,
    comments.compare,
)
#: What compares two columns without knowing anything else, by the aspect that it looks at.
_OF_COLUMNS: Final[tuple[tuple[str, Callable[[ColumnState, ColumnState], bool]], ...]] = (
    ("nullable", nullability.differs),
    ("computed", computed.differs),
    ("identity", identity.differs),
    ("autoincrement", identity.counter_differs),
    ("comment", comments.differs),
)


async def compare(
    wanted: Snapshot, live: Snapshot, catalogue: Catalogue, choice: Choice, *, drop_schemas: bool = False
) -> list[Difference]:
    """All differences between what models want and what a database has.

    Args:
        wanted: what the models want, in the words of the database.
        live: what the database has, under the names that it will have when all renames are done.
        catalogue: what the database can do.
        choice: which differences count.
        drop_schemas: whether schemas that no model uses count.
    """
    found: list[Difference] = []
    traits = catalogue.traits
    if traits.schemas:
        found += schemas.compare(wanted, live, drop=drop_schemas)
    if traits.enums:
        found += enums.compare(wanted, live)
    if traits.sequences:
        found += sequences.compare(wanted, live)
    found += tables.compare(wanted, live)
    pace = Pace()
    for name in in_order(wanted.tables.keys() & live.tables.keys()):
        found += _in_table(TablePair(wanted.tables[name], live.tables[name]), catalogue, choice)
        await pace()
    found += objects.compare(wanted, live)
    taken = []
    for difference in found:
        if choice.takes(difference):
            taken.append(difference)
        await pace()
    return taken


def _in_table(pair: TablePair, catalogue: Catalogue, choice: Choice) -> Iterator[Difference]:
    if choice.compares_all_columns or pair.wanted.columns != pair.live.columns:
        yield from columns.compare(pair)
        for wanted, live in columns.in_both(pair):
            aspects = _aspects(pair, wanted, live, catalogue, choice)
            if aspects:
                yield Difference("column", wanted, live, pair, frozenset(aspects))
    if not _is_same_otherwise(pair.wanted, pair.live):
        for compare_tables in _OF_TABLES:
            yield from compare_tables(pair)


def _is_same_otherwise(wanted: TableState, live: TableState) -> bool:
    """Whether two tables are the same at first sight, apart from their columns; of a thousand, nearly all are."""
    return (
        wanted.indexes == live.indexes
        and wanted.foreign_keys == live.foreign_keys
        and wanted.uniques == live.uniques
        and wanted.primary_key == live.primary_key
        and wanted.checks == live.checks
        and wanted.excludes == live.excludes
        and wanted.comment == live.comment
        and (not wanted.options or wanted.options == live.options)
        and all(index.valid for index in live.indexes)
    )


def _aspects(
    pair: TablePair, wanted: ColumnState, live: ColumnState, catalogue: Catalogue, choice: Choice
) -> list[str]:
    """What of a column differs."""
    found = []
    said = choice.type_differs(pair, wanted, live)
    if types.differs(wanted, live, catalogue.is_same_type) if said is None else said:
        found.append("type")
    said = choice.default_differs(pair, wanted, live)
    if defaults.differs(wanted, live) if said is None else said:
        found.append("default")
    if wanted != live:
        found += [name for name, differs in _OF_COLUMNS if differs(wanted, live)]
    return found
