"""`asyncmig adopt` in projects that `alembic init` has written, as they are and as people change them."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.acceptance.command import Project, environment
from tests.integration.compat.alembic_project import AlembicDirectory, sync_url

pytest.importorskip("alembic", reason="Alembic is needed to make projects with")

MODELS = """
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase

class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention={"pk": "pk_%(table_name)s"})
"""
URL = "sqlite:///app.db"


class Adopting(AlembicDirectory):
    """A project of Alembic with models, two revisions and a database at the first one."""

    def __init__(self, root: Path, url: str = URL, template: str = "generic") -> None:
        super().__init__(root, url, template)
        (root / "models.py").write_text(MODELS)
        self.edit("target_metadata = None", "from models import Base\ntarget_metadata = Base.metadata")
        self.table("a1", "first")
        self.table("b2", "second")
        self.program = Project(root)

    def files(self) -> dict[str, bytes]:
        """Every file of the project, but for databases and bytecode."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts and ".db" not in path.name
        }


@pytest.fixture
def project(tmp_path: Path) -> Adopting:
    return Adopting(tmp_path / "project")


def new_env(expression: str = "metadata=Base.metadata", imports: str = "from models import Base\n\n") -> str:
    doc = '"""What asyncmig has to know of this project in Python; plain values are in the settings."""'
    return f"{doc}\n\nfrom asyncmig import Environment\n\n{imports}environment = Environment({expression})\n"


@pytest.mark.parametrize("template", ["generic", "async", "pyproject", "pyproject_async"])
def test_templates_are_adopted_and_go_on_where_they_were(tmp_path: Path, template: str) -> None:
    url = "sqlite+aiosqlite:///app.db" if template.endswith("async") else URL
    project = Adopting(tmp_path / "project", url, template)
    project.alembic("upgrade", "a1")
    before = project.files()
    program = project.program
    program.run("adopt", "--yes")
    after = project.files()

    assert after["migrations/env.py"].decode() == new_env()
    assert after["migrations/env_alembic.py"] == before["migrations/env.py"]
    name = "pyproject.toml" if template.startswith("pyproject") else "asyncmig.toml"
    assert after[name].startswith(before.get(name, b""))
    document = tomllib.loads(after[name].decode())
    settings = document["tool"]["asyncmig"] if name == "pyproject.toml" else document
    # New files have the time of the machine, unless the settings say otherwise.
    assert settings.pop("timezone", "local") == "local"
    assert settings == {"script_location": "migrations", "url": url, "version_table": "alembic_version"}
    unchanged = {path for path in before if path not in {"migrations/env.py", name}}
    assert {path: after[path] for path in unchanged} == {path: before[path] for path in unchanged}

    assert json.loads(program.out("--json", "status"))["pending"] == ["b2"]
    program.run("upgrade")
    assert program.out("current").split()[0] == "b2"
    assert "There is nothing to do" in program.out("adopt")
    assert project.files() == after


def test_diff_is_shown_first_and_nothing_is_written_without_a_yes(project: Adopting) -> None:
    before = project.files()
    shown = project.program.out("adopt", "--dry-run")
    refused = project.program.run("adopt", code=2)

    assert project.files() == before
    assert refused.out == shown
    assert "--- /dev/null\n+++ b/asyncmig.toml\n" in shown
    assert "migrations/env.py is kept as migrations/env_alembic.py" in shown
    assert "--- a/migrations/env.py\n+++ b/migrations/env.py\n" in shown
    assert "+environment = Environment(metadata=Base.metadata)" in shown
    assert "hint: asyncmig adopt --yes" in refused.err
    hint = project.program.run("adopt", "--rewrite-imports", code=2).err
    assert "hint: asyncmig adopt --yes --rewrite-imports" in hint


