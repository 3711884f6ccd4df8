"""ObjectPlanner: the planners that all databases share for views, functions, triggers and extensions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from sqlalchemy import TextClause

from asyncmig.dialects.adapter import plans
from asyncmig.dialects.ansi_schemas import SchemaPlanner
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.sql_text import POSTGRESQL, LexicalRules, tokens
from asyncmig.dialects.steps import Statement, Step
from asyncmig.operations.extensions import CreateExtension, DropExtension
from asyncmig.operations.functions import CreateFunction, DropFunction, ReplaceFunction
from asyncmig.operations.sql import Query, cleaned
from asyncmig.operations.triggers import CreateTrigger, DropTrigger, ReplaceTrigger
from asyncmig.operations.views import (
    CreateMaterializedView,
    CreateView,
    DropMaterializedView,
    DropView,
    RefreshMaterializedView,
    ReplaceMaterializedView,
    ReplaceView,
)


class ObjectPlanner(SchemaPlanner):
    """The planners that all databases share for views, functions, triggers and extensions."""

    #: How the database reads SQL.
    rules: ClassVar[LexicalRules] = POSTGRESQL

    def query(self, definition: Query) -> str:
        """A query as it stands in the definition of a view: with literal values, and the names of tables."""
        if isinstance(definition, str):
            return cleaned(definition)
        if isinstance(definition, TextClause):
            return cleaned(definition.text)
        compiled = str(definition.compile(dialect=self.printing, compile_kwargs={"literal_binds": True}))
        # SQLAlchemy leaves spaces at the ends of lines.
        pieces = (compiled[token.start : token.end] for token in tokens(compiled, self.rules))
        return "".join("\n" if piece.isspace() and "\n" in piece else piece for piece in pieces)

    # -- views ------------------------------------------------------------------------------------------------------

    @plans(CreateView)
    def create_view(self, op: CreateView, facts: Facts) -> Iterator[Step]:
        yield Statement(self.view_text(op))

    @plans(ReplaceView)
    def replace_view(self, op: ReplaceView, facts: Facts) -> Iterator[Step]:
        yield Statement(self.view_text(op.created, replaces=True))

    def view_text(self, op: CreateView, *, replaces: bool = False) -> str:
        """CREATE VIEW."""
        head = "CREATE OR REPLACE" if replaces else "CREATE"
        name = self.table_name(op.view_name, op.schema)
        return f"{head}{self.view_options(op)} VIEW {name}{self.view_parameters(op)} AS\n{self.query(op.definition)}"

    def view_options(self, op: CreateView) -> str:
        """What stands before the word VIEW, with a space before it."""
        return ""

    def view_parameters(self, op: CreateView) -> str:
        """What stands behind the name of a view, with a space before it."""
        return ""

    @plans(DropView)
    def drop_view(self, op: DropView, facts: Facts) -> Iterator[Step]:
        exists = "IF EXISTS " if op.if_exists else ""
        yield Statement(f"DROP VIEW {exists}{self.table_name(op.view_name, op.schema)}")

    @plans(CreateMaterializedView, ReplaceMaterializedView, RefreshMaterializedView, DropMaterializedView)
    def no_materialized_views(
        self,
        op: CreateMaterializedView | ReplaceMaterializedView | RefreshMaterializedView | DropMaterializedView,
        facts: Facts,
    ) -> Iterator[Step]:
        raise self.unsupported(
            op,
            why=f"{self.name} has no materialized views",
            hint=f'op.create_view("{op.view_name}", …)   # or a table that is filled by a job',
        )

    # -- functions --------------------------------------------------------------------------------------------------

    @plans(CreateFunction)
    def create_function(self, op: CreateFunction, facts: Facts) -> Iterator[Step]:
        yield Statement(self.function_text(op))

    @plans(ReplaceFunction)
    def replace_function(self, op: ReplaceFunction, facts: Facts) -> Iterator[Step]:
        yield Statement(self.function_text(op.created, replaces=True))

    def function_text(self, op: CreateFunction, *, replaces: bool = False) -> str:
        """CREATE FUNCTION."""
        head = "CREATE OR REPLACE" if replaces else "CREATE"
        name = self.table_name(op.function_name, op.schema)
        return f"{head} {op.kind.upper()} {name}({cleaned(op.arguments)})\n{cleaned(op.definition)}"

    @plans(DropFunction)
    def drop_function(self, op: DropFunction, facts: Facts) -> Iterator[Step]:
        exists = "IF EXISTS " if op.if_exists else ""
        name = self.table_name(op.function_name, op.schema)
        yield Statement(f"DROP {op.kind.upper()} {exists}{name}{self.dropped_arguments(op)}")

    def dropped_arguments(self, op: DropFunction) -> str:
        """The parameters of a function that is dropped, in parentheses where the database wants them."""
        return ""

    # -- triggers ---------------------------------------------------------------------------------------------------

    @plans(CreateTrigger)
    def create_trigger(self, op: CreateTrigger, facts: Facts) -> Iterator[Step]:
        yield Statement(self.trigger_text(op))

    @plans(ReplaceTrigger)
    def replace_trigger(self, op: ReplaceTrigger, facts: Facts) -> Iterator[Step]:
        yield from self.plan(DropTrigger(op.trigger_name, op.table_name, schema=op.schema), facts)
        yield Statement(self.trigger_text(op.created))

    def trigger_text(self, op: CreateTrigger, *, replaces: bool = False) -> str:
        """CREATE TRIGGER."""
        if op.constraint:
            raise self.unsupported(op, why=f"{self.name} has no constraint triggers")
        head = "CREATE OR REPLACE" if replaces else "CREATE"
        place = self.trigger_place(op)
        return f"{head} TRIGGER {place[0]} {op.event.strip()} ON {place[1]}\n{cleaned(op.definition)}"

    def trigger_place(self, op: CreateTrigger | DropTrigger) -> tuple[str, str]:
        """The name of a trigger and that of its table, where its schema is that of the table."""
        return self.table_name(op.trigger_name, op.schema), self.table_name(op.table_name, op.schema)

    @plans(DropTrigger)
    def drop_trigger(self, op: DropTrigger, facts: Facts) -> Iterator[Step]:
        exists = "IF EXISTS " if op.if_exists else ""
        yield Statement(f"DROP TRIGGER {exists}{self.trigger_place(op)[0]}")

    # -- extensions -------------------------------------------------------------------------------------------------

    @plans(CreateExtension, DropExtension)
    def no_extensions(self, op: CreateExtension | DropExtension, facts: Facts) -> Iterator[Step]:
        raise self.unsupported(
            op,
            why=f"{self.name} has no extensions",
            hint='if op.dialect.name == "postgresql": ...   # around it',
        )
