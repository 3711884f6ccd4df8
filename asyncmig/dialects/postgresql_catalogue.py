"""PostgreSQL catalogue: what the server says of tables and types, as a digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import Connection, text

from asyncmig.operations.base import TableName

#: A relation is looked at when it is one of the tables asked for, or when none is asked for.
_WANTED = """
WITH wanted AS (
    SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
      AND (:all OR (n.nspname, c.relname) IN (SELECT s, t FROM unnest(
           CAST(:schemas AS text[]), CAST(:names AS text[])) AS asked(s, t)))
)
"""

_QUERIES = (
    _WANTED + "SELECT nspname, relname, relkind::text, relpersistence::text, obj_description(oid)"
    " FROM wanted WHERE relkind NOT IN ('i', 'I') ORDER BY 1, 2",
    _WANTED + "SELECT w.nspname, w.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,"
    " a.attidentity::text, a.attgenerated::text, pg_get_expr(d.adbin, d.adrelid), col_description(w.oid, a.attnum)"
    " FROM wanted w JOIN pg_attribute a ON a.attrelid = w.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " LEFT JOIN pg_attrdef d ON d.adrelid = w.oid AND d.adnum = a.attnum WHERE w.relkind NOT IN ('i', 'I')"
    " ORDER BY 1, 2, 3",
    _WANTED + "SELECT w.nspname, w.relname, k.conname, pg_get_constraintdef(k.oid), k.convalidated"
    " FROM wanted w JOIN pg_constraint k ON k.conrelid = w.oid ORDER BY 1, 2, 3",
    _WANTED + "SELECT w.nspname, w.relname, pg_get_indexdef(i.indexrelid)"
    " FROM wanted w JOIN pg_index i ON i.indrelid = w.oid "
    " WHERE NOT CAST(:building AS boolean) OR (i.indisvalid AND i.indisready) ORDER BY 1, 2, 3",
    _WANTED + "SELECT w.nspname, w.relname, p.inhparent::regclass::text"
    " FROM wanted w JOIN pg_inherits p ON p.inhrelid = w.oid ORDER BY 1, 2, 3",
)

#: Besides tables, only when everything is asked for.
_EVERYTHING = (
    "SELECT n.nspname, t.typname, e.enumlabel, e.enumsortorder FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid"
    " JOIN pg_namespace n ON n.oid = t.typnamespace ORDER BY 1, 2, 4",
    "SELECT n.nspname, p.proname, md5(coalesce(p.prosrc, '')) FROM pg_proc p JOIN pg_namespace n"
    " ON n.oid = p.pronamespace WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2, 3",
    "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2",
    "SELECT n.nspname, c.relname, s.seqtypid::regtype::text, s.seqstart, s.seqincrement, s.seqmax, s.seqmin,"
    " s.seqcache, s.seqcycle FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace ORDER BY 1, 2",
    "SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' ORDER BY 1",
    "SELECT extname, extversion FROM pg_extension ORDER BY 1",
    "SELECT datname FROM pg_database ORDER BY 1",
    "SELECT spcname FROM pg_tablespace ORDER BY 1",
    "SELECT pubname FROM pg_publication ORDER BY 1",
)


def digest(connection: Connection, tables: Iterable[TableName], *, building: bool) -> str:
    """The digest of what the catalogue says of *tables* (of everything, when there are none).

    Args:
        connection: the connection.
        tables: which tables.
        building: whether an index that is not valid counts as not there, because it is being built.
    """
    asked = sorted(tables, key=str)
    default = connection.scalar(text("SELECT current_schema()"))
    parameters = {
        "all": not asked,
        "building": building,
        "schemas": [table.schema or default for table in asked],
        "names": [table.name for table in asked],
    }
    lines: list[str] = []
    for query in _QUERIES:
        lines += (repr(tuple(row)) for row in connection.execute(text(query), parameters))
    if not asked:
        for query in _EVERYTHING:
            lines += (repr(tuple(row)) for row in connection.execute(text(query)))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def is_unfinished(connection: Connection, name: str) -> bool:
    """Whether there is an index *name* (quoted, with its schema) that is not valid."""
    query = text("SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
    return bool(connection.scalar(query, {"name": name}))
