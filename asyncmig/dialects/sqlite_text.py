"""Transaction rules: which statements of SQLite may not stand in a transaction, and which end one."""

from __future__ import annotations

from typing import Final

from asyncmig.dialects.sql_text import SQLITE, first_words
from asyncmig.dialects.sqlite_tokens import significant

#: Statements that do nothing or fail inside a transaction.
_OUTSIDE: Final = frozenset({"VACUUM", "ATTACH", "DETACH"})
_PRAGMAS_OUTSIDE: Final = frozenset({"FOREIGN_KEYS", "JOURNAL_MODE", "SYNCHRONOUS", "TEMP_STORE", "WAL_CHECKPOINT"})
_CHANGES: Final = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE"})
_ENDINGS: Final = frozenset({"COMMIT", "END", "ROLLBACK"})


def is_transactional(sql: str) -> bool:
    """Whether a statement may run inside a transaction, and has its effect there."""
    words = first_words(sql, SQLITE)
    if words[:1] == ("PRAGMA",):
        pragma = next((token.upper for token in significant(sql) if token.upper in _PRAGMAS_OUTSIDE), None)
        return pragma is None or not any(token.text in ("=", "(") for token in significant(sql))
    return not set(words[:1]) & _OUTSIDE


def commits(sql: str) -> bool:
    """Whether a statement ends an open transaction."""
    words = first_words(sql, SQLITE)
    return bool(set(words[:1]) & _ENDINGS) and "TO" not in words


def begins(sql: str) -> bool:
    """Whether a statement begins a transaction."""
    return first_words(sql, SQLITE)[:1] == ("BEGIN",)


def changes_rows(sql: str) -> bool:
    """Whether a statement changes rows, so that sqlite3 begins a transaction before it."""
    return bool(set(first_words(sql, SQLITE)[:1]) & _CHANGES)
