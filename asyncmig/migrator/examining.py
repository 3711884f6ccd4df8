"""Examining: all that can be read of a database before anything is run on it; nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, inspect
from sqlalchemy.types import String

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.config import AlterKind
from asyncmig.dialects.registry import adapter_class
from asyncmig.migrator.looking import status_of
from asyncmig.migrator.migrator import Migrator
from asyncmig.migrator.project import Project
from asyncmig.migrator.results import Status
from asyncmig.state.tables import JOURNAL_TABLE, LOCK_TABLE, LOG_TABLE

__all__ = ["Configuration", "Examination", "configuration_of", "examine", "script_loader"]


@dataclass(frozen=True, slots=True)
class Configuration:
    """How runs on a database are configured; known without a connection.

    Args:
        url: the database, without its password.
        driver: the driver.
        is_async: whether it is an async one; a synchronous one is that of an engine which somebody has brought along.
        version_table, version_table_schema: where the rows are.
        one_transaction: whether all revisions of a run share a transaction.
        external: whether that is a transaction which somebody else has begun, and will end.
        transactional_ddl: whether DDL can be rolled back there.
        lock: what keeps two runs apart there: `session` or `transaction`.
        lock_timeout: seconds that a statement may wait for locks.
        alter_column: what an `alter_column` does there with what a script does not mention; None where a database
            alters nothing else.
        options: what was configured besides, by its name.
    """

    url: str
    driver: str
    is_async: bool
    version_table: str
    version_table_schema: str | None
    one_transaction: bool
    external: bool
    transactional_ddl: bool
    lock: str
    lock_timeout: float
    alter_column: AlterKind | None
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Examination:
    """What a database has of ours.

    Args:
        configuration: how runs on it are configured.
        rows: the rows of the version table; None where there is no such table.
        width: how many characters an id may have there; None where there is no table, or no limit.
        enforces_width: whether the database refuses a longer one.
        own_tables: the tables of asyncmig that are there, but for the version table.
        status: where it is; None where the revision files cannot be read.
    """

    configuration: Configuration
    rows: tuple[str, ...] | None
    width: int | None
    enforces_width: bool
    own_tables: tuple[str, ...]
    status: Status | None


def configuration_of(migrator: Migrator) -> Configuration:
    """How runs of *migrator* are configured.

    Raises:
        ConfigError: its database cannot be known.
    """
    project = migrator._project
    dialect, settings = project.source.dialect, project.settings
    external = project.source.is_external
    traits = project.reading_adapter().traits
    return Configuration(
        url=project.source.url,
        driver=dialect.driver,
        is_async=dialect.is_async,
        version_table=settings.version_table,
        version_table_schema=settings.version_table_schema or None,
        one_transaction=external or (settings.transaction == "run" and traits.transactional_ddl),
        external=external,
        transactional_ddl=traits.transactional_ddl,
        lock=traits.lock,
        lock_timeout=settings.lock_timeout,
        alter_column=settings.mysql_alter_column if traits.whole_columns else None,
        options=project.options,
    )


def script_loader(migrator: Migrator) -> Callable[[str], object]:
    """What loads the file of a revision as a run of *migrator* would."""
    return migrator._project.script


async def examine(migrator: Migrator, *, files: bool) -> Examination:
    """Read what the database of *migrator* has of ours.

    Args:
        migrator: the migrator.
        files: whether the revision files can be read.

    Raises:
        DatabaseUnavailableError: it cannot be reached.
    """
    project = migrator._project
    configuration = configuration_of(migrator)
    async with project.source.look() as connection:
        try:
            rows = await project.version_rows.read(connection)
            width, own = await greenlet_spawn(_tables, project, connection, rows is not None)
            status = await status_of(project, connection, "heads", files=True) if files else None
        finally:
            if not configuration.external and connection.in_transaction():
                await greenlet_spawn(connection.rollback)
    enforces = adapter_class(project.source.dialect).traits.enforces_length
    return Examination(configuration, rows, width, enforces, own, status)


def _tables(project: Project, connection: Connection, exists: bool) -> tuple[int | None, tuple[str, ...]]:
    """How wide the version column is, and which tables of ours there are."""
    table = project.version_rows.table
    inspector = inspect(connection)
    width = None
    if exists:
        for column in inspector.get_columns(table.name, schema=table.schema):
            if column["name"] == "version_num" and isinstance(column["type"], String):
                width = column["type"].length
    there = set(inspector.get_table_names(schema=table.schema))
    return width, tuple(name for name in (LOG_TABLE, JOURNAL_TABLE, LOCK_TABLE) if name in there)
