"""PostgreSQL: what is read, what is left out, how many statements it takes, and that nothing is changed by it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Column, Integer, MetaData, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmig.dialects import postgresql_probes
from asyncmig.dialects.catalogue import Catalogue
from asyncmig.dialects.postgresql import PostgreSQLAdapter
from asyncmig.dialects.postgresql_asking import Asking
from asyncmig.dialects.postgresql_probes import Doubts, Probes
from asyncmig.dialects.postgresql_schema_queries import probe_queries, table_queries
from asyncmig.dialects.postgresql_schema_rows import Words
from asyncmig.dialects.registry import adapter_class, catalogue_of, connect_arguments
from asyncmig.operations.base import TableName
from asyncmig.schema import EnumState, Scope, SequenceState, Snapshot
from tests.integration.catalogue.postgresql_setting import SCOPE, differences, emptied, prepared, wanted
from tests.integration.catalogue.setting import setting
from tests.servers import DatabaseServer, PgBouncer


@pytest.fixture(scope="module")
def database(postgresql_server: DatabaseServer) -> Iterator[str]:
    """A database that the tests of this file use one after the other."""
    with prepared(postgresql_server) as url:
        yield url


def names(snapshot: Snapshot) -> list[str]:
    return sorted(map(str, snapshot.tables))


async def test_only_what_is_the_users_own_is_read(database: str) -> None:
    async with emptied(database) as here:
        await here.execute(
            "CREATE TABLE plain (id int)",
            "CREATE TABLE parted (a int, b text CHECK (b <> '')) PARTITION BY LIST (a)",
            "CREATE TABLE part_1 PARTITION OF parted FOR VALUES IN (1)",
            "CREATE TABLE part_2 PARTITION OF parted FOR VALUES IN (2) PARTITION BY RANGE (a)",
            "CREATE INDEX parted_b ON parted (b)",
            "CREATE TABLE refers (id int PRIMARY KEY, a int)",
            "CREATE TABLE keyed (a int PRIMARY KEY) PARTITION BY LIST (a)",
            "CREATE TABLE keyed_1 PARTITION OF keyed FOR VALUES IN (1)",
            "ALTER TABLE refers ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES keyed",
            "CREATE TEMPORARY TABLE gone (id int)",
            "CREATE VIEW seen AS SELECT 1 AS one",
            "CREATE TABLE far.away (id int)",
            "CREATE TABLE of_extension (id int)",
            "CREATE TYPE type_of_extension AS ENUM ('a')",
            "CREATE SEQUENCE sequence_of_extension",
            "ALTER EXTENSION hstore ADD TABLE of_extension",
            "ALTER EXTENSION hstore ADD TYPE type_of_extension",
            "ALTER EXTENSION hstore ADD SEQUENCE sequence_of_extension",
        )
        try:
            live = await here.read()
        finally:
            await here.execute(
                "ALTER EXTENSION hstore DROP TABLE of_extension",
                "ALTER EXTENSION hstore DROP TYPE type_of_extension",
                "ALTER EXTENSION hstore DROP SEQUENCE sequence_of_extension",
            )

        assert names(live) == ["keyed", "parted", "plain", "refers"]
        assert [index.name for index in live.tables[TableName("parted")].indexes] == ["parted_b"]
        assert [len(table.foreign_keys) for table in live.tables.values()] == [0, 0, 0, 1]
        assert (live.default_schema, live.schemas, live.enums, live.sequences) == ("public", frozenset(), {}, {})


async def test_the_scope_says_what_is_read(database: str) -> None:
    async with emptied(database) as here:
        await here.execute(
            "CREATE TABLE a (id int)",
            "CREATE TABLE b (id int)",
            "CREATE TABLE far.a (id int)",
            "CREATE TYPE far.kind AS ENUM ('x', 'y')",
            "CREATE SEQUENCE far.numbers AS smallint INCREMENT 2 MINVALUE 3 MAXVALUE 9 START 5 CYCLE CACHE 4",
        )

        assert names(await here.read()) == ["a", "b"]
        assert names(await here.read(Scope(("public",)))) == ["a", "b"]
        assert names(await here.read(Scope(("far",)))) == ["far.a"]
        assert names(await here.read(Scope(leave_out=frozenset({TableName("b")})))) == ["a"]
        everything = await here.read(Scope(None))
        assert names(everything) == ["a", "b", "far.a"]
        assert everything.schemas == {"far", "extensions"}
        name = TableName("kind", "far")
        assert everything.enums == {name: EnumState(name, ("x", "y"))}
        name = TableName("numbers", "far")
        assert everything.sequences == {name: SequenceState(name, "smallint", 5, 2, 3, 9, True, 4)}

        def only(name: str | None, kind: str, parents: Any) -> bool:
            return kind == "table" and name == "a"

        seen = await here.read(Scope(None, include_name=only))
        assert (names(seen), seen.schemas, seen.enums, seen.sequences) == (["a", "far.a"], frozenset(), {}, {})


async def test_enums_and_sequences_are_described_as_they_are_read(database: str) -> None:
    metadata = MetaData()
    enums = [sa.Enum("b", "it's", name="plain"), sa.Enum("a", name="of_far", schema="far")]
    sequences = [
        sa.Sequence("plain_numbers", metadata=metadata),
        sa.Sequence("far_numbers", start=5, increment=-2, minvalue=-100, maxvalue=7, schema="far", metadata=metadata),
        sa.Sequence("small", data_type=sa.SmallInteger(), cycle=True, cache=3, schema="public", metadata=metadata),
    ]
    Table("t", metadata, *[Column(f"c{place}", enum) for place, enum in enumerate(enums)])
    async with emptied(database) as here:
        await here.create(metadata)
        live = await here.read(SCOPE)

        described = [here.catalogue.describe_enum(enum) for enum in enums]
        assert live.enums == {one.name: one for one in described if one is not None}
        counted = [here.catalogue.describe_sequence(sequence) for sequence in sequences]
        assert live.sequences == {one.name: one for one in counted if one is not None}
        assert here.catalogue.describe_enum(sa.Enum("a", name="no_type", native_enum=False)) is None


async def test_a_column_counts_only_when_its_default_takes_from_its_own_sequence(database: str) -> None:
    async with emptied(database) as here:
        await here.execute(
            "CREATE SEQUENCE free",
            "CREATE TABLE t (a serial, b int DEFAULT nextval('free'), c bigserial, d int)",
            "ALTER TABLE t ALTER c DROP DEFAULT",
            "CREATE SEQUENCE owned OWNED BY t.d",
        )
        live = await here.read()

        columns = live.tables[TableName("t")].columns
        assert [(one.autoincrement, one.default) for one in columns] == [
            (True, None),
            (False, "nextval('free'::regclass)"),
            (False, None),
            (False, None),
        ]
        assert [str(name) for name in live.sequences] == ["free"]


async def test_what_only_the_database_has_is_made_again(database: str) -> None:
    """Types, columns and indexes that no model can declare, or only by hand."""
    async with emptied(database) as here:
        await here.execute(
            "CREATE TYPE pair AS (a int, b text)",
            'CREATE TABLE t (a serial, b bigserial, p point, x xml, r pair, n name, q "char", c bpchar, l ltree,'
            ' d double precision[], i interval day to second(2)[], v varchar[] COLLATE "C", o oidvector)',
            'CREATE INDEX i ON t (a DESC, lower(n::text) COLLATE "C" text_pattern_ops DESC NULLS LAST, (a + 1))',
            "CREATE UNIQUE INDEX j ON t USING btree (a) INCLUDE (b) WITH (fillfactor = 55) WHERE (a > 5 AND b <> 7)",
            "ALTER TABLE t ADD CONSTRAINT late CHECK (a > 0) NOT VALID",
        )
        live = await here.read()
        table = live.tables[TableName("t")]
        operations = here.catalogue.table_operations(table, live)
        await here.execute("DROP TABLE t")
        await here.perform(*operations)

        assert differences(live, await here.read()) == []


async def test_older_servers_are_asked_only_for_what_they_know(database: str) -> None:
    async with emptied(database) as here:
        sync = here.connection.sync_connection
        assert sync is not None
        await here.execute("CREATE TABLE t (a int UNIQUE NULLS NOT DISTINCT)")
        asking = Asking(here.catalogue.adapter, sync)
        for version in (13, 14):
            queries = (*table_queries(version), *probe_queries(version, 0))
            assert "nullsnotdistinct" not in "".join(queries)
            rows = [len(await asking.fetch(query)) for query in queries]
            assert rows == [1, 1, 1, 1, 0, 0, 0, 0]
        live = await here.read()
        assert live.tables[TableName("t")].uniques[0].options == (("postgresql_nulls_not_distinct", True),)


async def test_an_index_that_is_broken_says_so(database: str) -> None:
    async with emptied(database) as here:
        await here.execute("CREATE TABLE t (a int)", "INSERT INTO t VALUES (1), (1)", "CREATE INDEX good ON t (a)")
        connection = await here.connection.execution_options(isolation_level="AUTOCOMMIT")
        with pytest.raises(sa.exc.IntegrityError):
            await connection.exec_driver_sql("CREATE UNIQUE INDEX CONCURRENTLY bad ON t (a)")
        live = await here.read()

        assert [(one.name, one.valid) for one in live.tables[TableName("t")].indexes] == [
            ("bad", False),
            ("good", True),
        ]


async def test_a_role_reads_tables_that_it_may_not_read(database: str) -> None:
    async with emptied(database) as here:
        await here.execute(
            "CREATE TABLE far.secret (id int PRIMARY KEY, a text DEFAULT 'x', CHECK (a <> 'y'))",
            "DROP ROLE IF EXISTS catalogue_reader",
            "CREATE ROLE catalogue_reader",
        )
        mine = await here.read(SCOPE)
        await here.connection.exec_driver_sql("SET ROLE catalogue_reader")
        try:
            theirs = await here.read(SCOPE)
        finally:
            await here.connection.exec_driver_sql("RESET ROLE")
            await here.execute("DROP ROLE catalogue_reader")

        assert theirs == mine


# -- aligning -------------------------------------------------------------------------------------------------------


def models(count: int = 1, schemas: tuple[str | None, ...] = (None,)) -> MetaData:
    """Tables of which the server words everything in another way."""
    metadata = MetaData()
    for schema in schemas:
        for number in range(count):
            Table(
                f"t{number}",
                metadata,
                Column("id", Integer, primary_key=True),
                Column(f"a{number}", sa.String(20), server_default=sa.text("lower('X'||'y')"), index=True),
                Column("b", sa.Numeric(8, 2), server_default="1.5"),
                Column("c", sa.Text, sa.Computed(f"a{number}||'x'", persisted=True)),
                sa.CheckConstraint(f"a{number} in ('x','y')", name=f"c{number}"),
                sa.Index(f"i{number}", sa.text(f"coalesce(a{number},'')"), postgresql_where=sa.text("b>1")),
                schema=schema,
            )
    return metadata


class Log:
    """The statements that the server gets, as the driver of an engine sends them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import asyncpg

        self.statements: list[str] = []
        for name in ("execute", "fetch"):
            original = getattr(asyncpg.Connection, name)
            monkeypatch.setattr(asyncpg.Connection, name, self._logged(original))

    def _logged(self, original: Any) -> Any:
        async def logged(connection: Any, query: str, *args: Any, **kwargs: Any) -> Any:
            self.statements.append(query)
            return await original(connection, query, *args, **kwargs)

        return logged


