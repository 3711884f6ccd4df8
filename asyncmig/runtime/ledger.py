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
        block: whether it is a block, for `async with`.
    """

    __slots__ = ("_start", "awaited", "block", "line", "path", "verb")

    def __init__(
        self, verb: str, start: Callable[[], Awaitable[R]], path: str, line: int, *, block: bool = False
    ) -> None:
        self.verb = verb
        self._start = start
        self.path = path
        self.line = line
        self.block = block
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

    def issue(self, verb: str, start: Callable[[], Awaitable[R]], *, depth: int, block: bool = False) -> Pending[R]:
        """Sign in a directive.

        Args:
            verb: the directive.
            start: makes the coroutine that carries it out.
            depth: how many frames above this one the script's own line is.
            block: whether it is a block, for `async with`.

        Raises:
            UnawaitedOperationError: the directive before it has not been awaited.
        """
        self.require_settled()
        frame = sys._getframe(depth)
        pending = Pending(verb, start, frame.f_code.co_filename, frame.f_lineno, block=block)
        self._open = pending
        return pending

    def require_settled(self) -> None:
        """Raise `UnawaitedOperationError` when a directive was issued and not awaited."""
        pending = self._open
        if pending is None or pending.awaited:
            self._open = None
            return
        self._open = None
        raise UnawaitedOperationError(
            verb=pending.verb,
            source=_call_of(pending.verb, getline(pending.path, pending.line).strip()),
            path=pending.path,
            line=pending.line,
            block=pending.block,
        )


def _call_of(verb: str, source: str) -> str | None:
    """The call of *verb* in a line of a script; None where it is not all of it on that line."""
    # Imported here because only an error needs it.
    import ast

    try:
        nodes = ast.walk(ast.parse(source))
    except SyntaxError:
        return None
    for node in nodes:
        match node:
            case ast.Call(func=ast.Attribute(attr=called)) if called == verb:
                return ast.get_source_segment(source, node)
            case _:
                continue
    return None
