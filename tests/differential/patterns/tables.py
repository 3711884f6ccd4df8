"""Tables: revisions that create, drop, rename and describe whole tables."""

from __future__ import annotations

from tests.differential.patterns.rows import fill
from tests.differential.schema import Check, Column, ForeignKey, Index, Key, Table, foreign_key_source, key_source
from tests.differential.source import call_with, names, quoted
from tests.differential.values import plain_type
from tests.differential.world import Change, Pattern, World

_KEY_TYPES = {
    "sa.Integer()": 70,
    "sa.INTEGER()": 8,
    "sa.BigInteger()": 8,
    "sa.Uuid()": 8,
    "sa.String(length=36)": 5,
}


def create_lines(world: World, table: Table, *, flags: frozenset[str] = frozenset()) -> list[str]:
    """The lines that create a table with all that it has.

    Args:
        world: the world.
        table: the table.
        flags: `flags` writes single columns of keys and indexes as `unique=True`, `index=True`, `primary_key=True` and
            `sa.ForeignKey`, where their names allow it; `if_not_exists`.
    """
    written: list[str] = []
    keyed = "flags" in flags
    inside = set()
    for column in table.columns:
        words = {}
        if keyed and table.primary and column.name in table.primary.columns and len(table.primary.columns) == 1:
            words["primary_key"] = "True"
        written.append(column.source()[:-1].rstrip(",\n ") + _more(words) if words else column.source())
    if table.primary and not (keyed and len(table.primary.columns) == 1):
        written.append(key_source("sa.PrimaryKeyConstraint", table.primary, world.name_source(table.primary.name)))
    written += [foreign_key_source(key, world.name_source(key.name)) for key in table.foreign_keys]
    written += [key_source("sa.UniqueConstraint", key, world.name_source(key.name)) for key in table.uniques]
    written += [
        f"sa.CheckConstraint({quoted(check.condition)}, name={_final(world, check.name)})" for check in table.checks
    ]
    for index in table.indexes:
        if "index_inside" in flags and index.elements.startswith('["'):
            inside.add(index.name)
            words = {"unique": "True"} if ("unique", "True") in index.keywords else {}
            written.append(call_with("sa.Index", [quoted(index.name), *map(quoted, index.columns)], words))
    keywords: dict[str, str | None] = dict(table.keywords)
    keywords["schema"] = table.schema_source
    if table.comment is not None:
        keywords["comment"] = quoted(table.comment)
    if "if_not_exists" in flags:
        keywords["if_not_exists"] = "True"
    lines = [call_with("op.create_table", [quoted(table.name), *written], keywords)]
    lines += [create_index(world, table, index) for index in table.indexes if index.name not in inside]
    return lines


def _more(words: dict[str, str]) -> str:
    return "".join(f", {name}={value}" for name, value in words.items()) + ")"


def _final(world: World, name: str) -> str:
    return f"op.f({quoted(name)})" if world.convention else quoted(name)


def create_index(world: World, table: Table, index: Index) -> str:
    """`op.create_index(...)`."""
    keywords: dict[str, str | None] = dict(index.keywords)
    if "unique" not in keywords and world.chance(0.8):
        keywords["unique"] = "False"
    keywords["schema"] = table.schema_source
    name = world.name_source(index.name)
    assert name is not None
    return call_with("op.create_index", [name, quoted(table.name), index.elements], keywords)


def drop_index(world: World, table: Table, index: Index) -> str:
    """`op.drop_index(...)`."""
    name = world.name_source(index.name)
    assert name is not None
    keywords: dict[str, str | None] = {"schema": table.schema_source}
    extra = dict(index.keywords)
    for word in ("postgresql_using", "postgresql_where"):
        if word in extra and world.chance(0.5):
            keywords[word] = extra[word]
    if world.chance(0.1):
        keywords["if_exists"] = "True" if world.kind != "mysql" else None
    if world.chance(0.9):
        return call_with("op.drop_index", [name], {"table_name": quoted(table.name), **keywords})
    return call_with("op.drop_index", [name, quoted(table.name)], keywords)


def drop_lines(world: World, table: Table) -> list[str]:
    """The lines that drop a table, as the generated downgrades do."""
    lines = []
    if world.chance(0.5) and not (world.kind == "mysql" and table.foreign_keys):
        lines = [drop_index(world, table, index) for index in table.indexes]
    keywords: dict[str, str | None] = {"schema": table.schema_source}
    if world.chance(0.03):
        keywords["if_exists"] = "True"
    types = [one.type for one in table.columns if one.type.name and "create_type=False" not in one.type.source]
    drops = [
        world.rng.choice(
            (f'op.execute("DROP TYPE {one.name}")', f"sa.Enum(name={quoted(one.name or '')}).drop(op.get_bind())")
        )
        for one in types
    ]
    return [*lines, call_with("op.drop_table", [quoted(table.name)], keywords), *drops]


