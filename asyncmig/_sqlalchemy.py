"""Private parts of SQLAlchemy that we depend on, each named once; `_plain` has those that tell what an item says."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import anyio
from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    TextClause,
    UniqueConstraint,
    literal,
)
from sqlalchemy import Sequence as SchemaSequence
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.base import OptionEngine as OptionEngine
from sqlalchemy.schema import ColumnDefault, Constraint, SchemaItem
from sqlalchemy.types import NULLTYPE, TypeEngine, to_instance
from sqlalchemy.util.concurrency import await_ as _await
from sqlalchemy.util.concurrency import greenlet_spawn as _spawn
from sqlalchemy.util.concurrency import in_greenlet as _in_greenlet

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql import ExcludeConstraint
    from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")


def await_(awaitable: Awaitable[T]) -> T:
    """Wait for *awaitable* from synchronous code that runs inside `greenlet_spawn`."""
    return _await(awaitable)


def in_greenlet() -> bool:
    """Whether the running code was started by `greenlet_spawn`, so that `await_` may be used."""
    return _in_greenlet()


async def greenlet_spawn(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Run synchronous *function* so that what it does on an async driver waits on the event loop."""
    return await _spawn(function, *args, **kwargs)


async def spawn_to_the_end(function: Callable[..., T], *args: Any) -> T:
    """The same, to its end, whoever cancels this task meanwhile; the cancellation is raised only then."""
    return await to_the_end(greenlet_spawn(function, *args))


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Do *work* to its end in a task of its own, whoever cancels this one meanwhile; that is raised only then.

    A shielded scope of anyio keeps only anyio's own cancellations away, and not those of `asyncio.Task.cancel`.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    with anyio.CancelScope(shield=True):
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError as error:
                cancelled = error
    if cancelled is not None:
        raise cancelled
    return task.result()


def copy_column(column: Column[Any]) -> Column[Any]:
    """A copy of *column* that belongs to no table yet.

    A column can be attached to one table only, while an operation is interpreted many times; interpreters copy.
    Type-bound constraints of Boolean and Enum come back by themselves when the copy is attached.
    """
    # Flags for CREATE INDEX and UNIQUE are acted on when the copy is attached; `_copy` keeps them.
    copied = column._copy()
    _copy_create_type(column.type, copied.type)
    return copied


def copy_type(type_: TypeEngine[Any] | type[TypeEngine[Any]]) -> TypeEngine[Any]:
    """A copy of a type that belongs to no column yet."""
    original = to_instance(type_)
    copied = original.copy()
    _copy_create_type(original, copied)
    return copied


_CHARACTERS = ("charset", "collation", "ascii", "unicode", "binary", "national")


def _copy_create_type(original: TypeEngine[Any], copied: TypeEngine[Any]) -> None:
    if isinstance(original, Enum) and isinstance(copied, Enum):
        # Copies of a plain Enum forget it, and those of MySQL's ENUM the characters that they are made of.
        copied.create_type = original.create_type
        for name in _CHARACTERS:
            if name in vars(original):
                setattr(copied, name, getattr(original, name))


def check_constraint(condition: Any, **options: Any) -> CheckConstraint:
    """A CHECK that belongs to no table, also where its condition is made of the columns of one."""
    return CheckConstraint(condition, _autoattach=False, **options)


def copy_constraint(constraint: Constraint) -> Constraint:
    """A copy of a constraint that was declared by column names and belongs to no table yet."""
    if constraint.__visit_name__ == "exclude_constraint":
        return _copy_exclude(cast("ExcludeConstraint", constraint))
    if isinstance(constraint, ForeignKeyConstraint):
        return _copy_foreign_key(constraint)
    if isinstance(constraint, UniqueConstraint | PrimaryKeyConstraint):
        return _copy_key(constraint)
    return constraint._copy()


def _copy_foreign_key(constraint: ForeignKeyConstraint) -> ForeignKeyConstraint:
    # Its own `_copy` needs a table.
    return ForeignKeyConstraint(
        constraint.column_keys,
        [key.target_tokens for key in constraint.elements],
        name=constraint.name,
        onupdate=constraint.onupdate,
        ondelete=constraint.ondelete,
        deferrable=constraint.deferrable,
        initially=constraint.initially,
        use_alter=constraint.use_alter,
        link_to_name=constraint.link_to_name,
        match=constraint.match,
        comment=constraint.comment,
        **constraint.dialect_kwargs,
    )


def _copy_key(constraint: UniqueConstraint | PrimaryKeyConstraint) -> Constraint:
    # Its own `_copy` needs a table.
    columns = [item.key if isinstance(item, Column) else item for item in declared_columns(constraint)]
    return type(constraint)(
        *columns,
        name=given_name(constraint),
        deferrable=constraint.deferrable,
        initially=constraint.initially,
        comment=constraint.comment,
        **constraint.dialect_kwargs,
    )


