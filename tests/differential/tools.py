"""Tools: Alembic on its synchronous driver and asyncmig on its asynchronous one, each on a database of its own."""

from __future__ import annotations

import asyncio
import io
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeAlias

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData
from sqlalchemy.engine import make_url

from asyncmig import Environment, Migrator
from asyncmig.config import Settings

Direction: TypeAlias = Literal["upgrade", "downgrade"]

_SYNC = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg2",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}


def sync_url(url: str) -> str:
    """The same database by the usual synchronous driver."""
    parsed = make_url(url)
    return parsed.set(drivername=_SYNC[parsed.get_backend_name()]).render_as_string(hide_password=False)


class Tool(ABC):
    """One of the two, at home in one directory of revisions.

    Args:
        location: the directory of `env.py` and `versions`.
        convention: the naming convention of its environment.
    """

    name: ClassVar[str]

    def __init__(self, location: Path, convention: dict[str, str] | None) -> None:
        self.location = location
        self.convention = convention

    @abstractmethod
    def run(self, url: str, direction: Direction, target: str) -> None:
        """Bring the database at *url* (with the asynchronous driver) to *target*."""

    @abstractmethod
    def sql(self, url: str, direction: Direction, target: str) -> str:
        """The SQL of a range."""


class Alembic(Tool):
    """The real Alembic, as its commands run it, but that the revision files are read once only."""

    name = "Alembic"

    def __init__(self, location: Path, convention: dict[str, str] | None) -> None:
        super().__init__(location, convention)
        self._buffer = io.StringIO()
        self._config = Config(stdout=io.StringIO(), output_buffer=self._buffer)
        self._config.set_main_option("script_location", str(location))
        self._config.set_main_option("path_separator", "os")
        self._script = ScriptDirectory.from_config(self._config)

    def order(self) -> list[str]:
        """The ids of all revisions, in an order in which they can be run."""
        return [str(one.revision) for one in reversed(list(self._script.walk_revisions()))]

    def run(self, url: str, direction: Direction, target: str) -> None:
        self._command(url, direction, target, start=None)

    def sql(self, url: str, direction: Direction, target: str) -> str:
        start, _, end = target.partition(":")
        self._buffer.seek(0)
        self._buffer.truncate()
        self._command(url, direction, end, start=start)
        return self._buffer.getvalue()

    def _command(self, url: str, direction: Direction, target: str, start: str | None) -> None:
        """What `command.upgrade` and `command.downgrade` do."""
        self._config.set_main_option("sqlalchemy.url", sync_url(url).replace("%", "%%"))
        script = self._script

        def revisions(rows: Any, context: Any) -> Any:
            walk = script._upgrade_revs if direction == "upgrade" else script._downgrade_revs
            return walk(target, rows)

        with EnvironmentContext(
            self._config,
            script,
            fn=revisions,
            as_sql=start is not None,
            starting_rev=start,
            destination_rev=target,
        ):
            script.run_env()

    def whole_command(self, url: str, direction: Direction, target: str) -> None:
        """The command itself, which reads all files again."""
        self._config.set_main_option("sqlalchemy.url", sync_url(url).replace("%", "%%"))
        {"upgrade": command.upgrade, "downgrade": command.downgrade}[direction](self._config, target)


class Asyncmig(Tool):
    """asyncmig, through its Python API."""

    name = "asyncmig"

    def __init__(self, location: Path, convention: dict[str, str] | None) -> None:
        super().__init__(location, convention)
        self._settings = Settings(
            root=location.parent,
            script_location=location.name,
            version_table="alembic_version",
            lock_wait=30.0,
            mysql_alter_column="as_written",
        )
        metadata = MetaData(naming_convention=convention) if convention else MetaData()
        self._environment = Environment(metadata=metadata)
        self._printer: Migrator | None = None

    def _migrator(self, url: str) -> Migrator:
        return Migrator(url, settings=self._settings, environment=self._environment)

    def run(self, url: str, direction: Direction, target: str) -> None:
        async def go() -> None:
            async with self._migrator(url) as migrator:
                await (migrator.upgrade if direction == "upgrade" else migrator.downgrade)(target)

        asyncio.run(go())

    def sql(self, url: str, direction: Direction, target: str) -> str:
        if self._printer is None:
            # Nothing is connected by it.
            self._printer = self._migrator(url)
        return asyncio.run(self._printer.sql(target, direction=direction))


def sync_engine(url: str) -> sa.Engine:
    """An engine that looks at the database from outside, and keeps no connection."""
    return sa.create_engine(sync_url(url), poolclass=sa.NullPool)
