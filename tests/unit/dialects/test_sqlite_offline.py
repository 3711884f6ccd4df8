"""What SQLite's adapter prints without a database, and what it remembers of what it has printed."""

import sqlite3
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite as dialect

from asyncmig.dialects.adapter import OfflineFacts
from asyncmig.dialects.facts import Facts
from asyncmig.dialects.sqlite import SQLiteAdapter
from asyncmig.dialects.steps import Call, Statement, SuspendForeignKeys
from asyncmig.errors import NeedsDatabaseError, OperationError
from asyncmig.operations import (
    AddColumn,
    AlterColumn,
    AlterTable,
    BulkInsert,
    CreateForeignKey,
    CreateIndex,
    CreateTable,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropTable,
    Execute,
    Operation,
    RenameTable,
)


class Printer:
    """Prints operations as an offline session does."""

    def __init__(self) -> None:
        self.adapter = SQLiteAdapter(dialect.dialect())
        self.known: OfflineFacts = self.adapter.offline_facts()
        self.printed: list[str] = []
        self.suspended = 0

    def print(self, *operations: Operation[Any]) -> list[str]:
        added: list[str] = []
        for operation in operations:
            wants = self.adapter.wants(operation)
            facts = self.known.read(wants) if wants else Facts.unknown()
            statements: list[str] = []
            for step in self.adapter.plan(operation, facts):
                assert not isinstance(step, Call)
                if isinstance(step, SuspendForeignKeys):
                    self.suspended += 1
                elif isinstance(step, Statement):
                    sql = step.sql
                    statements.append(
                        sql
                        if isinstance(sql, str)
                        else str(sql.compile(dialect=self.adapter.printing, compile_kwargs={"literal_binds": True}))
                    )
            self.known.learn(operation, statements)
            added += statements
        self.printed += added
        return added

    def apply(self) -> sqlite3.Connection:
        """A database on which all that was printed was executed."""
        database = sqlite3.connect(":memory:", isolation_level=None)
        for statement in self.printed:
            database.execute(statement)
        return database


@pytest.fixture
def printer() -> Printer:
    return Printer()


def people() -> CreateTable:
    return CreateTable.of(
        "t",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("a", sa.Text, index=True),
        sa.Column("b", sa.Integer),
        sqlite_autoincrement=True,
    )


def test_history_printed_from_the_beginning_needs_no_database(printer: Printer) -> None:
    printer.print(
        people(),
        Execute("INSERT INTO t (a, b) VALUES ('x', 1)"),
        Execute("CREATE VIEW v AS SELECT a FROM t"),
        AddColumn("t", sa.Column("c", sa.Integer, unique=True)),
        AlterColumn("t", "a", nullable=False, new_column_name="name"),
        CreateUniqueConstraint("uq", "t", ["name", "b"]),
        RenameTable("t", "people"),
        DropConstraint("uq", "people"),
        DropColumn("people", "b"),
        CreateIndex("ix", "people", ["c"]),
        AlterColumn("people", "c", type_=sa.Text(), server_default="z"),
    )
    database = printer.apply()
    assert database.execute("SELECT * FROM people").fetchall() == [(1, "x", None)]
    assert database.execute("SELECT * FROM v").fetchall() == [("x",)]
    names = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
    assert {"ix", "ix_t_a"} <= names


def test_foreign_keys_are_mentioned(printer: Printer) -> None:
    printer.print(
        people(),
        CreateTable.of("child", sa.Column("x", sa.Integer, sa.ForeignKey("t.id"))),
        AlterColumn("t", "a", nullable=False),
    )
    assert printer.suspended == 1


def test_rows_are_unknown(printer: Printer) -> None:
    printer.print(people())
    # With a database, rows would be asked for.
    assert printer.print(AddColumn("t", sa.Column("c", sa.Integer, nullable=False))) == [
        "ALTER TABLE t ADD COLUMN c INTEGER NOT NULL"
    ]


def test_rows_are_not_left_out_silently_where_nobody_counts(printer: Printer) -> None:
    printer.print(people())
    operation = CreateUniqueConstraint("uq", "t", ["a"], options={"sqlite_on_conflict": "REPLACE"})
    assert any(sql.startswith("INSERT OR ABORT INTO") for sql in printer.print(operation))


def test_what_alter_can_do_needs_no_definition(printer: Printer) -> None:
    assert printer.print(
        DropColumn("t", "a"),
        AlterColumn("t", "b", new_column_name="c"),
        AddColumn("t", sa.Column("d", sa.Integer)),
        AlterTable("t", (DropColumn("t", "c"), AddColumn("t", sa.Column("e", sa.Integer)))),
    ) == [
        "ALTER TABLE t DROP COLUMN a",
        "ALTER TABLE t RENAME COLUMN b TO c",
        "ALTER TABLE t ADD COLUMN d INTEGER",
        "ALTER TABLE t DROP COLUMN c",
        "ALTER TABLE t ADD COLUMN e INTEGER",
    ]


@pytest.mark.parametrize(
    "operation",
    [
        AlterColumn("t", "a", nullable=False),
        CreateUniqueConstraint("uq", "t", ["a"]),
        DropColumn("t", "a", if_exists=True),
        AlterTable("t", (DropColumn("t", "a"),), recreate="always"),
        AlterTable("t", (DropColumn("t", "a"),), table_kwargs={"sqlite_strict": True}),
        AlterTable("t", (), partial_reordering=[("a", "b")]),
    ],
    ids=lambda operation: operation.describe(),
)
def test_unknown_definition_is_asked_for(printer: Printer, operation: Operation[Any]) -> None:
    with pytest.raises(NeedsDatabaseError, match="definition of table t is not known") as caught:
        printer.print(operation)
    assert "copy_from=sa.Table" in str(caught.value)


def test_table_that_is_given_needs_no_database(printer: Printer) -> None:
    given = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("a", sa.Text), sa.Index("ix", "a"))
    printed = printer.print(AlterTable("t", (CreateForeignKey("fk", "t", "p", ["id"], ["id"]),), copy_from=given))
    assert printed[0].startswith("CREATE TABLE _asyncmig_new_t (")
    assert printed[1:] == [
        "INSERT INTO _asyncmig_new_t (rowid, id, a) SELECT rowid, id, a FROM t",
        "DROP TABLE t",
        "PRAGMA legacy_alter_table=ON",
        "ALTER TABLE _asyncmig_new_t RENAME TO t",
        "PRAGMA legacy_alter_table=OFF",
        "CREATE INDEX ix ON t (a)",
    ]


def test_statement_that_cannot_be_followed_makes_its_tables_unknown(printer: Printer) -> None:
    printer.print(
        people(), CreateTable.of("u", sa.Column("a", sa.Integer)), Execute("ALTER TABLE t DROP COLUMN of_before")
    )
    with pytest.raises(NeedsDatabaseError):
        printer.print(AlterColumn("t", "a", nullable=False))
    printer.print(AlterColumn("u", "a", nullable=False))
    printer.print(RenameTable("t", "w"))
    with pytest.raises(NeedsDatabaseError):
        printer.print(AlterColumn("w", "a", nullable=False))
    printer.print(DropTable("w"), people(), AlterColumn("t", "a", nullable=False))


def test_statement_on_unknown_tables_hurts_nobody(printer: Printer) -> None:
    printer.print(
        people(),
        Execute("DROP INDEX ix_of_before"),
        Execute("DROP TABLE of_before"),
        Execute("ALTER TABLE of_before2 RENAME TO of_before3"),
        Execute("UPDATE of_before SET x = 1"),
        Execute("VACUUM; PRAGMA journal_mode=WAL; -- nothing\n"),
        BulkInsert(sa.table("t", sa.column("a", sa.Text)), [{"a": "x"}], multiinsert=False),
    )
    printer.print(AlterColumn("t", "a", nullable=False))


def test_several_files(printer: Printer) -> None:
    printer.print(
        CreateTable.of("t", sa.Column("a", sa.Integer), schema="aux one"),
        AlterColumn("t", "a", nullable=False, schema="aux one"),
    )
    assert '"aux one"._asyncmig_new_t' in printer.printed[1]
    with pytest.raises(NeedsDatabaseError):
        printer.print(AlterColumn("t", "a", nullable=False))


def test_mistakes_are_found_in_what_is_known(printer: Printer) -> None:
    printer.print(people())
    with pytest.raises(OperationError, match="No such column 'z' in table t"):
        printer.print(AlterColumn("t", "z", nullable=False))
