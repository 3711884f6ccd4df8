"""MySQL waiting: how long statements may wait and run, and who is in the way of one that waits."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sqlalchemy import Connection, text

from asyncmig.dialects.adapter import Blocker, without_literals

# Metadata locks are shown by instruments that are off by default. A session that has a transaction open is what a
# waiting ALTER waits for nearly always, and that is shown to everyone who may see processes.
_BLOCKERS = text(
    """
    SELECT t.trx_mysql_thread_id AS pid, p.user, p.host, p.command, p.info,
           TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) AS open_for
    FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
    WHERE t.trx_mysql_thread_id <> :own ORDER BY t.trx_started LIMIT 5
    """
)


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long the statements of a session may wait for metadata locks and run.

    Args:
        lock: whole seconds, at least one.
        statement: seconds, 0 without end; None where the server has no such limit for DDL (MySQL).
    """

    lock: int
    statement: float | None

    def with_ours(self, lock: float, statement: float | None) -> SessionLimits:
        """The limits of a revision; what it does not ask for stays. A lock of 0 waits as long as the server lets it."""
        seconds = max(1, math.ceil(lock)) if lock else _FOR_EVER
        if self.statement is None or statement is None:
            return SessionLimits(seconds, self.statement)
        return SessionLimits(seconds, statement)

    def statement_text(self) -> str:
        """The statement that sets them."""
        text = f"SET SESSION lock_wait_timeout = {self.lock}"
        return text if self.statement is None else f"{text}, max_statement_time = {self.statement}"


#: The longest that the server takes: a year.
_FOR_EVER = 31_536_000


def limits(connection: Connection) -> SessionLimits:
    """The limits of the session as they are."""
    mariadb = getattr(connection.dialect, "is_mariadb", False)
    names = "@@SESSION.lock_wait_timeout" + (", @@SESSION.max_statement_time" if mariadb else "")
    try:
        row = connection.exec_driver_sql(f"SELECT {names}").one()
    finally:
        connection.rollback()
    return SessionLimits(int(row[0]), float(row[1]) if mariadb else None)


def blockers(connection: Connection, own: int) -> tuple[Blocker, ...]:
    """The sessions with an open transaction, the oldest first.

    Args:
        connection: a second connection.
        own: the number of the session that waits.
    """
    rows = connection.execute(_BLOCKERS, {"own": own}).all()
    return tuple(
        Blocker(
            pid=row.pid,
            who=f"{row.user} from {row.host}",
            since=float(row.open_for),
            state="idle in transaction" if row.command == "Sleep" else str(row.command).lower(),
            statement=without_literals(row.info),
        )
        for row in rows
    )


def cancel(connection: Connection, number: int) -> None:
    """Make the session *number* give up the statement that it runs."""
    connection.exec_driver_sql(f"KILL QUERY {int(number)}", execution_options={"no_parameters": True})
