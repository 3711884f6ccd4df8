"""Imports of revision files: `from alembic import op` becomes `from asyncmig import op`, and no other byte changes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from asyncmig.errors import ScriptError
from asyncmig.scripts.header import read_header
from asyncmig.scripts.source import decode

__all__ = ["rewritten", "rewritten_template"]

_FROM = re.compile(rb"from(?P<gap>(?:[ \t\f]|\\\r?\n)+)alembic(?=[ \t\f\\])")
_LINES = re.compile(rb"\r\n|\r|\n")
_TEMPLATE = re.compile(rb"^([ \t]*from[ \t]+)alembic([ \t]+import[ \t]+op[ \t]*(?:#[^\r\n]*)?)(?=\r?$)", re.MULTILINE)


def rewritten(data: bytes, path: Path) -> bytes:
    """A revision file with the import of `op` from asyncmig, where `op` is all that the import takes.

    Args:
        data: the file.
        path: the file, for messages.

    Raises:
        ScriptError: it does not parse, or would be another revision afterwards.
    """
    if b"alembic" not in data:
        return data
    places = list(_places(data, path))
    after = data
    for start, stop in reversed(places):
        after = after[:start] + b"asyncmig" + after[stop:]
    if places:
        _check(data, after, path)
    return after


def rewritten_template(data: bytes) -> bytes:
    """A `script.py.mako` with the same change, in the lines that hold nothing else."""
    return _TEMPLATE.sub(rb"\1asyncmig\2", data)


def _places(data: bytes, path: Path) -> Iterator[tuple[int, int]]:
    """Where the word `alembic` stands in the imports that take `op` alone."""
    starts = [0, *(match.end() for match in _LINES.finditer(data))]
    for node in ast.walk(_parsed(data, path)):
        if not _takes_op_alone(node):
            continue
        assert isinstance(node, ast.ImportFrom)
        last = node.end_lineno or node.lineno
        stop = starts[last] if last < len(starts) else len(data)
        found = list(_FROM.finditer(data, starts[node.lineno - 1], stop))
        # A line with several of them is nobody's: which one is meant is not worth finding out.
        if len(found) == 1:
            yield found[0].end() - len(b"alembic"), found[0].end()


def _takes_op_alone(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.ImportFrom)
        and not node.level
        and node.module == "alembic"
        and [alias.name for alias in node.names] == ["op"]
    )


def _parsed(data: bytes, path: Path) -> ast.Module:
    try:
        return ast.parse(decode(data, path))
    except SyntaxError as error:
        raise ScriptError(f"The file does not parse: {error.msg}.", path=path, line=error.lineno) from error


def _check(before: bytes, after: bytes, path: Path) -> None:
    """See to it that nothing but the imports is different.

    Raises:
        ScriptError: something is.
    """
    old, new = read_header(before, path), read_header(after, path)
    same = (old.id, old.parents, old.labels, old.depends_on) == (new.id, new.parents, new.labels, new.depends_on)
    tree = _parsed(before, path)
    for node in ast.walk(tree):
        if _takes_op_alone(node):
            assert isinstance(node, ast.ImportFrom)
            node.module = "asyncmig"
    again = _parsed(after, path)
    for node in ast.walk(again):
        # What was left on purpose counts as changed, too.
        if _takes_op_alone(node):
            assert isinstance(node, ast.ImportFrom)
            node.module = "asyncmig"
    if not same or ast.dump(tree) != ast.dump(again):
        raise ScriptError("The imports of this file cannot be rewritten without changing it otherwise.", path=path)
