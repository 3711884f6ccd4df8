"""LiveLine: the line at the bottom of a terminal that says what is going on right now."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

__all__ = ["LiveLine"]


class LiveLine:
    """A spinner, a bar where there is more than one revision, and the operation that runs.

    Args:
        stream: the terminal.
    """

    def __init__(self, stream: TextIO) -> None:
        console = Console(file=stream, highlight=False, markup=False, soft_wrap=False)
        self._progress = Progress(
            SpinnerColumn(),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[count]}", markup=False),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False),
            console=console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._progress.add_task("", total=None, count="")
        self._progress.start()

    def update(self, now: str, position: int, total: int) -> None:
        """Say what is going on.

        Args:
            now: in words.
            position: how many revisions are done.
            total: of how many.
        """
        room = max(self._progress.console.width - 52, 20)
        line = " ".join(now.split())
        self._progress.update(
            self._task,
            description=line if len(line) <= room else line[: room - 1] + "…",
            completed=position,
            total=total or None,
            count=f"{position}/{total}" if total > 1 else "",
        )

    def print(self, line: str) -> None:
        """Write *line* above the live one."""
        self._progress.console.print(Text.from_ansi(line))

    def stop(self) -> None:
        """Take the line away."""
        self._progress.stop()
