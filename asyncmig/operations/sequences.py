"""Sequences: the operations on sequences that belong to no column (PostgreSQL, MariaDB)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, ClassVar, TypeAlias

from sqlalchemy.types import TypeEngine

from asyncmig.operations.base import HIDDEN, Operation, TableName

SequenceType: TypeAlias = TypeEngine[Any] | type[TypeEngine[Any]]

#: What a sequence has besides its name, in the order in which it is written.
SEQUENCE_OPTIONS = ("data_type", "increment", "minvalue", "maxvalue", "start", "cache", "cycle")

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class _SequenceOperation(Operation[None]):
    """What the operations on a sequence share: its name; they touch no table."""

    sequence_name: str
    schema: str | None = field(default=None, kw_only=True)

    @property
    def sequence(self) -> TableName:
        """The sequence with its schema."""
        return TableName(self.sequence_name, self.schema)

    def tables(self) -> frozenset[TableName]:
        return frozenset()


@dataclass(frozen=True, eq=False)
class CreateSequence(_SequenceOperation):
    """Create a sequence.

    Args:
        sequence_name: the name of the sequence.
        schema: the schema it goes into.
        start: the first value; what is not given here and below is the database's default.
        increment: what is added each time; below zero it counts down.
        minvalue, maxvalue: its bounds.
        cycle: whether it begins again at its end.
        cache: how many values a session takes at a time.
        data_type: a type of integers.
        if_not_exists: do nothing when there is such a sequence.
    """

    verb: ClassVar[str] = "create_sequence"
    start: int | None = field(default=None, kw_only=True)
    increment: int | None = field(default=None, kw_only=True)
    minvalue: int | None = field(default=None, kw_only=True)
    maxvalue: int | None = field(default=None, kw_only=True)
    cycle: bool | None = field(default=None, kw_only=True)
    cache: int | None = field(default=None, kw_only=True)
    data_type: SequenceType | None = field(default=None, kw_only=True)
    if_not_exists: bool = field(default=False, kw_only=True)

    def describe(self) -> str:
        return f"create sequence {self.sequence}"

    def reversed(self) -> DropSequence:
        return DropSequence(self.sequence_name, schema=self.schema, dropped=self)


@dataclass(frozen=True, eq=False)
class DropSequence(_SequenceOperation):
    """Drop a sequence.

    Args:
        sequence_name: the name of the sequence.
        schema: the schema it is in.
        if_exists: do nothing when there is no such sequence.
        dropped: the operation that would create it again; known when this is a reversal.
    """

    verb: ClassVar[str] = "drop_sequence"
    destructive: ClassVar[bool] = True
    if_exists: bool = field(default=False, kw_only=True)
    dropped: CreateSequence | None = field(default=None, kw_only=True, metadata=HIDDEN)

    def describe(self) -> str:
        return f"drop sequence {self.sequence}"

    def reversed(self) -> Operation[Any]:
        return self.dropped or super().reversed()


@dataclass(frozen=True, eq=False)
class AlterSequence(_SequenceOperation):
    """Change options of a sequence; what is not given stays, and so does the value it has reached.

    Args:
        sequence_name: the name of the sequence.
        schema: the schema it is in.
        start: the value that a RESTART begins with.
        increment: what is added each time; below zero it counts down.
        minvalue, maxvalue: its bounds.
        cycle: whether it begins again at its end.
        cache: how many values a session takes at a time.
        data_type: a type of integers.
        existing: the options that it has, under the names above; known when this comes of a comparison.
    """

    verb: ClassVar[str] = "alter_sequence"
    start: int | None = field(default=None, kw_only=True)
    increment: int | None = field(default=None, kw_only=True)
    minvalue: int | None = field(default=None, kw_only=True)
    maxvalue: int | None = field(default=None, kw_only=True)
    cycle: bool | None = field(default=None, kw_only=True)
    cache: int | None = field(default=None, kw_only=True)
    data_type: SequenceType | None = field(default=None, kw_only=True)
    existing: Mapping[str, Any] = field(default_factory=lambda: _NOTHING, kw_only=True, metadata=HIDDEN)

    @property
    def changes(self) -> Mapping[str, Any]:
        """The options that are given."""
        found = {name: getattr(self, name) for name in SEQUENCE_OPTIONS}
        return {name: value for name, value in found.items() if value is not None}

    def describe(self) -> str:
        named = (item.name for item in fields(self) if item.name in self.changes)
        return f"alter sequence {self.sequence} ({', '.join(named)})"

    def reversed(self) -> Operation[Any]:
        if not self.changes or any(self.existing.get(name) is None for name in self.changes):
            return super().reversed()
        before = {name: self.existing[name] for name in self.changes}
        return AlterSequence(self.sequence_name, schema=self.schema, existing=self.changes, **before)
