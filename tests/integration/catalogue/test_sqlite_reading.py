"""SQLite: tables that were written by hand, by ALTER TABLE or by a rebuild, and what is not looked at."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Column, MetaData, Table, event

from asyncmig.dialects.sqlite_schema_read import SchemaReader
from asyncmig.operations.alter_table import AlterTable
from asyncmig.operations.base import TableName
from asyncmig.operations.columns import AddColumn, AlterColumn
from asyncmig.operations.constraints import CreateCheckConstraint, CreateForeignKey, CreateUniqueConstraint
from asyncmig.schema import (
    CheckState,
    ColumnState,
    ComputedState,
    ForeignKeyState,
    IndexElement,
    PrimaryKeyState,
    Scope,
    TableState,
    UniqueState,
)
from tests.integration.catalogue.setting import setting, tables

T = TableName("t")


async def _read(url: str, *statements: str) -> TableState:
    async with setting(url) as here:
        await here.execute(*statements)
        live = await here.read()
        assert live.warnings == ()
        return live.tables[T]


# -- hand-written tables --------------------------------------------------------------------------------------------


async def test_every_clause_of_a_column(sqlite_url: str) -> None:
    table = await _read(
        sqlite_url,
        "CREATE TABLE Parent (Id INTEGER PRIMARY KEY)",
        """create table if not exists [t] -- a table
        ( 'a'   varchar ( 10 ,2 ) constraint nn not null on conflict fail default ( 'x' || ')' ) /* , */ collate nocase,
          "b b" unsigned  big int constraint u unique on conflict replace check(("b b">0)) default -5,
          c references parent on delete set default on update no action match full not deferrable initially deferred,
          d DECIMAL(5,1) null generated always as (("b b" + 1)) stored,
          e as (d) virtual constraint pointless,
          f text references parent(ID) not null deferrable initially deferred,
          `g` default CURRENT_TIMESTAMP,
          h int default "quoted" collate binary
        )""",
    )
    assert table.columns == (
        ColumnState("a", "VARCHAR(10, 2)", False, "'x' || ')'", collation="NOCASE", options=NOT_NULL_FAIL),
        ColumnState("b b", "UNSIGNED BIG INT", default="-5"),
        ColumnState("c", ""),
        ColumnState("d", "DECIMAL(5, 1)", computed=ComputedState('"b b" + 1', True)),
        ColumnState("e", "", computed=ComputedState("d", False)),
        ColumnState("f", "TEXT", False),
        ColumnState("g", "", default="CURRENT_TIMESTAMP"),
        ColumnState("h", "INT", default='"quoted"'),
    )
    assert table.uniques == (UniqueState("u", ("b b",), options=(("sqlite_on_conflict", "REPLACE"),)),)
    assert table.checks == (CheckState(None, '"b b">0'),)
    parent = TableName("Parent")
    assert table.foreign_keys == (
        ForeignKeyState(None, ("c",), parent, ("Id",), ondelete="SET DEFAULT", match="FULL"),
        ForeignKeyState(None, ("f",), parent, ("Id",), deferrable=True, initially_deferred=True),
    )


NOT_NULL_FAIL = (("sqlite_on_conflict_not_null", "FAIL"),)


async def test_every_constraint_of_a_table(sqlite_url: str) -> None:
    table = await _read(
        sqlite_url,
        """CREATE TABLE "t" (a INTEGER, b TEXT, C TEXT,
          CONSTRAINT "the key" PRIMARY KEY (B COLLATE nocase DESC, [a] ASC) ON CONFLICT IGNORE
          UNIQUE (c), CONSTRAINT one CONSTRAINT two CHECK (a IN (1, 2) OR b LIKE '%)%') ON CONFLICT ABORT,
          CONSTRAINT `say "hi"` FOREIGN KEY (A, b) REFERENCES 't' (a, B) ON UPDATE CASCADE DEFERRABLE,
          CONSTRAINT idle
        ) without rowid, strict""",
    )
    assert table.primary_key == PrimaryKeyState("the key", ("b", "a"), (("sqlite_on_conflict", "IGNORE"),))
    assert table.uniques == (UniqueState(None, ("C",)),)
    assert table.checks == (CheckState("two", "a IN (1, 2) OR b LIKE '%)%'"),)
    assert table.foreign_keys == (
        ForeignKeyState('say "hi"', ("a", "b"), T, ("a", "b"), onupdate="CASCADE", deferrable=True),
    )
    assert table.options == {"sqlite_autoincrement": False, "sqlite_strict": True, "sqlite_with_rowid": False}
    assert [column.nullable for column in table.columns] == [False, False, True]


@pytest.mark.parametrize(
    ("definition", "nullable"),
    [
        ("id INTEGER PRIMARY KEY", False),
        ("id integer, PRIMARY KEY (ID DESC)", False),
        ("id INTEGER PRIMARY KEY AUTOINCREMENT", False),
        ("id INTEGER PRIMARY KEY DESC", True),
        ("id INT PRIMARY KEY", True),
        ("id TEXT PRIMARY KEY", True),
    ],
)
async def test_only_a_key_that_is_the_rowid_forbids_null(sqlite_url: str, definition: str, nullable: bool) -> None:
    table = await _read(sqlite_url, f"CREATE TABLE t ({definition})")
    assert table.columns[0].nullable is nullable
    assert table.options["sqlite_autoincrement"] is ("AUTOINCREMENT" in definition)


async def test_indexes_as_they_are_written(sqlite_url: str) -> None:
    table = await _read(
        sqlite_url,
        'CREATE TABLE t (A TEXT COLLATE NOCASE, b TEXT, "c d" INT)',
        'create unique index if not exists main.one on t (a, ("B") desc, [c d] asc) where ((b is not null))',
        "create index two on t (a collate binary, b collate nocase desc, a collate NoCase, (lower(b)) desc, a || b)",
        'create index three on t (lower(b) collate rtrim, a || b collate nocase, (a) || (b), 1 + "c d")',
    )
    one, three, two = table.indexes
    assert (one.name, one.unique, one.options) == ("one", True, (("sqlite_where", "b is not null"),))
    assert one.elements == (IndexElement("A"), IndexElement("b", descending=True), IndexElement("c d"))
    assert two.elements == (
        IndexElement("A", collation="BINARY"),
        IndexElement("b", descending=True, collation="NOCASE"),
        IndexElement("A"),
        IndexElement("lower(b)", True, descending=True),
        IndexElement("a || b", True),
    )
    assert three.elements == (
        IndexElement("lower(b)", True, collation="RTRIM"),
        IndexElement("a || b collate nocase", True),
        IndexElement("(a) || (b)", True),
        IndexElement('1 + "c d"', True),
    )


async def test_a_table_made_by_select(sqlite_url: str) -> None:
    table = await _read(sqlite_url, "CREATE TABLE t AS SELECT 1 AS a, CAST('x' AS TEXT) AS \"b c\"")
    assert [(column.name, column.type) for column in table.columns] == [("a", ""), ("b c", "TEXT")]


async def test_what_sqlite_sees_is_believed_where_the_statement_reads_differently() -> None:
    rows = [
        ("main", "table", "t", "t", "CREATE TABLE t (a INTEGER FUTURE WORDS)", 2, None, None, None),
        ("main", "column", "a", "t", "INTEGER", 0, None, 1, 0),
        ("main", "column", "b", "t", "TEXT", 1, "'x'", 0, 0),
        ("main", "column", "c", "t", "TEXT", 0, None, 0, 3),
        ("main", "table", "u", "u", "CREATE TABLE u (a INTEGER, CHECK (a !! 1) FUTURE)", 3, None, None, None),
        ("main", "column", "a", "u", "INTEGER", 0, None, 0, 0),
        ("main", "index", "i", "u", "CREATE INDEX i ON u USING future (a)", 4, None, None, None),
    ]
    reader = SchemaReader(Scope())
    found = await reader.read(rows)
    assert found[T].primary_key == PrimaryKeyState(None, ("a",))
    assert found[T].columns == (
        ColumnState("a", "INTEGER", False),
        ColumnState("b", "TEXT", False, "'x'"),
        ColumnState("c", "TEXT", computed=ComputedState("", True)),
    )
    assert found[TableName("u")].columns == (ColumnState("a", "INTEGER"),)
    assert [warning.split(":")[0] for warning in reader.warnings] == [
        "The definition of table t reads differently than SQLite sees it.",
        "The constraints of table u cannot be told",
        "Index i of table u cannot be understood",
    ]


# -- what is not looked at ------------------------------------------------------------------------------------------


async def test_what_belongs_to_sqlite_and_to_us_is_no_table(sqlite_url: str) -> None:
    async with setting(sqlite_url) as here:
        await here.execute(
            "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, doc_content TEXT)",
            "CREATE TABLE doc_words (id INTEGER)",
            "INSERT INTO t DEFAULT VALUES",
            "CREATE VIRTUAL TABLE doc USING fts5(body)",
            "CREATE VIRTUAL TABLE box USING rtree(id, minx, maxx)",
            "CREATE TABLE _asyncmig_new_t (id INTEGER)",
            "CREATE VIEW v AS SELECT 1",
            "CREATE TEMP TABLE passing (a)",
            "ANALYZE",
        )
        assert sorted(tables(await here.read())) == ["doc_words", "t"]
        scope = Scope(
            leave_out=frozenset({T}), include_name=lambda name, kind, parents: kind != "table" or name != "doc_words"
        )
        assert (await here.read(scope)).tables == {}


async def test_shadows_are_known_to_older_versions_too(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 35, 0))
    async with setting(sqlite_url) as here:
        await here.execute("CREATE VIRTUAL TABLE doc USING fts5(body)", "CREATE TABLE doc_words (id INTEGER)")
        assert list(tables(await here.read())) == ["doc_words"]


# -- several database files -----------------------------------------------------------------------------------------


async def test_attached_files_are_schemas(sqlite_url: str, tmp_path: Path) -> None:
    metadata = MetaData()
    parent = Table("parent", metadata, Column("id", sa.Integer, primary_key=True), schema="other")
    Table(
        "child",
        metadata,
        Column("id", sa.Integer, primary_key=True),
        Column("parent_id", sa.ForeignKey(parent.c.id), index=True),
        schema="other",
    )
    Table("child", metadata, Column("id", sa.Integer, primary_key=True), schema="main")
    # SQLAlchemy leaves such a foreign key out.
    Table("across", metadata, Column("id", sa.Integer, sa.ForeignKey(parent.c.id)))
    async with setting(sqlite_url) as here:
        await here.execute(f"ATTACH '{tmp_path / 'other.sqlite'}' AS other")
        await here.create(metadata)
        live = await here.read(Scope(None))
        assert live.schemas == {"other"} and live.default_schema == "main"
        assert set(live.tables) == {
            TableName("parent", "other"),
            TableName("child", "other"),
            TableName("child"),
            TableName("across"),
        }
        assert tables(await here.wanted(metadata, live)) == tables(live)
        assert set((await here.read(Scope((None,)))).tables) == {TableName("child"), TableName("across")}
        assert set((await here.read(Scope(("other", "missing")))).tables) == {
            TableName("parent", "other"),
            TableName("child", "other"),
        }


# -- tables that were changed ---------------------------------------------------------------------------------------


async def test_columns_that_were_added_are_like_those_that_were_created(sqlite_url: str) -> None:
    metadata = MetaData()
    Table("p", metadata, Column("id", sa.Integer, primary_key=True))
    changed = [
        Column("b", sa.String(20), server_default="x", nullable=False),
        Column("c", sa.Integer, sa.ForeignKey("p.id", name="to_p", ondelete="CASCADE")),
        Column("d", sa.Integer, sa.CheckConstraint("d > 0", name="positive")),
        Column("e", sa.Integer, sa.Computed("a + 1")),
        Column("f", sa.Integer, unique=True),
        Column("g", sa.Enum("x", "y", name="letter", create_constraint=True), server_default=sa.text("'x'")),
        Column("h", sa.DateTime, server_default=sa.func.now(), nullable=False),
        Column("i", sa.String(collation="NOCASE"), index=True),
    ]
    async with setting(sqlite_url) as here:
        await here.execute("CREATE TABLE p (id INTEGER NOT NULL PRIMARY KEY)", "CREATE TABLE t (a INTEGER)")
        for column in changed:
            await here.perform(AddColumn("t", column))
        Table("t", metadata, Column("a", sa.Integer), *[column._copy() for column in changed])
        live = await here.read()
        assert tables(await here.wanted(metadata, live))["t"] == tables(live)["t"]


async def test_a_rebuilt_table_is_like_one_that_was_created(sqlite_url: str) -> None:
    metadata = MetaData()
    t = Table(
        "t",
        metadata,
        Column("id", sa.Integer, primary_key=True),
        Column("a", sa.String(30), nullable=False, server_default="y"),
        Column("b", sa.Integer),
        sa.UniqueConstraint("a", "b", name="both"),
        sa.ForeignKeyConstraint(["b"], ["t.id"], name="up"),
        sqlite_autoincrement=True,
    )
    sa.CheckConstraint(t.c.b > 0, name="positive")
    async with setting(sqlite_url) as here:
        await here.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(10), b INTEGER)")
        await here.perform(
            AlterTable(
                "t",
                (
                    AlterColumn("t", "a", type_=sa.String(30), nullable=False, server_default="y"),
                    CreateUniqueConstraint("both", "t", ["a", "b"]),
                    CreateForeignKey("up", "t", "t", ["b"], ["id"]),
                    CreateCheckConstraint("positive", "t", "b > 0"),
                ),
                table_kwargs={"sqlite_autoincrement": True},
            )
        )
        live = await here.read()
        assert tables(await here.wanted(metadata, live)) == tables(live)


# -- how much it costs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 200])
async def test_the_number_of_statements_does_not_grow(sqlite_url: str, count: int) -> None:
    metadata = MetaData()
    for number in range(count):
        Table(
            f"t{number}",
            metadata,
            Column("id", sa.Integer, primary_key=True),
            Column("a", sa.String, index=True, server_default="x"),
            Column("up", sa.ForeignKey(f"t{number // 2}.id")),
            sa.UniqueConstraint("a", name=f"uq_{number}"),
        )
    async with setting(sqlite_url) as here:
        await here.create(metadata)
        statements: list[str] = []
        event.listen(
            here.connection.sync_connection,
            "before_cursor_execute",
            lambda connection, cursor, statement, *rest: statements.append(statement),
        )
        live = await here.read(Scope(None))
        assert len(live.tables) == count
        assert tables(await here.wanted(metadata, live)) == tables(live)
        assert len(statements) == 2


async def test_the_shortest_way_gives_the_same(sqlite_url: str) -> None:
    async with setting(sqlite_url) as here:
        await here.execute("CREATE TABLE t (a INTEGER)")
        short = await here.read()
        event.listen(here.connection.sync_connection, "before_cursor_execute", lambda *rest: None)
        assert tables(await here.read()) == tables(short)
