"""PostgreSQL: revisions with what only PostgreSQL has, apart from enumerated types."""

from __future__ import annotations

from tests.differential.directives import Word, plain, written
from tests.differential.patterns.columns import _add_word, _drop_word
from tests.differential.patterns.tables import create_lines, drop_lines, new_table
from tests.differential.schema import Column, Kind, Table
from tests.differential.source import call_with, names, quoted, under
from tests.differential.values import plain_type
from tests.differential.world import Change, Pattern, World


def _index(world: World, table: Table, column: Column, elements: str | None = None, **keywords: str) -> Change:
    name = world.name_source(world.fresh(f"ix_{table.name}_{column.name}_own", 55))
    assert name is not None
    table.replace(column.name, needed=True)
    table.pinned = True
    words = {"schema": table.schema_source, **keywords}
    up = call_with("op.create_index", [name, quoted(table.name), elements or names([column.name])], words)
    kept = {word: words[word] for word in ("schema", "postgresql_using") if words.get(word)}
    down = call_with("op.drop_index", [name], {"table_name": quoted(table.name), **kept})
    return Change([up], [down], f"index {column.name} of {table.name}")


def concurrent_index(world: World) -> Change | None:
    """An index made concurrently in an `autocommit_block`."""
    found = world.table_and_column(lambda table, one: one.type.indexable and table.is_plain(one.name))
    if found is None:
        return None
    change = _index(world, *found, postgresql_concurrently="True")
    down = change.down[0].rstrip(")\n,") + ", postgresql_concurrently=True)"
    block = world.rng.choice(
        ("with op.get_context().autocommit_block():", "with context.get_context().autocommit_block():")
    )
    return Change([under(block, change.up)], [under(block, [down])], change.message, alone=True)


def concurrent_if_not_exists(world: World) -> Change | None:
    """The same that may be repeated."""
    found = world.table_and_column(lambda table, one: one.type.indexable and table.is_plain(one.name))
    if found is None:
        return None
    change = _index(world, *found, postgresql_concurrently="True", if_not_exists="True")
    down = change.down[0].rstrip(")\n,") + ", postgresql_concurrently=True, if_exists=True)"
    block = "with op.get_context().autocommit_block():"
    return Change([under(block, change.up * 2)], [under(block, [down] * 2)], change.message, alone=True)


def index_using(world: World) -> Change | None:
    """`postgresql_using=` with `postgresql_ops=`."""
    found = world.table_and_column(
        lambda table, one: (
            ("JSONB" in one.type.source or one.type.family in {"string", "words", "strings"})
            and not one.type.values
            and table.is_plain(one.name)
            and "CHAR(" not in one.type.source.replace("VARCHAR(", "")
        )
    )
    if found is None:
        return None
    table, column = found
    if "JSONB" in column.type.source:
        ops = f'{{{quoted(column.name)}: "jsonb_path_ops"}}'
        more = {"postgresql_ops": ops} if world.chance(0.5) else {}
        return _index(world, table, column, postgresql_using='"gin"', **more)
    if column.type.family in {"words", "strings"}:
        return _index(world, table, column, postgresql_using='"gin"', unique="False")
    ops = f'{{{quoted(column.name)}: "varchar_pattern_ops"}}'
    return _index(world, table, column, postgresql_using='"btree"', postgresql_ops=ops)


def index_more(world: World) -> Change | None:
    """`postgresql_include=`, `postgresql_with=`, `postgresql_nulls_not_distinct=`, `postgresql_using="hash"`."""
    found = world.table_and_column(
        lambda table, one: one.type.family in {"string", "integer"} and table.is_plain(one.name)
    )
    if found is None:
        return None
    keywords = world.rng.choice(
        (
            {"postgresql_include": '["id"]'} if "id" in {one.name for one in found[0].columns} else {},
            {"postgresql_with": '{"fillfactor": 70}'},
            {"postgresql_nulls_not_distinct": "True", "unique": "False"},
            {"postgresql_using": '"hash"'},
            {"postgresql_using": '"brin"'},
        )
    )
    return _index(world, *found, **keywords)


