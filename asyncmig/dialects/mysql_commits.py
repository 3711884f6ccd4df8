"""Statements of MySQL and MariaDB that end the open transaction by themselves, told by their first words."""

from __future__ import annotations

import re
from typing import Final

from asyncmig.dialects.sql_text import MYSQL, first_words

#: These commit whatever follows them.
_ALWAYS: Final = frozenset(
    {
        "BACKUP",
        "BEGIN",
        "CACHE",
        "CHANGE",
        "COMMIT",
        "FLUSH",
        "GRANT",
        "INSTALL",
        "OPTIMIZE",
        "RENAME",
        "REPAIR",
        "REVOKE",
        "START",
        "STOP",
        "TRUNCATE",
        "UNINSTALL",
    }
)
#: These commit when one of the next two words is TABLE or TABLES (`ANALYZE LOCAL TABLE`; not `ANALYZE SELECT`).
_ON_TABLES: Final = frozenset({"ANALYZE", "CHECK", "LOCK", "UNLOCK"})
_DEFINITIONS: Final = frozenset({"ALTER", "CREATE", "DROP"})
_AUTOCOMMIT_ON: Final = re.compile(
    r"SET\s+(?:SESSION\s+|LOCAL\s+|@@(?:SESSION\.|LOCAL\.)?)?AUTOCOMMIT\s*:?=\s*(?:1|ON|TRUE)\b", re.I
)
# MariaDB: SET STATEMENT max_statement_time=10 FOR ALTER TABLE ...
_SET_STATEMENT: Final = re.compile(r"""(?:'[^']*'|"[^"]*"|[^'"])*?\bFOR\b(?P<statement>.*)""", re.I | re.DOTALL)


def commits_implicitly(sql: str) -> bool:
    """Whether a statement ends an open transaction by itself: DDL, account management, locks, COMMIT itself."""
    words = first_words(sql, MYSQL)
    if not words:
        return False
    first, following = words[0], words[1:3]
    if first in _ALWAYS:
        return True
    if first in _DEFINITIONS:
        # A temporary table is made and dropped within the transaction, and DROP PREPARE drops no object.
        return "TEMPORARY" not in words[1:4] and following[:1] != ("PREPARE",)
    if first in _ON_TABLES:
        return bool({"TABLE", "TABLES"} & set(following))
    if first == "ROLLBACK":
        return "TO" not in following
    if first == "RESET":
        return following[:1] != ("PERSIST",)
    if first == "LOAD":
        return following[:1] == ("INDEX",)
    if first == "SET":
        if following[:1] == ("STATEMENT",) and (match := _SET_STATEMENT.match(sql)):
            return commits_implicitly(match["statement"])
        return following[:1] == ("PASSWORD",) or _AUTOCOMMIT_ON.search(sql) is not None
    return False
