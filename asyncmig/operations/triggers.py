"""Triggers: the operations on triggers of tables and views."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from asyncmig.operations.base import HIDDEN, Operation, TableName
from asyncmig.operations.sql import SQL


class _TriggerOperation(Operation[None]):
    """What the operations on a trigger share: its name and its table."""

    trigger_name: str
    table_name: str
    schema: str | None

    @property
    def table(self) -> TableName:
        """The table with its schema."""
        return TableName(self.table_name, self.schema)

    def tables(self) -> frozenset[TableName]:
        # What a database says of a table does not tell of its triggers.
        return frozenset()


@dataclass(frozen=True, eq=False)
class CreateTrigger(_TriggerOperation):
    """Create a trigger.

    Args:
        trigger_name: the name of the trigger.
        table_name: the table or view.
        event: what stands between the two: `"BEFORE UPDATE"`, `"AFTER INSERT OR DELETE"`.
        definition: all that stands behind the table: `"FOR EACH ROW EXECUTE FUNCTION touch()"`.
        schema: the schema of the table.
        constraint: whether it is a constraint trigger (PostgreSQL).
    """

    verb: ClassVar[str] = "create_trigger"
    trigger_name: str
    table_name: str
    event: str
    definition: str = field(metadata=SQL)
    schema: str | None = field(default=None, kw_only=True)
    constraint: bool = field(default=False, kw_only=True)

    def describe(self) -> str:
        return f"create trigger {self.trigger_name} on {self.table}"

    def reversed(self) -> DropTrigger:
        return DropTrigger(self.trigger_name, self.table_name, schema=self.schema, dropped=self)


@dataclass(frozen=True, eq=False)
class ReplaceTrigger(_TriggerOperation):
    """Give a trigger another definition.

    Args:
        trigger_name: the name of the trigger.
        table_name: the table or view.
        event: what stands between the two, as of `create_trigger`.
        definition: all that stands behind the table.
        schema: the schema of the table.
        constraint: whether it is a constraint trigger (PostgreSQL).
        existing: the operation that would create it as it was; known when this comes of a comparison.
    """

    verb: ClassVar[str] = "replace_trigger"
    trigger_name: str
    table_name: str
    event: str
    definition: str = field(metadata=SQL)
    schema: str | None = field(default=None, kw_only=True)
    constraint: bool = field(default=False, kw_only=True)
    existing: CreateTrigger | None = field(default=None, kw_only=True, metadata=HIDDEN)

    @property
    def created(self) -> CreateTrigger:
        """The operation that would create it as it is to be."""
        return CreateTrigger(
            self.trigger_name,
            self.table_name,
            self.event,
            self.definition,
            schema=self.schema,
            constraint=self.constraint,
        )

    def describe(self) -> str:
        return f"replace trigger {self.trigger_name} on {self.table}"

    def reversed(self) -> Operation[Any]:
        before = self.existing
        if before is None:
            return super().reversed()
        return ReplaceTrigger(
            before.trigger_name,
            before.table_name,
            before.event,
            before.definition,
            schema=before.schema,
            constraint=before.constraint,
            existing=self.created,
        )


@dataclass(frozen=True, eq=False)
class DropTrigger(_TriggerOperation):
    """Drop a trigger.

    Args:
        trigger_name: the name of the trigger.
        table_name: the table or view.
        schema: the schema of the table.
        if_exists: do nothing when there is no such trigger.
        dropped: the operation that would create it again; known when this is a reversal.
    """

    verb: ClassVar[str] = "drop_trigger"
    destructive: ClassVar[bool] = True
    trigger_name: str
    table_name: str
    schema: str | None = field(default=None, kw_only=True)
    if_exists: bool = field(default=False, kw_only=True)
    dropped: CreateTrigger | None = field(default=None, kw_only=True, metadata=HIDDEN)

    def describe(self) -> str:
        return f"drop trigger {self.trigger_name} on {self.table}"

    def reversed(self) -> Operation[Any]:
        return self.dropped or super().reversed()