def test_document_says_the_same(project: Adopting) -> None:
    before = project.files()
    planned = json.loads(project.program.out("--json", "adopt", "--dry-run"))

    assert planned["written"] is False and project.files() == before
    assert [one["path"] for one in planned["files"]] == [
        "asyncmig.toml",
        "migrations/env_alembic.py",
        "migrations/env.py",
    ]
    error = json.loads(project.program.run("--json", "adopt", code=2).out)["error"]
    assert error["hint"] == "asyncmig adopt --yes"
    written = json.loads(project.program.out("--json", "adopt", "--yes"))
    assert written["written"] is True and written["way_back"][0] == "mv migrations/env_alembic.py migrations/env.py"
    assert json.loads(project.program.out("--json", "adopt"))["files"] == []


def test_the_way_back_leads_back(project: Adopting) -> None:
    before = project.files()
    written = json.loads(project.program.out("--json", "adopt", "--yes", "--rewrite-imports"))
    project.program.run("upgrade", "a1")
    for command in written["way_back"]:
        project.program.python("-c", f"import os, sys; sys.exit(os.system({command!r}))")

    assert project.files() == before
    assert "a1" in project.alembic("current")
    project.alembic("upgrade", "head")


def test_settings_are_taken_over(tmp_path: Path) -> None:
    project = Adopting(tmp_path / "project")
    ini = project.ini.read_text()
    ini = ini.replace("[alembic]", "[alembic]\nfile_template = %%(year)d_%%(rev)s\ntimezone = Europe/Vienna", 1)
    ini = ini.replace("prepend_sys_path = .", "prepend_sys_path = .:src", 1)
    ini = ini.replace(
        "[post_write_hooks]",
        "[post_write_hooks]\nhooks = ruff, own\nruff.type = exec\nruff.executable = ruff\n"
        "ruff.options = format REVISION_SCRIPT_FILENAME\nown.type = registered_by_us\n",
        1,
    )
    project.ini.write_text(ini)
    (project.root / "src").mkdir()
    for line in ("configure(\n        url=url,", "configure(\n            connection=connection,"):
        project.edit(line, f'{line} version_table="versions", transaction_per_migration=False,')
    (project.root / "pyproject.toml").write_bytes(b'[project]\r\nname = "app"\r\n')
    shown = project.program.out("adopt", "--yes")
    document = tomllib.loads((project.root / "pyproject.toml").read_text())

    assert document["tool"]["asyncmig"] == {
        "script_location": "migrations",
        "url": URL,
        "version_table": "versions",
        "transaction": "run",
        "file_template": "%(year)d_%(rev)s",
        "timezone": "Europe/Vienna",
        "prepend_sys_path": [".", "src"],
        "post_write_hooks": [
            {
                "name": "ruff",
                "type": "exec",
                "executable": "ruff",
                "options": ["format", "REVISION_SCRIPT_FILENAME"],
            }
        ],
    }
    assert "The post-write hook 'own' of the type 'registered_by_us' is not carried over" in shown
    assert project.program.out("status").splitlines()[1] == "Current:  <base>"


def test_url_of_a_variable(project: Adopting) -> None:
    project.edit("config = context.config", 'config = context.config\nimport os\nURL = os.environ["APP_URL"]')
    project.edit("# add your model's", 'config.set_main_option("sqlalchemy.url", URL)\n# add your model\'s')
    # Without the variable env.py fails, and is understood all the same.
    project.program.run("adopt", "--yes")

    assert 'url = "env:APP_URL"' in (project.root / "asyncmig.toml").read_text()
    assert "APP_URL is not set" in project.program.run("status", code=2).err
    project.program.variables["APP_URL"] = URL
    project.program.run("upgrade")


