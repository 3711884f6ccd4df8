"""Ledger: every directive that an async script issues must be awaited before the next one, and before the end."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Generator
from linecache import getline
from typing import Any, Generic, TypeVar

from asyncmig.errors import UnawaitedOperationError

R = TypeVar("R")


class Pending(Awaitable[R], Generic[R]):
    """An issued directive that waits to be awaited.

    Args:
        verb: the directive.
        start: makes the coroutine that carries it out; called at most once.
        path, line: where the script issued it.
    """

    __slots__ = ("_start", "awaited", "line", "path", "verb")

    def __init__(self, verb: str, start: Callable[[], Awaitable[R]], path: str, line: int) -> None:
        self.verb = verb
        self._start = start
        self.path = path
        self.line = line
        self.awaited = False

    def __await__(self) -> Generator[Any, None, R]:
        if self.awaited:
            raise RuntimeError(f"op.{self.verb} was awaited already; a directive is carried out once.")
        self.awaited = True
        return self._start().__await__()


class Ledger:
    """The directives that one run of a script has issued and not yet awaited."""

    def __init__(self) -> None:
        self._open: Pending[Any] | None = None
        self._running: str | None = None

    def issue(self, verb: str, start: Callable[[], Awaitable[R]], *, depth: int) -> Pending[R]:
        """Sign in a directive.

        Args:
            verb: the directive.
            start: makes the coroutine that carries it out.
            depth: how many frames above this one the script's own line is.

        Raises:
            UnawaitedOperationError: the directive before it has not been awaited.
        """
        self.require_settled()
        frame = sys._getframe(depth)
        pending = Pending(verb, start, frame.f_code.co_filename, frame.f_lineno)
        self._open = pending
        return pending

    def require_settled(self) -> None:
        """Raise `UnawaitedOperationError` when a directive was issued and not awaited."""
        pending = self._open
        if pending is None or pending.awaited:
            self._open = None
            return
        self._open = None
        source = getline(pending.path, pending.line).strip()
        raise UnawaitedOperationError(
            verb=pending.verb,
            source=source if f".{pending.verb}(" in source and source.endswith(")") else None,
            path=pending.path,
            line=pending.line,
        )
