"""What a start with nothing pending costs in a process that is warm: `await migrator.upgrade()` against one SELECT.

::

    python -m tests.benchmarks.programs.warm URL DIRECTORY ROUNDS

Prints a list of pairs: wall seconds of the SELECT and of the upgrade, both on the same pooled engine.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from asyncmig import Migrator


async def measure(url: str, directory: Path, rounds: int) -> list[tuple[float, float]]:
    """The wall seconds of each round."""
    engine = create_async_engine(url)
    query = text("SELECT version_num FROM asyncmig_version")
    pairs: list[tuple[float, float]] = []
    async with Migrator(engine, directory / "migrations") as migrator:
        for _ in range(rounds + 5):
            started = time.perf_counter()
            async with engine.connect() as connection:
                assert (await connection.execute(query)).scalars().all()
            between = time.perf_counter()
            result = await migrator.upgrade()
            ended = time.perf_counter()
            assert not result.applied
            pairs.append((between - started, ended - between))
    await engine.dispose()
    return pairs[5:]


if __name__ == "__main__":
    json.dump(asyncio.run(measure(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))), sys.stdout)
