"""Catalogue: a database's schema and models' schema in the same words, and back to SQLAlchemy's objects."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import Column, Connection, Enum, Table
from sqlalchemy import Sequence as SchemaSequence
from sqlalchemy.types import TypeEngine

from asyncmig.dialects.object_states import ObjectStates
from asyncmig.operations.base import Operation, TableName
from asyncmig.schema import ColumnState, EnumState, ObjectState, Scope, SequenceState, Snapshot, TableState

if TYPE_CHECKING:
    from asyncmig.dialects.adapter import DialectAdapter


@dataclass(frozen=True)
class CatalogueTraits:
    """What comparing must know of a database.

    Args:
        enums: whether enumerated types stand beside tables.
        sequences: whether there are sequences of their own.
        schemas: whether schemas can be created and dropped by their own.
        inline_keys: whether constraints can only be changed by a rebuild, so that changes to one table belong together
            in a block (SQLite).
        computed_in_place: whether the expression of a computed column can be changed without dropping it.
        keys_hold: whether a foreign key holds fast the types of its columns, so that it must be gone while those change
            (MySQL).
    """

    enums: bool = False
    sequences: bool = False
    schemas: bool = False
    inline_keys: bool = False
    computed_in_place: bool = True
    keys_hold: bool = False


class Catalogue(ABC):
    """A database's schema and models' schema in the same words, and back to SQLAlchemy's objects.

    `read` and `describe` give the same kind of values. What only the server can say in its own words, such as the
    condition of a CHECK, `describe` gives as SQLAlchemy writes it; `align` then puts it into the server's words, for
    as much as differs, in a number of statements that does not grow with the schema.

    Args:
        adapter: the adapter of the database.
        default_schema: what the default schema is called; a model that names it means the same as one that names none.
    """

    traits: ClassVar[CatalogueTraits] = CatalogueTraits()
    #: What knows of views, functions, triggers and extensions.
    object_states: ClassVar[type[ObjectStates]] = ObjectStates

    def __init__(self, adapter: DialectAdapter) -> None:
        self.adapter = adapter
        self.default_schema: str | None = None
        self.objects = self.object_states(adapter)

    # -- what is there ----------------------------------------------------------------------------------------------

    @abstractmethod
    async def read(self, connection: Connection, scope: Scope) -> Snapshot:
        """What the database has, and `default_schema` by the way; changes nothing.

        Tables of extensions, partitions of tables that are read, and the tables of *scope* that are to be left out are
        not in it.
        """

    # -- what models want -------------------------------------------------------------------------------------------

    @abstractmethod
    def describe(self, table: Table) -> TableState:
        """A table of the models, with its constraints and indexes, in the words of the database; needs no connection.

        Every part has the SQLAlchemy object that it describes as its `model`.
        """

    def describe_enum(self, enum: Enum) -> EnumState | None:
        """An enumerated type that the models use; None where it is no type of its own (or `native_enum=False`)."""
        return None

    def describe_sequence(self, sequence: SchemaSequence) -> SequenceState | None:
        """A sequence that the models declare; None where there are none."""
        return None

    def describe_object(self, declared: Any) -> ObjectState | None:
        """An object beside tables that is declared on the metadata (`asyncmig.objects`); None: for other databases."""
        return self.objects.describe(declared)

    async def align(self, connection: Connection, wanted: Snapshot, live: Snapshot) -> Snapshot:
        """*wanted*, with what differs from *live* in its wording alone in the wording of *live*; changes nothing."""
        return wanted

    # -- back to SQLAlchemy's objects -------------------------------------------------------------------------------

    @abstractmethod
    def type_of(self, column: ColumnState, live: Snapshot) -> TypeEngine[Any]:
        """The type of a column that was read, with its collation, so that a new column of it would be the same."""

    @abstractmethod
    def column_of(self, column: ColumnState, live: Snapshot) -> Column[Any]:
        """A column that was read, as SQLAlchemy's object (without constraints of the table, index and key)."""

    @abstractmethod
    def table_operations(self, table: TableState, live: Snapshot) -> Sequence[Operation[Any]]:
        """What would make a table that was read again: `CreateTable` first, then its indexes."""

    @abstractmethod
    def part_operation(self, table: TableState, part: Any, live: Snapshot) -> Operation[Any]:
        """What would make a constraint or an index that was read again: `CreateIndex`, `CreateForeignKey`, ..."""

    # -- in place or anew -------------------------------------------------------------------------------------------

    def cast(self, old: ColumnState, new: ColumnState) -> str | None:
        """The `postgresql_using` that converts a column's values where the database does not do it by itself."""
        return None

    def counting(self, table: TableName, column: ColumnState) -> tuple[str, str] | None:
        """The SQL that makes the database count a column up from now on, and that which ends it.

        None where `op.alter_column(autoincrement=...)` does.
        """
        return None

    def counting_as(self, table: TableName, column: ColumnState) -> str | None:
        """The SQL that makes what counts a column up go as far as its type does; None: it does anyway."""
        return None

    def is_same_type(self, wanted: ColumnState, live: ColumnState) -> bool:
        """Whether two spellings of a type mean the same."""
        return wanted.type == live.type and wanted.collation == live.collation

    def object_operations(self, old: ObjectState | None, new: ObjectState | None) -> Sequence[Operation[Any]]:
        """What makes *new* of *old*: created where there is no old one, dropped where there is no new one."""
        return self.objects.operations(old, new)

    async def read_objects(self, connection: Connection, scope: Scope, live: Snapshot) -> Snapshot:
        """*live* with the objects of the kinds that are asked for; changes nothing."""
        self.objects.default_schema = live.default_schema
        if not scope.kinds & self.objects.kinds:
            return live
        return replace(live, objects=await self.objects.read(connection, scope))

    async def align_objects(self, connection: Connection, wanted: Snapshot, live: Snapshot) -> Snapshot:
        """*wanted* with its objects in the wording of *live* where only the wording differs; changes nothing."""
        if not wanted.objects:
            return wanted
        objects, warnings = await self.objects.align(connection, wanted.objects, live.objects)
        return replace(wanted, objects=objects, warnings=(*wanted.warnings, *warnings))
