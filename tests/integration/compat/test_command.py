"""Programs that call Alembic's commands see no difference when they call ours."""

import asyncio
import inspect
import io
import logging
import re
import sys
import threading
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
import pytest
import sqlalchemy as sa
from alembic.util import CommandError as AlembicCommandError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import NullPool

from asyncmig.compat.alembic import command, config
from asyncmig.compat.alembic.errors import CommandError, DatabaseNotAtHead
from asyncmig.compat.alembic.operations import ops
from asyncmig.errors import (
    DatabaseUnavailableError,
    HistoryMismatchError,
    MultipleHeadsError,
    RevisionFailedError,
    ScriptError,
)
from tests.integration.compat.program import Program, rows, schema, sync_url, write_project


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project")


@pytest.fixture
def ours(scripts: Path, database_url: str) -> Program:
    return Program(command, config, scripts, database_url)


@pytest.fixture
def theirs(scripts: Path, database_url: str) -> Program:
    return Program(alembic.command, alembic.config, scripts, sync_url(database_url))


def story(program: Program, url: str) -> list[Any]:
    """Everything that a program does with a project, and what it sees; the database is empty again at the end."""
    seen: list[Any] = [
        program.said("history"),
        program.said("history", verbose=True),
        program.said("history", rev_range="a1f0:b2f0"),
        program.said("history", rev_range=":b2f0"),
        program.said("heads"),
        program.said("heads", verbose=True),
        program.said("heads", resolve_dependencies=True),
        sorted(program.said("branches").splitlines()),
        sorted(program.said("branches", verbose=True).splitlines()),
        program.said("show", "b2f0"),
        program.said("show", "head"),
        program.said("current"),
        program.refused("current", check_heads=True),
        program.do("ensure_version"),
        rows(url),
        program.do("upgrade", "a1f0"),
        (rows(url), schema(url)),
        program.said("current"),
        program.said("history", indicate_current=True),
        program.said("history", rev_range="current:"),
        program.said("show", "current"),
        program.do("upgrade", "+1"),
        (rows(url), schema(url)),
        program.do("upgrade", "side@head"),
        rows(url),
        program.do("upgrade", "heads"),
        (rows(url), schema(url)),
        program.said("current", check_heads=True),
        re.sub(r"^Current revision\(s\) for .*", "", program.said("current", verbose=True)),
        program.do("downgrade", "c3f0"),
        rows(url),
        sorted(program.said("current").splitlines()),
        program.do("downgrade", "b2f0"),
        program.do("downgrade", "-1"),
        rows(url),
        program.do("upgrade", "heads"),
        program.do("stamp", "b2f0"),
        rows(url),
        program.do("stamp", "heads"),
        rows(url),
        program.do("stamp", ["c3f0", "d4f0"], purge=True),
        rows(url),
        program.do("downgrade", "a1f0"),
        (rows(url), schema(url)),
        program.do("downgrade", "base"),
        (rows(url), schema(url)),
    ]
    return seen + [
        (name, args, program.refused(name, *args, **options))
        for name, args, options in (
            ("upgrade", ("nothing",), {}),
            ("upgrade", ("a1f0:b2f0",), {}),
            ("downgrade", ("+1",), {}),
            ("downgrade", ("base",), {"sql": True}),
            ("downgrade", ("e5f0",), {}),
            ("stamp", ("nothing",), {}),
            ("stamp", ("a1f0",), {"sql": True, "purge": True}),
            ("show", ("nothing",), {}),
            ("history", ("a1f0",), {}),
            ("revision", ("m",), {"sql": True}),
            ("revision", ("m",), {"sql": True, "autogenerate": True}),
            ("revision", ("m",), {"head": "a1f0"}),
            ("merge", (["nothing"],), {}),
            ("edit", ("base",), {}),
        )
    ]


def test_story_of_a_program_is_the_same_with_either(ours: Program, theirs: Program, database_url: str) -> None:
    expected = story(theirs, database_url)

    assert story(ours, database_url) == expected
    # And what we left is what Alembic goes on with.
    assert story(theirs, database_url) == expected


