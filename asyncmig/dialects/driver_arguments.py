"""Driver arguments: what a URL and `connect_args` for a synchronous driver become for the async one in its place."""

from __future__ import annotations

import shlex
import ssl
from collections.abc import Callable, Mapping
from typing import Any

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
    found = async_url(given)
    if found.drivername == given.drivername:
        return found, {**connect_arguments(found), **connect_args}
    translate = _TRANSLATIONS.get(found.get_driver_name(), _same)
    # `async_url` has taken what it knows out of the query; the rest is still in the words of the other driver.
    taken = {name: value for name, value in found.query.items() if name in given.query}
    bare = found.difference_update_query(list(taken))
    return bare, {**connect_arguments(bare), **translate({**taken, **connect_args})}


def _same(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return dict(arguments)


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
        elif name == "sslmode":
            found["ssl"] = value
        elif name in {"sslrootcert", "sslcert", "sslkey"}:
            found["ssl"] = _certificates(arguments)
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


def _certificates(arguments: Mapping[str, Any]) -> ssl.SSLContext:
    """libpq's files and mode as a context of TLS; see "SSL Support" in PostgreSQL's manual, chapter libpq."""
    mode = arguments.get("sslmode", "prefer")
    context = ssl.create_default_context(cafile=arguments.get("sslrootcert"))
    context.check_hostname = mode == "verify-full"
    if mode not in {"verify-ca", "verify-full"}:
        context.verify_mode = ssl.CERT_NONE
    if certificate := arguments.get("sslcert"):
        context.load_cert_chain(certificate, arguments.get("sslkey"))
    return context


def _aiomysql(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """PyMySQL's and mysqlclient's arguments for aiomysql."""
    found: dict[str, Any] = {}
    for name, value in arguments.items():
        if name in {"passwd", "db"}:
            found[{"passwd": "password", "db": "db"}[name]] = value
        elif name in {"read_timeout", "write_timeout", "binary_prefix", "defer_connect", "use_pure"}:
            continue
        elif name == "ssl" and isinstance(value, Mapping):
            found["ssl"] = _mysql_context(value)
        elif name == "connect_timeout":
            found[name] = float(value)
        elif name == "local_infile":
            found[name] = bool(int(value))
        else:
            found[name] = value
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


_TRANSLATIONS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "asyncpg": _asyncpg,
    "aiomysql": _aiomysql,
}
