"""Projects: the same history as a project of Alembic's and as one of ours."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy.engine import make_url

from tests.benchmarks.histories import Form, Node, heads_of, write_history
from tests.benchmarks.measuring import Subject

_SYNC_DRIVERS = {"postgresql": "psycopg2", "mysql": "pymysql", "sqlite": "pysqlite"}

_ENV = '''"""The environment of this project."""

from asyncmig import Environment

environment = Environment()
'''


def sync_url(url: str) -> str:
    """The same database by the usual synchronous driver."""
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    return parsed.set(drivername=f"{backend}+{_SYNC_DRIVERS[backend]}").render_as_string(hide_password=False)


def sqlite_file(url: str) -> Path:
    """The file of a SQLite database."""
    return Path(str(make_url(url).database))


def fill_version_table(url: str, table: str, nodes: Sequence[Node]) -> None:
    """Make a SQLite file say that it is at the heads of *nodes*."""
    with sqlite3.connect(sqlite_file(url)) as connection:
        connection.execute(f"CREATE TABLE {table} (version_num VARCHAR(255) NOT NULL PRIMARY KEY)")
        connection.executemany(f"INSERT INTO {table} VALUES (?)", [(head,) for head in heads_of(nodes)])
    connection.close()


class Project:
    """A project in a directory.

    Args:
        directory: where it is.
        module: what answers its commands.
        versions: where its revision files are.
    """

    def __init__(self, directory: Path, module: str, versions: Path) -> None:
        self.directory = directory
        self.module = module
        self.versions = versions

    def command(self, *words: str, before: Callable[[], object] | None = None) -> Subject:
        """A command of the project, as a whole process."""
        return Subject(["-m", self.module, *words], self.directory, before)

    def forget_caches(self) -> None:
        """Take away what earlier runs left beside the revision files: bytecode and our index."""
        shutil.rmtree(self.versions / "__pycache__", ignore_errors=True)


def alembic_project(
    directory: Path, nodes: Sequence[Node], url: str, *, template: str = "generic", per_migration: bool = False
) -> Project:
    """A project of Alembic's, written by `alembic init`.

    Args:
        directory: where to.
        nodes: its history.
        url: the database, with the driver to use.
        template: Alembic's template of `env.py`.
        per_migration: one transaction for each revision.
    """
    directory.mkdir(parents=True)
    command = [sys.executable, "-m", "alembic", "init", "-t", template, "migrations"]
    subprocess.run(command, cwd=directory, check=True, stdout=subprocess.DEVNULL)
    ini = directory / "alembic.ini"
    ini.write_text(re.sub(r"(?m)^sqlalchemy\.url = .*$", lambda _: f"sqlalchemy.url = {url}", ini.read_text("utf-8")))
    if per_migration:
        env = directory / "migrations" / "env.py"
        text, count = re.subn(
            r"(connection=connection,\s+target_metadata=target_metadata)",
            r"\1, transaction_per_migration=True",
            env.read_text("utf-8"),
        )
        assert count == 1
        env.write_text(text)
    project = Project(directory, "alembic", directory / "migrations" / "versions")
    write_history(project.versions, nodes, "alembic")
    return project


def asyncmig_project(
    directory: Path, nodes: Sequence[Node], url: str, *, form: Form = "async", poisoned: bool = False
) -> Project:
    """A project of ours.

    Args:
        directory: where to.
        nodes: its history.
        url: the database.
        form: of its revision files.
        poisoned: whether executing a revision file fails.
    """
    scripts = directory / "migrations"
    scripts.mkdir(parents=True)
    (directory / "asyncmig.toml").write_text(f'script_location = "migrations"\nurl = "{url}"\n')
    (scripts / "env.py").write_text(_ENV)
    project = Project(directory, "asyncmig", scripts / "versions")
    write_history(project.versions, nodes, form, poisoned=poisoned)
    return project
