"""Directives: the words of `op`, one list for async scripts, for plain scripts and for recordings of both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, ParamSpec, TypeVar, overload

import sqlalchemy as sa
from sqlalchemy import Connection, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import SchemaItem
from sqlalchemy.sql.elements import conv
from sqlalchemy.types import TypeEngine

from asyncmig._sqlalchemy import await_, in_greenlet
from asyncmig.errors import ScriptError
from asyncmig.operations import (
    AddColumn,
    AddEnumValue,
    AlterColumn,
    AlterEnum,
    AlterSequence,
    AlterTableOptions,
    BulkInsert,
    CreateCheckConstraint,
    CreateEnum,
    CreateExcludeConstraint,
    CreateExtension,
    CreateForeignKey,
    CreateFunction,
    CreateIndex,
    CreateMaterializedView,
    CreatePrimaryKey,
    CreateSchema,
    CreateSequence,
    CreateTable,
    CreateTableComment,
    CreateTrigger,
    CreateUniqueConstraint,
    CreateView,
    DropColumn,
    DropConstraint,
    DropEnum,
    DropExtension,
    DropFunction,
    DropIndex,
    DropMaterializedView,
    DropSchema,
    DropSequence,
    DropTable,
    DropTableComment,
    DropTrigger,
    DropView,
    Execute,
    Operation,
    Recreate,
    RefreshMaterializedView,
    RenameEnumValue,
    RenameTable,
    ReplaceFunction,
    ReplaceMaterializedView,
    ReplaceTrigger,
    ReplaceView,
    RunPython,
    ValidateConstraint,
)
from asyncmig.runtime.context import ScriptContext
from asyncmig.runtime.ledger import Pending
from asyncmig.runtime.place import place_in_script
from asyncmig.runtime.session import Session, running_session
from asyncmig.runtime.table_operations import (
    AsyncTableBlock,
    AsyncTableOperations,
    BlockOptions,
    SyncTableBlock,
    SyncTableOperations,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

P = ParamSpec("P")
R = TypeVar("R")


class Directive(Generic[P, R]):
    """A word of `op`: builds an operation and hands it to the session."""

    def __init__(self, build: Callable[P, Operation[R]]) -> None:
        self.build = build
        self.name = ""
        self.__doc__ = build.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, op: None, owner: type) -> Directive[P, R]: ...
    @overload
    def __get__(self, op: Operations, owner: type) -> Callable[P, Pending[R]]: ...
    @overload
    def __get__(self, op: SyncOperations, owner: type) -> Callable[P, R]: ...
    def __get__(self, op: Any, owner: type) -> Any:
        if op is None:
            return self

        def word(*args: P.args, **kwargs: P.kwargs) -> Any:
            try:
                operation = self.build(*args, **kwargs)
            except TypeError as error:
                raise self._misused(error) from error
            return op._submit(operation)

        return word

    def _misused(self, error: TypeError) -> TypeError:
        """Python names the class behind the word; the script knows the word."""
        built = self.build.__qualname__
        message = str(error)
        for name in (f"{built}.__init__()", f"{built}()"):
            message = message.replace(name, f"op.{self.name}()")
        return TypeError(message)


def directive(build: Callable[P, Operation[R]]) -> Directive[P, R]:
    """A word of `op` with the parameters of *build*."""
    return Directive(build)


class Directives:
    """The words of `op`. Each takes the arguments of the operation it builds."""

    create_table = directive(CreateTable.of)
    drop_table = directive(DropTable.of)
    rename_table = directive(RenameTable)
    create_table_comment = directive(CreateTableComment)
    drop_table_comment = directive(DropTableComment)
    alter_table_options = directive(AlterTableOptions.of)
    add_column = directive(AddColumn)
    drop_column = directive(DropColumn.of)
    alter_column = directive(AlterColumn.of)
    create_index = directive(CreateIndex.of)
    drop_index = directive(DropIndex.of)
    create_primary_key = directive(CreatePrimaryKey.of)
    create_foreign_key = directive(CreateForeignKey.of)
    create_unique_constraint = directive(CreateUniqueConstraint.of)
    create_check_constraint = directive(CreateCheckConstraint.of)
    create_exclude_constraint = directive(CreateExcludeConstraint.of)
    validate_constraint = directive(ValidateConstraint)
    drop_constraint = directive(DropConstraint)
    create_enum = directive(CreateEnum)
    add_enum_value = directive(AddEnumValue)
    rename_enum_value = directive(RenameEnumValue)
    alter_enum = directive(AlterEnum)
    drop_enum = directive(DropEnum)
    create_sequence = directive(CreateSequence)
    alter_sequence = directive(AlterSequence)
    drop_sequence = directive(DropSequence)
    create_schema = directive(CreateSchema)
    drop_schema = directive(DropSchema)
    create_view = directive(CreateView.of)
    replace_view = directive(ReplaceView.of)
    drop_view = directive(DropView)
    create_materialized_view = directive(CreateMaterializedView.of)
    replace_materialized_view = directive(ReplaceMaterializedView.of)
    refresh_materialized_view = directive(RefreshMaterializedView)
    drop_materialized_view = directive(DropMaterializedView)
    create_function = directive(CreateFunction)
    replace_function = directive(ReplaceFunction)
    drop_function = directive(DropFunction)
    create_trigger = directive(CreateTrigger)
    replace_trigger = directive(ReplaceTrigger)
    drop_trigger = directive(DropTrigger)
    create_extension = directive(CreateExtension)
    drop_extension = directive(DropExtension)
    execute = directive(Execute)
    bulk_insert = directive(BulkInsert)
    run = directive(RunPython.of)

    @property
    def _session(self) -> Session:
        raise AttributeError("a facade has a session")  # pragma: no cover - both facades override it

    @staticmethod
    def f(name: str) -> conv:
        """Mark *name* as final: no naming convention is applied to it."""
        return conv(name)

    @staticmethod
    def inline_literal(value: Any, type_: TypeEngine[Any] | None = None) -> Any:
        """*value* as an expression that is written into the text of the statement instead of being bound."""
        return sa.literal(value, type_, literal_execute=True)

    def get_context(self) -> ScriptContext:
        """Dialect, connection and transactions of the run."""
        return ScriptContext(self._session)

    @property
    def migration_context(self) -> ScriptContext:
        """The same as `get_context()`."""
        return self.get_context()

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's dialect: `op.dialect.name == "postgresql"`."""
        return self._session.dialect

    @property
    def is_offline(self) -> bool:
        """Whether nothing is executed: the operations are only printed or looked at."""
        return self._session.is_offline

    @property
    def arguments(self) -> Mapping[str, str]:
        """The `-x key=value` arguments of the command line."""
        return self._session.arguments


