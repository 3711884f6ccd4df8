"""An `env.py` of Alembic, as its templates write it and as people change it, executed inside our loop."""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from asyncmig.errors import ConfigError, DatabaseUnavailableError, RevisionFailedError, ScriptError
from asyncmig.events import Event, OperationStarted
from tests.integration.compat.alembic_project import AlembicDirectory, sync_url


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> AlembicDirectory:
    """A project of Alembic with two revisions."""
    project = AlembicDirectory(tmp_path / "project", sync_url(database_url))
    project.table("a1", "first")
    project.table("b2", "second")
    return project


async def tables(engine: AsyncEngine, schema: str | None = None) -> set[str]:
    async with engine.connect() as connection:
        found = await connection.run_sync(lambda sync: inspect(sync).get_table_names(schema=schema))
    return set(found) - {"asyncmig_log", "asyncmig_journal"}


@pytest.mark.parametrize("template", ["generic", "async", "pyproject"])
async def test_templates_run_as_they_are(tmp_path: Path, database_url: str, engine: AsyncEngine, template: str) -> None:
    url = database_url if template == "async" else sync_url(database_url)
    project = AlembicDirectory(tmp_path / "project", url, template)
    project.table("a1", "first")
    project.table("b2", "second")
    migrator = project.migrator()
    result = await migrator.upgrade("a1")
    assert [one.revision for one in result.applied] == ["a1"]
    assert await tables(engine) == {"alembic_version", "first"}
    assert [one.id for one in await migrator.pending()] == ["b2"]
    assert (await migrator.upgrade("head")).heads == ("b2",)
    assert not await migrator.upgrade("head")
    assert [one.id for one in await migrator.current()] == ["b2"]
    await migrator.downgrade("base")
    assert await tables(engine) == {"alembic_version"}


async def test_tools_take_turns(project: AlembicDirectory, engine: AsyncEngine) -> None:
    project.alembic("upgrade", "a1")
    assert [one.id for one in await project.migrator().current()] == ["a1"]
    await project.migrator().upgrade("head")
    assert "b2 (head)" in project.alembic("current")
    project.alembic("downgrade", "-1")
    assert (await project.migrator().status()).pending == ("b2",)
    await project.migrator().downgrade("base")
    project.alembic("upgrade", "head")
    assert await tables(engine) == {"alembic_version", "first", "second"}


@pytest.mark.parametrize("choice", ["as_written", "keep"])
async def test_altered_column_of_mysql(tmp_path: Path, mysql_url: str, choice: str) -> None:
    project = AlembicDirectory(tmp_path / "project", sync_url(mysql_url))
    column = 'sa.Column("a", sa.String(9), nullable=False, server_default="x")'
    project.revision("a1", f'op.create_table("first", {column})')
    project.revision("b2", 'op.alter_column("first", "a", existing_type=sa.String(9), comment="c")')
    project.ini.write_text(project.ini.read_text().replace("[alembic]", f"[alembic]\nmysql_alter_column = {choice}"))
    await project.migrator().upgrade("head")
    engine = create_async_engine(mysql_url)
    async with engine.connect() as connection:
        (found,) = await connection.run_sync(lambda sync: inspect(sync).get_columns("first"))
    await engine.dispose()
    assert (found["nullable"], found["default"], found["comment"]) == (
        (True, None, "c") if choice == "as_written" else (False, "'x'", "c")
    )


def test_program_finds_the_project(project: AlembicDirectory) -> None:
    project.asyncmig("upgrade", "head")
    assert "b2 (head)" in project.asyncmig("current")
    assert "a1 -> b2 (head)" in project.asyncmig("history")
    assert "Pending:  nothing" in project.asyncmig("status")
    assert "CREATE TABLE second" in project.asyncmig("upgrade", "a1:b2", "--sql")
    project.asyncmig("-c", "alembic.ini", "downgrade", "base")
    assert "b2" not in project.alembic("current")


