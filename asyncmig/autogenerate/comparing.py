"""Comparison: all differences between what models want and what a database has."""

from __future__ import annotations

from asyncmig.autogenerate.comparators import columns, tables
from asyncmig.autogenerate.differences import Difference, TablePair
from asyncmig.autogenerate.filters import Filters
from asyncmig.autogenerate.pacing import Pace
from asyncmig.dialects.catalogue import Catalogue
from asyncmig.schema import Snapshot


async def compare(wanted: Snapshot, live: Snapshot, catalogue: Catalogue, filters: Filters) -> list[Difference]:
    """All differences between what models want and what a database has."""
    pace = Pace()
    found = [*tables.compare(wanted, live)]
    for name, table in wanted.tables.items():
        was = live.tables.get(name)
        if was is not None and was != table:
            found += columns.compare(TablePair(table, was))
            await pace()
    return found
