from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.integration.drivers.harness import Oracle, dump_tables, sync_url
from tests.servers import DatabaseServer
from tests.tallies import TALLIES


@pytest.fixture(scope="session")
def postgresql_oracle(postgresql_server: DatabaseServer, pytestconfig: pytest.Config) -> Iterator[Oracle]:
    with postgresql_server.database() as theirs, postgresql_server.database() as ours:
        yield Oracle(
            title="scripts for psycopg2 on asyncpg",
            tallies=pytestconfig.stash[TALLIES],
            url=ours,
            sync_url=sync_url(theirs, "postgresql+psycopg2"),
            sync_twin=sync_url(ours, "postgresql+psycopg2"),
            clean=_clean_postgresql,
            dump=lambda connection: dump_tables(connection, 'SELECT t::text FROM "{name}" AS t'),
        )


@pytest.fixture(scope="session")
def mysql_oracle(mysql_server: DatabaseServer, pytestconfig: pytest.Config) -> Iterator[Oracle]:
    with mysql_server.database() as theirs, mysql_server.database() as ours:
        yield Oracle(
            title="scripts for PyMySQL on aiomysql",
            tallies=pytestconfig.stash[TALLIES],
            url=ours,
            sync_url=sync_url(theirs, "mysql+pymysql"),
            sync_twin=sync_url(ours, "mysql+pymysql"),
            clean=_clean_mysql,
            dump=lambda connection: dump_tables(connection, "SELECT * FROM `{name}`"),
        )


@pytest.fixture(scope="session")
def sqlite_oracle(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Oracle:
    root = tmp_path_factory.mktemp("sqlite")
    return Oracle(
        title="scripts for sqlite3 on aiosqlite",
        tallies=pytestconfig.stash[TALLIES],
        url=f"sqlite+aiosqlite:///{root / 'ours.db'}",
        sync_url=f"sqlite:///{root / 'theirs.db'}",
        sync_twin=f"sqlite:///{root / 'ours.db'}",
        clean=_clean_sqlite,
        dump=lambda connection: dump_tables(connection, 'SELECT * FROM "{name}"'),
    )


def _clean_mysql(connection: sa.Connection) -> None:
    connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 0")
    inspector = sa.inspect(connection)
    for name in inspector.get_view_names():
        connection.exec_driver_sql(f"DROP VIEW `{name}`")
    for name in inspector.get_table_names():
        connection.exec_driver_sql(f"DROP TABLE `{name}`")


def _clean_sqlite(connection: sa.Connection) -> None:
    inspector = sa.inspect(connection)
    for name in inspector.get_view_names():
        connection.exec_driver_sql(f'DROP VIEW "{name}"')
    for name in inspector.get_table_names():
        connection.exec_driver_sql(f'DROP TABLE "{name}"')


def _clean_postgresql(connection: sa.Connection) -> None:
    connection.exec_driver_sql("DROP SCHEMA public CASCADE")
    connection.exec_driver_sql("CREATE SCHEMA public")
