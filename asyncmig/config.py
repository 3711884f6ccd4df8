"""Settings: the plain values of a project, read once from a file, the environment and the caller, then frozen."""

from __future__ import annotations

import os
import re
import shlex
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from asyncmig.duration import parse_duration
from asyncmig.errors import ConfigError
from asyncmig.setting_values import (
    boolean,
    boolean_text,
    count,
    count_text,
    lease,
    one_of,
    optional_text,
    paths_text,
    text,
    texts,
)

__all__ = ["Hook", "Settings", "has_settings", "parse_duration", "read_settings"]

HookType = Literal["console_scripts", "exec", "module", "registered"]
TransactionMode = Literal["revision", "run"]
LockKind = Literal["auto", "session", "lease", "none"]
AlterKind = Literal["keep", "as_written"]

_NAMES = ("asyncmig.toml", "pyproject.toml")
_HOOK_TARGETS = {"console_scripts": "entrypoint", "exec": "executable", "module": "module"}


@dataclass(frozen=True, slots=True)
class Hook:
    """A program that runs over each revision file that was written.

    Args:
        name: what messages call it.
        type: how to find it: an installed `console_scripts` entry point, a program to `exec`, a Python `module`, or a
            function that was `registered`, which only Alembic projects do.
        target: the entry point, program, module or function.
        options: its arguments; `REVISION_SCRIPT_FILENAME` stands for the file, which otherwise comes last.
        cwd: the directory to run it in, relative to the settings file; None for where the command runs.
    """

    name: str
    type: HookType
    target: str
    options: tuple[str, ...] = ()
    cwd: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The plain values of one project and one of its databases.

    Args:
        root: the directory of the settings file; relative paths start here.
        script_location: directory of `env.py`, the template and the revisions, as written; or `package:path`.
        url: the database, as written: a URL, `env:NAME` or `file:PATH`; see `resolved_url`.
        version_table: table that holds the applied heads.
        version_table_schema: its schema, or None for the database's default.
        transaction: one transaction for each `revision` or for the whole `run`.
        lock: what keeps two runs apart: the lock of a `session`, a `lease` that is renewed, `none`; or `auto`.
        lock_wait: seconds to wait for another migrator.
        lock_lease: seconds that a lease lasts unless it is renewed.
        lock_timeout: seconds that a statement may wait for locks that others hold, before all is rolled back and
            tried again; 0 waits without end.
        statement_timeout: seconds that a statement may run; None leaves the server's own setting.
        lock_retry_limit: seconds for which a revision that does not get its locks is tried again.
        lock_stall_budget: seconds that all its attempts together may spend waiting, where they hold up others.
        mysql_alter_column: whether `alter_column` on MySQL and MariaDB shall `keep` what a script does not mention, or
            write the definition `as_written` in the script, as Alembic does.
        version_locations: directories of revisions, where they are not `versions` below `script_location`.
        recursive_version_locations: whether sub-directories are searched too.
        file_template: the name of a new file, in Alembic's tokens.
        timezone: the zone of `Create Date`; `local` for the machine's, None for UTC.
        truncate_slug_length: how much of the message goes into the name of a new file.
        post_write_hooks: what runs over a new file.
        prepend_sys_path: put in front of `sys.path`, by the command line only.
        sourceless: whether files that are there in compiled form only are revisions, too.
        output_encoding: the encoding of new files, which an Alembic project may choose.
        database: the name under `databases` that was chosen, or None.
        databases: the names that could be chosen.
        must_choose: whether one of them has to be, because the general keys name neither a url nor a place of scripts.
        path: the settings file, or None where there is none.
    """

    root: Path
    script_location: str = "migrations"
    url: str | None = field(default=None, repr=False)
    version_table: str = "asyncmig_version"
    version_table_schema: str | None = None
    transaction: TransactionMode = "revision"
    lock: LockKind = "auto"
    lock_wait: float = 600.0
    lock_lease: float = 30.0
    lock_timeout: float = 3.0
    statement_timeout: float | None = None
    lock_retry_limit: float = 600.0
    lock_stall_budget: float = 60.0
    mysql_alter_column: AlterKind = "keep"
    version_locations: tuple[str, ...] = ()
    recursive_version_locations: bool = False
    file_template: str | None = None
    timezone: str | None = None
    truncate_slug_length: int = 40
    post_write_hooks: tuple[Hook, ...] = ()
    prepend_sys_path: tuple[str, ...] = (".",)
    sourceless: bool = False
    output_encoding: str = "utf-8"
    database: str | None = None
    databases: tuple[str, ...] = ()
    must_choose: bool = False
    path: Path | None = None

    def with_script_location(self, location: str | os.PathLike[str]) -> Settings:
        """The same settings for the scripts in *location*."""
        return replace(self, script_location=os.fspath(location))

    def resolved_url(self, environ: Mapping[str, str] | None = None) -> str | None:
        """The URL itself: an `env:NAME` looked up in *environ*, a `file:PATH` read; None where no url is set.

        Args:
            environ: the environment variables; those of the process by default.

        Raises:
            ConfigError: the variable or the file is not there, or holds nothing.
        """
        if self.url is None:
            return None
        kind, _, name = self.url.partition(":")
        if kind == "env":
            return _url_of_variable(name, os.environ if environ is None else environ)
        if kind == "file":
            return _url_of_file(self.root / name)
        return self.url


def read_settings(
    path: Path | None,
    *,
    cwd: Path,
    environ: Mapping[str, str],
    database: str | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """Read the settings: defaults < file < `ASYNCMIG_*` variables < *overrides*.

    A database's own keys stand above the general ones. A variable overrides the key of its own table:
    `ASYNCMIG_URL` is `url`, `ASYNCMIG_ANALYTICS_URL` is `databases.analytics.url`.

    Args:
        path: the file; None looks at `ASYNCMIG_CONFIG`, then for `asyncmig.toml` and `pyproject.toml` in *cwd*.
        cwd: where relative paths start as long as there is no file.
        environ: the environment variables; an empty one counts as not set.
        database: the name of a table under `databases`.
        overrides: what the caller wants besides; a None is left out.

    Raises:
        ConfigError: a file cannot be read, a key is unknown or its value is of the wrong kind.
    """
    if path is None and (named := environ.get("ASYNCMIG_CONFIG")):
        path = Path(named)
    path = _find(cwd) if path is None else cwd / path
    general = _read_table(path) if path else {}
    tables = _databases(general.pop("databases", {}), path)
    settings = Settings(root=cwd if path is None else path.parent, path=path, databases=tuple(tables))
    layers = [
        _checked(general, _from_file(path, "")),
        _variables(environ, "ASYNCMIG_"),
    ]
    if database is not None:
        if database not in tables:
            raise _unknown_database(database, tuple(tables), path)
        prefix = f"ASYNCMIG_{re.sub(r'[^A-Z0-9]', '_', database.upper())}_"
        layers += [
            _checked(tables[database], _from_file(path, f"databases.{database}.")),
            _variables(environ, prefix),
            {"database": database},
        ]
    layers.append(_checked({k: v for k, v in (overrides or {}).items() if v is not None}, "argument {key}"))
    for layer in layers:
        settings = replace(settings, **layer)
    says_where = any("url" in layer or "script_location" in layer for layer in layers)
    return replace(settings, must_choose=bool(tables) and not says_where)


def has_settings(path: Path) -> bool:
    """Whether *path* is a file with settings of asyncmig.

    Raises:
        ConfigError: it cannot be read.
    """
    return path.is_file() and (path.name != "pyproject.toml" or "asyncmig" in _tool(_parse(path), path))


def _hooks(value: object) -> tuple[Hook, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError
    return tuple(item if isinstance(item, Hook) else _hook(item) for item in value)


def _hook(table: object) -> Hook:
    if not isinstance(table, dict):
        raise ValueError
    kind = table.get("type")
    if kind not in ("console_scripts", "exec", "module"):
        raise ValueError
    target_key = _HOOK_TARGETS[kind]
    if not set(table) <= {"name", "type", target_key, "options", "cwd"}:
        raise ValueError
    options = table.get("options", ())
    words = shlex.split(options, posix=os.name != "nt") if isinstance(options, str) else texts(options)
    cwd = table.get("cwd")
    target = text(table.get(target_key))
    return Hook(text(table.get("name", target)), kind, target, tuple(words), None if cwd is None else text(cwd))


@dataclass(frozen=True, slots=True)
class _Key:
    """What one key wants: in words, as a function, and how its environment variable becomes what TOML would give."""

    expected: str
    parse: Callable[[object], object]
    from_text: Callable[[str], object] | None = str


_DURATIONS = 'a duration such as "10m", "3s", "500ms" or a number of seconds'

_KEYS: dict[str, _Key] = {
    "script_location": _Key("a directory or package:path", text),
    "url": _Key("a database URL, env:NAME or file:PATH", optional_text),
    "version_table": _Key("the name of a table", text),
    "version_table_schema": _Key("the name of a schema", optional_text),
    "transaction": _Key('"revision" or "run"', partial(one_of, TransactionMode)),
    "lock": _Key('"auto", "session", "lease" or "none"', partial(one_of, LockKind)),
    "lock_wait": _Key(_DURATIONS, parse_duration),
    "lock_lease": _Key(f"{_DURATIONS}, at least a second", lease),
    "lock_timeout": _Key(_DURATIONS, parse_duration),
    "statement_timeout": _Key(_DURATIONS, parse_duration),
    "lock_retry_limit": _Key(_DURATIONS, parse_duration),
    "lock_stall_budget": _Key(_DURATIONS, parse_duration),
    "mysql_alter_column": _Key('"keep" or "as_written"', partial(one_of, AlterKind)),
    "version_locations": _Key("a list of directories", texts, paths_text),
    "recursive_version_locations": _Key("true or false", boolean, boolean_text),
    "sourceless": _Key("true or false", boolean, boolean_text),
    "file_template": _Key("a text such as %(rev)s_%(slug)s", optional_text),
    "timezone": _Key("the name of a time zone, such as UTC or Europe/Berlin", optional_text),
    "truncate_slug_length": _Key("a whole number above zero", count, count_text),
    "post_write_hooks": _Key(
        "tables with name, type (console_scripts, exec or module), and entrypoint, executable or module to match; "
        "options and cwd may be there too",
        _hooks,
        None,
    ),
    "prepend_sys_path": _Key("a list of directories", texts, paths_text),
}


def _checked(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The *values* as Settings keeps them; *where* is how messages name a `{key}`."""
    checked: dict[str, Any] = {}
    for name, value in values.items():
        key = _KEYS.get(name)
        if key is None:
            raise _unknown_key(name, where)
        checked[name] = _parsed(key, value, where.format(key=name), shown=name != "url")
    return checked


