"""Driver arguments: what a URL and `connect_args` for a synchronous driver become for the async one in its place."""

from __future__ import annotations

import shlex
import ssl
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sqlalchemy.engine import URL, make_url

from asyncmig.dialects.registry import async_url, connect_arguments
from asyncmig.errors import ConfigError

__all__ = ["async_arguments"]

#: What libpq knows and asyncpg does by itself, or has no use for.
_LIBPQ_ONLY = frozenset(
    {
        "client_encoding",
        "gssencmode",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "prepare_threshold",
        "tcp_user_timeout",
    }
)
_TLS_OF_LIBPQ = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey"})
#: What SQLAlchemy would hand to aiomysql in a form that it does not take.
_TLS_OF_MYSQL = {"ssl_ca": "ca", "ssl_capath": "capath", "ssl_cert": "cert", "ssl_key": "key"}
#: What aiomysql does not know.
_PYMYSQL_ONLY = frozenset({"binary_prefix", "defer_connect", "read_timeout", "use_pure", "write_timeout"})
#: libpq's names for settings of the server.
_SERVER_SETTINGS = frozenset({"application_name", "fallback_application_name"})


def async_arguments(url: str | URL, connect_args: Mapping[str, Any]) -> tuple[URL, dict[str, Any]]:
    """The URL with an async driver, and what that driver is told, where the synchronous one was told *connect_args*.

    A URL that names an async driver already keeps what it says.

    Args:
        url: the URL; what stands behind its question mark counts like *connect_args*.
        connect_args: arguments of the synchronous driver's `connect`.

    Raises:
        ConfigError: the URL cannot be read, or an argument has no counterpart.
    """
    given = make_url(url)
    plain = async_url(given)
    if plain.drivername == given.drivername:
        return plain, {**connect_arguments(plain), **connect_args}
    takes, translate = _TRANSLATIONS.get(plain.get_driver_name(), (_takes_none, dict))
    taken = {name: value for name, value in given.query.items() if takes(name)}
    found = async_url(given.difference_update_query(list(taken)))
    return found, {**connect_arguments(found), **translate({**taken, **connect_args})}


def _takes_none(name: str) -> bool:
    return False


def _asyncpg(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """psycopg's arguments for asyncpg."""
    found: dict[str, Any] = {}
    settings: dict[str, str] = {}
    for name, value in arguments.items():
        if name in _LIBPQ_ONLY:
            continue
        if name in _SERVER_SETTINGS:
            settings["application_name"] = str(value)
        elif name == "options":
            settings.update(_server_options(str(value)))
        elif name == "connect_timeout":
            found["timeout"] = float(value)
        elif name in _TLS_OF_LIBPQ:
            found["ssl"] = _tls(arguments)
        elif name in {"dbname", "database"}:
            found["database"] = value
        else:
            found[name] = value
    if settings:
        found["server_settings"] = {**settings, **found.get("server_settings", {})}
    return found


def _server_options(text: str) -> dict[str, str]:
    """The settings of `-c name=value` options of libpq.

    Raises:
        ConfigError: the text has another form.
    """
    words = shlex.split(text)
    settings: dict[str, str] = {}
    while words:
        word = words.pop(0)
        if word == "-c" and words:
            word = words.pop(0)
        elif word.startswith("-c") or word.startswith("--"):
            word = word[2:]
        else:
            word = ""
        name, equals, value = word.partition("=")
        if not equals:
            raise ConfigError(
                f"The connection options {text!r} cannot be translated for asyncpg.",
                hint='connect_args={"options": "-c search_path=app -c statement_timeout=5000"}',
            )
        settings[name.replace("-", "_")] = value
    return settings


def _tls(arguments: Mapping[str, Any]) -> ssl.SSLContext | str:
    """libpq's mode, or its mode and files as a context; see "SSL Support" in PostgreSQL's manual, chapter libpq."""
    mode = str(arguments.get("sslmode", "prefer"))
    if not any(name in arguments for name in _TLS_OF_LIBPQ - {"sslmode"}):
        return mode
    context = ssl.create_default_context(cafile=arguments.get("sslrootcert"))
    context.check_hostname = mode == "verify-full"
    if mode not in {"verify-ca", "verify-full"}:
        context.verify_mode = ssl.CERT_NONE
    if certificate := arguments.get("sslcert"):
        context.load_cert_chain(certificate, arguments.get("sslkey"))
    return context


def _takes_of_mysql(name: str) -> bool:
    return name in _PYMYSQL_ONLY or name in _TLS_OF_MYSQL or name == "ssl_check_hostname"


def _aiomysql(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """PyMySQL's and mysqlclient's arguments for aiomysql."""
    found: dict[str, Any] = {}
    files: dict[str, Any] = {}
    for name, value in arguments.items():
        if name in _PYMYSQL_ONLY:
            continue
        if name == "passwd":
            found["password"] = value
        elif name in _TLS_OF_MYSQL:
            files[_TLS_OF_MYSQL[name]] = value
        elif name == "ssl_check_hostname":
            files["check_hostname"] = str(value).lower() in {"1", "true", "yes"}
        elif name == "ssl" and isinstance(value, Mapping):
            files.update(value)
            found["ssl"] = value
        elif name == "connect_timeout":
            found[name] = float(value)
        elif name == "local_infile":
            found[name] = bool(int(value))
        else:
            found[name] = value
    if files or isinstance(found.get("ssl"), Mapping):
        found["ssl"] = _mysql_context(files)
    return found


def _mysql_context(files: Mapping[str, Any]) -> ssl.SSLContext:
    """A context of TLS from the dictionary of files that PyMySQL and mysqlclient take."""
    context = ssl.create_default_context(cafile=files.get("ca"), capath=files.get("capath"))
    context.check_hostname = bool(files.get("check_hostname", False))
    if not (files.get("ca") or files.get("capath")):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if certificate := files.get("cert"):
        context.load_cert_chain(certificate, files.get("key"))
    return context


_Translation: TypeAlias = tuple[Callable[[str], bool], Callable[[Mapping[str, Any]], dict[str, Any]]]
#: For each async driver, what of the URL it is told in other words, and how these and other arguments become its own.
_TRANSLATIONS: Mapping[str, _Translation] = {
    "asyncpg": (lambda name: True, _asyncpg),
    "aiomysql": (_takes_of_mysql, _aiomysql),
}
