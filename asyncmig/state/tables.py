"""Tables: what asyncmig keeps in the user's database: the version table, the log, the journal, the leases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, Float, Integer, MetaData, PrimaryKeyConstraint, String, Table, Text
from sqlalchemy.types import TypeEngine

#: How long a revision id may be in a version table that we make.
VERSION_LENGTH = 255

#: The name of the log.
LOG_TABLE = "asyncmig_log"

#: The name of the journal.
JOURNAL_TABLE = "asyncmig_journal"

#: The name of the table of leases.
LOCK_TABLE = "asyncmig_lock"


def version_table(name: str, schema: str | None) -> Table:
    """The version table: one row for each applied head, with Alembic's meaning exactly."""
    return Table(
        name,
        MetaData(),
        Column("version_num", String(VERSION_LENGTH), nullable=False),
        PrimaryKeyConstraint("version_num", name=f"{name}_pkc"),
        schema=schema,
    )


def log_table(schema: str | None, time: TypeEngine[datetime]) -> Table:
    """The log: one row for each revision applied, reverted, stamped or failed. Times are UTC, of the type *time*."""
    return Table(
        LOG_TABLE,
        MetaData(),
        Column("id", Integer, primary_key=True, autoincrement=True),
        # Two applications may keep their versions in one database; this tells their rows apart.
        Column("version_table", String(255), nullable=False),
        Column("run", String(32), nullable=False),
        Column("revision", String(VERSION_LENGTH), nullable=False),
        Column("direction", String(16), nullable=False),
        Column("outcome", String(16), nullable=False),
        Column("started", time, nullable=False),
        Column("duration", Float, nullable=False),
        Column("checksum", String(64)),
        Column("who", String(255)),
        Column("host", String(255)),
        Column("version", String(32)),
        Column("error", Text),
        # What code that is older than the revision must know of it; see migrator/followers.py.
        Column("phase", String(16)),
        Column("follows", Text),
        schema=schema,
    )


def journal_table(schema: str | None, time: TypeEngine[datetime]) -> Table:
    """The journal: one row for each operation done of a revision not finished. Times are UTC, of the type *time*."""
    return Table(
        JOURNAL_TABLE,
        MetaData(),
        # Short enough for the widest key that InnoDB allows with four bytes a character.
        Column("version_table", String(191), primary_key=True),
        Column("revision", String(VERSION_LENGTH), primary_key=True),
        Column("ordinal", Integer, primary_key=True, autoincrement=False),
        Column("direction", String(16), nullable=False),
        Column("fingerprint", String(64), nullable=False),
        Column("description", Text, nullable=False),
        # `running` while its next step is under way, `open` between two of its steps, `done`.
        Column("state", String(16), nullable=False),
        Column("steps", Text),
        Column("steps_done", Integer, nullable=False),
        # What the catalogue said of its tables before the step that is running.
        Column("before_step", String(64)),
        Column("outcome", Text),
        Column("updated", time, nullable=False),
        schema=schema,
    )


def lock_table(schema: str | None, time: TypeEngine[datetime]) -> Table:
    """The leases: one row for each history whose runs take one. Times are UTC, by the clock of the database."""
    return Table(
        LOCK_TABLE,
        MetaData(),
        Column("name", String(191), primary_key=True),
        # Which run has it; nobody where it is empty.
        Column("owner", String(32)),
        # Counts the holders, so that an earlier one is known as such for ever.
        Column("token", BigInteger, nullable=False),
        Column("holder", String(255), nullable=False),
        Column("step", Text, nullable=False),
        Column("acquired", time, nullable=False),
        Column("heartbeat", time, nullable=False),
        Column("expires", time, nullable=False),
        schema=schema,
    )
