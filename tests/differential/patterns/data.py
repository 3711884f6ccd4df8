"""Data: revisions that insert, change and delete rows, by every way in which people do that."""

from __future__ import annotations

from tests.differential.patterns.rows import can_fill, fill, filled_columns, is_bindable, light_table
from tests.differential.schema import Column, Table
from tests.differential.source import call_with, quoted, under
from tests.differential.values import value_for
from tests.differential.world import Change, Pattern, World


def _fillable(world: World) -> Table | None:
    return world.table(lambda one: can_fill(world, one) and all(_insertable(world, one, c) for c in one.columns))


def _insertable(world: World, table: Table, column: Column) -> bool:
    return True


def _unfill(world: World, table: Table, first: int, count: int) -> str:
    """The line that deletes the rows again."""
    key = table.column("id")
    values = [value_for(key, first + number) for number in range(count)]
    if key.type.family == "integer":
        numbers, last = ", ".join(values), first + count - 1
        return world.rng.choice(
            (
                f'op.execute("DELETE FROM {table.full_name} WHERE id IN ({numbers})")',
                f'op.execute(sa.text("DELETE FROM {table.full_name} WHERE id BETWEEN {first} AND {last}"))',
            )
        )
    rows = light_table(table, [key])
    return f"rows = {rows}\nop.execute(rows.delete().where(rows.c.id.in_([{', '.join(values)}])))"


def bulk_insert(world: World) -> Change | None:
    """`op.bulk_insert` into `sa.table(...)`."""
    table = _fillable(world)
    if table is None:
        return None
    columns = filled_columns(world, table)
    first, count = table.next_row, world.rng.randint(1, 4)
    state = world.rng.getstate()
    rows = fill(world, table, count)
    del state
    names = {one.name for one in table.columns if f"{quoted(one.name)}: " in rows}
    columns = [one for one in table.columns if one.name in names]
    keywords: dict[str, str | None] = {}
    if world.chance(0.1):
        keywords["multiinsert"] = "False"
    target = f"{table.name}_table = {light_table(table, columns)}"
    if world.chance(0.1):
        insert = call_with("op.bulk_insert", [f"{table.name}_table"], {"rows": rows, **keywords})
    else:
        insert = call_with("op.bulk_insert", [f"{table.name}_table", rows], keywords)
    return Change([target, insert], [_unfill(world, table, first, count)], f"insert into {table.name}")


def _updatable(world: World, *families: str) -> tuple[Table, Column] | None:
    return world.table_and_column(
        lambda table, one: (
            one.type.family in families
            and table.is_plain(one.name)
            and not one.type.values
            and not any(
                dict(index.keywords).get("unique") == "True" for index in table.indexes if one.name in index.columns
            )
            and (not one.needed or one.distinct is False)
            and one.is_bare
            and not table.schema
        )
    )


def execute_text(world: World) -> Change | None:
    """`op.execute` of a plain string, with what makes drivers stumble: `%`, colons, quotes, casts, comments."""
    found = _updatable(world, "string", "text")
    if found is None:
        return None
    table, column = found
    table.replace(column.name, distinct=False)
    name = f"{table.name} SET {column.name}"
    where = f"WHERE {column.name} LIKE 'a%'"
    statements = [
        f"UPDATE {name} = 'v' {where}",
        f"UPDATE {name} = '10%' WHERE {column.name} LIKE '%b_%'",
        f"UPDATE {name} = 'at 12\\\\:30' WHERE {column.name} = 'x'",
        f"UPDATE {name} = 'it''s' WHERE {column.name} IS NOT NULL AND 1 = 0",
        f"UPDATE {name} = upper({column.name}) WHERE {column.name} IS NOT NULL -- upper: all of them",
        f"UPDATE {name} = lower({column.name}) WHERE {column.name} IS NOT NULL;",
    ]
    if world.kind == "postgresql":
        statements += [
            f"UPDATE {name} = (length({column.name})::integer + 1)::text {where}",
            f"UPDATE {name} = 'now'::varchar WHERE {column.name} ~ '^[0-9]+%$'",
            f"UPDATE {name} = regexp_replace({column.name}, '(\\\\w)%', 'E', 'g') WHERE {column.name} LIKE '%%'",
        ]
    sql = world.rng.choice(statements)
    forms = [f'op.execute("{sql}")', f'op.execute(\n    """\n    {sql}\n    """\n)', f'op.execute(sa.text("{sql}"))']
    up = [world.rng.choice(forms)]
    return Change(up, [], f"clean {column.name} of {table.name}")


