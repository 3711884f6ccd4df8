"""What the answers of GET_LOCK and its like mean."""

from typing import Any

import pytest

from asyncmig.dialects.mysql_locks import lock_holder, lock_name, try_lock, unlock
from asyncmig.errors import MigrationLockError


class Answers:
    """A connection that answers with prepared values."""

    def __init__(self, *values: Any) -> None:
        self.info: dict[str, Any] = {}
        self.asked: list[Any] = []
        self._values = list(values)

    def execute(self, statement: Any, parameters: Any = None) -> Any:
        self.asked.append((str(statement), parameters))
        self._value = self._values.pop(0)
        return self

    def scalar_one(self) -> Any:
        return self._value

    def mappings(self) -> Any:
        return self

    def first(self) -> Any:
        return self._value


def test_names_differ_by_database_and_are_short() -> None:
    assert lock_name("a", "run") != lock_name("b", "run")
    assert lock_name("a", "bc") != lock_name("ab", "c")
    assert len(lock_name("ä" * 64, "run" * 99)) <= 64


def test_one_is_yes_and_zero_is_no() -> None:
    assert try_lock(Answers("d", 1), "run")  # type: ignore[arg-type]
    assert not try_lock(Answers("d", 0), "run")  # type: ignore[arg-type]


def test_no_answer_is_an_error() -> None:
    with pytest.raises(MigrationLockError, match="GET_LOCK gave NULL"):
        try_lock(Answers("d", None), "run")  # type: ignore[arg-type]


def test_lock_is_given_back_by_the_name_it_was_taken_with() -> None:
    connection: Any = Answers("d", 1, 1)
    assert try_lock(connection, "run")
    unlock(connection, "run")
    assert connection.asked[-1][1] == {"name": lock_name("d", "run")}
    assert connection.info == {}


@pytest.mark.parametrize(("answer", "whose"), [(0, "another session held it"), (None, "nobody held it")])
def test_lock_that_is_not_ours_is_told(answer: int | None, whose: str) -> None:
    with pytest.raises(MigrationLockError, match=whose):
        unlock(Answers("d", answer), "run")  # type: ignore[arg-type]


def test_holder_in_words() -> None:
    session = {
        "ID": 7,
        "USER": "app",
        "HOST": "10.0.0.5:4711",
        "DB": "shop",
        "COMMAND": "Query",
        "TIME": 12,
        "STATE": "copying",
        "INFO": "ALTER  TABLE\n t ADD a INT",
    }
    words = lock_holder(Answers("d", 7, session), "run")  # type: ignore[arg-type]
    assert str(words) == (
        "connection 7 of user app from 10.0.0.5:4711 in database shop, copying for 12 s: ALTER TABLE t ADD a INT"
    )
    assert words is not None and words.ending == "KILL 7;"
    assert str(lock_holder(Answers("d", 7, None), "run")) == "connection 7"  # type: ignore[arg-type]
    assert lock_holder(Answers("d", None), "run") is None  # type: ignore[arg-type]
