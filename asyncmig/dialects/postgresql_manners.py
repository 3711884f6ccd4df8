"""Psycopg2 manners on asyncpg: what a plain script, which was written for psycopg2, finds below its connection.

asyncpg prepares each statement and sends values beside it, each of the exact type that the server has inferred for its
place. psycopg2 writes them into the text (see `postgresql_literals`). A script that says `{"day": "2020-01-01"}`, that
declares a column of type uuid as `sa.String`, that passes a tuple to `IN :ids` or opens a cursor for `%s` has always
worked there, and no conversion of single values could make up for all that. So the statements of a plain script are
compiled by SQLAlchemy's dialect for psycopg2, to the same text, and a cursor of ours writes the values as psycopg2 does
and sends it through asyncpg. psycopg2 itself is not needed.

This is for plain scripts only. An `async def upgrade(op)` was written for asyncpg; its values are bound.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy.dialects.postgresql import ranges
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2, PGExecutionContext_psycopg2
from sqlalchemy.engine import Dialect

from asyncmig.dialects.manners import Manners
from asyncmig.dialects.postgresql_cursor import ManneredCursor, ManneredServerCursor
from asyncmig.dialects.postgresql_literals import Finished, quoted


def psycopg2_manners(dialect: Dialect) -> Manners:
    """What plain scripts are given on a connection whose dialect is SQLAlchemy's for asyncpg, initialised."""
    mannered = _Dialect(dialect)
    return Manners(mannered, lambda adapted: ManneredDBAPIConnection(adapted, dialect))


class ManneredDBAPIConnection:
    """What stands for psycopg2's connection.

    Args:
        adapted: SQLAlchemy's connection of its DBAPI to asyncpg.
        dialect: SQLAlchemy's dialect for asyncpg.
    """

    encoding = "UTF8"
    #: What the server had to say besides; asyncpg keeps no list of it.
    notices: ClassVar[list[str]] = []

    def __init__(self, adapted: Any, dialect: Any) -> None:
        self.__dict__.update(_adapted=adapted, _dialect=dialect)

    def cursor(self, name: str | None = None, *_: Any, **__: Any) -> ManneredCursor:
        """A cursor; one with a name leaves the rows on the server until they are asked for."""
        kind = ManneredCursor if name is None else ManneredServerCursor
        return kind(self._adapted, self._dialect, self)

    @property
    def closed(self) -> int:
        """Not 0 when it is closed."""
        return int(self._adapted.driver_connection.is_closed())

    def get_backend_pid(self) -> int:
        """The server's number for the session."""
        return int(self._adapted.driver_connection.get_server_pid())

    def set_isolation_level(self, level: Any) -> None:
        """Set the level of the transactions to come: psycopg2's number or a name."""
        if isinstance(level, int):
            level = _LEVELS[level]
        if level is not None:
            level = str(level).lower().replace(" ", "_")
        self._adapted.set_isolation_level(level)

    def set_session(self, isolation_level: Any = None, readonly: Any = None, autocommit: Any = None, **_: Any) -> None:
        """Set what the transactions to come are like."""
        if isolation_level is not None:
            self.set_isolation_level(isolation_level)
        if readonly is not None:
            self._adapted.readonly = bool(readonly)
        if autocommit is not None:
            self._adapted.autocommit = bool(autocommit)

    def __getattr__(self, name: str) -> Any:
        try:
            return getattr(self._adapted, name)
        except AttributeError:
            raise AttributeError(
                f"The connection has no {name!r}: it is asyncpg's, which stands in for psycopg2's. Use a cursor, "
                "op.get_bind().connection.cursor(), or op.get_bind().execute(...)."
            ) from None

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._adapted, name, value)

    def __enter__(self) -> ManneredDBAPIConnection:
        return self

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        # As psycopg2: the block is a transaction, the connection stays.
        if kind is None:
            self._adapted.commit()
        else:
            self._adapted.rollback()


#: What psycopg2's constants stand for.
_LEVELS = {
    0: "autocommit",
    1: "read_committed",
    2: "repeatable_read",
    3: "serializable",
    4: "read_committed",
    None: None,
}