@pytest.mark.parametrize(
    ("template", "url", "engine"),
    [
        ("async", "sqlite+aiosqlite:///app.db", "create_async_engine(settings.url, poolclass=NullPool)"),
        (
            "generic",
            URL,
            'create_async_engine(make_url(settings.url).set(drivername="sqlite+aiosqlite"), poolclass=NullPool)',
        ),
    ],
)
def test_url_of_the_application_becomes_an_engine(tmp_path: Path, template: str, url: str, engine: str) -> None:
    project = Adopting(tmp_path / "project", "driver://user:pass@localhost/dbname", template)
    (project.root / "settings.py").write_text(f"class settings:\n    url = {url!r}\n")
    project.edit(
        "config = context.config",
        "from settings import settings\nconfig = context.config\n"
        'config.set_main_option("sqlalchemy.url", settings.url)',
    )
    project.alembic("upgrade", "a1")
    shown = project.program.out("adopt", "--yes")

    settings = tomllib.loads((project.root / "asyncmig.toml").read_text())
    assert settings["script_location"] == "migrations" and "url" not in settings
    env = (project.root / "migrations" / "env.py").read_text()
    assert f"environment = Environment(\n    metadata=Base.metadata,\n    engine={engine},\n)\n" in env
    assert "Note:" not in shown
    status = project.program.run("--json", "status")
    assert json.loads(status.out)["pending"] == ["b2"] and not status.err
    project.program.run("upgrade")
    assert json.loads(project.program.out("--json", "doctor"))["databases"][0]["rows"] == ["b2"]


def test_url_that_cannot_be_had_outside_is_left_to_the_user(project: Adopting) -> None:
    project.edit(
        "config = context.config",
        'config = context.config\nconfig.set_main_option("sqlalchemy.url", config.get_main_option("base") + "/app.db")',
    )
    project.ini.write_text(project.ini.read_text().replace("[alembic]", "[alembic]\nbase = sqlite://", 1))
    shown = project.program.out("adopt", "--yes")

    assert "Note: " in shown and "the URL is composed there" in shown
    assert '# url = "env:DATABASE_URL"' in (project.root / "asyncmig.toml").read_text()
    assert "No database is named" in project.program.run("status", code=2).err


def test_password_is_written_but_not_shown(tmp_path: Path) -> None:
    project = Adopting(tmp_path / "project", "postgresql://me:p%40ss@127.0.0.1:1/app")
    shown = project.program.out("adopt", "--yes")

    assert "me:***@" in shown and "p%40ss" not in shown
    assert 'url = "postgresql://me:p%40ss@127.0.0.1:1/app"' in (project.root / "asyncmig.toml").read_text()


def test_imports_are_rewritten(project: Adopting) -> None:
    versions = project.root / "migrations" / "versions"
    first = versions / "a1.py"
    first.write_bytes(b"\xef\xbb\xbf" + first.read_bytes().replace(b"import context, op", b"import op"))
    first.write_bytes(first.read_bytes().replace(b"\n", b"\r\n"))
    old = project.files()
    project.program.run("upgrade", "a1")
    shown = project.program.out("adopt", "--yes", "--rewrite-imports")
    new = project.files()

    changed = "migrations/versions/a1.py"
    assert new[changed] == old[changed].replace(b"from alembic import op", b"from asyncmig import op")
    # Another import takes context besides.
    assert new["migrations/versions/b2.py"] == old["migrations/versions/b2.py"]
    assert b"from asyncmig import op" in new["migrations/script.py.mako"]
    assert "asyncmig has run some of these files already" in shown and "asyncmig log --repair" in shown
    assert json.loads(project.program.out("--json", "status"))["edited"] == ["a1"]
    project.program.run("log", "--repair")
    assert json.loads(project.program.out("--json", "status"))["edited"] == []
    project.program.run("upgrade")
    project.program.run("downgrade", "base")
    assert "There is nothing to do" in project.program.out("adopt", "--yes", "--rewrite-imports")


def test_imports_may_be_rewritten_later(project: Adopting) -> None:
    project.program.run("adopt", "--yes")
    versions = project.root / "migrations" / "versions" / "a1.py"
    versions.write_text(versions.read_text().replace("import context, op", "import op"))
    project.program.run("adopt", "--yes", "--rewrite-imports")

    assert "from asyncmig import op" in versions.read_text()
    project.program.run("upgrade")


def test_metadata_that_cannot_be_had_are_left_to_the_user(project: Adopting) -> None:
    project.edit("from models import Base", "from nowhere_to_be_found import Base")
    shown = project.program.out("adopt", "--yes")

    assert (project.root / "migrations" / "env.py").read_text() == new_env("", "")
    assert "cannot be had outside of it (ModuleNotFoundError" in shown
    project.program.run("upgrade")


