"""Literals of PostgreSQL: values as psycopg2 writes them into the text of a statement.

psycopg2 does not send values beside a statement. It writes each of them into the text, as a literal that the server
gives a type from where it stands: `'2020-01-01'` is a date in a column of dates and a text in a column of texts.
Scripts that were written for it count on that, knowingly or not, and no binding of typed values can do the same. So
what is written here has the same form.

A string is quoted in one place, `quoted`. It needs no setting of the server to be safe: with a backslash in it, it is
written as `E'...'`, where a backslash is an escape whatever `standard_conforming_strings` says; without one, both forms
read the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID


class NoLiteralError(TypeError):
    """There is no way to write a value as a literal."""


class Finished(str):
    """A text that stands in a statement as it is."""

    __slots__ = ()


def quoted(text: str) -> str:
    """A string literal, whose type is left to the server.

    Raises:
        ValueError: PostgreSQL has no strings with a NUL character.
    """
    if "\0" in text:
        raise ValueError("A string literal cannot contain NUL (0x00) characters.")
    if "\\" in text:
        # The space keeps the E from becoming a part of the word before it.
        return " E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
    return "'" + text.replace("'", "''") + "'"


def literal(value: Any) -> str:
    """A value as psycopg2 writes it.

    Raises:
        NoLiteralError: psycopg2 would not know it either.
        ValueError: it cannot be a value of PostgreSQL.
    """
    write = _WRITERS.get(type(value))
    if write is not None:
        return write(value)
    for kind in type(value).__mro__:
        if kind in _WRITERS:
            return _WRITERS[kind](value)
    return _of_psycopg2(value)


def _of_psycopg2(value: Any) -> str:
    """An object that psycopg2 offers, or that was made to tell psycopg2 how it is written."""
    if hasattr(value, "adapted") and callable(dumps := getattr(value, "dumps", None)):
        return quoted(str(dumps(value.adapted)))  # psycopg2.extras.Json
    if callable(conform := getattr(value, "__conform__", None)) and not callable(getattr(value, "getquoted", None)):
        value = conform(None)
    if callable(written := getattr(value, "getquoted", None)):
        text = written()
        return text.decode() if isinstance(text, bytes) else str(text)
    raise NoLiteralError(_unknown(value))


def _unknown(value: Any) -> str:
    message = f"can't adapt type {type(value).__name__!r}"
    if isinstance(value, Mapping):
        message += ": write json.dumps(value), or give the column its type, sa.JSON"
    elif isinstance(value, set | frozenset):
        message += ": write list(value)"
    elif hasattr(value, "value") and hasattr(value, "name"):
        message += ": write its .value, or its .name"
    return message


def _number(text: str) -> str:
    # As a - -1: without the space it would begin a comment.
    return f" {text}" if text.startswith("-") else text


def _float(value: float) -> str:
    text = float.__repr__(value)
    if text in ("nan", "inf", "-inf"):
        return {"nan": "'NaN'::float", "inf": "'Infinity'::float", "-inf": "'-Infinity'::float"}[text]
    return _number(text)


def _decimal(value: Decimal) -> str:
    return _number(str(value)) if value.is_finite() else "'NaN'::numeric"


def _bytes(value: bytes | bytearray | memoryview) -> str:
    return f" E'\\\\x{bytes(value).hex()}'::bytea"


def _datetime(value: datetime) -> str:
    return f"'{value.isoformat()}'::timestamp{'' if value.tzinfo is None else 'tz'}"


def _time(value: time) -> str:
    return f"'{value.isoformat()}'::time{'' if value.tzinfo is None else 'tz'}"


def _interval(value: timedelta) -> str:
    return f"'{value.days} days {value.seconds}.{value.microseconds:06d} seconds'::interval"


def _array(value: Sequence[Any]) -> str:
    # The constructor needs one element that tells the type; what has none is written as a string.
    if not _tells_type(value):
        return f"'{_untyped_array(value)}'"
    return f"ARRAY[{','.join(map(literal, value))}]"


def _tells_type(value: Sequence[Any]) -> bool:
    return any(_tells_type(item) if isinstance(item, list) else item is not None for item in value)


def _untyped_array(value: Sequence[Any]) -> str:
    return "{" + ",".join("NULL" if item is None else _untyped_array(item) for item in value) + "}"


def _tuple(value: Sequence[Any]) -> str:
    return f"({', '.join(map(literal, value))})"


_WRITERS: Final[Mapping[type, Callable[[Any], str]]] = {
    type(None): lambda value: "NULL",
    bool: lambda value: "true" if value else "false",
    int: lambda value: _number(int.__repr__(value)),
    float: _float,
    Decimal: _decimal,
    Finished: str,
    str: lambda value: quoted(str.__str__(value)),
    bytes: _bytes,
    bytearray: _bytes,
    memoryview: _bytes,
    datetime: _datetime,
    date: lambda value: f"'{value.isoformat()}'::date",
    time: _time,
    timedelta: _interval,
    UUID: lambda value: f"'{value}'::uuid",
    list: _array,
    tuple: _tuple,
}

#: A place for a value, a doubled percent sign, or what must not stand there.
_PLACES: Final = re.compile(r"%(?:%|\((?P<name>[^)]*)\)s|s|(?P<wrong>.?))", re.DOTALL)


def with_values(sql: str, parameters: Any) -> str:
    """A text in which each `%(name)s` or `%s` is replaced by the literal of its value, and each `%%` by `%`.

    Args:
        sql: the text.
        parameters: a mapping or a sequence; None leaves the text as it is, percent signs and all.

    Raises:
        NoLiteralError: a value cannot be written.
        KeyError: a name has no value.
        IndexError: there are too few values.
        TypeError: there are too many, or they are not of the kind that the text asks for.
        ValueError: a percent sign stands alone, or a value cannot be one of PostgreSQL.
    """
    if parameters is None or (not parameters and "%" not in sql):
        return sql
    return _Filling(sql, parameters).text()


class _Filling:
    def __init__(self, sql: str, parameters: Any) -> None:
        self.sql = sql
        self.named = isinstance(parameters, Mapping)
        self.parameters = parameters
        self.taken = 0
        self.written: dict[str, str] = {}

    def text(self) -> str:
        filled = _PLACES.sub(self._fill, self.sql)
        if not self.named and self.taken < len(self.parameters):
            raise TypeError("not all arguments converted during string formatting")
        return filled

    def _fill(self, place: re.Match[str]) -> str:
        if place.group() == "%%":
            return "%"
        if (wrong := place["wrong"]) is not None:
            kind = TypeError if self.named else ValueError
            raise kind(
                f"unsupported format character {wrong!r} at index {place.start() + 1}: "
                "a percent sign that is meant is written %% here, or the text goes into sa.text()"
            )
        return self._next() if (name := place["name"]) is None else self._named(name)

    def _named(self, name: str) -> str:
        if not self.named:
            raise TypeError("format requires a mapping")
        if name not in self.written:
            self.written[name] = literal(self.parameters[name])
        return self.written[name]

    def _next(self) -> str:
        if self.named:
            raise TypeError("a text with %s takes a sequence of values, not a mapping")
        if self.taken >= len(self.parameters):
            raise IndexError("there are fewer values than %s in the text")
        self.taken += 1
        return literal(self.parameters[self.taken - 1])
