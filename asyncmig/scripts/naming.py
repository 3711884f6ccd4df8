"""Naming: how a new revision file is called, in Alembic's tokens."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, tzinfo

from asyncmig.errors import ConfigError

__all__ = ["DEFAULT_FILE_TEMPLATE", "file_name", "new_id", "now_in", "slug"]

DEFAULT_FILE_TEMPLATE = "%(rev)s_%(slug)s"

_WORD = re.compile(r"\w+")


def new_id() -> str:
    """A new revision id: twelve hexadecimal digits."""
    return os.urandom(6).hex()


def slug(message: str | None, length: int) -> str:
    """The words of *message* as part of a file name, cut at a word where they are longer than *length*."""
    text = "_".join(_WORD.findall(message or "")).lower()
    return text if len(text) <= length else text[:length].rsplit("_", 1)[0] + "_"


def file_name(template: str, *, revision: str, message: str | None, when: datetime, length: int) -> str:
    """The name of a new file, with its ending; it may have sub-directories in it.

    Raises:
        ConfigError: the template has a token that there is none of, or is no template.
    """
    values = {
        "rev": revision,
        "slug": slug(message, length),
        "epoch": int(when.timestamp()),
        "year": when.year,
        "month": when.month,
        "day": when.day,
        "hour": when.hour,
        "minute": when.minute,
        "second": when.second,
    }
    try:
        return f"{template % values}.py"
    except (KeyError, ValueError, TypeError) as error:
        raise ConfigError(
            f"file_template {template!r} has an error: {error}.",
            hint=f"Its tokens are {', '.join(f'%({name})s' for name in values)}; numbers may be padded: %(month).2d",
        ) from error


def now_in(name: str | None) -> datetime:
    """The time now, to the second, in the zone *name*; `local` is that of the machine, UTC without one.

    Raises:
        ConfigError: there is no such zone.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    if name == "local":
        return now.astimezone()
    return now.astimezone(_zone(name)) if name else now


def _zone(name: str) -> tzinfo:
    # Imported here because only a new revision with a zone needs it, and reading a history must be quick.
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    for spelling in (name, name.upper()):
        try:
            return ZoneInfo(spelling)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            # Next spelling, then the error below.
            continue
    raise ConfigError(f"Can't locate timezone: {name}", hint='For instance timezone = "UTC" or "Europe/Vienna".')
