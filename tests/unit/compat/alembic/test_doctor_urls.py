"""The databases that settings name, and the drivers for them."""

from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from asyncmig.compat.alembic.config import Config
from asyncmig.compat.alembic.doctor_urls import driver_error, named_driver, named_urls, same_database, unreached
from asyncmig.compat.alembic.report import FoundDatabase
from asyncmig.errors import MissingDriverError


def config(tmp_path: Path, text: str) -> Config:
    (tmp_path / "alembic.ini").write_text(text)
    return Config(tmp_path / "alembic.ini")


def test_urls_of_all_sections_but_for_the_placeholder_of_templates(tmp_path: Path) -> None:
    text = (
        "[alembic]\nscript_location = m\ndatabases = one, two,three\nsqlalchemy.url = driver://user:pass@localhost/dbname\n"
        "[one]\nsqlalchemy.url = sqlite:///1.db\n[two]\nsqlalchemy.url = no url\n[three]\nsqlalchemy.url = mysql://h/d\n"
    )

    assert [str(url) for url in named_urls(config(tmp_path, text))] == ["sqlite:///1.db", "mysql://h/d"]


@pytest.mark.parametrize(
    ("url", "driver"), [("postgresql+psycopg2://h/d", "psycopg2"), ("postgresql://h/d", None), ("sqlite:///x", None)]
)
def test_driver_that_a_url_names(url: str, driver: str | None) -> None:
    assert named_driver(make_url(url)) == driver


def test_database_is_the_same_whatever_the_driver() -> None:
    url = make_url("postgresql+psycopg2://me:secret@h:5432/d?sslmode=require")

    assert same_database(url, make_url("postgresql+asyncpg://me:***@h:5432/d"))
    assert not same_database(url, make_url("postgresql+asyncpg://me:***@h:5433/d"))


def test_driver_that_is_missing_comes_with_what_to_install() -> None:
    assert driver_error(make_url("sqlite:///x")) is None
    error = driver_error(make_url("mysql+asyncmy://h/d"))
    assert isinstance(error, MissingDriverError) and "asyncmy" in error.message
    unknown = driver_error(make_url("nosuch://h/d"))
    assert unknown is not None and "nosuch" in unknown.message


def test_only_what_was_not_found_is_unreached() -> None:
    found = FoundDatabase("sqlite+aiosqlite:///1.db", None, "aiosqlite", True, reached=True)
    urls = [make_url("sqlite:///1.db"), make_url("postgresql://me:secret@h/d")]
    ((_, left),) = unreached(urls, [found])

    assert left.url == "postgresql+asyncpg://me:***@h/d" and left.reached is False
