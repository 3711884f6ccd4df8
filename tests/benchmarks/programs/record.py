"""Carries an upgrade out and writes down what it sends to the server, trip by trip.

::

    python -m tests.benchmarks.programs.record URL DIRECTORY FILE

The file gets a JSON list of texts. The few that are prepared, at the beginning and at the end, are left out, and so is
what fails, such as the first look for the version table.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiomysql
import asyncpg

from asyncmig import Migrator

sent: list[str] = []


def recording(original: Callable[..., Any]) -> Callable[..., Any]:
    """The method of a driver that sends a text, which is kept."""

    async def method(connection: Any, text: str, *arguments: Any, **keywords: Any) -> Any:
        outcome = await original(connection, text, *arguments, **keywords)
        if not arguments:
            sent.append(text)
        return outcome

    return method


async def main(url: str, directory: Path, file: Path) -> None:
    """Carry it out."""
    asyncpg.Connection.execute = recording(asyncpg.Connection.execute)
    aiomysql.Connection.query = recording(aiomysql.Connection.query)
    async with Migrator(url, directory / "migrations") as migrator:
        await migrator.upgrade()
    file.write_text(json.dumps(sent), "utf-8")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
