"""Columns: which are new and which are gone."""

from __future__ import annotations

from collections.abc import Iterator

from asyncmig.autogenerate.differences import Difference, TablePair


def compare(pair: TablePair) -> Iterator[Difference]:
    """The columns that only one of the two tables has."""
    wanted = {column.name: column for column in pair.wanted.columns}
    live = {column.name: column for column in pair.live.columns}
    for name, column in wanted.items():
        if name not in live:
            yield Difference("column", wanted=column, pair=pair)
    for name, column in live.items():
        if name not in wanted:
            yield Difference("column", live=column, pair=pair)
