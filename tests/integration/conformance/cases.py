"""Cases: the operations, each in the situations that matter; an operation's author adds only a case."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql

from asyncmig.operations import (
    AddColumn,
    AddEnumValue,
    AlterColumn,
    AlterEnum,
    AlterSequence,
    AlterTable,
    AlterTableOptions,
    BulkInsert,
    CreateCheckConstraint,
    CreateEnum,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateSequence,
    CreateTable,
    CreateTableComment,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropEnum,
    DropIndex,
    DropSchema,
    DropSequence,
    DropTable,
    DropTableComment,
    Execute,
    RenameEnumValue,
    RenameTable,
    RunPython,
    ValidateConstraint,
)
from tests.integration.conformance.harness import Case, Schema
from tests.integration.conformance.object_cases import OBJECTS

PG, MY, LITE = "postgresql", "mysql", "sqlite"


def users(*extra: Any, **options: Any) -> CreateTable:
    return CreateTable.of(
        "users",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(40)),
        *extra,
        **options,
    )


def posts(*extra: Any) -> CreateTable:
    return CreateTable.of(
        "posts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer()),
        sa.Column("title", sa.String(40), nullable=False, server_default="none"),
        *extra,
    )


ONE_USER = ("INSERT INTO users (id, name) VALUES (1, 'ada')",)


def has_columns(table: str, *columns: str) -> Any:
    def check(schema: Schema) -> None:
        assert schema.names(table) == list(columns)

    return check


def nullable(table: str, column: str, expected: bool) -> Any:
    def check(schema: Schema) -> None:
        assert schema.column(table, column)["nullable"] is expected

    return check


def has(table: str, kind: str, name: str) -> Any:
    def check(schema: Schema) -> None:
        found = schema.tables[table][kind]
        assert any(repr(name) == item[0] for item in found), found

    return check


def refers(table: str, referent: str) -> Any:
    # SQLAlchemy does not read the name of a foreign key that SQLite keeps inside a column.
    def check(schema: Schema) -> None:
        assert any(repr(referent) == item[2] for item in schema.tables[table]["foreign_keys"])

    return check


def gone(table: str, kind: str) -> Any:
    def check(schema: Schema) -> None:
        assert schema.tables[table][kind] == []

    return check


def _type(table: str, column: str, **expected: str) -> Any:
    def check(schema: Schema) -> None:
        assert schema.column(table, column)["type"].startswith(expected[schema.dialect])

    return check


TABLES: Sequence[Case] = (
    Case("create_table", users(), check=has_columns("users", "id", "name")),
    Case(
        "create_table_with_everything",
        CreateTable.of(
            "orders",
            sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
            sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id", ondelete="CASCADE"), index=True),
            sa.Column("code", sa.String(20), nullable=False, unique=True),
            sa.Column("state", sa.Enum("new", "paid", name="order_state"), server_default="new", nullable=False),
            sa.Column("total", sa.Numeric(10, 2), server_default=sa.text("0")),
            sa.Column("twice", sa.Numeric(10, 2), sa.Computed("total * 2", persisted=True)),
            sa.Column("note", sa.Text(), comment="what the customer said: 100 % of it"),
            sa.Column("made", sa.DateTime(), server_default=sa.func.now()),
            sa.CheckConstraint("total >= 0", name="ck_orders_total"),
            sa.UniqueConstraint("user_id", "code", name="uq_orders_user_code"),
            comment="what was ordered",
        ),
        before=(users(),),
        check=has("orders", "indexes", "ix_orders_user_id"),
        # The enumerated type outlives the table on PostgreSQL, as other tables may use it.
        reversible=False,
    ),
    Case("create_table_that_exists", users(if_not_exists=True), before=(users(),), reversible=False),
    Case("drop_table", DropTable.of("users"), before=(users(),), reversible=False),
    Case("drop_table_that_is_not_there", DropTable.of("users", if_exists=True), reversible=False),
    Case("rename_table", RenameTable("users", "people"), before=(users(),), rows=ONE_USER,
         check=has_columns("people", "id", "name"), rows_after=("SELECT name FROM people", "ada")),
    Case("create_table_comment", CreateTableComment("users", "people: 100 %"), before=(users(),)),
    Case("drop_table_comment", DropTableComment("users", existing_comment="people"),
         before=(users(comment="people"),)),
)  # fmt: skip

COLUMNS: Sequence[Case] = (
    Case("add_column", AddColumn("users", sa.Column("role", sa.String(20))), before=(users(),), rows=ONE_USER,
         check=has_columns("users", "id", "name", "role")),
    Case("add_column_with_default_to_rows",
         AddColumn("users", sa.Column("role", sa.String(20), nullable=False, server_default="it's 5 %")),
         before=(users(),), rows=ONE_USER, rows_after=("SELECT role FROM users", "it's 5 %")),
    Case("add_column_with_function_default",
         AddColumn("users", sa.Column("made", sa.DateTime(), server_default=sa.func.now())),
         before=(users(),), rows=ONE_USER, rows_after=("SELECT count(*) FROM users WHERE made IS NOT NULL", 1)),
    Case("add_column_that_is_unique_and_indexed", AddColumn("users", sa.Column("email", sa.String(40), unique=True)),
         before=(users(),), rows=ONE_USER, check=has_columns("users", "id", "name", "email"), reversible=False),
    Case("add_column_with_foreign_key",
         AddColumn("posts", sa.Column("editor", sa.Integer(), sa.ForeignKey("users.id", name="fk_editor"))),
         before=(users(), posts()), check=refers("posts", "users"), reversible=False),
    Case("add_column_with_check",
         AddColumn("users", sa.Column("age", sa.Integer(), sa.CheckConstraint("age > 0", name="ck_age"))),
         before=(users(),), check=has("users", "checks", "ck_age"), reversible=False),
    Case("add_column_generated",
         AddColumn("posts", sa.Column("twice", sa.Integer(), sa.Computed("user_id * 2", persisted=True))),
         before=(posts(),), rows=("INSERT INTO posts (id, user_id) VALUES (1, 1)",),
         rows_after=("SELECT twice FROM posts", 2)),
    Case("add_column_that_exists", AddColumn("users", sa.Column("name", sa.String(40)), if_not_exists=True),
         before=(users(),), reversible=False),
    Case("add_column_in_a_place", AddColumn("users", sa.Column("role", sa.String(20)), insert_after="id"),
         before=(users(),), rows=ONE_USER, on=(LITE, MY), check=has_columns("users", "id", "role", "name")),
    Case("add_column_of_enum", AddColumn("users", sa.Column("mood", sa.Enum("sad", "ok", name="mood"))),
         before=(users(),), check=has_columns("users", "id", "name", "mood"), reversible=False),
    Case("drop_column", DropColumn.of("users", "name"), before=(users(),), rows=ONE_USER,
         check=has_columns("users", "id"), reversible=False),
    Case("drop_column_with_index", DropColumn.of("users", "name"),
         before=(users(), CreateIndex.of("ix_name", "users", ["name"])), check=has_columns("users", "id"),
         reversible=False),
    Case("drop_column_that_is_not_there", DropColumn.of("users", "role", if_exists=True), before=(users(),),
         reversible=False),
)  # fmt: skip


def altered(**change: Any) -> AlterColumn:
    return AlterColumn.of("posts", "title", **change)


FULL = CreateTable.of(
    "full_table",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("title", sa.String(40), nullable=False, server_default="it's", comment="the 'title'"),
)


def kept(schema: Schema) -> None:
    """Nothing of a column is lost when something else of it is changed."""
    column = schema.column("full_table", "title")
    assert "it''s" in column["default"] or "it's" in column["default"] or r"it\'s" in column["default"]
    assert column["nullable"] is False
    assert schema.dialect == LITE or column["comment"] == "the 'title'"


ALTERATIONS: Sequence[Case] = (
    Case("alter_column_null", altered(nullable=True), before=(posts(),), check=nullable("posts", "title", True)),
    Case("alter_column_not_null", AlterColumn.of("users", "name", nullable=False, existing_type=sa.String(40)),
         before=(users(),), rows=ONE_USER, check=nullable("users", "name", False)),
    Case("alter_column_default", altered(server_default="new", existing_server_default="none"), before=(posts(),)),
    Case("alter_column_no_default", altered(server_default=None, existing_server_default="none"), before=(posts(),)),
    Case("alter_column_default_expression",
         AlterColumn.of("posts", "user_id", server_default=sa.text("1 + 1"), existing_server_default=None),
         before=(posts(),), reversible=False),
    Case("alter_column_type", altered(type_=sa.String(200), existing_type=sa.String(40)), before=(posts(),),
         rows=("INSERT INTO posts (id, title) VALUES (1, 'x')",),
         check=_type("posts", "title", sqlite="VARCHAR(200)", postgresql="VARCHAR(200)", mysql="VARCHAR(200)"),
         rows_after=("SELECT title FROM posts", "x")),
    Case("alter_column_type_with_cast",
         AlterColumn.of("users", "name", type_=sa.Integer(), existing_type=sa.String(40),
                        postgresql_using="name::integer"),
         before=(users(),), rows=("INSERT INTO users (id, name) VALUES (1, '12')",),
         rows_after=("SELECT name FROM users", 12), reversible=False),
    Case("alter_column_rename", altered(new_column_name="headline", existing_type=sa.String(40)), before=(posts(),),
         check=has_columns("posts", "id", "user_id", "headline")),
    Case("alter_column_all_at_once",
         altered(new_column_name="headline", type_=sa.Text(), existing_type=sa.String(40), nullable=True,
                 server_default=None, existing_server_default="none", existing_nullable=False),
         before=(posts(),), check=nullable("posts", "headline", True)),
    Case("alter_column_comment", altered(comment="the title", existing_type=sa.String(40)), before=(posts(),)),
    Case("alter_column_type_keeps_the_rest", AlterColumn.of("full_table", "title", type_=sa.String(80)),
         before=(FULL,), check=kept, reversible=False),
    Case("alter_column_rename_keeps_the_rest",
         AlterColumn.of("full_table", "title", new_column_name="renamed"), before=(FULL,)),
    Case("alter_column_to_enum",
         AlterColumn.of("users", "name", type_=sa.Enum("sad", "ok", name="mood"), existing_type=sa.String(40),
                        postgresql_using="name::mood"),
         before=(users(),), rows=("INSERT INTO users (id, name) VALUES (1, 'ok')",),
         rows_after=("SELECT name FROM users", "ok"), reversible=False),
    Case("alter_column_autoincrement",
         AlterColumn.of("counted", "id", autoincrement=True, existing_autoincrement=False, nullable=False,
                        existing_nullable=False, existing_type=sa.Integer()),
         before=(CreateTable.of("counted", sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False)),),
         on=(MY,), means_nothing_elsewhere=True),
)  # fmt: skip

INDEXES: Sequence[Case] = (
    Case("create_index", CreateIndex.of("ix_name", "users", ["name"]), before=(users(),),
         check=has("users", "indexes", "ix_name")),
    Case("create_index_unique", CreateIndex.of("ix_name", "users", ["name", "id"], unique=True), before=(users(),)),
    Case("create_index_descending", CreateIndex.of("ix_name", "users", [sa.text("name DESC")]), before=(users(),)),
    Case("create_index_expression", CreateIndex.of("ix_lower", "users", [sa.func.lower(sa.column("name"))]),
         before=(users(),), on=(PG, LITE)),
    Case("create_index_partial",
         CreateIndex.of("ix_part", "users", ["name"], postgresql_where=sa.text("name LIKE 'a%'"),
                        sqlite_where=sa.text("name LIKE 'a%'")),
         before=(users(),)),
    Case("create_index_concurrently", CreateIndex.of("ix_name", "users", ["name"], postgresql_concurrently=True),
         before=(users(),)),
    Case("create_index_options",
         CreateIndex.of("ix_name", "users", ["name"], postgresql_include=["id"], postgresql_using="btree",
                        postgresql_ops={"name": "text_pattern_ops"}, mysql_length={"name": 5}, mysql_using="btree"),
         before=(users(),)),
    Case("create_index_that_exists", CreateIndex.of("ix_name", "users", ["name"], if_not_exists=True),
         before=(users(), CreateIndex.of("ix_name", "users", ["name"])), reversible=False),
    Case("drop_index", DropIndex.of("ix_name", "users"),
         before=(users(), CreateIndex.of("ix_name", "users", ["name"])), check=gone("users", "indexes"),
         reversible=False),
    Case("drop_index_that_is_not_there", DropIndex.of("ix_name", "users", if_exists=True), before=(users(),),
         reversible=False),
)  # fmt: skip

BARE = CreateTable.of("bare", sa.Column("id", sa.Integer(), nullable=False), sa.Column("n", sa.Integer()))

CONSTRAINTS: Sequence[Case] = (
    Case("create_primary_key", CreatePrimaryKey.of("pk_bare", "bare", ["id"]), before=(BARE,)),
    Case("create_unique_constraint", CreateUniqueConstraint.of("uq_name", "users", ["name"]), before=(users(),),
         check=has("users", "uniques", "uq_name")),
    Case("create_unique_constraint_deferrable",
         CreateUniqueConstraint.of("uq_name", "users", ["name"], deferrable=True, initially="DEFERRED"),
         before=(users(),), on=(PG,)),
    Case("create_foreign_key",
         CreateForeignKey.of("fk_user", "posts", "users", ["user_id"], ["id"], ondelete="CASCADE"),
         before=(users(), posts(), CreateIndex.of("ix_user", "posts", ["user_id"])),
         check=has("posts", "foreign_keys", "fk_user")),
    Case("create_foreign_key_to_itself",
         CreateForeignKey.of("fk_self", "posts", "posts", ["user_id"], ["id"], onupdate="CASCADE", ondelete="SET NULL"),
         before=(posts(), CreateIndex.of("ix_user", "posts", ["user_id"]))),
    Case("create_check_constraint", CreateCheckConstraint.of("ck_id", "posts", "user_id > 0"), before=(posts(),),
         check=has("posts", "checks", "ck_id")),
    Case("create_check_constraint_with_percent",
         CreateCheckConstraint.of("ck_name", "users", sa.column("name").like("a%")), before=(users(),)),
    Case("create_exclude_constraint",
         CreateExcludeConstraint.of("ex_name", "users", (sa.column("name"), "="), using="btree"), before=(users(),),
         on=(PG,)),
    Case("validate_constraint", ValidateConstraint("ck_id", "posts"),
         before=(posts(), CreateCheckConstraint.of("ck_id", "posts", "user_id > 0", postgresql_not_valid=True)),
         reversible=False),
    Case("drop_constraint_unique", DropConstraint("uq_name", "users", "unique"),
         before=(users(sa.UniqueConstraint("name", name="uq_name")),), check=gone("users", "uniques"),
         reversible=False),
    Case("drop_constraint_check", DropConstraint("ck_id", "posts", "check"),
         before=(posts(sa.CheckConstraint("user_id > 0", name="ck_id")),), check=gone("posts", "checks"),
         reversible=False),
    Case("drop_constraint_foreignkey", DropConstraint("fk_user", "posts", "foreignkey"),
         before=(users(), posts(sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_user"))),
         check=gone("posts", "foreign_keys"), reversible=False),
    Case("drop_constraint_primary", DropConstraint("pk_bare", "bare", "primary"),
         before=(BARE, CreatePrimaryKey.of("pk_bare", "bare", ["id"])), reversible=False),
    Case("drop_constraint_of_any_type", DropConstraint("uq_name", "users"),
         before=(users(sa.UniqueConstraint("name", name="uq_name")),), check=gone("users", "uniques"),
         reversible=False),
    Case("drop_constraint_that_is_not_there", DropConstraint("uq_name", "users", "unique", if_exists=True),
         before=(users(),), reversible=False),
)  # fmt: skip

ENUMS: Sequence[Case] = (
    Case("create_enum", CreateEnum("mood", ["sad", "it's ok"])),
    Case("drop_enum", DropEnum("mood"), before=(CreateEnum("mood", ["sad", "ok"]),), reversible=False),
    Case("add_enum_value", AddEnumValue("mood", "good", before="ok"), before=(CreateEnum("mood", ["sad", "ok"]),),
         on=(PG,), reversible=False),
    Case("rename_enum_value", RenameEnumValue("mood", "ok", "fine"), before=(CreateEnum("mood", ["sad", "ok"]),),
         on=(PG,)),
)  # fmt: skip

MOODY = CreateTable.of(
    "people",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("mood", sa.Enum("sad", "ok", name="mood"), server_default="ok", nullable=False, index=True),
    sa.Column("moods", postgresql.ARRAY(sa.Enum("sad", "ok", name="mood")).with_variant(sa.String(9), "sqlite")
              .with_variant(sa.String(9), "mysql", "mariadb")),
    sa.CheckConstraint("mood <> 'sad' OR moods IS NULL", name="ck_mood"),
)  # fmt: skip
EXCHANGED = AlterEnum("mood", ["fine", "sad", "mad"], existing_values=["sad", "ok"], renamed={"ok": "fine"})


def moods(*expected: str) -> Any:
    def check(schema: Schema) -> None:
        assert schema.enums == ({"mood": expected} if schema.dialect == PG else {})

    return check


ALTERED_ENUMS: Sequence[Case] = (
    Case(
        "alter_enum_in_place",
        AlterEnum("mood", ["bad", "sad", "fine", "ok"], existing_values=["sad", "ok"]),
        before=(MOODY,),
        rows=("INSERT INTO people (id) VALUES (1)",),
        check=moods("bad", "sad", "fine", "ok"),
        rows_after=("SELECT mood FROM people", "ok"),
        means_nothing_elsewhere=True,
        on=(PG,),
        reversible=False,
    ),
    Case(
        "alter_enum_renamed",
        AlterEnum("mood", ["sad", "fine"], existing_values=["sad", "ok"], renamed={"ok": "fine"}),
        before=(MOODY,),
        rows=("INSERT INTO people (id) VALUES (1)",),
        check=moods("sad", "fine"),
        rows_after=("SELECT mood FROM people", "fine"),
        means_nothing_elsewhere=True,
        on=(PG,),
    ),
    Case(
        "alter_enum_exchanged",
        EXCHANGED,
        before=(MOODY, CreateIndex.of("ix_ok", "people", ["id"], postgresql_where=sa.text("mood = 'ok'"))),
        rows=("INSERT INTO people (id) VALUES (1)",),
        check=moods("fine", "sad", "mad"),
        rows_after=("SELECT mood FROM people", "fine"),
        means_nothing_elsewhere=True,
        on=(PG,),
    ),
)

SEQUENCES: Sequence[Case] = (
    Case(
        "create_sequence",
        CreateSequence("numbers", start=10, increment=5, minvalue=0, maxvalue=100, cycle=True),
        on=(PG, MY),
        check=lambda schema: _has_sequence(schema, "numbers"),
    ),
    Case(
        "create_sequence_that_exists",
        CreateSequence("numbers", if_not_exists=True),
        before=(CreateSequence("numbers"),),
        on=(PG, MY),
        reversible=False,
    ),
    Case(
        "alter_sequence",
        AlterSequence("numbers", increment=7, maxvalue=1000, existing={"increment": 1, "maxvalue": 50}),
        before=(CreateSequence("numbers", increment=1, maxvalue=50),),
        on=(PG, MY),
    ),
    Case(
        "drop_sequence",
        DropSequence("numbers", dropped=CreateSequence("numbers")),
        before=(CreateSequence("numbers"),),
        on=(PG, MY),
    ),
    Case("drop_sequence_that_is_not_there", DropSequence("numbers", if_exists=True), on=(PG, MY), reversible=False),
)


def _has_sequence(schema: Schema, name: str) -> None:
    assert name in schema.sequences


SCHEMAS: Sequence[Case] = (
    # The others are in tests/integration/objects: a schema of MySQL would stand beside the test's own database.
    Case("drop_schema_that_is_not_there", DropSchema("x_billing", if_exists=True), on=(PG, MY), reversible=False),
)


TABLE_OPTIONS: Sequence[Case] = (
    Case(
        "alter_table_options",
        AlterTableOptions(
            "users",
            options={
                "mysql_engine": "InnoDB",
                "mysql_row_format": "COMPACT",
                "sqlite_strict": True,
                "postgresql_with": {"fillfactor": 70},
            },
            existing_options={
                "mysql_engine": "Aria",
                "mysql_row_format": None,
                "sqlite_strict": False,
                "postgresql_with": {},
            },
        ),
        before=(
            CreateTable.of(
                "users",
                sa.Column("id", sa.Integer(), primary_key=True),
                sa.Column("name", sa.Text()),
                mysql_engine="Aria",
            ),
        ),
        rows=ONE_USER,
        rows_after=("SELECT name FROM users", "ada"),
        check=lambda schema: _has_options(schema, "users"),
    ),
    Case(
        "alter_table_options_in_a_block",
        AlterTable("users", (AlterTableOptions.of("users", sqlite_with_rowid=False),)),
        before=(users(),),
        rows=ONE_USER,
        rows_after=("SELECT name FROM users", "ada"),
        reversible=False,
    ),
)


def _has_options(schema: Schema, table: str) -> None:
    options = schema.tables[table]["options"]
    expected = {
        PG: [("with", "fillfactor=70")],
        MY: [("engine", "InnoDB"), ("row_format", "Compact")],
        LITE: [("strict", "True")],
    }
    assert set(expected[schema.dialect]) <= set(options), options


USERS = sa.table("users", sa.column("id", sa.Integer()), sa.column("name", sa.String()))


def count_users(connection: sa.Connection) -> int:
    """What the case of `op.run` calls."""
    connection.execute(USERS.insert(), {"id": 9, "name": "run"})
    return 1


DATA: Sequence[Case] = (
    Case("execute", Execute("UPDATE users SET name = 'bob; drop' WHERE name = 'ada'"), before=(users(),), rows=ONE_USER,
         rows_after=("SELECT name FROM users", "bob; drop"), reversible=False),
    Case("execute_several_statements",
         Execute("INSERT INTO users (id, name) VALUES (2, 'a;b'); -- a; comment\nINSERT INTO users VALUES (3, 'c');"),
         before=(users(),), rows_after=("SELECT count(*) FROM users", 2), reversible=False),
    Case("execute_with_parameters",
         Execute("INSERT INTO users (id, name) VALUES (:id, :name)", {"id": 5, "name": "10 % of :x"}),
         before=(users(),), rows_after=("SELECT name FROM users", "10 % of :x"), reversible=False),
    Case("execute_expression", Execute(USERS.update().where(USERS.c.id == 1).values(name="b'b")), before=(users(),),
         rows=ONE_USER, rows_after=("SELECT name FROM users", "b'b"), reversible=False),
    Case("bulk_insert", BulkInsert(USERS, [{"id": n, "name": f"n{n}"} for n in range(1, 1203)]), before=(users(),),
         rows_after=("SELECT count(*) FROM users", 1202), reversible=False),
    Case("bulk_insert_of_rows_with_different_columns",
         BulkInsert(USERS, [{"id": 1}, {"id": 2, "name": "b"}, {"name": "c", "id": 3}, {"id": 4}]), before=(users(),),
         rows_after=("SELECT name FROM users ORDER BY id", [(None,), ("b",), ("c",), (None,)]), reversible=False),
    Case("bulk_insert_one_by_one",
         BulkInsert(USERS, [{"id": 1, "name": sa.func.lower("ADA")}, {"id": 2, "name": "b"}], multiinsert=False),
         before=(users(),), rows_after=("SELECT name FROM users ORDER BY id", [("ada",), ("b",)]), reversible=False),
    Case("run", RunPython.of(count_users), before=(users(),), rows_after=("SELECT name FROM users", "run"),
         reversible=False),
)  # fmt: skip

BLOCKS: Sequence[Case] = (
    Case("alter_table",
         AlterTable("posts", (
             AddColumn("posts", sa.Column("role", sa.String(20), nullable=False, server_default="x")),
             AlterColumn.of("posts", "user_id", nullable=False, existing_type=sa.Integer(), existing_nullable=True),
             CreateCheckConstraint.of("ck_role", "posts", "role <> ''"),
             CreateIndex.of("ix_role", "posts", ["role"]),
         )),
         before=(posts(),), rows=("INSERT INTO posts (id, user_id) VALUES (1, 2)",),
         check=has("posts", "indexes", "ix_role"), rows_after=("SELECT role FROM posts", "x")),
    Case("alter_table_always_rebuilt",
         AlterTable("posts", (DropColumn.of("posts", "user_id"),), recreate="always"), before=(posts(),),
         rows=("INSERT INTO posts (id, user_id) VALUES (1, 2)",), check=has_columns("posts", "id", "title"),
         rows_after=("SELECT id FROM posts", 1), reversible=False),
    Case("alter_table_keeps_children",
         AlterTable("users", (AlterColumn.of("users", "name", nullable=False, existing_type=sa.String(40)),)),
         before=(users(), posts(sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE", name="fk"))),
         rows=(*ONE_USER, "INSERT INTO posts (id, user_id) VALUES (1, 1)"),
         rows_after=("SELECT count(*) FROM posts", 1)),
)  # fmt: skip

DIALECTS: Sequence[Case] = (
    Case("mysql_table_options",
         users(mysql_engine="InnoDB", mysql_charset="utf8mb4", mysql_row_format="DYNAMIC", mysql_collate="utf8mb4_bin"),
         check=has_columns("users", "id", "name")),
    Case("mysql_types",
         CreateTable.of("typed", sa.Column("a", mysql.MEDIUMTEXT()), sa.Column("b", mysql.DATETIME(fsp=6)),
                        sa.Column("c", mysql.INTEGER(unsigned=True)), sa.Column("d", mysql.LONGBLOB())),
         on=(MY,)),
    Case("postgresql_types",
         CreateTable.of("typed", sa.Column("a", postgresql.JSONB()), sa.Column("b", postgresql.ARRAY(sa.Integer())),
                        sa.Column("c", postgresql.TIMESTAMP(timezone=True)), sa.Column("d", postgresql.UUID()),
                        sa.Column("e", postgresql.TSVECTOR()), sa.Column("f", postgresql.INET())),
         on=(PG,)),
    Case("portable_types",
         CreateTable.of("typed", sa.Column("a", sa.JSON()), sa.Column("b", sa.Uuid()), sa.Column("c", sa.Boolean()),
                        sa.Column("d", sa.Float()), sa.Column("e", sa.LargeBinary()), sa.Column("f", sa.Date()),
                        sa.Column("g", sa.Time()), sa.Column("h", sa.Unicode(20)), sa.Column("i", sa.Interval()))),
    Case("odd_names",
         CreateTable.of('my "odd" table', sa.Column("select", sa.Integer(), primary_key=True),
                        sa.Column("a b", sa.String(20)), sa.Column("100%", sa.Integer()))),
    Case("odd_names_altered",
         AlterColumn.of('my "odd" table', "a b", new_column_name="b c", nullable=False, existing_nullable=True,
                        existing_type=sa.String(20)),
         before=(CreateTable.of('my "odd" table', sa.Column("select", sa.Integer(), primary_key=True),
                                sa.Column("a b", sa.String(20))),)),
    Case("naming_convention",
         CreateUniqueConstraint.of(None, "users", ["name"]), before=(users(),),
         check=has("users", "uniques", "uq_x_name"), reversible=False,
         options={"naming_convention": {"uq": "uq_x_%(column_0_name)s"}}),
)  # fmt: skip

CASES: Sequence[Case] = (
    *TABLES, *COLUMNS, *ALTERATIONS, *INDEXES, *CONSTRAINTS, *ENUMS, *ALTERED_ENUMS,
    *SEQUENCES, *SCHEMAS, *TABLE_OPTIONS, *DATA, *BLOCKS, *DIALECTS,
    *OBJECTS
)  # fmt: skip
