"""Sender: how finished texts go to a database: by the shortest way of its driver, and as many at once as it takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, NamedTuple, TypeAlias

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from asyncmig._drivers import end_driver_transaction, is_in_transaction, is_out_of_step
from asyncmig._sqlalchemy import greenlet_spawn

#: What a text says: its rows, or how many rows it has found or changed, -1 where the driver does not tell.
Answer: TypeAlias = Sequence[Sequence[Any]] | int

#: How often a transaction is rolled back that stays open.
_ROLLBACKS = 3


def count_of(answer: Answer) -> int:
    """How many rows an answer has, or has changed."""
    return answer if isinstance(answer, int) else len(answer)


def is_gone(connection: Connection) -> bool:
    """Whether a connection is lost, given up or closed."""
    return connection.invalidated or connection.closed


class Change(NamedTuple):
    """A finished text that changes rows of ours.

    Args:
        text: the text.
        row: the row that it must find, and nothing besides; None where it may change any number of rows.
    """

    text: str
    row: str | None = None


class Sender:
    """How finished texts, which have no parameters, go to a database."""

    #: What begins a transaction on a connection that is in autocommit.
    begin_text: ClassVar[str] = "BEGIN"

    async def send(self, connection: Connection, *texts: str) -> int:
        """Send texts that give no rows.

        Returns:
            how many rows the last one changed; -1 where the driver does not say.
        """
        return count_of(await self.ask(connection, *texts)) if texts else -1

    async def ask(self, connection: Connection, *texts: str) -> Answer:
        """Send one text or more, and give what the last says: where the driver hands out no rows this way, how many."""
        return await greenlet_spawn(_ask, connection, texts)

    async def begin(self, connection: Connection, *texts: str) -> Answer:
        """Begin the transaction that SQLAlchemy has begun in name, and send texts in it, as `ask` does.

        Most drivers begin by themselves with the first statement.
        """
        return await self.ask(connection, *texts) if texts else -1

    async def change(self, connection: Connection, changes: Sequence[Change]) -> Change | None:
        """Change rows of ours in the open transaction.

        Returns:
            the first change that did not find its row, after which the transaction may only be rolled back.
        """
        for one in changes:
            count = await self.send(connection, one.text)
            if one.row is not None and count != 1:
                return one
        return None

    async def commit(self, connection: Connection, changes: Sequence[Change] = ()) -> Change | None:
        """Change rows of ours in the open transaction, and commit it if each change has found its row.

        Returns:
            as `change`; nothing is committed then.
        """
        wrong = await self.change(connection, changes)
        if wrong is None:
            await greenlet_spawn(connection.commit)
        return wrong

    async def roll_back(self, connection: Connection, *, text: bool = False) -> None:
        """Leave no transaction open, whatever was stopped on the server just before.

        A request to stop a statement may come late and hit the one that ends a transaction or begins it. SQLAlchemy and
        the drivers take it for ended or begun then all the same; what counts is what the server has said last. Nothing
        is sent where nothing is open.

        Args:
            connection: the connection; it is given up where its session cannot be brought out of the transaction.
            text: whether the transaction was begun by a text of ours, and SQLAlchemy knows nothing of it.
        """
        refusal: DBAPIError | None = None
        for attempt in range(_ROLLBACKS):
            if text and is_gone(connection):
                return
            known = connection.get_transaction()
            # Of a transaction that it could not commit, SQLAlchemy sends no ROLLBACK.
            told = text or attempt > 0 or known is None or known.is_active
            try:
                if text or attempt:
                    await end_driver_transaction(connection)
                else:
                    await greenlet_spawn(connection.rollback)
            except DBAPIError as error:
                refusal, told = error, False
            # With its session, the transaction is over, too.
            if is_gone(connection) or not _is_left(connection, told):
                return
        if not await self.give_up(connection) and refusal is not None:
            raise refusal

    async def give_up(self, connection: Connection) -> bool:
        """End the session of a connection that cannot be put in order, with all that it has open and holds.

        Returns:
            whether that can be done.
        """
        await greenlet_spawn(connection.invalidate)
        return True

    def is_stopped(self, error: BaseException) -> bool:
        """Whether a driver's error says that somebody has asked the server to give the statement up."""
        return False

    def limit_texts(self, *, lock: float, statement: float | None) -> Sequence[str]:
        """What sets, in a transaction that has just begun, how long its statements may wait for locks and run.

        Args:
            lock: seconds to wait for a lock; 0 waits without end.
            statement: seconds to run; None leaves the server's setting.
        """
        return ()


def _is_left(connection: Connection, told: bool) -> bool:
    """Whether a transaction is still open, or taken for open.

    Args:
        connection: the connection.
        told: whether the server was told to roll back, for drivers that do not say how it stands.
    """
    is_open = is_in_transaction(connection)
    return not told if is_open is None else is_open or is_out_of_step(connection)


def _ask(connection: Connection, texts: Iterable[str]) -> Answer:
    answer: Answer = -1
    for sql in texts:
        result = connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
        answer = result.fetchall() if result.returns_rows else result.rowcount
    return answer