@pytest.mark.parametrize("changed", [False, True], ids=["same", "changed"])
async def test_the_number_of_statements_does_not_grow(
    database: str, monkeypatch: pytest.MonkeyPatch, changed: bool
) -> None:
    counts = []
    async with emptied(database) as here:
        await here.execute(*[f"CREATE SCHEMA IF NOT EXISTS s{number}" for number in range(4)])
        try:
            for count, schemas in ((1, (None,)), (60, (None,)), (5, (None, "s0", "s1", "s2", "s3"))):
                metadata = models(count, schemas)
                await here.create(metadata)
                if changed:
                    await here.execute(
                        "ALTER TABLE t0 DROP CONSTRAINT c0", "ALTER TABLE t0 ADD CONSTRAINT c0 CHECK (b > 7)"
                    )
                with monkeypatch.context() as patched:
                    log = Log(patched)
                    live = await here.read(Scope(schemas))
                    aligned = await wanted(here, metadata, live)
                    counts.append(len(log.statements))
                assert len(differences(aligned, live)) == changed
                await here.connection.run_sync(metadata.drop_all)
                await here.connection.commit()
        finally:
            await here.execute(*[f"DROP SCHEMA s{number} CASCADE" for number in range(4)])

    assert len(set(counts)) == 1
    assert counts[0] <= 20


