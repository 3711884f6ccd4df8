"""Migrator: the API: one environment, one database, one async method for each command."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

import anyio

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.config import Settings
from asyncmig.environment import Environment, Lock
from asyncmig.errors import HistoryMismatchError
from asyncmig.events import Observer, ignore
from asyncmig.migrator.connecting import Patience
from asyncmig.migrator.history import History
from asyncmig.migrator.model_methods import ModelMethods
from asyncmig.migrator.project import Project
from asyncmig.migrator.results import CreatedRevision, RevisionInfo, RunPlan, RunResult, Status
from asyncmig.revisions.moves import Plan
from asyncmig.revisions.plan import plan_downgrade, plan_stamp, plan_upgrade
from asyncmig.revisions.revision import Phase

if TYPE_CHECKING:
    from sqlalchemy import MetaData
    from sqlalchemy.engine import URL
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from asyncmig.dialects.locking import LockInfo
    from asyncmig.state.log import LogEntry

Way = Literal["upgrade", "downgrade"]


class Migrator(ModelMethods):
    """The history of one project and one database.

    Methods may be awaited one after the other; several migrators work side by side in one process. Nothing is printed
    and logging is untouched.

    Args:
        database: an `AsyncEngine`; a URL, whose driver is taken to its async one; or an open `AsyncConnection`, which
            stays yours (with a transaction open on it, everything happens inside that and you commit). None takes the
            URL of the settings, else the engine of the environment.
        script_location: the directory of `env.py` and the revisions, or `package:path`.
        metadata: the models' metadata; its naming convention names constraints that have no name.
        environment: the project's choices; by default what `env.py` in *script_location* says.
        settings: all settings; *script_location* wins over its own.
        observer: is told of every event of a run.
        arguments: `key=value` arguments that scripts see as `op.arguments`.
        connect_wait: seconds for which a server that cannot be reached is tried again, with growing pauses; a server
            that answers and refuses, because of a wrong password, is not.
        lock: what keeps two runs apart, instead of what the environment and the setting `lock` say: one of its words,
            or a function that gives an async context manager, such as `lambda: redis.lock("migrations", timeout=600)`.
        options: what scripts see in `op.get_context().opts` besides the settings.
    """

    def __init__(
        self,
        database: AsyncEngine | AsyncConnection | URL | str | None = None,
        script_location: str | os.PathLike[str] | None = None,
        *,
        metadata: MetaData | Sequence[MetaData] | None = None,
        environment: Environment | None = None,
        settings: Settings | None = None,
        observer: Observer = ignore,
        arguments: Mapping[str, str] | None = None,
        connect_wait: float = 0.0,
        lock: Lock | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        settings = settings or Settings(root=Path())
        if script_location is not None:
            settings = settings.with_script_location(script_location)
        if environment is None and metadata is not None:
            environment = Environment(metadata=metadata)
        self.settings = settings
        self._observer = observer
        self._arguments = dict(arguments or {})
        patience = Patience(connect_wait, observer)
        self._project = Project(settings, database, environment, patience, lock, options, self._arguments)

    @classmethod
    def from_settings(
        cls,
        settings: Settings,
        *,
        url: str | None = None,
        arguments: Mapping[str, str] | None = None,
        observer: Observer = ignore,
        connect_wait: float = 0.0,
    ) -> Migrator:
        """The migrator of a settings file.

        Args:
            settings: as `read_settings` gives them.
            url: the resolved URL; None takes the engine of `env.py`.
            arguments: `key=value` arguments for scripts.
            observer: is told of every event of a run.
            connect_wait: seconds for which a server that cannot be reached is tried again.
        """
        return cls(url, settings=settings, arguments=arguments, observer=observer, connect_wait=connect_wait)

    async def __aenter__(self) -> Migrator:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._project.dispose()

    # -- what it is made of -----------------------------------------------------------------------------------------

    @property
    def environment(self) -> Environment:
        """The project's choices: as given, else what `env.py` says."""
        return self._project.environment

    @property
    def history_files(self) -> History:
        """The revision files."""
        return self._project.history

    @property
    def url(self) -> str:
        """The URL of the database with its password hidden."""
        return self._project.source.url

    @property
    def project(self) -> Project:
        """What it is made of, for who puts it to uses of his own."""
        return self._project

    # -- running ----------------------------------------------------------------------------------------------------

    async def upgrade(self, target: str = "heads", *, phase: Phase | None = None) -> RunResult:
        """Apply every revision between the database and *target*.

        Args:
            target: `heads`, `head`, an id, `+2`, `label@head`, ...
            phase: `expand` or `contract` leaves out the revisions of the other phase.

        Raises:
            RevisionError: the target cannot be found or reached.
            MigrationLockError: another run has the lock and keeps it.
            RevisionFailedError: a revision failed.
            DatabaseUnavailableError: the database cannot be reached.
        """
        graph = self.history_files.graph
        return await self._run("upgrade", lambda applied: plan_upgrade(graph, applied, target, phase=phase))

    async def downgrade(self, target: str) -> RunResult:
        """Revert every revision above *target*: `base`, `-1`, an id, `label@base`, ...; raises as `upgrade` does."""
        graph = self.history_files.graph
        return await self._run("downgrade", lambda applied: plan_downgrade(graph, applied, target))

    async def stamp(self, *targets: str, purge: bool = False) -> RunResult:
        """Write into the version table that the database is at *targets*, without running anything.

        Args:
            targets: `head`, ids, `base`, ...
            purge: take all rows away first, also those that no file declares.
        """
        graph = self.history_files.graph
        return await self._run("stamp", lambda applied: plan_stamp(graph, applied, targets, purge=purge))

    async def resolve(self, revision: str, *, done: bool) -> None:
        """Say whether the step in the middle of which *revision* was stopped took effect.

        Args:
            revision, done: the revision that is half done, and whether the step took effect.

        Raises:
            JournalError: no step of it is uncertain.
            MigrationLockError: another run has the lock and keeps it.
        """
        # Imported here because who only looks does not need it.
        from asyncmig.migrator.resolving import resolve_step

        adapter = self._project.adapter()
        async with self._project.source.connect() as connection:
            await resolve_step(
                connection,
                adapter,
                self._project.journal(adapter),
                revision,
                done=done,
                lock_name=self._project.lock_place[0],
                lock=self._project.lock,
                observer=self._project.observer(self._observer),
            )

    async def _run(
        self, direction: Literal["upgrade", "downgrade", "stamp"], make_plan: Callable[[Iterable[str]], Plan]
    ) -> RunResult:
        async with self._project.source.connect() as connection:
            rows = await self._project.version_rows.read(connection) or ()
            if not self._unknown(rows) and not make_plan(rows).moves:
                return RunResult(direction, (), 0.0, 0.0, rows)
            # Imported here because the usual start has nothing to run.
            from asyncmig.migrator.running import carry_out

            return await carry_out(
                self._project,
                connection,
                direction,
                make_plan,
                rows,
                observer=self._observer,
                arguments=self._arguments,
            )

    async def ensure_version(self, *, widen: bool = False) -> None:
        """Create the version table, unless it exists.

        Args:
            widen: whether a column that is narrower than that of a new table is made as wide.
        """
        adapter = self._project.adapter()
        async with self._project.source.connect() as connection:
            heads = self._project.heads_table(adapter)
            await heads.create(connection)
            if widen:
                await heads.widen(connection)
            if not self._project.source.is_external:
                await greenlet_spawn(connection.commit)

    # -- looking ----------------------------------------------------------------------------------------------------

    async def _applied(self) -> tuple[str, ...]:
        async with self._project.source.look() as connection:
            return await self._project.version_rows.read(connection) or ()

    async def current(self) -> tuple[RevisionInfo, ...]:
        """The revisions that the database is at.

        Raises:
            HistoryMismatchError: the version table names a revision that no file declares.
        """
        applied = await self._applied()
        unknown = self._unknown(applied)
        if unknown:
            raise HistoryMismatchError(
                f"The version table of {self.url} names {', '.join(unknown)}, which no revision file declares.",
                unknown=unknown,
                hint="Is a file missing from the checkout? asyncmig stamp --purge REVISION corrects the table.",
            )
        return tuple(self.history_files.info(one, current=applied) for one in applied)

    def _unknown(self, applied: Iterable[str]) -> tuple[str, ...]:
        graph = self.history_files.graph
        return tuple(one for one in applied if one not in graph)

    async def is_at_heads(self) -> bool:
        """Whether nothing is pending: every head is applied, by its own row or because another depends on it."""
        return (await self._status("heads", files=False)).is_up_to_date

    async def heads(self, *, resolve_dependencies: bool = False) -> tuple[RevisionInfo, ...]:
        """The heads of the history."""
        return self.history_files.heads(resolve_dependencies=resolve_dependencies)

    async def history(self, range: str | None = None, *, indicate_current: bool = False) -> tuple[RevisionInfo, ...]:
        """The history, newest first.

        Args:
            range: `[start]:[end]`, whose ends may be `current`.
            indicate_current: mark where the database is.
        """
        looks = indicate_current or (range is not None and "current" in range)
        return self.history_files.history(range, current=await self._applied() if looks else ())

    async def show(self, target: str) -> tuple[RevisionInfo, ...]:
        """The revisions that *target* names; `current` is where the database is."""
        return self.history_files.show(target, current=await self._applied() if "current" in target else ())

    async def pending(self) -> tuple[RevisionInfo, ...]:
        """What an upgrade to all heads would apply, in order."""
        plan = plan_upgrade(self.history_files.graph, await self._applied(), "heads")
        return tuple(self.history_files.info(move.id) for move in plan.moves)

    async def status(self, target: str = "heads") -> Status:
        """Where the database is, in one look; what is pending is what an upgrade to *target* would apply."""
        return await self._status(target, files=True)

    async def _status(self, target: str, *, files: bool) -> Status:
        # Imported here because the usual start only reads the rows.
        from asyncmig.migrator.looking import status_of

        async with self._project.source.look() as connection:
            return await status_of(self._project, connection, target, files=files)

    async def repair_log(self, *revisions: str) -> tuple[str, ...]:
        """Accept that the files of applied revisions were edited.

        Args:
            revisions: which; all of them by default.

        Returns:
            the revisions whose files count as run now.

        Raises:
            InvalidTargetError: the file of one of them was not edited.
        """
        # Imported here because it is rarely asked for.
        from asyncmig.migrator.looking import accept_files

        async with self._project.source.look() as connection:
            return await accept_files(self._project, connection, revisions)

    async def plan(self, target: str = "heads", *, direction: Way = "upgrade") -> RunPlan:
        """What a run would do: ordered moves, each with its operations as far as a recording can know them."""
        # Imported here because the usual start needs none of it.
        from asyncmig.migrator.preview import preview

        plan = self._plan(direction, await self._applied(), target)
        return await preview(self._project, plan, self._arguments)

    def _plan(self, direction: Way, applied: Iterable[str], target: str) -> Plan:
        make = plan_upgrade if direction == "upgrade" else plan_downgrade
        return make(self.history_files.graph, applied, target)

    async def sql(self, target: str = "heads", *, direction: Way = "upgrade", tag: str | None = None) -> str:
        """The SQL of a run, without a database.

        Args:
            target: where to; or `from:to`, where the database that the SQL is for is at `from`.
            direction: `upgrade`, or `downgrade`, which needs a range.
            tag: free text for scripts, which see it as `op.arguments["tag"]`.

        Raises:
            InvalidTargetError: a downgrade without a range.
            NeedsDatabaseError: a script asks the database for something.
        """
        # Imported here because the usual start needs none of it.
        from asyncmig.migrator.printing import print_run

        return await print_run(self._project, target, direction, tag=tag, arguments=self._arguments)

    async def stamp_sql(self, *targets: str) -> str:
        """The SQL of a stamp, without a database; a target `from:to` says where the database is."""
        # Imported here because the usual start needs none of it.
        from asyncmig.migrator.printing import print_stamp

        return await print_stamp(self._project, targets, self._arguments)

    async def ensure_version_sql(self) -> str:
        """The SQL that creates the version table, without a database."""
        # Imported here because the usual start needs none of it.
        from asyncmig.migrator.printing import print_version_table

        adapter = self._project.adapter()
        return print_version_table(adapter, self._project.heads_table(adapter))

    async def log(self, limit: int = 50) -> tuple[LogEntry, ...]:
        """The newest runs, newest first."""
        adapter = self._project.reading_adapter()
        async with self._project.source.look() as connection:
            return await self._project.log_table(adapter).read(connection, limit)

    async def lock_holder(self) -> LockInfo | None:
        """Who holds the migration lock, as far as the database tells; as text, a line. None when nobody does."""
        # Only this needs it and runs do.
        from asyncmig.state.lock import lock_holder

        async with self._project.source.look() as connection:
            return await lock_holder(self._project.reading_adapter(), connection, *self._project.lock_place)

    async def release_lock(self) -> LockInfo | None:
        """Take the migration lock from whoever holds it as a lease; its run stops before it commits anything more.

        Returns:
            who that was; None when nobody held it.

        Raises:
            MigrationLockError: it is the lock of a session, which is free when that session ends.
        """
        # Only this needs it and runs do.
        from asyncmig.state.lock import release_lease

        async with self._project.source.look() as connection:
            return await release_lease(self._project.reading_adapter(), connection, *self._project.lock_place)

    async def wait(self, timeout: float | None = None, *, target: str = "heads", interval: float = 1.0) -> Status:
        """Wait until nothing is pending.

        Args:
            timeout: seconds after which to give up; None never does.
            target: what must be applied.
            interval: seconds between two looks.

        Raises:
            PendingRevisionsError: something is still pending when the time is over.
            DatabaseUnavailableError: the database cannot be reached.
        """
        with anyio.move_on_after(timeout):
            while True:
                status = await self.status(target)
                if status.is_up_to_date:
                    return status
                await anyio.sleep(interval)
        if (failure := self._project.source.failure) is not None:
            raise failure
        status = await self.status(target)
        if not status.is_up_to_date:
            raise status.error(waited=timeout or 0.0)
        return status

    # -- writing files ----------------------------------------------------------------------------------------------

    async def merge(self, revisions: str | Sequence[str] = "heads", **options: Any) -> CreatedRevision:
        """Write a revision that joins several; see `History.merge` for the options."""
        return await anyio.to_thread.run_sync(lambda: self.history_files.merge(revisions, **options))
