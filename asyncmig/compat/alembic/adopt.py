"""Adoption: settings and an `env.py` of asyncmig for a project of Alembic, all decided before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio
from sqlalchemy.engine import make_url

from asyncmig.compat.alembic.adopt_environment import new_env_py
from asyncmig.compat.alembic.adopt_files import FileChange
from asyncmig.compat.alembic.adopt_imports import rewritten, rewritten_template
from asyncmig.compat.alembic.adopt_obstacles import not_carried_over, refuse_obstacles, takes_arguments
from asyncmig.compat.alembic.adopt_settings import AdoptedSettings, DatabaseTable, settings_keys, with_table
from asyncmig.compat.alembic.adopt_url import url_choice
from asyncmig.compat.alembic.doctor_urls import read_url, same_database
from asyncmig.compat.alembic.environment_source import EnvironmentSource, read_environment
from asyncmig.compat.alembic.ini import AlembicProject
from asyncmig.compat.alembic.migrator import AlembicMigrator
from asyncmig.errors import AsyncmigError, ConfigError
from asyncmig.migrator.examining import Configuration, configuration_of
from asyncmig.migrator.history import History
from asyncmig.migrator.migrator import Migrator

__all__ = ["REPAIR", "Adoption", "import_changes", "plan_adoption"]

#: What to do about files whose checksums the log may have.
REPAIR = "Where asyncmig has run some of these files already, accept them as they are now: asyncmig log --repair"

#: Seconds to wait for a database that is only asked how it is configured.
_PATIENCE = 10.0
_ALL_ENTRIES = 1_000_000


@dataclass(frozen=True, slots=True)
class Adoption:
    """What an adoption would write.

    Args:
        changes: the files.
        notes: what somebody has to know or to do.
        way_back: commands that undo it.
    """

    changes: tuple[FileChange, ...]
    notes: tuple[str, ...]
    way_back: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a run of `env.py` has shown.

    Args:
        databases: how each database is configured.
        ran: the revisions whose files asyncmig has run there; None where the database was not asked.
    """

    databases: tuple[Configuration, ...] = ()
    ran: frozenset[str] | None = None


async def plan_adoption(
    project: AlembicProject, *, cwd: Path, rewrite: bool, arguments: Mapping[str, str] | None = None
) -> Adoption:
    """Decide on all that is written; nothing is written yet.

    Args:
        project: the project.
        cwd: where the settings go.
        rewrite: whether the imports of revision files are rewritten, too.
        arguments: `-x key=value` arguments for `env.py`.

    Raises:
        ScriptError: `env.py` or a revision file does not parse.
        ConfigError: the project cannot be said in asyncmig's own form; says why.
    """
    history = History.from_settings(project.settings)
    path = history.directory.location / "env.py"
    if not path.is_file():
        raise ConfigError(f"There is no {path}.", hint="script_location must be the directory of env.py.")
    source = read_environment(path)
    _ = history.graph
    refuse_obstacles(source)
    seen = await _look(project, source, arguments or {})
    notes: list[str] = []
    choice = url_choice(source, project.settings.url)
    databases = _databases(project, seen, history)
    environment = new_env_py(source, project, None if databases else choice)
    notes += environment.notes
    settings = _settings(project, source, seen, cwd, notes)
    if databases:
        settings = replace(settings, databases=databases)
    elif not environment.has_engine:
        settings = replace(settings, keys=_ordered({**settings.keys, "url": choice.url}))
    notes += not_carried_over(source)
    change = _settings_change(settings, cwd)
    old, kept = path.read_bytes(), _free_name(path)
    changes = [
        change,
        FileChange(kept, None, old, kept_from=path),
        FileChange(path, old, environment.text.encode("utf-8")),
    ]
    back = _way_back(change, kept, path, cwd)
    if rewrite and (imports := import_changes(history)):
        changes += imports
        notes += _repair_note(changes, history, seen.ran)
        back.append(_imports_back(imports, cwd))
    return Adoption(tuple(changes), tuple(dict.fromkeys(notes)), tuple(back))


def _settings_change(settings: AdoptedSettings, cwd: Path) -> FileChange:
    """The settings at the end of the `pyproject.toml`, or in a file of their own where there is none."""
    target = cwd / "pyproject.toml"
    if target.is_file():
        before = target.read_bytes()
        return FileChange(target, before, with_table(before, settings, target))
    return FileChange(cwd / "asyncmig.toml", None, "\n".join([*settings.lines(table=""), ""]).encode("utf-8"))


def import_changes(history: History) -> list[FileChange]:
    """The revision files, and the template of new ones, with `op` imported from asyncmig.

    Raises:
        ScriptError: a file does not parse.
    """
    changes: list[FileChange] = []
    for id in history.graph:
        path = history.graph[id].path
        if path is None or Path(path).suffix != ".py":
            continue
        before = Path(path).read_bytes()
        changes.append(FileChange(Path(path), before, rewritten(before, Path(path))))
    template = history.directory.template
    if template.is_file():
        before = template.read_bytes()
        changes.append(FileChange(template, before, rewritten_template(before)))
    return [change for change in changes if change.before != change.after]


def _repair_note(changes: Sequence[FileChange], history: History, ran: frozenset[str] | None) -> list[str]:
    """When the log has to be told that files were changed."""
    written = {change.path for change in changes}
    ids = [id for id in history.graph if (path := history.graph[id].path) is not None and Path(path) in written]
    if not ids or (ran is not None and not ran.intersection(ids)):
        return []
    if ran is None:
        return [REPAIR]
    return [
        "asyncmig has run some of these files already, and its log keeps what they were. Accept them as they are now: "
        "asyncmig log --repair"
    ]


