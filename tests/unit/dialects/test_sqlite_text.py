"""Which statements of SQLite stand outside of transactions, end one, or begin one."""

import pytest

from asyncmig.dialects.sqlite_text import begins, changes_rows, commits, is_transactional


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("PRAGMA foreign_keys=OFF", False),
        ("pragma main.foreign_keys(1)", False),
        ("PRAGMA foreign_keys", True),
        ("PRAGMA table_info(t)", True),
        ("PRAGMA journal_mode = WAL", False),
        ("VACUUM", False),
        ("ATTACH 'x' AS y", False),
        ("CREATE TABLE t (id)", True),
        ("/* VACUUM */ SELECT 1", True),
    ],
)
def test_statement_may_stand_in_a_transaction(sql: str, expected: bool) -> None:
    assert is_transactional(sql) is expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [("COMMIT", True), ("end transaction", True), ("ROLLBACK", True), ("ROLLBACK TO a", False), ("RELEASE a", False)],
)
def test_statement_ends_a_transaction(sql: str, expected: bool) -> None:
    assert commits(sql) is expected


def test_statement_begins_a_transaction() -> None:
    assert begins("-- why\nBEGIN IMMEDIATE")
    assert not begins("SAVEPOINT a")


@pytest.mark.parametrize(("sql", "expected"), [("insert into t values (1)", True), ("REPLACE INTO t VALUES (1)", True)])
def test_statement_changes_rows(sql: str, expected: bool) -> None:
    assert changes_rows(sql) is expected
    assert not changes_rows("SELECT 1")
    assert not changes_rows("CREATE TABLE t (id)")
