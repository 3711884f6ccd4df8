"""Operations on a live SQLite, each by itself: by ALTER where there is one, else by a rebuild."""

import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from asyncmig.errors import OperationError, UnsupportedOperationError
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
    CreatePrimaryKey,
    CreateTable,
    CreateTableComment,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropEnum,
    DropIndex,
    DropTable,
    DropTableComment,
    Execute,
    Operation,
    RenameEnumValue,
    RenameTable,
    ValidateConstraint,
)
from tests.integration.dialects.sqlite_database import Database


async def some(sqlite: Database, rows: str = "(1, 'x', 5), (2, 'y', NULL)") -> None:
    await sqlite.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT)", f"INSERT INTO t VALUES {rows}")


# -- tables -----------------------------------------------------------------------------------------------------------


async def test_table_with_options_of_sqlite(sqlite: Database) -> None:
    await sqlite.run(
        CreateTable.of("p", sa.Column("id", sa.Integer, primary_key=True), sqlite_autoincrement=True),
        CreateTable.of(
            "t",
            sa.Column("k", sa.Text, primary_key=True),
            sa.Column("p_id", sa.Integer, sa.ForeignKey("p.id", ondelete="CASCADE"), index=True),
            sqlite_with_rowid=False,
            sqlite_strict=True,
            comment="kept nowhere",
        ),
        CreateTableComment("t", "kept nowhere"),
        DropTableComment("t"),
    )
    assert "AUTOINCREMENT" in await sqlite.sql("p")
    assert (await sqlite.sql("t")).endswith("STRICT")
    assert ("index", "ix_t_p_id") in await sqlite.objects()
    await sqlite.run(RenameTable("t", "u"), DropTable("u"), DropTable("u", if_exists=True))
    assert ("table", "u") not in await sqlite.objects()


async def test_renamed_table_is_followed_by_what_names_it(sqlite: Database) -> None:
    await some(sqlite)
    await sqlite.execute("CREATE TABLE child (x REFERENCES t (id))", "CREATE VIEW v AS SELECT a FROM t")
    await sqlite.run(RenameTable("t", "u"))
    assert '"u"' in await sqlite.sql("child")
    assert await sqlite.value("SELECT count(*) FROM v") == 2


# -- columns ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (sa.Column("c", sa.Integer), None),
        (sa.Column("c", sa.Integer, server_default="7", nullable=False), 7),
        (sa.Column("c", sa.String(5), server_default="it's 100% :x"), "it's 100% :x"),
        (sa.Column("c", sa.Boolean, server_default=sa.true()), 1),
        (sa.Column("c", sa.Integer, server_default=sa.text("-1")), -1),
        (sa.Column("c", sa.Integer, sa.CheckConstraint("c > 0", name="ck")), None),
        (sa.Column("c", sa.Integer, sa.ForeignKey("t.id", name="fk", ondelete="CASCADE", deferrable=True)), None),
        (sa.Column("c", sa.Boolean(create_constraint=True, name="ck"), server_default="1"), 1),
        (sa.Column("c", sa.Enum("a", "b", name="e", create_constraint=True)), None),
        (sa.Column("c", sa.Integer, sa.Computed("b + 1", persisted=False)), 6),
        (sa.Column("c", sa.Integer, index=True), None),
        (sa.Column("c", sa.String(collation="NOCASE")), None),
        (sa.Column("c", sa.Integer, comment="kept nowhere"), None),
    ],
    ids=lambda value: str(value) if not isinstance(value, sa.Column) else "",
)
async def test_column_is_added_in_place(sqlite: Database, column: sa.Column[Any], value: object) -> None:
    await some(sqlite, "(1, 'x', 5)")
    assert not sqlite.adapter.wants(AddColumn("t", column))
    await sqlite.run(AddColumn("t", column))
    assert not sqlite.rebuilt
    assert await sqlite.value("SELECT c FROM t") == value
    reflected = await sqlite.connection.run_sync(lambda sync: sa.inspect(sync).get_columns("t"))
    assert [each["name"] for each in reflected] == ["id", "a", "b", "c"]
    await sqlite.connection.rollback()
    await sqlite.run(DropColumn("t", "c"))
    assert await sqlite.columns() == ["id", "a", "b"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (sa.Column("c", sa.Integer, unique=True), None),
        (sa.Column("c", sa.Integer, sa.Computed("b + 1", persisted=True)), 6),
        (sa.Column("c", sa.Integer, sa.ForeignKey("t.id"), server_default="1"), 1),
        (sa.Column("c", sa.Integer, server_default=sa.text("(1 + 1)"), nullable=False), 2),
    ],
    ids=["unique", "stored", "reference with a default", "expression"],
)
async def test_column_that_alter_refuses_is_added_by_a_rebuild(
    sqlite: Database, column: sa.Column[Any], value: object
) -> None:
    await some(sqlite, "(1, 'x', 5)")
    await sqlite.execute("PRAGMA foreign_keys=ON")
    await sqlite.run(AddColumn("t", column))
    assert sqlite.rebuilt
    assert await sqlite.rows("SELECT * FROM t") == [(1, "x", 5, value)]


