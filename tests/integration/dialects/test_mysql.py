"""Tables, indexes, constraints, locks and errors on a live MySQL or MariaDB."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmig.errors import OperationError, UnsupportedOperationError
from asyncmig.operations import (
    AddColumn,
    AlterTable,
    CreateCheckConstraint,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateTable,
    CreateTableComment,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
    DropTableComment,
    Execute,
    RenameTable,
)
from tests.integration.dialects.runner import run


@pytest.fixture
async def mysql(mysql_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(mysql_url, poolclass=NullPool)
    yield engine
    await engine.dispose()


@pytest.fixture
async def connection(mysql: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with mysql.connect() as connection:
        yield connection


def is_mariadb(connection: AsyncConnection) -> bool:
    return bool(connection.dialect.is_mariadb)  # type: ignore[attr-defined]


async def show(connection: AsyncConnection, table: str = "t") -> str:
    row: Any = (await connection.exec_driver_sql(f"SHOW CREATE TABLE {table}")).one()
    await connection.commit()
    return str(row[1])


async def inspected(connection: AsyncConnection, what: str, *arguments: Any) -> Any:
    found = await connection.run_sync(lambda sync: getattr(sa.inspect(sync), what)(*arguments))
    await connection.commit()
    return found


async def names(connection: AsyncConnection, what: str, table: str = "t") -> set[str]:
    return {item["name"] for item in await inspected(connection, what, table)}


# -- tables -----------------------------------------------------------------------------------------------------------


async def test_table_with_all_that_belongs_to_it(connection: AsyncConnection) -> None:
    await run(
        connection,
        CreateTable.of("parent", sa.Column("id", sa.Integer, primary_key=True)),
        CreateTable.of(
            "t",
            sa.Column("id", sa.BigInteger, primary_key=True, comment="it's 100% :id \\"),
            sa.Column("name", sa.String(50), server_default="50% :x \\ 'y'", index=True),
            sa.Column("kind", sa.Enum("a", "b'c", name="kind"), nullable=False),
            sa.Column("flag", sa.Boolean(create_constraint=True, name="ck_flag")),
            sa.Column("size", sa.Integer, sa.CheckConstraint("size > 0 AND '%' <> ':y'", name="ck_size"), unique=True),
            sa.Column("twice", sa.Integer, sa.Computed("size * 2")),
            sa.Column("parent_id", sa.Integer, sa.ForeignKey("parent.id", name="fk_parent", ondelete="CASCADE")),
            sa.Column("updated", sa.TIMESTAMP, server_default=sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")),
            sa.Index("ix_prefix", "name", "kind", mysql_length={"name": 10}),
            comment="a table's 100% :comment",
            mysql_ENGINE="InnoDB",
            mysql_DEFAULT_CHARSET="utf8mb4",
            mysql_collate="utf8mb4_bin",
            mysql_row_format="DYNAMIC",
        ),
    )
    text = await show(connection)
    assert "COMMENT='a table''s 100% :comment'" in text
    assert "COMMENT 'it''s 100% :id \\\\'" in text
    assert "ROW_FORMAT=DYNAMIC" in text
    assert "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin" in text
    assert "enum('a','b''c') NOT NULL" in text
    assert "(`name`(10),`kind`)" in text
    assert "AUTO_INCREMENT" in text
    assert "ON DELETE CASCADE" in text
    assert await names(connection, "get_check_constraints") >= {"ck_flag", "ck_size"}
    assert await names(connection, "get_indexes") >= {"ix_t_name", "ix_prefix", "size"}
    columns = {column["name"]: column for column in await inspected(connection, "get_columns", "t")}
    assert columns["name"]["default"] in ("'50% :x \\\\ ''y'''", "'50% :x \\ ''y'''")
    assert "ON UPDATE" in columns["updated"]["default"].upper()


async def test_existing_table_is_left_alone(connection: AsyncConnection) -> None:
    table = CreateTable.of("t", sa.Column("a", sa.Integer, index=True), if_not_exists=True)
    await run(connection, table)
    await run(connection, DropIndex("ix_t_a", "t"))
    assert await run(connection, table) == []
    assert await names(connection, "get_indexes") == set()
    await run(connection, DropTable("t"), DropTable("t", if_exists=True))


async def test_renamed_table_stays_in_its_schema(connection: AsyncConnection, mysql_server: Any) -> None:
    with mysql_server.database() as url:
        other = sa.make_url(url).database
        await run(
            connection,
            CreateTable.of("a", sa.Column("id", sa.Integer), schema=other),
            RenameTable("a", "b%`c", schema=other),
        )
        assert await inspected(connection, "get_table_names", other) == ["b%`c"]
        await run(connection, CreateIndex.of("i%`x", "b%`c", ["id"], schema=other))
        await run(connection, DropIndex("i%`x", schema=other))
        await run(connection, DropTable("b%`c", schema=other))


async def test_comment_of_a_table_comes_and_goes(connection: AsyncConnection) -> None:
    await run(connection, CreateTable.of("t", sa.Column("a", sa.Integer)), CreateTableComment("t", "it's 100% :x"))
    assert (await inspected(connection, "get_table_comment", "t"))["text"] == "it's 100% :x"
    await run(connection, DropTableComment("t"))
    assert not (await inspected(connection, "get_table_comment", "t"))["text"]


async def test_sequence_as_default(connection: AsyncConnection) -> None:
    if not is_mariadb(connection):
        pytest.skip("MySQL has no sequences")
    sequence = sa.Sequence("numbers", start=5)
    await run(
        connection,
        Execute(sa.schema.CreateSequence(sequence)),
        CreateTable.of(
            "t", sa.Column("a", sa.Integer, server_default=sequence.next_value()), sa.Column("b", sa.Integer)
        ),
        Execute("INSERT INTO t (b) VALUES (1)"),
    )
    assert await connection.scalar(sa.text("SELECT a FROM t")) == 5


# -- columns ----------------------------------------------------------------------------------------------------------


async def test_added_column_brings_its_constraints(connection: AsyncConnection) -> None:
    await run(
        connection,
        CreateTable.of("parent", sa.Column("id", sa.Integer, primary_key=True)),
        CreateTable.of("t", sa.Column("a", sa.Integer)),
        AddColumn("t", sa.Column("id", sa.Integer, primary_key=True)),
        AddColumn(
            "t",
            sa.Column(
                "parent_id",
                sa.Integer,
                sa.ForeignKey("parent.id", ondelete="CASCADE", name="fk"),
                sa.CheckConstraint("parent_id > 0", name="ck"),
            ),
        ),
        AddColumn("t", sa.Column("other_id", sa.Integer, sa.ForeignKey("parent.id")), inline_references=True),
        AddColumn("t", sa.Column("code", sa.String(10), unique=True, comment="c"), insert_after="a"),
        AddColumn(
            "t", sa.Column("flag", sa.Boolean(create_constraint=True, name="ck_flag"), server_default=sa.false())
        ),
    )
    keys = await inspected(connection, "get_foreign_keys", "t")
    assert {tuple(key["constrained_columns"]) for key in keys} == {("parent_id",), ("other_id",)}
    assert {key["options"].get("ondelete") for key in keys} == {"CASCADE", None}
    assert await names(connection, "get_check_constraints") >= {"ck", "ck_flag"}
    assert (await inspected(connection, "get_pk_constraint", "t"))["constrained_columns"] == ["id"]
    text = await show(connection)
    assert "AUTO_INCREMENT" in text
    assert text.index("`a`") < text.index("`code`") < text.index("`id`")
    assert "UNIQUE KEY `code` (`code`)" in text


async def test_columns_that_are_there_or_not(connection: AsyncConnection) -> None:
    column = sa.Column("b", sa.Integer, sa.ForeignKey("t.a"), index=True)
    await run(connection, CreateTable.of("t", sa.Column("a", sa.Integer, primary_key=True)))
    await run(connection, AddColumn("t", column, if_not_exists=True), AddColumn("t", column, if_not_exists=True))
    await run(connection, AddColumn("t", sa.Column("a", sa.Integer), if_not_exists=True))
    assert len(await inspected(connection, "get_foreign_keys", "t")) == 1
    await run(connection, DropColumn("t", "nope", if_exists=True))
    with pytest.raises(OperationalError):
        await run(connection, DropColumn("t", "nope"))


# -- indexes ----------------------------------------------------------------------------------------------------------


async def test_index_is_found_without_its_table(connection: AsyncConnection) -> None:
    await run(
        connection,
        CreateTable.of("t", sa.Column("a", sa.Integer)),
        CreateTable.of("u", sa.Column("a", sa.Integer)),
        CreateIndex.of("only", "t", ["a"]),
        CreateIndex.of("both", "t", ["a"]),
        CreateIndex.of("both", "u", ["a"]),
    )
    await run(connection, DropIndex("only"))
    assert await names(connection, "get_indexes") == {"both"}
    with pytest.raises(OperationError, match="several tables have one: t, u") as caught:
        await run(connection, DropIndex("both"))
    assert caught.value.hint == 'op.drop_index("both", table_name="t")'
    with pytest.raises(OperationError, match="no table has one"):
        await run(connection, DropIndex("nope"))
    assert await run(connection, DropIndex("nope", if_exists=True)) == []


async def test_indexes_that_are_there_or_not(connection: AsyncConnection) -> None:
    await run(connection, CreateTable.of("t", sa.Column("a", sa.Integer)))
    index = CreateIndex.of("i", "t", ["a"], if_not_exists=True)
    await run(connection, index, index)
    await run(connection, DropIndex("i", "t", if_exists=True), DropIndex("i", "t", if_exists=True))
    assert await names(connection, "get_indexes") == set()


async def test_options_of_indexes(connection: AsyncConnection) -> None:
    await run(
        connection,
        CreateTable.of("t", sa.Column("a", sa.String(50)), sa.Column("b", sa.Text), sa.Column("c", sa.Integer)),
        CreateIndex.of("hashed", "t", ["c"], mysql_using="hash"),
        CreateIndex.of("prefix", "t", ["a", "b"], mysql_length={"a": 5, "b": 7}),
        CreateIndex.of("words", "t", ["b"], mysql_prefix="FULLTEXT"),
        CreateIndex.of(
            "down", "t", [sa.text("b(5) DESC"), "a", sa.column("c").desc()], mysql_length={"a": 3}, unique=True
        ),
    )
    text = await show(connection)
    assert "KEY `prefix` (`a`(5),`b`(7))" in text
    assert "FULLTEXT KEY `words` (`b`)" in text
    assert "UNIQUE KEY `down` (`b`(5) DESC,`a`(3),`c` DESC)" in text


async def test_index_on_an_expression(connection: AsyncConnection) -> None:
    await run(connection, CreateTable.of("t", sa.Column("a", sa.String(50))))
    index = CreateIndex.of("i", "t", [sa.text("lower(a)")])
    if not is_mariadb(connection):
        await run(connection, index)
        assert await names(connection, "get_indexes") == {"i"}
        return
    with pytest.raises(UnsupportedOperationError, match=r"MariaDB has no index on an expression such as lower\(a\)"):
        await run(connection, index)
    with pytest.raises(UnsupportedOperationError):
        await run(
            connection, CreateTable.of("u", sa.Column("a", sa.String(9)), sa.Index("j", sa.func.lower(sa.column("a"))))
        )
    assert await inspected(connection, "get_table_names") == ["t"]


# -- constraints ------------------------------------------------------------------------------------------------------

CONSTRAINTS = [
    CreateUniqueConstraint("uq", "t", ["b"]),
    CreateForeignKey("fk", "t", "parent", ["parent_id"], ["id"], ondelete="CASCADE", onupdate="SET NULL"),
    CreateCheckConstraint("ck", "t", "b <> '50% :x' AND b <> '\\\\'"),
]


@pytest.mark.parametrize("with_type", [True, False])
async def test_constraints_come_and_go(connection: AsyncConnection, with_type: bool) -> None:
    await run(
        connection,
        CreateTable.of("parent", sa.Column("id", sa.Integer, primary_key=True)),
        CreateTable.of(
            "t", sa.Column("a", sa.Integer), sa.Column("b", sa.String(9)), sa.Column("parent_id", sa.Integer)
        ),
    )
    before = await show(connection)
    for constraint in CONSTRAINTS:
        await run(connection, constraint)
        assert f"`{constraint.constraint_name}`" in await show(connection)
        kind = constraint.kind if with_type else None
        drop = DropConstraint(str(constraint.constraint_name), "t", kind)
        await run(connection, drop)
        if constraint.kind == "foreignkey":
            await run(connection, DropIndex("fk", "t"))  # made for it by the server
        with pytest.raises((OperationalError, OperationError)):
            await run(connection, drop)
        await run(connection, DropConstraint(str(constraint.constraint_name), "t", kind, if_exists=True))
        assert await show(connection) == before


async def test_primary_key_comes_and_goes(connection: AsyncConnection) -> None:
    await run(connection, CreateTable.of("t", sa.Column("a", sa.Integer, nullable=False), sa.Column("b", sa.Integer)))
    before = await show(connection)
    for drop in (DropConstraint("pk_t", "t", "primary"), DropConstraint("PRIMARY", "t")):
        await run(connection, CreatePrimaryKey("pk_t", "t", ["a"]))
        await run(connection, drop)
        assert await show(connection) == before
    await run(connection, DropConstraint("pk_t", "t", "primary", if_exists=True))
    with pytest.raises(OperationalError):
        await run(connection, DropConstraint("pk_t", "t", "primary"))


async def test_primary_key_under_auto_increment_is_kept_with_a_hint(connection: AsyncConnection) -> None:
    await run(connection, CreateTable.of("t", sa.Column("id", sa.Integer, primary_key=True)))
    with pytest.raises(OperationError, match="column id of table t has AUTO_INCREMENT") as caught:
        await run(connection, DropConstraint("pk", "t", "primary"))
    assert 'op.alter_column("t", "id", autoincrement=False)' in str(caught.value.hint)
    await run(connection, CreateIndex.of("i", "t", ["id"]), DropConstraint("pk", "t", "primary"))


async def test_unknown_constraint_is_told_with_those_that_are_there(connection: AsyncConnection) -> None:
    await run(
        connection,
        CreateTable.of(
            "t",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("a", sa.Integer, sa.CheckConstraint("a > 0", name="ck")),
        ),
        CreateIndex.of("i", "t", ["id"]),
    )
    with pytest.raises(OperationError, match=r"t has no constraint nope\.\n\nIt has ck\. Its primary key"):
        await run(connection, DropConstraint("nope", "t"))
    with pytest.raises(
        OperationError, match=r'i is an index of table t and no constraint\.\n\nop\.drop_index\("i", "t"\)'
    ):
        await run(connection, DropConstraint("i", "t"))


async def test_block_names_what_has_no_name_and_drops_it(connection: AsyncConnection) -> None:
    await run(connection, CreateTable.of("t", sa.Column("a", sa.Integer)))
    block = (
        CreateUniqueConstraint(None, "t", ["a"]),
        DropConstraint("uq_t_a", "t"),
        AddColumn("t", sa.Column("b", sa.Integer)),
    )
    await run(
        connection,
        AlterTable("t", block, recreate="always", naming_convention={"uq": "uq_%(table_name)s_%(column_0_name)s"}),
    )
    assert "uq_t_a" not in await show(connection)
    assert await names(connection, "get_columns") == {"a", "b"}


# -- what holds a key or a CHECK ---------------------------------------------------------------------------------------


async def keys(connection: AsyncConnection, table: str) -> dict[str, list[str]]:
    found = await inspected(connection, "get_indexes", table)
    return {index["name"]: index["column_names"] for index in found}


async def has_tables_with_a_foreign_key(connection: AsyncConnection, *more: sa.schema.SchemaItem) -> None:
    await run(
        connection,
        CreateTable.of("p", sa.Column("id", sa.Integer, primary_key=True)),
        CreateTable.of("t", sa.Column("a", sa.Integer), sa.Column("b", sa.Integer), *more),
        CreateForeignKey.of("to_p", "t", "p", ["a"], ["id"]),
    )


@pytest.mark.parametrize("unique", [False, True])
async def test_an_index_that_a_foreign_key_needs_can_be_dropped(connection: AsyncConnection, unique: bool) -> None:
    await has_tables_with_a_foreign_key(connection)
    assert await keys(connection, "t") == {"to_p": ["a"]}
    await run(connection, CreateIndex.of("i", "t", ["a", "b"], unique=unique))
    assert await keys(connection, "t") == {"i": ["a", "b"]}
    drop = DropConstraint("i", "t", "unique") if unique else DropIndex("i", "t")
    await run(connection, drop)
    assert await keys(connection, "t") == {"to_p": ["a"]}


async def test_an_index_beside_another_one_that_serves_the_foreign_key_is_just_dropped(
    connection: AsyncConnection,
) -> None:
    await has_tables_with_a_foreign_key(connection)
    await run(connection, CreateIndex.of("i", "t", ["a", "b"]), CreateIndex.of("j", "t", ["b", "a"]))
    assert await run(connection, DropIndex("j", "t")) == ["DROP INDEX j ON t"]
    await run(connection, CreateIndex.of("k", "t", ["a"]))
    assert await run(connection, DropIndex("i", "t")) == ["DROP INDEX i ON t"]
    assert await keys(connection, "t") == {"k": ["a"]}


async def test_an_index_with_the_name_of_its_foreign_key_is_dropped_too(connection: AsyncConnection) -> None:
    await has_tables_with_a_foreign_key(connection)
    await run(connection, DropIndex("to_p", "t"))
    assert list((await keys(connection, "t")).values()) == [["a"]]


async def test_the_check_of_a_column_is_dropped_by_its_name(connection: AsyncConnection) -> None:
    if not is_mariadb(connection):
        pytest.skip("MySQL keeps all CHECKs at the table")
    await run(
        connection,
        Execute("CREATE TABLE t (a int NOT NULL DEFAULT 5 COMMENT 'x' CHECK (a > 1), b int CHECK (b > 2), c json)"),
        DropConstraint("a", "t", "check"),
        DropConstraint("b", "t"),
    )
    sql = await show(connection)
    assert "`a` int(11) NOT NULL DEFAULT 5 COMMENT 'x'" in sql
    assert "`b`" in sql
    assert "> 2" not in sql
    with pytest.raises(OperationalError, match="check that"):
        await run(connection, DropConstraint("c", "t", "check"))
