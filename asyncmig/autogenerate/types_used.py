"""Types used: the enumerated types inside of a column's type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ARRAY, Enum
from sqlalchemy.types import TypeDecorator, to_instance

from asyncmig._sqlalchemy import type_variants


def enums_in(type_: Any) -> Iterator[Enum]:
    """The enumerated types of a type: itself, that of an array, of a type built on it, or of a variant."""
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
