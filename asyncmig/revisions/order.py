"""Order: a set of revisions newest first, one branch kept together, in the order that Alembic gives them."""

from __future__ import annotations

from collections.abc import Iterable

from asyncmig.revisions.links import Links, closure

__all__ = ["newest_first"]


def newest_first(links: Links, wanted: set[int], heads: Iterable[int], *, gaps: bool = False) -> list[int]:
    """Put *wanted* in order, every revision before what is below it.

    The walk goes down one branch as far as it can. Where a revision has something above it that is still to come, the
    walk goes on with the oldest front that stands above it; where a front ends, with the front before it.

    Args:
        links: the edges.
        wanted: what to order.
        heads: where to begin. Those not in *wanted* are left out.
        gaps: whether something that is not in *wanted* may lie between two that are. If not, everything in *wanted*
            must be at or below one of *heads*.
    """
    tops = {head for head in heads if head in wanted}
    silent: set[int] = set()
    if gaps:
        silent = (closure(links.down, wanted) & closure(links.above, wanted)) - wanted
        tops |= _out_of_reach(links, wanted, tops)
    return _Walk(links, wanted, sorted(tops), silent).run()


def _out_of_reach(links: Links, wanted: set[int], tops: set[int]) -> set[int]:
    """The uppermost of *wanted* to which no way leads from *tops* through *wanted* alone."""
    reached = set(tops)
    todo = list(tops)
    while todo:
        for near in links.down[todo.pop()]:
            if near in wanted and near not in reached:
                reached.add(near)
                todo.append(near)
    missing = wanted - reached
    return {position for position in missing if missing.isdisjoint(links.above[position])}


class _Walk:
    """One walk. A front is a place where the walk can go on: a number, and the revision that it stands before."""

    def __init__(self, links: Links, wanted: set[int], heads: list[int], silent: set[int]) -> None:
        self._links = links
        self._silent = silent
        self._left = wanted | silent
        # How many revisions directly above are still to come.
        self._waits = dict.fromkeys(self._left, 0)
        for position in self._left:
            for below in links.down[position]:
                if below in self._waits:
                    self._waits[below] += 1
        self._at: list[int] = []
        self._front_of: dict[int, int] = {}
        self._alive: list[bool] = []
        # Counts the forks at which a front took one of several ways down: what it stood above may have changed.
        self._forks: list[int] = []
        self._previous: list[int] = []
        self._next: list[int] = []
        self._last = -1
        for head in heads:
            self._open(head)
        self._lists: dict[int, list[tuple[int, int]]] = {}
        self._hints: dict[int, list[tuple[int, int]]] = {}
        self._position: list[int] | None = None

    def run(self) -> list[int]:
        """Walk until no front is left."""
        output: list[int] = []
        front = 0 if self._at else -1
        while front >= 0:
            position = self._at[front]
            if self._waits[position]:
                front = self._first_above(position)
            else:
                output.append(position)
                front = self._step(front, position)
        return output

    def _step(self, front: int, position: int) -> int:
        """Leave *position* behind; return the front to go on with, or -1."""
        del self._front_of[position]
        front_of, silent = self._front_of, self._silent
        self._pass(position)
        below = self._links.down[position]
        ways = [near for near in below if near in self._left and near not in front_of and near not in silent]
        if not ways:
            return self._close(front)
        self._at[front] = ways[0]
        front_of[ways[0]] = front
        if len(below) > 1:
            self._forks[front] += 1
            for near in ways[1:]:
                self._open(near)
        return front

    def _pass(self, position: int) -> None:
        """Note that *position* is done with, and with it what is silent and waited for nothing else."""
        waits, silent, down = self._waits, self._silent, self._links.down
        done = [position]
        while done:
            here = done.pop()
            self._left.discard(here)
            for near in down[here]:
                if near in waits:
                    waits[near] -= 1
                    if near in silent and not waits[near]:
                        done.append(near)

    def _open(self, position: int) -> None:
        front, previous = len(self._at), self._last
        self._at.append(position)
        self._front_of[position] = front
        self._alive.append(True)
        self._forks.append(0)
        self._previous.append(previous)
        self._next.append(-1)
        if previous >= 0:
            self._next[previous] = front
        self._last = front

    def _close(self, front: int) -> int:
        previous, following = self._previous[front], self._next[front]
        self._alive[front] = False
        if previous >= 0:
            self._next[previous] = following
        if following >= 0:
            self._previous[following] = previous
        else:
            self._last = previous
        return previous if previous >= 0 else following

    def _first_above(self, position: int) -> int:
        """The oldest front that stands above *position*.

        What was found before stays true while that front is alive and has met no fork: fronts only go down, so none
        comes to stand above a revision that it did not stand above at first, and new fronts are younger.
        """
        own = self._front_of[position]
        found = self._lists.get(position)
        while found:
            front, forks = found[-1]
            if self._alive[front]:
                if self._forks[front] == forks and front != own:
                    return front
                break
            found.pop()
        for front, forks in self._hints.get(position, ()):
            if self._alive[front] and front != own:
                if self._forks[front] == forks:
                    return front
                break
        return self._search(position)

    def _search(self, start: int) -> int:
        """Look at everything above *start* that is still to come, and keep what is learnt on the way."""
        left, above, front_of = self._left, self._links.above, self._front_of
        seen = {start}
        todo = [start]
        while todo:
            for near in above[todo.pop()]:
                if near in left and near not in seen:
                    seen.add(near)
                    todo.append(near)
        fronts = sorted(front_of[position] for position in seen if position in front_of and position != start)
        self._lists[start] = [(front, self._forks[front]) for front in reversed(fronts)]
        self._remember(seen)
        return fronts[0]

    def _remember(self, seen: set[int]) -> None:
        """For each revision of *seen*, the two oldest fronts above it: one of them may come down to it itself."""
        if self._position is None:
            self._position = [0] * len(self._links.order)
            for number, position in enumerate(self._links.order):
                self._position[position] = number
        front_of, above, forks = self._front_of, self._links.above, self._forks
        hints: dict[int, list[tuple[int, int]]] = {}
        for position in sorted(seen, key=self._position.__getitem__, reverse=True):
            fronts: set[tuple[int, int]] = set()
            for near in above[position]:
                if near in hints:
                    fronts.update(hints[near])
                    if near in front_of:
                        fronts.add((front_of[near], forks[front_of[near]]))
            hints[position] = sorted(fronts)[:2]
        self._hints.update(hints)
