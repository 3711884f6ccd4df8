"""`op.alter_column` on a live MySQL or MariaDB: what is not named stays exactly as it is."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmig.errors import OperationError
from asyncmig.operations import AddColumn, AlterColumn, AlterTable, DropColumn, Operation
from tests.integration.dialects.runner import run

#: Definitions that both servers take, and some that only MariaDB takes.
BOTH = """
    id bigint unsigned NOT NULL AUTO_INCREMENT COMMENT 'it''s \\\\ "x" `y` (NOT NULL) DEFAULT, 100% :p'
    number int unsigned NOT NULL DEFAULT 7
    latin varchar(20) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT 'a,b) NOT NULL'
    choice enum('x','y''z','a)b,c','\\\\') NOT NULL DEFAULT 'x'
    chosen set('a','b')
    stamp timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)
    maybe_stamp timestamp NULL
    updated timestamp NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP
    at datetime DEFAULT CURRENT_TIMESTAMP
    document json
    twice int GENERATED ALWAYS AS (number * 2) VIRTUAL COMMENT 'CHECK (x)'
    stored varchar(30) COLLATE utf8mb4_bin GENERATED ALWAYS AS (concat(latin, ',''\\\\)')) STORED
    hidden int INVISIBLE DEFAULT 5
    token char(36) DEFAULT (uuid())
    total int DEFAULT (1 + 2)
    negative int DEFAULT -1
    flags bit(8) DEFAULT b'101'
    day date DEFAULT '2020-01-01'
    price decimal(10,3) NOT NULL DEFAULT 1.5
    text_ text COMMENT 'line
break'
    `od``d "name` double
    place point NOT NULL
    blob_ mediumblob
    year_ year
    yes tinyint(1) DEFAULT 1
    national national varchar(10)
    binary_ varchar(10) COLLATE utf8mb4_bin
"""
MARIADB = """
    checked int CHECK (`checked` > 0 and `checked` < 10)
    padded int(5) unsigned zerofill NOT NULL DEFAULT 7
    other_default int DEFAULT number
    compressed text COMPRESSED
    address inet6
    word text DEFAULT 'x''y\\\\z'
    stamped datetime DEFAULT (current_timestamp() + interval 1 day)
    cased int DEFAULT (case when 1 then 2 else 3 end)
    cast_ varchar(10) DEFAULT (concat('a','b') collate utf8mb4_bin)
    is_null int DEFAULT (day is null)
