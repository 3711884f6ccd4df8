"""EnumState and SequenceState: what stands beside tables and is made with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from asyncmig.operations.base import TableName


@dataclass(frozen=True, slots=True)
class EnumState:
    """An enumerated type of its own (PostgreSQL): its name and schema (None: the default one), its values in order."""

    name: TableName
    values: tuple[str, ...]
    model: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SequenceState:
    """A sequence that belongs to no column; every option has its value, also where it is the default."""

    name: TableName
    type: str = "bigint"
    start: int = 1
    increment: int = 1
    minimum: int | None = None
    maximum: int | None = None
    cycle: bool = False
    cache: int = 1
    model: Any = field(default=None, compare=False, repr=False)
