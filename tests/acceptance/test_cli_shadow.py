"""`check --shadow`: models, revisions and the database, each compared with what the revisions make."""

import json
from pathlib import Path

import pytest

from tests.acceptance.command import Project
from tests.acceptance.databases import execute, rows
from tests.acceptance.models import SECOND, library, revisions, write_models


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Project:
    """A project whose first models are in the database."""
    project = library(tmp_path, database_url)
    project.run("revision", "--autogenerate", "-m", "first", "--rev-id", "aaaa11")
    project.run("upgrade")
    return project


def url_of(project: Project) -> str:
    return project.variables["DATABASE_URL"]


async def databases(url: str) -> int:
    """How many shadows are left on the server."""
    if url.startswith("sqlite"):
        return 0
    names = "SELECT datname FROM pg_database" if url.startswith("postgresql") else "SHOW DATABASES"
    return sum(str(name).startswith("asyncmig_shadow") for (name,) in await rows(url, names))


async def test_models_revisions_and_database_are_told_apart(shop: Project) -> None:
    url = url_of(shop)
    assert shop.out("check", "--shadow", url).splitlines() == [
        "No difference: the revisions make what the models want.",
        "The database is what the revisions make.",
    ]

    await execute(
        url,
        "CREATE INDEX ix_by_hand ON authors (born)",
        "CREATE TABLE by_hand (id INTEGER NOT NULL PRIMARY KEY, title VARCHAR(20) DEFAULT 'x')",
    )
    said = shop.run("check", "--shadow", url, code=11).err
    assert "The models and what the revisions make differ" not in said
    drift = said.partition("what was done to it besides:")[2]
    assert "  - create table by_hand (id, title)" in drift
    assert "  - create index ix_by_hand on authors (born)" in drift
    assert len([line for line in drift.splitlines() if line.startswith("  - ")]) == 2

    write_models(shop, SECOND)
    document = json.loads(shop.run("--json", "check", "--shadow", url, code=11).out)
    words = [one["description"] for one in document["models"]["operations"]]
    assert any(word.startswith("create table tags") for word in words)
    # What was done by hand is no business of the models: the shadow has none of it.
    assert not any("by_hand" in word for word in words)
    assert len(document["drift"]["operations"]) == 2
    assert document["is_different"] is True
    assert await databases(url) == 0


async def test_shadow_needs_no_database_of_the_project(shop: Project) -> None:
    url = url_of(shop)
    shop.variables["DATABASE_URL"] = ""
    said = shop.out("check", "--shadow", url)
    assert "No difference: the revisions make what the models want." in said
    assert "The database was not looked at: " in said
    write_models(shop, SECOND)
    said = shop.run("check", "--shadow", url, code=11).err
    assert "The models and what the revisions make differ in" in said


async def test_pending_revisions_are_no_drift(shop: Project) -> None:
    url = url_of(shop)
    shop.run("revision", "-m", "second", "--rev-id", "bbbb22")
    said = shop.out("check", "--shadow", url)
    assert "Revision bbbb22 is pending" in said


def test_shadow_that_cannot_be_reached_is_an_error(shop: Project) -> None:
    said = shop.run("check", "--shadow", "postgresql://nobody:secret@127.0.0.1:1/x", code=21).err
    assert "Cannot connect to postgresql+asyncpg://nobody:***@127.0.0.1:1/x" in said


async def test_revision_that_cannot_be_built_leaves_no_shadow(shop: Project) -> None:
    (path,) = revisions(shop)
    path.write_text(
        path.read_text() + "\n\n_upgrade = upgrade\n\n\nasync def upgrade(op):\n    await _upgrade(op)\n    1 / 0\n"
    )
    # Where DDL commits by itself, a part of it would have stayed.
    said = shop.run("check", "--shadow", url_of(shop), code=23 if "mysql" in url_of(shop) else 22).err
    assert "ZeroDivisionError" in said
    assert await databases(url_of(shop)) == 0
