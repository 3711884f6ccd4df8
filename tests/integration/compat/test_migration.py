"""A program that asks where a database is gets Alembic's answer, over a connection of any driver."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
import alembic.migration
import alembic.runtime.migration
import alembic.script
import pytest
import sqlalchemy as sa
from alembic.util import CommandError as AlembicCommandError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import NullPool

from asyncmig.compat.alembic import command, config
from asyncmig.compat.alembic.errors import CommandError
from asyncmig.compat.alembic.migration import MigrationContext
from asyncmig.compat.alembic.runtime import migration as runtime_migration
from asyncmig.compat.alembic.script import ScriptDirectory
from tests.integration.compat.program import Program, rows, sync_url, write_project

AlembicContext = alembic.migration.MigrationContext


@pytest.fixture
def sync_engine(database_url: str) -> sa.Engine:
    return sa.create_engine(sync_url(database_url), poolclass=NullPool)


def fill(connection: sa.Connection, *ids: str) -> None:
    connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    for one in ids:
        connection.execute(sa.text("INSERT INTO alembic_version VALUES (:id)"), {"id": one})


QUESTIONS: list[Callable[[Any], Any]] = [
    lambda context: context.get_current_revision(),
    lambda context: sorted(context.get_current_heads()),
    lambda context: context.dialect.name,
    lambda context: context.bind is context.connection,
    lambda context: (context.as_sql, context.version_table, context.version_table_schema, context.config),
    lambda context: context.opts.get("own"),
]


def answers(kind: Any, connection: sa.Connection, **opts: Any) -> list[Any]:
    context = kind.configure(connection, opts={"own": 1, **opts})
    found = []
    for question in QUESTIONS:
        try:
            found.append(question(context))
        except (AlembicCommandError, CommandError):
            found.append("refused")
    return found


@pytest.mark.parametrize("ids", [None, (), ("a1f0",), ("a1f0", "b2f0"), ("unknown",)])
def test_answer_is_alembics(ids: tuple[str, ...] | None, sync_engine: sa.Engine) -> None:
    if ids is not None:
        with sync_engine.begin() as connection:
            fill(connection, *ids)
    with sync_engine.connect() as connection:
        assert answers(MigrationContext, connection) == answers(AlembicContext, connection)
        assert answers(MigrationContext, connection, version_table="other") == answers(
            AlembicContext, connection, version_table="other"
        )


async def test_connection_of_an_async_engine_is_asked_inside_run_sync(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(fill, "a1f0")
    async with engine.connect() as connection:
        found = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())

    assert found == "a1f0"


def test_modules_are_called_as_alembics() -> None:
    assert runtime_migration.MigrationContext is MigrationContext
    assert alembic.runtime.migration.MigrationContext is AlembicContext


@pytest.mark.parametrize("target", ["heads", "b2f0", "base", "side", ("c3f0", "d4f0")])
def test_stamp_leaves_the_rows_that_alembic_leaves(target: Any, tmp_path: Path, sync_engine: sa.Engine) -> None:
    scripts = write_project(tmp_path / "project")
    found = []
    for kind, directory in ((AlembicContext, alembic.script.ScriptDirectory), (MigrationContext, ScriptDirectory)):
        with sync_engine.begin() as connection:
            context: Any = kind.configure(connection)
            context._ensure_version_table(purge=True)
            context.stamp(directory(str(scripts)), "a1f0")
            context.stamp(directory(str(scripts)), target)
            found.append(sorted(context.get_current_heads()))

    assert found[0] == found[1]


def test_stamp_of_what_is_not_there_is_refused(tmp_path: Path, sync_engine: sa.Engine) -> None:
    scripts = ScriptDirectory(write_project(tmp_path / "project"))
    with sync_engine.begin() as connection:
        context = MigrationContext.configure(connection)
        with pytest.raises(CommandError, match="Can't locate revision identified by 'nothing'"):
            context.stamp(scripts, "nothing")
        fill(connection, "unknown")
        with pytest.raises(CommandError, match="which no revision file declares"):
            context.stamp(scripts, "heads")


def test_table_is_made_once_and_is_one_that_alembic_uses(
    tmp_path: Path, database_url: str, sync_engine: sa.Engine
) -> None:
    with sync_engine.begin() as connection:
        context = MigrationContext.configure(connection)
        context._ensure_version_table()
        context._ensure_version_table()
    program = Program(alembic.command, alembic.config, write_project(tmp_path / "project"), sync_url(database_url))
    program.do("upgrade", "heads")

    assert rows(database_url) == ["e5f0"]


def test_block_is_outside_of_any_transaction(sync_engine: sa.Engine) -> None:
    with sync_engine.connect() as connection:
        context = MigrationContext.configure(connection)
        with context.begin_transaction():
            context.execute("CREATE TABLE t (id INTEGER)")
        connection.execute(sa.text("INSERT INTO t VALUES (1)"))
        with context.autocommit_block():
            connection.execute(sa.text("INSERT INTO t VALUES (2)"))
        connection.execute(sa.text("INSERT INTO t VALUES (3)"))
        connection.rollback()

        assert sorted(connection.scalars(sa.text("SELECT id FROM t"))) == [1, 2]


def test_block_does_not_commit_what_is_the_callers(sync_engine: sa.Engine) -> None:
    with sync_engine.begin() as connection:
        context = MigrationContext.configure(connection)
        with (
            pytest.raises(CommandError, match="cannot commit the transaction"),
            context.autocommit_block(),
        ):
            pass
        with context.begin_transaction():
            context.execute(sa.text("SELECT 1"), execution_options={"no_parameters": False})
        assert connection.in_transaction()


# -- without a connection


@pytest.mark.parametrize(
    "given", [{"url": "postgresql+asyncpg://u:p@h/d"}, {"dialect_name": "sqlite"}, {"url": "mysql+pymysql://h/d"}]
)
def test_dialect_alone_is_enough_to_know_it(given: dict[str, Any]) -> None:
    ours, theirs = MigrationContext.configure(**given), AlembicContext.configure(**given)

    assert ours.dialect.name == theirs.dialect.name
    assert ours.bind is theirs.bind is None
    with pytest.raises(CommandError, match="has no connection"):
        ours.get_current_heads()


def test_printed_run_starts_where_it_is_said(tmp_path: Path) -> None:
    scripts = write_project(tmp_path / "project")
    for start in (None, "base", "a1f0", "b2"):
        found = []
        for kind, directory in ((AlembicContext, alembic.script.ScriptDirectory), (MigrationContext, ScriptDirectory)):
            opts = {"as_sql": True, "starting_rev": start, "script": directory(str(scripts))}
            found.append(kind.configure(dialect_name="sqlite", opts=opts).get_current_heads())
        assert found[0] == found[1]


@pytest.mark.parametrize("given", [{}, {"connection": sa.create_engine("sqlite://")}, {"url": "s3cret"}])
def test_what_is_no_connection_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(CommandError) as caught:
        MigrationContext.configure(**given)

    assert caught.value.hint
    assert "s3cret" not in str(caught.value)


async def test_async_connection_is_refused_with_the_right_way(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        with pytest.raises(CommandError, match="is expected to be a sqlalchemy.engine.Connection instance") as caught:
            MigrationContext.configure(connection)  # type: ignore[arg-type]

    assert "await connection.run_sync" in str(caught.value.hint)


def test_command_and_context_tell_the_same(tmp_path: Path, database_url: str, sync_engine: sa.Engine) -> None:
    Program(command, config, write_project(tmp_path / "project"), database_url).do("upgrade", "b2f0")

    with sync_engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == "b2f0"
