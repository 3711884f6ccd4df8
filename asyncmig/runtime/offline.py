"""OfflineSession: prints the SQL of a script instead of executing it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Executable, Insert
from sqlalchemy.engine.mock import MockConnection
from sqlalchemy.exc import CompileError
from sqlalchemy.schema import ExecutableDDLElement

from asyncmig._sqlalchemy import await_
from asyncmig.dialects.adapter import DialectAdapter, OfflineFacts
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.steps import Call, Statement, Step, SuspendForeignKeys
from asyncmig.errors import NeedsDatabaseError, OperationError
from asyncmig.operations.base import Operation
from asyncmig.operations.data import Execute
from asyncmig.runtime.planning import PlanningSession

R = TypeVar("R")


class SqlScript:
    """The text of a run: statements with their separators, comments, transactions.

    Args:
        adapter: says what ends a statement, and whether DDL can be rolled back, so that BEGIN and COMMIT are written.
    """

    def __init__(self, adapter: DialectAdapter) -> None:
        self._lines: list[str] = []
        self._adapter = adapter
        self._transactional = adapter.traits.transactional_ddl
        self._open = False
        self._blocks = 0

    def comment(self, text: str) -> None:
        """A comment line of its own."""
        self._lines.append("\n".join(f"-- {line}" for line in text.splitlines()))

    def verbatim(self, text: str) -> None:
        """Text that is written as it is."""
        self._lines.append(text)

    def statement(self, sql: str) -> None:
        """A statement; the separator is added."""
        self._lines.append(self._adapter.terminated(sql.strip().rstrip(";").rstrip()))

    def begin(self) -> None:
        """The beginning of a transaction, unless one is open or a block wants none."""
        if self._transactional and not self._open and not self._blocks:
            self._open = True
            self._lines.append("BEGIN;")

    def commit(self) -> None:
        """The end of the open transaction, if there is one."""
        if self._open:
            self._open = False
            self._lines.append("COMMIT;")

    @contextmanager
    def outside(self) -> Iterator[None]:
        """A block of statements outside of any transaction; what stands before it is committed."""
        self.commit()
        self._blocks += 1
        yield
        self._blocks -= 1
        self.begin()

    @property
    def text(self) -> str:
        """The whole script."""
        return "\n\n".join(self._lines) + ("\n" if self._lines else "")


class OfflineSession(PlanningSession):
    """Prints the SQL of a script.

    Args:
        adapter: plans the operations.
        script: where the SQL goes.
        known: what can be known of the database from what was printed before; one for a whole run.
        arguments, options: as in `Session`.
    """

    def __init__(
        self,
        adapter: DialectAdapter,
        script: SqlScript,
        known: OfflineFacts,
        *,
        arguments: Mapping[str, str] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(adapter, arguments=arguments, options=options)
        self._script = script
        self._known = known
        self._statements: list[str] = []

    async def perform(self, operation: Operation[R]) -> R:
        self._statements = []
        result = await super().perform(operation)
        self._known.learn(operation, self._statements)
        return result

    async def facts(self, operation: Operation[Any]) -> Facts:
        wants = self.adapter.wants(operation)
        return self._known.read(wants) if wants else Facts.unknown()

    async def take(self, step: Step) -> Any:
        match step:
            case Statement():
                self._print(step)
            case Call():
                raise NeedsDatabaseError(
                    f"{step.description}: a Python function cannot be printed as SQL.",
                    hint="if not op.is_offline:\n    await op.run(…)",
                )
            case SuspendForeignKeys():
                self._script.comment("run the following while foreign keys are not enforced")

    def _print(self, step: Statement) -> None:
        texts = literal_statements(self.adapter, step)
        with nullcontext() if step.transactional else self._script.outside():
            for text in texts:
                self._script.statement(text)
                self._statements.append(text)

    def write(self, text: str) -> None:
        self._script.verbatim(text)

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[None]:
        with self._script.outside():
            yield

    @property
    def connection(self) -> Connection:
        """A stand-in with a dialect, whose `execute` prints."""
        return cast(Connection, MockConnection(self.dialect, self._execute))

    def _execute(self, statement: Any, *parameters: Any, **keywords: Any) -> Any:
        return await_(self.perform(Execute(statement, *parameters)))


def literal_statements(adapter: DialectAdapter, step: Statement) -> list[str]:
    """The statements of a step as text, with the values of parameters written as literals.

    Raises:
        NeedsDatabaseError: a value has no literal form.
    """
    if isinstance(step.sql, str):
        return [step.sql]
    if isinstance(step.sql, ExecutableDDLElement):
        return [adapter.ddl(step.sql)]
    rows: Sequence[Mapping[str, Any]] = (
        [step.parameters] if isinstance(step.parameters, Mapping) else list(step.parameters or [{}])
    )
    return [_literal(adapter, step.sql, row) for row in rows]


def _literal(adapter: DialectAdapter, executable: Executable, row: Mapping[str, Any]) -> str:
    statement: Any = executable
    if row:
        statement = statement.values(dict(row)) if isinstance(statement, Insert) else statement.bindparams(**row)
    try:
        return str(statement.compile(dialect=adapter.printing, compile_kwargs={"literal_binds": True})).strip()
    except (CompileError, NotImplementedError, AttributeError) as error:
        raise OperationError(
            f"A value in {' '.join(str(executable).split())[:80]!r} has no form as text, so it cannot be printed.",
            hint="Write the value into the SQL, or run this revision with a database.",
        ) from error
