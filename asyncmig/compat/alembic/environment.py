"""EnvironmentContext: what `from alembic import context` gives an `env.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sqlalchemy import Connection, Engine, TextClause, text
from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.exc import ArgumentError

from asyncmig._sqlalchemy import await_, in_greenlet
from asyncmig.compat.alembic.env_connection import plain_connection
from asyncmig.compat.alembic.migration import MigrationContext
from asyncmig.dialects.registry import adapter_class, async_url, dialect_of
from asyncmig.dialects.sql_text import first_words
from asyncmig.errors import ConfigError

__all__ = ["CarryOut", "Configured", "EnvironmentContext"]

_LOGIN = "with connectable.connect() as connection:\n    context.configure(connection=connection, ...)"


@dataclass(frozen=True)
class Configured:
    """What one call of `context.configure` has said.

    Args:
        connection: the connection to work on; None when nothing is executed.
        url: the database that SQL is printed for, where there is no connection.
        options: every argument, by its name.
        external: whether a transaction was open on the connection already, which `env.py` will end.
        given: the connection as `env.py` sees it.
    """

    connection: Connection | None
    url: URL | None
    options: Mapping[str, Any] = field(default_factory=dict)
    external: bool = False
    given: Connection | None = None

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's dialect."""
        if self.connection is not None:
            return self.connection.dialect
        assert self.url is not None
        return dialect_of(async_url(self.url))

    @property
    def version_table(self) -> str:
        """The name of the version table."""
        return str(self.options.get("version_table") or "alembic_version")

    @property
    def version_table_schema(self) -> str | None:
        """The schema of the version table."""
        return self.options.get("version_table_schema") or None


#: Does what the command is for with what was configured; the second argument is for the functions of the scripts.
CarryOut: TypeAlias = Callable[[Configured, Mapping[str, Any]], Awaitable[None]]


