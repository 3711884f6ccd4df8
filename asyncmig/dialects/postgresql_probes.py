"""Probes: temporary tables that are made to hear how the server words something; nothing is evaluated for them.

One statement makes all of them, however many there are. The transaction around it is to be rolled back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.postgresql_asking import Asking
from asyncmig.dialects.postgresql_schema_queries import PROBE, probe_queries
from asyncmig.dialects.postgresql_schema_rows import SchemaRows, Words
from asyncmig.dialects.postgresql_text import dollar_quoted
from asyncmig.schema import ColumnState, IndexState, TableState

#: Makes the tables; one that cannot be made as a whole, because something is not there yet, is made as far as possible.
_MAKE: Final = """
DECLARE probe jsonb; part text;
BEGIN
    IF NOT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMPORARY') THEN
        RAISE insufficient_privilege USING MESSAGE = 'permission denied to create temporary tables';
    END IF;
    FOR probe IN SELECT * FROM pg_catalog.jsonb_array_elements({probes}::jsonb) LOOP
        BEGIN
            EXECUTE probe->>'whole';
        EXCEPTION WHEN read_only_sql_transaction THEN RAISE;
        WHEN OTHERS THEN
            FOR part IN SELECT * FROM pg_catalog.jsonb_array_elements_text(probe->'parts') LOOP
                BEGIN
                    EXECUTE part;
                EXCEPTION WHEN OTHERS THEN NULL;
                END;
            END LOOP;
        END;
    END LOOP;
