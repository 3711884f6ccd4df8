"""What PostgreSQL's statements say of transactions, and what printed SQL says of types."""

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from asyncmig.dialects.facts import Wants
from asyncmig.dialects.postgresql import PostgreSQLAdapter
from asyncmig.dialects.postgresql_locks import lock_key
from asyncmig.operations import AddColumn, AddEnumValue, CreateEnum, CreateTable, DropEnum, Execute, RenameEnumValue
from asyncmig.operations.base import Operation, TableName

ADAPTER = PostgreSQLAdapter(dialect())  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE INDEX CONCURRENTLY i ON t (a)",
        "/* why */ create unique index -- so\n concurrently i on t (a)",
        "DROP INDEX CONCURRENTLY IF EXISTS i",
        "REINDEX TABLE CONCURRENTLY t",
        "REINDEX (VERBOSE) INDEX CONCURRENTLY i",
        "REINDEX (CONCURRENTLY) INDEX i",
        "REINDEX DATABASE d",
        "REINDEX (VERBOSE) SCHEMA s",
        "VACUUM",
        "VACUUM (ANALYZE) t",
        "CREATE DATABASE d",
        "DROP DATABASE IF EXISTS d",
        "ALTER DATABASE d SET TABLESPACE x",
        "CREATE TABLESPACE x LOCATION '/x'",
        "DROP TABLESPACE x",
        "ALTER SYSTEM SET work_mem = '1MB'",
        "ALTER TYPE mood ADD VALUE 'x'",
        "ALTER TYPE \"s\".\"Mood\" ADD VALUE IF NOT EXISTS 'x' AFTER 'y'",
        "ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
        'ALTER TABLE s."t" DETACH PARTITION s."p" CONCURRENTLY ;',
        "CLUSTER",
        "CLUSTER VERBOSE",
        "CLUSTER (VERBOSE)",
        "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p",
        "DROP SUBSCRIPTION s",
        "ALTER SUBSCRIPTION s REFRESH PUBLICATION",
        "ALTER SUBSCRIPTION s SET PUBLICATION p",
        "ALTER SUBSCRIPTION s ADD PUBLICATION p",
        "ALTER SUBSCRIPTION s SET (two_phase = true)",
        "COMMIT PREPARED 'x'",
        "DISCARD ALL",
    ],
)
def test_statement_stands_alone(sql: str) -> None:
    assert not ADAPTER.is_transactional(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "SELECT 1",
        "CREATE INDEX concurrently_made ON t (a)",
        "CREATE INDEX i ON concurrently (a)",
        "CREATE TABLE t (vacuum int)",
        "SELECT 'CREATE INDEX CONCURRENTLY'",
        "DO $$ BEGIN EXECUTE 'VACUUM'; END $$",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
        "REINDEX TABLE t",
        "REINDEX TABLE database",
        "CLUSTER t USING i",
        "CLUSTER t",
        "CLUSTER (VERBOSE) t",
        "ALTER TYPE mood RENAME VALUE 'a' TO 'b'",
        "ALTER TYPE pair ADD ATTRIBUTE value int",
        "ALTER TABLE t ADD COLUMN value int",
        "ALTER TABLE t DETACH PARTITION p",
        "ALTER TABLE t DETACH PARTITION p FINALIZE",
        "ALTER DATABASE d SET work_mem = '1MB'",
        "ALTER SUBSCRIPTION s DISABLE",
        "ALTER SUBSCRIPTION s RENAME TO t",
        "CALL p()",
        "TRUNCATE t",
        "ANALYZE t",
        "DISCARD PLANS",
    ],
)
def test_statement_may_stand_in_a_transaction(sql: str) -> None:
    assert ADAPTER.is_transactional(sql)


@pytest.mark.parametrize("sql", ["COMMIT", "commit work", "/* x */ END", "COMMIT AND CHAIN", "END TRANSACTION"])
def test_commit_is_recognised(sql: str) -> None:
    assert ADAPTER.commits(sql)


@pytest.mark.parametrize("sql", ["SELECT 1", "ROLLBACK", "COMMIT PREPARED 'x'", "COMMENT ON TABLE t IS 'COMMIT'", ""])
def test_nothing_else_is_a_commit(sql: str) -> None:
    assert not ADAPTER.commits(sql)


def test_lock_key_is_a_stable_number_of_64_bits() -> None:
    assert lock_key("app") == lock_key("app") != lock_key("other")
    assert all(-(2**63) <= lock_key(str(number)) < 2**63 for number in range(100))
    # Processes of different versions must meet at the same lock: this number is for ever.
    assert lock_key("asyncmig_version") == LOCK_KEY


LOCK_KEY = 4608364347494743737


# -- printed SQL -------------------------------------------------------------------------------------------------------


