"""`revision --autogenerate`, `check` and `diff` on a project whose models change."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.command import Project, environment
from tests.acceptance.databases import execute, execute_script, look, rows, tables
from tests.acceptance.models import FIRST, RENAMED, SECOND, library, revisions, write_models

SAME = "No difference: the database is what the models want."


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Project:
    """A project whose first models are in the database."""
    return migrated(library(tmp_path, database_url))


@pytest.fixture
def file_shop(tmp_path: Path) -> Project:
    """The same on SQLite alone, for what no database has a part in."""
    return migrated(library(tmp_path, f"sqlite:///{tmp_path / 'app.sqlite'}"))


def migrated(project: Project) -> Project:
    project.run("revision", "--autogenerate", "-m", "first", "--rev-id", "aaaa11")
    project.run("upgrade")
    return project


async def insert_rows(url: str) -> None:
    await execute(
        url,
        "INSERT INTO authors (id, name) VALUES (1, 'Ada'), (2, 'Bob')",
        "INSERT INTO books (id, title, author_id, price) VALUES (1, 'Engines', 1, 10), (2, 'Walks', 2, 20)",
    )


# -- from models to a database and back


async def test_models_become_revisions_that_make_them_and_take_them_back(shop: Project) -> None:
    url = shop.variables["DATABASE_URL"]
    assert shop.out("check").strip() == SAME
    assert await tables(url) == {"authors", "books"}
    await insert_rows(url)

    write_models(shop, SECOND)
    said = shop.run("check", code=11).err
    assert "The models and the database differ in" in said
    assert "create table tags" in said
    shop.run("revision", "--autogenerate", "--rev-id", "bbbb22")
    shop.run("upgrade")
    assert shop.out("check").strip() == SAME
    assert await tables(url) == {"authors", "books", "tags"}
    titles = "SELECT title, name FROM books JOIN authors ON authors.id = author_id ORDER BY title"
    assert await rows(url, titles) == [("Engines", "Ada"), ("Walks", "Bob")]

    shop.run("downgrade", "-1")
    write_models(shop, FIRST)
    (second,) = [path for path in revisions(shop) if path.name.startswith("bbbb22")]
    second.rename(shop.root / "second.py")
    assert shop.out("check").strip() == SAME
    assert await rows(url, titles) == [("Engines", "Ada"), ("Walks", "Bob")]

    shop.run("downgrade", "base")
    assert await tables(url) == set()


async def test_revisions_make_the_same_as_create_all(tmp_path: Path, database_url: str) -> None:
    project = library(tmp_path, database_url, SECOND)
    program = (
        "import asyncio, os, sys, models\n"
        "from sqlalchemy.ext.asyncio import create_async_engine\n"
        "async def main():\n"
        "    engine = create_async_engine(os.environ['DATABASE_URL'])\n"
        "    async with engine.begin() as connection:\n"
        "        await connection.run_sync(models.Base.metadata.create_all)\n"
        "    await engine.dispose()\n"
        "asyncio.run(main())\n"
    )
    project.python("-c", program)
    # What create_all has made is what a revision would make, so there is nothing to write.
    said = project.out("revision", "--autogenerate", "-m", "first")
    assert said.strip() == f"{SAME} No file was written."
    assert revisions(project) == []


def test_second_revision_of_the_same_models_is_not_written(shop: Project) -> None:
    before = revisions(shop)
    assert "No file was written." in shop.out("revision", "--autogenerate", "-m", "again")
    assert revisions(shop) == before
    answer = json.loads(shop.out("--json", "revision", "--autogenerate"))
    assert answer == {
        "revision": None,
        "path": None,
        "message": None,
        "operations": [],
        "differences": [],
        "warnings": [],
    }


async def test_nothing_is_written_to_a_database_that_is_compared(tmp_path: Path, database_url: str) -> None:
    project = library(tmp_path, database_url)
    project.run("check", code=11)
    project.run("diff")
    project.run("diff", "--sql")
    project.run("revision", "--autogenerate", "-m", "first")
    assert await look(database_url, lambda inspector: inspector.get_table_names()) == []


async def test_file_of_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    project = library(tmp_path, f"sqlite:///{tmp_path / 'app.sqlite'}")
    project.run("revision", "--autogenerate", "-m", "first")
    assert not (tmp_path / "app.sqlite").exists()


# -- the file


def test_message_is_made_of_the_operations(file_shop: Project) -> None:
    write_models(file_shop, FIRST.replace("    born:", "    email: Mapped[str | None]\n    born:"))
    said = file_shop.out("revision", "--autogenerate", "--rev-id", "bbbb22")
    (path,) = [path for path in revisions(file_shop) if path.name.startswith("bbbb22")]
    assert path.name == "bbbb22_add_column_authors_email.py"
    assert path.read_text().startswith('"""add column authors.email\n\nRevision ID: bbbb22\nRevises: aaaa11\n')
    assert said.splitlines() == [f"Created {path}", "  - add column authors.email String()"]


