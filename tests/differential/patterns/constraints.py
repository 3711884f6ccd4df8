"""Constraints: revisions that add and drop keys, checks, foreign keys and indexes of tables that exist."""

from __future__ import annotations

from dataclasses import replace

from tests.differential.directives import Word, batch, plain, written
from tests.differential.patterns.tables import create_index, drop_index
from tests.differential.schema import Check, Column, ForeignKey, Index, Key, Table, key_source
from tests.differential.source import call_with, names, quoted
from tests.differential.world import Change, Pattern, World


def _indexable(table: Table, column: Column) -> bool:
    return column.type.indexable and not table.in_foreign_key(column.name) and not table.in_key(column.name)


def add_index(world: World) -> Change | None:
    """An index on one column or two."""
    table = world.table(lambda one: sum(_indexable(one, column) for column in one.columns) > 1)
    if table is None:
        return None
    found = [one.name for one in table.columns if _indexable(table, one)]
    columns = tuple(world.rng.sample(found, world.rng.choice((1, 1, 1, 2))))
    index = Index(world.fresh(f"ix_{table.name}_{'_'.join(columns)}", 55), names(columns), columns)
    table.indexes.append(index)
    return _index_change(world, table, index)


def _index_change(world: World, table: Table, index: Index) -> Change:
    if world.chance(0.3):
        name = world.name_source(index.name)
        assert name is not None
        keywords: dict[str, str | None] = {**dict(index.keywords)}
        keywords.setdefault("unique", "False")
        word = Word("create_index", [name, index.elements], keywords, named=True)
        up = batch(world, table, word)
        down = batch(world, table, Word("drop_index", [name], named=True))
        return Change(up, down, f"index {table.name}")
    return Change([create_index(world, table, index)], [drop_index(world, table, index)], f"index {table.name}")


def add_unique_index(world: World) -> Change | None:
    """A unique index."""
    found = world.table_and_column(lambda table, one: one.distinct and _indexable(table, one) and _small(one))
    if found is None:
        return None
    table, column = found
    name = world.fresh(f"uix_{table.name}_{column.name}", 55)
    index = Index(name, names([column.name]), (column.name,), (("unique", "True"),))
    table.indexes.append(index)
    table.replace(column.name, needed=True)
    return _index_change(world, table, index)


def _small(column: Column) -> bool:
    return not column.type.values and column.type.family in {"string", "integer", "uuid"} and not column.default


def add_expression_index(world: World) -> Change | None:
    """An index on an expression."""
    found = world.table_and_column(
        lambda table, one: (
            one.type.family == "string" and not one.type.values and table.is_free(one.name) and one.is_bare
        )
    )
    if found is None:
        return None
    table, column = found
    elements = world.rng.choice(
        (f"[sa.text({quoted(f'lower({column.name})')})]", f"[sa.text({quoted(f'{column.name} DESC')})]")
    )
    name = world.fresh(f"ix_{table.name}_{column.name}_lower", 55)
    index = Index(name, elements, (column.name,))
    table.indexes.append(index)
    table.replace(column.name, needed=True)
    return Change([create_index(world, table, index)], [drop_index(world, table, index)], f"index {table.name}")


def add_partial_index(world: World) -> Change | None:
    """An index on some rows only, written for PostgreSQL and SQLite."""
    found = world.table_and_column(
        lambda table, one: table.is_plain(one.name) and _indexable(table, one) and one.nullable and one.is_bare
    )
    if found is None:
        return None
    table, column = found
    where = f"sa.text({quoted(f'{column.name} IS NOT NULL')})"
    keywords = (("postgresql_where", where), ("sqlite_where", where))
    index = Index(
        world.fresh(f"ix_{table.name}_{column.name}_some", 55), names([column.name]), (column.name,), keywords
    )
    table.indexes.append(index)
    table.replace(column.name, needed=True)
    return Change([create_index(world, table, index)], [drop_index(world, table, index)], f"index some of {table.name}")


def drop_old_index(world: World) -> Change | None:
    """An index goes, and comes back in the downgrade."""
    table = world.table(lambda one: bool(one.indexes))
    if table is None:
        return None
    index = world.rng.choice(table.indexes)
    table.indexes.remove(index)
    return Change(
        [drop_index(world, table, index)], [create_index(world, table, index)], f"drop an index of {table.name}"
    )


def _named(world: World, name: str) -> str:
    written_name = world.name_source(name)
    assert written_name is not None
    return written_name


