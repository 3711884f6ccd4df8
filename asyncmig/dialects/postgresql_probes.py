"""Probes: temporary tables that are made to hear how the server words something; nothing is evaluated for them.

One statement makes all of them, however many there are, and a few tables do for all that is asked: each of them takes
locks, of which a server has a limited number. The transaction around it is to be rolled back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.postgresql_asking import Asking
from asyncmig.dialects.postgresql_index_text import collation_text
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
_PIECES: Final = "asyncmig_pieces"
#: The columns that are asked for; what they are called is no matter.
_ASKED: Final = "asyncmig_asked_"
#: How many columns, constraints and indexes a table gets.
_MANY: Final = 250
#: How many tables and indexes are there at once: each holds a lock until they are rolled back.
_AT_ONCE: Final = 1500
#: A table has what is too long for it beside it, with an index.
_OF_TABLE: Final = 3


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


@dataclass
class Answer:
    """What the server says of one table: of the columns by name, of the rest by place; None for what it cannot."""

    columns: dict[str, ColumnState | None] = field(default_factory=dict)
    checks: dict[int, Any] = field(default_factory=dict)
    excludes: dict[int, Any] = field(default_factory=dict)
    indexes: dict[int, Any] = field(default_factory=dict)
    partition: str | None = None


@dataclass
class _Probe:
    """One temporary table.

    Args:
        own_name: the name of the table it stands for, quoted, where expressions say it.
        columns: the types of columns that are needed, by their quoted names.
        asked: type and default of the columns that are asked for, by the name they have here.
        checks, excludes, indexes: what stands behind these words, and the name it has here.
        partition: what stands behind PARTITION BY.
    """

    own_name: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    asked: dict[tuple[str, str | None], str] = field(default_factory=dict)
    checks: dict[str, str] = field(default_factory=dict)
    excludes: dict[str, str] = field(default_factory=dict)
    indexes: dict[str, str] = field(default_factory=dict)
    partition: str | None = None

    def takes(self, columns: Mapping[str, str]) -> bool:
        """Whether these columns can be in it."""
        known = self.columns
        return len(known) + len(self.asked) < _MANY and all(
            known.get(name, type_) == type_ for name, type_ in columns.items()
        )

    def locks(self) -> int:
        """How many locks it takes."""
        return _OF_TABLE + len(self.excludes) + len(self.indexes)

    def texts(self, name: str) -> tuple[str, list[str]]:
        """What makes it at once, and what makes it piece by piece."""
        table = f"pg_temp.{self.own_name or name}"
        rename = [f"ALTER TABLE {table} RENAME TO {name}"] if self.own_name is not None else []
        constraints = [f"CONSTRAINT {own} CHECK ({text})" for text, own in self.checks.items()]
        constraints += [f"CONSTRAINT {own} EXCLUDE {text}" for text, own in self.excludes.items()]
        indexes = [f"CREATE INDEX {own} ON {table} {text}" for text, own in self.indexes.items()]
        needed = [f"{column} {type_}" for column, type_ in self.columns.items()]
        asked = [f"{own} {type_}" for (type_, _), own in self.asked.items()]
        defaults = {own: f" DEFAULT {text}" for (_, text), own in self.asked.items() if text is not None}
        whole = [*needed, *[f"{text}{defaults.get(text.partition(' ')[0], '')}" for text in asked], *constraints]
        parted = f" PARTITION BY {self.partition}" if self.partition else ""
        parts = [
            f"CREATE TEMPORARY TABLE {table} ({_PIECES} boolean)",
            *[f"ALTER TABLE {table} ADD COLUMN {column}" for column in (*needed, *asked)],
            # A default that comes later is for later rows only, so nothing is evaluated.
            *[f"ALTER TABLE {table} ALTER {own} SET{text}" for own, text in defaults.items()],
            *[f"ALTER TABLE {table} ADD {constraint}" for constraint in constraints],
            *indexes,
            *rename,
        ]
        return ";\n".join([f"CREATE TEMPORARY TABLE {table} ({', '.join(whole)}){parted}", *indexes, *rename]), parts


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
        self._probes: list[_Probe] = []
        self._heard: dict[str, Any] = {}
        self._partitions: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._probes)

    # -- what is asked ----------------------------------------------------------------------------------------------

    def add(self, table: TableState, doubts: Doubts) -> Callable[[], Answer]:
        """Ask for *doubts* of *table*; gives what gives the answer when the server has been asked."""
        columns: dict[str, str] = {}
        parts: dict[str, dict[int, str]] = {"checks": {}, "excludes": {}, "indexes": {}}
        for column in table.columns:
            if column.name in doubts.columns:
                columns[column.name] = self._add_column(table, column)
        for place in doubts.checks:
            parts["checks"][place] = self._add_part(table, "checks", table.checks[place].expression)
        for place in doubts.excludes:
            parts["excludes"][place] = self._add_part(table, "excludes", table.excludes[place].definition)
        for place in doubts.indexes:
            parts["indexes"][place] = self._add_part(table, "indexes", self.index_text(table.indexes[place]))
        number = None if doubts.partition is None else self._add_partition(table, doubts.partition)

        def answer() -> Answer:
            heard = {kind: {at: self._heard.get(own) for at, own in owns.items()} for kind, owns in parts.items()}
            return Answer(
                {name: self._heard.get(own) for name, own in columns.items()},
                **heard,
                partition=None if number is None else self._partitions.get(number),
            )

        return answer

    def _add_column(self, table: TableState, column: ColumnState) -> str:
        type_ = self._type(column)
        own_name: str | None = None
        needed: dict[str, str] = {}
        if column.computed is not None:
            own_name, needed = self._needed(table, column.computed.expression)
            kept = "STORED" if column.computed.stored else "VIRTUAL"
            type_ += f" GENERATED ALWAYS AS ({column.computed.expression}) {kept}"
        number, probe = self._probe(own_name, needed)
        return probe.asked.setdefault((type_, column.default), f"{_ASKED}{self.first + number}_{len(probe.asked)}")

    def _add_part(self, table: TableState, kind: str, text: str) -> str:
        number, probe = self._probe(*self._needed(table, text))
        known: dict[str, str] = getattr(probe, kind)
        return known.setdefault(text, f"{PROBE}{self.first + number}_{kind}_{len(known)}")

    def _add_partition(self, table: TableState, text: str) -> int:
        own_name, needed = self._needed(table, text)
        self._probes.append(_Probe(own_name, needed, partition=text))
        return self.first + len(self._probes) - 1

    def _probe(self, own_name: str | None, needed: dict[str, str]) -> tuple[int, _Probe]:
        """The first table that what needs these columns may be in."""
        for number, probe in enumerate(self._probes):
            if probe.own_name == own_name and probe.partition is None and probe.takes(needed):
                probe.columns.update(needed)
                return number, probe
        self._probes.append(_Probe(own_name, dict(needed)))
        return len(self._probes) - 1, self._probes[-1]

    def _needed(self, table: TableState, text: str) -> tuple[str | None, dict[str, str]]:
        """The name of the table where a text says it, and the columns that it says, with their types."""
        said = _mentioned(text)
        columns = {column.name: column for column in table.columns if column.name.lower() in said}
        name = table.name.name
        own_name = self.adapter.quote(name) if name.lower() in said and name not in columns else None
        return own_name, {self.adapter.quote(name): self._type(column) for name, column in columns.items()}

    def _type(self, column: ColumnState) -> str:
        return column.type if column.collation is None else f"{column.type} COLLATE {collation_text(column.collation)}"

    # -- what is heard ----------------------------------------------------------------------------------------------

    async def ask(self, asking: Asking) -> None:
        """Make the tables, and read what the server says of each; in a transaction that is rolled back."""
        groups = list(self._groups())
        for numbers in groups:
            if len(groups) == 1:
                await self._ask(asking, numbers)
            else:
                async with asking.transaction():
                    await self._ask(asking, numbers)

    def _groups(self) -> Iterator[range]:
        """The places of the tables that may be there at once."""
        start = locks = 0
        for place, probe in enumerate(self._probes):
            locks += probe.locks()
            if locks > _AT_ONCE and place > start:
                yield range(start, place)
                start, locks = place, probe.locks()
        if self._probes:
            yield range(start, len(self._probes))

    async def _ask(self, asking: Asking, places: range) -> None:
        asked = [self._probes[place] for place in places]
        made = [probe.texts(f"{PROBE}{self.first + place}") for place, probe in zip(places, asked, strict=True)]
        probes = json.dumps([{"whole": whole, "parts": parts} for whole, parts in made])
        text = _MAKE.replace("{probes}", self.adapter.literal(probes))
        await asking.send(f"DO {dollar_quoted(text)}")
        rows = SchemaRows(self.words)
        columns, constraints, indexes, partitions = probe_queries(self.version, self.first)
        rows.add_columns(await asking.fetch(columns))
        if any(probe.indexes for probe in asked):
            rows.add_indexes(await asking.fetch(indexes))
        if any(probe.checks or probe.excludes for probe in asked):
            rows.add_constraints(await asking.fetch(constraints))
        if any(probe.partition for probe in asked):
            self._partitions |= {number: key for number, key in await asking.fetch(partitions)}
        for state in rows.answers(self.first + place for place in places):
            for name, part in _parts(state):
                self._heard[name] = part


def _parts(table: TableState) -> Iterator[tuple[str, Any]]:
    for kind in ("checks", "excludes", "indexes"):
        parts: Sequence[Any] = getattr(table, kind)
        yield from ((part.name, part) for part in parts)
    pieces = any(column.name == _PIECES for column in table.columns)
    for column in table.columns:
        # A default that is not there may have been refused.
        if column.name.startswith(_ASKED) and not (pieces and column.default is None and column.computed is None):
            yield column.name, column


_WORD: Final = re.compile(r"\w[\w$]*")
_QUOTED: Final = re.compile(r'"((?:[^"]|"")+)"')


def _mentioned(text: str) -> frozenset[str]:
    """Every word of a text, and every name in quotes, in lower case."""
    lower = text.lower()
    quoted = [name.replace('""', '"') for name in _QUOTED.findall(lower)] if '"' in lower else []
    return frozenset([*_WORD.findall(lower), *quoted])
