"""Report: the rows of the table, their goals, and whether they are met."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.measuring import Sample, Unit, median_ratio


@dataclass(frozen=True)
class Goal:
    """What a ratio of ours to theirs should be.

    Args:
        ratio: at most this.
        as_times: whether people think of it as "so many times faster".
    """

    ratio: float
    as_times: bool = False

    def show(self, ratio: float) -> str:
        """A ratio the way in which the goal is thought of."""
        return f"{1 / ratio:.1f}x faster" if self.as_times else f"{ratio:.2f}"

    def __str__(self) -> str:
        if self.ratio == math.inf:
            return "none"
        return f">= {1 / self.ratio:.0f}x faster" if self.as_times else f"<= {self.ratio:g}"


#: For what is told because it explains the rest.
NO_GOAL = Goal(math.inf)


def at_most(ratio: float) -> Goal:
    """Ours takes at most *ratio* of theirs."""
    return Goal(ratio)


def times_faster(times: float) -> Goal:
    """Theirs takes at least *times* as long as ours."""
    return Goal(1 / times, as_times=True)


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Args:
        what: what was done, and what was counted.
        theirs, ours: medians, with their units.
        ratio: ours to theirs, the median of pairs.
        goal: what it should be.
    """

    what: str
    theirs: str
    ours: str
    ratio: float
    goal: Goal

    @property
    def met(self) -> bool:
        """Whether the goal is met."""
        return self.ratio <= self.goal.ratio

    def cells(self) -> tuple[str, ...]:
        """The texts of the line."""
        return (
            self.what,
            self.theirs,
            self.ours,
            self.goal.show(self.ratio),
            str(self.goal),
            "" if self.goal is NO_GOAL else "met" if self.met else "NOT",
        )


def compare(
    what: str,
    rounds: Sequence[tuple[Sample, ...]],
    goal: Goal,
    *,
    unit: Unit = "wall",
    theirs: int = 0,
    ours: int = 1,
    label: str = "",
) -> Row:
    """The row for two of the subjects that were measured in turns.

    Args:
        what: what was done.
        rounds: the samples of each round.
        goal: what the ratio should be.
        unit: what counts.
        theirs, ours: the places of the two in each round.
        label: what *theirs* is, where it is not Alembic.
    """
    pairs = [(one[ours].of(unit), one[theirs].of(unit)) for one in rounds]
    return Row(
        f"{what}, {unit}",
        f"{label}{seconds(statistics.median(other for _, other in pairs))}",
        seconds(statistics.median(own for own, _ in pairs)),
        median_ratio(pairs),
        goal,
    )


def seconds(value: float) -> str:
    """A duration for people."""
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.3g} ms"


HEADINGS = ("what", "Alembic", "asyncmig", "ratio", "goal", "")


def table(rows: Iterable[Row]) -> str:
    """The rows as a table of Markdown, aligned for reading as text too."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    texts = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    texts.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(texts)


def write_json(path: Path, rows: Iterable[Row]) -> None:
    """Write the rows for programs."""
    document = [
        {
            "what": row.what,
            "theirs": row.theirs,
            "ours": row.ours,
            "ratio": round(row.ratio, 4),
            "goal": None if row.goal is NO_GOAL else round(row.goal.ratio, 4),
            "met": row.met,
        }
        for row in rows
    ]
    path.write_text(json.dumps(document, indent=2) + "\n", "utf-8")
