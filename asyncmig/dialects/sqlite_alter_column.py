"""AlterColumn on a draft: a column's type, default and nullability exchanged in its stored definition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Computed, DefaultClause, FetchedValue, MetaData
from sqlalchemy.types import TypeEngine

from asyncmig.dialects.ansi import AnsiAdapter
from asyncmig.dialects.sqlite_columns import column_clauses, type_checks
from asyncmig.dialects.sqlite_draft import DraftColumn, TableDraft
from asyncmig.dialects.sqlite_schema import Clause
from asyncmig.dialects.sqlite_tokens import mentions, same_sql, significant
from asyncmig.operations.columns import AlterColumn


def changes_definition(op: AlterColumn) -> bool:
    """Whether *op* may change more than the name of the column."""
    return (
        op.type_ is not None
        or op.nullable is not None
        or op.server_default is not False
        or op.autoincrement is False
        or op.insert_before is not None
        or op.insert_after is not None
    )


def alter_column(
    adapter: AnsiAdapter, draft: TableDraft, column: DraftColumn, op: AlterColumn, metadata: Sequence[MetaData]
) -> None:
    """Change a column of a draft, except for its name.

    Args:
        adapter: writes types and defaults.
        draft: the table.
        column: the column.
        op: what is to change. Comments are none that SQLite could keep.
        metadata: naming conventions that may have named the CHECK of the existing type.
    """
    if op.type_ is not None:
        _change_type(adapter, draft, column, op, metadata)
    if op.server_default is not False:
        _change_default(adapter, draft, column, op)
    if op.nullable is True:
        draft.set_clause(column, ["not null"], [])
    elif op.nullable is False and (column.definition.nullable or column.definition.of_kind("null")):
        draft.set_clause(column, ["null", "not null"], [Clause("not null", "NOT NULL")])
    key = draft.definition.integer_key
    if op.autoincrement is False and key == column.definition.name:
        draft.set_autoincrement(False)
    draft.move(column, before=op.insert_before, after=op.insert_after)


# -- type -----------------------------------------------------------------------------------------------------------


def _change_type(
    adapter: AnsiAdapter, draft: TableDraft, column: DraftColumn, op: AlterColumn, metadata: Sequence[MetaData]
) -> None:
    assert op.type_ is not None
    name = column.definition.name
    spelt = column_clauses(adapter, name, op.type_)
    definition = column.definition
    if not same_sql(definition.type_text, spelt.type_text):
        lead = definition.type_lead or " "
        definition = replace(definition, type_text=spelt.type_text, type_lead=lead)
    if collations := spelt.of_kind("collate"):
        same = [clause.text for clause in definition.of_kind("collate")] == [clause.text for clause in collations]
        definition = definition if same else definition.without("collate").plus(*collations)
    elif op.existing_type is not None and column_clauses(adapter, name, op.existing_type).of_kind("collate"):
        # It was said to have one, and is not to have it any more.
        definition = definition.without("collate")
    column.definition = definition
    table = draft.old.name
    new = type_checks(adapter, table, name, op.type_, adapter.metadata())
    old: list[Clause] = list(new)
    if op.existing_type is not None:
        for each in metadata:
            old += type_checks(adapter, table, name, op.existing_type, each)
    replaced = [clause for clause in _checks(draft) if _is_type_check(clause, name, old, like=bool(new))]
    if len(replaced) == len(new) == 1 and same_sql(replaced[0].text, new[0].text):
        return
    for clause in replaced:
        draft.drop_clause(clause)
    for clause in new:
        draft.add_constraint(clause)


def _checks(draft: TableDraft) -> list[Clause]:
    return [clause for _, clause in draft.definition.clauses() if clause.kind == "check"]


def _is_type_check(clause: Clause, column: str, known: Sequence[Clause], *, like: bool) -> bool:
    """Whether a CHECK came with the type that a column had.

    Args:
        clause: the CHECK.
        column: the column.
        known: checks that the old or the new type brings; one of the same name or condition is it.
        like: whether one that only lists values for the column is it, too.
    """
    for other in known:
        if clause.name is not None and other.name is not None and clause.name.lower() == other.name.lower():
            return True
        if same_sql(clause.body, other.body):
            return True
    return like and clause.name is None and _lists_values(clause.body, column)


def _lists_values(condition: str, column: str) -> bool:
    """Whether a condition is `column IN (literals)`, as SQLAlchemy writes it for an Enum."""
    if mentions(condition) != {column.lower()}:
        return False
    words = [token for token in significant(condition) if token.text not in ("(", ")", ",")]
    return words[1].upper == "IN" and all(token.kind in ("string", "number") for token in words[2:])


# -- default --------------------------------------------------------------------------------------------------------


def _change_default(adapter: AnsiAdapter, draft: TableDraft, column: DraftColumn, op: AlterColumn) -> None:
    default: Any = op.server_default
    if isinstance(default, DefaultClause):
        default = default.arg
    elif isinstance(default, FetchedValue) and not isinstance(default, Computed):
        # An INTEGER PRIMARY KEY numbers its rows by itself; SQLAlchemy leaves IDENTITY out on SQLite, too.
        return
    if default is None:
        draft.set_clause(column, ["default", "generated"], [])
        return
    type_: TypeEngine[Any] | type[TypeEngine[Any]] | None = op.type_ or op.existing_type
    name = column.definition.name
    if isinstance(default, Computed):
        computed = Computed(default.sqltext, persisted=default.persisted)
        (clause,) = column_clauses(adapter, name, type_, extra=(computed,)).of_kind("generated")
        clause = draft.stored_clause(clause)
        old = column.definition.of_kind("generated")
        if old and same_sql(old[0].text, clause.text):
            return
        draft.set_clause(column, ["default", "generated"], [clause])
        return
    (clause,) = column_clauses(adapter, name, type_, server_default=default).of_kind("default")
    old = column.definition.of_kind("default")
    if old and same_sql(old[-1].body, clause.body):
        return
    draft.set_clause(column, ["default", "generated"], [clause])
