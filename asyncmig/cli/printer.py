"""Printer: answers on one stream, progress and errors on the other, as text or as one JSON document."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TextIO, TypeVar

from asyncmig.cli.style import Style, is_terminal
from asyncmig.errors import AsyncmigError

if TYPE_CHECKING:
    from asyncmig.cli.progress import Progress
    from asyncmig.cli.run_record import RunRecord
    from asyncmig.events import Event

__all__ = ["Printer"]

T = TypeVar("T")

_FRAMES_SHOWN = 3


class Printer:
    """What a command says.

    Args:
        out: where answers go.
        err: where progress and errors go.
        environ: the environment variables; `NO_COLOR` and `TERM` matter.
        json: one JSON document on *out* and nothing else.
        quiet: no progress, and no sentence on what was done.
        verbose: operations too, and whole tracebacks.
    """

    def __init__(
        self,
        out: TextIO,
        err: TextIO,
        environ: Mapping[str, str],
        *,
        json: bool = False,
        quiet: bool = False,
        verbose: bool = False,
    ) -> None:
        self._out = out
        self._err = err
        self.style = Style.of(err, environ)
        self.json = json
        self.verbose = verbose
        self._quiet = quiet
        self._live = is_terminal(err, environ)
        self.one_transaction = False
        self._record: RunRecord | None = None
        self._progress: Progress | None = None

    def answer(self, result: T, document: Callable[[T], object], lines: Callable[[T], Iterable[str]]) -> None:
        """Print what was asked for, as a *document* or as *lines*."""
        if self.json:
            self._document(document(result))
        else:
            self._lines(lines(result))

    def report(self, result: T, document: Callable[[T], object], lines: Callable[[T], Iterable[str]]) -> None:
        """Print what was done; a quiet printer leaves it out, unless a document is wanted."""
        if self.json or not self._quiet:
            self.answer(result, document, lines)

    def observe(self, event: Event) -> None:
        """Take note of an event of a run, and tell it."""
        if self._record is None:
            self._listen()
        if self._record is not None:
            self._record.observe(event)
        if self._progress is not None:
            self._progress.observe(event)

    def _listen(self) -> None:
        # Imported here because most commands run nothing.
        from asyncmig.cli.progress import Progress
        from asyncmig.cli.run_record import RunRecord

        self._record = RunRecord(one_transaction=self.one_transaction)
        if not self._quiet and not self.json:
            self._progress = Progress(self._err, self.style, live=self._live, verbose=self.verbose)

    def close(self) -> None:
        """Take a live line off the terminal."""
        if self._progress is not None:
            self._progress.close()

    def error(self, error: AsyncmigError) -> None:
        """Print an error that was raised on purpose."""
        if self.json:
            message = _with_notes(error, error.message)
            self._document({"error": _error_document(error, message, error.hint, error.exit_code)})
            return
        self._sentence("error", _with_notes(error, error.message), error.hint, "red")
        if self.verbose and error.__cause__ is not None:
            self._err.write("".join(traceback.format_exception(error.__cause__)))

    def usage_error(self, error: Exception, message: str, hint: str | None, exit_code: int) -> None:
        """Print that the command line is not understood."""
        if self.json:
            self._document({"error": _error_document(error, message, hint, exit_code)})
        else:
            self._sentence("error", message, hint, "red")

    def unexpected(self, error: BaseException, command: str) -> None:
        """Print an error that nobody foresaw: in short, or with its whole traceback."""
        message = f"unexpected {type(error).__name__}: {error}".rstrip(": ")
        blame = "This is a bug in asyncmig, or in code that it called."
        hint = f"{blame} The whole traceback: {command} -v …"
        if self.json:
            self._document({"error": _error_document(error, message, hint, 1)})
        elif self.verbose:
            self._err.write("".join(traceback.format_exception(error)))
            self._sentence("error", message, blame, "red")
        else:
            frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename[0] != "<"]
            self._err.write("".join(traceback.format_list(frames[-_FRAMES_SHOWN:])))
            self._sentence("error", message, hint, "red")

    def interrupted(self) -> None:
        """Print what an interrupted run leaves behind."""
        message = "nothing is half done." if self._record is None else self._record.after_interruption()
        if self.json:
            applied = [] if self._record is None else self._record.applied
            document = {"class": "Interrupted", "message": message, "hint": None, "exit_code": 130}
            self._document({"error": document | {"applied": applied}})
        else:
            self._sentence("interrupted", message, None, "yellow")

    def _sentence(self, title: str, message: str, hint: str | None, colour: str) -> None:
        self._out.flush()
        self._err.write(f"{self.style(title + ':', colour, 'bold')} {message}\n")
        if hint:
            title = self.style("hint:", "cyan")
            self._err.write(f"{title}\n{hint}\n" if "\n" in hint else f"{title} {hint}\n")
        self._err.flush()

    def _lines(self, lines: Iterable[str]) -> None:
        # One write: a line each would cost a system call each where the output is not buffered.
        text = "\n".join(lines)
        if text:
            self._out.write(text + "\n")
        self._out.flush()

    def _document(self, document: object) -> None:
        # Imported here because only --json needs it.
        import json

        json.dump(document, self._out, indent=2, default=str, ensure_ascii=not _writes_unicode(self._out))
        self._out.write("\n")
        self._out.flush()


def _writes_unicode(stream: TextIO) -> bool:
    return (getattr(stream, "encoding", None) or sys.getdefaultencoding()).lower().replace("-", "") == "utf8"


def _with_notes(error: BaseException, message: str) -> str:
    return "\n  ".join([message, *getattr(error, "__notes__", ())])


def _error_document(error: BaseException, message: str, hint: str | None, exit_code: int) -> dict[str, object]:
    """What `--json` says about an error: its sentence, and the facts that it carries."""
    document: dict[str, object] = {
        "class": type(error).__name__,
        "message": message,
        "hint": hint,
        "exit_code": exit_code,
    }
    if isinstance(error, AsyncmigError):
        facts = {name: value for name, value in vars(error).items() if not name.startswith("_")}
        document |= {name: _plain(value) for name, value in facts.items() if name not in document}
    return document


def _plain(value: object) -> object:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return str(value)
