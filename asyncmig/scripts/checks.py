"""Checks: what is wrong with a revision file before it runs: a missing `await`, a missing parameter or function."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from asyncmig.errors import ScriptError, UnawaitedOperationError
from asyncmig.scripts.header_ast import parse_source

__all__ = ["check_source", "looks_clean"]

#: Words of `op` that are no operations: they give something back at once, or are a context manager.
NOT_AWAITED = frozenset({"alter_table", "batch_alter_table", "f", "get_bind", "get_context", "inline_literal"})

_DIRECTIONS = ("upgrade", "downgrade")
#: How far before a word an `await` is looked for at first.
_BACK = 40
_FUNCTION = re.compile(r"^async[ \t]+def[ \t]+(?:upgrade|downgrade)[ \t]*\([ \t]*(\w*)", re.MULTILINE)


def looks_clean(text: str, verbs: Collection[str]) -> bool:
    """Whether nothing in *text* is worth a closer look: quick, and never wrong when it says yes.

    Args:
        text: the source of a file with an async function.
        verbs: the words of `op` that must be awaited.
    """
    parameters = {match[1] for match in _FUNCTION.finditer(text)}
    if "" in parameters or "\nasync def upgrade" not in text:
        return False
    for parameter in parameters:
        # A pattern that begins with letters is looked for much faster than one that looks back.
        for match in re.finditer(rf"{parameter}\s*\.\s*(\w+)", text):
            before = text[max(0, match.start() - _BACK) : match.start()]
            if before[-1:].isalnum() or before.endswith(("_", ".")):
                continue
            awaited = before[-1:].isspace() and before.rstrip().endswith("await")
            if not awaited and match[1] in verbs and match[1] not in NOT_AWAITED:
                return False
    return True


def check_source(text: str, path: Path | str, verbs: Collection[str]) -> None:
    """Check a revision file without executing it.

    Args:
        text: its source.
        path: the file, for messages.
        verbs: the words of `op` that must be awaited.

    Raises:
        UnawaitedOperationError: an async function calls one and drops what it gets.
        ScriptError: the file does not parse, has no `upgrade`, or its async `upgrade` takes no parameter.
    """
    tree = parse_source(text, path)
    functions = [node for node in tree.body if isinstance(node, ast.AsyncFunctionDef)]
    names: set[str] = set()
    for function in functions:
        if function.name in _DIRECTIONS:
            names.add(_parameter(function, path))
    flagged = frozenset(verbs) - NOT_AWAITED
    for function in functions:
        # A helper that is handed `op` forgets an await as easily as `upgrade` itself.
        for name in names & set(_arguments(function)):
            for call, verb in _dropped_calls(function.body, name, flagged):
                source = ast.get_source_segment(text, call) or ""
                first, _, rest = source.partition("\n")
                raise UnawaitedOperationError(
                    verb=verb, source=f"{first.rstrip()} …)" if rest else first, path=path, line=call.lineno
                )
    if not _binds(tree, "upgrade"):
        raise ScriptError(
            "The file has no function 'upgrade'.", path=path, hint="async def upgrade(op: Operations) -> None:\n    ..."
        )


def _arguments(function: ast.AsyncFunctionDef | ast.FunctionDef) -> list[str]:
    arguments = function.args
    return [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def _parameter(function: ast.AsyncFunctionDef, path: Path | str) -> str:
    """The name under which an async function takes `op`."""
    arguments = _arguments(function)
    if arguments:
        return arguments[0]
    raise ScriptError(
        f"{function.name} is async, so it must take op.",
        path=path,
        line=function.lineno,
        hint=f"async def {function.name}(op) -> None:",
    )


def _dropped_calls(body: list[ast.stmt], name: str, verbs: frozenset[str]) -> Iterator[tuple[ast.Call, str]]:
    """The calls of a verb of *name* that stand as statements, also in inner functions that see the same name."""
    for statement in body:
        if isinstance(statement, ast.Expr):
            yield from _dropped(statement.value, name, verbs)
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) and name in _arguments(statement):
            continue
        else:
            for inner in _blocks(statement):
                yield from _dropped_calls(inner, name, verbs)


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The blocks inside of a statement."""
    for field in ("body", "orelse", "finalbody"):
        block = getattr(statement, field, None)
        if isinstance(block, list):
            yield block
    for field in ("handlers", "cases"):
        for part in getattr(statement, field, ()):
            yield part.body


def _dropped(value: ast.expr, name: str, verbs: frozenset[str]) -> Iterator[tuple[ast.Call, str]]:
    match value:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=called), attr=verb)) if called == name and verb in verbs:
            yield value, verb
        case ast.BoolOp(values=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _dropped(part, name, verbs)
        case ast.IfExp(body=one, orelse=other):
            yield from _dropped(one, name, verbs)
            yield from _dropped(other, name, verbs)
        case _:
            return


def _binds(tree: ast.Module, name: str) -> bool:
    """Whether executing the top level may give *name* a value."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=bound) | ast.AsyncFunctionDef(name=bound) | ast.Name(id=bound, ctx=ast.Store()):
                if bound == name:
                    return True
            case ast.alias(name=imported, asname=bound_as):
                if (bound_as or imported) in (name, "*"):
                    return True
            case _:
                continue
    return False
