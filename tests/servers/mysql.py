"""MySQLServer: a given MySQL or MariaDB, or a private MariaDB."""

import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import aiomysql
from pymysql.err import MySQLError
from sqlalchemy.engine import URL

from tests.servers.base import DatabaseServer
from tests.servers.errors import ServerMissing
from tests.servers.process import ServerProcess, find_program

USER = "asyncmig"
PASSWORD = "asyncmig"
GRANT_ACCESS = f"GRANT ALL PRIVILEGES ON *.* TO '{USER}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}' WITH GRANT OPTION;\n"
NOT_DURABLE = ("--innodb-flush-log-at-trx-commit=0", "--sync-binlog=0", "--innodb-doublewrite=0", "--sync-frm=0")
DURABLE = ("--innodb-flush-log-at-trx-commit=1",)


def program(name: str) -> Path | None:
    """Find a program of MariaDB; the server itself is often kept off an ordinary user's PATH."""
    directories = [Path("/usr/sbin"), Path("/usr/libexec"), Path("/usr/local/sbin"), Path("/opt/homebrew/bin")]
    return find_program([name], directories)


class MySQLServer(DatabaseServer):
    """A MySQL or MariaDB server for tests and benchmarks; the private one is a MariaDB with one known login."""

    name = "mysql"
    driver = "mysql+aiomysql"
    accounts = ("mysql", "nobody")
    end_signal = signal.SIGKILL
    connection_errors: ClassVar[tuple[type[Exception], ...]] = (OSError, TimeoutError, MySQLError)

    @classmethod
    def check_installed(cls) -> None:
        if program("mariadbd") is None or program("mariadb-install-db") is None:
            raise ServerMissing("no MariaDB server: install mariadb-server, or set ASYNCMIG_TEST_MYSQL_URL")

    def _initialise(self, process: ServerProcess) -> None:
        access = process.home / "access.sql"
        access.write_text(GRANT_ACCESS)
        process.give(access)
        options = ["--no-defaults", "--skip-test-db", "--skip-name-resolve", "--auth-root-authentication-method=normal"]
        data = process.home / "data"
        process.run([_required("mariadb-install-db"), *options, f"--datadir={data}", "--innodb-log-file-size=32M"])

    def _command(self, home: Path, port: int) -> Sequence[str | Path]:
        return [
            _required("mariadbd"),
            "--no-defaults",
            f"--datadir={home / 'data'}",
            f"--tmpdir={home}",
            f"--socket={home / 'server.sock'}",
            f"--pid-file={home / 'server.pid'}",
            f"--init-file={home / 'access.sql'}",
            "--bind-address=127.0.0.1",
            f"--port={port}",
            "--skip-name-resolve",
            "--skip-log-bin",
            "--character-set-server=utf8mb4",
            "--max-connections=200",
            "--innodb-buffer-pool-size=128M",
            "--innodb-log-file-size=32M",
            *(DURABLE if self.durable else NOT_DURABLE),
        ]

    def _private_url(self, port: int) -> URL:
        return URL.create(self.driver, USER, PASSWORD, host="127.0.0.1", port=port)

    async def _read_version(self, url: URL) -> str:
        async with _connected(url) as cursor:
            await cursor.execute("SELECT VERSION()")
            (version,) = await cursor.fetchone()
        number, _, rest = str(version).partition("-")
        return f"{'MariaDB' if 'MariaDB' in rest else 'MySQL'} {number}"

    async def _create(self, url: URL, name: str) -> None:
        async with _connected(url) as cursor:
            await cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")

    async def _drop(self, url: URL, name: str) -> None:
        async with _connected(url) as cursor:
            # An open transaction elsewhere would make DROP DATABASE wait for its metadata locks.
            await cursor.execute("SELECT id FROM information_schema.processlist WHERE db = %s", (name,))
            for (connection_id,) in await cursor.fetchall():
                await _kill(cursor, connection_id)
            await cursor.execute(f"DROP DATABASE `{name}`")


async def _kill(cursor: Any, connection_id: int) -> None:
    try:
        await cursor.execute(f"KILL CONNECTION {connection_id}")
    except MySQLError as error:
        if error.args[0] != 1094:  # It is gone by itself.
            raise


def _required(name: str) -> Path:
    path = program(name)
    if path is None:
        raise ServerMissing(f"no program named {name}")
    return path


@asynccontextmanager
async def _connected(url: URL) -> AsyncIterator[Any]:
    connection = await aiomysql.connect(
        host=url.host or "127.0.0.1",
        port=url.port or 3306,
        user=url.username,
        password=url.password or "",
        connect_timeout=30,
        autocommit=True,
        init_command="SET lock_wait_timeout = 30",
    )
    try:
        async with connection.cursor() as cursor:
            yield cursor
    finally:
        await connection.ensure_closed()
