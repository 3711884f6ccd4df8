"""Fork server: a process with everything imported, which forks a child for each job that it reads from its input.

`python -m tests.faults.server` reads one JSON document a line and answers with one: `{"start": {job}}` with the child's
process id, `{"wait": pid, "timeout": seconds}` with its wait status and its report.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import time
import traceback
from importlib import import_module
from typing import Any

from sqlalchemy import create_engine

from tests.faults.child import Job, work

#: Everything that a run imports when it first needs it.
_MODULES = (
    "asyncmig.dialects.mysql",
    "asyncmig.dialects.postgresql",
    "asyncmig.dialects.sqlite",
    "asyncmig.rendering.operations",
    "asyncmig.runtime.alembic_modules",
    "asyncmig.runtime.fingerprint",
)
_URLS = ("sqlite+aiosqlite:///x", "postgresql+asyncpg://localhost/x", "mysql+aiomysql://localhost/x")


class ForkServer:
    """Starts children and waits for them."""

    def __init__(self) -> None:
        self._pipes: dict[int, int] = {}

    def serve(self) -> None:
        """Answer until the input ends."""
        for line in sys.stdin:
            request = json.loads(line)
            if "start" in request:
                answer: Any = {"pid": self._start(Job(**request["start"]))}
            else:
                answer = self._wait(request["wait"], request["timeout"])
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()

    def _start(self, job: Job) -> int:
        if job.tool == "alembic":
            import_module("tests.faults.alembic_child")
        readable, writable = os.pipe()
        pid = os.fork()
        if pid == 0:
            _be_child(job, writable)
        os.close(writable)
        self._pipes[pid] = readable
        return pid

    def _wait(self, pid: int, timeout: float) -> dict[str, Any]:
        readable, told, deadline = self._pipes.pop(pid), b"", time.monotonic() + timeout
        hung = False
        while True:
            ready, _, _ = select.select([readable], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                hung = True
                os.kill(pid, signal.SIGKILL)
                break
            if not (piece := os.read(readable, 65536)):
                break
            told += piece
        os.close(readable)
        _, status = os.waitpid(pid, 0)
        return {"status": os.waitstatus_to_exitcode(status), "hung": hung, "report": json.loads(told or "null")}


def _be_child(job: Job, writable: int) -> None:
    """Do the job, tell how it went, and leave without returning into the server's code."""
    code = 1
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1):
            os.dup2(nowhere, descriptor)
        told = json.dumps(work(job)).encode()
        while told:
            told = told[os.write(writable, told) :]
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    for name in _MODULES:
        import_module(name)
    for url in _URLS:
        create_engine(url)
    gc.collect()
    gc.freeze()
    ForkServer().serve()
