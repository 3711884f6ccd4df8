"""Cursor of psycopg2's manners on a connection of asyncpg: values in the text, several statements at once, plain rows.

A statement that gives no rows goes by the simple protocol, which takes several at once, as psycopg2 does; one that
gives rows is prepared, since asyncpg hands out rows only then. Nothing prepared is kept: the texts differ with their
values, and a plan that was kept may not fit a table that the script has changed since.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Awaitable, Iterator, Sequence
from typing import Any, Final, NoReturn

from asyncmig._sqlalchemy import await_
from asyncmig.dialects.postgresql_copy import copy_in, copy_out, copy_text, is_from
from asyncmig.dialects.postgresql_literals import NoLiteralError, with_values
from asyncmig.dialects.postgresql_values import Converter, converters
from asyncmig.dialects.sql_text import POSTGRESQL, first_words, split_statements

#: How many statements of `executemany` go at once.
_AT_ONCE: Final = 100
#: How many rows a cursor on the server fetches at once.
_FETCHED: Final = 2_000


class ManneredCursor:
    """A cursor that does what psycopg2's does.

    Args:
        connection: SQLAlchemy's connection of its DBAPI to asyncpg.
        dialect: SQLAlchemy's dialect for asyncpg, which is told when definitions change.
        owner: what the script sees as the cursor's connection.
    """

    arraysize = 1
    server_side = False

    def __init__(self, connection: Any, dialect: Any, owner: Any = None) -> None:
        self._adapted = connection
        self._dialect = dialect
        self.connection = owner if owner is not None else connection
        self.description: Sequence[tuple[Any, ...]] | None = None
        self.rowcount = -1
        self.statusmessage: str | None = None
        self.query: bytes | None = None
        self.closed = False
        self._rows: deque[tuple[Any, ...]] = deque()

    # -- sending ----------------------------------------------------------------------------------------------------

    def execute(self, operation: Any, parameters: Any = None) -> None:
        """Send a text of one statement or more; the rows are those of the last one."""
        self._send(self._filled(operation, parameters))

    def executemany(self, operation: Any, seq_of_parameters: Any) -> None:
        """Send a statement once for each member of *seq_of_parameters*; there are no rows.

        Many go on one trip, and the server tells only of the last one how many rows it has changed; so nothing is said.
        """
        texts = [self._filled(operation, parameters) for parameters in seq_of_parameters]
        at_once = _AT_ONCE if texts and not gives_rows(texts[0]) else 1
        for first in range(0, len(texts), at_once):
            self._send(";\n".join(texts[first : first + at_once]))
        if len(texts) != 1:
            self._forget()

    def mogrify(self, operation: Any, parameters: Any = None) -> bytes:
        """The text as it would be sent."""
        return self._filled(operation, parameters).encode()

    def _filled(self, operation: Any, parameters: Any) -> str:
        if isinstance(operation, bytes):
            operation = operation.decode()
        if not isinstance(operation, str):
            raise TypeError(
                f"a cursor takes a text, not {type(operation).__name__}; objects of psycopg2.sql need a connection "
                "of psycopg2: write the names into the text, as in f'ALTER TABLE \"{name}\" ...'"
            )
        try:
            return with_values(operation, parameters)
        except NoLiteralError as error:
            raise self._adapted.dbapi.ProgrammingError(str(error)) from None

    def _send(self, text: str) -> None:
        self._forget()
        self.query = text.encode()
        await_(self._sent(text))

    def _forget(self) -> None:
        self._rows.clear()
        self.description, self.rowcount, self.statusmessage = None, -1, None

    async def _sent(self, text: str) -> None:
        adapted = self._adapted
        first, last = parts(text)
        async with adapted._execute_mutex:
            try:
                await self._begin()
                if first is not None:
                    self._note(await adapted.driver_connection.execute(first))
                    if first_words(first, limit=1)[:1] not in _COUNTED:
                        # Plans and types that were learnt for others may not fit any more.
                        self._dialect._invalidate_schema_cache()
                if last is not None:
                    await self._fetch(last)
            except Exception as error:
                _raise(adapted, error)

    async def _begin(self) -> None:
        if self._adapted._transaction is None:
            await self._adapted._start_transaction()

    async def _fetch(self, text: str) -> None:
        statement = await self._prepared(text)
        rows = await statement.fetch()
        self._take(rows, self._describe(statement))
        self._note(statement.get_statusmsg() or "")
        if self.description is not None:
            self.rowcount = len(self._rows)

    async def _prepared(self, text: str, *, named: bool = False) -> Any:
        adapted = self._adapted
        driver = adapted.driver_connection
        await adapted._check_type_cache_invalidation(self._dialect._invalidate_schema_cache_asof)
        # One without a name leaves nothing behind; outside a transaction it might be somebody else's by then.
        nameless = not named and driver.is_in_transaction()
        return await driver.prepare(text, name="" if nameless else adapted._prepared_statement_name_func())

    def _describe(self, statement: Any) -> list[Converter | None] | None:
        attributes = statement.get_attributes()
        if not attributes:
            return None
        self.description = [(one.name, one.type.oid, None, None, None, None, None) for one in attributes]
        settings = self._adapted.driver_connection.get_settings()
        return converters([one.type for one in attributes], getattr(settings, "TimeZone", "UTC"))

    def _take(self, rows: Sequence[Any], convert: list[Converter | None] | None) -> None:
        if convert is None:
            self._rows.extend(map(tuple, rows))
            return
        for row in rows:
            pairs = zip(row, convert, strict=True)
            self._rows.append(tuple([value if turn is None else turn(value) for value, turn in pairs]))

    def _note(self, status: str) -> None:
        self.statusmessage = status
        count = status.rpartition(" ")[2]
        self.rowcount = int(count) if count.isdecimal() else -1

    # -- copying ----------------------------------------------------------------------------------------------------

    def copy_expert(self, sql: str, file: Any, size: int = 8192) -> None:
        """Send a file to `COPY ... FROM STDIN`, or write what `COPY ... TO STDOUT` gives into it."""
        self._forget()
        driver = self._adapted.driver_connection
        await_(self._copied(copy_in(driver, sql, file, size) if is_from(sql) else copy_out(driver, sql, file)))

    def copy_from(
        self, file: Any, table: str, sep: str = "\t", null: str = "\\N", size: int = 8192, columns: Any = None
    ) -> None:
        """Send a file to a table."""
        self.copy_expert(copy_text(table, columns, "FROM STDIN", sep, null), file, size)

    def copy_to(self, file: Any, table: str, sep: str = "\t", null: str = "\\N", columns: Any = None) -> None:
        """Write a table into a file."""
        self.copy_expert(copy_text(table, columns, "TO STDOUT", sep, null), file)

    async def _copied(self, copying: Awaitable[str]) -> None:
        async with self._adapted._execute_mutex:
            try:
                await self._begin()
                self._note(await copying)
            except Exception as error:
                _raise(self._adapted, error)

    # -- rows -------------------------------------------------------------------------------------------------------

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row; None after the last."""
        self._require_rows()
        return self._rows.popleft() if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        """The next rows."""
        self._require_rows()
        return [self._rows.popleft() for _ in range(min(size or self.arraysize, len(self._rows)))]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows that are left."""
        self._require_rows()
        rows = list(self._rows)
        self._rows.clear()
        return rows

    def _require_rows(self) -> None:
        if self.description is None:
            raise self._adapted.dbapi.ProgrammingError("no results to fetch")

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        while (row := self.fetchone()) is not None:
            yield row

    # -- end --------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Let go of the rows that are left."""
        self._rows.clear()
        self.closed = True

    async def _async_soft_close(self) -> None:
        """The rows are all here; SQLAlchemy asks for this before it reads them."""

    def setinputsizes(self, *sizes: Any) -> None:
        """Nothing, as in psycopg2."""

    def setoutputsize(self, *sizes: Any) -> None:
        """Nothing, as in psycopg2."""

    def __enter__(self) -> ManneredCursor:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"The cursor has no {name!r}; this connection is asyncpg's, not psycopg2's.")


