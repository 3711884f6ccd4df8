"""Types: revisions that change the type of a column."""

from __future__ import annotations

from collections.abc import Mapping

from tests.differential.directives import Word, existing, written
from tests.differential.schema import Column, Kind, Table, Type
from tests.differential.source import quoted
from tests.differential.values import plain_type
from tests.differential.world import Change, Pattern, World

#: What a type may become, by its family, so that every value survives both ways.
_WIDER: Mapping[str, tuple[str, ...]] = {
    "string": ("sa.String(length=300)", "sa.String(length=500)", "sa.VARCHAR(length=400)", "sa.Unicode(length=512)"),
    "integer": ("sa.BigInteger()", "sa.BIGINT()"),
    "float": ("sa.Double()", "sa.Float(precision=53)"),
    "number": ("sa.Numeric(precision=18, scale=6)", "sa.NUMERIC(precision=20, scale=4)"),
}
_TEXT = ("sa.Text()", "sa.TEXT()", "sa.UnicodeText()")
_MYSQL_TEXT = ("mysql.MEDIUMTEXT()", "mysql.LONGTEXT()")


def _alter(world: World, table: Table, column: Column, type_: Type, using: str | None, back: str | None) -> Change:
    forth = {"type_": type_.source, **existing(world, column, "type")}
    if world.kind != "postgresql" or world.chance(0.8):
        forth["existing_type"] = column.type.source
    again = Column(column.name, type_, column.nullable, column.default, comment=column.comment)
    undo = {"type_": column.type.source, **existing(world, again, "type"), "existing_type": type_.source}
    if world.kind == "postgresql":
        forth["postgresql_using"], undo["postgresql_using"] = using, back
    if world.chance(0.1):
        # Both at once, as autogenerate does.
        forth.pop("existing_nullable", None)
        forth["nullable"] = "True"
        undo["existing_nullable"] = "True"
        undo["nullable"] = str(column.nullable)
        table.replace(column.name, nullable=True, needed=not column.nullable or column.needed)
    table.replace(column.name, type=type_)
    return Change(
        written(world, table, Word("alter_column", [quoted(column.name)], forth)),
        written(world, table, Word("alter_column", [quoted(column.name)], undo)),
        f"change the type of {column.name} of {table.name}",
    )


def _find(world: World, *families: str, default: bool = True) -> tuple[Table, Column] | None:
    def fits(table: Table, column: Column) -> bool:
        return (
            column.type.family in families
            and not column.type.values
            and not column.volatile
            and table.is_plain(column.name)
            and "collation" not in column.type.source
            and (default or column.default is None)
        )

    return world.table_and_column(fits)


def widen(world: World) -> Change | None:
    """A type becomes a larger one of its kind."""
    found = _find(world, *_WIDER)
    if found is None:
        return None
    table, column = found
    if any(column.name in index.columns for index in table.indexes) and world.kind == "mysql":
        return None
    source = world.rng.choice(_WIDER[column.type.family])
    if source == column.type.source:
        return None
    return _alter(world, table, column, plain_type(source), None, None)


def to_text(world: World) -> Change | None:
    """A text with a length becomes one without."""
    found = _find(world, "string", default=world.kind != "mysql")
    if found is None or (world.kind == "mysql" and not found[0].is_free(found[1].name)):
        return None
    table, column = found
    source = world.rng.choice(_TEXT if world.kind != "mysql" or world.chance(0.5) else _MYSQL_TEXT)
    return _alter(world, table, column, plain_type(source), None, None)


def number_to_text(world: World) -> Change | None:
    """A number becomes a text; PostgreSQL needs USING for the way back."""
    found = _find(world, "integer", default=False)
    if found is None or not found[0].is_free(found[1].name) or not found[1].nullable:
        return None
    table, column = found
    type_ = Type("sa.String(length=40)", "string")
    kind = "BIGINT" if "ig" in column.type.source or "BIG" in column.type.source else "INTEGER"
    quote = '"' if not column.is_bare else ""
    name = f"{quote}{column.name}{quote}"
    forth = quoted(f"{name}::varchar") if not quote else repr(f"{name}::varchar")
    back = quoted(f"{name}::{kind.lower()}") if not quote else repr(f"{name}::{kind.lower()}")
    change = _alter(world, table, column, type_, forth if world.chance(0.7) else None, back)
    # What later rows would hold is no number, and there is a way back.
    table.replace(column.name, filled_by="nothing")
    return change


