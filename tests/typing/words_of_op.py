"""Only type-checked: what mypy and pyright say of the words of `op`, in each kind of script, and of the API."""

from typing import Any, assert_type

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from asyncmig import Migrator, Operations, RunResult, op, upgrade
from asyncmig.migrator.results import RevisionInfo, RunPlan, Status
from asyncmig.operations import AddColumn
from asyncmig.runtime.ledger import Pending


async def words_of_an_async_script(op: Operations) -> None:
    assert_type(op.add_column("users", sa.Column("role", sa.String(20))), Pending[None])
    assert_type(await op.add_column("users", sa.Column("role", sa.String(20)), if_not_exists=True), None)
    assert_type(await op.create_table("users", sa.Column("id", sa.Integer), comment="people"), sa.Table)
    assert_type(await op.execute("SELECT :n", {"n": 1}), sa.CursorResult[Any])
    assert_type(await op.perform(AddColumn("users", sa.Column("role", sa.String(20)))), None)
    assert_type(op.connection, AsyncConnection)
    assert_type(op.is_offline, bool)
    await op.drop_column("users", "role", schema="app")
    await op.alter_column("users", "role", nullable=False, postgresql_using="role::text")
    assert_type(op.create_view("active", sa.select(sa.literal(1)), postgresql_with={}), Pending[None])
    assert_type(await op.replace_view("active", "SELECT 1", recreate=True), None)
    await op.create_function("f", "a integer", "RETURNS integer LANGUAGE sql AS $$ SELECT a $$", procedure=False)
    await op.alter_enum("mood", ["sad", "ok"], renamed={"fine": "ok"})
    await op.alter_table_options("users", mysql_engine="InnoDB")
    async with op.batch_alter_table("users", recreate="always") as table:
        table.alter_table_options(sqlite_strict=True)
        assert_type(table.add_column(sa.Column("role", sa.String(20)), insert_after="id"), None)
        table.create_index("ix", ["role"], unique=True)
        table.create_foreign_key("fk", "groups", ["group_id"], ["id"], ondelete="CASCADE")
        table.drop_constraint("fk", type_="foreignkey")
        table.alter_column("role", new_column_name="kind")


async def mistakes_of_an_async_script(op: Operations) -> None:
    await op.add_column("users", sa.Column("role"), nullabel=True)  # type: ignore[call-arg]  # pyright: ignore
    await op.drop_table(1)  # type: ignore[arg-type]  # pyright: ignore
    await op.create_trigger("t", "users", "BEFORE UPDATE")  # type: ignore[call-arg]  # pyright: ignore
    await op.drop_view(["a", "b"])  # type: ignore[arg-type]  # pyright: ignore
    await op.rename_table("users")  # type: ignore[call-arg]  # pyright: ignore


def words_of_a_plain_script() -> None:
    assert_type(op.add_column("users", sa.Column("role", sa.String(20))), None)
    assert_type(op.create_table("users", sa.Column("id", sa.Integer)), sa.Table)
    assert_type(op.execute("SELECT 1"), sa.CursorResult[Any])
    assert_type(op.get_bind(), sa.Connection)
    with op.batch_alter_table("users") as batch_op:
        batch_op.drop_column("role")
        batch_op.create_unique_constraint("uq", ["role"])


def mistakes_of_a_plain_script() -> None:
    op.add_column("users", sa.Column("role"), nullabel=True)  # type: ignore[call-arg]  # pyright: ignore
    op.create_index("ix", "users")  # type: ignore[call-arg]  # pyright: ignore


async def the_api() -> None:
    assert_type(await upgrade("sqlite://", "migrations"), RunResult)
    async with Migrator("sqlite://", "migrations", metadata=sa.MetaData()) as migrator:
        assert_type(migrator, Migrator)
        result = await migrator.upgrade("heads", phase="expand")
        assert_type(result.heads, tuple[str, ...])
        assert_type(await migrator.plan("head"), RunPlan)
        assert_type(await migrator.status(), Status)
        assert_type(await migrator.current(), tuple[RevisionInfo, ...])
        assert_type(await migrator.sql("a:b", direction="downgrade"), str)
        await migrator.upgrade("heads", phase="before")  # type: ignore[arg-type]  # pyright: ignore
