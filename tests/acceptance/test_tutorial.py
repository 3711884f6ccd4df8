"""What a tutorial on migrations teaches, from its first command to its last pattern.

Commands are run as a user runs them; operations and patterns by a Migrator, on every database, in every form of file.
"""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import StaticPool

from asyncmig import Migrator
from tests.acceptance.command import Project
from tests.acceptance.databases import columns, execute, indexes, look, rows, tables
from tests.acceptance.revisions import FORMS, Revisions

USERS = """
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("username", sa.String(50), nullable=False),
        sa.Column("email", sa.String(100)),
        sa.Column("first_name", sa.String(50)),
        sa.Column("last_name", sa.String(50)),
        sa.Column("age", sa.Integer()),
        sa.Column("is_active", sa.Boolean()),
        sa.Column("email_verified", sa.Boolean()),
        sa.Column("status", sa.String(20)),
        sa.Column("old_column", sa.String(20)),
        sa.Column("old_name", sa.String(20)),
    )
"""
ADA = (
    "INSERT INTO users (id, username, email, first_name, last_name, age, status, email_verified, old_name) "
    "VALUES (1, 'ada', 'ada@example.org', 'Ada', 'Lovelace', 36, 'pending', false, 'x')"
)


@pytest.fixture(params=FORMS)
def revisions(request: pytest.FixtureRequest, tmp_path: Path) -> Revisions:
    """A directory of revisions whose first creates a table of users, in each form in turn."""
    made = Revisions(tmp_path / "migrations", request.param)
    made.add(USERS, 'op.drop_table("users")')
    return made


async def upgrade(url: str, revisions: Revisions, target: str = "head") -> tuple[str, ...]:
    async with Migrator(url, revisions.root) as migrator:
        return tuple(one.revision for one in (await migrator.upgrade(target)).applied)


async def downgrade(url: str, revisions: Revisions, target: str) -> tuple[str, ...]:
    async with Migrator(url, revisions.root) as migrator:
        return tuple(one.revision for one in (await migrator.downgrade(target)).applied)


async def go_back_step_by_step(url: str, revisions: Revisions) -> None:
    """Revert one revision after the other; at the end nothing is left."""
    for revision in reversed(revisions.ids):
        assert await downgrade(url, revisions, "-1") == (revision,)
    assert await tables(url) == set()


