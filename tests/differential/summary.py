"""Summary: what the differential tests have compared, to be printed at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest


@dataclass
class Summary:
    """What was compared.

    Args:
        moves: how many revisions both tools ran, up or down, by database.
        dumps: how often everything in two databases was compared, by database.
        programs: how many programs by chance both tools ran, by database.
        printed: how many revisions were compared as printed SQL, by database.
        refused: how many of the programs both refused.
        differences: what differed, in words.
    """

    moves: Counter[str] = field(default_factory=Counter)
    dumps: Counter[str] = field(default_factory=Counter)
    programs: Counter[str] = field(default_factory=Counter)
    printed: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    differences: list[str] = field(default_factory=list)

    def data(self) -> dict[str, Any]:
        """All of it in plain types, for another process."""
        found = vars(self)
        return {name: dict(value) if isinstance(value, Counter) else value for name, value in found.items()}

    def add(self, data: dict[str, Any]) -> None:
        """Add what another process has compared, as `data` gives it."""
        for name in ("moves", "dumps", "programs", "printed"):
            getattr(self, name).update(data[name])
        self.refused += data["refused"]
        self.differences += data["differences"]

    def text(self) -> Iterator[str]:
        """The lines to print; none when nothing was compared."""
        if not (self.moves or self.programs or self.printed):
            return
        if self.moves:
            yield f"revisions run by both, up and down: {_counted(self.moves)}"
            yield f"whole databases compared: {_counted(self.dumps)}"
        if self.printed:
            yield f"revisions printed as SQL by both: {_counted(self.printed)}"
        if self.programs:
            yield f"programs by chance: {_counted(self.programs)}; refused by both: {self.refused}"
        yield f"differed: {len(self.differences)}"
        for difference in self.differences:
            yield f"    {difference}"


#: Where a run of the tests keeps it.
COMPARED = pytest.StashKey[Summary]()


def _counted(counts: Counter[str]) -> str:
    parts = [f"{count:,} on {kind}" for kind, count in sorted(counts.items())]
    return f"{sum(counts.values()):,} ({', '.join(parts)})"
