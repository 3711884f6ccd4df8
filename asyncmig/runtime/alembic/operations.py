"""Operations of Alembic: `op` with operations of a project's own, as `alembic.op` and `alembic.operations` give it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from types import SimpleNamespace
from typing import Any, ClassVar, NoReturn, TypeVar

from sqlalchemy import Column, MetaData, Table

from asyncmig.errors import ScriptError
from asyncmig.operations import Operation
from asyncmig.runtime.alembic.dispatch import Function, Implementations
from asyncmig.runtime.alembic.migration import Implementation, MigrationContext
from asyncmig.runtime.alembic.op_base import OwnOp
from asyncmig.runtime.alembic.ops import BUILT_IN, BuiltInOp, OpContainer
from asyncmig.runtime.directives import SyncOperations
from asyncmig.runtime.place import place_in_script
from asyncmig.runtime.session import Session
from asyncmig.runtime.table_operations import SyncTableOperations

R = TypeVar("R")


class AbstractOperations:
    """What classes of operations share: words and operations of a project's own.

    A subclass is made for each project that is loaded, so that nothing is registered for the whole process.
    """

    implementations: ClassVar[Implementations]

    @classmethod
    def register_operation(cls, name: str, sourcename: str | None = None) -> Callable[[type[Any]], type[Any]]:
        """A decorator that gives `op` a word: the class method of an operation's class.

        Args:
            name: the word.
            sourcename: the class method; the same name by default.
        """

        def register(kind: type[Any]) -> type[Any]:
            method: Callable[..., Any] = getattr(kind, sourcename or name)

            @wraps(method)
            def word(self: Any, *arguments: Any, **keywords: Any) -> Any:
                return method(self, *arguments, **keywords)

            word.__name__ = name
            setattr(cls, name, word)
            return kind

        return register

    @classmethod
    def implementation_for(cls, op_cls: type[Any], replace: bool = False) -> Callable[[Function], Function]:
        """A decorator that makes a function carry out operations of a class: it gets `op` and the operation."""
        return cls.implementations.register(op_cls, replace=replace)

    def invoke(self, operation: Any) -> Any:
        """Carry out any operation object: one of Alembic's, of a project's own, or of asyncmig.

        Raises:
            ScriptError: nothing is registered for its class.
        """
        function = self.implementations.find(type(operation))
        if function is not None:
            return function(self, operation)
        if isinstance(operation, BuiltInOp | OwnOp):
            return self._take(operation.operation)
        if isinstance(operation, OpContainer):
            for each in operation.ops:
                self.invoke(each)
            return None
        if isinstance(operation, Operation):
            return self._take(operation)
        kind = type(operation)
        path, line = place_in_script()
        raise ScriptError(
            f"op.invoke() was given a {kind.__qualname__}, for which no implementation is registered.",
            path=path,
            line=line,
            hint=f"@Operations.implementation_for({kind.__name__})\ndef carry_out(operations, operation): ...",
        )

    def _take(self, operation: Operation[Any]) -> Any:
        """Carry out, or collect, an operation of ours."""
        return self._submit(operation)

    def _replaced(self, operation: Operation[Any]) -> Callable[[], Any] | None:
        """What a project does in the place of an operation of ours; None for almost all."""
        built_in = BUILT_IN.get(type(operation)) if self.implementations else None
        function = None if built_in is None else self.implementations.find(built_in)
        if function is None or built_in is None:
            return None
        return lambda: function(self, built_in.of(operation))

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            path, line = place_in_script()
            place = f" ({path}:{line})" if path else ""
            raise AttributeError(
                f"op has no word {name!r}{place}: nothing has registered it. The module with "
                f'@Operations.register_operation("{name}") must be imported by the revision file or by env.py.'
            )
        raise AttributeError(name)


class AlembicTableOperations(AbstractOperations, SyncTableOperations):
    """`batch_op`: what is done to one table, collected until the block is left."""

    def _collect(self, operation: Operation[Any]) -> None:
        replaced = self._replaced(operation)
        if replaced is not None:
            replaced()
        else:
            super()._collect(operation)

    def _take(self, operation: Operation[Any]) -> None:
        SyncTableOperations._collect(self, operation)

    @property
    def migration_context(self) -> MigrationContext:
        """Dialect, connection and transactions of the run."""
        context: MigrationContext = self._op.get_context()
        return context

    @property
    def impl(self) -> SimpleNamespace:
        """What sends statements, with the table of the block."""
        impl = self.migration_context.impl
        return SimpleNamespace(
            table_name=self.table_name, schema=self.schema, dialect=impl.dialect, bind=impl.bind, execute=impl.execute
        )

    @property
    def schema_obj(self) -> SchemaObjects:
        """Makes SQLAlchemy's objects for operations of a project's own."""
        return SchemaObjects(self.migration_context)

    def inline_literal(self, value: Any, type_: Any = None) -> Any:
        """*value* as an expression that is written into the text of the statement instead of being bound."""
        return self._op.inline_literal(value, type_)

    def run_async(self, async_function: Callable[..., Awaitable[R]], *args: Any, **kw_args: Any) -> R:
        """Call an async function with the run's `AsyncConnection` and wait for it."""
        found: R = self._op.run_async(async_function, *args, **kw_args)
        return found

    def batch_alter_table(self, table_name: str, *arguments: Any, **options: Any) -> NoReturn:
        """Not inside of a block.

        Raises:
            ScriptError: always.
        """
        path, line = place_in_script()
        raise ScriptError(
            f"batch_op.batch_alter_table({table_name!r}) was called inside the block of {self.table_name!r}; "
            "a block is for one table, and begins when the one before it has ended.",
            path=path,
            line=line,
            hint=f'with op.batch_alter_table("{table_name}") as batch_op:    # beside the other block',
        )


