"""Columns: revisions that add and drop columns, or change whether they may be NULL, their default or their comment."""

from __future__ import annotations

from tests.differential.directives import Word, existing, plain, written
from tests.differential.patterns.tables import action, reference_column
from tests.differential.schema import Column, ForeignKey, Table, Type
from tests.differential.source import call, call_with, quoted
from tests.differential.values import default_for, literal_for
from tests.differential.world import Change, Pattern, World


def _add_word(column: Column, **keywords: str | None) -> Word:
    return Word("add_column", [column.source()], keywords)


def _drop_word(column: Column, **keywords: str | None) -> Word:
    return Word("drop_column", [quoted(column.name)], keywords)


def _addable(world: World, type_: Type) -> bool:
    """Whether `add_column` is enough for a type: a new enumerated type of PostgreSQL must be created before."""
    return not (world.kind == "postgresql" and type_.name) and not type_.checked


def add_column(world: World) -> Change | None:
    """A column, or a few."""
    table = world.table()
    if table is None:
        return None
    count = world.rng.choice((1, 1, 1, 2, 3))
    columns = [
        world.column(table, existing=True, want=lambda one: _addable(world, one), commented=world.chance(0.03))
        for _ in range(count)
    ]
    table.columns += columns
    up = written(world, table, *map(_add_word, columns), simple=True)
    down = written(world, table, *map(_drop_word, reversed(columns)), simple=True)
    return Change(up, down, f"add {columns[0].name} to {table.name}")


def add_column_if_not_exists(world: World) -> Change | None:
    """A column that may be there."""
    table = world.table()
    if table is None:
        return None
    column = world.column(table, existing=True, want=lambda one: _addable(world, one))
    table.columns.append(column)
    if world.kind == "mysql" and not column.nullable:
        column = table.replace(column.name, nullable=True)
    up = written(world, table, _add_word(column, if_not_exists="True"))
    down = written(world, table, _drop_word(column, if_exists="True"))
    return Change(up * 2, down * 2, f"add {column.name} to {table.name} unless it exists")


def add_reference(world: World) -> Change | None:
    """A column and its foreign key, the commonest pair of all."""
    table, target = world.table(), world.table(lambda one: one.primary is not None and one.primary.columns == ("id",))
    if table is None or target is None:
        return None
    column = reference_column(world, table, target, nullable=True)
    table.columns.append(column)
    name = world.fresh(f"fk_{table.name}_{column.name}", 55)
    keywords = action(world)
    table.foreign_keys.append(ForeignKey(name, (column.name,), target.full_name, ("id",), keywords))
    written_name = world.name_source(name)
    assert written_name is not None
    words: dict[str, str | None] = dict(keywords)
    words["referent_schema"] = target.schema_source
    key = Word(
        "create_foreign_key",
        [written_name, quoted(target.name), f"[{quoted(column.name)}]", '["id"]'],
        words,
        named=True,
        schema="source_schema",
    )
    drop = Word("drop_constraint", [written_name], {"type_": '"foreignkey"'}, named=True)
    up = written(world, table, _add_word(column), key)
    down = written(world, table, drop, _drop_word(column))
    return Change(up, down, f"let {table.name} refer to {target.name}")


def add_inline_reference(world: World) -> Change | None:
    """A column with `sa.ForeignKey` in it."""
    table, target = world.table(lambda one: not one.schema), world.table(lambda one: one.primary is not None)
    if table is None or target is None or target.primary is None or target.primary.columns != ("id",):
        return None
    column = reference_column(world, table, target, nullable=True)
    name = world.fresh(f"fk_{table.name}_{column.name}", 55)
    reference = call("sa.ForeignKey", quoted(f"{target.full_name}.id"), name=world.name_source(name))
    table.columns.append(column)
    table.foreign_keys.append(ForeignKey(name, (column.name,), target.full_name, ("id",)))
    added = Word("add_column", [Column(column.name, column.type, True, extra=reference).source()])
    drop = Word("drop_constraint", [quoted(name)], {"type_": '"foreignkey"'}, named=True)
    up = written(world, table, added)
    down = written(world, table, drop, _drop_word(column))
    return Change(up, down, f"add {column.name} to {table.name}")


