"""Random models: schemas drawn by hypothesis, for each database with what it has, and rows that fit into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table
from sqlalchemy.schema import SchemaItem

CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Type = Callable[[str], Any]
#: Types by groups; values of one type of a group can become values of another.
NUMBERS: Mapping[str, Type] = {
    "Integer": lambda name: sa.Integer(),
    "BigInteger": lambda name: sa.BigInteger(),
    "SmallInteger": lambda name: sa.SmallInteger(),
    "Numeric(10, 2)": lambda name: sa.Numeric(10, 2),
    "Numeric(12, 4)": lambda name: sa.Numeric(12, 4),
    "Double": lambda name: sa.Double(),
}
TEXTS: Mapping[str, Type] = {
    "String(20)": lambda name: sa.String(20),
    "String(50)": lambda name: sa.String(50),
    "Enum": lambda name: sa.Enum("1", "2", "it's", name=f"e_{name}"),
    "longer Enum": lambda name: sa.Enum("1", "2", "it's", "4", name=f"e_{name}"),
    "Enum with a check": lambda name: sa.Enum(
        "1", "2", "it's", native_enum=False, create_constraint=True, length=20, name=f"e_{name}"
    ),
}
OTHERS: Mapping[str, Type] = {
    "Text": lambda name: sa.Text(),
    "Boolean": lambda name: sa.Boolean(),
    "Boolean with a check": lambda name: sa.Boolean(create_constraint=True, name=f"b_{name}"),
    "Date": lambda name: sa.Date(),
    "DateTime": lambda name: sa.DateTime(),
    "JSON": lambda name: sa.JSON(),
    "LargeBinary": lambda name: sa.LargeBinary(),
    "Uuid": lambda name: sa.Uuid(),
}
TYPES: Mapping[str, Type] = {**NUMBERS, **TEXTS, **OTHERS}

DEFAULTS: Mapping[str, Mapping[str, Callable[[], Any]]] = {
    "number": {"5": lambda: "5", "text 7": lambda: sa.text("7"), "-1": lambda: sa.text("-1")},
    "text": {"1": lambda: "1", "it's": lambda: "it's"},
    "Date": {"day": lambda: "2020-01-02"},
    "DateTime": {"now": sa.func.now, "moment": lambda: "2020-01-02 03:04:05"},
    "Boolean": {"true": sa.true, "false": sa.false},
}


def group_of(type_: str) -> str:
    """What kind of values a type has."""
    if type_ in NUMBERS:
        return "number"
    return "text" if type_ in TEXTS else type_.removesuffix(" with a check")


@dataclass(frozen=True)
class ColumnModel:
    """A column; *computed* is the column that it is computed from."""

    type: str
    nullable: bool = True
    default: str | None = None
    computed: str | None = None
    stored: bool = True
    comment: str | None = None
    collated: bool = False


@dataclass(frozen=True)
class TableModel:
    """A table, whose primary key is `id`; parts by what they are about."""

    columns: Mapping[str, ColumnModel]
    counted: bool = True
    references: Mapping[str, tuple[str, str | None, bool]] = field(default_factory=dict)
    uniques: tuple[tuple[str | None, tuple[str, ...]], ...] = ()
    checks: tuple[tuple[str, str], ...] = ()
    indexes: tuple[tuple[str, tuple[str, ...], str], ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    comment: str | None = None


@dataclass(frozen=True)
class SchemaModel:
    """All tables by name, and whether a convention names what has no name."""

    tables: Mapping[str, TableModel]
    convention: bool = False

    def metadata(self, database: str) -> MetaData:
        """The same as SQLAlchemy's objects."""
        metadata = MetaData(naming_convention=CONVENTION if self.convention else None)
        for name, table in self.tables.items():
            Table(
                name,
                metadata,
                Column("id", sa.Integer, primary_key=True, autoincrement="auto" if table.counted else False),
                *_items(name, table, database),
                comment=table.comment,
                **table.options,
            )
        return metadata


def _items(name: str, table: TableModel, database: str) -> Iterator[SchemaItem]:
    for key, column in table.columns.items():
        yield _column(f"{name}_{key}", key, column, database)
    for key, (target, ondelete, deferrable) in table.references.items():
        options = {"deferrable": True, "initially": "DEFERRED"} if deferrable else {}
        yield Column(key, sa.Integer)
        yield sa.ForeignKeyConstraint(
            [key], [f"{target}.id"], ondelete=ondelete, use_alter=True, name=f"fk_{name}_{key}", **options
        )
    for given, columns in table.uniques:
        yield sa.UniqueConstraint(*columns, name=given)
    for given, condition in table.checks:
        yield sa.CheckConstraint(condition, name=given)
    for given, columns, kind in table.indexes:
        yield _index(given, columns, kind, database)


def _column(qualified: str, name: str, model: ColumnModel, database: str) -> Column[Any]:
    type_ = TYPES[model.type](qualified)
    if model.collated:
        type_ = sa.String(20, collation=COLLATIONS[database])
    if model.computed is not None:
        return Column(name, type_, sa.Computed(f"{model.computed} + 1", persisted=model.stored), comment=model.comment)
    default = None if model.default is None else DEFAULTS[group_of(model.type)][model.default]()
    return Column(name, type_, nullable=model.nullable, server_default=default, comment=model.comment)


COLLATIONS = {"sqlite": "NOCASE", "postgresql": "C", "mysql": "utf8mb4_bin"}
#: What an index may be besides plain and unique.
INDEXES = {
    "sqlite": ("plain", "unique", "down", "partial", "expression"),
    "postgresql": ("plain", "unique", "down", "partial", "expression", "hash"),
    "mysql": ("plain", "unique", "down"),
}


