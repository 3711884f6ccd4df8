"""The commands that use a database, on SQLite."""

import json
import re
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.command import Project, environment

FIRST = (
    'await op.create_table("users", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))',
    'await op.drop_table("users")',
)
SECOND = (
    'await op.add_column("users", sa.Column("role", sa.String(20)))',
    'await op.drop_column("users", "role")',
)


class Database(Project):
    """A project with a SQLite database."""

    @property
    def file(self) -> Path:
        return self.root / "app.sqlite"

    def add(self, id: str, upgrade: str = "pass", downgrade: str = "pass", *options: str) -> Path:
        """Write a revision with the command, and fill in its functions."""
        path = Path(json.loads(self.out("--json", "revision", "-m", f"step {id}", "--rev-id", id, *options))["path"])
        head, up, down = path.read_text().split("    pass\n")
        path.write_text(f"{head}    {upgrade}\n{up}    {downgrade}\n{down}")
        return path

    def answer(self, *arguments: str, code: int = 0) -> Any:
        """The one document that a command prints with `--json`; it prints nothing else."""
        outcome = self.run("--json", *arguments, code=code)
        assert outcome.err == ""
        return json.loads(outcome.out)

    def tables(self) -> set[str]:
        return {name for (name,) in self.ask("SELECT name FROM sqlite_master WHERE type = 'table'")}

    def rows(self) -> set[str]:
        return {row for (row,) in self.ask("SELECT version_num FROM asyncmig_version")}

    def ask(self, sql: str) -> list[Any]:
        connection = sqlite3.connect(self.file)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()


@pytest.fixture
def project(tmp_path: Path) -> Database:
    """A project with two revisions, nothing of which is applied."""
    project = Database(tmp_path, {"DATABASE_URL": f"sqlite:///{tmp_path / 'app.sqlite'}"})
    project.run("init")
    project.add("aaaa11", *FIRST)
    project.add("bbbb22", *SECOND)
    return project


# -- upgrade and downgrade


def test_upgrade_without_target_goes_to_all_heads(project: Database) -> None:
    outcome = project.run("upgrade")
    assert outcome.err.splitlines() == ["[1/2] upgrade aaaa11, step aaaa11", "[2/2] upgrade bbbb22, step bbbb22"]
    assert re.fullmatch(r"Applied 2 revisions in .*\. The database is at bbbb22\.\n", outcome.out)
    assert project.rows() == {"bbbb22"}
    again = project.run("upgrade")
    assert (again.out, again.err) == ("Nothing to do: the database is at bbbb22.\n", "")


def test_upgrade_and_downgrade_take_steps(project: Database) -> None:
    project.run("upgrade", "+1")
    assert project.rows() == {"aaaa11"}
    project.run("upgrade", "head")
    outcome = project.run("downgrade", "-1")
    assert outcome.err == "downgrade bbbb22, step bbbb22\n"
    assert project.rows() == {"aaaa11"}
    project.run("-q", "downgrade", "base")
    assert project.rows() == set()
    assert "users" not in project.tables()


def test_downgrade_needs_a_target(project: Database) -> None:
    outcome = project.run("downgrade", code=2)
    assert "Missing argument 'TARGET'" in outcome.err
    assert "asyncmig downgrade --help" in outcome.err


def test_quiet_upgrade_says_nothing(project: Database) -> None:
    outcome = project.run("-q", "upgrade")
    assert (outcome.out, outcome.err) == ("", "")


def test_verbose_upgrade_tells_operations(project: Database) -> None:
    assert "create table users" in project.run("-v", "upgrade").err


def test_json_upgrade_is_one_document(project: Database) -> None:
    document = project.answer("upgrade")
    assert [one["revision"] for one in document["applied"]] == ["aaaa11", "bbbb22"]
    assert (document["direction"], document["heads"]) == ("upgrade", ["bbbb22"])
    assert project.answer("upgrade")["applied"] == []


def test_arguments_reach_scripts(project: Database) -> None:
    project.add("cccc33", """await op.execute(f"CREATE TABLE {op.arguments['name']} (x)")""")
    project.run("-x", "name=given", "-x", "other=1", "upgrade")
    assert "given" in project.tables()


def test_phase_leaves_out_the_other(project: Database) -> None:
    path = project.add("cccc33", 'await op.drop_column("users", "role")')
    path.write_text(path.read_text().replace("depends_on = None\n", 'depends_on = None\nphase = "contract"\n'))
    project.run("upgrade", "--phase", "expand")
    assert project.rows() == {"bbbb22"}
    project.run("upgrade", "--phase", "contract")
    assert project.rows() == {"cccc33"}
    assert "neither 'expand' nor 'contract'" in project.run("upgrade", "--phase", "middle", code=2).err


# -- SQL only