class Operations(Directives):
    """`op` as `async def upgrade(op)` receives it: every word must be awaited."""

    def __init__(self, session: Session) -> None:
        self.__session = session

    @property
    def _session(self) -> Session:
        return self.__session

    def _submit(self, operation: Operation[R]) -> Pending[R]:
        session = self.__session
        return session.ledger.issue(operation.verb, lambda: session.perform(operation), depth=3)

    def perform(self, operation: Operation[R]) -> Pending[R]:
        """Carry out any operation object, such as one of your own kind."""
        session = self.__session
        return session.ledger.issue("perform", lambda: session.perform(operation), depth=2)

    def invoke(self, operation: Operation[R]) -> Pending[R]:
        """The same as `perform`."""
        session = self.__session
        return session.ledger.issue("invoke", lambda: session.perform(operation), depth=2)

    @property
    def connection(self) -> AsyncConnection:
        """The connection of the run, inside its transaction."""
        return self.__session.async_connection

    def get_bind(self) -> AsyncConnection:
        """The same as `connection`."""
        return self.connection

    def batch_alter_table(
        self,
        table_name: str,
        schema: str | None = None,
        recreate: Recreate = "auto",
        partial_reordering: Sequence[Sequence[str]] | None = None,
        copy_from: Table | None = None,
        table_args: Sequence[SchemaItem] = (),
        table_kwargs: Mapping[str, Any] | None = None,
        reflect_args: Sequence[SchemaItem] = (),
        reflect_kwargs: Mapping[str, Any] | None = None,
        naming_convention: Mapping[str, str] | None = None,
    ) -> AsyncTableBlock:
        """Collect several operations on one table: `async with op.batch_alter_table("users") as table:`."""
        options = BlockOptions(
            recreate=recreate,
            partial_reordering=partial_reordering,
            copy_from=copy_from,
            table_args=table_args,
            table_kwargs=table_kwargs or {},
            reflect_args=reflect_args,
            reflect_kwargs=reflect_kwargs or {},
            naming_convention=naming_convention,
        )
        block = AsyncTableBlock(self.__session, AsyncTableOperations(self, table_name, schema), options)
        block.pending = self.__session.ledger.issue("batch_alter_table", block.refuse_await, depth=2, block=True)
        return block

    alter_table = batch_alter_table


