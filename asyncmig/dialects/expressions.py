"""Expressions: a SQL expression without what may stand around it and means nothing."""

from __future__ import annotations

import re

from asyncmig.dialects.sql_text import LexicalRules, tokens

_DIRECTION = re.compile(r"\s+(?:(ASC|DESC)(?:\s+NULLS\s+(FIRST|LAST))?|NULLS\s+(FIRST|LAST))\s*\Z", re.IGNORECASE)


def without_parentheses(text: str, rules: LexicalRules) -> str:
    """An expression without white space and parentheses around it, as far as they belong together."""
    text = text.strip()
    while text[:1] == "(" and text[-1:] == ")" and _closes_at_end(text, rules):
        text = text[1:-1].strip()
    return text


def _closes_at_end(text: str, rules: LexicalRules) -> bool:
    """Whether the parenthesis at the beginning is closed by the one at the end."""
    if "'" not in text and '"' not in text and "`" not in text and "$" not in text:
        return _closing(text) == len(text) - 1
    plain = list(text)
    for token in tokens(text, rules):
        if token.kind in ("quoted", "comment"):
            plain[token.start : token.end] = " " * (token.end - token.start)
    return _closing("".join(plain)) == len(text) - 1


def _closing(text: str) -> int:
    depth = 0
    for place, character in enumerate(text):
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth == 0:
                return place
    return -1


def split_direction(text: str) -> tuple[str, bool, bool | None]:
    """An element of an index that is given as text: what is indexed, whether downwards, and whether NULLs come first.

    Whether they do is None where nothing is said of it.
    """
    found = _DIRECTION.search(text)
    if found is None:
        return text, False, None
    nulls = found[2] or found[3]
    return (
        text[: found.start()],
        (found[1] or "").upper() == "DESC",
        None if nulls is None else nulls.upper() == "FIRST",
    )
