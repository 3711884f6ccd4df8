"""Reading: the schema of MySQL and MariaDB databases as a snapshot, in a number of statements that does not grow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Container, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import anyio
from sqlalchemy import Connection

from asyncmig.dialects.mysql_partitions import QUESTION as PARTITIONS
from asyncmig.dialects.mysql_partitions import read_partitions
from asyncmig.dialects.mysql_queries import SERVER, SYSTEM_DATABASES, Rows, database_queries, fetch
from asyncmig.dialects.mysql_read_parts import ColumnReader, read_checks, read_keys, read_options
from asyncmig.dialects.mysql_server import ServerWords
from asyncmig.dialects.mysql_types import modern
from asyncmig.operations.base import TableName
from asyncmig.schema import ForeignKeyState, Scope, SequenceState, Snapshot, TableState

if TYPE_CHECKING:
    from asyncmig.dialects.adapter import DialectAdapter

#: How many tables are put together before others get their turn.
_SLICE: Final = 40
#: What a foreign key does when it says nothing; the two differ only where checks can wait.
NO_ACTION: Final = frozenset({"NO ACTION", "RESTRICT"})


async def read_server(connection: Connection, *, is_mariadb: bool) -> ServerWords:
    """What must be known of the server beside its tables."""
    database, variables, charsets, databases = await fetch(connection, SERVER)
    values = {str(name).lower(): str(value).upper() for name, value in variables}
    return ServerWords(
        is_mariadb=is_mariadb,
        database=database[0][0],
        collations={str(modern(name)): str(modern(collation)) for name, collation, _ in charsets},
        widths={str(modern(name)): int(width) for name, _, width in charsets},
        database_collations={name: str(modern(collation)) for name, collation in databases},
        folds_names=values.get("lower_case_table_names") == "1",
        implicit_timestamps=values.get("explicit_defaults_for_timestamp") == "OFF",
        escapes="NO_BACKSLASH_ESCAPES" not in values.get("sql_mode", ""),
    )


async def read_snapshot(connection: Connection, scope: Scope, server: ServerWords, adapter: DialectAdapter) -> Snapshot:
    """What the databases of *scope* have.

    Args:
        connection: the connection.
        scope: what is looked at.
        server: what is known of the server.
        adapter: the adapter of the server.
    """
    tables: dict[TableName, TableState] = {}
    sequences: dict[TableName, SequenceState] = {}
    schemas = [*_schemas(scope, server)]
    for schema in schemas:
        reader = DatabaseReader(schema, scope, server, adapter.dialect.name)
        name = adapter.literal(server.database if schema is None else schema)
        answers = await fetch(connection, database_queries(name, is_mariadb=server.is_mariadb))
        partitions: Mapping[str, Mapping[str, str]] = {}
        if any("partitioned" in (row[4] or "") for row in answers[0]):
            (rows,) = await fetch(connection, [PARTITIONS.format(schema=name)])
            partitions = read_partitions(rows, adapter.dialect.name)
        async for table in reader.tables(answers, partitions):
            tables[table.name] = table
        if reader.sequences:
            asked = [_SEQUENCE.format(adapter.table_name(name, schema)) for name in reader.sequences]
            (rows,) = await fetch(connection, [" UNION ALL ".join(asked)])
            states = [_sequence(TableName(name, schema), row) for name, row in zip(reader.sequences, rows, strict=True)]
            sequences.update((state.name, state) for state in states)
    others = frozenset(schema for schema in schemas if schema is not None)
    return Snapshot(server.database, others, tables, sequences=sequences)


def _schemas(scope: Scope, server: ServerWords) -> Iterator[str | None]:
    """The databases to look at, those that are there; the default one is None."""
    there = server.database_collations
    asked: Iterable[str | None] = sorted(there.keys() - SYSTEM_DATABASES) if scope.schemas is None else scope.schemas
    for schema in dict.fromkeys(None if name == server.database else name for name in asked):
        if schema is None:
            if server.database is not None:
                yield None
        elif schema in there and scope.has(schema, "schema"):
            yield schema


_SEQUENCE: Final = "SELECT start_value, increment, minimum_value, maximum_value, cache_size, cycle_option FROM {}"


def _sequence(name: TableName, row: Sequence[Any]) -> SequenceState:
    start, increment, minimum, maximum, cache, cycle = row
    return SequenceState(
        name, start=start, increment=increment, minimum=minimum, maximum=maximum, cycle=bool(cycle), cache=cache
    )


class DatabaseReader:
    """Puts together what `information_schema` says of one database.

    Args:
        schema: its name in the snapshot; None for the default one.
        scope: what is looked at.
        server: what is known of the server.
        prefix: what the names of options begin with.
    """

    def __init__(self, schema: str | None, scope: Scope, server: ServerWords, prefix: str) -> None:
        self.schema = schema
        self.scope = scope
        self.server = server
        self.prefix = prefix
        #: The sequences that were seen among the tables.
        self.sequences: list[str] = []

    async def tables(
        self, answers: Sequence[Rows], partitions: Mapping[str, Mapping[str, str]]
    ) -> AsyncIterator[TableState]:
        """The tables, by name; *answers* are those to `database_queries`, *partitions* options of single tables."""
        tables, columns, keys, references, rules, checks = answers
        wanted = {row[0]: row for row in sorted(tables, key=itemgetter(0)) if self._is_wanted(row[0], row[1])}
        columns_of, keys_of, checks_of = (_grouped(rows, wanted) for rows in (columns, keys, checks))
        references_of = self._foreign_keys(references, rules, wanted)
        reader = ColumnReader(self.server)
        for number, (name, row) in enumerate(wanted.items(), 1):
            _, _, engine, collation, created_with, comment = row
            own_checks, json = read_checks(checks_of.get(name, ()), is_mariadb=self.server.is_mariadb)
            found = read_keys(keys_of.get(name, ()), engine, self.prefix)
            yield TableState(
                name=TableName(name, self.schema),
                columns=tuple(reader.columns(columns_of.get(name, ()), modern(collation), json)),
                primary_key=found.primary_key,
                uniques=found.uniques,
                foreign_keys=tuple(references_of.get(name, ())),
                checks=own_checks,
                indexes=found.indexes,
                comment=comment or None,
                options={
                    **read_options(engine, modern(collation), created_with, self.prefix),
                    **partitions.get(name, {}),
                },
            )
            if number % _SLICE == 0:
                await anyio.lowlevel.checkpoint()

    def _is_wanted(self, name: str, kind: str) -> bool:
        if kind == "SEQUENCE":
            if self.scope.has(name, "sequence", schema_name=self.schema):
                self.sequences.append(name)
            return False
        return self.scope.has_table(TableName(name, self.schema))

    def _foreign_keys(
        self, references: Rows, rules: Rows, wanted: Container[str]
    ) -> Mapping[str, list[ForeignKeyState]]:
        """The foreign keys of each table, by name."""
        rules_of = {(table, name): (on_update, on_delete) for table, name, on_update, on_delete in rules}
        parts: dict[tuple[str, str], list[Sequence[Any]]] = defaultdict(list)
        for row in sorted(references, key=itemgetter(0, 1, 2)):
            if row[0] in wanted:
                parts[row[0], row[1]].append(row)
        found: dict[str, list[ForeignKeyState]] = defaultdict(list)
        for (table, name), rows in parts.items():
            schema, referent = rows[0][4:6]
            on_update, on_delete = rules_of.get((table, name), (None, None))
            found[table].append(
                ForeignKeyState(
                    name,
                    tuple([row[3] for row in rows]),
                    TableName(referent, None if schema == self.server.database else schema),
                    tuple([row[6] for row in rows]),
                    None if on_update in NO_ACTION else on_update,
                    None if on_delete in NO_ACTION else on_delete,
                )
            )
        return found


def _grouped(rows: Rows, wanted: Container[str]) -> dict[str, list[Sequence[Any]]]:
    """The rows of each table that is wanted."""
    found: dict[str, list[Sequence[Any]]] = {}
    for row in rows:
        name = row[0]
        if name in found:
            found[name].append(row)
        elif name in wanted:
            found[name] = [row]
    return found
