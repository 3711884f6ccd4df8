"""Nothing is written while a block that only reads lasts."""

import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from asyncmig.cli.read_only import only_reads, reading_only

READS = (
    "SELECT 1",
    "  select count(*) from t",
    "-- a comment\nSELECT 1",
    "/* a */ (SELECT 1)",
    "WITH t AS (SELECT 1) SELECT * FROM t",
    "SHOW standard_conforming_strings",
    "SET search_path TO app",
    "PRAGMA main.table_info('t')",
    "PRAGMA foreign_keys=ON",
    "BEGIN IMMEDIATE",
    "DESCRIBE t",
    "",
)
WRITES = (
    "CREATE SCHEMA IF NOT EXISTS app",
    "-- a comment\nDROP TABLE t",
    "insert into t values (1)",
    "WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d",
    "EXPLAIN ANALYZE UPDATE t SET a = 1",
    "PRAGMA journal_mode=WAL",
    "SET GLOBAL max_connections = 1",
    "DO $$ BEGIN END $$",
    "CALL f()",
    "VACUUM",
)


@pytest.mark.parametrize("statement", READS)
def test_what_reads(statement: str) -> None:
    assert only_reads(statement)


@pytest.mark.parametrize("statement", WRITES)
def test_what_may_write(statement: str) -> None:
    assert not only_reads(statement)


def test_writing_statements_are_left_out_and_noted(tmp_path: Path) -> None:
    path = tmp_path / "there.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE a (id INTEGER)"))
    with reading_only(Path(__file__)) as left_out, engine.begin() as connection:
        connection.execute(text("CREATE TABLE b (id INTEGER)"))
        connection.execute(text("INSERT INTO a VALUES (:id)"), {"id": 1})
        assert connection.scalar(text("SELECT count(*) FROM a")) == 0
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE c (id INTEGER)"))
        names = connection.scalars(text("SELECT name FROM sqlite_master ORDER BY name")).all()

    assert names == ["a", "c"]
    assert [one.statement for one in left_out] == ["CREATE TABLE b (id INTEGER)", "INSERT INTO a VALUES (?)"]
    assert left_out[0].path == Path(__file__) and left_out[1].line == (left_out[0].line or 0) + 1


def test_no_file_is_made_for_a_database_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "missing.db"
    with reading_only(), create_engine(f"sqlite:///{path}").connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM sqlite_master")) == 0

    assert not path.exists()


def test_bytecode_is_written_again_afterwards() -> None:
    before = sys.dont_write_bytecode
    with reading_only():
        assert sys.dont_write_bytecode

    assert sys.dont_write_bytecode == before
