"""Partitions of MySQL and MariaDB tables, as the options that would make them again; they are not compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

QUESTION: Final = (
    "SELECT table_name, partition_ordinal_position, partition_name, subpartition_name, partition_method,"
    " subpartition_method, partition_expression, subpartition_expression, partition_description"
    " FROM information_schema.partitions WHERE table_schema = {schema} AND partition_name IS NOT NULL"
)
_COUNTED: Final = ("HASH", "KEY", "LINEAR HASH", "LINEAR KEY")


def read_partitions(rows: Iterable[Sequence[Any]], prefix: str) -> Mapping[str, dict[str, str]]:
    """The options of each table that has partitions, by its name.

    Args:
        rows: what the server answers to `QUESTION`.
        prefix: what the names of options begin with.
    """
    tables: dict[str, list[Sequence[Any]]] = {}
    for row in sorted(rows, key=itemgetter(0, 1)):
        tables.setdefault(row[0], []).append(row)
    return {name: {f"{prefix}_{option}": text for option, text in _options(parts)} for name, parts in tables.items()}


def _options(parts: Sequence[Sequence[Any]]) -> Iterator[tuple[str, str]]:
    method, _, expression = parts[0][4:7]
    named = {row[2]: row[8] for row in parts}
    head = f"{method} ({expression})"
    if parts[0][3] is not None:
        count = len(parts) // len(named)
        head += f" SUBPARTITION BY {parts[0][5]} ({parts[0][7] or ''}) SUBPARTITIONS {count}"
    if method in _COUNTED:
        yield "partition_by", head
        yield "partitions", str(len(named))
    elif method.startswith(("RANGE", "LIST")):
        words = "LESS THAN" if method.startswith("RANGE") else "IN"
        yield "partition_by", f"{head} ({', '.join(_part(name, words, values) for name, values in named.items())})"


def _part(name: str, words: str, values: str) -> str:
    quoted = name.replace("`", "``")
    return f"PARTITION `{quoted}` VALUES {words} {values if values == 'MAXVALUE' else f'({values})'}"