END"""
#: The column of a table that was made piece by piece.
PIECES: Final = "asyncmig_pieces"


@dataclass(frozen=True)
class Doubts:
    """What is to be asked of one table.

    Args:
        columns: the names of columns.
        checks, excludes, indexes: the places of constraints and indexes.
        partition: what the table is partitioned by.
    """

    columns: frozenset[str] = frozenset()
    checks: tuple[int, ...] = ()
    excludes: tuple[int, ...] = ()
    indexes: tuple[int, ...] = ()
    partition: str | None = None

    def __bool__(self) -> bool:
        return bool(self.columns or self.checks or self.excludes or self.indexes or self.partition)


@dataclass(frozen=True)
class _Probe:
    """One temporary table.

    Args:
        own_name: the name of the table it stands for, quoted, where expressions say it.
        columns: quoted name, type (and what computes it), and default of each.
        checks, excludes: what stands behind these words.
        indexes: whether each is unique, and what stands behind the name of the table.
        partition: what stands behind PARTITION BY.
    """

    own_name: str | None
    columns: tuple[tuple[str, str, str | None], ...]
    checks: tuple[str, ...]
    excludes: tuple[str, ...]
    indexes: tuple[tuple[bool, str], ...]
    partition: str | None

    def texts(self, name: str) -> tuple[str, list[str]]:
        """What makes it at once, and what makes it piece by piece."""
        table = f"pg_temp.{self.own_name or name}"
        rename = [f"ALTER TABLE {table} RENAME TO {name}"] if self.own_name is not None else []
        constraints = [f"CONSTRAINT {name}_checks_{place} CHECK ({text})" for place, text in enumerate(self.checks)]
        constraints += [
            f"CONSTRAINT {name}_excludes_{place} EXCLUDE {text}" for place, text in enumerate(self.excludes)
        ]
        indexes = [
            f"CREATE {'UNIQUE ' if unique else ''}INDEX {name}_indexes_{place} ON {table} {text}"
            for place, (unique, text) in enumerate(self.indexes)
        ]
        columns = [
            f"{column} {type_}{'' if text is None else f' DEFAULT {text}'}" for column, type_, text in self.columns
        ]
        parted = f" PARTITION BY {self.partition}" if self.partition else ""
        whole = [f"CREATE TEMPORARY TABLE {table} ({', '.join([*columns, *constraints])}){parted}", *indexes, *rename]
        parts = [
            f"CREATE TEMPORARY TABLE {table} ({PIECES} boolean)",
            # A default that comes later is for later rows only, so nothing is evaluated.
            *[f"ALTER TABLE {table} ADD COLUMN {column} {type_}" for column, type_, _ in self.columns],
            *[
                f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {text}"
                for column, _, text in self.columns
                if text
            ],
            *[f"ALTER TABLE {table} ADD {constraint}" for constraint in constraints],
            *indexes,
            *rename,
        ]
        return ";\n".join(whole), parts


class Probes:
    """Temporary tables that are made to hear how the server words something.

    Args:
        adapter: the adapter.
        words: names of what indexes are made with.
        version: the major version of the server.
        index_text: what stands behind the name of the table in CREATE INDEX.
        first: the number of the first table.
    """

    def __init__(
        self,
        adapter: DialectAdapter,
        words: Words,
        version: int,
        index_text: Callable[[IndexState], str],
        first: int = 0,
    ) -> None:
        self.adapter = adapter
        self.words = words
        self.version = version
        self.index_text = index_text
        self.first = first
        self._made: dict[_Probe, int] = {}

    def __len__(self) -> int:
        return len(self._made)

    def add(self, table: TableState, doubts: Doubts) -> int:
        """Ask for *doubts* of *table*; gives the number of the answer. Tables that would be the same share one."""
        checks = tuple([table.checks[place].expression for place in doubts.checks])
        excludes = tuple([table.excludes[place].definition for place in doubts.excludes])
        asked = [table.indexes[place] for place in doubts.indexes]
        indexes = tuple([(index.unique, self.index_text(index)) for index in asked])
        said = " ".join([*checks, *excludes, *[text for _, text in indexes], doubts.partition or ""])
        computed = [one.computed.expression for one in table.columns if one.computed and one.name in doubts.columns]
        mentioned = _mentioned(" ".join([said, *computed]))
        columns = tuple(
            [
                self._column(column, asked=column.name in doubts.columns)
                for column in table.columns
                if column.name in doubts.columns or column.name.lower() in mentioned
            ]
        )
        own_name = self.adapter.quote(table.name.name) if table.name.name.lower() in mentioned else None
        probe = _Probe(own_name, columns, checks, excludes, indexes, doubts.partition)
        return self._made.setdefault(probe, self.first + len(self._made))

    def _column(self, column: ColumnState, *, asked: bool) -> tuple[str, str, str | None]:
        type_ = column.type
        if column.collation is not None:
            quote = self.adapter.printing.identifier_preparer.quote_identifier
            type_ += f" COLLATE {'.'.join(map(quote, column.collation.split('.')))}"
        if asked and column.computed is not None:
            kept = "STORED" if column.computed.stored else "VIRTUAL"
            type_ += f" GENERATED ALWAYS AS ({column.computed.expression}) {kept}"
        return self.adapter.quote(column.name), type_, column.default if asked else None

    async def ask(self, asking: Asking) -> dict[int, TableState]:
        """Make the tables, and read what the server says of each; in a transaction that is rolled back."""
        made = [probe.texts(f"{PROBE}{number}") for probe, number in self._made.items()]
        probes = json.dumps([{"whole": whole, "parts": parts} for whole, parts in made])
        text = _MAKE.replace("{probes}", self.adapter.literal(probes))
        await asking.send(f"DO {dollar_quoted(text)}")
        rows = SchemaRows(self.words)
        columns, constraints, indexes, partitions = probe_queries(self.version, self.first)
        rows.add_columns(await asking.fetch(columns))
        if any(probe.indexes for probe in self._made):
            rows.add_indexes(await asking.fetch(indexes))
        if any(probe.checks or probe.excludes for probe in self._made):
            rows.add_constraints(await asking.fetch(constraints))
        keys: dict[int, str] = {}
        if any(probe.partition for probe in self._made):
            keys = {number: key for number, key in await asking.fetch(partitions)}
        return {number: rows.answer(number, keys.get(number)) for number in self._made.values()}


def answers(states: Sequence[Any], number: int, kind: str) -> dict[int, Any]:
    """What the server says of constraints or indexes of a table, by the order in which they were asked for."""
    prefix = f"{PROBE}{number}_{kind}_"
    return {int(one.name.removeprefix(prefix)): one for one in states if one.name.startswith(prefix)}


def _mentioned(text: str) -> frozenset[str]:
    """Every word of a text, and every name in quotes, in lower case."""
    lower = text.lower()
    words = re.findall(r"\w[\w$]*", lower)
    return frozenset([*words, *[name.replace('""', '"') for name in re.findall(r'"((?:[^"]|"")+)"', lower)]])
