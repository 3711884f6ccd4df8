"""Counting of PostgreSQL: the SQL that gives a column what SERIAL would have given it, and takes it away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asyncmig.operations.base import TableName
from asyncmig.schema import ColumnState

if TYPE_CHECKING:
    from asyncmig.dialects.adapter import DialectAdapter

#: How long a name may be, in bytes.
_LONGEST = 63


def counting(adapter: DialectAdapter, table: TableName, column: ColumnState) -> tuple[str, str]:
    """The SQL that makes a column of integers count up, from its highest value on; and the SQL that ends that."""
    name = adapter.table_name(table.name, table.schema)
    key = adapter.quote(column.name)
    sequence = adapter.table_name(sequence_name(table.name, column.name), table.schema)
    begin = (
        f"CREATE SEQUENCE {sequence} AS {column.type} OWNED BY {name}.{key};\n"
        f"ALTER TABLE {name} ALTER COLUMN {key} SET DEFAULT nextval({adapter.literal(sequence)});\n"
        f"SELECT setval({adapter.literal(sequence)}, coalesce((SELECT max({key}) FROM {name}), 0) + 1, false)"
    )
    drop_default = f"ALTER TABLE {name} ALTER COLUMN {key} DROP DEFAULT"
    return begin, _with_counter(adapter, name, column.name, drop_default, "DROP SEQUENCE %s")


def counting_as(adapter: DialectAdapter, table: TableName, column: ColumnState) -> str:
    """The SQL that makes what counts a column count as far as its type goes."""
    name = adapter.table_name(table.name, table.schema)
    return _with_counter(adapter, name, column.name, None, f"ALTER SEQUENCE %s AS {column.type}")


def _with_counter(adapter: DialectAdapter, table: str, column: str, first: str | None, statement: str) -> str:
    """A statement on the sequence of a column, which may have any name where the column is old or was renamed."""
    found = f"pg_get_serial_sequence({adapter.literal(table)}, {adapter.literal(column)})"
    before = f"    {first};\n" if first else ""
    return (
        f"DO $$\nDECLARE\n    counter text := {found};\nBEGIN\n{before}"
        f"    IF counter IS NOT NULL THEN\n        EXECUTE replace({adapter.literal(statement)}, '%s', counter);\n"
        "    END IF;\nEND\n$$"
    )


def sequence_name(table: str, column: str) -> str:
    """The name that PostgreSQL gives to the sequence of a SERIAL column; of a long one, the longer part is cut."""
    parts = [table.encode(), column.encode()]
    while sum(map(len, parts)) + len("__seq") > _LONGEST:
        longer = 0 if len(parts[0]) > len(parts[1]) else 1
        parts[longer] = parts[longer][:-1]
    return "_".join([*(part.decode(errors="ignore") for part in parts), "seq"])
