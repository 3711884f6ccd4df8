"""Fixtures that every test may use: fresh databases, and an engine on each kind of them."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from tests.differential.summary import COMPARED, Summary
from tests.servers import DatabaseServer, PgBouncer, ServerMissing
from tests.servers.session import SessionServers
from tests.tallies import TALLIES, Tallies

SERVERS = pytest.StashKey[SessionServers]()
#: What the processes that share the tests out say of their servers.
OTHERS = pytest.StashKey[list[str]]()
KINDS = ("sqlite", "postgresql", "mysql")
#: What measures time or starts many processes: nothing else may run beside it.
ALONE = (
    "acceptance/test_cli_cold_start.py",
    "acceptance/test_deployment.py",
    "benchmarks/",
    "faults/",
    "integration/integrations/test_health.py",
    "integration/test_connecting.py",
    "integration/test_exclusion.py",
    "integration/test_lock_lease.py",
    "integration/test_lock_limits.py",
    "integration/test_lock_queue.py",
    "integration/test_lock_session.py",
    "unit/dialects/test_sql_text.py",
)
HERE = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the tests marked slow, and only them")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SERVERS] = SessionServers(os.environ)
    config.stash[OTHERS] = []
    config.stash[TALLIES] = Tallies()
    config.stash[COMPARED] = Summary()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that shares the tests out which servers this one has used, and what its tests have counted."""
    output: dict[str, object] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["servers"] = session.config.stash[SERVERS].summary()
        output["tallies"] = session.config.stash[TALLIES].plain()
        output["compared"] = session.config.stash[COMPARED].data()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Note what such a process says at its end."""
    output = getattr(node, "workeroutput", {})
    node.config.stash[OTHERS].append(output.get("servers", ""))
    node.config.stash[TALLIES].merge(output.get("tallies", {}))
    node.config.stash[COMPARED].add(output.get("compared", Summary().data()))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark each test with the servers that it asks for, and leave out those of the other speed."""
    for item in items:
        for kind in KINDS:
            if {f"{kind}_url", f"{kind}_server"} & set(getattr(item, "fixturenames", ())):
                item.add_marker(kind)
        if item.path.relative_to(HERE).as_posix().startswith(ALONE):
            item.add_marker("alone")
    slow = config.getoption("--slow")
    if "slow" in config.getoption("-m"):
        return
    chosen = [item for item in items if (item.get_closest_marker("slow") is not None) == slow]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if compared := [*config.stash[COMPARED].text(), *config.stash[TALLIES].lines()]:
        terminalreporter.section("asyncmig against Alembic")
        for line in compared:
            terminalreporter.write_line(line)
    used = [config.stash[SERVERS].summary(), *config.stash[OTHERS]]
    parts = dict.fromkeys(part for one in used for part in one.split(" | ") if part)
    if parts:
        terminalreporter.write_line(f"servers: {' | '.join(parts)}")


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Iterator[SessionServers]:
    """The servers of this run, each started when a test first asks for it."""
    running = pytestconfig.stash[SERVERS]
    yield running
    running.stop()


def server_or_skip(servers: SessionServers, name: str) -> DatabaseServer:
    """Return a running server; a missing one skips the test, but fails it where nobody would read the reason."""
    try:
        return servers.get(name)
    except ServerMissing as missing:
        reason = str(missing)
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def postgresql_server(servers: SessionServers) -> DatabaseServer:
    """The PostgreSQL server of this run."""
    return server_or_skip(servers, "postgresql")


@pytest.fixture(scope="session")
def mysql_server(servers: SessionServers) -> DatabaseServer:
    """The MySQL or MariaDB server of this run."""
    return server_or_skip(servers, "mysql")


@pytest.fixture(scope="session")
def pgbouncer(postgresql_server: DatabaseServer) -> Iterator[PgBouncer]:
    """A connection pooler in transaction mode before the PostgreSQL server of this run."""
    try:
        PgBouncer.check_installed()
    except ServerMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))
    with PgBouncer(postgresql_server.url) as pooler:
        yield pooler


@pytest.fixture
def postgresql_url(postgresql_server: DatabaseServer) -> Iterator[str]:
    """The URL of an empty PostgreSQL database of this test's own."""
    with postgresql_server.database() as url:
        yield url


@pytest.fixture
def mysql_url(mysql_server: DatabaseServer) -> Iterator[str]:
    """The URL of an empty MySQL database of this test's own."""
    with mysql_server.database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path, servers: SessionServers) -> str:
    """The URL of an empty SQLite file of this test's own."""
    servers.note_sqlite()
    return f"sqlite+aiosqlite:///{tmp_path / 'database.sqlite'}"


@pytest.fixture(params=[pytest.param(kind, marks=getattr(pytest.mark, kind)) for kind in KINDS])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, on each kind of server in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on an empty database, on each kind of server in turn; it keeps no connection open."""
    engine = create_async_engine(database_url, poolclass=NullPool)
    yield engine
    await engine.dispose()
