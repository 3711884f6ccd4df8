"""Object cases: views, functions, triggers and extensions, each in the situations that matter."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from asyncmig.operations import (
    CreateExtension,
    CreateFunction,
    CreateIndex,
    CreateMaterializedView,
    CreateTable,
    CreateTrigger,
    CreateView,
    DropExtension,
    DropFunction,
    DropMaterializedView,
    DropTrigger,
    DropView,
    Execute,
    RefreshMaterializedView,
    ReplaceFunction,
    ReplaceMaterializedView,
    ReplaceTrigger,
    ReplaceView,
)
from tests.integration.conformance.harness import Case, Schema

PG, MY, LITE = "postgresql", "mysql", "sqlite"

USERS = CreateTable.of("users", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.String(40)))
ONE_USER = ("INSERT INTO users (id, name) VALUES (1, 'ada')",)
_users = sa.table("users", sa.column("id", sa.Integer()), sa.column("name", sa.String()))
NAMES = CreateView.of("names", "SELECT id, name FROM users")

TOTALS = CreateMaterializedView.of(
    "totals", "SELECT id, name FROM users", indexes=["CREATE UNIQUE INDEX ix_totals ON totals (name)"]
)


def exists(kind: str, name: str) -> Any:
    def check(schema: Schema) -> None:
        assert (kind, name) in [found[:2] for found in schema.objects]

    return check


def gone(kind: str) -> Any:
    def check(schema: Schema) -> None:
        assert [found for found in schema.objects if found[0] == kind] == []

    return check


VIEWS: Sequence[Case] = (
    Case("create_view", CreateView.of("names", """
        SELECT id,  -- a comment; with % and :colon
               name
        FROM users WHERE name NOT LIKE '100%'
    """), before=(USERS,), rows=ONE_USER, check=exists("view", "names"), rows_after=("SELECT name FROM names", "ada")),
    Case("create_view_of_select", CreateView.of("names", sa.select(_users.c.name).where(_users.c.id == 1)),
         before=(USERS,), rows=ONE_USER, rows_after=("SELECT name FROM names", "ada")),
    Case("create_view_with_options",
         CreateView.of("names", "SELECT id, name FROM users", postgresql_with={"security_barrier": True},
                       mysql_algorithm="merge", mysql_sql_security="invoker"),
         before=(USERS,), rows=ONE_USER, rows_after=("SELECT name FROM names", "ada")),
    Case("replace_view",
         ReplaceView.of("names", "SELECT id, name, id + 1 AS next FROM users"),
         before=(USERS, NAMES), rows=ONE_USER, rows_after=("SELECT next FROM names", 2), reversible=False),
    Case("replace_view_of_other_columns",
         ReplaceView("names", "SELECT name AS label, id FROM users", recreate=True, existing=NAMES),
         before=(USERS, NAMES), rows=ONE_USER, rows_after=("SELECT label FROM names", "ada")),
    Case("replace_view_that_others_are_made_of",
         ReplaceView("names", "SELECT name, id FROM users", recreate=True, existing=NAMES),
         before=(USERS, NAMES, Execute("GRANT SELECT ON names TO PUBLIC"),
                 CreateMaterializedView.of("kept", "SELECT name, id FROM names"),
                 CreateIndex.of("ix_kept", "kept", ["name"]), CreateView.of("shown", "SELECT name FROM kept")),
         on=(PG,), rows=ONE_USER, check=exists("view", "shown"),
         rows_after=("SELECT indexname FROM pg_indexes WHERE tablename = 'kept'", "ix_kept"), own_sql=True),
    Case("drop_view", DropView("names", dropped=NAMES), before=(USERS, NAMES), check=gone("view")),
    Case("drop_view_that_is_not_there", DropView("names", if_exists=True), reversible=False),
    Case("create_materialized_view",
         CreateMaterializedView.of("totals", "SELECT count(*) AS total FROM users", postgresql_with={"fillfactor": 70}),
         before=(USERS,), rows=ONE_USER, on=(PG,), rows_after=("SELECT total FROM totals", 1)),
    Case("replace_materialized_view",
         ReplaceMaterializedView("totals", "SELECT name FROM users", existing=TOTALS), on=(PG,), rows=ONE_USER,
         before=(USERS, TOTALS, CreateView.of("shown", "SELECT name FROM totals")),
         rows_after=("SELECT name FROM shown", "ada")),
    Case("refresh_materialized_view", RefreshMaterializedView("totals"), rows=ONE_USER, on=(PG,),
         before=(USERS, CreateMaterializedView.of("totals", "SELECT count(*) AS total FROM users", with_data=False)),
         rows_after=("SELECT total FROM totals", 1)),
    Case("drop_materialized_view",
         DropMaterializedView("totals", dropped=CreateMaterializedView.of("totals", "SELECT 1 AS one")),
         before=(CreateMaterializedView.of("totals", "SELECT 1 AS one"),), on=(PG,), check=gone("materialized view")),
)  # fmt: skip

ADD = CreateFunction(
    "add_one", "a integer, b text DEFAULT 'x;y'", "RETURNS integer LANGUAGE sql AS $$ SELECT $1 + 1 $$"
)
NEXT = CreateFunction(
    "next_of",
    "a INT",
    """
    RETURNS INT DETERMINISTIC
    BEGIN
        DECLARE b INT DEFAULT 0;
        SET b = a + 1;
        RETURN b;
    END
