"""Identity: whether a column numbers its rows, and how."""

from __future__ import annotations

from asyncmig.schema import ColumnState


def differs(wanted: ColumnState, live: ColumnState) -> bool:
    """Whether one of the two is an identity column and the other is not, or has other options."""
    return wanted.identity != live.identity


def counter_differs(wanted: ColumnState, live: ColumnState) -> bool:
    """Whether the database counts the values of one of the two up (SERIAL, AUTO_INCREMENT), and not of the other."""
    return wanted.autoincrement != live.autoincrement
