"""Which statements go by the simple protocol, and which are prepared for their rows."""

import pytest

from asyncmig.dialects.postgresql_copy import copy_text, is_from
from asyncmig.dialects.postgresql_cursor import gives_rows, parts

RULE = "CREATE RULE r AS ON DELETE TO t DO (DELETE FROM u; SELECT 1)"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1",
        "/* why */ select 1",
        "(SELECT 1) UNION (SELECT 2)",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "VALUES (1)",
        "SHOW all",
        "EXPLAIN SELECT 1",
        "INSERT INTO t VALUES (1) RETURNING id",
        "update t set a = 1 returning *",
        "EXECUTE one",
        "CALL p()",
        "FETCH 1 FROM c",
        "TABLE t",
    ],
)
def test_statement_may_give_rows(statement: str) -> None:
    assert gives_rows(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO t VALUES (1)",
        "-- why\nDELETE FROM t",
        "create table t (id int)",
        "DO $$ SELECT 1 $$",
        "SET a = 1",
        "",
    ],
)
def test_statement_gives_no_rows(statement: str) -> None:
    assert not gives_rows(statement)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1", (None, "SELECT 1")),
        ("SELECT ';'", (None, "SELECT ';'")),
        ("SELECT 1;", (None, "SELECT 1")),
        ("DELETE FROM t;", ("DELETE FROM t;", None)),
        ("DELETE FROM t; DELETE FROM u", ("DELETE FROM t; DELETE FROM u", None)),
        ("DELETE FROM t; SELECT 1", ("DELETE FROM t", "SELECT 1")),
        ("SELECT 1; SELECT 2", ("SELECT 1", "SELECT 2")),
        ("SELECT 1; DELETE FROM t", ("SELECT 1; DELETE FROM t", None)),
        ("DO $$ BEGIN DELETE FROM t; END $$; SELECT 1", ("DO $$ BEGIN DELETE FROM t; END $$", "SELECT 1")),
        (RULE, (RULE, None)),
        ("", ("", None)),
        ("-- nothing;", ("-- nothing;", None)),
    ],
)
def test_text_is_taken_apart_before_the_statement_that_gives_rows(
    text: str, expected: tuple[str | None, str | None]
) -> None:
    assert parts(text) == expected


def test_copy_is_told_from_its_direction() -> None:
    assert is_from("COPY t (a) FROM STDIN WITH (FORMAT csv)")
    assert not is_from("copy (SELECT 'STDIN') to stdout")
    with pytest.raises(ValueError, match="neither"):
        is_from("COPY t FROM '/etc/passwd'")


def test_copy_quotes_names_and_separators() -> None:
    text = copy_text('a"b', ["c"], "FROM STDIN", "\t", "\\N")
    assert text == 'COPY "a""b" ("c") FROM STDIN WITH DELIMITER AS \'\t\' NULL AS  E\'\\\\N\''