class SyncOperations(Directives):
    """`op` as `from asyncmig import op` gives it to `def upgrade()`: every word works at once."""

    #: What `batch_alter_table` gives.
    table_operations: ClassVar[type[SyncTableOperations]] = SyncTableOperations

    @property
    def _session(self) -> Session:
        return running_session("op")

    def _waiting(self, word: str) -> Session:
        """The session, where a word of `op` can wait.

        Raises:
            ScriptError: no script runs in this task, or an async one.
        """
        session = self._session
        return session if in_greenlet() and session.at_the_top(word) is None else _waiting_session(word)

    def _submit(self, operation: Operation[R]) -> R:
        return await_(self._waiting(operation.verb).perform(operation))

    def perform(self, operation: Operation[R]) -> R:
        """Carry out any operation object, such as one of your own kind."""
        return self._submit(operation)

    def invoke(self, operation: Operation[R]) -> R:
        """The same as `perform`."""
        return self._submit(operation)

    @property
    def connection(self) -> Connection:
        """The connection of the run, inside its transaction, for `Session(bind)`, `inspect(bind)` and queries."""
        return self._waiting("connection").connection

    def get_bind(self) -> Connection:
        """The same as `connection`."""
        return self._waiting("get_bind").connection

    def run_async(self, function: Callable[..., Awaitable[R]], *args: Any, **kwargs: Any) -> R:
        """Call an async function with the run's `AsyncConnection` and wait for it."""
        return await_(function(self._waiting("run_async").async_connection, *args, **kwargs))

    def batch_alter_table(
        self,
        table_name: str,
        schema: str | None = None,
        recreate: Recreate = "auto",
        partial_reordering: Sequence[Sequence[str]] | None = None,
        copy_from: Table | None = None,
        table_args: Sequence[SchemaItem] = (),
        table_kwargs: Mapping[str, Any] | None = None,
        reflect_args: Sequence[SchemaItem] = (),
        reflect_kwargs: Mapping[str, Any] | None = None,
        naming_convention: Mapping[str, str] | None = None,
    ) -> SyncTableBlock:
        """Collect several operations on one table: `with op.batch_alter_table("users") as batch_op:`."""
        options = BlockOptions(
            recreate=recreate,
            partial_reordering=partial_reordering,
            copy_from=copy_from,
            table_args=table_args,
            table_kwargs=table_kwargs or {},
            reflect_args=reflect_args,
            reflect_kwargs=reflect_kwargs or {},
            naming_convention=naming_convention,
        )
        session = self._waiting("batch_alter_table")
        return SyncTableBlock(session, self.table_operations(self, table_name, schema), options)

    alter_table = batch_alter_table


def _waiting_session(word: str) -> Session:
    """The session of the plain script that runs in this task, where a word of `op` can wait.

    Raises:
        ScriptError: no script runs in this task, or an async one.
    """
    session = running_session(f"op.{word}")
    if (error := session.at_the_top(word)) is not None:
        raise error
    if in_greenlet():
        return session
    path, line = place_in_script()
    raise ScriptError(
        f"op.{word} of the module-level op was used in async code, where it cannot wait.",
        path=path,
        line=line,
        hint="async def upgrade(op) -> None:      # take op as a parameter",
    )


#: The words that build an operation, by name; what `scripts.checks` looks for.
VERBS: frozenset[str] = frozenset(name for name, value in vars(Directives).items() if isinstance(value, Directive)) | {
    "perform",
    "invoke",
}

#: The module-level `op`; it has no state: the session of the running script is found through a context variable.
op = SyncOperations()
