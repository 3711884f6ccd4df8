"""Tables: which are new and which are gone."""

from __future__ import annotations

from collections.abc import Iterator

from asyncmig.autogenerate.differences import Difference
from asyncmig.schema import Snapshot


def compare(wanted: Snapshot, live: Snapshot) -> Iterator[Difference]:
    """The tables that only one of the two has."""
    for name in sorted(wanted.tables.keys() - live.tables.keys(), key=lambda name: (name.schema or "", name.name)):
        yield Difference("table", wanted=wanted.tables[name])
    for name in sorted(live.tables.keys() - wanted.tables.keys(), key=lambda name: (name.schema or "", name.name)):
        yield Difference("table", live=live.tables[name])
