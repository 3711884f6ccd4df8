"""Setting values: the kinds of values of settings; each function gives what settings keep, or raises ValueError."""

from __future__ import annotations

import os
from typing import Any, get_args

from asyncmig.duration import parse_duration

_BOOLEANS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def text(value: object) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise ValueError
    return value


def optional_text(value: object) -> str | None:
    """A text; None for an empty one."""
    if not isinstance(value, str):
        raise ValueError
    return value or None


def boolean(value: object) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise ValueError
    return value


def count(value: object) -> int:
    """A whole number above zero."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError
    return value


def lease(value: object) -> float:
    """A duration of at least a second, in seconds."""
    seconds = parse_duration(value)
    if seconds < 1:
        raise ValueError
    return seconds


def texts(value: object) -> tuple[str, ...]:
    """Texts, or one text."""
    if isinstance(value, str):
        return (value,) if value else ()
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) and item for item in value):
        raise ValueError
    return tuple(value)


def one_of(kind: Any, value: object) -> object:
    """One of the texts of a `Literal`."""
    if value not in get_args(kind):
        raise ValueError
    return value


def boolean_text(text: str) -> object:
    """What TOML would give for a truth of an environment variable."""
    return _BOOLEANS.get(text.lower(), text)


def count_text(text: str) -> object:
    """What TOML would give for a number of an environment variable."""
    return int(text) if text.isdecimal() else text


def paths_text(text: str) -> object:
    """What TOML would give for directories of an environment variable."""
    return [part for part in text.split(os.pathsep) if part]
