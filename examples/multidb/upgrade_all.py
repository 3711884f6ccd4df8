"""Brings every database of the project up to date, all at the same time."""

import os
from pathlib import Path

import anyio

from asyncmig import Migrator
from asyncmig.config import read_settings

PROJECT = Path(__file__).resolve().parent


async def upgrade_one(name: str) -> None:
    """Bring the database *name* up to date."""
    settings = read_settings(PROJECT / "pyproject.toml", cwd=PROJECT, environ=os.environ, database=name)
    async with Migrator(settings=settings) as migrator:
        result = await migrator.upgrade()
    done = ", ".join(one.message for one in result.applied) or "nothing to do"
    print(f"{name}: {done}; now at {', '.join(result.heads)}")


async def main() -> None:
    """Upgrade all databases that the settings declare."""
    settings = read_settings(PROJECT / "pyproject.toml", cwd=PROJECT, environ=os.environ)
    async with anyio.create_task_group() as tasks:
        for name in settings.databases:
            tasks.start_soon(upgrade_one, name)


if __name__ == "__main__":
    anyio.run(main)
