"""PostgreSQL words: types and defaults as the server writes them, as far as that is sure without asking it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

#: Names that the server writes out.
_NAMES: Final[Mapping[str, str]] = {
    "bool": "boolean",
    "char": "character",
    "decimal": "numeric",
    "dec": "numeric",
    "double precision": "double precision",
    "float4": "real",
    "float8": "double precision",
    "int": "integer",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "timestamptz": "timestamp with time zone",
    "timetz": "time with time zone",
    "timestamp": "timestamp without time zone",
    "time": "time without time zone",
    "varbit": "bit varying",
    "varchar": "character varying",
}
_TYPE: Final = re.compile(
    r"(?P<name>[a-z_][\w ]*?)\s*(?:\((?P<arguments>[\d\s,-]+)\))?(?P<zone>\s+with(?:out)?\s+time\s+zone)?"
    r"(?P<array>(?:\[\d*\])*)",
    re.ASCII,
)
#: Up to so many binary digits fit into a number of four bytes.
_SINGLE: Final = 24
_WITHOUT_LENGTH: Final = frozenset({"character", "bit"})


def type_words(text: str) -> str:
    """A type that SQLAlchemy has written, as the server writes it: `VARCHAR(5)` as `character varying(5)`."""
    if '"' in text or "'" in text:
        return _array(text)
    plain = " ".join(text.split()).lower()
    found = _TYPE.fullmatch(plain)
    if found is None:
        return plain
    name, arguments, zone, array = found.group("name", "arguments", "zone", "array")
    name = _NAMES.get(name, name) if zone is None else name
    numbers = [] if arguments is None else [number.strip() for number in arguments.split(",")]
    if name == "float":
        name = "real" if numbers and int(numbers[0]) <= _SINGLE else "double precision"
        numbers = []
    elif name == "numeric" and len(numbers) == 1:
        numbers.append("0")
    elif name in _WITHOUT_LENGTH and not numbers:
        numbers.append("1")
    length = f"({','.join(numbers)})" if numbers else ""
    if zone is None and name.endswith(" time zone"):
        # timestamp(3) alone
        name, zone = name.split(" ", 1)
        zone = f" {zone}"
    return f"{name}{length}{zone or ''}{'[]' if array else ''}"


def _array(text: str) -> str:
    bare = re.sub(r"(?:\[\d*\])+\Z", "", text)
    return f"{bare}[]" if bare != text else text


_LITERAL: Final = re.compile(r"'((?:[^']|'')*)'")
_INTEGER: Final = re.compile(r"0|[1-9]\d{0,8}")
_SIGNED: Final = re.compile(r"-?(?:0|[1-9]\d{0,8})")
#: Types whose literals the server keeps as they are written.
_TEXTS: Final = frozenset({"text", "character varying", "json", "citext"})
_EMPTY: Final = frozenset({"{}", "[]"})
_BOOLEANS: Final[Mapping[str, str]] = {"true": "true", "t": "true", "false": "false", "f": "false"}


def default_words(text: str, type_: str) -> str:
    """The default of a column of *type_* as the server writes it; as it stands where that is not sure."""
    found = _LITERAL.fullmatch(text)
    if found is None:
        return _keyword(text, type_)
    value = found[1]
    if "\\" in value:
        return text
    name = _without_length(type_)
    if name == "integer" and _INTEGER.fullmatch(value):
        return value
    if name == "integer" and _SIGNED.fullmatch(value):
        return f"'{value}'::integer"
    if name in ("bigint", "smallint") and _SIGNED.fullmatch(value):
        return f"'{value}'::{name}"
    if name == "numeric" and _SIGNED.fullmatch(value):
        return f"'{value}'::numeric"
    if name == "boolean":
        return _BOOLEANS.get(value, text)
    if name in _TEXTS or (name == "jsonb" and value in _EMPTY) or (type_.endswith("[]") and value == "{}"):
        return f"'{value}'::{name}"
    if name == "character":
        return f"'{value}'::bpchar"
    return text


def _without_length(type_: str) -> str:
    head, parenthesis, rest = type_.partition("(")
    return head + rest.partition(")")[2] if parenthesis else type_


def _keyword(text: str, type_: str) -> str:
    lower = text.lower()
    if type_ == "boolean":
        return _BOOLEANS.get(lower, text)
    if lower in ("now()", "gen_random_uuid()"):
        return lower
    if lower in ("current_timestamp", "current_date", "localtimestamp"):
        return lower.upper()
    return text
