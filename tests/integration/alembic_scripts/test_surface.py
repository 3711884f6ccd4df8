"""What revision files find behind the names of Alembic while they run, on every database."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from asyncmig.errors import RevisionFailedError, ScriptError
from tests.project import Project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    return Project(tmp_path)


async def rows(engine: AsyncEngine, sql: str) -> list[tuple[Any, ...]]:
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(sql))]


async def tables(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


CREATE = 'op.create_table("users", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))'

BODIES = {
    "get_context": """
        ctx = op.get_context()
        assert ctx.dialect.name == op.get_bind().dialect.name == ctx.bind.dialect.name == ctx.impl.dialect.name
        assert ctx.connection is op.get_bind() and not ctx.as_sql and ctx.opts.get("nothing") is None
        assert ctx.version_table_schema is None and "version" in ctx.version_table
        ctx.execute("INSERT INTO users (id, name) VALUES (1, 'ada')")
        ctx.impl.execute(sa.text("INSERT INTO users (id, name) VALUES (2, 'bob')"))
        with ctx.begin_transaction():
            context.execute("INSERT INTO users (id, name) VALUES (3, 'eve')")
    """,
    "heads": """
        assert op.get_context().get_current_heads() == ("aaaa",)
        assert op.get_context().get_current_revision() == "aaaa"
        assert context.get_head_revision() == "bbbb" and context.get_head_revisions() == ("bbbb",)
        assert op.get_context().script.get_revision("aaaa").module.revision == "aaaa"
        assert op.get_context().script.get_revision("bbbb").down_revision == "aaaa"
    """,
    "context": """
        assert context.get_context().dialect.name == context.get_bind().dialect.name
        assert context.is_offline_mode() is False and context.requires_connection()
        assert context.get_x_argument(as_dictionary=True) == {"tenant": "a", "dry": ""}
        assert sorted(context.get_x_argument()) == ["dry", "tenant=a"]
        assert context.config.get_main_option("nothing") is None
        assert context.config.get_main_option("nothing", "default") == "default"
        assert context.config.get_section("nothing", {}) == {} and context.config.attributes.get("x") is None
        assert context.get_tag_argument() is None
    """,
    "migration_context": """
        from alembic.migration import MigrationContext
        from alembic.runtime.migration import MigrationContext as Same
        from alembic.operations import Operations
        assert Same is MigrationContext
        ctx = MigrationContext.configure(op.get_bind(), opts={"as": 1})
        words = Operations(ctx)
        words.add_column("users", sa.Column("age", sa.Integer))
        assert ctx.opts["as"] == 1 and words.get_bind() is op.get_bind() and words.get_context() is ctx
        assert isinstance(op.get_context(), MigrationContext)
        with Operations.context(ctx) as inner:
            inner.execute("INSERT INTO users (id, age) VALUES (1, 3)")
    """,
    "table": """
        made = op.create_table("things", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(9)))
        op.bulk_insert(made, [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}])
        op.execute(made.update().where(made.c.id == 1).values(name=op.inline_literal("z")))
        found = op.get_bind().execute(sa.select(made.c.name).order_by(made.c.id)).scalars().all()
        assert found == ["z", "b"], found
    """,
    "words": """
        from alembic.op import add_column, execute, f
        import alembic, alembic.op as words
        add_column("users", sa.Column("age", sa.Integer))
        execute("INSERT INTO users (id, age) VALUES (1, 3)")
        assert words is op and alembic.op is op and alembic.__version__ >= "1"
        kw = {"unique": True}
        op.create_index(op.f("ix_users_age"), "users", ["age"], **kw)
        op.drop_index(**{"index_name": "ix_users_age", "table_name": "users"})
        op.create_index(index_name="ix_age", table_name="users", columns=["age"], unique=False)
    """,
    "batch": """
        with op.batch_alter_table("users", schema=None) as batch_op:
            assert batch_op.get_bind() is op.get_bind() and batch_op.get_context().dialect is op.get_context().dialect
            assert batch_op.impl.dialect is op.get_context().dialect and batch_op.impl.table_name == "users"
            assert batch_op.migration_context.bind is op.get_bind()
            batch_op.add_column(sa.Column("age", sa.Integer()))
            batch_op.execute("INSERT INTO users (id, name) VALUES (1, 'ada')")
            batch_op.create_index(batch_op.f("ix_users_name"), ["name"], unique=False)
            batch_op.alter_column("name", existing_type=sa.String(20), type_=sa.String(30))
    """,
    "ops": """
        from alembic.operations import ops
        from alembic.operations.ops import AddColumnOp
        op.invoke(AddColumnOp("users", sa.Column("age", sa.Integer)))
        alter = ops.AlterColumnOp("users", "age", existing_type=sa.Integer(), modify_name="years")
        if op.get_context().dialect.name == "sqlite":
            with op.batch_alter_table("users") as batch_op:
                batch_op.invoke(alter)
        else:
            op.invoke(alter)
        op.invoke(ops.CreateIndexOp("ix_years", "users", ["years"], unique=True))
        create = ops.CreateTableOp("t", [sa.Column("id", sa.Integer, primary_key=True)])
        assert create.table_name == "t" and create.schema is None
        assert op.invoke(create).name == "t"
        op.invoke(create.reverse())
        op.invoke(ops.ExecuteSQLOp("INSERT INTO users (id, years) VALUES (1, 3)"))
    """,
    "containers": """
        from alembic.operations import Operations, ops
        changes = ops.ModifyTableOps("users", [ops.AddColumnOp("users", sa.Column("age", sa.Integer))])
        op.invoke(ops.UpgradeOps([changes]))
        assert "age" in {column["name"] for column in sa.inspect(op.get_bind()).get_columns("users")}
        assert not changes.is_empty() and ops.UpgradeOps().is_empty()
        op.invoke(changes.reverse())
        assert "age" not in {column["name"] for column in sa.inspect(op.get_bind()).get_columns("users")}
        ctx = op.get_context()
        assert ctx.environment_context is context and ctx.config is context.config
        assert isinstance(op, Operations) and op.migration_context.dialect is op.impl.dialect
    """,
    "script": """
        from alembic.script import ScriptDirectory
        from alembic.operations import AbstractOperations, BatchOperations, Operations
        scripts = ScriptDirectory.from_config(context.config)
        assert [one.revision for one in scripts.walk_revisions()] == ["bbbb", "aaaa"]
        assert scripts.get_current_head() == "bbbb" and scripts.get_revision("head").down_revision == "aaaa"
        assert issubclass(Operations, AbstractOperations) and issubclass(BatchOperations, AbstractOperations)
    """,
    "util": """
        from alembic import util
        from alembic.util import CommandError
        from alembic.util.exc import CommandError as Same
        assert CommandError is Same is util.CommandError
        assert util.to_tuple("a") == ("a",) and util.to_list(None) is None and len(util.rev_id()) == 12
        try:
            util.err("not today")
        except CommandError as error:
            assert "not today" in str(error)
    """,
    "run_async": """
        async def count(connection, table):
            return await connection.scalar(sa.text(f"SELECT count(*) FROM {table}"))
        assert op.run_async(count, "users") == 0
        with op.batch_alter_table("users") as batch_op:
            assert batch_op.run_async(count, table="users") == 0
    """,
    "nothing_for_env": """
        for word in ("configure", "run_migrations"):
            try:
                getattr(context, word)()
            except Exception as error:
                assert "belongs into env.py" in str(error), error
            else:
                raise AssertionError(word)
    """,
}


@pytest.mark.parametrize("name", BODIES)
async def test_surface(project: Project, engine: AsyncEngine, name: str) -> None:
    project.revision("aaaa", CREATE, style="alembic")
    project.revision("bbbb", BODIES[name], style="alembic", extra="from alembic import context")
    async with project.migrator(engine, arguments={"tenant": "a", "dry": ""}) as migrator:
        await migrator.upgrade()
        assert [each.id for each in await migrator.current()] == ["bbbb"]


@pytest.mark.parametrize("name", BODIES)
async def test_surface_without_alembic(
    project: Project, sqlite_url: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "alembic", None)  # type: ignore[arg-type]
    project.revision("aaaa", CREATE, style="alembic")
    project.revision("bbbb", BODIES[name], style="alembic", extra="from alembic import context")
    async with project.migrator(sqlite_url, arguments={"tenant": "a", "dry": ""}) as migrator:
        await migrator.upgrade()
        assert [each.id for each in await migrator.current()] == ["bbbb"]


COOKBOOK = """
from typing import Any, Optional
from alembic.operations import Operations, MigrateOperation


