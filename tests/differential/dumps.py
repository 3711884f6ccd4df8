"""Dumps: all that a database holds, in a form in which two databases can be compared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.engine import Inspector
from sqlalchemy.exc import OperationalError

#: Headings, such as `columns` or `rows of users`, and the lines under each.
Dump: TypeAlias = dict[str, list[str]]
Rows: TypeAlias = Sequence[Sequence[Any]]

#: Our own tables besides the version table, which Alembic does not make.
_OURS = ("asyncmig_log", "asyncmig_journal", "asyncmig_lock")
#: Its rows are compared, but not its definition: ours is wider.
_VERSION = "alembic_version"

_NOT_OURS = "!~ '^(asyncmig_|alembic_version)'"
_IN = "nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"

_POSTGRESQL: Mapping[str, str] = {
    "schemas": f"SELECT nspname, obj_description(oid) FROM pg_namespace WHERE {_IN}",
    "relations": "SELECT nspname, relname, relkind, relpersistence, reloptions, obj_description(c.oid)"
    f" FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE {_IN} AND relname {_NOT_OURS}",
    "columns": "SELECT nspname, relname, row_number() OVER (PARTITION BY c.oid ORDER BY attnum), attname,"
    " format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, pg_get_expr(adbin, adrelid),"
    " col_description(c.oid, attnum), collname, attstorage, attcompression"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
    " JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped"
    " LEFT JOIN pg_attrdef ON adrelid = c.oid AND adnum = attnum LEFT JOIN pg_collation l ON l.oid = attcollation"
    f" WHERE {_IN} AND relkind IN ('r', 'v', 'm', 'p') AND relname {_NOT_OURS}",
    "constraints": "SELECT nspname, conrelid::regclass::text, conname, pg_get_constraintdef(c.oid), convalidated,"
    " condeferrable, condeferred, obj_description(c.oid) FROM pg_constraint c"
    " JOIN pg_namespace n ON n.oid = connamespace"
    f" WHERE {_IN} AND conname {_NOT_OURS}",
    "indexes": "SELECT nspname, c.relname, pg_get_indexdef(c.oid), indisvalid, indisready, indislive, indisunique,"
    " indisprimary, indnullsnotdistinct FROM pg_index i JOIN pg_class c ON c.oid = indexrelid"
    f" JOIN pg_namespace n ON n.oid = relnamespace WHERE {_IN} AND c.relname {_NOT_OURS}",
    "enums": "SELECT nspname, typname, enumlabel, row_number() OVER (PARTITION BY t.oid ORDER BY enumsortorder)"
    " FROM pg_enum JOIN pg_type t ON t.oid = enumtypid JOIN pg_namespace n ON n.oid = typnamespace",
    "sequences": "SELECT schemaname, sequencename, data_type, start_value, min_value, max_value, increment_by, cycle,"
    " cache_size, last_value FROM pg_sequences WHERE sequencename !~ '^asyncmig_'",
    "owners of sequences": "SELECT objid::regclass::text, refobjid::regclass::text, refobjsubid, deptype FROM pg_depend"
    " WHERE classid = 'pg_class'::regclass AND deptype IN ('a', 'i') AND refobjsubid > 0"
    " AND objid IN (SELECT oid FROM pg_class WHERE relkind = 'S' AND relname !~ '^asyncmig_')",
    "functions": f"SELECT nspname, proname, prosrc FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace"
    f" WHERE {_IN}",
    "triggers": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "views": "SELECT schemaname, viewname, definition FROM pg_views"
    " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    "extensions": "SELECT extname FROM pg_extension",
}

_MYSQL: Mapping[str, str] = {
    "tables": "SELECT table_name, table_type, engine, row_format, table_collation, create_options, table_comment"
    " FROM information_schema.tables WHERE table_schema = DATABASE()",
    "columns": "SELECT table_name, ordinal_position, column_name, column_default, is_nullable, column_type,"
    " character_set_name, collation_name, extra, column_comment, generation_expression FROM information_schema.columns"
    " WHERE table_schema = DATABASE()",
    "indexes": "SELECT table_name, index_name, seq_in_index, column_name, non_unique, sub_part, collation, index_type"
    " FROM information_schema.statistics WHERE table_schema = DATABASE()",
    "constraints": "SELECT table_name, constraint_name, constraint_type FROM information_schema.table_constraints"
    " WHERE table_schema = DATABASE() AND constraint_type <> 'CHECK'",
    # The check of a JSON column is named after it by MariaDB, and keeps that name when the column gets another.
    "checks": "SELECT table_name, IF(check_clause LIKE 'json_valid(%%)', NULL, constraint_name), check_clause"
    " FROM information_schema.check_constraints WHERE constraint_schema = DATABASE()",
    "foreign keys": "SELECT k.table_name, k.constraint_name, column_name, ordinal_position, k.referenced_table_name,"
    " referenced_column_name, update_rule, delete_rule FROM information_schema.key_column_usage k"
    " JOIN information_schema.referential_constraints r ON r.constraint_schema = k.constraint_schema"
    " AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name WHERE k.table_schema = DATABASE()",
    "triggers": "SELECT trigger_name, event_object_table, action_statement FROM information_schema.triggers"
    " WHERE trigger_schema = DATABASE()",
    "views": "SELECT table_name, view_definition FROM information_schema.views WHERE table_schema = DATABASE()",
}


def dump(engine: Engine) -> Dump:
    """All that a database holds, but for the tables in which asyncmig keeps its own notes."""
    with engine.connect() as connection:
        found = {
            "sqlite": _sqlite,
            "postgresql": _postgresql,
            "mysql": _mysql,
        }[engine.dialect.name](connection)
        return {heading: sorted(lines) for heading, lines in found if lines}


def differences(theirs: Dump, ours: Dump) -> list[str]:
    """What differs between two dumps, a line each: `-` has Alembic only, `+` has asyncmig only."""
    found = []
    for heading in sorted({*theirs, *ours}):
        one, other = theirs.get(heading, []), ours.get(heading, [])
        if one != other:
            found += [f"- {heading}: {line}" for line in one if line not in other]
            found += [f"+ {heading}: {line}" for line in other if line not in one]
    return found


def _line(row: Sequence[Any]) -> str:
    return " | ".join(str(value) for value in row)


def _is_ours(name: str) -> bool:
    return name in _OURS


def _is_apart(name: str) -> bool:
    return name in _OURS or name == _VERSION


def _queries(connection: Connection, queries: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    for heading, query in queries.items():
        rows: Rows = connection.exec_driver_sql(query).fetchall()
        yield heading, [_line(row) for row in rows if not any(_is_apart(str(value)) for value in row)]


def _rows(connection: Connection, tables: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    for table in tables:
        result = connection.exec_driver_sql(f"SELECT * FROM {table}")
        names = list(result.keys())
        lines = [json.dumps(dict(zip(names, map(_value, row), strict=True)), sort_keys=True) for row in result]
        yield f"rows of {table}", lines


def _value(value: Any) -> str:
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    return f"{type(value).__name__} {value}"


def _postgresql(connection: Connection) -> Iterator[tuple[str, list[str]]]:
    yield from _queries(connection, _POSTGRESQL)
    found = connection.exec_driver_sql(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    )
    tables = [f'"{schema}"."{name}"' for schema, name in found.fetchall() if not _is_ours(name)]
    yield from _rows(connection, tables)


def _mysql(connection: Connection) -> Iterator[tuple[str, list[str]]]:
    yield from _queries(connection, _MYSQL)
    found = connection.exec_driver_sql("SHOW FULL TABLES WHERE table_type = 'BASE TABLE'").fetchall()
    names = [name for name, _ in found if not _is_ours(name)]
    for name in names:
        if name == _VERSION:
            continue
        text = str(connection.exec_driver_sql(f"SHOW CREATE TABLE `{name}`").fetchone()[1])  # type: ignore[index]
        yield f"definition of {name}", [line.rstrip(",") for line in text.splitlines()]
    yield from _rows(connection, [f"`{name}`" for name in names])


def _sqlite(connection: Connection) -> Iterator[tuple[str, list[str]]]:
    inspector = inspect(connection)
    names = [name for name in inspector.get_table_names() if not _is_ours(name)]
    for name in names:
        if name == _VERSION:
            continue
        yield f"table {name}", list(_sqlite_table(connection, inspector, name))
    views = connection.exec_driver_sql(
        "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type IN ('view', 'trigger')"
    )
    yield "views and triggers", [_line(row) for row in views]
    yield "integrity", [_line(row) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    yield "foreign keys", _foreign_key_check(connection)
    yield from _rows(connection, [f'"{name}"' for name in names])


def _foreign_key_check(connection: Connection) -> list[str]:
    """What violates a foreign key; or what SQLite says of a key that it cannot check."""
    try:
        return [_line(row) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")]
    except OperationalError as error:
        return [str(error.orig)]


def _sqlite_table(connection: Connection, inspector: Inspector, name: str) -> Iterator[str]:
    """A table as SQLite and SQLAlchemy see it, not as it is spelt."""
    quoted = f'"{name}"'
    for row in connection.exec_driver_sql(f"PRAGMA table_xinfo({quoted})"):
        yield f"column {_line(row)}"
    for column in inspector.get_columns(name):
        computed = column.get("computed")
        yield f"type {column['name']} {column['type']!r} {column['default']!r} {computed}"
    primary = inspector.get_pk_constraint(name)
    yield f"primary key {primary['name']} {primary['constrained_columns']}"
    for unique in inspector.get_unique_constraints(name):
        yield f"unique {unique['name']} {unique['column_names']}"
    for check in inspector.get_check_constraints(name):
        yield f"check {check['name']} {check['sqltext']}"
    for key in inspector.get_foreign_keys(name):
        yield (
            f"foreign key {key['name']} {key['constrained_columns']} {key['referred_table']}"
            f" {key['referred_columns']} {sorted(key['options'].items())}"
        )
    rows = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL", (name,)
    )
    for index, text in rows:
        yield f"index {index} {' '.join(str(text).replace(chr(34), '').split())}"
        for row in connection.exec_driver_sql(f'PRAGMA index_xinfo("{index}")'):
            yield f"index {index}: {_line(row)}"
    options = connection.exec_driver_sql("SELECT wr, strict FROM pragma_table_list WHERE name = ?", (name,)).fetchone()
    yield f"options {options}"


def version_rows(engine: Engine) -> list[str]:
    """The rows of the version table."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return []
        return sorted(connection.scalars(sa.text("SELECT version_num FROM alembic_version")))
