"""Extensions: the operations on extensions of PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from asyncmig.operations.base import HIDDEN, Operation, TableName


@dataclass(frozen=True, eq=False)
class CreateExtension(Operation[None]):
    """Create an extension (PostgreSQL).

    Args:
        extension_name: the name of the extension.
        schema: the schema its objects go into.
        version: its version; the newest that is installed by default.
        cascade: create what it needs, too.
        if_not_exists: do nothing when it is there.
    """

    verb: ClassVar[str] = "create_extension"
    extension_name: str
    schema: str | None = field(default=None, kw_only=True)
    version: str | None = field(default=None, kw_only=True)
    cascade: bool = field(default=False, kw_only=True)
    if_not_exists: bool = field(default=False, kw_only=True)

    def tables(self) -> frozenset[TableName]:
        return frozenset()

    def describe(self) -> str:
        return f"create extension {self.extension_name}"

    def reversed(self) -> DropExtension:
        return DropExtension(self.extension_name, dropped=self)


@dataclass(frozen=True, eq=False)
class DropExtension(Operation[None]):
    """Drop an extension (PostgreSQL); it stays when anything uses it, and the operation fails.

    Args:
        extension_name: the name of the extension.
        if_exists: do nothing when it is not there.
        dropped: the operation that would create it again; known when this is a reversal.
    """

    verb: ClassVar[str] = "drop_extension"
    destructive: ClassVar[bool] = True
    extension_name: str
    if_exists: bool = field(default=False, kw_only=True)
    dropped: CreateExtension | None = field(default=None, kw_only=True, metadata=HIDDEN)

    def tables(self) -> frozenset[TableName]:
        return frozenset()

    def describe(self) -> str:
        return f"drop extension {self.extension_name}"

    def reversed(self) -> Operation[Any]:
        return self.dropped or super().reversed()
