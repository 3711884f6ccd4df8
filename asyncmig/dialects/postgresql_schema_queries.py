"""Schema queries: the statements that read the schema of a PostgreSQL 13 to 18, all tables at once.

Their only parameter is `:schemas`: the schemas to look at, NULL for the default one; NULL instead of the array means
every schema that is the user's. What belongs to an extension is in no answer.
"""

from __future__ import annotations

from typing import Final

_OF_EXTENSION: Final = """
    EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.deptype = 'e'
            AND e.classid = 'pg_catalog.{0}'::pg_catalog.regclass AND e.objid = {1})
"""

_SPACES: Final = f"""
WITH spaces AS (
    SELECT n.oid, n.nspname::text AS name, nullif(n.nspname::text, current_schema()::text) AS schema
    FROM pg_catalog.pg_namespace n
    WHERE CASE WHEN CAST(:schemas AS text[]) IS NULL
        THEN n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
            AND NOT {_OF_EXTENSION.format("pg_namespace", "n.oid")}
        ELSE n.nspname::text IN (
            SELECT coalesce(asked, current_schema()::text) FROM unnest(CAST(:schemas AS text[])) AS asked)
        END
)"""

#: Partitions are parts of their table.
_RELATIONS: Final = f"""{_SPACES},
relations AS MATERIALIZED (
    SELECT c.oid, c.oid::bigint AS number, s.schema, c.relname::text AS name,
        c.relpersistence::text AS persistence, c.relkind, c.reloptions, c.reltoastrelid, c.reltablespace, c.relam
    FROM pg_catalog.pg_class c JOIN spaces s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
        AND NOT {_OF_EXTENSION.format("pg_class", "c.oid")}
)"""

#: What the names of the tables begin with that are made to hear how the server words something.
PROBE: Final = "asyncmig_probe_"

_PROBES: Final = f"""
WITH relations AS MATERIALIZED (
    SELECT c.oid, pg_catalog.substr(c.relname::text, {len(PROBE) + 1})::bigint AS number, c.relkind
    FROM pg_catalog.pg_class c
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = pg_catalog.pg_my_temp_schema()
        AND c.relname::text ~ '^{PROBE}[0-9]+$'
        AND pg_catalog.substr(c.relname::text, {len(PROBE) + 1})::bigint >= {{first}}
)"""

_TABLES: Final = """
SELECT r.number, r.schema, r.name, r.persistence, d.description, r.reloptions,
    CASE WHEN r.reltoastrelid <> 0 THEN ARRAY(
        SELECT 'toast.' || option FROM pg_catalog.pg_class t, unnest(t.reloptions) AS option
        WHERE t.oid = r.reltoastrelid) END,
    p.spcname::text, m.amname::text, CASE WHEN r.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(r.oid) END,
    ARRAY(SELECT f.relname::text FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class f ON f.oid = i.inhparent
          WHERE i.inhrelid = r.oid ORDER BY i.inhseqno)
FROM relations r
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = r.oid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0
LEFT JOIN pg_catalog.pg_tablespace p ON p.oid = r.reltablespace
LEFT JOIN pg_catalog.pg_am m ON m.oid = r.relam
ORDER BY r.schema NULLS FIRST, r.name"""

_PARTITIONS: Final = """
SELECT r.number, pg_catalog.pg_get_partkeydef(r.oid) FROM relations r WHERE r.relkind = 'p'"""

