import os
from pathlib import Path
from typing import Any

import pytest

from asyncmig.config import Hook, Settings, has_settings, parse_duration, read_settings
from asyncmig.errors import ConfigError


def read(tmp_path: Path, text: str | None = None, *, name: str = "asyncmig.toml", **given: Any) -> Settings:
    if text is not None:
        (tmp_path / name).write_text(text)
    given = {"path": None, "cwd": tmp_path, "environ": {}} | given
    return read_settings(**given)


def refused(tmp_path: Path, text: str | None = None, **given: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text, **given)
    assert caught.value.exit_code == 2
    return str(caught.value)


# -- durations


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("10m", 600),
        ("3s", 3),
        ("500ms", 0.5),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("1.5s", 1.5),
        ("2m500ms", 120.5),
        ("45", 45),
        (45, 45),
        (0.25, 0.25),
        (0, 0),
    ],
)
def test_duration_is_read_in_seconds(value: object, seconds: float) -> None:
    assert parse_duration(value) == seconds


@pytest.mark.parametrize("value", ["", "   ", "soon", "-3s", -1, True, None, "3m2h", "inf", float("nan"), [3]])
def test_what_is_no_duration_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"duration|convert"):
        parse_duration(value)


# -- where settings come from


def test_nothing_at_all_gives_the_defaults(tmp_path: Path) -> None:
    assert read(tmp_path) == Settings(root=tmp_path)


def test_defaults_are_the_documented_ones(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert settings.script_location == "migrations"
    assert settings.url is None
    assert settings.version_table == "asyncmig_version"
    assert settings.version_table_schema is None
    assert settings.transaction == "revision"
    assert settings.lock_wait == 600
    assert (settings.lock, settings.lock_lease) == ("auto", 30)
    assert settings.truncate_slug_length == 40
    assert settings.prepend_sys_path == (".",)
    assert not settings.must_choose


def test_asyncmig_toml_goes_before_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.asyncmig]\nscript_location = "theirs"\n')
    settings = read(tmp_path, 'script_location = "ours"\n')
    assert settings.script_location == "ours"
    assert settings.path == tmp_path / "asyncmig.toml"


def test_pyproject_is_read_when_it_has_the_table(tmp_path: Path) -> None:
    settings = read(tmp_path, '[tool.asyncmig]\nscript_location = "db"\n', name="pyproject.toml")
    assert (settings.script_location, settings.path) == ("db", tmp_path / "pyproject.toml")


def test_pyproject_without_the_table_is_passed_over(tmp_path: Path) -> None:
    assert read(tmp_path, "[project]\nname = 'x'\n", name="pyproject.toml").path is None


def test_named_pyproject_without_the_table_is_refused(tmp_path: Path) -> None:
    message = refused(tmp_path, "[project]\nname = 'x'\n", name="pyproject.toml", path=Path("pyproject.toml"))
    assert "no table [tool.asyncmig]" in message