def new_table(world: World, *, referring: bool, schema: str | None = None) -> Table:
    """A new table, which is in the model already.

    Args:
        world: the world.
        referring: whether it may have foreign keys.
        schema: where it is.
    """
    table = Table(world.table_name(), schema=schema)
    kind = plain_type(world.rng.choices(list(_KEY_TYPES), list(_KEY_TYPES.values()))[0])
    automatic = (("autoincrement", "True"),) if kind.family == "integer" and world.chance(0.35) else ()
    table.columns.append(Column("id", kind, False, keywords=automatic, needed=True, distinct=True))
    table.used.add("id")
    named = world.chance(0.3)
    name = world.fresh(f"pk_{table.name}") if named else world.unnamed_key("pk", table.name, ["id"])
    table.primary = Key(name if named and world.kind != "mysql" else None, ("id",))
    commented = world.chance(0.04)
    for _ in range(world.rng.randint(2, 8)):
        table.columns.append(world.column(table, commented=commented))
    table.comment = world.comment() if commented else None
    if referring:
        for target in world.rng.sample(found := _targets(world), min(len(found), world.rng.randint(0, 2))):
            _refer(world, table, target)
    _add_keys(world, table)
    _add_options(world, table)
    return world.add(table)


def _targets(world: World) -> list[Table]:
    return [one for one in world.in_scope() if one.primary and one.primary.columns == ("id",)]


def reference_column(world: World, table: Table, target: Table, *, nullable: bool) -> Column:
    """A column for a foreign key to *target*."""
    base = f"{target.name.rstrip('s')}_id"
    name, number = base, 2
    while name in table.used:
        name, number = f"{base}_{number}", number + 1
    table.used.add(name)
    source = target.column("id").type.source.replace("INTEGER", "Integer")
    return Column(name, plain_type(source), nullable)


def action(world: World) -> tuple[tuple[str, str], ...]:
    """Keywords of a foreign key."""
    words: list[tuple[str, str]] = []
    if world.chance(0.4):
        words.append(("ondelete", quoted(world.rng.choice(("CASCADE", "CASCADE", "RESTRICT")))))
    if world.chance(0.06):
        words.append(("onupdate", quoted("CASCADE")))
    if world.kind == "postgresql" and world.chance(0.03):
        words += [("deferrable", "True"), ("initially", quoted("DEFERRED"))]
    return tuple(words)


def _refer(world: World, table: Table, target: Table) -> None:
    column = reference_column(world, table, target, nullable=world.chance(0.5) or not target.rows)
    table.columns.append(column)
    named = world.chance(0.4)
    if named:
        name: str | None = world.fresh(f"fk_{table.name}_{column.name}", 55)
    else:
        name = world.unnamed_key("fk", table.name, [column.name], target.name)
    written = name if named else None
    keywords = action(world)
    if world.chance(0.03):
        # Alembic leaves such a key out of CREATE TABLE and does not add it later; so nothing may count on it.
        keywords, written = (
            (("name", quoted(world.fresh(f"fk_{table.name}_{column.name}_late", 55))), ("use_alter", "True")),
            None,
        )
    table.foreign_keys.append(ForeignKey(written, (column.name,), target.full_name, ("id",), keywords))


def _add_keys(world: World, table: Table) -> None:
    plain = [one for one in table.columns if one.type.indexable and one.distinct and not one.type.values]
    plain = [one for one in plain if one.type.family in {"string", "integer", "uuid"} and not one.default]
    plain = [one for one in plain if one.name != "id"]
    plain = [one for one in plain if not table.in_foreign_key(one.name) and "collation" not in one.type.source]
    if plain and world.chance(0.3):
        column = world.rng.choice(plain)
        named = world.chance(0.65)
        name = world.fresh(f"uq_{table.name}_{column.name}", 55) if named else None
        table.uniques.append(Key(name, (column.name,)))
    for column in table.columns:
        if column.type.indexable and not table.in_foreign_key(column.name) and world.chance(0.12):
            if table.in_key(column.name):
                continue
            name = world.fresh(f"ix_{table.name}_{column.name}", 55)
            table.indexes.append(Index(name, names([column.name]), (column.name,)))
    numbers = [one for one in table.columns if one.type.family == "integer" and one.name != "id"]
    numbers = [one for one in numbers if not table.in_foreign_key(one.name) and one.default in (None, '"0"', '"1"')]
    if numbers and world.chance(0.15):
        column = world.rng.choice(numbers)
        quote = "`" if world.kind == "mysql" else '"'
        name = world.fresh(f"ck_{table.name}_{column.name}", 55)
        table.checks.append(Check(name, f"{quote}{column.name}{quote} >= 0", (column.name,)))


def _add_options(world: World, table: Table) -> None:
    words: list[tuple[str, str]] = []
    if world.chance(0.10):
        words += [("mysql_engine", quoted("InnoDB"))]
    if world.chance(0.09):
        words += [("mysql_charset", quoted("utf8mb4"))]
    elif world.chance(0.02):
        words += [("mysql_DEFAULT_CHARSET", quoted("utf8mb4")), ("mysql_collate", quoted("utf8mb4_general_ci"))]
    if world.chance(0.01):
        words += [("mysql_row_format", quoted("DYNAMIC"))]
    if world.chance(0.01):
        words += [("postgresql_ignore_search_path", "True")]
    table.keywords = tuple(words)