async def state_of(here: Any) -> list[Any]:
    """All that could be left behind."""
    queries = (
        "SELECT count(*) FROM pg_class",
        "SELECT count(*) FROM pg_type",
        "SELECT last_value, is_called FROM numbers",
        "SELECT count(*) FROM log",
        "SELECT current_setting('jit'), current_setting('search_path')",
    )
    answers = [(await here.connection.exec_driver_sql(query)).fetchall() for query in queries]
    await here.connection.rollback()
    return answers


async def test_aligning_evaluates_nothing_and_leaves_nothing(database: str) -> None:
    metadata = MetaData()
    Table(
        "t",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("a", Integer, server_default=sa.text("nextval('numbers') + 1")),
        Column("b", Integer, server_default=sa.text("loud(5)")),
        Column("c", Integer, sa.Computed("quiet(id)", persisted=True)),
        sa.CheckConstraint("loud(a) > 0", name="heard"),
        sa.Index("i", sa.text("quiet(b)")),
    )
    async with emptied(database) as here:
        await here.execute(
            "CREATE SEQUENCE numbers",
            "CREATE TABLE log (id int)",
            "CREATE FUNCTION loud(x int) RETURNS int LANGUAGE plpgsql STABLE AS"
            " $$ BEGIN RAISE EXCEPTION 'evaluated'; END $$",
            "CREATE FUNCTION quiet(x int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS"
            " $$ BEGIN RAISE EXCEPTION 'evaluated'; END $$",
            "CREATE TABLE t (id serial PRIMARY KEY, a int DEFAULT 1, b int, c int GENERATED ALWAYS AS (id + 1) STORED,"
            " CONSTRAINT heard CHECK (a > 1))",
            "CREATE INDEX i ON t (b)",
        )
        before = await state_of(here)
        live = await here.read()
        aligned = (await wanted(here, metadata, live)).tables[TableName("t")]
        await here.connection.rollback()

        assert await state_of(here) == before
        assert aligned.columns[1].default == "(nextval('numbers'::regclass) + 1)"
        assert aligned.columns[2].default == "loud(5)"
        assert aligned.checks[0].expression == "loud(a) > 0"
        assert aligned.indexes[0].elements[0].text == "quiet(b)"


