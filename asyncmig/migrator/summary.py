"""Summary: what operations do, in the few words of a revision's message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from asyncmig.migrator.differences import Difference
from asyncmig.operations.alter_table import AlterTable
from asyncmig.operations.base import Operation
from asyncmig.operations.indexes import CreateIndex
from asyncmig.operations.tables import CreateTable

__all__ = ["differences_of", "summary"]

#: How many things are named before the rest is counted.
_NAMED = 3
#: What a description says before its details begin.
_BEGINNING = re.compile(r"[^(:]*")
#: Words behind which comes a name, and nothing else that is worth a place.
_NAME = re.compile(r"((?:add|drop|alter) column|(?:create|drop) (?:table|enum|sequence|schema|view)) [^\s:]+")


def summary(operations: Iterable[Operation[Any]]) -> str:
    """What *operations* do, in a few words: `create table tags, add column posts.rating and 2 more changes`."""
    things = list(_things(list(_flat(operations))))
    named, rest = things[:_NAMED], len(things[_NAMED:])
    if rest == 1:
        named, rest = things, 0
    texts = [named[0]]
    for before, thing in pairwise(named):
        verb = _verb(thing)
        texts.append(thing.removeprefix(verb) if verb and verb == _verb(before) else thing)
    texts = [text.strip() for text in texts]
    if rest:
        return f"{', '.join(texts)} and {rest} more changes"
    return f"{', '.join(texts[:-1])} and {texts[-1]}" if len(texts) > 1 else texts[0]


def differences_of(operations: Iterable[Operation[Any]]) -> tuple[Difference, ...]:
    """What *operations* do away with, one by one."""
    return tuple(Difference(operation.describe(), operation.destructive) for operation in _flat(operations))


def _flat(operations: Iterable[Operation[Any]]) -> Iterator[Operation[Any]]:
    for operation in operations:
        if isinstance(operation, AlterTable):
            yield from operation.operations
        else:
            yield operation


def _things(operations: Sequence[Operation[Any]]) -> Iterator[str]:
    """Each operation in a few words, without what belongs to a table that is made with it."""
    made = {operation.tables() for operation in operations if isinstance(operation, CreateTable)}
    for operation in operations:
        if isinstance(operation, CreateIndex) and operation.tables() in made:
            continue
        text = " ".join(operation.describe().split())
        found = _NAME.match(text)
        yield found[0] if found else _beginning(text)


def _beginning(text: str) -> str:
    found = _BEGINNING.match(text)
    return (found[0].strip() if found else "") or text


def _verb(text: str) -> str:
    found = _NAME.match(text)
    return found[1] if found else ""
