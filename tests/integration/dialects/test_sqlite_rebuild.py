"""What a rebuild of a table on SQLite must not lose."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError

from asyncmig.dialects import sqlite_connection
from asyncmig.dialects.steps import SuspendForeignKeys
from asyncmig.errors import OperationError
from asyncmig.operations import (
    AddColumn,
    AlterColumn,
    AlterTable,
    CreateCheckConstraint,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropIndex,
    Execute,
    RenameTable,
)
from tests.integration.dialects.sqlite_database import Database

MADE_STRICT = AlterColumn("t", "a", nullable=False)


def without_name(sql: str) -> str:
    return sql.split("(", 1)[1]


# -- foreign keys -----------------------------------------------------------------------------------------------------


async def family(sqlite: Database, action: str = "CASCADE") -> None:
    await sqlite.execute(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)",
        f"CREATE TABLE child (id INTEGER PRIMARY KEY, t_id INTEGER REFERENCES t (id) ON DELETE {action})",
        "CREATE TABLE grandchild (child_id INTEGER REFERENCES child ON DELETE CASCADE)",
        "INSERT INTO t VALUES (1, 'x'), (2, 'y')",
        "INSERT INTO child VALUES (10, 1), (20, 2)",
        "INSERT INTO grandchild VALUES (10), (20)",
        "PRAGMA foreign_keys=ON",
    )


@pytest.mark.parametrize(
    "action", ["CASCADE", "SET NULL", "RESTRICT", "NO ACTION", "NO ACTION DEFERRABLE INITIALLY DEFERRED"]
)
async def test_children_survive_the_rebuild_of_their_parent(sqlite: Database, action: str) -> None:
    await family(sqlite, action)
    await sqlite.run(MADE_STRICT)
    assert sqlite.rebuilt
    assert sqlite.suspended
    assert await sqlite.rows("SELECT * FROM child") == [(10, 1), (20, 2)]
    assert await sqlite.rows("SELECT * FROM grandchild") == [(10,), (20,)]
    assert await sqlite.value("PRAGMA foreign_keys") == 1
    assert await sqlite.rows("PRAGMA foreign_key_check") == []
    assert await sqlite.value("SELECT \"table\" FROM pragma_foreign_key_list('child')") == "t"


async def test_foreign_keys_work_again_after_the_rebuild(sqlite: Database) -> None:
    await family(sqlite)
    await sqlite.run(MADE_STRICT)
    await sqlite.execute("DELETE FROM t WHERE id = 1")
    assert await sqlite.rows("SELECT id FROM child") == [(20,)]
    with pytest.raises(IntegrityError):
        await sqlite.execute("INSERT INTO child VALUES (30, 99)")


async def test_table_that_refers_to_itself_keeps_doing_so(sqlite: Database) -> None:
    await sqlite.execute(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, up INTEGER REFERENCES t ON DELETE CASCADE, "
        "FOREIGN KEY (up) REFERENCES t (id))",
        "INSERT INTO t VALUES (1, 'x', NULL), (2, 'y', 1)",
        "PRAGMA foreign_keys=ON",
    )
    await sqlite.run(MADE_STRICT)
    assert sqlite.suspended
    assert [row[2] for row in await sqlite.rows("PRAGMA foreign_key_list(t)")] == ["t", "t"]
    await sqlite.execute("DELETE FROM t WHERE id = 1")
    assert await sqlite.rows("SELECT * FROM t") == []


async def test_nothing_is_suspended_where_nothing_refers_to_the_table(sqlite: Database) -> None:
    await family(sqlite)
    steps = await sqlite.plan(AlterColumn("grandchild", "child_id", nullable=False))
    assert not any(isinstance(step, SuspendForeignKeys) for step in steps)
    await sqlite.execute("PRAGMA foreign_keys=OFF")
    assert not any(isinstance(step, SuspendForeignKeys) for step in await sqlite.plan(MADE_STRICT))


async def test_violations_that_were_there_before_do_not_matter(sqlite: Database) -> None:
    await family(sqlite)
    await sqlite.execute(
        "PRAGMA foreign_keys=OFF",
        "INSERT INTO child VALUES (30, 99)",
        "CREATE TABLE nokey (x)",
        "CREATE TABLE mismatch (x REFERENCES nokey (x))",
        "INSERT INTO mismatch VALUES (1)",
        "PRAGMA foreign_keys=ON",
    )
    await sqlite.run(MADE_STRICT)
    assert sqlite.rebuilt
    assert await sqlite.value("PRAGMA foreign_keys") == 1


@pytest.mark.parametrize("parent", ["p (id INTEGER PRIMARY KEY)", "p (id INT)", "q (id INT)"])
async def test_table_with_rows_that_refer_to_nothing_is_rebuilt(sqlite: Database, parent: str) -> None:
    await sqlite.execute(
        f"CREATE TABLE {parent}",
        "CREATE TABLE t (a TEXT, p_id INT REFERENCES p (id))",
        "INSERT INTO t VALUES ('x', 7), ('y', NULL)",
        "PRAGMA foreign_keys=ON",
    )
    await sqlite.run(MADE_STRICT)
    assert sqlite.suspended
    assert await sqlite.rows("SELECT * FROM t") == [("x", 7), ("y", None)]


async def test_new_violation_is_an_error_and_rolls_all_back(sqlite: Database) -> None:
    await family(sqlite)
    before = await sqlite.sql()
    with pytest.raises(OperationError, match="row 10 of child refers to no row of t"):
        await sqlite.run(MADE_STRICT, Execute("DELETE FROM t WHERE id = 1"))
    assert await sqlite.sql() == before
    assert await sqlite.rows("SELECT id FROM t") == [(1,), (2,)]
    assert await sqlite.value("PRAGMA foreign_keys") == 1


async def test_new_mismatch_is_named(sqlite: Database) -> None:
    await family(sqlite)
    with pytest.raises(OperationError, match='foreign key mismatch - "child" referencing "t"'):
        await sqlite.run(DropConstraint("t_pkey", "t", "primary"))


async def test_foreign_key_that_rows_violate_is_refused(sqlite: Database) -> None:
    await sqlite.execute(
        "CREATE TABLE p (id INTEGER PRIMARY KEY)",
        "CREATE TABLE t (a INTEGER)",
        "INSERT INTO t VALUES (7)",
        "PRAGMA foreign_keys=ON",
    )
    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        await sqlite.run(CreateForeignKey("fk", "t", "p", ["a"], ["id"]))
    await sqlite.execute("DELETE FROM t")
    await sqlite.run(
        CreateForeignKey("fk", "t", "p", ["a"], ["id"], ondelete="CASCADE", deferrable=True, initially="DEFERRED")
    )
    assert "DEFERRABLE INITIALLY DEFERRED" in await sqlite.sql()


async def test_foreign_keys_cannot_be_suspended_inside_a_transaction(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await family(sqlite)
    await sqlite.connection.exec_driver_sql("BEGIN")
    monkeypatch.setattr(sqlite_connection, "_end", lambda connection: None)
    with pytest.raises(OperationError, match="goes on enforcing"):
        async with sqlite.adapter.foreign_keys_suspended(sqlite.sync):
            pass


# -- definitions ------------------------------------------------------------------------------------------------------

FULL = """CREATE TABLE t -- the table
(
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- the key, of course
    a TEXT COLLATE NOCASE DEFAULT 'it''s; -- no comment', /* a note */
    b DECIMAL(10, 2) NOT NULL ON CONFLICT REPLACE DEFAULT (1 + 1) CHECK (b > 0), -- unnamed check
    "c d" int CONSTRAINT positive CHECK ("c d" >= 0) UNIQUE ON CONFLICT IGNORE,
    [select] blob DEFAULT x'00ff',
    e text GENERATED ALWAYS AS (upper(a)) VIRTUAL,
    f text AS (a || 'x') STORED,
    p INTEGER CONSTRAINT parent REFERENCES p (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    UNIQUE (a COLLATE BINARY, b) ON CONFLICT ABORT,
    CHECK (length(a) < 100)  -- the last one
)"""


async def test_everything_that_was_written_stays(sqlite: Database) -> None:
    await sqlite.execute("CREATE TABLE p (id INTEGER PRIMARY KEY)", FULL)
    await sqlite.execute("INSERT INTO t (a, \"c d\", [select]) VALUES ('abc', 1, x'01'), ('xyz', 2, NULL)")
    before = await sqlite.rows("SELECT * FROM t")
    await sqlite.run(MADE_STRICT)
    expected = without_name(FULL).replace("-- no comment',", "-- no comment' NOT NULL,")
    assert without_name(await sqlite.sql()) == expected
    assert await sqlite.rows("SELECT * FROM t") == before
    assert before[0][5:7] == ("ABC", "abcx")
    with pytest.raises(IntegrityError, match="length"):
        await sqlite.execute(f"INSERT INTO t (a) VALUES ('{'x' * 200}')")
    with pytest.raises(IntegrityError, match="b > 0"):
        await sqlite.execute("INSERT INTO t (a, b) VALUES ('q', -1)")
    assert await sqlite.value("SELECT count(*) FROM t WHERE a = 'ABC'") == 1


@pytest.mark.parametrize("options", ["STRICT", "WITHOUT ROWID", "STRICT, WITHOUT ROWID", "WITHOUT ROWID,STRICT"])
async def test_table_options_stay(sqlite: Database, options: str) -> None:
    await sqlite.execute(
        f"CREATE TABLE t (k TEXT PRIMARY KEY, a TEXT) {options}", "INSERT INTO t VALUES ('z', 'x'), ('y', 'w')"
    )
    await sqlite.run(MADE_STRICT)
    assert (await sqlite.sql()).endswith(f") {options}")
    assert await sqlite.rows("SELECT k, a FROM t ORDER BY k") == [("y", "w"), ("z", "x")]


async def test_counter_of_autoincrement_goes_on(sqlite: Database) -> None:
    await sqlite.execute(
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)",
        "INSERT INTO t VALUES (41, 'x'), (42, 'y')",
        "DELETE FROM t WHERE id = 42",
    )
    await sqlite.run(MADE_STRICT)
    assert await sqlite.rows("SELECT * FROM sqlite_sequence") == [("t", 42)]
    await sqlite.execute("DELETE FROM t")
    await sqlite.run(AlterColumn("t", "a", nullable=True))
    await sqlite.execute("INSERT INTO t (a) VALUES ('z')")
    assert await sqlite.value("SELECT id FROM t") == 43
    assert await sqlite.rows("SELECT * FROM sqlite_sequence") == [("t", 43)]


async def test_counter_of_a_table_that_never_had_rows(sqlite: Database) -> None:
    await sqlite.execute("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)")
    await sqlite.run(MADE_STRICT)
    await sqlite.execute("INSERT INTO t (a) VALUES ('z')")
    assert await sqlite.value("SELECT id FROM t") == 1


@pytest.mark.parametrize(
    "columns", ["a TEXT, b INT", "a TEXT, rowid INT", "a TEXT, rowid INT, _rowid_ INT", "id INT PRIMARY KEY, a TEXT"]
)
async def test_rowids_stay(sqlite: Database, columns: str) -> None:
    await sqlite.execute(
        f"CREATE TABLE t ({columns})", "INSERT INTO t (a) VALUES ('x'), ('y'), ('z')", "DELETE FROM t WHERE a = 'x'"
    )
    assert await sqlite.rows("SELECT oid, a FROM t") == [(2, "y"), (3, "z")]
    await sqlite.run(MADE_STRICT)
    assert await sqlite.rows("SELECT oid, a FROM t") == [(2, "y"), (3, "z")]


async def test_rowids_are_not_asked_for_where_every_name_is_taken(sqlite: Database) -> None:
    await sqlite.execute(
        "CREATE TABLE t (a TEXT, rowid INT, _rowid_ INT, oid INT)", "INSERT INTO t VALUES ('x', 7, 8, 9)"
    )
    await sqlite.run(MADE_STRICT)
    assert await sqlite.rows("SELECT * FROM t") == [("x", 7, 8, 9)]


async def test_table_and_columns_with_any_name(sqlite: Database) -> None:
    await sqlite.execute(
        'CREATE TABLE "my ""table"" ; x" ("a b" TEXT, "order" INT, "q""q" INT, "ü-%s :x" INT, '
        "`tick` INT, [br] INT, 'str' INT)",
        'CREATE INDEX "i ""x" ON "my ""table"" ; x" ("order", "q""q")',
        'CREATE TRIGGER "tr g" AFTER INSERT ON "my ""table"" ; x" BEGIN SELECT 1; SELECT 2; END',
        'INSERT INTO "my ""table"" ; x" VALUES (\'x\', 1, 2, 3, 4, 5, 6)',
    )
    name = 'my "table" ; x'
    before = await sqlite.rows("SELECT type, name, sql FROM sqlite_master WHERE type <> 'table'")
    await sqlite.run(
        AlterColumn(name, "order", type_=sa.Text(), nullable=False, server_default="50% :x"),
        AlterColumn(name, 'q"q', new_column_name="index"),
        DropColumn(name, "ü-%s :x"),
        AddColumn(name, sa.Column("group", sa.Integer, unique=True)),
        DropColumn(name, "str"),
    )
    assert await sqlite.columns(name) == ["a b", "order", "index", "tick", "br", "group"]
    assert await sqlite.rows(f'SELECT * FROM "{name.replace(chr(34), chr(34) * 2)}"') == [("x", "1", 2, 4, 5, None)]
    after = await sqlite.rows("SELECT type, name, sql FROM sqlite_master WHERE type <> 'table' AND sql IS NOT NULL")
    assert [row[:2] for row in after] == [row[:2] for row in before]
    assert '"index"' in after[0][2]


@pytest.mark.parametrize("word", ["returning", "nothing", "generated", "materialized", "end", "key", "text", "strict"])
async def test_words_of_sqlite_as_names(sqlite: Database, word: str) -> None:
    await sqlite.execute(f'CREATE TABLE t ("{word}" INT, a TEXT)', "INSERT INTO t VALUES (1, 'x')")
    await sqlite.run(AlterColumn("t", word, nullable=False), CreateUniqueConstraint("uq", "t", [word]))
    await sqlite.run(AlterColumn("t", word, new_column_name="other", type_=sa.Text()), DropConstraint("uq", "t"))
    await sqlite.run(AddColumn("t", sa.Column(word, sa.Integer, sa.CheckConstraint(f'"{word}" > 0'), unique=True)))
    await sqlite.run(DropColumn("t", word))
    assert await sqlite.rows("SELECT * FROM t") == [("1", "x")]


async def test_table_that_was_renamed_before(sqlite: Database) -> None:
    await sqlite.execute(
        "CREATE TABLE old (id INTEGER PRIMARY KEY, a TEXT)",
        "CREATE INDEX ix ON old (a)",
        "CREATE TABLE child (x REFERENCES old (id))",
        "CREATE VIEW v AS SELECT a FROM old",
        "INSERT INTO old VALUES (1, 'x')",
    )
    await sqlite.run(RenameTable("old", "t"), MADE_STRICT)
    assert await sqlite.rows("SELECT a FROM v") == [("x",)]
    assert await sqlite.value("SELECT \"table\" FROM pragma_foreign_key_list('child')") == "t"
    assert ("index", "ix") in await sqlite.objects()


async def test_table_made_from_a_query(sqlite: Database) -> None:
    await sqlite.execute("CREATE TABLE t AS SELECT 1 AS a, 'x' AS b, 2.5 AS c")
    await sqlite.run(MADE_STRICT)
    assert await sqlite.rows("SELECT a, b, c FROM t") == [(1, "x", 2.5)]


async def test_name_in_another_case(sqlite: Database) -> None:
    await sqlite.execute(
        'CREATE TABLE "People" (Id INTEGER PRIMARY KEY, Name TEXT)', "INSERT INTO people VALUES (1, 'x')"
    )
    await sqlite.run(AlterColumn("people", "NAME", nullable=False))
    assert await sqlite.value("SELECT name FROM sqlite_master") == "People"
    assert await sqlite.columns("People") == ["Id", "Name"]


async def test_table_left_over_under_the_working_name_is_in_nobodys_way(sqlite: Database) -> None:
    await sqlite.execute("CREATE TABLE t (a TEXT)", "CREATE TABLE _asyncmig_new_t (z)", "INSERT INTO t VALUES ('x')")
    await sqlite.run(MADE_STRICT)
    assert await sqlite.objects() == {("table", "t")}
    assert await sqlite.rows("SELECT * FROM t") == [("x",)]


# -- what stands around -----------------------------------------------------------------------------------------------


async def test_indexes_stay_as_they_were_written(sqlite: Database) -> None:
    indexes = [
        "CREATE INDEX plain ON t (a)",
        "CREATE UNIQUE INDEX part ON t (b) WHERE b > 0 -- only those",
        "CREATE INDEX expr ON t (lower(a), b + 1 DESC)",
        "CREATE INDEX coll ON t (a COLLATE NOCASE)",
    ]
    await sqlite.execute("CREATE TABLE t (a TEXT, b INT)", *indexes, "INSERT INTO t VALUES ('x', 1)")
    before = await sqlite.rows("SELECT name, sql FROM sqlite_master WHERE type = 'index' ORDER BY name")
    await sqlite.run(MADE_STRICT)
    assert await sqlite.rows("SELECT name, sql FROM sqlite_master WHERE type = 'index' ORDER BY name") == before
    with pytest.raises(IntegrityError):
        await sqlite.execute("INSERT INTO t VALUES ('y', 1)")


async def test_triggers_stay_and_do_not_fire_for_the_copy(sqlite: Database) -> None:
    await sqlite.execute(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)",
        "CREATE TABLE log (what)",
        "CREATE TRIGGER added AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('+' || new.a); END",
        "CREATE TRIGGER gone BEFORE DELETE ON t WHEN old.a <> 'q' BEGIN INSERT INTO log VALUES ('-' || old.a); END",
        "CREATE TRIGGER elsewhere AFTER INSERT ON log BEGIN UPDATE t SET a = a WHERE a = new.what; END",
        "INSERT INTO t VALUES (1, 'x')",
    )
    before = await sqlite.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
    await sqlite.run(MADE_STRICT)
    assert await sqlite.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name") == before
    assert await sqlite.rows("SELECT * FROM log") == [("+x",)]
    await sqlite.execute("DELETE FROM t")
    assert await sqlite.rows("SELECT * FROM log") == [("+x",), ("-x",)]


async def test_views_on_the_table_and_on_each_other_stay(sqlite: Database) -> None:
    views = [
        "CREATE VIEW v AS SELECT a AS x FROM t",
        "CREATE VIEW vv AS SELECT x FROM v JOIN t ON t.a = v.x",
        "CREATE VIEW star AS SELECT * FROM t",
        "CREATE TRIGGER instead INSTEAD OF INSERT ON v BEGIN INSERT INTO t (a) VALUES (new.x); END",
    ]
    await sqlite.execute("CREATE TABLE t (a TEXT, b INT)", *views, "INSERT INTO t VALUES ('x', 1)")
    before = await sqlite.rows("SELECT type, name, sql FROM sqlite_master WHERE type <> 'table' ORDER BY name")
    await sqlite.run(MADE_STRICT)
    assert await sqlite.rows("SELECT type, name, sql FROM sqlite_master WHERE type <> 'table' ORDER BY name") == before
    assert await sqlite.rows("SELECT * FROM vv") == [("x",)]
    await sqlite.execute("INSERT INTO v (x) VALUES ('new')")
    assert await sqlite.value("SELECT count(*) FROM star") == 2
    assert await sqlite.value("PRAGMA legacy_alter_table") == 0


async def test_view_that_is_broken_already_is_in_nobodys_way(sqlite: Database) -> None:
    await sqlite.execute("CREATE TABLE t (a TEXT, b INT)", "CREATE VIEW broken AS SELECT * FROM nowhere")
    await sqlite.run(MADE_STRICT, DropColumn("t", "b"))
    assert await sqlite.columns() == ["a"]
    with pytest.raises(OperationalError, match="error in view broken"):
        await sqlite.run(AlterColumn("t", "a", new_column_name="x"))


@pytest.mark.parametrize(
    ("thing", "name"),
    [
        ("CREATE VIEW v AS SELECT b FROM t", "view v"),
        ("CREATE VIEW v AS SELECT x.b FROM t AS x", "view v"),
        ("CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT new.b; END", "trigger tr"),
        ("CREATE TRIGGER tr AFTER UPDATE OF b ON t BEGIN SELECT 1; END", "trigger tr"),
        ("CREATE TRIGGER tr AFTER DELETE ON t WHEN old.b > 1 BEGIN SELECT 1; END", "trigger tr"),
        ("CREATE TRIGGER tr AFTER INSERT ON other BEGIN INSERT INTO t (b) VALUES (1); END", "trigger tr"),
        ("CREATE TRIGGER tr AFTER DELETE ON other BEGIN UPDATE t SET b = 1; END", "trigger tr"),
        ("CREATE TRIGGER tr AFTER UPDATE ON other BEGIN DELETE FROM t WHERE b = old.x; END", "trigger tr"),
    ],
)
async def test_column_that_a_view_or_trigger_uses_is_not_dropped(sqlite: Database, thing: str, name: str) -> None:
    await sqlite.execute("CREATE TABLE t (a TEXT, b INT)", "CREATE TABLE other (x)", thing)
    for operation in (DropColumn("t", "b"), AlterTable("t", (DropColumn("t", "b"),), recreate="always")):
        with pytest.raises(OperationError, match=f"the {name} would break .*b") as caught:
            await sqlite.run(operation)
        assert f"DROP {name.split()[0].upper()} {name.split()[1]}" in str(caught.value)


async def test_views_and_triggers_that_do_not_use_the_column_are_no_hindrance(sqlite: Database) -> None:
    await sqlite.execute(
        "CREATE TABLE t (a TEXT, b INT)",
        "CREATE TABLE other (b)",
        "CREATE VIEW star AS SELECT * FROM t",
        "CREATE VIEW named AS SELECT other.b FROM other JOIN t ON t.a = other.b",
        "CREATE TRIGGER tr AFTER INSERT ON other BEGIN UPDATE t SET a = new.b; END",
        "CREATE VIEW unknown_function AS SELECT nosuch(a) FROM t",
    )
    await sqlite.run(AlterTable("t", (DropColumn("t", "b"),), recreate="always"))
    assert await sqlite.columns() == ["a"]
    await sqlite.execute("INSERT INTO other VALUES (1)")


# -- rows -------------------------------------------------------------------------------------------------------------


async def test_rows_that_a_new_constraint_does_not_allow_are_an_error(sqlite: Database) -> None:
    await sqlite.execute("CREATE TABLE t (a TEXT, b INT)", "INSERT INTO t VALUES ('x', 1), ('x', NULL)")
    for operation in (
        CreateUniqueConstraint("uq", "t", ["a"]),
        CreatePrimaryKey("pk", "t", ["a"]),
        CreateCheckConstraint("ck", "t", "b > 5"),
        AlterColumn("t", "b", nullable=False),
    ):
        with pytest.raises(IntegrityError):
            await sqlite.run(operation)
        assert await sqlite.rows("SELECT * FROM t") == [("x", 1), ("x", None)]
        assert await sqlite.objects() == {("table", "t")}


async def test_rows_are_counted(sqlite: Database) -> None:
    await sqlite.execute("CREATE TABLE t (a TEXT)", "INSERT INTO t VALUES ('x'), ('x'), ('y')")
    with pytest.raises(OperationError, match="has 3 rows, but 2 could be copied"):
        await sqlite.run(CreateUniqueConstraint("uq", "t", ["a"], options={"sqlite_on_conflict": "IGNORE"}))
    assert await sqlite.value("SELECT count(*) FROM t") == 3


@pytest.mark.parametrize(
    ("old", "values", "new", "expected"),
    [
        ("INTEGER", "1, -5", sa.String(10), ["1", "-5"]),
        ("REAL", "1.5, 2.0", sa.Text(), ["1.5", "2.0"]),
        ("REAL", "1.5, 2.0", sa.Integer(), [1, 2]),
        ("TEXT", "'12', 'abc', ''", sa.Integer(), [12, "abc", ""]),
        ("TEXT", "'2020-01-02 03:04:05'", sa.DateTime(), ["2020-01-02 03:04:05"]),
        ("DATETIME", "'2020-01-02 03:04:05'", sa.Integer(), ["2020-01-02 03:04:05"]),
        ("DATETIME", "'2020-01-02 03:04:05'", sa.String(), ["2020-01-02 03:04:05"]),
        ("TEXT", "'{\"a\": 1}', '[2]', '3'", sa.JSON(), ['{"a": 1}', "[2]", 3]),
        ("JSON", "'{\"a\": 1}'", sa.Text(), ['{"a": 1}']),
        ("VARCHAR(10)", "'abc'", sa.String(3), ["abc"]),
        ("TEXT", "'abc'", sa.LargeBinary(), [b"abc"]),
        ("BLOB", "x'616263'", sa.Text(), ["abc"]),
        ("BOOLEAN", "0, 1", sa.Integer(), [0, 1]),
        ("INTEGER", "0, 1", sa.Boolean(), [0, 1]),
        ("INTEGER", "3", sa.Numeric(10, 2), [3]),
        ("", "1, 'x'", sa.Integer(), [1, "x"]),
    ],
)
async def test_values_follow_the_type_as_far_as_nothing_is_lost(
    sqlite: Database, old: str, values: str, new: sa.types.TypeEngine[object], expected: list[object]
) -> None:
    rows = ", ".join(f"({value})" for value in values.split(", ")) if "{" not in values else None
    rows = rows or ", ".join(f"('{value}')" for value in values.strip("'").split("', '"))
    await sqlite.execute(f"CREATE TABLE t (a {old})", f"INSERT INTO t VALUES {rows}")
    await sqlite.run(AlterColumn("t", "a", type_=new))
    assert [value for (value,) in await sqlite.rows("SELECT a FROM t")] == expected


async def test_empty_table_and_a_large_one(sqlite: Database) -> None:
    await sqlite.execute(
        "CREATE TABLE t (a INT)",
        "CREATE TABLE big (id INTEGER PRIMARY KEY, a TEXT)",
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
        "INSERT INTO big SELECT i, 'x' || i FROM n",
    )
    await sqlite.run(MADE_STRICT, AlterColumn("big", "a", nullable=False))
    assert await sqlite.value("SELECT count(*) FROM big WHERE a = 'x' || id") == 20000


async def test_indexes_are_dropped_and_created_in_the_same_block(sqlite: Database) -> None:
    await sqlite.execute("CREATE TABLE t (a TEXT, b INT)", "CREATE INDEX ia ON t (a)", "CREATE INDEX ib ON t (b)")
    await sqlite.run(
        AlterTable(
            "t",
            (
                DropIndex("ia", "t"),
                MADE_STRICT,
                CreateIndex("ia", "t", ["a", "b"]),
                AlterColumn("t", "b", new_column_name="c"),
                CreateIndex("ic", "t", ["c", sa.text("lower(a)")], options={"sqlite_where": sa.text("c > 1")}),
            ),
        )
    )
    assert await sqlite.sql("ia") == "CREATE INDEX ia ON t (a, c)"
    assert await sqlite.sql("ib") == "CREATE INDEX ib ON t (c)"
    assert await sqlite.sql("ic") == "CREATE INDEX ic ON t (c, lower(a)) WHERE c > 1"
