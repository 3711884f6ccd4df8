"""Values of PostgreSQL as psycopg2 hands them out, where asyncpg hands out something else.

psycopg2 knows the types that every server has, and gives anything else as the text that the server would print.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timezone
from functools import cache
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

Converter: TypeAlias = Callable[[Any], Any]


def converters(types: Sequence[Any], time_zone: str) -> list[Converter | None] | None:
    """What turns each value of a row into psycopg2's; None when nothing has to be turned.

    Args:
        types: asyncpg's types of the columns.
        time_zone: the time zone of the session.
    """
    found = [_converter(type_.oid, type_.kind, time_zone) for type_ in types]
    return found if any(found) else None


def _converter(oid: int, kind: str, time_zone: str) -> Converter | None:
    if oid == _TIMESTAMPTZ:
        return _in_zone(time_zone)
    if oid in _KNOWN:
        return _KNOWN[oid]
    if oid == _TIMESTAMPTZ_ARRAY:
        return _each(_in_zone(time_zone))
    if kind == "array" and oid not in _ARRAYS:
        return lambda value: None if value is None else array_text(value)
    if kind == "composite" or oid == _RECORD:
        return lambda value: None if value is None else composite_text(value)
    return None


def array_text(value: Any) -> str:
    """An array as the server prints it."""
    return "{" + ",".join(_element_text(item) for item in value) + "}"


def _element_text(item: Any) -> str:
    if item is None:
        return "NULL"
    if isinstance(item, list):
        return array_text(item)
    text = value_text(item)
    return _doubly_quoted(text, r"\\\1") if not text or text.upper() == "NULL" or _SPECIAL.search(text) else text


def composite_text(value: Any) -> str:
    """A row as the server prints it."""
    return "(" + ",".join("" if item is None else _field_text(value_text(item)) for item in value) + ")"


def _field_text(text: str) -> str:
    return _doubly_quoted(text, r"\1\1") if not text or _SPECIAL_IN_ROW.search(text) else text


def _doubly_quoted(text: str, escaped: str) -> str:
    return '"' + _ESCAPED.sub(escaped, text) + '"'


def value_text(value: Any) -> str:
    """A value as the server prints it."""
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime):
        text = value.isoformat(" ")
        return text.removesuffix(":00") if value.tzinfo is not None else text
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, list):
        return array_text(value)
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if hasattr(value, "keys"):
        return composite_text(value)
    return str(value)


_SPECIAL: Final = re.compile(r'[{}",\\\s]')
_SPECIAL_IN_ROW: Final = re.compile(r'[()",\\\s]')
_ESCAPED: Final = re.compile(r'(["\\])')


def _each(convert: Converter) -> Converter:
    def converted(value: Any) -> Any:
        if isinstance(value, list):
            return [converted(item) for item in value]
        return None if value is None else convert(value)

    return converted


@cache
def _in_zone(name: str) -> Converter:
    """A moment with the offset that the session's time zone has then, and not as UTC."""
    try:
        zone: Any = ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        zone = UTC  # a rule of POSIX, such as <+03>-03, which Python does not read

    def converted(value: datetime | None) -> datetime | None:
        if value is None:
            return None
        try:
            local = value.astimezone(zone)
        except OverflowError:
            return value  # infinity
        return local.replace(tzinfo=timezone(local.utcoffset()))  # type: ignore[arg-type]

    return converted


def _coordinates(value: Any) -> str:
    return "(" + ",".join(value_text(float(part)) for part in value) + ")"


def _char(value: Any) -> str:
    # The server prints the character 0 as nothing.
    return value.decode().rstrip("\0") if isinstance(value, bytes) else str(value)


def _vector(value: Any) -> Any:
    return value if isinstance(value, str) else " ".join(map(str, value))


def _maybe(convert: Converter) -> Converter:
    return lambda value: None if value is None else convert(value)


_TIMESTAMPTZ, _TIMESTAMPTZ_ARRAY, _RECORD = 1184, 1185, 2249
_KNOWN: Final[Mapping[int, Converter]] = {
    17: _maybe(memoryview),  # bytea
    18: _maybe(_char),  # "char"
    22: _maybe(_vector),  # int2vector
    30: _maybe(_vector),  # oidvector
    600: _maybe(_coordinates),  # point
    650: _maybe(str),  # cidr
    651: _each(str),
    869: _maybe(str),  # inet
    1001: _each(memoryview),
    1002: _each(_char),
    1041: _each(str),
    1560: _maybe(lambda value: value.as_string().replace(" ", "")),  # bit
    1562: _maybe(lambda value: value.as_string().replace(" ", "")),  # varbit
    2278: lambda value: "",  # void
}
#: The arrays that psycopg2 gives as lists.
_ARRAYS: Final = frozenset(
    {
        *(199, 1000, 1003, 1005, 1006, 1007, 1009, 1013, 1014, 1015, 1016, 1021, 1022, 1028, 1040, 1115, 1182, 1183),
        *(1187, 1231, 1270, 2951, 3807, 3905, 3907, 3909, 3911, 3913, 3927),
    }
)
