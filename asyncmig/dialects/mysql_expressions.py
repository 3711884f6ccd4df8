"""MySQL expressions: whether two texts are the same expression, apart from what the server spells its own way."""

from __future__ import annotations

from typing import Final

from asyncmig.dialects.mysql_columns import scan, unquote
from asyncmig.dialects.mysql_literals import quoted, unquoted

#: Pairs of characters that mean the same as another word.
_PAIRS: Final = {("!", "="): ("<", ">"), ("&", "&"): ("and",), ("|", "|"): ("or",)}


def same_expression(first: str, second: str) -> bool:
    """Whether two expressions have the same words, but for capitals, white space and quotes around names."""
    return first == second or words_of(first) == words_of(second)


def words_of(text: str) -> list[str]:
    """The words of an expression in one spelling."""
    found: list[str] = []
    for token in scan(text, escapes=True):
        match token.kind:
            case "space" | "note":
                continue
            case "string":
                if found and found[-1].startswith("_utf8mb"):
                    found.pop()  # MySQL says which character set the session had that wrote the string
                found.append(quoted(unquoted(token.text)))
            case "name":
                found.append(unquote(token.text).lower())
            case _:
                found.append(token.text.lower())
                if (pair := _PAIRS.get(tuple(found[-2:]))) is not None:  # type: ignore[arg-type]
                    found[-2:] = pair
    return found
