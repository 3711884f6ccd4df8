"""Opening: the migrator of an Alembic configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from asyncmig.compat.alembic.config import Config
from asyncmig.compat.alembic.ini import project_of
from asyncmig.environment import Environment
from asyncmig.migrator.migrator import Migrator

__all__ = ["Lent", "open_migrator"]


class Lent:
    """A synchronous connection that somebody lends to a migrator; any driver's will do.

    Args:
        connection: the connection.
    """

    def __init__(self, connection: Connection) -> None:
        self.sync_connection = connection


def open_migrator(config: Config, *, tag: str | None = None) -> Migrator:
    """The migrator of a configuration: an async context manager.

    Args:
        config: the configuration. Its attribute `connection` is the connection to work with, where there is one.
        tag: free text for scripts, which see it as `op.arguments["tag"]`.

    Raises:
        ConfigError: the configuration is wrong.
    """
    settings = project_of(config, cwd=Path.cwd()).settings
    database: Any = config.attributes.get("connection")
    if isinstance(database, Connection):
        database = Lent(database)
    arguments = dict(
        [argument.partition("=")[::2] for argument in getattr(config.cmd_opts, "x", None) or ()],
        **({"tag": tag} if tag else {}),
    )
    return Migrator(database or settings.url, settings=settings, environment=Environment(), arguments=arguments)