async def test_added_column_gets_the_time_of_the_migration(sqlite: Database) -> None:
    await some(sqlite)
    await sqlite.run(AddColumn("t", sa.Column("c", sa.DateTime, server_default=sa.func.now(), nullable=False)))
    value = await sqlite.value("SELECT c FROM t")
    assert datetime.datetime.now(datetime.UTC).strftime("%Y-") in value


async def test_column_with_a_unique_index_is_added_in_place(sqlite: Database) -> None:
    await some(sqlite)
    await sqlite.run(AddColumn("t", sa.Column("c", sa.Integer, unique=True, index=True)))
    assert not sqlite.rebuilt
    assert "UNIQUE INDEX" in await sqlite.sql("ix_t_c")


async def test_primary_key_is_added_with_its_column(sqlite: Database) -> None:
    await sqlite.execute("CREATE TABLE t (a TEXT)", "INSERT INTO t VALUES ('x'), ('y')")
    await sqlite.run(AddColumn("t", sa.Column("id", sa.Integer, primary_key=True), insert_before="a"))
    assert await sqlite.rows("SELECT * FROM t") == [(1, "x"), (2, "y")]
    with pytest.raises(OperationError, match="has a primary key already: id"):
        await sqlite.run(CreatePrimaryKey("pk", "t", ["a"]))


async def test_column_that_rows_have_no_value_for_is_refused_in_words(sqlite: Database) -> None:
    await some(sqlite)
    column = sa.Column("c", sa.Integer, nullable=False)
    with pytest.raises(OperationError, match="the rows that are there have no value for it") as caught:
        await sqlite.run(AddColumn("t", column))
    assert "server_default" in str(caught.value)
    await sqlite.execute("DELETE FROM t")
    await sqlite.run(AddColumn("t", column))
    assert not sqlite.rebuilt
    assert "c INTEGER NOT NULL" in await sqlite.sql()


async def test_place_of_an_added_column(sqlite: Database) -> None:
    await some(sqlite)
    await sqlite.run(
        AddColumn("t", sa.Column("c", sa.Integer), insert_before="a"),
        AddColumn("t", sa.Column("d", sa.Integer), insert_after="a"),
        AlterColumn("t", "b", insert_before="id"),
        AlterColumn("t", "b", insert_before="id"),
    )
    assert await sqlite.columns() == ["b", "id", "c", "a", "d"]
    assert await sqlite.rows("SELECT a, b FROM t") == [("x", 5), ("y", None)]


async def test_column_that_is_there_or_not(sqlite: Database) -> None:
    await some(sqlite)
    before = await sqlite.sql()
    sent = await sqlite.run(
        AddColumn("t", sa.Column("A", sa.Integer), if_not_exists=True), DropColumn("t", "z", if_exists=True)
    )
    assert sent == []
    assert await sqlite.sql() == before
    with pytest.raises(OperationError, match="has a column 'b' already"):
        await sqlite.run(AddColumn("t", sa.Column("b", sa.Integer, unique=True)))
    with pytest.raises(OperationError, match="No such column 'z' in table t") as caught:
        await sqlite.run(DropColumn("t", "z"))
    assert "It has: id, a, b." in str(caught.value)
    with pytest.raises(OperationError, match="No such table: nowhere"):
        await sqlite.run(DropColumn("nowhere", "z"))


