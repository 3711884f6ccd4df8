"""Start: what an application does about its database when it starts."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from asyncmig.config import Settings
from asyncmig.environment import Environment, is_alembics
from asyncmig.errors import ConfigError
from asyncmig.events import Observer, ignore
from asyncmig.migrator.migrator import Migrator
from asyncmig.migrator.results import RunResult
from asyncmig.scripts.directory import ScriptDirectory

if TYPE_CHECKING:
    from sqlalchemy import MetaData
    from sqlalchemy.engine import URL
    from sqlalchemy.ext.asyncio import AsyncEngine

    from asyncmig.compat.alembic.migrator import AlembicMigrator

__all__ = ["ON_START", "Mode", "Options", "Start", "State"]

#: The environment variable that overrides the mode of the code.
ON_START = "ASYNCMIG_ON_START"

Mode = Literal["auto", "wait", "require", "off", "background"]
State = Literal["waiting", "working", "ready", "failed"]
_MODES = ("auto", "wait", "require", "off", "background")


@dataclass(frozen=True, slots=True)
class Options:
    """What is to be done when an application starts.

    Args:
        database: an engine, a URL, or None for what the settings or `env.py` say.
        script_location: the directory of `env.py` and the revisions, or `package:path`; None for that of the settings.
        mode: `auto` applies what is pending, and of several replicas one does it and the others wait; `wait` only
            waits; `require` refuses to start when something is pending; `off` does nothing; `background` is `auto`
            beside an application that has started already.
        target: what must be applied.
        timeout: seconds to wait for another replica; None takes `lock_wait` of the settings.
        connect_wait: seconds for which a server that cannot be reached is tried again.
        observer: is told of every event of a run.
        metadata: the models' metadata.
        environment: the project's choices; by default what `env.py` says.
        settings: all settings.
        arguments: `key=value` arguments that scripts see as `op.arguments`.
    """

    database: AsyncEngine | URL | str | None = None
    script_location: str | os.PathLike[str] | None = "migrations"
    mode: Mode = "auto"
    target: str = "heads"
    timeout: float | None = None
    connect_wait: float = 0.0
    observer: Observer = ignore
    metadata: MetaData | Sequence[MetaData] | None = None
    environment: Environment | None = None
    settings: Settings | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _checked(self.mode, "mode")

    def migrator(self, *, patient: bool = True) -> Migrator | AlembicMigrator:
        """A migrator of this database; `async with` closes what it opens.

        A directory with an `env.py` of Alembic has one that executes it.

        Args:
            patient: whether a server that cannot be reached is tried again.
        """
        settings = self.settings or Settings(root=Path())
        if self.timeout is not None:
            settings = replace(settings, lock_wait=self.timeout)
        connect_wait = self.connect_wait if patient else 0.0
        if self.environment is None and (found := self._alembics(settings, connect_wait)) is not None:
            return found
        return Migrator(
            self.database,
            self.script_location,
            metadata=self.metadata,
            environment=self.environment,
            settings=settings,
            observer=self.observer,
            arguments=self.arguments,
            connect_wait=connect_wait,
        )

    def _alembics(self, settings: Settings, connect_wait: float) -> AlembicMigrator | None:
        if self.script_location is not None:
            settings = settings.with_script_location(self.script_location)
        if not is_alembics(ScriptDirectory.from_settings(settings).location / "env.py"):
            return None
        # Imported here because only a project of Alembic needs it.
        from asyncmig.compat.alembic.located import located_migrator

        return located_migrator(
            self.database, settings, observer=self.observer, arguments=self.arguments, connect_wait=connect_wait
        )


def _checked(text: str, where: str) -> Mode:
    if text not in _MODES:
        raise ConfigError(
            f"{where}: there is no mode {text!r}.", hint=f"One of: {', '.join(_MODES)}. For example: {where}=auto"
        )
    return cast(Mode, text)


class Start:
    """What one application does about one database when it starts, and how far it has come.

    Args:
        options: what is to be done.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        #: `waiting` before the start, `working`, `ready` or `failed`.
        self.state: State = "waiting"
        #: What was applied; None where nothing had to be asked.
        self.result: RunResult | None = None
        #: Why it failed.
        self.error: Exception | None = None
        #: Whether something answers requests while the work goes on in the background.
        self.is_guarded = False

    @property
    def mode(self) -> Mode:
        """The mode: what the environment variable says, else the code.

        Raises:
            ConfigError: the variable holds no mode.
        """
        text = os.environ.get(ON_START)
        return _checked(text.strip().lower(), ON_START) if text else self.options.mode

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Do what the mode says, then let the application run for the length of the block.

        Raises:
            PendingRevisionsError: something is pending that nobody applies.
            RevisionFailedError: a revision failed.
            AsyncmigError: whatever else `Migrator.upgrade` and `Migrator.wait` raise.
        """
        mode = self.mode
        self.state, self.result, self.error = "working", None, None
        if mode != "background":
            try:
                await self._work(mode)
            except Exception as error:
                self.state, self.error = "failed", error
                raise
            self.state = "ready"
            yield
            return
        if not self.is_guarded:
            raise ConfigError(
                "Migrations are to run in the background, but nothing would answer requests meanwhile.",
                hint="Add the middleware of the object that migrations() gives: app.add_middleware(start.middleware)",
            )
        task = asyncio.create_task(self._work_beside())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _work_beside(self) -> None:
        try:
            await self._work("auto")
        except Exception as error:
            self.state, self.error = "failed", error
            # Nobody awaits this; the loop has a place where such errors are told.
            asyncio.get_running_loop().call_exception_handler(
                {"message": f"The database could not be migrated: {error}", "exception": error}
            )
        else:
            self.state = "ready"

    async def _work(self, mode: Mode) -> None:
        if mode == "off":
            return
        options = self.options
        async with options.migrator() as migrator:
            if mode == "auto":
                self.result = await migrator.upgrade(options.target)
            elif mode == "wait":
                await migrator.wait(migrator.settings.lock_wait, target=options.target)
            else:
                status = await migrator.status(options.target)
                if not status.is_up_to_date:
                    raise status.error()
