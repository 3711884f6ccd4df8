"""Defaults: whether the database fills a column with something else."""

from __future__ import annotations

from asyncmig.schema import ColumnState


def differs(wanted: ColumnState, live: ColumnState) -> bool:
    """Whether the default, or what an UPDATE sets, differs."""
    return (wanted.default, wanted.on_update) != (live.default, live.on_update)
