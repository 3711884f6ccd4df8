"""Casts of PostgreSQL: how the values of a column become those of another type."""

from __future__ import annotations

from typing import Final

from asyncmig.dialects.postgresql_schema_read import Types

_TEXTS: Final = frozenset({"text", "character varying", "character", "bpchar", "name", "citext"})
#: Writes what a type is called without its length in the table of casts.
_NAMES: Final = {"bpchar": "character"}


def using(name: str, old: str, new: str, types: Types) -> str | None:
    """The expression of USING for a column that gets another type; None where the server converts by itself.

    Args:
        name: the column, quoted.
        old, new: the types, as the server writes them.
        types: the types and casts that there are.
    """
    source, target = _base(old, types), _base(new, types)
    if source == target:
        return None
    while source.endswith("[]") and target.endswith("[]"):
        source, target = _base(source[:-2], types), _base(target[:-2], types)
    context = types.words.casts.get((source, target))
    if context in ("i", "a") or source == target or target in _TEXTS:
        # Everything becomes text when it is assigned to it.
        return None
    if context == "e" or source in _TEXTS:
        return f"{name}::{new}"
    text = "text[]" if old.endswith("[]") and new.endswith("[]") else "text"
    return f"{name}::{text}::{new}"


def _base(words: str, types: Types) -> str:
    """A type without its length, and what a domain is made of in its place."""
    while words in types.domains:
        words = types.domains[words].base
    array = "[]" if words.endswith("[]") else ""
    head, parenthesis, rest = words.removesuffix("[]").partition("(")
    if parenthesis:
        head += rest.partition(")")[2]
    return _NAMES.get(head, head) + array
