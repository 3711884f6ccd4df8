"""Operations: `op` for a program, on a connection of its own and outside of any revision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, TypeVar

from sqlalchemy import Connection, MetaData

from asyncmig.compat.alembic.errors import CommandError, command_errors
from asyncmig.compat.alembic.migration import MigrationContext
from asyncmig.compat.alembic.program_session import ProgramSession
from asyncmig.compat.alembic.running import check_connection, run
from asyncmig.dialects.registry import adapter_class
from asyncmig.operations import Operation
from asyncmig.runtime.alembic.op_base import BuiltInOp, MigrateOperation, OwnOp
from asyncmig.runtime.alembic.op_containers import OpContainer
from asyncmig.runtime.directives import SyncOperations
from asyncmig.runtime.session import Session
from asyncmig.runtime.table_operations import BlockOptions, SyncTableBlock, SyncTableOperations

__all__ = ["AbstractOperations", "BatchOperations", "MigrateOperation", "Operations"]

R = TypeVar("R")


class AbstractOperations:
    """What `Operations` and `BatchOperations` share: they carry out operation objects."""

    def invoke(self, operation: Any) -> Any:
        """Carry out an operation object: one of Alembic's, several in a container, or one of asyncmig.

        Raises:
            CommandError: it is something else.
        """
        if isinstance(operation, OpContainer):
            for each in operation.ops:
                self.invoke(each)
            return None
        ours = operation.operation if isinstance(operation, BuiltInOp | OwnOp) else operation
        if not isinstance(ours, Operation):
            raise CommandError(
                f"invoke() was given a {type(operation).__qualname__}, which is no operation.",
                hint="from asyncmig.compat.alembic.operations import ops",
            )
        return self._carry_out(ours)

    def _carry_out(self, operation: Operation[Any]) -> Any:
        raise NotImplementedError


class BatchOperations(AbstractOperations, SyncTableOperations):
    """What `with op.batch_alter_table(...)` gives a program."""

    def _carry_out(self, operation: Operation[Any]) -> None:
        self._collect(operation)


class Operations(AbstractOperations, SyncOperations):
    """`op` on the connection of a `MigrationContext`. It has every word that scripts have; nothing is committed by it.

        op = Operations(MigrationContext.configure(connection))
        op.add_column("users", sa.Column("role", sa.String(20)))

    Args:
        migration_context: knows the connection.
        impl: not used; Alembic's class takes it, too.

    Raises:
        CommandError: there is no connection, or SQL is to be printed.
    """

    def __init__(self, migration_context: MigrationContext, impl: Any = None) -> None:
        if migration_context.connection is None or migration_context.as_sql:
            raise CommandError(
                "Operations need a context with a connection, on which they are executed.",
                hint="Operations(MigrationContext.configure(connection))",
            )
        self._context = migration_context
        self._connection: Connection = migration_context.connection
        metadata = migration_context.opts.get("target_metadata")
        convention = metadata.naming_convention if isinstance(metadata, MetaData) else None
        with command_errors():
            kind = adapter_class(self._connection.dialect)
            adapter = kind(self._connection.dialect, naming_convention=convention, alters_as_written=True)
        self._program_session = ProgramSession(self._connection, adapter, migration_context.opts)

    @classmethod
    @contextmanager
    def context(cls, migration_context: MigrationContext) -> Iterator[Operations]:
        """An `op` for *migration_context*: `with Operations.context(context) as op:`."""
        yield cls(migration_context)

    @property
    def _session(self) -> Session:
        return self._program_session

    def _carry_out(self, operation: Operation[Any]) -> Any:
        return self._submit(operation)

    def _submit(self, operation: Operation[R]) -> R:
        with command_errors():
            check_connection("The connection", self._connection)
            return run(lambda: self._program_session.perform(operation))

    @property
    def connection(self) -> Connection:
        """The connection."""
        return self._connection

    def get_bind(self) -> Connection:
        """The connection."""
        return self._connection

    def get_context(self) -> Any:
        """The context that it was made with."""
        return self._context

    @property
    def migration_context(self) -> Any:
        """The same as `get_context()`."""
        return self._context

    def run_async(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        """Call an async function with the connection as an `AsyncConnection`, and wait for it."""
        with command_errors():
            check_connection("The connection", self._connection)
            return run(lambda: function(self._program_session.async_connection, *args, **kwargs))

    def batch_alter_table(  # type: ignore[override] # the options are those of the block
        self, table_name: str, schema: str | None = None, **options: Any
    ) -> SyncTableBlock:
        """Collect several operations on one table: `with op.batch_alter_table("users") as batch_op:`.

        Args:
            table_name, schema: the table.
            options: as those of `op.batch_alter_table` in scripts.
        """
        options = {name: value for name, value in options.items() if value is not None}
        return _Block(self, BatchOperations(self, table_name, schema), BlockOptions(**options))

    alter_table = batch_alter_table  # type: ignore[assignment]


class _Block(SyncTableBlock):
    """The block of a program, whose end waits wherever it is."""

    def __init__(self, op: Operations, table: BatchOperations, options: BlockOptions) -> None:
        super().__init__(op._session, table, options)
        self._op = op

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        operation = self._options.alter_table(self._table)
        if error is None and operation is not None:
            self._op._submit(operation)