# -- looking


async def _look(project: AlembicProject, source: EnvironmentSource, arguments: Mapping[str, str]) -> _Seen:
    """Execute `env.py` to see what it configures; it is no condition that this can be done here and now."""
    found: list[Configuration] = []
    ran: set[str] = set()

    async def look(migrator: Migrator) -> None:
        found.append(configuration_of(migrator))
        ran.update(entry.revision for entry in await migrator.log(_ALL_ENTRIES) if entry.checksum)

    async def look_offline(migrator: Migrator) -> None:
        found.append(configuration_of(migrator))

    theirs = AlembicMigrator(project, arguments=arguments)
    try:
        with anyio.fail_after(_PATIENCE):
            await theirs.each(look)
        return _Seen(tuple(found), frozenset(ran))
    except (AsyncmigError, TimeoutError):
        # Without its database, env.py can still say what SQL would be printed for.
        found.clear()
    if source.writes_files:
        return _Seen()
    try:
        await theirs.each(look_offline, is_offline=True)
    except AsyncmigError:
        # What can be read in the source has to do.
        return _Seen()
    return _Seen(tuple(found))


# -- the settings


def _settings(
    project: AlembicProject, source: EnvironmentSource, seen: _Seen, cwd: Path, notes: list[str]
) -> AdoptedSettings:
    settings = project.settings
    keys = settings_keys(settings, cwd=cwd)
    first = seen.databases[0] if seen.databases else None
    keys["version_table"] = first.version_table if first else str(source.literal("version_table") or "alembic_version")
    schema = first.version_table_schema if first else source.literal("version_table_schema")
    if schema:
        keys["version_table_schema"] = str(schema)
    if source.literal("transaction_per_migration") is False or any(one.external for one in seen.databases):
        keys["transaction"] = "run"
    if any(one.alter_column == "as_written" for one in seen.databases):
        # Else the old revisions would give a new database another schema.
        keys["mysql_alter_column"] = "as_written"
    hooks = [hook for hook in settings.post_write_hooks if hook.type != "registered"]
    notes += [
        f"The post-write hook {hook.name!r} of the type {hook.target!r} is not carried over: asyncmig cannot run it."
        for hook in settings.post_write_hooks
        if hook.type == "registered"
    ]
    if settings.sourceless:
        notes.append("sourceless is not carried over: in asyncmig's own form, revisions are .py files.")
    return AdoptedSettings(_ordered(keys), hooks)


def _ordered(keys: Mapping[str, Any]) -> dict[str, Any]:
    first = ("script_location", "url", "version_table", "version_table_schema", "transaction")
    return {key: keys[key] for key in (*first, *keys) if key in keys}


def _databases(project: AlembicProject, seen: _Seen, history: History) -> list[DatabaseTable]:
    """The tables of several databases.

    Raises:
        ConfigError: the scripts are written for Alembic's way with several databases, or it is another way.
    """
    text = str(project.config.get_alembic_option("databases") or "")
    names = [name.strip() for name in text.split(",") if name.strip()]
    if len(names) < 2 and len(seen.databases) < 2:
        return []
    if (path := takes_arguments(history)) is not None:
        raise ConfigError(
            f"{path}: upgrade() takes the name of a database, which only env.py of Alembic can give it. The project "
            "stays in Alembic's form, in which asyncmig runs it as it is; nothing was changed.",
            hint="asyncmig upgrade",
        )
    urls = {name: project.config.get_section(name, {}).get("sqlalchemy.url", "") for name in names}
    configured = seen.databases
    if len(urls) < 2 or any(read_url(url) is None for url in urls.values()):
        raise ConfigError(
            f"env.py configures {len(configured) or len(names)} databases or schemas, whose URLs the settings do not "
            "name. The project stays in Alembic's form, in which asyncmig runs it as it is; nothing was changed.",
            hint="asyncmig upgrade",
        )
    return [DatabaseTable(name, {"url": url, **_own_table(url, configured)}) for name, url in urls.items()]


def _own_table(url: str, configured: Sequence[Configuration]) -> dict[str, str]:
    """The version table of one of several databases, where it is another than that of the first."""
    for one in configured:
        if same_database(make_url(url), make_url(one.url)) and one.version_table != configured[0].version_table:
            return {"version_table": one.version_table}
    return {}


# -- the way back


def _free_name(path: Path) -> Path:
    for name in ("env_alembic.py", *(f"env_alembic_{number}.py" for number in range(2, 100))):
        if not path.with_name(name).exists():
            return path.with_name(name)
    raise ConfigError(f"There is no free name for the old {path}.", hint=f"Remove {path.with_name('env_alembic.py')}.")


def _way_back(settings: FileChange, kept: Path, path: Path, cwd: Path) -> list[str]:
    back = [f"mv {_shown(kept, cwd)} {_shown(path, cwd)}"]
    if settings.before is None:
        return [*back, f"rm {_shown(settings.path, cwd)}"]
    return [*back, f"and take [tool.asyncmig] out of {_shown(settings.path, cwd)}"]


def _imports_back(changes: Sequence[FileChange], cwd: Path) -> str:
    """What turns the imports back: Alembic finds no `op` of asyncmig's in a run of its own."""
    places = dict.fromkeys(
        str(path.parent / "*.py") if path.suffix == ".py" else str(path)
        for change in changes
        for path in [Path(_shown(change.path, cwd))]
    )
    return f"sed -i 's/from asyncmig import op/from alembic import op/' {' '.join(places)}"


def _shown(path: Path, cwd: Path) -> str:
    return path.relative_to(cwd).as_posix() if path.is_relative_to(cwd) else path.as_posix()
