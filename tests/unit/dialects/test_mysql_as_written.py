"""Columns of MySQL and MariaDB that are altered as the script says, as Alembic does it."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from asyncmig.dialects.facts import Wants
from asyncmig.dialects.mysql import MySQLAdapter
from asyncmig.operations import AlterColumn, TableName
from tests.unit.dialects.mysql_planning import KNOWN, adapter, sql

MYSQL = adapter(alters_as_written=True)
MARIADB = adapter((10, 11, 6), mariadb=True, alters_as_written=True)
BOTH = pytest.mark.parametrize("database", [MYSQL, MARIADB], ids=["mysql", "mariadb"])
TEXT: dict[str, Any] = {"existing_type": sa.String(20)}
MOMENT: dict[str, Any] = {"existing_type": sa.DateTime()}


class Moment(sa.TypeDecorator[Any]):
    impl = sa.DateTime
    cache_ok = True


@BOTH
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({**TEXT, "comment": "c"}, "MODIFY name VARCHAR(20) NULL COMMENT 'c'"),
        ({**TEXT, "nullable": False}, "MODIFY name VARCHAR(20) NOT NULL"),
        ({**TEXT, "nullable": False, "existing_server_default": "x"}, "MODIFY name VARCHAR(20) NOT NULL DEFAULT 'x'"),
        ({**TEXT, "nullable": False, "existing_comment": "c"}, "MODIFY name VARCHAR(20) NOT NULL COMMENT 'c'"),
        ({**TEXT, "type_": sa.String(30)}, "MODIFY name VARCHAR(30) NULL"),
        ({"type_": sa.String(30), "existing_nullable": False}, "MODIFY name VARCHAR(30) NOT NULL"),
        (
            {"type_": sa.String(30), "existing_type": mysql.VARCHAR(20, collation="utf8mb4_bin")},
            "MODIFY name VARCHAR(30) NULL",
        ),
        ({**TEXT, "new_column_name": "n"}, "CHANGE name n VARCHAR(20) NULL"),
        ({**TEXT, "new_column_name": "n", "existing_nullable": False}, "CHANGE name n VARCHAR(20) NOT NULL"),
        ({**TEXT, "autoincrement": True}, "MODIFY name VARCHAR(20) NOT NULL AUTO_INCREMENT"),
        ({**TEXT, "server_default": "y"}, "ALTER COLUMN name SET DEFAULT 'y'"),
        ({"server_default": "y"}, "ALTER COLUMN name SET DEFAULT 'y'"),
        ({"server_default": None}, "ALTER COLUMN name DROP DEFAULT"),
        ({**TEXT, "server_default": None, "existing_nullable": True}, "ALTER COLUMN name DROP DEFAULT"),
        ({**TEXT, "server_default": "y", "nullable": True}, "MODIFY name VARCHAR(20) NULL DEFAULT 'y'"),
        ({**MOMENT, "server_default": "2020-01-01"}, "MODIFY name DATETIME NULL DEFAULT '2020-01-01'"),
        ({"existing_type": Moment, "server_default": "2020-01-01"}, "MODIFY name DATETIME NULL DEFAULT '2020-01-01'"),
        (
            {**MOMENT, "server_default": sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")},
            "MODIFY name DATETIME NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP",
        ),
        ({**TEXT, "comment": None, "insert_after": "id"}, "MODIFY name VARCHAR(20) NULL AFTER id"),
    ],
)
def test_column_is_what_the_script_says(database: MySQLAdapter, change: dict[str, Any], expected: str) -> None:
    operation = AlterColumn("t", "name", **change)

    assert sql(database, operation, KNOWN) == [f"ALTER TABLE t {expected}"]
    assert not database.wants(operation).tables
    # Without a database, the same is printed.
    assert sql(database, operation) == [f"ALTER TABLE t {expected}"]


@pytest.mark.parametrize(
    ("column", "change", "expected"),
    [
        ("name", {"nullable": True}, "MODIFY name varchar(20) COLLATE utf8mb4_bin NULL DEFAULT 'x'"),
        ("name", {"new_column_name": "n"}, "RENAME COLUMN name TO n"),
        ("updated", {"server_default": sa.func.now()}, "MODIFY updated timestamp NULL DEFAULT (now())"),
        ("name", {"existing_type": sa.String(20), "insert_after": "note"}, None),
    ],
)
def test_what_alembic_refuses_keeps_the_rest(column: str, change: dict[str, Any], expected: str | None) -> None:
    kept = "MODIFY name varchar(20) COLLATE utf8mb4_bin NOT NULL DEFAULT 'x' AFTER note"

    assert sql(MYSQL, AlterColumn("t", column, **change), KNOWN) == [f"ALTER TABLE t {expected or kept}"]


def test_check_of_the_old_type_is_looked_for() -> None:
    old = sa.Enum("a", "b", name="letters", create_constraint=True, native_enum=False)
    operation = AlterColumn("t", "name", type_=sa.String(5), existing_type=old)

    assert MYSQL.wants(operation) == Wants(frozenset({TableName("t")}))


def test_printed_run_learns_what_was_written() -> None:
    printed = MYSQL.offline_facts()
    from asyncmig.operations import CreateTable

    created = CreateTable("t", [sa.Column("name", sa.String(20), nullable=False, server_default="x")])
    printed.learn(created, ())
    printed.learn(AlterColumn("t", "name", comment="c", **TEXT), ())
    keeps = AlterColumn("t", "name", nullable=False)

    assert sql(MYSQL, keeps, printed.read(MYSQL.wants(keeps))) == [
        "ALTER TABLE t MODIFY name VARCHAR(20) NOT NULL COMMENT 'c'"
    ]
