"""`flask db` for an application with Flask-SQLAlchemy."""

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, Integer, MetaData, String, Table, Text, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from asyncmig.config import Settings
from asyncmig.environment import Environment
from asyncmig.integrations.flask import Asyncmig

#: What a synchronous application uses on each kind of server.
SYNC = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg2", "mysql": "mysql+pymysql"}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s"})


class Application:
    """An application with one model, and what its command line says.

    Args:
        url: of its database.
        base: the base of its models.
    """

    def __init__(self, url: str, base: type[DeclarativeBase] = Base) -> None:
        self.app = Flask("notes")
        self.app.config["SQLALCHEMY_DATABASE_URI"] = url
        self.db = SQLAlchemy(model_class=base)
        self.db.init_app(self.app)
        Asyncmig(self.app, self.db, environment=Environment(include_name=is_ours))

    def run(self, *arguments: str, code: int = 0) -> Result:
        result = self.app.test_cli_runner().invoke(args=["db", *arguments])
        assert result.exit_code == code, (result.output, result.exception)
        return result

    def out(self, *arguments: str) -> str:
        return self.run(*arguments).stdout

    def tables(self) -> set[str]:
        with self.app.app_context():
            names = inspect(self.db.engine).get_table_names()
            self.db.engine.dispose()
        return {name for name in names if not name.startswith("asyncmig_")}

    def write(self, id: str, upgrade: str, downgrade: str) -> None:
        (path,) = Path("migrations/versions").glob(f"{id}_*.py")
        text = path.read_text()
        head, up = text.split("def upgrade() -> None:\n    pass\n")
        path.write_text(
            f"{head}def upgrade() -> None:\n    {upgrade}\n"
            + up.replace("def downgrade() -> None:\n    pass\n", f"def downgrade() -> None:\n    {downgrade}\n")
        )


def is_ours(name: str | None, kind: str, parents: object) -> bool:
    return kind != "table" or name != "somebody_elses"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the commands run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def application(database_url: str, here: Path) -> Application:
    url = make_url(database_url)
    url = url.set(drivername=SYNC[url.get_backend_name()])
    return Application(url.render_as_string(hide_password=False))


def begun(application: Application) -> Application:
    application.run("init")
    application.run("revision", "-m", "make notes", "--rev-id", "aaaa11")
    application.write(
        "aaaa11",
        'op.create_table("notes", sa.Column("id", sa.Integer, primary_key=True))',
        'op.drop_table("notes")',
    )
    application.run("revision", "-m", "make tags", "--rev-id", "bbbb22")
    application.write(
        "bbbb22",
        'op.create_table("tags", sa.Column("id", sa.Integer, primary_key=True))',
        'op.drop_table("tags")',
    )
    return application


def test_from_init_to_a_migrated_database_and_back(application: Application) -> None:
    begun(application)
    assert application.out("current") == ""
    result = application.run("upgrade")
    assert result.stdout == "The database is at bbbb22.\n"
    assert result.stderr == "upgrade aaaa11, make notes\nupgrade bbbb22, make tags\n"
    assert application.tables() == {"notes", "tags"}
    assert application.out("upgrade") == "Nothing to do: the database is at bbbb22.\n"
    assert application.out("current").startswith("bbbb22 (head)")
    application.run("downgrade")
    assert application.tables() == {"notes"}
    application.run("upgrade", "+1")
    application.run("downgrade", "-2")
    assert application.tables() == set()
    application.run("stamp", "aaaa11")
    assert application.out("current").startswith("aaaa11") and application.tables() == set()


def test_migrate_writes_what_the_models_want(database_url: str, here: Path) -> None:
    class OwnBase(DeclarativeBase):
        pass

    url = make_url(database_url)
    url = url.set(drivername=SYNC[url.get_backend_name()])
    application = Application(url.render_as_string(hide_password=False), OwnBase)

    class Note(application.db.Model):  # type: ignore[name-defined, misc]
        __tablename__ = "notes"
        id: Mapped[int] = mapped_column(primary_key=True)
        title: Mapped[str] = mapped_column(String(20))

    application.run("init")
    said = application.run("check", code=11).stderr
    assert "The models and the database differ in 1 place; to do:\n  - create table notes (id, title)" in said
    assert application.out("migrate", "-m", "make notes", "--rev-id", "aaaa11").splitlines() == [
        "Created migrations/versions/aaaa11_make_notes.py",
        "  - create table notes (id, title)",
    ]
    application.run("upgrade")
    with application.app.app_context(), application.db.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE somebody_elses (id INTEGER)")
    assert application.out("check").strip() == "No difference: the database is what the models want."
    assert "No file was written." in application.out("migrate")
    with application.app.app_context():
        application.db.engine.dispose()


def test_migrate_asks_nobody_whether_something_was_renamed(here: Path) -> None:
    class OwnBase(DeclarativeBase):
        pass

    application = Application(f"sqlite:///{here / 'app.sqlite'}", OwnBase)
    table = Table("notes", OwnBase.metadata, Column("id", Integer, primary_key=True), Column("headline", Text))
    application.run("init")
    application.run("migrate", "--rev-id", "aaaa11")
    application.run("upgrade")
    OwnBase.metadata.remove(table)
    Table("notes", OwnBase.metadata, Column("id", Integer, primary_key=True), Column("title", Text))
    assert "--rename notes.headline=title" in application.run("migrate", code=2).stderr
    application.run("migrate", "--rename", "notes.headline=title")
    application.run("upgrade")
    assert "No difference" in application.out("check")


