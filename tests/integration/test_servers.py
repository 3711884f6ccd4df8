"""The test servers: what the fixtures promise."""

from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from tests.servers import DatabaseServer, PostgreSQLServer, ServerFailed
from tests.servers.base import checked_name, free_port
from tests.servers.session import SessionServers, is_durable


async def table_names(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        return await connection.run_sync(lambda sync: inspect(sync).get_table_names())


@pytest.mark.parametrize("turn", ["first", "second"])
async def test_database_that_another_test_filled_is_empty_again(engine: AsyncEngine, turn: str) -> None:
    assert await table_names(engine) == []
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE left_behind (id INTEGER PRIMARY KEY)"))
    assert await table_names(engine) == ["left_behind"]


def test_url_has_an_async_driver(database_url: str) -> None:
    assert make_url(database_url).get_dialect().is_async


def test_url_of_each_kind_for_one_test(sqlite_url: str, postgresql_url: str, mysql_url: str) -> None:
    names = [make_url(url).get_backend_name() for url in (sqlite_url, postgresql_url, mysql_url)]
    assert names == ["sqlite", "postgresql", "mysql"]


async def test_text_outside_ascii_comes_back(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT :word"), {"word": "żółw 🐢"}) == "żółw 🐢"


@pytest.mark.parametrize(
    "name", [pytest.param("postgresql", marks=pytest.mark.postgresql), pytest.param("mysql", marks=pytest.mark.mysql)]
)
async def test_open_transaction_does_not_hinder_drop(name: str, request: pytest.FixtureRequest) -> None:
    server: DatabaseServer = request.getfixturevalue(f"{name}_server")
    url = server.create_database()
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE held (id INTEGER PRIMARY KEY)"))
    connection = await engine.connect()
    await connection.execute(text("SELECT * FROM held"))
    server.drop_database(str(make_url(url).database))
    await connection.invalidate()
    await connection.close()
    await engine.dispose()


def test_versions_are_reported(
    servers: SessionServers, sqlite_url: str, postgresql_server: DatabaseServer, mysql_server: DatabaseServer
) -> None:
    summary = servers.summary()
    assert "sqlite 3." in summary
    assert f"postgresql {postgresql_server.version} (" in summary
    assert f"mysql {mysql_server.version} (" in summary
    assert mysql_server.version.startswith(("MariaDB ", "MySQL "))


async def test_given_url_is_used_and_left_alone(postgresql_server: DatabaseServer) -> None:
    given = postgresql_server.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with PostgreSQLServer(given) as server, server.database() as url:
        assert not server.private
        engine = create_async_engine(url, poolclass=NullPool)
        assert await table_names(engine) == []
        await engine.dispose()
    assert postgresql_server.create_database("still_there").endswith("/still_there")
    postgresql_server.drop_database("still_there")


def test_given_url_without_a_server_fails() -> None:
    server = PostgreSQLServer(f"postgresql://nobody@127.0.0.1:{free_port()}/nothing")
    with pytest.raises(ServerFailed, match="no postgresql server answers"):
        server.start()


@pytest.mark.postgresql
async def test_crashed_server_keeps_what_was_committed(postgresql_server: DatabaseServer) -> None:
    if not postgresql_server.private:
        pytest.skip("only a private server may be killed")
    with PostgreSQLServer(durable=True) as server:
        url = server.create_database("kept")
        engine = create_async_engine(url, poolclass=NullPool)
        async with engine.begin() as connection:
            await connection.execute(text("CREATE TABLE kept (id INTEGER PRIMARY KEY)"))
        server.crash()
        with pytest.raises(OSError, match=r"refused|Connect"):
            await table_names(engine)
        server.start()
        assert await table_names(engine) == ["kept"]
        await engine.dispose()
        home = server_home(server)
        assert home.is_dir()
    assert not home.exists()


def test_server_that_may_lose_commits_refuses_to_crash(postgresql_server: DatabaseServer) -> None:
    if not postgresql_server.private or postgresql_server.durable:
        pytest.skip("needs a private server that is not durable")
    with pytest.raises(ServerFailed, match="only a durable server"):
        postgresql_server.crash()


def server_home(server: DatabaseServer) -> Path:
    assert server._process is not None
    return server._process.home


@pytest.mark.parametrize("name", ["Upper", 'quo"te', "", "back`tick", "1st"])
def test_name_that_needs_quotes_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="plain lower-case"):
        checked_name(name)


def test_suite_asks_for_fast_servers_unless_told_otherwise() -> None:
    assert not is_durable({})
    assert not is_durable({"ASYNCMIG_TEST_FAST": "1"})
    assert is_durable({"ASYNCMIG_TEST_FAST": "0"})
