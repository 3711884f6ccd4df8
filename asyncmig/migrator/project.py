"""Project: what a migrator is made of: settings, files, environment, database, and the tables we keep there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from asyncmig.config import Settings
from asyncmig.dialects.registry import adapter_class, missing_table_check
from asyncmig.environment import Environment, Lock, load_environment
from asyncmig.errors import ConfigError
from asyncmig.events import Event, Observer
from asyncmig.migrator.connecting import NO_PATIENCE, ConnectionSource, Patience
from asyncmig.migrator.history import History
from asyncmig.state.rows import VersionRows

if TYPE_CHECKING:
    from asyncmig.dialects.adapter import DialectAdapter
    from asyncmig.revisions.revision import Revision
    from asyncmig.scripts.script import Script
    from asyncmig.state.heads import HeadsTable
    from asyncmig.state.journal import Journal
    from asyncmig.state.lock import LockChoice
    from asyncmig.state.log import LogTable


class Project:
    """What a migrator is made of; each part is made, and its code imported, when it is first needed.

    A process that only looks where a database is shall not pay for all that a run takes.

    Args:
        settings: the settings.
        database: what was given as the database, or None.
        environment: what was given as the environment, or None for what `env.py` says.
        patience: how long a server that cannot be reached is tried again.
        lock: the lock of runs, where neither the environment nor the settings shall say.
        options: what scripts may ask for besides the settings.
        arguments: the `key=value` arguments for scripts.
    """

    def __init__(
        self,
        settings: Settings,
        database: Any,
        environment: Environment | None,
        patience: Patience = NO_PATIENCE,
        lock: Lock | None = None,
        options: Mapping[str, Any] | None = None,
        arguments: Mapping[str, str] | None = None,
    ) -> None:
        self.settings = settings
        self.history = History.from_settings(settings)
        self._database = database
        self._environment = environment
        self._patience = patience
        self._lock = lock
        self._options = dict(options or {})
        self._arguments = dict(arguments or {})

    @cached_property
    def environment(self) -> Environment:
        """The project's choices: as given, else what `env.py` says."""
        if self._environment is not None:
            return self._environment
        return load_environment(self.history.directory.location / "env.py")

    @cached_property
    def source(self) -> ConnectionSource:
        """Where connections come from.

        Raises:
            ConfigError: no database is named anywhere.
        """
        database: Any = self._database or self.settings.resolved_url() or self.environment.engine
        if database is None:
            raise ConfigError(
                "No database is named.",
                hint='url = "env:DATABASE_URL"      # in the settings; or --url, or engine= in env.py',
            )
        return ConnectionSource(
            database,
            self._patience,
            is_unreachable=lambda error: self.reading_adapter().is_unreachable(error),
            advice=lambda error, url: self.reading_adapter().advice(error, url),
        )

    @property
    def arguments(self) -> Mapping[str, str]:
        """The `key=value` arguments for scripts."""
        return self._arguments

    def on(self, database: Any) -> Project:
        """The same project on another database, that is nobody else's: no lock is taken there, and nobody is told."""
        environment = replace(self.environment, observers=(), on_version_apply=())
        other = Project(self.settings, database, environment, NO_PATIENCE, "none", self._options, self._arguments)
        other.history = self.history
        return other

    async def dispose(self) -> None:
        """Close what was opened here."""
        if "source" in self.__dict__:
            await self.source.dispose()

    def adapter(self) -> DialectAdapter:
        """An adapter to run and to print with."""
        environment = self.environment
        kind = adapter_class(self.source.dialect, environment.adapters)
        return kind(
            self.source.dialect,
            naming_convention=environment.naming_convention,
            planners=environment.planners,
            alters_as_written=self.settings.mysql_alter_column == "as_written",
        )

    def reading_adapter(self) -> DialectAdapter:
        """An adapter to read with; it does not need what `env.py` says, so that is not executed."""
        adapters = self._environment.adapters if self._environment is not None else ()
        return adapter_class(self.source.dialect, adapters)(self.source.dialect)

    @cached_property
    def version_rows(self) -> VersionRows:
        """The version table to read from, made once: the usual start is one SELECT and nothing else."""
        adapters = self._environment.adapters if self._environment is not None else ()
        check = missing_table_check(self.source.dialect, adapters)
        return VersionRows(self.settings.version_table, self.settings.version_table_schema or None, check)

    def heads_table(self, adapter: DialectAdapter) -> HeadsTable:
        """The version table to write to."""
        # Imported here because who only looks does not need it.
        from asyncmig.state.heads import HeadsTable

        return HeadsTable(adapter, self.settings.version_table, self.settings.version_table_schema or None)

    def log_table(self, adapter: DialectAdapter) -> LogTable:
        """The log."""
        # Imported here because who only looks does not need it.
        from asyncmig.state.log import LogTable

        settings = self.settings
        return LogTable(
            adapter, settings.version_table, settings.version_table_schema or None, graph=lambda: self.history.graph
        )

    @property
    def lock(self) -> LockChoice:
        """Which lock a run takes: the one that was given, else what the environment or the settings say."""
        # Only a run needs it.
        from asyncmig.state.lock import LockChoice

        settings = self.settings
        own = self._lock or self.environment.lock
        return LockChoice(
            kind=own if isinstance(own, str) else settings.lock,
            own=None if isinstance(own, str) else own,
            wait=settings.lock_wait,
            lease=settings.lock_lease,
            schema=settings.version_table_schema or None,
        )

    @property
    def lock_place(self) -> tuple[str, str | None]:
        """The name of the lock, and the schema of the table of leases."""
        return self.version_rows.table.fullname, self.settings.version_table_schema or None

    def journal(self, adapter: DialectAdapter) -> Journal:
        """The journal."""
        # Only a run and a status need it.
        from asyncmig.state.journal import Journal

        return Journal(adapter, self.settings.version_table, self.settings.version_table_schema or None)

    def script(self, revision_id: str) -> Script:
        """The script of a revision, executed once."""
        # Imported here because who only looks does not need it.
        from asyncmig.runtime.directives import VERBS
        from asyncmig.runtime.reading import ReadingSession
        from asyncmig.runtime.session import current_session

        session = ReadingSession(self.source.dialect, arguments=self._arguments, options=self.options)
        with current_session(session):
            return self.history.directory.script(revision_id, modules=self._modules, verbs=VERBS)

    def load(self, revision: Revision) -> Script:
        """The script of a revision that is not in the history yet, executed."""
        # Imported here because only a new revision with operations needs it.
        from asyncmig.runtime.directives import VERBS
        from asyncmig.runtime.reading import ReadingSession
        from asyncmig.runtime.session import current_session
        from asyncmig.scripts.loader import load_script

        session = ReadingSession(self.source.dialect, arguments=self._arguments, options=self.options)
        with current_session(session):
            return load_script(revision, modules=self._modules, verbs=VERBS)

    @cached_property
    def _modules(self) -> Mapping[str, Any]:
        given: Mapping[str, Any] | None = self._options.get("modules")
        if given is not None:
            return given
        # Imported here because who only looks does not need it.
        from asyncmig.runtime.alembic_modules import alembic_modules

        return alembic_modules(self.script, lambda: self.history.graph)

    @property
    def options(self) -> Mapping[str, Any]:
        """Settings that scripts may ask for."""
        return {
            **self._options,
            "version_table": self.settings.version_table,
            "version_table_schema": self.settings.version_table_schema or None,
        }

    def observer(self, first: Observer) -> Observer:
        """An observer that tells *first* and those of the environment."""
        observers = (first, *self.environment.observers)

        def tell(event: Event) -> None:
            for observer in observers:
                observer(event)

        return tell
