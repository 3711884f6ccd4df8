"""Progress: the events of a run as lines, and as one live line where somebody watches."""

from __future__ import annotations

from threading import Lock, Timer
from typing import TYPE_CHECKING, TextIO

from asyncmig.cli.durations import seconds
from asyncmig.cli.style import Style
from asyncmig.events import (
    DatabaseWaiting,
    Event,
    LockTimedOut,
    LockWaiting,
    OperationDone,
    OperationSkipped,
    OperationStarted,
    RevisionDone,
    RevisionFailed,
    RevisionStarted,
    RunDone,
    RunStarted,
    ScriptBlocked,
)

if TYPE_CHECKING:
    from asyncmig.cli.live import LiveLine

__all__ = ["Progress"]

_MANY = 10
_LONG = 0.8
_SLOW = 1.0
_BETWEEN_WAITS = 30.0


class Progress:
    """Tells a run as it goes: a line for each revision, and a live line when it is long or has many of them.

    Args:
        stream: where to write.
        style: its colours.
        live: whether a line can be written over.
        verbose: whether to tell the operations too.
    """

    def __init__(self, stream: TextIO, style: Style, *, live: bool, verbose: bool) -> None:
        self._stream = stream
        self._style = style
        self._can_be_live = live
        self._verbose = verbose
        self._live: LiveLine | None = None
        self._timer: Timer | None = None
        self._lock = Lock()
        self._closed = False
        self._total = 0
        self._position = 0
        self._now = ""
        self._running: str | None = None
        self._waited = -_BETWEEN_WAITS

    def observe(self, event: Event) -> None:
        """Tell an event."""
        match event:
            case RunStarted(revisions=revisions):
                self._total = len(revisions)
                self._begin(0.0 if self._total >= _MANY else _LONG)
            case LockWaiting(waited=waited, holder=holder):
                self._wait(waited, f"waiting for the migration lock{f', held by {holder}' if holder else ''}")
            case DatabaseWaiting(waited=waited, reason=reason):
                self._wait(waited, f"waiting for the database ({reason})")
            case RevisionStarted():
                self._start_revision(event)
            case LockTimedOut():
                self._lock_timed_out(event)
            case OperationSkipped(description=description):
                if self._verbose:
                    self._write(self._style(f"    {description}  (done before)", "dim"))
            case OperationStarted(description=description):
                self._set_now(description)
            case OperationDone(description=description, duration=duration):
                if self._verbose:
                    self._write(f"    {description}  {self._style(seconds(duration), 'dim')}")
            case RevisionDone(position=position, duration=duration):
                self._position, self._running = position, None
                if duration >= _SLOW:
                    self._write(self._style(f"    done in {seconds(duration)}", "dim"))
                self._set_now("")
            case RevisionFailed() | RunDone():
                self.close()
            case ScriptBlocked(revision=revision, duration=duration):
                text = f"    the script of {revision} held the event loop for {seconds(duration)}"
                self._write(self._style(text, "yellow"))

    def close(self) -> None:
        """Take the live line away."""
        with self._lock:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._live is not None:
                self._live.stop()
                self._live = None

    def _start_revision(self, event: RevisionStarted) -> None:
        self._position = event.position - 1
        if event.revision == self._running:
            return  # it began again, because SQLite has to suspend foreign keys before a transaction
        self._running = event.revision
        count = f"[{event.position}/{event.total}] " if event.total > 1 else ""
        message = f", {event.message}" if event.message else ""
        self._write(f"{count}{event.direction} {self._style(event.revision, 'bold')}{message}")
        self._set_now(event.message)

    def _lock_timed_out(self, event: LockTimedOut) -> None:
        self._write(
            f"    locks not to be had, attempt {event.attempt}; nothing is held, again in {seconds(event.pause)}"
        )
        for blocker in event.blockers:
            self._write(self._style(f"      in the way: {blocker}", "dim"))

    def _wait(self, waited: float, what: str) -> None:
        text = f"{what}; {seconds(waited)} so far"
        if self._can_be_live:
            self._begin(0.0)
            self._set_now(text)
        elif waited - self._waited >= _BETWEEN_WAITS:
            self._waited = waited
            self._write(text)

    def _begin(self, delay: float) -> None:
        """Show the live line after *delay* seconds."""
        with self._lock:
            if not self._can_be_live or self._live is not None:
                return
            if self._timer is not None:
                self._timer.cancel()
            self._closed = False
            self._timer = Timer(delay, self._show)
            self._timer.daemon = True
            self._timer.start()

    def _show(self) -> None:
        # Imported here, in the timer's thread, because a short run shows no live line and should not pay for it.
        from asyncmig.cli.live import LiveLine

        with self._lock:
            if not self._closed and self._live is None:
                self._live = LiveLine(self._stream)
                self._live.update(self._now, self._position, self._total)

    def _set_now(self, text: str) -> None:
        with self._lock:
            self._now = text
            if self._live is not None:
                self._live.update(text, self._position, self._total)

    def _write(self, line: str) -> None:
        with self._lock:
            if self._live is not None:
                self._live.print(line)
            else:
                self._stream.write(line + "\n")
                self._stream.flush()