def test_story_is_the_same_with_an_async_env_py(tmp_path: Path, database_url: str) -> None:
    scripts = write_project(tmp_path / "asynchronous", "async")
    found = [
        story(Program(*modules, scripts, database_url), database_url)
        for modules in ((alembic.command, alembic.config), (command, config))
    ]

    assert found[0] == found[1]


async def test_async_env_py_is_run_beside_a_loop_and_in_it(tmp_path: Path, engine: AsyncEngine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    program = Program(command, config, write_project(tmp_path / "asynchronous", "async"), url)

    program.do("upgrade", "b2f0")
    async with engine.connect() as connection:
        shared = {"connection": connection.sync_connection}
        await connection.run_sync(lambda sync: command.upgrade(program.config(attributes=shared), "heads"))
        await connection.run_sync(lambda sync: command.current(program.config(stdout=io.StringIO(), attributes=shared)))
    async with engine.connect() as connection:
        # Without the connection env.py makes one of its own, in the loop that runs.
        await connection.run_sync(lambda sync: program.do("downgrade", "base"))

    assert rows(url) == []


def test_tools_take_turns_on_one_database(ours: Program, theirs: Program, database_url: str) -> None:
    for program, target in ((theirs, "a1f0"), (ours, "b2f0"), (theirs, "c3f0"), (ours, "d4f0"), (theirs, "e5f0")):
        program.do("upgrade", target)
    assert rows(database_url) == ["e5f0"]
    for program, target in ((ours, "c3f0"), (theirs, "b2f0"), (ours, "-1"), (theirs, "-1")):
        program.do("downgrade", target)

    assert rows(database_url) == []


def test_printed_sql_goes_where_alembic_puts_it(ours: Program, capsys: pytest.CaptureFixture[str]) -> None:
    buffer, out = io.StringIO(), io.StringIO()

    command.upgrade(ours.config(output_buffer=buffer, stdout=out), "a1f0", sql=True)
    command.downgrade(ours.config(output_buffer=buffer), "a1f0:base", sql=True)
    command.stamp(ours.config(output_buffer=buffer), "a1f0:b2f0", sql=True)
    command.ensure_version(ours.config(output_buffer=buffer), sql=True)
    command.upgrade(ours.config(stdout=out), "b2f0:c3f0", sql=True)

    assert out.getvalue() == ""
    assert buffer.getvalue().count("CREATE TABLE accounts") == 1
    assert "DROP TABLE accounts" in buffer.getvalue()
    assert "SET version_num='b2f0'" in buffer.getvalue()
    assert buffer.getvalue().count("CREATE TABLE alembic_version") == 2
    assert "CREATE TABLE bills" in capsys.readouterr().out
    assert schema(ours.url) == {}


# -- where the work is done


def test_command_runs_without_a_loop_and_leaves_none(ours: Program) -> None:
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        ours.do("upgrade", "heads")

        assert asyncio.get_event_loop_policy().get_event_loop() is loop
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    assert rows(ours.url) == ["e5f0"]


async def test_command_runs_where_a_loop_runs_that_is_not_awaited(ours: Program) -> None:
    threads = threading.active_count()

    ours.do("upgrade", "heads")

    assert ours.said("current") == "e5f0 (head) (mergepoint)\n"
    assert threading.active_count() <= threads + 1


async def test_command_runs_in_a_thread_beside_a_loop(ours: Program) -> None:
    await asyncio.to_thread(ours.do, "upgrade", "heads")

    assert await asyncio.to_thread(rows, ours.url) == ["e5f0"]


async def test_connection_of_an_async_engine_is_shared_inside_run_sync(ours: Program, engine: AsyncEngine) -> None:
    def upgrade(connection: sa.Connection) -> None:
        mine = ours.config(attributes={"connection": connection})
        command.upgrade(mine, "a1f0")
        connection.execute(sa.text("INSERT INTO accounts (id, name) VALUES (2, 'Bob')"))
        command.upgrade(mine, "b2f0")

    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
    async with engine.connect() as connection:
        found = (await connection.execute(sa.text("SELECT email FROM accounts ORDER BY id"))).scalars().all()

    assert found == ["Ann@x", "Bob@x"]


def test_connection_of_a_synchronous_engine_is_shared(ours: Program, theirs: Program) -> None:
    for program in (theirs, ours):
        engine = sa.create_engine(sync_url(ours.url), poolclass=NullPool)
        with engine.begin() as connection:
            mine = program.config(attributes={"connection": connection})
            program.command.upgrade(mine, "b2f0")
            assert connection.scalar(sa.text("SELECT email FROM accounts")) == "Ann@x"
        assert rows(ours.url) == ["b2f0"]
        with engine.connect() as connection:
            mine = program.config(attributes={"connection": connection})
            program.command.downgrade(mine, "base")
        assert rows(ours.url) == []


@pytest.mark.postgresql
def test_transaction_of_a_shared_connection_stays_the_callers(postgresql_url: str, scripts: Path) -> None:
    program = Program(command, config, scripts, postgresql_url)
    engine = sa.create_engine(sync_url(postgresql_url), poolclass=NullPool)

    with engine.connect() as connection, connection.begin() as transaction:
        command.upgrade(program.config(attributes={"connection": connection}), "heads")
        transaction.rollback()

    assert schema(postgresql_url) == {}


async def test_synchronous_connection_is_shared_where_a_loop_runs(ours: Program) -> None:
    engine = sa.create_engine(sync_url(ours.url), poolclass=NullPool, **_threads(ours.url))
    with engine.begin() as connection:
        command.upgrade(ours.config(attributes={"connection": connection}), "b2f0")

    assert rows(ours.url) == ["b2f0"]


def _threads(url: str) -> dict[str, Any]:
    return {"connect_args": {"check_same_thread": False}} if url.startswith("sqlite") else {}


async def test_connection_of_another_loop_is_refused_with_the_right_way(ours: Program, engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        for shared in (connection, connection.sync_connection):
            mine = ours.config(attributes={"connection": shared})
            with pytest.raises(CommandError, match="works only in the event loop that opened it") as caught:
                command.upgrade(mine, "heads")
            assert caught.value.hint is not None and "await connection.run_sync(upgrade)" in caught.value.hint
            with pytest.raises(CommandError, match="works only in the event loop that opened it"):
                await asyncio.to_thread(command.upgrade, mine, "heads")


def test_nothing_of_the_process_is_touched(ours: Program, capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("an.application").disabled = False
    before = (list(sys.path), {name for name in sys.modules if "a1f0" in name}, list(logging.root.handlers))
    alembics = {name for name in sys.modules if name.startswith("alembic")}

    ours.do("upgrade", "heads")
    ours.do("downgrade", "base")

    assert (list(sys.path), {name for name in sys.modules if "a1f0" in name}, list(logging.root.handlers)) == before
    assert {name for name in sys.modules if name.startswith("alembic")} == alembics
    assert not logging.getLogger("an.application").disabled
    assert capsys.readouterr() == ("", "")


# -- new files


def test_new_revision_comes_back_as_a_script(ours: Program, theirs: Program) -> None:
    found = []
    for program in (theirs, ours):
        made = program.command.revision(program.config(), "next of it", rev_id="f6f0")
        found.append((made.revision, made.down_revision, Path(made.path).name, made.doc, made.is_head))
        assert program.said("heads") == "f6f0 (side) (head)\n"
        Path(made.path).unlink()
    assert found[0] == found[1] == ("f6f0", "e5f0", "f6f0_next_of_it.py", "next of it", True)


NUMBERS = """
from alembic.script import ScriptDirectory

def number(context, revision, directives):
    if not directives:
        return
    scripts = ScriptDirectory.from_config(context.config)
    assert directives[0].upgrade_ops.is_empty() and directives[0].upgrade_ops_list[0].as_diffs() == []
    assert tuple(revision) == tuple(context.get_current_heads()) == ("a1f0",)
    directives[0].rev_id = f"{len(list(scripts.walk_revisions())):04}"
"""


def test_env_py_has_a_say_in_a_new_revision_where_the_configuration_wants_it(
    ours: Program, theirs: Program, scripts: Path
) -> None:
    env = (scripts / "env.py").read_text()
    env = env.replace("config = context.config\n", f"config = context.config\n{NUMBERS}", 1)
    options = "process_revision_directives=number, template_args={'extra': 'from env.py'},"
    (scripts / "env.py").write_text(env.replace("configure(connection=", f"configure({options} connection="))
    template = scripts / "script.py.mako"
    template.write_text(template.read_text() + "\n# ${extra}\n")
    ours.do("upgrade", "a1f0")
    found = []
    for program in (theirs, ours):
        mine = program.config()
        mine.set_main_option("revision_environment", "true")
        asked: list[Any] = []
        made = program.command.revision(
            mine, "next", process_revision_directives=lambda *given, asked=asked: asked.append(len(given[2]))
        )
        none = program.command.revision(mine, "none", process_revision_directives=lambda *given: given[2].clear())
        found.append((made.revision, "# from env.py" in Path(made.path).read_text(), asked, none))
        Path(made.path).unlink()

    assert found[0] == found[1] == ("0005", True, [1], [])


def test_operations_that_a_function_adds_are_written(ours: Program) -> None:
    mine = ours.config()
    mine.set_main_option("revision_environment", "true")

    def add(context: Any, revision: Any, directives: list[Any]) -> None:
        directives[0].upgrade_ops.ops.append(ops.ExecuteSQLOp("SELECT 1"))

    made = command.revision(mine, "m", process_revision_directives=add)
    assert 'op.execute("SELECT 1")' in Path(made.path).read_text()  # type: ignore[union-attr]
    Path(made.path).unlink()  # type: ignore[union-attr]


def test_merge_comes_back_as_a_script(ours: Program, theirs: Program, scripts: Path) -> None:
    (scripts / "versions/e5f0.py").unlink()
    found = []
    for program in (theirs, ours):
        made = program.command.merge(program.config(), "heads", message="joined", rev_id="f6f0")
        found.append((set(made.down_revision), Path(made.path).name, made.is_merge_point))
        Path(made.path).unlink()
    assert found[0] == found[1] == ({"c3f0", "d4f0"}, "f6f0_joined.py", True)


# -- what is wrong


def test_error_of_a_migration_is_alembics_ours_and_the_drivers(ours: Program, theirs: Program, scripts: Path) -> None:
    (scripts / "versions/a1f0.py").write_text(
        "from alembic import op\nrevision, down_revision = 'a1f0', None\n"
        "def upgrade():\n    op.execute('SELECT * FROM nowhere_at_all')\n"
    )

    with pytest.raises(sa.exc.DBAPIError) as expected:
        theirs.do("upgrade", "a1f0")
    with pytest.raises(sa.exc.DBAPIError) as caught:
        ours.do("upgrade", "a1f0")

    assert isinstance(caught.value, type(expected.value))
    assert isinstance(caught.value, RevisionFailedError) and isinstance(caught.value, CommandError)
    assert "nowhere_at_all" in str(caught.value.orig)
    assert "a1f0" in str(caught.value)


def test_error_of_a_program_in_a_migration_can_be_caught_by_its_class(ours: Program, scripts: Path) -> None:
    (scripts / "versions/a1f0.py").write_text(
        "revision, down_revision = 'a1f0', None\n"
        "class Own(Exception):\n    def __init__(self, code): self.code = code\n"
        "def upgrade():\n    raise Own(7)\n"
    )

    with pytest.raises(RevisionFailedError) as caught:
        ours.do("upgrade", "a1f0")

    assert caught.value.code == 7  # type: ignore[attr-defined]
    assert isinstance(caught.value, CommandError) and type(caught.value.__cause__) in type(caught.value).__mro__


@pytest.mark.parametrize(
    ("file", "line", "error"),
    [
        ("versions/a1f0.py", "import no_such_module_at_all", ModuleNotFoundError),
        ("versions/a1f0.py", "1 / 0", ZeroDivisionError),
        ("versions/a1f0.py", "revision = ", SyntaxError),
        ("env.py", "import no_such_module_at_all", ModuleNotFoundError),
        ("env.py", "raise RuntimeError('no way')", RuntimeError),
        ("env.py", "def f(:", SyntaxError),
    ],
)
@pytest.mark.sqlite
def test_file_that_fails_is_the_error_that_alembic_lets_through_with_its_place(
    file: str, line: str, error: type[Exception], scripts: Path, sqlite_url: str
) -> None:
    path = scripts / file
    before = path.read_text()
    path.write_text(f"{before}\n{line}\n")

    with pytest.raises(error):
        Program(alembic.command, alembic.config, scripts, sync_url(sqlite_url)).do("upgrade", "heads")
    with pytest.raises(error) as caught:
        Program(command, config, scripts, sqlite_url).do("upgrade", "heads")

    assert isinstance(caught.value, CommandError) and isinstance(caught.value, ScriptError)
    assert caught.value.exit_code == 2
    assert str(caught.value).startswith(f"{path}:{len(before.splitlines()) + 2}: ")


def test_several_heads_and_unknown_rows_are_refused(ours: Program, theirs: Program, scripts: Path) -> None:
    ours.do("upgrade", "e5f0")
    (scripts / "versions/e5f0.py").unlink()

    for error, name, args in (
        (HistoryMismatchError, "current", ()),
        (HistoryMismatchError, "upgrade", ("c3f0",)),
        (HistoryMismatchError, "downgrade", ("-1",)),
    ):
        with pytest.raises(error) as caught:
            ours.do(name, *args)
        assert isinstance(caught.value, CommandError)
        with pytest.raises(AlembicCommandError):
            theirs.do(name, *args)
    with pytest.raises(MultipleHeadsError):
        ours.do("stamp", "head", purge=True)
    ours.do("stamp", "heads", purge=True)
    assert rows(ours.url) == ["c3f0", "d4f0"]


def test_database_that_is_behind_is_told_so(ours: Program) -> None:
    with pytest.raises(DatabaseNotAtHead, match="Database is not on all head revisions") as caught:
        ours.do("current", check_heads=True)

    assert isinstance(caught.value, CommandError) and caught.value.exit_code == 10


def test_head_that_another_needs_counts_as_applied(ours: Program, scripts: Path) -> None:
    (scripts / "versions/needs.py").write_text(
        "revision, down_revision, depends_on = 'n000', None, 'e5f0'\ndef upgrade(): pass\ndef downgrade(): pass\n"
    )
    ours.do("upgrade", "heads")

    assert rows(ours.url) == ["n000"]
    assert ours.said("current", check_heads=True) == "e5f0 (effective head) (mergepoint)\nn000 (head)\n"


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg2://u:s3cret@127.0.0.1:1/x", "mysql+pymysql://u:s3cret@127.0.0.1:1/x"]
)
def test_server_that_is_not_there_is_an_operational_error_as_with_synchronous_drivers(url: str, scripts: Path) -> None:
    for program in (Program(alembic.command, alembic.config, scripts, url), Program(command, config, scripts, url)):
        with pytest.raises(sa.exc.OperationalError) as caught:
            program.do("upgrade", "heads")
        assert "s3cret" not in str(caught.value)

    assert isinstance(caught.value, DatabaseUnavailableError) and isinstance(caught.value, CommandError)


def test_configuration_that_names_no_database_is_refused(scripts: Path) -> None:
    mine = config.Config()
    mine.set_main_option("script_location", str(scripts))

    with pytest.raises(CommandError):
        command.upgrade(mine, "heads")


# -- the signatures


@pytest.mark.parametrize("name", command.__all__)
def test_function_takes_what_alembics_takes(name: str) -> None:
    ours, theirs = (inspect.signature(getattr(module, name)).parameters for module in (command, alembic.command))

    assert [(one.name, one.default, one.kind) for one in ours.values()] == [
        (one.name, one.default, one.kind) for one in theirs.values()
    ]


def test_every_function_of_alembics_is_there() -> None:
    functions = [
        name
        for name, value in vars(alembic.command).items()
        if inspect.isfunction(value) and value.__module__ == "alembic.command" and not name.startswith("_")
    ]

    assert sorted(functions) == command.__all__
    assert len(functions) == 15
