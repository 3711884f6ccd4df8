"""Copying of psycopg2's cursors, `copy_expert`, `copy_from` and `copy_to`, by asyncpg."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from typing import Any

from asyncmig.dialects.postgresql_literals import quoted
from asyncmig.dialects.sql_text import POSTGRESQL, first_words, tokens


def is_from(sql: str) -> bool:
    """Whether COPY reads from the client; else it writes to it.

    Raises:
        ValueError: it does neither.
    """
    words = [sql[token.start : token.end].upper() for token in tokens(sql, POSTGRESQL) if token.kind == "word"]
    if first_words(sql, limit=1) == ("COPY",) and "STDIN" in words:
        return True
    if first_words(sql, limit=1) == ("COPY",) and "STDOUT" in words:
        return False
    raise ValueError("can't process a COPY that is neither FROM STDIN nor TO STDOUT")


def copy_text(table: str, columns: Sequence[str] | None, direction: str, separator: str, null: str) -> str:
    """The statement of `copy_from` and `copy_to`."""
    names = f" ({', '.join(map(_name, columns))})" if columns else ""
    return f"COPY {_name(table)}{names} {direction} WITH DELIMITER AS {quoted(separator)} NULL AS {quoted(null)}"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


async def copy_in(driver: Any, sql: str, file: Any, size: int) -> str:
    """Send what a file has to COPY ... FROM STDIN; gives the status."""

    async def pieces() -> AsyncIterator[bytes]:
        while piece := file.read(size):
            yield piece.encode() if isinstance(piece, str) else piece

    return str(await driver._copy_in(sql, pieces(), None))


async def copy_out(driver: Any, sql: str, file: Any) -> str:
    """Write what COPY ... TO STDOUT gives into a file; gives the status."""
    is_text = isinstance(file, io.TextIOBase)

    async def write(data: bytes) -> None:
        file.write(data.decode() if is_text else data)

    return str(await driver._copy_out(sql, write, None))
