"""AlembicMigrator: the API of a migrator for a project of Alembic, whose `env.py` says what to connect to, and how."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from sqlalchemy.engine import URL

from asyncmig.compat.alembic.environment_modules import ModuleView
from asyncmig.compat.alembic.environment_run import EnvironmentRun
from asyncmig.compat.alembic.merging import merged
from asyncmig.compat.alembic.search_path import lent_search_path
from asyncmig.environment import is_alembics
from asyncmig.errors import ConfigError
from asyncmig.events import Observer, ignore
from asyncmig.migrator.connecting import ConnectionSource, Patience
from asyncmig.migrator.history import History
from asyncmig.migrator.migrator import Migrator
from asyncmig.migrator.results import (
    CreatedRevision,
    RevisionInfo,
    RunPlan,
    RunResult,
    Status,
)
from asyncmig.revisions.revision import Phase
from asyncmig.runtime.alembic_modules import alembic_modules
from asyncmig.runtime.directives import VERBS
from asyncmig.scripts.script import Script
from asyncmig.scripts.search_path import SearchPath

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from asyncmig.compat.alembic.config import Config
    from asyncmig.compat.alembic.ini import AlembicProject
    from asyncmig.dialects.locking import LockInfo
    from asyncmig.migrator.answers import Answers
    from asyncmig.migrator.differences import CheckResult, DiffResult
    from asyncmig.state.log import LogEntry

__all__ = ["AlembicMigrator"]

T = TypeVar("T")


class AlembicMigrator:
    """The history of one project of Alembic and the databases that its `env.py` configures.

    Whatever needs a database executes `env.py` inside the running loop, with engines on the async drivers, and works
    where it calls `context.run_migrations()`: once or, for several databases or schemas, several times. The results are
    then put together. Methods may be awaited one after the other. Nothing is printed and logging is untouched.

    Args:
        project: as `read_project` gives it.
        url: the database, instead of `sqlalchemy.url` of the settings.
        engine: an engine, or an open connection, which stays yours: `env.py` finds a connection of it, or it, as
            `config.attributes["connection"]`, and its URL as `sqlalchemy.url`.
        arguments: `-x key=value` arguments.
        observer: is told of every event of a run.
        connect_wait: seconds for which a server that cannot be reached is tried again.
        tag: free text for `env.py` and scripts.
        file_config: what `env.py` gets as `logging.config.fileConfig`; None leaves logging alone.
    """

    def __init__(
        self,
        project: AlembicProject,
        *,
        url: str | None = None,
        engine: AsyncEngine | AsyncConnection | None = None,
        arguments: Mapping[str, str] | None = None,
        observer: Observer = ignore,
        connect_wait: float = 0.0,
        tag: str | None = None,
        file_config: Callable[..., Any] | None = None,
    ) -> None:
        self.project = project
        self.settings = project.settings
        self._engine = engine
        self._arguments = dict(arguments or {})
        self._observer = observer
        self._connect_wait = connect_wait
        self._tag = tag
        self._file_config = file_config
        places = [str(self.settings.root / place) for place in self.settings.prepend_sys_path]
        theirs = {f"alembic.{name}": ModuleView(f"asyncmig.compat.alembic.{name}") for name in ("config", "script")}
        self._modules = alembic_modules(self._script, lambda: self.history_files.graph, SearchPath(places), theirs)
        if engine is not None and url is None:
            url = _engine_of(engine).url.render_as_string(hide_password=False)
        self._url = url or self.settings.url
        if url is not None:
            # The ini file's own parser puts values in for a percent sign.
            project.config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))

    async def __aenter__(self) -> AlembicMigrator:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        pass

    @cached_property
    def history_files(self) -> History:
        """The revision files."""
        # The package of `package:path` may be there only for the settings.
        with lent_search_path(self.settings.root, self.settings.prepend_sys_path):
            return History.from_settings(self.settings, {"config": self.project.config})

    def _script(self, revision_id: str) -> Script:
        return self.history_files.directory.script(revision_id, modules=self._modules, verbs=VERBS)

    @property
    def _env_py(self) -> Path:
        return self.history_files.directory.location / "env.py"

    # -- the database -----------------------------------------------------------------------------------------------

    async def each(
        self,
        work: Callable[[Migrator], Awaitable[T]],
        *,
        is_offline: bool = False,
        target: str | Sequence[str] | None = None,
        start: str | None = None,
        reads: bool = False,
    ) -> tuple[T, ...]:
        """Do *work* with a migrator of each database that `env.py` configures, in its order.

        Args:
            work: what to do.
            is_offline: whether SQL is printed instead of executed.
            target, start: what `env.py` may ask about the command.
            reads: whether the work only reads, so that no database file is made.

        Raises:
            ScriptError: `env.py` fails, with the line.
            ConfigError: `env.py` is not there, runs no migrations, or does not commit what it has begun.
            AsyncmigError: the work fails.
        """
        path = self._env_py
        if not path.is_file():
            raise ConfigError(
                f"There is no {path}.", hint="script_location of the settings must be the directory of env.py."
            )
        if not is_alembics(path):
            return (await self._plain(work),)
        async with self._prepared(is_offline=is_offline):
            return await EnvironmentRun(
                self.project,
                path,
                work,
                modules=self._modules,
                is_offline=is_offline,
                arguments=self._arguments,
                observer=self._observer,
                target=target,
                start=start,
                tag=self._tag,
                file_config=self._file_config,
                reads=reads,
            ).go()

    async def run(
        self,
        work: Callable[[Migrator], Awaitable[T]],
        *,
        is_offline: bool = False,
        target: str | Sequence[str] | None = None,
        start: str | None = None,
        reads: bool = False,
    ) -> T:
        """The same as `each`, with the results put together."""
        return merged(await self.each(work, is_offline=is_offline, target=target, start=start, reads=reads))

    async def _plain(self, work: Callable[[Migrator], Awaitable[T]]) -> T:
        """An `env.py` in asyncmig's own form needs no execution inside out."""
        database = self._engine or self._url
        migrator = Migrator(
            database,
            settings=self.settings,
            arguments=self._arguments,
            observer=self._observer,
            connect_wait=self._connect_wait,
        )
        async with migrator:
            return await work(migrator)

    @asynccontextmanager
    async def _prepared(self, *, is_offline: bool) -> AsyncIterator[None]:
        """The server is there, and `env.py` finds the connection of the engine that was given."""
        if is_offline:
            yield
            return
        if self._connect_wait and self._url:
            await self._wait_for(self._url)
        if self._engine is None:
            yield
            return
        attributes = self.project.config.attributes
        before = dict(attributes)
        async with _connection_of(self._engine) as connection:
            attributes["connection"] = connection.sync_connection
            try:
                yield
            finally:
                attributes.clear()
                attributes.update(before)

    async def _wait_for(self, url: str | URL) -> None:
        # Imported here because hardly anybody waits.
        from asyncmig.dialects.registry import adapter_class, async_url, dialect_of

        dialect = dialect_of(async_url(url))
        adapter = adapter_class(dialect)(dialect)
        source = ConnectionSource(
            url,
            Patience(self._connect_wait, self._observer),
            is_unreachable=adapter.is_unreachable,
            advice=adapter.advice,
        )
        try:
            async with source.connect():
                pass
        finally:
            await source.dispose()

    # -- running ----------------------------------------------------------------------------------------------------

    async def upgrade(self, target: str = "heads", *, phase: Phase | None = None) -> RunResult:
        """Apply every revision between each database and *target*; as `Migrator.upgrade`."""
        return await self.run(lambda migrator: migrator.upgrade(target, phase=phase), target=target)

    async def downgrade(self, target: str) -> RunResult:
        """Revert every revision above *target*; as `Migrator.downgrade`."""
        return await self.run(lambda migrator: migrator.downgrade(target), target=target)

    async def stamp(self, *targets: str, purge: bool = False) -> RunResult:
        """Write that each database is at *targets*; as `Migrator.stamp`."""
        return await self.run(lambda migrator: migrator.stamp(*targets, purge=purge), target=targets)

    async def resolve(self, revision: str, *, done: bool) -> None:
        """Say whether the step in the middle of which *revision* was stopped took effect; as `Migrator.resolve`."""
        await self.run(lambda migrator: migrator.resolve(revision, done=done))

    async def ensure_version(self, *, widen: bool = False) -> None:
        """Create the version table, unless it exists; as `Migrator.ensure_version`."""
        await self.run(lambda migrator: migrator.ensure_version(widen=widen))

    # -- looking ----------------------------------------------------------------------------------------------------

    async def current(self) -> tuple[RevisionInfo, ...]:
        """The revisions that the databases are at."""
        return await self.run(lambda migrator: migrator.current(), reads=True)

    async def heads(self, *, resolve_dependencies: bool = False) -> tuple[RevisionInfo, ...]:
        """The heads of the history."""
        return self.history_files.heads(resolve_dependencies=resolve_dependencies)

    async def history(self, range: str | None = None, *, indicate_current: bool = False) -> tuple[RevisionInfo, ...]:
        """The history, newest first; as `Migrator.history`."""
        if indicate_current or (range is not None and "current" in range):
            return await self.run(
                lambda migrator: migrator.history(range, indicate_current=indicate_current), reads=True
            )
        return self.history_files.history(range)

    async def show(self, target: str) -> tuple[RevisionInfo, ...]:
        """The revisions that *target* names."""
        if "current" in target:
            return await self.run(lambda migrator: migrator.show(target), reads=True)
        return self.history_files.show(target)

    async def pending(self) -> tuple[RevisionInfo, ...]:
        """What an upgrade to all heads would apply, in order."""
        return await self.run(lambda migrator: migrator.pending(), reads=True)

    async def is_at_heads(self) -> bool:
        """Whether nothing is pending on any database."""
        return all(await self.each(lambda migrator: migrator.is_at_heads(), reads=True))

    async def status(self, target: str = "heads") -> Status:
        """Where the databases are, in one look; as `Migrator.status`."""
        return await self.run(lambda migrator: migrator.status(target), reads=True)

    async def wait(self, timeout: float | None = None, *, target: str = "heads", interval: float = 1.0) -> Status:
        """Wait until nothing is pending; as `Migrator.wait`, for each database."""
        return await self.run(lambda migrator: migrator.wait(timeout, target=target, interval=interval), target=target)

    async def repair_log(self, *revisions: str) -> tuple[str, ...]:
        """Accept that the files of applied revisions were edited; as `Migrator.repair_log`."""
        return await self.run(lambda migrator: migrator.repair_log(*revisions))

    async def lock_holder(self) -> LockInfo | None:
        """Who holds the migration lock, of the first database where somebody does."""
        found = await self.each(lambda migrator: migrator.lock_holder(), reads=True)
        return next((holder for holder in found if holder is not None), None)

    async def log(self, limit: int = 50) -> tuple[LogEntry, ...]:
        """The newest runs, newest first."""
        return await self.run(lambda migrator: migrator.log(limit), reads=True)

    async def plan(self, target: str = "heads", *, direction: Literal["upgrade", "downgrade"] = "upgrade") -> RunPlan:
        """What a run would do; as `Migrator.plan`."""
        return await self.run(lambda migrator: migrator.plan(target, direction=direction), reads=True)

    # -- printing and writing ---------------------------------------------------------------------------------------

    async def sql(
        self, target: str = "heads", *, direction: Literal["upgrade", "downgrade"] = "upgrade", tag: str | None = None
    ) -> str:
        """The SQL of a run, without a database; as `Migrator.sql`."""
        start, colon, end = target.partition(":")
        return await self.run(
            lambda migrator: migrator.sql(_from_start(migrator, target), direction=direction, tag=tag),
            is_offline=True,
            target=end if colon else target,
            start=start if colon else None,
        )

    async def stamp_sql(self, *targets: str) -> str:
        """The SQL of a stamp, without a database; as `Migrator.stamp_sql`."""

        async def print_stamp(migrator: Migrator) -> str:
            return await migrator.stamp_sql(*(_from_start(migrator, target) for target in targets))

        return await self.run(print_stamp, is_offline=True, target=targets)

    async def diff(self, *, answers: Answers | None = None, sql: bool = False) -> DiffResult:
        """What makes of the databases what the models want; as `Migrator.diff`."""
        return await self.run(lambda migrator: migrator.diff(answers=answers, sql=sql), reads=True)

    async def check(self, *, shadow: str | URL | None = None) -> CheckResult:
        """What the models and the databases have differently; as `Migrator.check`."""
        return await self.run(lambda migrator: migrator.check(shadow=shadow), reads=True)

    async def revision(
        self,
        message: str | None = None,
        *,
        autogenerate: bool = False,
        answers: Answers | None = None,
        **options: Any,
    ) -> CreatedRevision | None:
        """Write a new revision; as `Migrator.revision`. With *autogenerate*, `env.py` has its say in it."""
        if not autogenerate:
            return self.history_files.new_revision(message, **options)
        # Imported here because nothing else needs it.
        from asyncmig.compat.alembic.revising import created_revision

        with _command_options(self.project.config, message=message, autogenerate=True):
            return await created_revision(self, message, answers, **options)

    async def merge(self, revisions: str | Sequence[str] = "heads", **options: Any) -> CreatedRevision:
        """Write a revision that joins several; see `History.merge` for the options."""
        return self.history_files.merge(revisions, **options)


@contextmanager
def _command_options(config: Config, **options: Any) -> Iterator[None]:
    """What `env.py` finds as the options of the command line for the length of a block."""
    before = config.cmd_opts
    config.cmd_opts = Namespace(**{"x": None, **(vars(before) if before is not None else {}), **options})
    try:
        yield
    finally:
        config.cmd_opts = before


def _from_start(migrator: Migrator, target: str) -> str:
    """A target, or a range, from where `context.configure(starting_rev=...)` says that the database is."""
    start = migrator.project.options.get("starting_rev")
    return target if start is None else f"{start}:{target.rpartition(':')[2]}"


def _engine_of(database: AsyncEngine | AsyncConnection) -> AsyncEngine:
    return cast("AsyncEngine", database.engine if hasattr(database, "sync_connection") else database)


@asynccontextmanager
async def _connection_of(database: AsyncEngine | AsyncConnection) -> AsyncIterator[AsyncConnection]:
    """An open connection: the one that was given, or a new one of an engine, which is closed at the end."""
    if hasattr(database, "sync_connection"):
        yield cast("AsyncConnection", database)
        return
    async with _engine_of(database).connect() as connection:
        yield connection
