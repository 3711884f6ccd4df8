"""Trace: the line of a file that an error came through."""

from __future__ import annotations

import os
from pathlib import Path


def line_in(path: Path | None, error: BaseException) -> int | None:
    """The last line of *path* that *error* came through; None when it did not."""
    if path is None:
        return None
    line, here, traceback = None, os.fspath(path), error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == here:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
