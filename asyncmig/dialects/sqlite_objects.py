"""SQLiteObjectPlanner: what SQLite says differently about views, triggers and functions."""

from __future__ import annotations

from collections.abc import Iterator

from asyncmig.dialects.adapter import plans
from asyncmig.dialects.ansi import AnsiAdapter
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.steps import Statement, Step
from asyncmig.operations.functions import CreateFunction, DropFunction, ReplaceFunction
from asyncmig.operations.schemas import CreateSchema, DropSchema
from asyncmig.operations.sequences import AlterSequence, CreateSequence, DropSequence
from asyncmig.operations.triggers import CreateTrigger, DropTrigger
from asyncmig.operations.views import DropView, ReplaceView


class SQLiteObjectPlanner(AnsiAdapter):
    """What SQLite says differently about views, triggers and functions."""

    @plans(ReplaceView)
    def replace_view(self, op: ReplaceView, facts: Facts) -> Iterator[Step]:
        yield from self.plan(DropView(op.view_name, schema=op.schema), facts)
        yield Statement(self.view_text(op.created))

    def trigger_place(self, op: CreateTrigger | DropTrigger) -> tuple[str, str]:
        # The table is looked for in the database file of the trigger.
        return self.table_name(op.trigger_name, op.schema), self.quote(op.table_name)

    @plans(CreateFunction, ReplaceFunction, DropFunction)
    def no_functions(self, op: CreateFunction | ReplaceFunction | DropFunction, facts: Facts) -> Iterator[Step]:
        raise self.unsupported(
            op,
            why="SQLite keeps no functions; each connection gets its own from the application",
            hint='if op.dialect.name != "sqlite": ...   # around it',
        )

    @plans(CreateSchema, DropSchema)
    def no_schemas(self, op: CreateSchema | DropSchema, facts: Facts) -> Iterator[Step]:
        raise self.unsupported(
            op,
            why="SQLite has no schemas of its own; each is a database file that is attached to the connection",
            hint=f"""op.execute("ATTACH 'file.db' AS {self.quote(op.schema_name)}")   # for this connection""",
        )

    @plans(CreateSequence, AlterSequence, DropSequence)
    def no_sequences(self, op: CreateSequence | AlterSequence | DropSequence, facts: Facts) -> Iterator[Step]:
        raise self.unsupported(
            op,
            why="SQLite has no sequences",
            hint='if op.dialect.name != "sqlite": ...   # around it; an INTEGER PRIMARY KEY counts by itself',
        )
