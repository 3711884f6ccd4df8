"""Harness: one operation, taken through every interpreter on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, inspect
from sqlalchemy.engine import Inspector
from sqlalchemy.ext.asyncio import AsyncEngine

from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.registry import adapter_class
from asyncmig.dialects.sending import Change
from asyncmig.events import ignore
from asyncmig.operations import Operation
from asyncmig.runtime.executor import Executor, RestartRevision
from asyncmig.runtime.live import LiveSession
from asyncmig.runtime.offline import OfflineSession, SqlScript
from asyncmig.runtime.replay import Replay
from asyncmig.runtime.transactions import Transactions
from asyncmig.state.journal import Journal

Operations = Sequence[Operation[Any]]
Check = Callable[["Schema"], None]


@dataclass(frozen=True)
class Case:
    """An operation and what must be true after it.

    Args:
        name: the situation.
        operation: what is done.
        before: what is there.
        rows: statements that put rows into it.
        check: asserts on the schema afterwards.
        on: the databases that have it.
        reversible: whether the reverse brings the schema back to what it was.
        rows_after: a query and what it gives afterwards.
        options: arguments of the adapter.
        means_nothing_elsewhere: whether the other databases do nothing instead of refusing.
        own_sql: whether its SQL is that of the databases in *on*, so that the others are not asked.
    """

    name: str
    operation: Operation[Any]
    before: Operations = ()
    rows: Sequence[str] = ()
    check: Check | None = None
    on: Sequence[str] = ("sqlite", "postgresql", "mysql")
    reversible: bool = True
    rows_after: tuple[str, Any] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    means_nothing_elsewhere: bool = False
    own_sql: bool = False


class Schema:
    """A schema as the database tells it, in a form that can be compared."""

    def __init__(self, connection: Connection) -> None:
        inspector = inspect(connection)
        self.dialect = connection.dialect.name
        names = sorted(name for name in inspector.get_table_names() if not name.startswith("asyncmig_"))
        self.tables = {name: _table(inspector, name) for name in names}
        self.enums = _enums(connection, inspector)
        self.sequences = _sequences(connection)
        self.schemas = _schemas(connection, inspector)
        self.objects = _objects(connection)
        for name in names:
            self.tables[name]["options"] = _options(connection, name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schema) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"<Schema {vars(self)}>"

    def column(self, table: str, column: str) -> dict[str, Any]:
        """What is known of a column."""
        found: dict[str, Any] = self.tables[table]["columns"][column]
        return found

    def names(self, table: str) -> list[str]:
        """The columns of a table, in order."""
        return list(self.tables[table]["columns"])


def _enums(connection: Connection, inspector: Inspector) -> dict[str, tuple[str, ...]]:
    if connection.dialect.name != "postgresql":
        return {}
    return {enum["name"]: tuple(enum["labels"]) for enum in inspector.get_enums()}  # type: ignore[attr-defined]


def _sequences(connection: Connection) -> dict[str, tuple[Any, ...]]:
    if connection.dialect.name == "postgresql":
        rows = connection.execute(
            sa.text("SELECT sequencename, data_type::text, start_value, increment_by, min_value, max_value, cycle,"
                    " cache_size FROM pg_sequences")
        )  # fmt: skip
        return {row[0]: tuple(row)[1:] for row in rows}
    if not getattr(connection.dialect, "is_mariadb", False):
        return {}
    names = connection.execute(
        sa.text("SELECT table_name FROM information_schema.tables"
                " WHERE table_schema = DATABASE() AND table_type = 'SEQUENCE'")
    ).scalars()  # fmt: skip
    options = "start_value, increment, minimum_value, maximum_value, cycle_option, cache_size"
    return {name: tuple(connection.execute(sa.text(f"SELECT {options} FROM `{name}`")).one()) for name in names.all()}


def _schemas(connection: Connection, inspector: Inspector) -> list[str]:
    # Those of MySQL are the databases of all tests at a time.
    return inspector.get_schema_names() if connection.dialect.name == "postgresql" else []


def _objects(connection: Connection) -> list[tuple[str, ...]]:
    """Views, functions, triggers and extensions, each with its kind, its name and what it says."""
    queries = {
        "postgresql": "SELECT CASE relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END, relname,"
        " pg_get_viewdef(oid) || coalesce(relacl::text, '') || coalesce(reloptions::text, '') FROM pg_class"
        " WHERE relkind IN ('v', 'm') AND relnamespace = current_schema()::regnamespace UNION ALL"
        " SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc"
        " WHERE pronamespace = current_schema()::regnamespace AND prokind IN ('f', 'p') AND probin IS NULL UNION ALL"
        " SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal UNION ALL"
        " SELECT 'extension', extname, extversion FROM pg_extension ORDER BY 1, 2",
        "mysql": "SELECT 'view', table_name, replace(view_definition, concat('`', DATABASE(), '`.'), '')"
        " FROM information_schema.views WHERE table_schema = DATABASE() UNION ALL"
        " SELECT lower(routine_type), routine_name, concat(dtd_identifier, routine_definition)"
        " FROM information_schema.routines WHERE routine_schema = DATABASE() UNION ALL"
        " SELECT 'trigger', trigger_name, concat(action_timing, event_manipulation, event_object_table,"
        " action_statement) FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY 1, 2",
        "sqlite": "SELECT type, name, sql FROM sqlite_master WHERE type IN ('view', 'trigger') ORDER BY 1, 2",
    }
    rows = connection.execute(sa.text(queries[connection.dialect.name].replace(":", r"\:")))
    return [tuple(map(str, row)) for row in rows]


def _options(connection: Connection, table: str) -> list[tuple[str, str]]:
    queries = {
        "postgresql": "SELECT 'with', unnest(reloptions) FROM pg_class WHERE relname = :name",
        "mysql": "SELECT 'engine', engine FROM information_schema.tables WHERE table_schema = DATABASE()"
        " AND table_name = :name UNION ALL SELECT 'row_format', row_format FROM information_schema.tables"
        " WHERE table_schema = DATABASE() AND table_name = :name",
        "sqlite": "SELECT 'strict', CASE strict WHEN 1 THEN 'True' END FROM pragma_table_list WHERE name = :name",
    }
    rows = connection.execute(sa.text(queries[connection.dialect.name]), {"name": table})
    return sorted((str(name), str(value)) for name, value in rows)


def _table(inspector: Inspector, name: str) -> dict[str, Any]:
    columns = {
        column["name"]: {
            "type": str(column["type"].compile(inspector.dialect)),
            "nullable": column["nullable"],
            "default": column["default"],
            "comment": column.get("comment"),
            "computed": (column.get("computed") or {}).get("sqltext"),
            "identity": bool(column.get("identity")),
        }
        for column in inspector.get_columns(name)
    }
    comments = inspector.dialect.supports_comments
    return {
        "columns": columns,
        "primary_key": _plain(inspector.get_pk_constraint(name), "name", "constrained_columns"),
        "uniques": _all(inspector.get_unique_constraints(name), "name", "column_names"),
        "foreign_keys": _all(
            inspector.get_foreign_keys(name),
            *("name", "constrained_columns", "referred_table", "referred_columns", "options"),
        ),
        "checks": _all(inspector.get_check_constraints(name), "name", "sqltext"),
        "indexes": _all(inspector.get_indexes(name), "name", "column_names", "expressions", "unique"),
        "comment": inspector.get_table_comment(name)["text"] if comments else None,
    }


def _plain(found: Any, *keys: str) -> tuple[Any, ...]:
    return tuple(repr(found.get(key)) for key in keys)


def _all(found: Any, *keys: str) -> list[tuple[Any, ...]]:
    return sorted(_plain(one, *keys) for one in found)


class Bench:
    """A database with a connection on which operations are carried out, each in a transaction of its own."""

    def __init__(self, connection: Connection, adapter: DialectAdapter) -> None:
        self.connection = connection
        self.adapter = adapter

    async def perform(self, *operations: Operation[Any]) -> None:
        """Carry the operations out."""
        for operation in operations:
            transactions = Transactions(self.connection, self.adapter)
            try:
                await self._perform(operation, transactions, suspended=False)
            except RestartRevision:
                await transactions.rollback()
                async with self.adapter.foreign_keys_suspended(self.connection) as check:
                    await self._perform(operation, transactions, suspended=True, check=check)

    async def _perform(
        self,
        operation: Operation[Any],
        transactions: Transactions,
        *,
        suspended: bool,
        check: Callable[[], Any] | None = None,
    ) -> None:
        journal = Journal(self.adapter, "asyncmig_version", None)
        if not self.adapter.traits.transactional_ddl:
            await journal.create(self.connection)
        replay = Replay(
            journal,
            self.connection,
            self.adapter,
            revision="conformance",
            direction="upgrade",
        )
        executor = Executor(self.connection, self.adapter, transactions, replay, suspended=suspended)
        session = LiveSession(executor, "conformance", ignore)
        try:
            await session.perform(operation)
            if check is not None:
                await check()
            await transactions.begin()
            await transactions.commit([*map(Change, replay.clearing())])
        except BaseException:
            await transactions.rollback()
            raise


@asynccontextmanager
async def bench(engine: AsyncEngine, **options: Any) -> AsyncIterator[Bench]:
    """A bench on the database of *engine*."""
    async with engine.connect() as connection:
        sync = connection.sync_connection
        assert sync is not None
        adapter = adapter_class(engine.dialect)(engine.dialect, **options)
        await adapter.open(sync)
        try:
            yield Bench(sync, adapter)
        finally:
            await adapter.close(sync)


async def schema_of(engine: AsyncEngine) -> Schema:
    """The schema, read on a connection of its own."""
    async with engine.connect() as connection:
        return await connection.run_sync(Schema)


async def value_of(engine: AsyncEngine, sql: str) -> Any:
    """The rows of a query as plain tuples; a single value as itself."""
    async with engine.connect() as connection:
        rows = [tuple(row) for row in await connection.execute(sa.text(sql))]
    return rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else rows


async def printed(adapter: DialectAdapter, operations: Operations) -> list[str]:
    """The statements of the operations as they are printed without a database."""
    known = adapter.offline_facts()
    statements: list[str] = []

    class Script(SqlScript):
        def statement(self, sql: str) -> None:
            statements.append(sql)

    session = OfflineSession(adapter, Script(adapter), known)
    for operation in operations:
        await session.perform(operation)
    return statements
