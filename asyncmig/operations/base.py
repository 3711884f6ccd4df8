"""Operation: one change to a database, as data, and the call in a script that builds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from asyncmig.errors import IrreversibleOperationError
from asyncmig.operations.sql import SqlText

R_co = TypeVar("R_co", covariant=True)


class TableName(NamedTuple):
    """The name of a table and the schema it is in (None: the default schema)."""

    name: str
    schema: str | None = None

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


class Call(NamedTuple):
    """The directive call that builds an operation: `op.<verb>(*arguments, **keywords)`."""

    verb: str
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]


#: Marks a field whose items stand in the call as positional arguments of their own (`*columns`).
SPREAD: Mapping[str, bool] = {"spread": True}
#: Marks a field whose entries stand in the call as keyword arguments of their own (`**dialect_options`).
KEYWORDS: Mapping[str, bool] = {"keywords": True}
#: Marks a field that an operation knows for its own reversal only; it is not part of the call.
HIDDEN: Mapping[str, bool] = {"hidden": True}


class Operation(Generic[R_co]):
    """One change to a database, as data. `R_co` is what awaiting its directive returns.

    Subclasses are frozen dataclasses with `eq=False`: a SQLAlchemy `Column` compares by identity, so equality of
    operations is equality of their rendered calls.
    """

    #: Its word on `op`, and in messages.
    verb: ClassVar[str]
    #: Whether it loses data or structure that a reversal cannot bring back by itself.
    destructive: ClassVar[bool] = False

    def tables(self) -> frozenset[TableName]:
        """The tables that it touches."""
        raise NotImplementedError  # every subclass answers; tests/architecture proves it

    def describe(self) -> str:
        """One line for people, beginning with a verb in lower case."""
        raise NotImplementedError  # every subclass answers; tests/architecture proves it

    def reversed(self) -> Operation[Any]:
        """The operation that undoes it.

        Raises:
            IrreversibleOperationError: the reverse cannot be known from this operation alone.
        """
        raise IrreversibleOperationError(
            f"op.{self.verb} cannot be reversed by itself: {self.describe()}.",
            operation=self,
            hint="Write the downgrade by hand.",
        )

    def result(self, outcome: Any = None) -> R_co:
        """What the directive returns; *outcome* is what its last step gave, None when nothing was carried out."""
        return None  # type: ignore[return-value]

    def call(self) -> Call:
        """The directive call that would build it: arguments without a default, then what differs from its default."""
        arguments: list[Any] = []
        keywords: dict[str, Any] = {}
        for field in fields(self):  # type: ignore[arg-type]
            value: Any = getattr(self, field.name)
            if field.metadata.get("hidden"):
                continue
            if field.metadata.get("sql"):
                value = SqlText(value) if isinstance(value, str) else value
            if field.metadata.get("spread"):
                arguments.extend(value)
            elif field.metadata.get("keywords"):
                keywords.update(value)
            elif field.default is MISSING and field.default_factory is MISSING and not field.kw_only:
                arguments.append(value)
            elif not _is_default(field, value):
                keywords[field.name] = value
        return Call(self.verb, tuple(arguments), keywords)


def _is_default(field: Any, value: Any) -> bool:
    default = field.default if field.default is not MISSING else field.default_factory()
    if value is default:
        return True
    # Only plain values are compared: a SQL expression would answer == with another expression.
    plain = (str, int, float, tuple, list, dict, frozenset)
    return isinstance(value, plain) and type(value) is type(default) and bool(value == default)
