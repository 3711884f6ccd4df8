"""PostgreSQLObjectPlanner: what PostgreSQL says differently about views, functions, triggers and extensions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from asyncmig.dialects.adapter import plans
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.postgresql_arguments import without_defaults
from asyncmig.dialects.postgresql_schemas import PostgreSQLSchemaPlanner
from asyncmig.dialects.postgresql_views import ViewUse
from asyncmig.dialects.steps import Statement, Step
from asyncmig.errors import NeedsDatabaseError, OperationError
from asyncmig.operations.extensions import CreateExtension, DropExtension
from asyncmig.operations.functions import DropFunction
from asyncmig.operations.sql import cleaned
from asyncmig.operations.triggers import CreateTrigger, DropTrigger, ReplaceTrigger
from asyncmig.operations.views import (
    CreateMaterializedView,
    CreateView,
    DropMaterializedView,
    RefreshMaterializedView,
    ReplaceMaterializedView,
    ReplaceView,
)


class PostgreSQLObjectPlanner(PostgreSQLSchemaPlanner):
    """What PostgreSQL says differently about views, functions, triggers and extensions."""

    # -- views ------------------------------------------------------------------------------------------------------

    def view_parameters(self, op: CreateView | CreateMaterializedView) -> str:
        return _with(op.options.get("postgresql_with"))

    @plans(ReplaceView)
    def replace_view(self, op: ReplaceView, facts: Facts) -> Iterator[Step]:
        """CREATE OR REPLACE VIEW, or the view and all views that are made of it dropped and made anew."""
        if not op.recreate:
            yield from super().replace_view(op, facts)
            return
        yield from self._recreated(op, [self.view_text(op.created)], facts)

    @plans(ReplaceMaterializedView)
    def replace_materialized_view(self, op: ReplaceMaterializedView, facts: Facts) -> Iterator[Step]:
        yield from self._recreated(op, self._materialized_texts(op.created), facts)

    def _recreated(
        self, op: ReplaceView | ReplaceMaterializedView, texts: Sequence[str], facts: Facts
    ) -> Iterator[Step]:
        """The view and all views that are made of it, dropped and made anew.

        Raises:
            NeedsDatabaseError: nobody says which these are.
            OperationError: there is no such view.
        """
        views: tuple[ViewUse, ...] | None = facts.uses.get(op.view)
        word = op.describe().removeprefix("replace ").removesuffix(f" {op.view}").replace(" ", "_")
        if views is None:
            raise NeedsDatabaseError(
                f"op.{op.verb}: what is granted on {op.view}, and which views are made of it, is not known without"
                " a database.",
                operation=op,
                hint=f'op.drop_{word}("{op.view_name}")\nop.create_{word}("{op.view_name}", …)   # and its grants',
            )
        if not views:
            raise OperationError(f"op.{op.verb}: there is no view {op.view}.", operation=op)
        for view in reversed(views):
            yield Statement(f"DROP {view.word} {view.name}")
        yield from map(Statement, texts)
        for view in views:
            if view.depth:
                yield Statement(view.creates)
            yield from self._put_back(view)

    def _put_back(self, view: ViewUse) -> Iterator[Step]:
        if view.owner is not None:
            yield Statement(f"ALTER {view.word} {view.name} OWNER TO {self.quote(view.owner)}")
        for text in (*view.parts, *view.grants):
            yield Statement(text)

    @plans(CreateMaterializedView)
    def create_materialized_view(self, op: CreateMaterializedView, facts: Facts) -> Iterator[Step]:
        yield from map(Statement, self._materialized_texts(op))

    def _materialized_texts(self, op: CreateMaterializedView) -> list[str]:
        """What creates a materialized view and its indexes."""
        name = self.table_name(op.view_name, op.schema)
        space = op.options.get("postgresql_tablespace")
        place = f" TABLESPACE {self.quote(space)}" if space else ""
        data = "" if op.with_data else "\nWITH NO DATA"
        head = f"CREATE MATERIALIZED VIEW {name}{self.view_parameters(op)}{place} AS"
        return [f"{head}\n{self.query(op.definition)}{data}", *map(cleaned, op.indexes)]

    @plans(RefreshMaterializedView)
    def refresh_materialized_view(self, op: RefreshMaterializedView, facts: Facts) -> Iterator[Step]:
        concurrently = "CONCURRENTLY " if op.concurrently else ""
        data = "" if op.with_data else " WITH NO DATA"
        name = self.table_name(op.view_name, op.schema)
        yield Statement(f"REFRESH MATERIALIZED VIEW {concurrently}{name}{data}")

    @plans(DropMaterializedView)
    def drop_materialized_view(self, op: DropMaterializedView, facts: Facts) -> Iterator[Step]:
        exists = "IF EXISTS " if op.if_exists else ""
        yield Statement(f"DROP MATERIALIZED VIEW {exists}{self.table_name(op.view_name, op.schema)}")

    # -- functions and triggers -------------------------------------------------------------------------------------

    def dropped_arguments(self, op: DropFunction) -> str:
        return "" if op.arguments is None else f"({without_defaults(op.arguments)})"

    @plans(ReplaceTrigger)
    def replace_trigger(self, op: ReplaceTrigger, facts: Facts) -> Iterator[Step]:
        version: tuple[int, ...] = getattr(self.dialect, "server_version_info", None) or (13,)
        if version[0] < 14 or op.constraint or (op.existing is not None and op.existing.constraint):
            yield from super().replace_trigger(op, facts)
            return
        yield Statement(self.trigger_text(op.created, replaces=True))

    def trigger_text(self, op: CreateTrigger, *, replaces: bool = False) -> str:
        head = "CREATE OR REPLACE" if replaces else "CREATE"
        kind = "CONSTRAINT TRIGGER" if op.constraint else "TRIGGER"
        name, table = self.trigger_place(op)
        return f"{head} {kind} {name} {op.event.strip()} ON {table}\n{cleaned(op.definition)}"

    def trigger_place(self, op: CreateTrigger | DropTrigger) -> tuple[str, str]:
        return self.quote(op.trigger_name), self.table_name(op.table_name, op.schema)

    @plans(DropTrigger)
    def drop_trigger(self, op: DropTrigger, facts: Facts) -> Iterator[Step]:
        exists = "IF EXISTS " if op.if_exists else ""
        name, table = self.trigger_place(op)
        yield Statement(f"DROP TRIGGER {exists}{name} ON {table}")

    # -- extensions -------------------------------------------------------------------------------------------------

    @plans(CreateExtension)
    def create_extension(self, op: CreateExtension, facts: Facts) -> Iterator[Step]:
        words = ["CREATE EXTENSION"]
        words += ["IF NOT EXISTS"] if op.if_not_exists else []
        words.append(self.quote(op.extension_name))
        words += ["SCHEMA", self.schema_name(op.schema)] if op.schema else []
        words += ["VERSION", self.literal(op.version)] if op.version else []
        words += ["CASCADE"] if op.cascade else []
        yield Statement(" ".join(words))

    @plans(DropExtension)
    def drop_extension(self, op: DropExtension, facts: Facts) -> Iterator[Step]:
        exists = "IF EXISTS " if op.if_exists else ""
        yield Statement(f"DROP EXTENSION {exists}{self.quote(op.extension_name)}")


def _with(options: Mapping[str, Any] | None) -> str:
    """Storage parameters as they are written, with a space before them."""
    if not options:
        return ""
    return f" WITH ({', '.join(f'{name}={_parameter(value)}' for name, value in options.items())})"


def _parameter(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
