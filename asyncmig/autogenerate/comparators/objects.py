"""Objects: views, functions, triggers and whatever else stands beside tables."""

from __future__ import annotations

from collections.abc import Iterator

from asyncmig.autogenerate.differences import Difference
from asyncmig.schema import ObjectKey, Snapshot

#: What models may ask for, and what is not theirs to take away.
_NEVER_DROPPED = frozenset({"extension"})


def compare(wanted: Snapshot, live: Snapshot) -> Iterator[Difference]:
    """The objects that only one of the two has, and those that are defined otherwise."""
    for key in sorted(wanted.objects.keys() | live.objects.keys(), key=_place):
        new, old = wanted.objects.get(key), live.objects.get(key)
        if new is None and key.kind in _NEVER_DROPPED:
            continue
        if new is None or old is None or new.definition != old.definition:
            yield Difference("object", new, old)


def _place(key: ObjectKey) -> tuple[str, str, str, str]:
    return key.kind, key.schema or "", key.table or "", key.name