#: A column counts its values up when a sequence belongs to it and its default takes the next value from there.
_COLUMNS: Final = """,
owned AS MATERIALIZED (
    SELECT d.refobjid, d.refobjsubid, d.deptype, q.*
    FROM pg_catalog.pg_sequence q JOIN pg_catalog.pg_depend d
        ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = q.seqrelid
        AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
    WHERE d.refobjid IN (SELECT oid FROM relations)
)
SELECT r.number, a.attnum, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
    pg_catalog.pg_get_expr(b.adbin, b.adrelid), a.attidentity::text, a.attgenerated::text,
    CASE WHEN l.oid IS NULL OR pg_catalog.pg_collation_is_visible(l.oid) THEN l.collname::text
        ELSE n.nspname::text || '.' || l.collname::text END,
    a.attcollation::bigint, d.description,
    CASE q.deptype WHEN 'a' THEN ARRAY[]::bigint[] WHEN 'i' THEN
        ARRAY[q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcycle::integer::bigint, q.seqcache] END
FROM relations r
JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    AND (a.attislocal OR a.attinhcount = 0)
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef b ON a.atthasdef AND b.adrelid = a.attrelid AND b.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation AND a.attcollation <> t.typcollation
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = l.collnamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = a.attrelid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = a.attnum
LEFT JOIN owned q ON q.refobjid = a.attrelid AND q.refobjsubid = a.attnum AND CASE q.deptype
    WHEN 'i' THEN a.attidentity <> ''
    ELSE pg_catalog.pg_get_expr(b.adbin, b.adrelid)
        = pg_catalog.format('nextval(%L::regclass)', q.seqrelid::pg_catalog.regclass) END
ORDER BY a.attrelid, a.attnum"""

_CONSTRAINTS: Final = """
SELECT r.number, k.conname::text, k.contype::text, k.conkey, k.condeferrable, k.condeferred, k.convalidated,
    k.conindid::bigint, nullif(n.nspname::text, current_schema()::text), f.relname::text,
    CASE k.contype WHEN 'f' THEN ARRAY(
        SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS key (number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = key.number ORDER BY key.place) END,
    k.confupdtype::text, k.confdeltype::text, k.confmatchtype::text,
    CASE WHEN k.confdeltype IN ('n', 'd') THEN pg_catalog.substring(
        pg_catalog.pg_get_constraintdef(k.oid), 'ON DELETE SET [A-Z]+ (\\(.*?\\))( |$)') END,
    CASE k.contype WHEN 'c' THEN pg_catalog.pg_get_expr(k.conbin, k.conrelid)
        WHEN 'x' THEN pg_catalog.pg_get_constraintdef(k.oid) END,
    k.connoinherit
FROM relations r
JOIN pg_catalog.pg_constraint k ON k.conrelid = r.oid AND k.contype IN ('p', 'u', 'f', 'c', 'x')
    AND k.conparentid = 0 AND (k.conislocal OR k.coninhcount = 0)
LEFT JOIN pg_catalog.pg_class f ON k.contype = 'f' AND f.oid = k.confrelid
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = f.relnamespace
ORDER BY k.conrelid, k.contype, k.conname"""

#: The expressions of an index come with its whole definition, where their collations stand.
_INDEXES: Final = """,
settings AS MATERIALIZED (
    SELECT a.attrelid, ARRAY_AGG(a.attnum::bigint) AS numbers, ARRAY_AGG(
        pg_catalog.array_to_string(a.attoptions, ', ')) AS options
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_index i ON i.indexrelid = a.attrelid
    WHERE a.attoptions IS NOT NULL GROUP BY 1
)
SELECT r.number, i.indexrelid::bigint, x.relname::text, i.indisunique, i.indisvalid AND i.indisready,
    m.amname::text, i.indnkeyatts, CAST(i.indkey AS smallint[]), CAST(i.indoption AS smallint[]),
    CAST(CAST(i.indclass AS oid[]) AS bigint[]), CAST(CAST(i.indcollation AS oid[]) AS bigint[]),
    CASE WHEN i.indexprs IS NOT NULL THEN ARRAY(
        SELECT pg_catalog.pg_get_indexdef(i.indexrelid, place, false)
        FROM generate_series(1, i.indnkeyatts) AS place) END,
    CASE WHEN i.indexprs IS NOT NULL THEN pg_catalog.pg_get_indexdef(i.indexrelid) END,
    pg_catalog.pg_get_expr(i.indpred, i.indrelid), x.reloptions, p.spcname::text, {nulls_not_distinct},
    g.numbers, g.options,
    EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid
            AND k.contype IN ('p', 'u', 'x'))
FROM relations r
JOIN pg_catalog.pg_index i ON i.indrelid = r.oid
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
JOIN pg_catalog.pg_am m ON m.oid = x.relam
LEFT JOIN pg_catalog.pg_tablespace p ON p.oid = x.reltablespace
LEFT JOIN settings g ON g.attrelid = i.indexrelid
ORDER BY i.indrelid, x.relname"""