def test_history_and_what_else_looks_at_files(here: Path) -> None:
    application = begun(Application(f"sqlite:///{here / 'app.sqlite'}"))
    assert application.out("history").splitlines() == [
        "aaaa11 -> bbbb22 (head), make tags",
        "<base> -> aaaa11, make notes",
    ]
    assert application.out("history", "-r", "base:aaaa11") == "<base> -> aaaa11, make notes\n"
    application.run("upgrade", "aaaa11")
    assert "aaaa11 (current)" in application.out("history", "-i")
    assert application.out("heads") == "bbbb22 (head)\n"
    assert application.out("branches") == ""
    shown = application.out("show", "aaaa11")
    assert "Rev: aaaa11" in shown and "make notes" in shown and "Parent: <base>" in shown
    assert "Path: migrations/versions/" in application.out("heads", "-v")
    application.run("revision", "-m", "other", "--rev-id", "cccc33", "--head", "aaaa11", "--splice")
    assert application.out("branches").splitlines() == [
        "aaaa11 (branchpoint)",
        "       -> bbbb22 (head)",
        "       -> cccc33 (head)",
    ]
    assert "there are 2" in application.run("upgrade", code=13).stderr
    application.run("merge", "-m", "join", "--rev-id", "dddd44")
    assert application.out("heads") == "dddd44 (head) (mergepoint)\n"
    assert "sync - " in application.out("list-templates")


def test_sql_is_printed(here: Path) -> None:
    application = begun(Application(f"sqlite:///{here / 'app.sqlite'}"))
    assert "CREATE TABLE notes" in application.out("upgrade", "--sql")
    assert "DROP TABLE tags" in application.out("downgrade", "--sql")
    assert "INSERT INTO asyncmig_version" in application.out("stamp", "--sql")
    assert not (here / "app.sqlite").exists()


def test_errors_are_sentences_with_exit_codes(here: Path) -> None:
    application = begun(Application(f"sqlite:///{here / 'app.sqlite'}"))
    assert "Can't locate revision" in application.run("upgrade", "ffff", code=2).stderr
    assert "already exists" in application.run("init", code=1).stderr
    assert "no template" in application.run("init", "-d", "other", "-t", "nothing", code=2).stderr
    memory = Application("sqlite://")
    assert "in memory" in memory.run("upgrade", code=2).stderr


def test_editor_is_opened(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    application = begun(Application(f"sqlite:///{here / 'app.sqlite'}"))
    monkeypatch.setenv("EDITOR", "sed -i s/make/MAKE/")
    application.run("edit", "aaaa11")
    assert "MAKE notes" in application.out("history")


def test_arguments_reach_the_scripts(here: Path) -> None:
    application = begun(Application(f"sqlite:///{here / 'app.sqlite'}"))
    application.run("revision", "-m", "named", "--rev-id", "cccc33")
    application.write("cccc33", """op.execute(f"CREATE TABLE {op.arguments['name']} (x INTEGER)")""", "pass")
    application.run("upgrade", "-x", "name=given")
    assert "given" in application.tables()


def test_project_of_flask_migrate_goes_on(here: Path) -> None:
    application = begun(Application(f"sqlite:///{here / 'app.sqlite'}"))
    (path,) = (here / "migrations" / "versions").glob("aaaa11_*.py")
    path.write_text(path.read_text().replace("from asyncmig import op", "from alembic import op"))
    (here / "migrations" / "env.py").write_text("from alembic import context\nraise SystemExit('executed')\n")
    app = Flask("notes")
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{here / 'app.sqlite'}"
    db = SQLAlchemy(app)
    Asyncmig(app, db, settings=Settings(root=here, version_table="alembic_version"))
    result = app.test_cli_runner().invoke(args=["db", "upgrade"])
    assert result.exit_code == 0, result.output
    assert {"notes", "tags", "alembic_version"} <= application.tables()


def test_each_database_of_several_has_its_commands(here: Path) -> None:
    app = Flask("notes")
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{here / 'one.sqlite'}"
    app.config["SQLALCHEMY_BINDS"] = {"two": f"sqlite:///{here / 'two.sqlite'}"}
    db = SQLAlchemy(app)

    class Tag(db.Model):  # type: ignore[name-defined, misc]
        __bind_key__ = "two"
        id: Mapped[int] = mapped_column(primary_key=True)

    Asyncmig(app, db)
    Asyncmig(app, db, "migrations_two", command="db-two", bind_key="two")
    Asyncmig(app, db, command="db-three", bind_key="three")
    runner = app.test_cli_runner()
    assert runner.invoke(args=["db-two", "init"]).exit_code == 0
    assert runner.invoke(args=["db-two", "revision", "-m", "x", "--rev-id", "aaaa11"]).exit_code == 0
    assert runner.invoke(args=["db-two", "upgrade"]).exit_code == 0
    assert (here / "two.sqlite").exists() and not (here / "one.sqlite").exists()
    missing = runner.invoke(args=["db-three", "current"])
    assert missing.exit_code == 2 and "three" in missing.output
