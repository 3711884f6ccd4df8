"""EXCLUDE constraints: known by their names or their definitions; another name alone is no difference."""

from __future__ import annotations

from collections.abc import Iterator

from asyncmig.autogenerate.differences import Difference, TablePair
from asyncmig.autogenerate.matching import matched
from asyncmig.schema import ExcludeState


def compare(pair: TablePair) -> Iterator[Difference]:
    """The EXCLUDE constraints that differ."""
    for wanted, live in matched(pair.wanted.excludes, pair.live.excludes, _structure, names_count=False):
        if wanted is None or live is None or wanted.definition != live.definition:
            yield Difference("exclude", wanted, live, pair)


def _structure(exclude: ExcludeState) -> str:
    return exclude.definition
