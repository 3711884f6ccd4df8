"""Expressions: SQL expressions and statements as source text, by their structure where that is simple."""

from __future__ import annotations

import keyword as python
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import BindParameter, Column, TextClause
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import CompileError
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.sql import ClauseElement, operators, visitors
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.elements import (
    BinaryExpression,
    Cast,
    CollationClause,
    ColumnClause,
    ExpressionClauseList,
    False_,
    Grouping,
    Label,
    Null,
    True_,
    UnaryExpression,
)
from sqlalchemy.sql.functions import Function
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.types import NullType, TypeEngine

from asyncmig._sqlalchemy import literal_type, printing_dialect, text_parameters
from asyncmig.errors import OperationError
from asyncmig.rendering.source import Source, bracketed, call, named, string
from asyncmig.rendering.types import IMPORT_SQLALCHEMY
from asyncmig.rendering.values import Functions, Writer

__all__ = ["EXPRESSIONS", "column_reference", "sql_text"]

#: Writes an expression by its structure; None when that is not simple enough.
Structure: TypeAlias = Callable[[Any, Writer], Source | None]

_SYMBOLS = {
    operators.eq: "==",
    operators.ne: "!=",
    operators.lt: "<",
    operators.le: "<=",
    operators.gt: ">",
    operators.ge: ">=",
    operators.add: "+",
    operators.sub: "-",
    operators.mul: "*",
}
_METHODS = {
    operators.is_: "is_",
    operators.is_not: "is_not",
    operators.in_op: "in_",
    operators.not_in_op: "not_in",
    operators.like_op: "like",
    operators.not_like_op: "not_like",
    operators.ilike_op: "ilike",
    operators.not_ilike_op: "not_ilike",
}
_MODIFIERS = {
    operators.desc_op: "sa.desc",
    operators.asc_op: "sa.asc",
    operators.nulls_first_op: "sa.nulls_first",
    operators.nulls_last_op: "sa.nulls_last",
}
_DIALECTS = {"postgresql": postgresql.dialect, "mysql": mysql.dialect, "sqlite": sqlite.dialect}
#: What `sa.text` takes for a parameter.
_PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w+(?!:))")


def _sa(function: str, *arguments: Source, **keywords: Source) -> Source:
    return call(f"sa.{function}", *arguments, keywords=keywords).requiring(IMPORT_SQLALCHEMY)


def _expression(value: ClauseElement, write: Writer) -> Source:
    """An expression, or the text that it compiles to."""
    return _structure(value, write) or sql_text(value, write, include_table=False)


def _structure(value: Any, write: Writer) -> Source | None:
    for kind in type(value).__mro__:
        if kind in _STRUCTURES:
            return _STRUCTURES[kind](value, write)
    return None


def _operand(value: Any, write: Writer) -> Source | None:
    """An operand of an operator, or what a method is called on."""
    inner = value.element if isinstance(value, Grouping) else value
    source = _structure(inner, write)
    return source.between("(", ")") if source and isinstance(inner, BinaryExpression) else source


def _text(value: TextClause, write: Writer) -> Source:
    given = text_parameters(value)
    source = _sa("text", string(value.text))
    return source.method("bindparams", *(named(name, write(item)) for name, item in given.items())) if given else source


def column_reference(column: ColumnClause[Any], write: Writer) -> Source:
    """A column as it is referred to in expressions: by its name alone."""
    return _sa("column", write(column.name))


def _column(value: ColumnClause[Any], write: Writer) -> Source:
    if isinstance(value, Column):
        return column_reference(value, write)
    kind = () if isinstance(value.type, NullType) else (write(value.type),)
    return _sa("literal_column" if value.is_literal else "column", write(value.name), *kind)


def _constant(value: True_ | False_ | Null, write: Writer) -> Source:
    return _sa("true" if isinstance(value, True_) else "false" if isinstance(value, False_) else "null")


def _function(value: Function[Any], write: Writer) -> Source | None:
    names = [*value.packagenames, value.name]
    if not all(name.isidentifier() for name in names):
        return None
    path = ".".join(f"{name}_" if python.iskeyword(name) else name for name in names)
    arguments = [_value(item, write) or write(item) for item in value.clauses]
    typed = type(value) is Function and not isinstance(value.type, NullType)
    return _sa(f"func.{path}", *arguments, **({"type_": write(value.type)} if typed else {}))


def _bind(value: BindParameter[Any], write: Writer) -> Source | None:
    """A literal value, when its type is the one that a plain value gets by itself."""
    plain = value.effective_value
    if value.required or isinstance(plain, ClauseElement):
        return None
    values = plain if isinstance(plain, list) and value.expanding else [plain]
    return write(plain) if all(_is_plain_type(value.type, item) for item in values) else None


def _is_plain_type(kind: TypeEngine[Any], value: Any) -> bool:
    if isinstance(value, str | bool | int | float | None) and not isinstance(kind, sa.Enum):
        return type(kind).__module__ == sa.Integer.__module__
    return type(kind) is type(literal_type(value))


def _literal(value: BindParameter[Any], write: Writer) -> Source | None:
    source = _bind(value, write)
    if value.literal_execute and not value.expanding:
        # what `op.inline_literal` gives
        kind = () if source else (write(value.type),)
        return call(f"{write.prefix}.inline_literal", source or write(value.effective_value), *kind)
    return None if source is None or value.expanding else _sa("literal", source)


def _value(value: Any, write: Writer) -> Source | None:
    """The right side of an operator, where a literal stands as it is."""
    return _bind(value, write) if isinstance(value, BindParameter) else _operand(value, write)


