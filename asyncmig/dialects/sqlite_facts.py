"""SQLiteTableFacts: what a planner may know of a table on SQLite."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy.exc import OperationalError

from asyncmig.dialects.sqlite_parse import DefinitionError, IndexText, parse_index, parse_table
from asyncmig.dialects.sqlite_schema import TableDefinition
from asyncmig.dialects.sqlite_tokens import all_names
from asyncmig.operations.base import TableName

#: Runs a query with positional parameters; of a live connection or of a database in memory.
Query: TypeAlias = Callable[[str, Sequence[Any]], Sequence[Sequence[Any]]]

NEW_TABLE_PREFIX: Final = "_asyncmig_new_"


@dataclass(frozen=True, slots=True)
class SchemaObject:
    """A row of SQLite's schema table: a table, index, view or trigger with the statement that made it."""

    type: str
    name: str
    table: str
    sql: str

    def mentions(self, name: str) -> bool:
        """Whether *name* stands anywhere in its statement."""
        return name.lower() in all_names(self.sql)


@dataclass(frozen=True, slots=True)
class Referrer:
    """A foreign key of some table to this one; no remote columns: to its primary key."""

    table: str
    columns: tuple[str, ...]
    remote_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SQLiteTableFacts:
    """What was found of one table.

    Args:
        name: its name as it is stored, with the schema that was asked for.
        sql: the stored CREATE TABLE.
        definition: the same as parts; None when it is none that can be taken apart.
        problem: why it cannot be taken apart.
        objects: everything in the same database file, in the order of creation.
        referrers: the foreign keys that refer to it, its own among them.
        foreign_keys: whether foreign keys are enforced.
        has_rows: whether there is any row.
        violated: whether foreign keys are enforced, and yet a row of it violates one.
    """

    name: TableName
    sql: str
    definition: TableDefinition | None
    problem: str
    objects: tuple[SchemaObject, ...]
    referrers: tuple[Referrer, ...] = ()
    foreign_keys: bool = False
    has_rows: bool = True
    violated: bool = False

    def own(self, type_: str) -> tuple[SchemaObject, ...]:
        """Its indexes or its triggers."""
        wanted = self.name.name.lower()
        return tuple(item for item in self.objects if item.type == type_ and item.table.lower() == wanted)

    @property
    def indexes(self) -> tuple[SchemaObject, ...]:
        """The indexes that were made by CREATE INDEX."""
        return self.own("index")

    @property
    def triggers(self) -> tuple[SchemaObject, ...]:
        """The triggers that fire when the table changes."""
        return self.own("trigger")

    @property
    def watchers(self) -> tuple[SchemaObject, ...]:
        """Views, and triggers of other tables: what SQLite looks through when a table is renamed."""
        own = self.triggers
        return tuple(item for item in self.objects if item.type in ("view", "trigger") and item not in own)

    def index_text(self, index: SchemaObject) -> IndexText:
        """What the statement of an index says about columns."""
        return parse_index(index.sql)

    def exists(self, type_: str, name: str) -> bool:
        """Whether there is such an object in the same database file."""
        return any(item.type == type_ and item.name.lower() == name.lower() for item in self.objects)


def read_table(query: Query, table: TableName, quote: Callable[[str], str]) -> SQLiteTableFacts | None:
    """What there is to know of a table; None when there is no such table.

    Args:
        query: runs a query.
        table: its name.
        quote: writes a name.
    """
    schema = table.schema or "main"
    rows = query(
        f"SELECT type, name, tbl_name, sql FROM {quote(schema)}.sqlite_master WHERE sql IS NOT NULL ORDER BY rowid", ()
    )
    objects = tuple(SchemaObject(*row) for row in rows)
    found = next((item for item in objects if item.type == "table" and item.name.lower() == table.name.lower()), None)
    if found is None:
        return None
    definition, problem = _definition(query, found, schema)
    quoted = f"{quote(schema)}.{quote(found.name)}"
    enforced = bool(query("PRAGMA foreign_keys", ())[0][0])
    refers = definition is not None and bool(definition.foreign_keys)
    return SQLiteTableFacts(
        name=TableName(found.name, table.schema),
        sql=found.sql,
        definition=definition,
        problem=problem,
        objects=objects,
        referrers=_referrers(query, found.name, schema, quote),
        foreign_keys=enforced,
        has_rows=definition is not None and bool(query(f"SELECT EXISTS (SELECT 1 FROM {quoted})", ())[0][0]),
        violated=enforced and refers and _violates(query, found.name, schema),
    )


def _violates(query: Query, table: str, schema: str) -> bool:
    """Whether a row of a table refers to nothing: one that was inserted while foreign keys were not enforced."""
    try:
        return bool(query("SELECT 1 FROM pragma_foreign_key_check(?, ?) LIMIT 1", (table, schema)))
    except OperationalError:
        return True  # a foreign key to something that is no key; no row can be copied under it


def _definition(query: Query, table: SchemaObject, schema: str) -> tuple[TableDefinition | None, str]:
    try:
        definition = parse_table(table.sql)
    except DefinitionError as error:
        return None, str(error)
    # A table that was misread must not be rebuilt: ask SQLite how it reads the same statement.
    rows = query('SELECT name, "notnull", pk, hidden FROM pragma_table_xinfo(?, ?)', (table.name, schema))
    theirs = [(name, bool(pk), hidden in (2, 3)) for name, _, pk, hidden in rows]
    keys = {name.lower() for name in definition.primary_key}
    ours = [(column.name, column.name.lower() in keys, column.generated) for column in definition.columns]
    if ours != theirs:
        return None, "its stored definition reads differently than SQLite sees it"
    return definition, ""


def _referrers(query: Query, table: str, schema: str, quote: Callable[[str], str]) -> tuple[Referrer, ...]:
    rows = query(
        'SELECT child.name, key.id, key."from", key."to" '
        f"FROM {quote(schema)}.sqlite_master AS child JOIN pragma_foreign_key_list(child.name, ?) AS key "
        "WHERE child.type = 'table' AND key.\"table\" = ? COLLATE NOCASE ORDER BY child.name, key.id, key.seq",
        (schema, table),
    )
    found: dict[tuple[str, int], list[tuple[str, str | None]]] = {}
    for child, number, local, remote in rows:
        found.setdefault((child, number), []).append((local, remote))
    return tuple(
        Referrer(child, tuple(local for local, _ in pairs), tuple(remote for _, remote in pairs if remote is not None))
        for (child, _), pairs in found.items()
    )