def add_unique(world: World) -> Change | None:
    """A unique constraint."""
    found = world.table_and_column(
        lambda table, one: one.distinct and _small(one) and table.is_plain(one.name) and _indexable(table, one)
    )
    if found is None:
        return None
    table, column = found
    key = Key(world.fresh(f"uq_{table.name}_{column.name}", 55), (column.name,))
    assert key.name is not None
    if world.kind == "postgresql" and world.chance(0.1):
        key = replace(key, keywords=(("deferrable", "True"), ("initially", '"DEFERRED"')))
    table.uniques.append(key)
    name = _named(world, key.name or "")
    word = Word("create_unique_constraint", [name, names(key.columns)], dict(key.keywords), named=True)
    drop = Word("drop_constraint", [name], {"type_": '"unique"'}, named=True)
    return Change(written(world, table, word), written(world, table, drop), f"make {column.name} unique")


def drop_unique(world: World) -> Change | None:
    """A unique constraint goes."""
    table = world.table(lambda one: any(key.name for key in one.uniques))
    if table is None:
        return None
    key = world.rng.choice([one for one in table.uniques if one.name])
    assert key.name is not None
    table.uniques.remove(key)
    # It may come back in a downgrade.
    for column in key.columns:
        table.replace(column, needed=True)
    name = _named(world, key.name)
    word = Word("create_unique_constraint", [name, names(key.columns)], dict(key.keywords), named=True)
    drop = Word("drop_constraint", [name], {"type_": '"unique"'}, named=True)
    return Change(written(world, table, drop), written(world, table, word), f"drop {key.name}")


def add_check(world: World) -> Change | None:
    """A check: as text, by keywords, or as an expression."""
    found = world.table_and_column(
        lambda table, one: (
            one.type.family in {"integer", "string"}
            and table.is_plain(one.name)
            and not one.type.values
            and one.is_bare
        )
    )
    if found is None:
        return None
    table, column = found
    rule = f"{column.name} >= -1" if column.type.family == "integer" else f"length({column.name}) < 1000"
    check = Check(world.fresh(f"ck_{table.name}_{column.name}", 55), rule, (column.name,))
    table.checks.append(check)
    name = f"op.f({quoted(check.name)})" if world.convention else quoted(check.name)
    condition = quoted(rule)
    if world.chance(0.2) and column.type.family == "integer":
        condition = f"sa.column({quoted(column.name)}) >= -1"
    word = Word("create_check_constraint", [name, condition], named=True)
    drop = Word("drop_constraint", [name], {"type_": '"check"'}, named=True)
    up = written(world, table, word)
    if world.kind != "sqlite" and world.chance(0.3):
        keywords = {
            "constraint_name": name,
            "table_name": quoted(table.name),
            "condition": condition,
            "schema": table.schema_source,
        }
        up = [call_with("op.create_check_constraint", [], keywords)]
    return Change(up, written(world, table, drop), f"check {column.name} of {table.name}")


def drop_check(world: World) -> Change | None:
    """A check goes."""
    table = world.table(lambda one: bool(one.checks))
    if table is None:
        return None
    check = world.rng.choice(table.checks)
    table.checks.remove(check)
    for column in check.columns:
        table.replace(column, needed=True)
    name = f"op.f({quoted(check.name)})" if world.convention else quoted(check.name)
    drop = Word("drop_constraint", [name], {"type_": '"check"'}, named=True)
    word = Word("create_check_constraint", [name, quoted(check.condition)], named=True)
    return Change(written(world, table, drop), written(world, table, word), f"drop {check.name}")


def drop_foreign_key(world: World) -> Change | None:
    """A foreign key goes."""
    table = world.table(lambda one: any(key.name and _here(key) for key in one.foreign_keys))
    if table is None:
        return None
    key = world.rng.choice([one for one in table.foreign_keys if one.name and _here(one)])
    assert key.name is not None
    table.foreign_keys.remove(key)
    for column in key.columns:
        # It keeps an index on MySQL, and must keep its values for the way back.
        table.replace(column, needed=True, filled_by="nothing" if table.column(column).nullable else None)
    if any(not table.column(column).nullable for column in key.columns):
        table.foreign_keys.append(key)
        return None
    name = _named(world, key.name)
    drop = Word("drop_constraint", [name], {"type_": '"foreignkey"'}, named=True)
    arguments = [name, quoted(key.target), names(key.columns), names(key.target_columns)]
    words = {one: value for one, value in key.keywords if one != "use_alter"}
    add = Word("create_foreign_key", arguments, words, named=True, schema="source_schema")
    return Change(written(world, table, drop), written(world, table, add), f"drop {key.name}")


def _here(key: ForeignKey) -> bool:
    return "." not in key.target


