"""MySQL: revisions with what only MySQL and MariaDB have."""

from __future__ import annotations

from tests.differential.directives import Word, written
from tests.differential.patterns.columns import _add_word, _drop_word
from tests.differential.schema import Column, Kind, Table
from tests.differential.source import call_with, names, quoted
from tests.differential.values import plain_type
from tests.differential.world import Change, Pattern, World


def index_length(world: World) -> Change | None:
    """An index on the beginning of a text."""
    found = world.table_and_column(
        lambda table, one: (
            one.type.family in {"text", "string"}
            and table.is_free(one.name)
            and not one.type.values
            # Written as `count(16)` that is a function.
            and one.is_bare
        )
    )
    if found is None:
        return None
    table, column = found
    table.replace(column.name, needed=True)
    table.pinned = True
    name = quoted(world.fresh(f"ix_{table.name}_{column.name}_part", 55))
    length = world.rng.choice(("16", f"{{{quoted(column.name)}: 20}}"))
    up = call_with(
        "op.create_index", [name, quoted(table.name), names([column.name])], {"unique": "False", "mysql_length": length}
    )
    return Change(
        [up], [f"op.drop_index({name}, table_name={quoted(table.name)})"], f"index {column.name} of {table.name}"
    )


def silent_change(world: World) -> Change | None:
    """A column is written again by a script that does not mention all of it, so the rest is lost."""
    found = world.table_and_column(
        lambda table, one: (
            table.is_free(one.name)
            and not one.volatile
            and not one.type.checked
            and (not one.nullable or one.default is not None or one.comment is not None)
        )
    )
    if found is None:
        return None
    table, column = found
    new, comment = column.name, None
    words: dict[str, str | None] = {"existing_type": column.type.source}
    match world.rng.choice(("name", "comment", "nullable", "type")):
        case "name":
            new = world.column_name(table)
            words["new_column_name"] = quoted(new)
        case "comment":
            comment = world.comment()
            words["comment"] = quoted(comment)
        case "nullable":
            words["nullable"] = "True"
        case _:
            words["type_"] = column.type.source
    nullable = True
    if not column.nullable and "nullable" not in words and world.chance(0.3):
        words["existing_nullable"], nullable = "False", False
    undo: dict[str, str | None] = {"existing_type": column.type.source, "nullable": str(column.nullable)}
    if new != column.name:
        undo["new_column_name"] = quoted(column.name)
    # Rows added later give it a value; the downgrade may need that.
    table.replace(column.name, name=new, nullable=nullable, default=None, comment=comment, needed=True)
    return Change(
        written(world, table, Word("alter_column", [quoted(column.name)], words)),
        written(world, table, Word("alter_column", [quoted(new)], undo)),
        f"write {column.name} of {table.name} again",
    )


def full_text(world: World) -> Change | None:
    """A full-text index, and one by another algorithm."""
    found = world.table_and_column(lambda table, one: one.type.family == "text" and table.is_free(one.name))
    if found is None:
        return None
    table, column = found
    table.replace(column.name, needed=True)
    table.pinned = True
    name = quoted(world.fresh(f"ft_{table.name}_{column.name}", 55))
    up = call_with("op.create_index", [name, quoted(table.name), names([column.name])], {"mysql_prefix": '"FULLTEXT"'})
    return Change(
        [up], [f"op.drop_index({name}, table_name={quoted(table.name)})"], f"search {column.name} of {table.name}"
    )


def autoincrement(world: World) -> Change:
    """A key begins to count by itself."""
    name = world.table_name()
    up = [
        call_with(
            "op.create_table",
            [
                quoted(name),
                'sa.Column("id", sa.Integer(), autoincrement=False, nullable=False)',
                'sa.Column("name", sa.String(length=50), nullable=True)',
                'sa.PrimaryKeyConstraint("id")',
            ],
            {},
        ),
        call_with(
            "op.alter_column",
            [quoted(name), '"id"'],
            {"existing_type": "sa.Integer()", "existing_nullable": "False", "autoincrement": "True"},
        ),
    ]
    return Change(up, [f"op.drop_table({quoted(name)})"], f"let {name} count")


