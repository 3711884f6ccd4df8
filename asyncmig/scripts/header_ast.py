"""Header values by syntax tree: for the files that are not of the usual shape."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asyncmig.errors import ScriptError
from asyncmig.scripts.header_imports import HeaderImports

__all__ = ["HeaderValues", "parse_source", "read_values"]

_FIRST_FUNCTION = re.compile(r"^(?:(?:async[ \t]+def|def|class)\b|@)", re.MULTILINE)
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {ast.Add: operator.add, ast.Mod: operator.mod}


def parse_source(text: str, path: Path | str) -> ast.Module:
    """Parse *text*.

    Raises:
        ScriptError: it is no Python.
    """
    try:
        return ast.parse(text, str(path))
    except SyntaxError as error:
        raise ScriptError(f"The file does not parse: {error.msg}.", path=path, line=error.lineno) from error
    except ValueError as error:
        raise ScriptError(f"The file does not parse: {error}.", path=path) from error


@dataclass(frozen=True)
class HeaderValues:
    """What a file assigns at its top level.

    Args:
        doc: its docstring.
        values: by name.
        lines: where the names are assigned.
        modules: the modules that values were taken from.
    """

    doc: str
    values: Mapping[str, Any]
    lines: Mapping[str, int]
    modules: frozenset[str] = frozenset()


def read_values(text: str, path: Path | str, names: frozenset[str]) -> HeaderValues:
    """The values of those of *names* that are assigned at the top level.

    A value that the file imports is looked up in its module; the file itself is not executed.

    Raises:
        ScriptError: the file does not parse, or a value cannot be known without executing it.
    """
    head = _head(text, names)
    tree: ast.Module | None = None
    if head is not None:
        try:
            tree = ast.parse(head)
        except SyntaxError:
            # The cut went through a string or a block. The whole file decides.
            tree = None
    if tree is None:
        tree = parse_source(text, path)
    assigned = dict(_assignments(tree.body))
    lines = {name: value.lineno for name, value in assigned.items()}
    imports = HeaderImports(tree.body, path)
    values = {name: _value(value, assigned, imports, path, name) for name, value in assigned.items() if name in names}
    doc = (ast.get_docstring(tree, clean=False) or "").strip()
    return HeaderValues(doc, values, lines, frozenset(imports.used))


def _head(text: str, names: frozenset[str]) -> str | None:
    """What stands before the first function, if nothing behind it can be an assignment to one of *names*."""
    match = _FIRST_FUNCTION.search(text)
    if match is None:
        return None
    tail = text[match.start() :]
    if re.search(rf"\b(?:{'|'.join(sorted(names))})\b[^\n]*=", tail):
        return None
    return text[: match.start()]


def _assignments(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """Name and value of each assignment at the top level; what only may be assigned is no plain value."""
    for statement in body:
        match statement:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from _pairs(target, value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value
            case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                # Refers to itself, so it is refused as a value that has to be worked out.
                yield name, ast.copy_location(ast.BinOp(ast.Name(name, ast.Load()), op, value), value)
            case ast.If(test=test, body=inner, orelse=other):
                for name, value in _assignments([*inner, *other]):
                    yield name, ast.copy_location(ast.IfExp(test, value, ast.Constant(None)), value)
            case ast.Try(body=inner, orelse=other, finalbody=final):
                yield from _assignments([*inner, *other, *final])
            case ast.With(body=inner):
                yield from _assignments(inner)
            case _:
                continue


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    match target, value:
        case ast.Name(id=name), _:
            yield name, value
        case ((ast.Tuple(elts=names) | ast.List(elts=names)), (ast.Tuple(elts=values) | ast.List(elts=values))):
            if len(names) == len(values):
                for each, item in zip(names, values, strict=True):
                    yield from _pairs(each, item)
        case _:
            return


def _value(
    node: ast.expr, assigned: Mapping[str, ast.expr], imports: HeaderImports, path: Path | str, name: str
) -> Any:
    """What *node* is, if it is made of literals, of names that are, and of what is imported."""

    def unknown() -> ScriptError:
        return ScriptError(
            f"{name} is not a plain value, and the file is not executed to find out: {ast.unparse(node)}",
            path=path,
            line=node.lineno,
            hint=f'{name} = "1d4f0a92c3e1"',
        )

    def value_of(part: ast.expr, seen: frozenset[str]) -> Any:
        match part:
            case ast.Constant(value=value):
                return value
            case ast.Tuple(elts=items):
                return tuple(value_of(item, seen) for item in items)
            case ast.List(elts=items):
                return [value_of(item, seen) for item in items]
            case ast.Set(elts=items):
                return {value_of(item, seen) for item in items}
            case ast.Name(id=other) if other in assigned and other not in seen:
                return value_of(assigned[other], seen | {other})
            case ast.Name() | ast.Attribute() if imports.knows(part):
                return imports.value(part)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                try:
                    return _BINARY[type(op)](value_of(left, seen), value_of(right, seen))
                except TypeError as error:
                    raise unknown() from error
            case ast.JoinedStr(values=parts):
                return "".join(str(value_of(piece, seen)) for piece in parts)
            case ast.FormattedValue(value=inner, conversion=-1, format_spec=None):
                return value_of(inner, seen)
            case _:
                raise unknown()

    return value_of(node, frozenset([name]))
