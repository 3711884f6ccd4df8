"""Utilities: the names of `alembic.util` that revision files and their helpers use."""

from __future__ import annotations

import sys
import uuid
import warnings
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, NoReturn

from asyncmig.errors import CommandError


def msg(text: str, newline: bool = True, flush: bool = False, quiet: bool = False) -> None:
    """Write a message of the script to standard output, as the script asks."""
    if quiet:
        return
    sys.stdout.write(text + ("\n" if newline else ""))
    if flush:
        sys.stdout.flush()


def err(message: str, quiet: bool = False) -> NoReturn:
    """Stop the script.

    Raises:
        CommandError: always; a script that could end the whole process would leave its database in the middle.
    """
    raise CommandError(message)


def warn(text: str, stacklevel: int = 2) -> None:
    """Warn with *text*."""
    warnings.warn(text, stacklevel=stacklevel + 1)


def to_list(value: Any, default: list[Any] | None = None) -> list[Any] | None:
    """*value* as a list; a text is one item, and None is *default*."""
    if value is None:
        return default
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str) else [value]


def to_tuple(value: Any, default: tuple[Any, ...] | None = None) -> tuple[Any, ...] | None:
    """*value* as a tuple; a text is one item, and None is *default*."""
    listed = to_list(value)
    return default if listed is None else tuple(listed)


def rev_id() -> str:
    """A new revision id."""
    return uuid.uuid4().hex[-12:]


def util_module() -> SimpleNamespace:
    """The names of `alembic.util`."""
    names = (CommandError, msg, err, warn, to_list, to_tuple, rev_id)
    return SimpleNamespace(**{name.__name__: name for name in names})
