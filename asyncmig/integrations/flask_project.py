"""FlaskProject: the revisions and the database of a Flask application."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import click
from sqlalchemy.engine import URL, make_url

from asyncmig.config import Settings
from asyncmig.environment import Environment
from asyncmig.errors import AsyncmigError, ConfigError
from asyncmig.events import Event, LockWaiting, RevisionStarted
from asyncmig.migrator.migrator import Migrator

if TYPE_CHECKING:
    from sqlalchemy import MetaData

__all__ = ["CommandError", "FlaskProject"]

T = TypeVar("T")


class FlaskProject:
    """The revisions and the database of a Flask application.

    Args:
        db: what Flask-SQLAlchemy calls `db`; or an engine, or a URL.
        directory: where the revisions are, relative to where commands are run.
        bind_key: which of Flask-SQLAlchemy's databases; None for the default one.
        metadata: the models' metadata, where *db* has none.
        settings: all settings.
        environment: the project's choices besides, such as what of the database is compared.
    """

    def __init__(
        self,
        db: Any,
        directory: str | os.PathLike[str],
        *,
        bind_key: str | None = None,
        metadata: MetaData | None = None,
        settings: Settings | None = None,
        environment: Environment | None = None,
    ) -> None:
        self._environment = environment or Environment()
        self.db = db
        self._directory = Path(directory)
        self._bind_key = bind_key
        self._metadata = metadata
        self._settings = settings or Settings(root=Path())

    def location(self, directory: str | None = None) -> Path:
        """The directory of the revisions.

        Args:
            directory: what the command line says instead.
        """
        return (self._directory if directory is None else Path(directory)).resolve()

    def migrator(self, directory: str | None = None, arguments: Mapping[str, str] | None = None) -> Migrator:
        """A migrator of the current application's database.

        Args:
            directory: another place of the revisions.
            arguments: `key=value` arguments that scripts see as `op.arguments`.

        Raises:
            ConfigError: there is no database, or one that only this process could see.
        """
        location = self.location(directory)
        return Migrator(
            self._url(),
            location,
            environment=replace(self._environment, metadata=self._models()),
            settings=replace(self._settings, root=location.parent),
            arguments=arguments,
            observer=_tell,
        )

    def run(
        self,
        work: Callable[[Migrator], Awaitable[T]],
        directory: str | None = None,
        arguments: Mapping[str, str] | None = None,
    ) -> T:
        """Do *work* with a migrator in an event loop of its own; an error of asyncmig becomes one of the command.

        Args:
            work: what to do.
            directory, arguments: as in `migrator`.
        """

        async def main() -> T:
            async with self.migrator(directory, arguments) as migrator:
                return await work(migrator)

        return self.checked(lambda: anyio.run(main))

    @staticmethod
    def checked(work: Callable[[], T]) -> T:
        """Do *work*; an error of asyncmig becomes one of the command."""
        try:
            return work()
        except AsyncmigError as error:
            raise CommandError(error) from error

    def _url(self) -> URL:
        db = self.db
        if hasattr(db, "engines"):
            engines: Mapping[str | None, Any] = db.engines
            if self._bind_key not in engines:
                raise ConfigError(
                    f"Flask-SQLAlchemy has no database with the bind key {self._bind_key!r}.",
                    hint="SQLALCHEMY_DATABASE_URI or SQLALCHEMY_BINDS of the application says which there are.",
                )
            db = engines[self._bind_key]
        if db is None:
            raise ConfigError("No database is named.", hint="Asyncmig(app, db)")
        url = make_url(getattr(db, "url", db))
        if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
            raise ConfigError(
                "The database of this application is in memory, so a command would migrate another one that is gone "
                "when it ends.",
                hint='SQLALCHEMY_DATABASE_URI = "sqlite:///app.sqlite"',
            )
        return url

    def _models(self) -> MetaData | Sequence[MetaData] | None:
        if self._metadata is not None:
            return self._metadata
        if self._environment.metadata is not None:
            return self._environment.metadata
        metadatas: Mapping[str | None, MetaData] = getattr(self.db, "metadatas", {})
        return metadatas.get(self._bind_key)


class CommandError(click.ClickException):
    """An error of asyncmig, as click shows it.

    Args:
        error: the error.
    """

    def __init__(self, error: AsyncmigError) -> None:
        super().__init__(str(error))
        # click looks at the instance, whatever its annotation says.
        self.exit_code = error.exit_code  # type: ignore[misc]


def _tell(event: Event) -> None:
    match event:
        case RevisionStarted(revision=revision, message=message, direction=direction):
            click.echo(f"{direction} {revision}{f', {message}' if message else ''}", err=True)
        case LockWaiting(waited=waited, holder=holder):
            who = f", held by {holder}" if holder else ""
            click.echo(f"waiting for the migration lock{who}; {waited:.0f} s so far", err=True)
