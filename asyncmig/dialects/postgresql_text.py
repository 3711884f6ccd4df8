"""Transaction rules: which statements of PostgreSQL may not stand in a transaction, and which commit one."""

from __future__ import annotations

import re
from itertools import pairwise

from asyncmig.dialects.sql_text import POSTGRESQL, first_words, tokens

_ALWAYS_ALONE = (
    ("VACUUM",),
    ("CREATE", "DATABASE"),
    ("DROP", "DATABASE"),
    ("CREATE", "TABLESPACE"),
    ("DROP", "TABLESPACE"),
    ("ALTER", "SYSTEM"),
    ("CREATE", "INDEX", "CONCURRENTLY"),
    ("CREATE", "UNIQUE", "INDEX", "CONCURRENTLY"),
    ("DROP", "INDEX", "CONCURRENTLY"),
    # With their default options these two talk to the other server, which cannot be rolled back.
    ("CREATE", "SUBSCRIPTION"),
    ("DROP", "SUBSCRIPTION"),
    ("COMMIT", "PREPARED"),
    ("ROLLBACK", "PREPARED"),
    ("DISCARD", "ALL"),
)
_CREATE_INDEX = (("CREATE", "INDEX"), ("CREATE", "UNIQUE"))
_NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_BUILDS = re.compile(
    r"\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    rf"(?P<name>{_NAME})\s+ON\s+(?:ONLY\s+)?(?:(?P<schema>{_NAME})\s*\.)?",
    re.IGNORECASE,
)
_SUSPECTS = frozenset({"REINDEX", "CLUSTER", "ALTER"})


def is_transactional(sql: str) -> bool:
    """Whether PostgreSQL takes a statement inside a transaction, and lets it be used there.

    `ALTER TYPE ... ADD VALUE` is taken since PostgreSQL 12, but the value may not be used before the transaction has
    ended, which is what scripts do next; so it counts as one that stands alone.
    """
    words = first_words(sql, limit=4)
    if any(words[: len(alone)] == alone for alone in _ALWAYS_ALONE):
        return False
    return not words or words[0] not in _SUSPECTS or not _stands_alone(_words(sql))


def index_built_by(sql: str) -> str | None:
    """The index that CREATE INDEX CONCURRENTLY builds, with the schema of its table, as they are written.

    None for other statements, and where the server chooses the name.
    """
    if first_words(sql, limit=2) not in _CREATE_INDEX:
        return None
    pieces = [" " if token.kind == "comment" else sql[token.start : token.end] for token in tokens(sql, POSTGRESQL)]
    match = _BUILDS.match("".join(pieces))
    if match is None:
        return None
    return f"{match['schema']}.{match['name']}" if match["schema"] else match["name"]


def commits(sql: str) -> bool:
    """Whether a statement commits the open transaction by itself."""
    words = first_words(sql, limit=2)
    return words[:1] in (("COMMIT",), ("END",)) and words[1:] != ("PREPARED",)


def dollar_quoted(body: str) -> str:
    """A string that says *body* without any escaping."""
    tag = "$$"
    while tag in body:
        tag = f"${'q' * (len(tag) - 1)}$"
    return f"{tag} {body} {tag}"


def _words(sql: str) -> list[str]:
    """The words and signs of a statement in upper case; of quoted things only that they are there."""
    kinds = ("space", "comment", "separator")
    return [
        "?" if token.kind == "quoted" else sql[token.start : token.end].upper()
        for token in tokens(sql, POSTGRESQL)
        if token.kind not in kinds
    ]


def _stands_alone(words: list[str]) -> bool:
    match words:
        case ["REINDEX", *rest]:
            return "CONCURRENTLY" in rest or _after_options(rest)[:1] in (["DATABASE"], ["SYSTEM"], ["SCHEMA"])
        case ["CLUSTER", *rest]:
            return _after_options(rest) in ([], ["VERBOSE"])
        case ["ALTER", "TYPE", *rest]:
            return ("ADD", "VALUE") in pairwise(rest)
        case ["ALTER", "TABLE", *rest]:
            return rest[-1:] == ["CONCURRENTLY"] and ("DETACH", "PARTITION") in pairwise(rest)
        case ["ALTER", "DATABASE", _, "SET", "TABLESPACE", *_]:
            return True
        case ["ALTER", "SUBSCRIPTION", _, *rest]:
            return rest[:1] == ["REFRESH"] or rest[:2] == ["SET", "("] or rest[1:2] == ["PUBLICATION"]
    return False


def _after_options(words: list[str]) -> list[str]:
    """What stands after an optional list of options in parentheses."""
    return words[words.index(")") + 1 :] if words[:1] == ["("] and ")" in words else words
