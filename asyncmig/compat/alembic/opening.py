"""Opening: the migrator of an Alembic configuration."""

from __future__ import annotations

from pathlib import Path

from asyncmig.compat.alembic.config import Config
from asyncmig.compat.alembic.ini import project_of
from asyncmig.compat.alembic.migrator import AlembicMigrator

__all__ = ["open_migrator"]


def open_migrator(config: Config, *, tag: str | None = None) -> AlembicMigrator:
    """The migrator of a configuration: an async context manager.

    Args:
        config: the configuration.
        tag: free text for `env.py` and for scripts.

    Raises:
        ConfigError: the configuration is wrong.
    """
    given = getattr(config.cmd_opts, "x", None) or ()
    arguments = dict([argument.partition("=")[::2] for argument in given])
    return AlembicMigrator(project_of(config, cwd=Path.cwd()), arguments=arguments, tag=tag)
