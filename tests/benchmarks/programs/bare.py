"""Sends the statements of a file through the bare driver, one by one: the least that a tool could do.

::

    python -m tests.benchmarks.programs.bare URL FILE

The file holds a JSON list of texts, one for each trip to the server; transactions are begun and ended by statements.
"""

import asyncio
import json
import sys
from pathlib import Path
from urllib.parse import urlsplit


async def send_postgresql(url: str, statements: list[str]) -> None:
    """Send them through asyncpg."""
    import asyncpg

    connection = await asyncpg.connect(url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


async def send_mysql(url: str, statements: list[str]) -> None:
    """Send them through aiomysql."""
    import aiomysql

    parts = urlsplit(url)
    connection = await aiomysql.connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=parts.username or "root",
        password=parts.password or "",
        db=parts.path.lstrip("/"),
    )
    for statement in statements:
        await connection.query(statement)
        while connection._result.has_next:
            await connection.next_result()
    connection.close()


def send_sqlite(url: str, statements: list[str]) -> None:
    """Send them through sqlite3."""
    import sqlite3

    connection = sqlite3.connect(urlsplit(url).path[1:], isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def main(url: str, file: Path) -> None:
    """Send all statements of the file."""
    statements: list[str] = json.loads(file.read_text("utf-8"))
    scheme, rest = url.split("://", 1)
    plain = f"{scheme.partition('+')[0]}://{rest}"
    if plain.startswith("sqlite"):
        send_sqlite(plain, statements)
    else:
        asyncio.run((send_postgresql if plain.startswith("postgresql") else send_mysql)(plain, statements))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
