"""SchemaPlanner: the planners that all databases share for what stands beside tables: schemas, sequences, enums."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from asyncmig.dialects.adapter import plans
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.plain import PlainDDL
from asyncmig.dialects.steps import Statement, Step
from asyncmig.operations.enums import AlterEnum, CreateEnum, DropEnum
from asyncmig.operations.schemas import CreateSchema, DropSchema
from asyncmig.operations.sequences import SEQUENCE_OPTIONS, AlterSequence, CreateSequence, DropSequence
from asyncmig.operations.table_options import AlterTableOptions


class SchemaPlanner(PlainDDL):
    """The planners that all databases share for what stands beside tables."""

    # -- schemas ----------------------------------------------------------------------------------------------------

    @plans(CreateSchema)
    def create_schema(self, op: CreateSchema, facts: Facts) -> Iterator[Step]:
        exists = "IF NOT EXISTS " if op.if_not_exists else ""
        yield Statement(f"CREATE SCHEMA {exists}{self.schema_name(op.schema_name)}")

    @plans(DropSchema)
    def drop_schema(self, op: DropSchema, facts: Facts) -> Iterator[Step]:
        exists = "IF EXISTS " if op.if_exists else ""
        yield Statement(f"DROP SCHEMA {exists}{self.schema_name(op.schema_name)}")

    def schema_name(self, name: str) -> str:
        """The name of a schema, quoted where needed."""
        return self.printing.identifier_preparer.quote_schema(name)

    # -- sequences --------------------------------------------------------------------------------------------------

    @plans(CreateSequence)
    def create_sequence(self, op: CreateSequence, facts: Facts) -> Iterator[Step]:
        exists = "IF NOT EXISTS " if op.if_not_exists else ""
        options = {name: getattr(op, name) for name in SEQUENCE_OPTIONS}
        name = self.table_name(op.sequence_name, op.schema)
        yield Statement(f"CREATE SEQUENCE {exists}{name}{self.sequence_options(op, options)}")

    @plans(AlterSequence)
    def alter_sequence(self, op: AlterSequence, facts: Facts) -> Iterator[Step]:
        if op.changes:
            name = self.table_name(op.sequence_name, op.schema)
            yield Statement(f"ALTER SEQUENCE {name}{self.sequence_options(op, op.changes)}")

    @plans(DropSequence)
    def drop_sequence(self, op: DropSequence, facts: Facts) -> Iterator[Step]:
        exists = "IF EXISTS " if op.if_exists else ""
        yield Statement(f"DROP SEQUENCE {exists}{self.table_name(op.sequence_name, op.schema)}")

    def sequence_options(self, op: CreateSequence | AlterSequence, options: Mapping[str, Any]) -> str:
        """The options of a sequence as they stand behind its name, with a space before them."""
        words: Mapping[str, Callable[[Any], str]] = {
            "data_type": lambda value: f"AS {self.type_text(value)}",
            "increment": lambda value: f"INCREMENT BY {value:d}",
            "minvalue": lambda value: f"MINVALUE {value:d}",
            "maxvalue": lambda value: f"MAXVALUE {value:d}",
            "start": lambda value: f"START WITH {value:d}",
            "cache": lambda value: f"CACHE {value:d}",
            "cycle": lambda value: "CYCLE" if value else "NO CYCLE",
        }
        return "".join(f" {words[name](options[name])}" for name in words if options.get(name) is not None)

    # -- enums ------------------------------------------------------------------------------------------------------

    @plans(CreateEnum, AlterEnum, DropEnum)
    def enum_in_column(self, op: CreateEnum | AlterEnum | DropEnum, facts: Facts) -> Iterator[Step]:
        # The values are part of each column's own type.
        yield from ()

    # -- tables -----------------------------------------------------------------------------------------------------

    @plans(AlterTableOptions)
    def alter_table_options(self, op: AlterTableOptions, facts: Facts) -> Iterator[Step]:
        if op.options_for(self.dialect.name):
            raise self.unsupported(op)
        yield from ()
