"""`asyncmig doctor`: what it finds, what it would do differently, and what needs attention; it changes nothing."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

from tests.acceptance.command import Project, run_process
from tests.integration.compat.alembic_project import AlembicDirectory, sync_url

pytest.importorskip("alembic", reason="Alembic is needed to make projects with")


class Examined(AlembicDirectory):
    """A project of Alembic with two revisions."""

    def __init__(self, root: Path, url: str, template: str = "generic") -> None:
        super().__init__(root, url, template)
        self.table("a1", "first")
        self.table("b2", "second")
        self.program = Project(root)

    def report(self, code: int = 0, **variables: str) -> dict[str, Any]:
        """What `doctor` finds."""
        self.program.variables.update(variables)
        found: dict[str, Any] = json.loads(self.program.run("--json", "doctor", code=code).out)
        assert found["exit_code"] == code
        return found

    def snapshot(self) -> dict[str, tuple[int, int]]:
        """Every file below the project, with its time and size."""
        return {
            str(path): (path.stat().st_mtime_ns, path.stat().st_size)
            for path in sorted(self.root.rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def project(tmp_path: Path) -> Examined:
    return Examined(tmp_path / "project", "sqlite:///app.db")


def texts(found: dict[str, Any], part: str = "attention") -> str:
    return "\n".join(one["text"] for one in found[part])


@pytest.mark.parametrize("template", ["generic", "async", "pyproject"])
def test_reads_only(tmp_path: Path, database_url: str, template: str) -> None:
    url = database_url if template == "async" else sync_url(database_url)
    project = Examined(tmp_path / "project", url, template)
    before = project.snapshot()
    found = project.report()

    assert project.snapshot() == before
    (database,) = found["databases"]
    parsed = make_url(url)
    assert database["url"] == make_url(database_url).render_as_string(hide_password=True)
    assert database["named_driver"] == (parsed.get_driver_name() if "+" in parsed.drivername else None)
    assert database["driver"] == make_url(database_url).get_driver_name() and database["driver_installed"]
    assert database["reached"] and database["version_table_exists"] is False
    assert database["pending"] == ["a1", "b2"] and database["own_tables"] == []
    if make_url(url).database and "sqlite" not in url:
        engine = create_engine(sync_url(database_url))
        with engine.connect() as connection:
            assert inspect(connection).get_table_names() == []
        engine.dispose()
    assert os.path.exists(tmp_path / "database.sqlite") is False


def test_finds_what_is_there(tmp_path: Path, database_url: str) -> None:
    project = Examined(tmp_path / "project", sync_url(database_url))
    project.alembic("upgrade", "a1")
    project.program.run("upgrade", "+1")
    found = project.report()

    assert found["project"] | {"settings": "", "script_location": "", "version_locations": [], "env_py": ""} == {
        "kind": "alembic",
        "settings": "",
        "section": "alembic",
        "script_location": "",
        "version_locations": [],
        "revisions": 2,
        "heads": ["b2"],
        "branch_points": [],
        "labels": [],
        "longest_id": "a1",
        "env_py": "",
        "env_form": "synchronous",
    }
    (database,) = found["databases"]
    assert database["rows"] == ["b2"] and database["unknown_rows"] == [] and database["pending"] == []
    assert database["width"] == 32
    assert database["own_tables"][0] == "asyncmig_log"
    assert found["attention"] == []


def test_differences_are_those_of_the_database(tmp_path: Path, database_url: str) -> None:
    project = Examined(tmp_path / "project", sync_url(database_url))
    what = [one["what"] for one in project.report()["differences"]]
    kind = make_url(database_url).get_backend_name()

    assert ("transactions" in what) == (kind != "mysql")
    assert ("broken-off revisions" in what) == (kind == "mysql")
    assert ("lock_timeout" in what) == (kind != "sqlite")
    assert ("driver" in what) == (kind != "sqlite")
    assert {"lock", "tables", "alembic check", "revision files", "version table"} <= set(what)


def test_column_that_is_kept_is_a_difference(tmp_path: Path, mysql_url: str) -> None:
    project = Examined(tmp_path / "project", sync_url(mysql_url))
    assert "alter_column" not in [one["what"] for one in project.report()["differences"]]
    project.ini.write_text(project.ini.read_text().replace("[alembic]", "[alembic]\nmysql_alter_column = keep"))
    assert "alter_column" in [one["what"] for one in project.report()["differences"]]


def test_the_line_to_paste_keeps_our_tables_out_of_the_sight_of_alembic(tmp_path: Path, database_url: str) -> None:
    project = Examined(tmp_path / "project", sync_url(database_url))
    project.edit(
        "target_metadata = None",
        "import sqlalchemy as sa\ntarget_metadata = sa.MetaData()\nfor name in ('first', 'second'):\n"
        "    columns = sa.Column('id', sa.Integer, primary_key=True), sa.Column('n', sa.Integer)\n"
        "    sa.Table(name, target_metadata, *columns)",
    )
    differences = {one["what"]: one for one in project.report()["differences"]}
    project.program.run("upgrade")
    assert "remove_table" in str(fails(project, "check"))
    line = differences["alembic check"]["code"]
    project.edit("connection=connection, target_metadata", f"{line} connection=connection, target_metadata")
    assert "No new upgrade operations" in project.alembic("check")

    engine = create_engine(sync_url(database_url))
    with engine.begin() as connection:
        for statement in differences["tables"]["code"].split(";"):
            if statement.strip():
                connection.execute(text(statement))
        assert set(inspect(connection).get_table_names()) == {"alembic_version", "first", "second"}
    engine.dispose()


def fails(project: Examined, *arguments: str) -> AssertionError:
    with pytest.raises(AssertionError) as caught:
        project.alembic(*arguments)
    return caught.value


def test_one_transaction_is_no_difference(tmp_path: Path, postgresql_url: str) -> None:
    project = Examined(tmp_path / "project", sync_url(postgresql_url))
    project.edit("connection=connection,", "connection=connection, transaction_per_migration=False,")
    found = project.report()

    assert found["databases"][0]["one_transaction"] is True
    assert "transactions" not in [one["what"] for one in found["differences"]]


def test_unknown_rows(project: Examined) -> None:
    project.alembic("upgrade", "head")
    (project.root / "migrations" / "versions" / "b2.py").unlink()
    found = project.report(14)

    assert found["databases"][0]["unknown_rows"] == ["b2"]
    assert "alembic_version names b2, which no revision file declares" in texts(found)


@pytest.mark.parametrize("applied", [False, True])
def test_file_that_does_not_load_is_in_the_way_while_it_is_pending(project: Examined, applied: bool) -> None:
    if applied:
        project.alembic("upgrade", "head")
    path = project.root / "migrations" / "versions" / "b2.py"
    path.write_text(path.read_text().replace("import sqlalchemy as sa", "import sqlalchemy as sa\nimport not_there"))
    found = project.report(0 if applied else 2)
    (attention,) = found["attention"]

    assert attention["path"] == str(path) and attention["line"] == 3
    assert "No module named 'not_there'" in attention["text"] and "not_there" in attention["hint"]
    assert ("It is applied already" in attention["text"]) == applied


def test_every_file_that_cannot_be_read_is_named(project: Examined) -> None:
    for name in ("c3.py", "d4.py"):
        (project.root / "migrations" / "versions" / name).write_text("x = (\n")
    found = project.report(2)

    assert found["project"]["revisions"] is None
    assert [Path(one["path"]).name for one in found["attention"]] == ["c3.py", "d4.py"]
    assert found["databases"][0]["reached"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("target_metadata = None", "target_metadata = nowhere", "NameError"),
        ("target_metadata = None", "target_metadata = (", "does not parse"),
        ("        with context.begin_transaction():\n            context.run_migrations()\n", "", "run_migrations"),
    ],
)
def test_env_py_that_fails(project: Examined, old: str, new: str, message: str) -> None:
    project.edit(old, new)
    found = project.report(2)

    assert message in texts(found)
    assert found["attention"][0]["path"] in (str(project.env_py), None)


def test_database_that_is_not_there(tmp_path: Path) -> None:
    project = Examined(tmp_path / "project", "postgresql+psycopg2://me:secret@127.0.0.1:1/app")
    project.edit("url=url,", 'url=url, version_table="versions",')
    outcome = project.program.run("doctor", code=21)
    found = project.report(21)
    (database,) = found["databases"]

    assert "secret" not in outcome.out + outcome.err
    assert "An upgrade would end with exit code 21." in outcome.out
    assert (database["reached"], database["version_table"]) == (False, "versions")
    assert (database["named_driver"], database["driver"]) == ("psycopg2", "asyncpg")
    assert "Cannot connect to postgresql+asyncpg://me:***@127.0.0.1:1/app" in texts(found)
    assert "lock_timeout" in [one["what"] for one in found["differences"]]


def test_driver_that_is_not_installed(tmp_path: Path) -> None:
    project = Examined(tmp_path / "project", "postgresql://me:secret@127.0.0.1:1/app")
    (project.root / "asyncpg.py").write_text("raise ModuleNotFoundError(name='asyncpg')\n")
    # A process of its own has not imported the driver yet.
    outcome = run_process(sys.executable, "-m", "asyncmig", "--json", "doctor", cwd=project.root)
    found = json.loads(outcome.out)

    assert outcome.code == 2
    assert 'pip install "asyncmig[postgresql]"' in [one["hint"] for one in found["attention"]]
    assert found["databases"][0]["driver_installed"] is False


def test_url_that_was_not_set_yet(tmp_path: Path) -> None:
    project = Examined(tmp_path / "project", "driver://user:pass@localhost/dbname")
    (attention,) = project.report(2)["attention"]

    assert "sqlalchemy.url = postgresql://" in attention["hint"]


def test_several_heads(project: Examined) -> None:
    project._last = "a1"
    project.table("c3", "third")
    found = project.report()

    assert found["project"]["heads"] == ["b2", "c3"] and found["project"]["branch_points"] == ["a1"]
    assert "There are 2 heads: b2, c3." in texts(found)


def test_parameters_that_are_not_used(project: Examined) -> None:
    project.edit("connection=connection,", "connection=connection, compare_type=True, autogenerate_plugins=[],")
    (attention,) = project.report()["attention"]

    assert attention["text"].startswith("autogenerate_plugins is not used")
    assert attention["path"] == str(project.env_py) and attention["line"]


def test_raw_features_of_a_driver(project: Examined) -> None:
    project.revision("c3", "from psycopg2.extras import execute_values\nexecute_values(None, 'INSERT ...', [])")
    found = project.report()
    driver, function = found["attention"]

    assert "revision c3 uses the driver psycopg2.extras" in driver["text"] and driver["line"] == 12
    assert "revision c3 uses execute_values()" in function["text"] and function["line"] == 13


def test_id_that_does_not_fit(tmp_path: Path, postgresql_url: str) -> None:
    project = Examined(tmp_path / "project", sync_url(postgresql_url))
    project.alembic("upgrade", "head")
    project.table("c" * 40, "third")
    found = project.report(14)

    assert f"the id {'c' * 40} has 40 characters" in texts(found)
    assert project.program.run("upgrade", code=14).err


def test_what_env_py_would_write_is_left_out(tmp_path: Path, postgresql_url: str) -> None:
    project = Examined(tmp_path / "project", sync_url(postgresql_url))
    project.edit(
        "        context.configure(\n            connection",
        '        from sqlalchemy import text\n        connection.execute(text("CREATE SCHEMA IF NOT EXISTS app"))\n'
        "        connection.commit()\n        context.configure(\n            connection",
    )
    (attention,) = project.report()["attention"]

    assert "CREATE SCHEMA IF NOT EXISTS app may write, so doctor left it out" in attention["text"]
    line = next(n for n, each in enumerate(project.env_py.read_text().splitlines(), 1) if "CREATE SCHEMA" in each)
    assert attention["path"] == str(project.env_py) and attention["line"] == line
    engine = create_engine(sync_url(postgresql_url))
    with engine.connect() as connection:
        assert "app" not in inspect(connection).get_schema_names()
    engine.dispose()


def test_several_databases_and_no_file_of_sql(tmp_path: Path) -> None:
    project = AlembicDirectory(tmp_path / "project", "unused", "multidb")
    lines = iter(["sqlite:///one.db", "postgresql://me:secret@127.0.0.1:1/two"])
    ini = [
        f"sqlalchemy.url = {next(lines)}" if line.startswith("sqlalchemy.url") else line
        for line in project.ini.read_text().splitlines()
    ]
    project.ini.write_text("\n".join(ini))
    before = sorted(path.name for path in project.root.rglob("*"))
    outcome = Project(project.root).run("--json", "doctor", code=21)
    databases = json.loads(outcome.out)["databases"]

    assert [one["url"] for one in databases] == [
        "sqlite+aiosqlite:///one.db",
        "postgresql+asyncpg://me:***@127.0.0.1:1/two",
    ]
    assert sorted(path.name for path in project.root.rglob("*")) == before


def test_project_in_our_own_form(tmp_path: Path) -> None:
    program = Project(tmp_path, {"DATABASE_URL": "sqlite:///app.db"})
    program.run("init", "migrations")
    program.run("revision", "-m", "first", "--rev-id", "a1")
    found = json.loads(program.out("--json", "doctor"))

    assert not (tmp_path / "app.db").exists()
    assert found["project"]["kind"] == "asyncmig" and found["project"]["env_form"] == "asyncmig's own"
    assert found["differences"] == [] and found["attention"] == []
    assert found["databases"][0]["pending"] == ["a1"]
    assert found["databases"][0]["version_table"] == "asyncmig_version"
    (tmp_path / "migrations" / "env.py").write_text("environment = 1\n")
    assert "does not bind an Environment" in texts(json.loads(program.run("--json", "doctor", code=2).out))


def test_text_for_a_person(project: Examined) -> None:
    shown = project.program.out("doctor").splitlines()

    assert shown[0] == "Found"
    assert f"  settings:       {project.ini} [alembic]" in shown
    assert "  database:       sqlite+aiosqlite:///app.db" in shown
    assert "What asyncmig would do differently" in shown
    assert shown[-1] == "Nothing needs attention; an upgrade could be started: asyncmig upgrade"


def test_variable_that_is_not_set_is_named_and_the_rest_is_told(tmp_path: Path) -> None:
    program = Project(tmp_path)
    program.run("init", "migrations")
    found = json.loads(program.run("--json", "doctor", code=2).out)

    assert "DATABASE_URL is not set" in texts(found)
    assert found["project"]["revisions"] == 0 and found["databases"] == []


def test_hook_that_only_alembic_knows(project: Examined) -> None:
    hooks = "[post_write_hooks]\nhooks = own\nown.type = registered_by_us\n"
    project.ini.write_text(project.ini.read_text().replace("[post_write_hooks]\n", hooks, 1))
    found = texts(project.report())

    assert "The post-write hook 'own' is of the type 'registered_by_us'" in found


def test_parameters_from_a_dictionary_are_seen_too(project: Examined) -> None:
    project.edit("config = context.config", "config = context.config\nOPTIONS = {'autogenerate_plugins': ['x']}")
    project.edit("connection=connection,", "connection=connection, **OPTIONS,")
    (attention,) = project.report()["attention"]

    assert attention["text"].startswith("autogenerate_plugins is not used")


def test_engine_of_the_application(project: Examined) -> None:
    (project.root / "db.py").write_text("import sqlalchemy\nengine = sqlalchemy.create_engine('sqlite:///own.db')\n")
    source = project.env_py.read_text()
    begin, _, rest = source.partition("    connectable = engine_from_config(")
    rest = rest.partition("poolclass=pool.NullPool,\n    )\n")[2]
    project.env_py.write_text(f"{begin}    from db import engine as connectable\n{rest}")
    project.edit("from sqlalchemy import engine_from_config\n", "")
    found = project.report()

    assert found["project"]["env_form"] == "with an engine of the application"
    assert not (project.root / "own.db").exists()
    assert found["databases"][0]["url"] == "sqlite:///own.db" and found["databases"][0]["driver"] == "pysqlite"
    assert "on the synchronous driver pysqlite" in texts(found)
