"""Shadow: a database in memory that has the same schema, for what only SQLite itself can say about a schema."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any, Final

from asyncmig.dialects.adapter import OfflineFacts
from asyncmig.dialects.facts import Facts, Wants
from asyncmig.dialects.sqlite_facts import SchemaObject, read_table
from asyncmig.dialects.sqlite_tokens import all_names, groups, significant
from asyncmig.operations.base import Operation


def quote(name: str) -> str:
    """*name* as a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def complaints(objects: Iterable[SchemaObject]) -> Mapping[tuple[str, str], str]:
    """What SQLite says against the views and triggers of a schema: for each (type, name) its message.

    SQLite accepts a view or trigger whatever it says, and looks at it only when it is used; so each is used here.
    """
    objects = tuple(objects)
    found: dict[tuple[str, str], str] = {}
    with closing(_memory()) as database:
        for item in objects:
            if item.type in ("table", "view"):
                _attempt(database, [item.sql])
        for item in objects:
            if item.type == "view":
                message = _attempt(database, [f"SELECT * FROM {quote(item.name)} LIMIT 0"])
            elif item.type == "trigger":
                message = _attempt(database, _uses(database, item))
                _attempt(database, [f"DROP TRIGGER IF EXISTS {quote(item.name)}"])
            else:
                continue
            if message is not None:
                found[item.type, item.name] = message
    return found


def _memory() -> sqlite3.Connection:
    database = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    # SQLAlchemy gives these functions to every connection, so that definitions may use them.
    database.create_function("regexp", 2, lambda pattern, text: None, deterministic=True)
    database.create_function("floor", 1, lambda number: None, deterministic=True)
    return database


def _attempt(database: sqlite3.Connection, statements: Iterable[str]) -> str | None:
    """Execute; what SQLite says against it, None when it says nothing."""
    try:
        for statement in statements:
            database.execute(statement)
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        return str(error)
    return None


def _uses(database: sqlite3.Connection, trigger: SchemaObject) -> Iterator[str]:
    """The trigger, and a statement that SQLite cannot compile when the trigger is broken."""
    yield trigger.sql
    pieces = significant(trigger.sql)
    event = next(index for index, token in enumerate(pieces) if token.upper in ("INSERT", "UPDATE", "DELETE"))
    table = quote(trigger.table)
    if pieces[event].upper == "INSERT":
        yield f"EXPLAIN INSERT INTO {table} DEFAULT VALUES"
        return
    if pieces[event].upper == "DELETE":
        yield f"EXPLAIN DELETE FROM {table}"
        return
    rows = database.execute("SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0", (trigger.table,)).fetchall()
    columns = [str(name) for (name,) in rows]
    if pieces[event + 1].upper == "OF":
        on = next(index for index in range(event, len(pieces)) if pieces[index].upper == "ON")
        columns = [str(part[0].identifier) for part in groups(pieces[event + 2 : on])]
    # A column that is not there would be no error in UPDATE OF itself; the trigger would just never fire again.
    yield from (f"EXPLAIN UPDATE {table} SET {quote(column)} = {quote(column)}" for column in columns)


_SCHEMA_WORDS: Final = frozenset({"CREATE", "ALTER", "DROP"})


class SQLiteOfflineFacts(OfflineFacts):
    """What can be known without a database: what the statements printed so far have made.

    Every printed statement that changes the schema is executed on a database in memory; what changes rows only is not.
    A table is known when its CREATE TABLE was printed. When a statement fails there, because it needs something that
    was made before the first statement printed or by a Python function, nothing is said any more about the tables that
    it names: they are unknown until they are created anew.

    Args:
        there: the statements that make what there is before anything is printed, as far as that is known.
    """

    def __init__(self, there: Iterable[str] = ()) -> None:
        # The statements may come from another thread than the one that made this; never from two at once.
        self._database = _memory()
        weakref.finalize(self, self._database.close)
        self._doubtful: set[str] = set()
        for statement in there:
            _attempt(self._database, [statement])

    def read(self, wants: Wants) -> Facts:
        tables = {}
        for name in wants.tables:
            if name.name.lower() in self._doubtful or not self._has_schema(name.schema):
                continue
            if (found := read_table(self._query, name, quote)) is not None:
                # Rows are not printed into memory, and the script may run where foreign keys are enforced.
                tables[name] = replace(found, has_rows=True, foreign_keys=True)
        return Facts(tables=tables, known=False)

    def learn(self, operation: Operation[Any], statements: Iterable[str]) -> None:
        for table in operation.tables():
            if table.schema is not None and not self._has_schema(table.schema):
                self._database.execute(f"ATTACH ':memory:' AS {quote(table.schema)}")
        for statement in statements:
            self._learn(statement)

    def _learn(self, statement: str) -> None:
        pieces = significant(statement)
        if not pieces:
            return
        if pieces[0].upper not in _SCHEMA_WORDS:
            if pieces[0].upper == "PRAGMA" and pieces[1].upper == "LEGACY_ALTER_TABLE":
                self._database.execute(statement)
            return
        message = _attempt(self._database, [statement])
        named = all_names(statement)
        if message is None and pieces[0].upper == "CREATE":
            self._doubtful -= self._created(statement)
        elif message is not None or named & self._doubtful:
            # A table that takes the name of a doubtful one is as doubtful.
            self._doubtful |= named & self._tables()

    def _tables(self) -> set[str]:
        schemas = [str(row[1]) for row in self._query("PRAGMA database_list", ())]
        queries = (f"SELECT name FROM {quote(schema)}.sqlite_master WHERE type = 'table'" for schema in schemas)
        return {str(name).lower() for query in queries for (name,) in self._query(query, ())}

    def _created(self, statement: str) -> set[str]:
        """The table that a statement has created, in lower case."""
        pieces = significant(statement)
        words = [token.upper for token in pieces]
        if "TABLE" not in words[:3] or "IF" in words[:4]:
            return set()
        name = words.index("TABLE") + 1
        if len(pieces) > name + 2 and pieces[name + 1].text == ".":
            name += 2
        return {(pieces[name].identifier or "").lower()}

    def _has_schema(self, schema: str | None) -> bool:
        rows = self._query("PRAGMA database_list", ())
        return schema is None or schema.lower() in {str(row[1]).lower() for row in rows}

    def _query(self, sql: str, parameters: Sequence[Any]) -> Sequence[Sequence[Any]]:
        return self._database.execute(sql, tuple(parameters)).fetchall()
