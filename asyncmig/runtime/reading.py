"""ReadingSession: what the top level of a revision file may know of the run while the file is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from sqlalchemy import Connection

from asyncmig.errors import ScriptError
from asyncmig.operations.base import Operation
from asyncmig.runtime.place import place_in_script
from asyncmig.runtime.session import Session

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

R = TypeVar("R")


class ReadingSession(Session):
    """Dialect, arguments and options for the top level of a revision file.

    A file is read once and may run several times, so nothing is done there, and what differs from run to run is not
    known yet.
    """

    is_running = False

    @property
    def is_offline(self) -> bool:  # type: ignore[override]
        raise self._too_early("Whether something is executed was asked")

    async def perform(self, operation: Operation[R]) -> NoReturn:
        raise self.at_the_top(operation.verb)

    def at_the_top(self, word: str) -> ScriptError:
        """The error for a word of `op` at the top level of a file."""
        return self._too_early(f"op.{word} was used")

    @property
    def connection(self) -> Connection:
        raise self._too_early("The connection was asked for")

    @property
    def async_connection(self) -> AsyncConnection:
        raise self._too_early("The connection was asked for")

    def write(self, text: str) -> Any:
        raise self._too_early("Something was printed")

    @staticmethod
    def _too_early(what: str) -> ScriptError:
        path, line = place_in_script()
        return ScriptError(
            f"{what} while no revision runs.",
            path=path,
            line=line,
            hint="def upgrade() -> None:\n    ...    # here, not while the file is read",
        )
