"""MySQL catalogue: what the server says of tables, as a digest; DDL takes effect as a whole or not at all there."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

#: The counter in SHOW CREATE TABLE moves with every row.
_COUNTER = re.compile(r" AUTO_INCREMENT=\d+")
#: The number of the error for a table that is not there.
NO_SUCH_TABLE = 1146

#: Everything of the current database that DDL can change, in a stable order.
_EVERYTHING = (
    "SELECT table_name, table_type, engine, table_collation, table_comment, create_options"
    " FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1",
    "SELECT table_name, column_name, ordinal_position, column_default, is_nullable, column_type, collation_name, extra,"
    " column_comment FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY 1, 3",
    "SELECT table_name, index_name, seq_in_index, column_name, non_unique, sub_part, index_type"
    " FROM information_schema.statistics WHERE table_schema = DATABASE() ORDER BY 1, 2, 3",
    "SELECT table_name, constraint_name, constraint_type FROM information_schema.table_constraints"
    " WHERE table_schema = DATABASE() ORDER BY 1, 2",
    "SELECT constraint_name, check_clause FROM information_schema.check_constraints"
    " WHERE constraint_schema = DATABASE() ORDER BY 1, 2",
    "SELECT table_name, view_definition FROM information_schema.views WHERE table_schema = DATABASE() ORDER BY 1",
    "SELECT trigger_name, event_object_table, action_timing, event_manipulation, action_statement"
    " FROM information_schema.triggers"
    " WHERE trigger_schema = DATABASE() ORDER BY 1",
    "SELECT specific_name, routine_type, ordinal_position, parameter_mode, parameter_name, dtd_identifier"
    " FROM information_schema.parameters WHERE specific_schema = DATABASE() ORDER BY 1, 2, 3",
    "SELECT routine_name, routine_type, routine_definition, is_deterministic, sql_data_access, security_type"
    " FROM information_schema.routines"
    " WHERE routine_schema = DATABASE() ORDER BY 1, 2",
    "SELECT schema_name FROM information_schema.schemata ORDER BY 1",
)
#: The sequences of the current database (MariaDB); their options are told one by one.
_SEQUENCES = (
    "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'SEQUENCE'"
    " ORDER BY 1"
)


def digest(connection: Connection, names: Iterable[str]) -> str:
    """The digest of the definitions of tables.

    Args:
        connection: the connection, inside the bridge.
        names: quoted names of tables; all of the database when there are none.
    """
    found = sorted(names)
    return digest_of([_definition(connection, name) for name in found] if found else _all(connection))


def digest_of(lines: Iterable[str]) -> str:
    """The digest of what the catalogue says."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def question(name: str) -> str:
    """What asks for the definition of a table."""
    return f"SHOW CREATE TABLE {name}"


def definition(name: str, rows: Sequence[Sequence[Any]]) -> str:
    """The definition of a table, without what moves by itself; *rows* is what came of the question."""
    return f"{name}: {_COUNTER.sub('', str(rows[0][1]))}" if rows else f"{name}: none"


def _definition(connection: Connection, name: str) -> str:
    try:
        rows = connection.exec_driver_sql(question(name), execution_options={"no_parameters": True}).all()
    except DBAPIError as error:
        if error.orig is not None and error.orig.args[:1] == (NO_SUCH_TABLE,):
            return definition(name, ())
        raise
    return definition(name, rows)


def _all(connection: Connection) -> Iterator[str]:
    for query in _EVERYTHING:
        for row in connection.execute(text(query)):
            yield repr(tuple(_plain(value) for value in row))
    quote = connection.dialect.identifier_preparer.quote_identifier
    for name in connection.execute(text(_SEQUENCES)).scalars().all():
        yield repr(connection.exec_driver_sql(f"SHOW CREATE SEQUENCE {quote(name)}").one()[1])


def _plain(value: Any) -> Any:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