class ManneredServerCursor(ManneredCursor):
    """The same, but the rows stay on the server until they are asked for: `stream_results`, `yield_per`."""

    server_side = True  # as SQLAlchemy's own cursors say it
    _portal: Any = None
    _convert: list[Converter | None] | None = None

    async def _fetch(self, text: str) -> None:
        statement = await self._prepared(text, named=True)
        self._convert = self._describe(statement)
        self._portal = await statement.cursor()

    def _more(self, size: int) -> None:
        if self._portal is not None and len(self._rows) < size:
            fetched = await_(self._portal.fetch(max(size - len(self._rows), _FETCHED)))
            self._take(fetched, self._convert)

    def fetchone(self) -> tuple[Any, ...] | None:
        self._more(1)
        return super().fetchone()

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        self._more(size or self.arraysize)
        return super().fetchmany(size)

    def fetchall(self) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        self._more(_FETCHED)
        while self._rows:
            rows += super().fetchall()
            self._more(_FETCHED)
        return rows

    def close(self) -> None:
        self._portal = None
        super().close()


# -- statements -----------------------------------------------------------------------------------------------------


def parts(text: str) -> tuple[str | None, str | None]:
    """What is to be sent by the simple protocol, and what is to be prepared because it may give rows."""
    if ";" not in text:
        return (None, text) if gives_rows(text) else (text, None)
    statements = split_statements(text, POSTGRESQL)
    # (The action of a rule may be several statements in parentheses.)
    if not statements or not gives_rows(statements[-1]) or "RULE" in first_words(text, limit=4):
        return text, None
    return ";\n".join(statements[:-1]) or None, statements[-1]