@pytest.mark.parametrize(
    ("extra", "native"),
    [
        ("c INT", True),
        ("c INT CHECK (c > 0) DEFAULT 3", True),
        ("c INT REFERENCES p (id)", True),
        ("c INT UNIQUE", False),
        ("c INT, UNIQUE (a, c)", False),
        ("c INT, CHECK (c > 0)", False),
        ("c INT, FOREIGN KEY (c) REFERENCES p (id)", False),
        ("c INT, CONSTRAINT x UNIQUE (c), CONSTRAINT y CHECK (c > 0 OR c IS NULL)", False),
    ],
)
async def test_column_is_dropped_with_its_constraints(sqlite: Database, extra: str, native: bool) -> None:
    await sqlite.execute(
        "CREATE TABLE p (id INTEGER PRIMARY KEY)",
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, {extra})",
        "INSERT INTO t (a) VALUES ('x')",
    )
    await sqlite.run(DropColumn("t", "c"))
    assert sqlite.rebuilt is not native
    assert await sqlite.rows("SELECT * FROM t") == [(1, "x")]
    assert "CHECK" not in await sqlite.sql()
    assert "UNIQUE" not in await sqlite.sql()
    assert "REFERENCES" not in await sqlite.sql()


async def test_key_is_dropped_with_its_column(sqlite: Database) -> None:
    await sqlite.execute("CREATE TABLE t (a TEXT, id INTEGER PRIMARY KEY)", "INSERT INTO t (a) VALUES ('x')")
    await sqlite.run(DropColumn("t", "id"))
    assert await sqlite.sql() == 'CREATE TABLE "t" (a TEXT)'


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (", CHECK (b > 0 AND a <> '')", r"CHECK \(b > 0 AND a <> ''\) uses it"),
        (", CONSTRAINT positive CHECK (b > length(a))", "the constraint positive uses it"),
        (", c INT AS (b + 1)", r"AS \(b \+ 1\) uses it"),
        (", c INT CHECK (c > b)", "CHECK"),
    ],
)
async def test_column_that_others_need_is_not_dropped(sqlite: Database, extra: str, message: str) -> None:
    await sqlite.execute(f"CREATE TABLE t (a TEXT, b INT{extra})")
    with pytest.raises(OperationError, match=message):
        await sqlite.run(DropColumn("t", "b"))


async def test_column_that_a_child_refers_to_is_not_dropped(sqlite: Database) -> None:
    await sqlite.execute(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INT UNIQUE)",
        "CREATE TABLE child (x REFERENCES t, y REFERENCES t (b))",
    )
    for column in ("id", "b"):
        with pytest.raises(OperationError, match=r"a foreign key of table child \([xy]\) refers to it"):
            await sqlite.run(DropColumn("t", column))


async def test_indexes_of_a_dropped_column(sqlite: Database) -> None:
    await some(sqlite)
    await sqlite.execute("CREATE INDEX plain ON t (a, b DESC)", "CREATE INDEX other ON t (a)")
    await sqlite.run(DropColumn("t", "b"))
    assert not sqlite.rebuilt
    assert {name for type_, name in await sqlite.objects() if type_ == "index"} == {"other"}
    await sqlite.execute("CREATE INDEX expression ON t (lower(a))")
    with pytest.raises(OperationError, match="the index expression uses it") as caught:
        await sqlite.run(DropColumn("t", "a"))
    assert 'op.drop_index("expression", "t")' in str(caught.value)


async def test_last_column_is_not_dropped(sqlite: Database) -> None:
    await sqlite.execute("CREATE TABLE t (a TEXT)")
    with pytest.raises(OperationError, match="is the only one"):
        await sqlite.run(DropColumn("t", "a"))


async def test_column_is_renamed_in_place_everywhere(sqlite: Database) -> None:
    await some(sqlite)
    await sqlite.execute(
        "CREATE TABLE child (x REFERENCES t (id))",
        "CREATE VIEW v AS SELECT a FROM t",
        "CREATE INDEX ix ON t (lower(a)) WHERE a > ''",
        "CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT new.a; END",
    )
    rename = AlterColumn("t", "a", new_column_name="name", existing_type=sa.Text(), comment="kept nowhere")
    assert not sqlite.adapter.wants(rename)
    await sqlite.run(rename, AlterColumn("t", "id", new_column_name="key"))
    assert sqlite.sent == ["ALTER TABLE t RENAME COLUMN a TO name", 'ALTER TABLE t RENAME COLUMN id TO "key"']
    assert await sqlite.value("SELECT name FROM v") == "x"
    assert '"key"' in await sqlite.sql("child")


