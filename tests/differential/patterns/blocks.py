"""Blocks: `batch_alter_table` with each of its parameters, and with many words at once."""

from __future__ import annotations

from tests.differential.directives import Word, batch, existing
from tests.differential.patterns.columns import _add_word, _addable, _drop_word
from tests.differential.schema import Check, Column, Table
from tests.differential.source import names, quoted
from tests.differential.values import plain_type
from tests.differential.world import Change, Pattern, World


def _two(world: World, table: Table) -> tuple[list[Column], list[Word], list[Word]]:
    columns = [world.column(table, existing=True, want=lambda one: _addable(world, one)) for _ in range(2)]
    table.columns += columns
    return columns, [*map(_add_word, columns)], [*map(_drop_word, reversed(columns))]


def recreate(world: World) -> Change | None:
    """`recreate=`: always (SQLite only), never, auto."""
    table = world.table(lambda one: not one.schema)
    if table is None:
        return None
    how = world.rng.choice(("always", "always", "auto") if world.kind == "sqlite" else ("never", "auto"))
    columns, words, undo = _two(world, table)
    if how != "always" and world.kind == "sqlite":
        for column in columns:
            if column.default and "text" in column.default:
                return Change(batch(world, table, *words), batch(world, table, *undo), f"alter {table.name}")
    up = batch(world, table, *words, recreate=quoted(how))
    return Change(up, batch(world, table, *undo, recreate=quoted(how)), f"alter {table.name} with recreate={how}")


def naming(world: World) -> Change | None:
    """`naming_convention=` in a block that adds a constraint by name."""
    table = world.table(lambda one: not one.schema)
    if table is None:
        return None
    column = Column(world.column_name(table), plain_type("sa.Integer()"), True, needed=True, distinct=True)
    table.columns.append(column)
    name = world.fresh(f"uq_{table.name}_{column.name}", 55)
    table.pinned = True
    convention = '{"uq": "uq_%(table_name)s_%(column_0_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s"}'
    key = Word("create_unique_constraint", [quoted(name), names([column.name])], named=True)
    drop = Word("drop_constraint", [quoted(name)], {"type_": '"unique"'}, named=True)
    up = batch(world, table, _add_word(column), key, naming_convention=convention)
    down = batch(world, table, drop, _drop_word(column), naming_convention=convention)
    return Change(up, down, f"add {column.name} to {table.name} by convention")


def many_words(world: World) -> Change | None:
    """A block with words of each kind."""
    table = world.table(lambda one: not one.schema and len(one.columns) > 3)
    if table is None:
        return None
    columns, words, undo = _two(world, table)
    first = columns[0]
    if first.type.indexable and not first.type.values:
        name = world.fresh(f"ix_{table.name}_{first.name}", 55)
        words.append(Word("create_index", [f"batch_op.f({quoted(name)})", names([first.name])], {"unique": "False"}))
        undo.insert(0, Word("drop_index", [f"batch_op.f({quoted(name)})"]))
        table.replace(first.name, needed=True)
        table.pinned = True
    found = [one for one in table.columns if not one.nullable and table.is_plain(one.name) and one not in columns]
    if found:
        column = world.rng.choice(found)
        known = existing(world, column, "nullable")
        words.append(Word("alter_column", [quoted(column.name)], {**known, "nullable": "True"}))
        undo.insert(0, Word("alter_column", [quoted(column.name)], {**known, "nullable": "False"}))
        table.replace(column.name, nullable=True, needed=True)
    return Change(batch(world, table, *words), batch(world, table, *undo), f"rework {table.name}")


def table_args(world: World) -> Change | None:
    """`table_args=` and `table_kwargs=`: what the table gets besides."""
    found = world.table_and_column(
        lambda table, one: (
            one.type.source in {"sa.Integer()", "sa.BigInteger()"} and table.is_plain(one.name) and one.is_bare
        )
    )
    if found is None:
        return None
    table, column = found
    _columns, words, undo = _two(world, table)
    name = world.fresh(f"ck_{table.name}_{column.name}_args", 55)
    table.checks.append(Check(name, f"{column.name} > -5", (column.name,)))
    args = f"(sa.CheckConstraint({quoted(f'{column.name} > -5')}, name=op.f({quoted(name)})),)"
    up = batch(world, table, *words, recreate='"always"', table_args=args)
    drop = Word("drop_constraint", [f"op.f({quoted(name)})"], {"type_": '"check"'}, named=True)
    return Change(up, batch(world, table, drop, *undo), f"rework {table.name} with table_args")


def reflect(world: World) -> Change | None:
    """`reflect_args=` and `reflect_kwargs=`."""
    table = world.table(lambda one: not one.schema and any(two.type.family == "boolean" for two in one.columns))
    if table is None:
        return None
    _columns, words, undo = _two(world, table)
    flag = next(one for one in table.columns if one.type.family == "boolean")
    args = f"[sa.Column({quoted(flag.name)}, sa.Boolean(), nullable={flag.nullable}"
    args += f", server_default={flag.default})]" if flag.default else ")]"
    up = batch(world, table, *words, reflect_args=args, reflect_kwargs="{}")
    return Change(up, batch(world, table, *undo), f"rework {table.name} with reflect_args")


def reordering(world: World) -> Change | None:
    """`partial_reordering=` and `insert_after=`."""
    table = world.table(lambda one: not one.schema and len(one.columns) > 3)
    if table is None:
        return None
    column = world.column(table, existing=True, want=lambda one: _addable(world, one))
    table.columns.append(column)
    after = table.columns[1].name
    if world.chance(0.5):
        word = Word("add_column", [column.source()], {"insert_after": quoted(after)})
        up = batch(world, table, word, recreate='"always"')
    else:
        order = f"[({quoted(column.name)}, {quoted(after)})]"
        up = batch(world, table, _add_word(column), recreate='"always"', partial_reordering=order)
    return Change(up, batch(world, table, _drop_word(column)), f"put {column.name} into the middle of {table.name}")


PATTERNS = (
    Pattern("batch_alter_table(recreate=)", recreate),
    Pattern("batch_alter_table(naming_convention=)", naming),
    Pattern("batch_alter_table of many words", many_words),
    Pattern("batch_alter_table(table_args=)", table_args, on=("sqlite",)),
    Pattern("batch_alter_table(reflect_args=)", reflect, on=("sqlite",)),
    Pattern("batch_alter_table(partial_reordering=)", reordering, on=("sqlite",)),
)
