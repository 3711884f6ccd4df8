"""Tallies: what tests have counted, to be printed at the end, also where several processes share the tests out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import pytest


class Tallies:
    """Counts by title, and under each title by what was counted."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {}

    def add(self, title: str, **counts: int) -> None:
        """Add counts; an underscore in the name of what was counted stands for a space."""
        tally = self._counts.setdefault(title, Counter())
        for name, count in counts.items():
            tally[name] += count

    def plain(self) -> dict[str, dict[str, int]]:
        """The counts, to be sent to another process."""
        return {title: dict(tally) for title, tally in self._counts.items()}

    def merge(self, others: Mapping[str, Mapping[str, int]]) -> None:
        """Add what another process has sent."""
        for title, counts in others.items():
            self.add(title, **counts)

    def lines(self) -> Iterator[str]:
        """The lines to print."""
        for title, tally in sorted(self._counts.items()):
            counts = [f"{count} {name.replace('_', ' ')}" for name, count in tally.items()]
            yield f"{title}: {', '.join(counts)}"


TALLIES = pytest.StashKey[Tallies]()
