"""Index statements: what the CREATE INDEX that SQLite keeps says."""

from __future__ import annotations

from dataclasses import dataclass

from asyncmig.dialects.sqlite_words import Words, inside, name_of
from asyncmig.schema import IndexElement


@dataclass(slots=True)
class IndexText:
    """What a CREATE INDEX says: its elements, whether it is UNIQUE, and its WHERE."""

    elements: tuple[IndexElement, ...]
    unique: bool
    where: str | None


def read_index_text(sql: str) -> IndexText:
    """What a CREATE INDEX says.

    Raises:
        DefinitionError: it is something else.
    """
    words = Words(sql)
    words.need("CREATE")
    unique = words.take("UNIQUE")
    words.need("INDEX")
    words.take("IF", "NOT", "EXISTS")
    words.name()
    if words.take("."):
        words.name()
    words.need("ON")
    words.name()
    elements = tuple([_element(words, first, last) for first, last in words.parts(*words.group())])
    where = None
    if words.take("WHERE"):
        where = words.text(words.at, len(words.words) - 1)
    return IndexText(elements, unique, where)


def read_element_text(sql: str) -> IndexElement:
    """What an element of an index says."""
    words = Words(sql)
    return _element(words, 0, len(words.words) - 1)


def _element(words: Words, first: int, last: int) -> IndexElement:
    pieces = words.words
    descending, collation = False, None
    if last - first > 1 and pieces[last - 1].upper() in ("ASC", "DESC"):
        last -= 1
        descending = pieces[last].upper() == "DESC"
    if last - first > 2 and pieces[last - 2].upper() == "COLLATE" and _is_primary(pieces, first, last - 2):
        collation = name_of(pieces[last - 1]).upper()
        last -= 2
    first, last = inside(pieces, first, last)
    if last - first == 1 and not pieces[first][0].isdigit():
        return IndexElement(name_of(pieces[first]), descending=descending, collation=collation)
    return IndexElement(words.text(first, last), True, descending, collation=collation)


def _is_primary(pieces: list[str], first: int, last: int) -> bool:
    """Whether what follows means all of a range: a name, a call, or what is in parentheses."""
    if last - first == 1:
        return True
    opening = first if pieces[first] == "(" else first + 1
    if pieces[opening] != "(":
        return False
    depth = 0
    for index in range(opening, last):
        depth += (pieces[index] == "(") - (pieces[index] == ")")
        if depth == 0:
            return index == last - 1
    return False
