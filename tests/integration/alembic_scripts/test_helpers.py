"""Helper modules of revision files in a process that runs several projects at once, and uses Alembic itself."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from tests.project import Project

HELPERS = {
    "__init__.py": "from shop_helpers.tables import create_audited\n",
    "tables.py": """
        import asyncio
        import sqlalchemy as sa
        from alembic import op
        from shop_helpers import columns
        def create_audited(name, *items):
            made = op.create_table(name, *items, *columns.audit())
            from alembic.op import create_index
            create_index(f"ix_{name}_changed", name, ["changed"])
            op.run_async(pause)
            return made
        async def pause(connection):
            await asyncio.sleep(0.01)
    """,
    "columns.py": """
        import sqlalchemy as sa
        loaded = []
        def audit():
            return [sa.Column("changed", sa.Integer, server_default=sa.text("0"), nullable=False)]
    """,
    "lazy.py": """
        def rename(old, new):
            from alembic import op
            from shop_helpers.tables import columns
            columns.audit()
            op.rename_table(old, new)
    """,
}
ITEMS = 'sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20))'


@pytest.fixture
def helpers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package of helpers on the search path."""
    folder = tmp_path / "path" / "shop_helpers"
    folder.mkdir(parents=True)
    for name, source in HELPERS.items():
        (folder / name).write_text(dedent(source))
    monkeypatch.syspath_prepend(str(folder.parent))
    importlib.invalidate_caches()
    yield "shop_helpers"
    for name in [each for each in sys.modules if each.partition(".")[0] == "shop_helpers"]:
        del sys.modules[name]


def write(project: Project) -> None:
    project.revision(
        "aaaa",
        f'create_audited("one", {ITEMS})\ncreate_audited("two", {ITEMS})',
        'op.drop_table("two")\nop.drop_table("one")',
        style="alembic",
        extra="from shop_helpers import create_audited",
    )
    project.revision(
        "bbbb",
        'import shop_helpers.lazy\nshop_helpers.lazy.rename("two", "three")\nshop_helpers.tables.op.f("name")',
        'import importlib\nimportlib.import_module("shop_helpers.lazy").rename("three", "two")',
        style="alembic",
    )


def interpreter() -> tuple[dict[str, Any], list[str], list[Any], list[Any]]:
    """What of the interpreter a run must leave alone."""
    return dict(sys.modules), list(sys.path), list(sys.meta_path), list(sys.path_hooks)


async def tables(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


async def _run(project: Project, url: str) -> None:
    async with project.migrator(url) as migrator:
        await migrator.upgrade()
        await migrator.downgrade("aaaa")
        await migrator.upgrade()


@pytest.mark.parametrize("host", ["nothing", "alembic", "helpers"])
async def test_twenty_runs_at_once_leave_the_interpreter_as_it_was(tmp_path: Path, helpers: str, host: str) -> None:
    if host != "nothing":
        importlib.import_module("alembic.command")
    if host == "helpers":
        importlib.import_module(f"{helpers}.lazy")
    shared = Project(tmp_path / "shared")
    write(shared)
    projects = [shared] * 10
    for number in range(10):
        projects.append(own := Project(tmp_path / f"own_{number}"))
        write(own)
    urls = [f"sqlite+aiosqlite:///{tmp_path}/{number}.db" for number in range(20)]
    await _run(shared, f"sqlite+aiosqlite:///{tmp_path}/first.db")
    before = interpreter()
    own_dictionaries = {name: dict(vars(module)) for name, module in sys.modules.items() if name.startswith(helpers)}
    await asyncio.gather(*(_run(project, url) for project, url in zip(projects, urls, strict=True)))
    assert interpreter() == before
    for name, was in own_dictionaries.items():
        assert vars(sys.modules[name]) == was
    for url in urls:
        engine = create_async_engine(url)
        assert {"one", "three"} <= await tables(engine)
        await engine.dispose()


async def test_nothing_is_left_by_the_first_run(tmp_path: Path, helpers: str, engine: AsyncEngine) -> None:
    project = Project(tmp_path / "project")
    write(project)
    async with project.migrator(engine) as migrator:
        await migrator.status()
        before = set(sys.modules)
        await migrator.upgrade()
        new = set(sys.modules) - before
        assert {name for name in new if name.partition(".")[0] in (helpers, "alembic")} == set()
    assert {"one", "three"} <= await tables(engine)


async def test_runs_on_one_database_take_turns(tmp_path: Path, helpers: str, engine: AsyncEngine) -> None:
    project = Project(tmp_path / "project")
    write(project)

    async def upgrade() -> int:
        async with project.migrator(engine) as migrator:
            return len((await migrator.upgrade()).applied)

    assert sorted(await asyncio.gather(*(upgrade() for _ in range(5)))) == [0, 0, 0, 0, 2]
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM three")) == 0
