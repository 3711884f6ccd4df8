"""Runs of whole histories on every database: forms, results, events, transactions, failures."""

from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import MetaData, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from asyncmig import upgrade
from asyncmig.errors import (
    HistoryMismatchError,
    OperationError,
    RevisionFailedError,
    ScriptError,
    UnawaitedOperationError,
)
from asyncmig.events import Event, OperationDone, RevisionDone, RevisionFailed, RunDone, RunStarted
from tests.project import Project

CREATE = (
    'await op.create_table("users", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))'
)
DROP = 'await op.drop_table("users")'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


async def tables(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    return {name for name in names if not name.startswith("asyncmig_")}


def _line_of(path: Path, words: str) -> int:
    """The number of the line of *path* that begins with *words*."""
    lines = path.read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.strip().startswith(words))


async def scalar(engine: AsyncEngine, sql: str) -> Any:
    async with engine.connect() as connection:
        return await connection.scalar(text(sql))


async def test_three_script_forms_mix_in_one_history(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", CREATE, DROP)
    project.revision(
        "bbbb",
        """
        op.add_column("users", sa.Column("role", sa.String(20), server_default="user"))
        bind = op.get_bind()
        assert "role" in {column["name"] for column in sa.inspect(bind).get_columns("users")}
        from sqlalchemy.orm import Session
        with Session(bind=bind) as session:
            session.execute(sa.text("INSERT INTO users (id, name) VALUES (1, 'ada')"))
            session.commit()
        """,
        'op.drop_column("users", "role")',
        style="plain",
    )
    project.revision(
        "cccc",
        """
        with op.batch_alter_table("users") as batch_op:
            batch_op.alter_column("name", existing_type=sa.String(20), nullable=False)
            batch_op.create_index(batch_op.f("ix_users_role"), ["role"], unique=False)
        """,
        """
        with op.batch_alter_table("users") as batch_op:
            batch_op.drop_index("ix_users_role")
            batch_op.alter_column("name", existing_type=sa.String(20), nullable=True)
        """,
        style="alembic",
    )
    async with project.migrator(engine) as migrator:
        result = await migrator.upgrade("head")
        assert [one.revision for one in result.applied] == ["aaaa", "bbbb", "cccc"]
        assert result.heads == ("cccc",)
        assert await scalar(engine, "SELECT role FROM users") == "user"
        assert [one.id for one in await migrator.current()] == ["cccc"]
        assert not await migrator.upgrade("head")
        assert (await migrator.downgrade("-1")).heads == ("bbbb",)
        assert (await migrator.downgrade("base")).heads == ()
        assert await tables(engine) == set()
        log = await migrator.log()
    assert [(one.revision, one.direction, one.outcome) for one in reversed(log)] == [
        ("aaaa", "upgrade", "done"),
        ("bbbb", "upgrade", "done"),
        ("cccc", "upgrade", "done"),
        ("cccc", "downgrade", "done"),
        ("bbbb", "downgrade", "done"),
        ("aaaa", "downgrade", "done"),
    ]
    assert all(one.checksum and len(one.checksum) == 64 and one.host for one in log)


async def test_execute_gives_rows_back_and_binds_parameters(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", CREATE)
    project.revision(
        "bbbb",
        """
        two = [{"id": 1, "name": "a"}, {"id": 2, "name": "b'c"}]
        await op.execute("INSERT INTO users (id, name) VALUES (:id, :name)", two)
        rows = await op.execute("SELECT name FROM users WHERE id = :id", {"id": 2})
        assert rows.scalar_one() == "b'c"
        users = sa.table("users", sa.column("id", sa.Integer), sa.column("name", sa.String))
        await op.bulk_insert(users, ({"id": n, "name": f"n{n}"} for n in range(3, 2003)))
        assert (await op.execute(sa.select(sa.func.count()).select_from(users))).scalar_one() == 2002
        """,
    )
    async with project.migrator(engine) as migrator:
        await migrator.upgrade()


async def test_run_calls_async_and_plain_functions_with_the_connection(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", CREATE)
    project.revision(
        "bbbb",
        """
        async def fill(connection, name):
            await connection.execute(sa.text("INSERT INTO users (id, name) VALUES (1, :name)"), {"name": name})
            return 7

        def count(connection):
            return connection.scalar(sa.text("SELECT count(*) FROM users"))

        assert await op.run(fill, "ada") == 7
        assert await op.run(count) == 1
        assert not op.is_offline and op.dialect.name in ("sqlite", "postgresql", "mysql")
        assert (await op.connection.scalar(sa.text("SELECT name FROM users"))) == "ada"
        """,
    )
    async with project.migrator(engine) as migrator:
        await migrator.upgrade()
    assert await scalar(engine, "SELECT name FROM users") == "ada"


async def test_events_tell_the_run(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", CREATE)
    events: list[Event] = []
    async with project.migrator(engine, events=events) as migrator:
        await migrator.upgrade()
    assert events[0] == RunStarted("upgrade", ("aaaa",))
    assert [event.verb for event in events if isinstance(event, OperationDone)] == ["create_table"]
    assert [(event.revision, event.position, event.total) for event in events if isinstance(event, RevisionDone)] == [
        ("aaaa", 1, 1)
    ]
    assert isinstance(events[-1], RunDone)


FAILING = """
await op.create_table("first", sa.Column("id", sa.Integer, primary_key=True))
await op.execute("INSERT INTO no_such_table VALUES (1)")
"""


@pytest.mark.parametrize("multiinsert", [True, False])
async def test_bulk_insert_into_a_column_that_is_not_given_is_refused(
    project: Project, sqlite_url: str, multiinsert: bool
) -> None:
    rows = '[{"id": 1}, {"id": 2, "nam": "b"}]'
    project.revision(
        "aaaa",
        f"""
        {CREATE}
        await op.bulk_insert(sa.table("users", sa.column("id")), {rows}, multiinsert={multiinsert})
        """,
    )
    async with project.migrator(sqlite_url) as migrator:
        with pytest.raises(RevisionFailedError, match="table users is given without the column nam") as caught:
            await migrator.upgrade()
    assert caught.value.hint == 'sa.table("users", sa.column("id"), sa.column("nam"))'


async def test_naming_convention_of_the_metadata_names_and_drops(project: Project, engine: AsyncEngine) -> None:
    convention = {
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    }
    project.revision(
        "aaaa",
        """
        await op.create_table("users", sa.Column("id", sa.Integer, primary_key=True), sa.Column("age", sa.Integer))
        await op.create_table(
            "posts",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id")),
            sa.Column("rank", sa.Integer),
            sa.CheckConstraint("rank > 0", name="positive"),
        )
        await op.create_unique_constraint(None, "users", ["age"])
        await op.create_check_constraint("adult", "users", "age > 17")
        await op.create_check_constraint(op.f("by_itself"), "users", "age < 300")
        await op.create_index(None, "posts", ["rank"])
        """,
        """
        await op.drop_index(op.f("ix_posts_rank"), "posts")
        await op.drop_constraint(op.f("by_itself"), "users", type_="check")
        await op.drop_constraint("adult", "users", type_="check")
        await op.drop_constraint("uq_users_age", "users", type_="unique")
        await op.drop_constraint("positive", "posts", type_="check")
        await op.drop_constraint("fk_posts_user_id_users", "posts", type_="foreignkey")
        """,
    )

    def names(sync: Any) -> set[str]:
        look = inspect(sync)
        found = [
            *look.get_foreign_keys("posts"),
            *look.get_check_constraints("posts"),
            *look.get_check_constraints("users"),
            *look.get_unique_constraints("users"),
            *look.get_indexes("posts"),
        ]
        return {str(one["name"]) for one in found}

    async with project.migrator(engine, metadata=MetaData(naming_convention=convention)) as migrator:
        await migrator.upgrade()
        async with engine.connect() as connection:
            assert await connection.run_sync(names) >= {
                "fk_posts_user_id_users",
                "ck_posts_positive",
                "ck_users_adult",
                "by_itself",
                "uq_users_age",
                "ix_posts_rank",
            }
        await migrator.downgrade("base")
        async with engine.connect() as connection:
            left = await connection.run_sync(names)
    assert left <= {"fk_posts_user_id_users"}, "MySQL keeps the index of the key, and nothing else stays"


async def test_failure_names_revision_line_and_what_is_left(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", CREATE, DROP)
    path = project.revision("bbbb", FAILING)
    events: list[Event] = []
    async with project.migrator(engine, events=events) as migrator:
        with pytest.raises(RevisionFailedError) as caught:
            await migrator.upgrade()
        error = caught.value
        assert error.revision == "bbbb" and error.applied == ("aaaa",) and error.path == path
        assert error.line == path.read_text().splitlines().index("    " + FAILING.strip().splitlines()[1]) + 1
        assert "no_such_table" in str(error) and error.__cause__ is not None
        assert any(isinstance(event, RevisionFailed) for event in events)
        if engine.dialect.name == "mysql":
            assert error.exit_code == 23 and error.left == ("create table first (id)",)
            assert "first" in await tables(engine)
        else:
            assert error.exit_code == 22 and error.left == ()
            assert await tables(engine) == {"users"}
        assert [one.id for one in await migrator.current()] == ["aaaa"]
        assert [one.outcome for one in await migrator.log()] == ["failed", "done"]


async def test_log_tells_how_long_a_revision_ran_before_it_failed(project: Project, sqlite_url: str) -> None:
    project.revision("aaaa", "import anyio\nawait anyio.sleep(0.2)\nraise ValueError")
    async with project.migrator(sqlite_url) as migrator:
        with pytest.raises(RevisionFailedError):
            await migrator.upgrade()
        (entry,) = await migrator.log()
    assert (entry.outcome, entry.error) == ("failed", "ValueError")
    assert entry.duration >= 0.2


async def test_one_transaction_for_the_whole_run_takes_all_back(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", CREATE, DROP)
    project.revision("bbbb", FAILING)
    async with project.migrator(engine, transaction="run") as migrator:
        with pytest.raises(RevisionFailedError) as caught:
            await migrator.upgrade()
        if engine.dialect.name == "mysql":
            # DDL commits there, so the first revision and its row stay, and the error says so.
            assert caught.value.applied == ("aaaa",)
            assert [one.id for one in await migrator.current()] == ["aaaa"]
        else:
            assert caught.value.applied == ()
            assert await tables(engine) == set()
            assert await migrator.current() == ()


async def test_external_transaction_stays_the_callers(project: Project, engine: AsyncEngine) -> None:
    if engine.dialect.name == "mysql":
        pytest.skip("DDL commits by itself on MySQL")
    project.revision("aaaa", CREATE, DROP)
    async with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            await connection.exec_driver_sql("BEGIN")
        transaction = await connection.begin() if not connection.in_transaction() else connection
        async with project.migrator(connection) as migrator:
            assert (await migrator.upgrade()).heads == ("aaaa",)
        await transaction.rollback()
    assert await tables(engine) == set()


async def test_autocommit_block_in_both_forms(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", CREATE, DROP)
    project.revision(
        "bbbb",
        """
        async with op.get_context().autocommit_block():
            await op.execute("INSERT INTO users (id, name) VALUES (1, 'a')")
        await op.execute("INSERT INTO users (id, name) VALUES (2, 'b')")
        """,
    )
    project.revision(
        "cccc",
        """
        with op.get_context().autocommit_block():
            op.execute("INSERT INTO users (id, name) VALUES (3, 'c')")
        op.execute("INSERT INTO users (id, name) VALUES (4, 'd')")
        """,
        style="plain",
    )
    project.revision("dddd", "await op.execute('UPDATE users SET name = name')", extra="transactional = False")
    async with project.migrator(engine) as migrator:
        await migrator.upgrade()
    assert await scalar(engine, "SELECT count(*) FROM users") == 4


async def test_failure_after_an_autocommit_block_says_what_is_left(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", CREATE, DROP)
    project.revision(
        "bbbb",
        """
        async with op.get_context().autocommit_block():
            await op.execute("INSERT INTO users (id, name) VALUES (1, 'a')")
        await op.execute("INSERT INTO users (id, name) VALUES (2, 'b')")
        await op.execute("INSERT INTO nowhere VALUES (1)")
        """,
    )
    async with project.migrator(engine) as migrator:
        with pytest.raises(RevisionFailedError) as caught:
            await migrator.upgrade()
    assert caught.value.exit_code == 23
    assert caught.value.left == ("execute INSERT INTO users (id, name) VALUES (1, 'a')",)
    assert await scalar(engine, "SELECT count(*) FROM users") == 1


async def test_forgotten_await_stops_before_the_next_operation(project: Project, engine: AsyncEngine) -> None:
    # The call is hidden from the reading of the file, so the ledger has to find it.
    project.revision(
        "aaaa",
        f"""
        {CREATE}
        words = [op.drop_table]
        words[0]("users")
        await op.execute("SELECT 1")
        """,
    )
    async with project.migrator(engine) as migrator:
        with pytest.raises((UnawaitedOperationError, RevisionFailedError)) as caught:
            await migrator.upgrade()
        assert "drop_table" in str(caught.value) and "await" in str(caught.value)
        assert await migrator.current() == ()


async def test_forgotten_await_at_the_end_is_found(project: Project, sqlite_url: str) -> None:
    project.revision("aaaa", 'drop = op.drop_table\nwaiting = drop("users")')
    async with project.migrator(sqlite_url) as migrator:
        with pytest.raises(UnawaitedOperationError, match="was not awaited"):
            await migrator.upgrade()


async def test_forgotten_await_is_found_while_reading(project: Project, sqlite_url: str) -> None:
    path = project.revision("aaaa", 'op.drop_table("users")')
    async with project.migrator(sqlite_url) as migrator:
        with pytest.raises(UnawaitedOperationError) as caught:
            await migrator.upgrade()
    assert caught.value.path == path and caught.value.verb == "drop_table"
    assert 'await op.drop_table("users")' in str(caught.value)


async def test_block_that_is_never_entered_is_an_error(project: Project, sqlite_url: str) -> None:
    project.revision("aaaa", 'op.batch_alter_table("users")\nawait op.execute("SELECT 1")')
    async with project.migrator(sqlite_url) as migrator:
        with pytest.raises(ScriptError, match="batch_alter_table"):
            await migrator.upgrade()


async def test_module_level_op_in_an_async_script_is_refused(project: Project, sqlite_url: str) -> None:
    path = project.revision("aaaa", 'from asyncmig import op as module_op\nmodule_op.execute("SELECT 1")')
    async with project.migrator(sqlite_url) as migrator:
        with pytest.raises(ScriptError, match="in async code") as caught:
            await migrator.upgrade()
    assert (caught.value.path, caught.value.line) == (path, _line_of(path, "module_op.execute"))


@pytest.mark.parametrize(
    "call",
    ["get_bind()", "connection", 'batch_alter_table("users")', "run_async(print)"],
)
async def test_words_of_the_module_level_op_that_wait_are_refused_in_an_async_script(
    project: Project, sqlite_url: str, call: str
) -> None:
    path = project.revision("aaaa", f"from asyncmig import op as module_op\nmodule_op.{call}")
    async with project.migrator(sqlite_url) as migrator:
        with pytest.raises(ScriptError, match="in async code") as caught:
            await migrator.upgrade()
    assert (caught.value.path, caught.value.line) == (path, _line_of(path, "module_op."))


@pytest.mark.parametrize(
    ("body", "line", "hint"),
    [
        ("with op.get_context().autocommit_block():\n    pass", "with op", "async with op.get_context()"),
        ('with op.batch_alter_table("users"):\n    pass', "with op", 'async with op.batch_alter_table("users") as'),
        ('await op.batch_alter_table("users")', "await op", 'async with op.batch_alter_table("users") as'),
        ('block = op.batch_alter_table("users")', "block =", 'async with op.batch_alter_table("users") as table:'),
    ],
)
async def test_block_that_is_used_in_the_wrong_way_shows_the_right_one(
    project: Project, sqlite_url: str, body: str, line: str, hint: str
) -> None:
    path = project.revision("aaaa", body)
    async with project.migrator(sqlite_url) as migrator:
        with pytest.raises(ScriptError) as caught:
            await migrator.upgrade()
    assert (caught.value.path, caught.value.line) == (path, _line_of(path, line))
    assert hint in str(caught.value.hint)


async def test_forgotten_await_of_a_value_shows_the_call_with_await(project: Project, sqlite_url: str) -> None:
    project.revision("aaaa", 'rows = op.execute("SELECT 1")')
    async with project.migrator(sqlite_url) as migrator:
        with pytest.raises(UnawaitedOperationError) as caught:
            await migrator.upgrade()
    assert str(caught.value.hint).splitlines() == [
        '    op.execute("SELECT 1")          # incorrect',
        '    await op.execute("SELECT 1")    # correct',
    ]


async def test_op_used_while_the_file_is_read_is_refused(project: Project, sqlite_url: str) -> None:
    path = project.revision("aaaa", style="plain", extra='op.execute("SELECT 1")')
    async with project.migrator(sqlite_url) as migrator:
        with pytest.raises(ScriptError, match=r"op\.execute was used while no revision runs") as caught:
            await migrator.upgrade()
    assert (caught.value.path, caught.value.line) == (path, _line_of(path, "op.execute"))


async def test_unknown_row_is_named(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", CREATE, DROP)
    async with project.migrator(engine) as migrator:
        await migrator.upgrade()
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE asyncmig_version SET version_num = 'gone'"))
        for ask in (migrator.current, migrator.upgrade, lambda: migrator.downgrade("base")):
            with pytest.raises(HistoryMismatchError, match="gone") as caught:
                await ask()
            assert caught.value.exit_code == 14
        assert (await migrator.status()).unknown == ("gone",)
        await migrator.stamp("aaaa", purge=True)
        assert [one.id for one in await migrator.current()] == ["aaaa"]


async def test_id_longer_than_the_version_column_is_refused_before_anything(
    project: Project, engine: AsyncEngine
) -> None:
    project.revision("a" * 40, CREATE, DROP)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    async with project.migrator(engine, version_table="alembic_version") as migrator:
        if engine.dialect.name != "sqlite":  # which takes any length
            with pytest.raises(HistoryMismatchError, match="holds 32") as caught:
                await migrator.upgrade()
            assert "asyncmig ensure_version --widen" in (caught.value.hint or "")
            assert await tables(engine) == {"alembic_version"}
        await migrator.ensure_version(widen=True)
        await migrator.ensure_version(widen=True)
        assert (await migrator.upgrade()).heads == ("a" * 40,)


async def test_id_longer_than_any_version_column_is_to_be_shortened(project: Project, postgresql_url: str) -> None:
    project.revision("a" * 100, CREATE, DROP).rename(project.versions / "long.py")
    path = project.versions / "long.py"
    path.write_text(path.read_text().replace("a" * 100, "a" * 300))
    async with project.migrator(postgresql_url) as migrator:
        with pytest.raises(HistoryMismatchError, match="holds 255") as caught:
            await migrator.upgrade()
    assert caught.value.hint == "Give the revision a shorter id."


async def test_reading_never_writes(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", CREATE, DROP)
    async with project.migrator(engine) as migrator:
        await migrator.current()
        await migrator.status()
        await migrator.plan()
        await migrator.log()
        await migrator.pending()
        await migrator.history(indicate_current=True)
        await migrator.lock_holder()
    async with engine.connect() as connection:
        assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == []


async def test_nothing_to_do_makes_no_table(project: Project, engine: AsyncEngine) -> None:
    async with project.migrator(engine) as migrator:
        assert not await migrator.upgrade()
        assert not await migrator.downgrade("base")
    async with engine.connect() as connection:
        assert await connection.run_sync(lambda sync: inspect(sync).get_table_names()) == []


async def test_plan_shows_operations_in_words(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", CREATE, DROP)
    project.revision("bbbb", "rows = await op.execute('SELECT 1')\nrows.all()\nawait op.drop_table('users')")
    async with project.migrator(engine) as migrator:
        plan = await migrator.plan()
    first, second = plan.moves
    assert first.descriptions == ("create table users (id, name)",) and first.complete
    assert second.descriptions == ("execute SELECT 1",) and not second.complete and second.note


async def test_stamp_moves_rows_without_running(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", CREATE, DROP)
    project.revision("bbbb", "raise AssertionError")
    async with project.migrator(engine) as migrator:
        assert (await migrator.stamp("head")).heads == ("bbbb",)
        assert await tables(engine) == set()
        assert (await migrator.stamp("base")).heads == ()


async def test_branches_merge_and_dependencies_keep_rows_right(project: Project, engine: AsyncEngine) -> None:
    """a -> b1 -> m
    -> b2 ->/      c (base, depends on b1)
    """
    project.revision("aaaa")
    project.revision("bbb1", down="aaaa", labels=("one",))
    project.revision("bbb2", down="aaaa", labels=("two",))
    project.revision("cccc", down=None, depends="bbb1")
    async with project.migrator(engine) as migrator:
        assert set((await migrator.upgrade("heads")).heads) == {"bbb2", "cccc"}
        assert await migrator.is_at_heads()
        await migrator.downgrade("base")
        assert set((await migrator.upgrade("one@head")).heads) == {"bbb1"}
        project.revision("mmmm", down=("bbb1", "bbb2"))
    async with project.migrator(engine) as migrator:
        assert set((await migrator.upgrade("heads")).heads) == {"cccc", "mmmm"}
        assert (await migrator.downgrade("base")).heads == ()


async def test_one_liner(project: Project, engine: AsyncEngine) -> None:
    project.revision("aaaa", CREATE, DROP)
    assert (await upgrade(engine, project.location)).heads == ("aaaa",)
    assert not await upgrade(make_url(engine.url.render_as_string(hide_password=False)), project.location)


async def test_sync_url_is_taken_to_its_async_driver(project: Project, database_url: str) -> None:
    project.revision("aaaa", CREATE, DROP)
    url = make_url(database_url)
    sync = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg2", "mysql": "mysql+pymysql"}[url.get_backend_name()]
    plain = url.set(drivername=sync).render_as_string(hide_password=False)
    assert (await upgrade(plain, project.location)).heads == ("aaaa",)


async def test_statement_that_cannot_run_in_an_external_transaction_is_refused(
    project: Project, postgresql_url: str
) -> None:
    from sqlalchemy.ext.asyncio import create_async_engine

    project.revision("aaaa", CREATE, DROP)
    project.revision("bbbb", 'await op.create_index("ix_users_name", "users", ["name"], postgresql_concurrently=True)')
    engine = create_async_engine(postgresql_url)
    try:
        async with engine.connect() as connection:
            await connection.begin()
            async with project.migrator(connection) as migrator:
                with pytest.raises((OperationError, RevisionFailedError), match="inside a transaction"):
                    await migrator.upgrade()
        async with project.migrator(engine) as migrator:
            assert (await migrator.upgrade()).heads == ("bbbb",)
        async with engine.connect() as connection:
            valid = await connection.scalar(
                text("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_users_name'::regclass")
            )
            assert valid is True
    finally:
        await engine.dispose()


@pytest.mark.parametrize("transaction", ["revision", "run"])
async def test_version_row_that_a_script_has_changed_is_noticed_and_nothing_is_committed(
    project: Project, engine: AsyncEngine, transaction: str
) -> None:
    project.revision("aaaa", "await op.create_table('t', sa.Column('id', sa.Integer))")
    project.revision("bbbb", "await op.execute(\"UPDATE asyncmig_version SET version_num = 'elsewhere'\")")
    async with project.migrator(engine, transaction=transaction) as migrator:
        await migrator.upgrade("aaaa")
        with pytest.raises(RevisionFailedError, match="'aaaa' of asyncmig_version was changed by somebody else"):
            await migrator.upgrade()
        assert [one.id for one in await migrator.current()] == ["aaaa"]
        assert [entry.outcome for entry in await migrator.log()] == ["failed", "done"]


async def test_what_fails_with_the_commit_is_rolled_back(project: Project, postgresql_url: str) -> None:
    project.revision(
        "aaaa",
        """
        await op.create_table("parent", sa.Column("id", sa.Integer, primary_key=True))
        await op.create_table("child", sa.Column("parent", sa.Integer, sa.ForeignKey(
            "parent.id", name="fk", deferrable=True, initially="DEFERRED")))
        """,
    )
    project.revision("bbbb", 'await op.execute("INSERT INTO child VALUES (1)")')
    engine = create_async_engine(postgresql_url)
    async with project.migrator(engine) as migrator:
        await migrator.upgrade("aaaa")
        with pytest.raises(RevisionFailedError, match="violates foreign key constraint"):
            await migrator.upgrade()
        assert [one.id for one in await migrator.current()] == ["aaaa"]
        project.revision("bbbb", 'await op.execute("INSERT INTO parent VALUES (1)")', down="aaaa")
    async with project.migrator(engine) as migrator:
        assert (await migrator.upgrade()).heads == ("bbbb",)
    await engine.dispose()


@pytest.mark.parametrize("level", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE", "AUTOCOMMIT"])
async def test_engine_of_any_isolation_level(project: Project, database_url: str, level: str) -> None:
    project.revision("aaaa", "await op.create_table('t', sa.Column('id', sa.Integer))", "await op.drop_table('t')")
    project.revision("bbbb", "await op.execute('INSERT INTO t VALUES (1)')\nawait op.execute('SELECT * FROM nowhere')")
    if database_url.startswith("sqlite") and level not in ("SERIALIZABLE", "AUTOCOMMIT"):
        level = "READ UNCOMMITTED"
    engine = create_async_engine(database_url, isolation_level=level)
    async with project.migrator(engine) as migrator:
        with pytest.raises(RevisionFailedError, match="nowhere"):
            await migrator.upgrade()
        assert [one.id for one in await migrator.current()] == ["aaaa"]
        assert await scalar(engine, "SELECT count(*) FROM t") == 0
        # The connection that goes back to the pool is as it was.
        async with engine.connect() as connection:
            await connection.execute(text("INSERT INTO t VALUES (1)"))
        assert await scalar(engine, "SELECT count(*) FROM t") == (level == "AUTOCOMMIT")
        await migrator.downgrade("base")
        assert await migrator.current() == ()
    await engine.dispose()


async def test_engine_over_a_pool_of_asyncpg(project: Project, postgresql_url: str) -> None:
    project.revision("aaaa", "await op.create_table('t', sa.Column('id', sa.Integer))", "await op.drop_table('t')")
    project.revision("bbbb", "await op.execute('INSERT INTO t VALUES (1)')\nawait op.execute('SELECT * FROM nowhere')")
    url = make_url(postgresql_url).set(drivername="postgresql").render_as_string(hide_password=False)
    async with asyncpg.create_pool(url) as pool:
        engine = create_async_engine("postgresql+asyncpg://", async_creator=pool.acquire, poolclass=NullPool)
        async with project.migrator(engine) as migrator:
            with pytest.raises(RevisionFailedError, match="nowhere"):
                await migrator.upgrade()
            assert [one.id for one in await migrator.current()] == ["aaaa"]
            assert await scalar(engine, "SELECT count(*) FROM t") == 0
            await migrator.downgrade("base")
        await engine.dispose()
        pool.terminate()