"""


def definitions(text: str) -> list[str]:
    lines = [line.removeprefix("    ") for line in text.replace("\nbreak", "\x00break").split("\n") if line.strip()]
    return [line.replace("\x00", "\n") for line in lines]


@pytest.fixture(params=["", "NO_BACKSLASH_ESCAPES", "ANSI_QUOTES", "ANSI"])
async def connection(mysql_url: str, request: pytest.FixtureRequest) -> AsyncIterator[AsyncConnection]:
    """A connection in each of the modes that change how text is read and shown."""
    mode = f"SET sql_mode = CONCAT(@@GLOBAL.sql_mode, ',{request.param}')"
    engine = create_async_engine(mysql_url, poolclass=NullPool, connect_args={"init_command": mode})
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


@pytest.fixture
async def plain(mysql_url: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(mysql_url, poolclass=NullPool)
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


async def show(connection: AsyncConnection, table: str = "t") -> str:
    row: Any = (await connection.exec_driver_sql(f"SHOW CREATE TABLE {table}")).one()
    await connection.commit()
    return str(row[1])


async def lines(connection: AsyncConnection, table: str = "t") -> dict[str, str]:
    """What stands after the name of each column."""
    found = {}
    for line in (await show(connection, table)).splitlines():
        if line.startswith("  `"):
            name, _, rest = line.strip().rstrip(",").partition("` ")
            found[name.strip("`")] = rest
    return found


async def create(connection: AsyncConnection, *columns: str, table: str = "t", end: str = "") -> None:
    await connection.exec_driver_sql(f"CREATE TABLE {table} ({', '.join(columns)}){end}".replace("%", "%%"))
    await connection.commit()


async def create_in_default_mode(connection: AsyncConnection, *columns: str) -> None:
    mode = await connection.scalar(sa.text("SELECT @@sql_mode"))
    await connection.execute(sa.text("SET sql_mode = @@GLOBAL.sql_mode"))
    await create(connection, *columns)
    await connection.execute(sa.text("SET sql_mode = :mode"), {"mode": mode})


def is_mariadb(connection: AsyncConnection) -> bool:
    return bool(connection.dialect.is_mariadb)  # type: ignore[attr-defined]


async def test_whole_definition_survives_a_change_and_its_reversal(connection: AsyncConnection) -> None:
    columns = definitions(BOTH) + (definitions(MARIADB) if is_mariadb(connection) else [])
    await create_in_default_mode(connection, *columns, "PRIMARY KEY (id)", "CONSTRAINT ck CHECK (number > 0)")
    before = await show(connection)
    names = [row[0] for row in await connection.exec_driver_sql("SHOW COLUMNS FROM t")]
    assert len(names) == len(columns)
    for name in names:
        comment = await connection.scalar(
            sa.text(
                "SELECT column_comment FROM information_schema.columns "
                "WHERE table_schema = DATABASE() AND table_name = 't' AND column_name = :name"
            ),
            {"name": name},
        )
        await run(connection, AlterColumn("t", name, comment="it's \\ 100% :x \n"))
        changed = await show(connection)
        assert [a == b for a, b in zip(before.split(",\n"), changed.split(",\n"), strict=True)].count(False) == 1, name
        await run(connection, AlterColumn("t", name, comment=comment or None))
        assert await show(connection) == before, name


async def test_wrong_existing_values_change_nothing(plain: AsyncConnection) -> None:
    await create(plain, "a varchar(20) NOT NULL DEFAULT 'x'", "b int")
    await run(
        plain,
        AlterColumn(
            "t",
            "a",
            comment="new",
            existing_type=sa.String(20),
            existing_nullable=True,
            existing_server_default="y",
            existing_comment="old",
        ),
    )
    assert (await lines(plain))["a"] == "varchar(20) NOT NULL DEFAULT 'x' COMMENT 'new'"


@pytest.mark.parametrize(
    ("definition", "change", "expected"),
    [
        ("varchar(20) NOT NULL DEFAULT 'x' COMMENT 'c'", {"nullable": True}, "varchar(20) DEFAULT 'x' COMMENT 'c'"),
        ("varchar(20) DEFAULT NULL COMMENT 'c'", {"nullable": False}, "varchar(20) NOT NULL COMMENT 'c'"),
        (
            "varchar(20) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL DEFAULT 'x'",
            {"type_": sa.String(30)},
            "varchar(30) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL DEFAULT 'x'",
        ),
        (
            "varchar(20) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL",
            {"type_": sa.Text(collation="utf8mb4_bin")},
            "text CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL",
        ),
        (
            "varchar(20) CHARACTER SET latin1 NOT NULL DEFAULT '1'",
            {"type_": sa.BigInteger()},
            "bigint NOT NULL DEFAULT 1",
        ),
        (
            "int unsigned NOT NULL DEFAULT 3",
            {"type_": mysql.BIGINT(unsigned=True)},
            "bigint unsigned NOT NULL DEFAULT 3",
        ),
        ("datetime NOT NULL", {"type_": mysql.DATETIME(fsp=6)}, "datetime(6) NOT NULL"),
        ("datetime DEFAULT NULL", {"type_": sa.TIMESTAMP()}, "timestamp NULL DEFAULT NULL"),
        (
            "enum('a','b') NOT NULL DEFAULT 'b'",
            {"type_": sa.Enum("a", "b", "c")},
            "enum('a','b','c') NOT NULL DEFAULT 'b'",
        ),
        ("int NOT NULL DEFAULT 1", {"server_default": None}, "int NOT NULL"),
        ("int DEFAULT 1", {"server_default": None}, "int DEFAULT NULL"),
        ("int DEFAULT 1", {"server_default": "2"}, "int DEFAULT 2"),
        ("varchar(20) DEFAULT NULL", {"server_default": "50% :a \\ 'b'"}, "varchar(20) DEFAULT '50% :a \\\\ ''b'''"),
        ("datetime NOT NULL", {"server_default": sa.func.now()}, "datetime NOT NULL DEFAULT current_timestamp()"),
        (
            "datetime NOT NULL COMMENT 'c'",
            {"server_default": sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")},
            "datetime NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp() COMMENT 'c'",
        ),
        (
            "datetime NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP COMMENT 'c'",
            {"server_default": None},
            "datetime NOT NULL COMMENT 'c'",
        ),
        (
            "datetime NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP",
            {"comment": "c"},
            "datetime NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp() COMMENT 'c'",
        ),
        ("int NOT NULL COMMENT 'c'", {"comment": None, "nullable": True}, "int DEFAULT NULL"),
        ("int", {"server_default": sa.Computed("b + 1", persisted=True)}, "int GENERATED ALWAYS AS (`b` + 1) STORED"),
        ("int AS (b + 1) STORED COMMENT 'c'", {"server_default": None}, "int DEFAULT NULL COMMENT 'c'"),
        (
            "int AS (b + 1) STORED COMMENT 'c'",
            {"type_": sa.BigInteger()},
            "bigint GENERATED ALWAYS AS (`b` + 1) STORED COMMENT 'c'",
        ),
    ],
)
async def test_only_what_is_named_changes(
    plain: AsyncConnection, definition: str, change: dict[str, Any], expected: str
) -> None:
    await create(plain, "b int", f"a {definition}")
    await run(plain, AlterColumn("t", "a", **change))
    assert _modern((await lines(plain))["a"]) == expected


def _modern(definition: str) -> str:
    """As MySQL 8 writes it: without the widths that no longer mean anything."""
    return definition.replace("bigint(20)", "bigint").replace("int(11)", "int").replace("int(10)", "int")


async def test_auto_increment_is_given_kept_and_taken(plain: AsyncConnection) -> None:
    await create(plain, "id int NOT NULL COMMENT 'c'", "PRIMARY KEY (id)")
    await run(plain, AlterColumn("t", "id", autoincrement=True))
    assert _modern((await lines(plain))["id"]) == "int NOT NULL AUTO_INCREMENT COMMENT 'c'"
    await run(plain, AlterColumn("t", "id", type_=sa.BigInteger()))
    assert _modern((await lines(plain))["id"]) == "bigint NOT NULL AUTO_INCREMENT COMMENT 'c'"
    await run(plain, AlterColumn("t", "id", autoincrement=False))
    assert _modern((await lines(plain))["id"]) == "bigint NOT NULL COMMENT 'c'"


async def test_renaming_alone_needs_no_definition(plain: AsyncConnection) -> None:
    await create(plain, "a int NOT NULL DEFAULT 3 COMMENT 'c'")
    sent = await run(plain, AlterColumn("t", "a", new_column_name="b"))
    assert sent == ["ALTER TABLE t RENAME COLUMN a TO b"]
    assert _modern((await lines(plain))["b"]) == "int NOT NULL DEFAULT 3 COMMENT 'c'"


async def test_checks_of_the_column_follow_its_new_name(plain: AsyncConnection) -> None:
    if not is_mariadb(plain):
        pytest.skip("MySQL keeps CHECKs at the table and renames no column that one names")
    await create(plain, "a int CHECK (a > 0)", "document json NOT NULL", "b int AS (a + 1) VIRTUAL", "CHECK (a < 100)")
    await run(
        plain,
        AlterColumn("t", "a", new_column_name="b c", type_=sa.BigInteger()),
        AlterColumn("t", "document", new_column_name="json", comment="c"),
    )
    found = await lines(plain)
    assert found["b c"] == "bigint(20) DEFAULT NULL CHECK (`b c` > 0)"
    assert found["b"] == "int(11) GENERATED ALWAYS AS (`b c` + 1) VIRTUAL"
    assert found["json"].endswith("NOT NULL COMMENT 'c' CHECK (json_valid(`json`))")


async def test_json_becomes_plain_text_and_text_becomes_json(plain: AsyncConnection) -> None:
    await create(plain, "a json NOT NULL", "b longtext NOT NULL")
    await run(plain, AlterColumn("t", "a", type_=sa.Text()), AlterColumn("t", "b", type_=sa.JSON()))
    found = await lines(plain)
    assert found["a"] == "text NOT NULL"
    if is_mariadb(plain):
        assert found["b"].endswith("COLLATE utf8mb4_bin NOT NULL CHECK (json_valid(`b`))")
    else:
        assert found["b"] == "json NOT NULL"


async def test_columns_move(plain: AsyncConnection) -> None:
    await create(plain, "a int", "b int", "c int")
    await run(plain, AlterColumn("t", "c", insert_before="a"))
    assert list(await lines(plain)) == ["c", "a", "b"]
    await run(plain, AlterColumn("t", "c", insert_after="b", new_column_name="d"))
    assert list(await lines(plain)) == ["a", "b", "d"]
    await run(plain, AlterColumn("t", "d", insert_before="b"))
    assert list(await lines(plain)) == ["a", "d", "b"]
    await run(plain, AddColumn("t", sa.Column("e", sa.Integer), insert_before="d"))
    await run(plain, AddColumn("t", sa.Column("f", sa.Integer), insert_before="a"))
    assert list(await lines(plain)) == ["f", "a", "e", "d", "b"]


async def test_operations_of_a_block_see_what_the_earlier_ones_did(plain: AsyncConnection) -> None:
    await create(plain, "a int NOT NULL", "b int", "c int")
    block: tuple[Operation[Any], ...] = (
        AddColumn("t", sa.Column("d", sa.String(20), nullable=False, server_default="x", comment="c")),
        AlterColumn("t", "d", type_=sa.String(30)),
        AlterColumn("t", "d", new_column_name="e"),
        AlterColumn("t", "e", insert_before="b", nullable=True),
        DropColumn("t", "a"),
        AlterColumn("t", "c", insert_before="e"),
    )
    await run(plain, AlterTable("t", block, partial_reordering=[("b", "c")]))
    found = await lines(plain)
    assert list(found) == ["e", "b", "c"]
    assert found["e"] == "varchar(30) DEFAULT 'x' COMMENT 'c'"


async def test_check_of_a_boolean_goes_and_comes_with_the_type(plain: AsyncConnection) -> None:
    flag = sa.Boolean(create_constraint=True, name="ck_flag")
    await create(plain, "a tinyint(1) NOT NULL", "CONSTRAINT ck_flag CHECK (a IN (0, 1))")
    await run(plain, AlterColumn("t", "a", type_=sa.Integer(), existing_type=flag))
    assert "ck_flag" not in await show(plain)
    # A second time there is no such CHECK any more, and the database is asked.
    await run(plain, AlterColumn("t", "a", type_=sa.BigInteger(), existing_type=flag))
    await run(plain, AlterColumn("t", "a", type_=flag, existing_type=sa.BigInteger()))
    assert "CONSTRAINT `ck_flag` CHECK" in await show(plain)


async def test_missing_table_and_column_are_named(plain: AsyncConnection) -> None:
    with pytest.raises(OperationError, match="there is no table nope"):
        await run(plain, AlterColumn("nope", "a", nullable=True))
    await create(plain, "a int", "b int")
    with pytest.raises(OperationError, match=r"t has no column c\.\n\nIt has a, b"):
        await run(plain, AlterColumn("t", "c", nullable=True))