async def test_rename_and_change_together(sqlite: Database) -> None:
    await some(sqlite)
    await sqlite.execute("CREATE VIEW v AS SELECT b FROM t")
    await sqlite.run(AlterColumn("t", "b", new_column_name="c", type_=sa.String(9), server_default="z"))
    assert await sqlite.rows("SELECT id, c FROM t") == [(1, "5"), (2, None)]
    assert "c VARCHAR(9) DEFAULT 'z'" in await sqlite.sql()
    assert await sqlite.value("SELECT c FROM v") == "5"


async def test_default_is_set_changed_and_removed(sqlite: Database) -> None:
    await some(sqlite)
    for default, text in (
        ("x", "DEFAULT 'x'"),
        (sa.text("7"), "DEFAULT 7"),
        (sa.func.now(), "DEFAULT CURRENT_TIMESTAMP"),
        (sa.literal("it's"), "DEFAULT 'it''s'"),
        (sa.text("(1 + 1)"), "DEFAULT (1 + 1)"),
    ):
        await sqlite.run(AlterColumn("t", "b", server_default=default, existing_type=sa.Integer()))
        assert f"b INT {text})" in await sqlite.sql()
    await sqlite.run(AlterColumn("t", "b", server_default=None))
    assert "DEFAULT" not in await sqlite.sql()
    assert await sqlite.run(AlterColumn("t", "b", server_default=None, existing_server_default="x")) == []


async def test_generated_column_becomes_an_ordinary_one_and_back(sqlite: Database) -> None:
    await sqlite.execute("CREATE TABLE t (a INT, b INT AS (a + 1) STORED)", "INSERT INTO t (a) VALUES (1)")
    await sqlite.run(AlterColumn("t", "b", server_default=None))
    await sqlite.execute("UPDATE t SET b = 7")
    await sqlite.run(AlterColumn("t", "b", server_default=sa.Computed("a * 10", persisted=True)))
    assert await sqlite.rows("SELECT * FROM t") == [(1, 10)]


async def test_what_is_so_already_needs_nothing(sqlite: Database) -> None:
    await sqlite.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(20) NOT NULL DEFAULT 'x')")
    sent = await sqlite.run(
        AlterColumn("t", "a", type_=sa.String(20), nullable=False, server_default="x", comment="kept nowhere"),
        AlterColumn("t", "id", autoincrement=True, existing_type=sa.Integer()),
        AlterColumn("t", "id", nullable=True),
        AlterColumn("t", "a", new_column_name="a"),
    )
    assert sent == []


async def test_autoincrement_is_taken_away(sqlite: Database) -> None:
    await sqlite.execute("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)")
    await sqlite.run(AlterColumn("t", "id", autoincrement=False))
    assert "AUTOINCREMENT" not in await sqlite.sql()
    assert "PRIMARY KEY" in await sqlite.sql()


@pytest.mark.parametrize(
    "check",
    ["CONSTRAINT kind CHECK (a IN ('x', 'y'))", "CHECK (a IN ('x', 'y'))", "CHECK ( \"a\" in ('x','y') )"],
)
@pytest.mark.parametrize("existing", [True, False])
async def test_check_of_a_type_goes_and_comes_with_it(sqlite: Database, check: str, existing: bool) -> None:
    await sqlite.execute(f"CREATE TABLE t (a VARCHAR(1), CHECK (a <> 'q'), {check})", "INSERT INTO t VALUES ('x')")
    old = sa.Enum("x", "y", name="kind", create_constraint=True) if existing else None
    new = sa.Enum("x", "y", "zzz", name="kind", create_constraint=True)
    await sqlite.run(AlterColumn("t", "a", type_=new, existing_type=old))
    assert (await sqlite.sql()).count("CHECK") == 2
    await sqlite.execute("INSERT INTO t VALUES ('zzz')")
    with pytest.raises(IntegrityError, match="kind"):
        await sqlite.execute("INSERT INTO t VALUES ('b')")
    await sqlite.run(AlterColumn("t", "a", type_=sa.String(9), existing_type=new))
    assert (await sqlite.sql()).count("CHECK") == 1
    await sqlite.execute("INSERT INTO t VALUES ('b')")


# -- constraints ------------------------------------------------------------------------------------------------------


