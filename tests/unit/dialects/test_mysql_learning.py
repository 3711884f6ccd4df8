"""What a script of SQL for MySQL remembers of the tables that it creates."""

from typing import Any

import pytest
import sqlalchemy as sa

from asyncmig.dialects.mysql import MySQLAdapter
from asyncmig.dialects.steps import Statement
from asyncmig.errors import NeedsDatabaseError
from asyncmig.operations import (
    AddColumn,
    AlterColumn,
    AlterTable,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateTable,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
    Execute,
    Operation,
    RenameTable,
)

CREATE = CreateTable.of(
    "t",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(20, collation="utf8mb4_bin"), nullable=False, server_default="50% :x", comment="it's"),
    sa.Column("parent_id", sa.Integer, sa.ForeignKey("t.id", name="fk")),
    sa.Column("flag", sa.Boolean(create_constraint=True, name="ck_flag")),
    sa.Column("code", sa.String(9), unique=True, index=True),
    sa.UniqueConstraint("name", name="uq"),
    sa.CheckConstraint("id > 0", name="ck"),
)


def dialect(*, mariadb: bool = False) -> Any:
    return sa.make_url("mariadb+aiomysql://" if mariadb else "mysql+aiomysql://").get_dialect()()


def printed(*operations: Operation[Any], adapter: MySQLAdapter | None = None) -> list[str]:
    """The statements of the last operation, after those before it were printed."""
    adapter = adapter or MySQLAdapter(dialect())
    known = adapter.offline_facts()
    statements: list[str] = []
    for operation in operations:
        steps = list(adapter.plan(operation, known.read(adapter.wants(operation))))
        statements = [" ".join(str(step.sql).split()) for step in steps if isinstance(step, Statement)]
        known.learn(operation, statements)
    return statements


def alter(change: dict[str, Any], column: str = "name", table: str = "t") -> AlterColumn:
    return AlterColumn(table, column, **change)


def test_created_column_is_known() -> None:
    assert printed(CREATE, alter({"nullable": True})) == [
        "ALTER TABLE t MODIFY name VARCHAR(20) COLLATE utf8mb4_bin NULL COMMENT 'it''s' DEFAULT '50% :x'"
    ]
    assert printed(CREATE, alter({"type_": sa.BigInteger()}, "id")) == [
        "ALTER TABLE t MODIFY id BIGINT NOT NULL AUTO_INCREMENT"
    ]
    assert printed(CREATE, alter({"insert_before": "name"}, "code")) == [
        "ALTER TABLE t MODIFY code VARCHAR(9) AFTER id"
    ]


def test_changes_are_followed() -> None:
    history: tuple[Operation[Any], ...] = (
        CREATE,
        alter({"new_column_name": "title", "comment": "c"}),
        alter({"type_": sa.String(50)}, "title"),
        RenameTable("t", "u"),
        AlterTable("u", (AddColumn("u", sa.Column("new", sa.Integer, nullable=False), insert_after="id"),)),
        DropColumn("u", "parent_id"),
    )
    assert printed(*history, alter({"nullable": True}, "title", "u")) == [
        "ALTER TABLE u MODIFY title VARCHAR(50) COLLATE utf8mb4_bin NULL COMMENT 'c' DEFAULT '50% :x'"
    ]
    assert printed(*history, alter({"comment": "c", "insert_before": "title"}, "new", "u")) == [
        "ALTER TABLE u MODIFY new INTEGER NOT NULL COMMENT 'c' AFTER new".replace("AFTER new", "AFTER id")
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fk", "ALTER TABLE t DROP FOREIGN KEY fk"),
        ("uq", "ALTER TABLE t DROP INDEX uq"),
        ("ck", "ALTER TABLE t DROP CHECK ck"),
        ("ck_flag", "ALTER TABLE t DROP CHECK ck_flag"),
        ("later", "ALTER TABLE t DROP INDEX later"),
        ("named", "ALTER TABLE t DROP FOREIGN KEY named"),
        ("unknown", "ALTER TABLE t DROP CONSTRAINT unknown"),
    ],
)
def test_kinds_of_constraints_are_known(name: str, expected: str) -> None:
    history = (
        CREATE,
        CreateUniqueConstraint("later", "t", ["code"]),
        CreateForeignKey("named", "t", "u", ["parent_id"], ["id"]),
    )
    assert printed(*history, DropConstraint(name, "t")) == [expected]


def test_primary_key_is_known() -> None:
    plain = CreateTable.of("t", sa.Column("a", sa.Integer, nullable=False))
    key = CreatePrimaryKey("pk", "t", ["a"])
    assert printed(plain, key, DropConstraint("PRIMARY", "t")) == ["ALTER TABLE t DROP PRIMARY KEY"]


def test_indexes_are_known() -> None:
    index = CreateIndex.of("i", "t", ["name"])
    assert printed(CREATE, DropIndex("ix_t_code")) == ["DROP INDEX ix_t_code ON t"]
    assert printed(CREATE, index, DropIndex("i")) == ["DROP INDEX i ON t"]
    with pytest.raises(NeedsDatabaseError):
        printed(CREATE, index, DropIndex("i"), DropIndex("i"))
    assert printed(CREATE, index, CreateIndex.of("i", "t", ["name"], if_not_exists=True)) == []


def test_dropped_table_is_not_remembered() -> None:
    other = CreateTable.of("t", sa.Column("name", sa.Integer))
    assert printed(CREATE, DropTable("t"), other, alter({"nullable": False})) == [
        "ALTER TABLE t MODIFY name INTEGER NOT NULL"
    ]


@pytest.mark.parametrize(
    "statement",
    ["ALTER TABLE t ADD COLUMN z INT", "/* x */ rename table `t` TO u", "DROP TABLE IF EXISTS a, T"],
)
def test_table_that_a_statement_of_the_script_changes_is_forgotten(statement: str) -> None:
    with pytest.raises(NeedsDatabaseError):
        printed(CREATE, Execute(statement), alter({"comment": None}))


@pytest.mark.parametrize("statement", ["UPDATE t SET name = 'x'", "ALTER TABLE tt ADD COLUMN z INT", "SELECT 1"])
def test_table_that_a_statement_does_not_change_is_remembered(statement: str) -> None:
    assert printed(CREATE, Execute(statement), alter({"comment": None}))


def test_names_follow_the_convention() -> None:
    adapter = MySQLAdapter(dialect(), naming_convention={"uq": "uq_%(table_name)s_%(column_0_name)s"})
    history = (CREATE, CreateUniqueConstraint(None, "t", ["name"]))
    for name in ("uq_t_code", "uq_t_name"):
        create = CreateTable.of("t", sa.Column("code", sa.Integer, unique=True), sa.Column("name", sa.String(9)))
        statements = printed(create, history[1], DropConstraint(name, "t"), adapter=adapter)
        assert statements == [f"ALTER TABLE t DROP INDEX {name}"]


def test_check_of_a_column_is_part_of_it_on_mariadb_only() -> None:
    create = CreateTable.of("t", sa.Column("a", sa.Integer, sa.CheckConstraint("a > 0")))
    change = alter({"nullable": False}, "a")
    assert printed(create, change, adapter=MySQLAdapter(dialect(mariadb=True))) == [
        "ALTER TABLE t MODIFY a INTEGER NOT NULL CHECK (a > 0)"
    ]
    assert printed(create, change) == ["ALTER TABLE t MODIFY a INTEGER NOT NULL"]