def engine(world: World) -> Change:
    """Options of a table."""
    name = world.table_name()
    items = [
        'sa.Column("id", sa.Integer(), nullable=False)',
        'sa.Column("body", mysql.LONGTEXT(), nullable=True)',
        'sa.Column("at", mysql.TIMESTAMP(fsp=6), nullable=True)',
        'sa.PrimaryKeyConstraint("id")',
    ]
    words = {
        "mysql_ENGINE": '"InnoDB"',
        "mysql_DEFAULT_CHARSET": '"utf8mb4"',
        "mysql_COLLATE": '"utf8mb4_unicode_ci"',
        "comment": quoted(world.comment()),
    }
    return Change(
        [call_with("op.create_table", [quoted(name), *items], words)],
        [f"op.drop_table({quoted(name)})"],
        f"create {name}",
    )


def enum_change(world: World) -> Change:
    """An enumerated column gets another value."""
    name = world.table_name()
    old, new = 'sa.Enum("a", "b", name="letters")', 'sa.Enum("a", "b", "c", name="letters")'
    table = Table(
        name,
        [
            Column("id", plain_type("sa.Integer()"), False, needed=True),
            Column("kind", plain_type("sa.Text()"), True, needed=True),
        ],
    )
    up = [
        call_with(
            "op.create_table",
            [
                quoted(name),
                'sa.Column("id", sa.Integer(), primary_key=True)',
                f'sa.Column("kind", {old}, nullable=True)',
            ],
            {},
        ),
        f"op.execute(\"INSERT INTO {name} (kind) VALUES ('a')\")",
        *written(
            world,
            table,
            Word("alter_column", ['"kind"'], {"type_": new, "existing_type": old, "existing_nullable": "True"}),
        ),
    ]
    return Change(up, [f"op.drop_table({quoted(name)})"], f"let {name} have more kinds")


def on_update(world: World) -> Change | None:
    """A moment that the server keeps up to date."""
    table = world.table()
    if table is None or table.rows:
        return None
    column = Column(
        world.column_name(table),
        plain_type("sa.DateTime()"),
        True,
        'sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")',
        True,
        needed=True,
    )
    table.columns.append(column)
    return Change(
        written(world, table, _add_word(column)), written(world, table, _drop_word(column)), f"add {column.name}"
    )


def raw(world: World) -> Change | None:
    """Statements of MySQL's own."""
    table = world.table(lambda one: one.comment is None)
    if table is None:
        return None
    table.pinned, table.comment = True, "by hand"
    return Change(
        [
            f"op.execute(\"ALTER TABLE {table.name} COMMENT = 'at 12\\\\:30, 100%'\")",
            'op.execute("SET FOREIGN_KEY_CHECKS=0")',
            'op.execute("SET FOREIGN_KEY_CHECKS=1;")',
        ],
        [f"op.execute(\"ALTER TABLE {table.name} COMMENT = ''\")"],
        f"describe {table.name} by hand",
    )


ON: tuple[Kind, ...] = ("mysql",)
PATTERNS = (
    Pattern("create_index(mysql_length=)", index_length, on=ON),
    Pattern("create_index(mysql_prefix=)", full_text, on=ON),
    Pattern("alter_column without existing_*", silent_change, on=ON),
    Pattern("alter_column(autoincrement=)", autoincrement, on=ON),
    Pattern("create_table(mysql_ENGINE=)", engine, on=ON),
    Pattern("alter_column(type_=Enum)", enum_change, on=ON),
    Pattern("add_column of ON UPDATE", on_update, on=ON),
    Pattern("execute of MySQL's own", raw, on=ON),
)
