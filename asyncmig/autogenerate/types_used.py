"""Types used: the enumerated types inside of a column's type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ARRAY, Enum
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine, to_instance

from asyncmig._sqlalchemy import type_variants


def may_hold_enum(type_: TypeEngine[Any]) -> bool:
    """Whether it is worth looking closer; most columns have a plain type."""
    return isinstance(type_, Enum | ARRAY | TypeDecorator) or bool(type_variants(type_))


def enums_on(type_: TypeEngine[Any], dialect: Dialect) -> Iterator[Enum]:
    """The enumerated types of a type on one database: itself, that of an array, of a type that is built on it."""
    implementation = type_.dialect_impl(dialect)
    if isinstance(implementation, TypeDecorator):
        yield from enums_on(implementation.impl_instance, dialect)
    elif isinstance(implementation, ARRAY):
        yield from enums_on(implementation.item_type, dialect)
    elif isinstance(implementation, Enum):
        yield type_ if isinstance(type_, Enum) and not type_variants(type_) else implementation


def enums_in(type_: Any) -> Iterator[Enum]:
    """The enumerated types of a type, its variants for all databases included; None has none."""
    if type_ is None:
        return
    instance = to_instance(type_)
    if isinstance(instance, Enum):
        yield instance
    elif isinstance(instance, ARRAY):
        yield from enums_in(instance.item_type)
    elif isinstance(instance, TypeDecorator):
        yield from enums_in(instance.impl_instance)
    for variant in type_variants(instance).values():
        yield from enums_in(variant)
