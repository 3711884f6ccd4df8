"""Tables: the two tables that asyncmig keeps in the user's database, the version table and the log."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Float, Integer, MetaData, PrimaryKeyConstraint, String, Table, Text

#: How long a revision id may be in a version table that we make.
VERSION_LENGTH = 255

#: The name of the log.
LOG_TABLE = "asyncmig_log"


def version_table(name: str, schema: str | None) -> Table:
    """The version table: one row for each applied head, with Alembic's meaning exactly."""
    return Table(
        name,
        MetaData(),
        Column("version_num", String(VERSION_LENGTH), nullable=False),
        PrimaryKeyConstraint("version_num", name=f"{name}_pkc"),
        schema=schema,
    )


def log_table(schema: str | None) -> Table:
    """The log: one row for each revision applied, reverted, stamped or failed. Times are UTC."""
    # Imported here because it brings all drivers of MySQL along, and reading the version table needs none.
    from sqlalchemy.dialects import mysql

    time = DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
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
        schema=schema,
    )
