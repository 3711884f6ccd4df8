"""Schemas: which are missing, and which nothing needs any more."""

from __future__ import annotations

from collections.abc import Iterator

from asyncmig.autogenerate.differences import Difference
from asyncmig.schema import Snapshot


def compare(wanted: Snapshot, live: Snapshot, *, drop: bool) -> Iterator[Difference]:
    """The schemas that models use and the database lacks; those that no model uses only where that is asked for."""
    for name in sorted(wanted.schemas - live.schemas):
        yield Difference("schema", wanted=name)
    if drop:
        for name in sorted(live.schemas - wanted.schemas):
            yield Difference("schema", live=name)
