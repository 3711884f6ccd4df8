"""Alignment: what models want, in the wording of a database where only the wording differs; for SQLite by its words."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from asyncmig.dialects.sqlite_schema import affinity
from asyncmig.dialects.sqlite_words import meaning
from asyncmig.schema import CheckState, ColumnState, IndexElement, IndexState, TableState

_NUMBERS: Final = frozenset({"INTEGER", "REAL", "NUMERIC"})
_NUMBER: Final = re.compile(r"'([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)'")
_TRUTH: Final = {"true": "1", "false": "0"}


def align_table(wanted: TableState, live: TableState) -> TableState:
    """*wanted* with the expressions of *live* where they mean the same."""
    if wanted == live:
        return wanted
    columns = {column.name: column for column in live.columns}
    indexes = {index.name: index for index in live.indexes}
    return replace(
        wanted,
        columns=tuple([_column(column, columns.get(column.name)) for column in wanted.columns]),
        checks=_checks(wanted, live),
        indexes=tuple([_index(index, indexes.get(index.name)) for index in wanted.indexes]),
    )


def _column(wanted: ColumnState, live: ColumnState | None) -> ColumnState:
    if live is None or wanted == live:
        return wanted
    default, computed = wanted.default, wanted.computed
    if default != live.default and default is not None and live.default is not None:
        numeric = affinity(wanted.type) in _NUMBERS
        if _value(default, numeric=numeric) == _value(live.default, numeric=numeric):
            default = live.default
    if computed is not None and live.computed is not None:
        computed = replace(computed, expression=_wording(computed.expression, live.computed.expression))
    if default == wanted.default and computed == wanted.computed:
        return wanted
    return replace(wanted, default=default, computed=computed)


def _value(default: str, *, numeric: bool) -> tuple[str, ...]:
    """What a default means; a number in quotes is the same for a column of numbers."""
    words = meaning(default)
    if len(words) != 1:
        return words
    word = _TRUTH.get(words[0], words[0])
    if numeric and (number := _NUMBER.fullmatch(word)):
        return meaning(number[1])
    return (word,)


def _wording(wanted: str, live: str) -> str:
    return live if wanted != live and meaning(wanted) == meaning(live) else wanted


def _checks(wanted: TableState, live: TableState) -> tuple[CheckState, ...]:
    if wanted.checks == live.checks:
        return wanted.checks
    there = {check.expression for check in live.checks}
    by_meaning = {meaning(expression): expression for expression in sorted(there)}
    return tuple(
        [
            check
            if check.expression in there
            else replace(check, expression=by_meaning.get(meaning(check.expression), check.expression))
            for check in wanted.checks
        ]
    )


def _index(wanted: IndexState, live: IndexState | None) -> IndexState:
    if live is None or wanted == live:
        return wanted
    elements = wanted.elements
    if len(elements) == len(live.elements):
        elements = tuple(map(_element, elements, live.elements))
    options = dict(wanted.options)
    there = dict(live.options).get("sqlite_where")
    if "sqlite_where" in options and there is not None:
        options["sqlite_where"] = _wording(options["sqlite_where"], there)
    return replace(wanted, elements=elements, options=tuple(sorted(options.items())))


def _element(wanted: IndexElement, live: IndexElement) -> IndexElement:
    if not (wanted.is_expression and live.is_expression):
        return wanted
    return replace(wanted, text=_wording(wanted.text, live.text))
