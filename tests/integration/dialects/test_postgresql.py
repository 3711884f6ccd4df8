"""What the planned steps do on a real PostgreSQL."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmig.errors import OperationError
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
from tests.integration.dialects.runner import run


@pytest.fixture
async def connection(postgresql_url: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(postgresql_url, poolclass=NullPool)
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


async def ask(connection: AsyncConnection, function: str, *args: Any, **kwargs: Any) -> Any:
    """Ask SQLAlchemy's inspector."""
    answer = await connection.run_sync(lambda sync: getattr(sa.inspect(sync), function)(*args, **kwargs))
    await connection.rollback()
    return answer


async def column(connection: AsyncConnection, name: str, table: str = "t", schema: str | None = None) -> Any:
    columns = await ask(connection, "get_columns", table, schema=schema)
    return next(column for column in columns if column["name"] == name)


async def enums(connection: AsyncConnection, schema: str | None = None) -> dict[str, list[str]]:
    return {enum["name"]: enum["labels"] for enum in await ask(connection, "get_enums", schema=schema)}


async def scalar(connection: AsyncConnection, sql: str) -> Any:
    value = await connection.scalar(sa.text(sql))
    await connection.rollback()
    return value


T = CreateTable.of("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.String(20)))


# -- tables and columns ------------------------------------------------------------------------------------------------


async def test_table_with_everything_is_as_declared(connection: AsyncConnection) -> None:
    await run(
        connection,
        Execute("CREATE SCHEMA s; CREATE EXTENSION IF NOT EXISTS btree_gist"),
        CreateTable.of("u", sa.Column("id", sa.Integer, primary_key=True), schema="s"),
        CreateTable.of(
            "T",
            sa.Column("id", sa.BigInteger, sa.Identity(always=True, start=5, increment=2), primary_key=True),
            sa.Column("mood", sa.Enum("ok", "it's", name="mood"), server_default="it's", nullable=False),
            sa.Column("moods", pg.ARRAY(sa.Enum("ok", "it's", name="mood")), comment="100% it's"),
            sa.Column("u_id", sa.Integer, sa.ForeignKey("s.u.id", name="fk", ondelete="CASCADE"), index=True),
            sa.Column("twice", sa.Integer, sa.Computed("u_id * 2", persisted=True)),
            sa.Column("at", pg.TSRANGE),
            sa.CheckConstraint("u_id % 2 = 0 AND mood::text <> 'a:b'", name="even"),
            pg.ExcludeConstraint(
                ("u_id", "="), ("at", "&&"), name="apart", where="u_id > 1", ops={"u_id": "gist_int4_ops"}
            ),
            comment="it's 100%",
            schema="s",
            postgresql_with={"fillfactor": 70},
        ),
    )
    table: dict[str, Any] = {"schema": "s", "table_name": "T"}
    columns = {one["name"]: one for one in await ask(connection, "get_columns", **table)}
    assert columns["id"]["identity"]["start"] == 5
    assert columns["id"]["identity"]["always"]
    assert columns["twice"]["computed"]["persisted"]
    assert columns["moods"]["comment"] == "100% it's"
    assert "it''s" in columns["mood"]["default"]
    assert await enums(connection) == {"mood": ["ok", "it's"]}
    assert await ask(connection, "get_table_comment", **table) == {"text": "it's 100%"}
    (key,) = await ask(connection, "get_foreign_keys", **table)
    assert (key["name"], key["referred_schema"], key["options"]) == ("fk", "s", {"ondelete": "CASCADE"})
    (check,) = await ask(connection, "get_check_constraints", **table)
    assert "a:b" in check["sqltext"]
    assert await scalar(connection, "SELECT reloptions[1] FROM pg_class WHERE relname = 'T'") == "fillfactor=70"
    excluded = await scalar(connection, "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'apart'")
    assert excluded == "EXCLUDE USING gist (u_id WITH =, at WITH &&) WHERE ((u_id > 1))"


async def test_partitioned_and_inherited_tables(connection: AsyncConnection) -> None:
    await run(
        connection,
        CreateTable.of("p", sa.Column("a", sa.Integer), postgresql_partition_by="RANGE (a)"),
        Execute("CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (9)"),
        Execute("ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY"),
        CreateTable.of("child", postgresql_inherits="p1"),
    )
    assert (await column(connection, "a", "child"))["name"] == "a"


async def test_table_is_renamed_commented_and_dropped(connection: AsyncConnection) -> None:
    await run(connection, Execute("CREATE SCHEMA s"), CreateTable.of("t", sa.Column("a", sa.Integer), schema="s"))
    await run(connection, RenameTable("t", "U", schema="s"), CreateTableComment("U", "it's %", schema="s"))
    assert await ask(connection, "get_table_comment", "U", "s") == {"text": "it's %"}
    await run(connection, DropTableComment("U", schema="s"))
    assert await ask(connection, "get_table_comment", "U", "s") == {"text": None}
    await run(connection, DropTable.of("U", schema="s"), DropTable.of("U", schema="s", if_exists=True))
    assert await ask(connection, "get_table_names", "s") == []


async def test_added_column_brings_its_own(connection: AsyncConnection) -> None:
    foreign = sa.Column("r", sa.Integer, sa.ForeignKey("t.id", name="fk"), index=True, unique=True, comment="x")
    again = AddColumn("t", sa.Column("q", sa.Integer, sa.ForeignKey("t.id"), unique=True), if_not_exists=True)
    await run(connection, T, AddColumn("t", foreign), again, again)
    assert (await column(connection, "r"))["comment"] == "x"
    assert len(await ask(connection, "get_foreign_keys", "t")) == 2
    assert {index["name"] for index in await ask(connection, "get_indexes", "t")} == {"ix_t_r", "t_q_key"}
    await run(connection, DropColumn.of("t", "r"), DropColumn.of("t", "r", if_exists=True))
    assert len(await ask(connection, "get_columns", "t")) == 3


async def test_column_changes_in_every_way_at_once(connection: AsyncConnection) -> None:
    await run(
        connection,
        T,
        Execute("ALTER TABLE t ALTER a SET DEFAULT 'no'; INSERT INTO t (a) VALUES ('7')"),
        AlterColumn.of(
            "t",
            "a",
            type_=sa.BigInteger(),
            postgresql_using="a::bigint",
            nullable=False,
            server_default=sa.text("1 + 1"),
            comment="it's",
            new_column_name="B",
        ),
    )
    changed = await column(connection, "B")
    assert isinstance(changed["type"], sa.BIGINT)
    assert (changed["nullable"], changed["default"], changed["comment"]) == (False, "(1 + 1)", "it's")
    assert await scalar(connection, 'SELECT "B" FROM t') == 7
    await run(connection, AlterColumn.of("t", "B", nullable=True, server_default=None, comment=None))
    changed = await column(connection, "B")
    assert (changed["nullable"], changed["default"], changed["comment"]) == (True, None, None)


async def test_text_column_becomes_a_new_enum(connection: AsyncConnection) -> None:
    mood = sa.Enum("ok", "sad", name="mood")
    await run(connection, T, Execute("ALTER TABLE t ALTER a SET DEFAULT 'ok'; INSERT INTO t (a) VALUES ('sad')"))
    await run(connection, AlterColumn.of("t", "a", type_=mood, postgresql_using="a::mood", server_default="ok"))
    assert (await column(connection, "a"))["default"] == "'ok'::mood"
    assert await enums(connection) == {"mood": ["ok", "sad"]}


async def test_identity_comes_changes_and_goes(connection: AsyncConnection) -> None:
    first, second = sa.Identity(start=10), sa.Identity(always=True, increment=5, maxvalue=99)
    await run(
        connection, CreateTable.of("t", sa.Column("a", sa.Integer)), Execute("ALTER TABLE t ALTER a SET DEFAULT 1")
    )
    old = sa.text("1")
    await run(connection, AlterColumn.of("t", "a", nullable=False, server_default=first, existing_server_default=old))
    reflected = (await column(connection, "a"))["identity"]
    assert (reflected["start"], reflected["always"]) == (10, False)
    again = sa.Identity(**reflected)
    assert await run(connection, AlterColumn.of("t", "a", server_default=first, existing_server_default=again)) == []
    await run(connection, AlterColumn.of("t", "a", server_default=second, existing_server_default=again))
    reflected = (await column(connection, "a"))["identity"]
    assert (reflected["always"], reflected["increment"], reflected["maxvalue"], reflected["start"]) == (True, 5, 99, 1)
    await run(connection, AlterColumn.of("t", "a", nullable=True, server_default=None, existing_server_default=second))
    reflected = await column(connection, "a")
    assert ("identity" in reflected, reflected["nullable"]) == (False, True)


async def test_generated_column_becomes_a_plain_one(connection: AsyncConnection) -> None:
    computed = sa.Computed("id * 2", persisted=True)
    await run(connection, T, AddColumn("t", sa.Column("b", sa.Integer, computed)))
    await run(connection, AlterColumn.of("t", "b", server_default="5", existing_server_default=computed))
    changed = await column(connection, "b")
    assert ("computed" in changed, changed["default"]) == (False, "5")


async def test_check_of_a_type_follows_it(connection: AsyncConnection) -> None:
    few = sa.Enum("a", "b", name="few", native_enum=False, create_constraint=True, length=20)
    more = sa.Enum("a", "b", "c", name="more", native_enum=False, create_constraint=True, length=20)
    await run(connection, CreateTable.of("t", sa.Column("a", few)))
    await run(connection, AlterColumn.of("t", "a", type_=more, existing_type=few, new_column_name="b"))
    (check,) = await ask(connection, "get_check_constraints", "t")
    assert (check["name"], "'c'" in check["sqltext"]) == ("more", True)


# -- enums -------------------------------------------------------------------------------------------------------------


async def test_enum_is_created_when_it_is_missing_and_reused_when_not(connection: AsyncConnection) -> None:
    mood = sa.Enum("ok", "sad", name="Mood", schema="s")
    sent = await run(
        connection,
        Execute("CREATE SCHEMA s"),
        CreateTable.of("t", sa.Column("a", mood)),
        CreateTable.of("u", sa.Column("a", mood), schema="s"),
        AddColumn("u", sa.Column("b", pg.ARRAY(mood)), schema="s"),
    )
    assert len([sql for sql in sent if "CREATE TYPE" in sql]) == 1
    assert await enums(connection, "s") == {"Mood": ["ok", "sad"]}


async def test_enum_elsewhere_on_the_search_path_is_seen_and_one_off_it_is_not(connection: AsyncConnection) -> None:
    await run(connection, Execute("CREATE SCHEMA s; CREATE TYPE s.mood AS ENUM ('x')"))
    await run(connection, CreateTable.of("t", sa.Column("a", sa.Enum("ok", name="mood"))))
    await run(connection, Execute("SET search_path = s"))
    with pytest.raises(OperationError, match="it has:     x"):
        await run(connection, CreateTable.of("u", sa.Column("a", sa.Enum("ok", name="mood"))))


async def test_domain_is_created_once(connection: AsyncConnection) -> None:
    even = pg.DOMAIN("even", sa.Integer, check="VALUE % 2 = 0")
    sent = await run(connection, CreateTable.of("t", sa.Column("a", even)), CreateTable.of("u", sa.Column("a", even)))
    assert len([sql for sql in sent if "CREATE DOMAIN" in sql]) == 1


async def test_added_value_can_be_used_at_once(connection: AsyncConnection) -> None:
    await run(
        connection,
        CreateEnum("mood", ["ok", "it's"]),
        CreateEnum("mood", ["other"], if_not_exists=True),
        AddEnumValue("mood", "sad", before="it's"),
        AddEnumValue("mood", "sad", if_not_exists=True),
        RenameEnumValue("mood", "it's", "fine"),
        CreateTable.of("t", sa.Column("a", sa.Enum("ok", "sad", "fine", name="mood"), server_default="sad")),
        Execute("INSERT INTO t DEFAULT VALUES"),
    )
    assert await enums(connection) == {"mood": ["ok", "sad", "fine"]}
    await run(connection, DropTable.of("t"), DropEnum("mood"), DropEnum("mood", if_exists=True))
    assert await enums(connection) == {}


# -- indexes -----------------------------------------------------------------------------------------------------------


async def test_index_with_everything_is_as_declared(connection: AsyncConnection) -> None:
    light = sa.table("t", sa.column("a"))
    index = CreateIndex.of(
        "i",
        "t",
        [sa.func.lower(light.c.a), light.c.a.desc().nulls_last(), sa.text("(a || 'x:y')")],
        unique=True,
        if_not_exists=True,
        postgresql_concurrently=True,
        postgresql_include=["id"],
        postgresql_where="a LIKE 'x%:y'",
        postgresql_with={"fillfactor": 50},
    )
    await run(connection, T, index, index)
    definition = await scalar(connection, "SELECT indexdef FROM pg_indexes WHERE indexname = 'i'")
    assert definition == (
        "CREATE UNIQUE INDEX i ON public.t USING btree (lower((a)::text), a DESC NULLS LAST,"
        " (((a)::text || 'x:y'::text))) INCLUDE (id) WITH (fillfactor='50') WHERE ((a)::text ~~ 'x%:y'::text)"
    )
    drop = DropIndex.of("i", if_exists=True, postgresql_concurrently=True)
    await run(connection, drop, drop)
    assert await ask(connection, "get_indexes", "t") == []


async def test_index_that_an_interrupted_run_left_is_built_anew(connection: AsyncConnection) -> None:
    unique = CreateIndex.of("i", "t", ["a"], unique=True, postgresql_concurrently=True)
    await run(connection, T, Execute("INSERT INTO t (a) VALUES ('x'), ('x')"))
    with pytest.raises(DBAPIError, match="could not create unique index"):
        await run(connection, unique)
    await connection.rollback()
    assert not await scalar(connection, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass")
    await run(connection, Execute("DELETE FROM t"))
    assert len(await run(connection, unique)) == 2
    assert await scalar(connection, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass")


# -- constraints -------------------------------------------------------------------------------------------------------


async def definition(connection: AsyncConnection, name: str) -> Any:
    return await scalar(connection, f"SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = '{name}'")


async def test_constraints_are_as_declared(connection: AsyncConnection) -> None:
    operations: list[Operation[Any]] = [
        CreateUniqueConstraint.of("u", "t", ["a"], deferrable=True, initially="DEFERRED", postgresql_include=["id"]),
        CreateForeignKey.of("f", "t", "t", ["id"], ["id"], match="FULL", ondelete="CASCADE", postgresql_not_valid=True),
        CreateCheckConstraint.of("c", "t", "a LIKE 'x%:y'", postgresql_not_valid=True),
        CreateExcludeConstraint.of("e", "t", (sa.text("(a || 'x')"), "="), using="btree", where="id > 1"),
    ]
    await run(connection, T, *operations)
    assert await definition(connection, "u") == "UNIQUE (a) INCLUDE (id) DEFERRABLE INITIALLY DEFERRED"
    assert await definition(connection, "f") == (
        "FOREIGN KEY (id) REFERENCES t(id) MATCH FULL ON DELETE CASCADE NOT VALID"
    )
    assert await definition(connection, "c") == "CHECK (((a)::text ~~ 'x%:y'::text)) NOT VALID"
    assert "EXCLUDE USING btree" in await definition(connection, "e")
    await run(connection, ValidateConstraint("f", "t"), ValidateConstraint("c", "t"))
    assert "NOT VALID" not in await definition(connection, "f")
    for name in "ufce":
        await run(connection, DropConstraint(name, "t"), DropConstraint(name, "t", if_exists=True))
        assert await definition(connection, name) is None


async def test_constraints_of_newer_servers(connection: AsyncConnection) -> None:
    if (connection.dialect.server_version_info or ()) < (15,):
        pytest.skip("needs PostgreSQL 15")
    await run(
        connection,
        CreateTable.of("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.Integer)),
        CreateUniqueConstraint.of("u", "t", ["a"], postgresql_nulls_not_distinct=True),
        CreateForeignKey.of("f", "t", "t", ["a"], ["id"], ondelete="SET NULL (a)"),
    )
    assert await definition(connection, "u") == "UNIQUE NULLS NOT DISTINCT (a)"
    assert await definition(connection, "f") == "FOREIGN KEY (a) REFERENCES t(id) ON DELETE SET NULL (a)"


async def test_block_does_everything_in_order(connection: AsyncConnection) -> None:
    mood = sa.Enum("ok", name="mood")
    operations = (
        AddColumn("t", sa.Column("m", mood)),
        AddColumn("t", sa.Column("n", mood)),
        AlterColumn.of("t", "a", new_column_name="b"),
        CreateUniqueConstraint.of(None, "t", ["b"]),
        DropColumn.of("t", "m"),
    )
    await run(
        connection, T, AlterTable("t", operations, naming_convention={"uq": "uq_%(table_name)s_%(column_0_name)s"})
    )
    assert [one["name"] for one in await ask(connection, "get_columns", "t")] == ["id", "b", "n"]
    assert [one["name"] for one in await ask(connection, "get_unique_constraints", "t")] == ["uq_t_b"]
    assert await enums(connection) == {"mood": ["ok"]}


async def test_text_of_several_statements_runs(connection: AsyncConnection) -> None:
    await run(
        connection,
        Execute(
            """
            CREATE TABLE t (a text); -- with a function; of course
            CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.a := 'x;'; RETURN NEW; END $$;
            CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
            INSERT INTO t VALUES (NULL);
            """
        ),
    )
    assert await scalar(connection, "SELECT a FROM t") == "x;"
    if (connection.dialect.server_version_info or ()) >= (14,):
        await run(
            connection,
            Execute(
                "CREATE FUNCTION h(n int) RETURNS text BEGIN ATOMIC SELECT 1; SELECT CASE n WHEN 1 THEN 'a' END; END;"
                "CREATE RULE r AS ON DELETE TO t DO ALSO (INSERT INTO t VALUES ('y'); SELECT 1);"
            ),
        )
        assert await scalar(connection, "SELECT h(1)") == "a"
