"""Plain words: operations that Alembic does not have, in what it has, so that either tool can run the revision."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Column, Enum

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.steps import Statement
from asyncmig.errors import AsyncmigError
from asyncmig.operations import AlterTable, CreateEnum, CreateTable, Execute, Operation, TableName
from asyncmig.runtime.alembic.op_base import OwnOp
from asyncmig.runtime.alembic.ops import op_of

__all__ = ["Item", "in_plain_words"]

_COLON = re.compile(r"(?<![:\w\\]):(?=\w)")
#: An operation, None for what cannot be undone; and what whoever reads the revision should know.
Item: TypeAlias = tuple[Operation[Any] | None, Sequence[str]]


def in_plain_words(items: Iterable[Item], adapter: DialectAdapter) -> Iterator[Item]:
    """*items* with SQL in place of operations that Alembic does not have.

    An enumerated type that a new table brings along is left out, since Alembic makes it with the table. What depends
    on the state of the database stays one of our operations.

    Args:
        items: the operations, in order.
        adapter: says them in SQL.
    """
    listed = list(items)
    brought = {name for operation, _ in listed for name in _enums_of(operation)}
    for operation, notes in listed:
        if operation is None or isinstance(operation, AlterTable) or not isinstance(op_of(operation), OwnOp):
            yield operation, notes
        elif not (isinstance(operation, CreateEnum) and TableName(operation.enum_name, operation.schema) in brought):
            texts = _texts(operation, adapter)
            yield from [(operation, notes)] if texts is None else _executed(texts, notes)


def _executed(texts: Sequence[str], notes: Sequence[str]) -> Iterator[Item]:
    for number, text in enumerate(texts):
        # In the text of op.execute, a colon before a word begins a parameter.
        yield Execute(_COLON.sub(r"\\:", text)), notes if number == 0 else ()


def _texts(operation: Operation[Any], adapter: DialectAdapter) -> list[str] | None:
    """The statements of an operation; None where they depend on the database."""
    if adapter.wants(operation):
        return None
    try:
        steps = list(adapter.plan(operation, Facts.unknown()))
    except AsyncmigError:
        return None
    texts = [step.sql for step in steps if isinstance(step, Statement) and isinstance(step.sql, str)]
    return texts if len(texts) == len(steps) else None


def _enums_of(operation: Operation[Any] | None) -> Iterator[TableName]:
    """The enumerated types of the columns of a new table."""
    if isinstance(operation, CreateTable):
        for item in operation.items:
            if isinstance(item, Column) and isinstance(item.type, Enum) and item.type.name:
                yield TableName(str(item.type.name), item.type.schema)
