"""Asking: revisions that ask the database or the run before they do something: inspectors, dialects, offline mode."""

from __future__ import annotations

from tests.differential.schema import Column
from tests.differential.source import call_with, quoted, under
from tests.differential.values import literal_for
from tests.differential.world import Change, Pattern, World


def inspect_first(world: World) -> Change | None:
    """An inspector is asked before something is done."""
    table = world.table(lambda one: not one.schema)
    if table is None:
        return None
    column = world.column(table, existing=True, want=lambda one: one.family in {"string", "integer", "boolean"})
    table.columns.append(column)
    form = world.rng.choice(("sa.inspect(op.get_bind())", "Inspector.from_engine(op.get_bind())", "inspect(conn)"))
    up = [
        *(["conn = op.get_bind()"] if "conn" in form else []),
        f"inspector = {form}",
        f'columns = {{column["name"] for column in inspector.get_columns({quoted(table.name)})}}',
        under(
            f"if {quoted(column.name)} not in columns and {quoted(table.name)} in inspector.get_table_names():",
            [call_with("op.add_column", [quoted(table.name), column.source()], {})],
        ),
        f'indexes = [index["name"] for index in inspector.get_indexes({quoted(table.name)})]',
        under('if "ix_nobody" in indexes:', ['op.drop_index("ix_nobody", ' + quoted(table.name) + ")"]),
    ]
    down = [call_with("op.drop_column", [quoted(table.name), quoted(column.name)], {})]
    return Change(up, down, f"add {column.name} to {table.name} unless it is there", True)


def dialect_branch(world: World) -> Change | None:
    """A branch on the dialect, by each of the ways to ask for it."""
    table = world.table(lambda one: not one.schema)
    if table is None:
        return None
    column = world.column(table, existing=True, want=lambda one: one.family == "string" and not one.values)
    table.columns.append(column)

    def ask(name: str) -> str:
        return world.rng.choice(
            (
                f'op.get_bind().dialect.name == "{name}"',
                f'op.get_context().dialect.name == "{name}"',
                f'op.get_bind().engine.name == "{name}"',
                f'context.get_context().dialect.name == "{name}"',
                f'op.get_context().bind.dialect.name == "{name}"',
            )
        )

    question = ask("postgresql" if world.chance(0.5) else "mysql")
    add = call_with("op.add_column", [quoted(table.name), column.source()], {})
    literal = literal_for(column, 1)
    up = [
        under(
            f"if {question}:",
            [add, f'op.execute("UPDATE {table.name} SET {_q(world, column)} = {literal}")'],
        ),
        under("else:", [add]),
    ]
    if world.kind != "mysql" or "mysql" not in question:
        up[0] = under(f"if {question}:", [add])
    down = [call_with("op.drop_column", [quoted(table.name), quoted(column.name)], {})]
    return Change(["\n".join(up)], down, f"add {column.name} to {table.name} by dialect", "bind" in question)


def _q(world: World, column: Column) -> str:
    return f"`{column.name}`" if world.kind == "mysql" else column.name


def offline_branch(world: World) -> Change | None:
    """A part that is left out when nothing is executed."""
    table = world.table(lambda one: not one.schema)
    if table is None:
        return None
    up = [
        under(
            "if not context.is_offline_mode():",
            [
                "connection = op.get_bind()",
                f"counting = sa.select(sa.func.count()).select_from(sa.table({quoted(table.name)}))",
                "count = connection.execute(counting).scalar()",
                "assert count is not None",
                f'assert connection.scalar(sa.text("SELECT count(*) FROM {table.name}")) == count',
            ],
        )
    ]
    return Change(up, [], f"count the rows of {table.name}")


def nested_savepoint(world: World) -> Change | None:
    """A savepoint of the script's own."""
    table = world.table(lambda one: not one.schema)
    if table is None:
        return None
    up = [
        "connection = op.get_bind()",
        under(
            "with connection.begin_nested():",
            [f'connection.execute(sa.text("SELECT count(*) FROM {table.name}")).scalar()'],
        ),
    ]
    return Change(up, [], f"look at {table.name} in a savepoint", True)


PATTERNS = (
    Pattern("inspect", inspect_first),
    Pattern("dialect.name", dialect_branch),
    Pattern("is_offline_mode", offline_branch),
    Pattern("begin_nested", nested_savepoint, on=("postgresql", "mysql")),
)
