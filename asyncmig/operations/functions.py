"""Functions: the operations on functions and procedures that the database keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from asyncmig.operations.base import HIDDEN, Operation, TableName
from asyncmig.operations.sql import SQL


class _FunctionOperation(Operation[None]):
    """What the operations on a function share: its name; they touch no table."""

    function_name: str
    schema: str | None
    procedure: bool

    @property
    def kind(self) -> str:
        """`function` or `procedure`."""
        return "procedure" if self.procedure else "function"

    @property
    def function(self) -> TableName:
        """The function with its schema."""
        return TableName(self.function_name, self.schema)

    def tables(self) -> frozenset[TableName]:
        return frozenset()


@dataclass(frozen=True, eq=False)
class CreateFunction(_FunctionOperation):
    """Create a function or a procedure.

    Args:
        function_name: the name of the function.
        arguments: its parameters, as they stand between the parentheses: `"a integer, b text DEFAULT ''"`.
        definition: all that stands behind the parentheses: `"RETURNS integer LANGUAGE sql AS $$ SELECT a $$"`.
        schema: the schema it goes into.
        procedure: whether it is a procedure.
    """

    verb: ClassVar[str] = "create_function"
    function_name: str
    arguments: str
    definition: str = field(metadata=SQL)
    schema: str | None = field(default=None, kw_only=True)
    procedure: bool = field(default=False, kw_only=True)

    def describe(self) -> str:
        return f"create {self.kind} {self.function}({' '.join(self.arguments.split())})"

    def reversed(self) -> DropFunction:
        return DropFunction(
            self.function_name, self.arguments, schema=self.schema, procedure=self.procedure, dropped=self
        )


@dataclass(frozen=True, eq=False)
class ReplaceFunction(_FunctionOperation):
    """Give a function or a procedure another definition; what was granted on it stays where the database can.

    Args:
        function_name: the name of the function.
        arguments: its parameters, as of `create_function`; other types of them are another function (PostgreSQL).
        definition: all that stands behind the parentheses.
        schema: the schema it is in.
        procedure: whether it is a procedure.
        existing: the operation that would create it as it was; known when this comes of a comparison.
    """

    verb: ClassVar[str] = "replace_function"
    function_name: str
    arguments: str
    definition: str = field(metadata=SQL)
    schema: str | None = field(default=None, kw_only=True)
    procedure: bool = field(default=False, kw_only=True)
    existing: CreateFunction | None = field(default=None, kw_only=True, metadata=HIDDEN)

    @property
    def created(self) -> CreateFunction:
        """The operation that would create it as it is to be."""
        return CreateFunction(
            self.function_name, self.arguments, self.definition, schema=self.schema, procedure=self.procedure
        )

    def describe(self) -> str:
        return f"replace {self.kind} {self.function}({' '.join(self.arguments.split())})"

    def reversed(self) -> Operation[Any]:
        before = self.existing
        if before is None:
            return super().reversed()
        return ReplaceFunction(
            before.function_name,
            before.arguments,
            before.definition,
            schema=before.schema,
            procedure=before.procedure,
            existing=self.created,
        )


@dataclass(frozen=True, eq=False)
class DropFunction(_FunctionOperation):
    """Drop a function or a procedure.

    Args:
        function_name: the name of the function.
        arguments: its parameters, as of `create_function`; only their types count. PostgreSQL needs them where there
            are several functions of this name.
        schema: the schema it is in.
        procedure: whether it is a procedure.
        if_exists: do nothing when there is no such function.
        dropped: the operation that would create it again; known when this is a reversal.
    """

    verb: ClassVar[str] = "drop_function"
    destructive: ClassVar[bool] = True
    function_name: str
    arguments: str | None = None
    schema: str | None = field(default=None, kw_only=True)
    procedure: bool = field(default=False, kw_only=True)
    if_exists: bool = field(default=False, kw_only=True)
    dropped: CreateFunction | None = field(default=None, kw_only=True, metadata=HIDDEN)

    def describe(self) -> str:
        arguments = "" if self.arguments is None else f"({' '.join(self.arguments.split())})"
        return f"drop {self.kind} {self.function}{arguments}"

    def reversed(self) -> Operation[Any]:
        return self.dropped or super().reversed()