async def test_several_databases(tmp_path: Path) -> None:
    project = AlembicDirectory(tmp_path / "project", "unused", "multidb")
    ini = project.ini.read_text()
    for url, name in (("unused2", "two"), ("unused", "one")):
        ini = ini.replace(url, f"sqlite:///{tmp_path}/{name}.db", 1)
    project.ini.write_text(ini)
    up = 'op.create_table(f"of_{engine_name}", sa.Column("id", sa.Integer, primary_key=True))'
    project.revision("a1", up, 'op.drop_table(f"of_{engine_name}")', parameters="engine_name")
    result = await project.migrator().upgrade("head")
    assert [one.revision for one in result.applied] == ["a1", "a1"]
    for name, table in (("one", "of_engine1"), ("two", "of_engine2")):
        engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/{name}.db")
        assert await tables(engine) == {"alembic_version", table}
        await engine.dispose()


async def test_connection_that_the_application_gives(project: AlembicDirectory, engine: AsyncEngine) -> None:
    project.edit(
        "    connectable = engine_from_config(",
        '    given = config.attributes.get("connection")\n    assert given is not None\n'
        "    context.configure(connection=given, target_metadata=target_metadata)\n"
        "    with context.begin_transaction():\n        context.run_migrations()\n    return\n"
        "    connectable = engine_from_config(",
    )
    await project.migrator(engine=engine).upgrade("head")
    assert await tables(engine) == {"alembic_version", "first", "second"}


WITH_CONNECTION = "    with connectable.connect() as connection:\n"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("import asyncio\nasyncio.get_event_loop().run_until_complete(work())", id="event loop"),
        pytest.param("import asyncio as aio\nwith aio.Runner() as runner:\n    runner.run(work())", id="runner"),
        pytest.param(
            "import asyncio\ntry:\n    asyncio.get_running_loop()\nexcept RuntimeError:\n    asyncio.run(work())",
            id="running loop",
        ),
        pytest.param("from asyncio import new_event_loop\nnew_event_loop().run_until_complete(work())", id="new loop"),
    ],
)
async def test_ways_to_wait(tmp_path: Path, sqlite_url: str, change: str) -> None:
    project = AlembicDirectory(tmp_path / "project", sqlite_url, "async")
    project.table("a1", "first")
    lines = "\n".join(f"    {line}" for line in change.splitlines())
    project.edit("    asyncio.run(run_async_migrations())", "    work = run_async_migrations\n" + lines)
    assert await project.migrator().upgrade("head")


@pytest.mark.parametrize(
    "lines",
    [
        "import sqlalchemy as sa\nconnectable = sa.create_engine(url)",
        "import sqlalchemy\nconnectable = sqlalchemy.create_engine(url, echo=False)",
        "from sqlalchemy.engine import create_engine\nconnectable = create_engine(url)",
        "from sqlalchemy import create_engine as make\nconnectable = make(url, pool_size=3, pool_pre_ping=True)",
        "import sqlalchemy.ext.asyncio as sea\nconnectable = sea.create_async_engine(url).sync_engine",
    ],
)
async def test_ways_to_make_an_engine(project: AlembicDirectory, engine: AsyncEngine, lines: str) -> None:
    start = project.env_py.read_text().index("    connectable = engine_from_config(")
    end = project.env_py.read_text().index(WITH_CONNECTION)
    lines = "url = config.get_main_option('sqlalchemy.url')\n" + lines
    project.edit(project.env_py.read_text()[start:end], "\n".join(f"    {line}" for line in lines.splitlines()) + "\n")
    await project.migrator().upgrade("head")
    assert await tables(engine) == {"alembic_version", "first", "second"}


async def test_engine_of_the_application_is_used_as_it_is(project: AlembicDirectory, engine: AsyncEngine) -> None:
    (project.root / "an_application.py").write_text(
        f"from sqlalchemy import create_engine\nengine = create_engine({project.url!r})\n"
    )
    start = project.env_py.read_text().index("    connectable = engine_from_config(")
    end = project.env_py.read_text().index(WITH_CONNECTION)
    project.edit(project.env_py.read_text()[start:end], "    from an_application import engine as connectable\n")
    try:
        await project.migrator().upgrade("head")
        await project.migrator().downgrade("a1")
    finally:
        del sys.modules["an_application"]
    assert await tables(engine) == {"alembic_version", "first"}


# -- transactions and sessions of env.py itself ------------------------------------------------------------------------