def change_foreign_key(world: World) -> Change | None:
    """A foreign key is dropped and made again with another `ondelete`."""
    table = world.table(lambda one: any(key.name and _here(key) for key in one.foreign_keys))
    if table is None:
        return None
    key = world.rng.choice([one for one in table.foreign_keys if one.name and _here(one)])
    assert key.name is not None
    words = {one: value for one, value in key.keywords if one != "use_alter"}
    other = {"ondelete": '"CASCADE"'} if words.get("ondelete") != '"CASCADE"' else {}
    place = table.foreign_keys.index(key)
    table.foreign_keys[place] = replace(key, keywords=tuple(other.items()))
    name = _named(world, key.name)
    drop = Word("drop_constraint", [name], {"type_": '"foreignkey"'}, named=True)

    def add(keywords: dict[str, str]) -> Word:
        head = [name, quoted(key.target)]
        if world.chance(0.3):
            columns = {"local_cols": names(key.columns), "remote_cols": names(key.target_columns)}
            return Word("create_foreign_key", head, {**columns, **keywords}, named=True, schema="source_schema")
        arguments = [*head, names(key.columns), names(key.target_columns)]
        return Word("create_foreign_key", arguments, keywords, named=True, schema="source_schema")

    up = written(world, table, drop, add(other))
    down = written(world, table, drop, add(words))
    return Change(up, down, f"change {key.name}")


def replace_primary_key(world: World) -> Change | None:
    """A table that was made without a primary key gets one."""
    table = Table(world.table_name())
    table.columns = [
        world.column(
            table,
            want=lambda one: (
                one.family in {"integer", "string"}
                and not one.values
                and one.indexable
                and "CHAR(length=" not in one.source
            ),
        )
        for _ in range(3)
    ]
    first, second = (replace(one, nullable=False, default=None, needed=True) for one in table.columns[:2])
    table.columns[:2] = [first, second]
    world.add(table)
    create = call_with("op.create_table", [quoted(table.name), *(one.source() for one in table.columns)], {})
    key = Key(world.fresh(f"pk_{table.name}"), (first.name, second.name))
    table.primary = key
    name = _named(world, key.name or "")
    word = Word("create_primary_key", [name, names(key.columns)], named=True)
    drop = Word("drop_constraint", [name], {"type_": '"primary"'}, named=True)
    up = [create, *written(world, table, word)]
    down = [*(written(world, table, drop) if world.chance(0.5) else []), f"op.drop_table({quoted(table.name)})"]
    return Change(up, down, f"create {table.name} and its primary key")


def drop_unnamed_unique(world: World) -> Change | None:
    """A unique constraint that was written without a name: PostgreSQL and conventions give it one that people know."""
    table = Table(world.table_name())
    table.columns = [
        Column("id", world.type(lambda one: one.source == "sa.Integer()"), False, needed=True),
        Column("code", world.type(lambda one: one.source.startswith("sa.String(length")), False, needed=True),
    ]
    table.used |= {"id", "code"}
    table.primary = Key(None, ("id",))
    name = world.unnamed_key("uq", table.name, ["code"])
    world.add(table)
    items = [*(one.source() for one in table.columns), 'sa.PrimaryKeyConstraint("id")']
    items.append(key_source("sa.UniqueConstraint", Key(None, ("code",)), None))
    create = call_with("op.create_table", [quoted(table.name), *items], {})
    drop = Word("drop_constraint", [f"op.f({quoted(name or 'uq_code')})"], {"type_": '"unique"'}, named=True)
    if world.kind == "sqlite":
        convention = '{"uq": "uq_%(table_name)s_%(column_0_name)s"}'
        found = Word("drop_constraint", [quoted(f"uq_{table.name}_code")], {"type_": '"unique"'}, named=True)
        dropped = batch(world, table, found, naming_convention=convention)
    else:
        dropped = plain(table, drop) if world.chance(0.5) else batch(world, table, drop)
    return Change([create, *dropped], [f"op.drop_table({quoted(table.name)})"], f"create {table.name}")


PATTERNS = (
    Pattern("create_index", add_index),
    Pattern("create_index(unique=True)", add_unique_index),
    Pattern("create_index of an expression", add_expression_index, on=("postgresql",)),
    Pattern("create_index(postgresql_where=, sqlite_where=)", add_partial_index),
    Pattern("drop_index", drop_old_index),
    Pattern("create_unique_constraint", add_unique),
    Pattern("drop_constraint(type_='unique')", drop_unique),
    Pattern("create_check_constraint", add_check),
    Pattern("drop_constraint(type_='check')", drop_check),
    Pattern("drop_constraint(type_='foreignkey')", drop_foreign_key),
    Pattern("drop_constraint and create_foreign_key", change_foreign_key),
    Pattern("create_primary_key", replace_primary_key),
    Pattern("drop_constraint of what has no name", drop_unnamed_unique, on=("sqlite", "postgresql")),
)
