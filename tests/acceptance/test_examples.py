"""The examples, run as their README files say."""

import importlib.util
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from sqlalchemy import Inspector

from tests.acceptance.command import REPOSITORY, Project, environment
from tests.acceptance.databases import columns, execute, execute_script, indexes, look, rows, tables

EXAMPLES = REPOSITORY / "examples"
BLOG = ("5f1d3a9c7e20", "8c26e0b41d97", "d4907b13f6a8", "1e7ab5309c4d", "a93f60c2b815", "c2d81f6e07a4")
BLOG_TABLES = {"users", "posts", "comments", "tags", "post_tags", "subscriptions"}


def copy_of(name: str, tmp_path: Path) -> Path:
    """An example in a directory of the test's own, so that its databases are made there."""
    target = tmp_path / "examples" / name
    shutil.copytree(EXAMPLES / name, target, ignore=shutil.ignore_patterns("*.sqlite*", "__pycache__"))
    return target


@pytest.fixture
def blog(tmp_path: Path) -> Project:
    """The parent of the examples, where the README says that commands are run."""
    copy_of("blog", tmp_path)
    return Project(tmp_path)


def run(blog: Project, url: str, *arguments: str) -> str:
    return blog.out("-c", "examples/blog/pyproject.toml", "--url", url, *arguments)


async def insert_blog_rows(url: str) -> None:
    await execute(
        url,
        "INSERT INTO users (id, username, email, password_hash, is_active, is_suspended) VALUES "
        "(1, 'ada', 'ada@example.org', 'x', true, false), "
        "(2, 'bob', 'bob@example.org', 'x', false, false), "
        "(3, 'cleo', 'cleo@example.org', 'x', true, true)",
        "INSERT INTO posts (id, title, slug, content, published, author_id) VALUES "
        "(1, 'Walking', 'walking', 'About mountains and valleys.', true, 1), "
        "(2, 'Cooking', 'cooking', 'About soups.', false, 2)",
        "INSERT INTO comments (id, content, post_id, user_id) VALUES (1, 'Fine!', 1, 2), (2, 'Thanks.', 1, 1)",
    )


async def found_posts(url: str, word: str) -> list[tuple[Any, ...]]:
    """The posts that the full-text search of each database finds."""
    if url.startswith("postgresql"):
        return await rows(url, f"SELECT id FROM posts WHERE search_vector @@ to_tsquery('english', '{word}')")
    if url.startswith("mysql"):
        return await rows(url, f"SELECT id FROM posts WHERE MATCH (title, content) AGAINST ('{word}')")
    return await rows(url, f"SELECT rowid FROM posts_search WHERE posts_search MATCH '{word}'")


async def test_blog_goes_up_down_and_up_again_with_its_data(blog: Project, database_url: str) -> None:
    run(blog, database_url, "upgrade", BLOG[1])
    assert await tables(database_url) == BLOG_TABLES - {"subscriptions"}
    assert await rows(database_url, "SELECT slug FROM tags ORDER BY id") == [("news",), ("how-to",), ("off-topic",)]
    await insert_blog_rows(database_url)

    run(blog, database_url, "upgrade", "+1")
    assert await found_posts(database_url, "mountains") == [(1,)]
    await execute(database_url, "UPDATE posts SET content = 'About rivers.' WHERE id = 1")
    assert await found_posts(database_url, "rivers") == [(1,)]
    assert await found_posts(database_url, "mountains") == []

    run(blog, database_url, "upgrade", "head")
    assert f"{BLOG[-1]} (head)" in run(blog, database_url, "current")
    statuses = "SELECT username, status FROM users ORDER BY id"
    assert await rows(database_url, statuses) == [("ada", "active"), ("bob", "inactive"), ("cleo", "suspended")]
    assert "ix_posts_newest" in await indexes(database_url, "posts")
    # The rows that refer to the changed table are still there, and still guarded.
    assert await rows(database_url, "SELECT count(*) FROM comments") == [(2,)]
    assert await found_posts(database_url, "rivers") == [(1,)]

    run(blog, database_url, "downgrade", BLOG[2])
    flags = await rows(database_url, "SELECT username, is_active, is_suspended FROM users ORDER BY id")
    assert flags == [("ada", True, False), ("bob", False, False), ("cleo", False, True)]

    run(blog, database_url, "downgrade", "base")
    assert await tables(database_url) == set()
    assert run(blog, database_url, "current").strip() == ""

    run(blog, database_url, "upgrade", "head")
    assert await tables(database_url) == BLOG_TABLES


