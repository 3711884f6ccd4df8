"""Tables: which are new and which are gone."""

from __future__ import annotations

from collections.abc import Iterator

from asyncmig.autogenerate.differences import Difference, in_order
from asyncmig.schema import Snapshot


def compare(wanted: Snapshot, live: Snapshot) -> Iterator[Difference]:
    """The tables that only one of the two has."""
    for name in in_order(wanted.tables.keys() - live.tables.keys()):
        yield Difference("table", wanted=wanted.tables[name])
    for name in in_order(live.tables.keys() - wanted.tables.keys()):
        yield Difference("table", live=live.tables[name])