def test_named_file_is_read_from_cwd_and_its_directory_is_the_root(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    settings = read(tmp_path, 'version_table = "v"\n', name="conf/db.toml", path=Path("conf/db.toml"))
    assert (settings.root, settings.version_table) == (tmp_path / "conf", "v")


def test_other_file_may_have_the_table_of_pyproject(tmp_path: Path) -> None:
    settings = read(tmp_path, '[tool.asyncmig]\nversion_table = "v"\n', name="db.toml", path=Path("db.toml"))
    assert settings.version_table == "v"


def test_variable_names_the_file(tmp_path: Path) -> None:
    settings = read(tmp_path, 'version_table = "v"\n', name="db.toml", environ={"ASYNCMIG_CONFIG": "db.toml"})
    assert settings.version_table == "v"


def test_missing_file_is_refused_with_its_path(tmp_path: Path) -> None:
    assert str(tmp_path / "no.toml") in refused(tmp_path, path=Path("no.toml"))


def test_broken_toml_is_refused_with_its_place(tmp_path: Path) -> None:
    message = refused(tmp_path, "url = \n")
    assert "asyncmig.toml is not valid TOML" in message
    assert "line 1" in message


def test_alembic_ini_alone_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text("[alembic]\n")
    message = refused(tmp_path)
    assert "alembic.ini" in message
    assert "read_project" in message


def test_alembic_ini_beside_settings_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text("[alembic]\n")
    assert read(tmp_path, "").path == tmp_path / "asyncmig.toml"


def test_named_ini_file_is_refused(tmp_path: Path) -> None:
    assert "is a settings file of Alembic" in refused(tmp_path, "", name="x.ini", path=Path("x.ini"))


def test_has_settings_looks_into_pyproject(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    assert not has_settings(path)
    path.write_text("[project]\n")
    assert not has_settings(path)
    path.write_text("[tool.asyncmig]\n")
    assert has_settings(path)


# -- what stands above what


def test_variable_overrides_the_file_and_the_caller_overrides_both(tmp_path: Path) -> None:
    text = 'version_table = "file"\ntimezone = "UTC"\nlock_wait = "1s"\n'
    environ = {"ASYNCMIG_VERSION_TABLE": "variable", "ASYNCMIG_LOCK_WAIT": "2m"}
    settings = read(tmp_path, text, environ=environ, overrides={"version_table": "caller", "timezone": None})
    assert (settings.version_table, settings.timezone, settings.lock_wait) == ("caller", "UTC", 120)


def test_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    assert read(tmp_path, 'url = "sqlite://"\n', environ={"ASYNCMIG_URL": ""}).url == "sqlite://"


def test_unknown_variables_are_passed_over(tmp_path: Path) -> None:
    assert read(tmp_path, environ={"ASYNCMIG_ON_START": "off"}) == Settings(root=tmp_path)


def test_variables_of_every_kind_are_read(tmp_path: Path) -> None:
    environ = {
        "ASYNCMIG_RECURSIVE_VERSION_LOCATIONS": "yes",
        "ASYNCMIG_TRUNCATE_SLUG_LENGTH": "12",
        "ASYNCMIG_VERSION_LOCATIONS": "a:b" if ":" in os.pathsep else "a;b",
        "ASYNCMIG_TRANSACTION": "run",
    }
    settings = read(tmp_path, environ=environ)
    assert settings.recursive_version_locations is True
    assert settings.truncate_slug_length == 12
    assert settings.version_locations == ("a", "b")
    assert settings.transaction == "run"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ASYNCMIG_RECURSIVE_VERSION_LOCATIONS", "maybe"),
        ("ASYNCMIG_TRUNCATE_SLUG_LENGTH", "long"),
        ("ASYNCMIG_LOCK_WAIT", "soon"),
        ("ASYNCMIG_TRANSACTION", "none"),
    ],
)
def test_wrong_variable_is_refused_by_its_name(tmp_path: Path, variable: str, value: str) -> None:
    message = refused(tmp_path, environ={variable: value})
    assert variable in message
    assert value in message


# -- several databases

TWO = """
version_table = "general"
timezone = "UTC"
[databases.main]
url = "sqlite:///main"
[databases.web-stats]
url = "sqlite:///stats"
version_table = "own"
"""


def test_database_takes_its_own_keys_and_the_general_ones(tmp_path: Path) -> None:
    settings = read(tmp_path, TWO, database="web-stats")
    assert (settings.url, settings.version_table, settings.timezone) == ("sqlite:///stats", "own", "UTC")
    assert (settings.database, settings.databases) == ("web-stats", ("main", "web-stats"))


def test_general_variable_does_not_override_a_database_own_key(tmp_path: Path) -> None:
    environ = {"ASYNCMIG_URL": "sqlite:///other", "ASYNCMIG_TIMEZONE": "Asia/Tokyo"}
    settings = read(tmp_path, TWO, database="main", environ=environ)
    assert (settings.url, settings.timezone) == ("sqlite:///main", "Asia/Tokyo")


