"""A program that calls `Operations` on its own connection gets the schema that Alembic gives it."""

from typing import Any

import alembic.migration
import alembic.operations
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmig.compat.alembic.errors import CommandError
from asyncmig.compat.alembic.migration import MigrationContext
from asyncmig.compat.alembic.operations import BatchOperations, Operations, ops
from asyncmig.errors import AsyncmigError
from tests.integration.compat.program import schema, sync_url


def work(op: Any) -> Any:
    """What a program does with `op`."""
    op.create_table(
        "accounts", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.String(50), nullable=False)
    )
    table = sa.table("accounts", sa.column("id", sa.Integer), sa.column("name", sa.String))
    op.bulk_insert(table, [{"id": 1, "name": "Ann"}, {"id": 2, "name": "Bob"}])
    op.add_column("accounts", sa.Column("age", sa.Integer(), nullable=True))
    with op.batch_alter_table("accounts") as batch_op:
        batch_op.alter_column("name", new_column_name="label", existing_type=sa.String(50), existing_nullable=False)
    with op.batch_alter_table("accounts", recreate="auto", table_args=()) as batch_op:
        batch_op.create_unique_constraint("uq_label", ["label"])
    op.execute("UPDATE accounts SET age = 30 WHERE id = 1")
    op.execute(sa.text("UPDATE accounts SET age = :age WHERE id = 2").bindparams(age=40))
    op.create_index("ix_age", "accounts", ["age"])
    return op.get_bind().execute(sa.text("SELECT id, label, age FROM accounts ORDER BY id")).all()


def undo(op: Any) -> None:
    op.drop_index("ix_age", table_name="accounts")
    op.drop_table("accounts")


@pytest.fixture
def sync_engine(database_url: str) -> sa.Engine:
    return sa.create_engine(sync_url(database_url), poolclass=NullPool)


def test_program_gets_the_schema_that_alembic_gives(sync_engine: sa.Engine, database_url: str) -> None:
    found = []
    for kind, context in (
        (alembic.operations.Operations, alembic.migration.MigrationContext),
        (Operations, MigrationContext),
    ):
        with sync_engine.begin() as connection:
            rows = work(kind(context.configure(connection)))  # type: ignore[arg-type]
        with sync_engine.connect() as connection:
            inspector = sa.inspect(connection)
            indexes = [index["name"] for index in inspector.get_indexes("accounts")]
            uniques = [unique["name"] for unique in inspector.get_unique_constraints("accounts")]
        found.append((rows, schema(database_url), sorted(filter(None, indexes)), uniques))
        with sync_engine.begin() as connection:
            undo(kind(context.configure(connection)))  # type: ignore[arg-type]

    assert found[0] == found[1]
    assert found[1][0] == [(1, "Ann", 30), (2, "Bob", 40)]


async def test_program_works_inside_run_sync(engine: AsyncEngine, database_url: str) -> None:
    def use(connection: sa.Connection) -> Any:
        return work(Operations(MigrationContext.configure(connection)))

    async with engine.begin() as connection:
        assert len(await connection.run_sync(use)) == 2

    assert schema(database_url) == {"accounts": ["id", "label", "age"]}


@pytest.mark.postgresql
def test_nothing_is_committed(postgresql_url: str) -> None:
    with sa.create_engine(sync_url(postgresql_url), poolclass=NullPool).connect() as connection:
        work(Operations(MigrationContext.configure(connection)))
        connection.rollback()

    assert schema(postgresql_url) == {}


@pytest.mark.postgresql
async def test_nothing_is_committed_on_an_async_connection(postgresql_url: str) -> None:
    async with create_async_engine(postgresql_url, poolclass=NullPool).connect() as connection:
        await connection.run_sync(lambda sync: work(Operations(MigrationContext.configure(sync))))
        await connection.rollback()

    assert schema(postgresql_url) == {}


async def test_async_function_gets_the_connection(engine: AsyncEngine) -> None:
    async def ask(connection: AsyncConnection, number: int) -> Any:
        return (await connection.execute(sa.select(sa.literal(number)))).scalar()

    async with engine.connect() as connection:
        found = await connection.run_sync(lambda sync: Operations(MigrationContext.configure(sync)).run_async(ask, 7))

    assert found == 7


def test_objects_of_alembic_are_carried_out(sync_engine: sa.Engine, database_url: str) -> None:
    table = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
    inside = ops.ModifyTableOps(
        "t",
        [
            ops.AddColumnOp("t", sa.Column("more", sa.String(9))),
            ops.AlterColumnOp("t", "n", existing_type=sa.Integer(), modify_name="number"),
        ],
    )
    with sync_engine.begin() as connection:
        with Operations.context(MigrationContext.configure(connection)) as op:
            op.invoke(ops.UpgradeOps([ops.CreateTableOp.from_table(table)]))
            with op.batch_alter_table("t") as batch_op:
                assert isinstance(batch_op, BatchOperations)
                for each in inside.ops:
                    batch_op.invoke(each)
            op.invoke(ops.ExecuteSQLOp("INSERT INTO t (id, number, more) VALUES (1, 2, 'x')"))
        with pytest.raises(CommandError, match="which is no operation"):
            op.invoke(object())

    assert schema(database_url) == {"t": ["id", "number", "more"]}


def test_block_that_fails_does_nothing(sync_engine: sa.Engine, database_url: str) -> None:
    with sync_engine.begin() as connection:
        op = Operations(MigrationContext.configure(connection))
        op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True))

        def fail() -> None:
            with op.batch_alter_table("t") as batch_op:
                batch_op.add_column(sa.Column("x", sa.Integer()))
                raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            fail()

    assert schema(database_url) == {"t": ["id"]}


def test_statement_that_fails_is_the_drivers_error(sync_engine: sa.Engine) -> None:
    with sync_engine.connect() as connection:
        op = Operations(MigrationContext.configure(connection))
        with pytest.raises(sa.exc.DBAPIError):
            op.execute("SELECT * FROM nowhere_at_all")
        connection.rollback()
        with pytest.raises(sa.exc.DBAPIError):
            op.drop_table("nowhere_at_all")


async def test_connection_of_another_loop_is_refused(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        op = Operations(MigrationContext.configure(connection.sync_connection))
        with pytest.raises(CommandError, match="works only in the event loop that opened it"):
            op.execute("SELECT 1")


def test_context_without_a_connection_is_refused() -> None:
    for context in (
        MigrationContext.configure(dialect_name="sqlite"),
        MigrationContext.configure(url="sqlite://", opts={"as_sql": True}),
    ):
        with pytest.raises(CommandError, match="need a context with a connection"):
            Operations(context)


@pytest.mark.sqlite
def test_table_that_others_refer_to_is_not_rebuilt_while_that_is_checked(sqlite_url: str) -> None:
    engine = sa.create_engine(sync_url(sqlite_url), poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        connection.commit()
        op = Operations(MigrationContext.configure(connection))
        op.create_table("a", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("x", sa.Integer()))
        op.create_table("b", sa.Column("id", sa.Integer(), sa.ForeignKey("a.id", ondelete="CASCADE")))
        with (
            pytest.raises(AsyncmigError, match="while foreign keys are not enforced"),
            op.batch_alter_table("a") as batch,
        ):
            batch.alter_column("x", nullable=False, existing_type=sa.Integer())
