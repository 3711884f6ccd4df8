"""Steps: the things that a database is asked to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sqlalchemy import Executable


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL to send.

    Args:
        sql: finished text, which is sent as it is and gives no rows; or an executable, which SQLAlchemy compiles.
        parameters: values for the parameters of an executable; a sequence of mappings runs it once for each.
        transactional: whether it may run inside a transaction.
        execution_options: SQLAlchemy's execution options for an executable.
        builds: the index that it builds without a transaction, quoted; a failure leaves that behind, unfinished.
        outcome: what doing it gives, where that is known beforehand; only for text, whose result nobody reads.
    """

    sql: str | Executable
    parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    transactional: bool = True
    execution_options: Mapping[str, Any] = field(default_factory=dict)
    builds: str | None = None
    outcome: Any = None


@dataclass(frozen=True, slots=True)
class Call:
    """A Python function to call with the connection.

    Args:
        function: an async function gets the `AsyncConnection`, a plain one the `Connection` inside the bridge.
        arguments: further positional arguments.
        keywords: keyword arguments.
        description: in words, for scripts of SQL and messages.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""


@dataclass(frozen=True, slots=True)
class SuspendForeignKeys:
    """What follows in this revision must run while foreign keys are not enforced.

    Only a rebuild on SQLite asks for it: dropping the old table would delete or reject the rows of its children. The
    executor switches enforcement off outside a transaction and checks all foreign keys before it commits.
    """


Step: TypeAlias = Statement | Call | SuspendForeignKeys
