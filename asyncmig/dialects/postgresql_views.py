"""View uses of PostgreSQL: what hangs on a view, so that it can be dropped and made again with all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text

from asyncmig.operations.base import TableName

#: The view and the views that are made of it, from the first to the last, each with what makes it and all of it again.
_USES: Final = """
WITH RECURSIVE top AS (
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm') AND c.relname = :name
      AND (n.nspname = :schema OR (CAST(:schema AS text) IS NULL AND pg_table_is_visible(c.oid)))
), made_of AS (
    SELECT oid, 0 AS depth FROM top
    UNION
    SELECT w.ev_class, m.depth + 1
    FROM made_of m JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = m.oid
      AND d.classid = 'pg_rewrite'::regclass
    JOIN pg_rewrite w ON w.oid = d.objid AND w.ev_class <> m.oid
), views AS (SELECT oid, max(depth) AS depth FROM made_of GROUP BY oid)
SELECT v.depth, c.relkind::text, format('%I.%I', n.nspname, c.relname),
       'CREATE ' || CASE c.relkind WHEN 'm' THEN 'MATERIALIZED ' ELSE '' END || 'VIEW '
       || format('%I.%I', n.nspname, c.relname)
       || coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', '') || ' AS' || chr(10)
       || rtrim(pg_get_viewdef(c.oid), ';'),
       ARRAY(
           SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i WHERE i.indrelid = c.oid ORDER BY i.indexrelid
       ) || ARRAY(
           SELECT pg_get_triggerdef(g.oid) FROM pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal
           ORDER BY g.tgname
       ),
       CASE WHEN c.relowner <> current_user::regrole THEN pg_get_userbyid(c.relowner) END,
       ARRAY(
           SELECT format('GRANT %s ON %I.%I TO %s%s', string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type),
                         n.nspname, c.relname, CASE a.grantee WHEN 0 THEN 'PUBLIC'
                         ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
                         CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
           FROM aclexplode(c.relacl) a WHERE a.grantee <> c.relowner
           GROUP BY a.grantee, a.is_grantable ORDER BY a.grantee
       ) || ARRAY(
           SELECT format('COMMENT ON %s %I.%I IS %L', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END,
                         n.nspname, c.relname, d.description)
           FROM pg_description d WHERE d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
       )
FROM views v JOIN pg_class c ON c.oid = v.oid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') ORDER BY v.depth, 3
"""


@dataclass(frozen=True, slots=True)
class ViewUse:
    """A view as it is.

    Args:
        depth: how many views stand between it and the one that was asked for; 0 for that one.
        kind: `v`, or `m` for a materialized one.
        name: its quoted name.
        creates: what makes it again.
        parts: what makes its indexes and triggers again.
        owner: its owner, where that is somebody else.
        grants: what grants on it and says of it what is granted and said.
    """

    depth: int
    kind: str
    name: str
    creates: str
    parts: tuple[str, ...]
    owner: str | None
    grants: tuple[str, ...]

    @property
    def word(self) -> str:
        """VIEW, or what it is called."""
        return "MATERIALIZED VIEW" if self.kind == "m" else "VIEW"


def read_views(connection: Connection, view: TableName) -> tuple[ViewUse, ...]:
    """The view and the views that are made of it; nothing when there is no such view."""
    rows = connection.execute(text(_USES), {"name": view.name, "schema": view.schema}).all()
    return tuple(ViewUse(row[0], row[1], row[2], row[3], tuple(row[4]), row[5], tuple(row[6])) for row in rows)
