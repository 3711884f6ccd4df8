"""Session: where a script's operations go; and the one that is current, for the `op` of plain scripts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.engine import Dialect

from asyncmig.errors import NeedsDatabaseError, ScriptError
from asyncmig.operations.base import Operation
from asyncmig.runtime.ledger import Ledger
from asyncmig.runtime.place import place_in_script

if TYPE_CHECKING:
    # Brings SQLAlchemy's ORM along, which a run that only reads or prints can do without.
    from sqlalchemy.ext.asyncio import AsyncConnection

R = TypeVar("R")

#: The session of the script that runs in this task; for the module-level `op` only.
_current: ContextVar[Session | None] = ContextVar("asyncmig_session", default=None)


class Session(ABC):
    """Where a script's operations go.

    Args:
        dialect: the SQLAlchemy dialect that the script sees as `op.dialect`.
        arguments: the `-x key=value` arguments of the command line.
        options: settings of the run that scripts may ask for, such as `version_table_schema`.
    """

    #: Whether nothing is executed: the operations are printed or recorded only.
    is_offline: bool = True
    #: Whether a script runs in it; else its file is only being read.
    is_running: bool = True
    #: Whether the script is a plain one, written for a synchronous driver.
    is_plain: bool = False

    def __init__(
        self,
        dialect: Dialect,
        *,
        arguments: Mapping[str, str] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.dialect = dialect
        self.arguments = dict(arguments or {})
        self.options = dict(options or {})
        self.ledger = Ledger()

    @abstractmethod
    async def perform(self, operation: Operation[R]) -> R:
        """Take one operation and give what its directive returns."""

    def run_plainly(self) -> None:
        """Take note that the script is a plain one, written for a synchronous driver."""
        self.is_plain = True

    @property
    def transactional_ddl(self) -> bool:
        """Whether DDL can be rolled back, as far as it is known."""
        return True

    def write(self, text: str) -> None:  # noqa: B027 - only a session that prints has a place for it
        """Write *text* as it is where the run is printed."""

    @property
    def connection(self) -> Connection:
        """The connection of a live run.

        Raises:
            NeedsDatabaseError: this session has none.
        """
        raise self.needs_database("the connection")

    @property
    def async_connection(self) -> AsyncConnection:
        """The connection of a live run, for async code."""
        raise self.needs_database("the connection")

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[None]:
        """Outside any transaction for the length of the block."""
        yield

    def at_the_top(self, word: str) -> ScriptError | None:
        """The error for a word of `op` where no script runs yet; None where one does."""
        return None

    def needs_database(self, what: str) -> NeedsDatabaseError:
        """The error for a script that asks for something only a database can give."""
        return NeedsDatabaseError(
            f"The script asks for {what}, but there is no database: it is only printed or looked at.",
            hint="if not op.is_offline: ...   # around what needs the database",
        )


@contextmanager
def current_session(session: Session) -> Iterator[None]:
    """Make *session* the one that the module-level `op` uses in this task."""
    token = _current.set(session)
    try:
        yield
    finally:
        _current.reset(token)


def running_session(word: str) -> Session:
    """The session of the script that runs in this task.

    Args:
        word: what was used, such as `op.execute`, for the message.

    Raises:
        ScriptError: no script runs in this task.
    """
    session = _current.get()
    if session is None:
        path, line = place_in_script()
        raise ScriptError(
            f"{word} was used while no revision runs.",
            path=path,
            line=line,
            hint=f"def upgrade() -> None:\n    {word}    # here, not while the file is read",
        )
    return session
