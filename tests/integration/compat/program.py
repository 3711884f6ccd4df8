"""An Alembic project for tests, with branches and a merge, and what to compare of what two tools make of it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from asyncmig.rendering.templates import template_directory

_SYNC = {"postgresql": "postgresql+psycopg2", "mysql": "mysql+pymysql", "sqlite": "sqlite"}

SCRIPTS = {
    "a1f0": (
        None,
        "accounts",
        """
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(50), nullable=False),
    )
    op.bulk_insert(
        sa.table("accounts", sa.column("id", sa.Integer), sa.column("name", sa.String)), [{"id": 1, "name": "Ann"}]
    )
""",
        'op.drop_table("accounts")',
    ),
    "b2f0": (
        "a1f0",
        "more of accounts",
        """
    with op.batch_alter_table("accounts") as batch_op:
        batch_op.add_column(sa.Column("email", sa.String(80), nullable=True))
    bind = op.get_bind()
    for row in bind.execute(sa.text("SELECT id, name FROM accounts")):
        bind.execute(sa.text("UPDATE accounts SET email = :m WHERE id = :i"), {"m": f"{row.name}@x", "i": row.id})
""",
        """
    with op.batch_alter_table("accounts") as batch_op:
        batch_op.drop_column("email")
""",
    ),
    "c3f0": (
        "b2f0",
        "bills",
        'op.create_table("bills", sa.Column("id", sa.Integer(), primary_key=True))',
        'op.drop_table("bills")',
    ),
    "d4f0": (
        "b2f0",
        "users",
        'op.create_index("ix_email", "accounts", ["email"])',
        'op.drop_index("ix_email", table_name="accounts")',
    ),
    "e5f0": (("c3f0", "d4f0"), "together", "pass", "pass"),
}


def sync_url(url: str) -> str:
    """The URL with a synchronous driver."""
    parsed = make_url(url)
    return parsed.set(drivername=_SYNC[parsed.get_backend_name()]).render_as_string(hide_password=False)


def write_project(folder: Path, template: str = "generic") -> Path:
    """Write the project, with the `env.py` of *template*; gives its directory of scripts."""
    scripts = folder / "alembic"
    (scripts / "versions").mkdir(parents=True)
    for name in ("env.py", "script.py.mako"):
        (scripts / name).write_text((template_directory() / "alembic" / template / name).read_text())
    for name, (down, message, upgrade, downgrade) in SCRIPTS.items():
        (scripts / "versions" / f"{name}.py").write_text(
            f'"""{message}\n\nRevision ID: {name}\n"""\nimport sqlalchemy as sa\nfrom alembic import op\n\n'
            f"revision = {name!r}\ndown_revision = {down!r}\n"
            f"branch_labels = {('side',) if name == 'd4f0' else None!r}\ndepends_on = None\n\n\n"
            f"def upgrade():\n    {upgrade.strip()}\n\n\ndef downgrade():\n    {downgrade.strip()}\n"
        )
    return scripts


class Program:
    """A program that calls Alembic, or asyncmig in its place.

    Args:
        command, config: the modules, of either.
        scripts: the directory of the scripts.
        url: the database.
    """

    def __init__(self, command: ModuleType, config: ModuleType, scripts: Path, url: str) -> None:
        self.command = command
        self.config_class: Any = config.Config
        self.scripts = scripts
        self.url = url

    def config(self, **given: Any) -> Any:
        """A configuration made in code."""
        config = self.config_class(**given)
        config.set_main_option("script_location", str(self.scripts))
        config.set_main_option("sqlalchemy.url", self.url.replace("%", "%%"))
        return config

    def said(self, name: str, *args: Any, **options: Any) -> str:
        """What a command says on `stdout`, the members of each list sorted: Alembic takes them from sets."""
        out = io.StringIO()
        getattr(self.command, name)(self.config(stdout=out), *args, **options)
        return re.sub(r"\w+(?:, \w+)+", lambda found: ", ".join(sorted(found[0].split(", "))), out.getvalue())

    def do(self, name: str, *args: Any, **options: Any) -> None:
        """Run a command that says nothing."""
        getattr(self.command, name)(self.config(), *args, **options)

    def refused(self, name: str, *args: Any, **options: Any) -> bool:
        """Whether a command is refused."""
        try:
            getattr(self.command, name)(self.config(), *args, **options)
        except Exception as error:
            return "CommandError" in [kind.__name__ for kind in type(error).__mro__]
        return False


def rows(url: str) -> list[str]:
    """The rows of the version table."""
    return seen(url, lambda c: sorted(c.scalars(sa.text("SELECT version_num FROM alembic_version"))))


def schema(url: str) -> dict[str, list[str]]:
    """Tables and their columns, but for what either tool keeps for itself."""

    def look(connection: sa.Connection) -> dict[str, list[str]]:
        inspector = sa.inspect(connection)
        names = [n for n in inspector.get_table_names() if not n.startswith(("alembic_", "asyncmig_"))]
        return {name: [column["name"] for column in inspector.get_columns(name)] for name in sorted(names)}

    return seen(url, look)


def seen(url: str, look: Callable[[sa.Connection], Any]) -> Any:
    """What *look* finds in a database, by a synchronous driver."""
    engine = sa.create_engine(sync_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        return look(connection)
