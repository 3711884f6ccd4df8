"""Located: the migrator of a directory with an `env.py` of Alembic, for who names that and not its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import URL

from asyncmig.compat.alembic.config import Config
from asyncmig.compat.alembic.ini import AlembicProject, project_of
from asyncmig.compat.alembic.migrator import AlembicMigrator
from asyncmig.config import Settings
from asyncmig.environment import is_alembics
from asyncmig.events import Observer, ignore
from asyncmig.scripts.directory import ScriptDirectory

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

__all__ = ["located_migrator"]

_FILES = ("alembic.ini", "pyproject.toml")


def located_migrator(
    database: AsyncEngine | AsyncConnection | URL | str | None,
    settings: Settings,
    *,
    observer: Observer = ignore,
    arguments: Mapping[str, str] | None = None,
    connect_wait: float = 0.0,
) -> AlembicMigrator | None:
    """The migrator of the directory that the settings name; None where its `env.py` is not one of Alembic.

    The `alembic.ini` or `pyproject.toml` beside the directory, or in the working directory, counts if it names it.

    Args:
        database: an engine or a connection, of which `env.py` finds a connection as `config.attributes["connection"]`;
            a URL, which it finds as `sqlalchemy.url`; or None for what it finds anyway.
        settings: where the directory is, and how long to wait for locks.
        observer, arguments, connect_wait: as those of `AlembicMigrator`.

    Raises:
        ConfigError: there is no such directory, or the settings cannot be read.
    """
    location = ScriptDirectory.from_settings(settings).location
    if not is_alembics(location / "env.py"):
        return None
    project = _project_of(location)
    waits = {
        name: getattr(settings, name)
        for name in ("lock", "lock_wait", "lock_lease", "lock_timeout", "statement_timeout")
        if getattr(settings, name) != getattr(Settings(root=Path()), name)
    }
    project = AlembicProject(replace(project.settings, **waits), project.config)
    url, engine = None, None
    if isinstance(database, URL):
        url = database.render_as_string(hide_password=False)
    elif isinstance(database, str):
        url = database
    else:
        engine = database
    return AlembicMigrator(
        project, url=url, engine=engine, observer=observer, arguments=arguments, connect_wait=connect_wait
    )


def _project_of(location: Path) -> AlembicProject:
    for root in (location.parent, Path.cwd()):
        ini, toml = (root / name for name in _FILES)
        config = Config(ini, toml)
        if config.get_alembic_option("script_location"):
            project = project_of(config, cwd=root)
            if ScriptDirectory.from_settings(project.settings).location.resolve() == location.resolve():
                return project
    config = Config()
    config.set_main_option("script_location", str(location).replace("%", "%%"))
    return project_of(config, cwd=location.parent)