async def test_transaction_of_env_py_is_kept(project: AlembicDirectory, engine: AsyncEngine) -> None:
    project.edit(WITH_CONNECTION, "    with connectable.begin() as connection:\n")
    await project.migrator().upgrade("head")
    assert await tables(engine) == {"alembic_version", "first", "second"}


@pytest.mark.postgresql
async def test_transaction_of_env_py_takes_all_back(tmp_path: Path, postgresql_url: str) -> None:
    project = AlembicDirectory(tmp_path / "project", sync_url(postgresql_url))
    project.table("a1", "first")
    project.revision("b2", "op.execute('SELECT 1/0')")
    project.edit(WITH_CONNECTION, "    with connectable.begin() as connection:\n")
    with pytest.raises(RevisionFailedError):
        await project.migrator().upgrade("head")
    engine = create_async_engine(postgresql_url)
    assert await tables(engine) == set()
    await engine.dispose()


async def test_transaction_that_nobody_commits_is_an_error(tmp_path: Path, postgresql_url: str) -> None:
    project = AlembicDirectory(tmp_path / "project", sync_url(postgresql_url))
    project.table("a1", "first")
    project.edit(WITH_CONNECTION, WITH_CONNECTION + "        connection.exec_driver_sql('SELECT 1')\n")
    with pytest.raises(ConfigError, match="did not commit"):
        await project.migrator().upgrade("head")


@pytest.mark.parametrize(
    "lines",
    [
        "        connection.exec_driver_sql('SET search_path TO tenant')\n        connection.commit()\n",
        "        connection.execute(__import__('sqlalchemy').text('SET search_path TO tenant'))\n"
        "        connection.commit()\n        connection.dialect.default_schema_name = 'tenant'\n",
    ],
)
async def test_search_path_set_before(tmp_path: Path, postgresql_url: str, lines: str) -> None:
    project = AlembicDirectory(tmp_path / "project", sync_url(postgresql_url))
    await in_tenant(project, postgresql_url, WITH_CONNECTION, WITH_CONNECTION + lines)


async def test_env_py_may_be_written_for_a_synchronous_driver(tmp_path: Path, postgresql_url: str) -> None:
    project = AlembicDirectory(tmp_path / "project", sync_url(postgresql_url))
    project.table("a1", "first")
    project.edit(
        "        context.configure(",
        """        from sqlalchemy import text
        assert connection.exec_driver_sql("SELECT %s || '%%'", (5,)).scalar() == "5%"
        assert connection.scalar(text("SELECT upper(:word || :number)"), {"word": "a", "number": 1}) == "A1"
        with connection.connection.cursor() as cursor:
            cursor.execute("SELECT %(a)s::date", {"a": "2020-01-02"})
            assert str(cursor.fetchone()[0]) == "2020-01-02"
        connection.rollback()
        context.configure(""",
    )
    migrator = project.migrator()
    assert (await migrator.upgrade("head")).heads == ("a1",)
    assert [one.id for one in await migrator.current()] == ["a1"]
    # The same file runs with Alembic.
    assert "a1 (head)" in project.alembic("current")


@pytest.mark.parametrize("word", ["SET", "SET LOCAL"])
async def test_search_path_set_inside(tmp_path: Path, postgresql_url: str, word: str) -> None:
    project = AlembicDirectory(tmp_path / "project", sync_url(postgresql_url))
    run = "        with context.begin_transaction():\n"
    await in_tenant(
        project, postgresql_url, run, run + f"            context.execute('{word} search_path TO tenant')\n"
    )


async def in_tenant(project: AlembicDirectory, url: str, old: str, new: str) -> None:
    project.table("a1", "first")
    project.table("b2", "second")
    project.edit(old, new)
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE SCHEMA tenant"))
    await project.migrator().upgrade("head")
    assert await tables(engine, "tenant") == {"alembic_version", "first", "second"}
    assert await tables(engine) == set()
    await project.migrator().downgrade("base")
    assert await tables(engine, "tenant") == {"alembic_version"}
    await engine.dispose()


