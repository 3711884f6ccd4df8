"""Samples: operations of every kind, as the tests of all interpreters of operations take them."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

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
    CreateExtension,
    CreateForeignKey,
    CreateFunction,
    CreateIndex,
    CreateMaterializedView,
    CreatePrimaryKey,
    CreateSchema,
    CreateSequence,
    CreateTable,
    CreateTableComment,
    CreateTrigger,
    CreateUniqueConstraint,
    CreateView,
    DropColumn,
    DropConstraint,
    DropEnum,
    DropExtension,
    DropFunction,
    DropIndex,
    DropMaterializedView,
    DropSchema,
    DropSequence,
    DropTable,
    DropTableComment,
    DropTrigger,
    DropView,
    Execute,
    Operation,
    RefreshMaterializedView,
    RenameEnumValue,
    RenameTable,
    ReplaceFunction,
    ReplaceMaterializedView,
    ReplaceTrigger,
    ReplaceView,
    RunPython,
    ValidateConstraint,
)


async def fill_roles(connection: Any, role: str, *, batch: int = 100) -> None:
    """What the sample of `op.run` calls."""


_USERS = sa.table("users", sa.column("id", sa.Integer()), sa.column("name", sa.String(length=50)))

_QUERY = """
    SELECT id, name || '\"\"\"' AS quoted

    FROM users
"""
_BODY = """
    RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.name := E'\\\\n';
        RETURN NEW;
    END
    $$
