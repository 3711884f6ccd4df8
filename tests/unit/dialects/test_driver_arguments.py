"""What was meant for psycopg, PyMySQL or mysqlclient, for the async driver in its place."""

import ssl
from typing import Any

import certifi
import pytest

from asyncmig.dialects.driver_arguments import async_arguments
from asyncmig.errors import ConfigError

POSTGRESQL = "postgresql+psycopg2://u:p@h/d"
MYSQL = "mysql+pymysql://u:p@h/d"


def told(url: str, **given: Any) -> dict[str, Any]:
    """What the driver is told, without what it is told always."""
    _, found = async_arguments(url, given)
    return {name: value for name, value in found.items() if "statement" not in name}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"connect_timeout": "10"}, {"timeout": 10.0}),
        ({"application_name": "me"}, {"server_settings": {"application_name": "me"}}),
        ({"options": "-c search_path=a,b"}, {"server_settings": {"search_path": "a,b"}}),
        (
            {"options": "-csearch_path=a -c statement_timeout=5000 --lock-timeout=3s", "application_name": "me"},
            {
                "server_settings": {
                    "search_path": "a",
                    "statement_timeout": "5000",
                    "lock_timeout": "3s",
                    "application_name": "me",
                }
            },
        ),
        ({"options": "-c 'application_name=two words'"}, {"server_settings": {"application_name": "two words"}}),
        ({"sslmode": "require"}, {"ssl": "require"}),
        ({"keepalives": 1, "keepalives_idle": 30, "client_encoding": "utf8", "gssencmode": "disable"}, {}),
        ({"dbname": "other", "host": "elsewhere"}, {"database": "other", "host": "elsewhere"}),
    ],
)
def test_psycopg(given: dict[str, Any], expected: dict[str, Any]) -> None:
    assert told(POSTGRESQL, **given) == expected


def test_what_the_url_says_counts_too() -> None:
    url, found = async_arguments(
        "postgresql://u:p@h/d?sslmode=require&connect_timeout=5&options=-csearch_path%3Dapp&application_name=me", {}
    )
    assert url.drivername == "postgresql+asyncpg"
    assert not url.query
    assert found["timeout"] == 5.0
    assert found["ssl"] == "require"
    assert found["server_settings"] == {"search_path": "app", "application_name": "me"}


def test_options_that_are_no_settings() -> None:
    with pytest.raises(ConfigError, match="cannot be translated for asyncpg"):
        told(POSTGRESQL, options="-x")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"passwd": "p", "db": "d"}, {"password": "p", "db": "d"}),
        ({"connect_timeout": 5, "read_timeout": 5, "write_timeout": 5}, {"connect_timeout": 5.0}),
        ({"local_infile": "1"}, {"local_infile": True}),
        ({"charset": "utf8mb4", "init_command": "SET x = 1"}, {"charset": "utf8mb4", "init_command": "SET x = 1"}),
    ],
)
def test_pymysql(given: dict[str, Any], expected: dict[str, Any]) -> None:
    assert told(MYSQL, **given) == expected


def test_tls_of_mysql_without_certificates() -> None:
    context = told(MYSQL, ssl={"check_hostname": False})["ssl"]
    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode is ssl.CERT_NONE


@pytest.mark.parametrize(("mode", "checks"), [("verify-full", True), ("verify-ca", False)])
def test_tls_of_libpq_with_files(mode: str, checks: bool) -> None:
    context = told(POSTGRESQL, sslmode=mode, sslrootcert=certifi.where())["ssl"]
    assert isinstance(context, ssl.SSLContext)
    assert context.check_hostname is checks
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_an_async_url_is_left_alone() -> None:
    url, found = async_arguments("postgresql+asyncpg://u:p@h/d?ssl=require", {"timeout": 3})
    assert dict(url.query) == {"ssl": "require"}
    assert found["timeout"] == 3


def test_files_of_tls_in_the_url_are_checked() -> None:
    _, found = async_arguments(f"postgresql://u:p@h/d?sslmode=verify-full&sslrootcert={certifi.where()}", {})
    assert found["ssl"].verify_mode is ssl.CERT_REQUIRED
    assert found["ssl"].check_hostname
    url, found = async_arguments(f"mysql+pymysql://u:p@h/d?ssl_ca={certifi.where()}&charset=utf8mb4", {})
    assert dict(url.query) == {"charset": "utf8mb4"}
    assert found["ssl"].verify_mode is ssl.CERT_REQUIRED


def test_url_of_sqlite_keeps_what_it_says() -> None:
    url, found = async_arguments("sqlite:///x.db?timeout=5", {"check_same_thread": False})
    assert dict(url.query) == {"timeout": "5"}
    assert found == {"check_same_thread": False}
