"""The url of the settings, found where an `env.py` of Alembic takes it from."""

import ast
from pathlib import Path

import pytest

from asyncmig.compat.alembic.adopt_url import UrlChoice, url_choice
from asyncmig.compat.alembic.environment_source import EnvironmentSource

INI = "postgresql://user:secret@server/app"


def choice(text: str, ini: str | None = INI) -> UrlChoice:
    """What is chosen for an `env.py`."""
    return url_choice(EnvironmentSource(Path("env.py"), text, ast.parse(text)), ini)


def test_the_url_of_the_ini_file_is_taken_as_it_is() -> None:
    text = 'connectable = engine_from_config(config.get_section("alembic"), prefix="sqlalchemy.")'

    assert choice(text) == UrlChoice(INI)


@pytest.mark.parametrize("ini", [None, "", "driver://user:pass@localhost/dbname", "no url at all"])
def test_without_a_real_url_it_is_said_what_to_set(ini: str | None) -> None:
    found = choice("", ini)

    assert found.url is None
    assert 'url = "env:DATABASE_URL"' in str(found.note)


@pytest.mark.parametrize(
    "text",
    [
        'config.set_main_option("sqlalchemy.url", os.environ["APP_URL"])',
        'config.set_main_option("sqlalchemy.url", os.environ["APP_URL"].replace("%", "%%"))',
        'config.set_main_option("sqlalchemy.url", str(os.environ.get("APP_URL")))',
        'config.set_section_option(config.config_ini_section, "sqlalchemy.url", os.getenv("APP_URL"))',
        'url = os.getenv("APP_URL", "")\nconfig.set_main_option("sqlalchemy.url", url)',
        'section = config.get_section("alembic")\nsection["sqlalchemy.url"] = environ["APP_URL"]',
        'engine = create_engine(os.environ["APP_URL"], poolclass=NullPool)',
        'engine = create_async_engine(url=os.environ["APP_URL"])',
        'engine = engine_from_config({"sqlalchemy.url": os.environ["APP_URL"]}, prefix="sqlalchemy.")',
        'engine = async_engine_from_config({}, url=os.environ["APP_URL"])',
        'def get_url():\n    return os.environ["APP_URL"]\n\ndef run():\n    engine = create_engine(get_url())',
        'engine = create_engine(make_url(os.environ["APP_URL"].replace("postgres://", "postgresql://", 1)))',
        "engine = create_engine(f\"{os.environ['APP_URL']}\")",
    ],
)
def test_a_variable_is_named(text: str) -> None:
    assert choice(text) == UrlChoice("env:APP_URL")


@pytest.mark.parametrize(
    "expression",
    [
        'os.getenv("APP_URL", "sqlite:///dev.db")',
        'os.environ.get("APP_URL") or config.get_main_option("sqlalchemy.url")',
    ],
)
def test_a_default_is_not_taken_over_silently(expression: str) -> None:
    found = choice(f"engine = create_engine({expression})")

    assert found.url == "env:APP_URL"
    assert "has a default for the variable APP_URL" in str(found.note)
    assert "secret" not in str(found.note)


@pytest.mark.parametrize(
    "expression",
    [
        "settings.database_url",
        "f\"postgresql://{os.environ['USER']}:{os.environ['PASSWORD']}@server/app\"",
        "URL.create('postgresql', host=os.environ['HOST'])",
    ],
)
def test_what_is_composed_is_left_to_the_user(expression: str) -> None:
    found = choice(f"\nengine = create_engine({expression})")

    assert found.url is None
    assert "env.py:2: the URL is composed there" in str(found.note)
    assert found.expression is not None and ast.unparse(found.expression) == ast.unparse(ast.parse(expression))


def test_a_password_in_the_source_is_not_shown() -> None:
    found = choice("engine = create_engine(f'postgresql://me:secret@{HOST}/app')")

    assert found.url is None and "secret" not in str(found.note) and "me:***@" in str(found.note)


def test_what_only_counts_under_a_condition_is_told() -> None:
    text = 'url = os.getenv("APP_URL")\nif url:\n    config.set_main_option("sqlalchemy.url", url)'

    assert "has a default for the variable APP_URL" in str(choice(text).note)
    assert choice(text, None) == UrlChoice("env:APP_URL")


def test_a_variable_that_a_file_may_set_is_read_in_python() -> None:
    text = 'load_dotenv()\nconfig.set_main_option("sqlalchemy.url", os.environ["APP_URL"])'
    found = choice(text)

    assert found.url is None and found.expression is not None
    assert ast.unparse(found.expression) == "os.environ['APP_URL']"


def test_another_prefix() -> None:
    assert choice('section["database.url"] = os.environ["APP_URL"]') == UrlChoice("env:APP_URL")


def test_a_literal_in_the_source_is_taken() -> None:
    assert choice('engine = create_engine("sqlite:///app.db")') == UrlChoice("sqlite:///app.db")


def test_an_engine_from_the_ini_file_by_another_way_is_no_hindrance() -> None:
    assert choice('engine = create_engine(config.get_main_option("sqlalchemy.url"))') == UrlChoice(INI)
