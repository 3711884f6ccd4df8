"""Manners: connections and engines that do as the synchronous driver did for which a plain script was written.

A script's connection is a second view of the run's own: both share everything, the transaction above all, but the
script's speaks another dialect and hands out other cursors. So nothing has to be set back afterwards, whatever happens,
and what the run itself sends is not affected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import Dialect

from asyncmig._sqlalchemy import OptionEngine


class Manners:
    """What a script's connections have that the run's have not.

    Args:
        dialect: the dialect that they speak.
        raw: gives what stands for the connection of the DBAPI, from that connection.
    """

    def __init__(self, dialect: Dialect, raw: Callable[[Any], Any]) -> None:
        self.dialect = dialect
        self.raw = raw


class RawConnection:
    """What `bind.connection` gives: the pooled connection, which hands out the script's kind of cursor.

    Args:
        pooled: the connection as the pool has handed it out.
        raw: what stands for the connection of the DBAPI.
    """

    def __init__(self, pooled: Any, raw: Any) -> None:
        self.pooled = pooled
        self.dbapi_connection = raw
        #: What a synchronous driver calls its connection; and the name that SQLAlchemy 1 had for it.
        self.driver_connection = self.connection = raw

    def cursor(self, *arguments: Any, **keywords: Any) -> Any:
        """A cursor of the script's kind."""
        return self.dbapi_connection.cursor(*arguments, **keywords)

    def __getattr__(self, name: str) -> Any:
        # The pooled connection passes on what it does not have itself, past the manners.
        own = name.startswith("_") or hasattr(type(self.pooled), name)
        return getattr(self.pooled if own else self.dbapi_connection, name)


class ManneredEngine(OptionEngine):
    """The engine of a run, as a script sees it: `bind.engine`.

    Args:
        engine: the engine of the run, or another one of these.
        options: execution options.
        manners: what its connections have; by default what those of *engine* have.
    """

    def __init__(self, engine: Engine, options: Mapping[str, Any], manners: Manners | None = None) -> None:
        self.manners: Manners = getattr(engine, "manners", None) if manners is None else manners  # type: ignore[assignment]
        super().__init__(engine, options)
        self.dialect = self.manners.dialect

    def raw_connection(self) -> Any:
        """A connection without SQLAlchemy, with cursors of the script's kind."""
        return self.mannered(super().raw_connection())

    def mannered(self, pooled: Any) -> RawConnection:
        """A connection that the pool has handed out, with the manners."""
        return RawConnection(pooled, self.manners.raw(pooled.dbapi_connection))


class ManneredConnection(Connection):
    """A connection of a mannered engine."""

    def __init__(self, engine: ManneredEngine, *arguments: Any, **keywords: Any) -> None:
        super().__init__(engine, *arguments, **keywords)
        self._unwrap()

    def _unwrap(self) -> Any:
        """What SQLAlchemy itself works with is the pool's own."""
        if isinstance(self._dbapi_connection, RawConnection):
            self._dbapi_connection = self._dbapi_connection.pooled
        return self._dbapi_connection

    @property
    def connection(self) -> Any:
        """The pooled connection, with cursors of the script's kind."""
        pooled = super().connection and self._unwrap()
        engine: Any = self.engine
        return engine.mannered(pooled)


ManneredEngine._connection_cls = ManneredConnection
ManneredEngine._option_cls = ManneredEngine


class ManneredView(ManneredConnection):
    """The connection of a run, as a script sees it.

    Args:
        connection: the connection of the run.
        engine: what the script sees as its engine.
    """

    __slots__ = ("_seen_engine",)

    def __init__(self, connection: Connection, engine: ManneredEngine) -> None:
        # One dictionary, so that each sees the transaction, the options and the end of the other.
        self.__dict__ = connection.__dict__
        self._seen_engine = engine

    @property
    def engine(self) -> Engine:  # type: ignore[override]
        """The engine, with the script's manners."""
        return self._seen_engine

    @property
    def dialect(self) -> Dialect:  # type: ignore[override]
        """The dialect that the script's statements are written in."""
        return self._seen_engine.dialect
