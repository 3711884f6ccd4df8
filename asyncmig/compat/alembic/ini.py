"""AlembicProject: the settings of an Alembic project, read from its `alembic.ini` or its `[tool.alembic]`."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from asyncmig.compat.alembic.config import Config
from asyncmig.compat.alembic.errors import AlembicConfigError, InterpolationError
from asyncmig.config import AlterKind, Hook, Settings

__all__ = ["AlembicProject", "find_files", "find_project", "hook_of", "project_of", "read_project"]

_INI = "alembic.ini"
_TOML = "pyproject.toml"
_FILE = "REVISION_SCRIPT_FILENAME"
_HOOK_TARGETS: Mapping[str, str] = {"console_scripts": "entrypoint", "exec": "executable", "module": "module"}


@dataclass(frozen=True, slots=True)
class AlembicProject:
    """An Alembic project.

    Args:
        settings: what its configuration says, in our words; relative paths start at the working directory.
        config: the configuration itself, for `env.py`.
    """

    settings: Settings
    config: Config


def find_project(cwd: Path) -> Path | None:
    """The configuration of an Alembic project in *cwd*: `alembic.ini`, else a `pyproject.toml` with `[tool.alembic]`.

    Raises:
        AlembicConfigError: the `pyproject.toml` cannot be read.
    """
    if (cwd / _INI).is_file():
        return cwd / _INI
    return cwd / _TOML if Config(toml_file=cwd / _TOML).toml_alembic_config else None


def read_project(
    path: Path | None,
    *,
    cwd: Path,
    environ: Mapping[str, str],
    section: str = "alembic",
    overrides: Mapping[str, Any] | None = None,
) -> AlembicProject:
    """Read the configuration of an Alembic project.

    As in Alembic, an ini file and a `pyproject.toml` are read together: that one of them is named leaves the other one
    where it usually is.

    Args:
        path: the ini file or the `pyproject.toml`; None looks at `ALEMBIC_CONFIG`, then for either in *cwd*.
        cwd: where relative paths start.
        environ: the environment variables.
        section: the section of the ini file that is Alembic's.
        overrides: settings that the caller wants besides, by the names of `Settings`; a None is left out.

    Raises:
        AlembicConfigError: there is no configuration, it cannot be read, or it does not say where the scripts are.
    """
    ini, toml = find_files([] if path is None else [path], environ)
    config = Config(cwd / ini, cwd / toml, ini_section=section)
    named = path if path is not None else environ.get("ALEMBIC_CONFIG")
    if named and not (cwd / named).exists():
        raise AlembicConfigError(f"There is no configuration file {cwd / named}.", hint="Name it: -c alembic.ini")
    _check_files(config)
    for key, name in (("url", "sqlalchemy.url"), ("script_location", "script_location")):
        if value := (overrides or {}).get(key):
            config.set_main_option(name, str(value).replace("%", "%%"))
    project = project_of(config, cwd=cwd)
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    return AlembicProject(replace(project.settings, **given), config)


def find_files(names: list[Path], environ: Mapping[str, str]) -> tuple[Path, Path]:
    """The ini file and the `pyproject.toml` to read, of which one or both are named.

    Args:
        names: what is named; `ALEMBIC_CONFIG` may name one too.
        environ: the environment variables.

    Raises:
        AlembicConfigError: two of a kind are named.
    """
    ini, toml = Path(_INI), Path(_TOML)
    if variable := environ.get("ALEMBIC_CONFIG"):
        ini, toml = (ini, Path(variable)) if Path(variable).name == _TOML else (Path(variable), toml)
    tomls = [name for name in names if name.name == _TOML]
    inis = [name for name in names if name.name != _TOML]
    if len(tomls) > 1:
        raise AlembicConfigError("pyproject.toml indicated more than once", hint=f"-c {tomls[0]}")
    if len(inis) > 1:
        raise AlembicConfigError("only one ini file may be indicated", hint=f"-c {inis[0]}")
    return (inis or [ini])[0], (tomls or [toml])[0]


def project_of(config: Config, *, cwd: Path) -> AlembicProject:
    """The project that a configuration tells of, which may be made in code.

    Args:
        config: the configuration.
        cwd: where relative paths start.

    Raises:
        AlembicConfigError: it does not say where the scripts are, a value is wrong, or it is not one of ours.
    """
    if not isinstance(config, Config):
        kind = f"{type(config).__module__}.{type(config).__qualname__}"
        raise AlembicConfigError(
            f"This is the configuration of something else: {kind}.",
            hint="from asyncmig.compat.alembic.config import Config",
        )
    location = config.get_alembic_option("script_location")
    if not location:
        raise _missing_location(config)
    name = config.config_file_name or config.toml_file_name
    settings = Settings(
        root=cwd,
        script_location=location,
        url=_url(config),
        version_table="alembic_version",
        transaction="run",
        mysql_alter_column=_alter_column(config),
        version_locations=tuple(config.get_version_locations_list() or ()),
        recursive_version_locations=config.get_alembic_boolean_option("recursive_version_locations"),
        file_template=config.get_alembic_option("file_template") or None,
        timezone=config.get_alembic_option("timezone") or "local",
        truncate_slug_length=_slug_length(config),
        post_write_hooks=tuple(map(hook_of, config.get_hooks_list())),
        prepend_sys_path=tuple(config.get_prepend_sys_paths_list() or ()),
        sourceless=config.get_alembic_boolean_option("sourceless"),
        output_encoding=config.get_alembic_option("output_encoding") or "utf-8",
        path=None if name is None else Path(name),
    )
    return AlembicProject(settings, config)


def hook_of(keys: Mapping[str, str]) -> Hook:
    """What runs over a new file.

    A kind that a program registers itself stays as it is written: what is wrong with a hook concerns nobody before a
    file is written.

    Args:
        keys: as `Config.get_hooks_list` gives them.
    """
    kind = keys.get("type", "")
    name = keys["_hook_name"]
    options = keys.get("options", "")
    if _FILE not in options:
        # In front, where Alembic puts it.
        options = f"{_FILE} {options}"
    words = tuple(shlex.split(options, posix=os.name != "nt"))
    match kind:
        case "console_scripts" | "exec" | "module":
            return Hook(name, kind, keys.get(_HOOK_TARGETS[kind], ""), words, keys.get("cwd"))
        case _:
            return Hook(name, "registered", kind, words, keys.get("cwd"))


def _url(config: Config) -> str | None:
    """The URL; None where it has parts that only `env.py` will put in."""
    try:
        return config.get_alembic_option("sqlalchemy.url") or None
    except InterpolationError as error:
        if error.reference is None:
            raise
        return None


def _slug_length(config: Config) -> int:
    value = config.get_alembic_option("truncate_slug_length")
    try:
        # Alembic takes its own length for none and for nought.
        return int(value or 40) or 40
    except ValueError:
        raise AlembicConfigError(
            f"{config.place_of('truncate_slug_length')}expected a whole number, not {value!r}.",
            hint="truncate_slug_length = 40",
        ) from None


def _alter_column(config: Config) -> AlterKind:
    """What `alter_column` on MySQL does with what a script does not mention: as in Alembic, unless it shall be kept."""
    match config.get_alembic_option("mysql_alter_column") or "as_written":
        case "as_written":
            return "as_written"
        case "keep":
            return "keep"
        case value:
            raise AlembicConfigError(
                f"{config.place_of('mysql_alter_column')}expected keep or as_written, not {value!r}.",
                hint="mysql_alter_column = keep",
            )


def _check_files(config: Config) -> None:
    """Refuse a configuration of which there is no file, and a section that its file does not have."""
    ini = Path(config.config_file_name or "")
    if not ini.exists() and not config.toml_alembic_config:
        raise AlembicConfigError(
            f"There is neither an {_INI} nor a {_TOML} with [tool.alembic] in {ini.parent}.",
            hint="Name the file: -c path/to/alembic.ini",
        )
    section = config.config_ini_section
    if ini.exists() and not config.file_config.has_section(section):
        if section == "alembic" and config.toml_alembic_config:
            return
        raise AlembicConfigError(
            f"{ini} has no section [{section}].",
            hint=f"Its sections are: {', '.join(config.file_config.sections()) or 'none'}.",
        )


def _missing_location(config: Config) -> AlembicConfigError:
    what = "No 'script_location' key found in configuration"
    ini = None if config.config_file_name is None else Path(config.config_file_name)
    section = config.config_ini_section
    if ini is not None and ini.is_file():
        place, hint = f"{ini}: [{section}]: ", f"[{section}]\nscript_location = %(here)s/migrations"
    elif config.toml_alembic_config:
        place, hint = f"{config.toml_file_name}: tool.alembic: ", 'script_location = "%(here)s/migrations"'
    elif ini is not None:
        what += f": there is no file {ini.absolute()}"
        place, hint = "", "Name it by its whole path, which does not depend on where the program was started."
    else:
        place, hint = "", 'config.set_main_option("script_location", "migrations")'
    return AlembicConfigError(f"{place}{what}.", hint=hint)
