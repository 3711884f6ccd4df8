"""Enums: revisions that create, use, change and drop enumerated types of PostgreSQL."""

from __future__ import annotations

from tests.differential.directives import Word, plain, written
from tests.differential.patterns.columns import _add_word, _drop_word
from tests.differential.schema import Column, Kind, Type
from tests.differential.source import call_with, quoted, under
from tests.differential.world import Change, Pattern, World


def _new(world: World) -> tuple[str, tuple[str, ...], str]:
    values = tuple(world.rng.sample(("draft", "open", "closed", "it's", "two words", "UPPER"), 3))
    name = world.fresh(f"{world.rng.choice(('status', 'kind', 'role'))}_type")
    return name, values, ", ".join(map(quoted, values))


def enum_column(world: World) -> Change | None:
    """A type is created by hand, then a column of it is added."""
    table = world.table()
    if table is None:
        return None
    name, values, text = _new(world)
    kind = world.rng.choice(("postgresql.ENUM", "sa.Enum"))
    variable = name
    column = Column(world.column_name(table), Type(variable, "enum", values, name), True, needed=True)
    default = quoted(values[0]) if world.chance(0.3) else None
    added = Column(column.name, column.type, default is None, default)
    stored = Type(f"postgresql.ENUM({text}, name={quoted(name)}, create_type=False)", "enum", values, name)
    table.columns.append(Column(column.name, stored, default is None, default, needed=True))
    up = [
        f"{variable} = {kind}({text}, name={quoted(name)})",
        f"{variable}.create(op.get_bind(), checkfirst=True)",
        *written(world, table, _add_word(added)),
    ]
    drop = world.rng.choice(
        (
            f'op.execute("DROP TYPE {name}")',
            f"sa.Enum(name={quoted(name)}).drop(op.get_bind(), checkfirst=False)",
            f"postgresql.ENUM(name={quoted(name)}).drop(op.get_bind())",
        )
    )
    return Change(up, [*written(world, table, _drop_word(added)), drop], f"add {column.name} to {table.name}")


def enum_twice(world: World) -> Change:
    """The same type in two tables, created once and found the second time."""
    name, values, text = _new(world)
    first, second = world.table_name(), world.table_name()
    type_ = f"postgresql.ENUM({text}, name={quoted(name)}, create_type=False)"
    items = ['sa.Column("id", sa.Integer(), primary_key=True)', f'sa.Column("kind", {type_}, nullable=True)']
    up = [
        f'op.execute("CREATE TYPE {name} AS ENUM ({_sql(values)})")'
        if world.chance(0.5)
        else f"sa.Enum({text}, name={quoted(name)}).create(op.get_bind(), checkfirst=True)",
        f"sa.Enum({text}, name={quoted(name)}).create(op.get_bind(), checkfirst=True)",
        call_with("op.create_table", [quoted(first), *items], {}),
        call_with("op.create_table", [quoted(second), *items], {}),
    ]
    down = [
        f"op.drop_table({quoted(second)})",
        f"op.drop_table({quoted(first)})",
        f"sa.Enum(name={quoted(name)}).drop(op.get_bind(), checkfirst=True)",
    ]
    return Change(up, down, f"create {first} and {second} of one type", needs_database=True)


