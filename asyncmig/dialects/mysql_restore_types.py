"""Types of MySQL and MariaDB as SQLAlchemy's: as common ones where those say it all, else as those of the dialect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

from asyncmig.dialects.mysql_types import arguments_of, base_of
from asyncmig.schema import ColumnState
from asyncmig.types import SqlType

_COMMON: Final[Mapping[str, Callable[..., TypeEngine[Any]]]] = {
    "bigint": sa.BigInteger,
    "binary": sa.BINARY,
    "blob": sa.LargeBinary,
    "date": sa.Date,
    "decimal": sa.Numeric,
    "double": sa.Double,
    "float": sa.Float,
    "int": sa.Integer,
    "json": sa.JSON,
    "smallint": sa.SmallInteger,
    "uuid": sa.UUID,
    "varbinary": sa.VARBINARY,
}
_CHARACTERS: Final[Mapping[str, Callable[..., TypeEngine[Any]]]] = {
    "char": sa.CHAR,
    "longtext": mysql.LONGTEXT,
    "mediumtext": mysql.MEDIUMTEXT,
    "text": sa.Text,
    "tinytext": mysql.TINYTEXT,
    "varchar": sa.String,
}
_OF_DIALECT: Final[Mapping[str, Callable[..., TypeEngine[Any]]]] = {
    "bigint": mysql.BIGINT,
    "bit": mysql.BIT,
    "decimal": mysql.DECIMAL,
    "double": mysql.DOUBLE,
    "float": mysql.FLOAT,
    "inet4": mysql.INET4,
    "inet6": mysql.INET6,
    "int": mysql.INTEGER,
    "longblob": mysql.LONGBLOB,
    "mediumblob": mysql.MEDIUMBLOB,
    "mediumint": mysql.MEDIUMINT,
    "smallint": mysql.SMALLINT,
    "tinyblob": mysql.TINYBLOB,
    "tinyint": mysql.TINYINT,
    "year": mysql.YEAR,
}
_TIMES: Final[Mapping[str, tuple[Callable[..., TypeEngine[Any]], Callable[..., TypeEngine[Any]]]]] = {
    "datetime": (sa.DateTime, mysql.DATETIME),
    "time": (sa.Time, mysql.TIME),
    "timestamp": (sa.TIMESTAMP, mysql.TIMESTAMP),
}
_INTEGERS: Final = frozenset({"bigint", "int", "mediumint", "smallint", "tinyint"})


def type_of(column: ColumnState) -> TypeEngine[Any]:
    """The type of a column, with its collation."""
    base, arguments = base_of(column.type), arguments_of(column.type)
    if base in ("enum", "set"):
        return _enumerated(base, arguments, column.collation)
    numbers: list[Any] = [int(argument) for argument in arguments]
    if base in _CHARACTERS:
        made: TypeEngine[Any] = _CHARACTERS[base](*numbers, **_collated(column.collation))
        return made
    if base in _TIMES:
        common, of_dialect = _TIMES[base]
        return of_dialect(fsp=numbers[0]) if numbers else common()
    words = column.type.rpartition(")")[2].split() if arguments else column.type.split()[1:]
    options: dict[str, Any] = {word: True for word in words if word in ("unsigned", "zerofill")}
    if len(options) == len(words):
        if not options and base in _COMMON and not (base in ("float", "double") and numbers):
            return _COMMON[base](*numbers)
        if base in _OF_DIALECT:
            if base in _INTEGERS and numbers:
                options["display_width"] = numbers.pop(0)
            return _OF_DIALECT[base](*numbers, **options)
    return SqlType(column.type)


def _collated(collation: str | None) -> dict[str, Any]:
    return {} if collation is None else {"collation": collation}


def _enumerated(base: str, values: tuple[str, ...], collation: str | None) -> TypeEngine[Any]:
    if base == "enum":
        return mysql.ENUM(*values, **_collated(collation))
    # A set with an empty value can only be told apart from an empty set by numbers.
    bitwise = {"retrieve_as_bitwise": True} if "" in values else {}
    return mysql.SET(*values, **_collated(collation), **bitwise)
