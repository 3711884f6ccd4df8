"""Settings of asyncmig in TOML that say what those of an Alembic project say."""

import tomllib
from pathlib import Path

import pytest

from asyncmig.compat.alembic.adopt_settings import AdoptedSettings, DatabaseTable, settings_keys, with_table
from asyncmig.config import Hook, Settings, read_settings
from asyncmig.errors import ConfigError

KEYS = {"script_location": "migrations", "url": 'sqlite:///a"b.db', "version_table": "alembic_version"}
HOOKS = (Hook("ruff", "exec", "ruff", ("format", "REVISION_SCRIPT_FILENAME"), "tools"),)


def test_settings_are_read_again_as_they_were_meant(tmp_path: Path) -> None:
    settings = AdoptedSettings(KEYS, HOOKS)
    (tmp_path / "asyncmig.toml").write_text("\n".join(settings.lines(table="")))
    read = read_settings(None, cwd=tmp_path, environ={})

    assert (read.script_location, read.url, read.version_table) == tuple(KEYS.values())
    assert read.post_write_hooks == HOOKS


def test_several_databases(tmp_path: Path) -> None:
    tables = [DatabaseTable("one", {"url": "sqlite:///1.db"}), DatabaseTable("no. 2", {"url": "sqlite:///2.db"})]
    path = tmp_path / "pyproject.toml"
    path.write_bytes(with_table(b"", AdoptedSettings({"script_location": "m"}, HOOKS, tables), path))

    assert read_settings(None, cwd=tmp_path, environ={}, database="no. 2").url == "sqlite:///2.db"
    assert read_settings(None, cwd=tmp_path, environ={}, database="one").post_write_hooks == HOOKS


def test_a_url_that_is_not_known_is_a_comment() -> None:
    lines = list(AdoptedSettings({"script_location": "m", "url": None}, ()).lines(table=""))

    assert lines == ['script_location = "m"', '# url = "env:DATABASE_URL"']


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b'[project]\nname = "app"\n',
        b'[project]\nname = "app"',
        b'[project]\r\nname = "app"\r\n',
        b'# \xc3\xa9\n[tool.ruff]\nline-length = 100\n\n\n[tool.alembic]\nscript_location = "m"\n',
        b"[tool]\n",
    ],
)
def test_every_byte_of_the_rest_stays(before: bytes) -> None:
    after = with_table(before, AdoptedSettings(KEYS, HOOKS), Path("pyproject.toml"))
    document = tomllib.loads(after.decode())

    assert after.startswith(before)
    assert document["tool"]["asyncmig"]["url"] == KEYS["url"]
    assert (b"\r\n" in before) == (b"\r\n" in after)
    if b"\r\n" in after:
        assert after.count(b"\n") == after.count(b"\r\n")


@pytest.mark.parametrize("before", [b"tool = {}\n", b"tool.ruff = {}\n[x\n", b"\xff"])
def test_a_file_that_cannot_take_a_table_is_refused(before: bytes) -> None:
    with pytest.raises(ConfigError, match=r"pyproject\.toml cannot take a table \[tool\.asyncmig\]") as caught:
        with_table(before, AdoptedSettings(KEYS, ()), Path("pyproject.toml"))

    assert 'script_location = "migrations"' in str(caught.value.hint)


def test_only_what_is_not_the_default_is_written(tmp_path: Path) -> None:
    assert settings_keys(Settings(root=tmp_path, script_location="m"), cwd=tmp_path) == {"script_location": "m"}


def test_absolute_places_become_relative(tmp_path: Path) -> None:
    settings = Settings(
        root=tmp_path,
        script_location=str(tmp_path / "app" / "migrations"),
        version_locations=(str(tmp_path / "v"), "package:versions", str(tmp_path.parent / "shared")),
        prepend_sys_path=(".", "src"),
        file_template="%(year)d_%(rev)s",
        timezone="Europe/Vienna",
        recursive_version_locations=True,
        truncate_slug_length=20,
    )

    assert settings_keys(settings, cwd=tmp_path) == {
        "script_location": "app/migrations",
        "version_locations": ["v", "package:versions", "../shared"],
        "recursive_version_locations": True,
        "file_template": "%(year)d_%(rev)s",
        "truncate_slug_length": 20,
        "timezone": "Europe/Vienna",
        "prepend_sys_path": [".", "src"],
    }