async def test_constraints_are_created_and_dropped(sqlite: Database) -> None:
    await sqlite.execute("CREATE TABLE p (id INTEGER PRIMARY KEY)", "CREATE TABLE t (a INT, b INT)")
    before = await sqlite.sql()
    created: list[Operation[Any]] = [
        CreatePrimaryKey("pk", "t", ["a", "b"]),
        CreateUniqueConstraint("uq", "t", ["b"]),
        CreateForeignKey("fk", "t", "p", ["a"], ["id"], ondelete="SET NULL", onupdate="CASCADE"),
        CreateForeignKey("up", "t", "t", ["a", "b"], ["a", "b"], initially="DEFERRED", deferrable=True),
        CreateCheckConstraint("ck", "t", sa.column("a") > 1),
        CreateCheckConstraint("like", "t", "b <> '50%' AND b <> ':x'"),
    ]
    await sqlite.run(*created)
    sql = await sqlite.sql()
    for text in (
        "CONSTRAINT pk PRIMARY KEY (a, b)",
        "CONSTRAINT uq UNIQUE (b)",
        "CONSTRAINT fk FOREIGN KEY(a) REFERENCES p (id) ON DELETE SET NULL ON UPDATE CASCADE",
        "CONSTRAINT up FOREIGN KEY(a, b) REFERENCES t (a, b) DEFERRABLE INITIALLY DEFERRED",
        "CONSTRAINT ck CHECK (a > 1)",
        "CONSTRAINT \"like\" CHECK (b <> '50%' AND b <> ':x')",
    ):
        assert text in sql
    await sqlite.run(*(operation.reversed() for operation in reversed(created)))
    assert (await sqlite.sql()).replace(" NOT NULL", "").replace('"t"', "t") == before
    with pytest.raises(OperationError, match="No such constraint 'uq' in table t"):
        await sqlite.run(DropConstraint("uq", "t"))
    assert await sqlite.run(DropConstraint("uq", "t", if_exists=True), ValidateConstraint("x", "t")) == []


async def test_constraint_of_a_name_that_is_taken(sqlite: Database) -> None:
    await sqlite.execute("CREATE TABLE t (a INT, CONSTRAINT uq UNIQUE (a))")
    with pytest.raises(OperationError, match="has a constraint 'UQ' already"):
        await sqlite.run(CreateCheckConstraint("UQ", "t", "a > 1"))
    with pytest.raises(OperationError, match="No such column 'z'"):
        await sqlite.run(CreateUniqueConstraint("uq2", "t", ["z"]))


@pytest.mark.parametrize(
    ("clause", "drop"),
    [
        ("a INT UNIQUE", DropConstraint("t_a_key", "t", "unique")),
        ("a INT, UNIQUE (a)", DropConstraint("uq_t_a", "t", "unique")),
        ("a INT, UNIQUE (a)", DropConstraint("any", "t", dropped=CreateUniqueConstraint("any", "t", ["a"]))),
        ("a INT REFERENCES p (id)", DropConstraint("t_a_fkey", "t", "foreignkey")),
        ("a INT REFERENCES p", DropConstraint("fk_t_a_p", "t", "foreignkey")),
        ("a INT, FOREIGN KEY (a) REFERENCES p (id)", DropConstraint("fk_t_a_p", "t")),
        ("a INT PRIMARY KEY", DropConstraint("anything", "t", "primary")),
        ("a INT, PRIMARY KEY (a)", DropConstraint("pk_t", "t")),
        ("a INT CHECK (a > 0)", DropConstraint("t_a_check", "t", "check")),
        ("a INT CHECK (a > 0)", DropConstraint("ck_t_a", "t", "check")),
        ("a INT, CONSTRAINT ck_t_pos CHECK (a > 0)", DropConstraint("pos", "t", "check")),
        ("a INT CONSTRAINT filled NOT NULL", DropConstraint("filled", "t")),
    ],
)
async def test_constraint_without_a_name_is_found(sqlite: Database, clause: str, drop: DropConstraint) -> None:
    check = (
        "ck_%(table_name)s_%(constraint_name)s"
        if drop.constraint_name == "pos"
        else "ck_%(table_name)s_%(column_0_name)s"
    )
    convention = {
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
        "ck": check,
    }
    database = Database(sqlite.connection, convention)
    await database.execute("CREATE TABLE p (id INTEGER PRIMARY KEY)", f"CREATE TABLE t ({clause})")
    await database.run(drop)
    assert await database.sql() == 'CREATE TABLE "t" (a INT)'


async def test_constraints_that_cannot_be_told_apart(sqlite: Database) -> None:
    await sqlite.execute("CREATE TABLE t (a INT CHECK (a > 0) CHECK (a < 9))")
    with pytest.raises(OperationError, match="may be one of several constraints"):
        await sqlite.run(DropConstraint("t_a_check", "t", "check"))


