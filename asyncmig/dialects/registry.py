"""Registry: which adapter serves which SQLAlchemy dialect, and which async driver serves which URL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from asyncmig._drivers import statement_name
from asyncmig.dialects.driver_errors import IS_MISSING_TABLE
from asyncmig.errors import ConfigError, MissingDriverError

if TYPE_CHECKING:
    from asyncmig.dialects.adapter import DialectAdapter
    from asyncmig.dialects.catalogue import Catalogue

#: The adapter for each of SQLAlchemy's dialect names; imported only when it is asked for.
_ADAPTERS: Mapping[str, tuple[str, str]] = {
    "postgresql": ("asyncmig.dialects.postgresql", "PostgreSQLAdapter"),
    "mysql": ("asyncmig.dialects.mysql", "MySQLAdapter"),
    "mariadb": ("asyncmig.dialects.mysql", "MySQLAdapter"),
    "sqlite": ("asyncmig.dialects.sqlite", "SQLiteAdapter"),
}

#: The async driver that stands in for a URL without a driver or with a synchronous one.
_DRIVERS: Mapping[str, str] = {
    "postgresql": "asyncpg",
    "postgres": "asyncpg",
    "mysql": "aiomysql",
    "mariadb": "aiomysql",
    "sqlite": "aiosqlite",
}
#: The databases that are files.
_FILES = frozenset({"sqlite"})
_ASYNC_DRIVERS = frozenset({"asyncpg", "psycopg_async", "aiomysql", "asyncmy", "aiosqlite"})
#: The extra of asyncmig that installs a driver; aiosqlite always comes along.
_EXTRAS: Mapping[str, str] = {"asyncpg": "postgresql", "aiomysql": "mysql"}


def async_url(url: str | URL) -> URL:
    """The URL with an async driver: `postgresql://` and `postgresql+psycopg2://` become `postgresql+asyncpg://`.

    What libpq calls `sslmode` asyncpg calls `ssl`.

    Raises:
        ConfigError: it is no database URL.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        # The text may hold a password, so it is not repeated.
        raise ConfigError(
            "The database URL cannot be read.", hint="It looks like this: postgresql://user:password@host/database"
        ) from error
    backend, _, driver = parsed.drivername.partition("+")
    if driver in _ASYNC_DRIVERS or backend not in _DRIVERS:
        return parsed
    if backend == "postgres":
        backend = "postgresql"
    if driver == "psycopg":
        return parsed.set(drivername="postgresql+psycopg_async")
    driver = _DRIVERS[backend]
    if driver == "asyncpg" and "sslmode" in parsed.query:
        parsed = parsed.difference_update_query(["sslmode"]).update_query_dict({"ssl": parsed.query["sslmode"]})
    return parsed.set(drivername=f"{backend}+{driver}")


def dialect_of(url: URL) -> Dialect:
    """SQLAlchemy's dialect for a URL, without a connection.

    Raises:
        MissingDriverError: the driver is not installed.
        ConfigError: there is no such dialect.
    """
    try:
        return url.get_dialect()()
    except NoSuchModuleError as error:
        raise unknown_dialect(url) from error
    except ModuleNotFoundError as error:
        raise missing_driver(url, error) from error


def unknown_dialect(url: URL) -> ConfigError:
    """The error for a URL whose dialect SQLAlchemy does not know."""
    return ConfigError(
        f"There is no database dialect {url.drivername!r}.", hint="Use postgresql, mysql, mariadb or sqlite."
    )


def connect_arguments(url: URL) -> dict[str, Any]:
    """What the driver of *url* is told besides the URL.

    Several processes may share sessions of the server through a connection pooler without knowing of each other.
    asyncpg counts the names of its prepared statements in each process from 1.
    """
    if url.get_driver_name() != "asyncpg" or "statement_cache_size" in url.query:
        return {}
    return {"statement_cache_size": 0, "prepared_statement_name_func": statement_name}


def missing_file(url: URL) -> bool:
    """Whether the database is a file that is not there yet, which connecting would make."""
    if url.get_backend_name() not in _FILES or url.database in (None, "", ":memory:"):
        return False
    path = Path(str(url.database))
    # In a directory that is not there nothing can be made; connecting says so.
    return not str(path).startswith("file:") and path.parent.is_dir() and not path.exists()


def missing_driver(url: URL, error: ModuleNotFoundError) -> MissingDriverError:
    """The error that names the extra to install for the driver of *url*."""
    driver = error.name or url.get_driver_name()
    return MissingDriverError(driver=driver, extra=_EXTRAS.get(driver))


def adapter_class(dialect: Dialect, adapters: Sequence[type[DialectAdapter]] = ()) -> type[DialectAdapter]:
    """The adapter for a SQLAlchemy dialect.

    Args:
        dialect: the dialect.
        adapters: adapters of plug-ins; they are asked first.

    Raises:
        ConfigError: nobody serves this dialect.
    """
    for adapter in adapters:
        if adapter.name == dialect.name:
            return adapter
    if dialect.name not in _ADAPTERS:
        raise ConfigError(
            f"asyncmig has no adapter for {dialect.name}.", hint=f"It serves {', '.join(sorted(_ADAPTERS))}."
        )
    module, name = _ADAPTERS[dialect.name]
    found: type[DialectAdapter] = getattr(import_module(module), name)
    return found


def catalogue_of(adapter: DialectAdapter) -> Catalogue:
    """What compares the schema of a database with models, for the database of *adapter*.

    Raises:
        ConfigError: the adapter has none.
    """
    if adapter.catalogue is None:
        raise ConfigError(
            f"asyncmig cannot compare models with a database of {adapter.name}.",
            hint=f"Give {type(adapter).__name__}.catalogue, or write by hand: asyncmig revision -m MESSAGE",
        )
    module, _, name = adapter.catalogue.partition(":")
    kind: type[Catalogue] = getattr(import_module(module), name)
    return kind(adapter)


def missing_table_check(
    dialect: Dialect, adapters: Sequence[type[DialectAdapter]] = ()
) -> Callable[[BaseException], bool]:
    """What tells whether a driver's error says that a table does not exist; loads no adapter of ours.

    Args:
        dialect: the dialect.
        adapters: adapters of plug-ins; they are asked first.

    Raises:
        ConfigError: nobody serves this dialect.
    """
    known = IS_MISSING_TABLE.get(dialect.name)
    if known is None or any(adapter.name == dialect.name for adapter in adapters):
        return adapter_class(dialect, adapters)(dialect).is_missing_table
    return known