def _binary(value: BinaryExpression[Any], write: Writer) -> Source | None:
    left, operator = _operand(value.left, write), value.operator
    special = any(modifier is not None for modifier in value.modifiers.values())
    if left is None or special or isinstance(getattr(value.left, "element", None), TextClause):
        return None
    if operator is operators.collate and isinstance(value.right, CollationClause):
        return _sa("collate", left, string(value.right.collation))
    right = _value(value.right, write)
    if right is None:
        return None
    if operator in _METHODS:
        return left.method(_METHODS[operator], right)
    if operator not in _SYMBOLS or (operator is operators.add and isinstance(value.type, sa.String)):
        return None
    return Source(f"{left.text} {_SYMBOLS[operator]} {right.text}", left.imports | right.imports)


def _list(value: ExpressionClauseList[Any], write: Writer) -> Source | None:
    function = {operators.and_: "and_", operators.or_: "or_"}.get(value.operator)
    items = [item.element if isinstance(item, Grouping) else item for item in value.clauses]
    return _sa(function, *(write(item) for item in items)) if function else None


def _unary(value: UnaryExpression[Any], write: Writer) -> Source | None:
    element = value.element.element if isinstance(value.element, Grouping) else value.element
    if value.modifier in _MODIFIERS:
        return call(_MODIFIERS[value.modifier], write(element)).requiring(IMPORT_SQLALCHEMY)
    return _sa("not_", write(element)) if value.operator is operators.inv else None


def _grouping(value: Grouping[Any], write: Writer) -> Source | None:
    return _structure(value.element, write)


def _label(value: Label[Any], write: Writer) -> Source | None:
    element = _operand(value.element, write)
    return element.method("label", string(value.name)) if element and value.name.isidentifier() else None


def _cast(value: Cast[Any], write: Writer) -> Source:
    return _sa("cast", _value(value.clause, write) or write(value.clause), write(value.type))


def sql_text(value: ClauseElement, write: Writer, **options: Any) -> Source:
    """The SQL that an element compiles to, with values written into it, as `sa.text(...)`.

    Args:
        options: further arguments of the compiler.
    """
    return _text_of(_compiled(value, write, literal_binds=True, **options))


def _text_of(compiled: Any) -> Source:
    # what looks like a parameter in finished SQL is none
    return _sa("text", string(_PARAMETER.sub(r"\\:", str(compiled).strip())))


def _statement(value: ClauseElement, write: Writer) -> Source:
    """A statement as text; what gets its values only when it is executed keeps its parameters."""
    compiled = _compiled(value, write, render_postcompile=True)
    if not any(bind.required for bind in compiled.bind_names):
        literal = _compiled(value, write, literal_binds=True)
        # Some clauses of single databases keep their parameters all the same.
        if not literal.bind_names:
            return _text_of(literal)
    given = [
        named(name, write(bind.effective_value)) for bind, name in compiled.bind_names.items() if not bind.required
    ]
    source = _sa("text", string(str(compiled)))
    return source.method("bindparams", *given) if given else source


def _ddl(value: ExecutableDDLElement, write: Writer) -> Source:
    return _text_of(_compiled(value, write))


def _compiled(value: ClauseElement, write: Writer, **options: Any) -> Any:
    problem: Exception | None = None
    for dialect in [write.dialect] if write.dialect else _likely_dialects(value):
        try:
            return value.compile(dialect=printing_dialect(dialect), compile_kwargs=options)
        except (CompileError, NotImplementedError) as error:
            problem = problem or error
    raise OperationError(
        f"A SQL expression of type {type(value).__qualname__} cannot be written as Python: {problem}",
        hint='Write it as text: sa.text("…")',
    ) from problem


def _likely_dialects(value: ClauseElement) -> Iterator[Dialect]:
    """The databases that an expression may be meant for: first those whose own types or constructs are in it."""
    modules = set()
    for node in visitors.iterate(value):
        modules |= {type(node).__module__, type(getattr(node, "type", None)).__module__}
    meant = {name for name in _DIALECTS if any(f".dialects.{name}." in f"{module}." for module in modules)}
    for name in sorted(meant):
        yield _DIALECTS[name]()
    yield DefaultDialect()
    for name in sorted(_DIALECTS.keys() - meant):
        yield _DIALECTS[name]()


def _column_or(value: Any, write: Writer) -> Source:
    # in a list stand columns of an index and elements of a constraint; there a column of a table is a reference
    return column_reference(value, write) if isinstance(value, Column) and value.table is not None else write(value)


def _list_of(values: list[Any], write: Writer) -> Source:
    return bracketed("[", [_column_or(item, write) for item in values], "]")


def _tuple_of(values: tuple[Any, ...], write: Writer) -> Source:
    return bracketed("(", [_column_or(item, write) for item in values], ")", lone_comma=True)


_STRUCTURES: Mapping[type, Structure] = MappingProxyType(
    {
        TextClause: _text,
        ColumnClause: _column,
        True_: _constant,
        False_: _constant,
        Null: _constant,
        Function: _function,
        BindParameter: _literal,
        BinaryExpression: _binary,
        ExpressionClauseList: _list,
        UnaryExpression: _unary,
        Grouping: _grouping,
        Label: _label,
        Cast: _cast,
    }
)

#: How expressions, statements and lists of them are written.
EXPRESSIONS: Functions = MappingProxyType(
    {
        ClauseElement: _expression,
        UpdateBase: _statement,
        SelectBase: _statement,
        ExecutableDDLElement: _ddl,
        list: _list_of,
        tuple: _tuple_of,
    }
)
