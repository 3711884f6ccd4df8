"""CHECK constraints: known by their names or their conditions; another name alone is no difference."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from asyncmig.autogenerate.differences import Difference, TablePair
from asyncmig.autogenerate.matching import matched
from asyncmig.schema import CheckState


def compare(pair: TablePair) -> Iterator[Difference]:
    """The CHECK constraints that differ."""
    for wanted, live in matched(pair.wanted.checks, pair.live.checks, _structure, names_count=False):
        if wanted is None or live is None or _structure(wanted) != _structure(live):
            yield Difference("check", wanted, live, pair)


def _structure(check: CheckState) -> Hashable:
    return check.expression, check.options
