"""Computed columns: whether values are computed, how, and whether they are kept."""

from __future__ import annotations

from asyncmig.schema import ColumnState


def differs(wanted: ColumnState, live: ColumnState) -> bool:
    """Whether the expression differs, or what becomes of its values."""
    return wanted.computed != live.computed
