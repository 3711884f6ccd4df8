"""Points: the places in a run at which its process can be made to kill itself."""

from __future__ import annotations

import os
import signal
from asyncio import selector_events
from collections import Counter
from collections.abc import Callable
from typing import Any

import aiosqlite

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.events import Event

#: `event`: something was told to the observer; `send`: a statement of ours was answered, and its mark is not written;
#: `unsent`, `sent`: a packet is about to go to the server, or has just gone; `answer`: one has come back.
KINDS = ("event", "send", "unsent", "sent", "answer")


class Points:
    """Counts the points that a run passes, and kills the process at one of them.

    Args:
        kind, number: where; None only counts.
    """

    def __init__(self, kind: str | None = None, number: int = 0) -> None:
        self._wanted = (kind, number)
        self.passed: Counter[str] = Counter()

    def reached(self, kind: str) -> None:
        """Take note of a point."""
        self.passed[kind] += 1
        if (kind, self.passed[kind]) == self._wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    def observe(self, event: Event) -> None:
        """The observer of the run."""
        self.reached("event")

    def install(self, adapter: type[DialectAdapter]) -> None:
        """Watch the connection of this process from below the drivers, and *adapter*'s own way of sending."""
        self._watch_sockets()
        self._watch_sqlite()
        self._watch_adapter(adapter)

    def _watch_sockets(self) -> None:
        transport: Any = selector_events._SelectorSocketTransport  # type: ignore[attr-defined]
        for name in ("write", "writelines"):
            if name in vars(transport):
                setattr(transport, name, self._around(getattr(transport, name)))
        read = transport._read_ready

        def reading(self_: Any) -> None:
            read(self_)
            self.reached("answer")

        transport._read_ready = reading

    def _around(self, write: Callable[..., Any]) -> Callable[..., Any]:
        def writing(self_: Any, data: Any) -> None:
            self.reached("unsent")
            write(self_, data)
            self.reached("sent")

        return writing

    def _watch_sqlite(self) -> None:
        connection: Any = aiosqlite.Connection
        execute = connection._execute

        async def executing(self_: aiosqlite.Connection, function: Any, *args: Any, **keywords: Any) -> Any:
            self.reached("unsent")
            outcome = await execute(self_, function, *args, **keywords)
            self.reached("answer")
            return outcome

        connection._execute = executing

    def _watch_adapter(self, adapter: Any) -> None:
        send = adapter.send

        async def sending(self_: DialectAdapter, connection: Any, *statements: str) -> Any:
            answer = await send(self_, connection, *statements)
            self.reached("send")
            return answer

        adapter.send = sending
