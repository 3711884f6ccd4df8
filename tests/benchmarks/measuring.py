"""Measuring: whole processes, taken in turns, so that a busy machine is equally unfair to everybody."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

ROOT = Path(__file__).parents[2]

Unit: TypeAlias = Literal["wall", "cpu"]


class BenchmarkError(Exception):
    """A measured program did not do its work."""


@dataclass(frozen=True)
class Sample:
    """What one run took.

    Args:
        wall: seconds on the clock.
        cpu: seconds of CPU that the process used; not those of a database server.
        output: what it wrote to stdout.
    """

    wall: float
    cpu: float
    output: str = ""

    def of(self, unit: Unit) -> float:
        """The seconds of one kind."""
        return self.wall if unit == "wall" else self.cpu


@dataclass(frozen=True)
class Subject:
    """A program to measure.

    Args:
        arguments: what follows `python`.
        directory: where it runs.
        before: prepares each run; not measured.
        environ: additional environment variables.
        codes: what it may end with.
    """

    arguments: Sequence[str]
    directory: Path
    before: Callable[[], object] | None = None
    environ: Mapping[str, str] | None = None
    codes: tuple[int, ...] = (0,)

    def run(self) -> Sample:
        """Run it once.

        Raises:
            BenchmarkError: it failed.
        """
        if self.before is not None:
            self.before()
        environ = {**os.environ, "PYTHONPATH": str(ROOT), **(self.environ or {})}
        for name in ("PYTHONDONTWRITEBYTECODE", "ASYNCMIG_CONFIG"):
            environ.pop(name, None)
        with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
            started = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, *self.arguments],
                cwd=self.directory,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
            )
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - started
            process.returncode = os.waitstatus_to_exitcode(status)
            stdout.seek(0)
            stderr.seek(0)
            if process.returncode not in self.codes:
                told = stderr.read().decode(errors="replace")[-2000:]
                raise BenchmarkError(f"{' '.join(self.arguments)} ended with {process.returncode}:\n{told}")
            return Sample(wall, usage.ru_utime + usage.ru_stime, stdout.read().decode(errors="replace"))


def in_turns(rounds: int, *subjects: Subject, warm: bool = True) -> list[tuple[Sample, ...]]:
    """Run the subjects in turns, A B C A B C, and return the samples of each round.

    Args:
        rounds: how often.
        subjects: the programs.
        warm: whether each runs once before, so that the caches of bytecode are filled.
    """
    if warm:
        for subject in subjects:
            subject.run()
    return [tuple(subject.run() for subject in subjects) for _ in range(rounds)]


def median_ratio(pairs: Sequence[tuple[float, float]]) -> float:
    """The median of first / second, pair by pair."""
    return statistics.median(first / second for first, second in pairs)
