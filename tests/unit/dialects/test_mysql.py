"""What MySQL 8 and MariaDB are asked to do, as text."""

from typing import Any

import pytest
import sqlalchemy as sa

from asyncmig.dialects.facts import Facts
from asyncmig.dialects.mysql import MySQLAdapter
from asyncmig.dialects.mysql_facts import IndexName, MySQLKey
from asyncmig.errors import NeedsDatabaseError, OperationError, UnsupportedOperationError
from asyncmig.operations import (
    AddColumn,
    AddEnumValue,
    AlterColumn,
    AlterTable,
    CreateCheckConstraint,
    CreateEnum,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreateIndex,
    CreateTable,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropEnum,
    DropIndex,
    Operation,
    RenameEnumValue,
    RenameTable,
    TableName,
    ValidateConstraint,
)
from tests.unit.dialects.mysql_planning import BOTH, KNOWN, MARIADB, MYSQL, TABLE, sql

# -- facts ------------------------------------------------------------------------------------------------------------


def test_table_is_read_as_it_is_shown() -> None:
    assert [column.name for column in TABLE.columns] == ["id", "name", "note", "updated", "token", "KEY"]
    assert TABLE.keys == (
        MySQLKey("primary", None, ("id",)),
        MySQLKey("unique", "uq", ("name", "note")),
        MySQLKey("unique", "both", ("KEY",)),
        MySQLKey("index", "i`x", ("name",)),
        MySQLKey("index", "words", ("note",)),
        MySQLKey("foreignkey", "fk", ("KEY",)),
        MySQLKey("foreignkey", "both", ("KEY",)),
        MySQLKey("check", "ck"),
    )


@BOTH
@pytest.mark.parametrize(
    "operation",
    [
        CreateTable.of("t", sa.Column("a", sa.Integer, index=True)),
        CreateTable.of("t", sa.Column("a", sa.Integer), if_not_exists=True),
        AddColumn("t", sa.Column("a", sa.Integer), insert_after="b"),
        DropColumn("t", "a"),
        AlterColumn("t", "a", new_column_name="b"),
        CreateIndex.of("i", "t", ["a"]),
        DropConstraint("c", "t", "foreignkey"),
        CreateUniqueConstraint("c", "t", ["a"]),
    ],
)
def test_most_operations_need_no_look_at_the_database(database: MySQLAdapter, operation: Operation[Any]) -> None:
    assert not database.wants(operation)


@BOTH
@pytest.mark.parametrize(
    "operation",
    [
        AlterColumn("t", "a", nullable=True),
        AlterColumn("t", "a", server_default=None),
        AddColumn("t", sa.Column("a", sa.Integer), insert_before="b"),
        DropConstraint("c", "t"),
        DropConstraint("c", "t", "primary"),
        DropConstraint("c", "t", "unique"),
        DropIndex("i", "t"),
        AlterTable("t", (AddColumn("t", sa.Column("a", sa.Integer)), AlterColumn("t", "a", comment="c"))),
    ],
)
def test_what_depends_on_the_table_looks_at_it(database: MySQLAdapter, operation: Operation[Any]) -> None:
    assert database.wants(operation).tables == {TableName("t")}


def test_only_mysql_must_look_where_mariadb_has_if_exists() -> None:
    for operation in (
        AddColumn("t", sa.Column("a", sa.Integer), if_not_exists=True),
        DropColumn("t", "a", if_exists=True),
        CreateIndex.of("i", "t", ["a"], if_not_exists=True),
        DropConstraint("c", "t", "foreignkey", if_exists=True),
    ):
        assert MYSQL.wants(operation)
        assert not MARIADB.wants(operation)


# -- if_exists and if_not_exists --------------------------------------------------------------------------------------

