"""DialectAdapter: everything that differs between databases."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeAlias, TypeVar

import anyio
from sqlalchemy import Connection, DateTime, MetaData, literal
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.exc import CompileError
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.types import TypeEngine

from asyncmig._sqlalchemy import greenlet_spawn, printing_dialect, spawn_to_the_end
from asyncmig.dialects import isolation
from asyncmig.dialects.facts import NOTHING, Facts, Wants
from asyncmig.dialects.locking import SessionLocks
from asyncmig.dialects.sending import Sender
from asyncmig.dialects.steps import Step
from asyncmig.dialects.throwaway import Throwaway
from asyncmig.errors import OperationError, UnsupportedOperationError
from asyncmig.operations.base import Operation, TableName

#: Seconds to wait for a second connection.
_SECOND_CONNECTION = 3.0

#: Texts that every database writes as a literal in the same way.
_PLAIN = re.compile(r"[^\\\x00]*")

Planner: TypeAlias = Callable[[Any, Any, Facts], Iterator[Step]]
T = TypeVar("T")
PlannerMethod = TypeVar("PlannerMethod", bound=Callable[..., Iterator[Step]])


@dataclass(frozen=True)
class Traits:
    """What a database can do, as far as others than its own planners must know.

    Args:
        transactional_ddl: whether DDL can be rolled back.
        lock: what keeps two runs apart: `session`, a lock of the connection's session; or `transaction`, the write
            lock that every transaction takes at its beginning.
        max_identifier: how long a name may be, in bytes.
        enforces_length: whether a text must fit the length that its column declares.
        whole_columns: whether a column is altered by writing its whole definition again.
    """

    transactional_ddl: bool
    lock: str = "session"
    max_identifier: int = 63
    enforces_length: bool = True
    whole_columns: bool = False


@dataclass(frozen=True, slots=True)
class Blocker:
    """A session that holds a lock which a statement of ours waits for.

    Args:
        pid: the server's number for the session.
        who: user and application.
        since: seconds for which its transaction has been open, where the server tells.
        state: what it does, such as `idle in transaction`.
        statement: what it did last, without literals.
    """

    pid: int
    who: str
    since: float | None
    state: str
    statement: str

    def __str__(self) -> str:
        age = "" if self.since is None else f", transaction open for {self.since:.1f} s"
        return f"session {self.pid} of {self.who} ({self.state}{age}): {self.statement}"


def without_literals(sql: str | None, length: int = 200) -> str:
    """A statement with its literals replaced, since they may be somebody's data."""
    return " ".join(_LITERAL.sub("?", sql or "").split())[:length]


_LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")


def plans(*kinds: type[Operation[Any]]) -> Callable[[PlannerMethod], PlannerMethod]:
    """Mark a method as the planner of operations of *kinds*."""

    def mark(method: PlannerMethod) -> PlannerMethod:
        method.__plans__ = kinds  # type: ignore[attr-defined]
        return method

    return mark


