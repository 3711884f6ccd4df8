"""Settings of asyncmig, as TOML, that say what those of an Alembic project say."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asyncmig.config import Hook, Settings
from asyncmig.errors import ConfigError

__all__ = ["AdoptedSettings", "DatabaseTable", "settings_keys", "with_table"]

_TARGETS: Mapping[str, str] = {"console_scripts": "entrypoint", "exec": "executable", "module": "module"}
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_TABLE = "tool.asyncmig"


@dataclass(frozen=True, slots=True)
class DatabaseTable:
    """One of several databases.

    Args:
        name: what it is called.
        keys: its own keys.
    """

    name: str
    keys: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AdoptedSettings:
    """What goes into the settings.

    Args:
        keys: the general keys; a value of None is written as a comment, to be filled in.
        hooks: what runs over new files.
        databases: the databases, where there are several.
    """

    keys: Mapping[str, Any]
    hooks: Sequence[Hook]
    databases: Sequence[DatabaseTable] = ()

    def lines(self, *, table: str) -> Iterator[str]:
        """The settings as lines of TOML.

        Args:
            table: what they are in, empty for the top of a file.
        """
        if table:
            yield f"[{table}]"
        for key, value in self.keys.items():
            yield f"{key} = {_value(value)}" if value is not None else f'# {key} = "env:DATABASE_URL"'
        prefix = f"{table}." if table else ""
        for hook in self.hooks:
            yield from ("", f"[[{prefix}post_write_hooks]]", f"name = {_value(hook.name)}")
            yield from (f"type = {_value(hook.type)}", f"{_TARGETS[hook.type]} = {_value(hook.target)}")
            if hook.options:
                yield f"options = {_value(list(hook.options))}"
            if hook.cwd:
                yield f"cwd = {_value(hook.cwd)}"
        for database in self.databases:
            name = database.name if _BARE.fullmatch(database.name) else _value(database.name)
            yield from ("", f"[{prefix}databases.{name}]")
            yield from (f"{key} = {_value(value)}" for key, value in database.keys.items())


def settings_keys(settings: Settings, *, cwd: Path) -> dict[str, Any]:
    """The keys that say what *settings* of an Alembic project say, but for its databases.

    Args:
        settings: the settings.
        cwd: where the new file will be.
    """
    keys: dict[str, Any] = {"script_location": _place(settings.script_location, cwd)}
    if settings.version_locations:
        keys["version_locations"] = [_place(each, cwd) for each in settings.version_locations]
    if settings.recursive_version_locations:
        keys["recursive_version_locations"] = True
    if settings.file_template:
        keys["file_template"] = settings.file_template
    if settings.truncate_slug_length != 40:
        keys["truncate_slug_length"] = settings.truncate_slug_length
    if settings.timezone:
        keys["timezone"] = settings.timezone
    paths = [_place(each, cwd) for each in settings.prepend_sys_path]
    if paths != ["."]:
        keys["prepend_sys_path"] = paths
    return keys


def with_table(before: bytes, settings: AdoptedSettings, path: Path) -> bytes:
    """A `pyproject.toml` with the settings at its end; every byte of the rest stays.

    Args:
        before: the file as it is.
        settings: what goes into it.
        path: the file, for messages.

    Raises:
        ConfigError: it cannot take a table of this name.
    """
    end = "\r\n" if b"\r\n" in before else "\n"
    text = end.join([*settings.lines(table=_TABLE), ""])
    gap = "" if not before else end if before.endswith(b"\n") else end * 2
    after = before + (gap + text).encode("utf-8")
    try:
        old, new = tomllib.loads(before.decode("utf-8")), tomllib.loads(after.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot take a table [{_TABLE}] at its end: {error}.", hint=text) from error
    new.get("tool", {}).pop("asyncmig", None)
    if not new.get("tool"):
        new.pop("tool", None)
    if not old.get("tool"):
        old.pop("tool", None)
    if new != old:
        raise ConfigError(f"{path} cannot take a table [{_TABLE}] at its end.", hint=text)
    return after


def _place(text: str, cwd: Path) -> str:
    """A directory, relative to *cwd* where it is below it."""
    if ":" in text and not os.path.isabs(text):
        return text
    path = Path(text)
    if path.is_absolute():
        try:
            return path.relative_to(cwd).as_posix()
        except ValueError:
            return _relative(path, cwd)
    return Path(text).as_posix()


def _relative(path: Path, cwd: Path) -> str:
    # The ini file says %(here)s/../x, which is a neighbour of the project and not a place on one machine.
    relative = os.path.relpath(path, cwd)
    return path.as_posix() if relative.count("..") > 2 else Path(relative).as_posix()


def _value(value: object) -> str:
    """A value as TOML; what JSON makes of texts, numbers and lists of them is TOML, too."""
    if isinstance(value, str) and "\\" in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