# -- the command line


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An initialised project whose URL stands in the environment."""
    project = Project(tmp_path, {"DATABASE_URL": f"sqlite:///{tmp_path / 'app.db'}"})
    project.run("init", "migrations")
    return project


def new_revision(project: Project, message: str, upgrade: str = "", downgrade: str = "", *options: str) -> str:
    """Write a revision with the command, fill its functions in as a user would in an editor, and give its id."""
    project.run("revision", "-m", message, *options)
    slug = message.replace(" ", "_")
    (path,) = (project.root / "migrations" / "versions").glob(f"*_{slug}.py")
    text = path.read_text()
    for body in (upgrade, downgrade):
        if body:
            text = text.replace("    pass", f"    {body}", 1)
    path.write_text(text)
    found = re.search(r'^revision = "(\w+)"', text, re.MULTILINE)
    assert found is not None
    return found[1]


def three_revisions(project: Project) -> list[str]:
    return [
        new_revision(
            project,
            f"create {name}",
            f'await op.create_table("{name}", sa.Column("id", sa.Integer(), primary_key=True))',
            f'await op.drop_table("{name}")',
        )
        for name in ("users", "posts", "comments")
    ]


def current(project: Project) -> str:
    return project.out("current").strip()


@pytest.mark.parametrize(
    ("template", "settings", "signature"),
    [
        ("async", "asyncmig.toml", "async def upgrade(op: Operations)"),
        ("sync", "asyncmig.toml", "def upgrade() -> None"),
        ("pyproject", "pyproject.toml", "async def upgrade(op: Operations)"),
    ],
)
def test_init_makes_a_project_that_works(tmp_path: Path, template: str, settings: str, signature: str) -> None:
    project = Project(tmp_path, {"DATABASE_URL": f"sqlite:///{tmp_path / 'app.db'}"})
    project.run("init", "-t", template, "migrations")
    made = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")}
    assert {
        settings,
        "migrations/README",
        "migrations/env.py",
        "migrations/script.py.mako",
        "migrations/versions",
    } <= made
    project.run("revision", "-m", "first tables")
    (path,) = (tmp_path / "migrations" / "versions").glob("*_first_tables.py")
    assert signature in path.read_text()
    project.run("upgrade", "head")
    assert current(project) == f"{path.name.partition('_')[0]} (head)"


def test_url_comes_from_the_environment_or_from_the_settings(project: Project) -> None:
    three_revisions(project)
    project.run("upgrade", "head")
    assert (project.root / "app.db").is_file()
    settings = project.root / "asyncmig.toml"
    settings.write_text(settings.read_text().replace("env:DATABASE_URL", "sqlite:///other.db"))
    project.run("upgrade", "head")
    assert (project.root / "other.db").is_file()
    project.variables["ASYNCMIG_URL"] = "sqlite:///third.db"
    project.run("upgrade", "head")
    assert (project.root / "third.db").is_file()


def test_missing_variable_is_named(project: Project) -> None:
    three_revisions(project)
    project.variables.clear()
    assert "DATABASE_URL" in project.run("upgrade", "head", code=2).err


def test_env_py_may_choose_the_database(project: Project) -> None:
    three_revisions(project)
    settings = project.root / "asyncmig.toml"
    settings.write_text(settings.read_text().replace('url = "env:DATABASE_URL"', ""))
    (project.root / "migrations" / "env.py").write_text(
        "import os\n\n"
        "from sqlalchemy.ext.asyncio import create_async_engine\n\n"
        "from asyncmig import Environment\n\n"
        'url = os.environ["SQLITE_URL"] if os.environ["DB_TYPE"] == "sqlite" else os.environ["POSTGRESQL_URL"]\n'
        "environment = Environment(engine=create_async_engine(url))\n"
    )
    project.variables = {"DB_TYPE": "sqlite", "SQLITE_URL": "sqlite+aiosqlite:///chosen.db"}
    project.run("upgrade", "head")
    assert (project.root / "chosen.db").is_file()


def test_upgrade_and_downgrade_take_every_kind_of_target(project: Project) -> None:
    first, second, third = three_revisions(project)
    project.run("upgrade", "+2")
    assert current(project) == second
    project.run("upgrade", third)
    assert current(project) == f"{third} (head)"
    project.run("downgrade", "-1")
    assert current(project) == second
    project.run("downgrade", first[:5])
    assert current(project) == first
    project.run("downgrade", "base")
    assert current(project) == ""
    project.run("upgrade", "head")
    project.run("upgrade", "head")
    assert current(project) == f"{third} (head)"


def test_sql_is_printed_and_not_executed(project: Project) -> None:
    first, second, third = three_revisions(project)
    script = project.out("upgrade", "head", "--sql")
    assert [line for line in script.splitlines() if "CREATE TABLE" in line] == [
        "CREATE TABLE asyncmig_version (",
        "CREATE TABLE users (",
        "CREATE TABLE posts (",
        "CREATE TABLE comments (",
    ]
    assert current(project) == ""
    script = project.out("upgrade", f"{first}:{second}", "--sql")
    assert "CREATE TABLE posts" in script
    assert "CREATE TABLE users" not in script
    script = project.out("downgrade", f"{third}:{second}", "--sql")
    assert "DROP TABLE comments" in script
    # Printing asks no database, so it has to be told where the database is.
    assert "--sql" in project.run("downgrade", "-1", "--sql", code=2).err


def test_status_commands(project: Project) -> None:
    first, second, third = three_revisions(project)
    project.run("upgrade", "+1")
    assert current(project) == first
    assert project.out("history").splitlines() == [
        f"{second} -> {third} (head), create comments",
        f"{first} -> {second}, create posts",
        f"<base> -> {first}, create users",
    ]
    verbose = project.out("history", "--verbose")
    assert f"Rev: {second}" in verbose
    assert f"Parent: {first}" in verbose
    assert "_create_posts.py" in verbose
    assert project.out("history", "-r", f"{first}:{second}").count("->") == 2
    shown = project.out("show", second)
    assert f"Rev: {second}" in shown
    assert "create posts" in shown
    assert project.out("heads").strip() == f"{third} (head)"
    # What is pending, without reading the whole history.
    assert third in project.out("status")
    project.run("ensure_version")


def test_stamp_writes_the_version_only(project: Project) -> None:
    first, _, third = three_revisions(project)
    project.run("stamp", "head")
    assert current(project) == f"{third} (head)"
    project.run("stamp", first)
    assert current(project) == first
    project.run("stamp", "base")
    assert current(project) == ""


def test_branches_are_made_and_merged(project: Project) -> None:
    root = three_revisions(project)[-1]
    feature = new_revision(project, "feature branch", "", "", "--head=head", "--branch-label=feature")
    assert "feature" in project.out("heads")
    assert project.out("branches").strip() == ""
    other = new_revision(project, "other branch", "", "", f"--head={root}", "--splice", "--branch-label=other")
    branches = project.out("branches")
    assert root in branches
    assert feature in branches
    assert other in branches
    # head is no single revision any more; heads and label@head are.
    assert feature in project.run("upgrade", "head", code=13).err
    project.run("upgrade", "feature@head")
    assert current(project).startswith(feature)
    project.run("upgrade", "heads")
    assert len(current(project).splitlines()) == 2
    merged = new_revision_of_merge(project)
    assert project.out("heads").split()[0] == merged
    project.run("upgrade", "head")
    assert current(project).split()[0] == merged
    assert "mergepoint" in project.out("history")
    project.run("downgrade", "base")
    assert current(project) == ""


def new_revision_of_merge(project: Project) -> str:
    project.run("merge", "-m", "merge feature", "heads")
    (path,) = (project.root / "migrations" / "versions").glob("*_merge_feature.py")
    return path.name.partition("_")[0]


def test_full_cycle(project: Project) -> None:
    three_revisions(project)
    for command in (("upgrade", "head"), ("downgrade", "-1"), ("downgrade", "base"), ("upgrade", "head")):
        project.run(*command)


# -- operations


async def test_table_operations(revisions: Revisions, database_url: str) -> None:
    revisions.add(
        """
        op.create_table("old_table", sa.Column("id", sa.Integer(), primary_key=True))
        op.create_table("old_name", sa.Column("id", sa.Integer(), primary_key=True))
        """,
        """
        op.drop_table("old_name")
        op.drop_table("old_table")
        """,
    )
    revisions.add(
        """
        op.create_table(
            "posts",
            sa.Column("id", sa.Integer(), primary_key=True),
            sa.Column("title", sa.String(200), nullable=False),
            sa.Column("content", sa.Text()),
            sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id")),
            sa.Column("created_at", sa.DateTime(), server_default=sa.func.now()),
        )
        op.drop_table("old_table")
        op.rename_table("old_name", "new_name")
        """,
        """
        op.rename_table("new_name", "old_name")
        op.create_table("old_table", sa.Column("id", sa.Integer(), primary_key=True))
        op.drop_table("posts")
        """,
    )
    await upgrade(database_url, revisions)
    assert await tables(database_url) == {"users", "posts", "new_name"}
    await execute(database_url, ADA, "INSERT INTO posts (id, title, user_id) VALUES (1, 'Walking', 1)")
    assert await rows(database_url, "SELECT id FROM posts WHERE created_at IS NOT NULL") == [(1,)]
    await go_back_step_by_step(database_url, revisions)


async def test_column_operations(revisions: Revisions, database_url: str) -> None:
    revisions.add(
        """
        op.add_column("users", sa.Column("phone", sa.String(20)))
        op.add_column("users", sa.Column("kind", sa.String(20), server_default="active"))
        op.drop_column("users", "old_column")
        op.alter_column("users", "old_name", new_column_name="new_name")
        op.alter_column("users", "age", type_=sa.BigInteger())
        op.alter_column("users", "email", nullable=False)
        op.alter_column("users", "is_active", server_default=sa.true())
        """,
        """
        op.alter_column("users", "is_active", server_default=None)
        op.alter_column("users", "email", nullable=True)
        op.alter_column("users", "age", type_=sa.Integer())
        op.alter_column("users", "new_name", new_column_name="old_name")
        op.add_column("users", sa.Column("old_column", sa.String(20)))
        op.drop_column("users", "kind")
        op.drop_column("users", "phone")
        """,
    )
    await upgrade(database_url, revisions, "+1")
    before = await columns(database_url, "users")
    await execute(database_url, ADA)
    await upgrade(database_url, revisions)
    found = await columns(database_url, "users")
    assert {"phone", "kind", "new_name"} <= set(found)
    assert not {"old_column", "old_name"} & set(found)
    assert isinstance(found["age"]["type"], sa.BigInteger)
    assert not found["email"]["nullable"]
    assert found["is_active"]["default"] is not None
    assert await rows(database_url, "SELECT kind, new_name, age FROM users") == [("active", "x", 36)]
    await execute(database_url, "INSERT INTO users (id, username, email) VALUES (2, 'bob', 'bob@example.org')")
    assert await rows(database_url, "SELECT username FROM users WHERE is_active = true") == [("bob",)]
    assert await downgrade(database_url, revisions, "-1") == (revisions.ids[-1],)
    after = await columns(database_url, "users")
    assert {name: str(column["type"]) for name, column in after.items()} == {
        name: str(column["type"]) for name, column in before.items()
    }
    assert await rows(database_url, "SELECT old_name, age FROM users ORDER BY id") == [("x", 36), (None, None)]
    await downgrade(database_url, revisions, "base")


async def test_index_operations(revisions: Revisions, database_url: str) -> None:
    revisions.add(
        """
        op.create_index("ix_users_email", "users", ["email"])
        op.create_index("ix_users_username", "users", ["username"], unique=True)
        op.create_index("ix_users_name", "users", ["first_name", "last_name"])
        op.drop_index("ix_users_email", "users")
        op.create_index(
            "ix_active_users",
            "users",
            ["email"],
            postgresql_where=sa.text("is_active = true"),
            sqlite_where=sa.text("is_active = true"),
        )
        """,
        """
        op.drop_index("ix_active_users", "users")
        op.drop_index("ix_users_name", "users")
        op.drop_index("ix_users_username", "users")
        """,
    )
    await upgrade(database_url, revisions)
    found = await indexes(database_url, "users")
    assert {name: index["column_names"] for name, index in found.items()} == {
        "ix_users_username": ["username"],
        "ix_users_name": ["first_name", "last_name"],
        "ix_active_users": ["email"],
    }
    assert found["ix_users_username"]["unique"]
    partial = found["ix_active_users"].get("dialect_options", {})
    assert bool([value for name, value in partial.items() if name.endswith("_where")]) == ("mysql" not in database_url)
    await go_back_step_by_step(database_url, revisions)


async def test_constraint_operations(revisions: Revisions, database_url: str) -> None:
    revisions.add(
        """
        op.create_table("posts", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("user_id", sa.Integer()))
        op.create_table("keyless", sa.Column("id", sa.Integer(), nullable=False), sa.Column("name", sa.String(20)))
        """,
        """
        op.drop_table("keyless")
        op.drop_table("posts")
        """,
    )
    revisions.add(
        """
        op.create_primary_key("pk_keyless", "keyless", ["id"])
        op.create_foreign_key("fk_old", "posts", "users", ["user_id"], ["id"])
        op.drop_constraint("fk_old", "posts", type_="foreignkey")
        op.create_foreign_key("fk_posts_user_id", "posts", "users", ["user_id"], ["id"], ondelete="CASCADE")
        op.create_unique_constraint("uq_users_email", "users", ["email"])
        op.create_unique_constraint("uq_users_username", "users", ["username"])
        op.create_check_constraint("ck_users_age", "users", "age >= 18")
        op.drop_constraint("uq_users_email", "users", type_="unique")
        """,
        """
        op.drop_constraint("ck_users_age", "users", type_="check")
        op.drop_constraint("uq_users_username", "users", type_="unique")
        op.drop_constraint("fk_posts_user_id", "posts", type_="foreignkey")
        op.drop_constraint("pk_keyless", "keyless", type_="primary")
        """,
    )
    await upgrade(database_url, revisions)
    assert await look(database_url, lambda i: i.get_pk_constraint("keyless")["constrained_columns"]) == ["id"]
    (key,) = await look(database_url, lambda i: i.get_foreign_keys("posts"))
    assert (key["name"], key["referred_table"], key["options"]) == (
        "fk_posts_user_id",
        "users",
        {"ondelete": "CASCADE"},
    )
    assert [u["name"] for u in await look(database_url, lambda i: i.get_unique_constraints("users"))] == [
        "uq_users_username"
    ]
    assert [c["name"] for c in await look(database_url, lambda i: i.get_check_constraints("users"))] == ["ck_users_age"]
    await execute(database_url, ADA)
    with pytest.raises(sa.exc.DBAPIError):
        await execute(database_url, "INSERT INTO users (id, username, age) VALUES (2, 'kid', 12)")
    await go_back_step_by_step(database_url, revisions)


# -- data


async def test_data_migration(revisions: Revisions, database_url: str) -> None:
    revisions.add(
        """
        users = table("users", column("id", sa.Integer), column("username", sa.String), column("status", sa.String))
        op.execute(users.update().where(users.c.status == "pending").values(status="active"))
        op.bulk_insert(
            users,
            [
                {"id": 2, "username": "root", "status": "admin"},
                {"id": 3, "username": "eve", "status": "user"},
            ],
        )
        op.execute("UPDATE users SET email_verified = true WHERE username = 'eve'")
        op.execute("UPDATE users SET status = 'verified' WHERE email_verified = true")
        op.execute("UPDATE users SET age = :age WHERE status = :status", {"age": 40, "status": "admin"})
        """,
        """
        op.execute("DELETE FROM users WHERE id IN (2, 3)")
        op.execute("UPDATE users SET status = 'pending'")
        """,
        before="from sqlalchemy.sql import column, table",
    )
    await upgrade(database_url, revisions, "+1")
    await execute(database_url, ADA)
    await upgrade(database_url, revisions)
    assert await rows(database_url, "SELECT username, status, age FROM users ORDER BY id") == [
        ("ada", "active", 36),
        ("root", "admin", 40),
        ("eve", "verified", None),
    ]
    await downgrade(database_url, revisions, "-1")
    assert await rows(database_url, "SELECT username, status FROM users") == [("ada", "pending")]
    await downgrade(database_url, revisions, "base")


async def test_manual_migration_adds_a_required_column(revisions: Revisions, database_url: str) -> None:
    revisions.add(
        """
        op.add_column("users", sa.Column("role", sa.String(20), nullable=True))
        op.execute("UPDATE users SET role = 'user' WHERE role IS NULL")
        op.alter_column("users", "role", nullable=False)
        op.create_index("ix_users_role", "users", ["role"])
        """,
        """
        op.drop_index("ix_users_role", "users")
        op.drop_column("users", "role")
        """,
    )
    await upgrade(database_url, revisions, "+1")
    await execute(database_url, ADA)
    await upgrade(database_url, revisions)
    assert await rows(database_url, "SELECT role FROM users") == [("user",)]
    assert not (await columns(database_url, "users"))["role"]["nullable"]
    await go_back_step_by_step(database_url, revisions)


async def test_column_is_filled_from_others(revisions: Revisions, database_url: str) -> None:
    # `||` joins texts on PostgreSQL and SQLite; the expression joins them everywhere.
    revisions.add(
        """
        op.add_column("users", sa.Column("full_name", sa.String(101)))
        users = sa.table("users", *[sa.column(name, sa.String()) for name in ("first_name", "last_name", "full_name")])
        op.execute(users.update().values(full_name=users.c.first_name + " " + users.c.last_name))
        op.alter_column("users", "full_name", nullable=False)
        """,
        'op.drop_column("users", "full_name")',
    )
    await upgrade(database_url, revisions, "+1")
    await execute(database_url, ADA)
    await upgrade(database_url, revisions)
    assert await rows(database_url, "SELECT full_name FROM users") == [("Ada Lovelace",)]
    await go_back_step_by_step(database_url, revisions)


# -- patterns


async def test_batch_operations(revisions: Revisions, database_url: str) -> None:
    revisions.add(
        """
        with op.batch_alter_table("users") as batch_op:
            batch_op.add_column(sa.Column("level", sa.String(20)))
            batch_op.create_index("ix_users_level", ["level"])
            batch_op.alter_column("username", new_column_name="login")
        """,
        """
        with op.batch_alter_table("users") as batch_op:
            batch_op.alter_column("login", new_column_name="username")
            batch_op.drop_index("ix_users_level")
            batch_op.drop_column("level")
        """,
    )
    await upgrade(database_url, revisions, "+1")
    await execute(database_url, ADA)
    await upgrade(database_url, revisions)
    assert {"level", "login"} <= set(await columns(database_url, "users"))
    assert "ix_users_level" in await indexes(database_url, "users")
    assert await rows(database_url, "SELECT login FROM users") == [("ada",)]
    await go_back_step_by_step(database_url, revisions)


SYNC_LOOK = """
    inspector = inspect(op.get_bind())
    columns = [column["name"] for column in inspector.get_columns("users")]
    tables = inspector.get_table_names()