CONDITIONAL: list[tuple[Operation[Any], Operation[Any], str, str]] = [
    (
        AddColumn("t", sa.Column("b", sa.Integer), if_not_exists=True),
        AddColumn("t", sa.Column("Note", sa.Integer), if_not_exists=True),
        "ALTER TABLE t ADD COLUMN b INTEGER",
        "ALTER TABLE t ADD COLUMN IF NOT EXISTS b INTEGER",
    ),
    (
        DropColumn("t", "note", if_exists=True),
        DropColumn("t", "b", if_exists=True),
        "ALTER TABLE t DROP COLUMN note",
        "ALTER TABLE t DROP COLUMN IF EXISTS note",
    ),
    (
        CreateIndex.of("i", "t", ["note"], if_not_exists=True),
        CreateIndex.of("UQ", "t", ["note"], if_not_exists=True),
        "CREATE INDEX i ON t (note)",
        "CREATE INDEX IF NOT EXISTS i ON t (note)",
    ),
    (
        DropIndex("uq", "t", if_exists=True),
        DropIndex("b", "t", if_exists=True),
        "DROP INDEX uq ON t",
        "DROP INDEX IF EXISTS uq ON t",
    ),
    (
        DropConstraint("fk", "t", "foreignkey", if_exists=True),
        DropConstraint("ck", "t", "foreignkey", if_exists=True),
        "ALTER TABLE t DROP FOREIGN KEY fk",
        "ALTER TABLE t DROP FOREIGN KEY IF EXISTS fk",
    ),
    (
        DropConstraint("ck", "t", "check", if_exists=True),
        DropConstraint("b", "t", "check", if_exists=True),
        "ALTER TABLE t DROP CHECK ck",
        "ALTER TABLE t DROP CONSTRAINT IF EXISTS ck",
    ),
]


@pytest.mark.parametrize(("needed", "needless", "on_mysql", "on_mariadb"), CONDITIONAL)
def test_conditions_are_kept_on_both(
    needed: Operation[Any], needless: Operation[Any], on_mysql: str, on_mariadb: str
) -> None:
    assert sql(MYSQL, needed, KNOWN) == [on_mysql]
    assert sql(MYSQL, needless, KNOWN) == []
    assert sql(MARIADB, needed) == [on_mariadb]
    with pytest.raises(NeedsDatabaseError, match="MySQL has no"):
        sql(MYSQL, needed)


def test_index_of_a_table_that_is_there_is_not_made_again() -> None:
    create = CreateTable.of("t", sa.Column("a", sa.Integer, index=True), if_not_exists=True)
    for database in (MYSQL, MARIADB):
        assert database.wants(create).tables == {TableName("t")}
        assert sql(database, create, KNOWN) == []
        assert len(sql(database, create, Facts(tables={TableName("t"): None}))) == 2
    assert sql(MARIADB, create)[1] == "CREATE INDEX IF NOT EXISTS ix_t_a ON t (a)"


# -- indexes and constraints ------------------------------------------------------------------------------------------


def test_expressions_in_an_index() -> None:
    index = CreateIndex.of("i", "t", ["a", sa.text("lower(b) desc"), sa.text("c(5)"), sa.func.upper(sa.column("d"))])
    assert sql(MYSQL, index) == ["CREATE INDEX i ON t (a, (lower(b)) desc, c(5), (upper(d)))"]
    with pytest.raises(UnsupportedOperationError, match=r"expression such as lower\(b\)"):
        sql(MARIADB, index)
    plain = CreateIndex.of("i", "t", [sa.text("a desc"), sa.column("b").asc()], unique=True)
    assert sql(MARIADB, plain) == sql(MYSQL, plain) == ["CREATE UNIQUE INDEX i ON t (a desc, b ASC)"]


def test_options_of_an_index() -> None:
    index = CreateIndex.of(
        "i", "t", ["a", sa.text("b")], mysql_length={"a": 5}, mysql_prefix="FULLTEXT", mysql_with_parser="ngram"
    )
    assert sql(MYSQL, index) == ["CREATE FULLTEXT INDEX i ON t (a(5), b) WITH PARSER ngram"]
    using = CreateIndex.of("i", "t", ["a", "b"], mysql_length=7, mysql_using="btree", schema="s")
    assert sql(MARIADB, using) == ["CREATE INDEX i ON s.t (a(7), b(7)) USING btree"]