@pytest.mark.parametrize("way", ["begun", "open", "autocommit", "events", "events in autocommit", "fresh"])
async def test_any_connection_will_do_and_stays_as_it_was(database: str, way: str) -> None:
    metadata = models()
    async with emptied(database) as here:
        await here.create(metadata)
    engine = create_async_engine(database, poolclass=NullPool)
    if "events" in way:
        sa.event.listen(engine.sync_engine, "before_cursor_execute", lambda *_: None)
    try:
        async with engine.connect() as connection:
            if "autocommit" in way:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
            if way == "begun":
                await connection.begin()
            if way not in ("begun", "fresh"):
                await connection.exec_driver_sql("CREATE TABLE mine (id int)")
            catalogue = _catalogue(engine)
            sync = connection.sync_connection
            assert sync is not None
            live = await catalogue.read(sync, Scope())
            tables = {table.name: table for table in map(catalogue.describe, metadata.sorted_tables)}
            aligned = await catalogue.align(sync, Snapshot(tables=tables), live)

            seen = {name: table for name, table in live.tables.items() if name.name != "mine"}
            assert aligned.warnings == ()
            assert differences(aligned, Snapshot(tables=seen)) == []
            assert (len(live.tables) == 2) == (way not in ("begun", "fresh"))
            if way not in ("begun", "fresh"):
                # The transaction is still the same one.
                assert (await connection.exec_driver_sql("SELECT count(*) FROM mine")).scalar() == 0
                await connection.exec_driver_sql("DROP TABLE mine")
            else:
                assert sync.in_transaction() == (way == "begun")
    finally:
        await engine.dispose()


def _catalogue(engine: AsyncEngine) -> Catalogue:
    return catalogue_of(adapter_class(engine.dialect)(engine.dialect))


async def test_a_pooler_that_gives_each_transaction_another_session_will_do(
    pgbouncer: PgBouncer, database: str
) -> None:
    metadata = models(3)
    async with emptied(database) as here:
        await here.create(metadata)
    pooled = pgbouncer.url(database)
    engine = create_async_engine(pooled, poolclass=NullPool, connect_args=connect_arguments(make_url(pooled)))
    try:
        async with engine.connect() as connection:
            catalogue = _catalogue(engine)
            sync = connection.sync_connection
            assert sync is not None
            for _ in range(3):
                live = await catalogue.read(sync, Scope())
                tables = {table.name: table for table in map(catalogue.describe, metadata.sorted_tables)}
                aligned = await catalogue.align(sync, Snapshot(tables=tables), live)
                assert (aligned.warnings, differences(aligned, live)) == ((), [])
    finally:
        await engine.dispose()


