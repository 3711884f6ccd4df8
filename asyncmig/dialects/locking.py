"""SessionLocks: the lock of a session by name, and what a lease row needs to know of the database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class LockInfo:
    """Who holds the migration lock, as far as the database tells; as text, a line for people.

    Args:
        kind: `session`, a lock that is over when the session of its holder ends; or `lease`, a row that its holder
            renews.
        holder: who, in words.
        since: when the holder took a lease, or when its session began; in UTC.
        step: what the holder is doing, in words.
        expires_in: seconds until a lease is over unless it is renewed.
        ending: the statement that ends the session of the holder.
    """

    kind: Literal["session", "lease"]
    holder: str
    since: datetime | None = None
    step: str | None = None
    expires_in: float | None = None
    ending: str | None = None

    def __str__(self) -> str:
        since = "since" if self.kind == "lease" else "connected since"
        parts = [self.holder]
        if self.since is not None:
            parts.append(f"{since} {self.since:%Y-%m-%d %H:%M:%S} UTC")
        if self.step:
            parts.append(self.step)
        return ", ".join(parts)


class SessionLocks:
    """The lock of a session by name; a database without sessions to hold one has none of it."""

    #: The time of the database in UTC, as an expression.
    utc_now: ClassVar[str] = "CURRENT_TIMESTAMP"

    def utc_after(self, seconds: float) -> str:
        """The time of the database in *seconds*, in UTC, as an expression."""
        raise NotImplementedError

    async def unstable_session(self, connection: Connection) -> str | None:
        """Why a session of this connection may not keep a lock, in words; None when it does."""
        return None

    @asynccontextmanager
    async def at_once(self, connection: Connection, *, stable: bool) -> AsyncIterator[None]:
        """For the length of the block, let a second connection wait for nobody.

        Args:
            connection: the connection.
            stable: whether it has a session to itself.
        """
        yield

    @asynccontextmanager
    async def shared_rows(self, connection: Connection) -> AsyncIterator[None]:
        """For the length of the block, let transactions change rows that others have changed since they began."""
        yield

    async def try_lock(self, connection: Connection, name: str) -> bool:
        """Try once to get the session lock *name*; True when this session holds it now."""
        return True

    async def unlock(self, connection: Connection, name: str) -> None:
        """Give the session lock *name* back."""

    def lock_questions(self, connection: Connection, name: str, revision: str | None = None) -> Sequence[str]:
        """What asks, in a transaction, whether this session still holds the lock *name*, as finished texts.

        The last gives one row if it does, and else none. Nothing where `try_lock` did not get it on this connection.

        Args:
            connection: the connection of the run.
            name: the lock.
            revision: what the run comes to, to be seen by others where there is a way.
        """
        return ()

    async def lock_holder(self, connection: Connection, name: str) -> LockInfo | None:
        """Who holds the session lock *name*, as far as the database tells."""
        return None
