"""Parser: reads the CREATE TABLE and CREATE INDEX statements that SQLite keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from asyncmig.dialects.sqlite_schema import Clause, ClauseKind, ColumnDefinition, Reference, TableDefinition
from asyncmig.dialects.sqlite_tokens import Token, groups, mentions, significant, skip_group, tokens

#: Words that begin a constraint behind the columns.
_TABLE_CONSTRAINTS: Final = frozenset({"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"})
#: Words that begin a clause of a column, and so end its type.
_COLUMN_CLAUSES: Final = frozenset(
    {"CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "AS", "DEFERRABLE"}
)


class DefinitionError(ValueError):
    """A stored definition is not what this parser knows."""


def parse_table(sql: str) -> TableDefinition:
    """The parts of a CREATE TABLE.

    Raises:
        DefinitionError: it is something else, such as CREATE VIRTUAL TABLE.
    """
    pieces = tokens(sql)
    solid = [index for index, token in enumerate(pieces) if not token.filler]
    at = _expect(pieces, solid, 0, "CREATE")
    if pieces[solid[at]].upper in ("TEMP", "TEMPORARY"):
        at += 1
    at = _expect(pieces, solid, at, "TABLE")
    head_end = pieces[solid[at]].start
    if pieces[solid[at]].upper == "IF" and solid[at + 3 :]:
        at += 3
    if pieces[solid[at + 1]].text == ".":
        at += 2
    name = pieces[solid[at]]
    if name.identifier is None or pieces[solid[at + 1]].text != "(":
        raise DefinitionError("it is not a plain CREATE TABLE")
    opening = solid[at + 1]
    end = skip_group(pieces, opening)
    items = [_Item(part) for part in groups(pieces[opening + 1 : end - 1])]
    _move_comments(items)
    closing = items[-1].take_closing()
    columns, constraints = _definitions(items)
    return TableDefinition(
        name=name.identifier,
        columns=columns,
        constraints=constraints,
        head=sql[:head_end],
        name_text=name.text,
        opening=sql[name.end : pieces[opening].end],
        closing=closing,
        tail=sql[pieces[end - 1].end :],
    )


def _expect(pieces: Sequence[Token], solid: Sequence[int], at: int, word: str) -> int:
    if at >= len(solid) or pieces[solid[at]].upper != word:
        raise DefinitionError(f"{word} is missing")
    return at + 1


class _Item:
    """The pieces between two commas: fillers in front, what counts, fillers behind."""

    def __init__(self, pieces: Sequence[Token]) -> None:
        solid = [index for index, token in enumerate(pieces) if not token.filler]
        if not solid:
            raise DefinitionError("nothing stands between two commas")
        self.lead = list(pieces[: solid[0]])
        self.pieces = list(pieces[solid[0] : solid[-1] + 1])
        self.trail = list(pieces[solid[-1] + 1 :])
        self.after: list[Token] = []

    def take_closing(self) -> str:
        """White space at the very end, which belongs to the closing parenthesis."""
        if self.trail and self.trail[-1].kind == "space":
            return self.trail.pop().text
        return ""

    @property
    def is_constraint(self) -> bool:
        return self.pieces[0].upper in _TABLE_CONSTRAINTS


def _move_comments(items: Sequence[_Item]) -> None:
    """A comment behind a comma and on its line speaks about what stands before the comma."""
    for before, item in pairwise(items):
        count = 0
        if item.lead and item.lead[0].kind == "space" and "\n" not in item.lead[0].text:
            count = 1
        rest = item.lead[count:]
        if not rest or rest[0].kind != "comment":
            continue
        ends_line = rest[0].text.endswith("\n") or (len(rest) > 1 and "\n" in rest[1].text)
        if ends_line:
            before.after = item.lead[: count + 1]
            item.lead = rest[1:]


def _text(pieces: Sequence[Token]) -> str:
    return "".join(token.text for token in pieces)


def _definitions(items: Sequence[_Item]) -> tuple[tuple[ColumnDefinition, ...], tuple[Clause, ...]]:
    columns: list[ColumnDefinition] = []
    constraints: list[Clause] = []
    for item in items:
        lead, trail, after = _text(item.lead), _text(item.trail), _text(item.after)
        if not item.is_constraint and not constraints:
            columns.append(replace(_column(item.pieces), lead=lead, trail=trail, after=after))
            continue
        # SQLite does not insist on commas between constraints.
        found = list(_clauses(item.pieces, table=True))
        found[0] = replace(found[0], lead=lead)
        found[-1] = replace(found[-1], trail=trail, after=after)
        constraints += found
    if not columns:
        raise DefinitionError("it has no columns")
    return tuple(columns), tuple(constraints)


def parse_column(text: str) -> ColumnDefinition:
    """The parts of a column definition."""
    return _column(_Item(tokens(text)).pieces)


def parse_constraint(text: str) -> Clause:
    """A constraint as it stands behind the columns."""
    (clause,) = _clauses(_Item(tokens(text)).pieces, table=True)
    return replace(clause, lead=" ")


def _column(pieces: Sequence[Token]) -> ColumnDefinition:
    name = pieces[0]
    if name.identifier is None:
        raise DefinitionError(f"{name.text} is no name of a column")
    end = _type_end(pieces)
    inner = pieces[1:end]
    lead = 0
    while lead < len(inner) and inner[lead].filler:
        lead += 1
    return ColumnDefinition(
        name=name.identifier,
        name_text=name.text,
        type_text=_text(inner[lead:]),
        clauses=tuple(_clauses(pieces[end:], table=False)),
        type_lead=_text(inner[:lead]) if lead < len(inner) else "",
    )


def _type_end(pieces: Sequence[Token]) -> int:
    """Where the type of a column ends, which begins behind the first piece."""
    end = index = 1
    while index < len(pieces):
        token = pieces[index]
        if token.filler:
            index += 1
            continue
        if token.text == "(":
            return skip_group(pieces, index)
        if token.identifier is None or token.upper in _COLUMN_CLAUSES or _is_generated(pieces, index):
            break
        index += 1
        end = index
    return end


def _is_generated(pieces: Sequence[Token], index: int) -> bool:
    words = [token.upper for token in pieces[index:] if not token.filler][:3]
    return words == ["GENERATED", "ALWAYS", "AS"]


def _clauses(pieces: Sequence[Token], *, table: bool) -> list[Clause]:
    reader = _ClauseReader(pieces)
    found = []
    while reader.position < len(pieces):
        found.append(reader.read(table=table))
    return found


class _ClauseReader:
    """Reads clause after clause."""

    def __init__(self, pieces: Sequence[Token]) -> None:
        self.pieces = pieces
        self.position = 0

    def read(self, *, table: bool) -> Clause:
        start = self.position
        self._fill()
        lead, begin = _text(self.pieces[start : self.position]), self.position
        name = None
        while self._take("CONSTRAINT"):
            name = self._name()
        keyword = self.position
        clause = self._table_clause() if table else self._column_clause()
        if self.position == keyword and name is None:
            raise DefinitionError(f"{_text(self.pieces[keyword:])!r} is not known")
        return replace(clause, name=name, lead=lead, text=_text(self.pieces[begin : self.position]))

    # -- pieces -----------------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        while self.position < len(self.pieces) and self.pieces[self.position].filler:
            self.position += 1

    def _peek(self) -> Token | None:
        """The next piece that counts, without taking it or what stands before it."""
        return next((token for token in self.pieces[self.position :] if not token.filler), None)

    def _word(self) -> str:
        token = self._peek()
        return token.upper if token is not None else ""

    def _next(self) -> Token:
        self._fill()
        if self.position >= len(self.pieces):
            raise DefinitionError("it ends too early")
        self.position += 1
        return self.pieces[self.position - 1]

    def _take(self, *words: str) -> bool:
        """Take these words if they come next."""
        solid = [index for index in range(self.position, len(self.pieces)) if not self.pieces[index].filler]
        if [self.pieces[index].upper for index in solid[: len(words)]] != list(words):
            return False
        self.position = solid[len(words) - 1] + 1
        return True

    def _name(self) -> str:
        identifier = self._next().identifier
        if identifier is None:
            raise DefinitionError("a name is missing")
        return identifier

    def _group(self) -> list[Token]:
        """The pieces between the parentheses that come next."""
        self._fill()
        start = self.position
        if start >= len(self.pieces) or self.pieces[start].text != "(":
            raise DefinitionError("parentheses are missing")
        self.position = skip_group(self.pieces, start)
        return list(self.pieces[start + 1 : self.position - 1])

    def _names(self) -> tuple[str, ...]:
        names = []
        for part in groups(self._group()):
            first = next((token for token in part if not token.filler), None)
            if first is None or first.identifier is None:
                raise DefinitionError("the name of a column is missing")
            names.append(first.identifier)
        return tuple(names)

    # -- clauses ----------------------------------------------------------------------------------------------------

    def _conflict(self) -> None:
        if self._take("ON", "CONFLICT"):
            self._next()

    def _simple(self, kind: ClauseKind) -> Clause:
        self._conflict()
        return Clause(kind, "")

    def _column_clause(self) -> Clause:
        if self._take("PRIMARY", "KEY"):
            if not self._take("ASC"):
                self._take("DESC")
            self._conflict()
            self._take("AUTOINCREMENT")
            return Clause("primary key", "")
        if self._take("NOT", "NULL"):
            return self._simple("not null")
        if self._take("NULL"):
            return self._simple("null")
        if self._take("UNIQUE"):
            return self._simple("unique")
        if self._take("CHECK"):
            return Clause("check", "", body=_text(self._group()))
        if self._take("DEFAULT"):
            return Clause("default", "", body=self._default())
        if self._take("COLLATE"):
            self._next()
            return Clause("collate", "")
        if self._take("REFERENCES"):
            return Clause("references", "", target=self._references())
        if self._take("DEFERRABLE") or self._take("NOT", "DEFERRABLE"):
            self._initially()
            return Clause("deferrable", "")
        return self._generated() if self._word() in ("GENERATED", "AS") else Clause("name only", "")

    def _default(self) -> str:
        token = self._peek()
        if token is not None and token.text == "(":
            return _text(self._group())
        first = self._next()
        return first.text + self._next().text if first.text in ("+", "-") else first.text

    def _generated(self) -> Clause:
        self._take("GENERATED", "ALWAYS")
        self._take("AS")
        body = _text(self._group())
        if not self._take("STORED"):
            self._take("VIRTUAL")
        return Clause("generated", "", body=body)

    def _table_clause(self) -> Clause:
        if self._take("PRIMARY", "KEY"):
            columns = self._names()
            self._conflict()
            return Clause("primary key", "", columns=columns)
        if self._take("UNIQUE"):
            columns = self._names()
            self._conflict()
            return Clause("unique", "", columns=columns)
        if self._take("CHECK"):
            body = _text(self._group())
            self._conflict()
            return Clause("check", "", body=body)
        if self._take("FOREIGN", "KEY"):
            columns = self._names()
            if not self._take("REFERENCES"):
                raise DefinitionError("REFERENCES is missing")
            return Clause("foreign key", "", columns=columns, target=self._references())
        return Clause("name only", "")

    def _references(self) -> Reference:
        table = self._name()
        token = self._peek()
        columns = self._names() if token is not None and token.text == "(" else ()
        while True:
            if self._take("ON"):
                self._next()
                if not (self._take("SET") or self._take("NO")):
                    self._next()
                    continue
                self._next()
            elif self._take("MATCH"):
                self._next()
            else:
                break
        if self._take("DEFERRABLE") or self._take("NOT", "DEFERRABLE"):
            self._initially()
        return Reference(table, columns)

    def _initially(self) -> None:
        if self._take("INITIALLY"):
            self._next()


@dataclass(frozen=True, slots=True)
class IndexText:
    """What the CREATE INDEX of an index says.

    Args:
        columns: its plain columns, in lower case; None in the place of an expression.
        condition_columns: names in its expressions and its WHERE, in lower case.
    """

    columns: tuple[str | None, ...]
    expression_columns: frozenset[str]


def parse_index(sql: str) -> IndexText:
    """What a CREATE INDEX says about columns."""
    pieces = significant(sql)
    on = next(index for index, token in enumerate(pieces) if token.upper == "ON")
    opening = next(index for index in range(on, len(pieces)) if pieces[index].text == "(")
    end = skip_group(pieces, opening)
    columns: list[str | None] = []
    used: set[str] = set()
    for part in groups(pieces[opening + 1 : end - 1]):
        if _is_plain(part):
            columns.append((part[0].identifier or "").lower())
        else:
            columns.append(None)
            used |= mentions(sql[part[0].start : part[-1].end])
    if end < len(pieces):
        used |= mentions(sql[pieces[end].start :])
    return IndexText(tuple(columns), frozenset(used))


def _is_plain(part: Sequence[Token]) -> bool:
    """A name, perhaps with COLLATE and a direction."""
    rest = list(part[1:])
    if rest and rest[0].upper == "COLLATE":
        rest = rest[2:]
    return part[0].identifier is not None and [token.upper for token in rest] in ([], ["ASC"], ["DESC"])