def execute_formatted(world: World) -> Change | None:
    """`op.execute` of a string put together: f-string, `.format()`, `%`, `+`."""
    found = _updatable(world, "integer")
    if found is None or found[0].checks:
        return None
    table, column = found
    table.replace(column.name, distinct=False)
    sql = "UPDATE {} SET {} = {} WHERE {} IS NULL"
    form = world.rng.choice(("f", "format", "percent", "plus", "loop"))
    if form == "f":
        up = [
            f'table, column = "{table.name}", "{column.name}"',
            'op.execute(f"UPDATE {table} SET {column} = 7 WHERE {column} IS NULL")',
        ]
    elif form == "format":
        up = [f'op.execute("{sql}".format("{table.name}", "{column.name}", 5, "{column.name}"))']
    elif form == "percent":
        up = [f'op.execute("UPDATE %s SET {column.name} = %d WHERE {column.name} IS NULL" % ("{table.name}", 3))']
    elif form == "plus":
        up = [f'op.execute("UPDATE " + "{table.name}" + " SET {column.name} = 4 WHERE {column.name} IS NULL")']
    else:
        up = [
            under(
                "for value in range(3):",
                [
                    f'set_ = f"{column.name} = {{value}}"',
                    f'op.execute(f"UPDATE {table.name} SET {{set_}} WHERE {column.name} = {{value}} - 1000")',
                ],
            )
        ]
    return Change(up, [], f"fill {column.name} of {table.name}")


def execute_core(world: World) -> Change | None:
    """`op.execute` of Core statements."""
    found = _updatable(world, "integer", "string")
    if found is None:
        return None
    table, column = found
    table.replace(column.name, distinct=False)
    key = table.column("id") if "id" in table.used else None
    if key is None:
        return None
    light = f"{table.name} = {light_table(table, [key, column])}"
    value = value_for(column, 3)
    name = f"{table.name}.c.{column.name}"
    forms = [
        f"op.execute({table.name}.update().where({name}.is_(None)).values({column.name}={value}))",
        f"op.execute({table.name}.update().where({name} == {value}).values({{{name}: {value}}}))",
        f"op.execute(sa.update({table.name}).where({name}.is_(None)).values({{{quoted(column.name)}: {value}}}))",
        f"op.execute({table.name}.update().where({name} == op.inline_literal({value}))"
        f".values({{{quoted(column.name)}: op.inline_literal({value_for(column, 5)})}}))",
        f"op.get_bind().execute({table.name}.update().values({column.name}=sa.func.coalesce({name}, {value})))",
    ]
    line = world.rng.choice(forms)
    return Change([light, line], [], f"update {table.name}", needs_database="get_bind" in line)


def execute_bound(world: World) -> Change | None:
    """`op.execute` and `bind.execute` of texts with parameters."""
    found = _updatable(world, "string", "integer")
    if found is None:
        return None
    table, column = found
    table.replace(column.name, distinct=False)
    value, other = value_for(column, 7), value_for(column, 8)
    sql = f"UPDATE {table.name} SET {column.name} = :value WHERE {column.name} = :old"
    plain = {
        f'op.execute(sa.text("{sql}").bindparams(value={value}, old={other}))': False,
        f'conn = op.get_bind()\nconn.execute(sa.text("{sql}"), {{"value": {value}, "old": {other}}})': True,
        f'connection = op.get_bind()\nconnection.execute(\n    sa.text("{sql}"),\n'
        f'    [{{"value": {value}, "old": {other}}}, {{"value": {other}, "old": {value}}}],\n)': True,
        f'bind = op.get_bind()\nbind.execute(sa.text("{sql}").params(value={value}, old={other}))': True,
    }
    line = world.rng.choice(list(plain))
    return Change([line], [], f"update {table.name} by text", needs_database=plain[line])


def select_and_update(world: World) -> Change | None:
    """A loop over rows that are read, each updated."""
    found = _updatable(world, "string")
    if found is None or "id" not in {one.name for one in found[0].columns}:
        return None
    table, column = found
    table.replace(column.name, distinct=False)
    key = table.column("id")
    if key.type.family != "integer":
        return None
    if world.chance(0.5):
        up = [
            "conn = op.get_bind()",
            f'rows = conn.execute(sa.text("SELECT id, {column.name} FROM {table.name} ORDER BY id")).fetchall()',
            under(
                "for row in rows:",
                [
                    under(
                        f"if row.{column.name}:",
                        [
                            call_with(
                                "conn.execute",
                                [
                                    f'sa.text("UPDATE {table.name} SET {column.name} = :new WHERE id = :id")',
                                    f'{{"new": row.{column.name}[:2] + str(row.id), "id": row.id}}',
                                ],
                                {},
                            )
                        ],
                    )
                ],
            ),
        ]
    else:
        up = [
            f"t = {light_table(table, [key, column])}",
            "bind = op.get_bind()",
            under(
                f"for id_, value in bind.execute(sa.select(t.c.id, t.c.{column.name}).order_by(t.c.id)):",
                [f'bind.execute(t.update().where(t.c.id == id_).values({column.name}=(value or "")[:9]))'],
            ),
        ]
    return Change(up, [], f"rewrite {column.name} of {table.name}", needs_database=True)


