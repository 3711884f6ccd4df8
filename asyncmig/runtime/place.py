"""Place: where in a script a word of `op` was used, for messages."""

from __future__ import annotations

import sys


def place_in_script() -> tuple[str | None, int | None]:
    """The file and the line of the newest call that does not come from asyncmig itself."""
    frame = sys._getframe(1)
    while frame.f_globals.get("__name__", "").startswith("asyncmig."):
        if frame.f_back is None:
            return None, None
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno
