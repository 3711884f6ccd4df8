"""`Migrator.diff`, `check` and `revision(autogenerate=True)`: what programs and environments can say."""

import gc
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from asyncmig import Environment, Migrator, Operation
from asyncmig.autogenerate import Backfill, NewColumn, OneTimeDefault, RenameQuestion
from asyncmig.config import Settings
from asyncmig.errors import (
    AmbiguousRenameError,
    FilterError,
    MissingMetadataError,
    NoTablesError,
    NotAtHeadsError,
    OperationError,
)
from asyncmig.migrator.answers import Answers
from asyncmig.operations import AlterTable, CreateTable, DropTable
from asyncmig.rendering.source import Source
from asyncmig.rendering.templates import find_template
from tests.unit.rendering.types_of_users import Money


@pytest.fixture
def location(tmp_path: Path) -> Path:
    """A directory of revisions, without an `env.py`."""
    place = tmp_path / "migrations"
    (place / "versions").mkdir(parents=True)
    template = find_template("async").path / "migrations" / "script.py.mako"
    (place / "script.py.mako").write_text(template.read_text())
    return place


def models(*columns: sa.Column[Any], name: str = "users", schema: str | None = None) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(name, metadata, sa.Column("id", sa.Integer, primary_key=True), *columns, schema=schema)
    return metadata


async def make(engine: AsyncEngine, metadata: sa.MetaData) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)


async def execute(engine: AsyncEngine, *statements: str) -> None:
    async with engine.begin() as connection:
        for statement in statements:
            await connection.exec_driver_sql(statement)


def words(result: Any) -> list[str]:
    return [difference.description for difference in result.differences]


def texts(location: Path) -> list[str]:
    return [path.read_text() for path in sorted((location / "versions").glob("*.py"))]


async def test_operations_of_a_diff_are_what_a_revision_does(engine: AsyncEngine, location: Path) -> None:
    metadata = models(sa.Column("name", sa.String(20), nullable=False))
    async with Migrator(engine, location, metadata=metadata) as migrator:
        found = await migrator.diff(sql=True)
        assert words(found) == ["create table users (id, name)"]
        assert isinstance(found.operations[0], CreateTable)
        assert isinstance(found.reversal[0], DropTable)
        assert found.gaps == ()
        assert found.sql is not None
        assert "CREATE TABLE users" in found.sql
        created = await migrator.revision(autogenerate=True)
        assert created is not None
        assert created.message == "create table users"
        assert words(created) == words(found)
        result = await migrator.upgrade()
        assert result.heads == (created.revision,)
        assert not await migrator.diff()
        assert not await migrator.check()
        assert await migrator.revision("again", autogenerate=True) is None
        await migrator.downgrade("base")
        with pytest.raises(NotAtHeadsError) as caught:
            await migrator.diff()
    assert caught.value.pending == (created.revision,)


