from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.integration.drivers.harness import Oracle, dump_tables, sync_url
from tests.servers import DatabaseServer

ORACLES = pytest.StashKey[dict[str, Oracle]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[ORACLES] = {}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for kind, oracle in config.stash[ORACLES].items():
        terminalreporter.write_line(
            f"scripts for synchronous drivers on {kind}: {len(oracle.compared)} compared with Alembic,"
            f" {len(oracle.differed)} differed"
        )


@pytest.fixture(scope="session")
def postgresql_oracle(postgresql_server: DatabaseServer, pytestconfig: pytest.Config) -> Iterator[Oracle]:
    with postgresql_server.database() as theirs, postgresql_server.database() as ours:
        oracle = Oracle(
            url=ours,
            sync_url=sync_url(theirs, "postgresql+psycopg2"),
            sync_twin=sync_url(ours, "postgresql+psycopg2"),
            clean=_clean_postgresql,
            dump=lambda connection: dump_tables(connection, 'SELECT t::text FROM "{name}" AS t'),
        )
        pytestconfig.stash[ORACLES]["PostgreSQL"] = oracle
        yield oracle


def _clean_postgresql(connection: sa.Connection) -> None:
    connection.exec_driver_sql("DROP SCHEMA public CASCADE")
    connection.exec_driver_sql("CREATE SCHEMA public")
