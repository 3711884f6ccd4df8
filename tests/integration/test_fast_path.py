"""The usual start: nothing is pending, which takes one question and no lock."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from asyncmig.dialects.registry import adapter_class
from tests.project import Project


@pytest.fixture
async def project(tmp_path: Path, engine: AsyncEngine) -> Project:
    """A project whose one revision is applied."""
    project = Project(tmp_path)
    project.revision("aaaa", 'await op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))')
    async with project.migrator(engine) as migrator:
        assert await migrator.upgrade()
    return project


async def test_start_with_nothing_pending_is_one_question(project: Project, engine: AsyncEngine) -> None:
    asked: list[str] = []
    async with engine.connect() as connection:  # What SQLAlchemy asks a server about itself, it asks once.

        @event.listens_for(connection.sync_connection, "before_cursor_execute")
        def note(_: Any, __: Any, statement: str, *___: Any) -> None:
            asked.append(statement)

        async with project.migrator(connection) as migrator:
            assert not await migrator.upgrade()
    assert len(asked) == 1 and asked[0].startswith("SELECT") and "asyncmig_version" in asked[0], asked


async def test_start_with_nothing_pending_waits_for_nobody(project: Project, engine: AsyncEngine) -> None:
    adapter = adapter_class(engine.dialect)(engine.dialect)
    async with engine.connect() as other:
        if engine.dialect.name == "sqlite":
            await other.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            assert other.sync_connection is not None
            assert await adapter.try_lock(other.sync_connection, "asyncmig_version")
        async with project.migrator(engine, lock_wait=0) as migrator:
            assert not await migrator.upgrade()
        await other.rollback()


async def test_run_leaves_the_signals_of_its_program_alone(project: Project, engine: AsyncEngine) -> None:
    """What a program does about SIGTERM and Ctrl-C is its own, also in the middle of a run."""
    seen = []
    project.revision("bbbb", 'await op.execute("INSERT INTO t (id) VALUES (1)")')
    loop = asyncio.get_running_loop()
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    def look(_: object) -> None:
        seen.append([signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)])
        # What asyncio has installed for the loop.
        assert not loop.__dict__.get("_signal_handlers")

    async with project.migrator(engine, observer=look) as migrator:
        await migrator.upgrade()
    assert seen and all(one == before for one in seen)
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT id FROM t")) == 1
