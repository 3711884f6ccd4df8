"""Search path: lent to what an `env.py` of Alembic and its revision files import, and given back."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

__all__ = ["lent_search_path"]


@contextmanager
def lent_search_path(root: Path, places: Sequence[str]) -> Iterator[None]:
    """Let imports be found in *places* first, also those of modules that are shared with the host process.

    Several runs at the same time each add their places and take away their own.

    Args:
        root: where relative places start.
        places: what `prepend_sys_path` of the settings names.
    """
    lent = [str(root / place) for place in places]
    sys.path[:0] = lent
    try:
        yield
    finally:
        # By identity: another run may have lent the same places.
        mine = {id(each) for each in lent}
        sys.path[:] = [each for each in sys.path if id(each) not in mine]