def schema(world: World) -> Change | None:
    """A schema, and a table in it."""
    if len(world.schemas) >= 3 or world.branched:
        return None
    name = world.fresh(world.rng.choice(("app", "audit", "billing")))
    world.schemas.append(name)
    table = new_table(world, referring=False, schema=name)
    create = world.rng.choice(
        (f'op.execute("CREATE SCHEMA IF NOT EXISTS {name}")', f"op.execute(sa.schema.CreateSchema({quoted(name)}))")
    )
    drop = drop_lines(world, table)
    return Change(
        [create, *create_lines(world, table)],
        [*drop, f'op.execute("DROP SCHEMA {name} CASCADE")'],
        f"add schema {name}",
    )


def computed(world: World) -> Change | None:
    """A column that the database computes."""
    if world.kind == "sqlite":
        return _computed_apart(world)
    table = world.table(lambda one: any(_adds(one, column) for column in one.columns))
    if table is None:
        return None
    base = next(column for column in table.columns if _adds(table, column))
    quote = "`" if world.kind == "mysql" else '"'
    expression = f"{quote}{base.name}{quote} * 2"
    stored = "True" if world.kind != "sqlite" and world.chance(0.8) else None
    stored = "True" if world.kind == "postgresql" else stored
    extra = call_with("sa.Computed", [quoted(expression)], {"persisted": stored})
    column = Column(world.column_name(table), plain_type("sa.Integer()"), True, extra=extra, filled_by="computed")
    table.columns.append(column)
    table.replace(base.name, needed=True)
    return Change(
        written(world, table, _add_word(column), simple=True),
        written(world, table, _drop_word(column), simple=True),
        f"compute {column.name} of {table.name}",
    )


def _computed_apart(world: World) -> Change:
    """A table that nothing else touches: Alembic cannot copy a table with a generated column on SQLite."""
    name = world.table_name()
    items = [
        'sa.Column("id", sa.Integer(), primary_key=True)',
        'sa.Column("total", sa.Integer(), sa.Computed("id * 2"))',
    ]
    add = call_with("op.add_column", [quoted(name), 'sa.Column("half", sa.Integer(), sa.Computed("id / 2"))'], {})
    up = [
        call_with("op.create_table", [quoted(name), *items], {}),
        add,
        f'op.execute("INSERT INTO {name} (id) VALUES (4)")',
    ]
    return Change(up, [f"op.drop_table({quoted(name)})"], f"create {name} that computes")


def _adds(table: Table, column: Column) -> bool:
    return (
        column.type.family == "integer"
        and column.name != "id"
        and not column.filled_by
        and "BIG" not in column.type.source.upper()
        and "order" not in column.name
    )


def identity(world: World) -> Change | None:
    """A table with an identity, and its options."""
    table = Table(world.table_name())
    options = world.rng.choice(
        ({"always": "True"}, {"always": "False", "start": "100", "increment": "10"}, {"start": "5", "cycle": "True"})
    )
    column = Column(
        "id",
        plain_type("sa.BigInteger()"),
        False,
        extra=call_with("sa.Identity", [], dict(options)),
        needed=True,
        filled_by="identity",
    )
    table.columns = [column, world.column(table), world.column(table)]
    world.add(table)
    items = [*(one.source() for one in table.columns), 'sa.PrimaryKeyConstraint("id")']
    up = [call_with("op.create_table", [quoted(table.name), *items], {})]
    return Change(up, [f"op.drop_table({quoted(table.name)})"], f"create {table.name} with an identity")


def alter_identity(world: World) -> Change | None:
    """A column becomes an identity."""
    found = world.table_and_column(
        lambda table, one: (
            one.type.source in {"sa.Integer()", "sa.BigInteger()"}
            and not one.nullable
            and one.default is None
            and table.is_plain(one.name)
            and not one.keywords
        )
    )
    if found is None:
        return None
    table, column = found
    table.replace(column.name, filled_by="identity", needed=True)
    table.pinned = True
    words = {
        "server_default": "sa.Identity(start=1000)",
        "existing_type": column.type.source,
        "existing_nullable": "False",
    }
    undo = {
        "server_default": "None",
        "existing_server_default": "sa.Identity(start=1000)",
        "existing_type": column.type.source,
    }
    return Change(
        written(world, table, Word("alter_column", [quoted(column.name)], words)),
        written(world, table, Word("alter_column", [quoted(column.name)], undo)),
        f"let {column.name} of {table.name} count",
    )