async def test_naming_convention_of_the_project_names_what_is_created(sqlite: Database) -> None:
    database = Database(
        sqlite.connection, {"uq": "uq_%(table_name)s_%(column_0_name)s", "ck": "ck_%(table_name)s_%(constraint_name)s"}
    )
    await some(database)
    await database.run(
        CreateUniqueConstraint(None, "t", ["a"]),
        CreateCheckConstraint("small", "t", "b < 100"),
        AddColumn("t", sa.Column("flag", sa.Boolean(create_constraint=True, name="flag"), unique=True)),
    )
    for name in ("uq_t_a", "ck_t_small", "uq_t_flag", "ck_t_flag"):
        assert f"CONSTRAINT {name} " in await database.sql()
    await database.run(DropConstraint("uq_t_a", "t"), DropConstraint("small", "t", "check"), DropColumn("t", "flag"))
    assert "CONSTRAINT" not in await database.sql()


# -- what SQLite has not ----------------------------------------------------------------------------------------------


async def test_what_sqlite_cannot_do_is_said(sqlite: Database) -> None:
    await some(sqlite)
    for operation, words in (
        (CreateExcludeConstraint("x", "t", (("a", "="),)), "no way"),
        (AddEnumValue("e", "x"), "op.alter_column"),
        (RenameEnumValue("e", "x", "y"), "op.alter_column"),
        (CreateUniqueConstraint("uq", "t", ["a"], deferrable=True), "only foreign keys can be deferred"),
        (CreateForeignKey("fk", "t", "p", ["a"], ["id"], referent_schema="aux"), "cannot leave its database file"),
        (AddColumn("t", sa.Column("c", sa.Integer, sa.ForeignKey("aux.p.id"))), "would leave the database file"),
        (AlterTable("t", (AlterColumn("t", "a", nullable=False),), recreate="never"), 'recreate="auto"'),
        (AlterTable("t", (Execute("SELECT 1"),), recreate="always"), "cannot stand in a block"),
    ):
        with pytest.raises(UnsupportedOperationError, match=words.replace("(", r"\(")):
            await sqlite.run(operation)
    assert await sqlite.run(CreateEnum("e", ["x"]), DropEnum("e")) == []


async def test_virtual_table_is_not_rebuilt(sqlite: Database) -> None:
    await sqlite.execute("CREATE VIRTUAL TABLE t USING fts5 (a, b)")
    with pytest.raises(OperationError, match="Table t cannot be changed: TABLE is missing"):
        await sqlite.run(DropColumn("t", "a"))


async def test_attached_database(sqlite: Database) -> None:
    await sqlite.execute(
        "ATTACH ':memory:' AS \"other db\"",
        'CREATE TABLE "other db".p (id INTEGER PRIMARY KEY)',
        'CREATE TABLE "other db".t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)',
        'CREATE TABLE "other db".child (x REFERENCES t (id) ON DELETE CASCADE)',
        'CREATE INDEX "other db".ix ON t (a)',
        'CREATE TRIGGER "other db".tr AFTER INSERT ON t BEGIN SELECT 1; END',
        'CREATE VIEW "other db".v AS SELECT a FROM t',
        "INSERT INTO \"other db\".t VALUES (5, 'x')",
        'INSERT INTO "other db".child VALUES (5)',
        "CREATE TABLE t (other INT)",
        "PRAGMA foreign_keys=ON",
    )
    schema = "other db"
    await sqlite.run(
        AlterColumn("t", "a", nullable=False, schema=schema),
        AddColumn("t", sa.Column("b", sa.Integer, unique=True), schema=schema),
        AlterColumn("t", "b", new_column_name="p_id", schema=schema),
        CreateForeignKey("fk", "t", "p", ["p_id"], ["id"], source_schema=schema, referent_schema=schema),
        CreateIndex("ix2", "t", ["p_id"], schema=schema),
        DropIndex("ix2", schema=schema),
    )
    assert await sqlite.rows('SELECT * FROM "other db".t') == [(5, "x", None)]
    assert await sqlite.rows('SELECT * FROM "other db".child') == [(5,)]
    assert await sqlite.rows('SELECT seq FROM "other db".sqlite_sequence') == [(5,)]
    names = {name for (name,) in await sqlite.rows('SELECT name FROM "other db".sqlite_master')}
    assert {"ix", "tr", "v"} <= names
    assert await sqlite.columns() == ["other"]
