"""Which statements of MySQL and MariaDB end a transaction, as far as no server can show it here."""

import pytest

from asyncmig.dialects.mysql_commits import commits_implicitly


@pytest.mark.parametrize(
    "statement",
    [
        "SET STATEMENT lock_wait_timeout=1, sql_mode='FOR x' FOR ALTER TABLE t ADD a INT",
        "CREATE OR REPLACE TABLE t (a INT)",
        "ALTER EVENT e ENABLE",
        "INSTALL PLUGIN p SONAME 's'",
        "RENAME USER a TO b",
        "SET PASSWORD = 'x'",
        "set @@session.autocommit := ON",
        "LOAD INDEX INTO CACHE t",
        "CHANGE REPLICATION SOURCE TO SOURCE_HOST='x'",
        "RESET REPLICA",
        "ROLLBACK",
        "START TRANSACTION READ ONLY",
        "BEGIN NOT ATOMIC SELECT 1; END",
        "# why\n-- and\nTRUNCATE t",
    ],
)
def test_commits(statement: str) -> None:
    assert commits_implicitly(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "-- nothing",
        "SET STATEMENT max_statement_time=1 FOR SELECT 1",
        "CREATE OR REPLACE TEMPORARY TABLE t (a INT)",
        "DROP PREPARE p",
        "DEALLOCATE PREPARE p",
        "ANALYZE SELECT * FROM t",
        "LOAD DATA INFILE 'x' INTO TABLE t",
        "ROLLBACK WORK TO SAVEPOINT s",
        "RESET PERSIST",
        "SET autocommit = 0",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "UPDATE t SET a = 'ALTER TABLE t'",
        "CALL p()",
    ],
)
def test_does_not_commit(statement: str) -> None:
    assert not commits_implicitly(statement)
