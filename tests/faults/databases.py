"""Databases: what the tests do with a database from outside: empty it, look at all of it, cut its connections."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, ClassVar

import psycopg2  # type: ignore[import-untyped]
import pymysql
from sqlalchemy.engine import URL, make_url

#: Everything that a database holds, as lines under headings: tables, indexes, ..., and the rows of each table.
Dump = dict[str, list[str]]
Row = tuple[Any, ...]

#: More rows than this are kept as their digest.
_SHOWN = 40
#: Our own tables, whose rows name moments and runs.
_OURS = ("asyncmig_log", "asyncmig_journal", "asyncmig_lock")
#: Those that are made when they are first needed, which is earlier where something is disturbed.
_MADE_LATE = ("asyncmig_journal", "asyncmig_lock")


class Database(ABC):
    """A database of a test.

    Args:
        url: its URL with the async driver.
    """

    name: ClassVar[str]
    foreign_keys: ClassVar[bool] = False
    can_be_cut: ClassVar[bool] = True
    quotes: ClassVar[str] = '"'

    def __init__(self, url: str) -> None:
        self.url = url
        self.parsed: URL = make_url(url)

    @property
    def dialect(self) -> str:
        """The name of its dialect."""
        return self.parsed.get_backend_name()

    @abstractmethod
    def rows(self, sql: str) -> list[Row]:
        """The rows of a query, on a connection of its own."""

    @abstractmethod
    def reset(self) -> None:
        """Make it empty."""

    @abstractmethod
    def _schema(self) -> Iterator[tuple[str, Iterable[Row]]]:
        """Headings, and what the catalogue says under each."""

    @abstractmethod
    def _tables(self) -> Sequence[str]:
        """The names of all tables."""

    def close(self) -> None:  # noqa: B027 - most have nothing to close
        """Close the connection that looks at it, if one is open."""

    def cut(self) -> int:
        """Cut all connections of others to it, and say how many there were."""
        raise NotImplementedError

    def dump(self) -> Dump:
        """All that it holds, in a form that can be compared."""
        dump = {heading: [_line(row) for row in rows if not _is_made_late(row)] for heading, rows in self._schema()}
        for table in self._tables():
            if table not in _OURS:
                dump[f"rows of {table}"] = _kept(
                    sorted(map(_line, self.rows(f"SELECT * FROM {self.quotes}{table}{self.quotes}")))
                )
        return dump

    def done(self) -> list[tuple[str, str]]:
        """Direction and revision of all that the log calls done, in order."""
        if "asyncmig_log" not in self._tables():
            return []
        rows = self.rows("SELECT direction, revision FROM asyncmig_log WHERE outcome = 'done' ORDER BY id")
        return [(str(direction), str(revision)) for direction, revision in rows]

    def journal(self) -> list[Row]:
        """What is in the journal."""
        if "asyncmig_journal" not in self._tables():
            return []
        return self.rows("SELECT revision, ordinal, state, description FROM asyncmig_journal")

    def others(self) -> list[Row]:
        """The connections of others."""
        return []

    @abstractmethod
    def transactions(self) -> list[Row]:
        """The transactions that others have open, as far as they hold anything."""


def _line(row: Row) -> str:
    return " | ".join(re.sub(r"\s+", " ", str(value)).strip() for value in row)


def _is_made_late(row: Row) -> bool:
    return any(name in str(value) for value in row for name in _MADE_LATE)


def _kept(lines: list[str]) -> list[str]:
    if len(lines) <= _SHOWN:
        return lines
    return [f"{len(lines)} rows", hashlib.sha256("\n".join(lines).encode()).hexdigest()]


class Server(Database):
    """A database of a server, looked at through one connection that stays open."""

    _connection: Any = None

    @abstractmethod
    def _connect(self) -> Any:
        """A connection that commits each statement."""

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        if self._connection is None:
            self._connection = self._connect()
        with self._connection.cursor() as cursor:
            yield cursor

    def rows(self, sql: str) -> list[Row]:
        with self._cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class PostgreSQL(Server):
    name = "postgresql"

    def _connect(self) -> Any:
        url = self.parsed
        connection = psycopg2.connect(
            host=url.host, port=url.port, user=url.username, password=url.password, dbname=url.database
        )
        connection.autocommit = True
        return connection

    def reset(self) -> None:
        with self._cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")

    def _schema(self) -> Iterator[tuple[str, Iterable[Row]]]:
        with self._cursor() as cursor:
            for heading, query in _POSTGRESQL.items():
                cursor.execute(query)
                yield heading, cursor.fetchall()

    def _tables(self) -> Sequence[str]:
        found = self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return [name for (name,) in found]

    def others(self) -> list[Row]:
        return self.rows(
            "SELECT pid, state, query FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )

    def transactions(self) -> list[Row]:
        return [row for row in self.others() if row[1] != "idle"]

    def cut(self) -> int:
        found = self.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return len(found)


_IN_PUBLIC = "'public'::regnamespace"
_POSTGRESQL = {
    "relations": "SELECT relname, relkind, relpersistence, obj_description(oid) FROM pg_class"
    f" WHERE relnamespace = {_IN_PUBLIC} ORDER BY 1",
    "columns": "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,"
    " a.attgenerated, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum) FROM pg_class c"
    " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
    f" WHERE c.relnamespace = {_IN_PUBLIC} AND c.relkind IN ('r', 'v', 'p') ORDER BY c.relname, a.attnum",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated"
    f" FROM pg_constraint WHERE connamespace = {_IN_PUBLIC} ORDER BY 1, 2",
    "indexes": "SELECT c.relname, pg_get_indexdef(c.oid), i.indisvalid, i.indisready, i.indislive"
    f" FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = {_IN_PUBLIC} ORDER BY 1",
    "enums": "SELECT t.typname, e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid"
    " ORDER BY t.typname, e.enumsortorder",
    "functions": f"SELECT proname, prosrc FROM pg_proc WHERE pronamespace = {_IN_PUBLIC} ORDER BY 1",
    "triggers": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
    "views": "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public' ORDER BY 1",
}


class MySQL(Server):
    name = "mysql"
    quotes = "`"

    def _connect(self) -> Any:
        url = self.parsed
        return pymysql.connect(
            host=url.host,
            port=url.port or 3306,
            user=url.username,
            password=url.password or "",
            database=url.database,
            autocommit=True,
        )

    def reset(self) -> None:
        with self._cursor() as cursor:
            cursor.execute(f"DROP DATABASE `{self.parsed.database}`")
            cursor.execute(f"CREATE DATABASE `{self.parsed.database}` CHARACTER SET utf8mb4")
        self.close()

    def _schema(self) -> Iterator[tuple[str, Iterable[Row]]]:
        with self._cursor() as cursor:
            cursor.execute("SHOW FULL TABLES")
            found = list(cursor.fetchall())
            yield "tables", found
            for name, _ in found:
                cursor.execute(f"SHOW CREATE TABLE `{name}`")
                yield f"table {name}", [(re.sub(r" AUTO_INCREMENT=\d+", "", cursor.fetchone()[1]),)]
            for heading, query in _MYSQL.items():
                cursor.execute(query)
                yield heading, cursor.fetchall()

    def _tables(self) -> Sequence[str]:
        return [name for name, kind in self.rows("SHOW FULL TABLES") if kind == "BASE TABLE"]

    def others(self) -> list[Row]:
        return self.rows(
            "SELECT id, command, state, info FROM information_schema.processlist"
            " WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        )

    def transactions(self) -> list[Row]:
        return self.rows("SELECT trx_mysql_thread_id, trx_state, trx_query FROM information_schema.innodb_trx")

    def cut(self) -> int:
        found = self.others()
        with self._cursor() as cursor:
            for row in found:
                try:
                    cursor.execute(f"KILL CONNECTION {row[0]}")
                except pymysql.err.MySQLError as error:
                    if error.args[0] != 1094:  # It is gone by itself.
                        raise
        return len(found)


_MYSQL = {
    "triggers": "SELECT trigger_name, event_object_table, action_statement FROM information_schema.triggers"
    " WHERE trigger_schema = DATABASE() ORDER BY 1",
    "routines": "SELECT routine_name, routine_type, routine_definition FROM information_schema.routines"
    " WHERE routine_schema = DATABASE() ORDER BY 1",
}


class SQLite(Database):
    name = "sqlite"
    can_be_cut = False

    @property
    def _path(self) -> str:
        return str(self.parsed.database)

    def rows(self, sql: str) -> list[Row]:
        with closing(sqlite3.connect(self._path)) as connection:
            return list(connection.execute(sql).fetchall())

    def transactions(self) -> list[Row]:
        with closing(sqlite3.connect(self._path, timeout=0)) as connection:
            try:
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                return [(str(error),)]
        return []

    def reset(self) -> None:
        for suffix in ("", "-journal", "-wal", "-shm"):
            Path(self._path + suffix).unlink(missing_ok=True)

    def _schema(self) -> Iterator[tuple[str, Iterable[Row]]]:
        yield "schema", self.rows("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")
        yield "integrity", self.rows("PRAGMA integrity_check")
        yield "foreign keys", self.rows("PRAGMA foreign_key_check")

    def _tables(self) -> Sequence[str]:
        return [name for (name,) in self.rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")]


class SQLiteWithForeignKeys(SQLite):
    name = "sqlite with foreign keys"
    foreign_keys = True


KINDS: tuple[type[Database], ...] = (SQLite, SQLiteWithForeignKeys, PostgreSQL, MySQL)
