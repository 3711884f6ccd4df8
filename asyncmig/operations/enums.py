"""Enums: the operations on enumerated types of their own (PostgreSQL).

MySQL and SQLite keep the values in the column or in a CHECK; there creating and dropping the type has nothing to do,
and changing values is `op.alter_column(..., type_=sa.Enum(...))`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from asyncmig.operations.base import HIDDEN, Operation, TableName


def _type_name(name: str, schema: str | None) -> str:
    return str(TableName(name, schema))


class _EnumOperation(Operation[None]):
    """What the operations on enums share: they touch no table."""

    def tables(self) -> frozenset[TableName]:
        return frozenset()


@dataclass(frozen=True, eq=False)
class CreateEnum(_EnumOperation):
    """Create an enumerated type.

    Args:
        enum_name: the name of the type.
        values: its values, in order.
        schema: the schema it goes into.
        if_not_exists: do nothing when a type of this name exists.
    """

    verb: ClassVar[str] = "create_enum"
    enum_name: str
    values: Sequence[str]
    schema: str | None = field(default=None, kw_only=True)
    if_not_exists: bool = field(default=False, kw_only=True)

    def describe(self) -> str:
        return f"create enum {_type_name(self.enum_name, self.schema)} ({', '.join(self.values)})"

    def reversed(self) -> DropEnum:
        return DropEnum(self.enum_name, schema=self.schema, dropped=self)


@dataclass(frozen=True, eq=False)
class AddEnumValue(_EnumOperation):
    """Add a value to an enumerated type; it cannot be removed again.

    Args:
        enum_name: the name of the type.
        value: the new value.
        before, after: the value it stands next to; at the end when neither is given.
        schema: the schema of the type.
        if_not_exists: do nothing when it has such a value.
    """

    verb: ClassVar[str] = "add_enum_value"
    enum_name: str
    value: str
    before: str | None = field(default=None, kw_only=True)
    after: str | None = field(default=None, kw_only=True)
    schema: str | None = field(default=None, kw_only=True)
    if_not_exists: bool = field(default=False, kw_only=True)

    def describe(self) -> str:
        return f"add value {self.value!r} to enum {_type_name(self.enum_name, self.schema)}"


@dataclass(frozen=True, eq=False)
class RenameEnumValue(_EnumOperation):
    """Give a value of an enumerated type another name; rows that have it show the new name.

    Args:
        enum_name: the name of the type.
        old_value: the name it has.
        new_value: the name it gets.
        schema: the schema of the type.
    """

    verb: ClassVar[str] = "rename_enum_value"
    enum_name: str
    old_value: str
    new_value: str
    schema: str | None = field(default=None, kw_only=True)

    def describe(self) -> str:
        enum = _type_name(self.enum_name, self.schema)
        return f"rename value {self.old_value!r} of enum {enum} to {self.new_value!r}"

    def reversed(self) -> RenameEnumValue:
        return RenameEnumValue(self.enum_name, self.new_value, self.old_value, schema=self.schema)


@dataclass(frozen=True, eq=False)
class AlterEnum(_EnumOperation):
    """Give an enumerated type other values; the rows keep theirs.

    Values are added and renamed in place where that is enough. Else the type is exchanged for a new one in every column
    that has it; a row that still has a value that the new one lacks makes this fail.

    Args:
        enum_name: the name of the type.
        values: all values that it shall have, in order.
        schema: the schema of the type.
        existing_values: all values that it has, in order; the database tells them where it can be asked.
        renamed: values that get another name: the old name of each, and the new one.
    """

    verb: ClassVar[str] = "alter_enum"
    enum_name: str
    values: Sequence[str]
    schema: str | None = field(default=None, kw_only=True)
    existing_values: Sequence[str] | None = field(default=None, kw_only=True)
    renamed: Mapping[str, str] = field(default_factory=dict, kw_only=True)

    @property
    def enum(self) -> TableName:
        """The type with its schema."""
        return TableName(self.enum_name, self.schema)

    def describe(self) -> str:
        return f"alter enum {self.enum} ({', '.join(self.values)})"

    def reversed(self) -> Operation[Any]:
        if self.existing_values is None:
            return super().reversed()
        back = {new: old for old, new in self.renamed.items()}
        return AlterEnum(
            self.enum_name, self.existing_values, schema=self.schema, existing_values=self.values, renamed=back
        )


@dataclass(frozen=True, eq=False)
class DropEnum(_EnumOperation):
    """Drop an enumerated type.

    Args:
        enum_name: the name of the type.
        schema: the schema it is in.
        if_exists: do nothing when there is no such type.
        dropped: the operation that would create it again; known when this is a reversal.
    """

    verb: ClassVar[str] = "drop_enum"
    destructive: ClassVar[bool] = True
    enum_name: str
    schema: str | None = field(default=None, kw_only=True)
    if_exists: bool = field(default=False, kw_only=True)
    dropped: CreateEnum | None = field(default=None, kw_only=True, metadata=HIDDEN)

    def describe(self) -> str:
        return f"drop enum {_type_name(self.enum_name, self.schema)}"

    def reversed(self) -> Operation[Any]:
        return self.dropped or super().reversed()
