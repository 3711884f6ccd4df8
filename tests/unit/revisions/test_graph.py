from __future__ import annotations

from pathlib import Path

import pytest

from asyncmig.errors import CircularRevisionsError, DuplicateRevisionError, MissingParentError, RevisionError
from asyncmig.revisions.graph import RevisionGraph
from asyncmig.revisions.revision import Revision


def graph(*lines: str) -> RevisionGraph:
    """A graph from lines such as `c <- a b` or `d <- c ; x` (what stands behind `;` is depended on)."""
    revisions = []
    for line in lines:
        name, _, rest = line.partition("<-")
        parents, _, depends_on = rest.partition(";")
        name, _, label = name.partition("#")
        labels = frozenset(label.split())
        revisions.append(Revision(name.strip(), tuple(parents.split()), tuple(depends_on.split()), labels))
    return RevisionGraph(revisions)


def ids(revisions: tuple[Revision, ...]) -> list[str]:
    return [revision.id for revision in revisions]


def test_an_empty_history_has_no_heads() -> None:
    empty = graph()
    assert (len(empty), empty.heads, empty.real_heads, empty.bases) == (0, (), (), ())
    assert empty.in_order([]) == ()


def test_a_graph_is_a_mapping_in_the_order_given() -> None:
    history = graph("b <- a", "a")
    assert list(history) == ["b", "a"]
    assert history["a"].id == "a"
    assert "nothing" not in history


def test_a_label_is_no_key() -> None:
    history = graph("a #billing")
    assert "billing" not in history
    with pytest.raises(KeyError):
        history["billing"]
    assert history.label_owner("billing").id == "a"
    with pytest.raises(KeyError):
        history.label_owner("a")


def test_branches_and_merges() -> None:
    """
    a ── b ── d
     └── c ──┘
    """
    history = graph("a", "b <- a", "c <- a", "d <- b c")
    assert (history.heads, history.bases) == (("d",), ("a",))
    assert history.children("a") == ("b", "c")
    assert history.is_branch_point("a")
    assert history.is_merge_point("d")
    assert not history.is_merge_point("b")
    assert history.ancestors("b") == {"a", "b"}
    assert history.descendants("c") == {"c", "d"}


def test_a_head_that_is_depended_on_is_no_real_head() -> None:
    """
    a ── b
         ┊
    x ── y
    """
    history = graph("a", "b <- a", "x", "y <- x ; b")
    assert history.heads == ("b", "y")
    assert history.real_heads == ("y",)
    assert history.dependencies("y") == ("b",)
    assert history.dependents("b") == ("y",)
    assert history.children("b") == ()
    assert history.ancestors("y") == {"a", "b", "x", "y"}
    assert history.ancestors("y", dependencies=False) == {"x", "y"}
    assert history.descendants("a", dependencies=False) == {"a", "b"}


def test_a_dependency_that_an_ancestor_has_is_left_out() -> None:
    history = graph("a", "x", "y <- x ; a", "z <- y ; a")
    assert history.dependencies("y") == ("a",)
    assert history.dependencies("z") == ()


def test_a_dependency_may_be_a_label() -> None:
    history = graph("a #billing", "x <- ; billing a")
    assert history.dependencies("x") == ("a",)


def test_labels_spread_along_an_undivided_line() -> None:
    history = graph("a", "b #billing <- a", "c <- b")
    assert [history.labels_of(name) for name in "abc"] == [{"billing"}] * 3


def test_labels_stop_at_a_branch_point() -> None:
    """
    a ── b (billing) ── d
     └── c
    """
    history = graph("a", "b #billing <- a", "c <- a", "d <- b")
    assert history.labels_of("d") == {"billing"}
    assert history.labels_of("a") == frozenset()
    assert history.labels_of("c") == frozenset()


def test_labels_do_not_go_down_where_the_line_divides_later() -> None:
    """
    a ── b (billing) ── c
                     └─ d
    """
    history = graph("a", "b #billing <- a", "c <- b", "d <- b")
    assert history.labels_of("a") == frozenset()
    assert history.labels_of("c") == history.labels_of("d") == {"billing"}


def test_order_keeps_branches_together() -> None:
    """
    a ── b ── c ── g
     └── d ── e ──┘
    """
    history = graph("a", "b <- a", "d <- a", "c <- b", "e <- d", "g <- c e")
    assert ids(history.in_order(history)) == ["a", "d", "e", "b", "c", "g"]


def test_order_of_some_is_the_order_of_all() -> None:
    history = graph("a", "b <- a", "c <- b", "d <- c")
    assert ids(history.in_order(["d", "a"])) == ["a", "d"]


def test_two_files_with_one_id_are_refused() -> None:
    revisions = [Revision("a", file="one.py"), Revision("a", file="two.py")]
    with pytest.raises(DuplicateRevisionError, match=r"one\.py and two\.py"):
        RevisionGraph(revisions)


@pytest.mark.parametrize("second", ["b #billing <- a", "billing <- a"])
def test_a_label_may_be_taken_once(second: str) -> None:
    with pytest.raises(DuplicateRevisionError, match="Branch label 'billing' is declared twice"):
        graph("a #billing", second)


def test_a_missing_parent_names_who_misses_it_and_what_is_similar() -> None:
    with pytest.raises(MissingParentError) as caught:
        graph("ae1027a6acf0", "bb <- ae1027a6acf1")
    assert (caught.value.revision, caught.value.parent) == ("bb", "ae1027a6acf1")
    assert caught.value.hint == "Did you mean ae1027a6acf0?"


def test_a_missing_dependency_is_a_missing_parent() -> None:
    with pytest.raises(MissingParentError, match="depends on 'zz'"):
        graph("a <- ; zz")


@pytest.mark.parametrize(
    "lines",
    [
        ["a <- a"],
        ["a <- ; a"],
        ["a <- c", "b <- a", "c <- b"],
        ["a", "b <- a d", "c <- b", "d <- c"],
        ["a <- ; d", "b <- a", "x", "d <- x ; b"],
        ["a #one <- ; one"],
    ],
)
def test_circles_are_refused_and_shown(lines: list[str]) -> None:
    with pytest.raises(CircularRevisionsError) as caught:
        graph(*lines)
    path = caught.value.path
    assert path[0] == path[-1]
    assert len(path) == len(set(path)) + 1


def test_circle_names_its_files() -> None:
    a, b = Path("versions/a.py"), Path("versions/b.py")
    with pytest.raises(CircularRevisionsError) as caught:
        RevisionGraph([Revision("a", ("b",), file=str(a)), Revision("b", ("a",), file=str(b))])
    assert set(str(caught.value.hint).splitlines()[1:]) == {f"    {a}", f"    {b}"}


@pytest.mark.parametrize("name", ["a-b", "a@b", "a+b", "a:b"])
def test_ids_cannot_have_characters_of_targets(name: str) -> None:
    with pytest.raises(RevisionError, match=r"Character\(s\) '.' not allowed in revision identifier"):
        RevisionGraph([Revision(name)])
