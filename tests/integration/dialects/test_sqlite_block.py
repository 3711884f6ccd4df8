"""Blocks of operations on one table of a live SQLite, and the options of a block."""

import datetime
import re
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from asyncmig.errors import OperationError, UnsupportedOperationError
from asyncmig.operations import (
    AddColumn,
    AlterColumn,
    AlterTable,
    CreateCheckConstraint,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateTableComment,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropIndex,
    Operation,
    ValidateConstraint,
)
from tests.integration.dialects.sqlite_database import Database


def block(*operations: Operation[Any], **options: Any) -> AlterTable:
    return AlterTable("t", operations, **options)


@pytest.fixture
async def table(sqlite: Database) -> Database:
    await sqlite.execute(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT, c INT UNIQUE)", "INSERT INTO t VALUES (1, 'x', 5, 7)"
    )
    return sqlite


def rebuilds(statements: list[str]) -> int:
    return sum(statement.startswith("CREATE TABLE") for statement in statements)


# -- one rebuild, or none ---------------------------------------------------------------------------------------------


async def test_everything_at_once_is_one_rebuild(table: Database) -> None:
    sent = await table.run(
        block(
            AddColumn("t", sa.Column("d", sa.String(10), server_default="new", nullable=False, index=True)),
            AlterColumn("t", "a", new_column_name="name", type_=sa.String(30), nullable=False),
            AlterColumn("t", "b", server_default="3"),
            DropColumn("t", "c"),
            CreateUniqueConstraint("uq", "t", ["name", "d"]),
            CreateCheckConstraint("ck", "t", "name <> ''"),
            CreateForeignKey("fk", "t", "t", ["b"], ["id"]),
            CreateIndex("ix", "t", ["name"]),
            CreateTableComment("t", "kept nowhere"),
            ValidateConstraint("ck", "t"),
        )
    )
    assert rebuilds(sent) == 1
    assert await table.rows("SELECT * FROM t") == [(1, "x", 5, "new")]
    assert await table.columns() == ["id", "name", "b", "d"]
    assert {name for type_, name in await table.objects() if type_ == "index"} >= {"ix", "ix_t_d"}


async def test_what_alter_can_do_is_done_by_alter(table: Database) -> None:
    operations = (
        AddColumn("t", sa.Column("d", sa.Integer)),
        AlterColumn("t", "d", new_column_name="e"),
        CreateIndex("ix", "t", ["e", "b"]),
        DropIndex("ix", "t"),
        DropColumn("t", "b"),
    )
    sent = await table.run(block(*operations))
    assert rebuilds(sent) == 0
    assert await table.columns() == ["id", "a", "c", "e"]


async def test_name_of_added_foreign_key_is_found_by_inspectors(table: Database) -> None:
    sent = await table.run(block(AddColumn("t", sa.Column("d", sa.Integer, sa.ForeignKey("t.id", name="fk_d")))))
    assert rebuilds(sent) == 1
    assert "CONSTRAINT fk_d FOREIGN KEY" in await table.sql()


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (sa.Column("d", sa.Boolean, nullable=False, default=False), 0),
        (sa.Column("d", sa.String(9), default="it's"), "it's"),
        (sa.Column("d", sa.String(9), server_default="x", default="y"), "y"),
        (sa.Column("d", sa.JSON, nullable=False, default=dict), "{}"),
        (sa.Column("d", sa.Integer, default=sa.func.length("abc")), 3),
        (sa.Column("d", sa.LargeBinary, default=b"a'"), b"a'"),
        (sa.Column("d", sa.Date, default=lambda: datetime.date(2020, 1, 2)), "2020-01-02"),
    ],
    ids=lambda value: re.sub(r" at 0x[0-9a-f]+", "", repr(value)),
)
async def test_rows_that_are_copied_get_the_default_of_python(
    table: Database, column: sa.Column[Any], expected: object
) -> None:
    sent = await table.run(block(AddColumn("t", column), DropColumn("t", "b")))
    assert rebuilds(sent) == 1
    assert await table.rows("SELECT d FROM t") == [(expected,)]


