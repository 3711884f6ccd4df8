"""The comparison of models with a database by itself, the models imported already.

::

    python -m tests.benchmarks.programs.check alembic|asyncmig DIRECTORY URL

Prints the seconds that it took on the clock and of CPU, the statements that it sent, and the most memory, in MiB.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.benchmarks.programs.memory import peak


def of_alembic(metadata: sa.MetaData, directory: Path, url: str) -> tuple[float, float, int]:
    """What Alembic takes."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    engine = sa.create_engine(url)
    sent: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    wall, cpu = time.perf_counter(), time.process_time()
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "target_metadata": metadata}
        compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    return time.perf_counter() - wall, time.process_time() - cpu, len(sent)


def of_asyncmig(metadata: sa.MetaData, directory: Path, url: str) -> tuple[float, float, int]:
    """What asyncmig takes."""
    import asyncmig.migrator.checking
    import asyncmig.migrator.looking  # noqa: F401 - what is imported when it is first needed is no part of the work
    from asyncmig import Environment, Migrator
    from asyncmig.dialects.registry import catalogue_of

    environment = Environment(metadata=metadata)

    async def check() -> None:
        async with Migrator(url, directory / "migrations", environment=environment) as migrator:
            assert not await migrator.check()

    catalogue_of(Migrator(url, directory / "migrations", environment=environment).project.adapter())

    sent = Statements()
    wall, cpu = time.perf_counter(), time.process_time()
    with sent:
        asyncio.run(check())
    return time.perf_counter() - wall, time.process_time() - cpu, sent.count


class Statements:
    """Counts what is sent by the drivers, also past SQLAlchemy."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> "Statements":
        for place, name in self._methods():
            self._watch(place, name)
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def _methods(self) -> list[tuple[Any, str]]:
        import aiomysql
        import aiosqlite
        import asyncpg.prepared_stmt

        return [
            (aiomysql.Connection, "query"),
            (aiosqlite.Cursor, "execute"),
            (aiosqlite.Connection, "execute"),
            (asyncpg.Connection, "fetch"),
            (asyncpg.Connection, "execute"),
            (asyncpg.prepared_stmt.PreparedStatement, "fetch"),
            (asyncpg.prepared_stmt.PreparedStatement, "fetchrow"),
            (asyncpg.prepared_stmt.PreparedStatement, "cursor"),
        ]

    def _watch(self, place: Any, name: str) -> None:
        before = getattr(place, name)

        def counted(*given: Any, **named: Any) -> Any:
            self.count += 1
            return before(*given, **named)

        setattr(place, name, counted)


if __name__ == "__main__":
    who, place, url = sys.argv[1:]
    sys.path.insert(0, place)
    from models import metadata  # type: ignore[import-not-found]

    measure = of_alembic if who == "alembic" else of_asyncmig
    json.dump([*measure(metadata, Path(place), url), peak()], sys.stdout)
