"""Columns that models want in the words that the database has for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from asyncmig._sqlalchemy import copy_column
from asyncmig.dialects.mysql_columns import scan, unquote
from asyncmig.dialects.mysql_expressions import same_expression
from asyncmig.dialects.mysql_literals import is_string
from asyncmig.dialects.mysql_restore_types import type_of
from asyncmig.dialects.mysql_server import ServerWords, charset_of
from asyncmig.dialects.mysql_spelling import Question, Spellings
from asyncmig.dialects.mysql_types import CHARACTER_TYPES, NUMBER_TYPES, base_of
from asyncmig.schema import ColumnState, ComputedState, TableState

_NUMBER: Final = re.compile(r"-?[\d.]+")
#: What numbers are shown as can be told for these.
_EXACT: Final = NUMBER_TYPES - {"float", "double"}
_BYTES: Final = frozenset({"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"})


def is_same_type(wanted: ColumnState, live: ColumnState) -> bool:
    """Whether two types mean the same to the server, but for how wide a small integer is shown."""
    if wanted.type == "json" and live.type == "longtext" and live.collation == "utf8mb4_bin":
        # As MariaDB made JSON before it added the CHECK by itself.
        return True
    if wanted.collation != live.collation:
        return False
    return _shown_apart(wanted.type) == _shown_apart(live.type) or is_shown_as(wanted.type, live.type)


def is_shown_as(text: str, shown: str) -> bool:
    """Whether *shown* is *text* with a question mark for each character that the server's catalogue cannot hold.

    The catalogue of MariaDB has three bytes for a character; larger ones become one question mark, or four.
    """
    if "?" not in shown or text.isascii():
        return False
    parts = re.split("[\U00010000-\U0010ffff]", text)
    return len(parts) > 1 and re.fullmatch(r"\?{1,4}".join(map(re.escape, parts)), shown) is not None


def _shown_apart(type_: str) -> str:
    return type_.replace("tinyint(1)", "tinyint", 1) if type_.startswith("tinyint(1)") else type_


class AlignedColumns:
    """Makes the columns of a table meet those that the database has.

    Args:
        wanted: the table of the models.
        live: the table of the database.
        server: what is known of the server.
        prefix: what the names of options begin with.
        spellings: how the server writes expressions.
    """

    def __init__(
        self, wanted: TableState, live: TableState, server: ServerWords, prefix: str, spellings: Spellings
    ) -> None:
        self._wanted = wanted
        self._live = live
        self._spellings = spellings
        self._live_collation = live.options.get(f"{prefix}_collate")
        self._collation = wanted.options.get(f"{prefix}_collate")
        charset = wanted.options.get(f"{prefix}_charset")
        is_other = self._live_collation is None or charset_of(self._live_collation) != charset
        if self._collation is None and charset is not None and is_other:
            self._collation = server.collation_of(charset)
        if self._collation is None:
            self._collation = self._live_collation

    def columns(self) -> Iterator[ColumnState]:
        """The columns."""
        there = {column.name: column for column in self._live.columns}
        for column in self._wanted.columns:
            live = there.get(column.name)
            if live is not None:
                yield column if column == live and not self.moves else self._column(column, live)
            elif self.moves and column.collation is None and base_of(column.type) in CHARACTER_TYPES:
                yield replace(column, **self._explicit(column))
            else:
                yield column

    @property
    def moves(self) -> bool:
        """Whether the table gets another default collation, so that each of its columns has to say which one it has.

        A column that is there keeps what it has unless it is told.
        """
        return self._collation != self._live_collation

    def silent(self) -> Iterator[ColumnState]:
        """The columns of the database that have to say which collation they had, where they are to have it again."""
        for column in self._live.columns if self.moves else ():
            if column.collation is None and base_of(column.type) in CHARACTER_TYPES:
                yield column

    def _explicit(self, column: ColumnState) -> dict[str, Any]:
        """The collation that a column gets from its table, and a model that says so itself."""
        model = column.model
        if model is not None:
            table = model.table
            model = copy_column(model)
            model.type = type_of(replace(column, collation=self._collation))
            model.table = table
        return {"collation": self._collation, "model": model}

    def _column(self, wanted: ColumnState, live: ColumnState) -> ColumnState:
        changes: dict[str, Any] = {}
        if base_of(wanted.type) in CHARACTER_TYPES:
            changes.update(self._collated(wanted, live))
        if wanted.default is not None and live.default is not None and wanted.default != live.default:
            changes["default"] = self._default(wanted, live.default)
        if wanted.computed is not None and live.computed is not None and wanted.computed != live.computed:
            text = self._spelt("computed", wanted.computed.expression, live.computed.expression, wanted)
            changes["computed"] = ComputedState(text, wanted.computed.stored)
        found = replace(wanted, **changes) if changes else wanted
        if found.type != live.type and is_same_type(found, live):
            found = replace(found, type=live.type, collation=live.collation)
        return found

    def _collated(self, wanted: ColumnState, live: ColumnState) -> Mapping[str, Any]:
        """The collation of a column as the table that is there would say it."""
        explicit = self._explicit(wanted) if self.moves and wanted.collation is None else {}
        has_characters = base_of(live.type) in CHARACTER_TYPES
        if has_characters and (wanted.collation or self._collation) == (live.collation or self._live_collation):
            return {**explicit, "collation": live.collation}
        return explicit

    def _default(self, wanted: ColumnState, live: str) -> str:
        text = str(wanted.default)
        base = base_of(wanted.type)
        if base in _EXACT and _NUMBER.fullmatch(text) and _NUMBER.fullmatch(live):
            return text
        if is_shown_as(text, live):
            return live
        if base in CHARACTER_TYPES - {"enum", "set"} and is_string(text):
            return text
        if base in _BYTES and not text.isascii():
            return text
        return self._spelt("default", text, live, wanted)

    def _spelt(self, kind: str, text: str, live: str, column: ColumnState) -> str:
        return spelt(self._spellings, kind, text, (live,), self._wanted, column)


def question(kind: str, text: str, table: TableState, column: ColumnState | None = None) -> Question:
    """The question how the server writes an expression of a table, and of a column, where it belongs to one."""
    named = {known.name.lower(): known for known in table.columns}
    spoken: dict[str, tuple[str, str]] = {}
    for token in scan(text, escapes=True):
        if token.kind in ("name", "word") and (known := named.get(unquote(token.text).lower())) is not None:
            spoken[known.name.lower()] = (known.name, _definition(known))
    of_column = "" if column is None else _definition(column)
    return Question(kind, text, of_column, tuple(sorted(spoken.values())))


def _definition(column: ColumnState) -> str:
    return f"{column.type} COLLATE {column.collation}" if column.collation else column.type


def spelt(
    spellings: Spellings,
    kind: str,
    text: str,
    live: Sequence[str],
    table: TableState,
    column: ColumnState | None = None,
) -> str:
    """An expression as it is in *live* if it is there, else as the server writes it, as far as that is known."""
    for other in live:
        if same_expression(text, other):
            return other
    answer = spellings.of(question(kind, text, table, column), table)
    if answer is None:
        return text
    return next((other for other in live if same_expression(answer, other)), answer)
