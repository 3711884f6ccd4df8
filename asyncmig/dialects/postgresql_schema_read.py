"""Schema read: what a PostgreSQL database has, in a number of queries that does not grow with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from asyncmig.dialects import postgresql_schema_queries as queries
from asyncmig.dialects.postgresql_asking import Asking, Schemas
from asyncmig.dialects.postgresql_schema_rows import SchemaRows, Words
from asyncmig.dialects.sending import Sender
from asyncmig.dialects.slices import sliced
from asyncmig.operations.base import TableName
from asyncmig.schema import EnumState, Scope, SequenceState, Snapshot, TableState


@dataclass(frozen=True)
class Domain:
    """A domain: a type that is made of another one.

    Args:
        name: its name, and its schema (None: the default one).
        base: the type it is made of.
        default: the expression of its default.
        required: whether it forbids NULL.
        checks: the names of its conditions, and the conditions.
        collation: its collation where that is not the one of its base.
    """

    name: TableName
    base: str
    default: str | None
    required: bool
    checks: tuple[tuple[str, str], ...]
    collation: str | None


@dataclass
class Types:
    """The types that stand beside tables, wherever they are, by the way the server writes them.

    Args:
        enums: enumerated types.
        domains: domains.
        words: names of what indexes are made with, and casts.
        access_method: how tables are stored that do not say it.
    """

    enums: dict[str, EnumState] = field(default_factory=dict)
    domains: dict[str, Domain] = field(default_factory=dict)
    words: Words = field(default_factory=Words)
    access_method: str = "heap"


class SchemaReading:
    """One reading of what a database has.

    Args:
        sender: sends texts.
        connection: the connection.
        scope: how much is looked at.
    """

    def __init__(self, sender: Sender, connection: Connection, scope: Scope) -> None:
        self.asking = Asking(sender, connection)
        self.version = major_version(connection)
        self.scope = scope
        self.schemas: Schemas = None if scope.schemas is None else list(scope.schemas)
        self.types = Types()

    async def snapshot(self) -> Snapshot:
        """What is there."""
        async with self.asking.transaction():
            sequences = await self._fetch(queries.SEQUENCES)
            default_schema, self.types.access_method, schemas = sequences[0][:3]
            await self._read_types()
            tables = await self._tables()
        return Snapshot(
            default_schema=default_schema,
            schemas=frozenset(name for name in schemas if name != default_schema and self.scope.has(name, "schema")),
            tables=tables,
            enums={enum.name: enum for enum in self.types.enums.values() if self._has_type(enum.name, schemas)},
            sequences=dict(self._sequences(sequences)),
        )

    async def _fetch(self, query: str) -> Sequence[Sequence[Any]]:
        return await self.asking.fetch(query, self.schemas)

    async def _read_types(self) -> None:
        for kind, schema, name, text, values, base, default, required, names, checks, collation in await self._fetch(
            queries.TYPES
        ):
            full_name = TableName(name, schema)
            if kind == "e":
                self.types.enums[text] = EnumState(full_name, tuple(values))
            else:
                conditions = tuple(zip(names, checks, strict=True))
                self.types.domains[text] = Domain(full_name, base, default, required, conditions, collation)
        self.types.words = Words.of(await self._fetch(queries.WORDS))

    async def _tables(self) -> Mapping[TableName, TableState]:
        tables, *parts = queries.table_queries(self.version)
        rows = await self._fetch(tables)
        put_together = SchemaRows(self.types.words)
        columns, constraints, indexes = [await self._fetch(query) for query in parts]
        for add, found in (
            (put_together.add_columns, columns),
            (put_together.add_indexes, indexes),
            (put_together.add_constraints, constraints),
        ):
            async for some in sliced(found):
                add(some)
        states: dict[TableName, TableState] = {}
        async for some in sliced(rows):
            states |= {table.name: table for table in put_together.tables(some) if self.scope.has_table(table.name)}
        return states

    def _has_type(self, name: TableName, schemas: list[str]) -> bool:
        seen = name.schema is None or name.schema in schemas
        if self.schemas is not None and name.schema is None and None not in self.schemas:
            seen = False
        return seen and self.scope.has(name.name, "enum", schema_name=name.schema)

    def _sequences(self, rows: Sequence[Sequence[Any]]) -> Any:
        for _, _, _, schema, name, *options in rows:
            if name is not None and self.scope.has(name, "sequence", schema_name=schema):
                full_name = TableName(name, schema)
                yield full_name, SequenceState(full_name, *options)


def major_version(connection: Connection) -> int:
    """The major version of the server."""
    version: tuple[int, ...] = getattr(connection.dialect, "server_version_info", None) or (13,)
    return version[0]
