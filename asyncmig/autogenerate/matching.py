"""Matching: which part of a table in the models is which part of it in the database."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Protocol, TypeVar


class Named(Protocol):
    """A part of a table that may have a name."""

    @property
    def name(self) -> str | None:
        """Its name."""


Part = TypeVar("Part", bound=Named)


def matched(
    wanted: Iterable[Part], live: Iterable[Part], structure: Callable[[Part], Hashable], *, names_count: bool
) -> Iterator[tuple[Part | None, Part | None]]:
    """Pairs of the same part on both sides, and with None on the other one what only one side has.

    Args:
        wanted: the parts in the models.
        live: the parts in the database.
        structure: what a part is besides its name.
        names_count: whether parts with different names are different parts, however much alike; those without a name
            are known by their structure anyway.
    """
    named = {part.name: part for part in live if part.name is not None}
    rest: list[Part] = []
    for part in wanted:
        other = None if part.name is None else named.pop(part.name, None)
        if other is None:
            rest.append(part)
        else:
            yield part, other
    left = [part for part in live if part.name is None or part.name in named]
    yield from _by_structure(rest, left, structure, names_count)


def _by_structure(
    wanted: list[Part], live: list[Part], structure: Callable[[Part], Hashable], names_count: bool
) -> Iterator[tuple[Part | None, Part | None]]:
    same: dict[Hashable, list[Part]] = {}
    for part in live:
        same.setdefault(structure(part), []).append(part)
    taken: set[int] = set()
    for part in wanted:
        other = next(
            (
                each
                for each in same.get(structure(part), ())
                if id(each) not in taken and (not names_count or part.name is None or each.name is None)
            ),
            None,
        )
        if other is not None:
            taken.add(id(other))
        yield part, other
    for part in live:
        if id(part) not in taken:
            yield None, part
