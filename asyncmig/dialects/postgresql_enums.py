"""Enum uses of PostgreSQL: what hangs on an enumerated type, and how the type is exchanged under it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, text

from asyncmig.operations.base import TableName

#: The columns of a type and of its arrays, and all that depends on them or on the type: kind, schema, name, table, what
#: would make it again, whether the column is an array.
_USES = """
WITH enum AS (
    SELECT t.oid, t.typarray, n.nspname, t.typowner::regrole::text AS owner, obj_description(t.oid, 'pg_type') AS note,
           t.typowner = current_user::regrole AS mine
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typtype = 'e' AND t.typname = :name
      AND (n.nspname = :schema OR (CAST(:schema AS text) IS NULL AND pg_type_is_visible(t.oid)))
), cols AS (
    SELECT a.attrelid, a.attnum, a.attname, a.atttypid = e.typarray AS is_array, a.attinhcount, c.relkind
    FROM enum e JOIN pg_attribute a ON a.atttypid IN (e.oid, e.typarray) AND NOT a.attisdropped
    JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c')
), deps AS (
    SELECT d.classid, d.objid FROM pg_depend d JOIN enum e
      ON d.refclassid = 'pg_type'::regclass AND d.refobjid IN (e.oid, e.typarray)
    UNION
    SELECT d.classid, d.objid FROM pg_depend d JOIN cols k
      ON d.refclassid = 'pg_class'::regclass AND d.refobjid = k.attrelid AND d.refobjsubid = k.attnum
), rels AS (SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace)
SELECT 'type' AS kind, nspname AS s, owner AS n, NULL AS t, note AS made, mine AS flag FROM enum
UNION ALL
SELECT CASE r.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'c' THEN 'composite type'
       ELSE 'column' END, r.nspname, k.attname, r.relname, NULL, k.is_array
FROM cols k JOIN rels r ON r.oid = k.attrelid WHERE k.attinhcount = 0
UNION ALL
SELECT CASE WHEN a.attgenerated <> '' THEN 'generated column' ELSE 'default' END, r.nspname, a.attname, r.relname,
       pg_get_expr(f.adbin, f.adrelid), r.relispartition
FROM pg_attrdef f JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum JOIN rels r ON r.oid = f.adrelid
WHERE EXISTS (SELECT FROM deps WHERE classid = 'pg_attrdef'::regclass AND objid = f.oid)
   OR EXISTS (SELECT FROM cols k WHERE k.attrelid = f.adrelid AND k.attnum = f.adnum)
UNION ALL
SELECT 'constraint', r.nspname, o.conname, r.relname, pg_get_constraintdef(o.oid), o.contype = 'f'
FROM pg_constraint o JOIN deps d ON d.classid = 'pg_constraint'::regclass AND d.objid = o.oid
JOIN rels r ON r.oid = o.conrelid
WHERE o.contype IN ('c', 'f', 'x') AND o.conislocal AND o.conparentid = 0
UNION ALL
SELECT 'domain', n.nspname, t.typname, NULL, NULL, false
FROM pg_type t JOIN deps d ON d.classid = 'pg_type'::regclass AND d.objid = t.oid
JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'd'
UNION ALL
SELECT 'index', r.nspname, r.relname, NULL, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON '), false
FROM pg_index i JOIN rels r ON r.oid = i.indexrelid
WHERE (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL) AND NOT r.relispartition
  AND EXISTS (SELECT FROM deps WHERE classid = 'pg_class'::regclass AND objid = i.indexrelid)
  AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = i.indexrelid AND o.contype = 'x')
UNION ALL
SELECT DISTINCT CASE r.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'rule' END, r.nspname,
       CASE WHEN r.relkind IN ('v', 'm') THEN NULL ELSE w.rulename END, r.relname, NULL, false