def _variables(environ: Mapping[str, str], prefix: str) -> dict[str, Any]:
    """The keys that environment variables with *prefix* set."""
    found: dict[str, Any] = {}
    for name, key in _KEYS.items():
        variable = prefix + name.upper()
        if key.from_text and (text := environ.get(variable)):
            found[name] = _parsed(key, key.from_text(text), f"the environment: {variable}", shown=name != "url")
    return found


def _parsed(key: _Key, value: object, place: str, *, shown: bool) -> object:
    try:
        return key.parse(value)
    except ValueError as error:
        # A url may hold a password, also where it is misspelt.
        given = f", not {value!r}" if shown else ""
        raise ConfigError(f"{place}: expected {key.expected}{given}.") from error


def _from_file(path: Path | None, table: str) -> str:
    """How messages name a key of the file; braces in a path must survive `format`."""
    return f"{path}: ".replace("{", "{{").replace("}", "}}") + table + "{key}"


def _unknown_key(name: str, where: str) -> ConfigError:
    return ConfigError(
        f"{where.format(key=name)}: there is no setting of this name.",
        hint=_did_you_mean(name, (*_KEYS, "databases"), "Known settings"),
    )


def _unknown_database(name: str, known: tuple[str, ...], path: Path | None) -> ConfigError:
    if not known:
        place = "no settings file was found" if path is None else f"{path} declares none"
        return ConfigError(
            f"There is no database {name!r}: {place}.",
            hint=f'Declare it:\n\n    [tool.asyncmig.databases.{name}]\n    url = "env:{name.upper()}_URL"',
        )
    return ConfigError(f"{path}: there is no database {name!r}.", hint=_did_you_mean(name, known, "Known databases"))


