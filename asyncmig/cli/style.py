"""Style: colour for those who see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO

__all__ = ["Style", "is_terminal"]

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def is_terminal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether *stream* is a terminal on which a line can be written over."""
    return stream.isatty() and environ.get("TERM") != "dumb"


class Style:
    """Puts colour around texts, or leaves them as they are.

    Args:
        enabled: whether there is colour.
    """

    def __init__(self, enabled: bool) -> None:
        self.enabled = enabled

    @classmethod
    def of(cls, stream: TextIO, environ: Mapping[str, str]) -> Style:
        """Colour where *stream* is a terminal and `NO_COLOR` is not set."""
        return cls(is_terminal(stream, environ) and not environ.get("NO_COLOR"))

    def __call__(self, text: str, *names: str) -> str:
        """*text* in the colours *names*."""
        if not self.enabled or not names or not text:
            return text
        return f"\033[{';'.join(_CODES[name] for name in names)}m{text}\033[0m"
