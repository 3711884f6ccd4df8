"""Databases: what tests ask a database, without the code that is tested."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Inspector, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

T = TypeVar("T")


async def ask(url: str, question: Callable[[Connection], T]) -> T:
    """What *question* makes of a connection."""
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(question)
    finally:
        await engine.dispose()


async def look(url: str, question: Callable[[Inspector], T]) -> T:
    """What *question* makes of an inspector."""
    return await ask(url, lambda connection: question(inspect(connection)))


async def rows(url: str, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query; the numbers of a boolean column are taken as they come."""
    return await ask(url, lambda connection: [tuple(row) for row in connection.execute(text(sql))])


async def execute(url: str, *statements: str) -> None:
    """Execute statements in one transaction."""

    def work(connection: Connection) -> None:
        for statement in statements:
            connection.exec_driver_sql(statement)

    await ask(url, work)


async def execute_script(url: str, script: str) -> None:
    """Execute a script that was printed, statement by statement and without a transaction around it."""
    if url.startswith("sqlite"):
        statements: Sequence[str] = [script]
    else:
        statements = [part for part in script.split("\n\n") if not part.lstrip().startswith("--")]
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            for statement in statements:
                if url.startswith("sqlite"):
                    await driver.executescript(statement)
                elif url.startswith("postgresql"):
                    await driver.execute(statement)
                else:
                    async with driver.cursor() as cursor:
                        await cursor.execute(statement)
            if url.startswith("mysql"):
                await driver.commit()
    finally:
        await engine.dispose()


async def tables(url: str) -> set[str]:
    """The tables, without those that asyncmig keeps for itself and those of FTS5."""
    found = await look(url, lambda inspector: inspector.get_table_names())
    return {name for name in found if not name.startswith(("asyncmig_", "posts_search"))}


async def columns(url: str, table: str) -> dict[str, Any]:
    """The columns of a table, by name."""
    return {column["name"]: column for column in await look(url, lambda inspector: inspector.get_columns(table))}


async def indexes(url: str, table: str) -> dict[str, Any]:
    """The indexes of a table, by name."""
    return {str(index["name"]): index for index in await look(url, lambda inspector: inspector.get_indexes(table))}