def test_database_has_variables_of_its_own(tmp_path: Path) -> None:
    settings = read(tmp_path, TWO, database="web-stats", environ={"ASYNCMIG_WEB_STATS_URL": "sqlite:///other"})
    assert settings.url == "sqlite:///other"


def test_caller_overrides_a_database_key(tmp_path: Path) -> None:
    assert read(tmp_path, TWO, database="main", overrides={"url": "sqlite:///x"}).url == "sqlite:///x"


def test_several_databases_without_general_place_must_be_chosen(tmp_path: Path) -> None:
    assert read(tmp_path, TWO).must_choose
    assert not read(tmp_path, TWO, database="main").must_choose
    assert not read(tmp_path, TWO, overrides={"url": "sqlite:///x"}).must_choose
    assert not read(tmp_path, 'url = "sqlite://"\n' + TWO).must_choose


def test_unknown_database_names_the_known_ones(tmp_path: Path) -> None:
    message = refused(tmp_path, TWO, database="mian")
    assert "Did you mean main?" in message
    assert "main, web-stats" in message


def test_database_where_none_is_declared_says_how(tmp_path: Path) -> None:
    assert "[tool.asyncmig.databases.stats]" in refused(tmp_path, "", database="stats")
    assert "declares none" in refused(tmp_path, "", database="stats")


def test_databases_must_be_tables(tmp_path: Path) -> None:
    assert "databases: expected tables" in refused(tmp_path, "databases = 3\n")
    assert "databases: expected tables" in refused(tmp_path, "[databases]\nmain = 3\n")


def test_wrong_key_of_a_database_is_named_with_its_table(tmp_path: Path) -> None:
    assert "databases.main.urll" in refused(tmp_path, "[databases.main]\nurll = 'x'\n", database="main")


# -- wrong keys and values


def test_unknown_key_names_the_likeliest_and_all(tmp_path: Path) -> None:
    message = refused(tmp_path, 'script_locatoin = "x"\n')
    assert f"{tmp_path / 'asyncmig.toml'}: script_locatoin" in message
    assert "Did you mean script_location?" in message
    assert "truncate_slug_length" in message


@pytest.mark.parametrize("key", ["safety", "backfills"])
def test_key_of_a_later_version_is_unknown(tmp_path: Path, key: str) -> None:
    assert "no setting of this name" in refused(tmp_path, f'{key} = "off"\n')


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("script_location = 3", "a directory"),
        ('script_location = ""', "a directory"),
        ("version_table = []", "the name of a table"),
        ('transaction = "none"', '"revision" or "run"'),
        ("transaction = []", '"revision" or "run"'),
        ('lock = "row"', '"auto", "session", "lease" or "none"'),
        ('lock_lease = "500ms"', "at least a second"),
        ('lock_wait = "soon"', "a duration"),
        ("lock_wait = true", "a duration"),
        ('recursive_version_locations = "true"', "true or false"),
        ("truncate_slug_length = 0", "whole number"),
        ("truncate_slug_length = true", "whole number"),
        ('version_locations = ["a", 3]', "a list of directories"),
        ("timezone = 1", "time zone"),
        ("file_template = 1", "a text"),
        ('post_write_hooks = ["ruff"]', "tables with name"),
        ('[[post_write_hooks]]\ntype = "exe"\nexecutable = "x"', "tables with name"),
        ('[[post_write_hooks]]\ntype = ["exec"]\nexecutable = "x"', "tables with name"),
        ('[[post_write_hooks]]\ntype = "exec"\nmodule = "x"', "tables with name"),
        ('[[post_write_hooks]]\ntype = "exec"\nexecutable = "x"\nextra = 1', "tables with name"),
    ],
)
def test_wrong_value_names_key_file_and_what_was_expected(tmp_path: Path, line: str, expected: str) -> None:
    message = refused(tmp_path, line + "\n")
    assert f"{tmp_path / 'asyncmig.toml'}: " in message
    assert "expected" in message
    assert expected in message