async def test_few_tables_are_made_however_many_are_asked_for() -> None:
    """Each takes locks, and a server has only so many of them."""
    metadata = models(400)
    adapter = PostgreSQLAdapter(postgresql.dialect())  # type: ignore[no-untyped-call]
    catalogue = catalogue_of(adapter)
    probes = Probes(adapter, Words(), 15, lambda index: f"({index.name})")
    for table in map(catalogue.describe, metadata.sorted_tables):
        probes.add(table, Doubts(frozenset(column.name for column in table.columns), (0,), (), (0,)))

    assert len(probes) < 40


@pytest.mark.parametrize("begun", [False, True], ids=["fresh", "begun"])
async def test_not_too_many_tables_are_there_at_once(
    database: str, monkeypatch: pytest.MonkeyPatch, begun: bool
) -> None:
    monkeypatch.setattr(postgresql_probes, "_AT_ONCE", 20)
    monkeypatch.setattr(postgresql_probes, "_MANY", 15)
    metadata = models(40)
    async with emptied(database) as here:
        await here.create(metadata)
        if begun:
            await here.execute("DROP TABLE IF EXISTS mine")
            await here.connection.exec_driver_sql("CREATE TABLE mine (id int)")
        live = await here.read(Scope(leave_out=frozenset({TableName("mine")})))
        with monkeypatch.context() as patched:
            log = Log(patched)
            aligned = await wanted(here, metadata, live)

        assert len([text for text in log.statements if text.startswith("DO ")]) > 2
        assert differences(aligned, live) == []
        if begun:
            assert (await here.connection.exec_driver_sql("SELECT count(*) FROM mine")).scalar() == 0


@pytest.mark.parametrize("after", range(3), ids=["at once", "soon", "later"])
async def test_one_who_is_cancelled_leaves_nothing(database: str, after: int) -> None:
    metadata = models(30)
    async with emptied(database) as here:
        await here.create(metadata)
        live = await here.read()
        before = (await here.connection.exec_driver_sql("SELECT count(*) FROM pg_class")).scalar()
        await here.connection.rollback()
        task = asyncio.ensure_future(here.wanted(metadata, live))
        await asyncio.sleep(0.01 * after)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with setting(database) as other:
        assert (await other.connection.exec_driver_sql("SELECT count(*) FROM pg_class")).scalar() == before
        again = await other.read()
        assert (await other.wanted(metadata, again)).warnings == ()


@pytest.mark.parametrize(
    ("statement", "undo", "reason"),
    [
        ("SET default_transaction_read_only = on", "RESET default_transaction_read_only", "read-only transaction"),
        ("SET ROLE without_temporary", "RESET ROLE", "permission denied to create temporary tables"),
    ],
    ids=["read-only", "no right"],
)
async def test_a_server_that_refuses_is_a_warning(database: str, statement: str, undo: str, reason: str) -> None:
    metadata = models()
    async with emptied(database) as here:
        await here.create(metadata)
        await here.execute(
            "DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$",
            "CREATE ROLE without_temporary",
            statement,
        )
        try:
            live = await here.read()
            aligned = await here.wanted(metadata, live)
        finally:
            await here.connection.rollback()
            await here.execute(undo)
            await here.execute("DROP ROLE without_temporary")

        (warning,) = aligned.warnings
        assert reason in warning
        assert aligned.tables[TableName("t0")].checks[0].expression == "a0 in ('x','y')"


async def test_what_is_not_there_yet_hides_nothing_else(database: str) -> None:
    metadata = models()
    table = metadata.tables["t0"]
    table.append_constraint(sa.CheckConstraint("not_there(b) > 0", name="new"))
    table.append_column(Column("new", sa.Enum("a", name="new_type"), server_default="a"))
    table.append_column(Column("d", sa.Enum("a", name="new_type"), server_default="a"))
    sa.Index("no_class", table.c.b, postgresql_ops={"b": "not_there"})
    async with emptied(database) as here:
        await here.create(models())
        await here.execute("ALTER TABLE t0 ADD d text DEFAULT lower('A')", "ALTER TABLE t0 ADD gone int")
        live = await here.read()
        aligned = await here.wanted(metadata, live)

        ours, theirs = aligned.tables[TableName("t0")], live.tables[TableName("t0")]
        assert aligned.warnings == ()
        assert ours.columns[:4] == theirs.columns[:4]
        assert [one.expression for one in ours.checks if one.name == "new"] == ["not_there(b) > 0"]
        assert [one for one in ours.checks if one.name == "c0"] == list(theirs.checks)
        assert [one for one in ours.indexes if one.name == "i0"] == [one for one in theirs.indexes if one.name == "i0"]
        assert ours.column("d").type == "new_type"  # type: ignore[union-attr]