""",
)

FUNCTIONS: Sequence[Case] = (
    Case("create_function", ADD, on=(PG,), check=exists("function", "add_one"),
         rows_after=("SELECT add_one(1)", 2), own_sql=True),
    Case("create_function_in_plpgsql", CreateFunction("twice", "INOUT a integer", """
        LANGUAGE plpgsql AS $$
        BEGIN
            a := a * 2;
        END
        $$
    """), on=(PG,), rows_after=("SELECT twice(2)", 4), own_sql=True),
    Case("replace_function",
         ReplaceFunction("add_one", ADD.arguments, "RETURNS int LANGUAGE sql AS $$ SELECT $1 + 2 $$", existing=ADD),
         before=(ADD,), on=(PG,), rows_after=("SELECT add_one(1)", 3), own_sql=True),
    Case("drop_function", DropFunction("add_one", ADD.arguments, dropped=ADD), before=(ADD,), on=(PG,),
         check=gone("function"), own_sql=True),
    Case("create_procedure",
         CreateFunction("tidy", "", "LANGUAGE sql AS $$ DELETE FROM users $$", procedure=True), before=(USERS,),
         on=(PG,), own_sql=True),
    Case("create_function_of_mysql", NEXT, on=(MY,), rows_after=("SELECT next_of(1)", 2), own_sql=True),
    Case("replace_function_of_mysql",
         ReplaceFunction("next_of", "a INT", "RETURNS INT DETERMINISTIC RETURN a + 2", existing=NEXT), before=(NEXT,),
         on=(MY,), rows_after=("SELECT next_of(1)", 3), own_sql=True),
    Case("drop_function_of_mysql", DropFunction("next_of", "a INT", dropped=NEXT), before=(NEXT,), on=(MY,),
         check=gone("function"), own_sql=True),
)  # fmt: skip

SHOUT = CreateFunction(
    "shout",
    "",
    """
    RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.name := upper(NEW.name);
        RETURN NEW;
    END
    $$
""",
)
ON_POSTGRESQL = CreateTrigger("shouting", "users", "BEFORE INSERT", "FOR EACH ROW EXECUTE FUNCTION shout()")
ON_MYSQL = CreateTrigger(
    "shouting",
    "users",
    "BEFORE INSERT",
    """
    FOR EACH ROW
    BEGIN
        SET NEW.name = upper(NEW.name);
        SET NEW.name = concat(NEW.name, '!');
    END
""",
)
ON_SQLITE = CreateTrigger(
    "shouting",
    "users",
    "AFTER INSERT",
    """
    FOR EACH ROW
    BEGIN
        UPDATE users SET name = upper(name) WHERE id = NEW.id;
        UPDATE users SET name = name || '!' WHERE id = NEW.id;
    END
""",
)
OTHER_EVENT = "FOR EACH ROW EXECUTE FUNCTION shout()"

TRIGGERS: Sequence[Case] = (
    Case("create_trigger", ON_POSTGRESQL, before=(USERS, SHOUT), on=(PG,), check=exists("trigger", "shouting"),
         own_sql=True),
    Case("create_constraint_trigger",
         CreateTrigger("shouting", "users", "AFTER INSERT",
                       "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION shout()", constraint=True),
         before=(USERS, SHOUT), on=(PG,), own_sql=True),
    Case("replace_trigger",
         ReplaceTrigger("shouting", "users", "BEFORE UPDATE OF name", OTHER_EVENT, existing=ON_POSTGRESQL),
         before=(USERS, SHOUT, ON_POSTGRESQL), on=(PG,), own_sql=True),
    Case("drop_trigger", DropTrigger("shouting", "users", dropped=ON_POSTGRESQL),
         before=(USERS, SHOUT, ON_POSTGRESQL), on=(PG,), check=gone("trigger"), own_sql=True),
    *(
        case
        for kind, made in ((MY, ON_MYSQL), (LITE, ON_SQLITE))
        for case in (
            Case(f"create_trigger_of_{kind}", made, before=(USERS,), on=(kind,), check=exists("trigger", "shouting"),
                 own_sql=True),
            Case(f"replace_trigger_of_{kind}",
                 ReplaceTrigger("shouting", "users", "AFTER UPDATE", "FOR EACH ROW BEGIN DELETE FROM users; END",
                                existing=made),
                 before=(USERS, made), on=(kind,), own_sql=True),
            Case(f"drop_trigger_of_{kind}", DropTrigger("shouting", "users", dropped=made), before=(USERS, made),
                 on=(kind,), check=gone("trigger"), own_sql=True),
        )
    ),
)  # fmt: skip

EXTENSIONS: Sequence[Case] = (
    Case("create_extension", CreateExtension("citext"), on=(PG,), check=exists("extension", "citext")),
    Case("create_extension_that_exists", CreateExtension("plpgsql", if_not_exists=True), on=(PG,), reversible=False),
    Case("drop_extension", DropExtension("citext", dropped=CreateExtension("citext")),
         before=(CreateExtension("citext"),), on=(PG,)),
)  # fmt: skip

OBJECTS: Sequence[Case] = (*VIEWS, *FUNCTIONS, *TRIGGERS, *EXTENSIONS)
