"""MySQLObjectStates: views, functions and triggers of MySQL and MariaDB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final

import anyio.lowlevel
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.dialects.mysql_routines import (
    Routine,
    literals,
    plain_words,
    read_routine,
    without_database,
)
from asyncmig.dialects.mysql_view_words import are_same_words
from asyncmig.dialects.object_states import Aligned, Objects, ObjectStates
from asyncmig.objects import Function, SchemaObject, Trigger, View
from asyncmig.schema import ObjectState, Scope

_VIEWS: Final = (
    "SELECT nullif(table_schema, DATABASE()), table_schema, table_name, view_definition, check_option, security_type"
    " FROM information_schema.views WHERE {0} ORDER BY table_schema, table_name"
)
_ROUTINES: Final = (
    "SELECT nullif(routine_schema, DATABASE()), routine_name, routine_type, dtd_identifier, routine_definition,"
    " is_deterministic, sql_data_access, security_type, routine_comment, routine_schema"
    " FROM information_schema.routines WHERE {0} ORDER BY routine_schema, routine_name"
)
_PARAMETERS: Final = (
    "SELECT specific_schema, specific_name, routine_type, parameter_mode, parameter_name, dtd_identifier"
    " FROM information_schema.parameters WHERE {0} AND ordinal_position > 0"
    " ORDER BY specific_schema, specific_name, ordinal_position"
)
_TRIGGERS: Final = (
    "SELECT nullif(trigger_schema, DATABASE()), trigger_name, event_object_table, action_timing, event_manipulation,"
    " action_statement FROM information_schema.triggers WHERE {0} ORDER BY trigger_schema, trigger_name"
)
#: How many views are looked at before others may run.
_AT_ONCE: Final = 20
_SYSTEM: Final = "('mysql', 'information_schema', 'performance_schema', 'sys')"
_CHECKED: Final = {"CASCADED": "\nWITH CASCADED CHECK OPTION", "LOCAL": "\nWITH LOCAL CHECK OPTION"}


class MySQLObjectStates(ObjectStates):
    """Views, functions and triggers of MySQL and MariaDB.

    The server keeps the bodies of functions and triggers as they were written, so that their words can be compared. A
    view it keeps in words of its own, which it tells nowhere else; so two queries are the same when their words are the
    same but for names of tables, quotes and parentheses, or when they have the same literals and the server explains
    them in the same words.
    """

    kinds: ClassVar[frozenset[str]] = frozenset({"view", "function", "trigger"})

    # -- what is there ----------------------------------------------------------------------------------------------

    async def read(self, connection: Connection, scope: Scope) -> Objects:
        found: list[ObjectState] = []
        if "view" in scope.kinds:
            for number, row in enumerate(await self._rows(connection, _VIEWS, "table_schema", scope)):
                if number % _AT_ONCE == 0:
                    await anyio.lowlevel.checkpoint()
                found.append(self._view(row))
        if "function" in scope.kinds:
            parameters = await self._rows(connection, _PARAMETERS, "specific_schema", scope)
            routines = await self._rows(connection, _ROUTINES, "routine_schema", scope)
            found += [self._routine(row, parameters) for row in routines]
        if "trigger" in scope.kinds:
            found += map(self._trigger, await self._rows(connection, _TRIGGERS, "trigger_schema", scope))
        return {
            state.key: state
            for state in found
            if scope.has(state.key.name, state.key.kind, schema_name=state.key.schema, table_name=state.key.table)
        }

    async def _rows(self, connection: Connection, query: str, column: str, scope: Scope) -> Sequence[Sequence[Any]]:
        if scope.schemas is None:
            condition = f"{column} NOT IN {_SYSTEM}"
        else:
            names = [
                "DATABASE()" if name in (None, self.default_schema) else self.adapter.literal(name)
                for name in scope.schemas
            ]
            condition = f"{column} IN ({', '.join(names) or 'NULL'})"
        answer = await self.adapter.ask(connection, query.format(condition))
        assert not isinstance(answer, int)
        return [tuple(value.decode() if isinstance(value, bytes) else value for value in row) for row in answer]

    def _view(self, row: Sequence[Any]) -> ObjectState:
        schema, database, name, query, checked, security = row
        text = without_database(query, database) + _CHECKED.get(checked, "")
        options = {f"{self.adapter.dialect.name}_sql_security": "INVOKER"} if security == "INVOKER" else {}
        return self._state(View(name, text, schema=schema, options=options))

    def _routine(self, row: Sequence[Any], parameters: Sequence[Sequence[Any]]) -> ObjectState:
        schema, name, kind, returns, body, deterministic, access, security, comment, database = row
        quote = self.adapter.quote
        arguments = [
            f"{f'{mode} ' if kind == 'PROCEDURE' and mode else ''}{quote(parameter)} {type_}"
            for owner, routine, of, mode, parameter, type_ in parameters
            if (owner, routine, of) == (database, name, kind)
        ]
        routine = Routine(
            returns if kind == "FUNCTION" else None, deterministic == "YES", access, security, comment or "", body
        )
        definition = routine.text(self.adapter.literal)
        model = Function(name, ", ".join(arguments), definition, schema=schema, procedure=kind == "PROCEDURE")
        return self._state(model)

    def _trigger(self, row: Sequence[Any]) -> ObjectState:
        schema, name, table, timing, event, statement = row
        return self._state(Trigger(name, table, f"{timing} {event}", f"FOR EACH ROW\n{statement}", schema=schema))

    def _state(self, model: SchemaObject) -> ObjectState:
        return ObjectState(self.key(model), self.definition(model), frozenset(self.named(model)), model=model)

    # -- what models want -------------------------------------------------------------------------------------------

    def definition(self, declared: SchemaObject) -> str:
        match declared:
            case View():
                return self._secured(declared, self.query(declared))
            case Function():
                arguments = " ".join(plain_words(self.text(declared.arguments), types=True))
                kind = "procedure" if declared.procedure else "function"
                return f"{kind} ({arguments})\n{read_routine(self.text(declared.definition)).canonical}"
            case Trigger():
                event = " ".join(plain_words(self.text(declared.event)))
                return f"{event}\n{' '.join(plain_words(self.text(declared.definition)))}"
        return super().definition(declared)

    def _secured(self, declared: View, query: str) -> str:
        security = str(declared.options.get(f"{self.adapter.dialect.name}_sql_security") or "DEFINER").upper()
        return f"SQL SECURITY INVOKER\n{query}" if security == "INVOKER" else query

    # -- two views that are the same --------------------------------------------------------------------------------

    async def align(self, connection: Connection, wanted: Objects, live: Objects) -> Aligned:
        aligned = dict(wanted)
        for number, (key, state) in enumerate(wanted.items()):
            if number % _AT_ONCE == 0:
                await anyio.lowlevel.checkpoint()
            there = live.get(key)
            if key.kind != "view" or there is None or there.definition == state.definition:
                continue
            if await self._is_same_view(connection, state, there):
                aligned[key] = replace(state, definition=there.definition)
        return aligned, ()

    async def _is_same_view(self, connection: Connection, wanted: ObjectState, live: ObjectState) -> bool:
        texts = wanted.definition, live.definition
        if texts[0].startswith("SQL SECURITY") != texts[1].startswith("SQL SECURITY"):
            return False
        one, other = self.query(wanted.model), self.query(live.model)
        if self.adapter.is_mariadb and are_same_words(one, other):
            return True
        if literals(one) != literals(other) or _checks(one) != _checks(other):
            return False
        explained = [await greenlet_spawn(self._explained, connection, query) for query in (one, other)]
        return explained[0] is not None and explained[0] == explained[1]

    def _explained(self, connection: Connection, query: str) -> str | None:
        """A query in the words of the server, who may leave out of it what he knows to be so; None: he refuses."""
        explain = "EXPLAIN EXTENDED" if self.adapter.is_mariadb else "EXPLAIN"
        options = {"no_parameters": True}
        try:
            connection.exec_driver_sql(f"{explain} {_unchecked(query)}", execution_options=options).all()
            notes = connection.exec_driver_sql("SHOW WARNINGS", execution_options=options).all()
        except DBAPIError:
            return None
        return next((str(note[2]) for note in notes if note[1] == 1003), None)


def _checks(query: str) -> bool:
    return _unchecked(query) != query


def _unchecked(query: str) -> str:
    """A query without WITH CHECK OPTION, which is part of the view."""
    words = query.split()
    if [word.upper() for word in words[-2:]] != ["CHECK", "OPTION"]:
        return query
    return query[: query.upper().rindex("WITH")].rstrip()
