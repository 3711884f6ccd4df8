"""Comparing: several databases of one history, each migrated by a tool of its own or by both in turns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from tests.differential.dumps import Dump, differences, dump, version_rows
from tests.differential.schema import Kind
from tests.differential.summary import Summary
from tests.differential.tools import Direction, Tool, sync_engine


@dataclass
class Side:
    """One of the databases that are compared.

    Args:
        url: the database.
        tools: who migrates it; one after the other where there are several.
    """

    url: str
    tools: Sequence[Tool]

    def __post_init__(self) -> None:
        self.engine: Engine = sync_engine(self.url)
        self.turn = 0

    def run(self, direction: Direction, target: str) -> Tool:
        """Let the tool whose turn it is bring the database to *target*."""
        tool = self.tools[self.turn % len(self.tools)]
        tool.run(self.url, direction, target)
        return tool

    def __str__(self) -> str:
        return " and ".join(tool.name for tool in self.tools)


class Comparison:
    """The same runs on several databases.

    Args:
        kind: the kind of the databases.
        summary: is told what was done.
        sides: the databases; all must be like the first one, which is Alembic's.
    """

    def __init__(self, kind: Kind, summary: Summary, sides: Iterable[Side]) -> None:
        self.kind = kind
        self.summary = summary
        self.sides = list(sides)

    def run(self, direction: Direction, target: str, *, moves: int, whole: bool = True) -> None:
        """Let each tool bring its database to *target*, and compare.

        Args:
            direction: `upgrade` or `downgrade`.
            target: where to.
            moves: how many revisions that are, for the summary.
            whole: whether all that the databases hold is compared, or only the version rows.

        Raises:
            AssertionError: the databases differ.
        """
        for side in self.sides:
            side.run(direction, target)
            side.turn += 1
        self.summary.moves[self.kind] += moves
        self._compare(f"{direction} {target}", whole=whole)

    def _compare(self, when: str, *, whole: bool) -> None:
        first, *others = self.sides
        rows = version_rows(first.engine)
        expected: Dump = dump(first.engine) if whole else {}
        for side in others:
            found = version_rows(side.engine)
            wrong = [] if found == rows else [f"version rows: {rows} of Alembic, {found} of {side}"]
            if whole:
                wrong += differences(expected, dump(side.engine))
                self.summary.dumps[self.kind] += 1
            if wrong:
                self.summary.differences.append(f"{self.kind}, {side}, after {when}: {wrong[0]}")
            assert not wrong, "\n".join([f"{side} differs after {when}:", *wrong[:60]])
