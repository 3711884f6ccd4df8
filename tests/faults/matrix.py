"""Matrix: moves through a history that are struck at some point, and resumed, and compared with an undisturbed run."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.faults.child import Job
from tests.faults.corpus import Piece, write
from tests.faults.databases import Database, Dump
from tests.faults.forks import Ended, Forks
from tests.faults.points import KINDS

#: How often each kind of blow is chosen: `time` kills from outside at any moment, `cut` cuts the connection.
_WEIGHTS = {"event": 2, "send": 2, "unsent": 1, "sent": 3, "answer": 4, "time": 3, "cut": 2}
#: How likely a run that resumes is struck again.
_AGAIN = 0.3


@dataclass(frozen=True)
class Move:
    """One revision in one direction, and the target that leads to it from the state before it."""

    direction: str
    revision: str
    target: str


@dataclass(frozen=True)
class Blow:
    """What happens to a run: at the point *number* of its kind, or so many seconds after it has begun."""

    kind: str
    number: int = 0
    delay: float = 0.0

    def __str__(self) -> str:
        return f"{self.kind} {self.number}" if self.kind in KINDS else f"{self.kind} after {self.delay:.3f} s"


@dataclass(frozen=True)
class Undisturbed:
    """What a move does when nothing happens to it."""

    dump: Dump
    passed: dict[str, int]
    duration: float


@dataclass
class Tally:
    """What has happened to the runs on one database.

    Args:
        database: its name.
        struck: how many runs were killed or cut, by kind of blow.
        right: how many moves ended as an undisturbed run does.
        wrong: the others, in words.
    """

    database: str
    struck: dict[str, int] = field(default_factory=dict)
    right: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def kills(self) -> int:
        """How many runs were killed or cut."""
        return sum(self.struck.values())


class Matrix:
    """A database, and a history that is walked up and down on it.

    Args:
        database: an empty database.
        forks: makes the processes.
        root: a directory for the history.
        pieces: the history.
        tool: what walks, `asyncmig` or `alembic`.
    """

    def __init__(
        self, database: Database, forks: Forks, root: Path, pieces: Sequence[Piece], tool: str = "asyncmig"
    ) -> None:
        project, ids = write(root, database.dialect, pieces)
        self.database = database
        self.tally = Tally(database.name)
        below = ("base", *ids)
        ups = [Move("upgrade", one, one) for one in ids]
        downs = [Move("downgrade", one, below[number]) for number, one in enumerate(ids)]
        self.moves = (*ups, *reversed(downs))
        self._forks = forks
        self._tool = tool
        self.location = project.location
        self._position = 0
        self._known: dict[int, Undisturbed] = {}

    # -- undisturbed ------------------------------------------------------------------------------------------------

    def learn(self, positions: Sequence[int]) -> None:
        """Find out what the moves at *positions* do when nothing happens to them."""
        self.reset()
        for position in sorted(positions):
            self.advance(position)
            ended = self._run(self.moves[position])
            assert ended.report is not None and ended.is_done, ended.words
            self._position += 1
            duration = ended.report.ended - ended.report.began
            self._known[position] = Undisturbed(self.database.dump(), ended.report.passed, duration)
        self.reset()

    def known(self, position: int) -> Undisturbed:
        """What the move at *position*, which was learnt, does when nothing happens to it."""
        return self._known[position]

    def reset(self) -> None:
        """Begin with an empty database."""
        self.database.reset()
        self._position = 0

    def advance(self, position: int) -> None:
        """Go on to the state before the move at *position*, undisturbed."""
        middle = len(self.moves) // 2
        for end in (min(position, middle), position):
            if end > self._position:
                ended = self._run(self.moves[end - 1])
                assert ended.is_done, ended.words
                self._position = end

    def _run(self, move: Move) -> Ended:
        return self._forks.run(self._job(move))

    def job(self, position: int) -> Job:
        """The job that does the move at *position*."""
        return self._job(self.moves[position])

    def _job(self, move: Move) -> Job:
        return Job(
            self.database.url,
            str(self.location),
            move.direction,
            move.target,
            foreign_keys=self.database.foreign_keys,
            tool=self._tool,
        )

    # -- disturbed --------------------------------------------------------------------------------------------------

    def blow(self, position: int, chance: random.Random) -> Blow:
        """Something that can happen to the move at *position*."""
        known = self._known[position]
        possible = [
            kind
            for kind in _WEIGHTS
            if known.passed.get(kind) or kind == "time" or (kind == "cut" and self.database.can_be_cut)
        ]
        (kind,) = chance.choices(possible, [_WEIGHTS[kind] for kind in possible])
        if kind in KINDS:
            return Blow(kind, chance.randint(1, known.passed[kind]))
        return Blow(kind, delay=chance.uniform(0.0, known.duration * 1.1))

    def strike(self, position: int, chance: random.Random) -> None:
        """Do the move at *position* while something happens to it, resume it, and compare."""
        blows = [self.blow(position, chance)]
        while chance.random() < _AGAIN:
            blows.append(self.blow(position, chance))
        self.strike_with(position, blows)

    def strike_with(self, position: int, blows: Sequence[Blow]) -> None:
        """The same with *blows*, one after the other."""
        self.advance(position)
        trouble = [*self._struck(self.moves[position], blows), *self.resume(position)]
        if not trouble:
            self.tally.right += 1
            return
        move = self.moves[position]
        told = "\n  ".join(trouble)
        self.tally.wrong.append(f"{move.direction} {move.revision} [{', '.join(map(str, blows))}]:\n  {told}")
        self.reset()

    def _struck(self, move: Move, blows: Sequence[Blow]) -> Iterator[str]:
        for blow in blows:
            ended = self._hit(move, blow)
            if ended.was_killed or (blow.kind == "cut" and not ended.is_done):
                self.tally.struck[blow.kind] = self.tally.struck.get(blow.kind, 0) + 1
            if ended.is_done:
                return
            if ended.was_killed or self._tool == "alembic":
                continue
            if not (ended.report and ended.report.ours and blow.kind == "cut"):
                yield f"the run that was struck by {blow}: {ended.words}"

    def _hit(self, move: Move, blow: Blow) -> Ended:
        job = self._job(move)
        if blow.kind in KINDS:
            return self._forks.run(replace(job, kind=blow.kind, number=blow.number))
        pid = self._forks.start(job)
        time.sleep(blow.delay)
        if blow.kind == "cut":
            self.database.cut()
        else:
            self._forks.kill(pid)
        return self._forks.wait(pid)

    def resume(self, position: int) -> Iterator[str]:
        """Do the move at *position*, which an earlier run did not end, and say what is not as it should be."""
        self._position = position + 1
        ended = self._run(self.moves[position])
        if not ended.is_done:
            yield f"the run that resumed: {ended.words}"
            return
        yield from differences(self._known[position].dump, self.database.dump())
        if self._tool == "alembic":
            return
        expected = [(move.direction, move.revision) for move in self.moves[: position + 1]]
        if (done := self.database.done()) != expected:
            yield f"the log says {done[-4:]} instead of {expected[-4:]}"
        if left := self.database.journal():
            yield f"left in the journal: {left}"


def differences(expected: Dump, found: Dump) -> Iterator[str]:
    """Where two dumps differ, in words."""
    for heading in sorted({*expected, *found}):
        wanted, got = expected.get(heading, []), found.get(heading, [])
        if wanted != got:
            missing = [line for line in wanted if line not in got]
            extra = [line for line in got if line not in wanted]
            yield f"{heading}: missing {missing}, extra {extra}" if missing or extra else f"{heading}: another order"
