"""Values: types of columns, their defaults, and values for rows of them."""

from __future__ import annotations

import random
from collections.abc import Mapping

from tests.differential.schema import Column, Kind, Type
from tests.differential.source import quoted

_FAMILIES: tuple[tuple[str, str], ...] = (
    ("ARRAY(sa.Integer", "integers"),
    ("ARRAY", "strings"),
    ("JSON", "json"),
    ("with_variant", "text"),
    ("TEXT", "text"),
    ("Text", "text"),
    ("String", "string"),
    ("VARCHAR", "string"),
    ("Unicode", "string"),
    ("CHAR", "string"),
    ("BIG", "integer"),
    ("Big", "integer"),
    ("Small", "integer"),
    ("Interval", "interval"),
    ("TINYINT", "boolean"),
    ("Integer", "integer"),
    ("INTEGER", "integer"),
    ("TIMESTAMP", "moment"),
    ("DateTime", "moment"),
    ("DATETIME", "moment"),
    ("Time", "time"),
    ("TIME", "time"),
    ("Bool", "boolean"),
    ("BOOL", "boolean"),
    ("UUID", "uuid"),
    ("Uuid", "uuid"),
    ("Float", "float"),
    ("FLOAT", "float"),
    ("REAL", "float"),
    ("Double", "float"),
    ("DOUBLE", "float"),
    ("Numeric", "number"),
    ("NUMERIC", "number"),
    ("Date", "date"),
    ("DATE", "date"),
    ("TSVECTOR", "words"),
    ("INET", "address"),
    ("Pickle", "pickle"),
    ("Large", "binary"),
    ("BINARY", "binary"),
    ("BYTEA", "binary"),
    ("BLOB", "binary"),
)

_UNINDEXABLE = frozenset({"text", "json", "binary", "pickle", "words", "strings", "integers"})


def plain_type(source: str) -> Type:
    """The type that *source* writes."""
    family = next(family for mark, family in _FAMILIES if mark in source)
    return Type(source, family, indexable=family not in _UNINDEXABLE and source != "sa.String()")


#: Constant defaults of a family, in the forms people use, with how often.
_DEFAULTS: Mapping[str, Mapping[str, int]] = {
    "string": {'"new"': 6, '""': 4, "sa.text(\"'draft'\")": 3, "sa.text(\"''\")": 2, '"it\'s 100% : ok"': 1},
    "text": {'"none"': 3, "sa.text(\"''\")": 2},
    "integer": {'"0"': 6, 'sa.text("0")': 4, '"1"': 3, 'sa.text("1")': 2, 'sa.text("-1")': 1},
    "boolean": {"sa.false()": 6, "sa.true()": 3, 'sa.text("false")': 5, '"0"': 3, '"1"': 1, 'sa.text("true")': 2},
    "float": {'"0"': 2, 'sa.text("0.5")': 2},
    "number": {'"0"': 2, 'sa.text("1.50")': 1},
    "json": {'"{}"': 3, '"[]"': 2, "sa.text(\"'{}'\")": 2},
    "moment": {'"2020-01-01 00:00:00"': 1},
    "date": {'"2020-01-01"': 1},
}
_POSTGRESQL_DEFAULTS: Mapping[str, Mapping[str, int]] = {
    "boolean": {"sa.false()": 6, "sa.true()": 3, 'sa.text("false")': 5, '"false"': 5, '"true"': 2, '"f"': 1},
    "json": {'"{}"': 3, "sa.text(\"'{}'::json\")": 3, "sa.text(\"'[]'\")": 2},
    "strings": {'"{}"': 2, "sa.text(\"'{}'\")": 1, 'sa.text("ARRAY[]::varchar[]")': 1},
    "integers": {'"{}"': 2},
    "string": {'"new"': 6, '""': 4, "sa.text(\"'draft'\")": 3, "sa.text(\"'draft'::character varying\")": 4},
}
#: Defaults that give another value each time.
_VOLATILE: Mapping[str, Mapping[str, int]] = {
    "moment": {
        "sa.func.now()": 198,
        'sa.text("now()")': 150,
        'sa.text("CURRENT_TIMESTAMP")': 120,
        "sa.func.current_timestamp()": 17,
        'sa.text("(CURRENT_TIMESTAMP)")': 20,
    },
}


