"""Columns: which are new and which are gone."""

from __future__ import annotations

from collections.abc import Iterator

from asyncmig.autogenerate.differences import Difference, TablePair
from asyncmig.schema import ColumnState


def compare(pair: TablePair) -> Iterator[Difference]:
    """The columns that only one of the two tables has."""
    wanted = {column.name for column in pair.wanted.columns}
    live = {column.name for column in pair.live.columns}
    for column in pair.wanted.columns:
        if column.name not in live:
            yield Difference("column", wanted=column, pair=pair)
    for column in pair.live.columns:
        if column.name not in wanted:
            yield Difference("column", live=column, pair=pair)


def in_both(pair: TablePair) -> Iterator[tuple[ColumnState, ColumnState]]:
    """The columns that both have: as models want it, as the database has it."""
    live = {column.name: column for column in pair.live.columns}
    for column in pair.wanted.columns:
        if column.name in live:
            yield column, live[column.name]
