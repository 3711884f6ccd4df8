"""Indexes: known by their names; one that a failed build has left behind counts for nothing."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from asyncmig.autogenerate.differences import Difference, TablePair
from asyncmig.autogenerate.matching import matched
from asyncmig.schema import IndexState


def compare(pair: TablePair) -> Iterator[Difference]:
    """The indexes that differ."""
    for wanted, live in matched(pair.wanted.indexes, pair.live.indexes, _structure, names_count=True):
        if wanted is None or live is None or not live.valid or _structure(wanted) != _structure(live):
            yield Difference("index", wanted, live, pair)


def _structure(index: IndexState) -> Hashable:
    return index.elements, index.unique, index.options