def add_indexed_column(world: World) -> Change | None:
    """A column and an index on it."""
    table = world.table()
    if table is None:
        return None
    column = world.column(table, existing=True, want=lambda one: _addable(world, one) and one.indexable)
    table.columns.append(column)
    name = world.name_source(world.fresh(f"ix_{table.name}_{column.name}", 55))
    assert name is not None
    index = Word("create_index", [name, f"[{quoted(column.name)}]"], {"unique": "False"}, named=True)
    drop = Word("drop_index", [name], named=True)
    table.replace(column.name, needed=True)
    table.pinned = True
    up = written(world, table, _add_word(column), index, simple=True)
    if world.kind == "sqlite" or world.chance(0.5):
        down = written(world, table, drop, _drop_word(column))
    else:
        down = [call_with("op.drop_index", [name], {"table_name": quoted(table.name), "schema": table.schema_source})]
        down += plain(table, _drop_word(column))
    return Change(up, down, f"add {column.name} to {table.name} with an index")


def drop_column(world: World) -> Change | None:
    """A column goes, and comes back in the downgrade."""

    def droppable(table: Table, column: Column) -> bool:
        fits = column.nullable or (column.default is not None and not column.volatile) or not table.rows
        fits = fits and not (
            world.kind == "sqlite" and (column.volatile or (not column.nullable and not column.default))
        )
        return table.is_free(column.name) and fits and _addable(world, column.type) and len(table.columns) > 3

    found = world.table_and_column(droppable)
    if found is None:
        return None
    table, column = found
    table.remove(column.name)
    up = written(world, table, _drop_word(column), simple=True)
    down = written(world, table, _add_word(column), simple=True)
    return Change(up, down, f"drop {column.name} of {table.name}")


def move_column(world: World) -> Change | None:
    """A column is filled from another one, which goes: add, copy, drop."""

    def movable(table: Table, column: Column) -> bool:
        return (
            table.is_free(column.name)
            and column.nullable
            and column.default is None
            and column.type.family in {"string", "text", "integer"}
            and column.comment is None
            and not table.schema
        )

    found = world.table_and_column(movable)
    if found is None:
        return None
    table, column = found
    new = Column(world.column_name(table), column.type, True, distinct=column.distinct)
    quote = (lambda one: f"`{one}`") if world.kind == "mysql" else (lambda one: f'"{one}"')
    copy = f"UPDATE {table.name} SET {quote(new.name)} = {quote(column.name)}"
    back = f"UPDATE {table.name} SET {quote(column.name)} = {quote(new.name)}"
    table.columns.append(new)
    table.remove(column.name)
    up = [
        *written(world, table, _add_word(new), simple=True),
        f"op.execute({_text(copy)})",
        *written(world, table, _drop_word(column), simple=True),
    ]
    down = [
        *written(world, table, _add_word(column), simple=True),
        f"op.execute({_text(back)})",
        *written(world, table, _drop_word(new), simple=True),
    ]
    return Change(up, down, f"turn {column.name} of {table.name} into {new.name}")


def _text(sql: str) -> str:
    """A literal for SQL, which often has double quotes in it."""
    return f"'{sql}'" if '"' in sql and "'" not in sql else repr(sql) if '"' in sql else quoted(sql)


def set_not_null(world: World) -> Change | None:
    """What is missing is filled in, then the column must not be NULL any more."""

    def settable(table: Table, column: Column) -> bool:
        return (
            column.nullable
            and table.is_plain(column.name)
            and literal_for(column, 1) is not None
            and not (world.kind == "sqlite" and column.type.family == "boolean")
            and "UUID" not in column.type.source
        )

    found = world.table_and_column(settable)
    if found is None:
        return None
    table, column = found
    literal = literal_for(column, 1)
    table_name = table.full_name
    quote = "`" if world.kind == "mysql" else '"'
    name = f"{quote}{column.name}{quote}"
    fill = f"op.execute({_text(f'UPDATE {table_name} SET {name} = {literal} WHERE {name} IS NULL')})"
    words = {"nullable": "False", **existing(world, column, "nullable")}
    undo = {"nullable": "True", **existing(world, column, "nullable")}
    table.replace(column.name, nullable=False, distinct=column.distinct and not table.rows)
    up = [fill, *written(world, table, Word("alter_column", [quoted(column.name)], words))]
    down = written(world, table, Word("alter_column", [quoted(column.name)], undo))
    return Change(up, down, f"require {column.name} of {table.name}")


