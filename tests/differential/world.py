"""World: what a generator of revisions knows and decides: the schema so far, chance, and names."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from tests.differential import weights
from tests.differential.schema import Column, Kind, Table, Type
from tests.differential.source import quoted
from tests.differential.values import default_for, plain_type, weighted

T = TypeVar("T")

#: Whether to write what works on synchronous drivers only, unless asyncmig gives their manners to the others.
MANNERS = False
_OF_DRIVERS = frozenset({"binary", "pickle"})

CONVENTION: Mapping[str, str] = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

_TABLES = """
users accounts orders invoices payments products categories tags comments posts articles sessions tokens
groups roles permissions projects tasks issues labels milestones events tickets messages threads channels
files folders uploads jobs workers queues schedules reports dashboards charts queries datasets connections
secrets settings audits logs metrics alerts devices sensors readings locations addresses countries customers
vendors shipments carts coupons reviews ratings favorites follows notifications templates campaigns segments
leads contacts deals
"""
_COLUMNS = """
name title slug email status state kind description body notes summary url path position priority amount price
quantity total score weight height width size count active enabled deleted archived public created_at
updated_at expires_at started_at finished_at due_on birthday payload config metadata_json options token
secret_hash locale timezone currency country city street zip phone website avatar color icon version
revision_no external_id source target checksum mime_type language theme level rank balance rate ratio duration
attempts last_error order group key value type returning
"""
_WORDS = ("draft", "open", "closed", "pending", "active", "failed", "low", "high", "urgent", "archived", "new", "paid")


@dataclass
class Change:
    """One change of a revision.

    Args:
        up, down: the lines of its directions.
        message: what it does.
        needs_database: whether it cannot be printed without a database.
        alone: whether it wants a revision for itself.
        preamble: lines at the level of the module.
    """

    up: list[str]
    down: list[str]
    message: str
    needs_database: bool = False
    alone: bool = False
    preamble: list[str] = field(default_factory=list)


Write = Callable[["World"], Change | None]


@dataclass(frozen=True)
class Pattern:
    """Something that people write.

    Args:
        name: the key of its weight.
        write: makes a change of it, and changes the model; None where the schema has nothing for it now.
        on: the databases for which it is written.
    """

    name: str
    write: Write
    on: Sequence[Kind] = ("sqlite", "postgresql", "mysql")


class World:
    """What a generator of revisions knows.

    Args:
        kind: the database.
        seed: of chance.
        convention: whether the environment has a naming convention.
    """

    def __init__(self, kind: Kind, seed: int, *, convention: bool) -> None:
        self.kind = kind
        self.rng = random.Random(f"{kind} {seed} {convention}")
        self.convention = convention
        self.tables: dict[str, Table] = {}
        self.scope: set[str] = set()
        self.branched = False
        self.schemas: list[str] = []
        self.enum_columns: dict[str, set[str]] = {}
        self._taken: set[str] = set()
        self._types: dict[str, int] = {}
        for source, weight in {**weights.COMMON_TYPES, **weights.OWN_TYPES[kind]}.items():
            if not _is_foreign(kind, source):
                self._types[source] = weight

    # -- chance -----------------------------------------------------------------------------------------------------

    def chance(self, share: float) -> bool:
        """True in this share of the cases."""
        return self.rng.random() < share

    def one(self, items: Iterable[T]) -> T | None:
        """One of the items, None where there are none."""
        found = list(items)
        return self.rng.choice(found) if found else None

    # -- what there is ----------------------------------------------------------------------------------------------

    def in_scope(self) -> list[Table]:
        """The tables that may be touched now."""
        return [one for one in self.tables.values() if one.full_name in self.scope]

    def table(self, want: Callable[[Table], bool] = lambda _: True) -> Table | None:
        """One of the tables that may be touched and that *want* accepts."""
        return self.one(one for one in self.in_scope() if want(one))

    def table_and_column(
        self, want: Callable[[Table, Column], bool], *, schema: bool = True
    ) -> tuple[Table, Column] | None:
        """A table and one of its columns that *want* accepts both."""
        return self.one(
            (table, column)
            for table in self.in_scope()
            if schema or table.schema is None
            for column in table.columns
            if want(table, column)
        )

    def add(self, table: Table) -> Table:
        """Put a new table into the model."""
        self.tables[table.full_name] = table
        table.used |= {one.name for one in table.columns}
        self.scope.add(table.full_name)
        return table

    def forget(self, table: Table) -> None:
        """Take a table out of the model."""
        del self.tables[table.full_name]
        self.scope.discard(table.full_name)

    def islands(self) -> list[set[str]]:
        """The tables that may be touched, those together that foreign keys connect."""
        islands: list[set[str]] = []
        for table in self.in_scope():
            near = {table.full_name, *(key.target for key in table.foreign_keys)}
            touching = [one for one in islands if one & near]
            islands = [one for one in islands if not one & near]
            islands.append(near.union(*touching))
        return islands

    def is_referred(self, table: Table) -> bool:
        """Whether a foreign key of another table, or of itself, points to a table."""
        return any(key.target == table.full_name for other in self.tables.values() for key in other.foreign_keys)

    # -- names ------------------------------------------------------------------------------------------------------

    def fresh(self, base: str, limit: int = 60) -> str:
        """A name that nothing in the database has had."""
        base = base[:limit]
        name, number = base, 2
        while name in self._taken:
            name, number = f"{base}_{number}", number + 1
        self._taken.add(name)
        return name

    def table_name(self) -> str:
        """A name for a new table."""
        return self.fresh(self.rng.choice(_TABLES.split()))

    def column_name(self, table: Table) -> str:
        """A name for a new column."""
        base = self.rng.choice(_COLUMNS.split())
        if base == "returning" and self.kind == "sqlite":
            # SQLAlchemy does not know that SQLite reserves it.
            base = "returned"
        name, number = base, 2
        while name in table.used:
            name, number = f"{base}_{number}", number + 1
        table.used.add(name)
        return name

    def name_source(self, name: str | None) -> str | None:
        """The name of a constraint or an index as source, `op.f(...)` as often as people write it."""
        if name is None:
            return None
        if self.convention or self.chance(0.3):
            return f"op.f({quoted(name)})"
        return quoted(name)

    def unnamed_key(self, what: str, table: str, columns: Sequence[str], target: str = "") -> str | None:
        """The name that a constraint gets that is written without one; None where that is the database's secret."""
        if self.convention:
            values = {"table_name": table, "column_0_name": columns[0], "referred_table_name": target}
            return CONVENTION[what] % values
        if self.kind == "postgresql":
            name = {
                "pk": f"{table}_pkey",
                "uq": f"{table}_{'_'.join(columns)}_key",
                "fk": f"{table}_{'_'.join(columns)}_fkey",
            }[what]
            return name if len(name) < 60 else None
        return None

    # -- columns ----------------------------------------------------------------------------------------------------

    def type(self, want: Callable[[Type], bool] = lambda _: True) -> Type:
        """A type, as often as people write it."""
        while True:
            source = weighted(self.rng, self._types)
            type_ = self._enum(source) if source in {"enum", "pg_enum"} else self._plain(source)
            if want(type_):
                return type_

    def _plain(self, source: str) -> Type:
        return plain_type(source.format(n=self.rng.choice((20, 32, 50, 64, 100, 128, 200, 255))))

    def _enum(self, source: str) -> Type:
        values = tuple(self.rng.sample(_WORDS, self.rng.randint(2, 5)))
        name = self.fresh(f"{self.rng.choice(_COLUMNS.split())}_enum")
        written = ", ".join(map(quoted, values))
        if source == "pg_enum":
            return Type(f"postgresql.ENUM({written}, name={quoted(name)})", "enum", values, name)
        if self.chance(0.25):
            checked = self.chance(0.4)
            more = ", create_constraint=True" if checked else ""
            text = f"sa.Enum({written}, name={quoted(name)}, native_enum=False{more})"
            return Type(text, "enum", values, None, checked)
        native = name if self.kind == "postgresql" else None
        return Type(f"sa.Enum({written}, name={quoted(name)})", "enum", values, native)

    def column(
        self,
        table: Table,
        *,
        existing: bool = False,
        want: Callable[[Type], bool] = lambda _: True,
        commented: bool = False,
    ) -> Column:
        """A new column.

        Args:
            table: where it will be.
            existing: whether the table exists, so that its rows matter.
            want: which types.
            commented: whether it has a comment.
        """
        type_ = self.type(want)
        nullable = self.chance(0.55)
        default, volatile = None, False
        if (not nullable and existing) or self.chance(0.12):
            default, volatile = default_for(self.rng, self.kind, type_, volatile=not table.rows and not existing)
        if existing and default is None:
            nullable = True
        return Column(
            self.column_name(table),
            type_,
            nullable,
            default,
            volatile,
            comment=self.comment() if commented else None,
            keywords=self._python_default(type_),
            distinct=not existing or default is None,
        )

    def comment(self) -> str:
        """A comment."""
        return self.rng.choice(("what it's for", "100% of it: see the manual", "Größe in Metern", "a; b -- c", "plain"))

    def _python_default(self, type_: Type) -> tuple[tuple[str, str], ...]:
        if not self.chance(0.04):
            return ()
        return {
            "boolean": (("default", "False"),),
            "integer": (("default", "0"),),
            "string": (("default", '"x"'), ("onupdate", '"y"'))[: self.rng.randint(1, 2)],
            "json": (("default", "dict"),),
            "moment": (("default", "lambda: datetime.datetime(2021, 1, 1)"),),
        }.get(type_.family, ())


def _is_foreign(kind: Kind, source: str) -> bool:
    """Whether a common type does not exist in a kind of database."""
    if source in {"enum", "pg_enum"}:
        return False
    if kind == "mysql":
        # A length is obligatory there.
        # aiomysql 0.3 cannot send bytes with PyMySQL 1.2; see MANNERS.
        return source == "sa.String()" or (not MANNERS and plain_type(source).family in _OF_DRIVERS)
    return False