async def test_default_of_python_goes_before_an_expression_of_the_server(table: Database) -> None:
    await table.run(block(AddColumn("t", sa.Column("d", sa.Text, server_default=sa.text("'x'"), default="y"))))
    assert await table.rows("SELECT d FROM t") == [("y",)]


async def test_required_column_is_filled_by_the_default_of_python(table: Database) -> None:
    await table.run(AddColumn("t", sa.Column("d", sa.Integer, nullable=False, default=4)))
    assert await table.rows("SELECT d FROM t") == [(4,)]


async def test_default_of_python_alone_copies_nothing(table: Database) -> None:
    sent = await table.run(block(AddColumn("t", sa.Column("d", sa.Integer, default=4))))
    assert rebuilds(sent) == 0
    assert await table.rows("SELECT d FROM t") == [(None,)]


async def test_foreign_key_without_name_needs_no_rebuild(table: Database) -> None:
    sent = await table.run(block(AddColumn("t", sa.Column("d", sa.Integer, sa.ForeignKey("t.id")))))
    assert rebuilds(sent) == 0


async def test_rebuild_is_made_when_it_is_asked_for(table: Database) -> None:
    before = (await table.sql()).split("(", 1)[1]
    sent = await table.run(block(recreate="always"))
    assert rebuilds(sent) == 1
    assert (await table.sql()).split("(", 1)[1] == before
    assert await table.rows("SELECT * FROM t") == [(1, "x", 5, 7)]


async def test_rebuild_is_not_made_when_it_is_forbidden(table: Database) -> None:
    sent = await table.run(
        block(
            AddColumn("t", sa.Column("d", sa.Integer), if_not_exists=True),
            DropColumn("t", "z", if_exists=True),
            DropColumn("t", "b"),
            recreate="never",
        )
    )
    assert rebuilds(sent) == 0
    assert await table.columns() == ["id", "a", "c", "d"]
    for operation in (
        AlterColumn("t", "a", nullable=False),
        AddColumn("t", sa.Column("e", sa.Integer, unique=True)),
        AddColumn("t", sa.Column("e", sa.Integer), insert_before="a"),
        AlterColumn("t", "a", insert_before="id"),
        CreateUniqueConstraint("uq", "t", ["a"]),
        DropConstraint("uq", "t"),
    ):
        with pytest.raises(UnsupportedOperationError, match="recreate='never' forbids"):
            await table.run(block(operation, recreate="never"))
    with pytest.raises(UnsupportedOperationError, match="recreate='never' forbids"):
        await table.run(block(DropColumn("t", "c", if_exists=True), recreate="never"))


# -- names inside a block ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a", "name"])
async def test_renamed_column_answers_to_both_names(table: Database, name: str) -> None:
    await table.run(
        block(
            AlterColumn("t", "a", new_column_name="name"),
            AlterColumn("t", name, nullable=False),
            CreateUniqueConstraint("uq", "t", [name]),
            CreateCheckConstraint("ck", "t", f"{name} <> 'q' AND length({name}) < 9"),
            CreateIndex("ix", "t", [name]),
        )
    )
    sql = await table.sql()
    assert "name TEXT NOT NULL" in sql
    assert "UNIQUE (name)" in sql
    assert "CHECK (name <> 'q' AND length(name) < 9)" in sql
    assert await table.sql("ix") == "CREATE INDEX ix ON t (name)"


async def test_column_is_renamed_twice_by_its_first_name(table: Database) -> None:
    rename = AlterColumn("t", "a", new_column_name="name")
    sent = await table.run(block(rename, rename))
    assert rebuilds(sent) == 0
    assert await table.columns() == ["id", "name", "b", "c"]


async def test_names_go_round(table: Database) -> None:
    await table.execute("CREATE VIEW v AS SELECT a AS was_a, b AS was_b FROM t")
    await table.run(
        block(
            AlterColumn("t", "a", new_column_name="tmp"),
            AlterColumn("t", "b", new_column_name="a"),
            AlterColumn("t", "tmp", new_column_name="b"),
            AlterColumn("t", "b", nullable=False),
        )
    )
    assert await table.rows("SELECT a, b FROM t") == [(5, "x")]
    assert await table.rows("SELECT * FROM v") == [("x", 5)]
    assert "b TEXT NOT NULL" in await table.sql()


