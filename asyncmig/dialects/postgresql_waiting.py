"""PostgreSQL waiting: how long statements may wait and run, and who is in the way of one that waits."""

from __future__ import annotations

from sqlalchemy import Connection, text

from asyncmig.dialects.adapter import Blocker, without_literals

_BLOCKERS = text(
    """
    SELECT a.pid, a.usename, a.application_name, a.state,
           extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS open_for, a.query
    FROM unnest(pg_catalog.pg_blocking_pids(:pid)) AS blocking(pid)
    JOIN pg_catalog.pg_stat_activity a ON a.pid = blocking.pid
    ORDER BY a.xact_start LIMIT 5
    """
)


def limits(*, lock: float, statement: float | None) -> str:
    """SET LOCAL for the transaction that has just begun; both are over with it."""
    text = f"SET LOCAL lock_timeout = {round(lock * 1000)}"
    if statement is not None:
        text += f"; SET LOCAL statement_timeout = {round(statement * 1000)}"
    return text


def blockers(connection: Connection, pid: int) -> tuple[Blocker, ...]:
    """The sessions that the session *pid* waits for, the oldest transaction first."""
    rows = connection.execute(_BLOCKERS, {"pid": pid}).all()
    return tuple(
        Blocker(
            pid=row.pid,
            who=f"{row.usename or 'another user'}{f' ({row.application_name})' if row.application_name else ''}",
            since=row.open_for,
            state=row.state or "unknown state",
            statement=without_literals(row.query),
        )
        for row in rows
    )


def cancel(connection: Connection, pid: int) -> None:
    """Make the session *pid* give up the statement that it runs."""
    connection.execute(text("SELECT pg_catalog.pg_cancel_backend(:pid)"), {"pid": pid})
