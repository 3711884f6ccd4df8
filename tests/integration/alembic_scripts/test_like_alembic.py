"""Revision files and their helpers run by Alembic itself and by us: the same must hold in them, and come of them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from sqlalchemy import Column, Connection, MetaData, inspect, select
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.alembic_scripts.test_surface import BODIES, COOKBOOK, CREATE
from tests.integration.compat.alembic_project import AlembicDirectory, sync_url

#: What Alembic cannot do with a synchronous driver, or does by ending the process, or has no check for.
_OURS = {"containers", "run_async", "util", "nothing_for_env"}


@pytest.mark.parametrize("name", sorted(BODIES.keys() - _OURS))
def test_what_holds_in_our_scripts_holds_in_alembics(tmp_path: Path, sqlite_url: str, name: str) -> None:
    project = AlembicDirectory(tmp_path / "project", sync_url(sqlite_url))
    project.revision("aaaa", CREATE)
    project.revision("bbbb", dedent(BODIES[name]).strip())
    project.alembic("-x", "tenant=a", "-x", "dry", "upgrade", "head")


HELPERS = {
    "__init__.py": "from helpers.tables import create_audited\n",
    "tables.py": """
        import sqlalchemy as sa
        from alembic import op
        from helpers import columns
        def create_audited(name, *items):
            made = op.create_table(name, *items, *columns.audit())
            create_index(name)
            return made
        def create_index(name):
            from alembic.op import create_index, f
            create_index(f(f"ix_{name}_changed"), name, ["changed"])
    """,
    "columns.py": """
        import sqlalchemy as sa
        def audit():
            return [sa.Column("changed", sa.Integer, server_default=sa.text("0"), nullable=False)]
    """,
    "lazy.py": """
        def rename(old, new):
            from alembic import op
            from helpers.columns import audit
            assert audit()
            op.rename_table(old, new)
    """,
    "data.py": """
        import importlib
        from alembic import context, op
        import sqlalchemy as sa
        def fill(table):
            helper = importlib.import_module("helpers.rows")
            assert not context.is_offline_mode()
            op.bulk_insert(table, helper.rows(op.get_bind().dialect.name))
    """,
    "rows.py": "def rows(dialect):\n    return [{'id': number, 'name': dialect} for number in (1, 2)]\n",
}


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> AlembicDirectory:
    """A project whose scripts use helper modules, one of which registers operations and is imported by `env.py`."""
    project = AlembicDirectory(tmp_path / "project", sync_url(database_url))
    folder = project.root / "helpers"
    folder.mkdir()
    for name, text in HELPERS.items():
        (folder / name).write_text(dedent(text))
    (project.root / "replaceable.py").write_text(COOKBOOK)
    project.edit("from alembic import context\n", "from alembic import context\nimport replaceable\n")
    items = 'sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20))'
    project.revision(
        "a1",
        f'from helpers import create_audited\nfrom helpers.data import fill\nfill(create_audited("one", {items}))',
        'op.drop_table("one")',
    )
    project.revision(
        "b2",
        f'import helpers.lazy\nhelpers.create_audited("two", {items})\nhelpers.lazy.rename("two", "three")',
        'op.drop_table("three")',
    )
    view = 'view = __import__("replaceable").ReplaceableObject("people", "SELECT id, name FROM one")\n'
    project.revision("c3", f"{view}op.create_view(view)", f"{view}op.drop_view(view)")
    return project


def default_of(column: Column[Any]) -> str:
    return str(getattr(column.server_default, "arg", None))


def content(connection: Connection) -> dict[str, Any]:
    """The tables and views of a database: their columns and indexes, and their rows."""
    inspector = inspect(connection)
    found: dict[str, Any] = {}
    metadata = MetaData()
    metadata.reflect(connection, views=True)
    for table in metadata.sorted_tables:
        if table.name.startswith("asyncmig_"):
            continue
        indexes = [] if table.name == "people" else inspector.get_indexes(table.name)
        found[table.name] = (
            [(column.name, str(column.type), column.nullable, default_of(column)) for column in table.columns],
            sorted(str(index["name"]) for index in indexes),
            sorted(tuple(row) for row in connection.execute(select(table))),
        )
    return found


async def test_helpers_give_what_alembic_gives(project: AlembicDirectory, engine: AsyncEngine) -> None:
    project.alembic("upgrade", "head")
    async with engine.connect() as connection:
        theirs = await connection.run_sync(content)
    assert {"one", "three", "people", "alembic_version"} == theirs.keys()
    project.alembic("downgrade", "base")
    await project.migrator().upgrade("head")
    async with engine.connect() as connection:
        assert await connection.run_sync(content) == theirs
    await project.migrator().downgrade("base")
    async with engine.connect() as connection:
        assert (await connection.run_sync(content)).keys() == {"alembic_version"}