def _copy_exclude(constraint: ExcludeConstraint) -> ExcludeConstraint:
    # Imported here because it brings all drivers of PostgreSQL along, and hardly anybody needs it.
    from sqlalchemy.dialects.postgresql import ExcludeConstraint

    # Its own `_copy` needs a table, and forgets the operator classes.
    return ExcludeConstraint(
        *[
            (item.name if isinstance(item, Column) else item, operator)
            for item, operator in excluded_elements(constraint)
        ],
        name=constraint.name,
        deferrable=constraint.deferrable,
        initially=constraint.initially,
        using=constraint.using,
        where=constraint.where,
        ops=constraint.ops,
    )


def copy_item(item: SchemaItem) -> SchemaItem:
    """A copy of a column, constraint or index that may be attached to a table of its own."""
    if isinstance(item, Column):
        return copy_column(item)
    if isinstance(item, Constraint):
        return copy_constraint(item)
    if isinstance(item, Index):
        return _copy_index(item)
    return item


def _copy_index(index: Index) -> Index:
    expressions = [element.name if isinstance(element, Column) else element for element in index.expressions]
    declared = getattr(index, "_pending_colargs", ())
    return Index(
        index.name,
        *(expressions or [element.name if isinstance(element, Column) else element for element in declared]),
        unique=index.unique,
        **index.dialect_kwargs,
    )


def add_referents(table: Table) -> None:
    """Stand in, in the metadata of *table*, for every table that its foreign keys refer to and that is not there.

    Compiling a foreign key needs the `Table` it refers to; an operation knows only its name.
    """
    for constraint in table.foreign_key_constraints:
        for key in constraint.elements:
            _add_referent(table, key)


def _add_referent(table: Table, key: ForeignKey) -> None:
    schema, name, column = key.target_tokens
    full_name = f"{schema}.{name}" if schema else name
    referent = table.metadata.tables.get(full_name)
    if referent is None:
        referent = Table(name, table.metadata, schema=schema)
    if column and column not in referent.c:
        # Without a type: that of the other column may bring a CHECK along, which would be this table's own.
        referent.append_column(Column(column, NULLTYPE))


def foreign_key_target(constraint: ForeignKeyConstraint) -> tuple[str | None, str, list[str]]:
    """Schema, table and columns that a foreign key refers to, by the names it was declared with."""
    tokens = [key.target_tokens for key in constraint.elements]
    return tokens[0].schema, tokens[0].table_name, [str(token.column_name) for token in tokens]


def is_type_bound(constraint: Constraint) -> bool:
    """Whether *constraint* comes from a Boolean or Enum type and not from the user's own list."""
    return bool(constraint._type_bound)


def type_bound_applies(constraint: Constraint, dialect: Dialect) -> bool:
    """Whether a type-bound CHECK exists on *dialect* at all (a native enum or boolean needs none)."""

    class _Compiler:
        pass

    rule = constraint._create_rule
    if rule is None:
        return True
    compiler = _Compiler()
    compiler.dialect = dialect  # type: ignore[attr-defined]
    return bool(rule(compiler))


def printing_dialect(dialect: Dialect) -> Dialect:
    """A twin of *dialect* that compiles text to be sent without parameters.

    Drivers with the `format` parameter style need every percent sign doubled, but only in statements that have
    parameters. DDL has none, so it is compiled by a twin with the `named` style, which doubles nothing, and which
    leaves `:name` in a text as it stands where no value is given for it (`CHECK (code LIKE 'a:b')`).
    """
    twin = copy.copy(dialect)
    twin.paramstyle = "named"
    twin.positional = False
    compiler: Any = dialect.statement_compiler
    twin.statement_compiler = _printing_compiler(compiler)
    twin.identifier_preparer = twin.preparer(twin)
    # MySQL's dialect gives its own preparer other words once it knows that the server is MariaDB.
    twin.identifier_preparer.reserved_words = dialect.identifier_preparer.reserved_words
    twin.type_compiler_instance = twin.type_compiler_cls(twin)
    # memoized from the original; would compile for the other style
    twin.__dict__.pop("_type_memos", None)
    return twin


@cache
def _printing_compiler(base: Any) -> Any:
    class PrintingCompiler(base):  # type: ignore[misc]
        def visit_bindparam(self, bindparam: Any, *args: Any, **kw: Any) -> Any:
            # SQLAlchemy would write NULL.
            if kw.get("literal_binds") and bindparam.required and bindparam.value is None and not bindparam.callable:
                return f":{bindparam.key}"
            return super().visit_bindparam(bindparam, *args, **kw)

    return PrintingCompiler


def is_autocommit(connection: Connection) -> bool:
    """Whether each statement on *connection* commits by itself, as its engine or its options say."""
    return connection._is_autocommit_isolation()


def end_committed(connection: Connection) -> None:
    """End SQLAlchemy's transaction on *connection*, which a text of ours has committed, without asking the driver."""
    connection.__dict__["_commit_impl"] = lambda: None
    try:
        connection.commit()
    finally:
        del connection.__dict__["_commit_impl"]


