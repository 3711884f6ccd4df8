"""Statements: what the CREATE TABLE that SQLite keeps says, as states; read fast.

`sqlite_parse` takes a statement apart so that it can be put together again; this one only wants to know what it means.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from asyncmig.dialects.sqlite_parse import DefinitionError
from asyncmig.dialects.sqlite_words import Words
from asyncmig.operations.base import TableName
from asyncmig.schema import (
    CheckState,
    ComputedState,
    ForeignKeyState,
    PrimaryKeyState,
    UniqueState,
)
from asyncmig.schema.table import Options

#: Words that begin a clause of a column, and so end its type.
_CLAUSES: Final = frozenset(
    {"CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "AS", "DEFERRABLE"}
)
#: What ends a type besides.
_ENDS: Final = frozenset({",", ")", ""})
_CONSTRAINTS: Final = frozenset({"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"})


@dataclass(slots=True)
class ColumnText:
    """What the definition of a column says.

    Args:
        name: its name.
        type: its type, in upper case and with blanks where SQLAlchemy writes them.
        not_null: whether it says NOT NULL.
        default: the expression of its default.
        computed: what makes its values.
        collation: its collation, in upper case; None for BINARY.
        conflict: what ON CONFLICT says of its NOT NULL.
    """

    name: str
    type: str = ""
    not_null: bool = False
    default: str | None = None
    computed: ComputedState | None = None
    collation: str | None = None
    conflict: str | None = None


@dataclass(slots=True)
class TableText:
    """What a CREATE TABLE says; a foreign key that names no columns has none here.

    Args:
        name: its name.
        columns: its columns.
        primary_key: its primary key.
        uniques, foreign_keys, checks: its other constraints, in order.
        autoincrement, strict, with_rowid: its options.
        descending_key: whether its primary key stands at a column and is DESC, so that it never is the rowid.
    """

    name: str = ""
    columns: list[ColumnText] = field(default_factory=list)
    primary_key: PrimaryKeyState | None = None
    uniques: list[UniqueState] = field(default_factory=list)
    foreign_keys: list[ForeignKeyState] = field(default_factory=list)
    checks: list[CheckState] = field(default_factory=list)
    autoincrement: bool = False
    strict: bool = False
    with_rowid: bool = True
    descending_key: bool = False

    @property
    def integer_key(self) -> str | None:
        """The column that is another name for the rowid."""
        key = self.primary_key
        if key is None or len(key.columns) != 1 or not self.with_rowid or self.descending_key:
            return None
        name = key.columns[0].lower()
        return next((each.name for each in self.columns if each.name.lower() == name and each.type == "INTEGER"), None)


def read_table_text(sql: str) -> TableText:
    """What a CREATE TABLE says.

    Raises:
        DefinitionError: it is something else, or in words that are not known.
    """
    words = Words(sql)
    words.need("CREATE")
    if not words.take("TEMP"):
        words.take("TEMPORARY")
    words.need("TABLE")
    words.take("IF", "NOT", "EXISTS")
    table = TableText(words.name())
    if words.take("."):
        table.name = words.name()
    words.need("(")
    reader = _Reader(words, table)
    reader.read_items()
    words.need(")")
    while word := words.upper():
        words.at += 1
        table.strict = table.strict or word == "STRICT"
        table.with_rowid = table.with_rowid and word != "ROWID"
    return table


def read_column_text(sql: str) -> TableText:
    """What the definition of a column says, as a table that has only this one and the constraints in it."""
    reader = _Reader(Words(sql), TableText())
    reader.read_column()
    reader.need_end()
    return reader.table


def read_constraint_text(sql: str) -> TableText:
    """What a constraint says, as a table that has only this one."""
    reader = _Reader(Words(sql), TableText())
    reader.read_constraint()
    reader.need_end()
    return reader.table


class _Reader:
    """Reads columns and constraints into a table."""

    def __init__(self, words: Words, table: TableText) -> None:
        self.words = words
        self.table = table

    def need_end(self) -> None:
        if self.words.upper():
            raise DefinitionError(f"{self.words.upper()!r} is not known")

    def read_items(self) -> None:
        words = self.words
        while True:
            if words.upper() in _CONSTRAINTS and self.table.columns:
                self._read_constraints()
            else:
                self.read_column()
            if not words.take(","):
                return

    def _read_constraints(self) -> None:
        # SQLite does not insist on commas between constraints.
        while self.words.words[self.words.at] not in _ENDS:
            self.read_constraint()

    # -- columns ----------------------------------------------------------------------------------------------------

    def read_column(self) -> None:
        words = self.words
        column = ColumnText(words.name())
        self.table.columns.append(column)
        start = words.at
        pieces = words.words
        while (piece := pieces[words.at]) not in _ENDS and (upper := piece.upper()) not in _CLAUSES:
            if upper == "GENERATED" and words.upper(1) == "ALWAYS":
                break
            if piece == "(":
                words.group()
                break
            words.at += 1
        if words.at > start:
            column.type = _type(tuple(pieces[start : words.at]))
        while pieces[words.at] not in _ENDS:
            self._read_clause(column)

    def _read_clause(self, column: ColumnText) -> None:
        words = self.words
        name = self._constraint_name()
        word = words.upper()
        if word == "NOT" and words.upper(1) == "NULL":
            words.at += 2
            column.not_null = True
            column.conflict = self._conflict()
        elif word == "DEFAULT":
            words.at += 1
            column.default = self._default()
        elif word == "COLLATE":
            words.at += 1
            collation = words.name().upper()
            column.collation = None if collation == "BINARY" else collation
        elif word in ("GENERATED", "AS"):
            column.computed = self._computed()
        elif word == "NULL":
            words.at += 1
            self._conflict()
        elif not self._read_inline(column, name, word) and (name is None or word not in _ENDS):
            raise DefinitionError(f"{word!r} is not known")

    def _read_inline(self, column: ColumnText, name: str | None, word: str) -> bool:
        """Read a constraint that stands at a column; whether it is one."""
        words, table, columns = self.words, self.table, (column.name,)
        if word == "PRIMARY":
            words.need("PRIMARY", "KEY")
            if not words.take("ASC"):
                table.descending_key = words.take("DESC")
            table.primary_key = PrimaryKeyState(name, columns, _on_conflict(self._conflict()))
            table.autoincrement = words.take("AUTOINCREMENT")
        elif word == "UNIQUE":
            words.at += 1
            table.uniques.append(UniqueState(name, columns, options=_on_conflict(self._conflict())))
        elif word == "CHECK":
            words.at += 1
            table.checks.append(CheckState(name, words.text(*words.group())))
        elif word == "REFERENCES":
            table.foreign_keys.append(self._references(name, columns))
        elif word in ("DEFERRABLE", "NOT") and table.foreign_keys:
            self._defer_last()
        else:
            return False
        return True

    def _constraint_name(self) -> str | None:
        name = None
        words = self.words
        while words.words[words.at].upper() == "CONSTRAINT":
            words.at += 1
            name = words.name()
        return name

    def _conflict(self) -> str | None:
        words = self.words
        if len(words.words[words.at]) != 2 or not words.take("ON", "CONFLICT"):
            return None
        word = words.upper()
        words.at += 1
        return None if word == "ABORT" else word

    def _default(self) -> str:
        words = self.words
        if words.words[words.at] == "(":
            return words.text(*words.group())
        first = words.at
        words.at += 2 if words.words[first] in ("+", "-") else 1
        return "".join(words.words[first : words.at])

    def _computed(self) -> ComputedState:
        words = self.words
        words.take("GENERATED", "ALWAYS")
        words.need("AS")
        expression = words.text(*words.group())
        stored = words.take("STORED")
        if not stored:
            words.take("VIRTUAL")
        return ComputedState(expression, stored)

    # -- constraints ------------------------------------------------------------------------------------------------

    def read_constraint(self) -> None:
        words, table = self.words, self.table
        name = self._constraint_name()
        if words.take("PRIMARY", "KEY"):
            columns = words.names()
            table.primary_key = PrimaryKeyState(name, columns, _on_conflict(self._conflict()))
        elif words.take("UNIQUE"):
            columns = words.names()
            table.uniques.append(UniqueState(name, columns, options=_on_conflict(self._conflict())))
        elif words.take("CHECK"):
            text = words.text(*words.group())
            table.checks.append(CheckState(name, text, _on_conflict(self._conflict())))
        elif words.take("FOREIGN", "KEY"):
            table.foreign_keys.append(self._references(name, words.names()))
        elif name is None or words.words[words.at] not in _ENDS:
            raise DefinitionError(f"{words.upper()!r} is not known")

    def _references(self, name: str | None, columns: tuple[str, ...]) -> ForeignKeyState:
        words = self.words
        words.need("REFERENCES")
        referent = TableName(words.name(), None)
        remote = words.names() if words.words[words.at] == "(" else ()
        actions: dict[str, str | None] = {"UPDATE": None, "DELETE": None, "MATCH": None}
        while words.upper() in ("ON", "MATCH"):
            kind = "MATCH" if words.take("MATCH") else words.upper(1)
            words.at += 0 if kind == "MATCH" else 2
            said = words.upper()
            words.at += 1
            if said in ("SET", "NO"):
                said = f"{said} {words.upper()}"
                words.at += 1
            actions[kind] = None if said in ("NO ACTION", "SIMPLE") else said
        deferrable, deferred = self._deferral()
        return ForeignKeyState(
            name,
            columns,
            referent,
            remote,
            onupdate=actions["UPDATE"],
            ondelete=actions["DELETE"],
            deferrable=deferrable,
            initially_deferred=deferred,
            match=actions["MATCH"],
        )

    def _deferral(self) -> tuple[bool, bool]:
        """Whether it is deferrable, and deferred."""
        words = self.words
        deferrable = words.take("DEFERRABLE")
        if not deferrable and not words.take("NOT", "DEFERRABLE"):
            return False, False
        deferred = False
        if words.take("INITIALLY"):
            deferred = words.upper() == "DEFERRED"
            words.at += 1
        return deferrable, deferrable and deferred

    def _defer_last(self) -> None:
        """What stands apart from the foreign key before it means that one."""
        deferrable, deferred = self._deferral()
        key = self.table.foreign_keys[-1]
        self.table.foreign_keys[-1] = replace(key, deferrable=deferrable, initially_deferred=deferred)


def _on_conflict(word: str | None) -> Options:
    return () if word is None else (("sqlite_on_conflict", word),)


@lru_cache(maxsize=512)
def _type(words: tuple[str, ...]) -> str:
    """A type as SQLAlchemy would write it: in upper case, with blanks only between words and behind commas."""
    text = ""
    for word in words:
        glued = not text or word in ("(", ")", ",") or text[-1] in "(-+"
        text += ("" if glued else " ") + (word if word[:1] in "\"'`[" else word.upper())
    return text


@lru_cache(maxsize=512)
def type_text(text: str) -> str:
    """A type in the same form as those of `ColumnText`."""
    return _type(tuple(Words(text).words[:-1]))