async def test_schemas_that_are_searched_need_not_be_said(database: str) -> None:
    """The server leaves out the schema of what is found without it, and models may say it."""
    metadata = MetaData()
    kind = sa.Enum("a", "b", name="kind", schema="far")
    Table(
        "t",
        metadata,
        Column("a", kind, server_default="a"),
        Column("b", sa.ARRAY(kind), sa.CheckConstraint("far.twice(1) > 0", name="c")),
        Column("c", sa.Enum("x", name="near", schema="public"), server_default=sa.text("'x'::public.near")),
    )
    Table("f", metadata, Column("a", sa.Enum("a", "b", name="kind", schema="far")), schema="far")
    async with emptied(database) as here:
        await here.execute(
            "SET search_path = public, far, extensions",
            "CREATE FUNCTION far.twice(int) RETURNS int LANGUAGE sql AS 'SELECT 2 * $1'",
        )
        await here.create(metadata)
        live = await here.read(SCOPE)

        assert [one.type for one in live.tables[TableName("t")].columns] == ["kind", "kind[]", "near"]
        assert differences(await wanted(here, metadata, live), live) == []
        assert names(live) == ["far.f", "t"]
        (kind_type,) = [here.catalogue.type_of(live.tables[TableName("f", "far")].columns[0], live)]
        assert kind_type.schema == "far"  # type: ignore[attr-defined]


async def test_a_default_that_the_model_leaves_open_is_no_difference(database: str) -> None:
    metadata = MetaData()
    Table(
        "t", metadata, Column("a", Integer, server_default=sa.FetchedValue()), Column("b", Integer, sa.FetchedValue())
    )
    async with emptied(database) as here:
        await here.execute("CREATE TABLE t (a int DEFAULT 7, b int GENERATED ALWAYS AS (5) STORED)")
        live = await here.read()

        assert differences(await wanted(here, metadata, live), live) == []


async def test_constraints_that_do_the_same_are_compared_by_name_where_the_database_has_all_of_them(
    database: str,
) -> None:
    metadata = MetaData()
    Table(
        "t",
        metadata,
        Column("a", Integer, primary_key=True),
        sa.UniqueConstraint("a", name="one"),
        sa.UniqueConstraint("a", name="two"),
    )
    async with emptied(database) as here:
        await here.create(metadata)
        live = await here.read()
        assert (live.tables[TableName("t")].uniques, differences(await wanted(here, metadata, live), live)) == ((), [])

        await here.execute("ALTER TABLE t ADD CONSTRAINT two UNIQUE (a)")
        live = await here.read()
        assert differences(await wanted(here, metadata, live), live) == []

        await here.execute("ALTER TABLE t ADD CONSTRAINT three UNIQUE (a)")
        live = await here.read()
        assert len(differences(await wanted(here, metadata, live), live)) == 1


async def test_a_constraint_that_has_been_validated_is_no_difference(database: str) -> None:
    metadata = MetaData()
    Table(
        "t",
        metadata,
        Column("a", Integer),
        sa.CheckConstraint("a > 0", name="valid", postgresql_not_valid=True),
        sa.CheckConstraint("a > 1", name="invalid", postgresql_not_valid=True),
        sa.CheckConstraint("a > 2", name="open"),
    )
    async with emptied(database) as here:
        await here.execute(
            "CREATE TABLE t (a int, CONSTRAINT valid CHECK (a > 0))",
            "ALTER TABLE t ADD CONSTRAINT invalid CHECK (a > 1) NOT VALID",
            "ALTER TABLE t ADD CONSTRAINT open CHECK (a > 2) NOT VALID",
        )
        live = await here.read()
        (found,) = differences(await wanted(here, metadata, live), live)

        assert found.count("postgresql_not_valid") == 3