@BOTH
def test_index_without_its_table(database: MySQLAdapter) -> None:
    drop = DropIndex("i", schema="s")
    (wanted,) = database.wants(drop).tables
    assert wanted == IndexName("i", "s").as_table()
    assert wanted != TableName("i", "s")
    assert sql(database, drop, Facts(tables={wanted: ("t",)})) == ["DROP INDEX i ON s.t"]
    with pytest.raises(OperationError, match="several tables have one: t, u"):
        sql(database, drop, Facts(tables={wanted: ("t", "u")}))
    with pytest.raises(NeedsDatabaseError, match='op.drop_index\\("i", table_name="…"\\)'):
        sql(database, drop)


@pytest.mark.parametrize(
    ("name", "on_mysql", "on_mariadb"),
    [
        ("fk", "DROP FOREIGN KEY fk", "DROP FOREIGN KEY fk"),
        ("uq", "DROP INDEX uq", "DROP INDEX uq"),
        ("ck", "DROP CHECK ck", "DROP CONSTRAINT ck"),
        ("primary", "DROP PRIMARY KEY", "DROP PRIMARY KEY"),
    ],
)
def test_kind_of_a_constraint_is_looked_up(name: str, on_mysql: str, on_mariadb: str) -> None:
    counted = TABLE.with_key(MySQLKey("index", "other", ("id",)))
    facts = Facts(tables={TableName("t"): counted})
    drop = DropConstraint(name, "t")
    assert sql(MYSQL, drop, facts) == [f"ALTER TABLE t {on_mysql}"]
    assert sql(MARIADB, drop, facts) == [f"ALTER TABLE t {on_mariadb}"]


@BOTH
def test_unclear_constraints_are_refused(database: MySQLAdapter) -> None:
    with pytest.raises(OperationError, match=r"several constraints both: unique, foreignkey"):
        sql(database, DropConstraint("both", "t"), KNOWN)
    with pytest.raises(OperationError, match=r"i`x is an index"):
        sql(database, DropConstraint("i`x", "t"), KNOWN)
    with pytest.raises(OperationError, match=r"has no constraint nope"):
        sql(database, DropConstraint("nope", "t"), KNOWN)
    with pytest.raises(OperationError, match="AUTO_INCREMENT"):
        sql(database, DropConstraint("pk", "t", "primary"), KNOWN)
    assert sql(database, DropConstraint("nope", "t", if_exists=True), KNOWN) == []
    with pytest.raises(UnsupportedOperationError, match="exclude"):
        sql(database, DropConstraint("nope", "t", "exclude"), KNOWN)


@BOTH
def test_kind_is_left_to_the_server_where_nothing_is_known(database: MySQLAdapter) -> None:
    assert sql(database, DropConstraint("c", "t")) == ["ALTER TABLE t DROP CONSTRAINT c"]


@BOTH
def test_what_mysql_would_misread_is_refused(database: MySQLAdapter) -> None:
    for operation in (
        CreateUniqueConstraint("c", "t", ["a"], deferrable=True),
        CreateForeignKey("c", "t", "u", ["a"], ["b"], initially="DEFERRED"),
        CreateForeignKey("c", "t", "u", ["a"], ["b"], match="FULL"),
        CreateExcludeConstraint.of("c", "t", ("a", "=")),
        AddEnumValue("e", "c"),
        RenameEnumValue("e", "a", "b"),
    ):
        with pytest.raises(UnsupportedOperationError):
            sql(database, operation)
    plain = CreateCheckConstraint("c", "t", "a > ':x%'", deferrable=False, initially="immediate")
    assert sql(database, plain) == ["ALTER TABLE t ADD CONSTRAINT c CHECK (a > ':x%')"]


@BOTH
def test_what_there_is_nothing_to_do_for(database: MySQLAdapter) -> None:
    for operation in (CreateEnum("e", ["a"]), DropEnum("e"), ValidateConstraint("c", "t")):
        assert sql(database, operation) == []


# -- tables -----------------------------------------------------------------------------------------------------------


@BOTH
def test_renamed_table_stays_in_its_schema(database: MySQLAdapter) -> None:
    assert sql(database, RenameTable("a", "b c", schema="s")) == ["ALTER TABLE s.a RENAME TO s.`b c`"]


