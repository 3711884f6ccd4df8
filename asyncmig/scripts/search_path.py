"""SearchPath: where imports of one project's files look first, while the process keeps its own search path."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from asyncmig.scripts.module_views import View

__all__ = ["SearchPath"]

# While something is imported, it is the search path of all threads.
_LOCK = threading.RLock()


class SearchPath:
    """The search path of one project's files; it is that of the process for the length of an import.

    Args:
        first: what goes before the search path of the process.
    """

    def __init__(self, first: Sequence[str] = ()) -> None:
        self._first = list(first)
        self._depth = 0
        #: What the files of the project see as `sys.path`; they may change it.
        self.entries: list[str] = []
        self.reset()

    def reset(self) -> None:
        """Forget what files have added."""
        self.entries[:] = [*self._first, *sys.path]

    def sys_view(self) -> View:
        """The module `sys` as the files of the project see it."""
        return _Sys(sys, {"path": self.entries})

    @contextmanager
    def used(self) -> Iterator[None]:
        """Import with this search path; nothing may wait meanwhile."""
        with _LOCK:
            if self._depth:
                yield
                return
            before = list(sys.path)
            used = [*self.entries, *(each for each in before if each not in self.entries)]
            sys.path[:] = used
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                # What was imported may have added to it, and relies on that later.
                self.entries[:0] = [each for each in sys.path if each not in used]
                sys.path[:] = before


class _Sys(View):
    def __setattr__(self, name: str, value: Any) -> None:
        if name == "path":
            self.__dict__["path"][:] = value
        else:
            super().__setattr__(name, value)
