"""TableDefinition: the CREATE TABLE that SQLite keeps of a table, as parts that can be exchanged one by one.

Every part keeps the exact text it was written with, with the white space and the comments around it, so that what is
not touched is rendered as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from asyncmig.dialects.sqlite_tokens import significant

ClauseKind: TypeAlias = Literal[
    "primary key",
    "not null",
    "null",
    "unique",
    "check",
    "default",
    "collate",
    "references",
    "foreign key",
    "generated",
    "deferrable",
    "name only",
]

_TYPES_OF_NUMBERS: Final = ("NUMERIC", "DECIMAL")


@dataclass(frozen=True, slots=True)
class Reference:
    """What a foreign key refers to; no columns: the primary key."""

    table: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """A constraint of a column or of the table.

    Args:
        kind: what it is.
        text: how it is written, with its CONSTRAINT name.
        name: its name.
        columns: the columns that a PRIMARY KEY, UNIQUE or FOREIGN KEY of the table names.
        body: the expression of a CHECK, DEFAULT or generated column, without parentheses.
        target: what a foreign key refers to.
        lead, trail, after: white space and comments before it, before the comma, and behind the comma.
    """

    kind: ClauseKind
    text: str
    name: str | None = None
    columns: tuple[str, ...] = ()
    body: str = ""
    target: Reference | None = None
    lead: str = " "
    trail: str = ""
    after: str = ""

    def has_word(self, word: str) -> bool:
        """Whether the bare word *word* stands in its text (`AUTOINCREMENT`, `STORED`, `CONFLICT`)."""
        return any(token.upper == word for token in significant(self.text))

    def named(self, name: str, quoted: str) -> Clause:
        """The same clause with a name, which it has none of yet."""
        return replace(self, name=name, text=f"CONSTRAINT {quoted} {self.text}")


@dataclass(frozen=True, slots=True)
class ColumnDefinition:
    """A column.

    Args:
        name: its name.
        name_text: how the name is written.
        type_text: its type as it is written; empty when it has none.
        clauses: its constraints, its default, its collation.
        type_lead: what stands between name and type.
        lead, trail, after: white space and comments before it, before the comma, and behind the comma.
    """

    name: str
    name_text: str
    type_text: str
    clauses: tuple[Clause, ...]
    type_lead: str = " "
    lead: str = ""
    trail: str = ""
    after: str = ""

    @property
    def text(self) -> str:
        """How it is written."""
        type_ = f"{self.type_lead}{self.type_text}" if self.type_text else ""
        return self.name_text + type_ + "".join(clause.lead + clause.text for clause in self.clauses)

    def of_kind(self, *kinds: ClauseKind) -> tuple[Clause, ...]:
        """Its clauses of some kinds."""
        return tuple(clause for clause in self.clauses if clause.kind in kinds)

    def without(self, *kinds: ClauseKind) -> ColumnDefinition:
        """The same column without its clauses of some kinds."""
        return replace(self, clauses=tuple(clause for clause in self.clauses if clause.kind not in kinds))

    def plus(self, *clauses: Clause) -> ColumnDefinition:
        """The same column with more clauses."""
        return replace(self, clauses=(*self.clauses, *clauses))

    @property
    def generated(self) -> bool:
        """Whether its values are computed."""
        return bool(self.of_kind("generated"))

    @property
    def stored(self) -> bool:
        """Whether it is computed and its values are kept."""
        return any(clause.has_word("STORED") for clause in self.of_kind("generated"))

    @property
    def nullable(self) -> bool:
        """Whether it says nothing against NULL."""
        return not self.of_kind("not null")


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """A table.

    Args:
        name: its name.
        columns: its columns.
        constraints: the constraints that stand after the columns.
        head: the text up to the name, which always is `CREATE TABLE`, perhaps with TEMP.
        name_text: how the name is written.
        opening: the text from the name to the first column.
        closing: the white space before the last parenthesis.
        tail: the text behind the last parenthesis.
    """

    name: str
    columns: tuple[ColumnDefinition, ...]
    constraints: tuple[Clause, ...]
    head: str = "CREATE TABLE "
    name_text: str = ""
    opening: str = " ("
    closing: str = ""
    tail: str = ""

    def render(self, name_text: str | None = None) -> str:
        """The CREATE TABLE, under another name when one is given (as it shall be written)."""
        items: list[ColumnDefinition | Clause] = [*self.columns, *self.constraints]
        text = self.head + (self.name_text if name_text is None else name_text) + self.opening
        for index, item in enumerate(items):
            comma = "," if index < len(items) - 1 else ""
            text += item.lead + item.text + item.trail + comma + item.after
        return f"{text}{self.closing}){self.tail}"

    @property
    def options(self) -> frozenset[str]:
        """`WITHOUT ROWID` and `STRICT`, as far as it has them."""
        words = [token.upper for token in significant(self.tail)]
        found = {"STRICT"} if "STRICT" in words else set()
        return frozenset(found | ({"WITHOUT ROWID"} if "ROWID" in words else set()))

    def with_options(self, options: frozenset[str]) -> TableDefinition:
        """The same table with these options."""
        if options == self.options:
            return self
        return replace(self, tail=" " + ", ".join(sorted(options, reverse=True)) if options else "")

    def column(self, name: str) -> ColumnDefinition | None:
        """The column *name*, in any case."""
        return next((column for column in self.columns if column.name.lower() == name.lower()), None)

    def clauses(self) -> Iterator[tuple[ColumnDefinition | None, Clause]]:
        """All clauses with the column they stand at (None: behind the columns)."""
        for column in self.columns:
            for clause in column.clauses:
                yield column, clause
        for clause in self.constraints:
            yield None, clause

    def clauses_of(self, *kinds: ClauseKind) -> list[tuple[tuple[str, ...], Clause]]:
        """The clauses of some kinds, each with the names of its columns."""
        return [
            (clause.columns if column is None else (column.name,), clause)
            for column, clause in self.clauses()
            if clause.kind in kinds
        ]

    @property
    def primary_key(self) -> tuple[str, ...]:
        """The columns of the primary key, in its order; empty when there is none."""
        found = self.clauses_of("primary key")
        return found[0][0] if found else ()

    @property
    def has_rowid(self) -> bool:
        """Whether its rows have a rowid."""
        return "WITHOUT ROWID" not in self.options

    @property
    def integer_key(self) -> str | None:
        """The column that is another name for the rowid."""
        if not self.has_rowid or len(self.primary_key) != 1:
            return None
        column = self.column(self.primary_key[0])
        if column is None or column.type_text.strip("\"'`[]").upper() != "INTEGER":
            return None
        # A quirk that SQLite keeps: this one spelling makes no rowid of it.
        inline = column.of_kind("primary key")
        return None if inline and inline[0].has_word("DESC") else column.name

    @property
    def autoincrement(self) -> bool:
        """Whether rowids are never used again."""
        return any(clause.has_word("AUTOINCREMENT") for _, clause in self.clauses_of("primary key"))

    @property
    def foreign_keys(self) -> list[tuple[tuple[str, ...], Clause]]:
        """Its foreign keys, each with its columns."""
        return self.clauses_of("references", "foreign key")

    def indentation(self) -> str:
        """What to write before a column or constraint that is added."""
        leads = [column.lead for column in self.columns] + [clause.lead for clause in self.constraints]
        breaks = [lead for lead in leads if "\n" in lead]
        spaces = [lead for lead in breaks if not lead.strip()]
        return spaces[-1][spaces[-1].rindex("\n") :] if spaces else "\n\t" if breaks else " "


def affinity(type_text: str) -> str:
    """What SQLite makes of values in a column of this type: `TEXT`, `INTEGER`, `REAL`, `NUMERIC` or `BLOB`."""
    upper = type_text.upper()
    if "INT" in upper:
        return "INTEGER"
    if any(word in upper for word in ("CHAR", "CLOB", "TEXT")):
        return "TEXT"
    if "BLOB" in upper or not upper or upper == "ANY":
        return "BLOB"
    if any(word in upper for word in ("REAL", "FLOA", "DOUB")):
        return "REAL"
    return "NUMERIC"


def holds_numbers(type_text: str) -> bool:
    """Whether a column of this type is declared for numbers, and not merely treated so (as DATETIME or JSON are)."""
    if affinity(type_text) in ("INTEGER", "REAL"):
        return True
    return type_text.upper().startswith(_TYPES_OF_NUMBERS)