def test_file_is_awaited_or_plain_as_the_template_is(tmp_path: Path) -> None:
    for template, call in (
        ("async", '    await op.create_table(\n        "authors",'),
        ("sync", '    op.create_table(\n        "authors",'),
    ):
        root = tmp_path / template
        root.mkdir()
        project = library(root, f"sqlite:///{root / 'app.sqlite'}", template=template)
        project.run("revision", "--autogenerate", "-m", "first")
        assert call in revisions(project)[0].read_text()
        project.run("upgrade")
        assert project.out("check").strip() == SAME


def test_one_of_several_databases_is_compared_with_its_own_models(tmp_path: Path) -> None:
    urls = {f"{name.upper()}_DATABASE_URL": f"sqlite:///{tmp_path / name}.sqlite" for name in ("main", "analytics")}
    project = Project(tmp_path, urls)
    project.run("init", "-t", "multidb", "migrations")
    for name, models in (("main", FIRST), ("analytics", SECOND)):
        (tmp_path / f"{name}_models.py").write_text(models)
        (tmp_path / "migrations" / name / "env.py").write_text(
            f"from asyncmig import Environment\nfrom {name}_models import Base\n\n"
            "environment = Environment(metadata=Base.metadata)\n"
        )
        project.run("-d", name, "revision", "--autogenerate", "-m", "first")
        project.run("-d", name, "upgrade")
        assert project.out("-d", name, "check").strip() == SAME
    assert "tags" not in (next((tmp_path / "migrations" / "main" / "versions").glob("*.py"))).read_text()


def test_types_of_the_application_are_imported(file_shop: Project) -> None:
    (file_shop.root / "money.py").write_text(
        "import sqlalchemy as sa\n\n\n"
        "class Money(sa.types.TypeDecorator):\n    impl = sa.BigInteger\n    cache_ok = True\n"
    )
    changed = FIRST.replace("    born:", "    earned: Mapped[int | None] = mapped_column(money.Money)\n    born:")
    write_models(file_shop, f"import money\n{changed}")
    file_shop.run("revision", "--autogenerate", "--rev-id", "bbbb22")
    (path,) = [path for path in revisions(file_shop) if path.name.startswith("bbbb22")]
    assert "\nimport money\n" in path.read_text()
    file_shop.run("upgrade")
    assert file_shop.out("check").strip() == SAME


def test_hooks_run_over_the_file_and_their_failure_is_told(file_shop: Project) -> None:
    settings = file_shop.root / "asyncmig.toml"
    program = file_shop.root / "hook.py"
    program.write_text("import sys\nopen(sys.argv[1], 'a').write('# seen\\n')\nsys.exit(len(sys.argv) - 2)\n")
    hook = f'\n[[post_write_hooks]]\nname = "mark"\ntype = "exec"\nexecutable = "{sys.executable}"\n'
    hook += 'options = "hook.py REVISION_SCRIPT_FILENAME{}"\n'
    text = settings.read_text()
    settings.write_text(text + hook.format(""))
    write_models(file_shop, SECOND)
    file_shop.run("revision", "--autogenerate", "--rev-id", "bbbb22")
    (path,) = [path for path in revisions(file_shop) if path.name.startswith("bbbb22")]
    assert path.read_text().endswith("# seen\n")
    path.unlink()
    settings.write_text(text + hook.format(" more"))
    outcome = file_shop.run("revision", "--autogenerate", "--rev-id", "cccc33", code=1)
    assert "the post-write hook 'mark' ended with code 1" in outcome.err
    assert [path.name for path in revisions(file_shop) if path.name.startswith("cccc33")]


