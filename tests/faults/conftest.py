"""Fixtures of the fault tests: a fork server, a database of each kind, and the summary at the end."""

from collections.abc import Iterator

import pytest

from tests.faults.databases import KINDS, Database, MySQL, PostgreSQL, SQLite, SQLiteWithForeignKeys
from tests.faults.forks import Forks
from tests.faults.summary import Summary

SUMMARY = pytest.StashKey[Summary]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SUMMARY] = Summary()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if SUMMARY in config.stash and (lines := list(config.stash[SUMMARY].text())):
        terminalreporter.section("faults")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture
def summary(pytestconfig: pytest.Config) -> Summary:
    """What is printed at the end."""
    if SUMMARY not in pytestconfig.stash:
        pytestconfig.stash[SUMMARY] = Summary()
    return pytestconfig.stash[SUMMARY]


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """The fork server."""
    with Forks() as forks:
        yield forks


def _opened(kind: type[Database], request: pytest.FixtureRequest) -> Iterator[Database]:
    database = kind(request.getfixturevalue(f"{kind.name.split()[0]}_url"))
    yield database
    database.close()


@pytest.fixture(params=[pytest.param(kind, id=kind.name.replace(" ", "_")) for kind in KINDS])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database of each kind in turn."""
    yield from _opened(request.param, request)


@pytest.fixture(params=[pytest.param(kind, id=kind.name.replace(" ", "_")) for kind in (SQLite, SQLiteWithForeignKeys)])
def sqlite(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty file of SQLite, with foreign keys enforced and without."""
    yield from _opened(request.param, request)


@pytest.fixture(params=[pytest.param(kind, id=kind.name) for kind in (SQLite, PostgreSQL, MySQL)])
def server_or_file(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database of each of the three dialects in turn."""
    yield from _opened(request.param, request)
