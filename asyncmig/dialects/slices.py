"""Slices: many things a few at a time, so that the event loop may turn to others in between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

from anyio.lowlevel import checkpoint

T = TypeVar("T")


async def sliced(items: Sequence[T], size: int = 500) -> AsyncIterator[Sequence[T]]:
    """*items* in slices, between which others have their turn.

    Args:
        items: the items.
        size: how many belong to a slice.
    """
    for start in range(0, len(items), size):
        yield items[start : start + size]
        await checkpoint()
