"""ScriptContext: what `op.get_context()` gives a script, with the names that Alembic's migration context has."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import Dialect

from asyncmig._sqlalchemy import await_, in_greenlet
from asyncmig.errors import ScriptError
from asyncmig.runtime.place import place_in_script
from asyncmig.runtime.session import Session


class ScriptContext:
    """What `op.get_context()` gives a script."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def session(self) -> Session:
        """The session whose context it is."""
        return self._session

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's dialect."""
        return self._session.dialect

    @property
    def bind(self) -> Connection | None:
        """The connection; None when nothing is executed."""
        return None if self._session.is_offline else self._session.connection

    @property
    def connection(self) -> Connection | None:
        """The same as `bind`."""
        return self.bind

    @property
    def as_sql(self) -> bool:
        """Whether nothing is executed."""
        return self._session.is_offline

    @property
    def opts(self) -> Mapping[str, Any]:
        """Settings of the run."""
        return self._session.options

    @property
    def version_table(self) -> str:
        """Name of the version table."""
        return str(self._session.options["version_table"])

    @property
    def version_table_schema(self) -> str | None:
        """Schema of the version table, None for the default schema."""
        return self._session.options["version_table_schema"] or None

    @property
    def transactional_ddl(self) -> bool:
        """Whether DDL can be rolled back."""
        return self._session.transactional_ddl

    def write(self, text: str) -> None:
        """Write *text* as it is into the SQL that is printed; a run that is not printed has no place for it."""
        self._session.write(text)

    def autocommit_block(self) -> AutocommitBlock:
        """Outside any transaction for the length of a `with` block (plain script) or `async with` block (async script).

        What was done before it in the revision is committed first.
        """
        return AutocommitBlock(self._session)


class AutocommitBlock:
    """A block outside any transaction, for `with` and for `async with`."""

    def __init__(self, session: Session) -> None:
        self._manager: AbstractAsyncContextManager[None] = session.autocommit()

    def __enter__(self) -> None:
        if not in_greenlet():
            path, line = place_in_script()
            raise ScriptError(
                "autocommit_block() in an async script is a block for async with.",
                path=path,
                line=line,
                hint="async with op.get_context().autocommit_block():",
            )
        await_(self._manager.__aenter__())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        return await_(self._manager.__aexit__(kind, error, traceback))

    async def __aenter__(self) -> None:
        await self._manager.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        return await self._manager.__aexit__(kind, error, traceback)