def test_sql_is_what_upgrade_does(project: Database) -> None:
    project.variables["DATABASE_URL"] = "sqlite:///nowhere/at/all.sqlite"
    script = project.out("upgrade", "--sql")
    connection = sqlite3.connect(project.file)
    connection.executescript(script)
    connection.close()
    assert project.rows() == {"bbbb22"}
    assert "users" in project.tables()


def test_sql_takes_ranges_both_ways(project: Database) -> None:
    up = project.out("upgrade", "aaaa11:bbbb22", "--sql")
    assert "CREATE TABLE" not in up
    assert "ADD COLUMN role" in up
    down = project.out("downgrade", "--sql", "aaaa11:base")
    assert "DROP TABLE users" in down
    assert "FROM:base" in project.run("downgrade", "--sql", "base", code=2).err
    assert "Range revision not allowed" in project.run("upgrade", "aaaa11:bbbb22", code=2).err


def test_sql_of_a_stamp(project: Database) -> None:
    out = project.out("stamp", "--sql", "aaaa11")
    assert "INSERT INTO asyncmig_version" in out
    assert "users" not in out
    assert "--purge" in project.run("stamp", "--sql", "--purge", "heads", code=2).err


def test_tag_reaches_scripts(project: Database) -> None:
    project.add("cccc33", """await op.execute(f"CREATE TABLE {op.arguments['tag']} (x)")""")
    assert "CREATE TABLE tagged" in project.out("upgrade", "bbbb22:cccc33", "--sql", "--tag", "tagged")
    project.run("upgrade", "--tag", "tagged")
    assert "tagged" in project.tables()


def test_sql_as_json(project: Database) -> None:
    assert "CREATE TABLE users" in project.answer("upgrade", "--sql")["sql"]


# -- stamp


def test_stamp_runs_nothing(project: Database) -> None:
    outcome = project.run("stamp", "head")
    assert outcome.out == "Stamped: the database is at bbbb22.\n"
    assert project.rows() == {"bbbb22"}
    assert "users" not in project.tables()
    project.run("stamp", "base")
    assert project.rows() == set()


def test_purge_heals_an_unknown_row(project: Database) -> None:
    project.run("upgrade")
    connection = sqlite3.connect(project.file)
    with connection:
        connection.execute("UPDATE asyncmig_version SET version_num = 'gone99'")
    connection.close()
    assert "gone99" in project.run("current", code=14).err
    assert "gone99" in project.run("upgrade", code=14).err
    assert "gone99 is in the version table, but in no file" in project.run("status", "--exit-code", code=14).out
    project.run("stamp", "--purge", "heads")
    assert project.out("current") == "bbbb22 (head)\n"


# -- looking


def test_looking_writes_nothing(project: Database) -> None:
    for arguments in (["status"], ["current"], ["plan"], ["history", "-i"], ["log"], ["lock"], ["show", "aaaa11"]):
        project.run(*arguments)
    assert project.tables() == set()


def test_status_in_one_look(project: Database) -> None:
    project.run("-q", "upgrade", "aaaa11")
    outcome = project.run("status")
    assert outcome.out.splitlines() == [
        f"Database: sqlite+aiosqlite:///{project.file}",
        "Current:  aaaa11, step aaaa11",
        "Heads:    bbbb22 (head), step bbbb22",
        "Pending:  1 revision",
        "          bbbb22",
    ]
    project.run("status", "--exit-code", code=10)
    document = project.answer("status", "--exit-code", code=10)
    assert (document["pending"], document["is_up_to_date"]) == (["bbbb22"], False)
    project.run("-q", "upgrade")
    project.run("status", "--exit-code")


def test_current_in_all_its_forms(project: Database) -> None:
    assert project.out("current") == ""
    project.run("current", "--check-heads", code=10)
    project.run("-q", "upgrade")
    assert project.out("current") == "bbbb22 (head)\n"
    assert project.out("current", "-c") == "bbbb22 (head)\n"
    verbose = project.out("current", "-v")
    assert verbose.startswith(f"Current revision(s) for sqlite+aiosqlite:///{project.file}:\nRev: bbbb22 (head)")
    assert [one["id"] for one in project.answer("current")["revisions"]] == ["bbbb22"]


def test_check_heads_is_right_where_a_head_is_implied(project: Database) -> None:
    project.add("lib111", "pass", "pass", "--head", "base")
    project.add("cccc33", "pass", "pass", "--head", "bbbb22", "--depends-on", "lib111")
    project.run("-q", "upgrade", "heads")
    project.run("current", "--check-heads")
    project.run("status", "--exit-code")


def test_history_marks_where_the_database_is(project: Database) -> None:
    project.run("-q", "upgrade", "aaaa11")
    assert project.out("history", "-i").splitlines() == [
        "aaaa11 -> bbbb22 (head), step bbbb22",
        "<base> -> aaaa11 (current), step aaaa11",
    ]
    assert project.out("history", "-rcurrent:").splitlines() == [
        "aaaa11 -> bbbb22 (head), step bbbb22",
        "<base> -> aaaa11 (current), step aaaa11",
    ]
    assert project.out("history", "-r-3:current") == "<base> -> aaaa11 (current), step aaaa11\n"
    assert project.out("show", "current").startswith("Rev: aaaa11")
    assert "(current)" in project.out("graph", "-i")