class AlembicOperations(AbstractOperations, SyncOperations):
    """`op`: every word works at once.

    Args:
        migration_context: the context whose run it belongs to; the run of this task by default.
    """

    contexts: ClassVar[type[MigrationContext]]

    def __init__(self, migration_context: MigrationContext | None = None, impl: Any = None) -> None:
        self._context = migration_context

    @classmethod
    @contextmanager
    def context(cls, migration_context: MigrationContext) -> Iterator[AlembicOperations]:
        """An `op` for *migration_context*."""
        yield cls(migration_context)

    @property
    def _session(self) -> Session:
        return super()._session if self._context is None else self._context.session

    def _submit(self, operation: Operation[R]) -> R:
        replaced = self._replaced(operation)
        result: R = super()._submit(operation) if replaced is None else replaced()
        return result

    def _take(self, operation: Operation[Any]) -> Any:
        return SyncOperations._submit(self, operation)

    def get_context(self) -> MigrationContext:
        """Dialect, connection, transactions and history of the run."""
        return self._context or self.contexts(self._session)

    @property
    def migration_context(self) -> MigrationContext:
        """The same as `get_context()`."""
        return self.get_context()

    @property
    def impl(self) -> Implementation:
        """What sends statements."""
        return self.get_context().impl

    @property
    def schema_obj(self) -> SchemaObjects:
        """Makes SQLAlchemy's objects for operations of a project's own."""
        return SchemaObjects(self.get_context())

    @property
    def __all__(self) -> list[str]:
        # What `from alembic.op import *` gives.
        return [name for name in dir(type(self)) if not name.startswith("_")]


class SchemaObjects:
    """Makes SQLAlchemy's objects for operations of a project's own.

    Args:
        context: whose naming convention they get.
    """

    def __init__(self, context: MigrationContext) -> None:
        self._context = context

    def metadata(self) -> MetaData:
        """An empty `MetaData` with the naming convention of the project's."""
        target = self._context.opts.get("target_metadata")
        metadata = MetaData()
        if isinstance(target, MetaData):
            metadata.naming_convention = target.naming_convention
        return metadata

    def table(self, name: str, *items: Any, **options: Any) -> Table:
        """A table."""
        return Table(name, self.metadata(), *items, **options)

    def column(self, name: str, type_: Any, **options: Any) -> Column[Any]:
        """A column."""
        return Column(name, type_, **options)


def operation_classes(contexts: type[MigrationContext]) -> tuple[type[AlembicOperations], type[AlembicTableOperations]]:
    """`Operations` and `BatchOperations` for one project."""
    shared = {"implementations": Implementations(), "__module__": "alembic.operations"}
    batch = type("BatchOperations", (AlembicTableOperations,), shared)
    return type("Operations", (AlembicOperations,), {**shared, "contexts": contexts, "table_operations": batch}), batch
