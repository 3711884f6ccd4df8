"""Added columns: the operations that add one to a table that may have rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from sqlalchemy import DefaultClause, text

from asyncmig.autogenerate.changes import Change, Unit
from asyncmig.autogenerate.differences import Difference, TablePair
from asyncmig.autogenerate.from_models import added_column
from asyncmig.autogenerate.questions import Backfill, NewColumn, OneTimeDefault
from asyncmig.dialects.catalogue import Catalogue
from asyncmig.operations.base import TableName
from asyncmig.operations.columns import AddColumn, AlterColumn
from asyncmig.operations.data import Execute
from asyncmig.schema import ColumnState, Snapshot

#: What was answered for new columns, by table and name.
Answers: TypeAlias = Mapping[tuple[TableName, str], OneTimeDefault | Backfill]


def question_for(difference: Difference) -> NewColumn | None:
    """What has to be asked before a column is added; None where it can be added as it is."""
    column, pair = difference.wanted, difference.pair
    if difference.kind != "column" or column is None or difference.live is not None or pair is None:
        return None
    filled = column.default is not None or column.computed or column.identity or column.autoincrement
    return None if column.nullable or filled else NewColumn(pair.name, column.name, column.type)


def add_column(difference: Difference, answers: Answers, catalogue: Catalogue) -> Unit:
    """What adds a column; where rows that are there lack a value, as it was answered, or with a note."""
    pair, column = _parts(difference)
    table = pair.name
    in_key = is_key_itself(column, pair, catalogue)
    made = added_column(column, in_key=in_key)
    if column.autoincrement and not in_key and catalogue.counting(table, column) is not None:
        # SQLAlchemy says so for the column of a key only, and the key comes later.
        made.type = catalogue.column_of(column, Snapshot()).type
    plain = AddColumn(table.name, made, schema=table.schema, inline_primary_key=True if in_key else None)
    question = question_for(difference)
    answer = None if question is None else answers.get((table, column.name))
    match answer:
        case OneTimeDefault():
            made.server_default = DefaultClause(text(answer.value))
            return Unit((Change(plain), Change(_without_default(table, column, answer.value))))
        case Backfill():
            made.nullable = True
            filled = Change(Execute(_update(table, column.name, answer.value, catalogue)), undo=())
            return Unit((Change(plain), filled, Change(_not_null(table, column))))
    notes = [f"{table}.{column.name} is NOT NULL and has no default for rows that are there."] if question else []
    return Unit.of(plain, *notes)


def is_key_itself(column: ColumnState, pair: TablePair, catalogue: Catalogue) -> bool:
    """Whether a new column numbers the rows and is the whole primary key, and both must come in one."""
    if catalogue.counting(pair.name, column) is not None:
        # Here a column counts whether it is a key or not.
        return False
    key = pair.wanted.primary_key
    return column.autoincrement and key is not None and key.columns == (column.name,) and pair.live.primary_key is None


def _parts(difference: Difference) -> tuple[TablePair, ColumnState]:
    assert difference.pair is not None
    return difference.pair, difference.wanted


def _without_default(table: TableName, column: ColumnState, value: str) -> AlterColumn:
    return AlterColumn(
        table.name,
        column.name,
        server_default=None,
        existing_type=added_column(column).type,
        existing_server_default=text(value),
        existing_nullable=False,
        existing_comment=column.comment,
        schema=table.schema,
    )


def _not_null(table: TableName, column: ColumnState) -> AlterColumn:
    return AlterColumn(
        table.name,
        column.name,
        nullable=False,
        existing_type=added_column(column).type,
        existing_nullable=True,
        existing_comment=column.comment,
        schema=table.schema,
    )


def _update(table: TableName, column: str, value: str, catalogue: Catalogue) -> str:
    adapter = catalogue.adapter
    name = adapter.quote(column)
    return f"UPDATE {adapter.table_name(table.name, table.schema)} SET {name} = {value} WHERE {name} IS NULL"
