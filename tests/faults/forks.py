"""Forks: the client of the fork server."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.faults.child import Job, Report

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    """How a child ended.

    Args:
        status: its exit code; negative is the signal that killed it.
        hung: whether it had to be killed because it did not end.
        report: what it told; None when it was killed.
    """

    status: int
    hung: bool
    report: Report | None

    @property
    def was_killed(self) -> bool:
        """Whether it died of SIGKILL as it should."""
        return self.status == -signal.SIGKILL and not self.hung

    @property
    def is_done(self) -> bool:
        """Whether it did what it was asked for."""
        return self.report is not None and self.report.error is None

    @property
    def words(self) -> str:
        """How it ended, in words."""
        if self.hung:
            return "did not end"
        return f"ended with {self.status}" if self.report is None else self.report.error or "done"


class Forks:
    """A fork server, and the children that it has made."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.faults.server"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._running: set[int] = set()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for pid in self._running:
            self.kill(pid)
        self._process.communicate()

    def _ask(self, request: dict[str, Any]) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def start(self, job: Job) -> int:
        """Start a child, and return its process id."""
        pid: int = self._ask({"start": asdict(job)})["pid"]
        self._running.add(pid)
        return pid

    def kill(self, pid: int) -> None:
        """Kill a child that may have ended already."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def wait(self, pid: int, timeout: float = 90.0) -> Ended:
        """Wait for a child; kill one that does not end in time."""
        answer = self._ask({"wait": pid, "timeout": timeout})
        self._running.discard(pid)
        report = answer["report"]
        return Ended(answer["status"], answer["hung"], None if report is None else Report(**report))

    def run(self, job: Job) -> Ended:
        """Start a child and wait for it."""
        return self.wait(self.start(job))
