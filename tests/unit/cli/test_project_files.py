import shutil
from pathlib import Path

import pytest

from asyncmig.cli.project_files import CreatedProject, create_project
from asyncmig.config import read_settings
from asyncmig.environment import load_environment
from asyncmig.errors import ConfigError, ScriptError
from asyncmig.migrator.history import History
from asyncmig.rendering.templates import ProjectTemplate, find_template, list_templates

NAMES = [template.name for template in list_templates()]


def create(
    tmp_path: Path, template: str | ProjectTemplate = "async", directory: str = "migrations", **options: object
) -> CreatedProject:
    chosen = find_template(template) if isinstance(template, str) else template
    given = {"config": None, "package": False} | options
    return create_project(chosen, Path(directory), cwd=tmp_path, **given)  # type: ignore[arg-type]


def names(directory: Path) -> set[str]:
    return {path.relative_to(directory).as_posix() for path in directory.rglob("*")}


@pytest.mark.parametrize("name", NAMES)
def test_new_project_works_before_anything_is_edited(tmp_path: Path, name: str) -> None:
    created = create(tmp_path, name)
    for database in created.databases or (None,):
        settings = read_settings(None, cwd=tmp_path, environ={}, database=database)
        history = History.from_settings(settings)
        assert history.heads() == ()
        load_environment(history.directory.location / "env.py")
        made = history.new_revision("first tables")
        assert [info.id for info in history.__class__.from_settings(settings).heads()] == [made.revision]


def test_default_project_has_these_files(tmp_path: Path) -> None:
    created = create(tmp_path)
    assert names(tmp_path) == {
        "asyncmig.toml",
        "migrations",
        "migrations/README",
        "migrations/env.py",
        "migrations/script.py.mako",
        "migrations/versions",
    }
    assert created.files == tuple(Path("migrations", name) for name in ("README", "env.py", "script.py.mako"))
    assert (created.settings, created.settings_kept, created.appended) == (Path("asyncmig.toml"), False, False)


def test_package_can_be_imported(tmp_path: Path) -> None:
    create(tmp_path, package=True)
    assert {"migrations/__init__.py", "migrations/versions/__init__.py"} <= names(tmp_path)


def test_multidb_has_a_directory_for_each_database(tmp_path: Path) -> None:
    assert create(tmp_path, "multidb", "db").databases == ("analytics", "main")
    assert {"db/main/env.py", "db/main/versions", "db/analytics/env.py", "db/analytics/versions"} <= names(tmp_path)
    settings = read_settings(None, cwd=tmp_path, environ={}, database="main")
    assert settings.script_location == "db/main"


def test_pyproject_is_appended_to(tmp_path: Path) -> None:
    before = '[project]\nname = "x"   # kept as it is\n'
    (tmp_path / "pyproject.toml").write_text(before)
    created = create(tmp_path, "pyproject", "db/migrations")
    assert created.appended
    assert (tmp_path / "pyproject.toml").read_text().startswith(before + "\n[tool.asyncmig]\n")
    assert read_settings(None, cwd=tmp_path, environ={}).script_location == "db/migrations"


def test_pyproject_is_made_where_there_is_none(tmp_path: Path) -> None:
    assert not create(tmp_path, "pyproject").appended
    assert read_settings(None, cwd=tmp_path, environ={}).path == tmp_path / "pyproject.toml"


@pytest.mark.parametrize(("name", "text"), [("asyncmig.toml", "# mine\n"), ("pyproject.toml", "[tool.asyncmig]\n")])
@pytest.mark.parametrize("template", ["async", "pyproject"])
def test_settings_that_are_there_are_kept(tmp_path: Path, name: str, text: str, template: str) -> None:
    (tmp_path / name).write_text(text)
    created = create(tmp_path, template)
    assert (created.settings, created.settings_kept) == (Path(name), True)
    assert (tmp_path / name).read_text() == text
    assert (tmp_path / "migrations" / "env.py").exists()


def test_named_settings_file_is_written_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    create(tmp_path, config=Path("conf/db.toml"))
    settings = read_settings(Path("conf/db.toml"), cwd=tmp_path, environ={})
    assert settings.script_location == "../migrations"


def test_directory_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "x").write_text("")
    with pytest.raises(ConfigError, match="already exists and is not empty"):
        create(tmp_path)
    assert not (tmp_path / "asyncmig.toml").exists()


def test_file_in_the_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "migrations").write_text("")
    with pytest.raises(ConfigError, match="already exists and is no directory"):
        create(tmp_path)


def test_empty_directory_is_used(tmp_path: Path) -> None:
    (tmp_path / "migrations").mkdir()
    create(tmp_path)


def test_template_with_an_error_writes_nothing(tmp_path: Path) -> None:
    copy = tmp_path / "template"
    shutil.copytree(find_template("async").path, copy)
    (copy / "asyncmig.toml.mako").write_text("fine\n% if x\n")
    (tmp_path / "project").mkdir()
    with pytest.raises(ScriptError) as caught:
        create(tmp_path / "project", ProjectTemplate("broken", copy, ""))
    assert caught.value.path == copy / "asyncmig.toml.mako"
    assert caught.value.line == 2
    assert list((tmp_path / "project").iterdir()) == []