class ReplaceableObject:
    def __init__(self, name, sqltext):
        self.name = name
        self.sqltext = sqltext


class ReversibleOp(MigrateOperation):
    def __init__(self, target):
        self.target = target

    @classmethod
    def invoke_for_target(cls, operations, target):
        op = cls(target)
        return operations.invoke(op)

    def reverse(self):
        raise NotImplementedError()

    @classmethod
    def _get_object_from_version(cls, operations, ident):
        version, objname = ident.split(".")
        module = operations.get_context().script.get_revision(version).module
        return getattr(module, objname)

    @classmethod
    def replace(cls, operations, target, replaces=None, replace_with=None):
        if replaces:
            old_obj = cls._get_object_from_version(operations, replaces)
            drop_old = cls(old_obj).reverse()
            create_new = cls(target)
        elif replace_with:
            old_obj = cls._get_object_from_version(operations, replace_with)
            drop_old = cls(target).reverse()
            create_new = cls(old_obj)
        else:
            raise TypeError("replaces or replace_with is required")
        operations.invoke(drop_old)
        operations.invoke(create_new)


@Operations.register_operation("create_view", "invoke_for_target")
@Operations.register_operation("replace_view", "replace")
class CreateViewOp(ReversibleOp):
    def reverse(self):
        return DropViewOp(self.target)


