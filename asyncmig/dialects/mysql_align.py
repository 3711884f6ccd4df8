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
from asyncmig.schema import Snapshot, TableState

#: How many tables are looked at before others get their turn.
_SLICE: Final = 40


async def align(connection: Connection, wanted: Snapshot, live: Snapshot, server: ServerWords, prefix: str) -> Snapshot:
    """*wanted* in the words of *live*.

    What is spelt otherwise in a way that cannot be told here the server is asked for, all of it at once; what it does
    not answer stays as the models write it, with a warning.

    Args:
        connection: the database.
        wanted: what the models want.
        live: what the database has.
        server: what is known of the server.
        prefix: what the names of options begin with.
    """
    tables = dict(wanted.tables)
    spellings = Spellings()
    for number, (name, table) in enumerate(wanted.tables.items(), 1):
        there = live.tables.get(name)
        if there is not None and table != there:
            tables[name] = _aligned(table, there, server, prefix, spellings)
        if number % _SLICE == 0:
            await anyio.lowlevel.checkpoint()
    if not spellings.asked:
        return replace(wanted, tables=tables)
    answers = await ask(connection, list(spellings.asked), escapes=server.escapes)
    asked = {table.name for tables_of in spellings.asked.values() for table in tables_of}
    spellings = Spellings(answers.spelt)
    for name in asked:
        tables[name] = _aligned(wanted.tables[name], live.tables[name], server, prefix, spellings)
    return replace(wanted, tables=tables, warnings=(*wanted.warnings, *_warnings(answers, spellings)))


def _aligned(
    wanted: TableState, live: TableState, server: ServerWords, prefix: str, spellings: Spellings
) -> TableState:
    uniques, indexes = uniques_and_indexes(wanted, live, spellings)
    return replace(
        wanted,
        columns=tuple(AlignedColumns(wanted, live, server, prefix, spellings).columns()),
        uniques=uniques,
        indexes=indexes,
        foreign_keys=foreign_keys(wanted, live),
        checks=checks(wanted, live, spellings),
        options=_options(wanted.options, live.options),
    )


def _options(wanted: Mapping[str, Any], live: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options of a table; where all that models say is so, all that the database says."""
    return live if all(live.get(name) == value for name, value in wanted.items()) else wanted


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
