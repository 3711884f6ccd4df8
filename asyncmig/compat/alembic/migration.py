"""MigrationContext: where one database is, for a program that asks it over a connection of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, Table, inspect, select, text
from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.exc import ArgumentError

from asyncmig.compat.alembic.errors import CommandError, command_errors
from asyncmig.errors import HistoryMismatchError
from asyncmig.state.tables import version_table

if TYPE_CHECKING:
    from asyncmig.compat.alembic.config import Config
    from asyncmig.compat.alembic.script import ScriptDirectory

__all__ = ["MigrationContext"]


class MigrationContext:
    """Where one database is. Made by `configure`.

    The connection may be of any driver, also a synchronous one; that of an async engine is used inside `run_sync`:

        await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())

    Args:
        dialect: SQLAlchemy's dialect.
        connection: the connection; None where only the dialect is known.
        opts: `version_table`, `version_table_schema`, `version_table_pk`, `as_sql`, `starting_rev`, and anything else.
        environment_context: the context of `env.py` that it belongs to.
    """

    def __init__(
        self,
        dialect: Dialect,
        connection: Connection | None,
        opts: Mapping[str, Any],
        environment_context: Any = None,
    ) -> None:
        self.dialect = dialect
        self.connection = connection
        self.opts = dict(opts)
        self.environment_context = environment_context
        self.as_sql = bool(self.opts.get("as_sql", False))
        self.script: ScriptDirectory | None = self.opts.get("script")
        self.version_table: str = self.opts.get("version_table") or "alembic_version"
        self.version_table_schema: str | None = self.opts.get("version_table_schema") or None
        self._version = self._table()
        self._is_external = connection is not None and connection.in_transaction()

    @classmethod
    def configure(
        cls,
        connection: Connection | None = None,
        url: str | URL | None = None,
        dialect_name: str | None = None,
        dialect: Dialect | None = None,
        environment_context: Any = None,
        dialect_opts: Mapping[str, Any] | None = None,
        opts: Mapping[str, Any] | None = None,
    ) -> MigrationContext:
        """A context for a connection, or for a dialect alone.

        Args:
            connection: the connection.
            url, dialect_name, dialect: what says the dialect, where there is no connection.
            environment_context: the context of `env.py` that it belongs to.
            dialect_opts: arguments of the dialect.
            opts: see the class.

        Raises:
            CommandError: nothing says the dialect, or an engine was given for a connection.
        """
        if connection is not None:
            if isinstance(connection, Engine) or not isinstance(connection, Connection):
                raise _no_connection(connection)
            return cls(connection.dialect, connection, opts or {}, environment_context)
        if url or dialect_name:
            try:
                named = make_url(url or f"{dialect_name}://")
            except (ArgumentError, ValueError):
                # The text may hold a password, so it is not repeated.
                raise CommandError(
                    "The database URL cannot be read.", hint="It looks like this: postgresql://user:password@host/name"
                ) from None
            dialect = named.get_dialect()(**(dialect_opts or {}))
        if dialect is None:
            raise CommandError(
                "Connection, url, or dialect_name is required.", hint="MigrationContext.configure(connection)"
            )
        return cls(dialect, None, opts or {}, environment_context)

    def __repr__(self) -> str:
        return f"<MigrationContext {self.dialect.name} {self._version.fullname}>"

    @property
    def bind(self) -> Connection | None:
        """The connection."""
        return self.connection

    @property
    def config(self) -> Config | None:
        """The configuration, where there is one."""
        config: Config | None = getattr(self.environment_context, "config", self.opts.get("config"))
        return config

    # -- where the database is --------------------------------------------------------------------------------------

    def get_current_revision(self) -> str | None:
        """The id of the revision that the database is at; None for none.

        Raises:
            CommandError: it is at several.
        """
        heads = self.get_current_heads()
        if len(heads) > 1:
            raise CommandError(
                f"Version table {self.version_table!r} has more than one head present; please use get_current_heads()",
                hint=f"They are {', '.join(heads)}.",
            )
        return heads[0] if heads else None

    def get_current_heads(self) -> tuple[str, ...]:
        """The ids that the database is at: the rows of the version table; none where there is no such table.

        Raises:
            CommandError: a start was given, which only printing needs.
        """
        start = self.opts.get("starting_rev")
        if self.as_sql:
            return self._start(start)
        if start:
            raise CommandError("Can't specify current_rev to context when using a database connection")
        if not self._has_version_table():
            return ()
        return tuple(self._connected.scalars(select(self._version.c.version_num)))

    def _start(self, start: Any) -> tuple[str, ...]:
        """Where printed SQL starts."""
        names = () if start is None else (start,) if isinstance(start, str) else tuple(start)
        names = tuple([name for name in names if name not in (None, "base")])
        if self.script is None:
            return names
        return tuple([one.revision for name in names for one in self.script.get_revisions(name)])

    def stamp(self, script_directory: ScriptDirectory, revision: str) -> None:
        """Write into the version table that the database is at *revision*.

        Args:
            script_directory: the revision files.
            revision: where it is: `head`, an id, `base`.

        Raises:
            CommandError: there is no such revision, or somebody else has changed the rows.
        """
        if self.as_sql:
            raise CommandError(
                "A MigrationContext prints no SQL for a stamp.", hint='command.stamp(config, "head", sql=True)'
            )
        before = set(self.get_current_heads())
        after = set(script_directory.rows_after_stamp(before, revision))
        self._ensure_version_table()
        connection, column = self._connected, self._version.c.version_num
        with self._scope(connection), command_errors():
            gone = sorted(before - after)
            if gone:
                found = connection.execute(self._version.delete().where(column.in_(gone))).rowcount
                if self.dialect.supports_sane_rowcount and found != len(gone):
                    raise HistoryMismatchError(
                        f"The rows of {self._version.fullname} were changed by somebody else meanwhile.", unknown=gone
                    )
            for row in sorted(after - before):
                connection.execute(self._version.insert().values(version_num=row))

    def _ensure_version_table(self, purge: bool = False) -> None:
        """Create the version table unless it is there.

        Args:
            purge: whether to take all its rows away.
        """
        connection = self._connected
        with self._scope(connection):
            self._version.create(connection, checkfirst=True)
            if purge:
                connection.execute(self._version.delete())

    def _has_version_table(self) -> bool:
        """Whether there is a version table."""
        return inspect(self._connected).has_table(self.version_table, schema=self.version_table_schema)

    # -- work -------------------------------------------------------------------------------------------------------

    def execute(self, sql: Any, execution_options: Mapping[str, Any] | None = None) -> None:
        """Execute a statement on the connection.

        Args:
            sql: the statement, or its text.
            execution_options: as SQLAlchemy's.
        """
        statement = text(sql) if isinstance(sql, str) else sql
        self._connected.execute(statement, execution_options=dict(execution_options or {}))

    def run_migrations(self, **kw: Any) -> None:
        """The same as that of the `EnvironmentContext` that it belongs to.

        Args:
            kw: passed on to the `upgrade` and `downgrade` functions of the scripts.

        Raises:
            CommandError: it belongs to none, or the migrations fail.
        """
        if self.environment_context is None:
            raise CommandError(
                "This MigrationContext belongs to no EnvironmentContext, which knows what shall be done.",
                hint='command.upgrade(config, "head")',
            )
        self.environment_context.run_migrations(**kw)

    @contextmanager
    def begin_transaction(self, _per_migration: bool = False) -> Iterator[None]:
        """A transaction for the length of a block; the caller's own, where one was open from the beginning."""
        connection = self._connected
        if self._is_external:
            yield
            return
        with self._scope(connection):
            yield

    @contextmanager
    def autocommit_block(self) -> Iterator[None]:
        """Outside any transaction for the length of a block. What was done before it is committed first.

        Raises:
            CommandError: the transaction is the caller's, who alone may commit it.
        """
        connection = self._connected
        if self._is_external and connection.in_transaction():
            raise CommandError(
                "autocommit_block() cannot commit the transaction that was open before the context was made.",
                hint="Give MigrationContext.configure() a connection without one: engine.connect()",
            )
        if connection.in_transaction():
            connection.commit()
        level = connection.get_isolation_level()
        connection.execution_options(isolation_level="AUTOCOMMIT")
        try:
            yield
        finally:
            # SQLAlchemy counts a transaction that the driver does not have.
            connection.commit()
            connection.execution_options(isolation_level=level)

    @property
    def _connected(self) -> Connection:
        if self.connection is None:
            raise CommandError(
                "This MigrationContext has no connection.", hint="MigrationContext.configure(connection)"
            )
        return self.connection

    @contextmanager
    def _scope(self, connection: Connection) -> Iterator[None]:
        """A transaction for what is written, unless one is open already."""
        if connection.in_transaction():
            yield
            return
        with connection.begin():
            yield

    def _table(self) -> Table:
        table = version_table(self.version_table, self.version_table_schema)
        if not self.opts.get("version_table_pk", True):
            table.constraints.remove(table.primary_key)
        return table


def _no_connection(given: Any) -> CommandError:
    hint = "with engine.connect() as connection:\n    MigrationContext.configure(connection)"
    if getattr(given, "sync_connection", None) is not None:
        hint = "await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())"
    return CommandError(
        "'connection' argument to configure() is expected to be a sqlalchemy.engine.Connection instance, "
        f"got {type(given).__name__}.",
        hint=hint,
    )
