"""Questioner: who is asked where models do not say what is meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from asyncmig.operations.base import TableName


@dataclass(frozen=True)
class RenameQuestion:
    """Something is gone, and something like it is new.

    Args:
        kind: `table` or `column`.
        table: the table, by the name that it has in the models (that of the old one when tables are asked about).
        old: the name that is gone.
        new: the name that is new.
        score: how much alike the two are, from 0 to 1.
    """

    kind: str
    table: TableName
    old: str
    new: str
    score: float

    @property
    def option(self) -> tuple[str, str]:
        """The old name and the new one as `--rename` takes them."""
        return (str(self.table) if self.kind == "table" else f"{self.table}.{self.old}", self.new)


@dataclass(frozen=True)
class NewColumn:
    """A column that must not be null, has no default in the database, and is new in a table that may have rows.

    Args:
        table: the table.
        column: the name of the column.
        type: its type in the words of the database.
    """

    table: TableName
    column: str
    type: str


@dataclass(frozen=True)
class OneTimeDefault:
    """Rows that are there get a value; the column is added with it as a default, which is then taken away.

    Args:
        value: the value as SQL, such as `'new'` or `0`.
    """

    value: str


@dataclass(frozen=True)
class Backfill:
    """The column is added without NOT NULL, its rows are filled in batches, and NOT NULL is set last.

    Args:
        value: the value of the rows that are there, as SQL.
    """

    value: str


class Questioner(Protocol):
    """Who is asked where models do not say what is meant."""

    async def is_rename(self, question: RenameQuestion) -> bool | None:
        """Whether the new thing is the old one under another name; None: there is no answer."""

    async def default_for(self, column: NewColumn) -> OneTimeDefault | Backfill | None:
        """What the rows that are there get in a new column; None: there is no answer."""


class Silent:
    """Nobody: no question has an answer."""

    async def is_rename(self, question: RenameQuestion) -> bool | None:
        return None

    async def default_for(self, column: NewColumn) -> OneTimeDefault | Backfill | None:
        return None
