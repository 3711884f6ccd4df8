"""Operations: the directive calls that would build them, as source text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, fields
from functools import partial
from types import MappingProxyType
from typing import Any

from sqlalchemy import Table
from sqlalchemy.engine import Dialect

from asyncmig.errors import OperationError
from asyncmig.operations.alter_table import AlterTable
from asyncmig.operations.base import Call, Operation
from asyncmig.rendering.expressions import EXPRESSIONS
from asyncmig.rendering.hook import RenderItem, rendered_item
from asyncmig.rendering.schema_items import SCHEMA_ITEMS, table_clause_source
from asyncmig.rendering.source import LINE_LENGTH, Source, call, merged
from asyncmig.rendering.types import TYPES
from asyncmig.rendering.values import PLAIN_VALUES, Functions, Sources, Writer, reference

__all__ = ["FUNCTIONS", "render", "render_body", "value_source"]

#: How every value that may stand in an operation is written.
FUNCTIONS: Functions = MappingProxyType({**PLAIN_VALUES, **TYPES, **EXPRESSIONS, **SCHEMA_ITEMS})

_NO_SOURCES: Sources = MappingProxyType({})
#: What a block is called inside.
BLOCK = "batch"
_STEP = 4


def value_source(
    value: Any, *, prefix: str = "op", sources: Sources = _NO_SOURCES, dialect: Dialect | None = None
) -> Source:
    """A value, such as a column, a type or a default, as source on one line."""
    return Writer(FUNCTIONS, sources, prefix, dialect)(value)


def render(
    operation: Operation[Any],
    *,
    prefix: str = "op",
    asynchronous: bool = True,
    sources: Sources = _NO_SOURCES,
    render_item: RenderItem | None = None,
    dialect: Dialect | None = None,
    indent: int = 0,
    width: int = LINE_LENGTH,
    block: str = BLOCK,
) -> Source:
    """The directive call that would build *operation*.

    Args:
        operation: any operation; one of a user's own kind becomes `op.perform(...)`.
        prefix: the name of `op` in the script.
        asynchronous: whether the call is awaited.
        sources: how values of further classes are written.
        render_item: what has a say in how anything is written.
        dialect: the database that SQL expressions are compiled for where they cannot be written as Python.
        indent: how far the call will be indented; lines are broken accordingly, but not indented.
        width: the line length to keep to.
        block: what the block of a `batch_alter_table` is called inside.

    Raises:
        OperationError: something in the operation cannot be written as Python.
    """
    hook = None if render_item is None else partial(rendered_item, render_item, dialect=dialect)
    write = Writer(FUNCTIONS, sources, prefix, dialect, hook)
    if isinstance(operation, AlterTable):
        return _block(operation, write, asynchronous, indent, width, block)
    source = _call_source(operation, write)
    return source.between("await " if asynchronous else "").laid_out(indent=indent, width=width)


def render_body(
    operations: Iterable[Operation[Any]],
    *,
    prefix: str = "op",
    asynchronous: bool = True,
    sources: Sources = _NO_SOURCES,
    render_item: RenderItem | None = None,
    dialect: Dialect | None = None,
    indent: int = _STEP,
    width: int = LINE_LENGTH,
) -> Source:
    """The body of a function that does *operations*, not indented itself; `pass` when there are none.

    Args:
        indent: how far the body will be indented; lines are broken accordingly.
        prefix, asynchronous, sources, render_item, dialect, width: as for `render`.
    """
    calls = [
        render(
            operation,
            prefix=prefix,
            asynchronous=asynchronous,
            sources=sources,
            render_item=render_item,
            dialect=dialect,
            indent=indent,
            width=width,
        )
        for operation in operations
    ]
    return Source("\n".join(source.text for source in calls) or "pass", merged(calls))


def _call_source(operation: Operation[Any], write: Writer) -> Source:
    if not type(operation).__module__.startswith("asyncmig."):
        return call(f"{write.prefix}.perform", _constructor(operation, write))
    built = operation.call()
    return _written(f"{write.prefix}.{built.verb}", built, write)


def _constructor(operation: Operation[Any], write: Writer) -> Source:
    """The call of the class itself, or of its `of` where it takes its arguments in the form of scripts."""
    kind = reference(type(operation))
    name = f"{kind.text}.of" if hasattr(operation, "of") else kind.text
    return _written(name, operation.call(), write).requiring(*kind.imports)


def _written(function: str, built: Call, write: Writer) -> Source:
    arguments = [_argument(value, write) for value in built.arguments]
    return call(function, *arguments, keywords=write.each(built.keywords))


def _argument(value: Any, write: Writer) -> Source:
    # A table as an argument only says where rows go; the whole of it is written where its definition matters.
    return table_clause_source(value, write) if isinstance(value, Table) else write(value)


def _block(operation: AlterTable, write: Writer, asynchronous: bool, indent: int, width: int, name: str) -> Source:
    """`with op.batch_alter_table(...) as batch:` with the words of the block below it."""
    keywords = {name: value for name, value in operation.call().keywords.items() if name != "operations"}
    head = _written(f"{write.prefix}.{operation.verb}", Call(operation.verb, (operation.table_name,), keywords), write)
    opening = head.between("async with " if asynchronous else "with ", f" as {name}:")
    deeper = indent + _STEP
    words = [_word(item, operation, write, name).laid_out(indent=deeper, width=width) for item in operation.operations]
    lines = "\n".join(word.text for word in words) or "pass"
    body = "\n".join(f"{' ' * _STEP}{line}" for line in lines.split("\n"))
    first = opening.laid_out(indent=indent, width=width)
    return Source(f"{first.text}\n{body}", merged([first, *words]))


def _word(operation: Operation[Any], block: AlterTable, write: Writer, called: str) -> Source:
    """The call in a block: that of the directive without the table and its schema."""
    required, keywords = _by_name(operation)
    name = next((item for item in ("table_name", "source_table") if item in required or item in keywords), None)
    schema = "source_schema" if name == "source_table" else "schema"
    if name is None or (required | keywords)[name] != block.table_name or keywords.get(schema) != block.schema:
        raise OperationError(
            f"op.{operation.verb} cannot stand in a block on table {block.table}: {operation.describe()}.",
            operation=operation,
            hint="Move it before or behind the block.",
        )
    given = {item: value for item, value in keywords.items() if item not in (name, schema)}
    spread = operation.call().arguments[len(required) :]
    arguments = (*(value for item, value in required.items() if item != name), *spread)
    return _written(f"{called}.{operation.verb}", Call(operation.verb, arguments, given), write)


def _by_name(operation: Operation[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The positional arguments of a call that stand for one field each, by the name of it, and the keywords."""
    names = [
        item.name
        for item in fields(operation)  # type: ignore[arg-type]
        if item.default is MISSING and item.default_factory is MISSING and not item.kw_only and not item.metadata
    ]
    return {name: getattr(operation, name) for name in names}, dict(operation.call().keywords)
