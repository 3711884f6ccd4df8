"""PostgreSQLCatalogue: the schema of a PostgreSQL database and that of models in the same words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import Column, Connection, Enum, Table
from sqlalchemy import Sequence as SchemaSequence
from sqlalchemy.types import TypeEngine

from asyncmig.dialects.catalogue import Catalogue, CatalogueTraits
from asyncmig.dialects.object_states import ObjectStates
from asyncmig.dialects.postgresql_align import Alignment
from asyncmig.dialects.postgresql_casts import using
from asyncmig.dialects.postgresql_counting import counting, counting_as
from asyncmig.dialects.postgresql_describe import PostgreSQLDescriber
from asyncmig.dialects.postgresql_object_states import PostgreSQLObjectStates
from asyncmig.dialects.postgresql_restore import Restoring
from asyncmig.dialects.postgresql_schema_read import SchemaReading, Types
from asyncmig.operations.base import Operation, TableName
from asyncmig.schema import ColumnState, EnumState, Scope, SequenceState, Snapshot, TableState

if TYPE_CHECKING:
    from asyncmig.dialects.adapter import DialectAdapter


class PostgreSQLCatalogue(Catalogue):
    """The schema of a PostgreSQL database and that of models in the same words, and back to SQLAlchemy's objects."""

    traits: ClassVar[CatalogueTraits] = CatalogueTraits(
        enums=True, sequences=True, schemas=True, computed_in_place=False
    )
    object_states: ClassVar[type[ObjectStates]] = PostgreSQLObjectStates

    def __init__(self, adapter: DialectAdapter) -> None:
        super().__init__(adapter)
        self._describer = PostgreSQLDescriber(adapter)
        self._restoring = Restoring(adapter, Types())

    # -- what is there ----------------------------------------------------------------------------------------------

    async def read(self, connection: Connection, scope: Scope) -> Snapshot:
        reading = SchemaReading(self.adapter, connection, scope)
        snapshot = await reading.snapshot()
        self.default_schema = self._describer.default_schema = snapshot.default_schema
        self._restoring = Restoring(self.adapter, reading.types)
        return await self.read_objects(connection, scope, snapshot)

    # -- what models want -------------------------------------------------------------------------------------------

    def describe(self, table: Table) -> TableState:
        return self._describer.describe(table)

    def describe_enum(self, enum: Enum) -> EnumState | None:
        return self._describer.enum(enum)

    def describe_sequence(self, sequence: SchemaSequence) -> SequenceState | None:
        return self._describer.sequence(sequence)

    async def align(self, connection: Connection, wanted: Snapshot, live: Snapshot) -> Snapshot:
        aligned = await Alignment(self.adapter, wanted, live, self._restoring.types).aligned(connection)
        return await self.align_objects(connection, aligned, live)

    # -- back to SQLAlchemy's objects -------------------------------------------------------------------------------

    def type_of(self, column: ColumnState, live: Snapshot) -> TypeEngine[Any]:
        return self._restoring.type(column.type, column.collation)

    def column_of(self, column: ColumnState, live: Snapshot) -> Column[Any]:
        return self._restoring.column(column)

    def table_operations(self, table: TableState, live: Snapshot) -> Sequence[Operation[Any]]:
        return self._restoring.table(table)

    def part_operation(self, table: TableState, part: Any, live: Snapshot) -> Operation[Any]:
        return self._restoring.part(table, part)

    # -- in place or anew -------------------------------------------------------------------------------------------

    def cast(self, old: ColumnState, new: ColumnState) -> str | None:
        return using(self.adapter.quote(new.name), old.type, new.type, self._restoring.types)

    def counting(self, table: TableName, column: ColumnState) -> tuple[str, str] | None:
        return counting(self.adapter, table, column)

    def counting_as(self, table: TableName, column: ColumnState) -> str | None:
        return counting_as(self.adapter, table, column)
