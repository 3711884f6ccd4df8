"""A harness that runs one plain script by Alembic on a synchronous driver and by asyncmig on its own, and compares."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from asyncmig import Migrator
from asyncmig.config import Settings
from asyncmig.errors import RevisionFailedError
from tests.tallies import Tallies

#: A script's function: takes `op`, gives what is compared.
Body = Callable[[Any], Any]

SCRIPT = '''"""{name}

Revision ID: one
Revises:
"""
from alembic import op

from {module} import CASES
from tests.integration.drivers.harness import record

revision = "one"
down_revision = None


def upgrade():
    record(CASES["{name}"], op)


def downgrade():
    pass
'''


#: A project's table is there before the revision.
VERSIONS = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
    " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)


@dataclass(frozen=True)
class Case:
    """A script and what it finds.

    Args:
        name: what it shows.
        setup: statements that are executed beforehand.
        body: the script.
    """

    name: str
    setup: tuple[str, ...]
    body: Body


class Cases(Mapping[str, Case]):
    """Cases by name.

    Args:
        module: the module that has them.
    """

    def __init__(self, module: str) -> None:
        self.module = module
        self._cases: dict[str, Case] = {}

    def add(self, *setup: str) -> Callable[[Body], Body]:
        """Take the decorated function as a case."""

        def added(body: Body) -> Body:
            name = body.__name__
            assert name not in self._cases, f"two cases are called {name}"
            self._cases[name] = Case(name, setup, body)
            return body

        return added

    def __getitem__(self, name: str) -> Case:
        return self._cases[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._cases)

    def __len__(self) -> int:
        return len(self._cases)


@dataclass
class Outcome:
    """What became of a script: what it gave or raised, and what is in the database."""

    returned: Any = None
    raised: str | None = None
    message: str = ""
    rows: Any = None
    versions: Any = ()

    def compared(self) -> tuple[Any, ...]:
        if self.raised is not None:
            return ("raised", self.raised, self.rows, self.versions)
        return ("returned", self.returned, self.rows, self.versions)


#: What the script that runs has given; a script has no other way to tell.
_outcomes: list[Outcome] = []


def record(case: Case, op: Any) -> None:
    """Run a case and keep what it gives."""
    outcome = Outcome()
    _outcomes.append(outcome)
    try:
        outcome.returned = plain(case.body(op))
    except Exception as error:
        outcome.raised, outcome.message = type(error).__name__, f"{error}"
        raise


def plain(value: Any) -> Any:
    """A value with the names of its types, so that 1 is not 1.0."""
    if isinstance(value, sa.Row | tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, sa.RowMapping | dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, memoryview):
        value = ("memoryview", bytes(value))
    return (type(value).__name__, repr(value))


@dataclass
class Oracle:
    """Two databases of the same kind, one for each tool.

    Args:
        title: what is compared, for the tally.
        tallies: counts.
        url: of asyncmig's, with its driver.
        sync_url: of Alembic's, with a synchronous driver.
        sync_twin: of asyncmig's, with the same synchronous driver.
        clean: statements that empty a database.
        dump: gives what is in a database.
    """

    title: str
    tallies: Tallies
    url: str
    sync_url: str
    sync_twin: str
    clean: Callable[[sa.Connection], None]
    dump: Callable[[sa.Connection], Any]

    def compare(self, cases: Cases, name: str, root: Path) -> None:
        """Run a case by both, and fail where they differ."""
        case = cases[name]
        location = root / "migrations"
        (location / "versions").mkdir(parents=True)
        (location / "versions" / "one.py").write_text(
            SCRIPT.format(name=case.name, module=cases.module), encoding="utf-8"
        )
        for url in (self.sync_url, self.sync_twin):
            self._prepare(url, case.setup)
        theirs = self._by_alembic(location)
        ours = self._by_asyncmig(location)
        values = len(theirs.returned) if isinstance(theirs.returned, dict) else 0
        differs = theirs.compared() != ours.compared()
        self.tallies.add(self.title, compared_with_Alembic=1, values_in_columns=values, differed=int(differs))
        if differs:
            if isinstance(ours.returned, dict) and isinstance(theirs.returned, dict):
                differing = [key for key, value in theirs.returned.items() if ours.returned.get(key) != value]
                both = "\n".join(f"{key}: {theirs.returned[key]} {ours.returned.get(key)}" for key in differing)
                pytest.fail(f"{case.name}: Alembic, asyncmig\n{both}", pytrace=False)
            both = f"Alembic:  {theirs.compared()}\n{theirs.message}\nasyncmig: {ours.compared()}\n{ours.message}"
            pytest.fail(f"{case.name}\n{both}", pytrace=False)

    def _prepare(self, url: str, setup: Sequence[str]) -> None:
        engine = sa.create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            self.clean(connection)
            connection.exec_driver_sql(VERSIONS)
            for statement in setup:
                connection.exec_driver_sql(statement, execution_options={"no_parameters": True})

    def _by_alembic(self, location: Path) -> Outcome:
        config = Config()
        config.set_main_option("script_location", str(location))
        script = ScriptDirectory.from_config(config)
        engine = sa.create_engine(self.sync_url, poolclass=NullPool)
        environment = EnvironmentContext(config, script, fn=lambda rev, context: script._upgrade_revs("head", rev))
        _outcomes.clear()
        logging.getLogger("alembic").setLevel(logging.WARNING)
        raised: Exception | None = None
        try:
            with environment, engine.connect() as connection:
                environment.configure(connection=connection, target_metadata=None)
                with environment.begin_transaction():
                    environment.run_migrations()
                # What a script has begun after a commit of its own is committed by nobody else.
                connection.commit()
        except Exception as error:
            raised = error
        return self._outcome(raised, self.sync_url)

    def _by_asyncmig(self, location: Path) -> Outcome:
        _outcomes.clear()

        async def run() -> None:
            settings = Settings(root=location.parent, version_table="alembic_version")
            async with Migrator(self.url, location, settings=settings) as migrator:
                await asyncio.wait_for(migrator.upgrade(), 60)

        raised: Exception | None = None
        try:
            asyncio.run(run())
        except (RevisionFailedError, TimeoutError) as error:
            raised = error
        return self._outcome(raised, self.sync_twin)

    def _outcome(self, raised: Exception | None, url: str) -> Outcome:
        assert _outcomes, f"the script did not run: {raised!r}"
        outcome = _outcomes[-1]
        if raised is not None and outcome.raised is None:
            outcome.raised, outcome.message = "afterwards", repr(raised)
        engine = sa.create_engine(url, poolclass=NullPool)
        with engine.connect() as connection:
            outcome.rows = self.dump(connection)
            if "alembic_version" in sa.inspect(connection).get_table_names():
                outcome.versions = tuple(
                    connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
                )
        return outcome


def dump_tables(connection: sa.Connection, cast: str) -> dict[str, list[str]]:
    """The rows of every table but the tools' own, as text."""
    found: dict[str, list[str]] = {}
    for name in sorted(sa.inspect(connection).get_table_names()):
        if name.startswith(("alembic_version", "asyncmig")):
            continue
        rows = connection.exec_driver_sql(cast.format(name=name), execution_options={"no_parameters": True})
        found[name] = sorted(repr(tuple(row)) for row in rows)
    return found


def sync_url(url: str, driver: str) -> str:
    """*url* with a synchronous driver."""
    return make_url(url).set(drivername=driver).render_as_string(hide_password=False)


#: What takes long, and finds less than the others.
SLOW = frozenset({"by_text_insert", "by_comparison", "by_session"})


def chosen(*collections: Cases) -> pytest.MarkDecorator:
    """Run a test for each of the cases, as its arguments `cases` and `name`."""
    found = [
        pytest.param(cases, name, id=name, marks=[pytest.mark.slow] if name in SLOW else [])
        for cases in collections
        for name in cases
    ]
    return pytest.mark.parametrize(("cases", "name"), found)
