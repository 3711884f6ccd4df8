"""Sqlite3 manners on aiosqlite: what a plain script, which was written for sqlite3, finds below its connection.

sqlite3 begins a transaction with the first INSERT, UPDATE or DELETE and not before, so a script could switch a pragma
or write through a second connection. A run of ours holds the write lock from its beginning, so that the whole revision
takes effect or none of it. Therefore what has no effect in a transaction is sent between two of them, and what a script
takes for a second connection is this one, with savepoints for its transactions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite

from asyncmig._sqlalchemy import await_
from asyncmig.dialects.manners import ManneredConnection, ManneredEngine, Manners
from asyncmig.dialects.sql_text import SQLITE, split_statements
from asyncmig.dialects.sqlite_text import begins, changes_rows, commits, is_transactional


class ManneredCursor:
    """What stands for sqlite3's cursor.

    Args:
        cursor: SQLAlchemy's cursor on aiosqlite.
        owner: what the script sees as its connection.
    """

    def __init__(self, cursor: Any, owner: Any) -> None:
        self._cursor = cursor
        self.connection = owner

    def execute(self, sql: str, parameters: Any = ()) -> ManneredCursor:
        """Execute a statement; gives this cursor."""
        send(self._cursor, sql, parameters)
        return self

    def executemany(self, sql: str, parameters: Any) -> ManneredCursor:
        """Execute a statement once for each member of *parameters*; gives this cursor."""
        self._cursor.executemany(sql, list(parameters))
        return self

    def executescript(self, sql: str) -> ManneredCursor:
        """Execute statements, which share the transaction of the run."""
        for statement in split_statements(sql, SQLITE):
            if not (begins(statement) or commits(statement)):
                send(self._cursor, statement, ())
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)

    def __enter__(self) -> ManneredCursor:
        return self

    def __exit__(self, *error: object) -> None:
        self._cursor.close()


class ManneredDBAPIConnection:
    """What stands for sqlite3's connection.

    Args:
        adapted: SQLAlchemy's connection of its DBAPI to aiosqlite.
    """

    def __init__(self, adapted: Any) -> None:
        self.__dict__.update(_adapted=adapted)

    def cursor(self, *_: Any, **__: Any) -> ManneredCursor:
        """A cursor."""
        return ManneredCursor(self._adapted.cursor(), self)

    def execute(self, sql: str, parameters: Any = ()) -> ManneredCursor:
        """Execute a statement with a cursor of its own."""
        return self.cursor().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any) -> ManneredCursor:
        """Execute a statement many times with a cursor of its own."""
        return self.cursor().executemany(sql, parameters)

    def executescript(self, sql: str) -> ManneredCursor:
        """Execute statements with a cursor of their own."""
        return self.cursor().executescript(sql)

    def begin(self) -> None:
        """Begin a transaction, unless one is open or the driver begins it by itself."""
        driver = self._adapted.driver_connection
        shared = isinstance(self._adapted, SharedDBAPIConnection)
        if not shared and driver.isolation_level is None and not driver.in_transaction:
            self._adapted.execute(_BEGIN).close()

    def iterdump(self) -> Iterator[str]:
        """The statements that make this database."""
        return iter(self._in_thread(lambda: list(self._sqlite.iterdump())))

    @property
    def _sqlite(self) -> Any:
        return self._adapted.driver_connection._conn

    def _in_thread(self, function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        """Call a function where aiosqlite's thread works with the connection."""
        try:
            return await_(self._adapted.driver_connection._execute(function, *arguments, **keywords))
        except Exception as error:
            self._adapted._handle_exception(error)
            raise

    def __getattr__(self, name: str) -> Any:
        if hasattr(type(self._adapted), name) or isinstance(self._adapted, SharedDBAPIConnection):
            return getattr(self._adapted, name)
        found = getattr(self._sqlite, name)
        return partial(self._in_thread, found) if callable(found) and name not in _VALUES else found

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(type(self._adapted), name):
            setattr(self._adapted, name, value)
        else:
            self._in_thread(setattr, self._sqlite, name, value)

    def __enter__(self) -> ManneredDBAPIConnection:
        return self

    def __exit__(self, *error: object) -> None:
        # In sqlite3 the block is a transaction; the one that it is in here, is ended by the run.
        pass


#: What a connection of sqlite3 has that can be called, but is a value.
_VALUES = frozenset({"row_factory", "text_factory"})


def send(cursor: Any, sql: str, parameters: Any) -> None:
    """Execute a statement; between two transactions, where it has no effect inside of one.

    Args:
        cursor: SQLAlchemy's cursor on aiosqlite.
        sql: the statement.
        parameters: its values.
    """
    if not cursor._adapt_connection.driver_connection.in_transaction:
        cursor.execute(sql, parameters)
    elif begins(sql):
        pass  # one is open
    elif commits(sql):
        cursor.execute(sql, parameters)
        cursor.execute(_BEGIN)
    elif is_transactional(sql):
        cursor.execute(sql, parameters)
    else:
        cursor.execute("COMMIT")
        try:
            cursor.execute(sql, parameters)
            rows = list(cursor._rows)
        finally:
            beginning = cursor._adapt_connection.cursor()
            beginning.execute(_BEGIN)
            beginning.close()
        cursor._rows.extend(rows[len(cursor._rows) :])


_BEGIN = "BEGIN IMMEDIATE"


