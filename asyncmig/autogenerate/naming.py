"""Names for constraints that models leave without one, so that they can be dropped again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from hashlib import md5
from typing import Final

#: The endings of the names that PostgreSQL gives; scripts for SQLite find constraints without a name by them, too.
_ENDINGS: Final = {
    "primary_key": "pkey",
    "unique": "key",
    "foreign_key": "fkey",
    "check": "check",
    "exclude": "excl",
}


def constraint_name(
    kind: str, table: str, columns: Sequence[str], *, limit: int, taken: Collection[str] = frozenset()
) -> str:
    """A name for a constraint.

    Args:
        kind: what it is, as differences call it.
        table: its table.
        columns: its columns.
        limit: how long a name may be, in bytes.
        taken: names that other constraints have.
    """
    middle = () if kind == "primary_key" else columns
    plain = name = _cut("_".join([table, *middle, _ENDINGS[kind]]), limit)
    number = 0
    while name in taken:
        number += 1
        name = _cut(f"{plain}{number}", limit)
    return name


def _cut(name: str, limit: int) -> str:
    if len(name.encode()) <= limit:
        return name
    # Two names that begin alike must not become one.
    digest = md5(name.encode(), usedforsecurity=False).hexdigest()[:6]
    kept = name.encode()[: limit - len(digest) - 1].decode(errors="ignore")
    return f"{kept}_{digest}"
