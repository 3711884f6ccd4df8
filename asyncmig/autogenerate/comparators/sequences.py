"""Sequences: those that belong to no column."""

from __future__ import annotations

from collections.abc import Iterator

from asyncmig.autogenerate.differences import Difference, in_order
from asyncmig.schema import Snapshot


def compare(wanted: Snapshot, live: Snapshot) -> Iterator[Difference]:
    """The sequences that only one of the two has, and those with other options."""
    for name in in_order(wanted.sequences.keys() | live.sequences.keys()):
        new, old = wanted.sequences.get(name), live.sequences.get(name)
        if new != old:
            yield Difference("sequence", new, old)
