"""What a command imports: whoever only reads files waits for no database library."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.command import Project, environment

#: What takes longer to import than a command that reads files should take.
HEAVY = {"sqlalchemy", "rich", "mako", "asyncio", "anyio", "pydantic", "alembic", "pygments", "json", "logging"}
#: What only carrying operations out needs, and the databases that are not asked.
OF_A_RUN = {
    "asyncmig.migrator.run",
    "asyncmig.runtime.directives",
    "sqlalchemy.dialects.mysql",
    "sqlalchemy.dialects.postgresql",
}
#: What belongs to the adapter of a database; reading the log and the journal takes one, the version table does not.
OF_AN_ADAPTER = {"asyncmig.operations.tables"}
ORM = {"sqlalchemy.orm", "sqlalchemy.ext.asyncio"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with one revision."""
    project = Project(tmp_path, {"DATABASE_URL": f"sqlite:///{tmp_path / 'app.sqlite'}"})
    project.run("init")
    project.run("revision", "-m", "first", "--rev-id", "aaaa11")
    return project


def modules(project: Project, *arguments: str) -> set[str]:
    """The modules that a command has imported when it ends."""
    program = (
        "import sys\n"
        "from asyncmig.cli.app import run\n"
        "code = run(sys.argv[1:])\n"
        "sys.stderr.write(chr(10).join(sys.modules))\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=project.root,
        env=environment(**project.variables),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        ("heads",),
        ("heads", "-v"),
        ("history",),
        ("branches",),
        ("show", "head"),
        ("graph",),
        ("upgrade", "--help"),
        ("list_templates",),
    ],
    ids=" ".join,
)
def test_what_reads_files_imports_nothing_heavy(project: Project, arguments: tuple[str, ...]) -> None:
    assert modules(project, *arguments) & HEAVY == set()


@pytest.mark.parametrize("arguments", [("current",), ("status",), ("log",), ("lock",)], ids=" ".join)
def test_what_asks_a_database_imports_no_orm(project: Project, arguments: tuple[str, ...]) -> None:
    found = modules(project, *arguments)
    assert "sqlalchemy" in found
    assert found & (ORM | {"rich", "mako", "pydantic", "alembic"}) == set()


@pytest.mark.parametrize("arguments", [("current",), ("status",), ("upgrade",)], ids=" ".join)
def test_what_only_looks_where_the_database_is_imports_nothing_of_a_run(
    project: Project, arguments: tuple[str, ...]
) -> None:
    project.run("upgrade")
    found = modules(project, *arguments)
    assert found & OF_A_RUN == set()
    assert arguments == ("status",) or found & OF_AN_ADAPTER == set()


def test_upgrade_imports_no_orm_and_no_rich(project: Project) -> None:
    assert modules(project, "upgrade") & (ORM | {"rich", "mako", "pydantic", "alembic"}) == set()


def test_new_revision_needs_the_template_language_but_no_database_library(project: Project) -> None:
    found = modules(project, "revision", "-m", "second")
    assert "mako" in found
    assert found & {"sqlalchemy", "rich", "asyncio", "anyio", "pydantic"} == set()


@pytest.mark.parametrize("arguments", [("current",), ("status",), ("upgrade",), ("heads",)], ids=" ".join)
def test_only_comparing_imports_what_compares(project: Project, arguments: tuple[str, ...]) -> None:
    found = modules(project, *arguments)
    comparing = {"asyncmig.migrator.comparing", "asyncmig.migrator.differences", "asyncmig.schema"}
    assert {name for name in found if name.startswith("asyncmig.autogenerate") or name in comparing} == set()
