"""A program that enters an EnvironmentContext sees no difference when it enters ours."""

import io
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
import alembic.runtime.environment
import alembic.script
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import NullPool

from asyncmig.compat.alembic import command, config
from asyncmig.compat.alembic.errors import CommandError
from asyncmig.compat.alembic.runtime.environment import EnvironmentContext
from asyncmig.compat.alembic.script import ScriptDirectory
from tests.integration.compat.program import Program, rows, schema, sync_url, write_project

AlembicContext = alembic.runtime.environment.EnvironmentContext
AlembicScripts = alembic.script.ScriptDirectory


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project")


@pytest.fixture
def both(scripts: Path, database_url: str) -> list[tuple[Program, Any, Any]]:
    ours = Program(command, config, scripts, database_url)
    theirs = Program(alembic.command, alembic.config, scripts, sync_url(database_url))
    return [(theirs, AlembicContext, AlembicScripts), (ours, EnvironmentContext, ScriptDirectory)]


def story(program: Program, kind: Any, directory: Any, url: str) -> list[Any]:
    """What a program does with `env.py`, and what it sees; the database is empty again at the end."""
    asked: list[Any] = []

    def execute(fn: Any, **options: Any) -> list[Any]:
        mine = program.config()
        script = directory.from_config(mine)
        with kind(mine, script, fn=lambda rev, context: fn(script, rev, context), **options):
            script.run_env()
        return rows(url)

    def look(script: Any, rev: Any, context: Any) -> list[Any]:
        asked.append((rev, context.get_current_revision(), context.dialect.name, context.as_sql))
        return []

    execute(lambda script, rev, context: script._upgrade_revs("b2f0", rev), destination_rev="b2f0")
    seen = [rows(url), execute(look), execute(lambda script, rev, context: script._downgrade_revs("a1f0", rev))]
    seen += [execute(lambda script, rev, context: script._stamp_revs("b2f0", rev))]
    seen += [execute(lambda script, rev, context: script._stamp_revs("a1f0", ()), purge=True)]
    seen += [execute(lambda script, rev, context: script._downgrade_revs(None, rev)), schema(url)]
    return [*seen, asked]


def test_story_of_a_program_is_the_same_with_either(both: list[tuple[Program, Any, Any]], database_url: str) -> None:
    found = [story(*each, database_url) for each in both]

    assert found[0] == found[1]


def test_connection_of_a_program_is_asked_and_migrated(both: list[tuple[Program, Any, Any]], database_url: str) -> None:
    found = []
    for program, kind, directory in both:
        mine = program.config()
        script = directory.from_config(mine)
        engine = sa.create_engine(sync_url(database_url), poolclass=NullPool)

        def fn(rev: Any, context: Any, script: Any = script) -> Any:
            return script._upgrade_revs("a1f0", rev)

        with kind(mine, script, fn=fn) as env, engine.connect() as connection:
            env.configure(connection, version_table="own_version")
            before = env.get_context().get_current_heads()
            with env.begin_transaction():
                env.run_migrations()
            after = env.get_context().get_current_heads()
            heads = set(env.script.get_heads())
            found.append((before, after, heads, env.get_bind() is connection, env.is_offline_mode()))
        found.append(sorted(schema(database_url)["own_version"]))
        with engine.begin() as connection:
            for name in sa.inspect(connection).get_table_names():
                connection.execute(sa.text(f"DROP TABLE {name}"))

    assert found[:2] == found[2:]
    assert found[0][:2] == ((), ("a1f0",))


async def test_connection_of_an_async_engine_is_migrated_inside_run_sync(
    both: list[tuple[Program, Any, Any]], engine: AsyncEngine
) -> None:
    mine = both[1][0].config()
    script = ScriptDirectory.from_config(mine)

    def upgrade(connection: sa.Connection) -> tuple[str, ...]:
        with EnvironmentContext(mine, script, fn=lambda rev, context: script._upgrade_revs("b2f0", rev)) as env:
            env.configure(connection=connection)
            env.run_migrations()
            found: tuple[str, ...] = env.get_context().get_current_heads()
            return found

    async with engine.begin() as connection:
        assert await connection.run_sync(upgrade) == ("b2f0",)
    async with engine.connect() as connection:
        with EnvironmentContext(mine, script, fn=lambda rev, context: []) as env:
            env.configure(connection=connection.sync_connection)
            with pytest.raises(CommandError, match="works only in the event loop that opened it"):
                env.run_migrations()


def test_sql_is_printed_where_alembic_prints_it(both: list[tuple[Program, Any, Any]]) -> None:
    found = []
    for program, kind, directory in both:
        buffer = io.StringIO()
        mine = program.config(output_buffer=buffer)
        script = directory.from_config(mine)

        def fn(rev: Any, context: Any, script: Any = script) -> Any:
            assert context.as_sql
            return script._upgrade_revs("c3f0", rev)

        with kind(mine, script, fn=fn, as_sql=True, starting_rev="b2f0", destination_rev="c3f0"):
            script.run_env()
        found.append(buffer.getvalue())

    for text in found:
        assert "CREATE TABLE bills" in text and "version_num='c3f0'" in text and "CREATE TABLE accounts" not in text


# -- what is wrong


def test_context_without_a_function_is_refused(both: list[tuple[Program, Any, Any]]) -> None:
    mine = both[1][0].config()
    script = ScriptDirectory.from_config(mine)

    with pytest.raises(CommandError, match="was given no function fn="), EnvironmentContext(mine, script):
        script.run_env()
    with pytest.raises(CommandError, match="executed inside of an EnvironmentContext"):
        script.run_env()


def test_steps_that_a_program_makes_itself_are_refused(both: list[tuple[Program, Any, Any]]) -> None:
    mine = both[1][0].config()
    script = ScriptDirectory.from_config(mine)

    with (
        pytest.raises(CommandError, match="gave steps of its own"),
        EnvironmentContext(mine, script, fn=lambda rev, context: ["x"]),
    ):
        script.run_env()


def test_error_of_a_migration_leaves_the_context(both: list[tuple[Program, Any, Any]]) -> None:
    mine = both[1][0].config()
    script = ScriptDirectory.from_config(mine)

    with (
        pytest.raises(CommandError, match="Can't locate revision identified by 'nothing'"),
        EnvironmentContext(mine, script, fn=lambda rev, context: script._upgrade_revs("nothing", rev)),
    ):
        script.run_env()
    assert script.environments == []