def test_what_the_project_revises_is_what_is_written(file_shop: Project) -> None:
    (file_shop.root / "migrations" / "env.py").write_text(
        "from asyncmig import Environment\n"
        "from asyncmig.operations import CreateTable, DropTable, Execute\n"
        "from models import Base\n\n\n"
        "def revise(operations):\n"
        "    kept = [one for one in operations if isinstance(one, CreateTable)]\n"
        '    return [*kept, Execute("UPDATE books SET price = 2")]\n\n\n'
        "environment = Environment(metadata=Base.metadata, revise=revise)\n"
    )
    write_models(file_shop, SECOND)
    file_shop.run("revision", "--autogenerate", "--rev-id", "bbbb22", "-m", "tags")
    (path,) = [path for path in revisions(file_shop) if path.name.startswith("bbbb22")]
    text = path.read_text()
    assert 'irreversible = "execute UPDATE books SET price = 2"\n' in text
    assert "    # Not reversed: execute UPDATE books SET price = 2\n" in text
    assert "add_column" not in text
    file_shop.run("upgrade")
    assert "cannot be reverted: execute UPDATE books" in file_shop.run("downgrade", "-1", code=2).err


# -- names that changed


async def test_renamed_column_keeps_its_data(shop: Project) -> None:
    url = shop.variables["DATABASE_URL"]
    await insert_rows(url)
    write_models(shop, SECOND)
    shop.run("revision", "--autogenerate", "-m", "second")
    shop.run("upgrade")
    write_models(shop, RENAMED)
    outcome = shop.run("revision", "--autogenerate", "-m", "third", code=2)
    assert "--rename authors.name=full_name" in outcome.err
    assert "--no-rename" in outcome.err
    before = revisions(shop)
    assert len(before) == 2
    shop.run("revision", "--autogenerate", "-m", "third", "--rename", "authors.name=full_name")
    shop.run("upgrade")
    assert shop.out("check").strip() == SAME
    assert await rows(url, "SELECT full_name FROM authors ORDER BY id") == [("Ada",), ("Bob",)]
    shop.run("downgrade", "-1")
    assert await rows(url, "SELECT name FROM authors ORDER BY id") == [("Ada",), ("Bob",)]


def test_dropped_and_added_column_is_accepted_by_name_only(file_shop: Project) -> None:
    write_models(file_shop, RENAMED.replace("full_name: Mapped[str]", "full_name: Mapped[str | None]"))
    file_shop.run("revision", "--autogenerate", "--rev-id", "bbbb22", "--no-rename")
    (path,) = [path for path in revisions(file_shop) if path.name.startswith("bbbb22")]
    assert 'drop_column("name")' in path.read_text()


@pytest.mark.parametrize("arguments", [("--rename", "a.b=c"), ("--no-rename",)])
def test_options_of_comparing_need_it(file_shop: Project, arguments: tuple[str, ...]) -> None:
    assert "--autogenerate" in file_shop.run("revision", "-m", "x", *arguments, code=2).err


@pytest.mark.parametrize("rename", ["authors.name", "authors.name="])
def test_rename_that_is_none_is_refused(file_shop: Project, rename: str) -> None:
    before = revisions(file_shop)
    write_models(file_shop, SECOND)
    file_shop.run("revision", "--autogenerate", "--rename", rename, code=2)
    assert revisions(file_shop) == before


# -- diff


