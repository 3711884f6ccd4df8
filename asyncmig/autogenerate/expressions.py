"""Expressions: which names a text of SQL mentions, and the text with other names in their place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

#: A string, a quoted name, or a word; the contents of strings are no names.
_PIECES = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\b[^\W\d]\w*\b""")


def mentioned(text: str) -> Iterator[str]:
    """The names in a text, and its other words."""
    for piece in _PIECES.findall(text):
        if piece[0] != "'":
            yield _name(piece)


def with_other_names(text: str, names: Mapping[str, str], quote: Callable[[str], str]) -> str:
    """A text with other names.

    Args:
        text: the text.
        names: the new names, by the old ones.
        quote: writes a name.
    """

    def other(match: re.Match[str]) -> str:
        piece = match.group()
        if piece[0] == "'" or (new := names.get(_name(piece))) is None:
            return piece
        mark = piece[0]
        return f"{mark}{new.replace(mark, mark * 2)}{mark}" if mark in '"`' else quote(new)

    return _PIECES.sub(other, text)


def _name(piece: str) -> str:
    mark = piece[0]
    return piece[1:-1].replace(mark * 2, mark) if mark in '"`' else piece
