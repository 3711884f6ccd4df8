"""Messaging: what a program says with Alembic's helpers."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

__all__ = ["err", "format_as_comma", "msg", "obfuscate_url_pw", "warn", "write_outstream"]


def write_outstream(stream: TextIO, *text: str, quiet: bool = False) -> None:
    """Write to *stream* what its encoding has; what it has not is replaced.

    Args:
        stream: where to.
        text: what.
        quiet: whether to write nothing at all.
    """
    # A stream in memory has none, and takes everything.
    encoding = getattr(stream, "encoding", None) or "utf-8"
    for part in () if quiet else text:
        stream.write(part.encode(encoding, "replace").decode(encoding))


def msg(msg: str, newline: bool = True, flush: bool = False, quiet: bool = False) -> None:
    """Say something on `sys.stdout`; it is not wrapped, so that paths and ids can be copied.

    Args:
        msg: what.
        newline: whether the line ends.
        flush: whether it is written at once.
        quiet: whether to say nothing.
    """
    write_outstream(sys.stdout, msg, "\n" if newline else "", quiet=quiet)
    if flush and not quiet:
        sys.stdout.flush()


def err(message: str, quiet: bool = False) -> None:
    """Say that something failed, and end the program as Alembic does.

    Args:
        message: what failed.
        quiet: whether to end it silently.

    Raises:
        SystemExit: always.
    """
    msg(f"FAILED: {message}", quiet=quiet)
    raise SystemExit(-1)


def warn(msg: str, stacklevel: int = 2) -> None:
    """Warn of something.

    Args:
        msg: what.
        stacklevel: whose line the warning names.
    """
    warnings.warn(msg, UserWarning, stacklevel=stacklevel)


def obfuscate_url_pw(input_url: str | URL) -> str:
    """A URL with its password hidden."""
    # Imported here because whoever only prints has no use for a database library.
    from sqlalchemy.engine import make_url

    return make_url(input_url).render_as_string(hide_password=True)


def format_as_comma(value: str | Iterable[str] | None) -> str:
    """One text or several as one, with commas between them.

    Raises:
        ValueError: it is neither.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Iterable):
        return ", ".join(value)
    raise ValueError(f"Don't know how to comma-format {value!r}")
