"""Circles: tables that refer to each other, which cannot be created or dropped with all their foreign keys in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ForeignKeyConstraint

from asyncmig._sqlalchemy import given_name
from asyncmig.autogenerate.changes import Unit
from asyncmig.autogenerate.dependencies import referent_of
from asyncmig.autogenerate.differences import in_order
from asyncmig.autogenerate.naming import constraint_name
from asyncmig.operations.base import TableName
from asyncmig.operations.constraints import CreateForeignKey
from asyncmig.operations.tables import CreateTable, DropTable


def without_circles(units: Iterable[Unit], *, limit: int, creating: bool = True) -> Iterator[Unit]:
    """*units* with the foreign keys that close circles of tables as operations of their own.

    Args:
        units: the units.
        limit: how long a name may be.
        creating: whether a table can only be created when those that it refers to are there.
    """
    units = list(units)
    created = {_name(made): made for unit in units if isinstance(made := unit.changes[0].operation, CreateTable)}
    dropped = {
        _name(drop): drop.dropped
        for unit in units
        if isinstance(drop := unit.changes[0].operation, DropTable) and drop.dropped is not None
    }
    closing_created, closing_dropped = _closing(created) if creating else {}, _closing(dropped)
    for unit in units:
        operation = unit.changes[0].operation
        if isinstance(operation, CreateTable) and (keys := closing_created.get(_name(operation))):
            yield replace(
                unit, changes=(replace(unit.changes[0], operation=_without(operation, keys)), *unit.changes[1:])
            )
            yield from (Unit.of(_create(operation, key, limit)) for key in keys)
        elif isinstance(operation, DropTable) and operation.dropped and (keys := closing_dropped.get(_name(operation))):
            yield from (Unit.of(_create(operation.dropped, key, limit).reversed()) for key in keys)
            yield Unit.of(replace(operation, dropped=_without(operation.dropped, keys)), *unit.changes[0].notes)
        else:
            yield unit


def _name(operation: CreateTable | DropTable) -> TableName:
    return TableName(operation.table_name, operation.schema)


def _keys(operation: CreateTable) -> list[ForeignKeyConstraint]:
    return [item for item in operation.items if isinstance(item, ForeignKeyConstraint)]


def _closing(tables: Mapping[TableName, CreateTable]) -> dict[TableName, list[ForeignKeyConstraint]]:
    """The foreign keys without which no tables refer to each other in a circle, by their tables.

    Tables are walked in the order of their names, each before those that it refers to; a key that leads back to a table
    on the way to it closes a circle.
    """
    referents = {name: _referents(name, operation, tables) for name, operation in tables.items()}
    closing: dict[TableName, list[ForeignKeyConstraint]] = {}
    finished: set[TableName] = set()
    for start in in_order(tables):
        if start in finished:
            continue
        way = [start]
        on_way = {start}
        left = [iter(referents[start])]
        while way:
            step = next(left[-1], None)
            if step is None:
                left.pop()
                on_way.discard(way[-1])
                finished.add(way.pop())
                continue
            referent, key = step
            if referent in on_way:
                closing.setdefault(way[-1], []).append(key)
            elif referent not in finished:
                way.append(referent)
                on_way.add(referent)
                left.append(iter(referents[referent]))
    return closing


def _referents(
    name: TableName, operation: CreateTable, tables: Mapping[TableName, Any]
) -> Sequence[tuple[TableName, ForeignKeyConstraint]]:
    """The other tables among *tables* that a table refers to, in the order of their names, with the key that does."""
    found = [(referent_of(key)[0], key) for key in _keys(operation)]
    kept = [(referent, key) for referent, key in found if referent != name and referent in tables]
    return sorted(kept, key=lambda pair: (pair[0].schema or "", pair[0].name, *map(str, pair[1].column_keys)))


def _without(operation: CreateTable, keys: Sequence[ForeignKeyConstraint]) -> CreateTable:
    return replace(operation, items=tuple(item for item in operation.items if not any(item is key for key in keys)))


def _create(operation: CreateTable, key: ForeignKeyConstraint, limit: int) -> CreateForeignKey:
    referent, columns = referent_of(key)
    local = [str(column) for column in key.column_keys]
    name = given_name(key) or constraint_name("foreign_key", operation.table_name, local, limit=limit)
    return CreateForeignKey(
        name,
        operation.table_name,
        referent.name,
        local,
        columns,
        onupdate=key.onupdate,
        ondelete=key.ondelete,
        deferrable=key.deferrable,
        initially=key.initially,
        match=key.match,
        source_schema=operation.schema,
        referent_schema=referent.schema,
        options=dict(sorted(key.dialect_kwargs.items())),
    )