"""

#: At least one operation of each kind; the tests plan, render, read back and reverse them.
SAMPLES: Mapping[type[Operation[Any]], Sequence[Operation[Any]]] = MappingProxyType(
    {
        CreateTable: (
            CreateTable.of("users", sa.Column("id", sa.Integer(), primary_key=True)),
            CreateTable.of(
                "orders",
                sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
                sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id", ondelete="CASCADE"), index=True),
                sa.Column("state", sa.Enum("new", "paid", name="order_state"), server_default="new", nullable=False),
                sa.Column("total", sa.Numeric(precision=10, scale=2), comment="with tax"),
                sa.Column("made", sa.DateTime(timezone=True), server_default=sa.func.now()),
                sa.CheckConstraint("total >= 0", name="ck_total"),
                sa.UniqueConstraint("user_id", "made", name="uq_user_made"),
                comment="what was ordered",
                mysql_engine="InnoDB",
            ),
        ),
        DropTable: (DropTable.of("users", if_exists=True),),
        RenameTable: (RenameTable("users", "people"),),
        CreateTableComment: (CreateTableComment("users", "who may log in", existing_comment="people"),),
        DropTableComment: (DropTableComment("users", existing_comment="people"), DropTableComment("users")),
        AddColumn: (
            AddColumn("users", sa.Column("role", sa.String(length=20), server_default="user", nullable=False)),
            AddColumn("users", sa.Column("age", sa.Integer(), sa.CheckConstraint("age > 0", name="ck_age"))),
        ),
        DropColumn: (DropColumn.of("users", "role"), DropColumn.of("users", "role", if_exists=True)),
        AlterColumn: (
            AlterColumn.of("users", "role", nullable=False, existing_nullable=True, existing_type=sa.String(length=20)),
            AlterColumn.of("users", "role", new_column_name="kind", existing_type=sa.String(length=20)),
            AlterColumn.of("users", "role", type_=sa.Text(), existing_type=sa.String(length=20)),
            AlterColumn.of(
                "users",
                "role",
                server_default=sa.text("'user'"),
                existing_server_default=None,
                existing_type=sa.String(length=20),
                existing_nullable=True,
            ),
        ),
        CreateIndex: (
            CreateIndex.of("ix_users_name", "users", ["name"]),
            CreateIndex.of("ix_users_lower", "users", [sa.func.lower(sa.column("name"))], unique=True),
            CreateIndex.of("ix_users_free", "users", ["name"], postgresql_concurrently=True),
        ),
        DropIndex: (DropIndex.of("ix_users_name", "users"),),
        CreatePrimaryKey: (CreatePrimaryKey.of("pk_users", "users", ["id"]),),
        CreateUniqueConstraint: (CreateUniqueConstraint.of("uq_users_name", "users", ["name"], deferrable=True),),
        CreateForeignKey: (
            CreateForeignKey.of("fk_orders_users", "orders", "users", ["user_id"], ["id"], ondelete="CASCADE"),
        ),
        CreateCheckConstraint: (
            CreateCheckConstraint.of("ck_age", "users", "age > 0"),
            CreateCheckConstraint.of("ck_age", "users", sa.column("age", sa.Integer()) > 0),
        ),
        CreateExcludeConstraint: (
            CreateExcludeConstraint.of("ex_rooms", "bookings", ("room", "="), ("during", "&&"), using="gist"),
        ),
        ValidateConstraint: (ValidateConstraint("ck_age", "users"),),
        DropConstraint: (DropConstraint("uq_users_name", "users", "unique"),),
        CreateEnum: (CreateEnum("order_state", ["new", "paid"]),),
        AddEnumValue: (AddEnumValue("order_state", "sent", after="paid"),),
        RenameEnumValue: (RenameEnumValue("order_state", "sent", "shipped"),),
        AlterEnum: (
            AlterEnum("order_state", ["new", "sent", "paid"], existing_values=["new", "paid"]),
            AlterEnum("order_state", ["paid", "open"], existing_values=["new", "paid"], renamed={"new": "open"}),
        ),
        CreateView: (
            CreateView.of("active_users", "SELECT id FROM users WHERE name <> 'a\\b'"),
            CreateView.of("active_users", sa.select(_USERS.c.id).where(_USERS.c.name == "x"), schema="app"),
            CreateView.of("active_users", _QUERY, postgresql_with={"security_barrier": True}),
        ),
        ReplaceView: (
            ReplaceView.of("active_users", _QUERY),
            ReplaceView("active_users", _QUERY, recreate=True, existing=CreateView.of("active_users", "SELECT 1")),
        ),
        DropView: (DropView("active_users", if_exists=True),),
        CreateMaterializedView: (
            CreateMaterializedView.of(
                "totals", "SELECT 1 AS one", with_data=False, indexes=["CREATE INDEX i ON totals (one)"]
            ),
        ),
        ReplaceMaterializedView: (
            ReplaceMaterializedView(
                "totals", "SELECT 2 AS two", existing=CreateMaterializedView.of("totals", "SELECT 1 AS one")
            ),
        ),
        RefreshMaterializedView: (RefreshMaterializedView("totals", concurrently=True),),
        DropMaterializedView: (DropMaterializedView("totals"),),
        CreateFunction: (
            CreateFunction("add_one", "a integer DEFAULT 1", "RETURNS integer LANGUAGE sql AS $$ SELECT a + 1 $$"),
            CreateFunction("touch", "", _BODY, schema="app"),
            CreateFunction("tidy", "", "LANGUAGE sql AS $$ DELETE FROM users $$", procedure=True),
        ),
        ReplaceFunction: (ReplaceFunction("touch", "", _BODY),),
        DropFunction: (DropFunction("add_one", "a integer DEFAULT 1"), DropFunction("touch", if_exists=True)),
        CreateTrigger: (
            CreateTrigger("touch_users", "users", "BEFORE UPDATE", "FOR EACH ROW EXECUTE FUNCTION touch()"),
            CreateTrigger("late", "users", "AFTER UPDATE", "FOR EACH ROW EXECUTE FUNCTION touch()", constraint=True),
        ),
        ReplaceTrigger: (
            ReplaceTrigger(
                "touch_users",
                "users",
                "BEFORE INSERT",
                "FOR EACH ROW EXECUTE FUNCTION touch()",
                existing=CreateTrigger(
                    "touch_users", "users", "BEFORE UPDATE", "FOR EACH ROW EXECUTE FUNCTION touch()"
                ),
            ),
        ),
        DropTrigger: (DropTrigger("touch_users", "users", if_exists=True),),
        CreateExtension: (CreateExtension("citext", schema="app", version="1.6", cascade=True, if_not_exists=True),),
        DropExtension: (DropExtension("citext", if_exists=True),),
        CreateSchema: (CreateSchema("billing"), CreateSchema("billing", if_not_exists=True)),
        DropSchema: (DropSchema("billing", if_exists=True),),
        CreateSequence: (
            CreateSequence("invoice_number"),
            CreateSequence(
                "invoice_number", schema="billing", start=5, increment=2, cycle=True, data_type=sa.Integer()
            ),
        ),
        AlterSequence: (
            AlterSequence("invoice_number", increment=10, cycle=False, existing={"increment": 1, "cycle": True}),
        ),
        DropSequence: (DropSequence("invoice_number", dropped=CreateSequence("invoice_number")),),
        AlterTableOptions: (
            AlterTableOptions.of("users", mysql_engine="InnoDB", sqlite_strict=True),
            AlterTableOptions(
                "users", options={"postgresql_tablespace": "fast"}, existing_options={"postgresql_tablespace": None}
            ),
        ),
        DropEnum: (DropEnum("order_state", if_exists=True),),
        Execute: (
            Execute("UPDATE users SET name = 'x'"),
            Execute("UPDATE users SET name = :name", {"name": "x"}),
        ),
        BulkInsert: (BulkInsert(_USERS, [{"id": 1, "name": "Ann"}, {"id": 2, "name": "Bob"}]),),
        RunPython: (RunPython.of(fill_roles, "user", batch=500),),
        AlterTable: (
            AlterTable(
                "users",
                (
                    AddColumn("users", sa.Column("data", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"))),
                    DropColumn.of("users", "role"),
                    CreateIndex.of("ix_users_data", "users", ["name"]),
                ),
            ),
            AlterTable("users", (DropConstraint("uq_users_name", "users", "unique"),), recreate="always"),
        ),
    }
)
