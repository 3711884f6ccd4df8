"""Read only: in this process nothing is written to a database or into files while a block lasts."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL

from asyncmig.dialects.registry import missing_file

__all__ = ["LeftOut", "reading_only"]

#: The first words of statements that only read, or change nothing but the session.
_READS = frozenset(
    {
        *("BEGIN", "COMMIT", "DESC", "DESCRIBE", "EXPLAIN", "PRAGMA", "RELEASE", "RESET", "ROLLBACK", "SAVEPOINT"),
        *("SELECT", "SET", "SHOW", "START", "USE", "VALUES", "WITH"),
    }
)
_WRITES_INSIDE = re.compile(r"\b(INSERT|UPDATE|DELETE|MERGE)\b(?!\s+SKIP)", re.IGNORECASE)
_SERVER_WIDE = re.compile(r"\s*SET\s+(GLOBAL|PERSIST|PASSWORD|@@GLOBAL)", re.IGNORECASE)
_PRAGMA_WRITES = re.compile(
    r"\s*PRAGMA\s+(?:\w+\.)?(application_id|auto_vacuum|encoding|incremental_vacuum|journal_mode|optimize|page_size|"
    r"user_version|wal_checkpoint)\s*(=|\(|$)",
    re.IGNORECASE,
)
_COMMENTS = re.compile(r"\A(?:\s+|--[^\n]*\n|/\*.*?\*/)*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A statement that was not executed, because it may write.

    Args:
        statement: the statement.
        path, line: where in the project's own files it was to be executed, as far as that is known.
    """

    statement: str
    path: Path | None
    line: int | None


@contextmanager
def reading_only(*files: Path) -> Iterator[list[LeftOut]]:
    """Leave out every statement that may write, and connect to nothing in place of a database file that is not there.

    It holds for all engines of the process, also those of the application, so it is for a program of our own only.

    Args:
        files: the files in which it is of interest where such a statement stands.

    Returns:
        the statements that were left out, as they come.
    """
    left_out: list[LeftOut] = []

    def before(
        connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
    ) -> tuple[str, Any]:
        if only_reads(statement):
            return statement, parameters
        left_out.append(LeftOut(statement, *_place(files)))
        return "SELECT 1", ()

    def connect(dialect: Any, record: Any, arguments: Any, options: dict[str, Any]) -> None:
        if arguments and isinstance(arguments, list) and missing_file(_file_url(dialect, arguments[0])):
            arguments[0] = ":memory:"

    before_bytecode = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    event.listen(Engine, "before_cursor_execute", before, retval=True)
    event.listen(Engine, "do_connect", connect)
    try:
        yield left_out
    finally:
        event.remove(Engine, "before_cursor_execute", before)
        event.remove(Engine, "do_connect", connect)
        sys.dont_write_bytecode = before_bytecode


def only_reads(statement: str) -> bool:
    """Whether a statement writes nothing, as far as its words tell."""
    text = _COMMENTS.sub("", statement, count=1)
    word = re.match(r"\(*\s*(\w*)", text)
    first = word[1].upper() if word else ""
    if not first:
        return not text.strip()
    if first not in _READS:
        return False
    if first in ("WITH", "EXPLAIN") and _WRITES_INSIDE.search(text):
        return False
    return not (_SERVER_WIDE.match(text) or _PRAGMA_WRITES.match(text))


def _file_url(dialect: Any, name: object) -> URL:
    return URL.create(dialect.name, database=str(name))


def _place(files: tuple[Path, ...]) -> tuple[Path | None, int | None]:
    """The innermost line of *files* that is being executed."""
    names = {str(path): path for path in files}
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename in names:
            return names[frame.f_code.co_filename], frame.f_lineno
        frame = frame.f_back  # type: ignore[assignment]
    return None, None