def _index(name: str, columns: tuple[str, ...], kind: str, database: str) -> sa.Index:
    match kind:
        case "down":
            return sa.Index(name, sa.text(f"{columns[0]} DESC"), *columns[1:])
        case "partial":
            return sa.Index(name, *columns, **{f"{database}_where": sa.text(f"{columns[0]} IS NOT NULL")})
        case "expression":
            return sa.Index(name, sa.text(f"(coalesce({columns[0]}, {columns[-1]}))"))
        case "hash":
            return sa.Index(name, columns[0], postgresql_using="hash")
    return sa.Index(name, *columns, unique=kind == "unique")


# -- drawing --------------------------------------------------------------------------------------------------------

_TABLES = ("t0", "t1", "t2", "t3")
_COLUMNS = ("a", "b", "c", "d", "e")


@st.composite
def columns(draw: st.DrawFn, database: str) -> ColumnModel:
    type_ = draw(st.sampled_from(sorted(TYPES)))
    known = sorted(DEFAULTS.get(group_of(type_), {}))
    default = draw(st.sampled_from([None, *known])) if known else None
    return ColumnModel(
        type_,
        nullable=draw(st.booleans()),
        default=default,
        comment=draw(st.sampled_from([None, None, "it's said"])) if database != "sqlite" else None,
        collated=type_ == "String(20)" and draw(st.booleans()),
    )


@st.composite
def table_models(draw: st.DrawFn, name: str, others: tuple[str, ...], database: str) -> TableModel:
    names = draw(st.lists(st.sampled_from(_COLUMNS), unique=True, max_size=4))
    made = {each: draw(columns(database)) for each in sorted(names)}
    numbers = [each for each, column in made.items() if column.type in ("Integer", "BigInteger", "SmallInteger")]
    if numbers and draw(st.booleans()):
        stored = database == "postgresql" or draw(st.booleans())
        made["g"] = ColumnModel("BigInteger", computed=draw(st.sampled_from(numbers)), stored=stored)
    actions = st.sampled_from([None, "CASCADE", "SET NULL"])
    deferrable = st.booleans() if database != "mysql" else st.just(False)
    references = {
        each: (draw(st.sampled_from(others)), draw(actions), draw(deferrable))
        for each in draw(st.lists(st.sampled_from(["r", "s"]), unique=True, max_size=2))
    }
    indexed = [each for each, column in made.items() if group_of(column.type) in ("number", "text")]
    texts = [each for each in indexed if group_of(made[each].type) == "text"]
    return TableModel(
        made,
        counted=draw(st.booleans()) if database != "sqlite" else True,
        references=references,
        uniques=tuple(draw(_uniques(name, indexed))),
        checks=tuple(draw(_checks(name, [each for each in numbers], texts))),
        indexes=tuple(draw(_indexes(name, [*indexed, *references], database))),
        options=draw(_options(made, database)),
        comment=draw(st.sampled_from([None, None, "a table"])) if database != "sqlite" else None,
    )


@st.composite
def _uniques(draw: st.DrawFn, table: str, names: list[str]) -> list[tuple[str | None, tuple[str, ...]]]:
    if not names:
        return []
    some = st.lists(st.sampled_from(names), unique=True, min_size=1, max_size=2).map(sorted).map(tuple)
    found = draw(st.lists(some, unique=True, max_size=2))
    return [(draw(st.sampled_from([None, f"u_{table}_{number}"])), each) for number, each in enumerate(found)]


@st.composite
def _checks(draw: st.DrawFn, table: str, numbers: list[str], texts: list[str]) -> list[tuple[str, str]]:
    conditions = [f"{name} > -5" for name in numbers] + [f"{name} <> 0" for name in numbers]
    del texts
    if not conditions:
        return []
    found = draw(st.lists(st.sampled_from(conditions), unique=True, max_size=2))
    return [(f"c_{table}_{number}", each) for number, each in enumerate(found)]


@st.composite
def _indexes(draw: st.DrawFn, table: str, names: list[str], database: str) -> list[tuple[str, tuple[str, ...], str]]:
    if not names:
        return []
    some = st.lists(st.sampled_from(names), unique=True, min_size=1, max_size=2).map(tuple)
    kinds = st.sampled_from(INDEXES[database])
    found = draw(st.lists(st.tuples(some, kinds), unique=True, max_size=2))
    return [
        (f"i_{table}_{number}", each[:1] if kind == "expression" else each, kind)
        for number, (each, kind) in enumerate(found)
    ]


@st.composite
def _options(draw: st.DrawFn, made: Mapping[str, ColumnModel], database: str) -> dict[str, Any]:
    if database != "sqlite":
        return {}
    options: dict[str, Any] = {}
    kind = draw(st.sampled_from([None, None, "autoincrement", "without rowid", "strict"]))
    if kind == "autoincrement":
        options["sqlite_autoincrement"] = True
    elif kind == "without rowid":
        options["sqlite_with_rowid"] = False
    elif kind == "strict" and all(column.type in ("Integer", "Text") for column in made.values()):
        options["sqlite_strict"] = True
    return options


@st.composite
def schemas(draw: st.DrawFn, database: str) -> SchemaModel:
    names = draw(st.lists(st.sampled_from(_TABLES), unique=True, min_size=1, max_size=3).map(sorted))
    return SchemaModel(
        {name: draw(table_models(name, tuple(names), database)) for name in names},
        convention=draw(st.booleans()),
    )
