"""Models of what was read: a snapshot of a database whose parts have objects of SQLAlchemy, as those of models do."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from asyncmig.autogenerate.restoring import Restored
from asyncmig.dialects.catalogue import Catalogue
from asyncmig.operations.base import TableName
from asyncmig.schema import Snapshot, TableState

__all__ = ["modelled"]


def modelled(snapshot: Snapshot, catalogue: Catalogue, tables: Collection[TableName]) -> Snapshot:
    """The same snapshot, with objects of SQLAlchemy as the models of *tables* and of their parts.

    Args:
        snapshot: what was read.
        catalogue: what has read it.
        tables: what somebody wants to make elsewhere.
    """
    restored = Restored(catalogue, snapshot)
    made = {name: _with_models(state, restored) if name in tables else state for name, state in snapshot.tables.items()}
    return replace(snapshot, tables=made)


def _with_models(state: TableState, restored: Restored) -> TableState:
    table = restored.table(state)

    def parts(states: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(replace(part, model=restored.part(state, part)) for part in states)

    key = state.primary_key
    return replace(
        state,
        columns=tuple(replace(column, model=table.columns[column.name]) for column in state.columns),
        primary_key=None if key is None else replace(key, model=table.primary_key),
        uniques=parts(state.uniques),
        foreign_keys=parts(state.foreign_keys),
        checks=parts(state.checks),
        excludes=parts(state.excludes),
        indexes=parts(state.indexes),
        model=table,
    )