def gives_rows(statement: str) -> bool:
    """Whether a statement may give rows."""
    word = first_words(statement, limit=1)
    if not word:
        return bool(statement.strip())
    if word[0] in _CHANGES:
        return _RETURNING.search(statement) is not None
    return word[0] not in _WITHOUT_ROWS


_CHANGES: Final = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})
_COUNTED: Final = frozenset([*((word,) for word in _CHANGES), ("SELECT",), ("SET",)])
_RETURNING: Final = re.compile(r"\breturning\b", re.IGNORECASE)
_WITHOUT_ROWS: Final = frozenset(
    {
        *("ALTER", "ANALYZE", "BEGIN", "COMMENT", "COMMIT", "CREATE", "DO", "DROP", "GRANT", "LOCK", "REFRESH"),
        *("REINDEX", "RELEASE", "RESET", "REVOKE", "ROLLBACK", "SAVEPOINT", "SET", "TRUNCATE", "VACUUM"),
    }
)


# -- errors ---------------------------------------------------------------------------------------------------------


def _raise(adapted: Any, error: Exception) -> NoReturn:
    """Raise a driver's error as psycopg2 classifies it: by the first two characters of its SQLSTATE."""
    try:
        adapted._handle_exception(error)
    except adapted.dbapi.Error as translated:
        state = getattr(translated, "sqlstate", None)
        if state is None or not isinstance(error, Exception):
            raise
        name = _CLASSES.get(state, _CLASSES.get(state[:2], "DatabaseError"))
        kind = getattr(adapted.dbapi, name)
        if isinstance(translated, kind):
            raise
        raise kind(translated.args[0], error) from error
    raise error


_CLASSES: Final = {
    "0A": "NotSupportedError",
    "20": "ProgrammingError",
    "21": "ProgrammingError",
    "22": "DataError",
    "23": "IntegrityError",
    "24": "InternalError",
    "25": "InternalError",
    "26": "OperationalError",
    "27": "OperationalError",
    "28": "OperationalError",
    "2B": "InternalError",
    "2D": "InternalError",
    "2F": "InternalError",
    "34": "OperationalError",
    "38": "InternalError",
    "39": "InternalError",
    "3B": "InternalError",
    "3D": "ProgrammingError",
    "3F": "ProgrammingError",
    "40": "OperationalError",
    "42": "ProgrammingError",
    "44": "ProgrammingError",
    "53": "OperationalError",
    "54": "OperationalError",
    "55": "OperationalError",
    "57": "OperationalError",
    "58": "OperationalError",
    "F0": "InternalError",
    "HV": "OperationalError",
    "P0": "InternalError",
    "XX": "InternalError",
    "08": "OperationalError",
}
