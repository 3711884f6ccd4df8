"""Plans of SQLite's adapter: an operation and what is known of the table give these statements."""

import sqlite3
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite as dialect

from asyncmig.dialects.facts import NOTHING, Facts
from asyncmig.dialects.registry import adapter_class
from asyncmig.dialects.sqlite import SQLiteAdapter
from asyncmig.dialects.sqlite_facts import read_table
from asyncmig.dialects.sqlite_schema import affinity
from asyncmig.dialects.sqlite_shadow import quote
from asyncmig.dialects.sqlite_tokens import RESERVED, mentions, rename_columns, same_sql, tokens, with_schema
from asyncmig.dialects.steps import Call, Statement, Step, SuspendForeignKeys
from asyncmig.errors import NeedsDatabaseError, UnsupportedOperationError
from asyncmig.operations import (
    AddColumn,
    AlterColumn,
    AlterTable,
    CreateCheckConstraint,
    CreateIndex,
    CreateTable,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
    Execute,
    Operation,
    RenameTable,
    TableName,
)


def adapter(**options: Any) -> SQLiteAdapter:
    return SQLiteAdapter(dialect.dialect(), **options)


def known(*statements: str, table: str = "t") -> Facts:
    """What is found in a database that *statements* have made."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    for statement in statements:
        database.execute(statement)

    def query(sql: str, values: Any) -> Any:
        return database.execute(sql, tuple(values)).fetchall()

    found = read_table(query, TableName(table), quote)
    database.close()
    return Facts(tables={TableName(table): found})


def plan(operation: Operation[Any], facts: Facts | None = None) -> list[Step]:
    once, again = (list(adapter().plan(operation, facts or Facts())) for _ in range(2))
    assert [str(getattr(step, "sql", step)) for step in once] == [str(getattr(step, "sql", step)) for step in again]
    return once


def sql(operation: Operation[Any], facts: Facts | None = None) -> list[str]:
    return [" ".join(str(step.sql).split()) for step in plan(operation, facts) if isinstance(step, Statement)]


# -- what needs no look at the table ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (DropTable("t"), ["DROP TABLE t"]),
        (RenameTable("a b", "order", schema="aux"), ['ALTER TABLE aux."a b" RENAME TO "order"']),
        (DropIndex("ix", "t", schema="aux"), ["DROP INDEX aux.ix"]),
        (CreateIndex("ix", "t", ["a"], schema="aux"), ["CREATE INDEX aux.ix ON t (a)"]),
        (CreateIndex("ix", "t", ["a"], if_not_exists=True), ["CREATE INDEX IF NOT EXISTS ix ON t (a)"]),
        (AddColumn("t", sa.Column("returning", sa.Integer)), ['ALTER TABLE t ADD COLUMN "returning" INTEGER']),
        (
            AddColumn("t", sa.Column("c", sa.Integer, sa.ForeignKey("p.id", name="references", ondelete="CASCADE"))),
            ['ALTER TABLE t ADD COLUMN c INTEGER CONSTRAINT "references" REFERENCES p (id) ON DELETE CASCADE'],
        ),
        (
            AddColumn("t", sa.Column("c", sa.Text, server_default="50% :x", index=True)),
            ["ALTER TABLE t ADD COLUMN c TEXT DEFAULT '50% :x'", "CREATE INDEX ix_t_c ON t (c)"],
        ),
        (
            AddColumn("t", sa.Column("c", sa.Boolean(create_constraint=True, name="ck"))),
            ["ALTER TABLE t ADD COLUMN c BOOLEAN CONSTRAINT ck CHECK (c IN (0, 1))"],
        ),
        (AlterColumn("t", "a", new_column_name="b"), ["ALTER TABLE t RENAME COLUMN a TO b"]),
        (AlterColumn("t", "a", comment="x", existing_type=sa.Text()), []),
        (AlterColumn("t", "a", new_column_name="a"), []),
        (
            AlterTable("t", (CreateIndex("i", "t", ["a"]), DropIndex("j", "t"))),
            ["CREATE INDEX i ON t (a)", "DROP INDEX j"],
        ),
        (AlterTable("t", (DropColumn("t", "a"),), recreate="never"), ["ALTER TABLE t DROP COLUMN a"]),
        (AlterTable("t", ()), []),
    ],
    ids=lambda value: value.describe() if isinstance(value, Operation) else "",
)
def test_plain_operation_asks_for_nothing(operation: Operation[Any], expected: list[str]) -> None:
    assert adapter().wants(operation) == NOTHING
    assert sql(operation) == expected


@pytest.mark.parametrize(
    "operation",
    [
        DropColumn("t", "a"),
        AddColumn("t", sa.Column("c", sa.Integer, unique=True)),
        AddColumn("t", sa.Column("c", sa.Integer, nullable=False)),
        AddColumn("t", sa.Column("c", sa.Integer), if_not_exists=True),
        AddColumn("t", sa.Column("c", sa.Integer, server_default=sa.func.now())),
        AddColumn("t", sa.Column("c", sa.Integer, sa.ForeignKey("p.id"), server_default="1")),
        AlterColumn("t", "a", nullable=True),
        DropConstraint("x", "t"),
        AlterTable("t", (), recreate="always"),
        AlterTable("t", (CreateUniqueConstraint("x", "t", ["a"]),)),
        AlterTable("t", (DropColumn("t", "a", if_exists=True),), recreate="never"),
    ],
    ids=lambda operation: operation.describe(),
)
def test_operation_that_depends_on_the_table_asks_for_it(operation: Operation[Any]) -> None:
    assert adapter().wants(operation).tables == {TableName("t")}


@pytest.mark.parametrize(
    ("default", "constant"),
    [
        ("x", True),
        (sa.text("7"), True),
        (sa.text("-7"), True),
        (sa.text("(-7)"), True),
        (sa.text("NULL"), True),
        (sa.text("x'00'"), True),
        (sa.true(), True),
        (sa.text("CURRENT_DATE"), False),
        (sa.text("(1 + 1)"), False),
        (sa.func.lower("X"), False),
    ],
)
def test_default_that_is_no_literal_needs_a_rebuild(default: Any, constant: bool) -> None:
    operation = AddColumn("t", sa.Column("c", sa.Text, server_default=default))
    assert (adapter().wants(operation) == NOTHING) is constant


# -- rebuild ----------------------------------------------------------------------------------------------------------


def test_steps_of_a_rebuild() -> None:
    facts = known(
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)",
        "CREATE TABLE child (x REFERENCES t)",
        "CREATE INDEX ix ON t (a)",
        "CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE VIEW v AS SELECT a FROM t",
        "PRAGMA foreign_keys=ON",
    )
    steps = plan(AlterColumn("t", "a", nullable=False, new_column_name="b"), facts)
    assert isinstance(steps[0], SuspendForeignKeys)
    (call,) = (step for step in steps if isinstance(step, Call))
    assert call.description == "check that every row of t was copied"
    assert [step.sql for step in steps if isinstance(step, Statement)] == [
        "CREATE TABLE _asyncmig_new_t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT NOT NULL)",
        "INSERT INTO _asyncmig_new_t (id, a) SELECT id, a FROM t",
        "DELETE FROM sqlite_sequence WHERE name = '_asyncmig_new_t'",
        "INSERT INTO sqlite_sequence (name, seq) SELECT '_asyncmig_new_t', seq FROM sqlite_sequence WHERE name = 't'",
        "DROP TABLE t",
        "PRAGMA legacy_alter_table=ON",
        "ALTER TABLE _asyncmig_new_t RENAME TO t",
        "PRAGMA legacy_alter_table=OFF",
        "CREATE INDEX ix ON t (a)",
        "CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END",
        "ALTER TABLE t RENAME COLUMN a TO b",
    ]


def test_rebuild_of_a_table_that_stands_alone_needs_little() -> None:
    facts = known("CREATE TABLE t (a INT)")
    assert sql(CreateCheckConstraint("ck", "t", "a > 1"), facts) == [
        "CREATE TABLE _asyncmig_new_t (a INT, CONSTRAINT ck CHECK (a > 1))",
        "INSERT INTO _asyncmig_new_t (rowid, a) SELECT rowid, a FROM t",
        "DROP TABLE t",
        "ALTER TABLE _asyncmig_new_t RENAME TO t",
    ]


def test_added_lines_are_written_as_their_neighbours() -> None:
    facts = known("CREATE TABLE t (\n    a INT, -- first\n    b INT -- last\n)")
    steps = plan(CreateUniqueConstraint("uq", "t", ["b"]), facts)
    assert isinstance(steps[0], Statement)
    assert steps[0].sql == (
        "CREATE TABLE _asyncmig_new_t (\n    a INT, -- first\n    b INT -- last\n,\n    CONSTRAINT uq UNIQUE (b))"
    )


def test_block_that_is_given_to_nobody_who_knows() -> None:
    with pytest.raises(NeedsDatabaseError, match="definition of table t"):
        sql(AlterColumn("t", "a", nullable=False), Facts.unknown())
    with pytest.raises(UnsupportedOperationError, match="recreate='never' forbids") as caught:
        sql(AlterTable("t", (AlterColumn("t", "a", nullable=False),), recreate="never"))
    assert 'op.batch_alter_table("t", recreate="auto")' in str(caught.value)


def test_type_of_another_database_is_refused_in_words() -> None:
    class Strange(sa.types.UserDefinedType[Any]):
        def get_col_spec(self, **_: Any) -> str:
            return "VECTOR(3)[] WITH (m = 1)"

    with pytest.raises(UnsupportedOperationError, match="SQLite has nothing like"):
        sql(AddColumn("t", sa.Column("c", Strange())))
    with pytest.raises(UnsupportedOperationError, match="cannot say this"):
        sql(AddColumn("t", sa.Column("c", sa.types.NullType())))


# -- text -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "inside"),
    [
        ("CREATE TABLE t (a)", True),
        ("/* why */ VACUUM", False),
        ("attach ':memory:' as x", False),
        ("DETACH x", False),
        ("PRAGMA foreign_keys = OFF", False),
        ("PRAGMA foreign_keys(0)", False),
        ("PRAGMA foreign_keys", True),
        ("PRAGMA main.journal_mode=WAL", False),
        ("PRAGMA user_version = 3", True),
        ("PRAGMA foreign_key_check(t)", True),
    ],
)
def test_statements_that_need_to_be_outside_a_transaction(statement: str, inside: bool) -> None:
    assert adapter().is_transactional(statement) is inside


def test_statements_that_end_a_transaction() -> None:
    database = adapter()
    assert database.commits("COMMIT")
    assert database.commits("-- x\nend transaction")
    assert database.commits("ROLLBACK")
    assert not database.commits("ROLLBACK TO SAVEPOINT x")
    assert not database.commits("SELECT 1")


def test_text_of_several_statements_is_split() -> None:
    trigger = "CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; SELECT 2; END"
    assert sql(Execute(f"CREATE TABLE t (a DEFAULT ';');\n{trigger}; DROP TABLE [x;y];")) == [
        "CREATE TABLE t (a DEFAULT ';')",
        trigger,
        "DROP TABLE [x;y]",
    ]


def test_registry_knows_the_adapter() -> None:
    assert adapter_class(dialect.dialect()) is SQLiteAdapter
    assert SQLiteAdapter.traits.lock == "transaction"


KEYWORDS = """
ABORT ACTION ADD AFTER ALL ALTER ALWAYS ANALYZE AND AS ASC ATTACH AUTOINCREMENT BEFORE BEGIN BETWEEN BY CASCADE
CASE CAST CHECK COLLATE COLUMN COMMIT CONFLICT CONSTRAINT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME
CURRENT_TIMESTAMP DATABASE DEFAULT DEFERRABLE DEFERRED DELETE DESC DETACH DISTINCT DO DROP EACH ELSE END ESCAPE
EXCEPT EXCLUDE EXCLUSIVE EXISTS EXPLAIN FAIL FILTER FIRST FOLLOWING FOR FOREIGN FROM FULL GENERATED GLOB GROUP
GROUPS HAVING IF IGNORE IMMEDIATE IN INDEX INDEXED INITIALLY INNER INSERT INSTEAD INTERSECT INTO IS ISNULL JOIN KEY
LAST LEFT LIKE LIMIT MATCH MATERIALIZED NATURAL NO NOT NOTHING NOTNULL NULL NULLS OF OFFSET ON OR ORDER OTHERS
OUTER OVER PARTITION PLAN PRAGMA PRECEDING PRIMARY QUERY RAISE RANGE RECURSIVE REFERENCES REGEXP REINDEX RELEASE
RENAME REPLACE RESTRICT RETURNING RIGHT ROLLBACK ROW ROWS SAVEPOINT SELECT SET TABLE TEMP TEMPORARY THEN TIES TO
TRANSACTION TRIGGER UNBOUNDED UNION UNIQUE UPDATE USING VACUUM VALUES VIEW VIRTUAL WHEN WHERE WINDOW WITH WITHOUT
"""


@pytest.mark.parametrize("word", KEYWORDS.split())
def test_reserved_words_are_those_of_sqlite(word: str) -> None:
    database = sqlite3.connect(":memory:")
    try:
        database.execute(f"CREATE TABLE t (x, {word})")
        accepted = True
    except sqlite3.OperationalError:
        accepted = False
    assert accepted is (word not in RESERVED)
    database.execute(f"CREATE TABLE {adapter().quote(word.lower())} ({adapter().quote(word.lower())} INT)")
    database.close()


def test_created_table_quotes_what_sqlite_reserves() -> None:
    (statement,) = sql(CreateTable.of("returning", sa.Column("nothing", sa.Integer)))
    assert statement == 'CREATE TABLE "returning" ( "nothing" INTEGER )'


def test_text_is_the_sum_of_its_tokens() -> None:
    text = "SELECT 'it''s', \"q\"\"q\", [b]]c], `t`, x'0f', 1.5e-3, .5, a$1 -- c\n/* d */ || ->> ü\u00a0?1 'open"
    assert "".join(token.text for token in tokens(text)) == text


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a > 0 AND length(b) < 5", {"a", "b"}),
        ("t.a = 'b' AND \"C\" IN (1, 2)", {"a", "c"}),
        ("CASE WHEN a THEN 1 ELSE 0 END", {"a"}),
        ('CASE WHEN "end" THEN 1 END', {"end"}),
        ("end > start", {"end", "start"}),
        ("a COLLATE nocase = 'x' -- b", {"a"}),
    ],
)
def test_columns_in_an_expression(expression: str, expected: set[str]) -> None:
    assert mentions(expression) == expected


def test_columns_are_renamed_in_an_expression_and_nothing_else_is() -> None:
    new = rename_columns("a || 'a' || a() || t.a || \"A\" /* a */", {"a": "b c", "A": "d"}.get, quote)
    assert new == '"b c" || \'a\' || a() || t."b c" || "d" /* a */'


def test_texts_that_say_the_same() -> None:
    assert same_sql("CHECK (a IN ('x', 1))", "check(\"A\" in('x',1)) -- c")
    assert not same_sql("a = 'x'", "a = 'X'")


def test_schema_is_written_into_stored_statements() -> None:
    assert with_schema("CREATE UNIQUE INDEX ix ON t (a)", "aux") == "CREATE UNIQUE INDEX aux.ix ON t (a)"
    assert with_schema('CREATE TRIGGER "a b" AFTER', '"x y"') == 'CREATE TRIGGER "x y"."a b" AFTER'


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("INT", "INTEGER"),
        ("CHARINT", "INTEGER"),
        ("varchar(3)", "TEXT"),
        ("CLOB", "TEXT"),
        ("", "BLOB"),
        ("ANY", "BLOB"),
        ("double precision", "REAL"),
        ("DATETIME", "NUMERIC"),
        ("BOOLEAN", "NUMERIC"),
    ],
)
def test_affinity_of_a_type(type_: str, expected: str) -> None:
    assert affinity(type_) == expected
