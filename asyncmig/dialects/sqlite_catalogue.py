"""SQLiteCatalogue: the schema of a database of SQLite and of models in the same words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final

import anyio.lowlevel
from sqlalchemy import Column, Connection, Table
from sqlalchemy.types import TypeEngine

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.catalogue import Catalogue, CatalogueTraits
from asyncmig.dialects.object_states import ObjectStates
from asyncmig.dialects.sqlite_align import align_table
from asyncmig.dialects.sqlite_describe import SQLiteDescriber
from asyncmig.dialects.sqlite_object_states import SQLiteObjectStates
from asyncmig.dialects.sqlite_restore import SQLiteRestorer
from asyncmig.dialects.sqlite_schema_read import MAIN, SchemaReader, schema_query
from asyncmig.operations.base import Operation
from asyncmig.schema import ColumnState, Scope, Snapshot, TableState

#: Types that SQLite takes for the same, and that SQLAlchemy reflects as the same.
_ALIASES: Final = {
    "INT": "INTEGER",
    "INT2": "INTEGER",
    "INT8": "INTEGER",
    "TINYINT": "INTEGER",
    "MEDIUMINT": "INTEGER",
    "UNSIGNED BIG INT": "INTEGER",
    "BOOL": "BOOLEAN",
}
#: How many tables are aligned before others may run.
_AT_ONCE: Final = 200


class SQLiteCatalogue(Catalogue):
    """The schema of a database of SQLite and of models in the same words.

    Everything is read in one statement (two, where more than the default schema is looked at): SQLite keeps the
    statements that made its tables, and sees to their columns being as they say.
    """

    traits: ClassVar[CatalogueTraits] = CatalogueTraits(inline_keys=True)
    object_states: ClassVar[type[ObjectStates]] = SQLiteObjectStates

    def __init__(self, adapter: DialectAdapter) -> None:
        super().__init__(adapter)
        self.default_schema = MAIN
        self.describer = SQLiteDescriber(adapter)
        self.describer.default_schema = MAIN
        self.restorer = SQLiteRestorer(adapter)

    # -- what is there ----------------------------------------------------------------------------------------------

    async def read(self, connection: Connection, scope: Scope) -> Snapshot:
        schemas = await self._schemas(connection, scope)
        quote = self.adapter.printing.identifier_preparer.quote_identifier
        answer = await self.adapter.ask(connection, schema_query(schemas, quote, self.adapter.literal))
        assert not isinstance(answer, int)
        reader = SchemaReader(scope)
        tables = await reader.read(answer)
        found = Snapshot(MAIN, frozenset(schemas) - {MAIN}, tables, warnings=tuple(reader.warnings))
        return await self.read_objects(connection, scope, found)

    async def _schemas(self, connection: Connection, scope: Scope) -> list[str]:
        """The database files that are looked at, by the names that they are attached under."""
        wanted = None if scope.schemas is None else {name or MAIN for name in scope.schemas}
        if wanted == {MAIN}:
            return [MAIN]
        answer = await self.adapter.ask(connection, "SELECT name FROM pragma_database_list ORDER BY seq")
        assert not isinstance(answer, int)
        there = [str(name) for (name,) in answer if name != "temp"]
        if wanted is None:
            return [name for name in there if name == MAIN or scope.has(name, "schema")]
        return [name for name in there if name in wanted]

    # -- what models want -------------------------------------------------------------------------------------------

    def describe(self, table: Table) -> TableState:
        return self.describer.describe(table)

    async def align(self, connection: Connection, wanted: Snapshot, live: Snapshot) -> Snapshot:
        tables = {}
        for number, (name, table) in enumerate(wanted.tables.items()):
            if number % _AT_ONCE == 0:
                await anyio.lowlevel.checkpoint()
            there = live.tables.get(name)
            tables[name] = table if there is None else align_table(table, there)
        return await self.align_objects(connection, replace(wanted, tables=tables), live)

    # -- back to SQLAlchemy's objects -------------------------------------------------------------------------------

    def type_of(self, column: ColumnState, live: Snapshot) -> TypeEngine[Any]:
        return self.restorer.type_of(column)

    def column_of(self, column: ColumnState, live: Snapshot) -> Column[Any]:
        return self.restorer.column_of(column)

    def table_operations(self, table: TableState, live: Snapshot) -> Sequence[Operation[Any]]:
        return list(self.restorer.table_operations(table))

    def part_operation(self, table: TableState, part: Any, live: Snapshot) -> Operation[Any]:
        return self.restorer.part_operation(table, part)

    # -- in place or anew -------------------------------------------------------------------------------------------

    def is_same_type(self, wanted: ColumnState, live: ColumnState) -> bool:
        same = wanted.type == live.type or _reflected(wanted.type) == _reflected(live.type)
        return same and wanted.collation == live.collation


def _reflected(type_: str) -> str:
    """The name that stands for a type and its aliases."""
    name, _, _ = type_.partition("(")
    return _ALIASES.get(name, type_)
