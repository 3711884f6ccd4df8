from __future__ import annotations

import pytest

from asyncmig.errors import InvalidTargetError
from asyncmig.revisions.target import Target, TargetRange


@pytest.mark.parametrize(
    ("text", "label", "symbol", "steps"),
    [
        ("head", None, "head", None),
        ("ae10", None, "ae10", None),
        (" base ", None, "base", None),
        ("+2", None, None, 2),
        ("-1", None, None, -1),
        ("ae10+2", None, "ae10", 2),
        ("head-2", None, "head", -2),
        ("billing@head", "billing", "head", None),
        ("billing@+1", "billing", None, 1),
        ("billing@ae10-3", "billing", "ae10", -3),
        ("my-branch@head", "my-branch", "head", None),
        ("my-branch", None, "my-branch", None),
        ("feature-2@head", "feature-2", "head", None),
        ("feature-2@-1", "feature-2", None, -1),
    ],
)
def test_targets_are_taken_apart(text: str, label: str | None, symbol: str | None, steps: int | None) -> None:
    target = Target.parse(text)
    assert (target.label, target.symbol, target.steps) == (label, symbol, steps)
    assert str(target) == text.strip()


@pytest.mark.parametrize("text", ["", "  ", "@head", "billing@", "a@b@c", "a:b"])
def test_what_is_no_target_is_refused(text: str) -> None:
    with pytest.raises(InvalidTargetError):
        Target.parse(text)


def test_a_range_where_one_revision_is_wanted_hints_at_its_end() -> None:
    with pytest.raises(InvalidTargetError) as caught:
        Target.parse("a:b")
    assert caught.value.hint == "Name its end only: b"


@pytest.mark.parametrize(
    ("text", "lower", "upper"),
    [("a:b", "a", "b"), (":b", None, "b"), ("a:", "a", None), (":", None, None), ("-3:current", "-3", "current")],
)
def test_ranges_are_taken_apart(text: str, lower: str | None, upper: str | None) -> None:
    found = TargetRange.parse(text)
    assert (found.lower and found.lower.text, found.upper and found.upper.text) == (lower, upper)


@pytest.mark.parametrize("text", ["a", "a:b:c", "head"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(InvalidTargetError, match=r"requires \[start\]:\[end\]"):
        TargetRange.parse(text)
