from __future__ import annotations

import pytest

from asyncmig.errors import HistoryMismatchError, InvalidTargetError
from asyncmig.revisions.graph import RevisionGraph
from asyncmig.revisions.history import current, walk
from tests.unit.revisions.test_graph import graph, ids


@pytest.fixture
def history() -> RevisionGraph:
    """
    a ── b ── c ── e
          └── d (side)
    """
    return graph("a", "b <- a", "c <- b", "d #side <- b", "e <- c")


@pytest.mark.parametrize(
    ("text", "rows", "expected"),
    [
        (None, (), "d e c b a"),
        (":", (), "d e c b a"),
        ("b:e", (), "e c b"),
        ("c:", (), "e c"),
        (":c", (), "c b a"),
        ("a:current", ("c",), "c b a"),
        ("current:e", ("c",), "e c"),
        (":current", (), "d e c b a"),
        ("current:", (), "d e c b a"),
        ("a:+1", (), "b a"),
        ("c:+9", (), "e c"),
        ("side@b:", (), "d b"),
        ("e-1:e", (), "e c"),
        ("e:b", (), None),
    ],
)
def test_ranges(history: RevisionGraph, text: str | None, rows: tuple[str, ...], expected: str | None) -> None:
    if expected is None:
        with pytest.raises(InvalidTargetError, match="does not refer to ancestor/descendant revisions"):
            walk(history, text, rows)
    else:
        assert ids(walk(history, text, rows)) == expected.split()


def test_down_from_the_head() -> None:
    line = graph("a", "b <- a", "c <- b")
    assert ids(walk(line, "-1:current", ["c"])) == ["c", "b"]
    assert ids(walk(line, "-9:")) == ["c", "b", "a"]


def test_current_shows_the_branch_that_has_no_row() -> None:
    """
    a ── b
         ┊ (y depends on b)
    x ── y
    """
    history = graph("a", "b <- a", "x", "y <- x ; b")
    assert ids(current(history, ["y"])) == ["b", "y"]
    assert ids(current(history, [])) == []
    with pytest.raises(HistoryMismatchError):
        current(history, ["zz"])
