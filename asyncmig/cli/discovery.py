"""Discovery: whether the project here is one of Alembic, and what it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asyncmig.config import has_settings

if TYPE_CHECKING:
    from asyncmig.compat.alembic.ini import AlembicProject

__all__ = ["alembic_project"]

_OURS = ("asyncmig.toml", "pyproject.toml")


def alembic_project(
    path: Path | None,
    *,
    cwd: Path,
    environ: Mapping[str, str],
    section: str,
    overrides: Mapping[str, Any],
) -> AlembicProject | None:
    """The project of Alembic that the command is for; None where there are settings of asyncmig, or none at all.

    Args:
        path: the file that the command line names.
        cwd: the working directory.
        environ: the environment variables.
        section: the section of the ini file.
        overrides: what the command line says besides.

    Raises:
        ConfigError: its settings cannot be read.
    """
    if path is None and (named := environ.get("ASYNCMIG_CONFIG")):
        path = Path(named)
    if path is None:
        if any(has_settings(cwd / name) for name in _OURS) or not _may_be_here(cwd, environ):
            return None
    elif not _may_be(cwd / path) or (path.suffix == ".toml" and has_settings(cwd / path)):
        return None
    # Imported here because only a project of Alembic needs it.
    from asyncmig.compat.alembic.ini import find_project, read_project

    found = find_project(cwd) if path is None and not environ.get("ALEMBIC_CONFIG") else path
    if found is None and not environ.get("ALEMBIC_CONFIG"):
        return None
    return read_project(found, cwd=cwd, environ=environ, section=section, overrides=overrides)


def _may_be_here(cwd: Path, environ: Mapping[str, str]) -> bool:
    return bool(environ.get("ALEMBIC_CONFIG")) or any(_may_be(cwd / name) for name in ("alembic.ini", "pyproject.toml"))


def _may_be(path: Path) -> bool:
    """Whether *path* can be a settings file of Alembic, as far as a glance tells."""
    if not path.is_file():
        return False
    return path.suffix in {".ini", ".cfg"} or b"tool.alembic" in path.read_bytes()
