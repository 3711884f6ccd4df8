"""Summary: what the fault tests have found out, to be printed at the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.faults.matrix import Tally


@dataclass
class Summary:
    """What the fault tests have found out.

    Args:
        tallies: of kills.
        lines: of everything else.
    """

    tallies: list[Tally] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def text(self) -> Iterator[str]:
        """The lines to print; none when no fault test has run."""
        for tally in self.tallies:
            kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(tally.struck.items()))
            yield f"kills on {tally.database}: done {tally.kills} ({kinds})"
            yield f"    moves resumed right {tally.right}, wrong {len(tally.wrong)}"
        if len(self.tallies) > 1:
            kills, right = sum(one.kills for one in self.tallies), sum(one.right for one in self.tallies)
            wrong = sum(len(one.wrong) for one in self.tallies)
            yield f"kills in all: done {kills}, moves resumed right {right}, wrong {wrong}"
        yield from self.lines
