"""Engines: what `create_engine` and its kin give an `env.py`: engines on async drivers, for synchronous code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy
from sqlalchemy import Engine, event
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.exc import NoSuchModuleError
from sqlalchemy.pool import NullPool, StaticPool

from asyncmig.compat.alembic.env_connection import EnvEngine
from asyncmig.dialects.driver_arguments import async_arguments
from asyncmig.dialects.registry import missing_driver, missing_file, unknown_dialect
from asyncmig.errors import ConfigError

__all__ = ["Engines"]

#: What only the dialects of synchronous drivers understand.
_SYNC_ONLY = frozenset(
    {
        "client_encoding",
        "executemany_batch_page_size",
        "executemany_mode",
        "executemany_values_page_size",
        "server_side_cursors",
        "use_batch_mode",
        "use_native_hstore",
        "use_native_unicode",
        "use_native_uuid",
    }
)
#: What SQLAlchemy 1.4 still took.
_GONE = frozenset({"convert_unicode", "encoding", "case_sensitive", "empty_in_strategy"})
#: What makes no sense with a pool that keeps nothing.
_POOL_OPTIONS = frozenset({"max_overflow", "pool_recycle", "pool_size", "pool_timeout", "pool_use_lifo"})


class Engines:
    """Engines that are made while an `env.py` is executed, on the async drivers, in the loop that it runs in.

    Args:
        reads: whether they are only read with, so that connecting must not make a database file.
    """

    def __init__(self, *, reads: bool = False) -> None:
        self._reads = reads
        self.made: list[Engine] = []

    def create_engine(self, url: str | URL, **options: Any) -> Engine:
        """An engine like that of `sqlalchemy.create_engine`, to be used inside the bridge.

        Args:
            url: the URL; that of a synchronous driver leads to the async one.
            options: the options of `sqlalchemy.create_engine`; those of the connections' pool are left out, since each
                connection is opened when it is asked for.

        Raises:
            ConfigError: the URL cannot be read, or the options ask for what only a synchronous driver has.
            MissingDriverError: the driver is not installed.
        """
        if "creator" in options:
            raise ConfigError(
                "create_engine(creator=…) makes connections of a synchronous driver, which asyncmig cannot use.",
                hint="create_engine(url, connect_args={…})",
            )
        found, arguments = async_arguments(url, options.pop("connect_args", {}))
        kept = {name: value for name, value in options.items() if name not in _SYNC_ONLY | _GONE | _POOL_OPTIONS}
        if kept.get("poolclass") is not StaticPool:
            memory = found.get_backend_name() == "sqlite" and found.database in (None, "", ":memory:")
            kept["poolclass"] = StaticPool if memory else NullPool
        try:
            engine = EnvEngine(sqlalchemy.create_engine(found, connect_args=arguments, **kept))
        except NoSuchModuleError as error:
            raise unknown_dialect(found) from error
        except ModuleNotFoundError as error:
            raise missing_driver(found, error) from error
        if self._reads:
            event.listen(engine, "do_connect", _make_no_file)
        self.made.append(engine)
        return engine

    def engine_from_config(self, configuration: Mapping[str, Any], prefix: str = "sqlalchemy.", **options: Any) -> Any:
        """An engine like that of `sqlalchemy.engine_from_config`."""
        return self.create_engine(**self._options_of(configuration, prefix), **options)

    def create_async_engine(self, url: str | URL, **options: Any) -> Any:
        """An engine like that of `sqlalchemy.ext.asyncio.create_async_engine`."""
        # Imported here because it brings the ORM along, which an env.py of the synchronous kind does not need.
        from sqlalchemy.ext.asyncio import AsyncEngine

        return AsyncEngine(self.create_engine(url, **options))

    def async_engine_from_config(
        self, configuration: Mapping[str, Any], prefix: str = "sqlalchemy.", **options: Any
    ) -> Any:
        """An engine like that of `sqlalchemy.ext.asyncio.async_engine_from_config`."""
        return self.create_async_engine(**self._options_of(configuration, prefix), **options)

    @staticmethod
    def _options_of(configuration: Mapping[str, Any], prefix: str) -> dict[str, Any]:
        """The options that a section of an ini file gives, as values instead of text.

        Raises:
            ConfigError: it names no URL.
        """
        options = {key[len(prefix) :]: value for key, value in configuration.items() if key.startswith(prefix)}
        if not options.get("url"):
            raise ConfigError(
                f"The settings name no {prefix}url, so there is no database to connect to.",
                hint=f"{prefix}url = postgresql://user:password@localhost/database      # in alembic.ini",
            )
        for name in ("echo", "echo_pool", "pool_pre_ping", "future", "hide_parameters"):
            if isinstance(options.get(name), str):
                text = options[name].strip().lower()
                options[name] = text if text == "debug" else text in {"1", "true", "yes", "on", "y", "t"}
        options.pop("future", None)
        return options

    def dispose(self) -> None:
        """Close what is still open."""
        for engine in self.made:
            engine.dispose()
        self.made.clear()


def _make_no_file(dialect: Dialect, record: Any, arguments: list[Any], options: dict[str, Any]) -> None:
    """Connect to nothing at all in place of a file that is not there."""
    if arguments and missing_file(URL.create(dialect.name, database=str(arguments[0]))):
        arguments[0] = ":memory:"
