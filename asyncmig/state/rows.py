"""Rows: where a database is, read from the version table, with as little as that takes."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, inspect, select
from sqlalchemy.exc import DBAPIError

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.state.tables import version_table


class VersionRows:
    """The rows of the version table of one history.

    Args:
        name: the name of the table.
        schema: its schema, None for the default schema.
        is_missing_table: whether a driver's error says that there is no such table.
    """

    def __init__(self, name: str, schema: str | None, is_missing_table: Callable[[BaseException], bool]) -> None:
        self.table = version_table(name, schema)
        self._is_missing_table = is_missing_table
        # Built once: a statement object carries its own cache key.
        self._select = select(self.table.c.version_num)

    async def read(self, connection: Connection) -> tuple[str, ...] | None:
        """The rows, sorted; None when there is no such table. One SELECT; no transaction of ours stays open.

        Raises:
            sqlalchemy.exc.DBAPIError: the table cannot be read for another reason.
        """
        return await greenlet_spawn(self._read, connection)

    def _read(self, connection: Connection) -> tuple[str, ...] | None:
        if connection.in_transaction():
            # The transaction is the caller's: a failing SELECT would spoil it on PostgreSQL, so look first.
            if not inspect(connection).has_table(self.table.name, schema=self.table.schema):
                return None
            return tuple(sorted(connection.scalars(self._select)))
        try:
            return tuple(sorted(connection.scalars(self._select)))
        except DBAPIError as error:
            if not self._is_missing_table(error):
                raise
            return None
        finally:
            connection.rollback()
