"""TerminalQuestioner: asks a person at the terminal what models do not say."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TextIO, TypeVar

import anyio
import typer

from asyncmig.autogenerate import Backfill, NewColumn, OneTimeDefault, Questioner, RenameQuestion
from asyncmig.cli.style import Style

__all__ = ["TerminalQuestioner", "terminal_questioner"]

T = TypeVar("T")

_YES, _NO = ("y", "yes"), ("n", "no")
_CHOICES = (
    "a value, once: it is the default while the column is added, and is taken away again",
    "a value, in batches: the column is added without NOT NULL, filled, and then set NOT NULL",
    "nothing: I will see to it in the file",
)


def terminal_questioner(style: Style, *, json: bool) -> Questioner | None:
    """Who can be asked here; None where there is no terminal.

    Args:
        style: puts colour around questions.
        json: whether the answer is a document, so that a program is at the other end.
    """
    if json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    return TerminalQuestioner(sys.stdin, sys.stderr, style)


class TerminalQuestioner:
    """Asks a person.

    Args:
        lines: where answers come from.
        out: where questions go.
        style: puts colour around questions.
    """

    def __init__(self, lines: TextIO, out: TextIO, style: Style) -> None:
        self._lines = lines
        self._out = out
        self._style = style

    async def is_rename(self, question: RenameQuestion) -> bool | None:
        """Whether the new thing is the old one under another name."""
        where = f" of {question.table}" if question.kind != "table" else ""
        text = f"Was the {question.kind} {question.old}{where} renamed to {question.new}? [Y/n] "
        return await self._asked(text, _yes_or_no)

    async def default_for(self, column: NewColumn) -> OneTimeDefault | Backfill | None:
        """What the rows that are there get in a new column."""
        self._say(f"{column.table}.{column.column} is new, must not be null, and has no default.\n")
        self._out.write("What do the rows that are there get?\n")
        for number, choice in enumerate(_CHOICES, 1):
            self._out.write(f"  {number}  {choice}\n")
        chosen = await self._asked("Choose 1, 2 or 3: ", lambda text: int(text) if text in ("1", "2", "3") else None)
        if chosen == len(_CHOICES):
            return None
        value = await self._asked(f"The value, as SQL of type {column.type}: ", lambda text: text or None)
        return OneTimeDefault(value) if chosen == 1 else Backfill(value)

    async def _asked(self, question: str, understand: Callable[[str], T | None]) -> T:
        """The answer to a question, which is asked until it is understood.

        Raises:
            typer.Abort: there is no more to be had.
        """
        while True:
            self._say(question)
            line = await anyio.to_thread.run_sync(self._lines.readline, abandon_on_cancel=True)
            if not line:
                raise typer.Abort
            if (answer := understand(line.strip())) is not None:
                return answer

    def _say(self, text: str) -> None:
        self._out.write(self._style(text.rstrip(), "bold") + text[len(text.rstrip()) :])
        self._out.flush()


def _yes_or_no(text: str) -> bool | None:
    word = text.lower()
    return True if word in _YES or not word else False if word in _NO else None
