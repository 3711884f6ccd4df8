"""MySQLObjectPlanner: what MySQL and MariaDB say differently about views, functions and triggers."""

from __future__ import annotations

from collections.abc import Iterator

from asyncmig.dialects.adapter import plans
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.mysql_schemas import MySQLSchemaPlanner
from asyncmig.dialects.steps import Statement, Step
from asyncmig.operations.functions import DropFunction, ReplaceFunction
from asyncmig.operations.triggers import ReplaceTrigger
from asyncmig.operations.views import CreateView


class MySQLObjectPlanner(MySQLSchemaPlanner):
    """What MySQL and MariaDB say differently about views, functions and triggers."""

    def view_options(self, op: CreateView) -> str:
        words = {"ALGORITHM=": "algorithm", "SQL SECURITY ": "sql_security"}
        found = {word: self._option(op, name) for word, name in words.items()}
        return "".join(f" {word}{value}" for word, value in found.items() if value)

    def _option(self, op: CreateView, name: str) -> str:
        value = op.options.get(f"{self.dialect.name}_{name}")
        return str(value).upper() if value else ""

    @plans(ReplaceFunction)
    def replace_function(self, op: ReplaceFunction, facts: Facts) -> Iterator[Step]:
        if self.is_mariadb:
            yield from super().replace_function(op, facts)
            return
        # Only its characteristics could be changed in place.
        drop = DropFunction(op.function_name, op.arguments, schema=op.schema, procedure=op.procedure)
        yield from self.plan(drop, facts)
        yield Statement(self.function_text(op.created))

    @plans(ReplaceTrigger)
    def replace_trigger(self, op: ReplaceTrigger, facts: Facts) -> Iterator[Step]:
        if self.is_mariadb:
            yield Statement(self.trigger_text(op.created, replaces=True))
            return
        yield from super().replace_trigger(op, facts)
