"""Types: a type of a database that SQLAlchemy has no class for."""

from __future__ import annotations

from typing import Any

from sqlalchemy.types import UserDefinedType

__all__ = ["SqlType"]


class SqlType(UserDefinedType[Any]):
    """A type as the database spells it, for columns that SQLAlchemy has no class for.

    Args:
        text: the type, such as `UNSIGNED BIG INT`; empty for a column of SQLite without one.
    """

    cache_ok = True

    def __init__(self, text: str) -> None:
        self.text = text

    def get_col_spec(self, **kw: Any) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"SqlType({self.text!r})"
