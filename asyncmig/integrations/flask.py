"""Asyncmig: `flask db`, the commands of Flask-Migrate, for a Flask application."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from flask import Flask

from asyncmig.config import Settings
from asyncmig.integrations.flask_commands import group
from asyncmig.integrations.flask_project import FlaskProject

if TYPE_CHECKING:
    from sqlalchemy import MetaData

    from asyncmig.environment import Environment

__all__ = ["Asyncmig"]


class Asyncmig:
    """Gives an application the commands `flask db upgrade`, `flask db revision` and so on.

    The URL of the application's database is taken to its async driver; the application itself stays as it is.

    Args:
        app: the application; None where `init_app` gets it later.
        db: what Flask-SQLAlchemy calls `db`; or an engine, or a URL.
        directory: where the revisions are, relative to where commands are run, as with Flask-Migrate.
        command: the name of the group of commands.
        bind_key: which of Flask-SQLAlchemy's databases; None for the default one.
        metadata: the models' metadata, where *db* has none.
        settings: all settings; with `version_table="alembic_version"` it goes on where Flask-Migrate was.
        environment: the project's choices besides, such as what of the database is compared.
    """

    def __init__(
        self,
        app: Flask | None = None,
        db: Any = None,
        directory: str | os.PathLike[str] = "migrations",
        *,
        command: str = "db",
        bind_key: str | None = None,
        metadata: MetaData | None = None,
        settings: Settings | None = None,
        environment: Environment | None = None,
    ) -> None:
        self._project = FlaskProject(
            db, directory, bind_key=bind_key, metadata=metadata, settings=settings, environment=environment
        )
        self._command = command
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask, db: Any = None) -> None:
        """Give *app* the commands.

        Args:
            app: the application.
            db: as in the constructor, where it was not given there.
        """
        if db is not None:
            self._project.db = db
        app.cli.add_command(group(self._command, self._project))
