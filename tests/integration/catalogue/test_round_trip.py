"""Round trips: from random models to others and back, as the diff says, with the rows that are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from asyncmig.autogenerate import Filters, Renames, diff
from asyncmig.autogenerate.diff import Diff
from asyncmig.operations.base import TableName
from tests.integration.catalogue.round_trips import Pair, Rows, fill, pairs, rows
from tests.integration.catalogue.setting import Setting, setting
from tests.tallies import TALLIES, Tallies

#: A smaller pair would take minutes to find.
NO_SHRINKING = (Phase.explicit, Phase.generate)
#: What the tool keeps for itself where DDL has no transactions.
OURS = Filters(leave_out=frozenset({TableName("asyncmig_journal")}))
QUICK = settings(
    max_examples=20, derandomize=True, deadline=None, phases=NO_SHRINKING, suppress_health_check=list(HealthCheck)
)
LONG = settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="session")
def tallies(pytestconfig: pytest.Config) -> Tallies:
    return pytestconfig.stash[TALLIES]


async def _diff(here: Setting, metadata: sa.MetaData) -> Diff:
    connection = here.connection.sync_connection
    assert connection is not None
    found = await diff(connection, here.catalogue, metadata, filters=OURS, renames=Renames(accept_loss=True))
    await here.connection.rollback()
    assert found.warnings == ()
    return found


async def _rows(here: Setting, metadata: sa.MetaData, pair: Pair) -> Rows:
    found = await here.connection.run_sync(rows, metadata, pair)
    await here.connection.rollback()
    return found


async def _there_and_back(here: Setting, pair: Pair, database: str) -> None:
    before, after = pair.before.metadata(database), pair.after.metadata(database)
    await here.create(before)
    if pair.filled:
        await here.connection.run_sync(fill, before, pair)
        await here.connection.commit()
    held = await _rows(here, before, pair)
    assert await _left(here, before) == []

    there = await _diff(here, after)
    await here.perform(*there.operations)
    assert await _left(here, after) == []
    assert await _rows(here, after, pair) == held

    await here.perform(*there.undone())
    assert await _left(here, before) == []
    assert await _rows(here, before, pair) == held


async def _left(here: Setting, metadata: sa.MetaData) -> list[str]:
    """What is still different, in words."""
    return [operation.describe() for operation in (await _diff(here, metadata)).operations]


async def _sqlite(pair: Pair, enforced: bool, tallies: Tallies) -> None:
    async with setting("sqlite+aiosqlite://") as here:
        if enforced:
            await here.execute("PRAGMA foreign_keys = ON")
        await _there_and_back(here, pair, "sqlite")
    tallies.add("round trips on sqlite", pairs=1, with_rows=pair.filled)


async def _server(url: str, pair: Pair, database: str, tallies: Tallies) -> None:
    async with setting(url) as here:
        await _clear(here, database)
        await _there_and_back(here, pair, database)
    tallies.add(f"round trips on {database}", pairs=1, with_rows=pair.filled)


async def _clear(here: Setting, database: str) -> None:
    """Leave nothing of another pair behind."""
    if database == "postgresql":
        await here.execute("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
        return
    names = await here.connection.run_sync(lambda connection: sa.inspect(connection).get_table_names())
    quoted = ", ".join(f"`{name}`" for name in names)
    drops = [f"DROP TABLE {quoted}"] if names else []
    await here.execute("SET foreign_key_checks = 0", *drops, "SET foreign_key_checks = 1")


@QUICK
@given(pair=pairs("sqlite"), enforced=st.booleans())
async def test_sqlite(tallies: Tallies, pair: Pair, enforced: bool) -> None:
    await _sqlite(pair, enforced, tallies)


@QUICK
@given(pair=pairs("postgresql"))
async def test_postgresql(postgresql_url: str, tallies: Tallies, pair: Pair) -> None:
    await _server(postgresql_url, pair, "postgresql", tallies)


@QUICK
@given(pair=pairs("mysql"))
async def test_mysql(mysql_url: str, tallies: Tallies, pair: Pair) -> None:
    await _server(mysql_url, pair, "mysql", tallies)


@pytest.mark.slow
@LONG
@given(pair=pairs("sqlite"), enforced=st.booleans())
async def test_many_on_sqlite(tallies: Tallies, pair: Pair, enforced: bool) -> None:
    await _sqlite(pair, enforced, tallies)


@pytest.mark.slow
@LONG
@given(pair=pairs("postgresql"))
async def test_many_on_postgresql(postgresql_url: str, tallies: Tallies, pair: Pair) -> None:
    await _server(postgresql_url, pair, "postgresql", tallies)


@pytest.mark.slow
@LONG
@given(pair=pairs("mysql"))
async def test_many_on_mysql(mysql_url: str, tallies: Tallies, pair: Pair) -> None:
    await _server(mysql_url, pair, "mysql", tallies)


def _circle(metadata: sa.MetaData) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        sa.Table(
            name,
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("other", sa.ForeignKey(f"{other}.id", name=f"fk_{name}")),
        )


def _table(*items: Any, **options: Any) -> Callable[[sa.MetaData], Any]:
    return lambda metadata: sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), *items, **options)


ON_SQLITE: dict[str, tuple[Callable[[sa.MetaData], Any], Callable[[sa.MetaData], Any], Sequence[str]]] = {
    "a collation goes": (
        _table(sa.Column("a", sa.String(5, collation="NOCASE"))),
        _table(sa.Column("a", sa.String(5))),
        ["INSERT INTO t (a) VALUES ('x')"],
    ),
    "a rowid that is counted goes": (
        _table(sqlite_autoincrement=True),
        _table(sqlite_with_rowid=False),
        ["INSERT INTO t (id) VALUES (1)"],
    ),
    "STRICT goes, and a column comes that it would not have": (
        _table(sa.Column("a", sa.Text), sqlite_strict=True),
        _table(sa.Column("a", sa.Text), sa.Column("b", sa.DateTime, server_default=sa.func.now())),
        ["INSERT INTO t (a) VALUES ('x')"],
    ),
    "tables with rows that refer to each other go": (
        _circle,
        _table(),
        ["INSERT INTO a VALUES (1, NULL)", "INSERT INTO b VALUES (1, 1)", "UPDATE a SET other = 1"],
    ),
}


@pytest.mark.parametrize("name", ON_SQLITE)
async def test_what_sqlite_does_in_its_own_way(sqlite_url: str, name: str) -> None:
    one, other, rows_before = ON_SQLITE[name]
    before, after = sa.MetaData(), sa.MetaData()
    one(before)
    other(after)
    async with setting(sqlite_url) as here:
        await here.create(before)
        await here.execute("PRAGMA foreign_keys = ON", *rows_before)
        there = await _diff(here, after)
        await here.perform(*there.operations)
        assert await _left(here, after) == []
        await here.perform(*there.undone())
        assert await _left(here, before) == []
