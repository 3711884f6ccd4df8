"""What has to be linear: twice the history costs about twice the time."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import pytest

from asyncmig.revisions.graph import RevisionGraph
from asyncmig.revisions.history import current, walk
from asyncmig.revisions.plan import plan_downgrade, plan_upgrade
from asyncmig.revisions.revision import Revision


def line(size: int) -> list[Revision]:
    """One revision after the other."""
    return [Revision(f"r{number}", (f"r{number - 1}",) if number else ()) for number in range(size)]


def branchy(size: int) -> list[Revision]:
    """Forty in a line, three branches of three, a merge; and again."""
    revisions: list[Revision] = []

    def follow(*parents: str) -> str:
        revisions.append(Revision(f"r{len(revisions)}", parents))
        return revisions[-1].id

    tip = follow()
    while len(revisions) < size:
        for _ in range(40):
            tip = follow(tip)
        tip = follow(*[follow(follow(follow(tip))) for _ in range(3)])
    return revisions


def ladder(size: int) -> list[Revision]:
    """Two lines, one of which merges every revision of the other."""
    revisions = [Revision("m0"), Revision("d0", ("m0",))]
    for rung in range(1, size // 2):
        revisions += [Revision(f"m{rung}", (f"m{rung - 1}",)), Revision(f"d{rung}", (f"d{rung - 1}", f"m{rung}"))]
    return revisions


def dependent(size: int) -> list[Revision]:
    """Two lines, one of which depends on every revision of the other."""
    revisions: list[Revision] = []
    for number in range(size // 2):
        before = (f"a{number - 1}",) if number else ()
        revisions += [
            Revision(f"a{number}", before),
            Revision(f"b{number}", (f"b{number - 1}",) if number else (), (f"a{number}",)),
        ]
    return revisions


def work(revisions: list[Revision]) -> None:
    """Everything that a command does with a history."""
    graph = RevisionGraph(revisions)
    up = plan_upgrade(graph, (), "heads")
    assert len(up) == len(revisions)
    assert len(plan_downgrade(graph, up.after, "base")) == len(revisions)
    assert len(walk(graph)) == len(revisions)
    assert current(graph, up.after)
    assert graph.labels


def seconds(action: Callable[[], object]) -> float:
    before = time.process_time()
    action()
    return time.process_time() - before


@pytest.mark.parametrize("shape", [line, branchy, ladder, dependent])
def test_twice_the_history_costs_twice_the_time(shape: Callable[[int], list[Revision]]) -> None:
    small, large = shape(2000), shape(4000)
    work(small)
    ratio = 9.0
    # A busy machine can spoil a measurement, but not the best of several.
    for _ in range(5):
        ratio = min(ratio, seconds(lambda: work(large)) / seconds(lambda: work(small)))
        if ratio <= 2.5:
            break
    assert ratio <= 2.5


def test_nothing_to_do_does_not_look_at_the_history() -> None:
    small, large = RevisionGraph(line(100)), RevisionGraph(line(10_000))

    def start(graph: RevisionGraph) -> Callable[[], None]:
        return lambda: [plan_upgrade(graph, graph.heads, "heads") for _ in range(300)] and None

    best = min(seconds(start(large)) for _ in range(5))
    assert best < 10 * min(seconds(start(small)) for _ in range(5))
    assert best / 300 < 0.001


def test_the_plan_of_a_long_history_is_small() -> None:
    graph = RevisionGraph(branchy(10_000))
    tracemalloc.start()
    plan = plan_upgrade(graph, (), "heads")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(plan) >= 10_000
    assert peak < 20_000_000
