"""How long it takes to build the graph of revisions that are in memory already, in turns with Alembic's map.

::

    python -m tests.benchmarks.programs.graph linear|branchy COUNT ROUNDS

Prints a list of pairs: CPU seconds of Alembic and of ours.
"""

import gc
import json
import sys
import time
from collections.abc import Callable, Sequence

from alembic.script.revision import Revision as AlembicRevision
from alembic.script.revision import RevisionMap

from asyncmig.revisions.graph import RevisionGraph
from asyncmig.revisions.revision import Revision
from tests.benchmarks import histories
from tests.benchmarks.histories import Node


def cpu(function: Callable[[], object]) -> float:
    """The CPU seconds of one call."""
    gc.collect()
    started = time.process_time()
    kept = function()
    used = time.process_time() - started
    del kept
    return used


def alembics(nodes: Sequence[Node]) -> Callable[[], object]:
    """The building of Alembic's map; it changes its revisions, so that they are made anew for each round."""
    revisions = [AlembicRevision(node.id, node.parents or None) for node in nodes]

    def build() -> object:
        built = RevisionMap(lambda: revisions)
        assert built.heads
        return built

    return build


def ours(nodes: Sequence[Node]) -> Callable[[], object]:
    """The building of our graph."""
    revisions = [Revision(node.id, node.parents) for node in nodes]

    def build() -> object:
        built = RevisionGraph(revisions)
        assert built.heads
        return built

    return build


def main(shape: str, count: int, rounds: int) -> None:
    """Measure and print."""
    # In the order in which both read them from a directory: by file name, which says nothing about the history.
    nodes: list[Node] = sorted(getattr(histories, shape)(count), key=lambda node: node.file_name)
    pairs = [(cpu(alembics(nodes)), cpu(ours(nodes))) for _ in range(rounds)]
    json.dump(pairs, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