def test_plan_shows_operations_and_changes_nothing(project: Database) -> None:
    out = project.out("plan").splitlines()
    assert out[0] == "upgrade aaaa11, step aaaa11"
    assert "users" in out[1]
    assert out[-1] == "2 revisions to upgrade. Nothing was changed."
    assert project.tables() == set()
    (move, _) = project.answer("plan")["moves"]
    assert (move["revision"]["id"], move["operations"][0]["verb"]) == ("aaaa11", "create_table")
    project.run("-q", "upgrade")
    assert project.out("plan", "--downgrade", "--", "-1").splitlines()[0] == "downgrade bbbb22, step bbbb22"
    assert project.out("plan") == "Nothing to do: the database is at bbbb22.\n"


def test_ensure_version_makes_the_table(project: Database) -> None:
    assert project.out("ensure-version") == "The table asyncmig_version is there.\n"
    assert project.rows() == set()
    project.run("ensure_version")


def test_sql_of_the_version_table(project: Database) -> None:
    assert "CREATE TABLE asyncmig_version" in project.out("ensure_version", "--sql")
    assert "CREATE TABLE asyncmig_version" in project.answer("ensure-version", "--sql")["sql"]
    assert not project.file.exists()


def test_wait_ends_when_another_has_upgraded(project: Database) -> None:
    outcome = project.run("wait", "--timeout", "300ms", code=10)
    assert "aaaa11, bbbb22" in outcome.err
    waiting = subprocess.Popen(
        [sys.executable, "-m", "asyncmig", "wait"],
        cwd=project.root,
        env=environment(**project.variables),
        stdout=subprocess.PIPE,
        text=True,
    )
    time.sleep(1)
    assert waiting.poll() is None
    project.run("-q", "upgrade")
    out, _ = waiting.communicate(timeout=30)
    assert (waiting.returncode, out) == (0, "The database is up to date, at bbbb22.\n")
    assert "no duration" in project.run("wait", "--timeout", "soon", code=2).err


def test_log_and_lock(project: Database) -> None:
    assert project.out("log") == "Nothing has been run on this database yet.\n"
    project.run("-q", "upgrade")
    project.run("-q", "downgrade", "-1")
    lines = project.out("log").splitlines()
    assert [line.split()[2:5] for line in lines] == [
        ["downgrade", "bbbb22", "done"],
        ["upgrade", "bbbb22", "done"],
        ["upgrade", "aaaa11", "done"],
    ]
    assert len(project.out("log", "-n", "1").splitlines()) == 1
    assert project.answer("log")["log"][0]["checksum"]
    assert project.out("lock") == "Nobody holds the migration lock.\n"
    assert project.answer("lock") == {"holder": None}


def test_sync_template_runs(tmp_path: Path) -> None:
    project = Database(tmp_path, {"DATABASE_URL": f"sqlite:///{tmp_path / 'app.sqlite'}"})
    project.run("init", "-t", "sync")
    project.add("aaaa11", *(body.removeprefix("await ") for body in FIRST))
    project.run("upgrade")
    project.run("downgrade", "base")


def test_engine_of_the_environment_is_used_where_no_url_is_set(project: Database) -> None:
    (project.root / "app").mkdir()
    (project.root / "app" / "db.py").write_text(
        "from sqlalchemy.ext.asyncio import create_async_engine\n"
        f"engine = create_async_engine('sqlite+aiosqlite:///{project.file}')\n"
    )
    env = project.root / "migrations" / "env.py"
    text = env.read_text().replace("# from app.db", "from app.db").replace("# engine=engine", "engine=engine")
    env.write_text(text)
    settings = project.root / "asyncmig.toml"
    settings.write_text(settings.read_text().replace('\nurl = "env:', '\n# url = "env:'))
    project.run("upgrade")
    assert project.rows() == {"bbbb22"}


def test_several_databases_keep_apart(tmp_path: Path) -> None:
    urls = {f"{name}_DATABASE_URL": f"sqlite:///{tmp_path / name}.sqlite" for name in ("MAIN", "ANALYTICS")}
    project = Project(tmp_path, urls)
    project.run("init", "-t", "multidb", "db")
    project.run("-d", "main", "revision", "-m", "m", "--rev-id", "main11")
    project.run("-d", "analytics", "revision", "-m", "a", "--rev-id", "anal11")
    project.run("-d", "main", "upgrade")
    assert project.out("-d", "main", "current") == "main11 (head)\n"
    assert project.out("-d", "analytics", "current") == ""