def _sql(values: tuple[str, ...]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


def enum_in_table(world: World) -> Change:
    """A type that `create_table` creates and the downgrade drops, as people learn to do by the second try."""
    name, _values, text = _new(world)
    table = world.table_name()
    items = [
        'sa.Column("id", sa.Integer(), nullable=False)',
        f'sa.Column("kind", sa.Enum({text}, name={quoted(name)}), nullable=False)',
        'sa.PrimaryKeyConstraint("id")',
    ]
    down = [
        f"op.drop_table({quoted(table)})",
        world.rng.choice(
            (
                f'op.execute("DROP TYPE {name}")',
                f"sa.Enum(name={quoted(name)}).drop(op.get_bind(), checkfirst=False)",
                f'op.execute("DROP TYPE IF EXISTS {name}")',
            )
        ),
    ]
    return Change([call_with("op.create_table", [quoted(table), *items], {})], down, f"create {table} with a type")


def enum_left(world: World) -> Change:
    """A type that `create_table` creates and that the downgrade forgets."""
    name, _values, text = _new(world)
    table = world.table_name()
    items = [
        'sa.Column("id", sa.Integer(), nullable=False)',
        f'sa.Column("kind", sa.Enum({text}, name={quoted(name)}), nullable=False)',
    ]
    # The next upgrade would fail with Alembic, unless it is as careful as this one.
    up = [f'op.execute("DROP TYPE IF EXISTS {name}")', call_with("op.create_table", [quoted(table), *items], {})]
    return Change(up, [f"op.drop_table({quoted(table)})"], f"create {table}")


def add_value(world: World) -> Change:
    """A value is added outside of the transaction."""
    name, _values, text = _new(world)
    up = [
        f"sa.Enum({text}, name={quoted(name)}).create(op.get_bind())",
        under(
            "with op.get_context().autocommit_block():",
            [
                f"op.execute(\"ALTER TYPE {name} ADD VALUE IF NOT EXISTS 'added'\")",
                f"op.execute(\"ALTER TYPE {name} ADD VALUE 'between' AFTER 'added'\")",
            ],
        ),
    ]
    return Change(up, [f'op.execute("DROP TYPE {name}")'], f"add a value to {name}", alone=True)


def swap(world: World) -> Change:
    """A type gets other values by the usual detour: rename, create, convert, drop."""
    name, values, text = _new(world)
    table = world.table_name()
    new = f"{text}, {quoted('extra')}"
    up = [
        call_with(
            "op.create_table",
            [
                quoted(table),
                'sa.Column("id", sa.Integer(), primary_key=True)',
                f'sa.Column("kind", sa.Enum({text}, name={quoted(name)}), nullable=True)',
            ],
            {},
        ),
        f'op.execute("INSERT INTO {table} (id, kind) VALUES (1, {_sql(values[:1])})")'.replace("'it''s'", "'it''s'"),
        f'op.execute("ALTER TYPE {name} RENAME TO {name}_old")',
        f"sa.Enum({new}, name={quoted(name)}).create(op.get_bind())",
        call_with(
            "op.alter_column",
            [quoted(table), '"kind"'],
            {
                "type_": f"sa.Enum({new}, name={quoted(name)})",
                "existing_type": f"sa.Enum({text}, name={quoted(name + '_old')})" if world.chance(0.5) else None,
                "postgresql_using": f'"kind::text::{name}"',
            },
        ),
        f'op.execute("DROP TYPE {name}_old")',
    ]
    return Change(
        up, [f"op.drop_table({quoted(table)})", f'op.execute("DROP TYPE {name}")'], f"swap {name}", needs_database=True
    )


def text_to_enum(world: World) -> Change:
    """A text becomes an enumerated type."""
    name, values, text = _new(world)
    table = world.table_name()
    up = [
        f'op.create_table({quoted(table)}, sa.Column("kind", sa.String(20), server_default={quoted(values[0])}))',
        f"kind = postgresql.ENUM({text}, name={quoted(name)})",
        "kind.create(op.get_bind())",
        f'op.alter_column({quoted(table)}, "kind", server_default=None)',
        f'op.alter_column({quoted(table)}, "kind", type_=kind, postgresql_using="kind::{name}")',
        f'op.alter_column({quoted(table)}, "kind", server_default={quoted(values[1])}, existing_type=kind)',
    ]
    return Change(up, [f"op.drop_table({quoted(table)})", f'op.execute("DROP TYPE {name}")'], f"make {name} of a text")


ON: tuple[Kind, ...] = ("postgresql",)
PATTERNS = (
    Pattern("ENUM.create and add_column", enum_column, on=ON),
    Pattern("ENUM(create_type=False)", enum_twice, on=ON),
    Pattern("Enum in create_table, dropped", enum_in_table, on=ON),
    Pattern("Enum in create_table, left", enum_left, on=ON),
    Pattern("ALTER TYPE ADD VALUE", add_value, on=ON),
    Pattern("ALTER TYPE RENAME", swap, on=ON),
    Pattern("alter_column(type_=ENUM)", text_to_enum, on=ON),
)
_ = (Word, plain)
