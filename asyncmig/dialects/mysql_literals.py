"""MySQL literals: strings as MySQL and MariaDB write them, and what stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_STRING: Final = re.compile(r"'((?:[^'\\]|\\.|'')*)'", re.DOTALL)
_PLAIN: Final = re.compile(r"'((?:[^']|'')*)'", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)|''", re.DOTALL)
_ESCAPES: Final = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"}


def unquoted(literal: str, *, escapes: bool = True) -> str:
    """The value of a string literal.

    Args:
        literal: the literal, with its quotes.
        escapes: whether a backslash in it is an escape; servers show strings so, whatever the session says.
    """
    body = literal[1:-1]
    if not escapes or "\\" not in body:
        return body.replace("''", "'")
    return _ESCAPED.sub(_character, body)


def _character(match: re.Match[str]) -> str:
    escaped = match.group(1)
    return "'" if escaped is None else _ESCAPES.get(escaped, escaped)


def quoted(value: str) -> str:
    """A string literal in the canonical form, in which a backslash is an escape."""
    return "'" + value.replace("'", "''").replace("\\", "\\\\") + "'"


def is_string(text: str, *, escapes: bool = True) -> bool:
    """Whether a text is one string literal and nothing else."""
    return text[:1] == "'" and bool((_STRING if escapes else _PLAIN).fullmatch(text))


def strings(text: str, *, escapes: bool = True) -> Iterator[str]:
    """The values of the string literals in a text."""
    for match in (_STRING if escapes else _PLAIN).finditer(text):
        yield unquoted(match.group(), escapes=escapes)