def sequence(world: World) -> Change:
    """A sequence of its own."""
    name = world.fresh("numbers_seq")
    table = new_table(world, referring=False)
    up = world.rng.choice(
        (
            f"op.execute(sa.schema.CreateSequence(sa.Sequence({quoted(name)})))",
            f"op.execute(CreateSequence(Sequence({quoted(name)}, start=10, increment=5)))",
        )
    )
    column = Column(
        world.column_name(table),
        plain_type("sa.Integer()"),
        True,
        f"sa.text(\"nextval('{name}')\")",
        True,
        needed=True,
        filled_by="sequence",
    )
    table.columns.append(column)
    down = [*drop_lines(world, table), f"op.execute(DropSequence(Sequence({quoted(name)})))"]
    return Change([up, *create_lines(world, table)], down, f"add sequence {name}")


def function(world: World) -> Change | None:
    """A function and a trigger, with `$$` bodies, colons and semicolons in one string."""
    table = world.table(lambda one: not one.schema and any(two.type.family == "string" for two in one.columns))
    if table is None:
        return None
    name = world.fresh(f"touch_{table.name}", 50)
    table.pinned = True
    body = f'''op.execute(
    """
    CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS $$
    DECLARE
        share integer := 10 % 3; -- a remainder; not a placeholder
    BEGIN
        IF NEW.id::text LIKE 'x%' THEN
            RAISE NOTICE 'seen % at 12\\:30', NEW.id;
        END IF;
        RETURN NEW;
    END;
    $$ LANGUAGE plpgsql;
    """
)'''
    if "id" not in {one.name for one in table.columns}:
        return None
    trigger = f'''op.execute(
    """
    CREATE TRIGGER {name}_trigger BEFORE UPDATE ON {table.name}
    FOR EACH ROW EXECUTE FUNCTION {name}();
    """
)'''
    down = [f'op.execute("DROP TRIGGER {name}_trigger ON {table.name}")', f'op.execute("DROP FUNCTION {name}()")']
    body = (
        body.replace("share integer := 10", "share integer \\\\:= 10")
        .replace("12\\:30", "12\\\\:30")
        .replace("id::text", "id::text")
    )
    return Change([body, trigger], down, f"touch {table.name}")


def several_statements(world: World) -> Change | None:
    """Several statements in one string, which a synchronous driver of PostgreSQL takes."""
    table = world.table(lambda one: not one.schema)
    if table is None:
        return None
    name = world.fresh("notes_by_hand")
    up = f'''op.execute(
    """
    CREATE TABLE {name} (
        id serial PRIMARY KEY, body text DEFAULT 'a;b', at timestamptz DEFAULT '2020-01-01'::timestamptz
    );
    INSERT INTO {name} (body) VALUES ('x; y'), ('100%');
    -- a remark; with a semicolon
    CREATE INDEX {name}_body ON {name} (lower(body));
    """
)'''
    return Change([up], [f'op.execute("DROP TABLE {name}; SELECT 1;")'], f"create {name} by hand")


def view(world: World) -> Change | None:
    """A view, by DDL()."""
    table = world.table(lambda one: not one.schema and "id" in {column.name for column in one.columns})
    if table is None:
        return None
    name = world.fresh(f"{table.name}_view", 50)
    table.pinned = True
    up = world.rng.choice(
        (
            f'op.execute(sa.DDL("CREATE VIEW {name} AS SELECT count(*) AS count FROM {table.name}"))',
            f'op.execute("CREATE VIEW {name} AS SELECT count(*) AS count, 1 % 2 AS half FROM {table.name}")',
            f'op.execute(sa.text("CREATE VIEW {name} AS SELECT count(*) AS count FROM {table.name}"))',
        )
    )
    return Change([up], [f'op.execute("DROP VIEW IF EXISTS {name}")'], f"add {name}")