class _Context(PGExecutionContext_psycopg2):
    def create_default_cursor(self) -> Any:
        return ManneredCursor(self._dbapi_connection.dbapi_connection, self._base)

    def create_server_side_cursor(self) -> Any:
        return ManneredServerCursor(self._dbapi_connection.dbapi_connection, self._base)

    @property
    def _base(self) -> Dialect:
        mannered: Any = self.dialect
        return mannered.base  # type: ignore[no-any-return]

    def post_exec(self) -> None:
        # psycopg2's would write the notices of its connection into a log.
        pass


class _Range(ranges.AbstractSingleRangeImpl[Any]):
    """A range: written as psycopg2 writes it, read as asyncpg gives it."""

    def bind_processor(self, dialect: Dialect) -> Any:
        cast = f"::{self.__visit_name__.lower()}" if self.__visit_name__ in _TYPED_RANGES else ""

        def written(value: Any) -> Any:
            return Finished(quoted(str(value)) + cast) if isinstance(value, ranges.Range) else value

        return written

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        def read(value: Any) -> Any:
            if value is None:
                return None
            empty = value.isempty
            lower = "[" if empty or value.lower_inc else "("
            upper = "]" if not empty and value.upper_inc else ")"
            return ranges.Range(value.lower, value.upper, bounds=lower + upper, empty=empty)  # type: ignore[arg-type]

        return read


_TYPED_RANGES = frozenset({"DATERANGE", "TSRANGE", "TSTZRANGE"})
_RANGES = (ranges.INT4RANGE, ranges.INT8RANGE, ranges.NUMRANGE, ranges.DATERANGE, ranges.TSRANGE, ranges.TSTZRANGE)


class _Dialect(PGDialect_psycopg2):
    """SQLAlchemy's dialect for psycopg2, on connections of its dialect for asyncpg.

    Args:
        base: the dialect for asyncpg; initialised, so that what it has learnt of the server is known here, too.
    """

    execution_ctx_cls = _Context
    supports_statement_cache = True
    use_native_hstore = False
    _has_native_hstore = False
    colspecs = dict(PGDialect_psycopg2.colspecs) | dict.fromkeys(_RANGES, _Range)

    def __init__(self, base: Any) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            paramstyle="pyformat",
            use_native_hstore=False,
            json_serializer=base._json_serializer,
            json_deserializer=base._json_deserializer,
            isolation_level=base._on_connect_isolation_level,
        )
        self.base = base
        self.dbapi = base.dbapi
        for name in _LEARNT:
            if name in base.__dict__:
                setattr(self, name, base.__dict__[name])

    def _invalidate_schema_cache(self) -> None:
        self.base._invalidate_schema_cache()

    # What is said to the connection of the DBAPI, asyncpg's dialect knows how to say.

    def set_isolation_level(self, dbapi_connection: Any, level: Any) -> None:
        self.base.set_isolation_level(dbapi_connection, level)

    def get_isolation_level_values(self, dbapi_connection: Any) -> Any:
        return self.base.get_isolation_level_values(dbapi_connection)

    def detect_autocommit_setting(self, dbapi_connection: Any) -> bool:
        return bool(self.base.detect_autocommit_setting(dbapi_connection))

    def do_ping(self, dbapi_connection: Any) -> Any:
        return self.base.do_ping(dbapi_connection)

    def do_terminate(self, dbapi_connection: Any) -> None:
        self.base.do_terminate(dbapi_connection)

    def is_disconnect(self, e: Any, connection: Any, cursor: Any) -> bool:
        return bool(self.base.is_disconnect(e, connection, cursor))

    def get_driver_connection(self, connection: Any) -> Any:
        return self.base.get_driver_connection(connection)


#: What `initialize` and the options of an engine leave on a dialect.
_LEARNT = (
    "server_version_info",
    "default_schema_name",
    "default_isolation_level",
    "max_identifier_length",
    "label_length",
    "supports_smallserial",
    "_backslash_escapes",
    "_supports_drop_index_concurrently",
    "supports_identity_columns",
    "_supports_jsonb_subscripting",
    "supports_virtual_generated_columns",
    "skip_autocommit_rollback",
    "_user_defined_max_identifier_length",
    "insertmanyvalues_page_size",
    "compiler_linting",
)
