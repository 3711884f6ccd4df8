"""Types: whether a column has another type or collation."""

from __future__ import annotations

from collections.abc import Callable

from asyncmig.schema import ColumnState


def differs(wanted: ColumnState, live: ColumnState, is_same: Callable[[ColumnState, ColumnState], bool]) -> bool:
    """Whether the type differs, for a database that says which spellings mean the same."""
    if wanted.type == live.type and wanted.collation == live.collation:
        return False
    return not is_same(wanted, live)