async def test_name_that_has_become_free_is_used_again(table: Database) -> None:
    await table.run(
        block(
            AlterColumn("t", "a", new_column_name="old_a"),
            AddColumn(
                "t",
                sa.Column(
                    "a", sa.Integer, sa.CheckConstraint("a > 0 OR old_a = ''"), sa.ForeignKey("t.id"), unique=True
                ),
            ),
            AddColumn("t", sa.Column("twice", sa.Integer, sa.Computed("a * 2", persisted=True))),
            CreateIndex("ix", "t", ["a"]),
            DropColumn("t", "b"),
            AddColumn("t", sa.Column("b", sa.Text, server_default="fresh")),
        )
    )
    assert rebuilds(table.sent) == 1
    assert await table.columns() == ["id", "old_a", "c", "a", "twice", "b"]
    assert await table.rows("SELECT old_a, a, twice, b FROM t") == [("x", None, None, "fresh")]
    assert "_asyncmig" not in await table.sql()
    await table.execute("UPDATE t SET a = 1")
    assert await table.value("SELECT twice FROM t") == 2
    with pytest.raises(IntegrityError, match="CHECK"):
        await table.execute("UPDATE t SET a = -1")


async def test_renamed_to_a_name_that_is_taken(table: Database) -> None:
    with pytest.raises(OperationError, match="cannot be renamed to 'B': there is such a column already"):
        await table.run(block(AlterColumn("t", "a", new_column_name="B", nullable=False)))


async def test_constraint_is_found_by_its_name_whatever_its_type(sqlite: Database) -> None:
    await sqlite.execute("CREATE TABLE t (a INT, CONSTRAINT ck CHECK (a > 0))")
    await sqlite.run(block(DropConstraint("ck", "t", type_="unique")))
    assert "ck" not in await sqlite.sql()


async def test_key_is_replaced_in_one_block(table: Database) -> None:
    await table.run(
        block(
            DropConstraint("pk_t", "t", type_="primary"),
            DropColumn("t", "id"),
            AddColumn("t", sa.Column("id", sa.String(36), server_default="u", nullable=False)),
            CreatePrimaryKey("pk_t", "t", ["id"]),
        )
    )
    assert "CONSTRAINT pk_t PRIMARY KEY (id)" in await table.sql()
    assert await table.rows("SELECT id, a FROM t") == [("u", "x")]


async def test_key_gets_a_name_or_other_columns(table: Database) -> None:
    for columns in (["id"], ["ID"], ["a"]):
        await table.run(block(CreatePrimaryKey("pk_t", "t", columns), recreate="always"))
        assert f"CONSTRAINT pk_t PRIMARY KEY ({columns[0].lower()})" in await table.sql()
        assert (await table.sql()).count("PRIMARY KEY") == 1
    assert await table.rows("SELECT id, a FROM t") == [(1, "x")]


async def test_constraint_replaces_one_of_its_name(table: Database) -> None:
    for column in ("a", "b"):
        await table.run(block(CreateUniqueConstraint("uq_t", "t", [column])))
        assert f"CONSTRAINT uq_t UNIQUE ({column})" in await table.sql()
        assert (await table.sql()).count("uq_t") == 1
    with pytest.raises(OperationError, match="has a constraint 'uq_t' already"):
        await table.run(block(CreateCheckConstraint("uq_t", "t", "a > 0")))


async def test_index_that_went_with_its_column_may_be_dropped(table: Database) -> None:
    await table.execute("CREATE UNIQUE INDEX ix_t ON t (a, b)")
    await table.run(block(DropColumn("t", "b"), DropIndex("ix_t", "t"), CreateIndex("ix_new", "t", ["a"])))
    assert await table.rows("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql NOT NULL") == [("ix_new",)]


async def test_index_of_a_column_that_is_dropped_and_added_stays(table: Database) -> None:
    await table.execute("CREATE INDEX ix_t ON t (a, b)", "CREATE INDEX ix_b ON t (b)", "CREATE INDEX ix_c ON t (b)")
    await table.run(
        block(
            DropColumn("t", "b"),
            DropIndex("ix_b", "t"),
            AddColumn("t", sa.Column("B", sa.Text)),
            CreateIndex("ix_c", "t", ["B", "a"]),
        )
    )
    rows = await table.rows("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql NOT NULL ORDER BY name")
    assert [name for name, _ in rows] == ["ix_c", "ix_t"]
    assert '"B", a' in rows[0][1]


