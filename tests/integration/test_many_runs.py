"""Many runs at once in one process: each script finds its own database."""

import asyncio
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmig import Migrator
from tests.benchmarks.histories import Form, linear, write_history
from tests.servers import DatabaseServer

NODES = linear(9)
TABLES = {"t00000", "t00001", "t00002"}
FORMS: tuple[Form, ...] = ("async", "alembic")


def write_projects(directory: Path) -> dict[Form, Path]:
    """The same history twice: as async scripts, and as plain ones that find their database by themselves."""
    for form in FORMS:
        write_history(directory / form / "versions", NODES, form)
    return {form: directory / form for form in FORMS}


async def run_all(urls: dict[str, Path]) -> None:
    """Upgrade all databases at once, go half the way back and up again, each at its own pace."""

    async def run(engine: AsyncEngine, scripts: Path) -> None:
        async with Migrator(engine, scripts) as migrator:
            assert len((await migrator.upgrade()).applied) == len(NODES)
            assert len((await migrator.downgrade("-5")).applied) == 5
            assert len((await migrator.upgrade()).applied) == 5
            assert (await migrator.status()).is_up_to_date

    async with AsyncExitStack() as stack:
        engines = {url: create_async_engine(url, poolclass=NullPool) for url in urls}
        for engine in engines.values():
            stack.push_async_callback(engine.dispose)
        async with asyncio.TaskGroup() as group:
            for url, scripts in urls.items():
                group.create_task(run(engines[url], scripts))
        for engine in engines.values():
            await check(engine)


def names_in(connection: Connection, table: str) -> tuple[list[str], set[str | None]]:
    """The columns and the indexes of a table."""
    inspector = inspect(connection)
    columns = [column["name"] for column in inspector.get_columns(table)]
    return columns, {index["name"] for index in inspector.get_indexes(table)}


async def check(engine: AsyncEngine) -> None:
    """The database has what the history makes, once."""
    async with engine.connect() as connection:
        names = set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))
        assert {name for name in names if not name.startswith("asyncmig_")} == TABLES
        for table in TABLES:
            columns, indexes = await connection.run_sync(names_in, table)
            assert columns == ["id", "code", "name", "amount", "active", "created", "note"]
            assert f"ix_{table}_name" in indexes
        versions = (await connection.scalars(text("SELECT version_num FROM asyncmig_version"))).all()
        assert versions == [NODES[-1].id]


async def test_twenty_runs_on_sqlite_files_do_not_meet(tmp_path: Path) -> None:
    projects = write_projects(tmp_path)
    await run_all(
        {f"sqlite+aiosqlite:///{tmp_path}/{number}.sqlite": projects[FORMS[number % 2]] for number in range(20)}
    )


async def test_runs_on_four_postgresql_databases_do_not_meet(postgresql_server: DatabaseServer, tmp_path: Path) -> None:
    projects = write_projects(tmp_path)
    with ExitStack() as stack:
        urls = [stack.enter_context(postgresql_server.database()) for _ in range(4)]
        await run_all({url: projects[FORMS[number % 2]] for number, url in enumerate(urls)})
