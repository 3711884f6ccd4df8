"""Rows of `information_schema` as the columns, keys, CHECKs and options of a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple

from asyncmig.dialects.expressions import without_parentheses
from asyncmig.dialects.mysql_defaults import on_update_of, shown_default, shown_expression
from asyncmig.dialects.mysql_literals import unquoted
from asyncmig.dialects.mysql_server import ServerWords, charset_of
from asyncmig.dialects.mysql_types import modern, type_words
from asyncmig.dialects.sql_text import MYSQL
from asyncmig.schema import (
    CheckState,
    ColumnState,
    ComputedState,
    IndexElement,
    IndexState,
    PrimaryKeyState,
    UniqueState,
)

Row = Sequence[Any]


class _Kind(NamedTuple):
    """What columns have in common that are shown with the same type, default and extras."""

    type: str
    default: str | None
    on_update: str | None
    autoincrement: bool
    computed: bool | None  # None: no; else whether its values are kept


class ColumnReader:
    """Rows of `information_schema.columns` as columns; each kind of column is looked at once.

    Args:
        server: what is known of the server.
    """

    def __init__(self, server: ServerWords) -> None:
        self._server = server
        self._kinds: dict[Any, _Kind] = {}

    def columns(self, rows: Iterable[Row], table_collation: str | None, json: frozenset[str]) -> Iterator[ColumnState]:
        """The columns of a table.

        Args:
            rows: their rows.
            table_collation: the default collation of the table.
            json: the columns that are of MariaDB's type JSON if they look like it.
        """
        for row in sorted(rows, key=itemgetter(2)):
            _, name, _, default, nullable, type_, collation, extra, comment, generated = row
            kind = self._kinds.get((default, type_, extra))
            if kind is None:
                kind = self._kinds[default, type_, extra] = self._kind(default, type_, extra)
            if kind.computed is not None and generated in _ROW_TIMES:
                continue
            shown = kind.type
            collation = modern(collation)
            if name in json and shown == "longtext" and collation == "utf8mb4_bin":
                shown, collation = "json", None
            computed = None
            if kind.computed is not None:
                computed = ComputedState(self._expression(generated), kind.computed)
            yield ColumnState(
                name,
                shown,
                nullable == "YES",
                kind.default,
                computed,
                None,
                kind.autoincrement,
                kind.on_update,
                None if collation == table_collation else collation,
                comment or None,
            )

    def _kind(self, default: str | None, type_: str, extra: str) -> _Kind:
        shown = type_words(type_, width=lambda charset, collation: 1).text
        words = extra.upper()
        computed = None
        if "VIRTUAL GENERATED" in words or "STORED GENERATED" in words or "PERSISTENT" in words:
            computed, default = "VIRTUAL" not in words, None
        return _Kind(
            shown,
            shown_default(default, shown, words, is_mariadb=self._server.is_mariadb),
            on_update_of(extra),
            "AUTO_INCREMENT" in words,
            computed,
        )

    def _expression(self, text: str) -> str:
        return without_parentheses(text if self._server.is_mariadb else shown_expression(text), MYSQL)


#: Columns that say since when and until when a row was valid; they come with the table and are not declared.
_ROW_TIMES: Final = frozenset({"ROW START", "ROW END"})


# -- keys ------------------------------------------------------------------------------------------------------------


class Keys(NamedTuple):
    """The keys of a table: what constraints they are, and the indexes that they are else."""

    primary_key: PrimaryKeyState | None
    uniques: tuple[UniqueState, ...]
    indexes: tuple[IndexState, ...]


def read_keys(rows: Iterable[Row], engine: str | None, prefix: str) -> Keys:
    """Rows of `information_schema.statistics` as the keys of a table.

    A unique key is shown as a unique constraint where it could be one; `align` makes an index of the models meet it.
    """
    parts: dict[str, list[Row]] = {}
    for row in rows:
        parts.setdefault(row[1], []).append(row)
    primary_key: PrimaryKeyState | None = None
    uniques: list[UniqueState] = []
    indexes: list[IndexState] = []
    for name in sorted(parts):
        key = sorted(parts[name], key=itemgetter(2))
        elements = tuple(map(_element, key))
        options = _key_options(key[0][7], engine, prefix)
        if name == "PRIMARY":
            primary_key = PrimaryKeyState(None, tuple([row[4] for row in key]), options)
        elif key[0][3] in (0, "0") and not options and all(map(is_plain, elements)):
            uniques.append(UniqueState(name, tuple([row[4] for row in key])))
        else:
            indexes.append(IndexState(name, elements, key[0][3] in (0, "0"), options))
    return Keys(primary_key, tuple(uniques), tuple(indexes))


def is_plain(element: IndexElement) -> bool:
    """Whether an element of an index is a column and nothing else."""
    return element == IndexElement(element.text)


def _element(row: Row) -> IndexElement:
    column, direction, length, kind, expression = row[4:]
    descending = direction == "D"
    if column is None:
        return IndexElement(without_parentheses(shown_expression(expression), MYSQL), True, descending)
    return IndexElement(column, descending=descending, length=None if kind == "SPATIAL" else length)


def _key_options(kind: str, engine: str | None, prefix: str) -> tuple[tuple[str, Any], ...]:
    if kind in ("FULLTEXT", "SPATIAL"):
        return ((f"{prefix}_prefix", kind),)
    # Elsewhere the server does as it likes, whatever USING says.
    return ((f"{prefix}_using", "btree"),) if kind == "BTREE" and engine == "MEMORY" else ()


# -- CHECKs and options ----------------------------------------------------------------------------------------------


_JSON_VALID: Final = re.compile(r"json_valid\(`((?:[^`]|``)*)`\)")


def read_checks(rows: Iterable[Row], *, is_mariadb: bool) -> tuple[tuple[CheckState, ...], frozenset[str]]:
    """The CHECKs of a table, and the columns that have one because MariaDB has made a JSON of them."""
    checks: list[CheckState] = []
    json: set[str] = set()
    for _, name, level, clause in rows:
        found = _JSON_VALID.fullmatch(clause) if level == "Column" else None
        if found is not None and found[1].replace("``", "`") == name:
            json.add(name)
        else:
            checks.append(
                CheckState(name, without_parentheses(clause if is_mariadb else shown_expression(clause), MYSQL))
            )
    return tuple(sorted(checks, key=lambda check: str(check.name))), frozenset(json)


#: Options as `create_options` shows them; the value of one may be quoted.
_OPTION: Final = re.compile(r"`?((?:DATA |INDEX )?\w+)`?\s*=\s*('(?:[^'\\]|\\.|'')*'|\"[^\"]*\"|\S+)")


def read_options(engine: str | None, collation: str | None, created_with: str | None, prefix: str) -> Mapping[str, Any]:
    """The options of a table under SQLAlchemy's names."""
    found: dict[str, Any] = {}
    if engine is not None:
        found["engine"] = engine
    if collation is not None:
        found["charset"], found["collate"] = charset_of(collation), collation
    for name, value in _OPTION.findall(created_with or ""):
        found[option_name(name)] = option_value(unquoted(value) if value[:1] == "'" else value.strip('"'))
    return {f"{prefix}_{name}": found[name] for name in sorted(found)}


def option_name(name: str) -> str:
    """The name of an option of a table in one spelling."""
    name = "_".join(name.lower().split())
    name = name.removeprefix("default_")
    return {"character_set": "charset", "type": "engine"}.get(name, name)


def option_value(value: Any) -> str:
    """The value of an option of a table in one spelling."""
    return str(value).upper()