async def test_schemas_one_after_the_other(tmp_path: Path, postgresql_url: str) -> None:
    project = AlembicDirectory(tmp_path / "project", sync_url(postgresql_url))
    project.table("a1", "first")
    start = project.env_py.read_text().index("        context.configure(\n            connection=connection")
    end = project.env_py.read_text().index("if context.is_offline_mode():")
    project.edit(
        project.env_py.read_text()[start:end],
        "        for schema in ('x', 'y'):\n"
        "            connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS {schema}')\n"
        "            connection.exec_driver_sql(f'SET search_path TO {schema}')\n"
        "            connection.commit()\n"
        "            context.configure(connection=connection, version_table_schema=schema)\n"
        "            with context.begin_transaction():\n"
        "                context.run_migrations()\n\n",
    )
    result = await project.migrator().upgrade("head")
    assert [one.revision for one in result.applied] == ["a1", "a1"]
    engine = create_async_engine(postgresql_url)
    assert await tables(engine, "x") == await tables(engine, "y") == {"alembic_version", "first"}
    await engine.dispose()


# -- what configure() takes --------------------------------------------------------------------------------------------


async def test_version_table_is_where_env_py_says(project: AlembicDirectory, engine: AsyncEngine) -> None:
    project.edit(
        "            connection=connection, target_metadata=target_metadata\n",
        "            connection=connection, version_table='versions_of_it'\n",
    )
    await project.migrator().upgrade("a1")
    project.alembic("upgrade", "head")
    assert await tables(engine) == {"versions_of_it", "first", "second"}
    assert (await project.migrator().current())[0].id == "b2"


async def test_each_change_of_the_version_is_told(project: AlembicDirectory, engine: AsyncEngine) -> None:
    project.edit(
        "target_metadata = None",
        "target_metadata = None\n\ndef told(ctx, step, heads, run_args):\n"
        "    ctx.connection.exec_driver_sql(\n"
        "        'CREATE TABLE IF NOT EXISTS told (up VARCHAR(9), is_upgrade INTEGER, heads VARCHAR(20))')\n"
        "    ctx.connection.exec_driver_sql('INSERT INTO told VALUES (' + repr(step.up_revision_id) + ', '\n"
        "        + str(int(step.is_upgrade)) + ', ' + repr(','.join(sorted(heads))) + ')')\n",
    )
    project.edit(
        "target_metadata=target_metadata\n        )\n\n        with", "on_version_apply=told\n        )\n\n        with"
    )
    await project.migrator().upgrade("head")
    await project.migrator().downgrade("a1")
    async with engine.connect() as connection:
        rows = (await connection.exec_driver_sql("SELECT up, is_upgrade, heads FROM told")).all()
    assert [tuple(row) for row in rows] == [("a1", 1, "a1"), ("b2", 1, "b2"), ("b2", 0, "a1")]


async def test_scripts_see_arguments_options_and_settings(project: AlembicDirectory, engine: AsyncEngine) -> None:
    project.edit(
        "            connection=connection, target_metadata=target_metadata\n",
        "            connection=connection, my_option=context.get_x_argument(as_dictionary=True)['size']\n",
    )
    project.revision(
        "c3",
        'assert context.get_x_argument(as_dictionary=True) == {"size": "7"}\n'
        'assert context.get_x_argument() == ["size=7"]\n'
        'assert op.get_context().opts["my_option"] == "7"\n'
        'op.create_table("third", sa.Column("id", sa.Integer, primary_key=True))',
    )
    await project.migrator(arguments={"size": "7"}).upgrade("head")
    assert "third" in await tables(engine)


@pytest.mark.parametrize("given", ["head", "a1:head"])
async def test_printed_run_starts_where_env_py_says(tmp_path: Path, given: str) -> None:
    project = AlembicDirectory(tmp_path / "project", "postgresql://nobody:secret@nowhere.invalid/x")
    for id, name in (("a1", "first"), ("b2", "second"), ("c3", "third")):
        project.table(id, name)
    project.edit("        url=url,", "        url=url, starting_rev='b2',")
    sql = await project.migrator().sql(given)
    theirs = project.alembic("upgrade", given, "--sql")
    assert ["first" in sql, "second" in sql, "third" in sql] == [False, False, True]
    assert ["first" in theirs, "second" in theirs, "third" in theirs] == [False, False, True]


# -- printing ----------------------------------------------------------------------------------------------------------


