"""PyMySQL manners on aiomysql: what a plain script, which was written for PyMySQL, finds below its connection.

Both write values into the text of a statement; but aiomysql knows fewer kinds of them (no tuples and lists, and with
new versions of PyMySQL no bytes), and SQLAlchemy writes `%s` for it where it writes `%(name)s` for PyMySQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from aiomysql.cursors import RE_INSERT_VALUES
from pymysql.converters import escape_item
from sqlalchemy.engine import Dialect

from asyncmig.dialects.manners import Manners

#: How long a text of many rows may be, in characters; as in PyMySQL.
_LONGEST: Final = 1_024_000


def pymysql_manners(dialect: Dialect) -> Manners:
    """What plain scripts are given on a connection whose dialect is SQLAlchemy's for aiomysql, initialised."""
    base = type(dialect)
    mannered: Any = type(f"Mannered{base.__name__}", (_Mannered, base), {"supports_statement_cache": True})
    return Manners(mannered(dialect), ManneredDBAPIConnection)


def literal(value: Any, quoted: Callable[[str], str]) -> str:
    """A value as PyMySQL writes it.

    Args:
        value: the value.
        quoted: escapes a string as the session reads it.

    Raises:
        TypeError: PyMySQL would not know it either.
    """
    if isinstance(value, str):
        return f"'{quoted(value)}'"
    if isinstance(value, bytes | bytearray):
        return f"X'{value.hex()}'"
    if type(value) in (tuple, list, set, frozenset):
        return f"({','.join(literal(item, quoted) for item in value)})"
    return str(escape_item(value, "utf8mb4"))


def with_values(driver: Any, sql: str, parameters: Any, error: Callable[[str], Exception]) -> str:
    """A text in which each `%s` or `%(name)s` is replaced by the literal of its value.

    Args:
        driver: aiomysql's connection.
        sql: the text.
        parameters: a mapping or a sequence; None leaves the text as it is.
        error: makes the error for parameters that do not fit.
    """
    if parameters is None:
        return sql
    quoted = driver.escape_string
    written: Any
    if isinstance(parameters, Mapping):
        written = {key: literal(value, quoted) for key, value in parameters.items()}
    elif isinstance(parameters, Sequence) and not isinstance(parameters, str | bytes):
        written = tuple(literal(value, quoted) for value in parameters)
    else:
        written = literal(parameters, quoted)
    try:
        return str(sql % written)
    except TypeError as wrong:
        raise error(str(wrong)) from wrong


def execute(cursor: Any, sql: str, parameters: Any = None) -> Any:
    """Execute a statement with SQLAlchemy's *cursor*; gives how many rows it found or changed."""
    adapted = cursor._adapt_connection
    return cursor.execute(with_values(adapted.driver_connection, sql, parameters, adapted.dbapi.ProgrammingError))


def execute_many(cursor: Any, sql: str, parameters: Sequence[Any]) -> int:
    """Execute a statement once for each member of *parameters*; INSERT takes many rows at once, as PyMySQL has it."""
    match = RE_INSERT_VALUES.match(sql)
    if match is None:
        return sum(execute(cursor, sql, one) for one in parameters)
    prefix, values, suffix = match[1] % (), match[2].rstrip(), (match[3] or "") % ()
    adapted = cursor._adapt_connection
    rows = (with_values(adapted.driver_connection, values, one, adapted.dbapi.ProgrammingError) for one in parameters)
    return sum(cursor.execute(f"{prefix}{','.join(portion)}{suffix}") for portion in _portions(rows, len(prefix)))


def _portions(rows: Iterator[str], length: int) -> Iterator[list[str]]:
    portion: list[str] = []
    taken = length
    for row in rows:
        if portion and taken + len(row) > _LONGEST:
            yield portion
            portion, taken = [], length
        portion.append(row)
        taken += len(row) + 1
    if portion:
        yield portion


class ManneredCursor:
    """What stands for PyMySQL's cursor.

    Args:
        cursor: SQLAlchemy's cursor on aiomysql.
        owner: what the script sees as its connection.
        dictionaries: whether rows are dictionaries, as those of `DictCursor`.
    """

    def __init__(self, cursor: Any, owner: Any, dictionaries: bool) -> None:
        self._cursor = cursor
        self.connection = owner
        self._dictionaries = dictionaries

    def execute(self, query: str, args: Any = None) -> Any:
        """Execute a statement; gives how many rows it found or changed."""
        return execute(self._cursor, query, args)

    def executemany(self, query: str, args: Any) -> Any:
        """Execute a statement once for each member of *args*; gives how many rows it changed."""
        return execute_many(self._cursor, query, list(args))

    def mogrify(self, query: str, args: Any = None) -> str:
        """The text as it would be sent."""
        adapted = self._cursor._adapt_connection
        return with_values(adapted.driver_connection, query, args, adapted.dbapi.ProgrammingError)

    def fetchone(self) -> Any:
        """The next row; None after the last."""
        return self._row(self._cursor.fetchone())

    def fetchmany(self, size: int | None = None) -> Sequence[Any]:
        """The next rows."""
        return [self._row(row) for row in self._cursor.fetchmany(size)]

    def fetchall(self) -> Sequence[Any]:
        """All rows that are left."""
        return tuple([self._row(row) for row in self._cursor.fetchall()])

    def _row(self, row: Any) -> Any:
        if row is None or not self._dictionaries:
            return row
        return dict(zip([column[0] for column in self._cursor.description], row, strict=True))

    def __iter__(self) -> Iterator[Any]:
        while (row := self.fetchone()) is not None:
            yield row

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def __enter__(self) -> ManneredCursor:
        return self

    def __exit__(self, *error: object) -> None:
        self._cursor.close()


class ManneredDBAPIConnection:
    """What stands for PyMySQL's connection.

    Args:
        adapted: SQLAlchemy's connection of its DBAPI to aiomysql.
    """

    def __init__(self, adapted: Any) -> None:
        self._adapted = adapted

    def cursor(self, cursor: Any = None) -> ManneredCursor:
        """A cursor; *cursor* is a class of PyMySQL's cursors."""
        return ManneredCursor(self._adapted.cursor(), self, "Dict" in getattr(cursor, "__name__", ""))

    def escape(self, obj: Any, mapping: Any = None) -> str:
        """A value as a literal."""
        return literal(obj, self._adapted.driver_connection.escape_string)

    literal = escape

    def __getattr__(self, name: str) -> Any:
        if hasattr(self._adapted, name):
            return getattr(self._adapted, name)
        raise AttributeError(
            f"The connection has no {name!r}: it is aiomysql's, which stands in for PyMySQL's. Use a cursor, "
            "op.get_bind().connection.cursor(), or op.get_bind().execute(...)."
        )


class _Mannered:
    """What is put before SQLAlchemy's dialect for aiomysql."""

    driver = "pymysql"

    def __init__(self, base: Any) -> None:
        self.__dict__.update(base.__dict__)
        mannered: Any = self
        mannered.paramstyle = "pyformat"
        mannered.positional = False
        mannered.identifier_preparer = mannered.preparer(mannered)
        # SQLAlchemy gives its own preparer other words once it knows that the server is MariaDB.
        mannered.identifier_preparer.reserved_words = base.identifier_preparer.reserved_words

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        execute(cursor, statement, parameters)

    def do_executemany(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        count = execute_many(cursor, statement, parameters)
        if context is not None:
            context._rowcount = count
