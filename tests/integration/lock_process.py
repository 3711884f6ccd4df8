"""LockProcess: a run in a process of its own, which can be stopped, continued and killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import asyncmig

PROGRAM = """
import asyncio, sys
from pathlib import Path
from asyncmig import Migrator
from asyncmig.config import Settings
from asyncmig.errors import AsyncmigError

async def main(url, location, lock, lease):
    settings = Settings(root=Path(location).parent, lock=lock, lock_lease=float(lease), lock_wait=30.0)
    async with Migrator(url, location, settings=settings) as migrator:
        try:
            result = await migrator.upgrade()
        except AsyncmigError as error:
            print(type(error).__name__, error, flush=True)
            return error.exit_code
        print("applied", *[one.revision for one in result.applied], flush=True)
        return 0

sys.exit(asyncio.run(main(*sys.argv[1:])))
"""


class LockProcess:
    """An `upgrade` in a process of its own.

    Args:
        url: the database.
        location: the directory of the project.
        lock, lease: the settings `lock` and `lock_lease`.
    """

    def __init__(self, url: str, location: Path, *, lock: str = "auto", lease: float = 30.0) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, url, str(location), lock, str(lease)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(Path(asyncmig.__file__).parent.parent)},
        )

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    async def end(self) -> tuple[int, str]:
        """Wait for its end; its exit code and what it printed."""
        output, _ = await asyncio.to_thread(self._process.communicate, timeout=60)
        return self._process.returncode, output.decode()

    def __enter__(self) -> LockProcess:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


async def appears(path: Path, seconds: float = 20.0) -> None:
    """Wait until a file is there."""
    deadline = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not appear"
        await asyncio.sleep(0.02)