@Operations.register_operation("drop_view", "invoke_for_target")
class DropViewOp(ReversibleOp):
    def reverse(self):
        return CreateViewOp(self.target)


@Operations.implementation_for(CreateViewOp)
def create_view(operations, operation):
    operations.execute("CREATE VIEW %s AS %s" % (operation.target.name, operation.target.sqltext))


@Operations.implementation_for(DropViewOp)
def drop_view(operations, operation):
    operations.execute("DROP VIEW %s" % operation.target.name)
"""


async def test_replaceable_objects_of_the_cookbook(project: Project, engine: AsyncEngine, tmp_path: Path) -> None:
    (tmp_path / "replaceable.py").write_text(COOKBOOK)
    imports = "from replaceable import ReplaceableObject\n"
    first = 'view = ReplaceableObject("people", "SELECT id FROM users")'
    second = 'view = ReplaceableObject("people", "SELECT id, name FROM users")'
    project.revision("aaaa", CREATE, "op.drop_table('users')", style="alembic")
    project.revision("bbbb", "op.create_view(view)", "op.drop_view(view)", style="alembic", extra=imports + first)
    project.revision(
        "cccc",
        'op.replace_view(view, replaces="bbbb.view")',
        'op.replace_view(view, replace_with="bbbb.view")',
        style="alembic",
        extra=imports + second,
    )
    async with project.migrator(engine) as migrator:
        await migrator.upgrade()
        assert await rows(engine, "SELECT id, name FROM people") == []
        await migrator.downgrade("bbbb")
        assert await rows(engine, "SELECT * FROM people") == []
        with pytest.raises(Exception, match="name"):
            await rows(engine, "SELECT name FROM people")
        await migrator.downgrade("base")
    assert "users" not in await tables(engine)


async def test_operations_of_one_project_are_not_known_in_another(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    registering = """
        from alembic.operations import Operations, BatchOperations, MigrateOperation
        @Operations.register_operation("shout")
        @BatchOperations.register_operation("shout", "batch_shout")
        class Shout(MigrateOperation):
            @classmethod
            def shout(cls, operations, table):
                return operations.invoke(cls())
            @classmethod
            def batch_shout(cls, operations):
                return operations.invoke(cls())
        @Operations.implementation_for(Shout)
        def carry_out(operations, operation):
            return type(operations).__name__
        assert op.shout("t") == "Operations"
        with op.batch_alter_table("t") as batch_op:
            assert batch_op.shout() == "BatchOperations"
    """
    one, other = Project(tmp_path / "one"), Project(tmp_path / "other")
    one.revision("aaaa", registering, style="alembic")
    other.revision("aaaa", "op.shout('t')", style="alembic")
    async with one.migrator(sqlite_url) as migrator:
        await migrator.upgrade()
        await migrator.downgrade("base")
    async with other.migrator(sqlite_url) as migrator:
        with pytest.raises(RevisionFailedError, match="op has no word 'shout'"):
            await migrator.upgrade()


async def test_operation_that_nobody_carries_out(project: Project, sqlite_url: str) -> None:
    body = """
        from alembic.operations import MigrateOperation
        class Shout(MigrateOperation): pass
        op.invoke(Shout())
    """
    path = project.revision("aaaa", body, style="alembic")
    async with project.migrator(sqlite_url) as migrator:
        with pytest.raises((RevisionFailedError, ScriptError), match="no implementation is registered") as caught:
            await migrator.upgrade()
    line = path.read_text().splitlines().index("    op.invoke(Shout())") + 1
    assert f"{path}:{line}:" in str(caught.value)


async def test_implementation_in_the_place_of_one_of_ours(project: Project, engine: AsyncEngine) -> None:
    body = """
        from alembic.operations import Operations, ops
        seen = []
        @Operations.implementation_for(ops.AddColumnOp, replace=True)
        def add(operations, operation):
            seen.append((operation.table_name, operation.column.name))
            operations.execute("INSERT INTO users (id) VALUES (7)")
        op.add_column("users", sa.Column("age", sa.Integer))
        op.invoke(ops.AddColumnOp("users", sa.Column("more", sa.Integer)))
        assert seen == [("users", "age"), ("users", "more")]
    """
    project.revision("aaaa", CREATE, style="alembic")
    project.revision("bbbb", body.replace("VALUES (7)", 'VALUES (%d)" % len(seen) + "'), style="alembic")
    async with project.migrator(engine) as migrator:
        await migrator.upgrade()
    assert await rows(engine, "SELECT id FROM users ORDER BY id") == [(1,), (2,)]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("context.get_revision_argument()", r"context\.get_revision_argument\(\) has no answer in this run"),
        ("op.impl.add_column('t', None)", r"op\.impl\.add_column is not there"),
        ("op.create_entity(1)", r"op has no word 'create_entity' .*: nothing has registered it"),
        (
            "with op.batch_alter_table('a') as b:\n    b.batch_alter_table('c')",
            r"inside the block of 'a'; a block is for one table",
        ),
        (
            "from alembic.migration import MigrationContext\nMigrationContext.configure(url='sqlite://')",
            "is for the connection of the run, not for another",
        ),
    ],
)
async def test_what_is_not_to_be_had_is_said(project: Project, sqlite_url: str, body: str, words: str) -> None:
    project.revision("aaaa", body, style="alembic", extra="from alembic import context")
    async with project.migrator(sqlite_url) as migrator:
        with pytest.raises((RevisionFailedError, ScriptError), match=words):
            await migrator.upgrade()


async def test_offline_context(project: Project, engine: AsyncEngine) -> None:
    body = """
        ctx = op.get_context()
        assert ctx.as_sql and context.is_offline_mode() and ctx.bind is None and ctx.connection is None
        assert not context.requires_connection() and ctx.opts["as_sql"] is True
        ctx.execute("SELECT 1")
        context.execute("SELECT 2")
        op.impl.static_output("-- from the script")
        op.get_bind().execute(sa.text("SELECT 3"))
    """
    project.revision("aaaa", body, style="alembic", extra="from alembic import context")
    async with project.migrator(engine) as migrator:
        sql = await migrator.sql()
    for each in ("SELECT 1", "SELECT 2", "-- from the script", "SELECT 3"):
        assert each in sql


async def test_what_the_top_of_a_file_may_know(project: Project, engine: AsyncEngine) -> None:
    extra = """
