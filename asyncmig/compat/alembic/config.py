"""Config: an Alembic configuration: an ini file, a pyproject.toml, and what a program sets."""

from __future__ import annotations

import configparser
import os
import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, overload

from asyncmig.compat.alembic.errors import AlembicConfigError, InterpolationError
from asyncmig.compat.alembic.parser import interpolation_error, interpolation_hint, line_of, read_ini
from asyncmig.compat.alembic.util.messaging import write_outstream
from asyncmig.rendering.templates import template_directory

if TYPE_CHECKING:
    from argparse import Namespace

__all__ = ["Config", "main"]

_SEPARATORS: Mapping[str, str] = {"space": " ", "newline": "\n", "os": os.pathsep, ":": ":", ";": ";"}
#: How lists are split where no separator is set, as Alembic did before there were separators.
_OLD_LOCATIONS = re.compile(r", *| +")
_OLD_SYS_PATH = re.compile(r", *| +|:")


class Config:
    """An Alembic configuration.

    Nothing is read before it is asked for, and a file that is not there is like an empty one. The usual ways:

        Config("alembic.ini")
        config = Config()
        config.set_main_option("script_location", "app:migrations")
        config.attributes["connection"] = connection

    Args:
        file_: the ini file.
        toml_file: the `pyproject.toml`; what the ini file says goes before.
        ini_section: the section of the ini file that is Alembic's.
        output_buffer: where SQL goes that is printed instead of executed; `sys.stdout` by default.
        stdout: where the answers of commands go; `sys.stdout` by default.
        cmd_opts: the options of a command line, as `argparse` gives them.
        config_args: what values may refer to as `%(name)s`.
        attributes: anything for `env.py`: connections, engines.
    """

    def __init__(
        self,
        file_: str | os.PathLike[str] | None = None,
        toml_file: str | os.PathLike[str] | None = None,
        ini_section: str = "alembic",
        output_buffer: TextIO | None = None,
        stdout: TextIO | None = None,
        cmd_opts: Namespace | None = None,
        config_args: Mapping[str, Any] | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> None:
        self.config_file_name: str | None = os.fspath(file_) if file_ else None
        self.toml_file_name: str | None = os.fspath(toml_file) if toml_file else None
        self.config_ini_section = ini_section
        self.output_buffer = output_buffer
        self.stdout: TextIO = sys.stdout if stdout is None else stdout
        self.cmd_opts = cmd_opts
        self.config_args: dict[str, Any] = dict(config_args or {})
        self.toml_args: dict[str, Any] = dict(config_args or {})
        self.attributes: dict[str, Any] = dict(attributes or {})

    def __repr__(self) -> str:
        names = [name for name in (self.config_file_name, self.toml_file_name) if name]
        return f"<Config {' '.join(names) or 'in memory'} [{self.config_ini_section}]>"

    # -- the files --------------------------------------------------------------------------------------------------

    @cached_property
    def file_config(self) -> configparser.ConfigParser:
        """The parser of the ini file; what is set in code is set here.

        Raises:
            AlembicConfigError: the file cannot be read.
        """
        path = self._ini_path
        self.config_args["here"] = (Path() if path is None else path.absolute().parent).as_posix()
        parser = read_ini(path, self.config_args)
        if path is None:
            parser.add_section(self.config_ini_section)
        return parser

    @cached_property
    def toml_alembic_config(self) -> Mapping[str, Any]:
        """What `[tool.alembic]` says, as it is written.

        Raises:
            AlembicConfigError: the file cannot be read, or this is no table.
        """
        if self.toml_file_name is None or not Path(self.toml_file_name).exists():
            return {}
        path = Path(self.toml_file_name)
        self.toml_args["here"] = path.absolute().parent.as_posix()
        try:
            document = tomllib.loads(path.read_text("utf-8"))
        except OSError as error:
            raise AlembicConfigError(f"Cannot read the configuration file {path}: {error.strerror}.") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise AlembicConfigError(f"{path} is not valid TOML: {error}.") from error
        tool = document.get("tool", {})
        table = tool.get("alembic", {}) if isinstance(tool, dict) else tool
        if not isinstance(table, dict):
            raise AlembicConfigError(f"{path}: tool.alembic: expected a table.", hint="[tool.alembic]")
        return table

    @property
    def _ini_path(self) -> Path | None:
        return None if self.config_file_name is None else Path(self.config_file_name)

    def get_template_directory(self) -> str:
        """The directory of the templates that a new project can begin from."""
        return str(template_directory() / "alembic")

    # -- values of the ini file -------------------------------------------------------------------------------------

    @overload
    def get_section(self, name: str, default: None = ...) -> dict[str, str] | None: ...

    @overload
    def get_section(self, name: str, default: dict[str, str]) -> dict[str, str]: ...

    @overload
    def get_section(self, name: str, default: Mapping[str, str]) -> Mapping[str, str]: ...

    def get_section(self, name: str, default: Mapping[str, str] | None = None) -> Mapping[str, str] | None:
        """All values of a section of the ini file, with those that belong to every section.

        Args:
            name: the section.
            default: what is given where there is no such section.

        Raises:
            InterpolationError: a value has a percent sign that means nothing.
        """
        if not self.file_config.has_section(name):
            return default
        return {key: self._ini_value(name, key) for key in self.file_config.options(name)}

    def get_section_option(self, section: str, name: str, default: str | None = None) -> str | None:
        """A value of a section of the ini file.

        Args:
            section: the section.
            name: the key.
            default: what is given where the section has no such key.

        Raises:
            AlembicConfigError: there is no such section.
            InterpolationError: the value has a percent sign that means nothing.
        """
        if not self.file_config.has_section(section):
            raise self.missing_section(section)
        return self._ini_value(section, name) if self.file_config.has_option(section, name) else default

    @overload
    def get_main_option(self, name: str, default: str) -> str: ...

    @overload
    def get_main_option(self, name: str, default: str | None = None) -> str | None: ...

    def get_main_option(self, name: str, default: str | None = None) -> str | None:
        """A value of Alembic's own section of the ini file; see `get_section_option`."""
        return self.get_section_option(self.config_ini_section, name, default)

    def set_section_option(self, section: str, name: str, value: str) -> None:
        """Set a value, instead of what the ini file says.

        Args:
            section: the section; it is made where there is none.
            name: the key.
            value: the value, in which `%(name)s` refers to another one and a percent sign is written twice.

        Raises:
            InterpolationError: the value has a single percent sign; it is a `ValueError` too.
            TypeError: the value is no text.
        """
        if not self.file_config.has_section(section):
            self.file_config.add_section(section)
        try:
            self.file_config.set(section, name, value)
        except ValueError:
            # Never with its cause: it shows the value, and a url has a password.
            raise InterpolationError(
                f"The value for {name!r} in [{section}] has a percent sign that is not doubled.",
                hint=f'config.set_main_option("{name}", value.replace("%", "%%"))',
            ) from None

    def set_main_option(self, name: str, value: str) -> None:
        """Set a value of Alembic's own section; see `set_section_option`."""
        self.set_section_option(self.config_ini_section, name, value)

    def remove_main_option(self, name: str) -> None:
        """Take a value out of Alembic's own section; one that is not there is fine.

        Raises:
            AlembicConfigError: there is no such section.
        """
        try:
            self.file_config.remove_option(self.config_ini_section, name)
        except configparser.NoSectionError:
            raise self.missing_section(self.config_ini_section) from None

    def _ini_value(self, section: str, name: str) -> str:
        try:
            return self.file_config.get(section, name)
        except configparser.InterpolationError as error:
            # Never with its cause: it shows the value, and a url has a password.
            raise interpolation_error(self._ini_path, section, name, error) from None

    def missing_section(self, section: str) -> AlembicConfigError:
        """What to say where there is no such section."""
        path = self._ini_path
        if path is None or not path.exists():
            return AlembicConfigError(
                f"No config file {self.config_file_name!r} found, or file has no '[{section}]' section.",
                hint="Name the file with -c, or begin a project: asyncmig init migrations",
            )
        return AlembicConfigError(
            f"No config file {self.config_file_name!r} found, or file has no '[{section}]' section.",
            hint=f"Its sections are: {', '.join(self.file_config.sections()) or 'none'}.",
        )

    # -- values of either file --------------------------------------------------------------------------------------

    def get_alembic_option(self, name: str, default: Any = None) -> Any:
        """A value of Alembic's section of the ini file, else of `[tool.alembic]`.

        Args:
            name: the key.
            default: what is given where neither has it.

        Raises:
            AlembicConfigError: TOML gives a value of a kind that Alembic does not know.
            InterpolationError: the value has a percent sign that means nothing.
        """
        if self.file_config.has_option(self.config_ini_section, name):
            return self._ini_value(self.config_ini_section, name)
        return self._toml_value(name, default)

    def get_alembic_boolean_option(self, name: str) -> bool:
        """A switch: `true` and nothing else in an ini file, a boolean in TOML.

        Raises:
            AlembicConfigError: TOML gives something else.
        """
        if self.file_config.has_option(self.config_ini_section, name):
            return self._ini_value(self.config_ini_section, name) == "true"
        value = self.toml_alembic_config.get(name, False)
        if not isinstance(value, bool):
            raise AlembicConfigError(
                f"{self.toml_file_name}: boolean value expected for TOML parameter {name!r}.", hint=f"{name} = true"
            )
        return value

    def _toml_value(self, name: str, default: Any) -> Any:
        if name not in self.toml_alembic_config:
            return default
        value = self.toml_alembic_config[name]
        if isinstance(value, int):
            return value
        try:
            return self._interpolated(value)
        except (KeyError, ValueError, TypeError) as error:
            missing = f"it refers to %({error.args[0]})s" if isinstance(error, KeyError) else "a percent sign is single"
            raise InterpolationError(
                f"{self.toml_file_name}: the value of tool.alembic.{name} cannot be read: {missing}.",
                hint=f"{interpolation_hint(name).partition(', or')[0]}; %(here)s is the directory of the file.",
            ) from None
        except AttributeError:
            raise AlembicConfigError(f"{self.toml_file_name}: unsupported TOML value type for key: {name!r}.") from None

    def _interpolated(self, value: Any) -> Any:
        """*value* with what it refers to, as deep as Alembic looks."""
        if isinstance(value, str):
            return value % self.toml_args
        if isinstance(value, list):
            return [self._interpolated(item) for item in value]
        return {key: self._interpolated(item) for key, item in value.items()}

    def place_of(self, name: str) -> str:
        """Where a value of Alembic's section is written, as the begin of a message."""
        line = line_of(self._ini_path, self.config_ini_section, name)
        if line is not None:
            return f"{self.config_file_name}:{line}: {name}: "
        return f"{self.toml_file_name}: tool.alembic.{name}: " if name in self.toml_alembic_config else f"{name}: "

    # -- lists ------------------------------------------------------------------------------------------------------

    def get_version_locations_list(self) -> list[str] | None:
        """The directories of revisions, where they are not `versions` below the scripts.

        Raises:
            AlembicConfigError: the separator is none.
        """
        return self._list("version_locations", ("path_separator", "version_path_separator"), _OLD_LOCATIONS)

    def get_prepend_sys_paths_list(self) -> list[str] | None:
        """What stands in front of `sys.path` when Alembic's command line runs.

        Raises:
            AlembicConfigError: the separator is none.
        """
        return self._list("prepend_sys_path", ("path_separator",), _OLD_SYS_PATH)

    def _list(self, name: str, separators: Sequence[str], old: re.Pattern[str]) -> list[str] | None:
        if self.file_config.has_option(self.config_ini_section, name) and (
            text := self._ini_value(self.config_ini_section, name)
        ):
            separator = self._separator(separators)
            if separator is None:
                return old.split(text)
            return [part.strip() for part in text.split(separator) if part]
        value: list[str] | None = self._toml_value(name, None)
        return value

    def _separator(self, names: Sequence[str]) -> str | None:
        for name in names:
            if (word := self.get_main_option(name)) is not None:
                break
        else:
            return None
        if word not in _SEPARATORS:
            raise AlembicConfigError(
                f"{self.place_of(name)}{word!r} is not a valid value for {name}; "
                "expected 'space', 'newline', 'os', ':', ';'.",
                hint="path_separator = os",
            )
        return _SEPARATORS[word]

    def get_hooks_list(self) -> list[dict[str, str]]:
        """The programs that run over a new file: the keys of each, and its name as `_hook_name`."""
        section = self.get_section("post_write_hooks")
        if section is None:
            tables: list[dict[str, str]] = self._toml_value("post_write_hooks", [])
            return [
                {**{k: v for k, v in table.items() if k != "name"}, "_hook_name": table["name"]} for table in tables
            ]
        return [
            {
                **{key[len(name) + 1 :]: value for key, value in section.items() if key.startswith(f"{name}.")},
                "_hook_name": name,
            }
            for name in _OLD_LOCATIONS.split(section.get("hooks", ""))
            if name
        ]

    # -- output -----------------------------------------------------------------------------------------------------

    @property
    def messaging_opts(self) -> Mapping[str, bool]:
        """Whether the command line was told to be quiet."""
        return {"quiet": bool(getattr(self.cmd_opts, "quiet", False))}

    def print_stdout(self, text: str, *arg: Any) -> None:
        """Write a line of an answer to `stdout`, unless the command line was told to be quiet.

        Args:
            text: the line.
            arg: what the `%s` in it stand for.
        """
        write_outstream(self.stdout, f"{text % arg if arg else text}\n", quiet=self.messaging_opts["quiet"])

    def write_sql(self, text: str) -> None:
        """Write SQL that is printed instead of executed to `output_buffer`, or else where Alembic writes it.

        Args:
            text: the SQL.
        """
        # That is not where the answers of commands go.
        stream = sys.stdout if self.output_buffer is None else self.output_buffer
        stream.write(text if text.endswith("\n") else f"{text}\n")


def main(argv: Sequence[str] | None = None, prog: str | None = None, **kwargs: Any) -> None:
    """Alembic's command line, run by asyncmig.

    Args:
        argv: the arguments; those of the process by default.
        prog: the name of the program, for its help.
        kwargs: not used; Alembic's function takes them too.

    Raises:
        SystemExit: the command failed; what happened is on stderr.
    """
    # Imported here because the commands need configurations.
    from asyncmig.compat.alembic.command_line import CommandLine

    CommandLine(prog=prog).main(argv=argv)


def __getattr__(name: str) -> Any:
    if name == "CommandLine":
        # Imported here because the commands need configurations.
        from asyncmig.compat.alembic.command_line import CommandLine

        return CommandLine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
