"""PostgreSQLObjectStates: views, functions, triggers and extensions of PostgreSQL in the server's words."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final, TypeAlias

import anyio.lowlevel
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from asyncmig.dialects import postgresql_object_queries as queries
from asyncmig.dialects.object_states import Aligned, Objects, ObjectStates
from asyncmig.dialects.postgresql_arguments import argument_types
from asyncmig.dialects.postgresql_asking import Asking
from asyncmig.dialects.postgresql_text import dollar_quoted
from asyncmig.objects import Extension, Function, MaterializedView, SchemaObject, Trigger, View
from asyncmig.operations.base import Operation, TableName
from asyncmig.operations.data import Execute
from asyncmig.operations.sql import cleaned
from asyncmig.operations.triggers import CreateTrigger
from asyncmig.schema import ObjectKey, ObjectState, Scope

Fetch: TypeAlias = Callable[[str], Awaitable[Sequence[Sequence[Any]]]]
Rows: TypeAlias = Sequence[Sequence[Any]]

#: What the names of objects begin with that are made to hear how the server words them.
PROBE: Final = "asyncmig_object_"
#: How many objects are looked at before others may run.
_AT_ONCE: Final = 50
_NO_CHECKS: Final = "SET LOCAL check_function_bodies = off"
_NOT_WORDED: Final = (
    "The server did not put the definitions of {} into its own words; is it read-only? "
    "They may differ in their wording only."
)
_RETURNED: Final = re.compile(r'RETURNS\s+(?:SETOF\s+)?(?P<type>[\w."]+)', re.IGNORECASE)
_KINDS: Final[Mapping[str, str]] = {"v": "view", "m": "materialized_view"}


class PostgreSQLObjectStates(ObjectStates):
    """Views, functions, triggers and extensions of PostgreSQL in the server's words.

    Each kind is read in one statement. What models want is worded by the server itself: the objects are created as
    temporary ones, in a transaction that is rolled back.
    """

    kinds: ClassVar[frozenset[str]] = frozenset({"view", "materialized_view", "function", "trigger", "extension"})

    # -- what is there ----------------------------------------------------------------------------------------------

    async def read(self, connection: Connection, scope: Scope) -> Objects:
        asking = Asking(self.adapter, connection)
        schemas = None if scope.schemas is None else list(scope.schemas)

        async def fetch(query: str) -> Rows:
            return await asking.fetch(query.replace("{spaces}", queries.SPACES), schemas)

        async with asking.transaction():
            found = await self._states(fetch, scope.kinds)
        return {
            state.key: state
            for state in found
            if scope.has(state.key.name, state.key.kind, schema_name=state.key.schema, table_name=state.key.table)
        }

    async def _states(self, fetch: Fetch, kinds: frozenset[str]) -> list[ObjectState]:
        found: list[ObjectState] = []
        readers = (
            ({"view", "materialized_view"}, queries.VIEWS, self._view),
            ({"function"}, queries.FUNCTIONS, self._function),
            ({"trigger"}, queries.TRIGGERS, self._trigger),
            ({"extension"}, queries.EXTENSIONS, self._extension),
        )
        for wanted, query, reader in readers:
            for number, row in enumerate(await fetch(query) if kinds & wanted else ()):
                if number % _AT_ONCE == 0:
                    await anyio.lowlevel.checkpoint()
                found.append(reader(row))
        return [state for state in found if state.key.kind in kinds]

    def _view(self, row: Sequence[Any]) -> ObjectState:
        relkind, schema, name, query, options, columns, made_of, indexes = row
        kind = _KINDS[relkind]
        text = cleaned(query)
        given = {"postgresql_with": dict(option.split("=", 1) for option in options)} if options else {}
        model: SchemaObject
        if kind == "view":
            model = View(name, text, schema=schema, options=given)
        else:
            model = MaterializedView(name, text, schema=schema, options=given, indexes=tuple(indexes))
        needs = frozenset(_needed(one) for one in made_of)
        definition = _with_options(given.get("postgresql_with"), text)
        return ObjectState(ObjectKey(kind, name, schema), definition, needs, tuple(columns), model)

    def _function(self, row: Sequence[Any]) -> ObjectState:
        schema, name, kind, types, arguments, behind, result = row
        model = Function(name, arguments, cleaned(behind), schema=schema, procedure=kind == "p")
        definition = f"({arguments})\n{cleaned(behind)}"
        key = ObjectKey("function", f"{name}({types})", schema)
        # The names of parameters may not be changed either.
        return ObjectState(key, definition, frozenset(self.named(model)), (kind, result, _names(arguments)), model)

    def _trigger(self, row: Sequence[Any]) -> ObjectState:
        schema, table, name, statement, place, constraint, function_schema, function = row
        event, behind = _parts(statement, place)
        model = Trigger(name, table, event, behind, schema=schema, constraint=constraint)
        called = ObjectKey("function", f"{function}()", function_schema)
        definition = f"{event}\n{behind}"
        key = ObjectKey("trigger", name, schema, table)
        needs: frozenset[TableName | ObjectKey] = frozenset(
            {TableName(table, schema), ObjectKey("view", table, schema), called}
        )
        return ObjectState(key, definition, needs, model=model)

    def _extension(self, row: Sequence[Any]) -> ObjectState:
        name, version, schema = row
        return ObjectState(ObjectKey("extension", name), version, model=Extension(name, version=version, schema=schema))

    # -- what models want -------------------------------------------------------------------------------------------

    def key(self, declared: SchemaObject) -> ObjectKey:
        key = super().key(declared)
        if isinstance(declared, Function):
            return key._replace(name=f"{declared.name}({argument_types(self.text(declared.arguments))})")
        return key

    def definition(self, declared: SchemaObject) -> str:
        text = super().definition(declared)
        if isinstance(declared, View | MaterializedView):
            return _with_options(declared.options.get("postgresql_with"), text)
        return text

    async def align(self, connection: Connection, wanted: Objects, live: Objects) -> Aligned:
        differ = [state for key, state in wanted.items() if key not in live or live[key].definition != state.definition]
        worded = await self._worded(connection, [state for state in differ if state.key.kind != "extension"])
        aligned: dict[ObjectKey, ObjectState] = {}
        for state in wanted.values():
            found = worded.get(state.key, state)
            there = live.get(found.key)
            if isinstance(found.model, Extension) and there is not None and not found.model.version:
                found = replace(found, definition=there.definition)
            aligned[found.key] = found
        asked = [state for state in differ if state.key.kind != "extension" and state.key in live]
        if asked and not any(state.key in worded for state in asked):
            names = ", ".join(state.key.name for state in asked[:3])
            return aligned, (_NOT_WORDED.format(f"{names}{', …' if len(asked) > 3 else ''}"),)
        return aligned, ()

    async def _worded(self, connection: Connection, states: Sequence[ObjectState]) -> Mapping[ObjectKey, ObjectState]:
        """States in the server's words, by the keys that they had; without those that it would not make."""
        if not states:
            return {}
        kinds = frozenset(state.key.kind for state in states) | {"view"}
        asking = Asking(self.adapter, connection)

        async def fetch(query: str) -> Rows:
            return await asking.fetch(query.replace("{spaces}", queries.PROBES))

        async with asking.transaction():
            try:
                await self.adapter.send(connection, _NO_CHECKS, await self._probes(states))
            except DBAPIError:
                return {}
            found = await self._states(fetch, kinds - {"extension"})
        worded: dict[ObjectKey, ObjectState] = {}
        for state in found:
            probe = state.key.table if state.key.kind == "trigger" else state.key.name
            if probe is not None and probe.startswith(PROBE):
                wanted = states[int(probe.removeprefix(PROBE).partition("(")[0])]
                if wanted.key.kind != "trigger" or state.key.kind == "trigger":
                    worded[wanted.key] = _named_again(wanted, state)
        return worded

    async def _probes(self, states: Sequence[ObjectState]) -> str:
        """What creates temporary objects; one that cannot be created hinders no other."""
        tries = []
        for number, state in enumerate(states):
            if number % _AT_ONCE == 0:
                await anyio.lowlevel.checkpoint()
            texts = "".join(f" EXECUTE {self.adapter.literal(text)};" for text in self._probe(state.model, number))
            tries.append(f"BEGIN{texts} EXCEPTION WHEN OTHERS THEN NULL; END;")
        return f"DO {dollar_quoted(' '.join(['BEGIN', *tries, 'END']))}"

    def _probe(self, declared: SchemaObject, number: int) -> Iterator[str]:
        name = f"{PROBE}{number}"
        match declared:
            case View():
                yield f"CREATE TEMP VIEW {name}{_parameters(declared.options)} AS {self.query(declared)}"
            case MaterializedView():
                yield f"CREATE TEMP VIEW {name} AS {self.query(declared)}"
            case Function():
                kind = "PROCEDURE" if declared.procedure else "FUNCTION"
                arguments, behind = self.text(declared.arguments), self.text(declared.definition)
                yield f"CREATE {kind} pg_temp.{name}({arguments}) {behind}"
            case Trigger():
                table = self.adapter.table_name(declared.table_name, declared.schema)
                event = self.text(declared.event)
                if event.upper().startswith("INSTEAD"):
                    yield f"CREATE TEMP VIEW {name} AS SELECT * FROM {table}"
                else:
                    yield f"CREATE TEMP TABLE {name} (LIKE {table})"
                trigger = CreateTrigger(
                    declared.name, name, event, self.text(declared.definition), constraint=declared.constraint
                )
                yield self.adapter.trigger_text(trigger)

    def named(self, declared: SchemaObject) -> Iterator[TableName | ObjectKey]:
        yield from super().named(declared)
        if isinstance(declared, Function):
            # A table is a type as well.
            returned = _RETURNED.match(self.text(declared.definition))
            types = argument_types(self.text(declared.arguments)).split(", ")
            for type_ in [*types, returned["type"] if returned else ""]:
                schema, _, name = type_.replace('"', "").removesuffix("[]").rpartition(".")
                if name:
                    yield from self.relation(name, schema or None)

    # -- operations -------------------------------------------------------------------------------------------------

    def recreates(self, old: ObjectState, new: ObjectState) -> bool:
        if old.key.kind == "view":
            # What the new columns are may not be known yet.
            return not new.shape or new.shape[: len(old.shape)] != old.shape
        return bool(new.shape) and new.shape != old.shape

    def replace(
        self, before: Operation[Any], after: Operation[Any], old: ObjectState, new: ObjectState
    ) -> Sequence[Operation[Any]]:
        if isinstance(new.model, Extension):
            name, version = self.adapter.quote(new.key.name), self.adapter.literal(new.model.version)
            return [Execute(f"ALTER EXTENSION {name} UPDATE TO {version}")]
        return super().replace(before, after, old, new)


