"""Columns of MySQL and MariaDB: what `op.alter_column` and `op.add_column` ask for."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from asyncmig.dialects.facts import Wants
from asyncmig.dialects.mysql import MySQLAdapter
from asyncmig.errors import NeedsDatabaseError, OperationError, UnsupportedOperationError
from asyncmig.operations import (
    AddColumn,
    AlterColumn,
)
from tests.unit.dialects.mysql_planning import BOTH, KNOWN, MARIADB, MYSQL, adapter, sql


@pytest.mark.parametrize(
    ("column", "change", "expected"),
    [
        ("id", {"type_": sa.Integer()}, "MODIFY id INTEGER NOT NULL AUTO_INCREMENT COMMENT 'it''s 100% :x'"),
        ("id", {"comment": None}, "MODIFY id bigint unsigned NOT NULL AUTO_INCREMENT"),
        ("name", {"nullable": True}, "MODIFY name varchar(20) COLLATE utf8mb4_bin NULL DEFAULT 'x'"),
        ("name", {"type_": sa.String(30)}, "MODIFY name VARCHAR(30) COLLATE utf8mb4_bin NOT NULL DEFAULT 'x'"),
        ("name", {"server_default": "y"}, "ALTER COLUMN name SET DEFAULT 'y'"),
        ("name", {"server_default": sa.text("uuid()")}, "ALTER COLUMN name SET DEFAULT (uuid())"),
        ("name", {"server_default": None}, "ALTER COLUMN name DROP DEFAULT"),
        ("token", {"server_default": None}, "ALTER COLUMN token SET DEFAULT NULL"),
        ("note", {"server_default": None}, "MODIFY note text COMMENT 'n'"),
        ("note", {"server_default": sa.text("('x')")}, "MODIFY note text DEFAULT ('x') COMMENT 'n'"),
        ("updated", {"server_default": None}, "MODIFY updated timestamp NULL"),
        ("updated", {"server_default": sa.func.now()}, "MODIFY updated timestamp NULL DEFAULT (now())"),
        (
            "updated",
            {"server_default": sa.text("CURRENT_TIMESTAMP")},
            "MODIFY updated timestamp NULL DEFAULT CURRENT_TIMESTAMP",
        ),
        (
            "token",
            {"new_column_name": "t k", "comment": "c"},
            "CHANGE token `t k` char(36) DEFAULT (uuid()) /*!80023 INVISIBLE */ COMMENT 'c'",
        ),
        ("KEY", {"new_column_name": "b"}, "RENAME COLUMN `KEY` TO b"),
        ("KEY", {"insert_after": "id"}, "MODIFY `KEY` int DEFAULT NULL AFTER id"),
        ("KEY", {"insert_before": "id"}, "MODIFY `KEY` int DEFAULT NULL FIRST"),
        ("KEY", {"insert_before": "note"}, "MODIFY `KEY` int DEFAULT NULL AFTER name"),
    ],
)
def test_altered_column_keeps_the_rest(column: str, change: dict[str, Any], expected: str) -> None:
    assert sql(MYSQL, AlterColumn("t", column, **change), KNOWN) == [f"ALTER TABLE t {expected}"]


@pytest.mark.parametrize(
    ("column", "change", "expected"),
    [
        (
            "name",
            {"nullable": True, "existing_type": sa.String(255)},
            "VARCHAR(255) COLLATE utf8mb4_bin NULL DEFAULT 'x'",
        ),
        (
            "name",
            {"nullable": True, "existing_type": sa.String(20)},
            "varchar(20) COLLATE utf8mb4_bin NULL DEFAULT 'x'",
        ),
        ("note", {"comment": None, "existing_type": sa.Text()}, "text"),
        ("note", {"comment": None, "existing_type": mysql.LONGTEXT()}, "LONGTEXT"),
        ("KEY", {"nullable": False, "existing_type": sa.Integer()}, "int NOT NULL"),
        ("KEY", {"nullable": False, "existing_type": mysql.INTEGER(display_width=11)}, "int NOT NULL"),
        ("KEY", {"nullable": False, "existing_type": sa.BigInteger()}, "BIGINT NOT NULL"),
        (
            "id",
            {"comment": None, "existing_type": mysql.BIGINT(unsigned=True)},
            "bigint unsigned NOT NULL AUTO_INCREMENT",
        ),
    ],
)
def test_type_that_is_said_to_exist_is_written(column: str, change: dict[str, Any], expected: str) -> None:
    name = "`KEY`" if column == "KEY" else column
    assert sql(MYSQL, AlterColumn("t", column, **change), KNOWN) == [f"ALTER TABLE t MODIFY {name} {expected}"]


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        (sa.String(20), "RENAME COLUMN name TO b"),
        (sa.String(36), "CHANGE name b VARCHAR(36) COLLATE utf8mb4_bin NOT NULL DEFAULT 'x'"),
    ],
)
def test_renamed_column_gets_the_type_that_is_said_to_exist(type_: Any, expected: str) -> None:
    change = AlterColumn("t", "name", new_column_name="b", existing_type=type_)
    assert sql(MYSQL, change, KNOWN) == [f"ALTER TABLE t {expected}"]
    assert sql(MYSQL, change) == ["ALTER TABLE t RENAME COLUMN name TO b"]
    assert MYSQL.wants(change) == Wants(change.tables())


@BOTH
def test_nothing_to_alter_gives_nothing(database: MySQLAdapter) -> None:
    assert sql(database, AlterColumn("t", "id", existing_type=sa.Integer())) == []


def test_mariadb_sets_the_current_time_as_default_alone() -> None:
    change = AlterColumn("t", "a", server_default=sa.text("CURRENT_TIMESTAMP"))
    assert sql(MARIADB, change) == ["ALTER TABLE t ALTER COLUMN a SET DEFAULT CURRENT_TIMESTAMP"]
    with pytest.raises(NeedsDatabaseError):
        sql(MYSQL, change)


def test_generated_column_of_mariadb_has_no_null() -> None:
    change = AlterColumn("t", "name", server_default=sa.Computed("upper(note)", persisted=False))
    assert sql(MARIADB, change, KNOWN) == [
        "ALTER TABLE t MODIFY name varchar(20) COLLATE utf8mb4_bin GENERATED ALWAYS AS (upper(note)) VIRTUAL"
    ]
    assert "VIRTUAL NOT NULL" in sql(MYSQL, change, KNOWN)[0]


@BOTH
def test_identity_is_refused_with_a_way_out(database: MySQLAdapter) -> None:
    with pytest.raises(UnsupportedOperationError, match=r'op\.alter_column\("t", "id", autoincrement=True\)'):
        sql(database, AlterColumn("t", "id", server_default=sa.Identity()), KNOWN)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {
                "type_": sa.String(30),
                "existing_nullable": False,
                "existing_server_default": "x",
                "existing_comment": "c",
            },
            "MODIFY a VARCHAR(30) NOT NULL DEFAULT 'x' COMMENT 'c'",
        ),
        ({"nullable": False, "existing_type": sa.String(30)}, "MODIFY a VARCHAR(30) NOT NULL"),
        ({"nullable": True, "existing_type": sa.TIMESTAMP()}, "MODIFY a TIMESTAMP NULL"),
        (
            {"type_": sa.BigInteger(), "existing_type": sa.Integer(), "existing_autoincrement": True},
            "MODIFY a BIGINT NOT NULL AUTO_INCREMENT",
        ),
        (
            {"autoincrement": False, "existing_type": sa.Integer(), "existing_autoincrement": True},
            "MODIFY a INTEGER NOT NULL",
        ),
        (
            {"new_column_name": "b", "comment": "50%", "existing_type": sa.Integer(), "existing_nullable": True},
            "CHANGE a b INTEGER NULL COMMENT '50%'",
        ),
        (
            {"server_default": sa.text("CURRENT_TIMESTAMP"), "existing_type": sa.DateTime(), "existing_nullable": True},
            "MODIFY a DATETIME NULL DEFAULT CURRENT_TIMESTAMP",
        ),
        ({"server_default": None}, "ALTER COLUMN a DROP DEFAULT"),
        ({"server_default": None, "existing_nullable": True}, "ALTER COLUMN a SET DEFAULT NULL"),
        (
            {
                "server_default": None,
                "existing_nullable": True,
                "existing_type": sa.DateTime(),
                "existing_server_default": sa.text("NOW() ON UPDATE NOW()"),
            },
            "MODIFY a DATETIME NULL",
        ),
        ({"server_default": sa.text("1 + 1")}, "ALTER COLUMN a SET DEFAULT (1 + 1)"),
    ],
)
def test_without_a_database_the_existing_values_count(change: dict[str, Any], expected: str) -> None:
    assert sql(MYSQL, AlterColumn("t", "a", **change)) == [f"ALTER TABLE t {expected}"]


@BOTH
def test_without_a_database_what_is_missing_is_asked_for(database: MySQLAdapter) -> None:
    with pytest.raises(NeedsDatabaseError) as caught:
        sql(database, AlterColumn("t", "a", comment="c"))
    hint = 'op.alter_column("t", "a", ..., existing_type=sa.String(50), existing_nullable=False)'
    assert str(caught.value.hint).startswith(hint)
    with pytest.raises(NeedsDatabaseError, match=r"\.\.\., existing_nullable=False"):
        sql(database, AlterColumn("t", "a", type_=sa.String(30)))


@pytest.mark.parametrize(("database", "drop"), [(MYSQL, "DROP CHECK"), (MARIADB, "DROP CONSTRAINT")])
def test_check_of_a_type_goes_and_comes_with_it(database: MySQLAdapter, drop: str) -> None:
    flag = sa.Boolean(create_constraint=True, name="ck_flag")
    word = sa.Enum("a", "b", native_enum=False, create_constraint=True, name="ck_word")
    assert sql(database, AlterColumn("t", "a", type_=word, existing_type=flag, nullable=True)) == [
        f"ALTER TABLE t {drop} ck_flag",
        "ALTER TABLE t MODIFY a VARCHAR(1) NULL",
        "ALTER TABLE t ADD CONSTRAINT ck_word CHECK (a IN ('a', 'b'))",
    ]


def test_place_before_another_column_must_be_known() -> None:
    add = AddColumn("t", sa.Column("a", sa.Integer), insert_before="note")
    assert sql(MYSQL, add, KNOWN) == ["ALTER TABLE t ADD COLUMN a INTEGER AFTER name"]
    with pytest.raises(NeedsDatabaseError, match="insert_after"):
        sql(MYSQL, add)
    with pytest.raises(OperationError, match="insert_before='nope'"):
        sql(MYSQL, AddColumn("t", sa.Column("a", sa.Integer), insert_before="nope"), KNOWN)


def test_references_are_written_into_the_column_where_the_server_reads_them() -> None:
    add = AddColumn("t", sa.Column("a", sa.Integer, sa.ForeignKey("u.id")), inline_references=True)
    inline = ["ALTER TABLE t ADD COLUMN a INTEGER REFERENCES u (id)"]
    assert sql(MARIADB, add) == sql(adapter((9, 0, 1)), add) == inline
    assert sql(MYSQL, add) == [
        "ALTER TABLE t ADD COLUMN a INTEGER",
        "ALTER TABLE t ADD FOREIGN KEY(a) REFERENCES u (id)",
    ]


@BOTH
def test_counting_column_is_a_key_from_the_beginning(database: MySQLAdapter) -> None:
    add = AddColumn("t", sa.Column("id", sa.Integer, primary_key=True), insert_after="a")
    assert sql(database, add) == ["ALTER TABLE t ADD COLUMN id INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY AFTER a"]


def test_literals_follow_the_mode_of_the_server() -> None:
    comment = AlterColumn("t", "a", comment="a\\b'c", existing_type=sa.Enum("x\\", "y"), nullable=True)
    assert sql(MYSQL, comment) == [r"ALTER TABLE t MODIFY a ENUM('x\\','y') NULL COMMENT 'a\\b''c'"]
    plain = adapter()
    plain.printing._backslash_escapes = False  # type: ignore[attr-defined]
    assert sql(plain, comment) == [r"ALTER TABLE t MODIFY a ENUM('x\','y') NULL COMMENT 'a\b''c'"]
