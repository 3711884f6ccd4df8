"""Round trips: pairs of models between which a database can go with rows in it, and what those are."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st
from sqlalchemy import Connection, MetaData

from tests.integration.catalogue.random_models import ColumnModel, SchemaModel, TableModel, group_of, schemas

#: The values of two rows, by the kind of a column.
VALUES: Mapping[str, tuple[Any, Any]] = {
    "number": (1, 2),
    "text": ("1", "2"),
    "Text": ("one", "it's two"),
    "Boolean": (True, False),
    "Date": (date(2020, 1, 1), date(2020, 1, 2)),
    "DateTime": (datetime(2020, 1, 1, 1), datetime(2020, 1, 2, 2)),
    "JSON": ({"n": 1}, [2]),
    "LargeBinary": (b"\x01", b"\x02\x00"),
    "Uuid": (uuid.UUID(int=1), uuid.UUID(int=2)),
}
Rows = Mapping[str, Mapping[str, list[Any]]]


@dataclass(frozen=True)
class Pair:
    """Two schemas, and whether there are rows."""

    before: SchemaModel
    after: SchemaModel
    filled: bool

    def survivors(self, table: str) -> dict[str, ColumnModel]:
        """The columns of a table that both have, and that have values of their own."""
        before, after = self.before.tables[table].columns, self.after.tables[table].columns
        return {name: column for name, column in before.items() if name in after and column.computed is None}

    @property
    def kept(self) -> list[str]:
        """The tables that both have."""
        return [name for name in self.before.tables if name in self.after.tables]


@st.composite
def pairs(draw: st.DrawFn, database: str) -> Pair:
    """Two schemas; where there are rows, such that these fit into both."""
    before, after = draw(schemas(database)), draw(schemas(database))
    # MariaDB does not change a column between kinds of types, not even in an empty table.
    filled = draw(st.booleans()) or database == "mysql"
    if not filled:
        return Pair(before, after, filled)
    after = _fitting(after, before, same_kinds=True)
    return Pair(_fitting(before, after, same_kinds=False), after, filled)


def _fitting(schema: SchemaModel, other: SchemaModel, *, same_kinds: bool) -> SchemaModel:
    """A schema in which tables with rows of *other* can be changed to those of this one."""
    tables = {
        name: _fitting_table(table, other.tables[name], same_kinds=same_kinds) if name in other.tables else table
        for name, table in schema.tables.items()
    }
    return replace(schema, tables=tables)


def _fitting_table(table: TableModel, other: TableModel, *, same_kinds: bool) -> TableModel:
    columns, new = {}, set()
    for name, column in table.columns.items():
        was = other.columns.get(name)
        if was is None:
            new.add(name)
            # Rows that are there must have a value.
            column = replace(column, nullable=column.nullable or column.default is None)
        elif same_kinds and group_of(column.type) != group_of(was.type) and column.computed is None:
            column = was
        columns[name] = column
    columns = {name: column for name, column in columns.items() if _is_computable(column, columns)}
    # All rows have the same value in a new column, and in what is computed from it.
    new |= {name for name, column in columns.items() if column.computed in new}
    uniques = tuple(each for each in table.uniques if not new & set(each[1]))
    indexes = tuple(each for each in table.indexes if each[2] != "unique" or not new & set(each[1]))
    known = set(columns) | set(table.references)
    checks = tuple(each for each in table.checks if columns[each[1].split()[0]].type in NUMBERS_COMPARED)
    return replace(
        table,
        columns=columns,
        uniques=tuple(each for each in uniques if set(each[1]) <= known and _can_be_indexed(each[1], columns)),
        indexes=tuple(each for each in indexes if set(each[1]) <= known and _can_be_indexed(each[1], columns)),
        checks=checks,
        options={} if "sqlite_strict" in table.options and columns != table.columns else table.options,
    )


NUMBERS_COMPARED = frozenset({"Integer", "BigInteger", "SmallInteger"})


def _is_computable(column: ColumnModel, columns: Mapping[str, ColumnModel]) -> bool:
    """Whether a column still has whole numbers to be computed from, if it is computed."""
    return column.computed is None or columns[column.computed].type in NUMBERS_COMPARED


def _can_be_indexed(names: tuple[str, ...], columns: Mapping[str, ColumnModel]) -> bool:
    return all(name not in columns or group_of(columns[name].type) in ("number", "text") for name in names)


def fill(connection: Connection, metadata: MetaData, pair: Pair) -> None:
    """Put two rows into every table that is there before."""
    for name, model in pair.before.tables.items():
        table = metadata.tables[name]
        made = {each: VALUES[group_of(column.type)] for each, column in model.columns.items() if not column.computed}
        for row in (0, 1):
            values = {each: _given(pair_of[row], connection) for each, pair_of in made.items()}
            connection.execute(table.insert().values(id=row + 1, **values))
    for name, model in pair.before.tables.items():
        if name not in pair.after.tables:
            continue
        after = pair.after.tables[name]
        for each, (target, *_) in model.references.items():
            if target in pair.kept and after.references.get(each, (target,))[0] == target:
                table = metadata.tables[name]
                connection.execute(sa.update(table).values({each: table.c.id}))


def _given(value: Any, connection: Connection) -> Any:
    # aiomysql cannot write bytes into a statement beside the version of PyMySQL that it gets.
    as_literal = isinstance(value, bytes) and connection.dialect.driver == "aiomysql"
    return sa.literal_column(f"x'{value.hex()}'") if as_literal else value


def rows(connection: Connection, metadata: MetaData, pair: Pair) -> Rows:
    """What the columns that both have hold, by table and column, in the order of the rows."""
    found: dict[str, dict[str, list[Any]]] = {}
    for name in pair.kept:
        table = metadata.tables[name]
        names = ["id", *pair.survivors(name), *(each for each in table.c if each in ("r", "s"))]
        both = pair.before.tables[name].references.keys() & pair.after.tables[name].references.keys()
        names = [each for each in names if each not in ("r", "s") or each in both]
        selected = connection.execute(sa.select(*(table.c[each] for each in names)).order_by(table.c.id)).all()
        found[name] = {each: [_plain(row[number]) for row in selected] for number, each in enumerate(names)}
    return found


def _plain(value: Any) -> Any:
    """A value as it is the same in all types of a kind."""
    if isinstance(value, bool) or value is None:
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return value
