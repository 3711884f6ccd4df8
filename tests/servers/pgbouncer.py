"""PgBouncer: a private connection pooler before a PostgreSQL server."""

import signal
import socket
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy.engine import URL, make_url

from tests.servers.base import START_ATTEMPTS, START_SECONDS, free_port
from tests.servers.errors import ServerFailed, ServerMissing
from tests.servers.process import ServerProcess, account_for, find_program, make_home

SETTINGS = """
[databases]
* = {server}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = 20
max_client_conn = 500
# Every transaction gets another session of the server, so that nothing works by luck.
server_round_robin = 1
{more}
"""


def program() -> Path | None:
    """Find the pooler; Debian keeps it off an ordinary user's PATH."""
    return find_program(["pgbouncer"], [Path("/usr/sbin"), Path("/usr/local/sbin"), Path("/opt/homebrew/bin")])


class PgBouncer:
    """A pooler that lives for the length of a block; it asks its clients for no password.

    Args:
        server: the URL of the PostgreSQL server behind it.
        mode: `transaction` or `session`.
        settings: more lines for its configuration.
    """

    name = "pgbouncer"

    def __init__(self, server: URL, *, mode: str = "transaction", settings: str = "") -> None:
        self._server = server
        self._mode = mode
        self._settings = settings
        self._process: ServerProcess | None = None
        self.port = 0

    @classmethod
    def check_installed(cls) -> None:
        """Raise ServerMissing when the program is not installed."""
        if program() is None:
            raise ServerMissing("no PgBouncer: install pgbouncer")

    def url(self, direct: str) -> str:
        """The URL through the pooler of a database whose own URL is *direct*."""
        url = make_url(direct).set(host="127.0.0.1", port=self.port)
        return url.render_as_string(hide_password=False)

    def __enter__(self) -> Self:
        self.check_installed()
        self._process = ServerProcess(
            make_home(self.name, in_memory=True), account_for(("postgres", "nobody")), signal.SIGQUIT
        )
        try:
            self._start(self._process)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.remove()
            self._process = None

    def _start(self, process: ServerProcess) -> None:
        path = process.home / "pgbouncer.ini"
        for _ in range(START_ATTEMPTS):
            self.port = free_port()
            path.write_text(
                SETTINGS.format(server=_connection(self._server), port=self.port, mode=self._mode, more=self._settings)
            )
            process.give(path)
            process.start([program() or "pgbouncer", path])
            if self._answers(process):
                return
            process.kill()
        raise ServerFailed(f"PgBouncer did not start:\n{process.log_tail()}")

    def _answers(self, process: ServerProcess) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while not process.has_ended() and time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
            time.sleep(0.02)
        return False


def _connection(url: URL) -> str:
    words = {"host": url.host, "port": url.port or 5432, "user": url.username, "password": url.password}
    return " ".join(f"{key}={value}" for key, value in words.items() if value)