async def test_tables_of_asyncmig_and_alembic_are_no_differences(engine: AsyncEngine, location: Path) -> None:
    await execute(engine, "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    metadata = models()
    async with Migrator(engine, location, metadata=metadata) as migrator:
        await migrator.revision(autogenerate=True)
        await migrator.upgrade()
        assert words(await migrator.diff()) == []
    settings = Settings(root=location.parent, version_table="own_versions", lock="lease")
    async with Migrator(engine, location, metadata=metadata, settings=settings) as migrator:
        await migrator.stamp("heads")
        assert words(await migrator.diff()) == []


async def test_tables_of_asyncmig_in_a_schema_of_their_own_are_no_differences(
    postgresql_url: str, location: Path
) -> None:
    engine = create_async_engine(postgresql_url)
    await execute(engine, "CREATE SCHEMA own")
    for schema in ("own", "public"):
        settings = Settings(root=location.parent, version_table_schema=schema)
        environment = Environment(metadata=models(), include_schemas=True)
        async with Migrator(engine, location, environment=environment, settings=settings) as migrator:
            await migrator.stamp("heads")
            await migrator.ensure_version()
            assert words(await migrator.diff()) == ["create table users (id)"]
    await engine.dispose()


async def test_open_transaction_of_the_caller_is_looked_into(engine: AsyncEngine, location: Path) -> None:
    metadata = models()
    async with engine.connect() as connection:
        await connection.exec_driver_sql("CREATE TABLE by_hand (id INTEGER PRIMARY KEY NOT NULL)")
        async with Migrator(connection, location, metadata=metadata) as migrator:
            assert words(await migrator.diff()) == ["create table users (id)", "drop table by_hand"]
        assert not connection.closed


@pytest.mark.parametrize("metadata", [None, []])
async def test_no_models_are_an_error(engine: AsyncEngine, location: Path, metadata: Any) -> None:
    async with Migrator(engine, location, environment=Environment(metadata=metadata)) as migrator:
        for work in (migrator.diff(), migrator.check(), migrator.revision("x", autogenerate=True)):
            with pytest.raises(MissingMetadataError, match=r"env\.py names no metadata"):
                await work
    assert texts(location) == []


async def test_models_without_a_table_are_an_error_only_where_there_are_some(
    engine: AsyncEngine, location: Path
) -> None:
    async with Migrator(engine, location, metadata=sa.MetaData()) as migrator:
        assert not await migrator.diff()
        await make(engine, models())
        with pytest.raises(NoTablesError):
            await migrator.diff()


# -- what an environment says


async def test_names_that_are_turned_down_are_not_looked_at(engine: AsyncEngine, location: Path) -> None:
    await make(engine, models(name="not_ours"))
    asked = []

    def include_name(name: str | None, kind: str, parents: Any) -> bool:
        asked.append((kind, name))
        return name != "not_ours"

    environment = Environment(metadata=models(), include_name=include_name)
    async with Migrator(engine, location, environment=environment) as migrator:
        assert words(await migrator.diff()) == ["create table users (id)"]
    assert ("table", "not_ours") in asked


async def test_objects_that_are_turned_down_are_no_differences(engine: AsyncEngine, location: Path) -> None:
    await make(engine, models(sa.Column("kept", sa.Integer), sa.Column("gone", sa.Integer)))

    def include_object(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
        return not (kind == "column" and name == "kept" and reflected and compare_to is None)

    environment = Environment(metadata=models(), include_object=include_object)
    async with Migrator(engine, location, environment=environment) as migrator:
        assert words(await migrator.diff()) == ["drop column users.gone"]


async def test_functions_that_compare_have_the_last_word(engine: AsyncEngine, location: Path) -> None:
    await make(engine, models(sa.Column("a", sa.String(10)), sa.Column("b", sa.String(10), server_default="x")))
    wanted = models(sa.Column("a", sa.String(20)), sa.Column("b", sa.String(10), server_default="y"))
    contexts = []

    def same(context: Any, *columns: Any) -> bool:
        contexts.append(context)
        return False

    environment = Environment(metadata=wanted, compare_type=same, compare_server_default=same)
    async with Migrator(engine, location, environment=environment) as migrator:
        assert not await migrator.diff()
    assert {context.dialect.name for context in contexts} == {engine.dialect.name}
    environment = Environment(metadata=wanted, compare_type=False, compare_server_default=False)
    async with Migrator(engine, location, environment=environment) as migrator:
        assert not await migrator.diff()
    async with Migrator(engine, location, metadata=wanted) as migrator:
        assert len(words(await migrator.diff())) == 2


async def test_types_are_written_as_the_environment_says(engine: AsyncEngine, location: Path) -> None:
    wanted = models(sa.Column("a", Money()), sa.Column("b", sa.String(20)))

    def render_item(kind: str, item: Any, context: Any) -> str | bool:
        if kind == "type" and isinstance(item, sa.String):
            context.imports.add("from sqlalchemy import String as Words")
            return f"Words({item.length})"
        return False

    environment = Environment(
        metadata=wanted,
        render_item=render_item,  # type: ignore[arg-type]
        sources={
            Money: lambda value: Source(
                "types.Money()", frozenset({"import tests.unit.rendering.types_of_users as types"})
            )
        },
    )
    async with Migrator(engine, location, environment=environment) as migrator:
        await migrator.revision(autogenerate=True)
        (text,) = texts(location)
        assert "import tests.unit.rendering.types_of_users as types\nfrom sqlalchemy import String as Words\n" in text
        assert 'sa.Column("a", types.Money())' in text
        assert 'sa.Column("b", Words(20))' in text
        await migrator.upgrade()
        assert not await migrator.diff()


async def test_operations_are_revised_before_they_are_told_and_written(engine: AsyncEngine, location: Path) -> None:
    await make(engine, models(name="old"))

    def revise(operations: Sequence[Operation[Any]]) -> Sequence[Operation[Any]]:
        return [operation for operation in operations if not isinstance(operation, DropTable)]

    async with Migrator(engine, location, environment=Environment(metadata=models(), revise=revise)) as migrator:
        assert words(await migrator.diff()) == ["create table users (id)"]
        await migrator.revision(autogenerate=True, answers=Answers(accept_loss=True))
        assert 'drop_table("old"' not in texts(location)[0]


@pytest.mark.parametrize("answer", [None, [3]])
async def test_revise_that_gives_no_operations_is_an_error(engine: AsyncEngine, location: Path, answer: Any) -> None:
    environment = Environment(metadata=models(), revise=lambda operations: answer)
    async with Migrator(engine, location, environment=environment) as migrator:
        with pytest.raises(FilterError, match="The filter revise failed"):
            await migrator.diff()


async def test_type_that_cannot_be_written_leaves_no_file(engine: AsyncEngine, location: Path) -> None:
    class Local(sa.types.TypeDecorator[str]):
        impl = sa.String
        cache_ok = True

    async with Migrator(engine, location, metadata=models(sa.Column("a", Local(10)))) as migrator:
        with pytest.raises(OperationError, match="Local"):
            await migrator.revision(autogenerate=True)
    assert texts(location) == []


# -- what is asked


class Person:
    """Somebody who answers."""

    def __init__(self, default: OneTimeDefault | Backfill | None = None) -> None:
        self.asked: list[RenameQuestion | NewColumn] = []
        self.default = default

    async def is_rename(self, question: RenameQuestion) -> bool:
        self.asked.append(question)
        return True

    async def default_for(self, column: NewColumn) -> OneTimeDefault | Backfill | None:
        self.asked.append(column)
        return self.default


async def test_rename_is_asked_about_and_keeps_the_data(engine: AsyncEngine, location: Path) -> None:
    await make(engine, models(sa.Column("name", sa.String(20))))
    await execute(engine, "INSERT INTO users (id, name) VALUES (1, 'Ada')")
    wanted = models(sa.Column("full_name", sa.String(20)))
    person = Person()
    async with Migrator(engine, location, metadata=wanted) as migrator:
        with pytest.raises(AmbiguousRenameError) as caught:
            await migrator.revision(autogenerate=True)
        assert caught.value.candidates == (("users.name", "full_name"),)
        assert texts(location) == []
        await migrator.revision(autogenerate=True, answers=Answers(questioner=person))
        assert len(person.asked) == 1
        await migrator.upgrade()
        async with engine.connect() as connection:
            assert (await connection.execute(sa.text("SELECT full_name FROM users"))).scalars().all() == ["Ada"]
        assert not await migrator.check()


@pytest.mark.parametrize("answer", [OneTimeDefault("'new'"), Backfill("'new'")])
async def test_rows_that_are_there_get_the_value_that_is_said(
    engine: AsyncEngine, location: Path, answer: OneTimeDefault | Backfill
) -> None:
    await make(engine, models())
    await execute(engine, "INSERT INTO users (id) VALUES (1)")
    wanted = models(sa.Column("role", sa.String(20), nullable=False))
    async with Migrator(engine, location, metadata=wanted) as migrator:
        created = await migrator.revision(autogenerate=True, answers=Answers(questioner=Person(answer)))
        assert created is not None
        await migrator.upgrade()
        async with engine.connect() as connection:
            assert (await connection.execute(sa.text("SELECT role FROM users"))).scalars().all() == ["new"]
        assert not await migrator.check()
        await migrator.downgrade("base")
    async with Migrator(engine, location, metadata=models()) as migrator:
        for path in (location / "versions").glob("*.py"):
            path.unlink()
        assert not await migrator.check()


async def test_required_column_without_a_value_is_noted_in_the_file(engine: AsyncEngine, location: Path) -> None:
    await make(engine, models())
    async with Migrator(
        engine, location, metadata=models(sa.Column("role", sa.String(20), nullable=False))
    ) as migrator:
        created = await migrator.revision(autogenerate=True)
        assert created is not None
        assert any("users.role" in warning for warning in created.warnings)
        assert "    # " in texts(location)[0]


async def test_column_that_cannot_come_back_by_itself_is_noted_in_the_downgrade(
    engine: AsyncEngine, location: Path
) -> None:
    await make(engine, models(sa.Column("name", sa.String(20), nullable=False), sa.Column("age", sa.Integer)))
    async with Migrator(engine, location, metadata=models()) as migrator:
        await migrator.revision(autogenerate=True)
    down = texts(location)[0].partition("async def downgrade")[2]
    assert down.count("    # Fails where users has rows, which have no value for name: give it a server_default.") == 1


# -- beside other things


async def test_several_databases_are_compared_at_once(sqlite_url: str, postgresql_url: str, location: Path) -> None:
    found = {}

    async def look(url: str) -> None:
        async with Migrator(url, location, metadata=models()) as migrator:
            found[url] = words(await migrator.diff())

    async with anyio.create_task_group() as group:
        for url in (sqlite_url, postgresql_url, f"{sqlite_url}2"):
            group.start_soon(look, url)
    assert [*found.values()] == [["create table users (id)"]] * 3


async def test_loop_is_not_held_while_many_tables_are_compared(sqlite_url: str, location: Path) -> None:
    metadata = sa.MetaData()
    for number in range(400):
        columns = [sa.Column(f"column_{each}", sa.String(20)) for each in range(10)]
        sa.Table(f"table_{number}", metadata, sa.Column("id", sa.Integer, primary_key=True), *columns)
    engine = create_async_engine(sqlite_url)
    await make(engine, metadata)
    await engine.dispose()
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            # By the CPU of this thread: a machine that is busy otherwise holds nobody's loop.
            before = time.thread_time()
            await anyio.lowlevel.checkpoint()
            longest = max(longest, time.thread_time() - before)

    async with Migrator(sqlite_url, location, metadata=metadata) as migrator, anyio.create_task_group() as group:
        # What is imported for the first time is not what is measured.
        await migrator.diff()
        group.start_soon(watch)
        # What the tests before have left to collect is not of this work.
        gc.disable()
        try:
            assert not await migrator.diff()
        finally:
            gc.enable()
        group.cancel_scope.cancel()
    assert longest < 0.05


async def test_result_of_a_block_is_told_column_by_column(sqlite_url: str, location: Path) -> None:
    engine = create_async_engine(sqlite_url)
    await make(engine, models(sa.Column("a", sa.String(20)), sa.Column("b", sa.String(20), nullable=False)))
    wanted = models(sa.Column("a", sa.Integer), sa.Column("b", sa.String(20)))
    async with Migrator(engine, location, metadata=wanted) as migrator:
        found = await migrator.diff()
    assert [type(operation) for operation in found.operations] == [AlterTable]
    assert len(found.differences) == 2
    await engine.dispose()
