"""What a project chooses: operations of its own, observers, the place of the version table, the kind of database."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import anyio
import pytest
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from asyncmig import Environment, Migrator
from asyncmig.config import Settings
from asyncmig.dialects.adapter import DialectAdapter
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.steps import Statement, Step
from asyncmig.environment import VersionChange
from asyncmig.errors import HistoryMismatchError, RevisionFailedError
from asyncmig.events import Event, RevisionDone
from asyncmig.operations import Operation
from tests.project import Project

CREATE = 'await op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))'
DROP = 'await op.drop_table("users")'


@dataclass(frozen=True, eq=False)
class CreateView(Operation[None]):
    """An operation that asyncmig does not know."""

    verb: ClassVar[str] = "create_view"
    name: str
    query: str

    def tables(self) -> frozenset[Any]:
        return frozenset()

    def describe(self) -> str:
        return f"create view {self.name}"


def plan_view(adapter: DialectAdapter, operation: Any, facts: Facts) -> Iterator[Step]:
    """Its planner, for every database."""
    yield Statement(f"CREATE VIEW {adapter.quote(operation.name)} AS {operation.query}")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.mark.parametrize("word", ["perform", "invoke"])
async def test_operation_of_ones_own_is_planned_printed_and_done(
    project: Project, engine: AsyncEngine, word: str
) -> None:
    project.revision(
        "aaaa",
        f"""
        from tests.integration.test_environment import CreateView
        {CREATE}
        await op.{word}(CreateView("people", "SELECT id FROM users"))
        """,
        'await op.execute("DROP VIEW people")\n' + DROP,
    )
    async with project.migrator(engine, environment=Environment(planners={CreateView: plan_view})) as migrator:
        (move,) = (await migrator.plan()).moves
        assert move.descriptions == ("create table users (id)", "create view people")
        assert "CREATE VIEW people AS SELECT id FROM users;" in await migrator.sql()
        await migrator.upgrade()
        async with engine.connect() as connection:
            assert await connection.run_sync(lambda sync: inspect(sync).get_view_names()) == ["people"]
        await migrator.downgrade("base")


async def test_operation_without_a_planner_is_named(project: Project, sqlite_url: str) -> None:
    project.revision(
        "aaaa",
        'from tests.integration.test_environment import CreateView\nawait op.perform(CreateView("people", "SELECT 1"))',
    )
    async with project.migrator(sqlite_url) as migrator:
        with pytest.raises(RevisionFailedError, match="create view people"):
            await migrator.upgrade()


async def test_environment_file_may_define_operations(project: Project, sqlite_url: str) -> None:
    (project.location / "env.py").write_text(
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\n"
        "from typing import ClassVar\n"
        "from asyncmig import Environment\n"
        "from asyncmig.dialects.steps import Statement\n"
        "from asyncmig.operations import Operation\n\n\n"
        "@dataclass(frozen=True, eq=False)\n"
        "class Analyze(Operation[None]):\n"
        '    verb: ClassVar[str] = "analyze"\n'
        "    name: str\n\n\n"
        "def plan(adapter, operation, facts):\n"
        '    yield Statement("ANALYZE")\n\n\n'
        "environment = Environment(planners={Analyze: plan})\n"
    )
    project.revision("aaaa", CREATE)
    async with project.migrator(sqlite_url) as migrator:
        await migrator.upgrade()
        assert [kind.__name__ for kind in migrator.environment.planners] == ["Analyze"]


async def test_observers_of_the_environment_are_told_besides(project: Project, sqlite_url: str) -> None:
    project.revision("aaaa", CREATE)
    theirs: list[Event] = []
    mine: list[Event] = []
    environment = Environment(observers=[theirs.append])
    async with project.migrator(sqlite_url, environment=environment, events=mine) as migrator:
        await migrator.upgrade()
    assert theirs == mine
    assert [event.revision for event in theirs if isinstance(event, RevisionDone)] == ["aaaa"]


async def test_version_table_stands_in_the_schema_of_the_settings(project: Project, postgresql_url: str) -> None:
    project.revision("aaaa", CREATE, DROP)
    engine = create_async_engine(postgresql_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE SCHEMA meta"))
    async with project.migrator(engine, version_table="versions", version_table_schema="meta") as migrator:
        assert "CREATE TABLE meta.versions" in await migrator.sql()
        await migrator.upgrade()
        assert [one.id for one in await migrator.current()] == ["aaaa"]
        assert [one.revision for one in await migrator.log()] == ["aaaa"]
        async with engine.connect() as connection:
            names = await connection.run_sync(lambda sync: inspect(sync).get_table_names(schema="meta"))
            assert set(names) == {"versions", "asyncmig_log"}
        await migrator.downgrade("base")
        assert await migrator.current() == ()
    await engine.dispose()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite+aiosqlite://"])
async def test_database_in_memory_lives_as_long_as_its_migrator(project: Project, url: str) -> None:
    project.revision("aaaa", CREATE, DROP)
    async with project.migrator(url) as migrator:
        await migrator.upgrade()
        assert await migrator.is_at_heads()
        await migrator.downgrade("base")
        assert await migrator.current() == ()


async def test_two_migrators_of_two_histories_run_side_by_side(tmp_path: Path, sqlite_url: str) -> None:
    """Both histories have the same ids, and each script sees its own database."""
    results: dict[str, tuple[str, ...]] = {}

    async def run(name: str) -> None:
        (tmp_path / name).mkdir()
        project = Project(tmp_path / name)
        style = "async" if name == "one" else "plain"
        wait = "await op.run(pause)" if name == "one" else "op.run(pause)"
        word = "await op." if name == "one" else "op."
        project.revision(
            "aaaa",
            f"""
            import anyio
            async def pause(connection): await anyio.sleep(0.05)
            {word}execute("CREATE TABLE {name}_first (x INTEGER)")
            {wait}
            {word}execute("CREATE TABLE {name}_second (x INTEGER)")
            """,
            style=style,
        )
        engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / name}.db")
        settings = Settings(root=tmp_path)
        async with Migrator(engine, project.location, settings=settings) as migrator:
            await migrator.upgrade()
        async with engine.connect() as connection:
            names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        results[name] = tuple(sorted(one for one in names if not one.startswith("asyncmig_")))
        await engine.dispose()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run, "one")
        tasks.start_soon(run, "two")
    assert results == {name: (f"{name}_first", f"{name}_second") for name in ("one", "two")}


async def test_change_of_the_version_is_told_in_its_transaction(engine: AsyncEngine, tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.revision("aaaa", 'await op.create_table("first", sa.Column("id", sa.Integer, primary_key=True))')
    project.revision("bbbb", 'await op.create_table("second", sa.Column("id", sa.Integer, primary_key=True))')
    seen: list[tuple[str, str, tuple[str, ...]]] = []

    def told(change: VersionChange) -> None:
        rows = change.connection.exec_driver_sql("SELECT version_num FROM asyncmig_version").scalars().all()
        seen.append((change.move.direction, change.move.id, tuple(rows)))
        if change.move.id == "bbbb":
            raise RuntimeError("not this one")

    migrator = project.migrator(engine, environment=Environment(on_version_apply=[told]))
    with pytest.raises(RevisionFailedError, match="not this one"):
        await migrator.upgrade()
    assert seen == [("upgrade", "aaaa", ("aaaa",)), ("upgrade", "bbbb", ("bbbb",))]
    assert [one.id for one in await migrator.current()] == ["aaaa"]


async def test_history_that_alembic_has_run_is_not_run_again(engine: AsyncEngine, tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.revision(
        "aaaa",
        'await op.create_table("first", sa.Column("id", sa.Integer, primary_key=True))',
        'await op.drop_table("first")',
    )
    project.revision("bbbb", 'await op.create_table("second", sa.Column("id", sa.Integer, primary_key=True))')
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        await connection.execute(text("INSERT INTO alembic_version VALUES ('somebody else''s')"))
    await project.migrator(engine).upgrade("aaaa")
    await project.migrator(engine).downgrade("base")
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE asyncmig_version"))
        await connection.execute(text("INSERT INTO alembic_version VALUES ('aaaa')"))

    with pytest.raises(HistoryMismatchError, match="alembic_version says that the database is at aaaa") as caught:
        await project.migrator(engine).upgrade()
    assert 'version_table = "alembic_version"' in (caught.value.hint or "")
    async with engine.connect() as connection:
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    assert not {"asyncmig_version", "first", "second"} & set(tables)

    await project.migrator(engine).stamp("aaaa")
    assert [one.revision for one in (await project.migrator(engine).upgrade()).applied] == ["bbbb"]
