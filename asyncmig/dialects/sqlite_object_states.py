"""SQLiteObjectStates: views and triggers of SQLite, which keeps the statements that made them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from sqlalchemy import Connection

from asyncmig.dialects.object_states import Objects, ObjectStates
from asyncmig.dialects.sqlite_tokens import Token, significant
from asyncmig.dialects.sqlite_words import meaning
from asyncmig.objects import SchemaObject, Trigger, View
from asyncmig.operations.sql import cleaned
from asyncmig.schema import ObjectState, Scope

_MAIN: Final = "main"


class SQLiteObjectStates(ObjectStates):
    """Views and triggers of SQLite, which keeps the statements that made them; only their words count."""

    kinds: ClassVar[frozenset[str]] = frozenset({"view", "trigger"})

    async def read(self, connection: Connection, scope: Scope) -> Objects:
        quote = self.adapter.printing.identifier_preparer.quote_identifier
        parts = [
            f"SELECT {self.adapter.literal(schema)}, type, name, tbl_name, sql FROM {quote(schema)}.sqlite_master"
            " WHERE type IN ('view', 'trigger') AND sql IS NOT NULL"
            for schema in await self._schemas(connection, scope)
        ]
        if not parts or not scope.kinds & self.kinds:
            return {}
        answer = await self.adapter.ask(connection, "\nUNION ALL\n".join(parts))
        assert not isinstance(answer, int)
        found: dict[Any, ObjectState] = {}
        for schema, kind, name, table, sql in answer:
            parents = {"schema_name": self.schema(schema), "table_name": table if kind == "trigger" else None}
            if kind in scope.kinds and scope.has(name, kind, **parents):
                state = self._state(kind, name, table, sql, self.schema(schema))
                found[state.key] = state
        return found

    def schema(self, name: str | None) -> str | None:
        return None if name in (None, _MAIN) else name

    async def _schemas(self, connection: Connection, scope: Scope) -> Sequence[str]:
        if scope.schemas == (None,):
            return [_MAIN]
        answer = await self.adapter.ask(connection, "SELECT name FROM pragma_database_list ORDER BY seq")
        assert not isinstance(answer, int)
        there = [str(name) for (name,) in answer if name != "temp"]
        return [name for name in there if scope.schemas is None or self.schema(name) in scope.schemas]

    def _state(self, kind: str, name: str, table: str, sql: str, schema: str | None) -> ObjectState:
        model: SchemaObject
        if kind == "view":
            model = View(name, _query(sql), schema=schema)
        else:
            event, definition = _parts(sql)
            model = Trigger(name, table, event, definition, schema=schema)
        return ObjectState(self.key(model), self.definition(model), frozenset(self.named(model)), model=model)

    def definition(self, declared: SchemaObject) -> str:
        return " ".join(meaning(super().definition(declared)))


def _query(sql: str) -> str:
    """The query of CREATE VIEW; names that are given to its columns there become part of it."""
    pieces = significant(sql)
    place = _after_name(pieces, "VIEW")
    names = ""
    if pieces[place].text == "(":
        start = pieces[place].start
        while pieces[place].text != ")":
            place += 1
        names = sql[start : pieces[place].end]
        place += 1
    query = cleaned(sql[pieces[place].end :])
    return f"WITH named{names} AS (\n{query}\n)\nSELECT * FROM named" if names else query


def _parts(sql: str) -> tuple[str, str]:
    """What stands before the table of CREATE TRIGGER, and what stands behind it."""
    pieces = significant(sql)
    start = _after_name(pieces, "TRIGGER")
    on = next(place for place in range(start, len(pieces)) if pieces[place].upper == "ON")
    behind = on + 2
    if pieces[behind].text == ".":
        behind += 2
    return sql[pieces[start].start : pieces[on - 1].end], cleaned(sql[pieces[behind].start :])


def _after_name(pieces: Sequence[Token], word: str) -> int:
    """The place behind the name that follows a word of CREATE."""
    words = [piece.upper for piece in pieces]
    place = words.index(word) + 1
    if words[place : place + 3] == ["IF", "NOT", "EXISTS"]:
        place += 3
    place += 1
    return place + 2 if pieces[place].text == "." else place
