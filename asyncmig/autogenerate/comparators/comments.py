"""Comments: whether a table or a column has another one."""

from __future__ import annotations

from collections.abc import Iterator

from asyncmig.autogenerate.differences import Difference, TablePair
from asyncmig.schema import ColumnState


def compare(pair: TablePair) -> Iterator[Difference]:
    """Whether the comment of the table differs."""
    if (pair.wanted.comment or None) != (pair.live.comment or None):
        yield Difference("table_comment", pair.wanted.comment or None, pair.live.comment or None, pair)


def differs(wanted: ColumnState, live: ColumnState) -> bool:
    """Whether the comment of a column differs."""
    return (wanted.comment or None) != (live.comment or None)
