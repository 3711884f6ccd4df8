"""Routines of MySQL and MariaDB: their definitions taken apart, so that the parts can be compared."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from asyncmig.dialects.sql_text import MYSQL, tokens

#: How the server calls types that have other names, too.
_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "integer": "int",
        "bool": "tinyint",
        "boolean": "tinyint",
        "dec": "decimal",
        "numeric": "decimal",
        "fixed": "decimal",
        "real": "double",
        "character": "char",
    }
)
_ESCAPES: Final[Mapping[str, str]] = MappingProxyType({"n": "\n", "r": "\r", "t": "\t", "0": "\0", "b": "\b"})
_INTEGERS: Final = frozenset({"int", "tinyint", "smallint", "mediumint", "bigint"})
#: What may stand between what a routine returns and its body, by its first words.
_CHARACTERISTICS: Final = (
    ("not", "deterministic"),
    ("deterministic",),
    ("contains", "sql"),
    ("no", "sql"),
    ("reads", "sql", "data"),
    ("modifies", "sql", "data"),
    ("sql", "security", "definer"),
    ("sql", "security", "invoker"),
    ("language", "sql"),
)
_ACCESS: Final = frozenset({"contains sql", "no sql", "reads sql data", "modifies sql data"})
#: What ends the type that a function returns: a characteristic, or the first word of a body.
_BODIES: Final = frozenset(
    {"begin", "return", "select", "insert", "update", "delete", "set", "call", "if", "case", "while", "loop", "repeat"}
)
_BEGINS: Final = frozenset(words[0] for words in _CHARACTERISTICS) | {"comment"} | _BODIES


@dataclass(frozen=True, slots=True)
class Routine:
    """A function or procedure.

    Args:
        returns: the type that it returns; None for a procedure.
        deterministic: DETERMINISTIC.
        access: what it does with data.
        security: `DEFINER` or `INVOKER`.
        comment: its comment.
        body: its body.
    """

    returns: str | None
    deterministic: bool
    access: str
    security: str
    comment: str
    body: str

    def text(self, literal: Callable[[Any], str]) -> str:
        """What stands behind the parameters."""
        words = [] if self.returns is None else [f"RETURNS {self.returns}"]
        words += ["DETERMINISTIC"] if self.deterministic else []
        words += [self.access] if self.access.upper() != "CONTAINS SQL" else []
        words += ["SQL SECURITY INVOKER"] if self.security.upper() == "INVOKER" else []
        words += [f"COMMENT {literal(self.comment)}"] if self.comment else []
        return "\n".join([" ".join(words), self.body]) if words else self.body

    @property
    def canonical(self) -> str:
        """All of it, so that two that are the same are equal."""
        returns = "" if self.returns is None else " ".join(plain_words(self.returns, types=True))
        head = (returns, str(self.deterministic), self.access.lower(), self.security.lower(), self.comment)
        return "|".join(head) + "\n" + " ".join(plain_words(self.body))


def read_routine(definition: str) -> Routine:
    """What stands behind the parameters, taken apart."""
    pieces = list(_pieces(definition))
    lower = [piece[0].lower() for piece in pieces]
    place, returns = 0, None
    if lower[:1] == ["returns"]:
        place = 2
        while place < len(lower) and lower[place] not in _BEGINS:
            place += 1
        returns = definition[pieces[1][1] : pieces[place - 1][2]]
    deterministic, access, security, comment = False, "CONTAINS SQL", "DEFINER", ""
    while place < len(lower):
        found = next((words for words in _CHARACTERISTICS if tuple(lower[place : place + len(words)]) == words), None)
        if found is None and lower[place] == "comment" and place + 1 < len(lower):
            comment = pieces[place + 1][0][1:-1].replace("''", "'")
            place += 2
            continue
        if found is None:
            break
        text = " ".join(found)
        if text in _ACCESS:
            access = text.upper()
        elif found[0] == "sql":
            security = found[-1].upper()
        elif found[-1] == "deterministic":
            deterministic = len(found) == 1
        place += len(found)
    body = definition[pieces[place][1] :] if place < len(pieces) else ""
    return Routine(returns, deterministic, access, security, comment, body)


def plain_words(sql: str, *, types: bool = False) -> Sequence[str]:
    """The words of a text, in small letters and without quotes around names.

    Args:
        types: whether it is about types, which have several names.
    """
    words = [_plain(piece) for piece, _, _ in _pieces(sql)]
    return list(_typed(words)) if types else words


def literals(sql: str) -> Sequence[str]:
    """The strings and numbers of a query, sorted, as far as they are not part of names."""
    found = [_plain(piece) for piece, _, _ in _pieces(sql) if piece[0] == "'" or piece[0].isdigit()]
    # The server says count(0) for count(*).
    stars = len(re.findall(r"(?i)\bcount\s*\(\s*\*\s*\)", sql))
    return sorted([*found, *["0"] * stars])


def without_database(sql: str, database: str) -> str:
    """A query without the name of a database before the names of tables."""
    quoted = "`" + database.replace("`", "``") + "`."
    parts: list[str] = []
    last = 0
    pieces = list(_pieces(sql))
    for (piece, start, _), (dot, _, end) in itertools.pairwise(pieces):
        if dot == "." and piece == quoted[:-1]:
            parts.append(sql[last:start])
            last = end
    return "".join([*parts, sql[last:]])


def _typed(words: Sequence[str]) -> Iterator[str]:
    place = 0
    while place < len(words):
        word = _TYPES.get(words[place], words[place])
        if word in ("charset", "collate"):
            place += 2
            continue
        if words[place : place + 2] == ["character", "set"]:
            place += 3
            continue
        yield word
        place += 1
        if word in _INTEGERS and words[place : place + 1] == ["("]:
            while words[place] != ")":
                place += 1
            place += 1


def _plain(piece: str) -> str:
    if piece[0] == "`":
        return piece[1:-1].replace("``", "`").lower()
    if piece[0] in "'\"":
        return _string(piece)
    return {"<>": "!="}.get(piece, piece.lower())


def _string(piece: str) -> str:
    """A string without escapes, in single quotes."""
    quote = piece[0]
    text = re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), piece[1:-1], flags=re.DOTALL)
    return f"'{text.replace(quote * 2, quote)}'"


def _pieces(sql: str) -> Iterator[tuple[str, int, int]]:
    """The pieces of a text, each with its place; strings with quotes in them are one."""
    last: tuple[str, int, int] | None = None
    for token in tokens(sql, MYSQL):
        if token.kind in ("space", "comment"):
            continue
        piece = sql[token.start : token.end]
        if last is not None and last[2] == token.start and _goes_on(last[0], piece, token.kind):
            last = (last[0] + piece, last[1], token.end)
            continue
        if last is not None:
            yield last
        last = (piece, token.start, token.end)
    if last is not None:
        yield last


def _goes_on(last: str, piece: str, kind: str) -> bool:
    if kind == "quoted":
        return last[0] in "'\"`" and last[0] == piece[0]
    return last + piece in ("<>", "!=", "<=", ">=", ":=", "&&", "||", "<<", ">>", "<=>")
