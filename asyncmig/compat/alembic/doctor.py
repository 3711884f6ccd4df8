"""Doctor: looks at a project and its databases, changes nothing, and reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import URL, make_url

from asyncmig.compat.alembic.doctor_differences import differences, parameter_attention
from asyncmig.compat.alembic.doctor_scripts import Inspection
from asyncmig.compat.alembic.doctor_urls import (
    driver_error,
    named_driver,
    named_urls,
    read_url,
    same_database,
    unreached,
)
from asyncmig.compat.alembic.environment_source import EnvironmentSource, read_environment
from asyncmig.compat.alembic.migrator import AlembicMigrator
from asyncmig.compat.alembic.report import Attention, FoundDatabase, FoundProject, Report, attention_of, in_order
from asyncmig.compat.alembic.search_path import lent_search_path
from asyncmig.config import Settings
from asyncmig.errors import AsyncmigError, DatabaseUnavailableError
from asyncmig.migrator.examining import Configuration, Examination, configuration_of, examine, script_loader
from asyncmig.migrator.history import History
from asyncmig.migrator.migrator import Migrator

if TYPE_CHECKING:
    from asyncmig.compat.alembic.ini import AlembicProject

__all__ = ["Doctor"]

_PLACE_URL = "sqlalchemy.url = postgresql://user:password@localhost/database      # in alembic.ini"


class Doctor:
    """A look at one project. Revision files and `env.py` are executed, as a run would; nothing is written by us.

    Args:
        settings: the settings of the project.
        project: the same as Alembic has it, where it is a project of Alembic.
        url: gives the database, instead of that of the settings; None where nothing else is named. It may say by an
            error why that cannot be known.
        arguments: `-x key=value` arguments.
        file_config: what `env.py` gets as `logging.config.fileConfig`.
    """

    def __init__(
        self,
        settings: Settings,
        project: AlembicProject | None,
        *,
        url: Callable[[], str | None] = lambda: None,
        arguments: Mapping[str, str] | None = None,
        file_config: Callable[..., Any] | None = None,
    ) -> None:
        self._settings = settings
        self._project = project
        self._url = url
        self._arguments = dict(arguments or {})
        self._file_config = file_config
        self._history = History.from_settings(settings)
        self._inspection = Inspection(self._history)
        self._examined: list[Examination] = []
        self._offline: list[Configuration] = []
        self._attention: list[Attention] = []
        self._source: EnvironmentSource | None = None

    async def report(self) -> Report:
        """Look, and say what was found.

        Raises:
            ConfigError: the settings cannot be understood.
        """
        path = self._history.directory.location / "env.py"
        if path.is_file():
            try:
                self._source = read_environment(path)
            except AsyncmigError as error:
                self._attention.append(attention_of(error))
        with lent_search_path(self._settings.root, self._settings.prepend_sys_path):
            if not self._attention:
                await self._look()
            self._inspection.load()
        found = self._databases()
        self._attention += self._remarks([database for database, _ in found])
        compared = [(database, one) for database, one in found if one is not None]
        return Report(
            self._files(path),
            tuple(database for database, _ in found),
            tuple(differences(compared)) if self._project is not None and compared else (),
            in_order(self._attention),
        )

    # -- looking ----------------------------------------------------------------------------------------------------

    async def _look(self) -> None:
        """Read the databases; where one is not there, only what is configured."""
        try:
            await self._each(self._examine, is_offline=False)
        except AsyncmigError as error:
            self._attention.append(self._named(error))
            may_configure = self._source is not None and self._source.is_alembic and not self._source.writes_files
            if self._project is None or not isinstance(error, DatabaseUnavailableError) or not may_configure:
                return
            try:
                await self._each(self._configure, is_offline=True)
            except AsyncmigError:
                # Why it cannot be configured is what was said above; the offline branch of an env.py is often stale.
                self._offline.clear()

    async def _each(self, work: Callable[[Migrator], Any], *, is_offline: bool) -> None:
        if self._project is not None:
            theirs = AlembicMigrator(
                self._project, url=self._url(), arguments=self._arguments, file_config=self._file_config
            )
            await theirs.each(work, is_offline=is_offline)
            return
        async with Migrator.from_settings(self._settings, url=self._url(), arguments=self._arguments) as migrator:
            # What env.py says is asked for by every run.
            _ = migrator.environment
            await work(migrator)

    async def _examine(self, migrator: Migrator) -> None:
        self._inspection.load(script_loader(migrator))
        self._examined.append(await examine(migrator, files=self._inspection.is_readable))

    async def _configure(self, migrator: Migrator) -> None:
        self._inspection.load(script_loader(migrator))
        self._offline.append(configuration_of(migrator))

    def _named(self, error: AsyncmigError) -> Attention:
        """An error, with what to do where no URL was written into the settings yet."""
        found = attention_of(error)
        if self._project is None or "sqlalchemy.dialects:driver" not in error.message:
            return found
        return Attention(found.text, _PLACE_URL, found.path, found.line, found.exit_code)

    # -- what was found ---------------------------------------------------------------------------------------------

    def _databases(self) -> list[tuple[FoundDatabase, Configuration | None]]:
        named = named_urls(self._project.config) if self._project is not None else self._own_url()
        found: list[tuple[FoundDatabase, Configuration | None]] = [
            (self._database(one.configuration, one, named), one.configuration) for one in self._examined
        ]
        known = [database for database, _ in found]
        for configuration in self._offline:
            if not any(one.url == configuration.url for one in known):
                database = self._database(configuration, None, named)
                known.append(database)
                found.append((database, configuration))
        table, schema = self._literal_table()
        for url, database in unreached(named, known):
            error = driver_error(url)
            if error is not None:
                self._attention.append(attention_of(error))
            found.append((_with_table(database, table, schema), None))
        return found

    def _own_url(self) -> tuple[URL, ...]:
        try:
            url = self._url()
        except AsyncmigError:
            # It was said when it was looked at.
            return ()
        found = read_url(url) if url else None
        return (found,) if found is not None else ()

    def _literal_table(self) -> tuple[str, str | None]:
        if self._source is None or not self._source.is_alembic:
            return self._settings.version_table, self._settings.version_table_schema
        table, schema = self._source.literal("version_table"), self._source.literal("version_table_schema")
        return str(table or "alembic_version"), str(schema) if schema else None

    @staticmethod
    def _database(configuration: Configuration, examination: Examination | None, named: Any) -> FoundDatabase:
        url = make_url(configuration.url)
        same = next((one for one in named if same_database(one, url)), None)
        status = examination.status if examination is not None else None
        return FoundDatabase(
            configuration.url,
            named_driver(same) if same is not None else None,
            configuration.driver,
            examination is not None or driver_error(url) is None,
            reached=examination is not None,
            version_table=configuration.version_table,
            version_table_schema=configuration.version_table_schema,
            version_table_exists=examination.rows is not None if examination is not None else None,
            width=examination.width if examination is not None else None,
            rows=(examination.rows or ()) if examination is not None else (),
            unknown_rows=status.unknown if status is not None else (),
            pending=status.pending if status is not None else (),
            own_tables=examination.own_tables if examination is not None else (),
            one_transaction=configuration.one_transaction,
        )

    def _files(self, env_py: Path) -> FoundProject:
        directory, settings = self._history.directory, self._settings
        ids = list(self._history.graph) if self._inspection.is_readable else []
        graph = self._history.graph if self._inspection.is_readable else None
        config = self._project.config if self._project is not None else None
        in_ini = config is not None and config.config_file_name is not None and Path(config.config_file_name).is_file()
        section = config.config_ini_section if config is not None and in_ini else "tool.asyncmig"
        path = settings.path
        if config is not None and not in_ini:
            section, path = "tool.alembic", Path(config.toml_file_name or "pyproject.toml")
        return FoundProject(
            kind="asyncmig" if config is None else "alembic",
            settings=path,
            section=section,
            script_location=directory.location,
            version_locations=directory.version_locations,
            revisions=len(ids) if graph is not None else None,
            heads=tuple(graph.heads) if graph is not None else (),
            branch_points=tuple(id for id in ids if graph is not None and graph.is_branch_point(id)),
            labels=tuple(sorted({label for id in ids if graph is not None for label in graph[id].labels})),
            longest_id=max(ids, key=len, default=""),
            env_py=env_py if env_py.is_file() else None,
            env_form=self._source.form if self._source is not None else None,
        )

    # -- what needs attention ---------------------------------------------------------------------------------------

    def _remarks(self, databases: list[FoundDatabase]) -> Iterator[Attention]:
        pending = self._pending()
        yield from self._inspection.attention(pending)
        if self._inspection.is_readable:
            yield from self._heads()
            for examination, database in zip(self._examined, databases, strict=False):
                yield from _rows(examination, database, self._longest(examination))
        if self._project is not None:
            options = [one.configuration.options for one in self._examined] or [one.options for one in self._offline]
            configured = [one.configuration for one in self._examined] or self._offline
            yield from (self._synchronous(one) for one in configured if not one.is_async)
            yield from parameter_attention(options, configured, self._source)
            yield from self._settings_remarks()

    def _pending(self) -> frozenset[str] | None:
        """What an upgrade would run on any of the databases; None where one of them was not read."""
        if not self._examined or any(one.exit_code == DatabaseUnavailableError.exit_code for one in self._attention):
            return None
        return frozenset(
            id for one in self._examined if one.status is not None for id in (*one.status.pending, *_half_done(one))
        )

    def _longest(self, examination: Examination) -> str:
        """The longest id that an upgrade would write."""
        return max(examination.status.pending if examination.status else (), key=len, default="")

    def _heads(self) -> Iterator[Attention]:
        heads = tuple(self._history.graph.real_heads)
        if len(heads) > 1:
            yield Attention(
                f"There are {len(heads)} heads: {', '.join(heads)}. Where one is asked for, as in upgrade head, that "
                "is refused; without a target, asyncmig goes to all of them.",
                "asyncmig upgrade heads    # or join them: asyncmig merge heads",
            )

    def _synchronous(self, configuration: Configuration) -> Attention:
        return Attention(
            f"{configuration.url}: the engine is the application's own, on the synchronous driver "
            f"{configuration.driver}. It is used as it is, and the event loop stands still while it works.",
            "connectable = create_engine(url)    # in env.py, where asyncmig makes it an async one",
            self._source.path if self._source else None,
        )

    def _settings_remarks(self) -> Iterator[Attention]:
        for hook in self._settings.post_write_hooks:
            if hook.type == "registered":
                yield Attention(
                    f"The post-write hook {hook.name!r} is of the type {hook.target!r}, which a program registers with "
                    "Alembic; asyncmig cannot run it.",
                    f"{hook.name}.type = exec      # or console_scripts, or module",
                )


def _with_table(database: FoundDatabase, table: str, schema: str | None) -> FoundDatabase:
    return FoundDatabase(
        database.url,
        database.named_driver,
        database.driver,
        database.driver_installed,
        reached=database.reached,
        version_table=table,
        version_table_schema=schema,
    )


def _half_done(examination: Examination) -> tuple[str, ...]:
    return tuple(one.revision for one in examination.status.unfinished) if examination.status else ()


def _rows(examination: Examination, database: FoundDatabase, longest: str) -> Iterator[Attention]:
    """What of a database's tables needs attention."""
    status = examination.status
    if status is None:
        return
    if status.unknown and not status.ahead:
        yield Attention(
            f"{database.url}: {database.version_table_name} names {', '.join(status.unknown)}, which no revision file "
            "declares.",
            "Is a file missing from the checkout? asyncmig stamp --purge REVISION corrects the table.",
            exit_code=14,
        )
    if examination.enforces_width and examination.width is not None and len(longest) > examination.width:
        yield Attention(
            f"{database.url}: the id {longest} has {len(longest)} characters, but version_num of "
            f"{database.version_table_name} holds {examination.width}. It is refused before anything runs; Alembic "
            "would find out after the script has run.",
            "asyncmig ensure_version --widen    # makes it VARCHAR(255); or give the revision a shorter id",
            exit_code=14,
        )
    if status.edited:
        yield Attention(
            f"{database.url}: the files of {', '.join(status.edited)} were edited after they had run.",
            "asyncmig log --repair    # accepts them as they are",
        )
    for one in status.unfinished:
        yield Attention(
            f"{database.url}: revision {one.revision} is half done; an {one.direction} goes on where it stopped.",
            "asyncmig status    # shows what is done",
        )
