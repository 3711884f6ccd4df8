"""View words of MySQL and MariaDB: whether one query is another one in the words of the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from asyncmig.dialects.mysql_routines import plain_words

#: What the server calls otherwise.
_SAME: Final[Mapping[str, str]] = MappingProxyType({"lcase": "lower", "ucase": "upper", "&&": "and"})
#: Words that change nothing.
_NOISE: Final = frozenset({"inner", "outer", "asc"})
#: What stands before a parenthesis that holds an expression together; elsewhere it is that of a call or a list.
_BEFORE_GROUPS: Final = frozenset(
    {
        *("and", "or", "xor", "not", "where", "on", "having", "select", "distinct", "when", "then", "else", "case"),
        *("between", "like", "by", "div", "mod", "join", "(", ",", "=", "<", ">", "<=", ">=", "!=", "<=>"),
        *("+", "-", "*", "/", "%", "||", "is", "return"),
    }
)


class _Word(NamedTuple):
    """A word of a query, and what is named before it: the table of a column."""

    text: str
    owner: str | None


def are_same_words(wanted: str, live: str) -> bool:
    """Whether *live* is how the server writes *wanted*; False where the words alone do not tell.

    The server names the table of each column, and each column of the result; it writes no parentheses that are not
    needed. So queries that hold expressions together by parentheses are not told apart here.
    """
    one, other = plain_words(wanted), plain_words(live)
    if _has_groups(one) or _has_groups(other):
        return False
    first, second = _words(one), _words(other)
    return len(first) == len(second) and all(
        mine.text == theirs.text and mine.owner in (None, theirs.owner)
        for mine, theirs in zip(first, second, strict=True)
    )


def _has_groups(words: Sequence[str]) -> bool:
    for place, word in enumerate(words[:-1]):
        if word == "(" and place and words[place - 1] in _BEFORE_GROUPS and words[place + 1] not in ("select", "with"):
            return True
    return False


def _words(words: Sequence[str]) -> list[_Word]:
    found: list[_Word] = []
    owner: str | None = None
    for place, word in enumerate(words):
        following = words[place + 1] if place + 1 < len(words) else ""
        if following == ".":
            owner = word
        elif word == "as":
            # The server names every column, and writes no AS before the name of a table.
            continue
        elif word not in "()." and word not in _NOISE:
            if place and words[place - 1] == "as" and found and found[-1].text == word:
                continue
            star = word == "*" and place > 1 and words[place - 2 : place] == ["count", "("]
            found.append(_Word("0" if star else _SAME.get(word, word), owner))
            owner = None
    return found
