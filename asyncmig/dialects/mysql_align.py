"""Aligning: what models want in the words that the database has for it, as far as it means the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import anyio
from sqlalchemy import Connection

from asyncmig.dialects.mysql_align_columns import AlignedColumns
from asyncmig.dialects.mysql_align_parts import checks, foreign_keys, uniques_and_indexes
from asyncmig.dialects.mysql_server import ServerWords
from asyncmig.dialects.mysql_spelling import Answers, Spellings, ask
from asyncmig.schema import ColumnState, Snapshot, TableState

#: How many tables are looked at before others get their turn.
_SLICE: Final = 40


class Alignment:
    """Puts what models want into the words that the database has for it.

    Args:
        live: what the database has.
        server: what is known of the server.
        prefix: what the names of options begin with.
    """

    def __init__(self, live: Snapshot, server: ServerWords, prefix: str) -> None:
        self._live = live
        self._server = server
        self._prefix = prefix
        #: The columns that were read which, to be made again, must say which collation they had, by their identity.
        self.collations: dict[int, tuple[ColumnState, str]] = {}

    async def align(self, connection: Connection, wanted: Snapshot) -> Snapshot:
        """*wanted* in the words of the database.

        What is spelt otherwise in a way that cannot be told here the server is asked for, all of it at once; what it
        does not answer stays as the models write it, with a warning.
        """
        tables = dict(wanted.tables)
        spellings = Spellings()
        for number, (name, table) in enumerate(wanted.tables.items(), 1):
            there = self._live.tables.get(name)
            if there is not None and table != there:
                tables[name] = self._table(table, there, spellings)
            if number % _SLICE == 0:
                await anyio.lowlevel.checkpoint()
        if not spellings.asked:
            return replace(wanted, tables=tables)
        answers = await ask(connection, list(spellings.asked), escapes=self._server.escapes)
        asked = {table.name for tables_of in spellings.asked.values() for table in tables_of}
        spellings = Spellings(answers.spelt)
        for name in asked:
            tables[name] = self._table(wanted.tables[name], self._live.tables[name], spellings)
        return replace(wanted, tables=tables, warnings=(*wanted.warnings, *_warnings(answers, spellings)))

    def _table(self, wanted: TableState, live: TableState, spellings: Spellings) -> TableState:
        uniques, indexes = uniques_and_indexes(wanted, live, spellings)
        columns = AlignedColumns(wanted, live, self._server, self._prefix, spellings)
        collation = live.options.get(f"{self._prefix}_collate")
        self.collations.update((id(column), (column, str(collation))) for column in columns.silent())
        return replace(
            wanted,
            columns=tuple(columns.columns()),
            uniques=uniques,
            indexes=indexes,
            foreign_keys=foreign_keys(wanted, live),
            checks=checks(wanted, live, spellings),
            options=self._options(wanted.options, live.options),
        )

    def _options(self, wanted: Mapping[str, Any], live: Mapping[str, Any]) -> Mapping[str, Any]:
        """The options of a table; where all that models say is so, all that the database says."""
        if all(live.get(name) == value for name, value in wanted.items()):
            return live
        charset, collate = f"{self._prefix}_charset", f"{self._prefix}_collate"
        if collate in wanted or wanted.get(charset, live.get(charset)) == live.get(charset):
            return wanted
        # Another character set has its own collation; what is to be undone has to know the one that was.
        return {**wanted, collate: self._server.collation_of(wanted[charset])}


def _warnings(answers: Answers, spellings: Spellings) -> list[str]:
    found = []
    for question, error in answers.refused.items():
        tables = ", ".join(sorted(str(table.name) for table in spellings.asked.get(question, ())))
        reason = " ".join(str(error.orig).split())
        found.append(
            f"The database did not say how it writes {question.expression} of {tables}, "
            f"so it is compared as it stands: {reason}"
        )
    return found
