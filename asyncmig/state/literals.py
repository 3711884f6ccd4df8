"""Literals: the values of our own tables as they stand in the text of a statement, so that nothing is compiled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from asyncmig.dialects.adapter import DialectAdapter


def literal_of(adapter: DialectAdapter, value: str | float | datetime | None) -> str:
    """A value of one of our columns as a literal; times have parts of a second."""
    if value is None:
        return "NULL"
    if isinstance(value, int | float):
        return repr(value)
    return adapter.literal(value.isoformat(" ", "microseconds") if isinstance(value, datetime) else value)


def insertion(adapter: DialectAdapter, table: str, row: Mapping[str, Any]) -> str:
    """The statement that adds *row* to *table*, whose name is quoted as needed."""
    values = [literal_of(adapter, value) for value in row.values()]
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(values)})"


def assignments(adapter: DialectAdapter, values: Mapping[str, Any], separator: str) -> str:
    """`column = value` for each of *values*, for SET (with commas) and WHERE (with AND)."""
    return separator.join(f"{name} = {literal_of(adapter, value)}" for name, value in values.items())
