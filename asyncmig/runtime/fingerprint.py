"""Fingerprint: a digest of an operation that stays the same as long as the operation says the same."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from types import BuiltinFunctionType, FunctionType, GeneratorType, MethodType
from typing import Any

from sqlalchemy import ClauseElement

from asyncmig.errors import OperationError
from asyncmig.operations.base import Operation
from asyncmig.operations.data import BulkInsert, Execute
from asyncmig.rendering.operations import render
from asyncmig.rendering.source import Source

#: Where an object is in memory, as the usual `repr` tells.
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def _by_name(function: Any) -> Source:
    return Source(f"<function {function.__qualname__}>", frozenset())


def _unread(rows: Any) -> Source:
    # An iterator can be read once only, and that is for the rows to be inserted.
    return Source("<rows>", frozenset())


_SOURCES = {
    FunctionType: _by_name,
    BuiltinFunctionType: _by_name,
    MethodType: _by_name,
    GeneratorType: _unread,
}


def fingerprint(operation: Operation[Any]) -> tuple[str, str]:
    """The digest of *operation*, and what it is the digest of: the call in a script that would build it."""
    # An object that says no more of itself than its address has another one in every process.
    text = _ADDRESS.sub("", _text(operation))
    return hashlib.sha256(text.encode()).hexdigest(), text


def _text(operation: Operation[Any]) -> str:
    if isinstance(operation, BulkInsert):
        # Rendering a long list as source would take longer than inserting it.
        rows = _rows(operation.rows) if isinstance(operation.rows, Sequence) else "<rows>"
        return f"{operation.verb} {operation.table.fullname} {rows}"
    try:
        return render(operation, asynchronous=False, sources=_SOURCES).text
    except OperationError:
        # What has no form as source is known by its words; SQL by its text with its parameters.
        if isinstance(operation, Execute):
            return f"{operation.sqltext} {operation.parameters!r}"
        return operation.describe()


def _rows(rows: Sequence[Any]) -> str:
    text = repr(rows)
    if _ADDRESS.search(text) is None:
        return text
    return repr([{name: _value(value) for name, value in row.items()} for row in rows])


def _value(value: Any) -> Any:
    """SQL by its text with its parameters, anything else as it is."""
    if not isinstance(value, ClauseElement):
        return value
    compiled = value.compile()
    return str(compiled), compiled.params


__all__ = ["fingerprint"]
