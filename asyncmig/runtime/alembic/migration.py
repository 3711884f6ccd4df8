"""MigrationContext: what `op.get_context()` gives a revision file that was written for Alembic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.engine import Dialect

from asyncmig._sqlalchemy import await_
from asyncmig.errors import ScriptError
from asyncmig.operations import Execute
from asyncmig.runtime.alembic.project import ProjectView
from asyncmig.runtime.context import ScriptContext
from asyncmig.runtime.place import place_in_script
from asyncmig.runtime.session import Session, running_session

if TYPE_CHECKING:
    from asyncmig.runtime.alembic.environment import EnvironmentContext

#: Keys of a session's options that are for us, not for scripts.
_OWN = frozenset({"config", "environment_context", "modules", "run_arguments", "script_directory"})


class MigrationContext(ScriptContext):
    """Dialect, connection, transactions and history of the run.

    A subclass is made for each project that is loaded, which knows the project.
    """

    project: ClassVar[ProjectView]
    environment: ClassVar[EnvironmentContext]

    @classmethod
    def configure(
        cls,
        connection: Any = None,
        url: Any = None,
        dialect_name: str | None = None,
        dialect: Dialect | None = None,
        environment_context: Any = None,
        dialect_opts: Mapping[str, Any] | None = None,
        opts: Mapping[str, Any] | None = None,
    ) -> MigrationContext:
        """The context of the run, for the connection of the run.

        Args:
            connection: what `op.get_bind()` gives; it may be left out.
            opts: further options, which `opts` of the context has.

        Raises:
            ScriptError: another database is meant, or no revision runs.
        """
        session = running_session("MigrationContext.configure")
        other = url is not None or (connection is not None and not _is_of(session, connection))
        if other:
            path, line = place_in_script()
            raise ScriptError(
                "MigrationContext.configure() in a revision file is for the connection of the run, not for another.",
                path=path,
                line=line,
                hint="context = MigrationContext.configure(op.get_bind())",
            )
        return cls(session, opts)

    def __init__(self, session: Session, opts: Mapping[str, Any] | None = None) -> None:
        super().__init__(session)
        self._opts = dict(opts or {})

    @property
    def opts(self) -> Mapping[str, Any]:
        """Settings of the run."""
        given = {name: value for name, value in self._session.options.items() if name not in _OWN}
        mode = {"as_sql": self.as_sql} if self._session.is_running else {}
        return {**mode, **given, **self._opts}

    @property
    def config(self) -> Any:
        """The configuration of the project."""
        return self._session.options.get("config") or self.project.config

    @property
    def script(self) -> Any:
        """The history of the project."""
        return self._session.options.get("script_directory") or self.project.files

    @property
    def environment_context(self) -> Any:
        """What `alembic.context` is in a revision file."""
        return self._session.options.get("environment_context") or self.environment

    @property
    def impl(self) -> Implementation:
        """What sends statements."""
        return Implementation(self)

    def execute(self, sql: Any, execution_options: Mapping[str, Any] | None = None) -> None:
        """Run SQL."""
        if (error := self._session.at_the_top("get_context().execute")) is not None:
            raise error
        await_(self._session.perform(Execute(sql, execution_options=execution_options)))

    def get_current_heads(self) -> tuple[str, ...]:
        """The rows of the version table, as they are before the revision that runs is written there."""
        connection = self._session.connection
        name, schema = self.version_table, self.version_table_schema
        if not sa.inspect(connection).has_table(name, schema=schema):
            return ()
        column: sa.ColumnClause[str] = sa.column("version_num", sa.String())
        return tuple(connection.scalars(sa.select(column).select_from(sa.table(name, schema=schema))))

    def get_current_revision(self) -> str | None:
        """The row of the version table; None where there is none.

        Raises:
            ScriptError: there are several.
        """
        heads = self.get_current_heads()
        if len(heads) > 1:
            raise ScriptError(
                f"Version table {self.version_table!r} has more than one head present: {', '.join(heads)}.",
                hint="op.get_context().get_current_heads()",
            )
        return heads[0] if heads else None

    @contextmanager
    def begin_transaction(self, _per_migration: bool = False) -> Iterator[None]:
        """A block in the transaction of the revision, which is open already and ends with the revision."""
        yield


class Implementation:
    """`op.impl`: what sends statements.

    What Alembic's has besides goes through the words of `op`.
    """

    def __init__(self, context: MigrationContext) -> None:
        self._context = context

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's dialect."""
        return self._context.dialect

    @property
    def connection(self) -> Connection | None:
        """The connection; None when nothing is executed."""
        return self._context.connection

    @property
    def bind(self) -> Connection | None:
        """The same as `connection`."""
        return self._context.connection

    @property
    def as_sql(self) -> bool:
        """Whether nothing is executed."""
        return self._context.as_sql

    @property
    def transactional_ddl(self) -> bool:
        """Whether DDL can be rolled back."""
        return self._context.transactional_ddl

    @property
    def context_opts(self) -> Mapping[str, Any]:
        """Settings of the run."""
        return self._context.opts

    def execute(self, sql: Any, execution_options: Mapping[str, Any] | None = None) -> None:
        """Run SQL."""
        self._context.execute(sql, execution_options)

    def static_output(self, text: str) -> None:
        """Write *text* into the SQL that is printed."""
        self._context.write(text)

    def __getattr__(self, name: str) -> Any:
        path, line = place_in_script()
        place = f" ({path}:{line})" if path else ""
        raise AttributeError(f"op.impl.{name} is not there{place}; use the word of op, such as op.{name}(...)")


def _is_of(session: Session, connection: Any) -> bool:
    """Whether *connection* is that of the run, in whatever wrapping."""
    if session.is_offline:
        return False
    own = session.connection
    return connection is own or getattr(connection, "connection", None) is own.connection
