"""The fingerprint of an operation: the same in every process, another one when the operation says something else."""

from typing import Any

import pytest
import sqlalchemy as sa

from asyncmig.operations.data import BulkInsert
from asyncmig.runtime.fingerprint import fingerprint


class Opaque:
    """An object that says no more of itself than its address."""


def insert(value: Any) -> BulkInsert:
    return BulkInsert(sa.table("t", sa.column("n")), rows=[{"n": value}])


@pytest.mark.parametrize(
    "make", [lambda: sa.text("3 + 4"), lambda: sa.func.coalesce(None, 7), lambda: sa.literal(7) + 1, Opaque, lambda: 7]
)
def test_rows_say_the_same_whatever_objects_hold_them(make: Any) -> None:
    kept = make()
    assert fingerprint(insert(kept)) == fingerprint(insert(make()))


@pytest.mark.parametrize(
    ("one", "other"),
    [(sa.text("3 + 4"), sa.text("3 + 5")), (sa.literal(7) + 1, sa.literal(7) + 2), (7, 8), (sa.text("7"), 7)],
)
def test_rows_that_say_something_else_are_told_apart(one: Any, other: Any) -> None:
    assert fingerprint(insert(one)) != fingerprint(insert(other))
