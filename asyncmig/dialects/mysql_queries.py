"""MySQL queries: what is asked of `information_schema`; a number of statements that does not grow with the tables.

MariaDB opens each table for nearly every view there, so each is asked once for a whole database, by a condition on
`table_schema` alone that spares it the other databases.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import Connection

from asyncmig._drivers import has_driver_text, send_aiomysql_texts
from asyncmig._sqlalchemy import greenlet_spawn, spawn_to_the_end

Rows = Sequence[Sequence[Any]]

SERVER: Final = (
    "SELECT DATABASE()",
    "SHOW VARIABLES WHERE Variable_name IN ('explicit_defaults_for_timestamp', 'lower_case_table_names', 'sql_mode')",
    "SELECT character_set_name, default_collate_name, maxlen FROM information_schema.character_sets",
    "SELECT schema_name, default_collation_name FROM information_schema.schemata",
)
SYSTEM_DATABASES: Final = frozenset({"information_schema", "mysql", "performance_schema", "sys"})

_TABLES: Final = (
    "SELECT table_name, table_type, engine, table_collation, create_options, table_comment"
    " FROM information_schema.tables WHERE table_schema = {schema} AND table_type <> 'VIEW'"
)
_COLUMNS: Final = (
    "SELECT table_name, column_name, ordinal_position, column_default, is_nullable, column_type, collation_name, extra,"
    " column_comment, generation_expression FROM information_schema.columns WHERE table_schema = {schema}"
)
_KEYS: Final = (
    "SELECT table_name, index_name, seq_in_index, non_unique, column_name, collation, sub_part, index_type,"
    " {expression} FROM information_schema.statistics WHERE table_schema = {schema}"
)
_REFERENCES: Final = (
    "SELECT table_name, constraint_name, ordinal_position, column_name, referenced_table_schema, referenced_table_name,"
    " referenced_column_name FROM information_schema.key_column_usage"
    " WHERE table_schema = {schema} AND referenced_table_name IS NOT NULL"
)
_RULES: Final = (
    "SELECT table_name, constraint_name, update_rule, delete_rule FROM information_schema.referential_constraints"
    " WHERE constraint_schema = {schema}"
)
_CHECKS: Final = (
    "SELECT table_name, constraint_name, level, check_clause FROM information_schema.check_constraints"
    " WHERE constraint_schema = {schema}"
)
_MYSQL_CHECKS: Final = (
    "SELECT t.table_name, t.constraint_name, 'Table', c.check_clause FROM information_schema.table_constraints t"
    " JOIN information_schema.check_constraints c"
    " ON c.constraint_schema = t.constraint_schema AND c.constraint_name = t.constraint_name"
    " WHERE t.table_schema = {schema} AND t.constraint_type = 'CHECK'"
)


def database_queries(schema: str, *, is_mariadb: bool) -> list[str]:
    """What is asked about a database: tables, columns, keys, what foreign keys refer to, their rules, CHECKs.

    Args:
        schema: its name as a literal.
        is_mariadb: whose it is.
    """
    expression = "NULL" if is_mariadb else "expression"
    checks = _CHECKS if is_mariadb else _MYSQL_CHECKS
    texts = (_TABLES, _COLUMNS, _KEYS, _REFERENCES, _RULES, checks)
    return [text.format(schema=schema, expression=expression) for text in texts]


@asynccontextmanager
async def looking(connection: Connection) -> AsyncIterator[None]:
    """Leave no transaction behind where none was open."""
    was_open = connection.in_transaction()
    try:
        yield
    finally:
        if not was_open and connection.in_transaction() and not connection.invalidated:
            await spawn_to_the_end(connection.rollback)


async def fetch(connection: Connection, texts: Sequence[str]) -> list[Rows]:
    """The rows that each of *texts* gives; on one trip where the driver takes them so."""
    if connection.in_transaction() and has_driver_text(connection, "aiomysql"):
        answers = await send_aiomysql_texts(connection, texts)
        return [() if isinstance(answer, int) else answer for answer in answers]
    return await greenlet_spawn(_fetch, connection, texts)


def _fetch(connection: Connection, texts: Sequence[str]) -> list[Rows]:
    found: list[Rows] = []
    for text in texts:
        result = connection.exec_driver_sql(text, execution_options={"no_parameters": True})
        found.append(result.fetchall() if result.returns_rows else ())
    return found
