"""DatabaseServer: what the servers of the tests have in common."""

import asyncio
import re
import signal
import socket
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self, TypeVar

from sqlalchemy.engine import URL, make_url

from tests.servers.errors import ServerFailed
from tests.servers.process import ServerProcess, account_for, make_home

START_ATTEMPTS = 3
START_SECONDS = 60.0

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in a thread of its own, whether or not an event loop runs in this one."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, coroutine).result()


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens at."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class DatabaseServer(ABC):
    """A server that tests may use: the one at `url`, or a private one that lives from `start` to `stop`.

    A private server is `durable` unless told otherwise: it syncs to disk as in production. Without that it is faster,
    since it lives in memory where there is plenty, but a crash may lose what was committed last.
    """

    name: ClassVar[str]
    driver: ClassVar[str]
    accounts: ClassVar[Sequence[str]]
    end_signal: ClassVar[signal.Signals]
    connection_errors: ClassVar[tuple[type[Exception], ...]]

    def __init__(self, url: str | None = None, *, durable: bool = True) -> None:
        self.private = url is None
        self.durable = durable
        self.version = ""
        self._url = make_url(url).set(drivername=self.driver) if url else None
        self._process: ServerProcess | None = None

    @classmethod
    @abstractmethod
    def check_installed(cls) -> None:
        """Raise ServerMissing when the programs of a private server are not installed."""

    @abstractmethod
    def _initialise(self, process: ServerProcess) -> None:
        """Fill the home of a new private server."""

    @abstractmethod
    def _command(self, home: Path, port: int) -> Sequence[str | Path]:
        """Return the command line of the private server."""

    @abstractmethod
    def _private_url(self, port: int) -> URL:
        """Return the URL of the private server's administrator."""

    @abstractmethod
    async def _read_version(self, url: URL) -> str:
        """Return the server's version as a person would say it."""

    @abstractmethod
    async def _create(self, url: URL, name: str) -> None:
        """Create an empty database."""

    @abstractmethod
    async def _drop(self, url: URL, name: str) -> None:
        """Drop a database, whoever is still connected to it."""

    @property
    def url(self) -> URL:
        """The administrator's URL, with the async driver."""
        if self._url is None:
            raise ServerFailed(f"the {self.name} server is not started")
        return self._url

    def start(self) -> None:
        """Start a private server, after `crash` on the data that it had; check that a given one answers."""
        if self.private:
            self._start_private()
        else:
            try:
                self.version = run(self._read_version(self.url))
            except self.connection_errors as error:
                raise ServerFailed(f"no {self.name} server answers at {self.url!r}: {error}") from error

    def crash(self) -> None:
        """Kill a private server without any farewell; `start` brings it back with its data, at the same URL."""
        if self._process is None:
            raise ServerFailed(f"the {self.name} server is not a private one that runs")
        if not self.durable:
            raise ServerFailed("only a durable server keeps over a crash what was committed last")
        self._process.kill()

    def stop(self) -> None:
        """End a private server and remove its data; leave a given one alone."""
        if self._process is not None:
            self._process.remove()
            self._process = None
            self._url = None

    def create_database(self, name: str | None = None) -> str:
        """Create an empty database, with a new name unless one is given, and return its URL with the async driver."""
        name = name or f"asyncmig_{uuid.uuid4().hex[:12]}"
        run(self._create(self.url, checked_name(name)))
        return self.url.set(database=name).render_as_string(hide_password=False)

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        run(self._drop(self.url, checked_name(name)))

    @contextmanager
    def database(self) -> Iterator[str]:
        """Lend the URL of a new, empty database, and drop it afterwards."""
        url = self.create_database()
        try:
            yield url
        finally:
            self.drop_database(str(make_url(url).database))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _start_private(self) -> None:
        if self._process is None:
            self.check_installed()
            account = account_for(self.accounts)
            home = make_home(self.name, in_memory=not self.durable)
            self._process = ServerProcess(home, account, self.end_signal)
        try:
            self._launch(self._process)
        except BaseException:
            self.stop()
            raise

    def _launch(self, process: ServerProcess) -> None:
        known_port = None if self._url is None else self._url.port
        if known_port is None:
            self._initialise(process)
        for attempt in range(1, START_ATTEMPTS + 1):
            port = known_port or free_port()
            process.start(self._command(process.home, port))
            url = self._private_url(port)
            if self._answers(process, url):
                self._url = url
                return
            tail = process.log_tail()
            process.kill()
            # Somebody else may have taken the port meanwhile.
            if attempt == START_ATTEMPTS or "in use" not in tail:
                raise ServerFailed(f"the {self.name} server did not start:\n{tail}")

    def _answers(self, process: ServerProcess, url: URL) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while not process.has_ended():
            try:
                self.version = run(self._read_version(url))
            except self.connection_errors as error:
                if time.monotonic() > deadline:
                    raise ServerFailed(f"the {self.name} server does not answer:\n{process.log_tail()}") from error
                time.sleep(0.05)
            else:
                return True
        return False


def checked_name(name: str) -> str:
    """Return a database name that needs no quoting, or raise ValueError."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise ValueError(f"not a plain lower-case name: {name!r}")
    return name
