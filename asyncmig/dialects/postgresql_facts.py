"""PostgreSQLTable: what the planners of PostgreSQL may know of a table; and what a driver's error says."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from asyncmig.operations.base import TableName


@dataclass(frozen=True, slots=True)
class PostgreSQLTable:
    """What a planner may know of a table.

    Args:
        broken_indexes: names of indexes that an interrupted CREATE INDEX CONCURRENTLY left behind.
    """

    broken_indexes: frozenset[str] = frozenset()


# An index that is being built right now is not valid either, but somebody's.
_BROKEN_INDEXES = text(
    """
    SELECT c.relname
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
    WHERE NOT i.indisvalid AND t.relkind <> 'p' AND t.relname = :name
      AND (n.nspname = :schema OR (CAST(:schema AS text) IS NULL AND pg_catalog.pg_table_is_visible(t.oid)))
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid)
    """
)


def read_table(connection: Connection, table: TableName) -> PostgreSQLTable:
    """What there is to know of a table; nothing when it does not exist."""
    broken = connection.execute(_BROKEN_INDEXES, {"name": table.name, "schema": table.schema}).scalars()
    return PostgreSQLTable(broken_indexes=frozenset(broken))
