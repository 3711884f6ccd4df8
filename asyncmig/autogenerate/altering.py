"""Altered columns: the operations that make of a column what models want."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import Column

from asyncmig.autogenerate.changes import Change, Unit
from asyncmig.autogenerate.from_models import default_of, without_check
from asyncmig.dialects.catalogue import Catalogue
from asyncmig.operations.base import TableName
from asyncmig.operations.columns import AlterColumn
from asyncmig.operations.data import Execute
from asyncmig.schema import ColumnState, Snapshot

#: The aspects that are all said by the default of a column.
_OF_DEFAULT = frozenset({"default", "identity", "computed"})


def alter_column(
    table: TableName,
    wanted: ColumnState,
    live: ColumnState,
    aspects: frozenset[str],
    catalogue: Catalogue,
    snapshot: Snapshot,
) -> AlterColumn:
    """One operation for all that differs in a column; it knows what the column was like."""
    model: Column[Any] = wanted.model
    was = catalogue.column_of(live, snapshot)
    using = back = None
    if "type" in aspects:
        using, back = catalogue.cast(live, wanted), catalogue.cast(wanted, live)
    # A default of the old type may not fit the new one, even if both are written alike.
    defaulted = bool(aspects & _OF_DEFAULT) or ("type" in aspects and using is not None and live.default is not None)
    before = default_of(was)
    return AlterColumn(
        table.name,
        wanted.name,
        nullable=wanted.nullable if "nullable" in aspects else None,
        comment=wanted.comment if "comment" in aspects else False,
        server_default=default_of(model) if defaulted else False,
        type_=without_check(model.type) if "type" in aspects else None,
        existing_type=catalogue.type_of(live, snapshot),
        existing_server_default=before if defaulted or before is not None else False,
        existing_nullable=live.nullable,
        existing_comment=live.comment,
        schema=table.schema,
        autoincrement=wanted.autoincrement if "autoincrement" in aspects else None,
        existing_autoincrement=live.autoincrement if "autoincrement" in aspects or live.autoincrement else None,
        postgresql_using=using,
        using_back=back,
    )


def altered(
    table: TableName,
    wanted: ColumnState,
    live: ColumnState,
    aspects: frozenset[str],
    catalogue: Catalogue,
    snapshot: Snapshot,
    notes: Iterable[str] = (),
) -> Unit:
    """All that makes of a column what models want, where it can stay."""
    # Numbers are counted in the type that they have while they are.
    counted = wanted if wanted.autoincrement else live
    counting = catalogue.counting(table, counted) if "autoincrement" in aspects else None
    if counting is None:
        change = Change(alter_column(table, wanted, live, aspects, catalogue, snapshot), tuple(notes))
        return Unit((change, *_counted_as(table, wanted, live, aspects, catalogue)))
    rest = aspects - {"autoincrement"}
    changes = []
    if rest:
        operation = alter_column(table, wanted, replace(live, autoincrement=False), rest, catalogue, snapshot)
        changes.append(Change(operation, tuple(notes)))
    begin, end = map(Execute, counting)
    if wanted.autoincrement:
        # What was its default is gone by then.
        changes.append(Change(begin, undo=(end,)))
    else:
        changes.insert(0, Change(end, undo=(begin,)))
    column = frozenset({("column", table, wanted.name)})
    return Unit(tuple(changes), touches=column, needs=frozenset({("table", table)}))


def _counted_as(
    table: TableName, wanted: ColumnState, live: ColumnState, aspects: frozenset[str], catalogue: Catalogue
) -> Iterator[Change]:
    """What else has to know of the new type of a column that is counted up."""
    if "type" in aspects and wanted.autoincrement and live.autoincrement:
        new, old = catalogue.counting_as(table, wanted), catalogue.counting_as(table, live)
        if new is not None and old is not None:
            yield Change(Execute(new), undo=(Execute(old),))


def rename_column(
    table: TableName, old: ColumnState, new_name: str, catalogue: Catalogue, snapshot: Snapshot
) -> AlterColumn:
    """What gives a column another name and leaves all else."""
    was = catalogue.column_of(old, snapshot)
    before = default_of(was)
    return AlterColumn(
        table.name,
        old.name,
        new_column_name=new_name,
        existing_type=catalogue.type_of(old, snapshot),
        existing_server_default=False if before is None else before,
        existing_nullable=old.nullable,
        existing_comment=old.comment,
        schema=table.schema,
        existing_autoincrement=True if old.autoincrement else None,
    )


def changes_in_place(wanted: ColumnState, live: ColumnState, aspects: frozenset[str], catalogue: Catalogue) -> bool:
    """Whether a column can become what models want without being dropped."""
    if "computed" not in aspects:
        return True
    if not catalogue.traits.computed_in_place or wanted.computed is None or live.computed is None:
        return False
    return wanted.computed.stored == live.computed.stored
