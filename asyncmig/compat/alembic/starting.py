"""Starting: what `init` makes of a template in Alembic's form, which may be one of the program's own."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

from asyncmig.compat.alembic.config import Config
from asyncmig.compat.alembic.errors import CommandError

__all__ = ["begin_project", "template_lines"]

_INI = "alembic.ini.mako"
_TOML = "pyproject.toml.mako"


def template_lines(config: Config) -> Iterator[str]:
    """What `list_templates` says.

    Args:
        config: says where the templates are.
    """
    yield "Available templates:\n"
    for path in _templates(config):
        summary = (path / "README").read_text("utf-8").partition("\n")[0].rstrip()
        yield f"{path.name} - {summary}"
    yield "\nTemplates are used via the 'init' command, e.g.:"
    yield "\n  alembic init --template generic ./scripts"


def begin_project(config: Config, directory: str, template: str, *, package: bool) -> None:
    """Make a directory of scripts, and the files of its configuration where they are not there yet.

    Args:
        config: names those files, and says where the templates are.
        directory: where `env.py` and the revisions go.
        template: what it begins from.
        package: whether the directories get an `__init__.py`.

    Raises:
        CommandError: the directory is not empty or cannot be written, there is no such template, or no name for a file.
    """
    target = Path(directory)
    if target.is_dir() and any(target.iterdir()):
        raise CommandError(f"Directory {directory} already exists and is not empty", hint="Begin in another directory.")
    source = Path(config.get_template_directory()) / template
    if not source.is_dir():
        known = ", ".join(path.name for path in _templates(config))
        raise CommandError(f"No such template {source}", hint=f"There are: {known}.")
    names = {path.name for path in source.iterdir()}
    ini = _named(config.config_file_name, _INI in names, 'Config("alembic.ini")')
    toml = _named(config.toml_file_name, _TOML in names, 'Config("alembic.ini", toml_file="pyproject.toml")')
    try:
        _write(config, source, target, package=package)
        for file, path in ((_INI, ini), (_TOML, toml)):
            if path is not None:
                _configure(config, source / file, path, target)
    except OSError as error:
        raise CommandError(f"Cannot write {error.filename}: {error.strerror}.") from error
    if toml is not None:
        config.print_stdout(
            f"Please edit configuration settings in {toml} and configuration/connection/logging settings in {ini} "
            "before proceeding."
        )
    elif ini is not None:
        config.print_stdout(f"Please edit configuration/connection/logging settings in {ini} before proceeding.")


def _named(name: str | None, needed: bool, hint: str) -> Path | None:
    """The path of a configuration file that a template wants to be written."""
    if not needed:
        return None
    if name is None:
        raise CommandError("The configuration has no name of a file to write its settings to.", hint=hint)
    return Path(name).absolute()


def _templates(config: Config) -> list[Path]:
    directory = Path(config.get_template_directory())
    try:
        return sorted(path for path in directory.iterdir() if (path / "README").is_file())
    except OSError as error:
        raise CommandError(f"The templates in {directory} cannot be read: {error.strerror}.") from error


def _write(config: Config, source: Path, target: Path, *, package: bool) -> None:
    """Make the directory of the scripts."""
    versions = target / "versions"
    for folder in (target, versions):
        if not folder.exists():
            folder.mkdir(parents=True)
            config.print_stdout(f"Creating directory {folder.absolute()} ...  done")
    for path in sorted(source.iterdir()):
        if path.is_file() and path.name not in (_INI, _TOML):
            # As bytes: a template of a program's own may be in any encoding.
            (target / path.name).write_bytes(path.read_bytes())
            config.print_stdout(f"Generating {(target / path.name).absolute()} ...  done")
    for folder in (target, versions) if package else ():
        (folder / "__init__.py").touch()
        config.print_stdout(f"Adding {(folder / '__init__.py').absolute()} ...  done")


def _configure(config: Config, template: Path, path: Path, target: Path) -> None:
    """Write a configuration file, or what there is for it at the end of a `pyproject.toml`; keep one that is there."""
    if path.exists() and (template.name == _INI or _has_table(path)):
        config.print_stdout(f"File {path} already exists, skipping")
        return
    # Loaded only to write a file: the template engine costs more than reading a history.
    from asyncmig.rendering.script import render_script

    text = render_script(template, {"script_location": _location(target, path.parent)})
    if path.exists():
        path.write_text(f"{path.read_text('utf-8').rstrip()}\n\n\n{text}", "utf-8")
        config.print_stdout(f"Appending to existing {path} ...  done")
    else:
        path.write_text(text, "utf-8")
        config.print_stdout(f"Generating {path} ...  done")


def _location(target: Path, start: Path) -> str:
    """Where the scripts are, for a configuration file in *start*."""
    if target.is_absolute():
        return target.as_posix()
    return f"%(here)s/{Path(os.path.relpath(target.absolute(), start)).as_posix()}"


def _has_table(path: Path) -> bool:
    try:
        return "alembic" in tomllib.loads(path.read_text("utf-8")).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} is not valid TOML: {error}.") from error
