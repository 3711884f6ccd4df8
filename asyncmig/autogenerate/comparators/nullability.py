"""Nullability: whether a column may be null on one side only."""

from __future__ import annotations

from asyncmig.schema import ColumnState


def differs(wanted: ColumnState, live: ColumnState) -> bool:
    """Whether one of the two may be null and the other may not."""
    return wanted.nullable != live.nullable
