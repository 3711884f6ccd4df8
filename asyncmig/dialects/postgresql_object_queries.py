"""Object queries: the statements that read views, functions, triggers and extensions of PostgreSQL.

`{spaces}` stands for the schemas that are looked at: their oid, their name, and what they are called in states.
"""

from __future__ import annotations

from typing import Final

_OF_EXTENSION: Final = """
    EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.deptype = 'e'
            AND e.classid = 'pg_catalog.{0}'::pg_catalog.regclass AND e.objid = {1})
"""

#: The schemas that are asked for; its parameter is as that of the queries for tables.
SPACES: Final = f"""
    SELECT n.oid, n.nspname::text AS name, nullif(n.nspname::text, current_schema()::text) AS schema
    FROM pg_catalog.pg_namespace n
    WHERE CASE WHEN CAST(:schemas AS text[]) IS NULL
        THEN n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
            AND NOT {_OF_EXTENSION.format("pg_namespace", "n.oid")}
        ELSE n.nspname::text IN (
            SELECT coalesce(asked, current_schema()::text) FROM unnest(CAST(:schemas AS text[])) AS asked)
        END
"""

#: The schema of what is made only to hear how the server words it.
PROBES: Final = """
    SELECT n.oid, n.nspname::text AS name, NULL::text AS schema
    FROM pg_catalog.pg_namespace n WHERE n.oid = pg_catalog.pg_my_temp_schema()
"""

#: Kind, schema, name, query, options, columns, what it is made of (kind, schema and name of each), its indexes.
VIEWS: Final = f"""
WITH spaces AS ({{spaces}})
SELECT c.relkind::text, s.schema, c.relname::text, rtrim(pg_catalog.pg_get_viewdef(c.oid), ';'), c.reloptions,
    ARRAY(SELECT a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_attribute a
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
    ARRAY(SELECT DISTINCT r.relkind::text || chr(31) || coalesce(nullif(n.nspname, current_schema()), '') || chr(31)
              || r.relname
          FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_depend d
              ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = w.oid
              AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> c.oid
          JOIN pg_catalog.pg_class r ON r.oid = d.refobjid JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
          WHERE w.ev_class = c.oid),
    ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid) FROM pg_catalog.pg_index i
          WHERE i.indrelid = c.oid ORDER BY i.indexrelid)
FROM pg_catalog.pg_class c JOIN spaces s ON s.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND NOT {_OF_EXTENSION.format("pg_class", "c.oid")}
ORDER BY c.oid
"""

#: Schema, name, kind, types of the arguments, the arguments, what stands behind them, what is returned.
FUNCTIONS: Final = f"""
WITH spaces AS ({{spaces}})
SELECT s.schema, p.proname::text, p.prokind::text, pg_catalog.oidvectortypes(p.proargtypes),
    pg_catalog.pg_get_function_arguments(p.oid),
    substr(pg_catalog.pg_get_functiondef(p.oid), length(
        'CREATE OR REPLACE ' || CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END || ' '
        || quote_ident(s.name) || '.' || quote_ident(p.proname) || '('
        || pg_catalog.pg_get_function_arguments(p.oid) || ')') + 1),
    coalesce(pg_catalog.pg_get_function_result(p.oid), '')
FROM pg_catalog.pg_proc p JOIN spaces s ON s.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE p.prokind IN ('f', 'p') AND l.lanname NOT IN ('c', 'internal')
    AND NOT {_OF_EXTENSION.format("pg_proc", "p.oid")}
ORDER BY p.oid
"""

#: Schema, table, name, the statement, the table as it stands there, constraint or not, schema and name of the function.
TRIGGERS: Final = f"""
WITH spaces AS ({{spaces}})
SELECT s.schema, c.relname::text, t.tgname::text, pg_catalog.pg_get_triggerdef(t.oid),
    quote_ident(s.name) || '.' || quote_ident(c.relname), t.tgconstraint <> 0,
    nullif(n.nspname::text, current_schema()::text), p.proname::text
FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN spaces s ON s.oid = c.relnamespace
JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND NOT {_OF_EXTENSION.format("pg_trigger", "t.oid")}
ORDER BY c.oid, t.tgname
"""

#: Name, version, schema.
EXTENSIONS: Final = """
SELECT x.extname::text, x.extversion, nullif(n.nspname::text, current_schema()::text)
FROM pg_catalog.pg_extension x JOIN pg_catalog.pg_namespace n ON n.oid = x.extnamespace
WHERE x.extname <> 'plpgsql' ORDER BY 1
"""