def test_several_databases_get_a_table_each_where_the_scripts_allow_it(tmp_path: Path) -> None:
    project = multidb(tmp_path / "project", parameters="")
    mako = project.root / "migrations" / "script.py.mako"
    mako.write_text(mako.read_text().replace("upgrade(engine_name: str)", "upgrade()"))
    program = Project(project.root)
    program.run("adopt", "--yes")

    document = tomllib.loads((project.root / "asyncmig.toml").read_text())
    assert document["databases"] == {name: {"url": f"sqlite:///{name}.db"} for name in ("engine1", "engine2")}
    for name in ("engine1", "engine2"):
        program.run("-d", name, "upgrade")
        assert program.out("-d", name, "current").split()[0] == "a1"


def test_several_databases_with_functions_of_their_own_stay_with_alembic(tmp_path: Path) -> None:
    project = multidb(tmp_path / "project", parameters="engine_name")
    before = sorted(path.name for path in project.root.rglob("*"))
    error = Project(project.root).run("adopt", "--yes", code=2).err

    assert "upgrade() takes the name of a database" in error and "a1.py" in error
    assert [name for name in sorted(path.name for path in project.root.rglob("*")) if ".db" not in name] == before


def multidb(root: Path, *, parameters: str) -> AlembicDirectory:
    """A project with two databases."""
    project = AlembicDirectory(root, "unused", "multidb")
    text = project.ini.read_text()
    for number in (1, 2):
        text = re.sub(rf"(\[engine{number}\]\nsqlalchemy.url =).*", rf"\1 sqlite:///engine{number}.db", text)
    project.ini.write_text(text)
    create = 'op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))'
    project.revision("a1", create, 'op.drop_table("t")', parameters=parameters)
    return project


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "        with context.begin_transaction():",
            '        connection.execute(sa.text("SET search_path TO app"))\n        with context.begin_transaction():',
            "executes a statement by itself",
        ),
        (
            "        with context.begin_transaction():",
            '        connection.dialect.default_schema_name = "app"\n        with context.begin_transaction():',
            "sets a schema",
        ),
        ("config = context.config", "config = context.config(", "does not parse"),
    ],
)
def test_what_cannot_be_said_in_our_form_is_refused(project: Adopting, old: str, new: str, message: str) -> None:
    project.edit(old, new)
    before = project.files()
    error = project.program.run("adopt", "--yes", code=2).err

    assert message in error and "env.py:" in error
    assert project.files() == before


def test_no_project_of_alembic(tmp_path: Path) -> None:
    program = Project(tmp_path)

    assert "There is no project of Alembic" in program.run("adopt", "--yes", code=2).err
    program.run("init", "migrations")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    assert "There is no project of Alembic" in program.run("adopt", "--yes", code=2).err
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_settings_are_there_already(project: Adopting) -> None:
    settings = b'[tool.asyncmig]\nscript_location = "migrations"\n'
    (project.root / "pyproject.toml").write_bytes(settings)
    before = project.files()
    error = project.program.run("adopt", "--yes", code=2).err

    assert "has settings of asyncmig already" in error and "env.py is one of Alembic" in error
    assert project.files() == before


@pytest.mark.parametrize("broken", ["versions/a1.py", "versions/b2.py"])
def test_a_revision_file_that_cannot_be_read_stops_it(project: Adopting, broken: str) -> None:
    path = project.root / "migrations" / broken
    path.write_text(path.read_text() + "def (:\n")
    before = project.files()
    error = project.program.run("adopt", "--yes", "--rewrite-imports", code=2).err

    assert f"{path}:{len(path.read_text().splitlines())}: The file does not parse" in error
    assert project.files() == before


