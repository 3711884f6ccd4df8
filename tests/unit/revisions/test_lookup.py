from __future__ import annotations

import pytest

from asyncmig.errors import (
    AmbiguousRevisionError,
    HistoryMismatchError,
    InvalidTargetError,
    MultipleHeadsError,
    UnknownRevisionError,
)
from asyncmig.revisions.graph import RevisionGraph
from asyncmig.revisions.lookup import resolve, resolve_one, rows
from tests.unit.revisions.test_graph import graph, ids


@pytest.fixture
def history() -> RevisionGraph:
    """
    root0 ── bill1 (billing) ── bill2
         └── user1 ── user2
    """
    return graph("root0", "bill1 #billing <- root0", "bill2 <- bill1", "user1 <- root0", "user2 <- user1")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("bill1", ["bill1"]),
        ("root", ["root0"]),
        ("r", ["root0"]),
        ("billing", ["bill1"]),
        ("heads", ["bill2", "user2"]),
        ("billing@head", ["bill2"]),
        ("billing@heads", ["bill2"]),
        ("billing@base", []),
        ("user1@head", ["user2"]),
        ("base", []),
        ("current", ["user1"]),
        ("billing@current", []),
        ("bill2-1", ["bill1"]),
        ("root0+0", ["root0"]),
        ("billing@root0+2", ["bill2"]),
        ("-1", ["bill1", "user1"]),
        ("billing@-1", ["bill1"]),
        ("user2-3", []),
    ],
)
def test_resolution(history: RevisionGraph, target: str, expected: list[str]) -> None:
    assert ids(resolve(history, target, ["user1"])) == expected


def test_one_head_where_there_are_two(history: RevisionGraph) -> None:
    with pytest.raises(MultipleHeadsError) as caught:
        resolve(history, "head")
    assert caught.value.heads == ("bill2", "user2")
    assert caught.value.exit_code == 13


def test_one_revision_where_there_are_two(history: RevisionGraph) -> None:
    with pytest.raises(MultipleHeadsError):
        resolve_one(history, "heads")
    assert resolve_one(history, "base") is None


def test_a_misspelt_id_suggests_the_right_one(history: RevisionGraph) -> None:
    with pytest.raises(UnknownRevisionError) as caught:
        resolve(history, "user9")
    assert "user1" in caught.value.similar
    assert str(caught.value).startswith("Can't locate revision identified by 'user9'.\n\nDid you mean user")


def test_a_misspelt_symbol_suggests_the_right_one(history: RevisionGraph) -> None:
    with pytest.raises(UnknownRevisionError) as caught:
        resolve(history, "haed")
    assert "head" in caught.value.similar


def test_short_ids_are_no_candidates_for_their_beginning() -> None:
    with pytest.raises(UnknownRevisionError) as caught:
        resolve(graph("abc"), "zq")
    assert "at least four characters" in str(caught.value)


def test_an_ambiguous_beginning_lists_what_it_fits(history: RevisionGraph) -> None:
    with pytest.raises(AmbiguousRevisionError) as caught:
        resolve(history, "user")
    assert caught.value.candidates == ("user1", "user2")


def test_an_unknown_branch(history: RevisionGraph) -> None:
    with pytest.raises(UnknownRevisionError) as caught:
        resolve(history, "biling@head")
    assert caught.value.wanted == "biling"
    assert "billing" in caught.value.similar


def test_a_revision_of_another_branch(history: RevisionGraph) -> None:
    with pytest.raises(InvalidTargetError, match="user1 is not a member of branch 'billing'"):
        resolve(history, "billing@user1")


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("bill2-4", "asks for 4 revisions below bill2, but there are only 3"),
        ("bill2+1", "asks for 1 revision above bill2, but there is none"),
        ("base-1", "asks for 1 revision below the base, but there is none"),
    ],
)
def test_walking_beyond_the_history(history: RevisionGraph, target: str, words: str) -> None:
    with pytest.raises(InvalidTargetError, match=f"Walked too far: '.*' {words}"):
        resolve(history, target)


def test_walking_up_at_a_branch_point(history: RevisionGraph) -> None:
    with pytest.raises(AmbiguousRevisionError, match="could go from root0 to bill1 or user1"):
        resolve(history, "root0+1")


def test_counting_up_from_nowhere(history: RevisionGraph) -> None:
    with pytest.raises(InvalidTargetError, match="only an upgrade can do"):
        resolve(history, "+1")


def test_a_label_that_looks_relative_is_a_label() -> None:
    history = graph("root0", "feat1 #feature-2 <- root0")
    assert ids(resolve(history, "feature-2")) == ["feat1"]


def test_rows_that_no_file_declares(history: RevisionGraph) -> None:
    with pytest.raises(HistoryMismatchError) as caught:
        rows(history, ["bill1", "zz", "billing"])
    assert caught.value.unknown == ("zz", "billing")
    assert caught.value.exit_code == 14
