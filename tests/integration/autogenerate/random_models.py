"""Random models: small schemas whose names overlap, so that one of them is often a change of the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, MetaData, Table
from sqlalchemy.dialects import postgresql

TABLES = ("authors", "books", "chapters", "notes")
COLUMNS = ("a", "b", "c", "d", "e")
NUMBERS: tuple[Callable[[], Any], ...] = (sa.Integer, sa.BigInteger, sa.SmallInteger, lambda: sa.Numeric(10, 2))
TEXTS: tuple[Callable[[], Any], ...] = (lambda: sa.String(20), lambda: sa.String(50), sa.Text)
OTHERS: tuple[Callable[[], Any], ...] = (sa.Boolean, sa.DateTime, sa.Date, lambda: sa.LargeBinary(20))
NOT_INDEXED = (sa.Text, sa.LargeBinary, sa.JSON, postgresql.TSVECTOR)
ENUMS = (("x", "y"), ("x", "y", "z"), ("y", "x"), ("x", "w", "y"))


class Models:
    """Makes random models.

    Args:
        random: where chance comes from.
        dialect: the database they are for.
    """

    def __init__(self, random: Random, dialect: str) -> None:
        self.random = random
        self.dialect = dialect
        self.metadata = MetaData()
        self.enums = {name: random.choice(ENUMS) for name in ("mood", "size")}

    def make(self) -> MetaData:
        """Models of a few tables."""
        names = [name for name in TABLES if self.random.random() < 0.75]
        for name in names:
            self._table(name, names)
        return self.metadata

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    def _table(self, name: str, others: Sequence[str]) -> None:
        checks: list[Any] = []
        columns = [self._column(each, checks) for each in COLUMNS if self._chance(0.6)]
        keyed = self._chance(0.85)
        counted: Any = "auto" if self._chance(0.8) else False
        key = [Column("id", sa.Integer, primary_key=keyed, autoincrement=counted, nullable=False)]
        references: list[Any] = [self._reference(other) for other in others if self._chance(0.25)]
        options: dict[str, Any] = {}
        if self.dialect != "sqlite" and self._chance(0.3):
            options["comment"] = self.random.choice(("one", "it's 100% another"))
        if not keyed:
            # So that foreign keys have something to refer to.
            references.append(sa.UniqueConstraint("id", name=f"uq_{name}_id"))
        table = Table(name, self.metadata, *key, Column("n", sa.Integer), *columns, *references, *checks, **options)
        self._parts(table, [column for column in columns if not isinstance(column.type, NOT_INDEXED)])

    def _column(self, name: str, checks: list[Any]) -> Column[Any]:
        kind = self.random.choice(("number", "number", "text", "other", "enum", "computed", "special"))
        options: dict[str, Any] = {"nullable": self._chance(0.6)}
        if self.dialect != "sqlite" and self._chance(0.2):
            options["comment"] = self.random.choice(("one", "two"))
        items: list[Any] = []
        type_: Any
        if kind == "number":
            type_ = self.random.choice(NUMBERS)()
            options |= self._default("0", "7")
            if self._chance(0.2):
                checks.append(sa.CheckConstraint(f"{name} >= {self.random.choice('01')}", name=f"ck_{name}"))
        elif kind == "text":
            type_ = self.random.choice(TEXTS)()
            if not isinstance(type_, sa.Text):
                options |= self._default("new", "it's")
        elif kind == "enum":
            enum = self.random.choice(("mood", "size"))
            native = self.dialect == "postgresql" and self._chance(0.7)
            extra = {} if native else {"native_enum": False, "create_constraint": self._chance(0.5)}
            type_ = sa.Enum(*self.enums[enum], name=enum if native else f"{enum}_{name}", **extra)
            options |= self._default("x", "y")
        elif kind == "computed":
            type_ = sa.Integer()
            expression = self.random.choice(("n + 1", "n * 2"))
            items.append(sa.Computed(expression, persisted=True))
            options = {}
        elif kind == "special" and self.dialect == "postgresql":
            type_ = self._special(items, options)
        else:
            type_ = self.random.choice(OTHERS)()
        return Column(name, type_, *items, **options)

    def _special(self, items: list[Any], options: dict[str, Any]) -> Any:
        """What only PostgreSQL has."""
        kind = self.random.choice(("identity", "array", "json", "sequence", "expression", "enums"))
        if kind == "identity":
            items.append(sa.Identity(always=self._chance(0.5), start=self.random.choice((1, 5))))
            options["nullable"] = False
            return self.random.choice((sa.Integer, sa.BigInteger))()
        if kind == "array":
            return sa.ARRAY(self.random.choice((sa.Integer, sa.Text))())
        if kind == "json":
            return self.random.choice((postgresql.JSONB, postgresql.UUID, postgresql.TSVECTOR))()
        if kind == "sequence":
            name = self.random.choice(("seq_one", "seq_two"))
            sequence = sa.Sequence(name, increment=self.random.choice((1, 3)), metadata=self.metadata)
            options["server_default"] = sequence.next_value()
            return sa.Integer()
        if kind == "enums":
            return sa.ARRAY(sa.Enum(*self.enums["mood"], name="mood"))
        options["server_default"] = sa.text(self.random.choice(("now()", "CURRENT_TIMESTAMP", "'2020-01-01'::date")))
        return sa.DateTime(timezone=self._chance(0.5))

    def _default(self, *values: str) -> dict[str, Any]:
        return {"server_default": self.random.choice(values)} if self._chance(0.3) else {}

    def _reference(self, other: str) -> Column[Any]:
        options: dict[str, Any] = {"ondelete": self.random.choice((None, None, "CASCADE", "SET NULL"))}
        if self.dialect != "mysql" and self._chance(0.2):
            options |= {"deferrable": True, "initially": self.random.choice(("DEFERRED", "IMMEDIATE"))}
        return Column(f"{other}_id", sa.Integer, sa.ForeignKey(f"{other}.id", **options))

    def _parts(self, table: Table, columns: Sequence[Column[Any]]) -> None:
        for number in range(2):
            if columns and self._chance(0.35):
                chosen = self.random.sample(columns, min(len(columns), self.random.choice((1, 2))))
                unique = self._chance(0.3)
                options: dict[str, Any] = {}
                if self.dialect == "postgresql" and self._chance(0.3):
                    options["postgresql_where"] = table.c.n > self.random.choice((1, 2))
                if self.dialect == "sqlite" and self._chance(0.3):
                    options["sqlite_where"] = table.c.n > self.random.choice((1, 2))
                elements: list[Any] = [column.desc() if self._chance(0.2) else column for column in chosen]
                if self.dialect != "mysql" and self._chance(0.2):
                    elements.append(sa.text(self.random.choice(("abs(n)", "(n + 1)"))))
                sa.Index(f"ix_{table.name}_{number}", *elements, unique=unique, **options)
        if len(columns) > 1 and self._chance(0.3):
            chosen = self.random.sample(columns, 2)
            name = self.random.choice((f"uq_{table.name}", None))
            table.append_constraint(sa.UniqueConstraint(*[column.name for column in chosen], name=name))
        if self._chance(0.2):
            limit = self.random.choice("01")
            name = self.random.choice((f"ck_{table.name}", None))
            table.append_constraint(sa.CheckConstraint(f"n > {limit}", name=name))


def random_models(seed: int, dialect: str) -> MetaData:
    """The models of a number."""
    return Models(Random(seed), dialect).make()
