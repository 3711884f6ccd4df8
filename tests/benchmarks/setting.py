"""Setting: what the cases share: how often to measure, where files go, which servers there are."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from tests.servers import DatabaseServer, ServerMissing
from tests.servers.session import SERVERS, given_url


class Setting:
    """What the cases share.

    Args:
        quick: measure little, for rough numbers.
    """

    def __init__(self, *, quick: bool) -> None:
        self.quick = quick
        self.home = Path()
        self.notes: list[str] = []
        self._servers: dict[str, DatabaseServer | None] = {}

    def __enter__(self) -> Setting:
        self.home = Path(tempfile.mkdtemp(prefix="asyncmig-bench-"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for server in self._servers.values():
            if server is not None:
                server.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def rounds(self, usual: int) -> int:
        """How often to measure."""
        return max(1, usual // 3) if self.quick else usual

    @contextmanager
    def directory(self) -> Iterator[Path]:
        """A directory of a case's own, gone afterwards."""
        path = Path(tempfile.mkdtemp(dir=self.home))
        yield path
        shutil.rmtree(path)

    def server(self, name: str) -> DatabaseServer | None:
        """A running server that syncs to disk as in production; None, with a note, where there is none."""
        if name not in self._servers:
            server = SERVERS[name](given_url(name, os.environ), durable=True)
            try:
                server.start()
            except ServerMissing as missing:
                self.notes.append(str(missing))
                self._servers[name] = None
            else:
                self.notes.append(f"{server.name} {server.version}")
                self._servers[name] = server
        return self._servers[name]