"""
ASYNC_LOOK = """
    columns = await op.connection.run_sync(lambda c: [column["name"] for column in inspect(c).get_columns("users")])
    tables = await op.connection.run_sync(lambda c: inspect(c).get_table_names())
"""


async def test_conditional_migration(revisions: Revisions, database_url: str) -> None:
    revisions.add(
        (ASYNC_LOOK if revisions.form == "async" else SYNC_LOOK)
        + """
    if "phone" not in columns:
        op.add_column("users", sa.Column("phone", sa.String(20)))
    if "email" not in columns:
        op.add_column("users", sa.Column("email", sa.String(20)))
    if "old_table" in tables:
        op.drop_table("old_table")
    """,
        'op.drop_column("users", "phone")',
        before="from sqlalchemy import inspect",
    )
    await upgrade(database_url, revisions, "+1")
    await execute(database_url, "CREATE TABLE old_table (id INTEGER)")
    await upgrade(database_url, revisions)
    assert await tables(database_url) == {"users"}
    assert "phone" in await columns(database_url, "users")
    await go_back_step_by_step(database_url, revisions)


DIALECT = {"async": "op.dialect", "plain": "op.get_context().dialect", "alembic": "context.get_context().dialect"}


async def test_operations_of_one_database(revisions: Revisions, database_url: str) -> None:
    dialect = DIALECT[revisions.form]
    revisions.add(
        f"""
        if {dialect}.name == "postgresql":
            op.execute('CREATE EXTENSION IF NOT EXISTS "pg_trgm"')
            op.create_index(
                "ix_users_email_gin",
                "users",
                ["email"],
                postgresql_using="gin",
                postgresql_ops={{"email": "gin_trgm_ops"}},
            )
        elif {dialect}.name in ("mysql", "mariadb"):
            op.execute("SET FOREIGN_KEY_CHECKS=0")
            op.create_table("orphans", sa.Column("user_id", sa.Integer(), sa.ForeignKey("nobody.id")))
            op.execute("SET FOREIGN_KEY_CHECKS=1")
        else:
            op.execute("CREATE VIEW names AS SELECT username FROM users")
        """,
        f"""
        if {dialect}.name == "postgresql":
            op.drop_index("ix_users_email_gin", "users")
        elif {dialect}.name in ("mysql", "mariadb"):
            op.drop_table("orphans")
        else:
            op.execute("DROP VIEW names")
        """,
    )
    await upgrade(database_url, revisions)
    if "postgresql" in database_url:
        assert "ix_users_email_gin" in await indexes(database_url, "users")
    elif "mysql" in database_url:
        assert await tables(database_url) == {"users", "orphans"}
    else:
        assert await look(database_url, lambda inspector: inspector.get_view_names()) == ["names"]
    await go_back_step_by_step(database_url, revisions)


async def test_lock_is_held_within_the_transaction(revisions: Revisions, postgresql_url: str) -> None:
    revisions.add(
        """
        op.execute("LOCK TABLE users IN EXCLUSIVE MODE")
        op.add_column("users", sa.Column("state", sa.String(20)))
        op.execute("UPDATE users SET state = 'active'")
        """,
        'op.drop_column("users", "state")',
    )
    await upgrade(postgresql_url, revisions)
    await go_back_step_by_step(postgresql_url, revisions)


async def test_autocommit_block_leaves_the_transaction(revisions: Revisions, database_url: str) -> None:
    concurrently = "CONCURRENTLY " if "postgresql" in database_url else ""
    revisions.add(
        f"""
        op.add_column("users", sa.Column("state", sa.String(20)))
        with op.get_context().autocommit_block():
            op.execute("CREATE INDEX {concurrently}ix_users_state ON users (state)")
        op.execute("UPDATE users SET state = 'active'")
        """,
        """
        op.drop_index("ix_users_state", "users")
        op.drop_column("users", "state")
        """,
    )
    await upgrade(database_url, revisions)
    assert "ix_users_state" in await indexes(database_url, "users")
    await go_back_step_by_step(database_url, revisions)


async def test_migrations_are_tested_in_memory(tmp_path: Path) -> None:
    revisions = Revisions(tmp_path / "migrations", "alembic")
    revisions.add(USERS, 'op.drop_table("users")')
    revisions.add('op.create_table("posts", sa.Column("id", sa.Integer(), primary_key=True))', 'op.drop_table("posts")')
    engine = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)

    async def names() -> set[str]:
        async with engine.connect() as connection:
            return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))

    async with Migrator(engine, revisions.root) as migrator:
        await migrator.upgrade("head")
        assert {"users", "posts"} <= await names()
        await migrator.downgrade("base")
        assert not {"users", "posts"} & await names()
        # And each revision by itself, until nothing is applied.
        await migrator.upgrade("head")
        while await migrator.current():
            await migrator.downgrade("-1")
        assert not {"users", "posts"} & await names()
    await engine.dispose()


# -- the practical examples, as they stand in the tutorial

BLOG = (
    (
        """
        op.create_table(
            'users',
            sa.Column('id', sa.Integer(), primary_key=True),
            sa.Column('username', sa.String(50), unique=True, nullable=False),
            sa.Column('email', sa.String(100), unique=True, nullable=False),
            sa.Column('is_active', sa.Boolean()),
            sa.Column('is_suspended', sa.Boolean()),
            sa.Column('created_at', sa.DateTime(), server_default=sa.func.now())
        )
        op.create_table(
            'posts',
            sa.Column('id', sa.Integer(), primary_key=True),
            sa.Column('title', sa.String(200), nullable=False),
            sa.Column('slug', sa.String(200), unique=True, nullable=False),
            sa.Column('content', sa.Text(), nullable=False),
            sa.Column('published', sa.Boolean(), default=False),
            sa.Column('author_id', sa.Integer(), sa.ForeignKey('users.id')),
            sa.Column('created_at', sa.DateTime(), server_default=sa.func.now()),
            sa.Column('updated_at', sa.DateTime(), onupdate=sa.func.now())
        )
        op.create_index('ix_posts_slug', 'posts', ['slug'])
        op.create_index('ix_posts_author_id', 'posts', ['author_id'])
        """,
        """
        op.drop_table('posts')
        op.drop_table('users')
        """,
    ),
    (
        """
        op.create_table(
            'tags',
            sa.Column('id', sa.Integer(), primary_key=True),
            sa.Column('name', sa.String(50), unique=True, nullable=False)
        )
        op.create_table(
            'post_tags',
            sa.Column('post_id', sa.Integer(), sa.ForeignKey('posts.id', ondelete='CASCADE')),
            sa.Column('tag_id', sa.Integer(), sa.ForeignKey('tags.id', ondelete='CASCADE')),
            sa.PrimaryKeyConstraint('post_id', 'tag_id')
        )
        """,
        """
        op.drop_table('post_tags')
        op.drop_table('tags')
        """,
    ),
    (
        """
        op.add_column('posts', sa.Column('search_vector', sa.dialects.postgresql.TSVECTOR()))
        op.create_index('ix_posts_search_vector', 'posts', ['search_vector'], postgresql_using='gin')
        op.execute('''
            CREATE TRIGGER posts_search_vector_update
            BEFORE INSERT OR UPDATE ON posts
            FOR EACH ROW EXECUTE FUNCTION
            tsvector_update_trigger(
                search_vector, 'pg_catalog.english',
                title, content
            );
        ''')
        op.execute('''
            UPDATE posts
            SET search_vector = to_tsvector('english', title || ' ' || content);
        ''')
        """,
        """
        op.execute("DROP TRIGGER IF EXISTS posts_search_vector_update ON posts")
        op.drop_index('ix_posts_search_vector', 'posts')
        op.drop_column('posts', 'search_vector')
        """,
    ),
    (
        """
        status_enum = postgresql.ENUM('active', 'inactive', 'suspended', name='user_status', create_type=True)
        op.add_column('users', sa.Column('status_new', status_enum, nullable=True))
        op.execute('''
            UPDATE users
            SET status_new = CASE
                WHEN is_active = true THEN 'active'::user_status
                WHEN is_suspended = true THEN 'suspended'::user_status
                ELSE 'inactive'::user_status
            END
        ''')
        op.alter_column('users', 'status_new', nullable=False)
        op.drop_column('users', 'is_active')
        op.drop_column('users', 'is_suspended')
        op.alter_column('users', 'status_new', new_column_name='status')
        """,
        """
        op.add_column('users', sa.Column('is_active', sa.Boolean()))
        op.add_column('users', sa.Column('is_suspended', sa.Boolean()))
        op.execute('''
            UPDATE users
            SET is_active = CASE WHEN status = 'active' THEN true ELSE false END,
                is_suspended = CASE WHEN status = 'suspended' THEN true ELSE false END
        ''')
        op.drop_column('users', 'status')
        op.execute('DROP TYPE user_status')
        """,
    ),
)


@pytest.mark.parametrize("form", FORMS)
async def test_practical_examples(form: str, tmp_path: Path, postgresql_url: str) -> None:
    revisions = Revisions(tmp_path / "migrations", form)
    for up, down in BLOG:
        revisions.add(up, down, before="from sqlalchemy.dialects import postgresql")
    await upgrade(postgresql_url, revisions, "+3")
    await execute(
        postgresql_url,
        "INSERT INTO users (username, email, is_active, is_suspended) "
        "VALUES ('ada', 'a', true, false), ('bob', 'b', false, true), ('cleo', 'c', false, false)",
        "INSERT INTO posts (title, slug, content, author_id) VALUES ('Walking', 'walking', 'On mountains', 1)",
    )
    found = "SELECT slug FROM posts WHERE search_vector @@ to_tsquery('mountain')"
    assert await rows(postgresql_url, found) == [("walking",)]
    await upgrade(postgresql_url, revisions, "head")
    statuses = await rows(postgresql_url, "SELECT status::text FROM users ORDER BY id")
    assert statuses == [("active",), ("suspended",), ("inactive",)]
    await downgrade(postgresql_url, revisions, "-1")
    flags = await rows(postgresql_url, "SELECT is_active, is_suspended FROM users ORDER BY id")
    assert flags == [(True, False), (False, True), (False, False)]
    await upgrade(postgresql_url, revisions, "head")
    await go_back_step_by_step(postgresql_url, revisions)
