"""Driver errors: what an error of a driver says, by the codes of the database and not by its words.

Apart from the adapters, because who only reads the version table needs no more of a database than this.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

__all__ = ["IS_MISSING_TABLE", "errno", "sqlite_errors", "sqlstate"]


def sqlstate(error: BaseException) -> str | None:
    """The SQLSTATE of a driver's error, wrapped by SQLAlchemy or not."""
    for candidate in (getattr(error, "orig", None), error):
        state = getattr(candidate, "sqlstate", None) or getattr(candidate, "pgcode", None)
        if isinstance(state, str):
            return state
    return None


def errno(error: BaseException | None) -> int | None:
    """The number that MySQL or MariaDB gave an error, also inside SQLAlchemy's; None when it has none."""
    arguments = getattr(getattr(error, "orig", error), "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], int) else None


def sqlite_errors(error: BaseException) -> Iterator[tuple[int, BaseException]]:
    """SQLite's primary codes: that of an error, and those of the errors inside of it or behind it."""
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(code, int):
        yield code & 0xFF, error
    inner = getattr(error, "orig", None) or error.__cause__
    if isinstance(inner, BaseException):
        yield from sqlite_errors(inner)


def _postgresql(error: BaseException) -> bool:
    return sqlstate(error) == "42P01"


def _mysql(error: BaseException) -> bool:
    return errno(error) == 1146


def _sqlite(error: BaseException) -> bool:
    # The same code stands for every error in the text of a statement.
    return any(code == sqlite3.SQLITE_ERROR and "no such table" in str(each) for code, each in sqlite_errors(error))


#: Whether an error says that a table does not exist, by SQLAlchemy's name of the dialect.
IS_MISSING_TABLE: Mapping[str, Callable[[BaseException], bool]] = MappingProxyType(
    {"postgresql": _postgresql, "mysql": _mysql, "mariadb": _mysql, "sqlite": _sqlite}
)
