"""Operations and facts give these statements on PostgreSQL."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from asyncmig.dialects.facts import Facts
from asyncmig.dialects.postgresql import PostgreSQLAdapter
from asyncmig.dialects.postgresql_facts import PostgreSQLTable
from asyncmig.dialects.steps import Statement
from asyncmig.errors import OperationError, UnsupportedOperationError
from asyncmig.operations import (
    AddColumn,
    AddEnumValue,
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
    TableName,
    ValidateConstraint,
)

ADAPTER = PostgreSQLAdapter(dialect())  # type: ignore[no-untyped-call]
NOW = sa.Enum("ok", "sad", name="mood")


def plan(operation: Operation[Any], facts: Facts | None = None, adapter: PostgreSQLAdapter = ADAPTER) -> list[str]:
    """The statements of an operation, each on one line; `[alone]` stands before what runs outside a transaction.

    It is planned twice, which must give the same.
    """
    facts = facts or Facts()
    first, second = ([_line(step) for step in adapter.plan(operation, facts)] for _ in range(2))
    assert first == second
    return first


def _line(step: Any) -> str:
    assert isinstance(step, Statement)
    sql = ADAPTER.ddl(step.sql) if isinstance(step.sql, sa.schema.ExecutableDDLElement) else str(step.sql)
    return ("" if step.transactional else "[alone] ") + " ".join(sql.split())


# -- enums that columns use -------------------------------------------------------------------------------------------


def test_create_table_creates_the_enums_of_its_columns_once() -> None:
    operation = CreateTable.of("t", sa.Column("a", NOW), sa.Column("b", pg.ARRAY(pg.ENUM("ok", "sad", name="mood"))))
    assert ADAPTER.wants(operation).types == {TableName("mood")}
    assert plan(operation) == ["CREATE TYPE mood AS ENUM ('ok', 'sad')", "CREATE TABLE t ( a mood, b mood[] )"]


def test_enum_with_the_same_values_is_reused() -> None:
    facts = Facts(types={TableName("mood"): ("sad", "ok")})
    assert plan(CreateTable.of("t", sa.Column("a", NOW)), facts) == ["CREATE TABLE t ( a mood )"]
    assert plan(AddColumn("t", sa.Column("a", NOW)), facts) == ["ALTER TABLE t ADD COLUMN a mood"]


def test_enum_with_other_values_is_an_error_that_shows_both() -> None:
    facts = Facts(types={TableName("mood"): ("ok", "mad")})
    with pytest.raises(OperationError) as error:
        plan(AddColumn("t", sa.Column("a", NOW)), facts)
    assert "it has:     ok, mad" in error.value.message
    assert "wanted are: ok, sad" in error.value.message


def test_enum_that_lacks_a_value_says_how_to_add_it() -> None:
    with pytest.raises(OperationError) as error:
        plan(AddColumn("t", sa.Column("a", NOW)), Facts(types={TableName("mood"): ("ok",)}))
    assert "op.add_enum_value('mood', 'sad')" in str(error.value.hint)


def test_two_enums_of_one_name_in_one_table_are_an_error() -> None:
    with pytest.raises(OperationError, match="type mood exists with other values"):
        plan(CreateTable.of("t", sa.Column("a", NOW), sa.Column("b", sa.Enum("x", name="mood"))))


@pytest.mark.parametrize(
    "type_",
    [
        pg.ENUM("ok", name="mood", create_type=False),
        sa.Enum("ok", name="mood", create_type=False),
        sa.Enum("ok", name="mood", native_enum=False),
        sa.String(3),
        sa.ARRAY(sa.Integer),
    ],
)
def test_types_that_need_no_creating_want_no_facts(type_: Any) -> None:
    for operation in (CreateTable.of("t", sa.Column("a", type_)), AddColumn("t", sa.Column("a", type_))):
        assert not ADAPTER.wants(operation)
        assert not any("CREATE TYPE" in statement for statement in plan(operation))


class Shouting(sa.types.TypeDecorator[str]):
    impl = sa.Enum("ok", "sad", name="mood")
    cache_ok = True


@pytest.mark.parametrize(
    "type_", [Shouting(), sa.String(5).with_variant(pg.ENUM("ok", "sad", name="mood"), "postgresql"), sa.ARRAY(NOW)]
)
def test_enum_inside_another_type_is_found(type_: Any) -> None:
    assert plan(AddColumn("t", sa.Column("a", type_)))[0] == "CREATE TYPE mood AS ENUM ('ok', 'sad')"


def test_enum_goes_into_its_own_schema() -> None:
    operation = CreateTable.of("t", sa.Column("a", sa.Enum("ok", name="Mood", schema="types")), schema="app")
    assert ADAPTER.wants(operation).types == {TableName("Mood", "types")}
    assert plan(operation) == [
        "CREATE TYPE types.\"Mood\" AS ENUM ('ok')",
        'CREATE TABLE app.t ( a types."Mood" )',
    ]


def test_domain_is_created_when_it_is_not_there() -> None:
    column = sa.Column("a", pg.DOMAIN("email", sa.Text, check="VALUE LIKE '%@%:x'"))
    assert plan(AddColumn("t", column))[0] == "CREATE DOMAIN email AS TEXT CHECK (VALUE LIKE '%@%:x')"
    assert plan(AddColumn("t", column), Facts(types={TableName("email"): ()})) == ["ALTER TABLE t ADD COLUMN a email"]


def test_enum_without_a_name_is_an_error_in_plain_words() -> None:
    with pytest.raises(OperationError, match="enum of column 'a' has no name"):
        plan(AddColumn("t", sa.Column("a", sa.Enum("x"))))


def test_block_creates_an_enum_once() -> None:
    block = AlterTable("t", (AddColumn("t", sa.Column("a", NOW)), AddColumn("t", sa.Column("b", NOW))))
    assert ADAPTER.wants(block).types == {TableName("mood")}
    assert [line for line in plan(block) if "TYPE" in line] == ["CREATE TYPE mood AS ENUM ('ok', 'sad')"]


# -- tables -----------------------------------------------------------------------------------------------------------


def test_create_table_with_everything() -> None:
    operation = CreateTable.of(
        "t",
        sa.Column("id", sa.Integer, sa.Identity(always=True, start=5), primary_key=True),
        sa.Column("twice", sa.Integer, sa.Computed("id * 2", persisted=True)),
        sa.Column("u_id", sa.Integer, sa.ForeignKey("s.u.id", ondelete="CASCADE"), index=True, comment="it's"),
        sa.CheckConstraint("u_id % 2 = 0 AND name LIKE 'a:b'", name="even"),
        pg.ExcludeConstraint(("u_id", "="), (sa.text("lower(x)"), "="), where="u_id > 1", ops={"u_id": "int4_ops"}),
        comment="100%",
        schema="s",
        postgresql_partition_by="RANGE (id)",
        postgresql_tablespace="fast",
        postgresql_with={"fillfactor": 70},
        mysql_engine="InnoDB",
    )
    assert not ADAPTER.wants(operation)
    assert plan(operation) == [
        "CREATE TABLE s.t ( id INTEGER GENERATED ALWAYS AS IDENTITY (START WITH 5),"
        " twice INTEGER GENERATED ALWAYS AS (id * 2) STORED, u_id INTEGER, PRIMARY KEY (id),"
        " CONSTRAINT even CHECK (u_id % 2 = 0 AND name LIKE 'a:b'),"
        " EXCLUDE USING gist (u_id int4_ops WITH =, lower(x) WITH =) WHERE (u_id > 1),"
        " FOREIGN KEY(u_id) REFERENCES s.u (id) ON DELETE CASCADE )"
        " PARTITION BY RANGE (id) WITH (fillfactor = 70) TABLESPACE fast",
        "CREATE INDEX ix_s_t_u_id ON s.t (u_id)",
        "COMMENT ON TABLE s.t IS '100%'",
        "COMMENT ON COLUMN s.t.u_id IS 'it''s'",
    ]


def test_create_table_that_inherits() -> None:
    operation = CreateTable.of("t", postgresql_inherits="parent", if_not_exists=True, prefixes=["UNLOGGED"])
    assert plan(operation) == ["CREATE UNLOGGED TABLE IF NOT EXISTS t ( ) INHERITS (parent)"]


@pytest.mark.parametrize(
    ("operation", "statement"),
    [
        (DropTable.of("t", schema="s", if_exists=True), "DROP TABLE IF EXISTS s.t"),
        (RenameTable("a", "B", schema="s"), 'ALTER TABLE s.a RENAME TO "B"'),
        (CreateTableComment("t", "it's 100%"), "COMMENT ON TABLE t IS 'it''s 100%'"),
        (CreateTableComment("t", None), "COMMENT ON TABLE t IS NULL"),
        (DropTableComment("t", schema="s"), "COMMENT ON TABLE s.t IS NULL"),
        (DropColumn.of("t", "c", if_exists=True), "ALTER TABLE t DROP COLUMN IF EXISTS c"),
    ],
)
def test_plain_operation_on_a_table(operation: Operation[Any], statement: str) -> None:
    assert plan(operation) == [statement]


# -- add_column -------------------------------------------------------------------------------------------------------


def test_add_column_brings_its_constraints_index_and_comment() -> None:
    column = sa.Column("c", sa.Integer, sa.ForeignKey("u.id", name="fk"), index=True, unique=False, comment="x")
    assert plan(AddColumn("t", column)) == [
        "ALTER TABLE t ADD COLUMN c INTEGER",
        "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY(c) REFERENCES u (id)",
        "CREATE INDEX ix_t_c ON t (c)",
        "COMMENT ON COLUMN t.c IS 'x'",
    ]


def test_add_column_with_if_not_exists_skips_its_constraints_with_it() -> None:
    column = sa.Column("C", sa.Integer, sa.ForeignKey("u.id", name="fk"), sa.CheckConstraint('"C" > 1'), unique=True)
    assert plan(AddColumn("t", column, if_not_exists=True)) == [
        'ALTER TABLE t ADD COLUMN IF NOT EXISTS "C" INTEGER CHECK ("C" > 1) UNIQUE CONSTRAINT fk REFERENCES u (id)'
    ]


def test_add_column_with_a_foreign_key_not_valid_keeps_it_apart() -> None:
    column = sa.Column("c", sa.Integer, sa.ForeignKey("u.id", name="fk", postgresql_not_valid=True))
    assert plan(AddColumn("t", column, if_not_exists=True)) == [
        "ALTER TABLE t ADD COLUMN IF NOT EXISTS c INTEGER",
        "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY(c) REFERENCES u (id) NOT VALID",
    ]


def test_add_column_inline() -> None:
    column = sa.Column("c", sa.Integer, sa.ForeignKey("u.id", ondelete="CASCADE", match="FULL"), nullable=False)
    assert plan(AddColumn("t", column, inline_references=True)) == [
        "ALTER TABLE t ADD COLUMN c INTEGER NOT NULL REFERENCES u (id) MATCH FULL ON DELETE CASCADE"
    ]
    key = sa.Column("id", sa.BigInteger, primary_key=True)
    assert plan(AddColumn("t", key, inline_primary_key=True)) == [
        "ALTER TABLE t ADD COLUMN id BIGSERIAL NOT NULL PRIMARY KEY"
    ]


def test_add_column_with_the_check_of_its_type() -> None:
    type_ = sa.Enum("a", "b", name="mood", native_enum=False, create_constraint=True)
    assert plan(AddColumn("t", sa.Column("c", type_))) == [
        "ALTER TABLE t ADD COLUMN c VARCHAR(1)",
        "ALTER TABLE t ADD CONSTRAINT mood CHECK (c IN ('a', 'b'))",
    ]


@pytest.mark.parametrize("place", [{"insert_before": "x"}, {"insert_after": "x"}])
def test_column_cannot_be_put_elsewhere(place: dict[str, str]) -> None:
    with pytest.raises(UnsupportedOperationError, match="at the end of the table only"):
        plan(AddColumn("t", sa.Column("c", sa.Integer), **place))


# -- indexes ----------------------------------------------------------------------------------------------------------

LIGHT = sa.table("t", sa.column("a"), sa.column("b"))


def test_create_index_with_everything() -> None:
    operation = CreateIndex.of(
        "i",
        "t",
        ["a", sa.text("lower(b)"), sa.func.lower(LIGHT.c.b), LIGHT.c.a.desc().nulls_last(), sa.desc("z")],
        schema="s",
        unique=True,
        if_not_exists=True,
        postgresql_concurrently=True,
        postgresql_include=["q"],
        postgresql_where="a > 1 AND b LIKE 'x%:y'",
        postgresql_using="btree",
        postgresql_ops={"a": "int4_ops"},
        postgresql_with={"fillfactor": 50},
        postgresql_tablespace="fast",
        postgresql_nulls_not_distinct=True,
        mysql_length=3,
    )
    assert plan(operation) == [
        "[alone] CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON s.t USING btree (a int4_ops, lower(b), lower(b),"
        " a DESC NULLS LAST, z DESC) INCLUDE (q) NULLS NOT DISTINCT WITH (fillfactor = 50) TABLESPACE fast"
        " WHERE a > 1 AND b LIKE 'x%:y'"
    ]


def test_index_with_a_condition_on_the_users_table() -> None:
    users = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer))
    operation = CreateIndex.of("i", "t", ["a"], postgresql_where=users.c.a > 5)
    assert plan(operation) == ["CREATE INDEX i ON t (a) WHERE a > 5"]


def test_index_of_text_only_and_without_a_name() -> None:
    assert plan(CreateIndex.of("i", "t", [sa.text("(a || b)")])) == ["CREATE INDEX i ON t ((a || b))"]
    assert plan(CreateIndex.of(None, "t", ["a"])) == ["CREATE INDEX ix_t_a ON t (a)"]


def test_index_that_an_interrupted_run_left_behind_is_dropped_first() -> None:
    operation = CreateIndex.of("i", "t", ["a"], schema="s", postgresql_concurrently=True)
    table = TableName("t", "s")
    assert ADAPTER.wants(operation).tables == {table}
    assert plan(operation, Facts(tables={table: PostgreSQLTable(frozenset({"i"}))})) == [
        "[alone] DROP INDEX CONCURRENTLY s.i",
        "[alone] CREATE INDEX CONCURRENTLY i ON s.t (a)",
    ]
    assert plan(operation, Facts(tables={table: PostgreSQLTable(frozenset({"j"}))})) == [
        "[alone] CREATE INDEX CONCURRENTLY i ON s.t (a)"
    ]
    assert len(plan(operation, Facts.unknown())) == 1


@pytest.mark.parametrize(
    ("operation", "statement"),
    [
        (DropIndex.of("i"), "DROP INDEX i"),
        (DropIndex.of("i", "t", schema="s", if_exists=True), "DROP INDEX IF EXISTS s.i"),
        (
            DropIndex.of("i", schema="s", if_exists=True, postgresql_concurrently=True),
            "[alone] DROP INDEX CONCURRENTLY IF EXISTS s.i",
        ),
        (DropIndex.of("i", "t", postgresql_using="gin", postgresql_where="x", postgresql_ops={}), "DROP INDEX i"),
    ],
)
def test_drop_index(operation: Operation[Any], statement: str) -> None:
    assert plan(operation) == [statement]


# -- constraints ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "change"),
    [
        (
            CreateUniqueConstraint.of("u", "t", ["a"], postgresql_include=["b"], postgresql_nulls_not_distinct=True),
            "ADD CONSTRAINT u UNIQUE NULLS NOT DISTINCT (a) INCLUDE (b)",
        ),
        (
            CreateUniqueConstraint.of("u", "t", ["a", "B"], deferrable=True, initially="DEFERRED"),
            'ADD CONSTRAINT u UNIQUE (a, "B") DEFERRABLE INITIALLY DEFERRED',
        ),
        (CreateUniqueConstraint.of(None, "t", ["a"]), "ADD UNIQUE (a)"),
        (
            CreatePrimaryKey.of("p", "t", ["a", "b"], postgresql_include=["c"]),
            "ADD CONSTRAINT p PRIMARY KEY (a, b) INCLUDE (c)",
        ),
        (
            CreateForeignKey.of(
                "f",
                "t",
                "u",
                ["a", "b"],
                ["x", "y"],
                ondelete="SET NULL (a)",
                onupdate="CASCADE",
                match="FULL",
                deferrable=False,
                referent_schema="s",
                postgresql_not_valid=True,
                use_alter=True,
            ),
            "ADD CONSTRAINT f FOREIGN KEY(a, b) REFERENCES s.u (x, y) MATCH FULL ON DELETE SET NULL (a)"
            " ON UPDATE CASCADE NOT DEFERRABLE NOT VALID",
        ),
        (
            CreateCheckConstraint.of("c", "t", "a LIKE 'x%:y'", postgresql_not_valid=True),
            "ADD CONSTRAINT c CHECK (a LIKE 'x%:y') NOT VALID",
        ),
        (CreateCheckConstraint.of("c", "t", LIGHT.c.a > 5), "ADD CONSTRAINT c CHECK (a > 5)"),
        (
            CreateExcludeConstraint.of(
                "e",
                "t",
                ("a", "="),
                (sa.text("tsrange(b, c)"), "&&"),
                (sa.func.lower(LIGHT.c.b), "="),
                where="a > 1",
                using="gist",
                deferrable=True,
                initially="DEFERRED",
                ops={"a": "int4_ops"},
            ),
            "ADD CONSTRAINT e EXCLUDE USING gist (a int4_ops WITH =, tsrange(b, c) WITH &&, lower(b) WITH =)"
            " WHERE (a > 1) DEFERRABLE INITIALLY DEFERRED",
        ),
        (ValidateConstraint("c", "t"), "VALIDATE CONSTRAINT c"),
        (DropConstraint("c", "t", "foreignkey", if_exists=True), "DROP CONSTRAINT IF EXISTS c"),
        (DropConstraint("C", "t", "check"), 'DROP CONSTRAINT "C"'),
    ],
)
def test_constraint(operation: Operation[Any], change: str) -> None:
    assert plan(operation) == [f"ALTER TABLE t {change}"]


def test_constraint_without_a_name_cannot_be_dropped() -> None:
    with pytest.raises(OperationError, match="its name is not given") as error:
        plan(DropConstraint(None, "t", "unique"))  # type: ignore[arg-type]
    assert "<table>_<column>_key" in str(error.value.hint)


def test_naming_convention_names_what_is_created_and_the_check_that_is_dropped() -> None:
    convention = {"uq": "uq_%(table_name)s_%(column_0_name)s", "ck": "ck_%(table_name)s_%(constraint_name)s"}
    adapter = PostgreSQLAdapter(dialect(), naming_convention=convention)  # type: ignore[no-untyped-call]
    unique, check, drop = (
        CreateUniqueConstraint.of(None, "t", ["a"]),
        CreateCheckConstraint.of("positive", "t", "a > 0"),
        DropConstraint("positive", "t", "check"),
    )
    expected = [
        "ALTER TABLE t ADD CONSTRAINT uq_t_a UNIQUE (a)",
        "ALTER TABLE t ADD CONSTRAINT ck_t_positive CHECK (a > 0)",
        "ALTER TABLE t DROP CONSTRAINT ck_t_positive",
    ]
    assert [plan(one, adapter=adapter)[0] for one in (unique, check, drop)] == expected
    assert plan(AlterTable("t", (unique, check, drop), naming_convention=convention)) == expected
    final = sa.schema.conv("positive")
    assert plan(DropConstraint(final, "t", "check"), adapter=adapter) == ["ALTER TABLE t DROP CONSTRAINT positive"]


# -- enums ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "statement"),
    [
        (CreateEnum("e", ["a", "it's"], schema="s"), "CREATE TYPE s.e AS ENUM ('a', 'it''s')"),
        (CreateEnum("e", []), "CREATE TYPE e AS ENUM ()"),
        (AddEnumValue("e", "x"), "[alone] ALTER TYPE e ADD VALUE 'x'"),
        (
            AddEnumValue("e", "x", before="y", if_not_exists=True),
            "[alone] ALTER TYPE e ADD VALUE IF NOT EXISTS 'x' BEFORE 'y'",
        ),
        (AddEnumValue("E", "x", after="it's", schema="s"), "[alone] ALTER TYPE s.\"E\" ADD VALUE 'x' AFTER 'it''s'"),
        (RenameEnumValue("e", "a", "b", schema="s"), "ALTER TYPE s.e RENAME VALUE 'a' TO 'b'"),
        (DropEnum("e", schema="s", if_exists=True), "DROP TYPE IF EXISTS s.e"),
    ],
)
def test_enum_operation(operation: Operation[Any], statement: str) -> None:
    assert not ADAPTER.wants(operation)
    assert plan(operation) == [statement]


def test_create_enum_if_not_exists_asks_the_database() -> None:
    operation = CreateEnum("e", ["a"], if_not_exists=True)
    assert ADAPTER.wants(operation).types == {TableName("e")}
    assert plan(operation, Facts(types={TableName("e"): None})) == ["CREATE TYPE e AS ENUM ('a')"]
    assert plan(operation, Facts(types={TableName("e"): ("b",)})) == []


def test_create_enum_if_not_exists_without_a_database_lets_the_server_decide() -> None:
    assert plan(CreateEnum("e", ["$$"], if_not_exists=True), Facts.unknown()) == [
        "DO $q$ BEGIN CREATE TYPE e AS ENUM ('$$'); EXCEPTION WHEN duplicate_object THEN NULL; END $q$"
    ]


def test_enum_value_stands_on_one_side_only() -> None:
    with pytest.raises(OperationError, match="not both"):
        plan(AddEnumValue("e", "x", before="a", after="b"))


# -- blocks and text --------------------------------------------------------------------------------------------------


def test_block_is_one_alter_after_the_other_even_when_a_rebuild_is_asked_for() -> None:
    operations = (DropColumn.of("t", "a"), AddColumn("t", sa.Column("b", sa.Integer)))
    for recreate in ("auto", "always", "never"):
        assert plan(AlterTable("t", operations, recreate=recreate)) == [  # type: ignore[arg-type]
            "ALTER TABLE t DROP COLUMN a",
            "ALTER TABLE t ADD COLUMN b INTEGER",
        ]


def test_order_of_columns_that_needs_a_rebuild_is_refused() -> None:
    with pytest.raises(UnsupportedOperationError, match="order of the columns"):
        plan(AlterTable("t", (), recreate="always", partial_reordering=[("a", "b")]))
    assert plan(AlterTable("t", (), partial_reordering=[("a", "b")])) == []


def test_text_of_several_statements_is_taken_apart() -> None:
    operation = Execute("CREATE INDEX CONCURRENTLY i ON t (a); INSERT INTO t VALUES (:a, '\\:b;'); -- that is all")
    assert plan(operation) == ["[alone] CREATE INDEX CONCURRENTLY i ON t (a)", "INSERT INTO t VALUES (:a, ':b;')"]


def test_colons_in_strings_and_comments_are_no_parameters() -> None:
    sql = """UPDATE t SET a = '{"x":1, "y":"z"}', b = $$ :c $$, d = :d /* :e */ WHERE f = ':d' AND g = '\\:h'"""
    (step,) = ADAPTER.plan(Execute(sql, {"d": 1}), Facts())
    assert isinstance(step, Statement)
    compiled = step.sql.compile()  # type: ignore[union-attr]
    assert set(compiled.params) == {"d"}
    assert str(compiled) == sql.replace("\\:h", ":h")


def test_index_of_a_new_table_that_is_declared_concurrently_stands_alone() -> None:
    operation = CreateTable.of("t", sa.Column("a", sa.Integer), sa.Index("i", "a", postgresql_concurrently=True))
    assert plan(operation)[1] == "[alone] CREATE INDEX CONCURRENTLY i ON t (a)"


def test_ddl_executable_that_must_stand_alone_is_recognised() -> None:
    index = sa.Index("i", sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer)).c.a, postgresql_concurrently=True)
    assert plan(Execute(sa.schema.CreateIndex(index))) == ["[alone] CREATE INDEX CONCURRENTLY i ON t (a)"]
    assert plan(Execute(sa.DDL("VACUUM t"))) == ["[alone] VACUUM t"]
