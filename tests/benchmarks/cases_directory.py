"""Cases: what depends on the number of revision files: heads, history, current, a start with nothing to do, memory."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.benchmarks import histories
from tests.benchmarks.histories import Node
from tests.benchmarks.measuring import Subject, in_turns, median_ratio
from tests.benchmarks.projects import Project, alembic_project, asyncmig_project, fill_version_table, sync_url
from tests.benchmarks.report import Row, at_most, compare, seconds, times_faster
from tests.benchmarks.setting import Setting

SHAPES: dict[str, Callable[[int], list[Node]]] = {"linear": histories.linear, "branchy": histories.branchy}


def both(directory: Path, nodes: Sequence[Node]) -> tuple[Project, Project]:
    """Alembic's project and ours, both with a SQLite file that is at the heads of *nodes*.

    Our files fail when they are executed: none of these commands needs more than their headers.
    """
    ours_url = f"sqlite+aiosqlite:///{directory}/ours.sqlite"
    theirs_url = sync_url(f"sqlite+aiosqlite:///{directory}/theirs.sqlite")
    theirs = alembic_project(directory / "theirs", nodes, theirs_url)
    ours = asyncmig_project(directory / "ours", nodes, ours_url, poisoned=True)
    fill_version_table(theirs_url, "alembic_version", nodes)
    fill_version_table(ours_url, "asyncmig_version", nodes)
    return theirs, ours


def scale(setting: Setting) -> Iterator[Row]:
    """Whole processes with 10,000 revisions."""
    for shape, make in SHAPES.items():
        with setting.directory() as directory:
            theirs, ours = both(directory, make(10_000))
            for words in (["heads"], ["history"], ["upgrade", "heads"]):
                rounds = in_turns(
                    setting.rounds(5),
                    theirs.command(*words),
                    ours.command(*words),
                    ours.command(*words, before=ours.forget_caches),
                )
                what = f"{words[0]}, 10,000 revisions, {shape}"
                yield compare(what, rounds, times_faster(6), label="")
                yield compare(f"{what}, no index yet", rounds, times_faster(6), ours=2)


def graph(setting: Setting) -> Iterator[Row]:
    """The graph alone, in one process."""
    for shape in SHAPES:
        arguments = ["-m", "tests.benchmarks.programs.graph", shape, "10000", str(setting.rounds(7))]
        pairs: list[tuple[float, float]] = json.loads(Subject(arguments, setting.home).run().output)
        yield Row(
            f"graph of 10,000 revisions in memory, {shape}, cpu",
            seconds(statistics.median(theirs for theirs, _ in pairs)),
            seconds(statistics.median(ours for _, ours in pairs)),
            median_ratio([(ours, theirs) for theirs, ours in pairs]),
            times_faster(15),
        )


def current(setting: Setting) -> Iterator[Row]:
    """`current` with 5,000 revisions, and how it grows."""
    with setting.directory() as directory:
        theirs, ours = both(directory / "5000", histories.linear(5_000))
        rounds = in_turns(setting.rounds(3), theirs.command("current"), ours.command("current"), warm=False)
        yield compare("current, 5,000 revisions", rounds, times_faster(20))
        _, twice = both(directory / "10000", histories.linear(10_000))
        rounds = in_turns(setting.rounds(11), ours.command("current"), twice.command("current"))
        yield compare("current, 10,000 against 5,000 revisions", rounds, at_most(2.3), unit="cpu", label="ours ")


def cold_start(setting: Setting) -> Iterator[Row]:
    """`heads` of a usual project."""
    with setting.directory() as directory:
        theirs, ours = both(directory, histories.linear(100))
        rounds = in_turns(setting.rounds(11), theirs.command("heads"), ours.command("heads"))
        yield compare("heads, 100 revisions", rounds, at_most(0.6))
        fresh = in_turns(
            setting.rounds(7),
            theirs.command("heads", before=theirs.forget_caches),
            ours.command("heads", before=ours.forget_caches),
        )
        yield compare("heads, 100 revisions, fresh checkout", fresh, at_most(0.6))


def memory(setting: Setting) -> Iterator[Row]:
    """The most memory while planning 10,000 revisions from base to heads."""
    with setting.directory() as directory:
        theirs, ours = both(directory, histories.branchy(10_000))
        peaks: list[float] = []
        for project in (theirs, ours):
            arguments = ["-m", "tests.benchmarks.programs.memory", project.module, str(project.directory)]
            count, peak = json.loads(Subject(arguments, directory).run().output)
            assert count == 10_000
            peaks.append(peak)
    yield Row(
        "plan of 10,000 revisions, peak memory against 150 MiB",
        f"{peaks[0]:.0f} MiB",
        f"{peaks[1]:.0f} MiB",
        peaks[1] / 150,
        at_most(1),
    )