def drop_not_null(world: World) -> Change | None:
    """A column may be NULL from now on."""
    found = world.table_and_column(lambda table, one: not one.nullable and table.is_plain(one.name))
    if found is None:
        return None
    table, column = found
    words = {"nullable": "True", **existing(world, column, "nullable")}
    undo = {"nullable": "False", **existing(world, column, "nullable")}
    # Rows added later give it a value; its downgrade needs that.
    table.replace(column.name, nullable=True, needed=True)
    return Change(
        written(world, table, Word("alter_column", [quoted(column.name)], words)),
        written(world, table, Word("alter_column", [quoted(column.name)], undo)),
        f"make {column.name} of {table.name} optional",
    )


def set_default(world: World) -> Change | None:
    """A column gets a default, another one, or none any more."""
    found = world.table_and_column(
        lambda table, one: table.is_plain(one.name) and not one.volatile and not one.type.checked
    )
    if found is None:
        return None
    table, column = found
    default: str | None = None
    if column.default is None or world.chance(0.3):
        default, volatile = default_for(world.rng, world.kind, column.type, volatile=False)
        if default is None or volatile:
            return None
    words = {"server_default": default or "None", **existing(world, column, "server_default")}
    undo = {"server_default": column.default or "None", **existing(world, column, "server_default")}
    if column.default is not None and default is not None:
        words["existing_server_default"], undo["existing_server_default"] = column.default, default
    elif column.default is not None and world.chance(0.5):
        words["existing_server_default"] = column.default
    table.replace(column.name, default=default, distinct=False)
    return Change(
        written(world, table, Word("alter_column", [quoted(column.name)], words)),
        written(world, table, Word("alter_column", [quoted(column.name)], undo)),
        f"{'change' if default else 'take away'} the default of {column.name}",
    )


def column_comment(world: World) -> Change | None:
    """A column gets a comment."""
    found = world.table_and_column(lambda table, one: table.is_plain(one.name) and one.comment is None)
    if found is None:
        return None
    table, column = found
    comment = world.comment()
    words = {"comment": quoted(comment), **existing(world, column, "comment")}
    undo = {"comment": "None", "existing_comment": quoted(comment), **existing(world, column, "comment")}
    table.replace(column.name, comment=comment)
    return Change(
        written(world, table, Word("alter_column", [quoted(column.name)], words)),
        written(world, table, Word("alter_column", [quoted(column.name)], undo)),
        f"comment on {column.name} of {table.name}",
    )


def rename_column(world: World) -> Change | None:
    """A column gets another name."""
    found = world.table_and_column(
        lambda table, one: (
            table.is_free(one.name)
            or (
                world.kind == "postgresql"
                and table.is_plain(one.name)
                and not any(one.name in index.columns for index in table.indexes)
            )
        )
    )
    if found is None:
        return None
    table, column = found
    new = world.column_name(table)
    words = {"new_column_name": quoted(new), **existing(world, column)}
    undo = {"new_column_name": quoted(column.name), **existing(world, column)}
    table.replace(column.name, name=new)
    simple = True
    forward = Word("alter_column", [quoted(column.name)], words)
    if world.chance(0.1):
        forward = Word("alter_column", [], {"column_name": quoted(column.name), **words})
        up = [
            call_with(
                "op.alter_column",
                [],
                {"table_name": quoted(table.name), **forward.keywords, "schema": table.schema_source},
            )
        ]
    else:
        up = written(world, table, forward, simple=simple)
    down = written(world, table, Word("alter_column", [quoted(new)], undo), simple=simple)
    return Change(up, down, f"rename {column.name} of {table.name} to {new}")


PATTERNS = (
    Pattern("add_column", add_column),
    Pattern("add_column(if_not_exists=)", add_column_if_not_exists, on=("postgresql", "mysql")),
    Pattern("add_column and create_foreign_key", add_reference),
    Pattern("add_column of sa.ForeignKey", add_inline_reference),
    Pattern("add_column and create_index", add_indexed_column),
    Pattern("drop_column", drop_column),
    Pattern("add_column, execute, drop_column", move_column),
    Pattern("alter_column(nullable=False)", set_not_null),
    Pattern("alter_column(nullable=True)", drop_not_null),
    Pattern("alter_column(server_default=)", set_default),
    Pattern("alter_column(comment=)", column_comment, on=("postgresql", "mysql")),
    Pattern("alter_column(new_column_name=)", rename_column),
)
