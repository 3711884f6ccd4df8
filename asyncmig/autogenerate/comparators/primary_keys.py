"""Primary keys: whether a table has another one; its name does not count."""

from __future__ import annotations

from collections.abc import Iterator

from asyncmig.autogenerate.differences import Difference, TablePair
from asyncmig.schema import PrimaryKeyState


def compare(pair: TablePair) -> Iterator[Difference]:
    """Whether the primary key differs."""
    if _structure(pair.wanted.primary_key) != _structure(pair.live.primary_key):
        yield Difference("primary_key", pair.wanted.primary_key, pair.live.primary_key, pair)


def _structure(key: PrimaryKeyState | None) -> object:
    return None if key is None else (key.columns, key.options)
