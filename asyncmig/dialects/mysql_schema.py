"""MySQLCatalogue: the schema of MySQL and MariaDB and that of models in the same words, and back to SQLAlchemy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final

from sqlalchemy import Column, Connection, Table
from sqlalchemy import Sequence as SchemaSequence
from sqlalchemy.types import TypeEngine

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.catalogue import Catalogue, CatalogueTraits
from asyncmig.dialects.mysql_align import Alignment
from asyncmig.dialects.mysql_align_columns import is_same_type
from asyncmig.dialects.mysql_describe import MariaDBDescriber, MySQLDescriber
from asyncmig.dialects.mysql_object_states import MySQLObjectStates
from asyncmig.dialects.mysql_queries import looking
from asyncmig.dialects.mysql_restore import Restorer
from asyncmig.dialects.mysql_restore_types import type_of
from asyncmig.dialects.mysql_schema_read import read_server, read_snapshot
from asyncmig.dialects.object_states import ObjectStates
from asyncmig.operations.base import Operation, TableName
from asyncmig.schema import ColumnState, Scope, SequenceState, Snapshot, TableState

#: What a sequence of MariaDB is when nothing is said.
_LARGEST: Final = 9223372036854775806
_CACHE: Final = 1000


class MySQLCatalogue(Catalogue):
    """The schema of MySQL and MariaDB and that of models in the same words.

    Databases are what SQLAlchemy calls schemas.
    """

    object_states: ClassVar[type[ObjectStates]] = MySQLObjectStates
    traits: ClassVar[CatalogueTraits] = CatalogueTraits(sequences=True, schemas=True, keys_hold=True)

    def __init__(self, adapter: DialectAdapter) -> None:
        super().__init__(adapter)
        kind = MariaDBDescriber if adapter.dialect.name == "mariadb" else MySQLDescriber
        self._describer = kind(adapter)
        self._alignment: Alignment | None = None

    async def read(self, connection: Connection, scope: Scope) -> Snapshot:
        is_mariadb = bool(getattr(self.adapter.dialect, "is_mariadb", False))
        async with looking(connection):
            server = await read_server(connection, is_mariadb=is_mariadb)
            self.default_schema = server.database
            self._describer.at(server)
            found = await read_snapshot(connection, scope, server, self.adapter)
            return await self.read_objects(connection, scope, found)

    def describe(self, table: Table) -> TableState:
        return self._describer.describe(table)

    def describe_sequence(self, sequence: SchemaSequence) -> SequenceState | None:
        if not self._describer.server.is_mariadb:
            return None
        increment = _or(sequence.increment, 1)
        up = increment > 0
        minimum, maximum = (
            _or(sequence.minvalue, 1 if up else -_LARGEST - 1),
            _or(sequence.maxvalue, _LARGEST if up else -1),
        )
        return SequenceState(
            TableName(sequence.name, self._describer.schema(sequence.schema)),
            start=_or(sequence.start, minimum if up else maximum),
            increment=increment,
            minimum=minimum,
            maximum=maximum,
            cycle=bool(sequence.cycle),
            cache=_or(sequence.cache, _CACHE),
            model=sequence,
        )

    async def align(self, connection: Connection, wanted: Snapshot, live: Snapshot) -> Snapshot:
        self._alignment = Alignment(live, self._describer.server, self._describer.prefix)
        async with looking(connection):
            aligned = await self._alignment.align(connection, wanted)
            return await self.align_objects(connection, aligned, live)

    def is_same_type(self, wanted: ColumnState, live: ColumnState) -> bool:
        return is_same_type(wanted, live)

    # -- back to SQLAlchemy's objects -------------------------------------------------------------------------------

    def type_of(self, column: ColumnState, live: Snapshot) -> TypeEngine[Any]:
        return type_of(self._saying_all(column))

    def column_of(self, column: ColumnState, live: Snapshot) -> Column[Any]:
        return self._restorer().column(self._saying_all(column))

    def table_operations(self, table: TableState, live: Snapshot) -> Sequence[Operation[Any]]:
        return [self._restorer().table(table)]

    def part_operation(self, table: TableState, part: Any, live: Snapshot) -> Operation[Any]:
        return self._restorer().part(table, part)

    def _saying_all(self, column: ColumnState) -> ColumnState:
        """A column that was read, with its collation also where that is the default of a table which gets another."""
        if self._alignment is None or id(column) not in self._alignment.collations:
            return column
        return replace(column, collation=self._alignment.collations[id(column)][1])

    def _restorer(self) -> Restorer:
        return Restorer(self.adapter, self._describer.server, self._describer.prefix)


def _or(value: int | None, default: int) -> int:
    return default if value is None else value
