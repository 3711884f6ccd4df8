"""MySQLTable: a table of MySQL or MariaDB as SHOW CREATE TABLE tells it, and how it is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, NamedTuple, cast

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from asyncmig.dialects.driver_errors import errno
from asyncmig.dialects.mysql_columns import ColumnDefinition, Token, tokens, unquote, without_escapes
from asyncmig.errors import OperationError
from asyncmig.operations.base import TableName


class IndexName(NamedTuple):
    """The name of an index whose table is not known, and the schema in which it is looked for."""

    name: str
    schema: str | None = None
    kind: str = "index"

    def as_table(self) -> TableName:
        """The same, to be asked for among the tables; it differs from every name of a table."""
        return cast(TableName, self)

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True, slots=True)
class MySQLColumn:
    """A column: its name, and its definition as text."""

    name: str
    definition: ColumnDefinition


@dataclass(frozen=True, slots=True)
class MySQLKey:
    """A key or constraint of a table.

    Args:
        kind: `primary`, `unique`, `index`, `foreignkey` or `check`.
        name: its name, None where it has none or the server has yet to give it one.
        columns: its columns, in order; empty for a CHECK.
    """

    kind: str
    name: str | None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MySQLTable:
    """A table: its columns and keys, in order."""

    columns: tuple[MySQLColumn, ...]
    keys: tuple[MySQLKey, ...] = ()

    def column(self, name: str) -> MySQLColumn | None:
        """The column *name*; names of columns do not distinguish case."""
        return next((column for column in self.columns if same(column.name, name)), None)

    def named(self, name: str) -> tuple[MySQLKey, ...]:
        """The keys and constraints of this name."""
        return tuple(key for key in self.keys if same(key.name, name))

    @property
    def primary_key(self) -> MySQLKey | None:
        """The primary key."""
        return next((key for key in self.keys if key.kind == "primary"), None)

    def column_before(self, name: str, *, leaving_out: str | None = None) -> str | None:
        """The column that stands before *name* when *leaving_out* is not counted; None when it is the first."""
        names = [column.name for column in self.columns if not same(column.name, leaving_out)]
        place = next(n for n, column in enumerate(names) if same(column, name))
        return names[place - 1] if place else None

    def with_column(
        self, column: MySQLColumn, *, instead_of: str | None = None, place: Place | None = None
    ) -> MySQLTable:
        """With a column put at its place: at that of the column that it replaces, or at the end, by default."""
        columns = list(self.columns)
        position = len(columns)
        if instead_of is not None:
            position = next((n for n, old in enumerate(columns) if same(old.name, instead_of)), position)
            del columns[position : position + 1]
        if place is not None:
            position = 0
            if place.after is not None:
                position = next((n for n, old in enumerate(columns, 1) if same(old.name, place.after)), len(columns))
        columns.insert(position, column)
        return replace(self, columns=tuple(columns))

    def without_column(self, name: str) -> MySQLTable:
        """Without a column; the keys lose it too."""
        columns = tuple(column for column in self.columns if not same(column.name, name))
        keys = [replace(key, columns=tuple(c for c in key.columns if not same(c, name))) for key in self.keys]
        return MySQLTable(columns, tuple(key for key in keys if key.columns or key.kind == "check"))

    def with_column_renamed(self, old: str, new: str) -> MySQLTable:
        """With another name for a column in the keys."""
        keys = tuple(replace(key, columns=tuple(new if same(c, old) else c for c in key.columns)) for key in self.keys)
        return replace(self, keys=keys)

    def with_key(self, key: MySQLKey) -> MySQLTable:
        """With one more key."""
        return replace(self, keys=(*self.keys, key))

    def without_key(self, name: str, kind: str | None = None) -> MySQLTable:
        """Without the keys of this name (the primary key has none); only those of one kind, if it is given."""
        keys = tuple(
            key
            for key in self.keys
            if not (key.kind == "primary" if kind == "primary" else same(key.name, name) and kind in (None, key.kind))
        )
        return replace(self, keys=keys)

    def left_without(self, name: str) -> tuple[MySQLKey, ...]:
        """The foreign keys that no index would serve any more without the key *name*."""
        others = [key.columns for key in self.keys if key.kind in _SERVING and not same(key.name, name)]
        dropped = [key.columns for key in self.named(name) if key.kind in _SERVING]
        keys = [key for key in self.keys if key.kind == "foreignkey" and any(_serves(one, key) for one in dropped)]
        return tuple(key for key in keys if not any(_serves(columns, key) for columns in others))


_SERVING: Final = frozenset({"primary", "unique", "index"})


def _serves(columns: Sequence[str], key: MySQLKey) -> bool:
    """Whether an index on *columns* serves a foreign key: its columns stand first there, in their order."""
    return len(columns) >= len(key.columns) and all(map(same, columns, key.columns))


class Place(NamedTuple):
    """Where a column goes: after another one, or first of all."""

    after: str | None


def same(name: str | None, other: str | None) -> bool:
    """Whether two names of columns or keys are the same to the server."""
    return name is not None and other is not None and name.casefold() == other.casefold()


# -- reading a CREATE TABLE ---------------------------------------------------------------------------------------

_KEY_WORDS: Final = frozenset(
    {"PRIMARY", "UNIQUE", "KEY", "INDEX", "FULLTEXT", "SPATIAL", "CONSTRAINT", "FOREIGN", "CHECK"}
)
_KINDS: Final = {"PRIMARY": "primary", "UNIQUE": "unique", "FOREIGN": "foreignkey", "CHECK": "check"}


def parse_table(sql: str, *, escapes: bool = True) -> MySQLTable:
    """Read the text of a CREATE TABLE."""
    body = next(token.text for token in tokens(sql, escapes=escapes) if token.kind == "group")[1:-1]
    columns: list[MySQLColumn] = []
    keys: list[MySQLKey] = []
    for entry in _entries(body, escapes=escapes):
        words = [token.keyword for token in entry[:2]]
        if words[0] in _KEY_WORDS or words in (["VECTOR", "KEY"], ["VECTOR", "INDEX"]):
            keys.append(_key(entry, escapes=escapes))
        elif words != ["PERIOD", "FOR"]:
            definition = body[entry[1].start : entry[-1].end]
            columns.append(MySQLColumn(unquote(entry[0].text), ColumnDefinition.parse(definition, escapes=escapes)))
    return MySQLTable(tuple(columns), tuple(keys))


def added_key(sql: str, *, escapes: bool = True) -> MySQLKey:
    """The key that an ALTER TABLE ... ADD CONSTRAINT makes."""
    pieces = tokens(sql, escapes=escapes)
    start = next(n for n, token in enumerate(pieces) if token.keyword == "ADD")
    return _key(pieces[start + 1 :], escapes=escapes)


def _entries(body: str, *, escapes: bool) -> Iterator[list[Token]]:
    entry: list[Token] = []
    for token in tokens(body, escapes=escapes):
        if token.text == ",":
            yield entry
            entry = []
        else:
            entry.append(token)
    yield entry


def _key(entry: Sequence[Token], *, escapes: bool) -> MySQLKey:
    words = [token.keyword for token in entry]
    kind = next((_KINDS[word] for word in words if word in _KINDS), "index")
    if kind == "check":
        columns: tuple[str, ...] = ()
    else:
        group = next(token for token in entry if token.kind == "group")
        columns = tuple(unquote(part[0].text) for part in _entries(group.text[1:-1], escapes=escapes))
    name = None
    for before, token in pairwise(entry):
        introduces = before.keyword in _KEY_WORDS - {"PRIMARY", "FOREIGN", "CHECK"}
        if introduces and token.kind in ("name", "word") and token.keyword not in {*_KEY_WORDS, "USING"}:
            name = unquote(token.text)
            break
    return MySQLKey(kind, None if kind == "primary" else name, columns)


# -- reading the database ------------------------------------------------------------------------------------------

#: Modes of MariaDB in which SHOW CREATE TABLE leaves attributes of columns out.
_LOSSY_MODES: Final = frozenset({"NO_FIELD_OPTIONS", "MYSQL323", "MYSQL40"})
_NO_SUCH_TABLE: Final = 1146


def read_table(connection: Connection, table_name: str) -> MySQLTable | None:
    """Read a table of the live database; None when there is none of this name.

    Args:
        connection: the connection.
        table_name: the quoted name.

    Raises:
        OperationError: the session is set up so that the server does not tell all of the definition.
    """
    session = connection.execute(text("SELECT @@SESSION.sql_mode, @@SESSION.character_set_results")).one()
    modes = set(str(session[0]).upper().split(","))
    if lossy := sorted(modes & _LOSSY_MODES):
        raise OperationError(
            f"The definition of {table_name} cannot be read completely with sql_mode {', '.join(lossy)}.",
            hint=f"SET SESSION sql_mode = REPLACE(@@sql_mode, '{lossy[0]}', '')",
        )
    try:
        result = connection.exec_driver_sql(
            f"SHOW CREATE TABLE {table_name}", execution_options={"no_parameters": True}
        )
    except DBAPIError as error:
        if errno(error) == _NO_SUCH_TABLE:
            return None
        raise
    if list(result.keys())[1] != "Create Table":  # a view
        result.close()
        return None
    sql = str(result.one()[1])
    charset = session[1]
    if charset is not None and not charset.startswith("utf8") and "?" in sql:
        # The server writes a question mark for what the connection has no character for; sent back, it would stay.
        raise OperationError(
            f"The definition of {table_name} may hold characters that a connection with {charset} does not show.",
            hint="Add ?charset=utf8mb4 to the URL of the database.",
        )
    escapes = "NO_BACKSLASH_ESCAPES" not in modes
    return parse_table(sql if escapes else without_escapes(sql), escapes=escapes)


_TABLES_OF_INDEX: Final = text(
    "SELECT DISTINCT table_name FROM information_schema.statistics "
    "WHERE table_schema = COALESCE(:schema, DATABASE()) AND index_name = :name ORDER BY table_name"
)


def read_tables_of_index(connection: Connection, index: IndexName) -> tuple[str, ...]:
    """The tables that have an index of this name."""
    rows = connection.execute(_TABLES_OF_INDEX, {"schema": index.schema, "name": index.name})
    return tuple(str(row[0]) for row in rows)