#: Enumerated types and domains; of all schemas, for a column may have one from anywhere.
TYPES: Final = f"""
SELECT t.typtype::text, nullif(n.nspname::text, current_schema()::text), t.typname::text,
    pg_catalog.format_type(t.oid, NULL),
    ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder),
    pg_catalog.format_type(nullif(t.typbasetype, 0), t.typtypmod), t.typdefault, t.typnotnull,
    ARRAY(SELECT k.conname::text FROM pg_catalog.pg_constraint k
          WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname),
    ARRAY(SELECT pg_catalog.pg_get_expr(k.conbin, 0) FROM pg_catalog.pg_constraint k
          WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname),
    CASE WHEN t.typcollation <> b.typcollation THEN l.collname::text END
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_catalog.pg_collation l ON l.oid = t.typcollation
WHERE t.typtype IN ('e', 'd') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
    AND NOT {_OF_EXTENSION.format("pg_type", "t.oid")}
ORDER BY 2 NULLS FIRST, 3"""

#: The default schema, how tables are stored, and the schemas; and each sequence that belongs to no column, if any.
SEQUENCES: Final = f"""{_SPACES}
SELECT current_schema()::text, pg_catalog.current_setting('default_table_access_method'),
    ARRAY(SELECT name FROM spaces ORDER BY 1), s.*
FROM (SELECT) AS one LEFT JOIN (
    SELECT s.schema, c.relname::text, pg_catalog.format_type(q.seqtypid, NULL),
        q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcycle, q.seqcache
    FROM pg_catalog.pg_sequence q
    JOIN pg_catalog.pg_class c ON c.oid = q.seqrelid AND c.relpersistence <> 't'
    JOIN spaces s ON s.oid = c.relnamespace
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND (d.deptype = 'e'
            OR d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')))
) AS s ON true
ORDER BY s.schema NULLS FIRST, s.relname"""

#: The names of what indexes are made with, and which type becomes which by itself.
WORDS: Final = """
SELECT 'operator_class'::text, o.oid::bigint,
    CASE WHEN pg_catalog.pg_opclass_is_visible(o.oid) THEN o.opcname::text
        ELSE n.nspname::text || '.' || o.opcname::text END, o.opcdefault::text
FROM pg_catalog.pg_opclass o JOIN pg_catalog.pg_namespace n ON n.oid = o.opcnamespace
UNION ALL
SELECT 'collation', l.oid::bigint,
    CASE WHEN pg_catalog.pg_collation_is_visible(l.oid) THEN l.collname::text
        ELSE n.nspname::text || '.' || l.collname::text END, NULL
FROM pg_catalog.pg_collation l JOIN pg_catalog.pg_namespace n ON n.oid = l.collnamespace
WHERE l.oid IN (SELECT unnest(CAST(i.indcollation AS oid[])) FROM pg_catalog.pg_index i
                WHERE i.indrelid >= 16384)
UNION ALL
SELECT 'cast ' || c.castcontext::text, NULL, pg_catalog.format_type(c.castsource, NULL),
    pg_catalog.format_type(c.casttarget, NULL)
FROM pg_catalog.pg_cast c"""

#: From this version on a unique index may take NULLs for equal.
_NULLS_NOT_DISTINCT: Final = 15


def table_queries(version: int) -> tuple[str, str, str, str]:
    """What reads tables, columns, constraints and indexes, in this order, of a server of a major version."""
    return _RELATIONS + _TABLES, _RELATIONS + _COLUMNS, _RELATIONS + _CONSTRAINTS, _RELATIONS + _indexes(version)


def probe_queries(version: int, first: int) -> tuple[str, str, str, str]:
    """What reads columns, constraints, indexes and partitioning of the tables that are made to hear the server's words.

    Args:
        version: the major version of the server.
        first: the number of the first table.
    """
    relations = _PROBES.replace("{first}", str(first))
    return relations + _COLUMNS, relations + _CONSTRAINTS, relations + _indexes(version), relations + _PARTITIONS


def _indexes(version: int) -> str:
    words = "i.indnullsnotdistinct" if version >= _NULLS_NOT_DISTINCT else "false"
    return _INDEXES.replace("{nulls_not_distinct}", words)