def _did_you_mean(name: str, known: tuple[str, ...], title: str) -> str:
    # Imported here because only an error needs it, and no start should pay for it.
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1)
    guess = f"Did you mean {near[0]}? " if near else ""
    return f"{guess}{title}: {', '.join(known)}."


def _databases(value: object, path: Path | None) -> dict[str, dict[str, Any]]:
    if not isinstance(value, dict) or not all(isinstance(table, dict) for table in value.values()):
        raise ConfigError(f"{path}: databases: expected tables, such as [tool.asyncmig.databases.analytics].")
    return value


def _find(cwd: Path) -> Path | None:
    """The settings file of *cwd*, if there is one."""
    for name in _NAMES:
        if has_settings(cwd / name):
            return cwd / name
    if (cwd / "alembic.ini").is_file():
        raise _is_alembic(cwd / "alembic.ini")
    return None


def _read_table(path: Path) -> dict[str, Any]:
    """The table of settings in *path*."""
    if path.suffix in {".ini", ".cfg"}:
        raise _is_alembic(path)
    document = _parse(path)
    tool = _tool(document, path)
    if "asyncmig" not in tool and path.name != "pyproject.toml":
        return document
    table = tool.get("asyncmig")
    if table is None:
        raise ConfigError(
            f"{path} has no table [tool.asyncmig].", hint="Let it be written: asyncmig init -t pyproject migrations"
        )
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: tool.asyncmig: expected a table.")
    return {**table}


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"Cannot read the settings file {path}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from error


def _tool(document: dict[str, Any], path: Path) -> dict[str, Any]:
    tool = document.get("tool", {})
    if not isinstance(tool, dict):
        raise ConfigError(f"{path}: tool: expected a table.")
    return tool


def _is_alembic(path: Path) -> ConfigError:
    return ConfigError(
        f"{path} is a settings file of Alembic.",
        hint="from asyncmig.compat.alembic.ini import read_project",
    )


def _url_of_variable(name: str, environ: Mapping[str, str]) -> str:
    if url := environ.get(name, "").strip():
        return url
    state = "is empty" if name in environ else "is not set"
    raise ConfigError(
        f"The url of the settings is env:{name}, but the environment variable {name} {state}.",
        hint=f"export {name}=postgresql://user:password@localhost/database",
    )


def _url_of_file(path: Path) -> str:
    try:
        url = path.read_text("utf-8").strip()
    except OSError as error:
        raise ConfigError(f"The url of the settings is in {path}, which cannot be read: {error.strerror}.") from error
    if not url:
        raise ConfigError(f"The url of the settings is in {path}, which is empty.")
    return url
