"""EnvironmentContext: what a program enters to execute `env.py`, or migrations, with a function of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import Dialect

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.compat.alembic import environment
from asyncmig.compat.alembic.config import Config
from asyncmig.compat.alembic.environment import Configured
from asyncmig.compat.alembic.errors import CommandError, command_errors
from asyncmig.compat.alembic.ini import project_of
from asyncmig.compat.alembic.migration import MigrationContext
from asyncmig.compat.alembic.running import check_connection, run, run_command
from asyncmig.compat.alembic.script import ScriptDirectory
from asyncmig.compat.alembic.steps import checked_steps, print_steps, take_steps
from asyncmig.environment import Environment
from asyncmig.migrator.migrator import Migrator

__all__ = ["EnvironmentContext"]


class EnvironmentContext(environment.EnvironmentContext):
    """What a program enters to execute `env.py`, or migrations on a connection of its own.

        with EnvironmentContext(config, script, fn=function, destination_rev="head"):
            script.run_env()

        with EnvironmentContext(config, script, fn=function) as env:
            env.configure(connection=connection)
            env.run_migrations()

    Args:
        config: the configuration.
        script: its revision files.
        kw: options for `configure`; of those `fn` is the function that is asked what shall be done. It gets the rows of
            the version table and a `MigrationContext`, and gives nothing or what `script._upgrade_revs` and the like
            give. `as_sql` prints SQL; `starting_rev`, `destination_rev`, `tag` and `purge` are those of the commands.
    """

    def __init__(self, config: Config, script: ScriptDirectory, **kw: Any) -> None:
        given = getattr(config.cmd_opts, "x", None) or ()
        super().__init__(
            config,
            lambda: script,
            self._work_on,
            is_offline=bool(kw.get("as_sql")),
            arguments=dict([argument.partition("=")[::2] for argument in given]),
            target=kw.get("destination_rev"),
            start=kw.get("starting_rev"),
            tag=kw.get("tag"),
            print_sql=lambda sql: config.write_sql(f"{sql.rstrip().rstrip(';')};\n"),
        )
        self.context_opts = kw
        self._scripts = script

    def __enter__(self) -> EnvironmentContext:
        self._scripts.environments.append(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._scripts.environments.remove(self)

    def configure(
        self,
        connection: Connection | None = None,
        url: Any = None,
        dialect_name: str | None = None,
        dialect_opts: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """Say what to work on, and how; see `env.py`.

        Args:
            connection: the connection to work on; of any driver, also a synchronous one.
            url, dialect_name, dialect_opts: the database that SQL is printed for, where there is no connection.
            options: the rest of Alembic's parameters.

        Raises:
            CommandError: there is neither a connection nor a URL nor the name of a dialect.
        """
        with command_errors():
            super().configure(connection, url, dialect_name, dialect_opts, **{**self.context_opts, **options})

    def get_context(self) -> Any:
        """Where the database is that was configured: a `MigrationContext`."""
        with command_errors():
            return self._context_of(self._settled.connection, self._settled.dialect, self._settled.options)

    def run_migrations(self, **keywords: Any) -> None:
        """Do what the function `fn` answers.

        Args:
            keywords: passed on to the `upgrade` and `downgrade` functions of the scripts.

        Raises:
            CommandError: it failed; it is of the class of what happened, too.
        """
        with command_errors():
            configured = self._settled
            check_connection("connection", configured.connection)
            self.runs += 1
            self._settle(configured)
            run(lambda: self._work_on(configured, keywords))

    def run_env(self) -> None:
        """Execute `env.py`; at each `context.run_migrations()` of it the function `fn` is asked what shall be done.

        Raises:
            CommandError: it failed; it is of the class of what happened, too.
        """
        config: Config = self.config
        texts = run_command(
            config,
            lambda migrator: migrator.each(
                self._answer, is_offline=self.is_offline_mode(), target=self._target, start=self._start
            ),
            tag=self.get_tag_argument(),
        )
        for text in texts:
            if text:
                config.write_sql(text)

    async def _work_on(self, configured: Configured, keywords: Mapping[str, Any]) -> None:
        one = configured.options.get("transaction_per_migration") is False
        settings = replace(
            project_of(self.config, cwd=Path.cwd()).settings,
            version_table=configured.version_table,
            version_table_schema=configured.version_table_schema,
            transaction="run" if one else "revision",
        )
        database: Any = configured.connection if configured.connection is not None else configured.url
        migrator = Migrator(
            database,
            settings=settings,
            environment=Environment(metadata=configured.options.get("target_metadata")),
            arguments={**self.get_x_argument(as_dictionary=True), **({"tag": self._tag} if self._tag else {})},
            options={**configured.options, "config": self.config, "run_arguments": dict(keywords)},
        )
        async with migrator:
            if text := await self._answer(migrator):
                self.config.write_sql(text)

    async def _answer(self, migrator: Migrator) -> str:
        """Ask the function what shall be done, and do it; the SQL where it is printed."""
        function = self.context_opts.get("fn")
        if function is None:
            raise CommandError(
                "The EnvironmentContext was given no function fn=, so nothing says what shall be done.",
                hint="def fn(revision, context):\n"
                '    return script._upgrade_revs("head", revision)\n\n'
                "with EnvironmentContext(config, script, fn=fn): ...",
            )
        source = migrator.project.source
        options = {**self.context_opts, **migrator.project.options}

        def ask() -> Any:
            context = self._context_of(source.given, source.dialect, options)
            return function(context.get_current_heads(), context)

        steps = checked_steps(await greenlet_spawn(ask))
        if steps is None:
            return ""
        if self.is_offline_mode():
            return await print_steps(migrator, steps, self._start, self._tag)
        await take_steps(migrator, steps, purge=bool(self.context_opts.get("purge")))
        return ""

    def _context_of(self, connection: Connection | None, dialect: Dialect, options: Mapping[str, Any]) -> Any:
        opts = {**options, "script": self._scripts, "as_sql": self.is_offline_mode()}
        return MigrationContext(dialect, connection, opts, self)
