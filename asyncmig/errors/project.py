"""Errors of projects: the root of the tree, and what can be wrong with settings, files and connections."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def in_short(revisions: Sequence[str]) -> str:
    """Ids for a sentence: each of a few, the ends of many."""
    if len(revisions) <= 5:
        return ", ".join(revisions)
    return f"{len(revisions)} revisions, {revisions[0]} to {revisions[-1]}"


class AsyncmigError(Exception):
    """Base of all errors of asyncmig.

    Args:
        message: what happened and where, in the user's own names.
        hint: what to do about it; where it can be, a line to paste.
    """

    exit_code: int = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n\n{self.hint}" if self.hint else self.message

    def locate(self, path: Path | str | None, line: int | None) -> None:
        """Say where it happened, in front of the sentence, once that is known."""
        if path is not None:
            self.message = f"{path}:{line}: {self.message}" if line else f"{path}: {self.message}"


class CommandError(AsyncmigError):
    """What stops a command of Alembic, for programs that catch it; a script raises it to say that it cannot go on.

    Args:
        message: what happened and where.
        hint: what to do about it.
    """

    def __init__(self, message: str = "", *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)


class ConfigError(AsyncmigError):
    """The settings, the environment or a template are missing or wrong."""

    exit_code = 2


class MissingDriverError(ConfigError):
    """The database driver that a URL needs is not installed.

    Args:
        driver: import name of the driver, such as `asyncpg`.
        extra: the extra of asyncmig that installs it, or None where we have none.
    """

    def __init__(self, *, driver: str, extra: str | None) -> None:
        package = f"asyncmig[{extra}]" if extra else driver
        super().__init__(
            f"The driver {driver!r}, which the database URL asks for, is not installed.",
            hint=f'pip install "{package}"',
        )
        self.driver = driver
        self.extra = extra


class DatabaseUnavailableError(AsyncmigError):
    """The database could not be reached, refused the connection or was lost outside any revision."""

    exit_code = 21

    def __init__(self, *, url: str, reason: str, hint: str | None = None, lost: bool = False) -> None:
        what = f"The connection to {url} was lost" if lost else f"Cannot connect to {url}"
        super().__init__(f"{what}: {reason}", hint=hint)
        self.url = url
        self.reason = reason


class DatabaseRefusedError(AsyncmigError):
    """The database refused what asyncmig itself needs, outside any revision: to read or write its own tables."""

    exit_code = 22

    def __init__(self, *, url: str, reason: str, hint: str | None = None) -> None:
        super().__init__(f"The database {url} refused: {reason}", hint=hint)
        self.url = url
        self.reason = reason


class ScriptError(AsyncmigError):
    """A revision file, `env.py` or template cannot be read or has the wrong shape.

    Args:
        message: what is wrong, without the place.
        path: the file.
        line: line number in it, counted from 1.
        hint: the corrected line.
    """

    exit_code = 2

    def __init__(
        self, message: str, *, path: Path | str | None = None, line: int | None = None, hint: str | None = None
    ) -> None:
        place = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        super().__init__(f"{place}{message}", hint=hint)
        self.path = None if path is None else Path(path)
        self.line = line


class UnawaitedOperationError(ScriptError):
    """A directive was called in an async script without `await`, so it did not run.

    Args:
        verb: the directive, such as `add_column`.
        source: the call as it stands in the file, as far as it is known.
        block: whether it is a block, for `async with`.
    """

    def __init__(
        self,
        *,
        verb: str,
        source: str | None = None,
        path: Path | str | None = None,
        line: int | None = None,
        block: bool = False,
    ) -> None:
        call = source or f"op.{verb}(…)"
        forgotten = "entered" if block else "awaited"
        right = f"async with {call} as table:" if block else f"await {call}"
        super().__init__(
            f"{call} was not {forgotten}, so it did not run.",
            path=path,
            line=line,
            hint=f"    {call.ljust(len(right))}    # incorrect\n    {right}    # correct",
        )
        self.verb = verb
