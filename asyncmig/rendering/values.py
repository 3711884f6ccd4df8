"""Values: plain Python values as source text, and the writer that finds for each value how it is written."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from functools import partial
from types import BuiltinFunctionType, FunctionType, MappingProxyType, MethodType
from typing import Any, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import quoted_name
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import conv

from asyncmig.errors import OperationError
from asyncmig.operations.sql import SqlText
from asyncmig.rendering.source import Source, bracketed, call, sql, string

__all__ = ["PLAIN_VALUES", "Functions", "Source", "Sources", "Writer", "is_importable", "reference"]

#: How values of a class are written, given by a plug-in.
Sources: TypeAlias = Mapping[type[Any], Callable[[Any], Source]]


@dataclass(frozen=True)
class Writer:
    """Writes values as Python source.

    Args:
        functions: how values of a class are written; the nearest class of a value decides.
        sources: the same, given by plug-ins; asked first.
        prefix: the name of `op` where the source will stand.
        dialect: the database that SQL expressions are compiled for where they cannot be written as Python.
        hook: what has the first say in how a value is written; None where it has nothing to say.
    """

    functions: Functions
    sources: Sources
    prefix: str = "op"
    dialect: Dialect | None = None
    hook: Callable[[Any], Source | None] | None = None

    def __call__(self, value: Any) -> Source:
        """*value* as source.

        Raises:
            OperationError: nobody knows how to write it.
        """
        if self.hook is not None and (source := self.hook(value)) is not None:
            return source
        for kind in _kinds(value):
            if kind in self.sources:
                return self.sources[kind](value)
            if kind in self.functions:
                return self.functions[kind](value, self)
        name = type(value).__qualname__
        raise OperationError(
            f"A value of type {type(value).__module__}.{name} cannot be written as Python.",
            hint=f'Say how it is written: sources={{{name}: lambda value: Source("…", frozenset({{"import …"}}))}}',
        )

    def many(self, values: Iterable[Any]) -> list[Source]:
        """Several values as source."""
        return [self(value) for value in values]

    def each(self, values: Mapping[str, Any]) -> dict[str, Source]:
        """The values of a mapping as source."""
        return {name: self(value) for name, value in values.items()}


#: How values of a class are written.
Functions: TypeAlias = Mapping[type[Any], Callable[[Any, Writer], Source]]


def _kinds(value: Any) -> tuple[type, ...]:
    kinds = type(value).__mro__
    # A member of `class Role(str, Enum)` is a string too, but it is written as a member.
    return (kinds[0], Enum, *kinds[1:]) if isinstance(value, Enum) else kinds


def reference(thing: Any) -> Source:
    """The qualified name of a class or function, with the import of its module.

    Raises:
        OperationError: it cannot be imported by a name.
    """
    module, path = _address(thing)
    if not is_importable(thing):
        raise OperationError(
            f"{module}.{path} cannot be written into a revision, because it cannot be imported by that name.",
            hint="Define it at the top level of a module; a lambda or a local function has no name to import.",
        )
    return Source(path) if module == builtins.__name__ else Source(f"{module}.{path}", frozenset({f"import {module}"}))


def is_importable(thing: Any) -> bool:
    """Whether a class or function can be imported by its qualified name."""
    module, path = _address(thing)
    found: Any = sys.modules.get(module)
    for name in path.split("."):
        found = getattr(found, name, None)
    # A class method is another object at each look, but an equal one.
    return module != "__main__" and found is not None and bool(found is thing or found == thing)


def _address(thing: Any) -> tuple[str, str]:
    owner = getattr(thing, "__self__", None)
    if isinstance(owner, type):
        return owner.__module__, f"{owner.__qualname__}.{thing.__name__}"
    return str(getattr(thing, "__module__", None)), str(getattr(thing, "__qualname__", type(thing).__qualname__))


def _repr(value: Any, write: Writer) -> Source:
    return Source(repr(value))


def _int(value: int, write: Writer) -> Source:
    return Source(repr(int(value)))


def _float(value: float, write: Writer) -> Source:
    text = repr(float(value))
    return Source(text) if text[-1].isdigit() else Source(f'float("{text}")')


def _bytes(value: bytes, write: Writer) -> Source:
    literal = repr(bytes(value))
    return Source(f'b"{literal[2:-1]}"' if literal[1] == "'" and '"' not in literal else literal)


def _string(value: str, write: Writer) -> Source:
    return string(str(value))


def _sql(value: SqlText, write: Writer) -> Source:
    return sql(str(value))


def _final_name(value: conv, write: Writer) -> Source:
    return call(f"{write.prefix}.f", string(str(value)))


def _quoted_name(value: quoted_name, write: Writer) -> Source:
    if value.quote is None:
        return string(str(value))
    return call("sa.quoted_name", string(str(value)), Source(repr(value.quote))).requiring("import sqlalchemy as sa")


def _decimal(value: Decimal, write: Writer) -> Source:
    return call("decimal.Decimal", string(str(value))).requiring("import decimal")


def _uuid(value: UUID, write: Writer) -> Source:
    return call("uuid.UUID", string(str(value))).requiring("import uuid")


def _calendar(value: date | timedelta | timezone, write: Writer) -> Source:
    return Source(repr(value), frozenset({"import datetime"}))


def _clock(value: datetime | time, write: Writer) -> Source:
    naive = Source(repr(value.replace(tzinfo=None)), frozenset({"import datetime"}))
    if value.tzinfo is None:
        return naive
    zone = write(value.tzinfo)
    return Source(f"{naive.text[:-1]}, tzinfo={zone.text})", naive.imports | zone.imports)


def _zone(value: ZoneInfo, write: Writer) -> Source:
    if value.key is None:
        raise OperationError("A time zone without a key cannot be written as Python.", hint="Use ZoneInfo(key).")
    return call("zoneinfo.ZoneInfo", string(value.key)).requiring("import zoneinfo")


def _member(value: Enum, write: Writer) -> Source:
    kind = reference(type(value))
    name = value.name
    if isinstance(name, str) and name in type(value).__members__:
        return Source(f"{kind.text}.{name}", kind.imports)
    # a combination of flags has no name of its own
    return call(kind.text, write(value.value)).requiring(*kind.imports)


def _tuple(value: tuple[Any, ...], write: Writer) -> Source:
    return bracketed("(", write.many(value), ")", lone_comma=True)


def _list(value: list[Any], write: Writer) -> Source:
    return bracketed("[", write.many(value), "]")


def _sorted(values: Iterable[Any], write: Writer) -> list[Source]:
    return sorted(write.many(values), key=str)


def _set(value: set[Any], write: Writer) -> Source:
    return bracketed("{", _sorted(value, write), "}") if value else Source("set()")


def _frozenset(value: frozenset[Any], write: Writer) -> Source:
    return call("frozenset", _set(set(value), write)) if value else Source("frozenset()")


def _mapping(value: Mapping[Any, Any], write: Writer) -> Source:
    return bracketed("{", [write(item).between(f"{write(key).text}: ") for key, item in value.items()], "}")


def _named_thing(value: Any, write: Writer) -> Source:
    return reference(value)


def _partial(value: partial[Any], write: Writer) -> Source:
    arguments = write.many([value.func, *value.args])
    return call("functools.partial", *arguments, keywords=write.each(value.keywords)).requiring("import functools")


#: How plain Python values are written.
PLAIN_VALUES: Functions = MappingProxyType(
    {
        type(None): _repr,
        bool: _repr,
        int: _int,
        float: _float,
        complex: _repr,
        str: _string,
        conv: _final_name,
        SqlText: _sql,
        quoted_name: _quoted_name,
        bytes: _bytes,
        Decimal: _decimal,
        UUID: _uuid,
        date: _calendar,
        timedelta: _calendar,
        timezone: _calendar,
        datetime: _clock,
        time: _clock,
        ZoneInfo: _zone,
        Enum: _member,
        tuple: _tuple,
        list: _list,
        set: _set,
        frozenset: _frozenset,
        dict: _mapping,
        MappingProxyType: _mapping,
        FunctionType: _named_thing,
        BuiltinFunctionType: _named_thing,
        MethodType: _named_thing,
        type: _named_thing,
        partial: _partial,
    }
)
