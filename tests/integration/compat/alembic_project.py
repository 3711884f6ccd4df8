"""Projects as Alembic writes them, for tests that run them by both tools."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url

from asyncmig.compat.alembic.ini import read_project
from asyncmig.compat.alembic.migrator import AlembicMigrator

#: The synchronous driver that stands for an async one.
SYNC = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg2", "mysql": "mysql+pymysql"}

REVISION = '''\
"""{message}"""
import sqlalchemy as sa
from alembic import context, op

revision = {id!r}
down_revision = {parent!r}
branch_labels = None
depends_on = None


def upgrade({parameters}):
{up}


def downgrade({parameters}):
{down}
'''


def sync_url(url: str) -> str:
    """The URL with the synchronous driver that an Alembic project would have."""
    parsed = make_url(url)
    return parsed.set(drivername=SYNC[parsed.get_backend_name()]).render_as_string(hide_password=False)


class AlembicDirectory:
    """A directory that `alembic init` has written.

    Args:
        root: where; it is made.
        url: what `sqlalchemy.url` says.
        template: the template of Alembic.
    """

    def __init__(self, root: Path, url: str, template: str = "generic") -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.ini = root / "alembic.ini"
        config = Config(self.ini, root / "pyproject.toml")
        command.init(config, str(root / "migrations"), template=template)
        self.url = url
        text = self.ini.read_text()
        self.ini.write_text(text.replace("driver://user:pass@localhost/dbname", url.replace("%", "%%")))
        self.env_py = root / "migrations" / "env.py"
        self._last: str | None = None

    def revision(self, id: str, up: str, down: str = "pass", *, parameters: str = "") -> None:
        """Write the next revision; *up* and *down* are the bodies of its functions."""
        body = {"up": up, "down": down}
        text = REVISION.format(
            message=id,
            id=id,
            parent=self._last,
            parameters=parameters,
            **{name: "\n".join(f"    {line}" for line in lines.splitlines()) for name, lines in body.items()},
        )
        (self.root / "migrations" / "versions" / f"{id}.py").write_text(text)
        self._last = id

    def table(self, id: str, name: str) -> None:
        """Write a revision that creates a table."""
        create = f'op.create_table({name!r}, sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))'
        self.revision(id, create, f"op.drop_table({name!r})")

    def edit(self, old: str, new: str) -> None:
        """Change `env.py`."""
        text = self.env_py.read_text()
        assert old in text
        self.env_py.write_text(text.replace(old, new))

    def migrator(self, **options: Any) -> AlembicMigrator:
        """Our migrator of it."""
        return AlembicMigrator(read_project(self.ini, cwd=self.root, environ={}), **options)

    def alembic(self, *arguments: str, environ: Mapping[str, str] | None = None) -> str:
        """What Alembic prints for a command."""
        return self._call("alembic", *arguments)

    def asyncmig(self, *arguments: str) -> str:
        """What the program `asyncmig` prints for a command."""
        return self._call("asyncmig", *arguments)

    def _call(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", program, *arguments], cwd=self.root, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout
