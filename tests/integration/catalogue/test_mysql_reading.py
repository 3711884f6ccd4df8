"""MySQL and MariaDB: what is read and what is asked, in how many statements, and what is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Column, MetaData, Table
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from asyncmig.operations.base import TableName
from asyncmig.operations.table_options import AlterTableOptions
from asyncmig.schema import CheckState, ForeignKeyState, Scope, SequenceState, Snapshot, UniqueState
from tests.integration.catalogue.setting import Setting, setting, tables


def many(count: int) -> MetaData:
    metadata = MetaData()
    for number in range(count):
        Table(
            f"t{number}",
            metadata,
            Column("id", sa.Integer, primary_key=True),
            Column("name", sa.String(20), index=True, server_default="x", comment="c"),
            Column("price", sa.Numeric(10, 2), server_default="0"),
            Column("at", sa.DateTime, server_default=sa.func.now()),
            Column("up", sa.Integer, sa.ForeignKey(f"t{max(number - 1, 0)}.id")),
            Column("twice", sa.Integer, sa.Computed("(up) * (2)")),
            Column("later", sa.DateTime, server_default=sa.text("(now() + interval 1 day)")),
            sa.CheckConstraint("(price >= 0) AND (price < 10)"),
        )
    return metadata


async def questions(here: Setting) -> int:
    """How many statements the session has sent to the server."""
    rows = await here.connection.exec_driver_sql("SHOW SESSION STATUS LIKE 'Questions'")
    return int(rows.one()[1])


@pytest.mark.parametrize("count", [1, 60])
async def test_the_number_of_statements_does_not_grow_with_the_tables(mysql_url: str, count: int) -> None:
    metadata = many(count)
    async with setting(mysql_url) as here:
        await here.create(metadata)
        before = await questions(here)
        live = await here.read()
        assert await questions(here) - before - 1 == 10
        wanted = await here.wanted(metadata, live)
        assert await questions(here) - before - 2 == 13
        assert tables(wanted) == tables(live)
        assert len(live.tables) == count


async def test_nothing_is_left_and_nothing_changes(mysql_url: str) -> None:
    metadata = many(2)
    async with setting(mysql_url) as here:
        await here.create(metadata)
        await here.execute("INSERT INTO t0 (id) VALUES (1)")
        live = await here.read()
        await here.wanted(metadata, live)
        with pytest.raises(ProgrammingError, match="exist"):
            await here.connection.exec_driver_sql("SELECT 1 FROM asyncmig_words_0")
        # What was open is not committed by it.
        await here.connection.exec_driver_sql("INSERT INTO t0 (id) VALUES (2)")
        await here.wanted(metadata, await here.read())
        await here.connection.rollback()
        assert (await here.connection.exec_driver_sql("SELECT count(*) FROM t0")).scalar() == 1


async def test_defaults_and_functions_are_not_evaluated(mysql_url: str) -> None:
    metadata = MetaData()
    Table("t", metadata, Column("a", sa.Integer, server_default=sa.text("((nextval(s)) + 0)")))
    async with setting(mysql_url) as here:
        if not here.connection.dialect.is_mariadb:  # type: ignore[attr-defined]
            pytest.skip("MySQL has no sequences")
        await here.execute("CREATE SEQUENCE s")
        await here.create(metadata)
        live = await here.read()
        assert tables(await here.wanted(metadata, live)) == tables(live)
        assert (await here.connection.exec_driver_sql("SELECT nextval(s)")).scalar() == 1


async def test_what_the_server_refuses_stays_as_it_is_with_a_warning(mysql_url: str) -> None:
    metadata = MetaData()
    Table(
        "t",
        metadata,
        Column("a", sa.Integer),
        sa.CheckConstraint("no_such_function(a) > 0", name="one"),
        sa.CheckConstraint("((a)) > (0)", name="two"),
        sa.CheckConstraint("((a)) < (9)", name="three"),
    )
    async with setting(mysql_url) as here:
        await here.execute(
            "CREATE TABLE t (a int, CONSTRAINT one CHECK (a > 1), CONSTRAINT two CHECK (a > 0),"
            " CONSTRAINT three CHECK (a < 9))"
        )
        live = await here.read()
        wanted = await here.wanted(metadata, live)
        (table,) = wanted.tables.values()
        assert [check.expression for check in table.checks] == ["no_such_function(a) > 0", "`a` < 9", "`a` > 0"]
        (warning,) = wanted.warnings
        assert warning.startswith("The database did not say how it writes no_such_function(a) > 0 of t, so it is")


async def test_who_may_make_no_temporary_tables_gets_a_warning(mysql_url: str) -> None:
    metadata = many(2)
    url = make_url(mysql_url)
    user = f"`{url.database}`@`{url.host}`"
    reader = url.set(username=url.database, password="reader").render_as_string(hide_password=False)
    async with setting(mysql_url) as here:
        await here.create(metadata)
        await here.execute(f"CREATE USER {user} IDENTIFIED BY 'reader'", f"GRANT SELECT ON {url.database}.* TO {user}")
        try:
            async with setting(reader) as there:
                live = await there.read()
                wanted = await there.wanted(metadata, live)
        finally:
            await here.execute(f"DROP USER {user}")
    assert len(live.tables) == 2
    assert [warning.partition(" of t0, t1, so it is compared as it stands: ")[0] for warning in wanted.warnings] == [
        "The database did not say how it writes (up) * (2)",
        "The database did not say how it writes now() + interval 1 day",
        "The database did not say how it writes (price >= 0) AND (price < 10)",
    ]


# -- what stands beside the tables of the default database ------------------------------------------------------------


@pytest.fixture
def other(mysql_server: Any) -> Iterator[str]:
    with mysql_server.database() as url:
        yield str(make_url(url).database)


async def test_other_databases_are_read_when_they_are_asked_for(mysql_url: str, other: str) -> None:
    metadata = MetaData()
    home = str(make_url(mysql_url).database)
    Table("parent", metadata, Column("id", sa.Integer, primary_key=True), schema=home)
    Table("parent", metadata, Column("id", sa.Integer, primary_key=True), schema=other)
    Table(
        "child",
        metadata,
        Column("id", sa.Integer, primary_key=True),
        Column("a", sa.Integer, sa.ForeignKey(f"{other}.parent.id")),
        Column("b", sa.Integer, sa.ForeignKey(f"{home}.parent.id")),
    )
    Table(
        "child",
        metadata,
        Column("id", sa.Integer, primary_key=True),
        Column("a", sa.Integer, sa.ForeignKey(f"{other}.parent.id")),
        Column("b", sa.Integer, sa.ForeignKey(f"{home}.parent.id")),
        schema=other,
    )
    async with setting(mysql_url) as here:
        await here.create(metadata)
        assert {str(name) for name in (await here.read()).tables} == {"parent", "child"}
        live = await here.read(Scope((None, other, home, "no_such_database")))
        assert live.schemas == {other}
        assert set(live.tables) == {
            TableName("parent"),
            TableName("child"),
            TableName("parent", other),
            TableName("child", other),
        }
        states = {(state := here.catalogue.describe(table)).name: state for table in metadata.tables.values()}
        connection = here.connection.sync_connection
        assert connection is not None
        wanted = await here.catalogue.align(connection, Snapshot(home, tables=states), live)
        assert tables(wanted) == tables(live)
        made = [one for table in live.tables.values() for one in here.catalogue.table_operations(table, live)]
        await here.execute("SET foreign_key_checks = 0", *(f"DROP TABLE {name}" for name in live.tables))
        await here.perform(*made)
        again = await here.read(Scope((None, other), leave_out=frozenset({TableName("asyncmig_journal")})))
        assert tables(again) == tables(live)
        everything = await here.read(Scope(None))
        assert other in everything.schemas
        assert not everything.schemas & {"mysql", "information_schema", "performance_schema", "sys", home}
        await here.execute("DROP TABLE child", f"DROP TABLE {other}.child")


async def test_what_a_filter_leaves_out_is_not_read(mysql_url: str) -> None:
    async with setting(mysql_url) as here:
        await here.execute(
            "CREATE TABLE a (a int)", "CREATE TABLE b (a int)", "CREATE TABLE c (a int)", "CREATE VIEW v AS SELECT 1 x"
        )
        scope = Scope(include_name=lambda name, kind, parents: name != "b", leave_out=frozenset({TableName("c")}))
        assert set((await here.read(scope)).tables) == {TableName("a")}


async def test_sequences_are_read_and_described(mysql_url: str) -> None:
    metadata = MetaData()
    sa.Sequence("plain", metadata=metadata)
    sa.Sequence("odd name", metadata=metadata, start=5, increment=2, minvalue=3, maxvalue=99, cycle=True, cache=7)
    sa.Sequence("down", metadata=metadata, increment=-1)
    async with setting(mysql_url) as here:
        if not here.connection.dialect.is_mariadb:  # type: ignore[attr-defined]
            pytest.skip("MySQL has no sequences")
        await here.create(metadata)
        live = await here.read()
        assert live.tables == {}
        described = {
            state.name: state
            for one in metadata._sequences.values()
            if (state := here.catalogue.describe_sequence(one))
        }
        assert described == live.sequences
        assert live.sequences[TableName("odd name")] == SequenceState(
            TableName("odd name"), start=5, increment=2, minimum=3, maximum=99, cycle=True, cache=7
        )


# -- settings of the session ------------------------------------------------------------------------------------------


async def test_implicit_defaults_of_timestamps_are_no_difference(mysql_url: str) -> None:
    metadata = MetaData()
    stamp = mysql.TIMESTAMP
    Table(
        "t",
        metadata,
        Column("first", stamp(fsp=3), nullable=False),
        Column("second", stamp, nullable=False),
        Column("third", stamp(fsp=6), nullable=False),
        Column("null", stamp),
    )
    Table("u", metadata, Column("null", stamp), Column("second", stamp, nullable=False))
    Table("v", metadata, Column("a", stamp, nullable=False, server_default="2020-01-01"))
    async with setting(mysql_url) as here:
        await here.execute("SET SESSION explicit_defaults_for_timestamp = OFF", "SET SESSION sql_mode = ''")
        await here.create(metadata)
        live = await here.read()
        assert tables(await here.wanted(metadata, live)) == tables(live)
        assert live.tables[TableName("t")].columns[0].on_update == "CURRENT_TIMESTAMP(3)"


async def test_backslashes_that_are_no_escapes(mysql_url: str) -> None:
    metadata = MetaData()
    Table(
        "t",
        metadata,
        Column("a", sa.String(20), server_default="a\\b'c"),
        Column("b", sa.Enum("x\\y", "it's", name="e"), server_default="x\\y"),
        Column("c", sa.Text, server_default=sa.text("(concat('\\', 'x'))")),
        sa.CheckConstraint("((a)) <> ('x\\')", name="odd"),
    )
    async with setting(mysql_url) as here:
        await here.execute("SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'")
        here.connection.dialect._backslash_escapes = False  # type: ignore[attr-defined]
        adapter = here.catalogue.adapter
        here.catalogue = type(here.catalogue)(type(adapter)(here.connection.dialect))
        await here.create(metadata)
        live = await here.read()
        wanted = await here.wanted(metadata, live)
        assert wanted.warnings == ()
        assert tables(wanted) == tables(live)
        (table,) = live.tables.values()
        made = here.catalogue.table_operations(table, live)
        await here.execute("DROP TABLE t")
        await here.perform(*made)
        assert tables(await here.read(Scope(leave_out=frozenset({TableName("asyncmig_journal")})))) == tables(live)


# -- what is shown one way and declared another ------------------------------------------------------------------------


async def test_what_older_servers_made_of_json_is_json(mysql_url: str) -> None:
    metadata = MetaData()
    Table("t", metadata, Column("a", sa.JSON), Column("b", sa.JSON), Column("c", mysql.LONGTEXT))
    async with setting(mysql_url) as here:
        await here.execute("CREATE TABLE t (a longtext COLLATE utf8mb4_bin, b json, c json)")
        live = await here.read()
        wanted = await here.wanted(metadata, live)
        pairs = zip(wanted.tables[TableName("t")].columns, live.tables[TableName("t")].columns, strict=True)
        assert [here.catalogue.is_same_type(one, other) for one, other in pairs] == [True, True, False]


async def test_indexes_of_foreign_keys_are_wanted_as_long_as_those_are(mysql_url: str) -> None:
    metadata = MetaData()
    Table("p", metadata, Column("id", sa.Integer, primary_key=True))
    Table("t", metadata, Column("a", sa.Integer, sa.ForeignKey("p.id")), Column("b", sa.Integer))
    async with setting(mysql_url) as here:
        await here.execute(
            "CREATE TABLE p (id int AUTO_INCREMENT PRIMARY KEY)",
            "CREATE TABLE t (a int, b int, CONSTRAINT old FOREIGN KEY (a) REFERENCES p (id),"
            " CONSTRAINT gone FOREIGN KEY (b) REFERENCES p (id))",
        )
        live = await here.read()
        wanted = (await here.wanted(metadata, live)).tables[TableName("t")]
        assert [index.name for index in live.tables[TableName("t")].indexes] == ["gone", "old"]
        assert [index.name for index in wanted.indexes] == ["old"]
        assert [key.name for key in wanted.foreign_keys] == ["old"]


async def test_a_unique_key_is_what_models_call_it(mysql_url: str) -> None:
    metadata = MetaData()
    Table("t", metadata, Column("a", sa.Integer), sa.Index("i", "a", unique=True), sa.UniqueConstraint("a", name="u"))
    async with setting(mysql_url) as here:
        await here.execute("CREATE TABLE t (a int, UNIQUE KEY i (a), UNIQUE KEY u (a))")
        live = await here.read()
        wanted = await here.wanted(metadata, live)
        assert wanted.tables[TableName("t")].uniques == (UniqueState("i", ("a",)), UniqueState("u", ("a",)))
        assert tables(wanted) == tables(live)
        models = [type(unique.model) for unique in wanted.tables[TableName("t")].uniques]
        assert models == [sa.Index, sa.UniqueConstraint]


async def test_names_that_the_server_gives_are_no_differences(mysql_url: str) -> None:
    metadata = MetaData()
    Table("t", metadata, Column("id", sa.Integer, primary_key=True), Column("a", sa.ForeignKey("t.id"), unique=True))
    async with setting(mysql_url) as here:
        await here.create(metadata)
        live = await here.read()
        (table,) = (await here.wanted(metadata, live)).tables.values()
        assert table.foreign_keys == (ForeignKeyState("t_ibfk_1", ("a",), TableName("t"), ("id",)),)
        assert table.uniques == (UniqueState("a", ("a",)),)


async def test_a_column_that_stays_says_its_collation_when_its_table_gets_another(mysql_url: str) -> None:
    metadata = MetaData()
    columns = [
        Column("a", sa.String(5)),
        Column("b", sa.Enum("x", name="e")),
        Column("new", sa.Text),
        Column("n", sa.JSON),
    ]
    Table("t", metadata, *columns, mysql_collate="utf8mb4_bin")
    async with setting(mysql_url) as here:
        await here.execute("CREATE TABLE t (a varchar(5), b enum('x'), n json, c varchar(7) COLLATE utf8mb4_bin)")
        live = await here.read()
        (table,) = (await here.wanted(metadata, live)).tables.values()
        assert [column.collation for column in table.columns] == ["utf8mb4_bin"] * 3 + [None]
        assert [getattr(column.model.type, "collation", None) for column in table.columns[:3]] == ["utf8mb4_bin"] * 3
        old = live.tables[TableName("t")].columns
        types = [here.catalogue.column_of(column, live).type for column in old]
        assert [getattr(type_, "collation", None) for type_ in types] == [
            "utf8mb4_general_ci",
            "utf8mb4_general_ci",
            None,
            "utf8mb4_bin",
        ]
        await here.perform(AlterTableOptions("t", options={"mysql_collate": "utf8mb4_bin"}))
        after = await here.read()
        assert [column.collation for column in after.tables[TableName("t")].columns] == [
            "utf8mb4_general_ci",
            "utf8mb4_general_ci",
            None,
            None,
        ]


async def test_a_check_of_a_column_can_be_made_again(mysql_url: str) -> None:
    async with setting(mysql_url) as here:
        await here.execute("CREATE TABLE t (a int CHECK (a > 1))")
        live = await here.read()
        (table,) = live.tables.values()
        (check,) = table.checks
        assert replace(check, name=None) == CheckState(None, "`a` > 1")
        made = here.catalogue.part_operation(table, check, live)
        await here.perform(replace(made, constraint_name="x"), made.reversed())
        (left,) = (
            (await here.read()).tables[TableName("t")].checks if check.name == "a" else (replace(check, name="x"),)
        )
        assert left == CheckState("x", "`a` > 1")


async def test_with_a_url_of_mariadb_its_own_options_count(mysql_url: str) -> None:
    metadata = MetaData()
    Table(
        "t",
        metadata,
        Column("a", sa.Text),
        Column("u", sa.Uuid),
        sa.Index("i", "a", mariadb_length=5),
        sa.Index("w", "a", mariadb_prefix="FULLTEXT"),
        mariadb_engine="aria",
        mysql_engine="InnoDB",
        mariadb_charset="latin1",
    )
    async with setting(mysql_url) as here:
        if not here.connection.dialect.is_mariadb:  # type: ignore[attr-defined]
            pytest.skip("this is MySQL")
    url = make_url(mysql_url).set(drivername="mariadb+aiomysql").render_as_string(hide_password=False)
    async with setting(url) as here:
        await here.create(metadata)
        live = await here.read()
        assert tables(await here.wanted(metadata, live)) == tables(live)
        (table,) = live.tables.values()
        assert (table.options["mariadb_engine"], table.options["mariadb_charset"]) == ("Aria", "latin1")
        assert [column.type for column in table.columns] == ["text", "uuid"]
        made = here.catalogue.table_operations(table, live)
        await here.execute("DROP TABLE t")
        await here.perform(*made)
        assert tables(await here.read(Scope(leave_out=frozenset({TableName("asyncmig_journal")})))) == tables(live)
