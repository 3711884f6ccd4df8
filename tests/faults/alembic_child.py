"""Alembic's child: one run of Alembic in a forked process, to compare with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pymysql
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url

from tests.faults.points import Points

ENVIRONMENT = """
import sqlalchemy as sa
from alembic import context

engine = sa.create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=sa.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
"""


_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg2", "mysql": "mysql+pymysql"}


def prepare(location: str) -> None:
    """Write Alembic's environment beside the revisions at *location*, unless it is there."""
    home = Path(location).parent / "alembic"
    if not home.exists():
        home.mkdir()
        (home / "env.py").write_text(ENVIRONMENT, encoding="utf-8")


def run(address: str, location: str, direction: str, target: str, points: Points) -> None:
    """Do as Alembic does with the revisions at *location*."""
    url = make_url(address)
    if url.get_backend_name() == "mysql":
        _watch(points)
    home = Path(location).parent / "alembic"
    prepare(location)
    config = Config()
    config.set_main_option("script_location", str(home))
    config.set_main_option("version_locations", f"{location}/versions")
    config.set_main_option("path_separator", "os")
    plain = url.set(drivername=_DRIVERS[url.get_backend_name()]).render_as_string(hide_password=False)
    config.set_main_option("sqlalchemy.url", plain)
    {"upgrade": command.upgrade, "downgrade": command.downgrade}[direction](config, target)


def _watch(points: Points) -> None:
    connection: Any = pymysql.connections.Connection
    write, read = connection._write_bytes, connection._read_query_result

    def writing(self: Any, data: Any) -> None:
        points.reached("unsent")
        write(self, data)
        points.reached("sent")

    def reading(self: Any, unbuffered: bool = False) -> Any:
        outcome = read(self, unbuffered)
        points.reached("answer")
        return outcome

    connection._write_bytes, connection._read_query_result = writing, reading