def test_newest_revision_of_the_blog_is_what_its_models_say(blog: Project, database_url: str) -> None:
    (written,) = (blog.root / "examples" / "blog" / "migrations" / "versions").glob(f"{BLOG[-1]}_*.py")
    text = written.read_text()
    written.unlink()
    run(blog, database_url, "upgrade", "head")
    message = text.splitlines()[0].strip('"')
    run(blog, database_url, "revision", "--autogenerate", "-m", message, "--rev-id", BLOG[-1])
    if not database_url.startswith("mysql"):
        # MySQL has no names for primary keys, so there the table is written without one.
        assert without_date(written.read_text()) == without_date(text)
    run(blog, database_url, "upgrade", "head")
    assert "No difference" in run(blog, database_url, "check")


def without_date(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("Create Date")]


async def test_blog_has_the_schema_of_its_models(blog: Project, database_url: str) -> None:
    run(blog, database_url, "upgrade", "head")
    with loaded_models(EXAMPLES / "blog" / "blog" / "models.py") as models:
        metadata = models.Base.metadata
    assert set(metadata.tables) == BLOG_TABLES
    for table in metadata.sorted_tables:
        live = await columns(database_url, table.name)
        live.pop("search_vector", None)
        assert {name: column["nullable"] for name, column in live.items()} == {
            column.name: bool(column.nullable) for column in table.columns
        }
        assert {index.name for index in table.indexes} <= set(await indexes(database_url, table.name))
        uniques = await look(database_url, lambda inspector, name=table.name: unique_names(inspector, name))
        assert {constraint.name for constraint in table.constraints if "uq_" in str(constraint.name)} == uniques


def unique_names(inspector: Inspector, table: str) -> set[str]:
    return {str(constraint["name"]) for constraint in inspector.get_unique_constraints(table)}


class loaded_models:  # noqa: N801 - it is used like a function
    """The module at a path, for the length of a block; the mapper finds its own module by name."""

    def __init__(self, path: Path) -> None:
        spec = importlib.util.spec_from_file_location("example_models", path)
        assert spec is not None
        assert spec.loader is not None
        self.spec, self.loader = spec, spec.loader

    def __enter__(self) -> ModuleType:
        module = sys.modules[self.spec.name] = importlib.util.module_from_spec(self.spec)
        self.loader.exec_module(module)
        return module

    def __exit__(self, *_: object) -> None:
        del sys.modules[self.spec.name]


@pytest.mark.filterwarnings("ignore:Name .* ignored for PRIMARY key")
async def test_sql_of_the_blog_makes_the_same_database(blog: Project, database_url: str) -> None:
    script = run(blog, database_url, "upgrade", "head", "--sql")
    assert await tables(database_url) == set()
    await execute_script(database_url, script)
    assert await tables(database_url) == BLOG_TABLES
    assert f"{BLOG[-1]} (head)" in run(blog, database_url, "current")
    assert "status" in await columns(database_url, "users")

    script = run(blog, database_url, "downgrade", f"{BLOG[-1]}:base", "--sql")
    await execute_script(database_url, script)
    assert await tables(database_url) == set()


def test_blog_needs_nothing_but_sqlite(blog: Project) -> None:
    blog.run("-c", "examples/blog/pyproject.toml", "upgrade", "head")
    assert (blog.root / "examples" / "blog" / "blog.sqlite").is_file()
    assert BLOG[-1] in blog.out("-c", "examples/blog/pyproject.toml", "current")
    # Nothing is pending: the same command again does nothing.
    blog.run("-c", "examples/blog/pyproject.toml", "upgrade", "head")
    history = blog.out("-c", "examples/blog/pyproject.toml", "history")
    assert next(line for line in history.splitlines() if "->" in line).startswith(f"{BLOG[-2]} -> {BLOG[-1]}")


def test_databases_of_the_examples_are_ignored_by_git() -> None:
    if not (REPOSITORY / ".git").exists():
        pytest.skip("not a checkout")
    made = ["blog/blog.sqlite", "blog/blog.sqlite-journal", "fastapi_app/notes.sqlite", "multidb/accounts.sqlite"]
    paths = [str(EXAMPLES / path) for path in made]
    done = subprocess.run(["git", "check-ignore", *paths], cwd=REPOSITORY, text=True, capture_output=True, check=False)
    assert done.stdout.split() == paths


