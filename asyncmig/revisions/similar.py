"""Similar names: what somebody may have meant by a name that does not exist."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["similar"]


def similar(name: str, names: Iterable[str], *, limit: int = 3) -> list[str]:
    """Those of *names* that are spelt almost like *name*, the likeliest first."""
    # Imported here because only an error needs it, and no start should pay for it.
    from difflib import get_close_matches

    return get_close_matches(name, list(names), n=limit, cutoff=0.6)