from alembic import context
from alembic.op import get_context
arguments = context.get_x_argument(as_dictionary=True)
config = context.config
schema = config.get_main_option("schema", "public")
dialect = op.get_context().dialect.name
version_table = get_context().version_table
option = op.get_context().opts["flavour"]
"""
    body = """
        assert arguments == {"tenant": "a"} and schema == "public" and option == "mint"
        assert dialect == op.get_bind().dialect.name and version_table == op.get_context().version_table
    """
    project.revision("aaaa", body, style="alembic", extra=extra)
    options = {"flavour": "mint"}
    async with project.migrator(engine, arguments={"tenant": "a"}, options=options) as migrator:
        assert (await migrator.upgrade()).applied


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("op.execute('SELECT 1')", r"op\.execute was used while no revision runs"),
        ("op.get_bind()", r"op\.get_bind was used while no revision runs"),
        ("context.get_bind()", "The connection was asked for while no revision runs"),
        ("context.is_offline_mode()", "Whether something is executed was asked while no revision runs"),
        ("with op.batch_alter_table('t') as b: pass", r"op\.batch_alter_table was used while no revision runs"),
        ("context.execute('SELECT 1')", "while no revision runs"),
    ],
)
async def test_what_the_top_of_a_file_cannot_do(project: Project, sqlite_url: str, line: str, words: str) -> None:
    path = project.revision("aaaa", "pass", style="alembic", extra=f"from alembic import context\n{line}")
    number = path.read_text().splitlines().index(line) + 1
    async with project.migrator(sqlite_url) as migrator:
        with pytest.raises(ScriptError, match=words) as caught:
            await migrator.upgrade()
    assert (caught.value.path, caught.value.line) == (path, number)
