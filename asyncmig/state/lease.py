"""Lease: a row that says who migrates, renewed while it does, with a number that no later holder shares.

It takes the place of a session's lock where a session is not a connection's own. Times are the database's. Whoever
takes the row counts its number up; what a holder commits, it commits together with a look at that number, so that one
who was stopped for longer than its lease and goes on writes nothing.
"""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import anyio
from sqlalchemy import Connection, DateTime, bindparam, literal_column, or_, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.schema import CreateTable

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig._version import VERSION
from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.locking import LockInfo
from asyncmig.state.tables import lock_table

#: How often making the table is tried; several runs may make it at the same moment.
_ATTEMPTS = 5


class LeaseTable:
    """The leases of one schema.

    Args:
        adapter: the adapter of the database.
        schema: the schema of the table, None for the default schema.
    """

    def __init__(self, adapter: DialectAdapter, schema: str | None) -> None:
        self.adapter = adapter
        self.table = lock_table(schema, adapter.precise_time)
        columns = self.table.c
        now: Any = literal_column(adapter.utc_now, DateTime())
        self.now = now
        self.named = columns.name == bindparam("n")
        self.mine = (self.named, columns.token == bindparam("t"), columns.owner == bindparam("o"))
        self._read = select(columns.token, columns.holder, columns.step, columns.acquired, columns.expires, now).where(
            self.named, columns.owner.is_not(None), columns.expires >= now
        )
        self._release = self.table.update().where(self.named, columns.owner.is_not(None))

    async def create(self, connection: Connection) -> None:
        """Create the table unless it exists."""
        statement = self.adapter.ddl(CreateTable(self.table, if_not_exists=True))
        for attempt in range(_ATTEMPTS):
            try:
                await self.adapter.send(connection, statement)
            except DBAPIError:
                # IF NOT EXISTS does not see what another session has not committed yet.
                await greenlet_spawn(connection.rollback)
                if attempt == _ATTEMPTS - 1:
                    raise
                await anyio.sleep(0.05)
            else:
                await greenlet_spawn(connection.commit)
                return

    async def holder(self, connection: Connection, name: str) -> LockInfo | None:
        """Who holds the lease *name*; asked outside a transaction."""
        return await greenlet_spawn(self._holder, connection, name)

    def _holder(self, connection: Connection, name: str) -> LockInfo | None:
        try:
            row = connection.execute(self._read, {"n": name}).first()
        except DBAPIError as error:
            if not self.adapter.is_missing_table(error):
                raise
            return None
        finally:
            connection.rollback()
        if row is None:
            return None
        _, holder, step, acquired, expires, now = row
        return LockInfo("lease", holder, acquired, step, expires_in=(expires - now).total_seconds())

    async def release(self, connection: Connection, name: str) -> None:
        """Take the lease *name* from whoever holds it; its holder stops before it commits anything more."""
        values = {"owner": None, "token": self.table.c.token + 1}
        async with self.adapter.shared_rows(connection), transaction(self.adapter, connection):
            await greenlet_spawn(connection.execute, self._release.values(values), {"n": name})


class Lease:
    """The lease that one run holds, or tries to get.

    Args:
        leases: the table.
        name: the name of the lock.
        seconds: how long it lasts unless it is renewed.
    """

    def __init__(self, leases: LeaseTable, name: str, seconds: float) -> None:
        self._adapter = adapter = leases.adapter
        self._name = name
        self._owner = uuid4().hex
        self._token = 0
        self.step = ""
        table, columns = leases.table, leases.table.c
        expires: Any = literal_column(adapter.utc_after(seconds), DateTime())
        renewed = {"heartbeat": leases.now, "expires": expires}
        taken = {**renewed, "acquired": leases.now, "owner": self._owner, "holder": _who(), "step": ""}
        self._look = select(columns.token).where(leases.named).with_for_update(nowait=True)
        self._insert = table.insert().inline().values(name=name, token=1, **taken)
        self._take = (
            table.update()
            .where(leases.named, or_(columns.owner.is_(None), columns.expires < leases.now))
            .values(token=columns.token + 1, **taken)
        )
        self._renew = table.update().where(*leases.mine).values(step=bindparam("s"), **renewed)
        self._give_back = table.update().where(*leases.mine).values(owner=None, step="")

    @property
    def may_be_held(self) -> bool:
        """Whether it was taken, or nearly: of a commit that was cut nobody knows."""
        return self._token > 0

    async def try_to_take(self, connection: Connection) -> bool:
        """Try once, without waiting; outside a transaction."""
        try:
            async with transaction(self._adapter, connection):
                return await greenlet_spawn(self._try, connection)
        except IntegrityError:
            # Another run was the first to write a row of this name.
            return False
        except DBAPIError as error:
            if self._adapter.is_locked(error):
                return False
            raise

    def _try(self, connection: Connection) -> bool:
        token = connection.execute(self._look, {"n": self._name}).scalar()
        if token is None:
            connection.execute(self._insert)
            self._token = 1
            return True
        if connection.execute(self._take, {"n": self._name}).rowcount != 1:
            return False
        self._token = int(token) + 1
        return True

    async def renew(self, connection: Connection) -> bool:
        """Renew it in the open transaction; False when it is another's by now.

        Until the transaction is over nobody can take it.
        """
        result = await greenlet_spawn(connection.execute, self._renew, {**self._key, "s": self.step})
        return result.rowcount == 1

    async def give_back(self, connection: Connection) -> None:
        """Let the next one have it at once; outside a transaction."""
        async with transaction(self._adapter, connection):
            # When it is another's by now, there is nothing to give back.
            await greenlet_spawn(connection.execute, self._give_back, self._key)

    @property
    def _key(self) -> Mapping[str, Any]:
        return {"n": self._name, "t": self._token, "o": self._owner}


@asynccontextmanager
async def transaction(adapter: DialectAdapter, connection: Connection) -> AsyncIterator[None]:
    """A transaction of our own on a connection that has none."""
    if connection.in_transaction():
        await greenlet_spawn(connection.rollback)
    connection.begin()
    try:
        await adapter.begin(connection)
        yield
        await greenlet_spawn(connection.commit)
    except BaseException:
        with anyio.CancelScope(shield=True):
            await adapter.roll_back(connection)
        raise


def _who() -> str:
    """This process, in words."""
    return f"process {os.getpid()} on {socket.gethostname()} (asyncmig {VERSION})"
