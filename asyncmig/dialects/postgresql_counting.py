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
    # The sequence of a column that was renamed, or made long ago, may have any name.
    end = (
        f"DO $$\nDECLARE\n    counter text := pg_get_serial_sequence({adapter.literal(name)}, "
        f"{adapter.literal(column.name)});\nBEGIN\n"
        f"    ALTER TABLE {name} ALTER COLUMN {key} DROP DEFAULT;\n"
        "    IF counter IS NOT NULL THEN\n        EXECUTE 'DROP SEQUENCE ' || counter;\n    END IF;\nEND\n$$"
    )
    return begin, end


def sequence_name(table: str, column: str) -> str:
    """The name that PostgreSQL gives to the sequence of a SERIAL column; of a long one, the longer part is cut."""
    parts = [table.encode(), column.encode()]
    while sum(map(len, parts)) + len("__seq") > _LONGEST:
        longer = 0 if len(parts[0]) > len(parts[1]) else 1
        parts[longer] = parts[longer][:-1]
    return "_".join([*(part.decode(errors="ignore") for part in parts), "seq"])
