"""Rows: what the patterns share that put rows into tables."""

from __future__ import annotations

from tests.differential.schema import Column, Table
from tests.differential.source import indented, quoted
from tests.differential.values import light_type, value_for
from tests.differential.world import World

#: Families whose values every driver takes as they are, in a statement whose columns have types.
_ALWAYS = frozenset(
    {"string", "text", "integer", "boolean", "float", "number", "moment", "date", "json", "uuid", "enum"}
)


def can_fill(world: World, table: Table) -> bool:
    """Whether the generator can make rows for a table."""
    if table.primary is None or table.primary.columns != ("id",):
        return False
    for key in table.foreign_keys:
        column = table.column(key.columns[0])
        if not column.nullable and not world.tables[key.target].rows:
            return False
    return True


def filled_columns(world: World, table: Table) -> list[Column]:
    """The columns that a new row gives a value."""
    found = []
    for column in table.columns:
        if column.filled_by:
            continue
        optional = column.nullable or (column.default is not None and not column.volatile)
        kept = column.needed and column.nullable
        if column.volatile or kept or not optional or (not table.in_foreign_key(column.name) and world.chance(0.5)):
            found.append(column)
    return found


def row_values(world: World, table: Table, columns: list[Column], number: int) -> dict[str, str]:
    """The values of one new row, as source by the name of the column."""
    values = {}
    for column in columns:
        key = next((one for one in table.foreign_keys if column.name in one.columns), None)
        if key is None:
            values[column.name] = value_for(column, number)
        else:
            target = world.tables[key.target]
            rows = target.rows
            values[column.name] = value_for(target.column("id"), rows[number % len(rows)]) if rows else "None"
    return values


def fill(world: World, table: Table, count: int) -> str:
    """Rows for a table, as a list of dictionaries; the model has them, too."""
    columns = filled_columns(world, table)
    lines = []
    for _ in range(count):
        number = table.next_row
        values = row_values(world, table, columns, number)
        lines.append("{" + ", ".join(f"{quoted(name)}: {value}" for name, value in values.items()) + "}")
        table.rows.append(number)
        table.next_row += 1
    return "[\n" + "".join(f"    {indented(line)},\n" for line in lines) + "]"


def light_table(table: Table, columns: list[Column]) -> str:
    """`sa.table(...)` with some columns."""
    parts = [quoted(table.name)]
    parts += [f"sa.column({quoted(one.name)}, {light_type(one)})" for one in columns]
    if table.schema:
        parts.append(f"schema={quoted(table.schema)}")
    return "sa.table(\n" + "".join(f"    {part},\n" for part in parts) + ")"


def is_bindable(column: Column) -> bool:
    """Whether a value of the column can be bound everywhere, given the type of the column."""
    return column.type.family in _ALWAYS and not column.filled_by