class DialectAdapter(SessionLocks, Sender):
    """Everything that differs between databases.

    Planners are methods marked with `@plans(Kind)`: pure generators from an operation and facts to steps. A subclass
    overrides by marking a method of its own for the same kind.

    Args:
        dialect: SQLAlchemy's dialect, initialised by a connection or not.
        naming_convention: names for constraints and indexes that are given none.
        planners: planners of plug-ins for custom operations, by the operation's class.
        alters_as_written: whether an `alter_column` that has to repeat a whole definition repeats what the operation
            says, as in Alembic, and not what the database has (MySQL).
    """

    name: ClassVar[str]
    traits: ClassVar[Traits]
    #: Where its `Catalogue` is, as `module:Class`; only comparing models with a database loads it.
    catalogue: ClassVar[str | None] = None
    _planners: ClassVar[Mapping[type[Operation[Any]], Planner]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        table = dict(cls._planners)
        for value in vars(cls).values():
            for kind in getattr(value, "__plans__", ()):
                table[kind] = value
        cls._planners = table

    def __init__(
        self,
        dialect: Dialect,
        *,
        naming_convention: Mapping[str, Any] | None = None,
        planners: Mapping[type[Operation[Any]], Planner] | None = None,
        alters_as_written: bool = False,
    ) -> None:
        self.dialect = dialect
        self.alters_as_written = alters_as_written
        self.printing = printing_dialect(dialect)
        self._naming_convention = naming_convention
        self._custom_planners = dict(planners or {})

    # -- planning ---------------------------------------------------------------------------------------------------

    def plan(self, operation: Operation[Any], facts: Facts) -> Iterator[Step]:
        """The steps that carry out *operation*.

        Raises:
            UnsupportedOperationError: this database has no way to do it.
        """
        for kind in type(operation).__mro__:
            if planner := self._custom_planners.get(kind) or self._planners.get(kind):
                return self._compiled(planner(self, operation, facts), operation)
        raise self.unsupported(operation)

    def _compiled(self, steps: Iterator[Step], operation: Operation[Any]) -> Iterator[Step]:
        """*steps*, where what SQLAlchemy cannot write for this database is said in the words of the operation."""
        try:
            yield from steps
        except CompileError as error:
            raise self.unsupported(operation, why=f"{self.name} cannot say this: {error}") from error

    def unsupported(
        self, operation: Operation[Any], *, why: str | None = None, hint: str | None = None
    ) -> UnsupportedOperationError:
        """The error that says that this database cannot do *operation*."""
        reason = why or f"{self.name} has no way to do it"
        return UnsupportedOperationError(
            f"op.{operation.verb}: {reason} ({operation.describe()}).",
            dialect=self.name,
            operation=operation,
            hint=hint,
        )

    def wants(self, operation: Operation[Any]) -> Wants:
        """Which facts the planner of *operation* needs; most need none."""
        return NOTHING

    def read_facts(self, connection: Connection, wants: Wants) -> Facts:
        """Read what is wanted from the live database; runs inside the bridge."""
        return Facts()

    def offline_facts(self) -> OfflineFacts:
        """What can be known of a database that is not there, from the statements printed so far."""
        return OfflineFacts()

    def printing_facts(self, connection: Connection, wants: Wants) -> OfflineFacts:
        """What is known of a database that is there, and of what is printed for it; runs inside the bridge.

        Args:
            connection: the database.
            wants: what will be wanted of it.
        """
        return PrintedOver(self.read_facts(connection, wants), self.offline_facts())

    # -- text -------------------------------------------------------------------------------------------------------

    def metadata(self) -> MetaData:
        """An empty `MetaData` with the project's naming convention, for stand-in tables."""
        if self._naming_convention:
            return MetaData(naming_convention=self._naming_convention)
        return MetaData()

    def quote(self, name: str) -> str:
        """*name* as an identifier, quoted where needed."""
        return self.printing.identifier_preparer.quote(name)

    def table_name(self, name: str, schema: str | None = None) -> str:
        """The name of a table with its schema, quoted where needed."""
        preparer = self.printing.identifier_preparer
        return f"{preparer.quote_schema(schema)}.{preparer.quote(name)}" if schema else preparer.quote(name)

    def type_text(self, type_: TypeEngine[Any] | type[TypeEngine[Any]]) -> str:
        """A type as this database spells it."""
        instance = type_() if isinstance(type_, type) else type_
        return self.printing.type_compiler_instance.process(instance)

    def ddl(self, element: ExecutableDDLElement) -> str:
        """A DDL construct of SQLAlchemy as text, to be sent without parameters."""
        return str(element.compile(dialect=self.printing)).strip()

    def literal(self, value: Any, type_: TypeEngine[Any] | None = None) -> str:
        """A value as a literal in the text of a statement."""
        if type_ is None and isinstance(value, str) and _PLAIN.fullmatch(value):
            return "'" + value.replace("'", "''") + "'"
        compiled = literal(value, type_).compile(dialect=self.printing, compile_kwargs={"literal_binds": True})
        return str(compiled)

    def expression(self, element: Any) -> str:
        """A SQL expression (or text) as it stands in DDL, with literal values."""
        if isinstance(element, str):
            return element
        return str(
            element.compile(dialect=self.printing, compile_kwargs={"literal_binds": True, "include_table": False})
        )

    def split(self, sql: str) -> list[str]:
        """The single statements of a text, without the separators between them."""
        return [sql]

    def terminated(self, statement: str) -> str:
        """A statement with what ends it in a printed script."""
        return f"{statement};"

    def is_transactional(self, sql: str) -> bool:
        """Whether a statement given as text may run inside a transaction."""
        return True

    def commits(self, sql: str) -> bool:
        """Whether a statement given as text ends an open transaction by itself."""
        return False

    # -- connection -------------------------------------------------------------------------------------------------

    async def open(self, connection: Connection) -> None:
        """Prepare a connection for a run."""
        await greenlet_spawn(isolation.leave_autocommit, connection)

    async def close(self, connection: Connection) -> None:
        """Undo what `open` did."""
        await greenlet_spawn(isolation.restore, connection)

    def script_connection(self, connection: Connection, in_autocommit: Callable[[], bool]) -> Connection:
        """What a plain script sees of the run's connection.

        Such a script was written for a synchronous driver; where the asynchronous one wants other manners, the view
        that is given here has the old ones.

        Args:
            connection: the connection of the run.
            in_autocommit: tells whether the script is outside of transactions at the moment.
        """
        return connection

    async def interrupt(self, connection: Connection) -> None:
        """Make the server give up the statement that runs on *connection* now, if one does."""

    async def beside(self, connection: Connection, ask: Callable[[Connection], T]) -> T | None:
        """Call *ask* with a second connection of the same engine; None when there is none to be had soon."""
        with anyio.move_on_after(_SECOND_CONNECTION):
            second = await greenlet_spawn(connection.engine.connect)
            try:
                return await greenlet_spawn(ask, second)
            finally:
                await spawn_to_the_end(second.close)
        return None

    @asynccontextmanager
    async def foreign_keys_suspended(self, connection: Connection) -> AsyncIterator[Callable[[], Any]]:
        """Outside a transaction: stop enforcing foreign keys, and enforce them again at the end.

        Yields:
            an async function that raises when the open transaction has broken a foreign key.
        """
        # Only SQLite has tables rebuilt; an adapter that plans SuspendForeignKeys has to say how.
        raise OperationError(f"{self.name} has no way to work without enforcing foreign keys for a while.")
        yield  # pragma: no cover

    def throwaway(self, connection: Connection, name: str) -> Throwaway:
        """How a database *name* is made on the server of *connection*, and dropped again; runs inside the bridge.

        Raises:
            UnsupportedOperationError: there is no way.
        """
        raise UnsupportedOperationError(
            f"No database can be made for a moment on {self.name}.",
            dialect=self.name,
            hint="Build the revisions on PostgreSQL, MySQL, MariaDB or SQLite.",
        )

    async def blockers(self, connection: Connection) -> tuple[Blocker, ...]:
        """Who is in the way of the statement that runs on *connection* now; asked on a second connection."""
        return ()

    #: The type of a time with parts of a second.
    precise_time: ClassVar[TypeEngine[datetime]] = DateTime()

    def index_built_by(self, sql: str) -> str | None:
        """The index, as it is written, that a statement given as text leaves behind, unfinished, when it is stopped."""
        return None

    def catalogue_digest(
        self, connection: Connection, tables: frozenset[TableName], *, building: bool = False
    ) -> str | None:
        """A digest of what the catalogue says of *tables* (of everything, when there are none); runs in the bridge.

        It is taken before a statement that cannot share a transaction with its mark in the journal. Such a statement
        takes effect as a whole or not at all, so after a crash the digest tells which: it has changed or it has not.
        None when the catalogue cannot tell.

        Args:
            connection: the connection.
            tables: what the statement is about.
            building: whether an index that is not finished counts as not there. It does for the statement that builds
                it; for one that drops it, it is still there.
        """
        return None

    async def digest(
        self, connection: Connection, tables: frozenset[TableName], *, building: bool = False
    ) -> str | None:
        """`catalogue_digest`, by the shortest way of the driver."""
        return await greenlet_spawn(self.catalogue_digest, connection, tables, building=building)

    async def remove_unfinished_index(self, connection: Connection, name: str) -> None:
        """Drop the index *name* (quoted) if a failed statement has left it unfinished; a finished one stays."""

    def is_missing_table(self, error: BaseException) -> bool:
        """Whether a driver's error says that a table does not exist."""
        return False

    def is_unreachable(self, error: BaseException) -> bool:
        """Whether a driver's error says that the server is not there, or not ready yet; not that it refuses somebody.

        Errors of the operating system need not be told here.
        """
        return False

    def advice(self, error: BaseException, url: URL) -> str | None:
        """What to do about a driver's error that comes from the way the database is connected to, at *url*."""
        return None

    def is_read_only(self, error: BaseException) -> bool:
        """Whether a driver's error says that the database or the transaction is read-only."""
        return False

    def is_locked(self, error: BaseException) -> bool:
        """Whether a driver's error says that somebody else holds a lock that was waited for."""
        return False


class OfflineFacts:
    """What can be known of a database that is not there."""

    def read(self, wants: Wants) -> Facts:
        """What is known of what is wanted."""
        return Facts.unknown()

    def learn(self, operation: Operation[Any], statements: Iterable[str]) -> None:
        """Take note of an operation that has been printed, and of its statements."""


class PrintedOver(OfflineFacts):
    """What a database has, and what was printed for it since.

    Args:
        live: what was found in the database.
        printed: what is known from what was printed.
    """

    def __init__(self, live: Facts, printed: OfflineFacts) -> None:
        self._live = live
        self._printed = printed

    def read(self, wants: Wants) -> Facts:
        """What is known of what is wanted: what was printed counts first."""
        printed = self._printed.read(wants)
        tables = {name: self._live.tables[name] for name in wants.tables if name in self._live.tables}
        types = {name: self._live.types[name] for name in wants.types if name in self._live.types}
        return Facts({**tables, **printed.tables}, {**types, **printed.types}, known=False)

    def learn(self, operation: Operation[Any], statements: Iterable[str]) -> None:
        """Take note of an operation that has been printed, and of its statements."""
        self._printed.learn(operation, statements)


def names(tables: Iterable[TableName]) -> list[str]:
    """Table names as text, in a stable order."""
    return sorted(map(str, tables))