async def test_diff_says_it_in_words_in_sql_and_as_a_document(shop: Project) -> None:
    assert shop.out("diff").strip() == SAME
    assert json.loads(shop.out("--json", "diff")) == {
        "operations": [],
        "differences": [],
        "reversal": [],
        "irreversible": [],
        "warnings": [],
    }
    write_models(shop, SECOND)
    words = shop.out("diff")
    assert words.splitlines()[0].endswith("This makes of the database what the models want:")
    assert "create table tags (name, book_id)" in words
    assert "(loses data)" in words
    assert shop.run("diff", "--exit-code", code=11).out == words
    document = json.loads(shop.out("--json", "diff"))
    created = {"verb": "create_table", "description": "create table tags (name, book_id)"}
    assert created in document["operations"]
    assert {"description": "drop column authors.born", "loses_data": True} in document["differences"]
    assert document["irreversible"] == []
    assert len(document["reversal"]) == len(document["operations"])
    sql = shop.out("diff", "--sql")
    assert "CREATE TABLE tags" in sql
    assert json.loads(shop.out("--json", "diff", "--sql"))["sql"].strip() == sql.strip()


async def test_sql_of_a_diff_does_what_a_revision_does(shop: Project) -> None:
    url = shop.variables["DATABASE_URL"]
    write_models(shop, SECOND)
    await execute_script(url, shop.out("diff", "--sql"))
    assert shop.out("check").strip() == SAME


# -- what cannot be


def refused(project: Project, *arguments: str, code: int = 2) -> str:
    """What each of the commands says that compares models; none of them writes a file."""
    before = revisions(project)
    said = [
        project.run(*command, *arguments, code=code).err
        for command in (("check",), ("diff",), ("revision", "--autogenerate", "-m", "x"))
    ]
    assert len(set(said)) == 1
    assert revisions(project) == before
    return said[0]


def test_database_that_is_not_at_its_heads_is_not_compared(shop: Project) -> None:
    shop.run("revision", "-m", "pending", "--rev-id", "bbbb22")
    said = refused(shop, code=10)
    assert "The database is not up to date, so models cannot be compared with it. Revision bbbb22 is pending." in said
    assert "hint: asyncmig upgrade heads" in said


def test_project_without_metadata_is_told_what_to_write(file_shop: Project) -> None:
    env = file_shop.root / "migrations" / "env.py"
    env.write_text("from asyncmig import Environment\n\nenvironment = Environment()\n")
    said = refused(file_shop)
    assert f"{env} names no metadata" in said
    assert "environment = Environment(metadata=Base.metadata)" in said
    env.unlink()
    assert f"{env} names no metadata" in refused(file_shop)


def test_models_that_are_not_imported_are_not_taken_for_dropped_tables(file_shop: Project) -> None:
    write_models(file_shop, FIRST[: FIRST.index("class Author")])
    assert "The metadata has no tables, and the database has 2" in refused(file_shop)


@pytest.mark.parametrize(
    ("models", "words"),
    [
        ("import nowhere\n", "env.py:2: ModuleNotFoundError: No module named 'nowhere'"),
        ("class Base:\n    x = y\n", "env.py:2: NameError: name 'y' is not defined"),
        ("class Base(\n", "env.py:2: SyntaxError: '(' was never closed (models.py, line 1)"),
    ],
)
def test_models_that_cannot_be_imported_are_named(file_shop: Project, models: str, words: str) -> None:
    write_models(file_shop, models)
    said = refused(file_shop)
    assert words in said
    assert "models.py" in said or "nowhere" in said


def test_table_that_two_metadata_declare_is_named(file_shop: Project) -> None:
    env = file_shop.root / "migrations" / "env.py"
    env.write_text(
        "import sqlalchemy as sa\nfrom asyncmig import Environment\nfrom models import Base\n\n"
        'other = sa.MetaData()\nsa.Table("books", other, sa.Column("id", sa.Integer))\n'
        "environment = Environment(metadata=[Base.metadata, other])\n"
    )
    assert "The table 'books' is declared in two of the MetaData" in refused(file_shop)