FROM pg_rewrite w JOIN deps d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
JOIN rels r ON r.oid = w.ev_class
UNION ALL
SELECT 'trigger', r.nspname, g.tgname, r.relname, pg_get_triggerdef(g.oid), g.tgenabled = 'D'
FROM pg_trigger g JOIN deps d ON d.classid = 'pg_trigger'::regclass AND d.objid = g.oid JOIN rels r ON r.oid = g.tgrelid
WHERE NOT g.tgisinternal AND NOT r.relispartition
UNION ALL
SELECT 'policy', r.nspname, p.polname, r.relname, NULL, false
FROM pg_policy p JOIN deps d ON d.classid = 'pg_policy'::regclass AND d.objid = p.oid JOIN rels r ON r.oid = p.polrelid
UNION ALL
SELECT 'function', n.nspname, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', NULL, NULL, false
FROM pg_proc p JOIN deps d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
JOIN pg_namespace n ON n.oid = p.pronamespace
ORDER BY 1, 2, 4, 3
"""

#: What cannot be carried over to a new type.
_IN_THE_WAY: Final = frozenset(
    {
        "view",
        "materialized view",
        "composite type",
        "generated column",
        "domain",
        "rule",
        "policy",
        "function",
    }
)


@dataclass(frozen=True, slots=True)
class Use:
    """Something that hangs on an enumerated type.

    Args:
        kind: what it is.
        schema, name, table: what it is called.
        definition: what would make it again.
        flag: of a column, whether it is an array; of a constraint, whether it is a foreign key; of a trigger, whether
            it is disabled.
    """

    kind: str
    schema: str
    name: str | None
    table: str | None
    definition: str | None
    flag: bool

    def __str__(self) -> str:
        place = f"{self.schema}.{self.table}" if self.table else self.schema
        return f"{self.kind} {place}" if self.name is None or self.is_view else f"{self.kind} {place}.{self.name}"

    @property
    def is_view(self) -> bool:
        """Whether it is a view of either kind."""
        return self.kind in ("view", "materialized view")


@dataclass(frozen=True, slots=True)
class EnumUses:
    """What hangs on an enumerated type; its schema, its owner where that is somebody else, and its comment."""

    uses: tuple[Use, ...]
    schema: str | None = None
    owner: str | None = None
    comment: str | None = None

    def of(self, kind: str) -> list[Use]:
        """The uses of a kind, in order."""
        return [use for use in self.uses if use.kind == kind]

    @property
    def in_the_way(self) -> list[str]:
        """What cannot be carried over to another type, in words."""
        return list(dict.fromkeys(str(use) for use in self.uses if use.kind in _IN_THE_WAY))

    def naming(self, values: Sequence[str], literal: Callable[[Any], str]) -> list[str]:
        """What names one of *values*, in words."""
        texts = [f"{literal(value)}::" for value in values]
        return [str(use) for use in self.uses if any(text in (use.definition or "") for text in texts)]


def read_uses(connection: Connection, enum: TableName) -> EnumUses:
    """What hangs on an enumerated type."""
    rows = connection.execute(text(_USES), {"name": enum.name, "schema": enum.schema}).all()
    itself = next((row for row in rows if row[0] == "type"), None)
    uses = tuple(Use(*row) for row in rows if row[0] != "type")
    if itself is None:
        return EnumUses(uses)
    return EnumUses(uses, itself[1], None if itself[5] else itself[2], itself[4])


def is_extension(existing: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether *wanted* are the existing values in their order, with others between or behind them."""
    rest = iter(wanted)
    return all(value in rest for value in existing)


def additions(existing: Sequence[str], wanted: Sequence[str]) -> Iterator[tuple[str, str | None, str | None]]:
    """The values to add, each with the value that it stands before or behind; in an order in which that is there."""
    there = set(existing)
    for number, value in enumerate(wanted):
        if value in there:
            continue
        if number:
            yield value, None, wanted[number - 1]
        else:
            first = next((one for one in wanted if one in existing), None)
            yield value, first, None
        there.add(value)


