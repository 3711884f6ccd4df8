"""Spelling: how MySQL and MariaDB write expressions that models declare, asked in temporary tables.

A temporary table has the columns that expressions speak of, and the expressions; SHOW CREATE TABLE tells what the
server made of them. Nothing is evaluated, and nobody else sees the table. Expressions of many tables share one as long
as they mean the same columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from asyncmig.dialects.driver_errors import errno
from asyncmig.dialects.expressions import without_parentheses
from asyncmig.dialects.mysql_columns import ColumnDefinition, Token, tokens, unquote, without_escapes
from asyncmig.dialects.mysql_queries import fetch
from asyncmig.dialects.sql_text import MYSQL
from asyncmig.schema import TableState

#: What a name in a temporary table begins with, before a number.
_NAME: Final = "asyncmig_"
_MOST_COLUMNS: Final = 60
#: No right to do it, or the server or the transaction is read-only: the next question would end the same.
_REFUSED: Final = frozenset({1044, 1142, 1227, 1290, 1792, 1836})


class Question(NamedTuple):
    """An expression, and what must be known to understand it.

    Args:
        kind: `default`, `computed`, `check` or `index`.
        expression: as the models write it.
        type: the type of the column that it belongs to; empty for CHECKs and indexes.
        columns: the columns that it speaks of, each with its type.
    """

    kind: str
    expression: str
    type: str
    columns: tuple[tuple[str, str], ...]


@dataclass
class Answers:
    """What the server writes for each question; what could not be asked, and the error it ended with."""

    spelt: dict[Question, str] = field(default_factory=dict)
    refused: dict[Question, DBAPIError] = field(default_factory=dict)


async def ask(connection: Connection, questions: Sequence[Question], *, escapes: bool = True) -> Answers:
    """How the server writes the expressions of *questions*; one trip, unless it refuses some of them.

    Args:
        connection: the connection.
        questions: the questions.
        escapes: whether the session takes a backslash in a string for an escape.
    """
    answers = Answers()
    await _ask(connection, questions, answers, escapes)
    return answers


async def _ask(connection: Connection, questions: Sequence[Question], answers: Answers, escapes: bool) -> None:
    sheets = list(_sheets(questions))
    texts = [text for sheet in sheets for text in sheet.texts()]
    try:
        rows = await fetch(connection, texts if escapes else list(map(without_escapes, texts)))
    except DBAPIError as error:
        if connection.closed or connection.invalidated:
            raise
        await fetch(connection, [sheet.drop() for sheet in sheets])
        if len(questions) == 1 or errno(error) in _REFUSED:
            answers.refused.update((question, error) for question in questions)
            return
        middle = len(questions) // 2
        await _ask(connection, questions[:middle], answers, escapes)
        await _ask(connection, questions[middle:], answers, escapes)
        return
    for sheet, shown in zip(sheets, rows[1::3], strict=True):
        answers.spelt.update(sheet.read(str(shown[0][1])))


class _Sheet:
    """A temporary table: its columns by name, and its questions by number."""

    def __init__(self, number: int) -> None:
        self.name = f"`{_NAME}words_{number}`"
        self.columns: dict[str, tuple[str, str]] = {}
        self.questions: dict[int, Question] = {}

    def takes(self, question: Question) -> bool:
        """Whether there is room for a question, and its columns are no others of the same name."""
        if len(self.columns) + len(self.questions) + len(question.columns) >= _MOST_COLUMNS:
            return not self.questions
        return all(self.columns.get(name.lower(), (name, kind))[1] == kind for name, kind in question.columns)

    def add(self, number: int, question: Question) -> None:
        """Write a question down."""
        for name, kind in question.columns:
            self.columns.setdefault(name.lower(), (name, kind))
        self.questions[number] = question

    def texts(self) -> tuple[str, str, str]:
        """What makes the table, tells of it, and drops it."""
        entries = [f"{_quoted(name)} {kind}" for name, kind in self.columns.values()]
        entries += [_entry(number, question) for number, question in self.questions.items()]
        if not any(question.kind in ("default", "computed") for question in self.questions.values()):
            entries.append(f"{_quoted(_NAME)} int")
        return (
            f"CREATE TEMPORARY TABLE {self.name} ({', '.join(entries)})",
            f"SHOW CREATE TABLE {self.name}",
            self.drop(),
        )

    def drop(self) -> str:
        """What drops the table, if it is there."""
        return f"DROP TEMPORARY TABLE IF EXISTS {self.name}"

    def read(self, sql: str) -> Iterator[tuple[Question, str]]:
        """What a CREATE TABLE says to each question."""
        body = next(token.text for token in tokens(sql, escapes=True) if token.kind == "group")[1:-1]
        for entry in _entries(body):
            number = next((_number(token) for token in entry if token.kind == "name" and _number(token) >= 0), None)
            if number is None or (question := self.questions.get(number)) is None:
                continue
            text = body[entry[1].start : entry[-1].end]
            yield question, without_parentheses(_said(question.kind, entry, text), MYSQL)


def _sheets(questions: Sequence[Question]) -> Iterator[_Sheet]:
    sheets: list[_Sheet] = []
    for number, question in enumerate(questions):
        sheet = next((sheet for sheet in sheets if sheet.takes(question)), None)
        if sheet is None:
            sheet = _Sheet(len(sheets))
            sheets.append(sheet)
        sheet.add(number, question)
    yield from sheets


_LITERAL: Final = re.compile(r"[-+]?[\d.]+(?:e[-+]?\d+)?|[bx]?'(?:[^'\\]|\\.|'')*'", re.IGNORECASE | re.DOTALL)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _entry(number: int, question: Question) -> str:
    name = _quoted(f"{_NAME}{number}")
    match question.kind:
        case "default":
            # MySQL keeps a literal in parentheses as an expression.
            text = question.expression if _LITERAL.fullmatch(question.expression) else f"({question.expression})"
            return f"{name} {question.type} DEFAULT {text}"
        case "computed":
            return f"{name} {question.type} GENERATED ALWAYS AS ({question.expression}) VIRTUAL"
        case "check":
            return f"CONSTRAINT {name} CHECK ({question.expression})"
    return f"KEY {name} (({question.expression}))"


def _said(kind: str, entry: Sequence[Token], text: str) -> str:
    if kind == "default":
        default = ColumnDefinition.parse(text).get("default")
        return default[len("DEFAULT") :].strip()
    groups = [token.text for token in entry if token.kind == "group"]
    # The first one of a column may belong to its type.
    return groups[-1] if kind == "computed" else groups[0]


def _number(token: Token) -> int:
    number = unquote(token.text).removeprefix(_NAME)
    return int(number) if number.isdecimal() and _NAME in token.text else -1


def _entries(body: str) -> Iterator[list[Token]]:
    entry: list[Token] = []
    for token in tokens(body, escapes=True):
        if token.text == ",":
            yield entry
            entry = []
        else:
            entry.append(token)
    yield entry


class Spellings:
    """How the server writes expressions, as far as it has been asked; what it has not been asked yet is noted.

    Args:
        answers: what it has said.
    """

    def __init__(self, answers: Mapping[Question, str] | None = None) -> None:
        self._answers = answers or {}
        #: What it has not been asked, and the tables that it is about.
        self.asked: dict[Question, list[TableState]] = {}

    def of(self, question: Question, table: TableState) -> str | None:
        """What the server writes; None where it has not been asked, which is noted with the table it is about."""
        answer = self._answers.get(question)
        if answer is None:
            self.asked.setdefault(question, []).append(table)
        return answer
