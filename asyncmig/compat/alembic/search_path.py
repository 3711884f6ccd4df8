"""Search path: lent to an `env.py` of Alembic and to what it imports, and given back."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

__all__ = ["lent_search_path"]


@contextmanager
def lent_search_path(root: Path, places: Sequence[str]) -> Iterator[None]:
    """Let imports be found in *places* first; afterwards the search path is what it was, whatever `env.py` did to it.

    Args:
        root: where relative places start.
        places: what `prepend_sys_path` of the settings names.
    """
    before = list(sys.path)
    sys.path[:0] = [str(root / place) for place in places]
    try:
        yield
    finally:
        sys.path[:] = before