@BOTH
def test_named_check_of_a_column_becomes_one_of_the_table(database: MySQLAdapter) -> None:
    column = sa.Column("a", sa.Integer, sa.CheckConstraint("a > 0", name="ck"), sa.CheckConstraint("a < 9"))
    assert sql(database, CreateTable.of("t", column)) == [
        "CREATE TABLE t ( a INTEGER CHECK (a < 9), CONSTRAINT ck CHECK (a > 0) )"
    ]
    assert sql(database, AddColumn("t", column)) == [
        "ALTER TABLE t ADD COLUMN a INTEGER CHECK (a < 9), ADD CONSTRAINT ck CHECK (a > 0)"
    ]


def test_options_count_by_the_name_of_the_dialect() -> None:
    options: dict[str, Any] = {"mysql_engine": "InnoDB", "mariadb_engine": "Aria"}
    create = CreateTable.of("t", sa.Column("a", sa.Integer), **options)
    assert sql(MARIADB, create)[0].endswith("ENGINE=InnoDB")
    dialect: Any = sa.make_url("mariadb+aiomysql://").get_dialect()()
    assert sql(MySQLAdapter(dialect), create)[0].endswith("ENGINE=Aria")


@BOTH
def test_block_is_done_in_order_and_sees_itself(database: MySQLAdapter) -> None:
    block = AlterTable(
        "t",
        (
            AddColumn("t", sa.Column("a", sa.String(9), comment="c")),
            AlterColumn("t", "a", nullable=False),
            AlterColumn("t", "a", new_column_name="b"),
            AlterColumn("t", "b", type_=sa.Text()),
            CreateUniqueConstraint(None, "t", ["name"]),
            DropConstraint("uq_t_name", "t"),
        ),
        recreate="always",
        naming_convention={"uq": "uq_%(table_name)s_%(column_0_name)s"},
        partial_reordering=[("note", "name")],
    )
    assert sql(database, block, KNOWN) == [
        "ALTER TABLE t ADD COLUMN a VARCHAR(9) COMMENT 'c'",
        "ALTER TABLE t MODIFY a VARCHAR(9) NOT NULL COMMENT 'c'",
        "ALTER TABLE t RENAME COLUMN a TO b",
        "ALTER TABLE t MODIFY b TEXT NOT NULL COMMENT 'c'",
        "ALTER TABLE t ADD CONSTRAINT uq_t_name UNIQUE (name)",
        "ALTER TABLE t DROP INDEX uq_t_name",
        "ALTER TABLE t MODIFY name varchar(20) COLLATE utf8mb4_bin NOT NULL DEFAULT 'x' AFTER note",
    ]


@pytest.mark.parametrize(
    ("statement", "printed"),
    [
        ("SELECT ';'", "SELECT ';';"),
        ("BEGIN; END", "DELIMITER //\nBEGIN; END//\nDELIMITER ;"),
        ("BEGIN; -- http://x\nEND", "DELIMITER $$\nBEGIN; -- http://x\nEND$$\nDELIMITER ;"),
    ],
)
def test_statement_with_semicolons_is_printed_with_another_delimiter(statement: str, printed: str) -> None:
    assert MARIADB.terminated(statement) == printed


def test_printed_procedure_is_read_back_as_one_statement() -> None:
    procedure = "CREATE PROCEDURE p() BEGIN SELECT 1; /* // $$ */ SELECT 2; END"
    printed = "\n\n".join(map(MARIADB.terminated, ["SELECT 1", procedure, "SELECT 2"]))
    assert MARIADB.split(printed) == ["SELECT 1", procedure, "SELECT 2"]


@BOTH
@pytest.mark.parametrize("value", ["", "it's", "a\\b", "'\\'", "\\n\n", "%s :name ä", '"'])
def test_literal_is_what_sqlalchemy_would_write(database: MySQLAdapter, value: str) -> None:
    compiled = sa.literal(value).compile(dialect=database.printing, compile_kwargs={"literal_binds": True})
    assert database.literal(value) == str(compiled)


def test_words_that_only_mariadb_reserves_are_quoted() -> None:
    mariadb = MySQLAdapter(sa.make_url("mariadb+aiomysql://").get_dialect()())
    assert sql(mariadb, AddColumn("t", sa.Column("returning", sa.Integer))) == [
        "ALTER TABLE t ADD COLUMN `returning` INTEGER"
    ]