def moment_with_zone(world: World) -> Change | None:
    """A moment without a time zone gets one."""
    found = world.table_and_column(
        lambda table, one: (
            one.is_bare and one.type.source in {"sa.DateTime()", "sa.TIMESTAMP()"} and table.is_plain(one.name)
        )
    )
    if found is None:
        return None
    table, column = found
    using = quoted(f"{column.name} AT TIME ZONE 'UTC'") if world.chance(0.5) else None
    return _alter(world, table, column, plain_type("sa.DateTime(timezone=True)"), using, using)


def json_to_jsonb(world: World) -> Change | None:
    """JSON becomes JSONB."""
    found = world.table_and_column(
        lambda table, one: (
            one.type.source in {"sa.JSON()", "postgresql.JSON(astext_type=sa.Text())"}
            and table.is_plain(one.name)
            and one.default is None
        )
    )
    if found is None:
        return _new_document(world)
    table, column = found
    type_ = plain_type("postgresql.JSONB(astext_type=sa.Text())")
    quote = f"{column.name}::jsonb" if column.is_bare else None
    if quote is None:
        return None
    return _alter(world, table, column, type_, quoted(quote), quoted(f"{column.name}::json"))


def _new_document(world: World) -> Change | None:
    """A column of the kind that the next revision can change."""
    table = world.table()
    if table is None:
        return None
    column = Column("document", plain_type("sa.JSON()"), True)
    if column.name in table.used:
        return None
    table.used.add(column.name)
    table.columns.append(column)
    up = written(world, table, Word("add_column", [column.source()]))
    return Change(up, written(world, table, Word("drop_column", ['"document"'])), f"add a document to {table.name}")


def fsp(world: World) -> Change | None:
    """A moment gets microseconds on MySQL."""
    found = world.table_and_column(
        lambda table, one: (
            one.type.source in {"sa.DateTime()", "sa.DATETIME()"} and table.is_plain(one.name) and one.default is None
        )
    )
    if found is None:
        return None
    table, column = found
    return _alter(world, table, column, plain_type("mysql.DATETIME(fsp=6)"), None, None)


def all_at_once(world: World) -> Change | None:
    """Name, type, nullability and default in one call."""
    found = _find(world, "string", default=False)
    if found is None or not found[0].is_free(found[1].name) or not found[1].nullable:
        return None
    table, column = found
    new, type_ = world.column_name(table), plain_type("sa.String(length=640)")
    forth: dict[str, str | None] = {
        "new_column_name": quoted(new),
        "type_": type_.source,
        "existing_type": column.type.source,
        "server_default": '"all"',
        **({"existing_nullable": "True"} if world.chance(0.5) or world.kind == "mysql" else {}),
    }
    undo = {
        "new_column_name": quoted(column.name),
        "type_": column.type.source,
        "existing_type": type_.source,
        "server_default": "None",
        "existing_server_default": '"all"',
        "existing_nullable": "True",
    }
    if column.comment is not None:
        forth["existing_comment"] = undo["existing_comment"] = quoted(column.comment)
    table.replace(column.name, name=new, type=type_, default='"all"', distinct=False)
    return Change(
        written(world, table, Word("alter_column", [quoted(column.name)], forth)),
        written(world, table, Word("alter_column", [quoted(new)], undo)),
        f"change all of {column.name} of {table.name}",
    )


_POSTGRESQL: tuple[Kind, ...] = ("postgresql",)
PATTERNS = (
    Pattern("alter_column(type_=)", widen),
    Pattern("alter_column(type_=) to text", to_text),
    Pattern("alter_column(type_=, postgresql_using=)", number_to_text),
    Pattern("alter_column(type_=) with a zone", moment_with_zone, on=_POSTGRESQL),
    Pattern("alter_column(type_=) to JSONB", json_to_jsonb, on=_POSTGRESQL),
    Pattern("alter_column(type_=) with fsp", fsp, on=("mysql",)),
    Pattern("alter_column of everything", all_at_once),
)