def exclude(world: World) -> Change | None:
    """An exclusion constraint."""
    table = world.table(lambda one: not one.schema)
    if table is None:
        return None
    column = Column(world.column_name(table), plain_type("sa.Integer()"), True, needed=True, filled_by="nothing")
    table.columns.append(column)
    table.pinned = True
    name = world.fresh(f"ex_{table.name}_{column.name}", 55)
    up = [
        *plain(table, _add_word(column)),
        call_with(
            "op.create_exclude_constraint",
            [quoted(name), quoted(table.name), f'({quoted(column.name)}, "=")'],
            {"using": '"btree"', "where": quoted(f'"{column.name}" IS NOT NULL') if world.chance(0.5) else None},
        ),
    ]
    down = [f"op.drop_constraint({quoted(name)}, {quoted(table.name)})", *plain(table, _drop_word(column))]
    return Change(up, down, f"exclude doubles of {column.name}")


def not_valid(world: World) -> Change | None:
    """A check that old rows need not pass, which is validated later."""
    found = world.table_and_column(
        lambda table, one: (
            one.type.family == "integer" and table.is_plain(one.name) and not table.schema and one.is_bare
        )
    )
    if found is None:
        return None
    table, column = found
    table.replace(column.name, needed=True)
    table.pinned = True
    name = world.fresh(f"ck_{table.name}_{column.name}_later", 55)
    final = f"op.f({quoted(name)})" if world.convention else quoted(name)
    up = [
        call_with(
            "op.create_check_constraint",
            [final, quoted(table.name), quoted(f"{column.name} > -100")],
            {"postgresql_not_valid": "True"},
        )
    ]
    if world.chance(0.5):
        up.append(f'op.execute("ALTER TABLE {table.name} VALIDATE CONSTRAINT {name}")')
    return Change(
        up, [f'op.drop_constraint({final}, {quoted(table.name)}, type_="check")'], f"check {column.name} later"
    )


def on_conflict(world: World) -> Change:
    """`postgresql.insert(...).on_conflict_do_nothing()`, and execution options."""
    name = world.fresh("settings_by_key")
    up = [
        f'op.create_table({quoted(name)}, sa.Column("key", sa.String(50), primary_key=True))',
        f'op.add_column({quoted(name)}, sa.Column("value", sa.Integer()))',
        f't = sa.table({quoted(name)}, sa.column("key", sa.String), sa.column("value", sa.Integer))',
        'op.execute(postgresql.insert(t).values(key="a", value=1).on_conflict_do_nothing())',
        'op.execute(postgresql.insert(t).values(key="a", value=2).on_conflict_do_nothing(index_elements=["key"]))',
        f'op.execute("UPDATE {name} SET value = value::integer + 1", execution_options={{"compiled_cache": None}})',
    ]
    return Change(up, [f"op.drop_table({quoted(name)})"], f"create {name}")


def do_block(world: World) -> Change:
    """An anonymous block, with what it needs to be repeatable."""
    name = world.fresh("by_block")
    up = f'''op.execute(
    """
    DO $body$
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM pg_class WHERE relname = '{name}') THEN
            CREATE TABLE {name} (id integer);
        END IF;
    END
    $body$;
    """
)'''
    return Change([up], [f'op.execute("DROP TABLE IF EXISTS {name}")'], f"create {name} by a block")


ON: tuple[Kind, ...] = ("postgresql",)
PATTERNS = (
    Pattern("create_index(postgresql_concurrently=)", concurrent_index, on=ON),
    Pattern("create_index(if_not_exists=)", concurrent_if_not_exists, on=ON),
    Pattern("create_index(postgresql_using=, postgresql_ops=)", index_using, on=ON),
    Pattern("create_index of PostgreSQL's own", index_more, on=ON),
    Pattern("create_table(schema=)", schema, on=ON),
    Pattern("Computed", computed),
    Pattern("Identity", identity, on=ON),
    Pattern("alter_column(server_default=Identity)", alter_identity, on=ON),
    Pattern("CreateSequence", sequence, on=ON),
    Pattern("execute of a function", function, on=ON),
    Pattern("execute of several statements", several_statements, on=ON),
    Pattern("execute of DDL", view, on=ON),
    Pattern("create_exclude_constraint", exclude, on=ON),
    Pattern("create_check_constraint(postgresql_not_valid=)", not_valid, on=ON),
    Pattern("on_conflict_do_nothing", on_conflict, on=ON),
    Pattern("execute of a block", do_block, on=ON),
)
