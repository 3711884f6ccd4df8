"""PostgreSQLServer: a given or a private PostgreSQL."""

import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import asyncpg
from sqlalchemy.engine import URL

from tests.servers.base import DatabaseServer
from tests.servers.errors import ServerMissing
from tests.servers.process import ServerProcess, find_program

NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "256MB"}


def program(name: str) -> Path | None:
    """Find a program of the newest PostgreSQL; Debian keeps the server's programs off the PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    elsewhere = [*Path("/usr").glob("pgsql-*/bin"), *Path("/opt/homebrew/opt").glob("postgresql@*/bin")]
    return find_program([name], [*reversed(versions), *elsewhere])


class PostgreSQLServer(DatabaseServer):
    """A PostgreSQL server for tests and benchmarks; the private one trusts every connection from this machine."""

    name = "postgresql"
    driver = "postgresql+asyncpg"
    accounts = ("postgres", "nobody")
    # An "immediate shutdown": every process quits, nothing is flushed, and the next start recovers from the log.
    end_signal = signal.SIGQUIT
    connection_errors: ClassVar[tuple[type[Exception], ...]] = (OSError, TimeoutError, asyncpg.PostgresError)

    @classmethod
    def check_installed(cls) -> None:
        if program("initdb") is None or program("postgres") is None:
            raise ServerMissing("no PostgreSQL server: install postgresql, or set ASYNCMIG_TEST_POSTGRESQL_URL")

    def _initialise(self, process: ServerProcess) -> None:
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        process.run([_required("initdb"), "--pgdata", process.home / "data", *options])

    def _command(self, home: Path, port: int) -> Sequence[str | Path]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": str(home),
            "max_connections": "200",
            **({} if self.durable else NOT_DURABLE),
        }
        return [
            _required("postgres"),
            "-D",
            home / "data",
            *(word for key, value in settings.items() for word in ("-c", f"{key}={value}")),
        ]

    def _private_url(self, port: int) -> URL:
        return URL.create(self.driver, "postgres", host="127.0.0.1", port=port, database="postgres")

    async def _read_version(self, url: URL) -> str:
        async with _connected(url) as connection:
            version: str = await connection.fetchval("SHOW server_version")
        return version.split()[0]

    async def _create(self, url: URL, name: str) -> None:
        options = "TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
        async with _connected(url) as connection:
            await connection.execute(f'CREATE DATABASE "{name}" {options}')

    async def _drop(self, url: URL, name: str) -> None:
        async with _connected(url) as connection:
            await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _required(name: str) -> Path:
    path = program(name)
    if path is None:
        raise ServerMissing(f"no program named {name}")
    return path


@asynccontextmanager
async def _connected(url: URL) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(
        host=url.host,
        port=url.port,
        user=url.username,
        password=url.password,
        database=url.database,
        timeout=30,
        command_timeout=60,
    )
    try:
        yield connection
    finally:
        await connection.close()