def orm_session(world: World) -> Change | None:
    """An ORM session on the bind, with models of the revision's own."""
    table = world.table(
        lambda one: can_fill(world, one) and not one.schema and all(_mapped(one, column) for column in one.columns)
    )
    if table is None:
        return None
    columns = [one for one in table.columns if one.name == "id" or (is_bindable(one) and not one.type.values)]
    columns = [one for one in columns if one.name not in {"metadata", "registry"}]
    lines = [f"__tablename__ = {quoted(table.name)}", ""]
    for column in columns:
        more = ", primary_key=True" if column.name == "id" else ""
        lines.append(f"{column.name} = sa.Column({quoted(column.name)}, {column.type.source}{more})")
    model = "".join(part.capitalize() for part in table.name.split("_"))
    preamble = ["Base = declarative_base()", "", "", under(f"class {model}(Base):", lines)]
    first = table.next_row
    values = {one.name: value_for(one, first) for one in columns if not table.in_foreign_key(one.name)}
    needed = {one.name for one in table.columns if not one.nullable and not (one.default and not one.volatile)}
    if needed - set(values) or any(one.volatile and one.name not in values for one in table.columns):
        return None
    table.rows.append(first)
    table.next_row += 1
    name = next((one.name for one in columns if one.type.family == "string" and table.is_free(one.name)), None)
    body = [f"session.add({call_with(model, [], dict(values))})", "session.flush()"]
    if name is not None:
        table.replace(name, distinct=False)
        body += [
            under(f"for one in session.query({model}).order_by({model}.id):", [f'one.{name} = (one.{name} or "")[:8]'])
        ]
    session = world.rng.choice(("orm.Session(bind=op.get_bind())", "Session(bind=op.get_bind())"))
    up = [f"session = {session}", *body, "session.commit()"]
    down = [
        "session = Session(bind=op.get_bind())",
        f"session.query({model}).filter({model}.id == {values['id']}).delete()",
        "session.commit()",
    ]
    return Change(up, down, f"change {table.name} by models", True, True, preamble)


def _mapped(table: Table, column: Column) -> bool:
    return column.name.isidentifier() and column.type.family not in {"words", "address"}


def batch_execute(world: World) -> Change | None:
    """`batch_op.execute` between other words."""
    found = _updatable(world, "string")
    if found is None or world.kind == "sqlite":
        return None
    table, column = found
    table.replace(column.name, distinct=False)
    sql = f"UPDATE {table.name} SET {column.name} = '' WHERE {column.name} = 'zzz'"
    up = [under(f"with op.batch_alter_table({quoted(table.name)}) as batch_op:", [f'batch_op.execute("{sql}")'])]
    return Change(up, [], f"clean {table.name} in a block")


def insert_from_select(world: World) -> Change | None:
    """`from_select` and `insert().values()`."""
    table = world.table(lambda one: can_fill(world, one) and not one.schema)
    if table is None or table.column("id").type.family != "integer":
        return None
    columns = filled_columns(world, table)
    columns = [one for one in columns if one.name == "id" or not table.in_foreign_key(one.name)]
    needed = {one.name for one in table.columns if not one.nullable and not (one.default and not one.volatile)}
    if needed - {one.name for one in columns}:
        return None
    first = table.next_row
    values = {one.name: value_for(one, first) for one in columns}
    table.rows.append(first)
    table.next_row += 1
    given = "{" + ", ".join(f"{quoted(name)}: {value}" for name, value in values.items()) + "}"
    up = [
        f"{table.name} = {light_table(table, columns)}",
        world.rng.choice(
            (
                f"op.execute({table.name}.insert().values({given}))",
                f"op.execute(sa.insert({table.name}).values({given}))",
                f"op.get_bind().execute({table.name}.insert(), [{given}])",
            )
        ),
    ]
    return Change(up, [_unfill(world, table, first, 1)], f"insert one into {table.name}", "get_bind" in up[1])


def delete_rows(world: World) -> Change | None:
    """Rows go."""
    table = world.table(lambda one: bool(one.rows) and not world.is_referred(one) and not one.schema)
    if table is None or table.column("id").type.family != "integer":
        return None
    row = table.rows.pop()
    form = world.rng.choice(
        (
            f'op.execute("DELETE FROM {table.name} WHERE id = {row}")',
            f't = sa.table({quoted(table.name)}, sa.column("id", sa.Integer))\n'
            f"op.execute(t.delete().where(t.c.id == {row}))",
            f't = sa.table({quoted(table.name)}, sa.column("id"))\nop.execute(sa.delete(t).where(t.c.id == {row}))',
        )
    )
    return Change([form], [], f"delete from {table.name}")


PATTERNS = (
    Pattern("bulk_insert", bulk_insert),
    Pattern("execute of text", execute_text),
    Pattern("execute of text put together", execute_formatted),
    Pattern("execute of Core", execute_core),
    Pattern("execute with parameters", execute_bound),
    Pattern("select and update in a loop", select_and_update),
    Pattern("Session(bind=)", orm_session),
    Pattern("batch_op.execute", batch_execute, on=("postgresql", "mysql")),
    Pattern("insert().values()", insert_from_select),
    Pattern("delete()", delete_rows),
)
