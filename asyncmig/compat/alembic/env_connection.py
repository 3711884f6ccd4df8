"""EnvConnection: a connection as an `env.py` sees it, with the manners of a synchronous driver."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import Dialect

from asyncmig._sqlalchemy import OptionEngine
from asyncmig.dialects.registry import adapter_class

__all__ = ["EnvConnection", "EnvEngine", "plain_connection"]


class EnvEngine(OptionEngine):
    """An engine as an `env.py` sees it: its connections have the manners of a synchronous driver.

    Args:
        engine: the engine on the async driver, or another one of these.
        options: execution options.
    """

    def __init__(self, engine: Engine, options: Mapping[str, Any] | None = None) -> None:
        super().__init__(engine, options or {})

    def connect(self) -> EnvConnection:
        """A connection."""
        return EnvConnection(super().connect())


EnvEngine._option_cls = EnvEngine


class EnvConnection(Connection):
    """A second view of a connection: both share all but the dialect in which statements are written and sent.

    Args:
        plain: the connection of an engine on an async driver.
    """

    __slots__ = ("_mannered", "plain")

    def __init__(self, plain: Connection) -> None:
        # One dictionary, so that each sees the transaction, the options and the end of the other.
        self.__dict__ = plain.__dict__
        self.plain = plain
        self._mannered: Connection | None = None

    def _seen(self) -> Connection:
        """What scripts see; made with the first statement of `env.py`, as many have none."""
        if self._mannered is None:
            dialect = self.plain.dialect
            self._mannered = adapter_class(dialect)(dialect).script_connection(self.plain, lambda: False)
        return self._mannered

    @property
    def dialect(self) -> Dialect:  # type: ignore[override]
        """The dialect in which statements are written."""
        return self._seen().dialect

    @property
    def connection(self) -> Any:
        """The pooled connection, with cursors like those of the synchronous driver."""
        return self._seen().connection


def plain_connection(connection: Connection) -> Connection:
    """The connection that an `env.py` sees as *connection*."""
    return connection.plain if isinstance(connection, EnvConnection) else connection
