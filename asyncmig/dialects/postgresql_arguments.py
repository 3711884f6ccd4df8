"""Arguments of functions of PostgreSQL: parameters as they are declared, and the types that tell functions apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from asyncmig.dialects.sql_text import POSTGRESQL, tokens

_MODES: Final = frozenset({"IN", "OUT", "INOUT", "VARIADIC"})
#: Types of several words; a parameter that is one of these has no name.
_LONG_TYPES: Final = (
    "double precision",
    "character varying",
    "bit varying",
    "timestamp without time zone",
    "timestamp with time zone",
    "time without time zone",
    "time with time zone",
    "national character varying",
    "national character",
)
#: How the server calls types that have other names, too.
_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "int": "integer",
        "int4": "integer",
        "int8": "bigint",
        "int2": "smallint",
        "serial": "integer",
        "bool": "boolean",
        "float": "double precision",
        "float8": "double precision",
        "float4": "real",
        "decimal": "numeric",
        "dec": "numeric",
        "varchar": "character varying",
        "national character varying": "character varying",
        "char": "character",
        "bpchar": "character",
        "national character": "character",
        "varbit": "bit varying",
        "timestamp": "timestamp without time zone",
        "timestamptz": "timestamp with time zone",
        "time": "time without time zone",
        "timetz": "time with time zone",
    }
)


def without_defaults(arguments: str) -> str:
    """Parameters without their defaults, as DROP FUNCTION takes them."""
    return ", ".join(" ".join(words) for words in _parameters(arguments))


def argument_types(arguments: str) -> str:
    """The types of the parameters that a call gives, as the server calls them, as far as that can be told from here."""
    types = []
    for words in _parameters(arguments):
        mode = words[0].upper() if words[0].upper() in _MODES and len(words) > 1 else "IN"
        if mode != "OUT":
            types.append(_type_of(words[1:] if words[0].upper() in _MODES and len(words) > 1 else words))
    return ", ".join(types)


def _type_of(words: list[str]) -> str:
    """The type of a parameter; its name comes first, where it has one."""
    base = [word for word in _without_lengths(words)]
    text = " ".join(base)
    plain = text.lower().removesuffix("[]").strip()
    if len(base) > 1 and plain not in _LONG_TYPES and not (len(base) == 2 and base[1] == "[]"):
        text = " ".join(base[1:])
    array = "[]" if text.endswith("[]") else ""
    name = text.removesuffix("[]").strip()
    lower = name if name.startswith('"') else name.lower()
    return f"{_TYPES.get(lower, lower)}{array}"


def _without_lengths(words: list[str]) -> Iterator[str]:
    for word in words:
        cut, _, rest = word.partition("(")
        behind = rest.partition(")")[2]
        if cut + behind:
            yield cut + behind


def _parameters(arguments: str) -> Iterator[list[str]]:
    """The words of each parameter up to its default; what stands in parentheses or brackets belongs to its word."""
    words: list[str] = []
    depth, closed, glued = 0, False, False
    for token in tokens(arguments, POSTGRESQL):
        piece = arguments[token.start : token.end]
        if token.kind in ("space", "comment"):
            glued = False
            continue
        if depth == 0 and piece == ",":
            if words:
                yield words
            words, closed, glued = [], False, False
            continue
        if depth == 0 and (piece == "=" or piece.upper() == "DEFAULT" or piece == ":="):
            closed = True
        if closed:
            depth += (piece in "([") - (piece in ")]")
            continue
        if words and (depth or piece in ("(", "[", ")", "]", ".") or (glued and words[-1].endswith("."))):
            words[-1] += piece
        else:
            words.append(piece)
        depth += (piece in "([") - (piece in ")]")
        glued = True
    if words:
        yield words