async def test_printing_asks_no_database(tmp_path: Path) -> None:
    project = AlembicDirectory(tmp_path / "project", "postgresql://nobody:secret@nowhere.invalid/x")
    project.table("a1", "first")
    project.table("b2", "second")
    sql = await project.migrator().sql("a1:head")
    assert "CREATE TABLE second" in sql
    assert "first" not in sql
    assert "UPDATE alembic_version SET version_num='b2' WHERE alembic_version.version_num = 'a1'" in sql


async def test_printing_into_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = AlembicDirectory(tmp_path / "project", "sqlite://", "multidb")
    up = 'op.create_table(f"of_{engine_name}", sa.Column("id", sa.Integer, primary_key=True))'
    project.revision("a1", up, parameters="engine_name")
    project.ini.write_text(project.ini.read_text().replace("sqlite://2", "sqlite://"))
    monkeypatch.chdir(project.root)
    assert not (await project.migrator().sql("head")).strip()
    assert "CREATE TABLE of_engine1" in (project.root / "engine1.sql").read_text()
    assert "CREATE TABLE of_engine2" in (project.root / "engine2.sql").read_text()


# -- what can go wrong -------------------------------------------------------------------------------------------------


async def test_env_py_that_fails_names_its_line(project: AlembicDirectory) -> None:
    project.edit("target_metadata = None", "target_metadata = None\nmodels = {}['of the application']")
    line = project.env_py.read_text().splitlines().index("models = {}['of the application']") + 1
    with pytest.raises(ScriptError) as caught:
        await project.migrator().upgrade("head")
    assert (caught.value.path, caught.value.line) == (project.env_py, line)
    assert "KeyError: 'of the application'" in caught.value.message


async def test_env_py_that_runs_nothing(project: AlembicDirectory) -> None:
    project.env_py.write_text("from alembic import context\n")
    with pytest.raises(ConfigError, match="did not call context.run_migrations"):
        await project.migrator().upgrade("head")


async def test_env_py_that_is_not_there(project: AlembicDirectory) -> None:
    project.env_py.unlink()
    with pytest.raises(ConfigError, match="There is no .*env.py"):
        await project.migrator().upgrade("head")


async def test_configure_wants_a_connection(project: AlembicDirectory) -> None:
    project.edit("            connection=connection,", "            connection=connectable,")
    with pytest.raises(ConfigError, match="must be a Connection of SQLAlchemy, not Engine") as caught:
        await project.migrator().upgrade("head")
    assert "connectable.connect()" in (caught.value.hint or "")


async def test_migrations_before_configure(project: AlembicDirectory) -> None:
    project.env_py.write_text("from alembic import context\ncontext.run_migrations()\n")
    with pytest.raises(ConfigError, match="has not called context.configure"):
        await project.migrator().upgrade("head")


async def test_server_that_is_not_there(tmp_path: Path) -> None:
    project = AlembicDirectory(tmp_path / "project", "postgresql://someone:secret@127.0.0.1:1/x")
    project.table("a1", "first")
    with pytest.raises(DatabaseUnavailableError) as caught:
        await project.migrator().upgrade("head")
    assert "secret" not in str(caught.value)
    assert "127.0.0.1:1" in caught.value.url


# -- the process stays as it was ---------------------------------------------------------------------------------------


async def test_nothing_of_the_process_changes(project: AlembicDirectory, engine: AsyncEngine) -> None:
    project.edit("import pool", "import pool\nimport sys\nsys.path.insert(0, 'somewhere')")
    logger = logging.getLogger("somebody.else")
    # What is imported lazily by libraries is imported by the first run.
    await project.migrator().upgrade("a1")
    before: tuple[Any, ...] = (list(sys.path), set(sys.modules), list(logging.root.handlers), logging.root.level)
    await project.migrator().upgrade("head")
    await project.migrator().downgrade("base")
    assert before == (list(sys.path), set(sys.modules), list(logging.root.handlers), logging.root.level)
    assert not logger.disabled


SLEEP = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000000) SELECT max(i) FROM n",
    "postgresql": "SELECT pg_sleep(20)",
    "mysql": "SELECT SLEEP(20)",
}