class Exchange:
    """The statements that exchange an enumerated type for a new one of the same name.

    What the database keeps as an expression, such as a CHECK or the condition of an index, holds on to the old type, so
    it is dropped and made again. The new type still has the old names of values that are renamed, because these texts
    say them; they are renamed at the end.

    Args:
        enum: the type.
        values: the values of the new type.
        uses: what hangs on the old one.
        name: writes a name with its schema.
        literal: writes a string.
    """

    def __init__(
        self,
        enum: TableName,
        values: Sequence[str],
        uses: EnumUses,
        *,
        name: Callable[[str, str | None], str],
        literal: Callable[[Any], str],
    ) -> None:
        # One that is found on the search path stays where it is.
        self.enum = TableName(enum.name, enum.schema or uses.schema)
        self.values = values
        self.uses = uses
        self.name = name
        self.literal = literal

    def statements(self) -> Iterator[str]:
        """The statements, in order; all of them run in one transaction."""
        enum = self.name(*self.enum)
        old_name = f"{self.enum.name.encode()[:50].decode(errors='ignore')}__before"
        yield from self._taken_away()
        yield f"ALTER TYPE {enum} RENAME TO {self.name(old_name, None)}"
        yield f"CREATE TYPE {enum} AS ENUM ({', '.join(map(self.literal, self.values))})"
        yield from self._retyped(enum)
        yield from self._put_back()
        yield f"DROP TYPE {self.name(old_name, self.enum.schema)}"
        if self.uses.comment is not None:
            yield f"COMMENT ON TYPE {enum} IS {self.literal(self.uses.comment)}"
        if self.uses.owner is not None:
            yield f"ALTER TYPE {enum} OWNER TO {self.uses.owner}"

    def _table(self, use: Use) -> str:
        return self.name(str(use.table), use.schema)

    def _taken_away(self) -> Iterator[str]:
        for use in self.uses.of("trigger"):
            yield f"DROP TRIGGER {self.name(str(use.name), None)} ON {self._table(use)}"
        for use in sorted(self.uses.of("constraint"), key=lambda use: not use.flag):
            yield f"ALTER TABLE {self._table(use)} DROP CONSTRAINT {self.name(str(use.name), None)}"
        for use in self.uses.of("index"):
            yield f"DROP INDEX {self.name(str(use.name), use.schema)}"
        for use in self.uses.of("default"):
            yield f"ALTER TABLE {self._table(use)} ALTER COLUMN {self.name(str(use.name), None)} DROP DEFAULT"

    def _retyped(self, enum: str) -> Iterator[str]:
        for table, columns in groupby(self.uses.of("column"), key=self._table):
            changes = ", ".join(self._column(use, enum) for use in columns)
            yield f"ALTER TABLE {table} {changes}"

    def _column(self, use: Use, enum: str) -> str:
        column = self.name(str(use.name), None)
        array = "[]" if use.flag else ""
        return f"ALTER COLUMN {column} TYPE {enum}{array} USING {column}::text{array}::{enum}{array}"

    def _put_back(self) -> Iterator[str]:
        for use in self.uses.of("default"):
            column = self.name(str(use.name), None)
            yield f"ALTER TABLE {self._table(use)} ALTER COLUMN {column} SET DEFAULT {use.definition}"
        for use in self.uses.of("index"):
            yield str(use.definition)
        for use in sorted(self.uses.of("constraint"), key=lambda use: use.flag):
            name = self.name(str(use.name), None)
            yield f"ALTER TABLE {self._table(use)} ADD CONSTRAINT {name} {use.definition}"
        for use in self.uses.of("trigger"):
            yield str(use.definition)
            if use.flag:
                yield f"ALTER TABLE {self._table(use)} DISABLE TRIGGER {self.name(str(use.name), None)}"


def with_old_names(values: Sequence[str], renamed: Mapping[str, str]) -> list[str]:
    """Values with those that are renamed under the names that they have before."""
    old = {new: before for before, new in renamed.items()}
    return [old.get(value, value) for value in values]