def test_wrong_argument_is_refused(tmp_path: Path) -> None:
    assert "argument lock_wiat" in refused(tmp_path, overrides={"lock_wiat": 1})
    assert "argument lock_wait" in refused(tmp_path, overrides={"lock_wait": "x"})


def test_braces_in_a_path_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "{key}").mkdir()
    assert "{key}" in refused(tmp_path / "{key}", "lock_wait = []\n")


# -- single kinds of values


def test_empty_schema_is_the_default_schema(tmp_path: Path) -> None:
    assert read(tmp_path, 'version_table_schema = ""\n').version_table_schema is None


def test_single_directory_may_stand_without_brackets(tmp_path: Path) -> None:
    assert read(tmp_path, 'prepend_sys_path = "src"\n').prepend_sys_path == ("src",)


def test_hooks_are_read_with_options_as_text_or_list(tmp_path: Path) -> None:
    text = """
    [[post_write_hooks]]
    name = "format"
    type = "console_scripts"
    entrypoint = "ruff"
    options = "format 'a b'"
    [[post_write_hooks]]
    type = "module"
    module = "black"
    options = ["-q"]
    cwd = "src"
    """
    assert read(tmp_path, text).post_write_hooks == (
        Hook("format", "console_scripts", "ruff", ("format", "a b")),
        Hook("black", "module", "black", ("-q",), "src"),
    )


def test_script_location_can_be_replaced(tmp_path: Path) -> None:
    assert read(tmp_path).with_script_location(tmp_path / "x").script_location == str(tmp_path / "x")


# -- the url


def test_no_url_resolves_to_none(tmp_path: Path) -> None:
    assert read(tmp_path).resolved_url({}) is None


def test_literal_url_is_taken_as_it_is(tmp_path: Path) -> None:
    url = "postgresql://u:100%25%40@h/db"
    assert read(tmp_path, f'url = "{url}"\n').resolved_url({}) == url


def test_percent_needs_no_escape(tmp_path: Path) -> None:
    assert read(tmp_path, 'url = "postgresql://u:a%h@h/db"\n').resolved_url({}) == "postgresql://u:a%h@h/db"


def test_url_of_a_variable_is_looked_up_late(tmp_path: Path) -> None:
    settings = read(tmp_path, 'url = "env:DB"\n')
    assert settings.url == "env:DB"
    assert settings.resolved_url({"DB": " sqlite:///x \n"}) == "sqlite:///x"


@pytest.mark.parametrize(("environ", "state"), [({}, "not set"), ({"DB": " "}, "empty")])
def test_missing_variable_is_refused(tmp_path: Path, environ: dict[str, str], state: str) -> None:
    settings = read(tmp_path, 'url = "env:DB"\n')
    with pytest.raises(ConfigError, match=f"DB is {state}") as caught:
        settings.resolved_url(environ)
    assert "export DB=" in str(caught.value.hint)


def test_url_of_a_file_is_read_relative_to_the_settings(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("sqlite:///x\n")
    assert read(tmp_path, 'url = "file:secret"\n').resolved_url({}) == "sqlite:///x"


def test_missing_or_empty_url_file_is_refused(tmp_path: Path) -> None:
    settings = read(tmp_path, 'url = "file:secret"\n')
    with pytest.raises(ConfigError, match="cannot be read"):
        settings.resolved_url({})
    (tmp_path / "secret").write_text("\n")
    with pytest.raises(ConfigError, match="empty"):
        settings.resolved_url({})


def test_password_is_in_no_text(tmp_path: Path) -> None:
    settings = read(tmp_path, 'url = "postgresql://u:hunter2@h/db"\n')
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in refused(tmp_path, 'url = ["postgresql://u:hunter2@h/db"]\n')