# -- FastAPI


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The application, imported as uvicorn does it, with a database of the test's own."""
    root = copy_of("fastapi_app", tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.syspath_prepend(str(root))
    yield importlib.import_module("notes.main")
    for name in [name for name in sys.modules if name.partition(".")[0] == "notes"]:
        del sys.modules[name]


@asynccontextmanager
async def client_of(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application whose lifespan runs."""
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://app") as client,
    ):
        yield client


async def test_fastapi_lifespan_brings_the_database_up_to_date(notes: ModuleType) -> None:
    async with client_of(notes.app) as client:
        assert (await client.get("/version")).json() == {
            "heads": ["7e04f1ab36d2"],
            "applied": ["2b8d5c61f9e3", "7e04f1ab36d2"],
        }
        made = await client.post("/notes", json={"title": "Milk"})
        assert made.status_code == 201
        await client.post("/notes", json={"title": "Bread", "pinned": True})
        assert [note["title"] for note in (await client.get("/notes")).json()] == ["Bread", "Milk"]
    async with client_of(notes.app) as client:
        assert (await client.get("/version")).json() == {"heads": ["7e04f1ab36d2"], "applied": []}
        assert len((await client.get("/notes")).json()) == 2


def test_fastapi_application_runs_under_uvicorn(tmp_path: Path, database_url: str) -> None:
    root = copy_of("fastapi_app", tmp_path)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "notes.main:app", "--port", str(port)],
        cwd=root,
        env=environment(DATABASE_URL=database_url),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert answer_of(f"http://127.0.0.1:{port}/version", server)["heads"] == ["7e04f1ab36d2"]
        assert answer_of(f"http://127.0.0.1:{port}/notes", server) == []
    finally:
        server.terminate()
        said, _ = server.communicate(timeout=30)
    # The logging of uvicorn is as it was set up, before and after the migration.
    assert "Application startup complete" in said
    assert "GET /notes" in said


def answer_of(url: str, server: "subprocess.Popen[str]") -> Any:
    """The answer of a server that may still be starting."""
    until = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return json.load(answer)
        except OSError:
            assert server.poll() is None, "the server has ended"
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.1)


def test_fastapi_project_answers_to_the_command_line(tmp_path: Path) -> None:
    project = Project(copy_of("fastapi_app", tmp_path))
    project.run("upgrade", "head")
    assert "7e04f1ab36d2 (head)" in project.out("current")
    project.run("downgrade", "base")


# -- several databases


def test_each_database_has_its_own_history(tmp_path: Path) -> None:
    project = Project(copy_of("multidb", tmp_path))
    project.run("-d", "accounts", "upgrade", "head")
    assert "6d0c93e7b1f4 (head)" in project.out("-d", "accounts", "current")
    assert project.out("-d", "analytics", "current").strip() == ""
    project.run("-d", "analytics", "upgrade", "head")
    assert "f218c6d05a7b (head)" in project.out("-d", "analytics", "current")
    assert "create visits" in project.out("-d", "analytics", "history")
    assert "customers" not in project.out("-d", "analytics", "history")


async def test_databases_are_upgraded_side_by_side(tmp_path: Path, postgresql_url: str, mysql_url: str) -> None:
    urls = {"ASYNCMIG_ACCOUNTS_URL": postgresql_url, "ASYNCMIG_ANALYTICS_URL": mysql_url}
    project = Project(copy_of("multidb", tmp_path), urls)
    said = project.python("upgrade_all.py").out
    assert "accounts: create customers; now at 6d0c93e7b1f4" in said
    assert "analytics: create visits, index visits; now at f218c6d05a7b" in said
    assert await tables(postgresql_url) == {"customers"}
    assert await tables(mysql_url) == {"visits", "analytics_version"}
    assert "nothing to do" in project.python("upgrade_all.py").out


def test_databases_need_nothing_but_sqlite(tmp_path: Path) -> None:
    project = Project(copy_of("multidb", tmp_path))
    project.python("upgrade_all.py")
    assert (project.root / "accounts.sqlite").is_file()
    assert (project.root / "analytics.sqlite").is_file()
