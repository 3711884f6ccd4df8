from pathlib import Path

import pytest

from asyncmig.errors import ConfigError
from asyncmig.rendering.templates import find_template, list_templates, template_directory


def test_templates_of_a_wheel_are_inside_of_the_package(tmp_path: Path) -> None:
    (tmp_path / "asyncmig" / "_templates").mkdir(parents=True)
    (tmp_path / "templates").mkdir()
    assert template_directory(tmp_path / "asyncmig") == tmp_path / "asyncmig" / "_templates"


def test_templates_of_the_sources_are_beside_the_package(tmp_path: Path) -> None:
    (tmp_path / "asyncmig").mkdir()
    (tmp_path / "templates").mkdir()
    assert template_directory(tmp_path / "asyncmig") == tmp_path / "templates"


def test_missing_templates_are_reported(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"templates of asyncmig are not in"):
        template_directory(tmp_path / "asyncmig")


def test_all_templates_are_listed_with_a_summary() -> None:
    found = list_templates()
    assert [each.name for each in found] == ["async", "multidb", "pyproject", "sync"]
    assert all(each.summary.endswith(".") for each in found)


def test_template_is_found_by_its_name() -> None:
    assert find_template("sync").path.name == "sync"


def test_unknown_template_names_the_known_ones() -> None:
    with pytest.raises(ConfigError) as caught:
        find_template("nope")
    assert "async, multidb, pyproject, sync" in str(caught.value)