def _named_again(wanted: ObjectState, found: ObjectState) -> ObjectState:
    """What was read of a probe, under the name of what it stands for."""
    key = wanted.key
    if key.kind == "function":
        key = key._replace(name=wanted.model.name + found.key.name[found.key.name.index("(") :])
    definition = found.definition
    if key.kind == "materialized_view":
        definition = _with_options(wanted.model.options.get("postgresql_with"), definition)
    needs = wanted.needs if key.kind == "trigger" else wanted.needs | found.needs
    return replace(wanted, key=key, definition=definition, shape=found.shape, needs=needs)


def _parts(statement: str, place: str) -> tuple[str, str]:
    """What stands before and behind the table of CREATE TRIGGER, as the server writes it."""
    rest = statement[statement.index(" TRIGGER ") + len(" TRIGGER ") :]
    name = re.match(r'"(?:[^"]|"")*"|[^ ]+', rest)
    assert name is not None
    # Newer servers do not tell the number of the schema of temporary tables.
    event, _, behind = re.sub(r'"?pg_temp_\d+"?\.', "pg_temp.", rest[name.end() + 1 :]).partition(
        " ON " + re.sub(r"^pg_temp_\d+\.", "pg_temp.", place) + " "
    )
    return event, behind


def _needed(made_of: str) -> TableName | ObjectKey:
    relkind, schema, name = made_of.split(chr(31))
    if relkind in _KINDS:
        return ObjectKey(_KINDS[relkind], name, schema or None)
    return TableName(name, schema or None)


def _with_options(options: Mapping[str, Any] | None, query: str) -> str:
    """A query with the options of its view before it, sorted."""
    if not options:
        return query
    texts = sorted(f"{name}={str(value).lower()}" for name, value in options.items())
    return f"WITH ({', '.join(texts)})\n{query}"


def _parameters(options: Mapping[str, Any]) -> str:
    given = options.get("postgresql_with") or {}
    return f" WITH ({', '.join(f'{name}={str(value).lower()}' for name, value in given.items())})" if given else ""


def _names(arguments: str) -> str:
    """The parameters without their defaults."""
    return ", ".join(part.partition(" DEFAULT ")[0].strip() for part in arguments.split(","))
