"""Heads: the revisions that the database is at, as rows of the version table."""

from __future__ import annotations

from sqlalchemy import Connection, inspect
from sqlalchemy.schema import CreateTable
from sqlalchemy.types import String

from asyncmig._sqlalchemy import greenlet_spawn
from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.sending import Change
from asyncmig.dialects.steps import Statement
from asyncmig.errors import HistoryMismatchError
from asyncmig.operations import AlterColumn
from asyncmig.revisions.moves import RowChanges
from asyncmig.state.rows import VersionRows
from asyncmig.state.tables import VERSION_LENGTH

#: Alembic makes its column this wide; only a longer id makes it worth a look at the column.
_ALWAYS_FITS = 32


class HeadsTable(VersionRows):
    """The version table of one history.

    Args:
        adapter: the adapter of the database.
        name: the name of the table.
        schema: its schema, None for the default schema.
    """

    def __init__(self, adapter: DialectAdapter, name: str, schema: str | None) -> None:
        super().__init__(name, schema, adapter.is_missing_table)
        self._adapter = adapter
        self._name = adapter.table_name(name, schema)
        self._column = adapter.quote("version_num")

    def rows_text(self, *more: str) -> str:
        """What asks for the rows, in a transaction; the table exists.

        Args:
            more: expressions to be asked for beside each row.
        """
        return f"SELECT {', '.join([self._column, *more])} FROM {self._name}"

    async def exists(self, connection: Connection) -> bool:
        """Whether there is such a table."""
        return await greenlet_spawn(
            lambda: inspect(connection).has_table(self.table.name, schema=self.table.schema),
        )

    async def create(self, connection: Connection) -> None:
        """Create the table unless it exists."""
        await self._adapter.send(connection, self._adapter.ddl(CreateTable(self.table, if_not_exists=True)))

    async def check_width(self, connection: Connection, ids: tuple[str, ...]) -> None:
        """Make sure that the ids fit the column, before anything is done.

        Raises:
            HistoryMismatchError: one is too long.
        """
        longest = max(ids, key=len, default="")
        if len(longest) <= _ALWAYS_FITS or not self._adapter.traits.enforces_length:
            return
        width = await greenlet_spawn(self._width, connection)
        if width is not None and len(longest) > width:
            table = self._adapter.table_name(self.table.name, self.table.schema)
            raise HistoryMismatchError(
                f"The revision id {longest!r} has {len(longest)} characters, but version_num of {table} holds {width}.",
                unknown=(longest,),
                hint="Give the revision a shorter id."
                if len(longest) > VERSION_LENGTH
                else f"asyncmig ensure_version --widen    # makes it VARCHAR({VERSION_LENGTH}); or give a shorter id",
            )

    async def widen(self, connection: Connection) -> bool:
        """Make the column as wide as that of a new table, in the open transaction.

        Returns:
            whether it was narrower.
        """
        width = await greenlet_spawn(self._width, connection)
        if width is None or width >= VERSION_LENGTH or not self._adapter.traits.enforces_length:
            return False
        change = AlterColumn.of(
            self.table.name,
            "version_num",
            schema=self.table.schema,
            type_=String(VERSION_LENGTH),
            existing_type=String(width),
            existing_nullable=False,
        )
        facts = await greenlet_spawn(self._adapter.read_facts, connection, self._adapter.wants(change))
        for step in self._adapter.plan(change, facts):
            assert isinstance(step, Statement)
            assert isinstance(step.sql, str)
            await self._adapter.send(connection, step.sql)
        return True

    def _width(self, connection: Connection) -> int | None:
        for column in inspect(connection).get_columns(self.table.name, schema=self.table.schema):
            if column["name"] == "version_num" and isinstance(column["type"], String):
                return column["type"].length
        return None

    def moved(self, row: str) -> HistoryMismatchError:
        """The error for a row that was to be changed and is not there any more."""
        return HistoryMismatchError(
            f"The row {row!r} of {self.table.fullname} was changed by somebody else while this run worked.",
            unknown=(row,),
            hint="asyncmig status    # shows where the database is now",
        )

    def changes(self, changes: RowChanges) -> list[Change]:
        """The changes as text: deletions, insertions, updates, in this order; with the row that each must find."""
        name, column = self._name, self._column
        literal = self._adapter.literal
        qualified = f"{name}.{column}"
        deletes = [Change(f"DELETE FROM {name} WHERE {qualified} = {literal(old)}", old) for old in changes.deleted]
        inserts = [Change(f"INSERT INTO {name} ({column}) VALUES ({literal(new)})") for new in changes.inserted]
        updates = [
            Change(f"UPDATE {name} SET {column}={literal(new)} WHERE {qualified} = {literal(old)}", old)
            for old, new in changes.updated
        ]
        return deletes + inserts + updates

    def create_statement(self) -> str:
        """CREATE TABLE as text, for a printed script."""
        return self._adapter.ddl(CreateTable(self.table))