def weighted(rng: random.Random, weights: Mapping[str, int]) -> str:
    """One of the keys, in proportion to its weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def default_for(rng: random.Random, kind: Kind, type_: Type, *, volatile: bool) -> tuple[str | None, bool]:
    """A server default for a column of a type, or None; and whether it is volatile.

    Args:
        rng: chance.
        kind: the database.
        type_: the type.
        volatile: whether a volatile one may be taken.
    """
    if type_.values:
        return (quoted(rng.choice(type_.values)), False)
    if type_.family == "uuid" and kind == "postgresql" and volatile:
        return ('sa.text("gen_random_uuid()")', True)
    if type_.family in _VOLATILE and volatile:
        options = dict(_VOLATILE[type_.family])
        if kind == "sqlite":
            # SQLite takes no call without parentheses around it, and does not know now().
            options = {one: weight for one, weight in options.items() if "now" not in one}
        if "fsp" in type_.source:
            options = {'sa.text("CURRENT_TIMESTAMP(6)")': 1}
        return (weighted(rng, options), True)
    choices = _DEFAULTS.get(type_.family)
    if kind == "postgresql":
        choices = _POSTGRESQL_DEFAULTS.get(type_.family, choices)
    if choices is None or (kind == "mysql" and type_.family in {"json", "text"}):
        return (None, False)
    if "{n}" in type_.source or "CHAR(length=1" in type_.source:
        return ('"x"', False)
    if kind == "sqlite" and type_.family == "boolean":
        choices = {one: weight for one, weight in choices.items() if "text" not in one}
    return (weighted(rng, choices), False)


def value_for(column: Column, number: int) -> str:
    """The value of *column* in row *number*, as Python source; it is another one in each row where it can be."""
    type_ = column.type
    if type_.values:
        return quoted(type_.values[number % len(type_.values)])
    short = f"{column.name[:3]}{number}"
    return {
        "string": quoted(short),
        "text": quoted(f"{column.name} of row {number}: 100% 'quoted', a\\b"),
        "integer": str(number),
        "boolean": str(number % 2 == 0),
        "float": str(number * 0.5),
        "number": f"decimal.Decimal({quoted(f'{number}.25')})",
        "json": f'{{"number": {number}, "tags": ["a", "b"]}}',
        "moment": f"datetime.datetime(2021, 1, {number % 28 + 1}, 12, {number % 60})",
        "date": f"datetime.date(2021, 2, {number % 28 + 1})",
        "time": f"datetime.time(10, {number % 60})",
        "interval": f"datetime.timedelta(hours={number})",
        "uuid": _uuid_source(type_, number),
        "binary": f'b"{short}"',
        "pickle": f'["pickled", {number}]',
        "words": f'"{short}"',
        "address": f'"10.0.0.{number % 250}"',
        "strings": f'["a{number}", "b"]',
        "integers": f"[{number}, 2]",
    }[type_.family]


def _uuid_source(type_: Type, number: int) -> str:
    text = f"00000000-0000-4000-8000-{number:012d}"
    if "as_uuid=False" in type_.source:
        return quoted(text)
    return f"uuid.UUID({quoted(text)})"


def literal_for(column: Column, number: int) -> str | None:
    """The same as a literal of SQL, for those families where that is the same everywhere; else None."""
    type_ = column.type
    if type_.values:
        return f"'{type_.values[number % len(type_.values)]}'"
    return {
        "string": f"'{column.name[:3]}{number}'",
        "text": f"'text {number}'",
        "integer": str(number),
        "float": str(number * 0.5),
        "number": f"{number}.25",
        "boolean": "true" if number % 2 == 0 else "false",
        "date": "'2021-02-03'",
        "moment": "'2021-01-02 03:04:05'",
    }.get(type_.family)


def light_type(column: Column) -> str:
    """The type of a column as it stands in `sa.table(...)` of a data migration."""
    if column.type.name:
        return f"sa.Enum({', '.join(map(quoted, column.type.values))}, name={quoted(column.type.name)})"
    return column.type.source
