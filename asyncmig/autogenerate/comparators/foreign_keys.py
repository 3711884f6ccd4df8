"""Foreign keys: known by their names or by what they are; another name alone is no difference."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from asyncmig.autogenerate.differences import Difference, TablePair
from asyncmig.autogenerate.matching import matched
from asyncmig.schema import ForeignKeyState


def compare(pair: TablePair) -> Iterator[Difference]:
    """The foreign keys that differ."""
    for wanted, live in matched(pair.wanted.foreign_keys, pair.live.foreign_keys, _structure, names_count=False):
        if wanted is None or live is None or _structure(wanted) != _structure(live):
            yield Difference("foreign_key", wanted, live, pair)


def _structure(key: ForeignKeyState) -> Hashable:
    # In which order the pairs of columns stand means nothing.
    columns = tuple(sorted(zip(key.columns, key.referent_columns, strict=False)))
    actions = (key.onupdate, key.ondelete, key.deferrable, key.initially_deferred, key.match)
    return columns, key.referent, actions, key.options