def _schema(world: World) -> str | None:
    return world.rng.choice(world.schemas) if world.schemas and not world.branched and world.chance(0.15) else None


def create_table(world: World) -> Change:
    """A table, as autogenerate writes it."""
    table = new_table(world, referring=True, schema=_schema(world))
    # A table with foreign keys that are added later by ALTER is dropped in an order of its own.
    return Change(create_lines(world, table), drop_lines(world, table), f"create {table.name}")


def create_table_by_hand(world: World) -> Change:
    """A table as people write it: `primary_key=True` and indexes inside."""
    table = new_table(world, referring=True, schema=_schema(world))
    table.primary = Key(None, ("id",)) if table.primary else None
    up = create_lines(world, table, flags=frozenset({"flags", "index_inside"}))
    return Change(up, drop_lines(world, table), f"add table {table.name}")


def create_table_if_not_exists(world: World) -> Change:
    """A table that may be there."""
    table = new_table(world, referring=False)
    table.indexes.clear()
    up = create_lines(world, table, flags=frozenset({"if_not_exists"}))
    drop = call_with("op.drop_table", [quoted(table.name)], {"if_exists": "True"})
    down = [drop, *(line for line in drop_lines(world, table) if "drop_table" not in line)]
    return Change(up * 2, down, f"make sure that {table.name} exists")


def create_association(world: World) -> Change | None:
    """A table of two foreign keys that are its primary key."""
    targets = _targets(world)
    if len(targets) < 2:
        return None
    left, right = world.rng.sample(targets, 2)
    table = Table(world.fresh(f"{left.name}_{right.name}", 40))
    for target in (left, right):
        column = reference_column(world, table, target, nullable=False)
        table.columns.append(column)
        keywords = (("ondelete", quoted("CASCADE")),)
        table.foreign_keys.append(ForeignKey(None, (column.name,), target.full_name, ("id",), keywords))
    table.primary = Key(None, tuple(one.name for one in table.columns))
    world.add(table)
    return Change(create_lines(world, table), drop_lines(world, table), f"associate {left.name} and {right.name}")


def create_and_fill(world: World) -> Change:
    """A table that gets rows at once: `table = op.create_table(...)` and `op.bulk_insert(table, ...)`."""
    table = new_table(world, referring=False)
    up = create_lines(world, table)
    up[0] = f"{table.name} = {up[0]}"
    rows = fill(world, table, 3)
    up.append(call_with("op.bulk_insert", [table.name, rows], {}))
    return Change(up, drop_lines(world, table), f"create {table.name} with rows", needs_database=True)


def drop_table(world: World) -> Change | None:
    """A table goes, and comes back in the downgrade."""
    table = world.table(lambda one: not world.is_referred(one) and not one.schema and not one.pinned)
    if table is None or len(world.in_scope()) < 4:
        return None
    up, down = drop_lines(world, table), create_lines(world, table)
    world.forget(table)
    return Change(up, down, f"drop {table.name}")


def rename_table(world: World) -> Change | None:
    """A table gets another name."""
    table = world.table(lambda one: world.kind != "mysql" or not one.foreign_keys)
    if table is None or (world.kind == "mysql" and world.is_referred(table)):
        return None
    world.forget(table)
    old, old_full, table.name = table.name, table.full_name, world.table_name()
    world.add(table)
    for other in world.tables.values():
        other.foreign_keys = [
            ForeignKey(key.name, key.columns, table.full_name, key.target_columns, key.keywords)
            if key.target == old_full
            else key
            for key in other.foreign_keys
        ]
    keywords = {"schema": table.schema_source}
    return Change(
        [call_with("op.rename_table", [quoted(old), quoted(table.name)], keywords)],
        [call_with("op.rename_table", [quoted(table.name), quoted(old)], keywords)],
        f"rename {old} to {table.name}",
    )


def table_comment(world: World) -> Change | None:
    """A table gets a comment."""
    table = world.table(lambda one: one.comment is None)
    if table is None:
        return None
    table.comment = world.comment()
    keywords = {"existing_comment": "None", "schema": table.schema_source}
    comment = [quoted(table.name), quoted(table.comment)]
    undo = {"existing_comment": quoted(table.comment), "schema": table.schema_source}
    return Change(
        [call_with("op.create_table_comment", comment, keywords)],
        [call_with("op.drop_table_comment", [quoted(table.name)], undo)],
        f"comment on {table.name}",
    )


PATTERNS = (
    Pattern("create_table", create_table),
    Pattern("create_table by hand", create_table_by_hand),
    Pattern("create_table(if_not_exists=)", create_table_if_not_exists),
    Pattern("create_table of two keys", create_association),
    Pattern("create_table and bulk_insert", create_and_fill),
    Pattern("drop_table", drop_table),
    Pattern("rename_table", rename_table),
    Pattern("create_table_comment", table_comment, on=("postgresql", "mysql")),
)
