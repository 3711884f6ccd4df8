"""BlockerWatch: sees, from a second connection, who is in the way of a statement that takes long."""

from __future__ import annotations

import asyncio

import anyio
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from asyncmig.dialects.adapter import DialectAdapter


class BlockerWatch:
    """Looks once, a while after it was made; a statement that is over by then costs a timer and nothing else.

    Args:
        adapter: asks the database.
        connection: the connection on which the statement runs.
        after: seconds to wait before looking.
    """

    def __init__(self, adapter: DialectAdapter, connection: Connection, *, after: float) -> None:
        self._adapter = adapter
        self._connection = connection
        self._task: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(after, self._start)
        self.blockers: tuple[str, ...] = ()

    def _start(self) -> None:
        self._task = asyncio.ensure_future(self._look())

    async def _look(self) -> None:
        try:
            self.blockers = tuple(map(str, await self._adapter.blockers(self._connection)))
        except (SQLAlchemyError, OSError) as error:
            # The names are for the message only; that they could not be had is one, too.
            self.blockers = (f"(it could not be seen who: {error})".splitlines()[0],)

    async def stop(self) -> None:
        """Stop looking; what has begun is waited for."""
        self._timer.cancel()
        if self._task is not None:
            with anyio.CancelScope(shield=True), anyio.move_on_after(2):
                await asyncio.wait([self._task])
            self._task.cancel()
