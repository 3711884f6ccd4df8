"""TableOperations: the words of `op` inside `batch_alter_table`, which leave out the table and only collect."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import TracebackType
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from sqlalchemy import Table
from sqlalchemy.schema import SchemaItem
from sqlalchemy.sql.elements import conv

from asyncmig._sqlalchemy import await_
from asyncmig.errors import ScriptError
from asyncmig.operations import (
    AddColumn,
    AlterColumn,
    AlterTable,
    AlterTableOptions,
    CreateCheckConstraint,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateTableComment,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTableComment,
    Operation,
    Recreate,
    ValidateConstraint,
)
from asyncmig.runtime.context import ScriptContext
from asyncmig.runtime.ledger import Pending
from asyncmig.runtime.session import Session

P = ParamSpec("P")
N = TypeVar("N")


class TableDirective(Generic[P]):
    """A word of a table block: builds an operation on the block's table and collects it."""

    def __init__(self, build: Callable[..., Operation[Any]], *, named: bool) -> None:
        self.build = build
        self.named = named
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, table: None, owner: type) -> TableDirective[P]: ...
    @overload
    def __get__(self, table: TableOperations, owner: type) -> Callable[P, None]: ...
    def __get__(self, table: Any, owner: type) -> Any:
        if table is None:
            return self

        def word(*args: P.args, **kwargs: P.kwargs) -> None:
            table._collect(self._built(table.table_name, args, dict(kwargs)))

        return word

    def _built(self, table_name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Operation[Any]:
        if not self.named:
            return self.build(table_name, *args, **kwargs)
        if args:
            return self.build(args[0], table_name, *args[1:], **kwargs)
        # The name was given by keyword: `constraint_name=` or `index_name=`.
        name = next((kwargs.pop(word) for word in ("constraint_name", "index_name", "name") if word in kwargs), None)
        return self.build(name, table_name, **kwargs)


def on_table(build: Callable[Concatenate[str, P], Operation[Any]]) -> TableDirective[P]:
    """A word whose operation takes the table first."""
    return TableDirective(build, named=False)


def named_on_table(build: Callable[Concatenate[N, str, P], Operation[Any]]) -> TableDirective[Concatenate[N, P]]:
    """A word whose operation takes a name first and the table second."""
    return TableDirective(build, named=True)


class TableOperations:
    """What a table block gives: words that leave out the table. They collect; leaving the block does the work."""

    # mypy infers the right signatures, but will not take a function with `**options` for `Concatenate`: the table could
    # be given by keyword as well.
    add_column = on_table(AddColumn)
    drop_column = on_table(DropColumn.of)  # type: ignore[arg-type]
    alter_column = on_table(AlterColumn.of)  # type: ignore[arg-type]
    create_index = named_on_table(CreateIndex.of)  # type: ignore[arg-type]
    drop_index = named_on_table(DropIndex.of)  # type: ignore[arg-type]
    create_primary_key = named_on_table(CreatePrimaryKey.of)  # type: ignore[arg-type]
    create_foreign_key = named_on_table(CreateForeignKey.of)  # type: ignore[arg-type]
    create_unique_constraint = named_on_table(CreateUniqueConstraint.of)  # type: ignore[arg-type]
    create_check_constraint = named_on_table(CreateCheckConstraint.of)  # type: ignore[arg-type]
    create_exclude_constraint = named_on_table(CreateExcludeConstraint.of)  # type: ignore[arg-type]
    validate_constraint = named_on_table(ValidateConstraint)
    drop_constraint = named_on_table(DropConstraint)
    create_table_comment = on_table(CreateTableComment)
    drop_table_comment = on_table(DropTableComment)
    alter_table_options = on_table(AlterTableOptions.of)  # type: ignore[arg-type]

    def __init__(self, op: Any, table_name: str, schema: str | None) -> None:
        self._op = op
        self.table_name = table_name
        self.schema = schema
        self.operations: list[Operation[Any]] = []

    def _collect(self, operation: Operation[Any]) -> None:
        given = {item.name for item in fields(operation)}  # type: ignore[arg-type]
        schema = "source_schema" if "source_schema" in given else "schema"
        if self.schema is not None and getattr(operation, schema) is None:
            operation = replace(operation, **{schema: self.schema})  # type: ignore[type-var]
        self.operations.append(operation)

    @staticmethod
    def f(name: str) -> conv:
        """Mark *name* as final: no naming convention is applied to it."""
        return conv(name)

    def get_context(self) -> ScriptContext:
        """Dialect, connection and transactions of the run."""
        context: ScriptContext = self._op.get_context()
        return context

    def get_bind(self) -> Any:
        """The connection of the run."""
        return self._op.get_bind()

    @property
    def execute(self) -> Any:
        """Run SQL now, before what the block has collected."""
        return self._op.execute


class AsyncTableOperations(TableOperations):
    """The table of an `async with op.batch_alter_table(...)` block; its `execute` must be awaited, no other word."""


class SyncTableOperations(TableOperations):
    """The table of a `with op.batch_alter_table(...)` block."""


@dataclass(frozen=True)
class BlockOptions:
    """The arguments of `batch_alter_table` besides the table, as `AlterTable` takes them."""

    recreate: Recreate = "auto"
    partial_reordering: Sequence[Sequence[str]] | None = None
    copy_from: Table | None = None
    table_args: Sequence[SchemaItem] = ()
    table_kwargs: Mapping[str, Any] = field(default_factory=dict)
    reflect_args: Sequence[SchemaItem] = ()
    reflect_kwargs: Mapping[str, Any] = field(default_factory=dict)
    naming_convention: Mapping[str, str] | None = None

    def alter_table(self, table: TableOperations) -> AlterTable | None:
        """The operation for what the block has collected; None when there is nothing to do."""
        nothing = not table.operations and self.recreate != "always" and not self.partial_reordering
        if nothing:
            return None
        options = {item.name: getattr(self, item.name) for item in fields(self)}
        return AlterTable(table.table_name, tuple(table.operations), schema=table.schema, **options)


class SyncTableBlock:
    """The block of a plain script."""

    def __init__(self, session: Session, table: SyncTableOperations, options: BlockOptions) -> None:
        self._session = session
        self._table = table
        self._options = options

    def __enter__(self) -> SyncTableOperations:
        return self._table

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        operation = self._options.alter_table(self._table)
        if error is None and operation is not None:
            await_(self._session.perform(operation))


class AsyncTableBlock:
    """The block of an async script; it is signed into the ledger, so that a block never entered is an error."""

    pending: Pending[None]

    def __init__(self, session: Session, table: AsyncTableOperations, options: BlockOptions) -> None:
        self._session = session
        self._table = table
        self._options = options

    def __await__(self) -> Generator[Any, None, None]:
        return self.refuse_await().__await__()

    async def refuse_await(self) -> None:
        """What awaiting the block does, which is to be entered."""
        raise self._use_async_with()

    def _use_async_with(self) -> ScriptError:
        name = self._table.table_name
        return ScriptError(
            f"op.batch_alter_table({name!r}) is a block.",
            path=self.pending.path,
            line=self.pending.line,
            hint=f'async with op.batch_alter_table("{name}") as table:\n    table.drop_column(…)',
        )

    def __enter__(self) -> AsyncTableOperations:
        raise self._use_async_with()

    def __exit__(self, *_: object) -> None:
        """Never reached: entering raises."""

    async def __aenter__(self) -> AsyncTableOperations:
        self.pending.awaited = True
        return self._table

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._session.ledger.require_settled()
        operation = self._options.alter_table(self._table)
        if error is None and operation is not None:
            await self._session.perform(operation)
