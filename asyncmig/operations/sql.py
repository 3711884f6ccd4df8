"""SQL texts in operations: queries and bodies of programs, which may be written over several indented lines."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent
from typing import TypeAlias

from sqlalchemy import TextClause
from sqlalchemy.sql.expression import SelectBase

#: A query, as text or as SQLAlchemy's object.
Query: TypeAlias = str | SelectBase | TextClause

#: Marks a field that holds a query or a body; over several lines it is written in triple quotes.
SQL: Mapping[str, bool] = {"sql": True}


class SqlText(str):
    """A text of SQL, to be written in triple quotes where it has several lines."""

    __slots__ = ()


def cleaned(sql: str) -> str:
    """A text without the indentation that all of its lines have, without white space and semicolons around it."""
    return dedent(sql).strip().rstrip(";").rstrip()
