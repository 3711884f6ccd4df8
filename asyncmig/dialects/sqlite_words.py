"""Words: the pieces of a statement of SQLite as plain strings, read one after the other.

`sqlite_tokens` keeps where each piece stands and what stands between; this is for reading many statements fast.
"""

from __future__ import annotations

import re
from typing import Final

from asyncmig.dialects.sqlite_parse import DefinitionError

_FILLER: Final = r"(?:[ \t\n\f\r]++|--[^\n]*+(?:\n|\Z)|/\*.*?(?:\*/|\Z))*+"
_PIECE: Final = (
    r"[xX]'[0-9a-fA-F]*+'"
    r"|'(?:[^']|'')*+'"
    r'|"(?:[^"]|"")*+"|`(?:[^`]|``)*+`|\[[^\]]*+\]'
    # Every character beyond ASCII belongs to a word, also those that look like spaces.
    r"|[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_$\x80-\U0010ffff]*+"
    r"|0[xX][0-9a-fA-F]++|(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?"
    r"|->>|->|\|\||<<|>>|<=|>=|<>|!=|==|."
)
# The end is a piece, too, so that a comment before it is not taken apart.
_PATTERN: Final = re.compile(rf"{_FILLER}({_PIECE}|\Z)", re.DOTALL)

#: What quotes a name; SQLite takes a string for one, too, where a name has to be.
_QUOTES: Final = frozenset("\"`['")
#: Signs that mean the same.
_SAME: Final = {"==": "=", "<>": "!="}


def words_of(sql: str) -> list[str]:
    """All pieces of a text that are no white space and no comments."""
    words: list[str] = _PATTERN.findall(sql)
    while words and not words[-1]:
        words.pop()
    return words


def name_of(word: str) -> str:
    """The name that a piece stands for.

    Raises:
        DefinitionError: no name can be written like this.
    """
    quote = word[:1]
    if quote in _QUOTES:
        inner = word[1:-1]
        return inner if quote == "[" else inner.replace(quote * 2, quote)
    if quote.isalpha() or quote == "_" or quote > "\x7f":
        return word
    raise DefinitionError(f"{word!r} is no name")


def meaning(sql: str) -> tuple[str, ...]:
    """A text without what changes nothing: white space, comments, parentheses around it, case, quotes of names."""
    words = words_of(sql)
    first, last = inside(words, 0, len(words))
    return tuple(map(_plain, words[first:last]))


def _plain(word: str) -> str:
    quote = word[:1]
    if quote == "'":
        return word
    if quote in _QUOTES:
        return name_of(word).lower()
    return _SAME.get(word) or word.lower()


def group_end(words: list[str], at: int) -> int:
    """Where to go on after the parentheses that open at *at*.

    Raises:
        DefinitionError: they are not closed.
    """
    depth = 0
    for index in range(at, len(words)):
        word = words[index]
        if word == "(":
            depth += 1
        elif word == ")":
            depth -= 1
            if depth == 0:
                return index + 1
    raise DefinitionError("a parenthesis is not closed")


def inside(words: list[str], first: int, last: int) -> tuple[int, int]:
    """The range from *first* to *last* without parentheses that stand around all of it."""
    while last - first > 2 and words[first] == "(" and words[last - 1] == ")" and group_end(words, first) == last:
        first, last = first + 1, last - 1
    return first, last


class Words:
    """The pieces of a statement, and how far they have been read.

    Args:
        sql: the statement.
    """

    __slots__ = ("_spans", "at", "sql", "words")

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.words = words_of(sql)
        # What stands behind the end is no word.
        self.words.append("")
        self.at = 0
        self._spans: list[tuple[int, int]] | None = None

    def upper(self, ahead: int = 0) -> str:
        """The next piece in upper case, or one behind it; empty at the end."""
        at = self.at + ahead
        return self.words[at].upper() if at < len(self.words) else ""

    def take(self, *expected: str) -> bool:
        """Take these words if they come next."""
        at = self.at
        for word in expected:
            if self.words[at].upper() != word:
                return False
            at += 1
        self.at = at
        return True

    def need(self, *expected: str) -> None:
        """Take these words.

        Raises:
            DefinitionError: others come next.
        """
        if not self.take(*expected):
            raise DefinitionError(f"{' '.join(expected)} is missing before {self.words[self.at]!r}")

    def name(self) -> str:
        """Take a name."""
        word = self.words[self.at]
        self.at += 1
        return name_of(word)

    def group(self) -> tuple[int, int]:
        """Take the parentheses that come next; the range of what is in them."""
        if self.words[self.at] != "(":
            raise DefinitionError(f"parentheses are missing before {self.words[self.at]!r}")
        first = self.at + 1
        self.at = group_end(self.words, self.at)
        return first, self.at - 1

    def names(self) -> tuple[str, ...]:
        """Take the names of columns between parentheses, each perhaps with a collation and a direction."""
        return tuple([name_of(self.words[first]) for first, _ in self.parts(*self.group())])

    def parts(self, first: int, last: int) -> list[tuple[int, int]]:
        """The ranges between the commas of a range."""
        found, start, depth, words = [], first, 0, self.words
        for index in range(first, last):
            word = words[index]
            if word == "(":
                depth += 1
            elif word == ")":
                depth -= 1
            elif word == "," and depth == 0:
                found.append((start, index))
                start = index + 1
        found.append((start, last))
        if any(start == end for start, end in found):
            raise DefinitionError("nothing stands between two commas")
        return found

    def text(self, first: int, last: int) -> str:
        """A range as it is written, without parentheses around it."""
        first, last = inside(self.words, first, last)
        if last - first == 1:
            return self.words[first]
        if self._spans is None:
            self._spans = [match.span(1) for match in _PATTERN.finditer(self.sql)]
        return self.sql[self._spans[first][0] : self._spans[last - 1][1]]
