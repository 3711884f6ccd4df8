"""Unique constraints: known by their names, those without one by what they are."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from asyncmig.autogenerate.differences import Difference, TablePair
from asyncmig.autogenerate.matching import matched
from asyncmig.schema import UniqueState


def compare(pair: TablePair) -> Iterator[Difference]:
    """The unique constraints that differ."""
    for wanted, live in matched(pair.wanted.uniques, pair.live.uniques, _structure, names_count=True):
        if wanted is None or live is None or _structure(wanted) != _structure(live):
            yield Difference("unique", wanted, live, pair)


def _structure(unique: UniqueState) -> Hashable:
    return unique.columns, unique.deferrable, unique.initially_deferred, unique.options
