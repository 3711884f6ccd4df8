"""DialectAdapter: everything that differs between databases."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias, TypeVar

import anyio
from sqlalchemy import Connection, MetaData, literal
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import CompileError
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.types import TypeEngine

from asyncmig._sqlalchemy import greenlet_spawn, printing_dialect
from asyncmig.dialects.facts import NOTHING, Facts, Wants
from asyncmig.dialects.steps import Step
from asyncmig.errors import UnsupportedOperationError
from asyncmig.operations.base import Operation, TableName

#: Seconds to wait for a second connection.
_SECOND_CONNECTION = 3.0

#: Texts that every database writes as a literal in the same way.
_PLAIN = re.compile(r"[\w .:/+@-]*", re.ASCII)

Planner: TypeAlias = Callable[[Any, Any, Facts], Iterator[Step]]
PlannerMethod = TypeVar("PlannerMethod", bound=Callable[..., Iterator[Step]])


@dataclass(frozen=True)
class Traits:
    """What a database can do, as far as others than its own planners must know.

    Args:
        transactional_ddl: whether DDL can be rolled back.
        lock: what keeps two runs apart: `session`, a lock of the connection's session; or `transaction`, the write
            lock that every transaction takes at its beginning.
        max_identifier: how long a name may be, in bytes.
    """

    transactional_ddl: bool
    lock: str = "session"
    max_identifier: int = 63


def plans(*kinds: type[Operation[Any]]) -> Callable[[PlannerMethod], PlannerMethod]:
    """Mark a method as the planner of operations of *kinds*."""

    def mark(method: PlannerMethod) -> PlannerMethod:
        method.__plans__ = kinds  # type: ignore[attr-defined]
        return method

    return mark


class DialectAdapter:
    """Everything that differs between databases.

    Planners are methods marked with `@plans(Kind)`: pure generators from an operation and facts to steps. A subclass
    overrides by marking a method of its own for the same kind.

    Args:
        dialect: SQLAlchemy's dialect, initialised by a connection or not.
        naming_convention: names for constraints and indexes that are given none.
        planners: planners of plug-ins for custom operations, by the operation's class.
    """

    name: ClassVar[str]
    traits: ClassVar[Traits]
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
    ) -> None:
        self.dialect = dialect
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
            return f"'{value}'"
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

    async def send(self, connection: Connection, *statements: str) -> int:
        """Send finished texts that have no parameters and give no rows, by the shortest way of the driver.

        Returns:
            how many rows the last one changed; -1 where the driver does not say.
        """
        return await greenlet_spawn(self._send_sync, connection, statements)

    @staticmethod
    def _send_sync(connection: Connection, statements: Iterable[str]) -> int:
        count = -1
        for sql in statements:
            count = connection.exec_driver_sql(sql, execution_options={"no_parameters": True}).rowcount
        return count

    async def fetch(self, connection: Connection, sql: str) -> Sequence[Sequence[Any]]:
        """The rows that a finished text gives, by the shortest way of the driver."""
        return await greenlet_spawn(
            lambda: connection.exec_driver_sql(sql, execution_options={"no_parameters": True}).fetchall()
        )

    async def open(self, connection: Connection) -> None:
        """Prepare a connection for a run."""

    async def close(self, connection: Connection) -> None:
        """Undo what `open` did."""

    async def begin(self, connection: Connection) -> None:
        """Begin a transaction; SQLAlchemy's drivers begin by themselves with the first statement."""

    async def interrupt(self, connection: Connection) -> None:
        """Make the server give up the statement that runs on *connection* now, if one does."""

    async def beside(self, connection: Connection, sql: str) -> None:
        """Send *sql* on a second connection of the same engine; give up when there is none to be had soon."""
        with anyio.move_on_after(_SECOND_CONNECTION):
            await greenlet_spawn(self._beside, connection, sql)

    @staticmethod
    def _beside(connection: Connection, sql: str) -> None:
        with connection.engine.connect() as second:
            second.exec_driver_sql(sql, execution_options={"no_parameters": True})

    @asynccontextmanager
    async def foreign_keys_suspended(self, connection: Connection) -> AsyncIterator[Callable[[], Any]]:
        """Outside a transaction: stop enforcing foreign keys, and enforce them again at the end.

        Yields:
            an async function that raises when the open transaction has broken a foreign key.
        """
        raise NotImplementedError(f"{self.name} enforces foreign keys always")  # only SQLite plans SuspendForeignKeys
        yield  # pragma: no cover

    async def try_lock(self, connection: Connection, name: str) -> bool:
        """Try once to get the session lock *name*; True when this session holds it now."""
        return True

    async def unlock(self, connection: Connection, name: str) -> None:
        """Give the session lock *name* back."""

    async def lock_holder(self, connection: Connection, name: str) -> str | None:
        """Who holds the session lock *name*, in words, as far as the database tells."""
        return None

    def is_missing_table(self, error: BaseException) -> bool:
        """Whether a driver's error says that a table does not exist."""
        return False

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


def names(tables: Iterable[TableName]) -> list[str]:
    """Table names as text, in a stable order."""
    return sorted(map(str, tables))
