"""Data: the operations that run SQL, insert rows and call Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar, cast

from sqlalchemy import CursorResult, Executable, Table, TableClause

from asyncmig.errors import NeedsDatabaseError
from asyncmig.operations.base import KEYWORDS, SPREAD, Operation, TableName

T = TypeVar("T")

Parameters: TypeAlias = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class NoResult:
    """What `op.execute` returns where nothing was executed: asking it for rows is an error that says so."""

    def __init__(self, statement: str) -> None:
        self._statement = statement

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NeedsDatabaseError(
            f"The script reads the result of {self._statement!r}, but nothing is executed here: "
            "it is only printed or looked at.",
            hint="if not op.is_offline: ...   # around what needs rows",
        )

    def __iter__(self) -> Any:
        return self.__getattr__("rows")


@dataclass(frozen=True, eq=False)
class Execute(Operation["CursorResult[Any]"]):
    """Run SQL.

    Args:
        sqltext: text with `:name` for parameters, or any SQLAlchemy executable. Text may hold several statements.
        parameters: values for the parameters; a list of mappings runs it once for each.
        execution_options: SQLAlchemy's execution options.
    """

    verb: ClassVar[str] = "execute"
    sqltext: str | Executable
    parameters: Parameters | None = None
    execution_options: Mapping[str, Any] | None = field(default=None, kw_only=True)

    def tables(self) -> frozenset[TableName]:
        return frozenset()

    def describe(self) -> str:
        words = " ".join(str(self.sqltext).split())
        return f"execute {words[:100]}{'…' if len(words) > 100 else ''}"

    def result(self, outcome: Any = None) -> CursorResult[Any]:
        if outcome is not None:
            return cast("CursorResult[Any]", outcome)
        return cast("CursorResult[Any]", NoResult(self.describe().removeprefix("execute ")))


@dataclass(frozen=True, eq=False)
class BulkInsert(Operation[None]):
    """Insert many rows.

    Args:
        table: a `Table` or `sa.table(...)` with the columns.
        rows: dictionaries; an iterator is read piece by piece, so that any number of rows needs little memory.
        multiinsert: False sends one INSERT for each row, which rows with SQL expressions in them need.
    """

    verb: ClassVar[str] = "bulk_insert"
    table: Table | TableClause
    rows: Iterable[Mapping[str, Any]]
    multiinsert: bool = field(default=True, kw_only=True)

    def tables(self) -> frozenset[TableName]:
        return frozenset({TableName(self.table.name, self.table.schema)})

    def describe(self) -> str:
        count = f"{len(self.rows)} rows" if isinstance(self.rows, Sequence) else "rows"
        return f"insert {count} into {TableName(self.table.name, self.table.schema)}"


@dataclass(frozen=True, eq=False)
class RunPython(Operation[T], Generic[T]):
    """Call a Python function with the connection.

    Args:
        function: `async def f(connection: AsyncConnection, ...)` or `def f(connection: Connection, ...)`.
        arguments: further positional arguments for it.
        name: how it is called in plans and messages; the function's own name by default.
        keywords: keyword arguments for it.
    """

    verb: ClassVar[str] = "run"
    function: Callable[..., Any]
    arguments: tuple[Any, ...] = field(default=(), metadata=SPREAD)
    name: str | None = field(default=None, kw_only=True)
    keywords: Mapping[str, Any] = field(default_factory=dict, kw_only=True, metadata=KEYWORDS)

    @classmethod
    def of(
        cls, function: Callable[..., Any], *arguments: Any, name: str | None = None, **keywords: Any
    ) -> RunPython[Any]:
        """Call *function* with the connection and the further arguments; returns what it returns."""
        return cast("RunPython[Any]", cls(function, arguments, name=name, keywords=keywords))

    def tables(self) -> frozenset[TableName]:
        return frozenset()

    def describe(self) -> str:
        return f"run {self.name or getattr(self.function, '__qualname__', repr(self.function))}"

    def result(self, outcome: Any = None) -> T:
        return cast(T, outcome)
