"""CommandSession: what one command works with: settings, history, migrator, printer, and a loop that signals end."""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from asyncmig.cli.discovery import alembic_project
from asyncmig.cli.printer import Printer
from asyncmig.config import Settings, read_settings
from asyncmig.errors import ConfigError
from asyncmig.migrator.history import History

if TYPE_CHECKING:
    from asyncmig.compat.alembic.ini import AlembicProject
    from asyncmig.migrator.migrator import Migrator

__all__ = ["CommandSession", "GlobalOptions", "Interrupted"]

T = TypeVar("T")


class Interrupted(BaseException):
    """A signal asked the command to stop."""


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """What stands before the command.

    Args:
        config: the settings file.
        database: the name of a database in it.
        section: the section of an ini file of Alembic.
        url: a URL instead of that of the settings.
        arguments: `-x key=value` arguments.
        verbose: more of everything.
    """

    config: Path | None = None
    database: str | None = None
    section: str = "alembic"
    url: str | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)
    verbose: bool = False


class CommandSession:
    """What one command works with; it reads the working directory and the environment, as nothing else does.

    Args:
        options: what stands before the command.
        printer: says what the command has to say.
    """

    def __init__(self, options: GlobalOptions, printer: Printer) -> None:
        self.options = options
        self.printer = printer
        #: Seconds for which a server that cannot be reached is tried again.
        self.connect_wait = 0.0

    @classmethod
    def of(cls, context: Any) -> CommandSession:
        """The session of a command's context."""
        session: CommandSession | None = context.find_object(cls)
        assert session is not None
        return session

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment variables."""
        return os.environ

    @cached_property
    def alembic(self) -> AlembicProject | None:
        """The project, where it is one of Alembic."""
        options = self.options
        project = alembic_project(
            options.config,
            cwd=Path.cwd(),
            environ=self.environ,
            section=options.section,
            overrides={"url": options.url},
        )
        if project is not None:
            # Imported here because only a project of Alembic needs it.
            from argparse import Namespace

            # What an env.py finds there when Alembic's own command line executes it.
            project.config.cmd_opts = Namespace(
                config=project.config.config_file_name,
                name=options.section,
                x=[f"{name}={value}" if value else name for name, value in options.arguments.items()],
                sql=False,
                tag=None,
                autogenerate=False,
            )
        return project

    @cached_property
    def settings(self) -> Settings:
        """The settings of the project in the working directory; its code can be imported from now on."""
        settings = self.alembic.settings if self.alembic is not None else self._read_settings()
        sys.path[:0] = [str(settings.root / path) for path in settings.prepend_sys_path]
        return settings

    def _read_settings(self) -> Settings:
        settings = read_settings(
            self.options.config,
            cwd=Path.cwd(),
            environ=self.environ,
            database=self.options.database,
            overrides={"url": self.options.url},
        )
        if settings.must_choose:
            raise ConfigError(
                f"{settings.path} declares several databases: {', '.join(settings.databases)}.",
                hint=f"Choose one: asyncmig -d {settings.databases[0]} ...",
            )
        return settings

    @cached_property
    def history(self) -> History:
        """The revision files, for what needs no database."""
        values = None if self.alembic is None else {"config": self.alembic.config}
        return History.from_settings(self.settings, values)

    def print_sql(self, work: Callable[[Migrator], Awaitable[str]], *, target: str | None = None) -> None:
        """Print the SQL that *work* gives; `env.py` of Alembic may ask for the *target*."""
        text = self.run(work, target=target, is_offline=True)
        self.printer.answer(text, lambda text: {"sql": text}, lambda text: [text.rstrip("\n")])

    def run(
        self,
        work: Callable[[Migrator], Awaitable[T]],
        *,
        tag: str | None = None,
        target: str | None = None,
        is_offline: bool = False,
        reads: bool = False,
        may_lack_database: bool = False,
        whole: bool = False,
    ) -> T:
        """Do *work* with a migrator, in an event loop.

        Args:
            work: what to do.
            tag: free text for scripts, which see it as `op.arguments["tag"]`.
            target: what the command is asked for, which `env.py` of Alembic may want to know.
            is_offline: whether SQL is printed instead of executed.
            reads: whether the work only reads.
            may_lack_database: whether the work finds out by itself that no database is named.
            whole: whether the work is for a project of Alembic as a whole, and not for each database of its `env.py`.

        Raises:
            Interrupted: a signal stopped it; what was under way has been rolled back.
        """
        # Imported here because the commands that only read files need neither a loop nor a database library.
        import anyio

        from asyncmig.cli.interruption import interruptible

        settings = self.settings
        self.printer.one_transaction = settings.transaction == "run"
        project = self.alembic
        if project is None:
            main = self._main(settings, work, tag, may_lack_database=may_lack_database)
        else:
            main = self._alembic_main(
                project, work, tag=tag, target=target, is_offline=is_offline, reads=reads, whole=whole
            )
        try:
            return anyio.run(interruptible, main)
        finally:
            self.printer.close()

    def _main(
        self,
        settings: Settings,
        work: Callable[[Migrator], Awaitable[T]],
        tag: str | None,
        *,
        may_lack_database: bool,
    ) -> Callable[[], Awaitable[T]]:
        # Imported here for the same reason.
        from asyncmig.migrator.migrator import Migrator

        async def main() -> T:
            migrator = Migrator.from_settings(
                settings,
                url=None if may_lack_database else settings.resolved_url(self.environ),
                arguments={**self.options.arguments, **({"tag": tag} if tag else {})},
                observer=self.printer.observe,
                connect_wait=self.connect_wait,
            )
            async with migrator:
                return await work(migrator)

        return main

    def _alembic_main(
        self,
        project: AlembicProject,
        work: Callable[[Migrator], Awaitable[T]],
        *,
        tag: str | None,
        target: str | None,
        is_offline: bool,
        reads: bool,
        whole: bool,
    ) -> Callable[[], Awaitable[T]]:
        # Imported here for the same reason.
        from asyncmig.cli.log_settings import file_config
        from asyncmig.compat.alembic.migrator import AlembicMigrator

        async def main() -> T:
            migrator = AlembicMigrator(
                project,
                url=self.options.url,
                arguments=self.options.arguments,
                observer=self.printer.observe,
                connect_wait=self.connect_wait,
                tag=tag,
                file_config=file_config,
            )
            if whole:
                # It has the methods that the work needs.
                return await work(cast("Migrator", migrator))
            start, colon, end = (target or "").partition(":")
            vars(project.config.cmd_opts).update(sql=is_offline, tag=tag, revision=target)
            return await migrator.run(
                work,
                is_offline=is_offline,
                target=end if colon else target,
                start=start if colon else None,
                reads=reads,
            )

        return main
