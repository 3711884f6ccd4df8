"""Project files: what `init` writes, all of it decided before the first file is written."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from asyncmig.config import has_settings
from asyncmig.errors import ConfigError
from asyncmig.rendering.script import render_script
from asyncmig.rendering.templates import ProjectTemplate

__all__ = ["CreatedProject", "create_project"]

_SETTINGS_TEMPLATES = ("asyncmig.toml.mako", "pyproject.toml.mako")


@dataclass(frozen=True, slots=True)
class CreatedProject:
    """A project that was begun.

    Args:
        directory: where `env.py` and the revisions are, as it was given.
        files: what was written there.
        settings: the settings file.
        settings_kept: whether it had settings already, which were left as they are.
        appended: whether the settings went to the end of a file that was there.
        databases: the names of its databases, where it has several.
    """

    directory: Path
    files: tuple[Path, ...]
    settings: Path
    settings_kept: bool
    appended: bool
    databases: tuple[str, ...]


def create_project(
    template: ProjectTemplate, directory: Path, *, cwd: Path, config: Path | None, package: bool
) -> CreatedProject:
    """Begin a project in *directory*.

    Args:
        template: what it begins from.
        directory: where `env.py` and the revisions go.
        cwd: where relative paths start, and where the settings go.
        config: the settings file, instead of the one that the template names.
        package: whether the directories get an `__init__.py`.

    Raises:
        ConfigError: the directory is not empty, or cannot be written.
        ScriptError: the template has an error.
    """
    target = cwd / directory
    if target.exists() and not target.is_dir():
        raise ConfigError(f"{directory} already exists and is no directory.", hint="asyncmig init another_directory")
    if target.exists() and any(target.iterdir()):
        raise ConfigError(
            f"Directory {directory} already exists and is not empty.", hint="asyncmig init another_directory"
        )
    settings, text, kept = _settings(template, target, cwd, config)
    contents = _contents(template.path / "migrations", package=package)
    appended = settings.exists() and not kept
    try:
        for path, content in contents.items():
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (target / path).write_text(content, "utf-8")
        for path in _version_directories(contents):
            (target / path).mkdir(parents=True, exist_ok=True)
        if not kept:
            before = settings.read_text("utf-8").rstrip() + "\n\n" if appended else ""
            settings.write_text(before + text, "utf-8")
    except OSError as error:
        raise ConfigError(f"Cannot write {error.filename}: {error.strerror}.") from error
    databases = sorted(path.parent.name for path in contents if path.name == "env.py" and len(path.parts) > 1)
    return CreatedProject(
        directory,
        tuple(directory / path for path in contents),
        Path(os.path.relpath(settings, cwd)),
        kept,
        appended,
        tuple(databases),
    )


def _settings(template: ProjectTemplate, target: Path, cwd: Path, config: Path | None) -> tuple[Path, str, bool]:
    """The settings file, what goes into it, and whether it has settings already."""
    source = next(path for name in _SETTINGS_TEMPLATES if (path := template.path / name).is_file())
    candidates = [cwd / "asyncmig.toml", cwd / "pyproject.toml"] if config is None else [cwd / config]
    for path in candidates:
        if has_settings(path):
            return path, "", True
    path = cwd / source.stem if config is None else cwd / config
    location = Path(os.path.relpath(target, path.parent)).as_posix()
    return path, render_script(source, {"script_location": location}), False


def _contents(source: Path, *, package: bool) -> dict[Path, str]:
    """The files of the directory, by their path in it."""
    paths = sorted(path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    contents = {path.relative_to(source): path.read_text("utf-8") for path in paths}
    contents[Path("README")] = (source.parent / "README").read_text("utf-8")
    if package:
        for path in _version_directories(contents):
            contents |= {path / "__init__.py": "", path.parent / "__init__.py": ""}
        contents[Path("__init__.py")] = ""
    return dict(sorted(contents.items()))


def _version_directories(contents: dict[Path, str]) -> list[Path]:
    """A directory for revisions beside each `env.py`."""
    return [path.parent / "versions" for path in contents if path.name == "env.py"]