def print_all(*operations: Operation[object]) -> list[str]:
    """What a script of these operations would print of types."""
    known, printed = ADAPTER.offline_facts(), []
    for operation in operations:
        steps = list(ADAPTER.plan(operation, known.read(ADAPTER.wants(operation))))
        statements = [str(step.sql) for step in steps]  # type: ignore[union-attr]
        known.learn(operation, statements)
        printed += [statement for statement in statements if "TYPE" in statement]
    return printed


def uses(table: str, *values: str, name: str = "mood", schema: str | None = None) -> CreateTable:
    return CreateTable.of(table, sa.Column("a", sa.Enum(*values, name=name, schema=schema)))


CREATE = "CREATE TYPE mood AS ENUM ('a', 'b')"


def test_enum_of_two_tables_is_printed_once() -> None:
    column = AddColumn("w", sa.Column("a", sa.Enum("a", "b", name="mood")))
    assert print_all(uses("t", "a", "b"), uses("u", "a", "b"), column) == [CREATE]


def test_enum_that_was_printed_by_hand_is_known() -> None:
    assert print_all(Execute("create type  mood as enum ('a','b')"), uses("t", "a", "b")) == []
    assert print_all(CreateEnum("mood", ["a", "b"]), uses("t", "a", "b")) == [CREATE]


def test_enum_that_was_printed_if_not_exists_is_known() -> None:
    assert len(print_all(CreateEnum("mood", ["a", "b"], if_not_exists=True), uses("t", "a", "b"))) == 1


def test_enum_is_printed_again_after_it_was_dropped() -> None:
    assert print_all(uses("t", "a", "b"), DropEnum("mood"), uses("u", "a", "b")) == [CREATE, "DROP TYPE mood", CREATE]
    by_hand = Execute('DROP TYPE IF EXISTS x, public.y, "mood" CASCADE')
    assert print_all(uses("t", "a", "b"), by_hand, uses("u", "a", "b"))[2:] == [CREATE]


def test_changes_of_values_are_followed() -> None:
    printed = print_all(
        CreateEnum("mood", ["a", "it's"]),
        AddEnumValue("mood", "c", after="a"),
        RenameEnumValue("mood", "a", "z"),
        uses("t", "z", "c", "it's"),
    )
    assert len(printed) == 3


@pytest.mark.parametrize(
    ("statement", "change"),
    [
        ("ALTER TYPE mood ADD VALUE 'c'", ("a", "b", "c")),
        ("ALTER TYPE mood ADD VALUE IF NOT EXISTS 'c' BEFORE 'a'", ("c", "a", "b")),
        ("ALTER TYPE mood ADD VALUE 'c' AFTER 'a'", ("a", "c", "b")),
        ("ALTER TYPE mood ADD VALUE IF NOT EXISTS 'b'", ("a", "b")),
        ("ALTER TYPE mood RENAME VALUE 'b' TO 'c'", ("a", "c")),
        ("ALTER TYPE mood RENAME TO temper", None),
        ("ALTER TYPE mood OWNER TO me", ("a", "b")),
        ("SELECT 'DROP TYPE mood'", ("a", "b")),
        ("CREATE TYPE pair AS (a int, b int)", ("a", "b")),
        ("CREATE TYPE", ("a", "b")),
    ],
)
def test_statement_changes_what_is_known(statement: str, change: tuple[str, ...] | None) -> None:
    known, mood = ADAPTER.offline_facts(), TableName("mood")
    known.learn(Execute(""), [CREATE, statement])
    assert known.read(Wants(types=frozenset({mood}))).types == {mood: change}


def test_renamed_and_moved_types_are_known_by_their_new_names() -> None:
    known = ADAPTER.offline_facts()
    known.learn(Execute(""), [CREATE, 'ALTER TYPE mood RENAME TO "Temper"', 'ALTER TYPE "Temper" SET SCHEMA s'])
    temper = TableName("Temper", "s")
    assert known.read(Wants(types=frozenset({temper}))).types == {temper: ("a", "b")}


def test_nothing_is_known_of_other_types() -> None:
    facts = ADAPTER.offline_facts().read(Wants(types=frozenset({TableName("x")})))
    assert not facts.known
    assert facts.types == {}


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        ("CREATE INDEX CONCURRENTLY ix ON t (a)", "ix"),
        ('create unique index concurrently if not exists "My ""x""" on only "S".t using gin (a)', '"S"."My ""x"""'),
        ("/* why */ CREATE INDEX CONCURRENTLY -- how\n ix ON app.t (a)", "app.ix"),
        ("CREATE INDEX CONCURRENTLY ON t (a)", None),
        ("CREATE INDEX ix ON t (a)", None),
        ("DROP INDEX CONCURRENTLY ix", None),
        ("CREATE INDEX CONCURRENTLY", None),
        ("", None),
    ],
)
def test_index_that_a_stopped_statement_leaves_behind_is_known(sql: str, index: str | None) -> None:
    assert ADAPTER.index_built_by(sql) == index