class EnvironmentContext:
    """What `from alembic import context` gives an `env.py`.

    Args:
        config: what `context.config` is.
        script: gives what `context.script` is; called when it is asked for.
        carry_out: what `context.run_migrations` does.
        is_offline: whether SQL is printed instead of executed.
        arguments: the `-x key=value` arguments.
        target: what the command was asked for.
        start: where a printed run starts; None where that is not said.
        tag: the `--tag` of the command line.
        print_sql: takes the statements that `env.py` gives `context.execute` while SQL is printed.
    """

    def __init__(
        self,
        config: Any,
        script: Callable[[], Any],
        carry_out: CarryOut,
        *,
        is_offline: bool = False,
        arguments: Mapping[str, str] | None = None,
        target: Any = None,
        start: str | None = None,
        tag: str | None = None,
        print_sql: Callable[[str], None] = lambda sql: None,
    ) -> None:
        self.config = config
        self._script = script
        self._carry_out = carry_out
        self._offline = is_offline
        self._arguments = dict(arguments or {})
        self._target = target
        self._start = start
        self._tag = tag
        self._print_sql = print_sql
        self._configured: Configured | None = None
        #: Whether `env.py` has set something that ends with the open transaction.
        self._is_local = False
        #: How many times `run_migrations` was called.
        self.runs = 0

    # -- what env.py asks -------------------------------------------------------------------------------------------

    @property
    def script(self) -> Any:
        """The directory of scripts."""
        return self._script()

    def is_offline_mode(self) -> bool:
        """Whether SQL is printed instead of executed."""
        return self._offline

    def requires_connection(self) -> bool:
        """Whether the command needs a connection."""
        return not self._offline

    def is_transactional_ddl(self) -> bool:
        """Whether DDL can be rolled back."""
        configured = self._settled
        given = configured.options.get("transactional_ddl")
        return adapter_class(configured.dialect).traits.transactional_ddl if given is None else bool(given)

    def get_x_argument(self, as_dictionary: bool = False) -> Any:
        """The `-x` arguments, as `key=value` texts or as a dictionary."""
        if as_dictionary:
            return dict(self._arguments)
        return [f"{name}={value}" if value else name for name, value in self._arguments.items()]

    def get_tag_argument(self) -> str | None:
        """The `--tag` of the command line."""
        return self._tag

    def get_revision_argument(self) -> Any:
        """The ids of the revisions that the command shall end at; None for the base."""
        if self._target is None:
            return None
        revisions = self.script.as_revision_number(self._target)
        return revisions

    def get_starting_revision_argument(self) -> Any:
        """Where a printed run starts.

        Raises:
            ConfigError: that is not known.
        """
        if self._start is not None:
            return self.script.as_revision_number(self._start)
        if self._configured is not None and self._configured.options.get("starting_rev"):
            return self.script.as_revision_number(self._configured.options["starting_rev"])
        raise ConfigError("No starting revision argument is available.", hint="asyncmig upgrade FROM:TO --sql")

    def get_head_revision(self) -> Any:
        """The id of the one head."""
        return self.script.as_revision_number("head")

    def get_head_revisions(self) -> Any:
        """The ids of all heads."""
        return self.script.as_revision_number("heads")

    # -- what env.py says -------------------------------------------------------------------------------------------

    def configure(
        self,
        connection: Connection | None = None,
        url: str | URL | None = None,
        dialect_name: str | None = None,
        dialect_opts: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """Say what to work on, and how; may be called again for the next database.

        Args:
            connection: the connection to work on.
            url, dialect_name: the database that SQL is printed for, where there is no connection.
            dialect_opts: options of SQLAlchemy's dialect; printing needs none.
            options: the rest of Alembic's parameters, and whatever scripts may read in `op.get_context().opts`.

        Raises:
            ConfigError: there is neither a connection nor a URL nor the name of a dialect.
        """
        options = {**options, "dialect_opts": dict(dialect_opts or {}), "dialect_name": dialect_name}
        if connection is not None and not self._offline:
            plain = plain_connection(_checked(connection))
            self._configured = Configured(plain, None, options, connection.in_transaction(), connection)
            return
        if connection is not None:
            url = _checked(connection).engine.url
        if not (url or dialect_name):
            raise ConfigError(
                "context.configure() was given neither a connection nor a url nor a dialect_name.", hint=_LOGIN
            )
        if not self._offline:
            raise ConfigError("context.configure() needs a connection, as something is to be executed.", hint=_LOGIN)
        self._configured = Configured(None, _url(url, dialect_name), options)

    @property
    def _settled(self) -> Configured:
        if self._configured is None:
            raise ConfigError("env.py has not called context.configure() yet.", hint=_LOGIN)
        return self._configured

    @contextmanager
    def begin_transaction(self) -> Iterator[None]:
        """Where Alembic begins a transaction: here each revision has its own, unless `env.py` has begun one itself.

        What `env.py` has executed in the block besides is committed at its end.
        """
        configured = self._settled
        connection = configured.connection
        if connection is None or configured.external:
            yield
            return
        try:
            yield
        except BaseException:
            if connection.in_transaction() and not connection.invalidated:
                connection.rollback()
            raise
        if connection.in_transaction():
            connection.commit()
        self._is_local = False

    def run_migrations(self, **keywords: Any) -> None:
        """Do what the command is for.

        Args:
            keywords: passed on to the `upgrade` and `downgrade` functions of the scripts.
        """
        configured = self._settled
        if not in_greenlet():
            raise ConfigError(
                "context.run_migrations() was called in async code, where it cannot wait.",
                hint="await connection.run_sync(do_run_migrations)",
            )
        self.runs += 1
        self._settle(configured)
        await_(self._carry_out(configured, keywords))

    def _settle(self, configured: Configured) -> None:
        """Commit what `env.py` has executed since `configure`, such as `SET search_path`, so that revisions can begin.

        What ends with its transaction keeps it open, and all revisions are part of it.
        """
        connection = configured.connection
        if connection is not None and not (configured.external or self._is_local) and connection.in_transaction():
            connection.commit()

    def execute(self, sql: Any, execution_options: Mapping[str, Any] | None = None) -> None:
        """Execute a statement on the connection, or print it."""
        configured = self._settled
        self._is_local = self._is_local or _is_local(sql)
        statement = text(sql) if isinstance(sql, str) else sql
        if configured.given is None:
            compiled = statement.compile(dialect=configured.dialect, compile_kwargs={"literal_binds": True})
            self._print_sql(str(compiled))
        else:
            configured.given.execute(statement, execution_options=dict(execution_options or {}))

    def static_output(self, text: str) -> None:
        """Print a line of text where SQL is printed."""
        if self._offline:
            self._print_sql(text)

    def get_bind(self) -> Connection | None:
        """The connection; None while SQL is printed."""
        return self._settled.given

    def get_context(self) -> EnvironmentMigrationContext:
        """What was configured, with the names of Alembic's `MigrationContext`."""
        return EnvironmentMigrationContext(self, self._settled)


class EnvironmentMigrationContext(MigrationContext):
    """What `context.get_context()` gives an `env.py`: transactions and statements are those of its `context`.

    Args:
        environment: the context that it belongs to.
        configured: what was configured.
    """

    def __init__(self, environment: EnvironmentContext, configured: Configured) -> None:
        options = {**configured.options, "as_sql": configured.connection is None}
        super().__init__(configured.dialect, configured.given, options, environment)

    @contextmanager
    def begin_transaction(self, _per_migration: bool = False) -> Iterator[None]:
        """The same as `context.begin_transaction()`."""
        with self.environment_context.begin_transaction():
            yield

    def execute(self, sql: Any, execution_options: Mapping[str, Any] | None = None) -> None:
        """The same as `context.execute()`."""
        self.environment_context.execute(sql, execution_options)


def _is_local(statement: Any) -> bool:
    """Whether a statement has effect only until the end of its transaction, such as `SET LOCAL`."""
    words = statement.text if isinstance(statement, TextClause) else statement
    return isinstance(words, str) and first_words(words)[:2] == ("SET", "LOCAL")


def _checked(connection: Any) -> Connection:
    """The connection, if it is one.

    Raises:
        ConfigError: it is something else.
    """
    if isinstance(connection, Connection):
        return connection
    sync: Sequence[str] = ()
    if getattr(connection, "sync_connection", None) is not None:
        sync = ("await connection.run_sync(do_run_migrations)",)
    elif isinstance(connection, Engine) or hasattr(connection, "connect"):
        sync = (_LOGIN,)
    kind = "Engine" if isinstance(connection, Engine) else type(connection).__name__
    raise ConfigError(
        f"The connection of context.configure() must be a Connection of SQLAlchemy, not {kind}.",
        hint=sync[0] if sync else _LOGIN,
    )


def _url(url: str | URL | None, dialect_name: str | None) -> URL:
    try:
        return make_url(url) if url is not None else URL.create(str(dialect_name))
    except (ArgumentError, ValueError) as error:
        # The text may hold a password, so it is not repeated.
        raise ConfigError(
            "The url of context.configure() cannot be read.",
            hint="It looks like this: postgresql://user:password@host/database",
        ) from error