async def test_cancelled_run_leaves_nothing_behind(project: AlembicDirectory, engine: AsyncEngine) -> None:
    project.revision("c3", f"op.execute({SLEEP[engine.dialect.name]!r})")
    started = anyio.Event()

    def observe(event: Event) -> None:
        if isinstance(event, OperationStarted) and event.verb == "execute":
            started.set()

    async with anyio.create_task_group() as group:
        group.start_soon(project.migrator(observer=observe).upgrade, "head")
        await started.wait()
        await anyio.sleep(0.1)
        group.cancel_scope.cancel()
    with anyio.fail_after(5):
        assert [one.id for one in await project.migrator().current()] == ["b2"]
        await project.migrator().downgrade("base")
    assert await tables(engine) == {"alembic_version"}


async def test_runs_at_the_same_time_find_their_helpers(tmp_path: Path) -> None:
    helper = (
        "import asyncio\nfrom alembic import op\n"
        "async def pause(connection): await asyncio.sleep(0.01)\n"
        "def create(name):\n    op.run_async(pause)\n    import more_helpers\n"
        "    op.create_table(name, *more_helpers.columns())\n"
    )
    more = "import sqlalchemy as sa\ndef columns(): return [sa.Column('id', sa.Integer, primary_key=True)]\n"
    projects = []
    for number in range(4):
        project = AlembicDirectory(tmp_path / f"project_{number}", "sqlite://")
        (project.root / "helpers.py").write_text(helper)
        (project.root / "src").mkdir()
        (project.root / "src" / "more_helpers.py").write_text(more)
        project.edit("import pool", "import pool\nimport os, sys\nsys.path.insert(0, os.path.abspath('src'))")
        project.edit("os.path.abspath('src')", "os.path.join(os.path.dirname(os.path.dirname(__file__)), 'src')")
        project.revision("a1", "from helpers import create\ncreate('made')", "op.drop_table('made')")
        # Each of them is run twice at once.
        projects += [(project, f"sqlite+aiosqlite:///{tmp_path}/{number}{copy}.db") for copy in "ab"]
    before = list(sys.path), {name for name in sys.modules if "helpers" in name}
    await asyncio.gather(*(project.migrator(url=url).upgrade("head") for project, url in projects))
    assert before[0] == sys.path
    assert {name for name in sys.modules if "helpers" in name} - before[1] <= {"more_helpers"}
    sys.modules.pop("more_helpers", None)
    for _, url in projects:
        engine = create_async_engine(url)
        assert await tables(engine) == {"alembic_version", "made"}
        await engine.dispose()


def test_env_py_has_a_say_in_new_revisions(tmp_path: Path) -> None:
    project = AlembicDirectory(tmp_path / "project", f"sqlite:///{tmp_path}/x.db")
    project.ini.write_text(project.ini.read_text().replace("[alembic]", "[alembic]\nrevision_environment = true", 1))
    project.edit(
        "target_metadata = None",
        "target_metadata = None\n\ndef process(context, revision, directives):\n"
        "    assert config.cmd_opts.autogenerate is False\n"
        "    if directives[0].message == 'none':\n        directives[:] = []\n"
        "    else:\n        directives[0].message += ', and more'\n",
    )
    project.edit(
        "connection=connection, target_metadata=target_metadata",
        "connection=connection, process_revision_directives=process",
    )
    project.asyncmig("revision", "-m", "one", "--rev-id", "abc")
    text = next((project.root / "migrations" / "versions").glob("abc_*.py")).read_text()
    assert text.startswith('"""one, and more\n')
    project.asyncmig("revision", "-m", "none", "--rev-id", "def")
    assert not list((project.root / "migrations" / "versions").glob("def*"))


async def test_env_py_asks_its_context_where_the_database_is(project: AlembicDirectory, engine: AsyncEngine) -> None:
    project.edit(
        "        with context.begin_transaction():\n",
        "        with context.begin_transaction():\n"
        "            context.get_context()._ensure_version_table()\n"
        "            config.attributes['seen'] = context.get_context().get_current_revision()\n",
    )
    migrator = project.migrator()
    await migrator.upgrade("a1")
    assert migrator.project.config.attributes["seen"] is None
    await migrator.upgrade("head")
    assert migrator.project.config.attributes["seen"] == "a1"
    assert await tables(engine) == {"alembic_version", "first", "second"}
