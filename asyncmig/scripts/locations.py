"""Locations: where the directories of a project are, as its settings name them."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from asyncmig.errors import ConfigError

__all__ = ["folders_below", "resolve_location"]


def resolve_location(text: str | Path, root: Path | None = None) -> Path:
    """The directory that *text* names.

    Args:
        text: a path, or `package:path` for a directory inside of an installed package. Nothing of the package is
            imported.
        root: where relative paths start; the working directory by default.

    Raises:
        ConfigError: there is no such package.
    """
    path = Path(text)
    if isinstance(text, str) and ":" in text and not path.is_absolute():
        package, *parts = text.split(":")
        return _package_directory(package, text).joinpath(*parts)
    return path if root is None or path.is_absolute() else root / path


def folders_below(folder: str) -> list[str]:
    """*folder* and every directory below it, sorted, without those of Python's bytecode."""
    found: list[str] = []
    for here, folders, _ in os.walk(folder):
        if here.endswith("__pycache__"):
            folders.clear()
            continue
        found.append(here)
        folders.sort()
    return found


def _package_directory(name: str, text: str) -> Path:
    # Only the outermost package is looked up: finding `a.b` would execute `a`.
    outer, *inner = name.split(".")
    try:
        spec = find_spec(outer)
    except ValueError:
        spec = None
    for place in (spec.submodule_search_locations or ()) if spec is not None else ():
        if (directory := Path(place).joinpath(*inner)).is_dir():
            return directory
    raise ConfigError(
        f"There is no package {name!r}, which {text!r} names.",
        hint="Is it installed here, or is its directory on the Python path (prepend_sys_path)?",
    )