@pytest.mark.parametrize("name", ["include_name", "include_object", "compare_type", "revise"])
def test_filter_that_fails_is_named(file_shop: Project, name: str) -> None:
    env = file_shop.root / "migrations" / "env.py"
    env.write_text(env.read_text().replace("metadata)", f"metadata, {name}=lambda *a: 1 / 0)"))
    write_models(file_shop, SECOND)
    said = refused(file_shop)
    assert f"The filter {name} failed" in said
    assert "ZeroDivisionError: division by zero" in said


def test_type_that_cannot_be_written_is_named_with_the_way_out(file_shop: Project) -> None:
    changed = FIRST.replace(
        "class Author(Base)",
        "class Odd(sa.types.UserDefinedType):\n    def __init__(self, made_of):\n        self.kept = made_of\n\n"
        "    def get_col_spec(self, **kw):\n        return 'ODD'\n\n\nclass Author(Base)",
    ).replace("    born:", "    odd: Mapped[str | None] = mapped_column(Odd(3))\n    born:")
    write_models(file_shop, changed)
    before = revisions(file_shop)
    said = file_shop.run("revision", "--autogenerate", "-m", "x", code=22).err
    assert "Odd cannot be written as Python" in said
    assert revisions(file_shop) == before


def test_revision_that_would_not_run_is_not_written(file_shop: Project) -> None:
    env = file_shop.root / "migrations" / "env.py"
    hook = "lambda kind, item, context: 'types.Text()' if kind == 'type' else False"
    env.write_text(env.read_text().replace("metadata)", f"metadata, render_item={hook})"))
    write_models(file_shop, SECOND)
    before = revisions(file_shop)
    said = file_shop.run("revision", "--autogenerate", "-m", "x", code=2).err
    assert "The new revision would not run, so it was not written: NameError: name 'types' is not defined" in said
    assert revisions(file_shop) == before


def test_place_that_is_ambiguous_is_said_before_anything_is_compared(file_shop: Project) -> None:
    file_shop.run("revision", "-m", "one", "--rev-id", "bbbb22")
    file_shop.run("revision", "-m", "two", "--rev-id", "cccc33", "--head", "aaaa11", "--splice")
    assert "asks for one head" in file_shop.run("revision", "--autogenerate", "-m", "x", code=13).err


def test_nobody_is_asked_where_there_is_no_terminal(file_shop: Project) -> None:
    write_models(file_shop, RENAMED)
    said = file_shop.run("revision", "--autogenerate", "-m", "x", code=2).err
    assert "[Y/n]" not in said


def test_person_at_a_terminal_is_asked(file_shop: Project) -> None:
    write_models(file_shop, FIRST.replace("title: Mapped[str]", "headline: Mapped[str]"))
    said = at_a_terminal(file_shop, "y\n", "revision", "--autogenerate", "--rev-id", "bbbb22", "-m", "headlines")
    assert "Was the column title of books renamed to headline? [Y/n]" in said
    (path,) = [path for path in revisions(file_shop) if path.name.startswith("bbbb22")]
    assert 'new_column_name="headline"' in path.read_text()
    file_shop.run("upgrade")
    assert file_shop.out("check").strip() == SAME


def test_person_who_goes_away_leaves_no_file(file_shop: Project) -> None:
    before = revisions(file_shop)
    write_models(file_shop, FIRST.replace("title: Mapped[str]", "headline: Mapped[str]"))
    at_a_terminal(file_shop, "\x04", "revision", "--autogenerate", "-m", "headlines", code=130)
    assert revisions(file_shop) == before


def at_a_terminal(project: Project, typed: str, *arguments: str, code: int = 0) -> str:
    """What a command says at a terminal, where somebody types."""
    ours, theirs = pty.openpty()
    environ = environment(**project.variables)
    process = subprocess.Popen(
        [sys.executable, "-m", "asyncmig", *arguments],
        cwd=project.root,
        env=environ,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    said = b""
    try:
        while piece := os.read(ours, 4096):
            said += piece
    except OSError:
        # The other side has closed the terminal.
        pass
    os.close(ours)
    assert process.wait(timeout=60) == code, said.decode()
    return said.decode()