class _ManneredDialect(SQLiteDialect_aiosqlite):
    """SQLAlchemy's dialect, where a transaction that a script begins is one, and pragmas have their effect.

    Args:
        base: the dialect of the run.
        in_autocommit: tells whether the script is outside of transactions at the moment.
    """

    driver = "pysqlite"
    supports_statement_cache = True

    def __init__(self, base: Any, in_autocommit: Callable[[], bool]) -> None:
        self.__dict__.update(base.__dict__)
        self._in_autocommit = in_autocommit

    def do_begin(self, dbapi_connection: Any) -> None:
        if not self._in_autocommit():
            dbapi_connection.dbapi_connection.begin()

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        send(cursor, statement, parameters)

    def do_execute_no_params(self, cursor: Any, statement: str, context: Any = None) -> None:
        send(cursor, statement, ())


class SharingEngine(ManneredEngine):
    """The engine of a run: what it gives for a second connection is the one of the run.

    Args:
        connection: the connection of the run.
        in_autocommit: tells whether the script is outside of transactions at the moment.
    """

    def __init__(self, connection: Connection, in_autocommit: Callable[[], bool]) -> None:
        manners = Manners(_ManneredDialect(connection.dialect, in_autocommit), ManneredDBAPIConnection)
        super().__init__(connection.engine, {}, manners)
        self.shared = connection

    def raw_connection(self) -> Any:
        return self.mannered(SharedConnection(self.shared))


class _SharingOptionEngine(ManneredEngine):
    """The same, with options of its own."""

    def __init__(self, engine: Any, options: Any) -> None:
        super().__init__(engine, options)
        self.shared: Connection = engine.shared

    raw_connection = SharingEngine.raw_connection


SharingEngine._option_cls = _SharingOptionEngine
_SharingOptionEngine._option_cls = _SharingOptionEngine
SharingEngine._connection_cls = _SharingOptionEngine._connection_cls = ManneredConnection


class SharedDBAPIConnection:
    """The connection of the run, where a transaction is a savepoint: begun, as by sqlite3, with the first change.

    Args:
        adapted: SQLAlchemy's connection of its DBAPI to aiosqlite.
        name: of the savepoint.
    """

    #: None means that each statement stands for itself.
    isolation_level: str | None = ""

    def __init__(self, adapted: Any, name: str) -> None:
        self.adapted = adapted
        self.driver_connection = adapted.driver_connection
        self._name = name
        self._begun = False

    def cursor(self, *arguments: Any, **keywords: Any) -> Any:
        """A cursor."""
        return _SharedCursor(self.adapted.cursor(*arguments, **keywords), self)

    def execute(self, sql: str, parameters: Any = None) -> Any:
        """Execute a statement with a cursor of its own."""
        cursor = self.cursor()
        cursor.execute(sql, parameters)
        return cursor

    def before(self, sql: str) -> None:
        """Begin the transaction, if *sql* changes rows."""
        if self.isolation_level is not None and not self._begun and changes_rows(sql):
            self._begun = True
            self._execute(f"SAVEPOINT {self._name}")

    def commit(self) -> None:
        """Keep what was done; the run commits it."""
        if self._begun:
            self._begun = False
            self._execute(f"RELEASE {self._name}")

    def rollback(self) -> None:
        """Undo what was done since the last commit."""
        if self._begun:
            self._begun = False
            self._execute(f"ROLLBACK TO {self._name}")
            self._execute(f"RELEASE {self._name}")

    def _execute(self, sql: str) -> None:
        # What the run has ended meanwhile, has taken the savepoint along.
        if sql.startswith("SAVEPOINT") or self.driver_connection.in_transaction:
            self.adapted.execute(sql).close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.adapted, name)


class _SharedCursor:
    def __init__(self, cursor: Any, connection: SharedDBAPIConnection) -> None:
        self._cursor = cursor
        self._connection = connection

    def execute(self, sql: str, parameters: Any = None) -> Any:
        self._connection.before(sql)
        return self._cursor.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any) -> Any:
        self._connection.before(sql)
        return self._cursor.executemany(sql, parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)


class _Record:
    """What a pool keeps of a connection, as far as SQLAlchemy asks for it."""

    def __init__(self) -> None:
        self.finalize_callback: list[Any] = []


class SharedConnection:
    """What stands for a connection that the pool has handed out.

    Args:
        connection: the connection of the run.
    """

    is_valid = True

    def __init__(self, connection: Connection) -> None:
        pooled: Any = connection.connection
        self.dbapi_connection = SharedDBAPIConnection(pooled.dbapi_connection, f"asyncmig_{id(self):x}")
        self.driver_connection = pooled.driver_connection
        self.info: dict[Any, Any] = {}
        self.record_info: dict[Any, Any] = {}
        self._connection_record = _Record()

    def cursor(self, *arguments: Any, **keywords: Any) -> Any:
        """A cursor."""
        return self.dbapi_connection.cursor(*arguments, **keywords)

    def commit(self) -> None:
        """Keep what was done."""
        self.dbapi_connection.commit()

    def rollback(self) -> None:
        """Undo what was done since the last commit."""
        self.dbapi_connection.rollback()

    def close(self) -> None:
        """Undo what was not committed; the connection of the run stays open."""
        self.rollback()

    def _close_special(self, transaction_reset: bool = False) -> None:
        self.close()

    def invalidate(self, e: BaseException | None = None, soft: bool = False) -> None:
        """Nothing: the run sees to its connection."""

    def detach(self) -> None:
        """Nothing: it belongs to the run."""
