"""Upgrading: the one-liner for whoever starts a process that needs its database up to date."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asyncmig.config import Settings
from asyncmig.environment import is_alembics
from asyncmig.migrator.migrator import Migrator
from asyncmig.migrator.results import RunResult
from asyncmig.scripts.directory import ScriptDirectory

if TYPE_CHECKING:
    from sqlalchemy.engine import URL
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

__all__ = ["upgrade"]


async def upgrade(
    database: AsyncEngine | AsyncConnection | URL | str,
    script_location: str | os.PathLike[str] = "migrations",
    target: str = "heads",
    **options: Any,
) -> RunResult:
    """Bring a database to *target*: the one-liner for a lifespan; the options are those of `Migrator`.

    A directory with an `env.py` of Alembic has that executed, as `located_migrator` says, which takes the options
    `settings`, `observer`, `arguments` and `connect_wait`.

    Raises:
        the same as `Migrator.upgrade`.
    """
    settings = options.get("settings") or Settings(root=Path())
    settings = settings.with_script_location(script_location)
    given = options.get("environment") is not None or options.get("metadata") is not None
    if not given and is_alembics(ScriptDirectory.from_settings(settings).location / "env.py"):
        # Imported here because only a project of Alembic needs it.
        from asyncmig.compat.alembic.located import located_migrator

        found = located_migrator(database, **{**options, "settings": settings})
        assert found is not None
        return await found.upgrade(target)
    async with Migrator(database, script_location, **options) as migrator:
        return await migrator.upgrade(target)