async def test_index_may_be_created_before_its_column_is_added(table: Database) -> None:
    await table.run(block(CreateIndex("ix_t", "t", ["new", "a"]), AddColumn("t", sa.Column("new", sa.Integer))))
    assert "(new, a)" in (await table.rows("SELECT sql FROM sqlite_schema WHERE name = 'ix_t'"))[0][0]


async def test_index_that_is_not_there(table: Database) -> None:
    with pytest.raises(OperationError, match="No such index 'ix' of table t") as caught:
        await table.run(block(DropIndex("ix", "t"), recreate="always"))
    assert "It has: none." in str(caught.value)
    await table.run(block(DropIndex("ix", "t", if_exists=True), recreate="always"))


# -- options of a block -----------------------------------------------------------------------------------------------


async def test_convention_of_the_block_finds_and_names(sqlite: Database) -> None:
    await sqlite.execute(
        "CREATE TABLE p (id INTEGER PRIMARY KEY)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, p_id INT REFERENCES p, a INT UNIQUE, b INT, UNIQUE (b))",
    )
    convention = {
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
    await sqlite.run(block(DropConstraint("fk_t_p_id_p", "t", type_="foreignkey"), naming_convention=convention))
    sql = await sqlite.sql()
    assert "REFERENCES" not in sql
    for name in (
        "CONSTRAINT pk_t PRIMARY KEY AUTOINCREMENT",
        "a INT CONSTRAINT uq_t_a UNIQUE",
        "CONSTRAINT uq_t_b UNIQUE",
    ):
        assert name in sql
    await sqlite.run(DropConstraint("uq_t_a", "t"), DropConstraint("uq_t_b", "t"))
    assert "UNIQUE" not in await sqlite.sql()


async def test_table_arguments(table: Database) -> None:
    await table.run(
        block(
            AlterColumn("t", "a", new_column_name="name"),
            table_args=(
                sa.CheckConstraint("name <> 'q'"),
                sa.UniqueConstraint("name", "b", name="uq"),
                sa.ForeignKeyConstraint(["c"], ["t.id"], name="fk"),
                sa.Index("ix", "b"),
            ),
        )
    )
    sql = await table.sql()
    for text in (
        "CHECK (name <> 'q')",
        "CONSTRAINT uq UNIQUE (name, b)",
        "CONSTRAINT fk FOREIGN KEY(c) REFERENCES t (id)",
    ):
        assert text in sql
    assert await table.sql("ix") == "CREATE INDEX ix ON t (b)"


@pytest.mark.parametrize(
    ("definition", "options", "expected"),
    [
        ("id INTEGER PRIMARY KEY, a", {"sqlite_autoincrement": True}, "(id INTEGER PRIMARY KEY AUTOINCREMENT, a)"),
        (
            "id INTEGER, a, PRIMARY KEY (id)",
            {"sqlite_autoincrement": True},
            "(id INTEGER PRIMARY KEY AUTOINCREMENT, a)",
        ),
        ("id INTEGER PRIMARY KEY AUTOINCREMENT, a", {"sqlite_autoincrement": False}, "(id INTEGER PRIMARY KEY, a)"),
        ("id TEXT PRIMARY KEY, a TEXT", {"sqlite_with_rowid": False}, "(id TEXT PRIMARY KEY, a TEXT) WITHOUT ROWID"),
        ("id TEXT PRIMARY KEY, a TEXT", {"sqlite_strict": True}, "(id TEXT PRIMARY KEY, a TEXT) STRICT"),
        (
            "id TEXT PRIMARY KEY, a TEXT",
            {"sqlite_strict": True, "sqlite_with_rowid": False},
            "(id TEXT PRIMARY KEY, a TEXT) WITHOUT ROWID, STRICT",
        ),
        ("id INTEGER PRIMARY KEY, a", {"mysql_engine": "InnoDB"}, "(id INTEGER PRIMARY KEY, a)"),
    ],
)
async def test_table_options(sqlite: Database, definition: str, options: dict[str, object], expected: str) -> None:
    await sqlite.execute(f"CREATE TABLE t ({definition})", "INSERT INTO t VALUES (3, 'x')")
    await sqlite.run(block(table_kwargs=options))
    assert (await sqlite.sql()).replace('"t"', "t") == f"CREATE TABLE t {expected}"
    assert await sqlite.value("SELECT a FROM t") == "x"


async def test_option_that_the_table_cannot_have(table: Database) -> None:
    await table.execute("CREATE TABLE u (a TEXT)")
    with pytest.raises(OperationError, match="cannot be AUTOINCREMENT"):
        await table.run(AlterTable("u", (), table_kwargs={"sqlite_autoincrement": True}))
    with pytest.raises(OperationError, match="must have a primary key"):
        await table.run(AlterTable("u", (), table_kwargs={"sqlite_with_rowid": False}))


async def test_columns_are_put_in_order(table: Database) -> None:
    await table.run(block(partial_reordering=[("c", "a"), ("id", "c")]))
    assert await table.columns() == ["id", "b", "c", "a"]
    assert await table.rows("SELECT * FROM t") == [(1, 5, 7, "x")]
    with pytest.raises(OperationError, match="runs in a circle"):
        await table.run(block(partial_reordering=[("c", "a"), ("a", "c")]))


async def test_columns_that_are_given_replace_those_that_were_read(sqlite: Database) -> None:
    await sqlite.execute(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, flag WEIRD DEFAULT 3 UNIQUE)", "INSERT INTO t VALUES (1, 1)"
    )
    given = sa.Column("flag", sa.Boolean(create_constraint=True, name="ck_flag"), nullable=False)
    assert await sqlite.run(block(CreateIndex("ix", "t", ["flag"]), reflect_args=(given,))) != []
    assert "WEIRD" in await sqlite.sql()
    await sqlite.run(block(AddColumn("t", sa.Column("x", sa.Integer, unique=True)), reflect_args=(given,)))
    sql = await sqlite.sql()
    assert "flag BOOLEAN UNIQUE NOT NULL" in sql
    assert "CONSTRAINT ck_flag CHECK (flag IN (0, 1))" in sql
    await sqlite.run(block(DropColumn("t", "flag"), reflect_args=(given,)))
    assert "flag" not in await sqlite.sql()