def put_options_back(connection: Connection) -> None:
    """Put back what `execution_options` has set on the driver's connection, such as the isolation level.

    A pool does so when it gets the connection back, but loses its place in the pool where that fails.
    """
    record: Any = getattr(connection.connection, "_connection_record", None)
    while record is not None and record.finalize_callback:
        record.finalize_callback.pop()(record.dbapi_connection)


def async_view(connection: Connection) -> AsyncConnection:
    """*connection*, which is on an async driver, as an `AsyncConnection` for async code."""
    # Imported here because it brings the ORM along, which most runs never need.
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    return AsyncConnection(AsyncEngine(connection.engine), connection)


def backslash_escapes(dialect: Dialect) -> bool:
    """Whether a backslash in a string is an escape, as far as a MySQL dialect has learnt of its server."""
    return bool(getattr(dialect, "_backslash_escapes", True))


def column_key(column: Column[Any]) -> str:
    """The name of a column, which must have one."""
    if not column.name:
        raise ValueError("A column in an operation must have a name.")
    return column.name


def literal_type(value: Any) -> TypeEngine[Any]:
    """The SQLAlchemy type that *value* would have as a literal."""
    return literal(value).type


def stand_in(name: str, schema: str | None, metadata: MetaData, *items: Any, **options: Any) -> Table:
    """A `Table` that exists only to compile a statement; it is never entered into the user's metadata."""
    return Table(name, metadata, *items, schema=schema, **options)


def deferred_stand_in(name: str, schema: str | None, metadata: MetaData, parts: Callable[[], TableParts]) -> Table:
    """The same as `stand_in`, made when somebody first looks at it; most scripts never do.

    Args:
        name: its name.
        schema: its schema.
        metadata: the metadata it will be in.
        parts: gives its items and options.
    """

    def fill(table: Table) -> None:
        items, options = parts()
        metadata._add_table(name, schema, table)
        table.__init__(name, metadata, *items, schema=schema, _no_init=False, **options)  # type: ignore[misc]
        add_referents(table)

    deferred: Table = object.__new__(_DeferredTable)
    deferred.__dict__["_fill"] = fill
    return deferred


TableParts: TypeAlias = tuple[Sequence[SchemaItem], Mapping[str, Any]]


class _DeferredTable(Table):
    """A table that has nothing yet but the function that fills it; to look at it makes it a common `Table`."""

    inherit_cache = True

    def __getattribute__(self, name: str) -> Any:
        # Who asks for the class only wants to know whether this is a table; and it is needed to get at `__dict__`.
        if name in ("__class__", "__dict__"):
            return object.__getattribute__(self, name)
        _fill(self)
        return getattr(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        _fill(self)
        setattr(self, name, value)


def _fill(deferred: _DeferredTable) -> None:
    fill = deferred.__dict__.pop("_fill")
    object.__setattr__(deferred, "__class__", Table)
    fill(deferred)


def type_variants(type_: TypeEngine[Any]) -> Mapping[str, TypeEngine[Any]]:
    """The types that stand for *type_* on particular dialects, as given to `with_variant`, by name of the dialect."""
    return type_._variant_mapping


def length_of_values(type_: Enum) -> int:
    """The length that an enumerated type has when none is given: that of its longest value."""
    return int(type_._default_length)


def inherits_schema(type_: Enum) -> bool:
    """Whether the schema of an enumerated type shall be that of the table; reading the public name warns."""
    return bool(type_._inherit_schema)


def given_name(item: Any) -> str | None:
    """The name of a constraint, index or type; None where a marker says that it is left to the naming convention."""
    name = getattr(item, "name", None)
    return name if isinstance(name, str) else None


def declared_columns(item: Constraint | Index) -> list[Any]:
    """The columns (or their names) and expressions of a constraint or index, attached to a table or not."""
    if isinstance(item, Index):
        return list(item.expressions)
    if isinstance(item, ForeignKeyConstraint):
        return list(item.column_keys)
    return [*item._columns] or list(item._pending_colargs)  # type: ignore[attr-defined]


def excluded_elements(constraint: ExcludeConstraint) -> list[tuple[Any, str]]:
    """The pairs of expression (or column name) and operator of an EXCLUDE constraint."""
    elements = [(expression, operator) for expression, _, operator in constraint._render_exprs]
    return [(item.key if isinstance(item, Column) else item, operator) for item, operator in elements]


def comes_with_column(item: SchemaItem) -> bool:
    """Whether a constraint or index exists because its column says `unique=True` or `index=True`."""
    return bool(getattr(item, "_column_flag", False))


def sequences_of(metadata: MetaData) -> list[SchemaSequence]:
    """The sequences that are declared on *metadata*, and those of its columns."""
    return list(metadata._sequences.values())


def table_prefixes(table: Table) -> list[str]:
    """The words between CREATE and TABLE."""
    return list(map(str, table._prefixes))


def default_function(default: ColumnDefault) -> Any:
    """The function of a Python-side default as it was given, before SQLAlchemy wraps it to take a context."""
    return default._given_arg


def text_parameters(clause: TextClause) -> Mapping[str, Any]:
    """The parameters of a `text()` that have been given a value."""
    return {name: bind.value for name, bind in clause._bindparams.items() if not bind.required}