def test_without_env_py(project: Adopting) -> None:
    project.env_py.unlink()

    assert "There is no" in project.program.run("adopt", "--yes", code=2).err


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 130)])
def test_a_person_is_asked(project: Adopting, answer: str, code: int) -> None:
    before = project.files()
    ours, theirs = os.openpty()
    try:
        os.write(ours, answer.encode())
        done = subprocess.run(
            [sys.executable, "-m", "asyncmig", "adopt"],
            cwd=project.root,
            env=environment(),
            stdin=theirs,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        os.close(ours)
        os.close(theirs)

    assert done.returncode == code, done.stderr
    assert "Write 3 files?" in done.stderr
    assert (project.files() == before) == (code != 0)


def test_settings_file_with_another_name(tmp_path: Path) -> None:
    project = Adopting(tmp_path / "project")
    (project.root / "conf").mkdir()
    project.ini.rename(project.root / "conf" / "migrations.ini")
    text = (project.root / "conf" / "migrations.ini").read_text()
    (project.root / "conf" / "migrations.ini").write_text(text.replace("%(here)s/migrations", "%(here)s/../migrations"))
    (project.root / "pyproject.toml").write_text("[tool.ruff]\n")
    project.program.run("-c", "conf/migrations.ini", "adopt", "--yes")

    settings = tomllib.loads((project.root / "pyproject.toml").read_text())["tool"]["asyncmig"]
    assert settings["script_location"] == "migrations"
    assert "There is nothing to do" in project.program.out("-c", "conf/migrations.ini", "adopt")
    project.program.run("upgrade")


def test_src_layout_with_several_places_of_revisions(tmp_path: Path) -> None:
    project = Adopting(tmp_path / "project")
    source = project.root / "src" / "shop"
    source.mkdir(parents=True)
    (source / "__init__.py").touch()
    (project.root / "models.py").rename(source / "models.py")
    project.edit("from models import Base", "from shop.models import Base  # noqa: E402")
    ini = project.ini.read_text().replace("prepend_sys_path = .", "prepend_sys_path = src", 1)
    locations = "version_locations = %(here)s/migrations/versions:%(here)s/more"
    project.ini.write_text(ini.replace("[alembic]", f"[alembic]\n{locations}", 1))
    (project.root / "more").mkdir()
    (project.root / "migrations" / "versions" / "b2.py").rename(project.root / "more" / "b2.py")
    project.program.run("adopt", "--yes")

    settings = tomllib.loads((project.root / "asyncmig.toml").read_text())
    assert settings["version_locations"] == ["migrations/versions", "more"]
    assert settings["prepend_sys_path"] == ["src"]
    project.program.run("upgrade")
    assert project.program.out("current").split()[0] == "b2"


def test_variants_of_engines_are_told(project: Adopting) -> None:
    project.edit('prefix="sqlalchemy.",', 'prefix="sqlalchemy.", connect_args={"timeout": 5},')
    project.edit("connection=connection,", "connection=connection, include_object=lambda *a: True,")
    shown = project.program.out("adopt", "--dry-run")

    assert "connect_args of the engine is not carried over" in shown
    assert "include_object is not carried over; give it to the new env.py: Environment(include_object=...)" in shown


def test_transaction_of_env_py_becomes_one_for_the_run(project: Adopting) -> None:
    project.edit("with connectable.connect() as connection:", "with connectable.begin() as connection:")
    project.alembic("upgrade", "a1")
    project.program.run("adopt", "--yes")

    assert 'transaction = "run"' in (project.root / "asyncmig.toml").read_text()


def test_columns_of_mysql_are_altered_as_before(tmp_path: Path, mysql_url: str) -> None:
    project = Adopting(tmp_path / "project", sync_url(mysql_url))
    project.program.run("adopt", "--yes")

    assert 'mysql_alter_column = "as_written"' in (project.root / "asyncmig.toml").read_text()
    assert json.loads(project.program.out("--json", "status"))["pending"] == ["a1", "b2"]


def test_version_table_in_a_schema(tmp_path: Path, postgresql_url: str) -> None:
    project = Adopting(tmp_path / "project", sync_url(postgresql_url))
    engine = create_engine(sync_url(postgresql_url))
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA kept"))
    engine.dispose()
    project.edit("connection=connection,", 'connection=connection, version_table_schema="kept",')
    project.alembic("upgrade", "a1")
    project.program.run("adopt", "--yes")

    assert 'version_table_schema = "kept"' in (project.root / "asyncmig.toml").read_text()
    assert json.loads(project.program.out("--json", "status"))["pending"] == ["b2"]
    project.program.run("upgrade")
    assert "b2" in project.program.out("current")