async def test_table_that_is_given(table: Database) -> None:
    metadata = sa.MetaData()
    sa.Table("p", metadata, sa.Column("id", sa.Integer, primary_key=True))
    given = sa.Table(
        "t",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("a", sa.String(10), nullable=False),
        sa.Column("b", sa.Integer, sa.ForeignKey("p.id")),
    )
    await table.execute("CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END", "CREATE INDEX ix ON t (a)")
    operation = block(AlterColumn("t", "b", nullable=False), copy_from=given)
    first = [str(step) for step in await table.plan(operation)]
    assert first == [str(step) for step in await table.plan(operation)]
    await table.run(operation)
    assert await table.columns() == ["id", "a", "b"]
    assert await table.rows("SELECT * FROM t") == [(1, "x", 5)]
    assert {("trigger", "tr"), ("index", "ix")} <= await table.objects()
    assert given.c.b.table is given


async def test_same_operations_are_planned_twice_alike(table: Database) -> None:
    operations: list[Operation[Any]] = [
        AddColumn(
            "t", sa.Column("d", sa.Boolean(create_constraint=True, name="ck"), sa.ForeignKey("t.id"), unique=True)
        ),
        AlterColumn("t", "a", type_=sa.Enum("x", "y", name="e", create_constraint=True), server_default="x"),
        AlterColumn("t", "b", server_default=sa.Computed("id + 1", persisted=True)),
        CreateForeignKey("fk", "t", "t", ["b"], ["id"]),
        CreateCheckConstraint("ck2", "t", sa.column("b") > 1),
        CreateIndex("ix", "t", [sa.func.lower(sa.column("a"))]),
        DropColumn("t", "c"),
    ]
    for operation in (*operations, block(*operations, table_args=(sa.CheckConstraint("a <> ''"),))):
        first = [str(step) for step in await table.plan(operation)]
        assert first == [str(step) for step in await table.plan(operation)]
