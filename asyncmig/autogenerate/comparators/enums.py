"""Enums: the enumerated types that stand beside tables."""

from __future__ import annotations

from collections.abc import Iterator

from asyncmig.autogenerate.differences import Difference, in_order
from asyncmig.schema import Snapshot


def compare(wanted: Snapshot, live: Snapshot) -> Iterator[Difference]:
    """The types that only one of the two has, and those with other values or another order of them."""
    for name in in_order(wanted.enums.keys() | live.enums.keys()):
        new, old = wanted.enums.get(name), live.enums.get(name)
        if new != old:
            yield Difference("enum", new, old)
