"""ServerWords: what must be known of a MySQL or MariaDB server to say what it would make of a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

#: The usual ones; a server is asked for its own.
_COLLATIONS = {
    "ascii": "ascii_general_ci",
    "binary": "binary",
    "latin1": "latin1_swedish_ci",
    "ucs2": "ucs2_general_ci",
    "utf16": "utf16_general_ci",
    "utf32": "utf32_general_ci",
    "utf8mb3": "utf8mb3_general_ci",
}
_WIDTHS = {"ascii": 1, "binary": 1, "latin1": 1, "ucs2": 2, "utf8mb3": 3}
_WIDEST = 4
_NONE: Mapping[Any, Any] = MappingProxyType({})


@dataclass(frozen=True)
class ServerWords:
    """What must be known of a server.

    Args:
        is_mariadb: whether it is a MariaDB.
        database: the database that the session is in.
        collations: the default collation of each character set.
        widths: how many bytes a character of each character set takes at most.
        database_collations: the default collation of each database.
        folds_names: whether names of tables are kept in small letters.
        implicit_timestamps: whether a TIMESTAMP that says nothing gets a default by itself.
        escapes: whether a backslash in a string is an escape.
    """

    is_mariadb: bool = False
    database: str | None = None
    collations: Mapping[str, str] = field(default_factory=lambda: _NONE)
    widths: Mapping[str, int] = field(default_factory=lambda: _NONE)
    database_collations: Mapping[str, str] = field(default_factory=lambda: _NONE)
    folds_names: bool = False
    implicit_timestamps: bool = False
    escapes: bool = True

    def collation_of(self, charset: str) -> str:
        """The default collation of a character set."""
        usual = "utf8mb4_general_ci" if self.is_mariadb else "utf8mb4_0900_ai_ci"
        return self.collations.get(charset) or _COLLATIONS.get(charset, usual)

    def binary_collation(self, charset: str) -> str:
        """The binary collation of a character set."""
        return "binary" if charset == "binary" else f"{charset}_bin"

    def width(self, charset: str) -> int:
        """How many bytes a character takes at most."""
        return self.widths.get(charset) or _WIDTHS.get(charset, _WIDEST)

    def collation_in(self, schema: str | None) -> str:
        """The default collation of a database."""
        name = self.database if schema is None else schema
        return self.database_collations.get(name or "") or self.collation_of("utf8mb4")


def charset_of(collation: str) -> str:
    """The character set of a collation, by its name."""
    return collation.partition("_")[0]
